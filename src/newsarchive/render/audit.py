"""What was taken out of the articles, in full: `data/removed.jsonl`."""

import io
from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter

from newsarchive import permalinks
from newsarchive.archive import Archive, all_captures
from newsarchive.article import Article, RemovedBlock
from newsarchive.settings import Settings
from newsarchive.writer import OutputFile, json_lines


def render_audit(archive: Archive, settings: Settings) -> Iterator[OutputFile]:
    """Give every removed block of every capture, by path and in the order of the document."""
    del settings  # the audit tells of the content alone
    lines = io.BytesIO()
    captures = sorted(all_captures(archive), key=attrgetter("path", "story"))
    for _path, stories in groupby(captures, key=attrgetter("path")):
        blocks = [(article, block) for article in stories for block in archive.removed(article)]
        blocks.sort(key=lambda pair: (pair[1].position, pair[0].story))
        lines.write(json_lines([_row(article, block) for article, block in blocks]))
    yield OutputFile(permalinks.REMOVED_JSONL, lines.getvalue(), "the removed blocks")


def _row(article: Article, block: RemovedBlock) -> dict[str, object]:
    return {
        "id": article.id,
        "path": article.path,
        "story": article.story,
        "rule": block.rule,
        "position": block.position,
        "text": block.text,
    }
