"""What was taken out of the articles, in full: `data/removed.jsonl`."""

from collections.abc import Iterator

from newsarchive import permalinks
from newsarchive.archive import Archive, all_captures, by_file
from newsarchive.settings import Settings
from newsarchive.streams import StreamedFile, key_of


def render_audit(archive: Archive, settings: Settings) -> Iterator[StreamedFile]:
    """Give every removed block of every capture, by path and in the order of the document."""
    del settings  # the audit tells of the content alone

    files = list(by_file(all_captures(archive)))
    keys = [key_of(stories[0].fingerprint) if stories[0].fingerprint else b"" for stories in files]
    yield StreamedFile(
        permalinks.REMOVED_JSONL, keys, lambda number: archive.removed_lines(files[number]), "the removed blocks"
    )
