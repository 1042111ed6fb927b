"""Applies rules to a story: removes boilerplate, harvests credits, accounts for every block.

A story on a page has three parts: a head (headline again, account, banners), a body, and a foot (credits,
calls, lists of other articles, interface words). Full paragraphs that no rule wants mark the body; what a
rule says of `head` or `tail` holds before the first and after the last of them. Between two removed lines
of head or foot, short lines and pictures go as well; inside the body only rules take anything away.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import pairwise

from msgspec.structs import replace

from newsarchive.article import Block, Claim, Kind, RemovedBlock, Value
from newsarchive.hanzi import letters
from newsarchive.recognition import LEARNED, Lines, RuleSet, rule_set
from newsarchive.rules import Rule, RuleFile
from newsarchive.selection import ABSTRACT, DENSEST

HEAD_RUN = "generic/head-run"
LIST_HEADING = "generic/list-heading"
LONGEST_LIST_HEADING = 16
"""Letters up to which a line above taken links is the heading of their list."""
FOOT_RUN = "generic/foot-run"
ABOVE_HEADLINE = "generic/above-headline"
ABOVE_LIMIT = 0.1
"""Largest share of the full paragraphs that may stand above a page's own headline and be promotion."""
RUN_LIMIT = 0.4
"""Largest share of a story that the lines between removed lines of head or foot may make up."""
FLOW_LIMIT = 0.15
"""Largest share of the full paragraphs that a line may take with all after it where these are most of what follows."""
FEW = 40
"""Letters that a rule may take of a story in pictures whatever its limit."""
NEAR_HEAD = 30
"""Blocks above the story of a saved page among which its headline is looked for."""
NEAR_FOOT = 6
"""Blocks below it in which credits may stand."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A story parted into what stays and what was taken out; together they are all of its blocks."""

    kept: tuple[Block, ...]
    removed: tuple[RemovedBlock, ...]
    claims: tuple[Claim, ...]
    """Values that the rules' named groups read from removed lines."""
    kind: Kind | None
    """What a rule told of the capture, None where none did."""
    complete: bool
    """False where a rule saw that the capture breaks off."""
    problems: tuple[tuple[str, str], ...]
    """Rule that was not applied, and why."""


class _Fate(Value, frozen=True):
    """Why a block goes, and which field its text goes to."""

    rule: str
    field: str | None = None


class _Story(Lines):
    """Lines with their fates so far: state, since later rules look at what earlier ones took."""

    def __init__(self, blocks: Sequence[Block], rules: RuleSet, fields: Mapping[str, Sequence[str]]) -> None:
        super().__init__(blocks, rules, fields)
        self.fates: list[_Fate | None] = [None] * len(blocks)
        self.is_marked = any(block.marks for block in blocks)
        """Whether any selector chose any of the blocks."""
        self.size = sum(self.sizes)
        """Letters of the blocks that are still there."""

    def open(self) -> list[int]:
        """Numbers of the blocks that are still there."""
        return [number for number, fate in enumerate(self.fates) if fate is None]

    def take(self, numbers: Iterable[int], rule: str, field: str | None = None) -> None:
        """Let blocks that are still there go in a rule's name."""
        fate, fates, sizes = _Fate(rule, field), self.fates, self.sizes
        for number in numbers:
            if fates[number] is None:
                fates[number] = fate
                self.size -= sizes[number]


def clean(
    blocks: Sequence[Block], files: Sequence[RuleFile], shape: str, fields: Mapping[str, Sequence[str]]
) -> Cleaned:
    """Part a story into kept and removed blocks by the rules of `files`, in their order.

    `fields` gives the values known so far for `title`, `publisher` and `account`, for rules that look for a repeat.
    """
    cleaned = _clean_once(blocks, files, shape, fields)
    while cleaned.problems:
        # A rule that would have taken too much may fit once others have taken some of its lines.
        again = _clean_once(cleaned.kept, files, shape, fields)
        if not again.removed:
            break
        cleaned = _joined(cleaned, again)
    return cleaned


