"""Removed blocks as the audit publishes them and the cache keeps them: one line of JSON for each."""

from collections.abc import Iterator, Sequence
from operator import itemgetter

import msgspec

from newsarchive.article import Article, RemovedBlock
from newsarchive.lines import json_lines

Mark = tuple[int, str | None, bool]
"""What the audit does not tell of a removed block: `after`, `field`, `html_only`."""


Removals = tuple[bytes, Sequence[Sequence[Mark]]]
"""Lines of the removed blocks of one content file, and their marks by story."""


class _Line(msgspec.Struct, frozen=True, gc=False):
    story: int
    rule: str
    position: int
    text: str


_read_lines = msgspec.json.Decoder(_Line).decode_lines


def removals_of(stories: Sequence[Article]) -> Removals:
    """Give lines and marks of the stories of one content file."""
    return removed_lines(stories), list(map(marks_of, stories))


def removed_lines(stories: Sequence[Article]) -> bytes:
    """Write the removed blocks of the stories of one content file, in the order of the document."""
    blocks = [(block.position, article.story, article, block) for article in stories for block in article.removed]
    blocks.sort(key=itemgetter(0, 1))
    return json_lines([_row(article, block) for _, _, article, block in blocks])


def marks_of(article: Article) -> list[Mark]:
    """Give what `removed_lines` leaves out of each block of an article, in the same order."""
    blocks = sorted(article.removed, key=lambda block: block.position)
    return [(block.after, block.field, block.html_only) for block in blocks]


def taken_texts(removals: Removals) -> Iterator[tuple[str, str]]:
    """Give rule and text of every removed block of a file that holds text."""
    lines, marks = removals
    left = [iter(each) for each in marks]
    for line in _read_lines(lines):
        if not next(left[line.story - 1])[2]:
            yield line.rule, line.text


def _row(article: Article, block: RemovedBlock) -> dict[str, object]:
    return {
        "id": article.id,
        "path": article.path,
        "story": article.story,
        "rule": block.rule,
        "position": block.position,
        "text": block.text,
    }
