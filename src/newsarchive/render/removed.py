"""The removed blocks of an article as its page shows them: in groups, with notes in the margin."""

from collections.abc import Iterator, Sequence
from itertools import groupby, islice
from operator import attrgetter
from typing import Literal

from newsarchive import permalinks
from newsarchive.article import Article, Value
from newsarchive.hanzi import letters

NOTICE = 8
"""Most lines shown of a capture that holds no story; all are among the removed blocks."""
SHORT = 14
"""Characters up to which removed lines stand beside each other."""

_PLACE, _TEXT = attrgetter("rule", "after", "field"), attrgetter("text", "html_only")


class RemovedGroup(Value, frozen=True):
    """Blocks that one rule removed at one place."""

    number: int
    """From 1; forms the id that the margin note links to."""
    rule: str
    is_told: bool
    """True where a group before it names the rule, and leads to what is told of it."""
    anchor: str
    """Of the rule, on the page of rules."""
    place: Literal["head", "middle", "tail"]
    after: int
    """Kept blocks before it."""
    field: str
    """Field that the text was moved to; empty where it was only removed."""
    texts: tuple[tuple[str, bool], ...]
    """Each with true where the text is the address of an image, or empty."""
    opens: bool
    """True for the first group at its place, which tells the place for those behind it."""
    short: bool
    """True where the texts are short lines, to be set beside each other."""


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
    for (rule, after, field), blocks in groupby(article.removed, key=_PLACE):
        texts = tuple(map(_TEXT, blocks))
        groups.append(
            RemovedGroup(
                number=len(groups) + 1,
                rule=rule,
                is_told=rule in told,
                anchor=permalinks.rule_anchor(rule),
                place="head" if after == 0 else "tail" if after >= kept else "middle",
                after=after,
                field=field or "",
                texts=texts,
                opens=after != before,
                short=_is_short(texts),
            )
        )
        before = after
        told.add(rule)
    return tuple(groups)


def _is_short(texts: tuple[tuple[str, bool], ...]) -> bool:
    sizes = [len(text) for text, _ in texts]
    return len(sizes) > 1 and min(sizes) > 0 and max(sizes) <= SHORT


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
