"""Pages of print are parted where stories begin, and only there; loose paragraphs go where their words fit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import PROJECT
from factory import make_document
from newsarchive.markup import parse_document
from newsarchive.settings import load_settings
from newsarchive.sidecars import read_sidecar
from newsarchive.splitter import find_faults, split

SETTINGS = load_settings(PROJECT / "site.yaml")
BRIDGE = (
    "桥头样镇的石拱桥昨天重新开通。修桥的匠人用糯米浆砌石，三个月没有关掉桥下的水道，船照样从拱洞里过。",
    "石拱桥长二十一米，桥面的青石换了四十块，旧石头编了号，留在桥堍的小屋里。匠人说，石拱的缝要留一指宽。",
    "老桥修好以前，学生上学要绕到北栅的木桥。如今走石拱桥只要五分钟，桥上又有人卖菱角。",
    "镇里打算给石拱桥装水位尺，匠人每年霜降来查一次拱缝，查出来的数写在桥栏上。",
)
LIBRARY = (
    "水边书屋上周添了四台借书机，读者刷脸就能借书，还书的箱子放在码头，夜里也能还。",
    "书屋的馆员说，借书机记得读者上次借到哪一册，连环画和菜谱借得最多，小说排在第三。",
    "孩子们把借书机叫作铁柜先生。书屋每个星期六讲故事，读者要早早排队，馆员只好发号。",
    "明年书屋要在南栅再开一间，读者可以在两处通借通还，馆员正在给旧书贴新的书签。",
)
ESSAY = (
    "种桑的人都知道，桑叶嫩的时候最怕霜。一夜霜下来，满垄的叶子发黑，蚕就断了粮，一年的茧也就没有了。",
    "所以种桑人看天，比看自己的孩子还勤。桑要修枝，蚕要分匾，茧要趁早卖，哪一样都不等人，哪一样都急不得。",
    "手艺也是这样。缫丝的手要在热水里泡，泡得久了，丝从茧里抽出来是匀的，心里的急也就匀了。",
    "如今机器缫丝又快又匀，可是桑还是要人种，蚕还是要人喂，霜还是要人看，茧也还是那样白。",
)
MORE_ESSAY = (
    "养蚕人家的灯，从前是整夜点着的。蚕吃桑叶的声音像下雨，听惯的人睡得着，听不惯的人数茧。",
    "茧收进屋，缫丝的锅就架起来。丝抽到后头最细，手一抖就断，断了要从别的茧上接。",
    "霜降以后桑叶落尽，种桑人才闲下来，把匾洗净挂在梁上，等开春再分蚕。",
)
BRIDGE_STORY = ("石拱桥又能走了", f"本报桥头样镇11月8日电(记者 甲样){BRIDGE[0]}", *BRIDGE[1:])
LIBRARY_STORY = ("水边书屋添了借书机", f"本报桥头样镇11月8日电(记者 乙样){LIBRARY[0]}", *LIBRARY[1:])


def page(*lines):
    """A page of print, one paragraph a line."""
    return make_document("\n\n".join(lines), "text", "20241109-03.txt")


def stories_of(document):
    return split(parse_document(document, {}).blocks, document)


def texts(story):
    return [block.text for block in story.blocks]


def headline(story):
    return [text for text, place in zip(texts(story), story.positions, strict=True) if place in story.headline]


def kinds(story):
    return [boundary.kind for boundary in story.boundaries]


SINGLE = {
    "sub-headings": (*BRIDGE_STORY[:3], "拱缝一指宽", BRIDGE[2], "霜降来查桥", BRIDGE[3], "桥上的人", *LIBRARY[:3]),
    "farewell before a sub-heading": (*BRIDGE_STORY, "盼着明年桥上再热闹些!", "书屋也添了新家什", *LIBRARY),
    "quotations": (*BRIDGE_STORY[:3], "“石头认得人。”匠人说。", "“人也认得石头。”", *BRIDGE[2:]),
    "captions": (*BRIDGE_STORY[:3], "11月8日，行人走过石拱桥。 本报记者 戊样 摄", *BRIDGE[2:], "桥下的船。", "戊样 摄"),
    "another medium told inside": (
        *BRIDGE_STORY,
        "周边的桥",
        "据样例社11月7日电(记者 乙样)，邻镇也在修桥。",
        BRIDGE[2],
    ),
    "byline at the end": (*BRIDGE_STORY[0:1], *BRIDGE, "本报记者 甲样"),
    "folio line": ("第3版 要闻 2024年11月9日 星期六", *BRIDGE_STORY, "责任编辑：丙样 版式：丁样"),
    "column of brief news": (
        "简讯",
        f"【石拱桥开通】本报讯(记者 甲样){BRIDGE[0]}",
        f"【书屋添机器】本报讯(记者 乙样){LIBRARY[0]}",
        f"【桑田防霜】本报11月8日电(记者 丙样){ESSAY[0]}",
    ),
    "box of background": (*BRIDGE_STORY, "新闻链接", *LIBRARY[:2], "石拱桥大事", *LIBRARY[2:]),
    "nothing but prose": (*BRIDGE, *LIBRARY, *ESSAY),
    "editor's note above": ("编者按：桥是镇子的门。本报今起连续报道老桥的修缮，听匠人讲石头里的故事。", *BRIDGE_STORY),
}


@pytest.mark.parametrize("case", SINGLE)
def test_a_single_story_is_never_parted(case):
    (story,) = stories_of(page(*SINGLE[case]))
    assert story.positions == tuple(range(1, len(story.blocks) + 1))
    assert not story.uncertain


def test_two_datelines_under_two_headlines_are_two_stories():
    first, second = stories_of(page(*BRIDGE_STORY, *LIBRARY_STORY))
    assert texts(first) == list(BRIDGE_STORY)
    assert texts(second) == list(LIBRARY_STORY)
    assert (headline(first), headline(second)) == ([BRIDGE_STORY[0]], [LIBRARY_STORY[0]])
    assert second.boundaries[0].text == "本报桥头样镇11月8日电(记者 乙样)"
    assert not first.uncertain
    assert not second.uncertain


def test_a_dateline_with_other_writers_begins_a_story_without_headline():
    first, second = stories_of(page(*BRIDGE_STORY, *LIBRARY_STORY[1:]))
    assert texts(second) == list(LIBRARY_STORY[1:])
    assert headline(second) == []
    assert len(texts(first)) == len(BRIDGE_STORY)


def test_a_dateline_of_the_same_writer_goes_on():
    again = f"本报桥头样镇11月9日电(记者 甲样){LIBRARY[0]}"
    assert len(stories_of(page(*BRIDGE_STORY, again, *LIBRARY[1:]))) == 1


def test_a_byline_under_a_headline_begins_a_story():
    first, second = stories_of(page(*BRIDGE_STORY, "水边书屋添了借书机", "本报记者 乙样", *LIBRARY))
    assert texts(first) == list(BRIDGE_STORY)
    assert kinds(second) == ["byline"]


def test_a_byline_below_a_story_stays_with_it():
    first, second = stories_of(page(BRIDGE_STORY[0], *BRIDGE, "本报记者 甲样", *LIBRARY_STORY))
    assert texts(first)[-1] == "本报记者 甲样"
    assert texts(second)[0] == LIBRARY_STORY[0]


def test_kicker_picture_and_label_belong_to_the_story_below():
    above = ("南栅今冬——", "水边书屋添了借书机", "11月8日，读者在码头还书。", "本报记者 戊样 摄", "水乡网事")
    first, second = stories_of(page(*BRIDGE_STORY, *above, *LIBRARY_STORY[1:]))
    assert texts(second)[:5] == list(above)
    assert headline(second) == ["水边书屋添了借书机"]
    assert texts(first) == list(BRIDGE_STORY)


def test_a_picture_under_the_label_of_picture_news_is_a_story():
    picture = ("图片新闻", "码头夜里也能还书", "11月8日，读者在码头还书，箱子上的灯亮到天明。 本报记者 戊样 摄")
    first, second = stories_of(page(*BRIDGE_STORY, *picture))
    assert texts(first) == list(BRIDGE_STORY)
    assert texts(second) == list(picture)
    assert headline(second) == ["码头夜里也能还书"]


def test_a_picture_below_a_signed_end_is_a_story():
    ended = (*BRIDGE_STORY[:-1], BRIDGE[3] + "(记者 甲样)")
    _, second = stories_of(page(*ended, "码头夜里也能还书", "11月8日，读者在码头还书。 戊样 摄"))
    assert kinds(second) == ["picture"]


def test_a_comment_under_its_label_is_a_story_without_byline():
    first, second = stories_of(page(*BRIDGE_STORY, "今日短评", "霜要人看", *ESSAY))
    assert texts(second)[0] == "今日短评"
    assert headline(second) == ["霜要人看"]
    assert texts(first) == list(BRIDGE_STORY)


LEAD = (
    BRIDGE_STORY[0],
    f"本报桥头样镇11月8日电(记者 甲样){BRIDGE[0]}",
    *BRIDGE[1:],
    "匠人在桥堍的小屋里歇脚，石拱桥的旧石头编了号，学生放学来认，青石的缝里还有糯米浆。",
    "石拱桥上，桥栏新写了水位尺的数，匠人说拱缝没有变，霜降还要来查。",
    "期待石拱桥再走一百年!",
)
BROKEN_OFF = ("种桑要看霜的脸色", *ESSAY, "灯下的活计")


def test_an_unsigned_text_begins_where_the_lead_takes_leave_and_the_words_change():
    first, second, third = stories_of(page(*LEAD, *BROKEN_OFF, *LIBRARY_STORY))
    assert texts(first) == list(LEAD)
    assert texts(second) == list(BROKEN_OFF[:-1])
    assert kinds(second) == ["closing", "words"]
    assert second.uncertain
    assert headline(second) == []
    assert texts(third)[-1] == LIBRARY[3]


def test_a_text_broken_off_goes_on_after_the_picture_of_another_story():
    caption = "11月8日，读者在码头还书。 本报记者 戊样 摄"
    page_of_three = page(*LEAD, *BROKEN_OFF[:-1], *LIBRARY_STORY, caption, *MORE_ESSAY)
    _, second, third = stories_of(page_of_three)
    assert texts(second) == [*BROKEN_OFF[:-1], *MORE_ESSAY]
    assert texts(third) == [*LIBRARY_STORY, caption]
    assert kinds(second)[-1] == "continuation"
    assert list(second.positions) == sorted(second.positions)


def test_paragraphs_after_a_picture_stay_where_their_words_fit():
    caption = "11月8日，读者在码头还书。 本报记者 戊样 摄"
    _, second = stories_of(page(*BRIDGE_STORY, *LIBRARY_STORY[:2], caption, *LIBRARY[1:]))
    assert texts(second) == [*LIBRARY_STORY[:2], caption, *LIBRARY[1:]]
    assert not second.uncertain


def test_a_headline_at_the_end_goes_to_the_story_without_one_that_speaks_of_it():
    stories = stories_of(page("水乡网事", *LIBRARY_STORY[1:], *BRIDGE_STORY, "借书机进了水边书屋", "读者刷脸 码头还书"))
    assert headline(stories[0]) == ["借书机进了水边书屋", "读者刷脸 码头还书"]
    assert texts(stories[1]) == list(BRIDGE_STORY)
    assert kinds(stories[0])[-1] == "headline"


def test_a_headline_at_the_end_that_fits_no_story_stays_and_is_flagged():
    first, second = stories_of(page(*BRIDGE_STORY, *LIBRARY_STORY, "云上的天气预报"))
    assert texts(second)[-1] == "云上的天气预报"
    assert headline(second) == [LIBRARY_STORY[0]]
    assert second.uncertain
    assert not first.uncertain


def test_folio_lines_stay_with_their_neighbours():
    first, second = stories_of(page("第3版 要闻", *BRIDGE_STORY, *LIBRARY_STORY, "责任编辑：丙样 版式：丁样"))
    assert texts(first)[0] == "第3版 要闻"
    assert texts(second)[-1] == "责任编辑：丙样 版式：丁样"
    assert headline(first) == [BRIDGE_STORY[0]]


@pytest.mark.parametrize("shape", ["markdown", "fragment", "page"])
def test_only_plain_text_is_parted_by_itself(shape):
    document = make_document("\n\n".join(f"<p>{line}</p>" for line in (*BRIDGE_STORY, *LIBRARY_STORY)), shape)
    assert len(stories_of(document)) == 1


LINE = st.sampled_from(
    [*LEAD, *BROKEN_OFF, *LIBRARY_STORY, *MORE_ESSAY, "戊样 摄", "图片新闻", "第3版", "本报记者 丙样"]
)


@given(st.lists(LINE, max_size=40))
def test_every_block_is_in_one_story_in_printed_order(lines):
    document = page(*lines)
    blocks = parse_document(document, {}).blocks
    stories = split(blocks, document)
    places = [place for story in stories for place in story.positions]
    assert sorted(places) == list(range(1, len(blocks) + 1))
    assert [story.number for story in stories] == list(range(1, len(stories) + 1))
    firsts = [story.positions[0] for story in stories if story.positions]
    assert firsts == sorted(firsts)
    for story in stories:
        assert list(story.positions) == sorted(story.positions)
        assert story.blocks == tuple(blocks[place - 1] for place in story.positions)
        assert set(story.headline) <= set(story.positions)


# Splits by hand


def by_hand(text):
    return read_sidecar(text.encode(), "20241109-03.yaml", SETTINGS)


def stated(text, *lines, shape="text"):
    fields, problems = by_hand(text)
    assert problems == ()
    return make_document("\n\n".join(lines), shape, "20241109-03.txt", sidecar=fields)


def test_a_sidecar_parts_by_lines_of_the_file():
    document = stated(
        "stories:\n  - title: 桥\n    lines: [[1, 3], [7, 7]]\n  - lines: [[5, 5]]\n",
        BRIDGE[0], LIBRARY[0], LIBRARY[1], BRIDGE[1],
    )  # fmt: skip
    first, second = stories_of(document)
    assert texts(first) == [BRIDGE[0], LIBRARY[0], BRIDGE[1]]
    assert texts(second) == [LIBRARY[1]]
    assert first.fields == {"title": "桥"}
    assert kinds(first) == ["sidecar"]


def test_a_paragraph_joined_of_two_lines_goes_by_its_first():
    document = stated(
        "stories:\n  - lines: [[1, 1]]\n  - lines: [[5, 7]]\n",
        BRIDGE[0][:40], BRIDGE[0][40:], LIBRARY[0], LIBRARY[1],
    )  # fmt: skip
    assert [texts(story) for story in stories_of(document)] == [[BRIDGE[0]], [LIBRARY[0], LIBRARY[1]]]


def test_a_sidecar_parts_other_shapes_by_paragraphs():
    document = stated(
        "stories:\n  - paragraphs: [[1, 1], [3, 3]]\n  - paragraphs: [[2, 2]]\n",
        BRIDGE[0], LIBRARY[0], BRIDGE[1],
        shape="markdown",
    )  # fmt: skip
    assert [texts(story) for story in stories_of(document)] == [[BRIDGE[0], BRIDGE[1]], [LIBRARY[0]]]


def test_a_sidecar_with_one_entry_keeps_a_page_together():
    document = stated("stories:\n  - title: 一版\n", *BRIDGE_STORY, *LIBRARY_STORY)
    (story,) = stories_of(document)
    assert len(story.blocks) == len(BRIDGE_STORY) + len(LIBRARY_STORY)


FAULTS = {
    "stories: 3\n": "`stories` is not a list of entries",
    "stories:\n  - lines: [1, 3]\n  - lines: [[4, 5]]\n": "story 1: `lines` is not a list of ranges such as",
    "stories:\n  - lines: [[3, 1]]\n": "is not a list of ranges",
    "stories:\n  - title: 桥\n  - lines: [[4, 5]]\n": "story 1 names not one of `lines` and `paragraphs`",
    "stories:\n  - lines: [[1, 4]]\n  - lines: [[4, 5]]\n": "story 1 and story 2 both name line 4",
    "stories:\n  - line: [[1, 4]]\n": "unknown field `line`",
}


@pytest.mark.parametrize("text", FAULTS)
def test_a_broken_split_by_hand_is_a_problem_with_its_place(text):
    fields, (problem,) = by_hand(text)
    assert fields == {}
    assert FAULTS[text] in problem.message
    line = 2 if problem.message.startswith("story 1") and "both" not in problem.message else 1
    assert (problem.path, problem.line) == ("20241109-03.yaml", line)
    assert problem.action == "left `stories` out"


def test_ranges_beyond_the_document_are_told():
    document = stated("stories:\n  - lines: [[1, 1]]\n  - lines: [[3, 90]]\n", BRIDGE[0], LIBRARY[0])
    (fault,) = find_faults(parse_document(document, {}).blocks, document)
    assert fault.message == "story 2 of the sidecar names lines 3 to 90, the last one is 3"
    assert len(stories_of(document)) == 2


def test_lines_of_markup_are_refused():
    text = "stories:\n  - lines: [[1, 1]]\n  - lines: [[3, 3]]\n"
    document = stated(text, BRIDGE[0], LIBRARY[0], shape="markdown")
    faults = find_faults(parse_document(document, {}).blocks, document)
    assert {fault.action for fault in faults} == {"left them out; name paragraphs instead"}
