"""Removed blocks as the audit publishes them and the cache keeps them: one line of JSON for each."""

from collections.abc import Sequence
from operator import attrgetter

import msgspec

from newsarchive.article import Article, RemovedBlock
from newsarchive.lines import json_lines


class _Row(msgspec.Struct, frozen=True, gc=False):
    id: str
    path: str
    story: int
    rule: str
    position: int
    text: str


_read_rows = msgspec.json.Decoder(_Row).decode_lines


def removed_lines(stories: Sequence[Article]) -> bytes:
    """Write the removed blocks of the stories of one content file, in the order of the document."""
    return json_lines(
        [
            _Row(article.id, article.path, article.story, block.rule, block.position, block.text)
            for article, block in _ordered(stories)
        ]
    )


def in_rows(lines: bytes) -> bytes:
    """Give the lines of removed blocks as they are.

    Raises:
        ValueError: one of them is none.
    """
    _read_rows(lines)
    return lines


def taken_of(stories: Sequence[Article]) -> dict[str, list[str]]:
    """Give the texts that each rule took of the stories of one content file, in the order of the document.

    What carries no text is left out.
    """
    taken: dict[str, list[str]] = {}
    for _, block in _ordered(stories):
        if not block.html_only:
            taken.setdefault(block.rule, []).append(block.text)
    return taken


def _ordered(stories: Sequence[Article]) -> list[tuple[Article, RemovedBlock]]:
    if len(stories) == 1:
        return [(stories[0], block) for block in sorted(stories[0].removed, key=attrgetter("position"))]
    blocks = [(article, block) for article in stories for block in article.removed]
    blocks.sort(key=lambda pair: (pair[1].position, pair[0].story))
    return blocks
