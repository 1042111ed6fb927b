"""One document → the stories printed in it, each boundary with its evidence.

Only plain text is split by itself: pages of newspapers arrive so, their columns one after the other. A dateline, a
byline under a headline or the label of a section begins a story; a sub-heading, a quotation or a caption alone never
does. How the words of loose paragraphs and headlines cohere with the stories decides where they go on, after Hearst
1997 (TextTiling). Any document is split as its sidecar states it by hand.
"""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from msgspec.structs import replace

from newsarchive.article import Block, Boundary, BoundaryKind, Document, Problem, Story
from newsarchive.bylines import read_byline
from newsarchive.hanzi import clean_text
from newsarchive.printed import BOX, DATELINE, JUMP, LONGEST_CAPTION, SIGNATURE, TOLD, Page, Sort, names_in

KICKER = re.compile(r"(?:—+|[：:])$")
"""How a line ends that leads to the headline below it."""
CLOSED = re.compile(r"[（(](?:完|[^（()）]{0,12}(?:记者|通讯员|作者)[^（()）]{1,30})[）)]$")
"""How a report ends that names its writer last."""
FAREWELL = re.compile(r"[！!]$|^.{0,12}(?:期待|让我们|拭目以待|祝愿)")
"""How a short last paragraph takes leave."""
LONGEST_FAREWELL = 40
ENOUGH = 3
"""Full paragraphs from which an unsigned text is a story of its own, and from which vocabularies can be compared."""
WINDOW = 6
"""Blocks on both sides of a boundary whose words are compared."""
DIP = 0.5
"""Share of the usual cohesion within a story below which the words change at a boundary."""
CLEARLY = 1.5
"""How many times closer loose paragraphs must be to another story to go on there."""
CLEARLY_HEADLINE = 2.0
"""The same for the few words of a headline."""
OPENING = 12
"""Blocks of each story in which what holds for its whole page may be told."""
REACH = 12
"""Stories above among which the one is looked for that loose paragraphs go on with."""
LONGEST_PAGE = 2000
"""Blocks from which a text is no page of a newspaper."""
LEAST = 0.03
"""Cohesion below which texts have nothing to do with each other."""

_TITLES: tuple[Sort, ...] = ("head", "label", "section")
_BODY: tuple[Sort, ...] = ("prose", "dateline")


@dataclass(slots=True)
class _Part:
    """A story while the page is read."""

    numbers: list[int]
    """Its blocks, from 0."""
    boundaries: list[Boundary] = field(default_factory=list)
    headline: list[int] = field(default_factory=list)
    uncertain: bool = False
    untitled: bool = False
    """True where only the words tell that it begins, so that its first line may be a sub-heading."""


@dataclass(frozen=True, slots=True)
class _Opening:
    """A place where a story may begin."""

    at: int
    anchor: int
    """The line that shows it."""
    kind: BoundaryKind
    names: frozenset[str] = frozenset()
    dated: bool = False
    doubtful: bool = False
    """True where it is not clear with which line it begins."""
    weak: bool = False
    """True where what shows it may stand within a story as well."""


def split(blocks: Sequence[Block], document: Document) -> tuple[Story, ...]:
    """Part the blocks of a document into the stories printed in it, at least one, in order of their first block.

    Every block is in exactly one story, and within it in printed order.
    """
    stated = _stated(document)
    if stated:
        return _by_hand(Page(blocks), document, stated)
    if document.shape != "text" or len(blocks) > LONGEST_PAGE:
        return (_whole(blocks),)
    page = Page(blocks)
    parts = _cut(page)
    if len(parts) < 2:
        return (_whole(blocks),)
    parts = _cut_by_words(page, parts)
    last = _last_headline(page)
    _move_loose(page, parts, last)
    for part in parts:
        part.headline = _headline(page, part, last)
    _place_last_headline(page, parts, last)
    return _with_openings([_story(page, number, part) for number, part in enumerate(parts, 1)])


def find_faults(blocks: Sequence[Block], document: Document) -> tuple[Problem, ...]:
    """Tell what a split stated by hand names that the document does not hold."""
    faults: list[Problem] = []
    for number, entry in enumerate(_stated(document), 1):
        if "lines" in entry and document.shape != "text":
            message = f"story {number} of the sidecar names lines, but only plain text has lines of its own"
            faults.append(_fault(document, message, "left them out; name paragraphs instead"))
            continue
        last, unit = (_last_line(document), "lines") if "lines" in entry else (len(blocks), "paragraphs")
        for start, end in _ranges(entry, unit):
            if end > last:
                message = f"story {number} of the sidecar names {unit} {start} to {end}, the last one is {last}"
                faults.append(_fault(document, message, "took those that there are; correct the sidecar"))
    return tuple(faults)


