"""One segment of the search index: some articles in order of time → its files, each one call of a plain script.

SQLite's FTS5 inverts the texts, in a temporary database on disk, so that memory stays flat however many there are.
A segment's folder is named by what is in it: while its articles stay the same, so do its address and its bytes.

Files of a segment: `t0.js` … the articles with their texts; `i0.js` … tokens with the numbers of the articles that
hold them; `facets.js` by what results can be narrowed; `main.js` where to find what.

Source: SQLite FTS5 extension, sections 4.4 (contentless tables), 4.6 (detail) and 5.1 (fts5vocab).
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import astuple, dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from newsarchive.errors import SettingsError
from newsarchive.render.tokens import LONGEST, PAIRED, WORDS, fold, tokens

INDEX_BYTES = 24_000
"""Size at which a file of tokens is closed, in bytes: a query loads one or two such files for each of its pairs."""
TEXT_BYTES = 24_000
"""Size at which a file of texts is closed: each result shown loads one."""
CALLBACK = "newsarchiveShard"
"""Function of the page that takes a file's key and its data."""

_FINAL = "#$%()*+,-./0123456789;=?@ABCDEFGHIJKLMNOPQR"
_MORE = "STUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~"
_TITLE = "!"
_HELD = 8 << 20
"""Bytes that the engine holds before it writes: with its own 1 MB it merges what it wrote for twice the time."""
_BASE = len(_FINAL)


@dataclass(frozen=True, slots=True)
class Record:
    """One article as search knows it."""

    page: str
    """Permalink."""
    title: str
    published: str
    """As much of the date as is known, to the day; empty where nothing is."""
    lang: str
    """Language tag where the article is not Chinese; else empty."""
    text: str
    """The cleaned story, one paragraph a line."""
    publisher: str
    """As its listing is called; empty where it is unknown."""
    outlets: tuple[str, ...]
    editions: tuple[str, ...]
    """Keys."""
    platform: str


@cache
def _code() -> str:
    """Hash of the code that makes segments: other code may make other bytes, which want another name."""
    files = (Path(__file__), Path(__file__).with_name("tokens.py"))
    return sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def check_engine() -> None:
    """Make sure that this Python's SQLite can invert texts, before any work is done.

    Raises:
        SettingsError: it has no FTS5.
    """
    with closing(sqlite3.connect(":memory:")) as database:
        try:
            database.execute("CREATE VIRTUAL TABLE probe USING fts5(text)")
        except sqlite3.OperationalError as fault:
            raise SettingsError(
                "--no-search",
                f"search needs SQLite with FTS5, which this Python's {sqlite3.sqlite_version} lacks",
                "use another Python, or build with --no-search",
            ) from fault


def digest_of(records: Iterable[Record], table: Mapping[int, str]) -> str:
    """Name what a segment holds in 12 hexadecimal digits: its code, its folding and cutting, its articles."""
    cut = f"{PAIRED} {WORDS} {LONGEST}"
    digest = sha256(f"{_code()} {INDEX_BYTES} {TEXT_BYTES} {cut} {sorted(table.items())}".encode())
    for record in records:
        # No field of text holds these two controls, so that no two records read the same.
        parts = (part if isinstance(part, str) else "\x1f".join(part) for part in astuple(record))
        digest.update("\x1e".join((*parts, "\n")).encode("utf-8", "backslashreplace"))
    return digest.hexdigest()[:12]


def segment_files(folder: str, records: Iterable[Record], table: Mapping[int, str]) -> Iterator[tuple[str, bytes]]:
    """Write a segment: path within the site and bytes of each file.

    `records` come in order of time, those without a date first, and are read once; their numbers count from 0.
    """
    writer = _Writer(folder)
    with closing(sqlite3.connect("")) as database:
        _prepare(database)
        facets = _Facets()
        yield from writer.texts(_fed(records, database, facets, table))
        database.execute("INSERT INTO words(words) VALUES ('optimize')")
        yield from writer.index(_postings(database))
    yield writer.file("facets", facets.columns())
    main = {"count": facets.count, "index": writer.first_tokens, "texts": writer.firsts, "years": facets.years}
    yield writer.file("main", main)


def _prepare(database: sqlite3.Connection) -> None:
    for statement in (
        "PRAGMA journal_mode = OFF",
        "PRAGMA synchronous = OFF",
        "PRAGMA cache_size = -16000",
        "CREATE VIRTUAL TABLE words USING fts5(title, text, content='', columnsize=0, detail=column, tokenize=ascii)",
        "CREATE VIRTUAL TABLE instances USING fts5vocab(words, instance)",
        "BEGIN",
        f"INSERT INTO words(words, rank) VALUES ('hashsize', {_HELD})",  # noqa: S608  our own
    ):
        database.execute(statement)


