"""What was taken out of the articles, in full: `data/removed.jsonl`."""

from collections.abc import Iterator

from newsarchive import permalinks
from newsarchive.archive import Archive, all_captures, by_file
from newsarchive.settings import Settings
from newsarchive.writer import StreamedFile


def render_audit(archive: Archive, settings: Settings) -> Iterator[StreamedFile]:
    """Give every removed block of every capture, by path and in the order of the document."""
    del settings  # the audit tells of the content alone

    def lines() -> Iterator[bytes]:
        return (archive.removed_lines(stories) for stories in by_file(all_captures(archive)))

    yield StreamedFile(permalinks.REMOVED_JSONL, lines, "the removed blocks")