def _joined(first: Cleaned, again: Cleaned) -> Cleaned:
    """What two cleanings of one story took, one after the other, told of the blocks that the first began with."""
    total = len(first.kept) + len(first.removed)
    taken = {block.position for block in first.removed}
    left = [position for position in range(1, total + 1) if position not in taken]
    more = [replace(block, position=left[block.position - 1]) for block in again.removed]
    taken |= {block.position for block in more}
    kept = [position for position in left if position not in taken]
    removed = sorted((*first.removed, *more), key=lambda block: block.position)
    return Cleaned(
        kept=again.kept,
        removed=tuple(replace(block, after=bisect_left(kept, block.position)) for block in removed),
        claims=(*first.claims, *again.claims),
        kind=again.kind or first.kind,
        complete=first.complete and again.complete,
        problems=again.problems,
    )


def _clean_once(
    blocks: Sequence[Block], files: Sequence[RuleFile], shape: str, fields: Mapping[str, Sequence[str]]
) -> Cleaned:
    rules = rule_set(tuple(files), shape)
    story = _Story(blocks, rules, fields)
    problems: list[tuple[str, str]] = []
    rest = _take_outside(story) or _take_above(story)
    _take_selected(story, problems)
    _take_matches(story, problems)
    _take_all(story, rest)
    while _take_to_the_end(story):
        # What was taken may have ended the body: lines before it stand in the tail now.
        _take_matches(story, problems)
    # A heading may begin what goes to the end: it goes by itself only where it did not.
    _take_list_headings(story, story.rules.lists)
    _take_runs(story)
    return _result(story, tuple(dict(problems).items()))


def _take_outside(story: _Story) -> dict[int, str]:
    """On a saved page everything outside the story's element goes.

    Lines between the headline and the story, and the few below it, are looked at by the other rules first,
    since they hold date, outlet and byline; they are returned with the rule that takes what these leave.
    """
    if not story.is_marked:
        return {}
    chosen = next(
        (rule.id for rule in story.rules.rules if rule.story and any(rule.id in b.marks for b in story.blocks)), None
    )
    mark = chosen or (DENSEST if any(DENSEST in block.marks for block in story.blocks) else None)
    if mark is None:
        return {}
    inside = [number for number, block in enumerate(story.blocks) if mark in block.marks]
    near = _near(story, inside)
    story.take((n for n, block in enumerate(story.blocks) if mark not in block.marks and n not in near), mark)
    return {n: mark for n in near if mark not in story.blocks[n].marks and not _is_abstract(story, n, inside[0])}


def _is_abstract(story: _Story, number: int, start: int) -> bool:
    """True for a full paragraph between headline and story in an element of its own that tells of an abstract."""
    return number < start and story.prose[number] and ABSTRACT in story.blocks[number].marks


def _take_above(story: _Story) -> dict[int, str]:
    """Where the headline comes again as a heading, what stands between the two is the menu of the page.

    Collectors write the title over the page that they turn into Markdown. The other rules look at the short lines
    first; they are returned with the rule that takes what these leave. Nothing is taken where the page has
    more than a little prose above its headline.
    """
    titles = story.fields.get("title", set())
    heads = [n for n, block in enumerate(story.blocks) if block.kind == "heading" and story.letters[n] in titles]
    prose = [number for number, is_prose in enumerate(story.prose) if is_prose]
    most = ABOVE_LIMIT * sum(story.sizes[number] for number in prose)
    for head in reversed(heads[1:]):
        above = [number for number in prose if number < head]
        if prose and prose[-1] > head and sum(story.sizes[number] for number in above) <= most:
            _take_all(story, dict.fromkeys(above, ABOVE_HEADLINE))
            return dict.fromkeys(range(heads[0] + 1, head), ABOVE_HEADLINE)
    return {}


def _near(story: _Story, inside: Sequence[int]) -> range:
    """The blocks from the headline above the story to a few below it."""
    titles = story.fields.get("title", set())
    start = max(inside[0] - NEAR_HEAD, 0)
    headline = [number for number in range(start, inside[0]) if letters(story.blocks[number].text) in titles]
    return range(headline[0] if headline else inside[0], min(inside[-1] + 1 + NEAR_FOOT, len(story.blocks)))


def _take_all(story: _Story, fates: Mapping[int, str]) -> None:
    for number, rule in fates.items():
        story.take((number,), rule)


