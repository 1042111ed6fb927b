"""What the page of an article shows of its body, made ready where the article is prepared: the cache keeps it.

Nothing in it depends on templates, on other articles or on what is found of pictures. Its HTML went through the
sanitiser, whose code and version are in the fingerprint under which the cache keeps it; what the cache gives back is
asked whether it holds a tag that is none of ours.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby, islice, pairwise
from operator import attrgetter
from typing import Literal

from newsarchive import markup, permalinks
from newsarchive.article import Article, Claim, Image, RemovedBlock, Value
from newsarchive.hanzi import letters
from newsarchive.markup import Part, to_parts

NOTICE = 8
"""Most lines shown of a capture that holds no story; all are among the removed blocks."""
SHORT = 14
"""Characters up to which removed lines stand beside each other."""

_BARE_LINK = re.compile(r'<a href="([^"]*)"([^>]*)>\1</a>')
"""A link whose text is its address: in print the address is not written again."""


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
    texts: tuple[tuple[str, bool], ...]
    """Each with true where the text is the address of an image, or empty."""


class MarginNote(Value, frozen=True):
    """What stands in the margin where blocks were removed."""

    count: int
    rules: tuple[str, ...]
    """Last parts of the rules' ids."""
    target: int
    """Number of the first group."""


class Sheet(Value, frozen=True):
    """What the page of an article shows of its body."""

    parts: tuple[Part, ...] = ()
    """The cleaned story: safe HTML, pictures, and places where blocks were removed; empty where nothing was kept."""
    notes: tuple[tuple[int, MarginNote], ...] = ()
    """What stands in the margin at each of these places."""
    groups: tuple[RemovedGroup, ...] = ()
    """The removed blocks, in document order."""
    notice: tuple[str, ...] = ()
    """First lines of what a stub's capture says in place of the story."""
    credit: Literal["", "credit-head", "credit-tail"] = ""
    """Where the line stood that names the outlet; empty where none does."""
    claims: tuple[Claim, ...] = ()
    """Every claim found, winners first within a field."""


def sheet_of(article: Article) -> Sheet:
    """Make the sheet of an article with its body."""
    groups = _groups(article)
    notes = tuple(_margin_notes(groups))
    parts = to_parts(article.blocks, [after for after, _ in notes], article.lang) if article.blocks else ()
    return Sheet(tuple(_joined(parts)), notes, groups, _notice(article), _credit(article), article.claims)


def with_pictures(sheet: Sheet, settle: Callable[[Image], Image]) -> Sheet:
    """Give a sheet what was found of its pictures."""
    parts = tuple(settle(part) if isinstance(part, Image) else part for part in sheet.parts)
    return Sheet(parts, sheet.notes, sheet.groups, sheet.notice, sheet.credit, sheet.claims)


def is_ours(sheet: Sheet) -> bool:
    """Whether a sheet that was read holds no HTML but what `sheet_of` could have written."""
    return all(markup.is_ours(part) for part in sheet.parts if isinstance(part, str))


def fill(sheet: Sheet, figure: Callable[[Image], str], margin: Mapping[int, str]) -> str:
    """Give the story as HTML; `figure` writes a picture, `margin` holds what stands where blocks were removed."""
    return "".join(
        [
            part if isinstance(part, str) else margin[part] if isinstance(part, int) else figure(part)
            for part in sheet.parts
        ]
    )


def _joined(parts: Sequence[Part]) -> Iterator[Part]:
    """Put HTML that nothing parts into one piece."""
    for is_html, run in groupby(parts, key=lambda part: isinstance(part, str)):
        if is_html:
            html = "".join(map(str, run))
            yield _BARE_LINK.sub(r'<a class="bare" href="\1"\2>\1</a>', html) if "</a>" in html else html
        else:
            yield from run


def _credit(article: Article) -> Literal["", "credit-head", "credit-tail"]:
    credit = next((block for block in article.removed if block.field == "outlet"), None)
    if credit is None:
        return ""
    return "credit-tail" if credit.after * 2 > len(article.blocks) else "credit-head"


def _groups(article: Article) -> tuple[RemovedGroup, ...]:
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
        groups.append(RemovedGroup(head, after, tuple([(block.text, block.html_only) for block in blocks])))
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


def _margin_notes(groups: Sequence[RemovedGroup]) -> Iterator[tuple[int, MarginNote]]:
    """Give one margin note for each place where blocks were removed, with the number of kept blocks before it."""
    for after, members in groupby(groups, key=attrgetter("after")):
        heads = [group.head for group in members]
        rules = dict.fromkeys(head.rule for head in heads)
        names = tuple(dict.fromkeys(rule[rule.rfind("/") + 1 :] for rule in rules))
        yield after, MarginNote(sum(head.count for head in heads), names, heads[0].number)


def _notice(article: Article) -> tuple[str, ...]:
    """Give the first text of a capture that holds no story: what was not moved to a field."""
    if article.kind != "stub":
        return ()
    title = letters(article.title)
    texts = (block.text for block in article.removed if not block.field and not block.html_only)
    return tuple(islice((text for text in texts if letters(text) not in ("", title)), NOTICE))
