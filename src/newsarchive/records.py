"""The rows of an article in the data files, as far as it alone settles them: the cache keeps them ready.

What other articles settle (its permalink, its copies) is filled in when the files are written. A record and a row are
parts of a line of JSON and of one of CSV, put together by a character that neither can hold.
"""

import csv
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from newsarchive.article import Article, Image
from newsarchive.lines import json_lines

COLUMNS = (
    *("id", "path", "story", "permalink", "kind", "complete", "title", "published", "precision"),
    *("published_from", "publisher", "platform", "outlet", "outlets", "byline", "uncertain", "editions"),
    *("url", "retrieved", "lang", "characters", "summary", "images", "copies", "removed", "sha256"),
)
"""Of the table, which holds no text."""

BETWEEN = b"\1"
"""Stands between what the stories of one file have of a row."""
_JOINT = b"\0"
_PICTURED = (("\0", "\u2400"), ("\1", "\u2401"))
"""Controls that put records together; a table shows the picture of one that stands in a text."""
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
_PARTED = re.compile(r"[;\t\r\n][\s\"]*(?=[=+\-@＝＋－＠])")
"""Where a cell is parted by spreadsheets that take another sign than the comma, and a formula would begin."""
_IMAGES, _TAIL = 2, 3
_to_json = msgspec.json.Encoder().encode


class _Given:
    """A file that gives back what is written to it."""

    def write(self, row: str) -> str:
        return row


_write_row: Callable[[Iterable[object]], str] = csv.writer(_Given()).writerow


class _Tail(msgspec.Struct):
    text: str


_read_tail = msgspec.json.Decoder(_Tail).decode


def record_of(article: Article) -> bytes:
    """Write what an article alone settles of its line."""
    tail = {**_tail(article), "text": article.text}
    return _JOINT.join(map(_inner, (_head(article), _middle(article), _images(article.images), tail)))


def cells_of(article: Article) -> bytes:
    """Write what an article alone settles of its row in the table."""
    return _JOINT.join(map(_cells, (_head(article), _middle(article), _images(article.images), _tail(article))))


def record_with(record: bytes, images: Iterable[Image]) -> bytes:
    """Give a record other images."""
    parts = record.split(_JOINT)
    parts[_IMAGES] = _inner(_images(images))
    return _JOINT.join(parts)


def cells_with(cells: bytes, images: Iterable[Image]) -> bytes:
    """Give a row of the table other images."""
    parts = cells.split(_JOINT)
    parts[_IMAGES] = _cells(_images(images))
    return _JOINT.join(parts)


def in_parts(row: bytes) -> bytes:
    """Give a record or a row of the table as it is.

    Raises:
        ValueError: it has not the parts of one.
    """
    if row.count(_JOINT) != _TAIL:
        raise ValueError("no record")
    return row


def text_of(record: bytes) -> str:
    """Read the text of an article.

    Raises:
        msgspec.DecodeError: the bytes are no record, or the text has no UTF-8.
    """
    return _read_tail(b"{%b}" % record.split(_JOINT)[_TAIL]).text


def line_of(record: bytes, permalink: str, copies: Sequence[str]) -> bytes:
    """Give the line of an article in `articles.jsonl`; `copies` are ids, by publication."""
    head, middle, images, tail = record.split(_JOINT)
    return b'{%b,"permalink":%b,%b,%b,"copies":%b,%b}\n' % (
        *(head, _to_json(permalink), middle, images, _to_json(copies), tail),
    )


def row_of(cells: bytes, permalink: str, copies: Sequence[str]) -> bytes:
    """Give the row of an article in the table."""
    head, middle, images, tail = cells.split(_JOINT)
    return b"%b,%b,%b,%b,%b,%b\r\n" % (head, permalink.encode(), middle, images, "; ".join(copies).encode(), tail)


def table_head() -> bytes:
    """Give the first row of the table, behind the byte-order mark that Excel needs.

    Source: RFC 4180.
    """
    return (",".join(COLUMNS) + "\r\n").encode("utf-8-sig")


def _head(article: Article) -> dict[str, object]:
    return {"id": article.id, "path": article.path, "story": article.story}


def _middle(article: Article) -> dict[str, object]:
    published = article.published
    return {
        "kind": article.kind,
        "complete": article.complete,
        "title": article.title,
        "published": published.iso if published else None,
        "precision": published.precision if published else None,
        "published_from": article.published_from,
        "publisher": article.publisher,
        "platform": article.platform,
        "outlet": article.outlet,
        "outlets": list(article.outlets),
        "byline": [{"name": credit.name, "role": credit.role} for credit in article.byline],
        "uncertain": list(article.uncertain),
        "editions": list(article.editions),
        "url": article.url,
        "retrieved": article.retrieved,
        "lang": article.lang,
        "characters": article.characters,
        "summary": article.summary,
    }


def _tail(article: Article) -> dict[str, object]:
    return {"removed": article.removals, "sha256": article.sha256}


def _images(images: Iterable[Image]) -> dict[str, object]:
    keys = ("url", "file", "alt", "caption")
    return {"images": [{key: getattr(image, key) for key in keys} for image in images]}


def _inner(values: Mapping[str, object]) -> bytes:
    """Members of a JSON object, without the braces around them."""
    return json_lines([values])[1:-2]


def _cells(values: Mapping[str, object]) -> bytes:
    """Cells of a row behind another one: alone, an empty cell would be written as a quoted one."""
    row = _write_row(["", *(_WRITTEN.get(type(value), str)(value) for value in values.values())])[1:-2]
    for control, picture in _PICTURED:
        if control in row:
            row = row.replace(control, picture)
    return row.encode("utf-8", "backslashreplace")


def _safe(text: str) -> str:
    """Text as a cell: what a spreadsheet would run as a formula gets an apostrophe before it.

    So does what follows a semicolon, a tab or a line end within: where the comma parts the digits of a number,
    spreadsheets part cells by semicolons, inside of quotes too.
    """
    text = "'" + text if text.startswith(_FORMULA) else text
    return _PARTED.sub(r"\g<0>'", text) if _PARTED.search(text) else text


def _joined(values: Iterable[object]) -> str:
    return _safe("; ".join(map(_one, values)))


def _one(value: object) -> str:
    if not isinstance(value, dict):
        return str(value)
    return f"{value['name']} ({value['role']})" if "role" in value else str(value["file"] or value["url"])


_WRITTEN: Mapping[type, Callable[[Any], str]] = {
    str: _safe,
    list: _joined,
    bool: lambda value: "true" if value else "false",
    type(None): lambda _: "",
}
"""Type of a value → how it is written as a cell; others as Python writes them."""
