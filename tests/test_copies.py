"""What the pages tell of the copies of one text: listings, article pages, comparisons."""

import json
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup

from factory import make_article
from newsarchive.archive import assemble
from newsarchive.article import Block
from newsarchive.render.dataset import render_dataset
from newsarchive.render.html import render_pages
from newsarchive.render.neighbours import LISTED
from newsarchive.render.templates import siglum
from newsarchive.settings import Settings

PARAGRAPHS = [
    f"第{number}号样例展位开门时，志愿者把{number * 37}张卡片按颜色排好，等{number * 11}位访客来取。"
    for number in range(1, 9)
]
ADDRESS = "compare/{}-{}.html"


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    root = tmp_path_factory.mktemp("archive")
    return Settings(root=root, title="样例档案", content=(root / "content",), output=root / "site")


def press(number, paragraphs=PARAGRAPHS, **fields):
    """A copy at a publisher of its own, a day later than the one before."""
    values = {
        "published": f"2024-11-{10 + number}",
        "publisher": f"样报{number}",
        "title": "样例展位的卡片",
        "text": "\n".join(paragraphs),
        "blocks": tuple(Block("paragraph", text, text) for text in paragraphs),
    }
    return make_article(number, **(values | fields))


def pages_of(config, *articles):
    """Path → parsed page."""
    archive = assemble(articles, len(articles), (), (), None)
    files = (file for file in render_pages(archive, replace(config, search=False)) if file.path.endswith(".html"))
    return {file.path: BeautifulSoup(file.data, "lxml") for file in files}


def text_of(element):
    return "".join(element.get_text().split())


def page_of(pages, number):
    """The page of article `number`."""
    return next(page for path, page in pages.items() if path.endswith(f"-{number:012x}.html") and "compare" not in path)


def compared(pages, one, two):
    return pages[ADDRESS.format(f"{one:012x}", f"{two:012x}")]


@pytest.fixture(scope="module")
def group(config):
    """Three copies: the first, one cut by two paragraphs, one under another headline; and another story."""
    cut = press(2, [*PARAGRAPHS[:3], *PARAGRAPHS[5:]])
    retitled = press(3, [*PARAGRAPHS, "闭馆以后，剩下的卡片都收进了柜子。"], title="剩下的卡片去了哪里")
    other = make_article(4, published="2024-11-15", title="别的事")
    return pages_of(config, press(1), cut, retitled, other)


# Listings


def test_a_year_lists_one_entry_for_each_text_and_counts_every_article(group):
    page = group["2024/index.html"]
    assert [each.get_text() for each in page.select(".entry h3")] == ["样例展位的卡片", "别的事"]
    assert "4篇" in text_of(page.select_one(".facts"))
    assert "合并同文后2则" in text_of(page.select_one(".facts"))
    assert "4篇，同文合并后2则" in text_of(page.select_one("section header"))


def test_an_entry_tells_its_other_copies_with_date_and_what_differs(group):
    details = group["2024/index.html"].select_one(".entry details.copies")
    assert not details.has_attr("open")
    assert text_of(details.summary) == "另有2家刊载"
    assert [text_of(item) for item in details.select("li")] == [
        "2024-11-12样报2样例展位的卡片删去2段",
        "2024-11-13样报3剩下的卡片去了哪里另拟标题，增1段",
    ]


def test_a_listing_of_one_publisher_shows_its_own_copy_and_names_the_first(group):
    page = next(
        page for path, page in group.items() if path.startswith("publishers/") and "样报2" in page.h1.get_text()
    )
    assert "首见" in text_of(page.select_one(".entry details.copies"))
    assert len(page.select(".entry")) == 1


def test_no_article_is_dropped_where_a_whole_month_is_merged_into_another(config):
    late = press(2, published="2024-12-01")
    pages = pages_of(config, press(1, published="2024-11-30"), late)
    year = pages["2024/index.html"]
    assert [section.get("id") for section in year.select(".list section")] == ["m11"]
    assert "index.html#m11" in {link["href"] for link in year.select(".bars a")}
    assert page_of(pages, 2).select_one(".kicker a[href$='#m11']")


def test_one_publisher_that_ran_a_text_twice_is_no_other_house(config):
    pages = pages_of(config, press(1, publisher="样报"), press(2, publisher="样报"))
    assert text_of(pages["2024/index.html"].select_one(".entry summary")) == "另有1篇同文"


def test_home_tells_a_text_once_among_the_latest(group):
    assert len(group["index.html"].select(".entry")) == 2


# The page of an article


def test_an_article_names_all_copies_by_siglum_date_and_difference(group):
    rows = [text_of(row) for row in page_of(group, 2).select(".witnesses li")]
    assert rows == [
        "甲2024-11-11样报1《样例展位的卡片》首见",
        "乙2024-11-12样报2本篇与甲本对勘：删1处",
        "丙2024-11-13样报3《剩下的卡片去了哪里》对勘：另拟标题，增1处",
    ]


def test_the_card_tells_which_copy_this_is(group):
    assert "同文另有2家刊载本篇首见" in text_of(page_of(group, 1).select_one(".card"))
    assert "本篇为丙本" in text_of(page_of(group, 3).select_one(".card"))


