"""What stands beside an article: before and behind it, printed on its page, told in copies, and on its subject."""

from collections.abc import Iterable, Iterator, Sequence

from newsarchive.archive import Archive, Entry
from newsarchive.article import Value
from newsarchive.related import find_related
from newsarchive.render.copies import Copy
from newsarchive.render.rows import Row, Shelf, oldest_first

LISTED = 12
"""Copies that an article's page lists; of more, it names its own besides and says where all of them are."""

Pair = tuple[Row | None, Row | None]
"""What stands before and behind an article."""


class Neighbours(Value, frozen=True):
    """Links from one article to others."""

    in_year: Pair
    """By date, in its year or among the articles without a date."""
    at_publisher: Pair
    """By date, among the articles of its publisher; none where that is unknown."""
    printed_with: tuple[Row, ...]
    """The other stories of its file, in printed order."""
    copies: tuple[Copy, ...]
    """Copies of its text by publication, itself included, as many as are listed; none where it is the only one."""
    related: tuple[Row, ...]
    """The nearest first."""


def find_neighbours(archive: Archive, shelf: Shelf) -> Iterator[tuple[Entry, Neighbours]]:
    """Give every article with its neighbours, by year and date, undated last."""
    entries = {entry.article.permalink: entry for entry in archive.entries}
    at_publisher = _pairs((term.entries for term in archive.publishers if term.name), shelf)
    in_year = _pairs([*(year.entries for year in archive.years), archive.undated], shelf)
    related = find_related(archive)
    printed = _pages_of_print(archive, shelf)
    for page, pair in in_year.items():
        entry = entries[page]
        row = shelf.rows[entry.article.id]
        yield (
            entry,
            Neighbours(
                in_year=pair,
                at_publisher=at_publisher.get(page, (None, None)),
                printed_with=tuple(other for other in printed.get(entry.article.path, ()) if other.page != page),
                copies=_listed(row),
                related=tuple(shelf.rows[each] for each in related.get(entry.article.id, ())),
            ),
        )


def _pairs(lists: Iterable[Sequence[Entry]], shelf: Shelf) -> dict[str, Pair]:
    """Permalink → what stands before and behind it in its list, oldest first."""
    pairs: dict[str, Pair] = {}
    for entries in lists:
        rows = oldest_first(shelf.rows_of(entries))
        preceding, following = [None, *rows], [*rows[1:], None]
        pairs |= {row.page: (before, behind) for before, row, behind in zip(preceding, rows, following, strict=False)}
    return pairs


def _pages_of_print(archive: Archive, shelf: Shelf) -> dict[str, list[Row]]:
    """Content file that holds several stories → their rows, in printed order."""
    several = [entry for entry in archive.entries if entry.article.stories > 1]
    pages: dict[str, list[Row]] = {}
    for entry in sorted(several, key=lambda entry: entry.article.story):
        pages.setdefault(entry.article.path, []).extend(shelf.rows_of([entry]))
    return pages


def _listed(row: Row) -> tuple[Copy, ...]:
    """The first copies, and the article's own."""
    return tuple(copy for copy in row.copies if copy.number <= LISTED or copy.page == row.page)
