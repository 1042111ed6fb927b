"""What the page of an article shows of its body, before any template is asked."""

import msgspec

from factory import make_article
from newsarchive.article import Block, Image, RemovedBlock
from newsarchive.markup import to_html
from newsarchive.sheets import MarginNote, Sheet, fill, sheet_of, with_pictures

PICTURE = Image("https://example.org/p.png")
STORY = (
    Block("paragraph", "第一段。", "第一段，<strong>加粗</strong>。"),
    Block("image", "", images=(PICTURE,)),
    Block("paragraph", "图：样例桥", "图：样例桥"),
    Block("paragraph", "https://example.org/a", '<a href="https://example.org/a">https://example.org/a</a>'),
)
REMOVED = (
    RemovedBlock("wechat/a", 1, "样例页眉", 0),
    RemovedBlock("wechat/a", 2, "", 0, html_only=True),
    RemovedBlock("wechat/b", 5, "责编", 2, "byline"),
    RemovedBlock("wechat/b", 6, "样人", 2, "byline"),
    RemovedBlock("wechat/a", 9, "来源：示例晚报", 4, "outlet"),
)


def figure(image):
    return f"[{image.url}|{image.caption}|{image.file or ''}]"


def article(**fields):
    return make_article(blocks=STORY, removed=REMOVED, **fields)


def test_a_filled_sheet_is_the_story_as_html():
    margin = {0: "<p>甲</p>", 2: "<p>乙</p>", 4: "<p>丙</p>"}
    html = fill(sheet_of(article()), figure, margin)
    assert html.replace(' class="bare"', "") == to_html(STORY, figure, margin, "zh-Hans")
    assert html.startswith(
        "<p>甲</p><p>第一段，<strong>加粗</strong>。</p>[https://example.org/p.png|图：样例桥|]<p>乙</p>"
    )


def test_a_link_whose_text_is_its_address_is_marked():
    html = fill(sheet_of(article()), figure, dict.fromkeys((0, 2, 4), ""))
    assert '<a class="bare" href="https://example.org/a" rel=' in html


def test_a_sheet_is_the_same_after_the_cache_held_it():
    sheet = sheet_of(article())
    assert msgspec.json.decode(msgspec.json.encode(sheet), type=Sheet) == sheet


def test_pictures_are_settled_and_nothing_else():
    sheet = sheet_of(article())
    settled = with_pictures(sheet, lambda image: msgspec.structs.replace(image, file="media/p.png"))
    filled = [fill(each, figure, dict.fromkeys((0, 2, 4), "")) for each in (sheet, settled)]
    assert filled[1] == filled[0].replace("|图：样例桥|]", "|图：样例桥|media/p.png]")
    assert settled.groups == sheet.groups


def test_blocks_that_one_rule_removed_at_one_place_are_one_group():
    groups = sheet_of(article()).groups
    assert [group.texts for group in groups] == [
        (("样例页眉", False), ("", True)),
        (("责编", False), ("样人", False)),
        (("来源：示例晚报", False),),
    ]
    heads = [group.head for group in groups]
    assert [(head.number, head.place, head.after, head.is_told, head.field, head.short) for head in heads] == [
        (1, "head", 0, False, "", False),
        (2, "middle", 2, False, "byline", True),
        (3, "tail", 4, True, "outlet", False),
    ]


def test_each_place_has_one_note_in_the_margin():
    two = (*REMOVED, RemovedBlock("generic/c", 10, "样例页脚", 4))
    notes = sheet_of(make_article(blocks=STORY, removed=two)).notes
    assert notes == (
        (0, MarginNote(2, ("a",), 1)),
        (2, MarginNote(2, ("b",), 2)),
        (4, MarginNote(2, ("a", "c"), 3)),
    )


def test_a_stub_without_any_block_has_no_story_but_its_notice():
    sheet = sheet_of(
        make_article(kind="stub", title="样例标题", removed=(RemovedBlock("a/b", 1, "此内容无法查看", 0),))
    )
    assert (sheet.parts, sheet.notice) == ((), ("此内容无法查看",))


def test_the_line_that_names_the_outlet_is_told_by_its_half_of_the_story():
    assert sheet_of(article()).credit == "credit-tail"
    assert sheet_of(make_article(blocks=STORY, removed=REMOVED[:1])).credit == ""
