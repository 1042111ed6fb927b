"""The archive as data: every capture as JSON lines and as a table, counts and problems as a report."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Raw
from msgspec.structs import asdict

from newsarchive import permalinks
from newsarchive.archive import Archive, all_captures
from newsarchive.article import Article, Image
from newsarchive.lines import json_lines
from newsarchive.settings import Settings
from newsarchive.stats import count_archive
from newsarchive.writer import OutputFile, StreamedFile

_ORIGIN = "the articles"
_COLUMNS = (
    *("id", "path", "story", "permalink", "kind", "complete", "title", "published", "precision"),
    *("published_from", "publisher", "platform", "outlet", "outlets", "byline", "uncertain", "editions"),
    *("url", "retrieved", "lang", "characters", "summary", "images", "copies", "removed", "sha256"),
)
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def render_dataset(archive: Archive, settings: Settings) -> Iterator[OutputFile | StreamedFile]:
    """Give `data/articles.jsonl`, `data/articles.csv` and `data/report.json`."""
    del settings  # the data tells of the content alone
    copies = {each: [other for other in group.ids if other != each] for group in archive.groups for each in group.ids}
    captures = all_captures(archive)

    def lines() -> Iterator[bytes]:
        for article in captures:  # one at a time, since each brings its text
            yield json_lines([article_row(article, archive.text_json(article), copies.get(article.id, ()))])

    yield StreamedFile(permalinks.ARTICLES_JSONL, lines, _ORIGIN)

    def table() -> Iterator[bytes]:
        yield _table(article_row(article, "", copies.get(article.id, ())) for article in captures)

    yield StreamedFile(permalinks.ARTICLES_CSV, table, _ORIGIN)
    yield OutputFile(permalinks.REPORT_JSON, _report(archive), _ORIGIN)


def article_row(article: Article, text: str | Raw, copies: Sequence[str] = ()) -> dict[str, object]:
    """One row of `articles.jsonl`, its keys in the order of the contract; `copies` are ids, by publication.

    `text` may be JSON already.
    """
    published = article.published
    return {
        "id": article.id,
        "path": article.path,
        "story": article.story,
        "permalink": article.permalink,
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
        "images": [_image(image) for image in article.images],
        "copies": list(copies),
        "removed": article.removals,
        "sha256": article.sha256,
        "text": text,
    }


def _image(image: Image) -> dict[str, object]:
    return {"url": image.url, "file": image.file, "alt": image.alt, "caption": image.caption}


def _table(rows: Iterable[Mapping[str, object]]) -> bytes:
    """Write rows without their text, which no spreadsheet holds; with a byte-order mark, which Excel needs.

    Source: RFC 4180.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    writer.writerows([_WRITTEN.get(type(row[column]), str)(row[column]) for column in _COLUMNS] for row in rows)
    return out.getvalue().encode("utf-8-sig", "backslashreplace")


def _safe(text: str) -> str:
    """Text as a cell: what a spreadsheet would run as a formula gets an apostrophe before it."""
    return "'" + text if text.startswith(_FORMULA) else text


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


def _report(archive: Archive) -> bytes:
    report = {"counts": count_archive(archive), "problems": [asdict(problem) for problem in archive.problems]}
    return (json.dumps(report, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "backslashreplace")
