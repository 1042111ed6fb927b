"""What readers are told of copies of one text: which there are, where they differ, the pages that compare them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from newsarchive import permalinks
from newsarchive.archive import Archive, Entry
from newsarchive.article import Article, Moment
from newsarchive.collation import Passage, Piece, Tally, collate, merge_paragraphs, tally
from newsarchive.syndication import Group, are_alike

UNFOLDED = 2
"""Unchanged paragraphs in a row that stand open; of more, the first does and the rest is folded."""
SWAP = 8
"""Longest phrases that a note beside a paragraph quotes."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Where one copy differs from the first publication."""

    page: str
    """The page that compares the two."""
    tally: Tally
    retitled: bool
    """True where its headline is another one."""
    renamed: bool
    """True where its headline is the same one, changed or labelled."""
    title: tuple[Piece, ...]
    """Both headlines merged."""


@dataclass(frozen=True, slots=True)
class Copy:
    """One of several copies of one text."""

    id: str
    number: int
    """Its place by publication, from 1."""
    page: str
    """Permalink."""
    title: str
    lang: str
    foreign: str
    """Language tag without script where it is not Chinese; else empty."""
    publisher: str
    """Empty where it is unknown."""
    publisher_page: str
    outlet: str
    """Empty where it is unknown."""
    published: Moment | None
    difference: Difference | None
    """None for the first."""


@dataclass(frozen=True, slots=True)
class Line:
    """One merged paragraph of a comparison."""

    passage: Passage
    deleted: int
    """Letters."""
    inserted: int
    """Letters."""
    swap: tuple[str, str] | None
    """Old and new phrase, where these are all that differs and short."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Paragraphs of a comparison that stand open or folded together."""

    lines: tuple[Line, ...]
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """The page that compares one copy with the first publication."""

    page: str
    first: Copy
    other: Copy
    difference: Difference
    stretches: tuple[Stretch, ...]
    """Empty before they are filled in, which takes longer than making all else of the page."""
    copies: tuple[Copy, ...]
    """All of the group, by publication."""


def gather_copies(archive: Archive) -> tuple[tuple[Copy, ...], ...]:
    """Give the copies of each text that has several, by publication."""
    entries = {entry.article.id: entry for entry in archive.entries} if archive.groups else {}
    return tuple(tuple(_copies(group, entries, archive)) for group in archive.groups)


def comparisons(
    archive: Archive, groups: Sequence[tuple[Copy, ...]]
) -> Iterator[tuple[Comparison, tuple[Article, Article]]]:
    """Give a page for each copy beside the first of its group, not filled yet, and the two articles."""
    articles = {entry.article.id: entry.article for entry in archive.entries} if groups else {}
    for members in groups:
        for other in members[1:]:
            if other.difference:
                told = Comparison(other.difference.page, members[0], other, other.difference, (), members)
                yield told, (articles[members[0].id], articles[other.id])


def fill_comparison(told: Comparison, archive: Archive, articles: tuple[Article, Article]) -> Comparison:
    """Give the page that compares two articles, with their texts merged."""
    merged = collate(*map(archive.text, articles))
    return replace(told, stretches=tuple(_stretches(merge_paragraphs(merged))))


def foreign_tag(lang: str) -> str:
    """Give the language tag without script (`en`) of a text that is not Chinese, and nothing for one that is."""
    return "" if lang.startswith(("zh", "und")) else lang.partition("-")[0]


def _copies(group: Group, entries: Mapping[str, Entry], archive: Archive) -> Iterator[Copy]:
    """Give the copies of a group."""
    first = entries[group.canonical].article
    for number, each in enumerate(group.ids, 1):
        article = entries[each].article
        yield Copy(
            id=each,
            number=number,
            page=article.permalink,
            title=article.title,
            lang=article.lang,
            foreign=foreign_tag(article.lang),
            publisher=article.publisher or "",
            publisher_page=permalinks.publisher_listing(
                archive.slugs[article.publisher] if article.publisher else permalinks.UNKNOWN
            ),
            outlet=article.outlet or "",
            published=entries[each].published,
            difference=_difference(first, article, archive) if number > 1 else None,
        )


def _difference(one: Article, two: Article, archive: Archive) -> Difference:
    title = collate(one.title, two.title)
    changed, alike = tally(title).places > 0, are_alike(one.title, two.title)
    text = archive.tally(one, two, lambda: tally(collate(archive.text(one), archive.text(two))))
    return Difference(permalinks.comparison(one.id, two.id), text, changed and not alike, changed and alike, title)


def _stretches(passages: Sequence[Passage]) -> Iterator[Stretch]:
    """Fold all but the first of many unchanged paragraphs in a row."""
    for same, group in groupby(passages, key=lambda passage: passage.standing == "same"):
        lines = tuple(map(_line, group))
        open_lines = 1 if same and len(lines) > UNFOLDED else len(lines)
        yield Stretch(lines[:open_lines])
        if lines[open_lines:]:
            yield Stretch(lines[open_lines:], folded=True)


def _line(passage: Passage) -> Line:
    return Line(passage, passage.count("deleted"), passage.count("inserted"), _swap(passage))


def _swap(passage: Passage) -> tuple[str, str] | None:
    changed = [piece for piece in passage.pieces if piece.kind != "same"]
    if [piece.kind for piece in changed] != ["deleted", "inserted"] or passage.standing != "changed":
        return None
    old, new = (piece.text.strip().rstrip("，。、；：,.;:") for piece in changed)
    return (old, new) if 0 < len(old) <= SWAP and 0 < len(new) <= SWAP else None
