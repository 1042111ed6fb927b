"""Remembers prepared articles under a fingerprint of everything that shaped them, in one file of SQLite.

Nothing in it is needed: whatever cannot be read is made again. Nothing in it is believed: each record carries the
sums of its bytes, and is checked against its type when it is read. JSON and MessagePack: no record can run.
"""

import os
import sqlite3
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast
from zlib import adler32, crc32

import msgspec

from newsarchive.article import Prepared, Shingles, Tally, Terms
from newsarchive.errors import OutputError
from newsarchive.records import BETWEEN, in_parts, text_of
from newsarchive.removals import in_rows

if TYPE_CHECKING:
    from newsarchive.packing import Packed
    from newsarchive.sheets import Sheet

FILE = "memo.sqlite"
"""The cache's file in its folder."""
CACHE_VERSION = 13
"""Raised with every change of what the records hold; a file of another version is made anew."""

_CHECK = 8
_LOCK = "lock"
_FEW = 256
_BESIDE = {
    "shingles": "SELECT key, shingles FROM beside",
    "terms": "SELECT key, terms FROM beside",
    "tallies": "SELECT key, tallies FROM taken",
}
_CELLS = "SELECT cells FROM bodies WHERE key = ?"
_RECORDS = "SELECT records FROM bodies WHERE key = ?"
_TERMS = "SELECT terms FROM beside WHERE key = ?"
_LINES = "SELECT removed FROM bodies WHERE key = ?"
_TAKEN = "SELECT key, texts FROM taken"
_SHEETS = "SELECT sheets FROM bodies WHERE key = ?"
_FORGET = tuple(
    f"DELETE FROM {table} WHERE key = ?"  # noqa: S608  our own
    for table in ("lights", "beside", "taken", "bodies")
)
_TABLES = """
    CREATE TABLE lights (key BLOB PRIMARY KEY, light BLOB NOT NULL);
    CREATE TABLE beside (key BLOB PRIMARY KEY, shingles BLOB, terms BLOB);
    CREATE TABLE taken (key BLOB PRIMARY KEY, tallies BLOB, texts BLOB);
    CREATE TABLE bodies (key BLOB PRIMARY KEY, cells BLOB, records BLOB, removed BLOB, sheets BLOB);
    CREATE TABLE notes (name TEXT PRIMARY KEY, value BLOB NOT NULL);
"""


_unpack_light = msgspec.json.Decoder(Prepared).decode
_unpack_shingles = msgspec.msgpack.Decoder(tuple[Shingles | None, ...]).decode
_unpack_terms = msgspec.json.Decoder(tuple[Terms | None, ...]).decode
_unpack_tallies = msgspec.json.Decoder(tuple[tuple[Tally, ...], ...]).decode
_unpack_taken = msgspec.json.Decoder(dict[str, list[str]]).decode
_Found = TypeVar("_Found")
Getter = Callable[[bytes, int], _Found | None]
"""Reads something of an article by its file's key and its place among the file's articles, from 0."""


def unpack(light: bytes) -> Prepared:
    """Read what `pack` wrote of the articles without their bodies."""
    return _unpack_light(light)