def _fed(
    records: Iterable[Record], database: sqlite3.Connection, facets: "_Facets", table: Mapping[int, str]
) -> Iterator[Record]:
    """Pass the records on, each once the database and the facets have it."""
    for number, record in enumerate(records):
        # How often a text holds a token is not told, so that once is enough.
        row = number + 1, *(" ".join(dict.fromkeys(tokens(fold(text, table)))) for text in (record.title, record.text))
        database.execute("INSERT INTO words(rowid, title, text) VALUES (?, ?, ?)", row)
        facets.add(record)
        yield record


def _postings(database: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """Give every token, in order of its code points, with the articles that hold it."""
    rows = database.execute("SELECT term, group_concat(doc * 2 + (col = 'title')) FROM instances GROUP BY term")
    for token, told in rows:
        yield str(token), _encoded(sorted(map(int, told.split(","))))


def _encoded(instances: Iterable[int]) -> str:
    """Write numbers as the distance from the one before; a mark follows one in the title.

    An instance is twice the number, from 1, of an article that holds the token, and one more for its title.
    """
    written: list[str] = []
    last = 0
    for instance in instances:
        number = instance >> 1
        if number != last:
            written.append(_distance(number - last - 1))
            last = number
        if instance & 1:
            written.append(_TITLE)
    return "".join(written)


@cache
def _distance(distance: int) -> str:
    """Write a distance in printable characters."""
    written = ""
    while distance >= _BASE:
        distance, rest = divmod(distance, _BASE)
        written += _MORE[rest]
    return written + _FINAL[distance]


class _Writer:
    """Cuts what it is given into files, and remembers what each begins with."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.first_tokens: list[str] = []
        self.firsts: list[int] = []

    def file(self, name: str, data: object) -> tuple[str, bytes]:
        """Write one file, a call with its key and its data."""
        path = f"{self.folder}/{name}"
        call = f"{CALLBACK}({_json(path)},{_json(data)});\n"
        return f"{path}.js", call.encode("utf-8", "backslashreplace")

    def texts(self, records: Iterable[Record]) -> Iterator[tuple[str, bytes]]:
        """Write the articles."""
        rows: list[tuple[str, ...]] = []
        size = first = 0
        for number, record in enumerate(records):
            if size >= TEXT_BYTES:
                yield self._text_file(first, rows)
                rows, size, first = [], 0, number
            outlet = record.outlets[0] if record.outlets else ""
            row = record.page, record.title, record.published, record.publisher, outlet, record.lang, record.text
            rows.append(row)
            size += sum(len(field.encode("utf-8", "replace")) for field in row)
        if rows:
            yield self._text_file(first, rows)

    def _text_file(self, first: int, rows: list[tuple[str, ...]]) -> tuple[str, bytes]:
        self.firsts.append(first)
        return self.file(f"t{len(self.firsts) - 1}", rows)

    def index(self, postings: Iterable[tuple[str, str]]) -> Iterator[tuple[str, bytes]]:
        """Write the tokens.

        The script looks a token up by its place in the order, so that a wrong order would hide articles silently.
        """
        entries: list[str] = []
        size, last = 0, ""
        for token, encoded in postings:
            assert last < token, f"{token!r} comes after {last!r}"
            last = token
            if size >= INDEX_BYTES:
                yield self._index_file(entries)
                entries, size = [], 0
            if not entries:
                self.first_tokens.append(token)
            entries.append(f"{token}:{encoded}")
            size += len(entries[-1].encode()) + 1
        if entries:
            yield self._index_file(entries)

    def _index_file(self, entries: list[str]) -> tuple[str, bytes]:
        return self.file(f"i{len(self.first_tokens) - 1}", " ".join(entries))


class _Facets:
    """Gathers what results can be narrowed by: names once, then a column of their numbers for all articles."""

    def __init__(self) -> None:
        self.count = 0
        self.years: list[tuple[int, int]] = []
        self._names: dict[str, dict[str, int]] = {key: {} for key in ("publisher", "outlet", "edition", "platform")}
        self._columns: dict[str, list[int | list[int]]] = {key: [] for key in self._names}

    def add(self, record: Record) -> None:
        year = int(record.published[:4] or 0)
        if not self.years or self.years[-1][0] != year:
            self.years.append((year, self.count))
        self.count += 1
        self._put("publisher", (record.publisher,))
        self._put("outlet", record.outlets or ("",))
        self._put("edition", record.editions or ("",))
        self._put("platform", (record.platform,))

    def _put(self, key: str, values: Iterable[str]) -> None:
        names = self._names[key]
        numbers = [names.setdefault(value, len(names)) for value in values]
        self._columns[key].append(numbers[0] if len(numbers) == 1 else numbers)

    def columns(self) -> dict[str, dict[str, object]]:
        return {key: {"names": list(names), "of": self._columns[key]} for key, names in self._names.items()}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
