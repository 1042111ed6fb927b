"""Removed blocks as the audit publishes them and the cache keeps them: one line of JSON for each."""

from collections.abc import Sequence
from operator import itemgetter

from newsarchive.article import Article, RemovedBlock
from newsarchive.lines import json_lines


def removed_lines(stories: Sequence[Article]) -> bytes:
    """Write the removed blocks of the stories of one content file, in the order of the document."""
    return json_lines([_row(article, block) for article, block in _ordered(stories)])


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
