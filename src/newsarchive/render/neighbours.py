"""What stands beside an article: before and behind it, printed on its page, told in copies, and on its subject."""

from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter

from newsarchive.archive import Archive, Entry
from newsarchive.article import Value
from newsarchive.render.copies import Copy
from newsarchive.render.rows import Row, Shelf

LISTED = 12
"""Copies that an article's page lists; of more, it names its own besides and says where all of them are."""

_PAGE = attrgetter("page")
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


def find_neighbours(archive: Archive, shelf: Shelf) -> Iterator[tuple[Entry, Row, Neighbours]]:
    """Give every article with its row and its neighbours, by year and date, undated last."""
    entries = {entry.article.permalink: entry for entry in archive.entries}
    at_publisher: dict[str, Pair] = {}
    for term in archive.publishers:
        if term.name:
            rows = shelf.publishers[term.permalink]
            at_publisher.update(zip(map(_PAGE, rows), _pairs(rows), strict=True))
    printed = _pages_of_print(archive, shelf)
    for rows in (*shelf.years.values(), shelf.undated):
        for row, pair in zip(rows, _pairs(rows), strict=True):
            entry = entries[row.page]
            beside = printed.get(entry.article.path, ())
            yield (
                entry,
                row,
                Neighbours(
                    in_year=pair,
                    at_publisher=at_publisher.get(row.page, (None, None)),
                    printed_with=tuple(other for other in beside if other.page != row.page) if beside else (),
                    copies=_listed(row) if row.copies else (),
                    related=tuple(shelf.rows[each] for each in archive.related.get(entry.article.id, ())),
                ),
            )


def _pairs(rows: Sequence[Row]) -> Iterable[Pair]:
    """What stands before and behind each row of a list."""
    return zip([None, *rows[:-1]], [*rows[1:], None], strict=True) if rows else ()


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
