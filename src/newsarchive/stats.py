"""Tables of counts from the archive."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise, zip_longest
from statistics import median

from newsarchive.archive import Archive, Edition, Entry, all_captures
from newsarchive.terms import Change, Vocabulary, changes, vocabulary

WEEKS = range(-6, 8)
"""Weeks around an edition that are counted; week 0 begins on its opening day."""
LENGTHS = (0, 500, 1000, 2000, 4000)
"""Least length of each group of articles, in characters."""


@dataclass(frozen=True, slots=True)
class WeekCounts:
    """Articles about one edition, week by week."""

    edition: Edition
    counts: tuple[int, ...]
    """One for each of `WEEKS`."""
    outside: int
    """Articles of other weeks, and those whose day is not known."""


@dataclass(frozen=True, slots=True)
class LengthCount:
    """Articles of about one length."""

    low: int
    """Characters, the least of the group."""
    high: int | None
    """The first that is too long; None in the last group."""
    count: int


@dataclass(frozen=True, slots=True)
class Lengths:
    """How long the articles in Chinese are; stubs and lists are not counted."""

    groups: tuple[LengthCount, ...]
    median: int
    """Characters; 0 where nothing is counted."""
    counted: int
    foreign: int
    """Articles in other languages, whose characters cannot be compared."""


@dataclass(frozen=True, slots=True)
class TermChanges:
    """Terms that rose and fell from one edition to the next."""

    earlier: Edition
    later: Edition
    counted: tuple[int, int]
    """Texts of each that were counted: at most `terms.SAMPLE`."""
    changes: tuple[Change, ...]


def count_archive(archive: Archive) -> dict[str, int]:
    """Count what the archive holds; captures of one article count one unless the name says otherwise."""
    shown = [entry.article for entry in archive.entries]
    kinds = Counter(article.kind for article in shown)
    rows = all_captures(archive)
    return {
        "files": archive.files,
        "captures": len(rows),
        "entries": len(shown),
        "articles": kinds["article"],
        "stubs": kinds["stub"],
        "lists": kinds["list"],
        "incomplete": sum(not article.complete for article in shown),
        "undated": len(archive.undated),
        "years": len(archive.years),
        "publishers": sum(bool(term.name) for term in archive.publishers),
        "publisher_unknown": sum(article.publisher is None for article in shown),
        "outlets": len(archive.outlets),
        "outlet_unknown": sum(article.outlet is None for article in shown),
        "characters": sum(article.characters for article in shown),
        "images": sum(len(article.images) for article in shown),
        "removed": sum(article.removals for article in rows),
        "quarantined": sum(problem.action == "quarantined" for problem in archive.problems),
        "problems": len(archive.problems),
    }


def count_weeks(archive: Archive) -> tuple[WeekCounts, ...]:
    """Count the articles about each edition by week around its opening day, in the order of the editions."""
    return tuple(
        _week_counts(edition, term.entries)
        for edition, term in zip(archive.editions, archive.edition_terms, strict=True)
    )


def count_lengths(entries: Iterable[Entry]) -> Lengths:
    """Count articles by length."""
    articles = [entry.article for entry in entries if entry.article.kind == "article" and entry.article.characters]
    lengths = [article.characters for article in articles if article.lang.startswith(("zh", "und"))]
    bounds = tuple(zip_longest(LENGTHS, LENGTHS[1:]))
    groups = tuple(
        LengthCount(low, high, sum(low <= length and (high is None or length < high) for length in lengths))
        for low, high in bounds
    )
    return Lengths(groups, round(median(lengths)) if lengths else 0, len(lengths), len(articles) - len(lengths))


def compare_terms(archive: Archive) -> tuple[TermChanges, ...]:
    """Compare the terms of each two neighbouring editions of the yearly row that have texts enough, oldest first.

    Of the copies of one text only the first is counted, so that a dispatch which many carried is one text.
    """
    yearly = [
        (edition, term.entries)
        for edition, term in zip(archive.editions, archive.edition_terms, strict=True)
        if edition.kind != "regional"
    ]
    canonical = {copy: group.canonical for group in archive.groups for copy in group.ids}
    found = [(edition, vocabulary(_texts(archive, entries, canonical))) for edition, entries in yearly]
    names = _names(archive.editions)
    pairs = ((earlier, later) for earlier, later in pairwise(found) if earlier[1].is_enough and later[1].is_enough)
    return tuple(_term_changes(earlier, later, names) for earlier, later in pairs)


def _week_counts(edition: Edition, entries: Sequence[Entry]) -> WeekCounts:
    opening = date.fromisoformat(edition.start)
    days = [entry.published.iso[:10] for entry in entries if entry.published and entry.published.day]
    weeks = Counter((date.fromisoformat(day) - opening).days // 7 for day in days)
    counts = tuple(weeks[week] for week in WEEKS)
    return WeekCounts(edition, counts, len(entries) - sum(counts))


def _texts(archive: Archive, entries: Iterable[Entry], canonical: Mapping[str, str]) -> list[str]:
    """Texts of articles, those of copies once."""
    texts: dict[str, str] = {}
    for article in (entry.article for entry in entries):
        texts.setdefault(canonical.get(article.id, article.id), archive.text(article))
    return list(dict.fromkeys(texts.values()))


def _names(editions: Iterable[Edition]) -> frozenset[str]:
    return frozenset(
        name for edition in editions for name in (edition.name, edition.place, *edition.names, *edition.series) if name
    )


def _term_changes(
    earlier: tuple[Edition, Vocabulary], later: tuple[Edition, Vocabulary], names: frozenset[str]
) -> TermChanges:
    counted = len(earlier[1].texts), len(later[1].texts)
    return TermChanges(earlier[0], later[0], counted, changes(earlier[1], later[1], names))
