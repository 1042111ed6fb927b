"""An article is called what was printed over it, without the names of site and channel behind it."""

import pytest

from factory import make_document
from newsarchive.article import Block, Claim
from newsarchive.titles import settle_title, site_of_title, without_site


def title_of(*claims, path="a.md", front=None, texts=(), story=1):
    kept = [Block("paragraph", text, text) for text in texts]
    return settle_title(
        make_document("", path=path, front=front or {}), [Claim(*claim) for claim in claims], kept, story
    )


def test_a_correction_wins():
    claims = [("title", "水乡的灯", "front-matter"), ("title", "水乡之灯", "sidecar")]
    assert title_of(*claims) == ("水乡之灯", False)


@pytest.mark.parametrize("cut", ["水乡的灯亮了，桥头...", "水乡的灯亮了，桥头…"])
def test_a_title_that_a_feed_cut_off_gives_way_to_the_headline(cut):
    claims = [("title", cut, "front-matter"), ("title", "水乡的灯亮了，桥头的人都来看", "markup")]
    assert title_of(*claims) == ("水乡的灯亮了，桥头的人都来看", False)


def test_another_headline_on_the_page_does_not_replace_the_title():
    claims = [("title", "水乡的灯亮了", "front-matter"), ("title", "河边的树倒了两棵", "markup")]
    assert title_of(*claims) == ("水乡的灯亮了", False)


@pytest.mark.parametrize("suffix", [" - The Sample Post", " | The Sample Post", "_The Sample Post"])
def test_the_publisher_s_name_behind_a_title_goes(suffix):
    claims = [("title", "The lights of the town" + suffix, "front-matter"), ("publisher", "The Sample Post", "markup")]
    assert title_of(*claims)[0] == "The lights of the town"


@pytest.mark.parametrize(
    "title", ["水乡网事 | 老码头装上了新灯", "灯与桥——水乡的夜", "Lights - and bridges of the town"]
)
def test_a_bar_within_a_title_stays(title):
    assert title_of(("title", title, "front-matter"), ("publisher", "水乡样报", "front-matter"))[0] == title


@pytest.mark.parametrize(
    ("page", "headline"),
    [
        ("老码头装上了新灯_样闻网", "老码头装上了新灯"),
        ("老码头装上了新灯_要闻_样例新闻网", "老码头装上了新灯"),
        ("老码头装上了新灯 - 水乡样报", "老码头装上了新灯"),
        ("老码头装上了新灯", "老码头装上了新灯"),
    ],
)
def test_channel_and_site_are_taken_from_the_title_of_a_page(page, headline):
    assert without_site(page) == headline


@pytest.mark.parametrize(
    ("page", "site"),
    [
        ("老码头装上了新灯_要闻_样例新闻网", "样例新闻网"),
        ("老码头装上了新灯 - 水乡样报", "水乡样报"),
        ("老码头装上了新灯", ""),
        ("灯与桥——水乡的夜", ""),
        ("The lights of the town | The Sample Post", "The Sample Post"),
    ],
)
def test_the_site_is_read_from_the_title_of_its_page(page, site):
    assert site_of_title(page) == site


def test_a_text_is_called_after_its_file_where_that_has_words():
    assert title_of(path="2024/老码头装上了新灯.txt", texts=["第一行。"]) == ("老码头装上了新灯", False)


def test_a_text_with_a_code_for_a_name_is_called_after_its_headline():
    assert title_of(path="C000001-2.txt", texts=["老码头装上了新灯", "昨天傍晚六点，灯亮了。"]) == (
        "老码头装上了新灯",
        False,
    )


def test_a_text_without_headline_is_called_after_its_first_words_and_doubted():
    text = "本报样镇11月8日电 老码头的灯昨天换成了新的。站在石阶上的人都说比从前亮堂得多，三里外也看得见。"
    title, doubtful = title_of(path="1.txt", texts=[text])
    assert (title, doubtful) == ("老码头的灯昨天换成了新的", True)


def test_an_empty_text_is_called_after_its_file_and_doubted():
    assert title_of(path="1.txt") == ("1", True)


def test_the_second_story_of_a_file_is_not_called_after_the_file():
    title, doubtful = title_of(path="老码头装上了新灯.txt", texts=["河边的树昨夜倒了两棵。"], story=2)
    assert (title, doubtful) == ("河边的树昨夜倒了两棵", True)
