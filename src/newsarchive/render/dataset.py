"""The archive as data: every capture as JSON lines and as a table, counts and problems as a report."""

import json
from collections.abc import Iterator, Sequence

from msgspec.structs import asdict

from newsarchive import permalinks
from newsarchive.archive import Archive, all_captures
from newsarchive.article import Article
from newsarchive.records import line_of, row_of, table_head
from newsarchive.settings import Settings
from newsarchive.stats import count_archive
from newsarchive.streams import StreamedFile, key_of
from newsarchive.writer import OutputFile

_ORIGIN = "the articles"


def render_dataset(archive: Archive, settings: Settings) -> Iterator[OutputFile | StreamedFile]:
    """Give `data/articles.jsonl`, `data/articles.csv` and `data/report.json`."""
    del settings  # the data tells of the content alone
    copies = {each: [other for other in group.ids if other != each] for group in archive.groups for each in group.ids}
    captures = all_captures(archive)
    keys = [_key(article, copies.get(article.id, ())) for article in captures]

    def line(number: int) -> bytes:
        article = captures[number]
        return line_of(archive.record(article), article.permalink, copies.get(article.id, ()))

    yield StreamedFile(permalinks.ARTICLES_JSONL, keys, line, _ORIGIN)

    def row(number: int) -> bytes:
        if number == 0:
            return table_head()
        article = captures[number - 1]
        return row_of(archive.cells(article), article.permalink, copies.get(article.id, ()))

    yield StreamedFile(permalinks.ARTICLES_CSV, [key_of(table_head()), *keys], row, _ORIGIN)
    yield OutputFile(permalinks.REPORT_JSON, _report(archive), _ORIGIN)


def _key(article: Article, copies: Sequence[str]) -> bytes:
    """Form the key of an article's rows; empty where it does not tell what it was made of."""
    told = article.fingerprint, article.story, article.permalink, copies, article.images
    return key_of(*told) if article.fingerprint else b""


def _report(archive: Archive) -> bytes:
    report = {"counts": count_archive(archive), "problems": [asdict(problem) for problem in archive.problems]}
    return (json.dumps(report, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "backslashreplace")