class Cache:
    """Records by key; state, since it holds an open database.

    A damaged file loses what it holds: the caller finds nothing, and makes everything again. Whatever writes raises
    `OutputError` where the disk refuses.
    """

    def __init__(self, file: Path) -> None:
        """Open the file, making it anew where it is none, damaged or of another version."""
        self.file = file
        self._database = _opened(file)
        self._process = os.getpid()
        self._inherited: list[sqlite3.Connection] = []

    def close(self) -> None:
        """Keep what was written and let go of the file."""
        with suppress(sqlite3.Error):
            self._database.commit()
        self._database.close()

    def keys(self) -> set[bytes]:
        """Give the keys under which something is remembered, whole or not."""
        with suppress(sqlite3.Error):
            return {key for (key,) in self._database.execute("SELECT key FROM lights")}
        return set()

    def find(self, keys: Collection[bytes]) -> dict[bytes, Prepared]:
        """Give what is remembered and whole under some keys."""
        found: dict[bytes, Prepared] = {}
        wanted = set(keys)
        with suppress(sqlite3.Error):
            for key, light in self._database.execute("SELECT key, light FROM lights"):
                if key in wanted and _is_whole(key, light):
                    with suppress(msgspec.DecodeError):
                        prepared = unpack(light[_CHECK:])
                        if prepared.articles or prepared.problems:  # every file gives one of them
                            found[key] = prepared
        return found

    def add(self, key: bytes, packed: "Packed") -> None:
        """Remember what one file gives."""
        checked = partial(_checked, key)
        beside = map(checked, (packed.shingles, packed.terms))
        taken = map(checked, (packed.tallies, packed.taken))
        parts = map(checked, (packed.cells, packed.records, packed.removed, packed.sheets))
        self._write(
            ("INSERT OR REPLACE INTO lights VALUES (?, ?)", [(key, checked(packed.light))]),
            ("INSERT OR REPLACE INTO beside VALUES (?, ?, ?)", [(key, *beside)]),
            ("INSERT OR REPLACE INTO taken VALUES (?, ?, ?)", [(key, *taken)]),
            ("INSERT OR REPLACE INTO bodies VALUES (?, ?, ?, ?, ?)", [(key, *parts)]),
        )

    def _write(self, *changes: tuple[str, Sequence[tuple[object, ...]]]) -> None:
        """Carry out statements, each for some rows; a file that turns out damaged is made anew and holds only these."""
        try:
            for statement, rows in changes:
                self._database.executemany(statement, rows)
        except sqlite3.DatabaseError as fault:
            if isinstance(fault, sqlite3.OperationalError):  # such as a full disk: another file would not help
                raise self._refused(fault) from fault
            self._database.close()
            self._database = _made(self.file)
            self._write(*changes)

    def text(self, key: bytes, number: int) -> str | None:
        """Give the text of an article by its file's key and its place among the file's articles, from 0.

        None where the cache lost it since it was found.
        """
        return self._read(_RECORDS, key, lambda records: text_of(records.split(BETWEEN)[number]))

    def record(self, key: bytes, number: int) -> bytes | None:
        """Give the record of an article, as `text` gives its text."""
        return self._read(_RECORDS, key, lambda records: in_parts(records.split(BETWEEN)[number]))

    def cells(self, key: bytes, number: int) -> bytes | None:
        """Give the row of an article in the table, as `text` gives its text."""
        return self._read(_CELLS, key, lambda cells: in_parts(cells.split(BETWEEN)[number]))

    def all_shingles(self) -> Getter[Shingles | None]:
        """Give what reads the shingles of an article by its file's key and its place among the file's articles.

        They are read from the file at once, since one after another takes three times as long; what the cache does
        not have is None.
        """
        return self._beside("shingles", lambda shingles, number: _unpack_shingles(shingles)[number])

    def terms(self, keys: Collection[bytes]) -> Getter[Terms | None]:
        """Give what reads the terms of an article, as `all_shingles` does; `keys` are of the files that are asked for.

        Those of few files are read one by one.
        """
        if len(keys) > _FEW:
            return self._beside("terms", lambda terms, number: _unpack_terms(terms)[number])
        return lambda key, number: self._read(_TERMS, key, lambda terms: _unpack_terms(terms)[number])

    def all_tallies(self) -> Getter[tuple[Tally, ...]]:
        """Give what reads the tallies of an article, as `all_shingles` does."""
        return self._beside("tallies", lambda tallies, number: _unpack_tallies(tallies)[number])

    def _beside(self, name: str, read: Callable[[bytes, int], _Found]) -> Getter[_Found]:
        held: dict[bytes, bytes] = {}
        with suppress(sqlite3.Error):
            held = dict(self._own().execute(_BESIDE[name]))

        def get(key: bytes, number: int) -> _Found | None:
            with suppress(ValueError, IndexError):
                part = held.get(key)
                if _is_whole(key, part):
                    return read(cast("bytes", part)[_CHECK:], number)
            return None

        return get

    def removed_lines(self, key: bytes) -> bytes | None:
        """Give the removed blocks of a file as lines, as `text` gives a text."""
        return self._read(_LINES, key, in_rows)

    def taken(self, keys: Collection[bytes]) -> Iterator[tuple[bytes, dict[str, list[str]]]]:
        """Give the keys of some files with the texts that each rule took of them; what the cache lost is left out."""
        with suppress(sqlite3.Error):
            for key, texts in self._own().execute(_TAKEN):
                if key in keys and _is_whole(key, texts):
                    with suppress(ValueError):
                        yield key, _unpack_taken(texts[_CHECK:])

    def sheet(self, key: bytes, number: int) -> "Sheet | None":
        """Give the sheet of an article, as `text` gives its text."""
        from newsarchive.packing import unpack_sheet  # noqa: PLC0415  most builds show none or few

        return self._read(_SHEETS, key, lambda sheets: unpack_sheet(sheets, number))

    def _read(self, query: str, key: bytes, read: Callable[..., _Found]) -> _Found | None:
        with suppress(sqlite3.Error, ValueError, IndexError):
            row = self._own().execute(query, (key,)).fetchone()
            if row and all(_is_whole(key, part) for part in row):
                return read(*(part[_CHECK:] for part in row))
        return None

    def _own(self) -> sqlite3.Connection:
        """The database as this process opened it: a connection must not be taken along into a forked one."""
        if self._process != os.getpid():
            self._inherited.append(self._database)  # closing it here would disturb its owner
            self._database = _connected(self.file)
            self._process = os.getpid()
            self._database.execute("BEGIN")
        return self._database

    def forget_others(self, keys: Iterable[bytes]) -> None:
        """Drop what no content file of this build has for its key."""
        kept = set(keys)
        gone = [(key,) for key in self.keys() if key not in kept]
        self._write(*((statement, gone) for statement in _FORGET))

    def note(self, name: str) -> bytes | None:
        """Give what was noted under a name; None where nothing is."""
        with suppress(sqlite3.Error):
            row = self._database.execute("SELECT value FROM notes WHERE name = ?", (name,)).fetchone()
            if row and _is_whole(name.encode(), row[0]):
                return bytes(row[0][_CHECK:])
        return None

    def noted(self, name: str, kind: type[_Found]) -> _Found | None:
        """Give what was noted under a name as JSON of a type; None where nothing is, or something else."""
        noted = self.note(name)
        with suppress(ValueError):
            return msgspec.json.decode(noted, type=kind) if noted else None
        return None

    def set_note(self, name: str, value: bytes) -> None:
        """Note something under a name."""
        self._write(("INSERT OR REPLACE INTO notes VALUES (?, ?)", [(name, _checked(name.encode(), value))]))

    def commit(self) -> None:
        """Write everything to the file, so that other processes read it.

        From here on all is read in one transaction: the system is not asked for a lock at each record.
        """
        try:
            self._database.commit()
            self._database.execute("BEGIN")
        except sqlite3.OperationalError as fault:
            raise self._refused(fault) from fault

    def _refused(self, fault: sqlite3.OperationalError) -> OutputError:
        return OutputError(str(self.file), f"cannot be written ({fault})", "make room, or name another `--cache`")


