"""Pages that are made only where they changed: each has a key over everything that shapes it beside the templates."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import blake2b

import msgspec

from newsarchive.archive import Entry
from newsarchive.render.copies import Copy
from newsarchive.render.neighbours import Neighbours
from newsarchive.render.rows import Row, Shelf


@dataclass(frozen=True, slots=True)
class PlannedFile:
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


class Keys:
    """Forms the keys of articles' pages: state, since each row stands on many pages and is hashed once."""

    def __init__(self, shelf: Shelf, site: object) -> None:
        """`site` is what every page says of the archive."""
        self._shared = repr(site).encode()
        self._rows: dict[str, bytes] = {}
        self._copies = {copy.page: _of_copies(group) for group in shelf.copies for copy in group}

    def of_article(self, entry: Entry, neighbours: Neighbours, row: Row, month_page: str) -> bytes:
        """Form the key of an article's page; empty where an article does not tell what it was made of."""
        if not all(capture.fingerprint for capture in entry.captures):
            return b""
        beside = (*neighbours.in_year, *neighbours.at_publisher, *neighbours.printed_with, *neighbours.related)
        digest = blake2b(self._shared, digest_size=16)
        digest.update(month_page.encode())
        for capture in entry.captures:
            digest.update(capture.fingerprint)
            digest.update(b"%d" % capture.story)
        digest.update(msgspec.json.encode(entry.article.images))
        for each in (row, *beside):
            digest.update(self._of_row(each) if each else b"-" * 16)
        digest.update(b"%d" % len(neighbours.printed_with))
        return digest.digest()

    def _of_row(self, row: Row) -> bytes:
        if row.page not in self._rows:
            told = (getattr(row, name) for name in Row.__slots__ if name != "copies")
            copies = self._copies.get(row.page, b"")
            self._rows[row.page] = blake2b(repr(tuple(told)).encode() + copies, digest_size=16).digest()
        return self._rows[row.page]


def _of_copies(group: Iterable[Copy]) -> bytes:
    """Digest of what a page tells of the copies of one text; of their differences it tells the counts."""
    digest = blake2b(digest_size=16)
    for copy in group:
        told = [getattr(copy, name) for name in Copy.__slots__ if name != "difference"]
        difference = copy.difference
        if difference:
            told += [difference.page, difference.tally, difference.retitled, difference.renamed, difference.title]
        digest.update(repr(told).encode())
    return digest.digest()