def _whole(blocks: Sequence[Block]) -> Story:
    return Story(1, tuple(blocks), tuple(range(1, len(blocks) + 1)))


def _story(page: Page, number: int, part: _Part, fields: Mapping[str, object] | None = None) -> Story:
    numbers = sorted(part.numbers)
    return Story(
        number=number,
        blocks=tuple(page.blocks[each] for each in numbers),
        positions=tuple(each + 1 for each in numbers),
        headline=tuple(each + 1 for each in part.headline),
        boundaries=tuple(part.boundaries),
        uncertain=part.uncertain,
        fields=fields or {},
    )


def _with_openings(stories: Sequence[Story]) -> tuple[Story, ...]:
    openings = tuple(block for story in stories for block in story.blocks[:OPENING]) if len(stories) > 1 else ()
    return tuple(replace(story, openings=openings) for story in stories)


# Where stories begin


def _cut(page: Page) -> list[_Part]:
    """Part the page where datelines, bylines under headlines and labels of sections begin stories."""
    parts = [_Part([])]
    start, names = 0, frozenset[str]()
    for opening in _weighed(_openings(page)):
        if opening.at > start and _begins(page, opening, range(start, opening.at), names):
            parts[-1].numbers = list(range(start, opening.at))
            parts.append(_Part([], uncertain=opening.doubtful or opening.weak))
            start, names = opening.at, frozenset()
        if opening.anchor >= start:
            names |= opening.names
            parts[-1].boundaries.append(_boundary(page, opening.anchor, opening.kind))
    parts[-1].numbers = list(range(start, len(page.blocks)))
    return parts


def _weighed(openings: Iterator[_Opening]) -> list[_Opening]:
    """The openings; weak ones only where the page shows several stories anyway, or several signatures."""
    found = list(openings)
    sure = sum(not opening.weak for opening in found)
    signed = sum(opening.kind == "closing" for opening in found)
    return [opening for opening in found if not opening.weak or sure > 1 or signed > 1]


def _openings(page: Page) -> Iterator[_Opening]:
    for number, sort in enumerate(page.sorts):
        text, follower = page.texts[number], page.sorts[number + 1 : number + 2]
        if sort == "dateline":
            match = DATELINE.search(text)
            dated = bool(match and match["day"])
            start, doubtful = _head_start(page, number)
            yield _Opening(start, number, "dateline", names_in(text[:200]), dated, doubtful)
        elif sort == "byline" and follower == ["prose"]:
            people = frozenset(credit.name for credit in read_byline(text))
            start, doubtful = _head_start(page, number)
            yield _Opening(start, number, "byline", people, doubtful=doubtful)
        elif sort == "section":
            yield _Opening(_head_start(page, number)[0] if JUMP.fullmatch(text) else number, number, "label")
        elif sort == "prose" and number and page.sorts[number - 1] in _TITLES and TOLD.match(text):
            yield _Opening(_head_start(page, number)[0], number, "dateline", weak=True)
        elif sort in _TITLES and follower == ["prose"] and number and SIGNATURE.fullmatch(page.texts[number - 1]):
            yield _Opening(number, number - 1, "closing", weak=True)
        elif sort == "head" and follower == ["caption"] and number and CLOSED.search(page.texts[number - 1]):
            yield _Opening(number, number, "picture")


def _head_start(page: Page, anchor: int) -> tuple[int, bool]:
    """The first line above a dateline or byline that belongs to its story: headline, label, picture.

    Below a box of facts only the last line does, which is doubtful.
    """
    start = anchor
    while start and page.sorts[start - 1] in (*_TITLES, "byline"):
        start -= 1
    own = any(sort in _TITLES for sort in page.sorts[start:anchor]) or page.sorts[anchor] == "dateline"
    while own and start < anchor and page.sorts[start] == "byline":
        start += 1  # it signs the story above
    if any(BOX.fullmatch(text) for text in page.texts[start:anchor]):
        return anchor - 1, True
    if "head" in page.sorts[start:anchor]:
        return start, False
    return _above_picture(page, start), False


def _above_picture(page: Page, start: int) -> int:
    """The headline above a picture that stands between it and the text."""
    picture = start
    while picture and page.sorts[picture - 1] in ("caption", "credit"):
        picture -= 1
    top = picture
    while top and page.sorts[top - 1] in _TITLES:
        top -= 1
    return top if top < picture < start else start


