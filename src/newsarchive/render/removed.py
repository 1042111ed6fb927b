"""The removed blocks of an article as its page shows them: in groups, with notes in the margin."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Literal

from newsarchive import permalinks
from newsarchive.article import Article, RemovedBlock
from newsarchive.hanzi import letters

NOTICE = 8
"""Most lines shown of a capture that holds no story; all are among the removed blocks."""
SHORT = 14
"""Characters up to which removed lines stand beside each other."""


@dataclass(frozen=True, slots=True)
class RemovedText:
    """What one removed block holds."""

    text: str
    picture: bool
    """True where the text is the address of an image, or empty."""


@dataclass(frozen=True, slots=True)
class RemovedGroup:
    """Blocks that one rule removed at one place."""

    number: int
    """From 1; forms the id that the margin note links to."""
    rule: str
    anchor: str
    """Of the rule, on the page of rules."""
    place: Literal["head", "middle", "tail"]
    after: int
    """Kept blocks before it."""
    field: str
    """Field that the text was moved to; empty where it was only removed."""
    texts: tuple[RemovedText, ...]
    opens: bool
    """True for the first group at its place, which tells the place for those behind it."""
    short: bool
    """True where the texts are short lines, to be set beside each other."""


@dataclass(frozen=True, slots=True)
class MarginNote:
    """What stands in the margin where blocks were removed."""

    count: int
    rules: tuple[str, ...]
    """Last parts of the rules' ids."""
    target: int
    """Number of the first group."""


def removed_groups(article: Article) -> tuple[RemovedGroup, ...]:
    """Join neighbouring blocks that one rule removed at one place."""
    kept = len(article.blocks)
    groups = groupby(article.removed, key=lambda block: (block.rule, block.after, block.field))
    held = [list(blocks) for _key, blocks in groups]
    places = [-1, *(blocks[0].after for blocks in held)]
    return tuple(
        _removed_group(number, blocks, kept, opens=blocks[0].after != places[number - 1])
        for number, blocks in enumerate(held, 1)
    )


def margin_notes(groups: Sequence[RemovedGroup]) -> Iterator[tuple[int, MarginNote]]:
    """Give one margin note for each place where blocks were removed, with the number of kept blocks before it."""
    for after, group in groupby(groups, key=lambda group: group.after):
        held = list(group)
        rules = tuple(dict.fromkeys(each.rule.split("/")[-1] for each in held))
        yield after, MarginNote(sum(len(each.texts) for each in held), rules, held[0].number)


def notice_of(article: Article) -> tuple[str, ...]:
    """Give the first text of a capture that holds no story: what was not moved to a field."""
    if article.kind != "stub":
        return ()
    title = letters(article.title)
    texts = (block.text for block in article.removed if not block.field and not block.html_only)
    return tuple(islice((text for text in texts if letters(text) not in ("", title)), NOTICE))


def _removed_group(number: int, blocks: Sequence[RemovedBlock], kept: int, *, opens: bool) -> RemovedGroup:
    first = blocks[0]
    texts = tuple(RemovedText(block.text, block.html_only) for block in blocks)
    return RemovedGroup(
        number=number,
        rule=first.rule,
        anchor=permalinks.rule_anchor(first.rule),
        place="head" if first.after == 0 else "tail" if first.after >= kept else "middle",
        after=first.after,
        field=first.field or "",
        texts=texts,
        opens=opens,
        short=len(texts) > 1 and all(0 < len(each.text) <= SHORT for each in texts),
    )
