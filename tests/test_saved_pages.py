"""Saved pages of many sites: fields, kept and dropped lines, with the sites' own rules and by form alone."""

import json
import re
from collections import Counter
from functools import cache

import pytest
import yaml
from bs4 import BeautifulSoup

from conftest import PROJECT
from newsarchive.hanzi import letters
from newsarchive.loader import load_document
from newsarchive.rulefiles import load_rules
from newsarchive.settings import load_settings
from newsarchive.sources import find_content
from newsarchive.stories import read_stories

FOLDER = PROJECT / "tests" / "sites" / "saved-pages"
EXPECTED = yaml.safe_load((FOLDER / "expected.yaml").read_text("utf-8"))
WRITERS = ("author", "reporter", "contributor", "translator")
BY_FORM = 0.95
"""Share of kept and dropped lines that must come right where no rule of a site is in force."""
SAME_TEXT = 0.97
"""F1 of the runs of five characters that a page shares with itself after it was changed."""


@cache
def articles(*, with_site_rules):
    """Path → the article that each page becomes."""
    settings = load_settings(PROJECT / "site.yaml", publisher_rules=with_site_rules)
    book = load_rules(settings)
    documents = [load_document(source, settings) for source in find_content([FOLDER / "content"])]
    return {document.path: read_stories(document, book, settings)[0] for document in documents}


def wrong_lines(article, expected):
    """Lines that were lost, and lines that should have gone."""
    lines = article.text.split("\n")
    lost = [words for words in expected["keep"] if words not in article.text]
    leaked = [words for words in expected["drop"] if any(words in line for line in lines)]
    return lost, leaked


def test_every_page_is_expected_and_every_expectation_has_its_page():
    assert sorted(articles(with_site_rules=True)) == sorted(EXPECTED)


@pytest.mark.parametrize("path", sorted(EXPECTED))
def test_a_page_gives_its_story_and_nothing_around_it(path):
    assert wrong_lines(articles(with_site_rules=True)[path], EXPECTED[path]) == ([], [])


@pytest.mark.parametrize("with_site_rules", [True, False])
@pytest.mark.parametrize("path", sorted(EXPECTED))
def test_a_page_gives_the_fields_that_it_tells(path, with_site_rules):
    article, expected = articles(with_site_rules=with_site_rules)[path], EXPECTED[path]
    told = {
        "title": article.title,
        "published": article.published.iso if article.published else None,
        "publisher": article.publisher,
        "outlet": article.outlet,
    }
    for name, value in told.items():
        assert value in expected[name] if isinstance(expected[name], list) else value == expected[name], name
    assert [credit.name for credit in article.byline if credit.role in WRITERS] == expected["authors"]


def test_form_alone_loses_no_line_and_leaves_few_of_the_page():
    found = articles(with_site_rules=False)
    wrong = {path: wrong_lines(found[path], expected) for path, expected in EXPECTED.items()}
    lines = sum(len(expected["keep"]) + len(expected["drop"]) for expected in EXPECTED.values())
    assert {path: lost for path, (lost, _) in wrong.items() if lost} == {}
    assert sum(len(leaked) for _, leaked in wrong.values()) <= (1 - BY_FORM) * lines, json.dumps(wrong, indent=1)


def test_a_rule_for_an_old_layout_does_not_lose_the_story(tmp_path):
    box = '<div class="left_zw"><p>旧版的盒子</p></div>'
    story = "".join(f"<p>第{number}段写水乡的清晨，写桥，写船，也写桥上的人。</p>" for number in range(1, 7))
    page = f'<html><head><link rel="canonical" href="https://www.chinanews.com.cn/a.shtml"></head><body>{box}<main>{story}</main></body></html>'
    (tmp_path / "a.html").write_text(page, "utf-8")
    settings = load_settings(PROJECT / "site.yaml")
    (source,) = find_content([tmp_path])
    (article,) = read_stories(load_document(source, settings), load_rules(settings), settings)
    assert article.publisher == "中国新闻网"
    assert article.text.count("段写水乡的清晨") == 6


# The same pages, changed as captures and redesigns change them


def without(*tags):
    def change(soup):
        for element in soup(list(tags)):
            if not element.get("charset") and not element.get("http-equiv"):
                element.decompose()

    return change


def without_names(soup):
    for element in soup.find_all():
        del element["class"], element["id"]


def reversed_page(soup):
    for element in [soup.body, *soup.body(["div", "main"], recursive=False)]:
        children = element.find_all(recursive=False)
        for child in [] if any(child.name == "p" for child in children) else reversed(children):
            element.append(child.extract())


def sides_first(soup):
    """Move side columns, lists and feet above everything else."""
    for element in soup.select(".side-right, .side-left, .rgt, aside, .feed, .sidebar, .roll24, footer, .foot, #ft"):
        soup.body.insert(0, element.extract())


FORMS = (
    "app-shell.html", "app-state-only.html", "english-daily.html", "forum.html", "government.html",
    "portal-list-above.html", "provincial.html",
)  # fmt: skip
"""Pages of forms that no rule of a site knows, several with other days and outlets beside the story."""
CHANGES = {
    "without meta": without("meta"),
    "without headings": without("h1", "h2", "h3", "h4"),
    "without meta and scripts": without("meta", "script"),
    "without classes": without_names,
    "reversed": reversed_page,
    "sides first": sides_first,
}


def changed(path, change, folder):
    """The article that a page becomes by form alone once it was changed and saved in GBK."""
    settings = load_settings(PROJECT / "site.yaml", publisher_rules=False)
    raw = (FOLDER / "content" / path).read_bytes()
    text = raw.decode("gb18030" if b"charset=gb2312" in raw else "utf-8")
    soup = BeautifulSoup(re.sub('(?i)charset=("?)(?:utf-8|gb2312)', r"charset=\1gbk", text), "lxml")
    CHANGES[change](soup)
    (folder / path).write_bytes(str(soup).encode("gb18030"))
    (source,) = find_content([folder])
    return read_stories(load_document(source, settings), book(), settings)[0]


@cache
def book():
    return load_rules(load_settings(PROJECT / "site.yaml", publisher_rules=False))


def likeness(first, second):
    texts = (letters(first), letters(second))
    mine, other = (Counter(text[at : at + 5] for at in range(len(text) - 4)) for text in texts)
    return 2 * sum((mine & other).values()) / (mine.total() + other.total())


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("path", FORMS)
def test_a_changed_page_keeps_its_story_and_never_tells_a_wrong_date_or_outlet(path, change, tmp_path):
    article, expected = changed(path, change, tmp_path), EXPECTED[path]
    assert likeness(article.text, articles(with_site_rules=False)[path].text) >= SAME_TEXT
    published = article.published.iso if article.published else None
    days = expected["published"] if isinstance(expected["published"], list) else [expected["published"]]
    assert published is None or published[:10] in {day[:10] for day in days if day}
    outlets = expected["outlet"] if isinstance(expected["outlet"], list) else [expected["outlet"]]
    assert article.outlet is None or article.outlet in outlets
