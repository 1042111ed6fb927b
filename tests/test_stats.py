"""Counts of an archive: weeks around its meetings, lengths, terms."""

from dataclasses import replace

import pytest

from factory import make_article
from newsarchive.archive import Edition, assemble
from newsarchive.article import EditionEvidence
from newsarchive.stats import LENGTHS, WEEKS, compare_terms, count_lengths, count_weeks
from newsarchive.syndication import Group
from newsarchive.terms import ENOUGH
from test_terms import make_texts

ONE = Edition("2023", "2023年样例大会", None, "2023-11-08", "2023-11-10", "样例镇", None)
TWO = Edition("2024", "2024年样例大会", None, "2024-11-19", "2024-11-22", "样例镇", None)
BESIDE = Edition("2024-hk", "样例对话", None, "2024-05-01", "2024-05-02", "海边", None, "regional")


def about(number, key="2024", **fields):
    return make_article(number, editions=(key,), edition_evidence=(EditionEvidence(key, "title"),), **fields)


def archive_of(*articles, editions=(ONE, TWO)):
    return assemble(articles, len(articles), (), editions, None)


@pytest.mark.parametrize(
    ("day", "week"),
    [
        ("2024-11-19", 0),
        ("2024-11-25", 0),
        ("2024-11-26", 1),
        ("2024-11-18", -1),
        ("2024-11-12", -1),
        ("2024-11-11", -2),
        ("2024-10-08", -6),
        ("2025-01-13", 7),
    ],
)
def test_a_week_begins_on_the_opening_day(day, week):
    counts = count_weeks(archive_of(about(1, published=day)))[1]
    assert {WEEKS[place]: count for place, count in enumerate(counts.counts) if count} == {week: 1}
    assert counts.outside == 0


@pytest.mark.parametrize("day", ["2024-10-07", "2025-01-14", "2024-11", "2024", None])
def test_other_weeks_and_unknown_days_are_counted_apart(day):
    counts = count_weeks(archive_of(about(1, published=day)))[1]
    assert (sum(counts.counts), counts.outside) == (0, 1)


def test_every_article_of_an_edition_is_counted_once():
    articles = [about(number, published=f"2024-11-{number:02}") for number in range(1, 31)]
    counts = count_weeks(archive_of(*articles))[1]
    assert sum(counts.counts) + counts.outside == 30


def test_lengths_fall_into_groups_without_a_gap():
    lengths = (1, 499, 500, 999, 1000, 3999, 4000, 90000)
    articles = [make_article(number, characters=length) for number, length in enumerate(lengths, 1)]
    found = count_lengths(archive_of(*articles).entries)
    assert [group.low for group in found.groups] == list(LENGTHS)
    assert [group.count for group in found.groups] == [2, 2, 1, 1, 2]
    assert (found.counted, found.median) == (8, 1000)


def test_stubs_lists_and_other_languages_have_no_comparable_length():
    articles = (
        make_article(1, characters=700),
        make_article(2, kind="stub", characters=0),
        make_article(3, kind="list", characters=800),
        make_article(4, lang="en", characters=9000),
    )
    found = count_lengths(archive_of(*articles).entries)
    assert (found.counted, found.foreign, found.median) == (1, 1, 700)


def test_an_empty_archive_has_counts_of_nothing():
    archive = archive_of()
    assert [sum(week.counts) for week in count_weeks(archive)] == [0, 0]
    assert (count_lengths(archive.entries).median, compare_terms(archive)) == (0, ())


def texts_about(key, topic, first, number=30):
    return [about(first + place, key, text=text) for place, text in enumerate(make_texts(number, [topic], first))]


def test_terms_of_neighbouring_editions_are_compared():
    articles = texts_about("2023", "虚拟画廊", 1) + texts_about("2024", "智慧渡船", 100)
    (compared,) = compare_terms(archive_of(*articles))
    assert (compared.earlier, compared.later, compared.counted) == (ONE, TWO, (30, 30))
    told = {change.term: change.trend for change in compared.changes}
    assert (told["虚拟画廊"], told["智慧渡船"]) == ("fall", "rise")


def test_an_edition_without_texts_enough_is_compared_with_none():
    articles = texts_about("2023", "虚拟画廊", 1) + texts_about("2024", "智慧渡船", 100, ENOUGH - 1)
    assert compare_terms(archive_of(*articles)) == ()


def test_meetings_beside_the_yearly_row_are_not_compared():
    articles = texts_about("2024-hk", "虚拟画廊", 1) + texts_about("2024", "智慧渡船", 100)
    assert compare_terms(archive_of(*articles, editions=(TWO, BESIDE))) == ()


def test_copies_of_one_text_are_one_text():
    text = make_texts(1, ["虚拟画廊"])[0]
    same = [about(number, "2023", text=text) for number in range(1, 31)]
    later = texts_about("2024", "智慧渡船", 100)
    assert compare_terms(archive_of(*same, *later)) == ()
    near = archive_of(*texts_about("2023", "虚拟画廊", 1), *later)
    assert compare_terms(near) != ()
    group = Group(tuple(f"{number:012x}" for number in range(1, 31)))
    assert compare_terms(replace(near, groups=(group,))) == ()