def test_an_article_without_copies_tells_of_none(group):
    assert page_of(group, 4).select_one(".witnesses") is None
    assert "同文" not in text_of(page_of(group, 4).select_one(".card"))


def test_a_page_lists_few_of_many_copies_and_its_own(config):
    many = LISTED + 4
    copies = [press(number, published=f"2024-11-{number:02}") for number in range(1, many + 1)]
    page = page_of(pages_of(config, *copies), many)
    sigla = [row.b.get_text() for row in page.select(".witnesses li")]
    assert sigla == [siglum(number) for number in [*range(1, LISTED + 1), many]]
    assert f"共{many}本" in text_of(page.select_one(".witnesses p"))


def test_sigla_are_stems_then_branches_then_figures():
    assert [siglum(number) for number in (1, 10, 11, 22, 23)] == ["甲", "癸", "子", "亥", "23"]


def test_previous_and_next_stand_within_the_year_and_within_the_publisher(config):
    texts = [[f"第{number}篇说的是另一件事。"] for number in range(1, 5)]
    names = ["样报", "别报", "样报", "样报"]
    pages = pages_of(
        config,
        *(press(n, texts[n - 1], publisher=names[n - 1], title=f"第{n}篇") for n in range(1, 5)),
    )
    turns = page_of(pages, 3).select("nav.turn")
    assert [[a.get_text() for a in turn.select("a")] for turn in turns] == [["第2篇", "第4篇"], ["第1篇", "第4篇"]]


def test_an_unknown_publisher_is_no_row_of_articles(config):
    pages = pages_of(config, press(1, publisher=None), press(2, ["另一件事。"], publisher=None))
    assert [turn["aria-label"] for turn in page_of(pages, 1).select("nav.turn")] == ["前后篇"]


# Comparisons


def test_each_copy_is_compared_with_the_first(group):
    assert {path for path in group if path.startswith("compare/")} == {
        ADDRESS.format(f"{1:012x}", f"{2:012x}"),
        ADDRESS.format(f"{1:012x}", f"{3:012x}"),
    }


def test_a_comparison_states_its_result_first(group):
    heading = text_of(compared(group, 1, 2).h1)
    assert heading.startswith("甲乙两本相同")
    assert heading.endswith("%，乙本删1处")
    assert text_of(compared(group, 1, 3).h1).endswith("丙本增1处")


def test_a_comparison_marks_what_was_deleted_and_inserted(group):
    page = compared(group, 1, 2)
    assert [each.get_text() for each in page.select(".collation del")] == [PARAGRAPHS[3], PARAGRAPHS[4]]
    assert page.select(".collation ins") == []
    added = compared(group, 1, 3).select(".collation > li:not(.title) ins")
    assert [each.get_text() for each in added] == ["闭馆以后，剩下的卡片都收进了柜子。"]


def test_a_comparison_says_beside_each_paragraph_what_became_of_it(group):
    notes = [text_of(note) for note in compared(group, 1, 2).select(".collation .note")]
    assert sum("乙本整段不存" in note for note in notes) == 2
    assert "相同" in notes


def test_a_long_run_without_change_is_folded(group):
    fold = compared(group, 1, 3).select_one(".collation .fold details")
    assert text_of(fold.summary) == "另有7段相同"
    assert len(fold.select("li")) == 7


def test_another_headline_is_compared_too(group):
    title = compared(group, 1, 3).select_one(".collation .title")
    assert title.select_one("del").get_text()
    assert "丙本另拟标题" in title.get_text()
    assert compared(group, 1, 2).select_one(".collation .title") is None


def test_a_label_before_the_headline_is_no_other_headline(config):
    pages = pages_of(config, press(1), press(2, title="样讯 | 样例展位的卡片"))
    assert "标题有改动" in text_of(compared(pages, 1, 2).select_one(".collation .title .note"))
    assert text_of(pages["2024/index.html"].select_one(".entry details em")) == "文字相同，标题有改动"
    assert "另拟标题" not in text_of(page_of(pages, 2).select_one(".witnesses"))


def test_copies_without_a_difference_say_so(config):
    pages = pages_of(config, press(1), press(2))
    assert text_of(compared(pages, 1, 2).h1) == "甲乙两本文字相同"
    assert "文字相同" in text_of(pages["2024/index.html"].select_one(".entry details"))


def test_a_small_change_is_quoted_beside_its_paragraph(config):
    changed = [PARAGRAPHS[0].replace("卡片", "邮票"), *PARAGRAPHS[1:]]
    pages = pages_of(config, press(1), press(2, changed))
    assert "“卡片”改“邮票”" in text_of(compared(pages, 1, 2).select_one(".collation"))


# The data


def test_the_data_names_the_other_copies_in_order(config):
    articles = [press(number) for number in (1, 2, 3)]
    archive = assemble([*articles, make_article(4)], 4, (), (), None)
    files = {file.path: file.data for file in render_dataset(archive, config)}
    rows = {row["id"]: row["copies"] for row in map(json.loads, files["data/articles.jsonl"].splitlines())}
    one, two, three = (article.id for article in articles)
    assert rows == {one: [two, three], two: [one, three], three: [one, two], f"{4:012x}": []}
    assert f"{two}; {three}" in files["data/articles.csv"].decode("utf-8-sig")