def _begins(page: Page, opening: _Opening, before: range, names: frozenset[str]) -> bool:
    """Weigh whether a story begins here, given the story above and the writers it names.

    A dateline with a headline above, or with a day and other writers, begins one. The first of a page does so
    only below a text that is long enough to stand for itself.
    """
    body = page.count(before, *_BODY)
    signed = page.count(before, "dateline", "byline") > 0 or any(
        TOLD.match(page.texts[number]) or JUMP.fullmatch(page.texts[number]) for number in before[:3]
    )
    other = bool(opening.names) and not opening.names & names
    headed = any(sort in _TITLES for sort in page.sorts[opening.at : opening.anchor])
    if opening.kind == "closing":
        return body >= ENOUGH
    if opening.weak and headed and signed:
        return body >= 1
    if opening.kind in ("label", "picture"):
        return body >= (1 if signed else ENOUGH)
    if opening.kind == "byline":
        return headed and other and body >= (2 if signed else ENOUGH)
    if not signed:
        return headed and body >= ENOUGH and (other or opening.dated)
    return body >= 1 and (headed or (other and opening.dated))


def _boundary(page: Page, number: int, kind: BoundaryKind) -> Boundary:
    """Record a boundary with the words that show it: a dateline without the report behind it."""
    text = page.texts[number]
    opening = (
        re.match(r".{0,60}?[）)]", text) or DATELINE.search(text) or TOLD.match(text) if kind == "dateline" else None
    )
    return Boundary(number + 1, kind, opening.group() if opening else text[:LONGEST_CAPTION])


# Where the words change


def _cut_by_words(page: Page, parts: Sequence[_Part]) -> list[_Part]:
    """Part stories where one takes leave and, below a headline-like line, another begins without a sign.

    Only a page that holds several stories anyway is looked at, and what begins so is uncertain.
    """
    cut: list[_Part] = []
    for part in parts:
        at = next((number for number in part.numbers if _changes(page, part.numbers, number)), None)
        if at is None:
            cut.append(part)
            continue
        first = part.numbers[0]
        shown = [boundary for boundary in part.boundaries if boundary.position <= at]
        later = [boundary for boundary in part.boundaries if boundary.position > at]
        told = [_boundary(page, at - 1, "closing"), _boundary(page, at, "words")]
        cut.append(_Part(list(range(first, at)), shown))
        cut.append(_Part(list(range(at, part.numbers[-1] + 1)), told + later, uncertain=True, untitled=True))
    return cut


