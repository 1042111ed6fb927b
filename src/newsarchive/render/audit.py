"""What was taken out of the articles, in full: `data/removed.jsonl`."""

from collections.abc import Iterator

from newsarchive import permalinks
from newsarchive.archive import Archive, all_captures
from newsarchive.article import Article, RemovedBlock
from newsarchive.settings import Settings
from newsarchive.writer import OutputFile, json_lines


def render_audit(archive: Archive, settings: Settings) -> Iterator[OutputFile]:
    """Give every removed block of every capture, by path and in the order of the document."""
    del settings  # the audit tells of the content alone
    blocks = [(article, block) for article in all_captures(archive) for block in archive.whole(article).removed]
    blocks.sort(key=lambda pair: (pair[0].path, pair[1].position, pair[0].story))
    rows = [_row(article, block) for article, block in blocks]
    yield OutputFile(permalinks.REMOVED_JSONL, json_lines(rows), "the removed blocks")


def _row(article: Article, block: RemovedBlock) -> dict[str, object]:
    return {
        "id": article.id,
        "path": article.path,
        "story": article.story,
        "rule": block.rule,
        "position": block.position,
        "text": block.text,
    }
