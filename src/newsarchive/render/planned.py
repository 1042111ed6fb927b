"""Pages that are made only where they changed: each has a key over everything that shapes it beside the templates."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from operator import attrgetter
from typing import Generic, TypeVar

import msgspec

from newsarchive.archive import Entry
from newsarchive.article import Article, Value
from newsarchive.render.neighbours import Neighbours
from newsarchive.render.rows import Almanac, Row
from newsarchive.writer import KeptFile, OutputFile


def _plain(value: object) -> str:
    """A string of another type, such as safe markup, as what it says."""
    if isinstance(value, str):
        return str(value)
    raise TypeError(f"a view holds {type(value).__name__}, of which no key can be formed")


_ENCODER = msgspec.msgpack.Encoder(enc_hook=_plain)
_FINGERPRINT = attrgetter("fingerprint")
_SIZE = 16
_NOBODY = b"-" * _SIZE
View = TypeVar("View")
"""What the template of a page is filled with."""


class PlannedFile(Value, frozen=True):
    """One file of the site that is made when it is asked for, in whatever process."""

    path: str
    """As of an `OutputFile`."""
    key: bytes
    """While this stays the same, and code, templates, rules, data and settings do, so do the bytes.

    Empty for a file that is made each time.
    """
    make: Callable[[], bytes]
    origin: str
    """As of an `OutputFile`."""

    @property
    def data(self) -> bytes:
        """Its bytes, made now."""
        return self.make()


def as_told(told: View, _rows: Sequence[Row], _almanac: Almanac) -> View:
    """Give a view that holds its rows already."""
    return told


@dataclass(frozen=True, slots=True)
class Draft(Generic[View]):
    """A page before its rows are filled in: all that its key is formed of, and its view is made from nothing else."""

    template: str
    path: str
    told: View
    """The view, what `fill` adds left out."""
    rows: tuple[Row, ...] = ()
    """What the page shows of articles beside."""
    fill: Callable[[View, Sequence[Row], Almanac], View] = as_told
    """Gives the view from `told` and `rows`; it is no closure, since whatever else it saw would be in no key."""


@dataclass(frozen=True, slots=True)
class PlannedFiles:
    """Files of the site that are made together, or kept, in whatever process."""

    make: Callable[[], Sequence[OutputFile | KeptFile]]
    """Gives them, or such of the published site as have their bytes."""


class Keys:
    """Forms the keys of pages: state, since each row stands on many pages and is hashed once."""

    def __init__(self, site: object) -> None:
        """`site` is what every page says of the archive."""
        self._shared = blake2b(repr(site).encode(), digest_size=_SIZE).digest()
        self._rows: dict[str, bytes] = {}

    def of_draft(self, draft: Draft[View]) -> bytes:
        """Form the key of a page from all that its view is made from; empty where that has no UTF-8."""
        try:
            told = _ENCODER.encode((draft.template, draft.path, draft.told))
        except UnicodeEncodeError:  # a lone surrogate of a name
            return b""
        return blake2b(self._shared + told + self._of_rows(draft.rows), digest_size=_SIZE).digest()

    def of_comparison(self, draft: Draft[View], articles: Sequence[Article]) -> bytes:
        """Form the key of a page that shows texts of articles; empty as of an article."""
        if not all(map(_FINGERPRINT, articles)):
            return b""
        key = self.of_draft(draft)
        made_of = _ENCODER.encode([(article.fingerprint, article.story) for article in articles])
        return key and blake2b(key + made_of, digest_size=_SIZE).digest()

    def of_article(self, entry: Entry, neighbours: Neighbours, row: Row, month_page: str) -> bytes:
        """Form the key of an article's page; empty where it does not tell what it was made of, or that has no UTF-8."""
        made_of = [(capture.fingerprint, capture.story) for capture in entry.captures]
        if not all(map(_FINGERPRINT, entry.captures)):
            return b""
        try:
            told = _ENCODER.encode((month_page, made_of, entry.article.images, len(neighbours.printed_with)))
        except UnicodeEncodeError:  # a lone surrogate in the address or the words of a picture
            return b""
        beside = (*neighbours.in_year, *neighbours.at_publisher, *neighbours.printed_with, *neighbours.related)
        return blake2b(self._shared + told + self._of_rows((row, *beside)), digest_size=_SIZE).digest()

    def _of_rows(self, rows: Sequence[Row | None]) -> bytes:
        known = self._rows
        try:
            return b"".join([known[row.page] if row else _NOBODY for row in rows])
        except KeyError:
            known.update((row.page, _of_row(row)) for row in rows if row and row.page not in known)
            return self._of_rows(rows)


def _of_row(row: Row) -> bytes:
    try:
        told = _ENCODER.encode(row)
    except UnicodeEncodeError:
        told = repr(row).encode()
    return blake2b(told, digest_size=_SIZE).digest()
