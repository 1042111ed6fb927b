import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory import make_article
from newsarchive.archive import Edition, assemble
from newsarchive.article import Problem
from newsarchive.errors import OutputError
from newsarchive.rules import RuleFile


def archive_of(*articles, known=None, build_date=None, problems=()):
    rules = [RuleFile(key, "publishers", name) for name, key in (known or {}).items()]
    return assemble(articles, len(articles), problems, (), build_date, rules)


def test_the_capture_fetched_last_is_shown_and_the_others_are_kept():
    early = make_article(1, path="b.md", retrieved="2024-11-21")
    late = make_article(1, path="a.md", retrieved="2024-12-01T08:00:00+08:00")
    (entry,) = archive_of(late, early).entries
    assert entry.article.path == "a.md"
    assert [capture.path for capture in entry.captures] == ["b.md", "a.md"]


def test_of_captures_fetched_at_one_time_the_first_by_path_is_shown():
    captures = [make_article(1, path=path, retrieved="2024-11-21") for path in ("c.md", "a.md", "b.md")]
    (entry,) = archive_of(*captures).entries
    assert entry.article.path == "a.md"


def test_a_capture_of_unknown_time_is_not_shown_before_a_dated_one():
    (entry,) = archive_of(make_article(1, path="a.md"), make_article(1, path="b.md", retrieved="2020")).entries
    assert entry.article.path == "b.md"


def test_captures_share_the_permalink_of_the_earliest_date():
    captures = [
        make_article(1, path="a.md", published="2024-11-22", retrieved="2025-01-02"),
        make_article(1, path="b.md", published="2023-12-31", retrieved="2025-01-01"),
        make_article(1, path="c.md", published=None),
    ]
    (entry,) = archive_of(*captures).entries
    assert {capture.permalink for capture in entry.captures} == {"2023/12-31-000000000001.html"}
    assert entry.article.permalink == "2023/12-31-000000000001.html"


def test_a_date_that_says_more_settles_the_permalink():
    captures = [make_article(1, path="a.md", published="2024"), make_article(1, path="b.md", published="2024-11-20")]
    assert archive_of(*captures).entries[0].article.permalink == "2024/11-20-000000000001.html"


def test_entries_stand_by_date_then_id_and_undated_last():
    articles = [
        make_article(1, published=None),
        make_article(3, published="2024-11-20"),
        make_article(2, published="2024-11-20"),
        make_article(4, published="2014"),
    ]
    archive = archive_of(*articles)
    assert [entry.article.id[-1] for entry in archive.entries] == ["4", "2", "3", "1"]
    assert [entry.article.id[-1] for entry in archive.undated] == ["1"]


def test_years_hold_their_entries_oldest_first():
    archive = archive_of(make_article(1, published="2024-01-01"), make_article(2, published="2014-11-19"))
    assert [(term.key, term.permalink, len(term.entries)) for term in archive.years] == [
        ("2014", "2014/index.html", 1),
        ("2024", "2024/index.html", 1),
    ]


def test_publishers_stand_by_count_then_pinyin_and_the_unknown_last():
    names = ["重庆样报", "北京样报", "乌镇样报", "乌镇样报", None, None, None]
    archive = archive_of(*(make_article(number, publisher=name) for number, name in enumerate(names, 1)))
    assert [term.name for term in archive.publishers] == ["乌镇样报", "北京样报", "重庆样报", ""]
    assert archive.publishers[-1].key == "unknown"
    assert archive.publishers[-1].permalink == "publishers/unknown.html"


def test_publishers_within_a_year_have_listings_of_their_own():
    archive = archive_of(make_article(1), make_article(2, publisher=None), known={"乌镇样报": "wuzhen"})
    assert [(term.key, term.permalink) for term in archive.publisher_years["2024"]] == [
        ("2024/wuzhen", "2024/wuzhen.html"),
        ("2024/unknown", "2024/unknown.html"),
    ]


