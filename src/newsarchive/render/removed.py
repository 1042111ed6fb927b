"""The removed blocks of an article as its page shows them: in groups, with notes in the margin."""

from collections.abc import Iterator, Sequence
from itertools import groupby, islice, pairwise
from operator import attrgetter
from typing import Literal

from newsarchive import permalinks
from newsarchive.article import Article, RemovedBlock, Value
from newsarchive.hanzi import letters

NOTICE = 8
"""Most lines shown of a capture that holds no story; all are among the removed blocks."""
SHORT = 14
"""Characters up to which removed lines stand beside each other."""


class GroupHead(Value, frozen=True):
    """What the page tells above the blocks that one rule removed at one place; many articles have the same."""

    number: int
    """Number of the group from 1 where it is the first at its place: forms the id that the margin note links to.

    0 for those behind it, for which it tells the place.
    """
    rule: str
    is_told: bool
    """True where a group before it names the rule, and leads to what is told of it."""
    anchor: str
    """Of the rule, on the page of rules."""
    place: Literal["head", "middle", "tail"]
    after: int
    """Kept blocks before it; 0 for a group that tells no place."""
    field: str
    """Field that the text was moved to; empty where it was only removed."""
    count: int
    """Number of blocks."""
    short: bool
    """True where the texts are short lines, to be set beside each other."""


class RemovedGroup(Value, frozen=True):
    """Blocks that one rule removed at one place."""

    head: GroupHead
    after: int
    """Kept blocks before it."""
    blocks: tuple[RemovedBlock, ...]


class MarginNote(Value, frozen=True):
    """What stands in the margin where blocks were removed."""

    count: int
    rules: tuple[str, ...]
    """Last parts of the rules' ids."""
    target: int
    """Number of the first group."""


def removed_groups(article: Article) -> tuple[RemovedGroup, ...]:
    """Join neighbouring blocks that one rule removed at one place."""
    groups: list[RemovedGroup] = []
    kept, before = len(article.blocks), -1
    told: set[str] = set()
    for blocks in _runs(article.removed):
        rule, after = blocks[0].rule, blocks[0].after
        opens = after != before
        head = GroupHead(
            len(groups) + 1 if opens else 0,
            rule,
            rule in told,
            permalinks.rule_anchor(rule),
            "head" if after == 0 else "tail" if after >= kept else "middle",
            after if opens else 0,
            blocks[0].field or "",
            len(blocks),
            len(blocks) > 1 and all(0 < len(block.text) <= SHORT for block in blocks),
        )
        groups.append(RemovedGroup(head, after, blocks))
        before = after
        told.add(rule)
    return tuple(groups)


def _runs(removed: tuple[RemovedBlock, ...]) -> Iterator[tuple[RemovedBlock, ...]]:
    """Part the blocks where rule, place or field change."""
    start = 0
    for end, (block, following) in enumerate(pairwise(removed), 1):
        if block.rule != following.rule or block.after != following.after or block.field != following.field:
            yield removed[start:end]
            start = end
    if removed:
        yield removed[start:]


def margin_notes(groups: Sequence[RemovedGroup]) -> Iterator[tuple[int, MarginNote]]:
    """Give one margin note for each place where blocks were removed, with the number of kept blocks before it."""
    for after, members in groupby(groups, key=attrgetter("after")):
        heads = [group.head for group in members]
        rules = dict.fromkeys(head.rule for head in heads)
        names = tuple(dict.fromkeys(rule[rule.rfind("/") + 1 :] for rule in rules))
        yield after, MarginNote(sum(head.count for head in heads), names, heads[0].number)


def notice_of(article: Article) -> tuple[str, ...]:
    """Give the first text of a capture that holds no story: what was not moved to a field."""
    if article.kind != "stub":
        return ()
    title = letters(article.title)
    texts = (block.text for block in article.removed if not block.field and not block.html_only)
    return tuple(islice((text for text in texts if letters(text) not in ("", title)), NOTICE))