def _take_selected(story: _Story, problems: list[tuple[str, str]]) -> None:
    for rule in story.rules.rules if story.is_marked else ():
        if rule.selector:
            taken = [number for number in story.open() if rule.id in story.blocks[number].marks]
            _take(story, rule, taken, problems)


def _take_matches(story: _Story, problems: list[tuple[str, str]]) -> None:
    """Apply the rules that look at single lines, each within the part of the story that it names."""
    _learn_names(story)
    wanted = [(story.rules.rules[rule], lines) for rule, lines in _wanted(story)]
    head, tail = _borders(story, wanted)
    for rule, lines in wanted:
        first, last = (tail + 1 if rule.where == "tail" else 0), (head if rule.where == "head" else len(story.fates))
        taken = [number for number in lines if first <= number < last and story.fates[number] is None]
        _take(story, rule, taken, problems)


def _wanted(story: _Story) -> Iterator[tuple[int, list[int]]]:
    """For each rule that wants any of the lines that are still there: those lines."""
    for rule, lines in story.wanted().items():
        left = [number for number in lines if story.fates[number] is None]
        if left:
            yield rule, left


def _take_list_headings(story: _Story, lists: AbstractSet[str]) -> None:
    """Take the short line above two or more links to other articles that a rule took."""
    linked = [number for number, fate in enumerate(story.fates) if fate is not None and fate.rule in lists]
    for first, second in pairwise(linked):
        above = first - 1
        starts_list = second == first + 1 and above >= 0 and story.fates[above] is None
        if starts_list and 0 < story.sizes[above] <= LONGEST_LIST_HEADING and story.blocks[above].kind != "table":
            story.take((above,), LIST_HEADING)


def _learn_names(story: _Story) -> None:
    """Read the account's own name, and that of one it took over from, first, since other rules look for them."""
    for number, rule in story.rules.teachers:
        for name in LEARNED.intersection(rule.fields):
            for line in story.wanted_by(number):
                read = rule.pattern.read(story.blocks[line].text) if rule.pattern else None
                if read is not None and story.fates[line] is None:
                    story.learn(name, letters(read.get(name, "")))


def _borders(story: _Story, wanted: Sequence[tuple[Rule, Sequence[int]]]) -> tuple[int, int]:
    """The first and the last block of the body: full paragraphs that no rule of that end may take.

    What a rule wants beyond its limit it will not take, so that counts as body.
    """
    whole = story.size or 1
    body = [number for number, fate in enumerate(story.fates) if fate is None and story.prose[number]]
    full = frozenset(body)
    claimed: dict[str, set[int]] = {"head": set(), "tail": set(), "anywhere": set()}
    for rule, lines in wanted:
        if not full.isdisjoint(lines) and sum([story.sizes[n] for n in lines]) <= rule.limit * whole:
            claimed[rule.where].update(lines)
    ends = {end: claimed[end] | claimed["anywhere"] for end in ("head", "tail")}
    head = next((number for number in body if number not in ends["head"]), len(story.blocks))
    tail = next((number for number in reversed(body) if number not in ends["tail"]), -1)
    return head, tail


def _take(story: _Story, rule: Rule, taken: Sequence[int], problems: list[tuple[str, str]]) -> None:
    """Remove blocks in a rule's name, unless it would take more of the story than it may."""
    if not taken:
        return
    letters_taken = sum(story.sizes[number] for number in taken)
    share = letters_taken / (story.size or 1)
    # A story told in pictures has few words beside the account's own.
    if share > rule.limit and not (letters_taken <= FEW and story.images and not any(story.prose)):
        problems.append((rule.id, f"would take {share:.0%} of the story, its limit is {rule.limit:.0%}"))
        return
    story.take(taken, rule.id, rule.fields[0] if rule.fields else None)


def _take_to_the_end(story: _Story) -> bool:
    """Apply the rules that take a line and all after it, each once; tell whether any took something."""
    return sum(_take_from(story, number) for number in story.rules.starts if number in story.hits) > 0