def test_an_article_is_listed_under_every_outlet_it_names_and_under_none_without():
    archive = archive_of(make_article(1, outlets=("样报甲", "样报乙")), make_article(2))
    assert sorted(term.name for term in archive.outlets) == ["样报乙", "样报甲"]
    assert all(len(term.entries) == 1 for term in archive.outlets)


def test_spellings_that_differ_in_width_are_one_publisher_under_the_commonest():
    names = ["WIC 快讯", "ＷＩＣ快讯", "WIC 快讯"]
    archive = archive_of(*(make_article(number, publisher=name) for number, name in enumerate(names, 1)))
    (term,) = archive.publishers
    assert (term.name, len(term.entries)) == ("WIC 快讯", 3)
    assert len({archive.slugs[name] for name in names}) == 1


def test_captures_of_one_article_count_one_in_every_listing():
    archive = archive_of(make_article(1, path="a.md"), make_article(1, path="b.md"))
    assert [len(term.entries) for term in (*archive.years, *archive.publishers)] == [1, 1]


def test_two_publishers_with_one_slug_are_an_error_naming_both():
    articles = make_article(1, publisher="甲"), make_article(2, publisher="乙")
    with pytest.raises(OutputError) as caught:
        archive_of(*articles, known={"甲": "same", "乙": "same"})
    assert articles[0].path in str(caught.value)
    assert articles[1].path in str(caught.value)


def test_a_slug_that_is_the_name_of_an_article_page_is_an_error_naming_it():
    with pytest.raises(OutputError, match=r"000000000001\.md"):
        archive_of(make_article(1), known={"乌镇样报": "11-20-000000000001"})


def test_problems_of_files_and_articles_stand_together_in_order():
    def problem(path, line):
        return Problem(path, line, None, "date", "the date is doubtful", "published without date")

    archive = archive_of(
        make_article(1, problems=(problem("b.md", 2),)), problems=(problem("b.md", None), problem("a.md", 9))
    )
    assert [(each.path, each.line) for each in archive.problems] == [("a.md", 9), ("b.md", None), ("b.md", 2)]


def test_the_newest_date_is_the_build_date_where_one_is_given():
    article = make_article(1, published="2024-11-20T15:00:00+08:00", retrieved="2024-11-22T01:00:00+08:00")
    assert archive_of(article).newest == "2024-11-22"
    assert archive_of(article, build_date="2025-01-01").newest == "2025-01-01"
    assert archive_of(make_article(1, published="2024")).newest == ""


def test_editions_stand_by_their_first_day():
    editions = [
        Edition(key, key, None, start, start, "乌镇", None)
        for key, start in (("2024", "2024-11-19"), ("2014", "2014-11-19"))
    ]
    assert [each.key for each in assemble((), 0, (), editions, None).editions] == ["2014", "2024"]


_articles = st.lists(
    st.builds(
        make_article,
        number=st.integers(1, 5),
        published=st.sampled_from([None, "2014", "2014-11", "2014-11-19", "2024-11-20T15:52:00+08:00"]),
        publisher=st.sampled_from([None, "乌镇样报", "重庆样报"]),
        path=st.sampled_from(["a.md", "b.md", "c.md"]),
        retrieved=st.sampled_from([None, "2024-11-20", "2024-11-21"]),
    ),
    unique_by=lambda article: (article.id, article.path),
)


@given(_articles, st.randoms(use_true_random=False))
def test_the_order_of_reading_changes_nothing(articles, shuffled):
    assert isinstance(shuffled, random.Random)
    mixed = list(articles)
    shuffled.shuffle(mixed)
    assert archive_of(*mixed) == archive_of(*articles)


@given(_articles, st.integers(6, 9))
def test_another_article_moves_no_permalink(articles, number):
    before = {entry.article.id: entry.article.permalink for entry in archive_of(*articles).entries}
    after = {e.article.id: e.article.permalink for e in archive_of(*articles, make_article(number)).entries}
    assert before.items() <= after.items()
