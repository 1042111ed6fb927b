"""The archive as data: every capture as JSON lines and as a table, counts and problems as a report."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec.structs import asdict

from newsarchive import permalinks
from newsarchive.archive import Archive, all_captures
from newsarchive.article import Article, Image
from newsarchive.settings import Settings
from newsarchive.stats import count_archive
from newsarchive.writer import OutputFile, json_lines

_ORIGIN = "the articles"
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def render_dataset(archive: Archive, settings: Settings) -> Iterator[OutputFile]:
    """Give `data/articles.jsonl`, `data/articles.csv` and `data/report.json`."""
    del settings  # the data tells of the content alone
    copies = {each: [other for other in group.ids if other != each] for group in archive.groups for each in group.ids}
    rows = [article_row(archive.whole(article), copies.get(article.id, ())) for article in all_captures(archive)]
    yield OutputFile(permalinks.ARTICLES_JSONL, json_lines(rows), _ORIGIN)
    yield OutputFile(permalinks.ARTICLES_CSV, _table(rows), _ORIGIN)
    yield OutputFile(permalinks.REPORT_JSON, _report(archive), _ORIGIN)


def article_row(article: Article, copies: Sequence[str] = ()) -> dict[str, object]:
    """One row of `articles.jsonl`, its keys in the order of the contract; `copies` are ids, by publication."""
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
        "text": article.text,
    }


def _image(image: Image) -> dict[str, object]:
    return {"url": image.url, "file": image.file, "alt": image.alt, "caption": image.caption}


def _table(rows: Iterable[Mapping[str, object]]) -> bytes:
    """The rows without their text, which no spreadsheet holds; with a byte-order mark, which Excel needs.

    Source: RFC 4180.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    columns = _columns()
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row[column]) for column in columns])
    return out.getvalue().encode("utf-8-sig", "backslashreplace")


def _columns() -> list[str]:
    return [
        *("id", "path", "story", "permalink", "kind", "complete", "title", "published", "precision"),
        *("published_from", "publisher", "platform", "outlet", "outlets", "byline", "uncertain", "editions"),
        *("url", "retrieved", "lang", "characters", "summary", "images", "copies", "removed", "sha256"),
    ]


def _cell(value: object) -> object:
    """A value as a cell; text that a spreadsheet would run as a formula gets an apostrophe before it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        value = "; ".join(_one(each) for each in value)
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return value


def _one(value: object) -> str:
    if not isinstance(value, dict):
        return str(value)
    return f"{value['name']} ({value['role']})" if "role" in value else str(value["file"] or value["url"])


def _report(archive: Archive) -> bytes:
    report = {"counts": count_archive(archive), "problems": [asdict(problem) for problem in archive.problems]}
    return (json.dumps(report, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "backslashreplace")
