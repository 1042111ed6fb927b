"""The stories of one document as articles: each with its own fields, and no text lost between them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import PROJECT
from factory import make_document
from newsarchive.claims import identify
from newsarchive.markup import parse_document
from newsarchive.rulefiles import load_rules
from newsarchive.settings import load_settings
from newsarchive.stories import read_stories

SETTINGS = load_settings(PROJECT / "site.yaml")
BOOK = load_rules(SETTINGS)

FIRST = (
    "南栅今冬——",
    "石拱桥又能走了",
    "11月8日，行人走过石拱桥。",
    "本报记者 戊样 摄",
    "本报桥头样镇11月8日电(记者 甲样)2024年修了三个月的石拱桥昨天重新开通，船照样从拱洞里过。",
    "匠人说，石拱的缝要留一指宽，旧石头编了号，留在桥堍的小屋里，学生放学都来认。",
    "桥栏上写着水位尺的数，匠人每年霜降来查一次拱缝，查出来的数也写在那里。",
)
SECOND = (
    "水乡网事",
    "本报桥头样镇11月8日电(记者 乙样 通讯员 丁示)水边书屋上周添了四台借书机，读者刷脸就能借书。",
    "馆员说，借书机记得读者上次借到哪一册，连环画和菜谱借得最多，小说排在第三。",
    "孩子们把借书机叫作铁柜先生，书屋每个星期六讲故事，读者要早早到码头排队。",
)
COMMENT = (
    "今日短评",
    "种桑的人都知道，桑叶嫩的时候最怕霜，一夜霜下来，满垄的叶子发黑。",
    "所以种桑人看天比看孩子还勤，桑要修枝，蚕要分匾，哪一样都不等人。",
)
LAST_HEADLINE = ("借书机进了水边书屋", "读者刷脸 码头还书")
PAGE = (*FIRST, *SECOND, *COMMENT, *LAST_HEADLINE)


def articles_of(*lines, path="桥头样报/pg3.txt", **fields):
    return read_stories(make_document("\n\n".join(lines), "text", path, **fields), BOOK, SETTINGS)


def credited(article):
    return [(credit.name, credit.role) for credit in article.byline]


def test_each_story_of_a_page_has_its_own_fields():
    bridge, library, comment = articles_of(*PAGE)
    assert [article.title for article in (bridge, library)] == [
        "石拱桥又能走了",
        "借书机进了水边书屋 读者刷脸 码头还书",
    ]
    assert credited(bridge) == [("戊样", "photographer"), ("甲样", "reporter")]
    assert credited(library) == [("乙样", "reporter"), ("丁示", "contributor")]
    assert credited(comment) == []
    assert [(article.story, article.stories) for article in (bridge, library, comment)] == [(1, 3), (2, 3), (3, 3)]
    assert {article.platform for article in (bridge, library, comment)} == {"print"}


def test_the_headline_moves_from_the_text_to_the_title():
    bridge, library, _ = articles_of(*PAGE)
    assert bridge.text.splitlines()[:2] == [FIRST[0], FIRST[2]]
    assert library.text.splitlines()[-1] == SECOND[-1]
    moved = [(block.rule, block.text, block.position) for block in library.removed if block.field == "title"]
    place = len(PAGE)
    assert moved == [
        ("generic/printed-headline", LAST_HEADLINE[0], place - 1),
        ("generic/printed-headline", LAST_HEADLINE[1], place),
    ]


def test_a_story_without_headline_is_called_by_its_first_words_in_doubt():
    *_, comment = articles_of(*PAGE)
    assert comment.title == "种桑的人都知道，桑叶嫩的时候最怕霜，一夜霜下来，满垄的叶子发黑"
    assert "title" in comment.uncertain
    _, library = articles_of(*FIRST, *SECOND)
    assert library.title == "水边书屋上周添了四台借书机，读者刷脸就能借书"
    assert "title" in library.uncertain


def test_a_dateline_takes_its_year_from_another_story_of_the_page():
    bridge, library, comment = articles_of(*PAGE)
    assert (bridge.published.iso, bridge.published_from, bridge.notes) == ("2024-11-08", "dateline", {})
    assert (library.published.iso, library.published_from) == ("2024-11-08", "dateline")
    assert library.notes == {"published": "year-of-page"}
    assert (comment.published.iso, comment.published_from) == ("2024-11-08", "inferred")
    assert comment.notes == {"published": "date-of-page"}
    assert "published" in comment.uncertain
    assert "published" not in library.uncertain


def test_the_first_story_keeps_the_identity_of_its_document():
    bridge, library, comment = articles_of(*PAGE)
    alone = articles_of(*FIRST)[0]
    assert bridge.id == alone.id == identify(None, "", "桥头样报/pg3.txt", 1)
    assert len({bridge.id, library.id, comment.id}) == 3


def test_the_evidence_of_a_border_is_among_the_claims():
    _, library, _ = articles_of(*PAGE)
    told = [(claim.value, claim.evidence) for claim in library.claims if claim.field == "story"]
    assert told == [("dateline", "本报桥头样镇11月8日电(记者 乙样 通讯员 丁示)"), ("headline", LAST_HEADLINE[0])]


def test_a_document_of_one_story_tells_no_borders():
    (article,) = articles_of(*FIRST)
    assert (article.story, article.stories) == (1, 1)
    assert [claim for claim in article.claims if claim.field == "story"] == []


def test_corrections_of_one_story_leave_the_others_alone():
    sidecar = {
        "outlet": "桥头样报",
        "title": "整版",
        "stories": [{"paragraphs": [(1, 7)]}, {"paragraphs": [(8, 16)], "byline": ["林样"], "published": "2024-11-09"}],
    }
    bridge, library = articles_of(*PAGE, sidecar=sidecar)
    assert (bridge.title, library.title) == ("整版", "水边书屋上周添了四台借书机，读者刷脸就能借书")
    assert credited(library) == [("林样", "author")]
    assert (library.published.iso, library.published_from) == ("2024-11-09", "sidecar")
    assert (bridge.outlet, library.outlet) == ("桥头样报", "桥头样报")
    assert bridge.published_from == "dateline"


def test_a_split_beyond_the_document_is_a_problem_of_the_first_story():
    sidecar = {"stories": [{"lines": [(1, 3)]}, {"lines": [(5, 99)]}]}
    first, second = articles_of(*FIRST, sidecar=sidecar)
    assert [problem.kind for problem in first.problems] == ["sidecar"]
    assert second.problems == ()


LINE = st.sampled_from([*PAGE, "第3版", "（来源：桥头样报）", "长按二维码关注", "————"])


@given(st.lists(LINE, min_size=1, max_size=30))
def test_every_block_of_the_document_is_in_one_story_kept_or_removed(lines):
    document = make_document("\n\n".join(lines), "text", "桥头样报/pg3.txt")
    blocks = parse_document(document, {}).blocks
    articles = read_stories(document, BOOK, SETTINGS)
    removed = [block.position for article in articles for block in article.removed]
    kept = [block.text for article in articles for block in article.blocks]
    assert len(removed) == len(set(removed))
    for article in articles:
        assert [block.position for block in article.removed] == sorted(block.position for block in article.removed)
        assert [blocks[block.position - 1].text for block in article.removed] == [b.text for b in article.removed]
    left = [block.text for number, block in enumerate(blocks, 1) if number not in removed]
    assert sorted(left) == sorted(kept)


@pytest.mark.parametrize("shape", ["markdown", "page"])
def test_markup_is_one_story(shape):
    document = make_document("".join(f"<p>{line}</p>" for line in PAGE), shape, "a.html")
    assert len(read_stories(document, BOOK, SETTINGS)) == 1


def test_a_text_of_nothing_but_script_is_a_stub():
    lines = ["(function(){", "var box = document.createElement('script');", "box.src = '//example.org/a.js';"]
    body = "\n".join([*lines, "document.getElementsByTagName('head')[0].appendChild(box);", "})();"])

    (article,) = read_stories(make_document(body, "text", "水乡的脚本文件.txt"), BOOK, SETTINGS)

    assert (article.kind, article.text, article.title) == ("stub", "", "水乡的脚本文件")
    assert len(article.removed) == 5
