import posixpath
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive import permalinks
from newsarchive.article import Moment
from newsarchive.errors import OutputError

ID = "0123456789ab"


@pytest.mark.parametrize(
    ("moment", "path"),
    [
        (Moment("2024-11-20T15:52:00+08:00", "second"), f"2024/11-20-{ID}.html"),
        (Moment("2024-11-20", "day"), f"2024/11-20-{ID}.html"),
        (Moment("2024-11", "month"), f"2024/11-{ID}.html"),
        (Moment("2024", "year"), f"2024/{ID}.html"),
        (None, f"undated/{ID}.html"),
    ],
)
def test_a_permalink_tells_as_much_of_the_date_as_is_known(moment, path):
    assert permalinks.article_permalink(ID, moment) == path


def test_listings_have_the_paths_of_the_contract():
    assert permalinks.year_listing(2024) == "2024/index.html"
    assert permalinks.year_publisher_listing("2024", "unknown") == "2024/unknown.html"
    assert permalinks.publisher_listing("wuzhen") == "publishers/wuzhen.html"
    assert permalinks.outlet_listing("wuzhen") == "outlets/wuzhen.html"


def test_later_pages_of_a_listing_are_numbered_from_two():
    assert permalinks.page_of("2024/index.html", 1) == "2024/index.html"
    assert permalinks.page_of("2024/index.html", 2) == "2024/index-2.html"


def test_a_page_before_the_first_is_refused():
    with pytest.raises(ValueError, match="from 1"):
        permalinks.page_of("2024/index.html", 0)


def test_the_slug_of_the_rules_wins_over_pinyin():
    assert permalinks.publisher_slug("乌镇样报", {"乌镇样报": "wuzhen-sample"}) == "wuzhen-sample"


def test_a_name_that_differs_in_width_alone_has_the_slug_of_the_rules():
    assert permalinks.publisher_slug("ＷＩＣ 快讯", {"WIC快讯": "wic"}) == "wic"


def test_a_slug_without_rules_is_pinyin_and_four_digits_of_the_folded_name():
    slug = permalinks.publisher_slug("重庆样报", {})
    assert re.fullmatch(r"chong-?qing-?yang-?bao-[0-9a-f]{4}", slug)
    assert permalinks.publisher_slug("重庆 样报", {}) == slug


def test_homophones_have_different_slugs():
    assert permalinks.publisher_slug("石样报", {}) != permalinks.publisher_slug("时样报", {})


@pytest.mark.parametrize("slug", ["index", "unknown", "../up", "Upper", "", "con", "a" * 61, "汉"])
def test_a_slug_of_the_rules_that_is_reserved_or_unsafe_is_refused(slug):
    with pytest.raises(OutputError):
        permalinks.publisher_slug("乌镇样报", {"乌镇样报": slug})


@given(st.text(min_size=1))
def test_any_name_makes_a_safe_slug_that_is_not_reserved(name):
    slug = permalinks.publisher_slug(name, {})
    assert permalinks.segment(slug) == slug
    assert slug not in permalinks.RESERVED
    path = permalinks.year_publisher_listing(2024, slug)
    assert path.isascii()
    assert path == path.lower()
    assert len(path) <= permalinks.MAX_PATH


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "../x",
        "a/../b",
        "a//b",
        "",
        "a\\b",
        "a:b",
        "Ab",
        "é",
        "a" * 121,
        "aux.html",
        "x.",
        "a/./b",
        "a\n",
    ],
)
def test_a_path_that_leaves_the_root_or_breaks_on_some_system_is_refused(path):
    with pytest.raises(OutputError):
        permalinks.safe_path(path)


@pytest.mark.parametrize(
    ("page", "to", "link"),
    [
        ("index.html", "2024/index.html", "2024/index.html"),
        ("2024/index.html", "2024/11-20-a.html", "11-20-a.html"),
        ("2024/index.html", "index.html", "../index.html"),
        ("publishers/a.html", "2024/b.html#removed", "../2024/b.html#removed"),
        ("2024/index.html", "2024/index.html", "index.html"),
    ],
)
def test_links_are_relative_and_name_a_file(page, to, link):
    assert permalinks.relative(page, to) == link


_paths = st.lists(st.sampled_from(["a", "b", "c.html"]), min_size=1, max_size=4).map("/".join)


@given(_paths, _paths)
def test_a_relative_link_leads_to_its_target(page, to):
    link = permalinks.relative(page, to)
    assert posixpath.normpath(posixpath.join("/", posixpath.dirname(page), link)) == "/" + to


@given(_paths, _paths, st.sampled_from(["", "#a/b", "?q=a/b"]))
def test_the_links_of_a_folder_are_those_of_its_pages(page, to, rest):
    assert permalinks.links_from(permalinks.folder_of(page))(to + rest) == permalinks.relative(page, to + rest)


def test_absolute_links_start_at_the_root_without_a_base_url():
    assert permalinks.absolute("", "index.html") == "/index.html"
    assert permalinks.absolute("https://example.org/news/", "index.html") == "https://example.org/news/index.html"
