"""What the files in `data/` hold, key by key, and whether they agree with each other and with the pages."""

import csv
import io
import json
import re
import sys
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest
from typing import get_args

import msgspec

from newsarchive import permalinks
from newsarchive.article import Kind, Origin, Platform, Precision, Role
from newsarchive.commands.findings import AGAIN, Finding


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a row: what its value may be."""

    name: str
    """Empty for the members of a list."""
    kind: type[object]
    """`str`, `int` from 0, `bool`, or `list`."""
    null: bool = False
    """Whether the value may be unknown."""
    among: tuple[str, ...] = ()
    """The only texts it may be."""
    pattern: str = ""
    """Regular expression that the whole text matches."""
    each: "Key | tuple[Key, ...] | None" = None
    """Of a list: its members, values of one kind or objects with these keys."""


_ID = "[0-9a-f]{12}"
_DAY = r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d)?[+-]\d\d:\d\d)?)?)?"
_TEXT = Key("", str)

ARTICLES = (
    Key("id", str, pattern=_ID),
    Key("path", str, pattern="(?s).+"),
    Key("story", int),
    Key("permalink", str, pattern=r"(undated/|\d{4}/(\d\d-(\d\d-)?)?)[0-9a-f]{12}\.html"),
    Key("kind", str, among=get_args(Kind)),
    Key("complete", bool),
    Key("title", str, pattern="(?s).+"),
    Key("published", str, null=True, pattern=_DAY),
    Key("precision", str, null=True, among=get_args(Precision)),
    Key("published_from", str, null=True, among=get_args(Origin)),
    Key("publisher", str, null=True),
    Key("platform", str, among=get_args(Platform)),
    Key("outlet", str, null=True),
    Key("outlets", list, each=_TEXT),
    Key("byline", list, each=(Key("name", str), Key("role", str, among=get_args(Role)))),
    Key("uncertain", list, each=_TEXT),
    Key("editions", list, each=_TEXT),
    Key("url", str, null=True),
    Key("retrieved", str, null=True),
    Key("lang", str, pattern="[A-Za-z0-9-]+"),
    Key("characters", int),
    Key("summary", str),
    Key(
        "images",
        list,
        each=(Key("url", str), Key("file", str, null=True), Key("alt", str), Key("caption", str)),
    ),
    Key("copies", list, each=Key("", str, pattern=_ID)),
    Key("removed", int),
    Key("sha256", str, pattern="[0-9a-f]{64}"),
    Key("text", str),
)
"""A row of `articles.jsonl`, its keys in their order."""
COLUMNS = tuple(key.name for key in ARTICLES[:-1])
"""Columns of `articles.csv`: every key but the text."""
REMOVED = (
    Key("id", str, pattern=_ID),
    Key("path", str),
    Key("story", int),
    Key("rule", str, pattern="[^/]+(/[^/]+)+"),
    Key("position", int),
    Key("text", str),
)
"""A row of `removed.jsonl`."""
PROBLEMS = (
    Key("path", str),
    Key("line", int, null=True),
    Key("column", int, null=True),
    Key("kind", str),
    Key("message", str),
    Key("action", str),
)
"""One problem in `report.json`."""
COUNTS = {"captures": "rows", "entries": "ids", "removed": "removed", "problems": "problems"}
"""Counts of `report.json` → what they must agree with."""

_ARTICLE_PAGE = re.compile(ARTICLES[3].pattern)
_LONGEST_CELL = min(sys.maxsize, 2**31 - 1)


@dataclass(slots=True)
class Data:
    """What the files in `data/` say, as far as they could be read."""

    articles: list[Mapping[str, object]]
    findings: list[Finding]


def check_data(read: "Mapping[str, bytes]", files: Collection[str]) -> Data:
    """Check the files in `data/` by path, and that the pages of all `files` of the site agree with them."""
    findings: list[Finding] = []
    articles = _rows(permalinks.ARTICLES_JSONL, ARTICLES, read, findings)
    removed = _rows(permalinks.REMOVED_JSONL, REMOVED, read, findings)
    if not findings:  # what is compared has the keys it should
        findings += _check_pages(articles, files)
        findings += _check_images(articles, files)
        findings += _check_table(articles, read.get(permalinks.ARTICLES_CSV, b""))
        findings += _check_removed(articles, removed)
    findings += _check_report(articles, removed, read.get(permalinks.REPORT_JSON, b""))
    return Data(articles, findings)


def faults_of(row: object, keys: tuple[Key, ...]) -> Iterator[str]:
    """Give what in a row is otherwise than its keys say."""
    if not isinstance(row, dict):
        yield "is no object"
        return
    names = [key.name for key in keys]
    if list(row) != names:
        yield f"has the keys {', '.join(map(str, row))} instead of {', '.join(names)}"
        return
    for key in keys:
        fault = _fault_of(row[key.name], key)
        if fault:
            yield f"{key.name} {fault}"


def _fault_of(value: object, key: Key) -> str:
    if value is None:
        return "" if key.null else "is null"
    if type(value) is not key.kind:
        return f"is {_shown(value)}, not of the kind {key.kind.__name__}"
    if isinstance(value, list):
        return next(filter(None, (_fault_of_member(each, key.each) for each in value)), "")
    if isinstance(value, int):
        return f"is {value}" if value < 0 else ""
    if (key.among and value not in key.among) or (key.pattern and not _compiled(key.pattern).fullmatch(str(value))):
        return f"is {_shown(value)}"
    return ""


def _fault_of_member(value: object, each: Key | tuple[Key, ...] | None) -> str:
    if isinstance(each, tuple):
        return next((f"holds one that {fault}" for fault in faults_of(value, each)), "")
    fault = _fault_of(value, each) if each else ""
    return f"holds one that {fault}" if fault else ""


@lru_cache
def _compiled(pattern: str) -> "re.Pattern[str]":
    return re.compile(pattern)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) < 60 else text[:60] + "…"


def _rows(
    path: str, keys: tuple[Key, ...], read: Mapping[str, bytes], findings: list[Finding]
) -> list[Mapping[str, object]]:
    rows: list[Mapping[str, object]] = []
    if path not in read:
        findings.append(Finding(path, "is missing", AGAIN))
        return rows
    for number, line in enumerate(read[path].split(b"\n")[:-1], 1):
        row = _parsed(line)
        faults = list(faults_of(row, keys))
        findings += [Finding(f"{path}:{number}", fault, AGAIN) for fault in faults]
        if isinstance(row, dict) and not faults:
            rows.append(row)
    if not read[path].endswith(b"\n") and read[path]:
        findings.append(Finding(path, "ends within a line", AGAIN))
    return rows


def _parsed(data: bytes) -> object:
    try:
        return msgspec.json.decode(data)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        pass
    try:
        return json.loads(data)  # which takes half a surrogate too, as a text may hold it
    except (ValueError, RecursionError):
        return None


def _check_pages(articles: Sequence[Mapping[str, object]], files: Collection[str]) -> Iterator[Finding]:
    """Each permalink has its page, and each page of an article its row."""
    named = {str(row["permalink"]) for row in articles}
    for path in sorted(named - set(files)):
        yield Finding(path, f"is missing, but {permalinks.ARTICLES_JSONL} has its article", AGAIN)
    for path in sorted(files):
        if _ARTICLE_PAGE.fullmatch(path) and path not in named:
            yield Finding(path, f"has no row in {permalinks.ARTICLES_JSONL}", AGAIN)
    ids: dict[object, object] = {}
    for row in articles:
        if ids.setdefault(row["id"], row["permalink"]) != row["permalink"]:
            yield Finding(str(row["permalink"]), f"has the id {row['id']} of {ids[row['id']]}", AGAIN)


def _check_images(articles: Sequence[Mapping[str, object]], files: Collection[str]) -> Iterator[Finding]:
    for row in articles:
        images = row["images"]
        for image in images if isinstance(images, list) else ():
            if image["file"] is not None and image["file"] not in files:
                yield Finding(str(row["permalink"]), f"has the picture {image['file']}, which is missing", AGAIN)


def _check_table(articles: Sequence[Mapping[str, object]], data: bytes) -> Iterator[Finding]:
    """The table has the columns and rows of the articles, in their order; told by what no cell changes."""
    path = permalinks.ARTICLES_CSV
    csv.field_size_limit(_LONGEST_CELL)
    try:
        table = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
    except (ValueError, csv.Error) as error:
        yield Finding(path, f"is no table ({error})", AGAIN)
        return
    if not table or tuple(table[0]) != COLUMNS:
        yield Finding(path, f"has not the columns {', '.join(COLUMNS)}", AGAIN)
        return
    same = [COLUMNS.index(name) for name in ("id", "story", "permalink", "sha256")]
    expected = [[str(row[COLUMNS[column]]) for column in same] for row in articles]
    found = [[row[column] for column in same] if len(row) == len(COLUMNS) else [] for row in table[1:]]
    for number, (one, other) in enumerate(zip_longest(expected, found), 2):
        if one != other:
            yield Finding(f"{path}:{number}", f"has not the article that {permalinks.ARTICLES_JSONL} has there", AGAIN)
            return


def _check_removed(
    articles: Sequence[Mapping[str, object]], removed: Sequence[Mapping[str, object]]
) -> Iterator[Finding]:
    """Each removed block belongs to an article that counts it."""
    counted = Counter((row["id"], row["path"], row["story"]) for row in removed)
    for row in articles:
        told = counted.pop((row["id"], row["path"], row["story"]), 0)
        if told != row["removed"]:
            finding = f"counts {row['removed']} removed blocks, but {permalinks.REMOVED_JSONL} holds {told}"
            yield Finding(str(row["permalink"]), finding, AGAIN)
    for _, path, _ in counted:
        yield Finding(permalinks.REMOVED_JSONL, f"has blocks of {path}, which no article has", AGAIN)


def _check_report(
    articles: Sequence[Mapping[str, object]], removed: Sequence[Mapping[str, object]], data: bytes
) -> Iterator[Finding]:
    path = permalinks.REPORT_JSON
    report = _parsed(data)
    if not isinstance(report, dict) or tuple(report) != ("counts", "problems"):
        yield Finding(path, "has not the keys counts, problems", AGAIN)
        return
    counts, problems = report["counts"], report["problems"]
    if not isinstance(counts, dict) or not isinstance(problems, list):
        yield Finding(path, "holds no counts or no list of problems", AGAIN)
        return
    for name, count in counts.items():
        if fault := _fault_of(count, Key(name, int)):
            yield Finding(path, f"counts.{name} {fault}", AGAIN)
    for problem in problems:
        for fault in faults_of(problem, PROBLEMS):
            yield Finding(path, f"has a problem whose {fault}", AGAIN)
    held = {"rows": len(articles), "ids": len({row["id"] for row in articles})}
    held |= {"removed": len(removed), "problems": len(problems)}
    for name, what in COUNTS.items():
        if counts.get(name) != held[what]:
            yield Finding(path, f"counts {counts.get(name)} {name}, but the data holds {held[what]}", AGAIN)
