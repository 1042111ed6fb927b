"""The archive as data: every capture as JSON lines and as a table, counts and problems as a report."""

import json
from collections.abc import Iterator

from msgspec.structs import asdict

from newsarchive import permalinks
from newsarchive.archive import Archive, all_captures
from newsarchive.records import line_of, row_of, table_head
from newsarchive.settings import Settings
from newsarchive.stats import count_archive
from newsarchive.writer import OutputFile, StreamedFile

_ORIGIN = "the articles"


def render_dataset(archive: Archive, settings: Settings) -> Iterator[OutputFile | StreamedFile]:
    """Give `data/articles.jsonl`, `data/articles.csv` and `data/report.json`."""
    del settings  # the data tells of the content alone
    copies = {each: [other for other in group.ids if other != each] for group in archive.groups for each in group.ids}
    captures = all_captures(archive)

    def lines() -> Iterator[bytes]:
        for article in captures:  # one at a time, since each brings its text
            yield line_of(archive.record(article), article.permalink, copies.get(article.id, ()))

    yield StreamedFile(permalinks.ARTICLES_JSONL, lines, _ORIGIN)

    def table() -> Iterator[bytes]:
        yield table_head()
        for article in captures:
            yield row_of(archive.cells(article), article.permalink, copies.get(article.id, ()))

    yield StreamedFile(permalinks.ARTICLES_CSV, table, _ORIGIN)
    yield OutputFile(permalinks.REPORT_JSON, _report(archive), _ORIGIN)


def _report(archive: Archive) -> bytes:
    report = {"counts": count_archive(archive), "problems": [asdict(problem) for problem in archive.problems]}
    return (json.dumps(report, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "backslashreplace")