@contextmanager
def open_cache(folder: Path | None) -> Iterator[Cache]:
    """Open the cache in a folder; one that is gone when the build ends where there is none, or another build has it."""
    with ExitStack() as stack:
        if folder is None or not stack.enter_context(_locked(folder)):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="newsarchive-")))
        yield stack.enter_context(closing(Cache(folder / FILE)))


@contextmanager
def _locked(folder: Path) -> Iterator[bool]:
    """Hold the cache in a folder for this process; tell whether nobody else had it and it can be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = (folder / _LOCK).open("ab")
    except OSError:
        yield False
        return
    with handle:
        yield _lock(handle.fileno())


def _lock(number: int) -> bool:
    """Lock an open file until it is closed; where the system has no such lock, builds are taken to come one by one."""
    try:
        import fcntl  # noqa: PLC0415  Windows has none
    except ImportError:
        return True
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _checked(key: bytes, data: bytes) -> bytes:
    return _sum(key, data) + data


def _is_whole(key: bytes, data: object) -> bool:
    return isinstance(data, bytes) and _sum(key, memoryview(data)[_CHECK:]) == data[:_CHECK]


def _sum(key: bytes, data: bytes | memoryview) -> bytes:
    """Two sums of a key and what stands under it: where an index is damaged, something else may be found there.

    Two, since damage hardly leaves both as they were; whoever means harm could write any sum as well.
    """
    return crc32(data, crc32(key)).to_bytes(4, "big") + adler32(data, adler32(key)).to_bytes(4, "big")


def _opened(file: Path) -> sqlite3.Connection:
    with suppress(sqlite3.DatabaseError):
        database = _connected(file)
        if database.execute("PRAGMA user_version").fetchone() == (CACHE_VERSION,) and _has_tables(database):
            return database
        database.close()
    return _made(file)


def _made(file: Path) -> sqlite3.Connection:
    """An empty database in the place of whatever is there."""
    for path in (file, file.with_name(file.name + "-journal"), file.with_name(file.name + "-wal")):
        path.unlink(missing_ok=True)
    database = _connected(file)
    database.executescript(f"{_TABLES} PRAGMA user_version = {CACHE_VERSION};")
    return database


def _has_tables(database: sqlite3.Connection) -> bool:
    found = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return found >= {"lights", "beside", "taken", "bodies", "notes"}


def _connected(file: Path) -> sqlite3.Connection:
    """Losing the cache in a power cut costs time alone, so nothing waits for the disk."""
    database = sqlite3.connect(file, timeout=60)
    for statement in ("PRAGMA synchronous = OFF", "PRAGMA cache_size = -2000"):
        database.execute(statement)
    return database
