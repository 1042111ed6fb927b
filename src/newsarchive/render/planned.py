"""Pages that are made only where they changed: each has a key over everything that shapes it beside the templates."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b

import msgspec

from newsarchive.archive import Entry
from newsarchive.render.neighbours import Neighbours
from newsarchive.render.rows import Row


def _plain(value: object) -> str:
    """A string of another type, such as safe markup, as what it says."""
    if isinstance(value, str):
        return str(value)
    raise TypeError(f"a view holds {type(value).__name__}, of which no key can be formed")


_ENCODER = msgspec.msgpack.Encoder(enc_hook=_plain)


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
    """Forms the keys of pages: state, since each row stands on many pages of articles and is hashed once."""

    def __init__(self, site: object) -> None:
        """`site` is what every page says of the archive."""
        self._shared = repr(site).encode()
        self._rows: dict[str, bytes] = {}

    def of_view(self, template: str, path: str, view: object) -> bytes:
        """Form the key of a page from all that its template is filled with; empty where that has no UTF-8."""
        try:
            told = _ENCODER.encode((template, path, view))
        except UnicodeEncodeError:  # a lone surrogate of a name
            return b""
        return blake2b(self._shared + told, digest_size=16).digest()

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
            self._rows[row.page] = blake2b(repr(row).encode(), digest_size=16).digest()
        return self._rows[row.page]