def _changes(page: Page, numbers: Sequence[int], at: int) -> bool:
    before, after = range(numbers[0], at), range(at, numbers[-1] + 1)
    if page.sorts[at] != "head" or not before or not _takes_leave(page, at - 1):
        return False
    body = [number for number in before if page.sorts[number] in _BODY]
    if len(body) <= ENOUGH or page.count(after, *_BODY) < ENOUGH:
        return False
    if page.count(range(body[0], at - 1), "head"):
        return False  # a story with sub-headings may have one more
    usual = sorted(_across(page, numbers, place) for place in body[1:])
    return _across(page, numbers, at) < DIP * usual[len(usual) // 2]


def _takes_leave(page: Page, number: int) -> bool:
    text = page.texts[number]
    return bool(CLOSED.search(text)) or (len(page.letters[number]) <= LONGEST_FAREWELL and bool(FAREWELL.search(text)))


def _across(page: Page, numbers: Sequence[int], at: int) -> float:
    """Cohesion of the blocks before and behind a place of a story."""
    return page.cohesion(range(max(numbers[0], at - WINDOW), at), range(at, min(numbers[-1] + 1, at + WINDOW)))


# Loose paragraphs and headlines


def _move_loose(page: Page, parts: Sequence[_Part], last: Sequence[int]) -> None:
    """Let paragraphs below a picture or a signature go on with the broken-off story that their words fit.

    Unless another story is clearly closer they stay, and the story is uncertain where another is closer at all.
    """
    for place, part in enumerate(parts[1:], 1):
        for end in _ends(page, part, last):
            own = [number for number in part.numbers if number <= end]
            loose = [number for number in part.numbers if number > end and number not in last]
            best, target = max(
                (page.cohesion(loose, parts[n].numbers), -n) for n in range(max(0, place - REACH), place)
            )
            here = page.cohesion(loose, own)
            if best < LEAST or best <= here:
                continue
            if best < CLEARLY * here:
                part.uncertain = True
                continue
            part.numbers = own + [number for number in part.numbers if number in last]
            parts[-target].numbers += loose
            parts[-target].boundaries.append(_boundary(page, loose[0], "continuation"))
            break


def _ends(page: Page, part: _Part, last: Sequence[int]) -> Iterator[int]:
    """Places where a story may have ended, with enough behind them to tell whose it is."""
    for number in part.numbers[:-1]:
        ended = page.sorts[number] in ("caption", "credit") or CLOSED.search(page.texts[number])
        behind = [later for later in part.numbers if later > number and later not in last]
        if ended and page.sorts[number + 1] in ("prose", "short") and page.count(behind, *_BODY) >= ENOUGH:
            yield number


def _last_headline(page: Page) -> list[int]:
    """Headline-like lines at the very end of the page, folio lines aside."""
    end = len(page.sorts)
    while end and page.sorts[end - 1] in ("folio", "credit"):
        end -= 1
    run = [*takewhile(lambda number: page.sorts[number] in ("head", "label"), range(end - 1, -1, -1))]
    return sorted(run) if any(page.sorts[number] == "head" for number in run) else []


def _headline(page: Page, part: _Part, last: Sequence[int]) -> list[int]:
    """The headline above a story's text: its first headline-like line that is neither label nor kicker.

    Below the label of a section a headline may be as short as one.
    """
    if part.untitled:
        return []
    for number in sorted(part.numbers):
        if page.sorts[number] in ("prose", "short", "dateline"):
            return []
        short = page.sorts[number] == "label" and page.sorts[number - 1 : number] == ["section"]
        is_title = (short or page.sorts[number] == "head") and number not in last
        if is_title and not KICKER.search(page.texts[number]):
            return [number]
    return []


def _place_last_headline(page: Page, parts: Sequence[_Part], last: list[int]) -> None:
    """Give a headline at the end of the page to the story without one whose words it takes up.

    Unless one story is clearly closer than all others it stays with the lines above it, and that story is uncertain.
    """
    if not last:
        return
    holder = next(part for part in parts if last[0] in part.numbers)
    above = next(part for part in parts if last[0] - 1 in part.numbers)
    holder.numbers = [number for number in holder.numbers if number not in last]
    ranked = sorted(((page.cohesion(last, part.numbers), -place) for place, part in enumerate(parts)), reverse=True)
    best = parts[-ranked[0][1]]
    if best.headline or ranked[0][0] < max(LEAST, CLEARLY_HEADLINE * ranked[1][0]):
        above.numbers += last
        above.uncertain = True
        return
    best.numbers += last
    best.headline, best.untitled = last, False
    best.boundaries.append(_boundary(page, last[0], "headline"))


# Splits by hand


def _stated(document: Document) -> list[Mapping[str, object]]:
    stated = document.sidecar.get("stories")
    return [entry for entry in stated if isinstance(entry, Mapping)] if isinstance(stated, list | tuple) else []


def _by_hand(page: Page, document: Document, stated: Sequence[Mapping[str, object]]) -> tuple[Story, ...]:
    """Part a document as its sidecar says; what it does not name stays with the lines above, or else below."""
    owners = _owners(page, document, stated)
    order = list(dict.fromkeys(owners)) or [0]
    stories = []
    for number, owner in enumerate(order, 1):
        part = _Part([place for place, each in enumerate(owners) if each == owner])
        part.boundaries = [_boundary(page, part.numbers[0], "sidecar")] if part.numbers else []
        fields = {name: value for name, value in stated[owner].items() if name not in ("lines", "paragraphs")}
        part.headline = _headline(page, part, ()) if len(order) > 1 else []
        stories.append(_story(page, number, part, fields))
    return _with_openings(stories)


def _owners(page: Page, document: Document, stated: Sequence[Mapping[str, object]]) -> list[int]:
    """For each block the entry that it belongs to; a paragraph joined of several lines goes by its first."""
    lines = _first_lines(page, document) if document.shape == "text" else []
    named: list[int | None] = [None] * len(page.blocks)
    for owner, entry in enumerate(stated):
        for unit, places in (("lines", lines), ("paragraphs", range(1, len(named) + 1))):
            for start, end in _ranges(entry, unit):
                for number, place in enumerate(places):
                    if start <= place <= end and named[number] is None:
                        named[number] = owner
    first = next((owner for owner in named if owner is not None), 0)
    owners: list[int] = []
    for each in named:
        owners.append(each if each is not None else owners[-1] if owners else first)
    return owners


def _first_lines(page: Page, document: Document) -> list[int]:
    """The line of the file on which each block of a plain text begins."""
    written = [
        (number, text)
        for number, line in enumerate(document.body.split("\n"), document.body_line)
        if (text := clean_text(html.unescape(line)))
    ]
    lines, at = [], 0
    for whole in page.texts:
        lines.append(written[at][0])
        size = 0
        while size < len(whole):
            size += len(written[at][1])
            at += 1
    return lines


def _ranges(entry: Mapping[str, object], unit: str) -> list[tuple[int, int]]:
    ranges = entry.get(unit)
    return [(int(start), int(end)) for start, end in ranges] if isinstance(ranges, list | tuple) else []


def _last_line(document: Document) -> int:
    return document.body_line + document.body.rstrip("\n").count("\n")


def _fault(document: Document, message: str, action: str) -> Problem:
    return Problem(document.path, None, None, "sidecar", message, action)
