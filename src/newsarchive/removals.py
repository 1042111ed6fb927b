"""Removed blocks as the audit publishes them and the cache keeps them: one line of JSON for each."""

from collections.abc import Sequence
from operator import itemgetter

import msgspec

from newsarchive.article import Article, RemovedBlock
from newsarchive.lines import json_lines


class _Line(msgspec.Struct, frozen=True, gc=False):
    rule: str
    text: str


_read_lines = msgspec.json.Decoder(_Line).decode_lines


def removed_lines(stories: Sequence[Article]) -> bytes:
    """Write the removed blocks of the stories of one content file, in the order of the document."""
    return json_lines([_row(article, block) for article, block in _ordered(stories)])


def hold_text(stories: Sequence[Article]) -> list[bool]:
    """Tell of each of these blocks whether it holds text."""
    return [not block.html_only for _, block in _ordered(stories)]


def taken_texts(lines: bytes, holding: Sequence[bool]) -> list[tuple[str, str]]:
    """Give rule and text of every removed block of a file that holds text, from what the two above gave.

    Raises:
        ValueError: they are not of one file.
    """
    told = zip(_read_lines(lines), holding, strict=True)
    return [(line.rule, line.text) for line, holds in told if holds]


def taken_of(stories: Sequence[Article]) -> list[tuple[str, str]]:
    """Give the same of stories that hold their blocks."""
    return [(block.rule, block.text) for _, block in _ordered(stories) if not block.html_only]


def _ordered(stories: Sequence[Article]) -> list[tuple[Article, RemovedBlock]]:
    blocks = [(block.position, article.story, article, block) for article in stories for block in article.removed]
    blocks.sort(key=itemgetter(0, 1))
    return [(article, block) for _, _, article, block in blocks]


def _row(article: Article, block: RemovedBlock) -> dict[str, object]:
    return {
        "id": article.id,
        "path": article.path,
        "story": article.story,
        "rule": block.rule,
        "position": block.position,
        "text": block.text,
    }