def _take_from(story: _Story, start: int) -> bool:
    """Take from the first line where the rule's limit allows it; tell whether there was one.

    Only full paragraphs count against the limit, and only such as its whole: of links and short lines a list
    may have any number, and a menu that heads a page would else make the whole story small.
    """
    rule = story.rules.rules[start]
    opened = story.open()
    whole = sum(story.sizes[n] for n in opened if story.prose[n])
    for number in story.hits[start]:
        rest = opened[bisect_left(opened, number) :]
        prose = sum(story.sizes[n] for n in rest if story.prose[n])
        goes_on = prose * 2 > sum(story.sizes[n] for n in rest)
        limit = min(rule.limit, FLOW_LIMIT) if goes_on else rule.limit
        if story.fates[number] is None and prose <= limit * whole:
            story.take(rest, rule.id)
            return True
    return False


def _take_runs(story: _Story) -> None:
    """Take the short lines and pictures that stand among the removed lines of head and foot.

    The foot begins with the first line that shows it, or with a credit before that: what an account prints
    between the credit and its calls is its own.
    """
    body = [number for number in story.open() if story.prose[number]]
    if not body:
        return
    openers = story.rules.openers
    opening = [number for number, fate in enumerate(story.fates) if fate is not None and fate.rule in openers]
    head = [number for number in opening if number < body[0]]
    foot = [number for number in opening if number > body[-1]]
    if head:
        _take_run(story, range(head[-1]), HEAD_RUN)
    if foot:
        credited = (n for n in range(body[-1] + 1, foot[0]) if (fate := story.fates[n]) is not None and fate.field)
        _take_run(story, range(next(credited, foot[0]), len(story.blocks)), FOOT_RUN)


def _take_run(story: _Story, numbers: range, rule: str) -> None:
    taken = [number for number in numbers if story.fates[number] is None]
    # Lines that are nothing but links are menus and lists of other articles, however many there are.
    words = [number for number in taken if "link" not in story.blocks[number].hints]
    if sum(story.sizes[number] for number in words) <= RUN_LIMIT * (story.size or 1):
        story.take(taken, rule)


def _result(story: _Story, problems: tuple[tuple[str, str], ...]) -> Cleaned:
    by_id = story.rules.by_id
    taken = {fate.rule for fate in story.fates if fate}
    told = {by_id[rule].tells for rule in taken if rule in by_id}
    kind: Kind | None = "stub" if "stub" in told else "list" if "list" in told else None
    read = _read_groups(story)
    return Cleaned(
        kept=tuple(_kept(story)),
        removed=tuple(_removed(story, read)),
        claims=tuple(_claims(story, read)),
        kind=kind,
        complete="cut" not in told,
        problems=problems,
    )


_FORM = re.compile(r"[_\d]")
"""What tells forms of a field apart behind its name."""


def _read_groups(story: _Story) -> dict[int, Mapping[str, str]]:
    """For each line that a pattern with named groups took: what these read."""
    read: dict[int, Mapping[str, str]] = {}
    for number, fate in enumerate(story.fates):
        if fate is not None and fate.field:
            pattern = story.rules.by_id[fate.rule].pattern
            groups = pattern.read(story.blocks[number].text) if pattern else None
            read[number] = {name: value.strip() for name, value in (groups or {}).items() if value.strip()}
    return read


def _kept(story: _Story) -> Iterator[Block]:
    """The blocks that stay; one that went on from a line now gone begins a paragraph of its own."""
    for number in story.open():
        block = story.blocks[number]
        orphan = block.continues and (number == 0 or story.fates[number - 1] is not None)
        yield replace(block, continues=False) if orphan else block


def _removed(story: _Story, read: Mapping[int, Mapping[str, str]]) -> Iterator[RemovedBlock]:
    after = 0
    for number, (block, fate) in enumerate(zip(story.blocks, story.fates, strict=True)):
        if fate is None:
            after += 1
            continue
        text = block.text or " ".join([image.url for image in block.images])
        # The first field that was read; a number or word behind its name tells forms apart.
        moved = _FORM.split(next(iter(read[number])), maxsplit=1)[0] if read.get(number) else None
        yield RemovedBlock(fate.rule, number + 1, text, after, moved, not block.text)


def _claims(story: _Story, read: Mapping[int, Mapping[str, str]]) -> Iterator[Claim]:
    """The named groups of the patterns that took a line; a digit behind a field's name tells forms apart."""
    for number, groups in read.items():
        for name, value in groups.items():
            yield Claim(name.rstrip("23"), value, "body", story.blocks[number].text)
