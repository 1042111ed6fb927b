"""One document → the stories printed in it, each boundary with its evidence.

Only plain text is split by itself: pages of newspapers arrive so, their columns one after the other. A dateline, a
byline under a headline or the label of a section begins a story; a sub-heading, a quotation or a caption alone never
does. How the words of loose paragraphs and headlines cohere with the stories decides where they go on, after Hearst
1997 (TextTiling). Any document is split as its sidecar states it by hand.
"""

import html
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import takewhile
from typing import Literal

from newsarchive.article import Block, Boundary, BoundaryKind, Document, Problem, Story
from newsarchive.bylines import credits_in, read_byline
from newsarchive.hanzi import clean_text, han_share, letters

DATELINE = re.compile(
    r"^(?!据)(?P<own>本[报社台网刊])?(?:(?<=[报社台网刊])|[\u4e00-\u9fff]{2,8}?(?:社|报|网|台|在线))"
    r"[\u4e00-\u9fff·、/]{0,16}?\s*(?P<day>\d{1,2}\s*月\s*\d{1,2}\s*日)?\s*(?:专?电|讯|消息)(?![话视子息号影])"
)
"""How a report begins: medium, place, day, 电 or 讯; what is told 据 (after) a medium stands inside of reports too."""
BYLINE = re.compile(
    r"^[■□●◆◎▲\s]*(?:[\u4e00-\u9fff]{0,8}(?:记者|通讯员|评论员|记者站)|文|作者)\s*[/丨|｜:：]?\s*\S[^。！？，,]*$"
)
"""A line that only names writers."""
PHOTO = re.compile(r"(?:[摄攝]|摄影报道|供图|图片?由.{1,20}提供)\s*[）)]?$")
"""How a caption or a photo credit ends."""
CREDIT = re.compile(
    r"^[（(■□]?\s*(?:(?:[\u4e00-\u9fff]{0,6}(?:记者|通讯员)\s*)?(?:[\u4e00-\u9fff]{2,4}[\s、]*){1,5}[摄攝]|.{0,12}供图|.{0,4}图片?由.{1,20})"
)
"""A photo credit that stands by itself."""
FOLIO = re.compile(
    r"第\s*[\dA-Z一二三四五六七八九十]{1,4}\s*版|\d版|^(?:责任编辑|责编|版式|校对|美编|组版|编辑)\s*[:：/ ]"
    r"|^\d{4}年\d{1,2}月\d{1,2}日"
)
"""A line of the page itself: its number, day and editors."""
SECTION = re.compile(
    r"^[■□●◆◎【\[]?\s*[\u4e00-\u9fff]{0,4}(?:短评|时评|快评|微评|社论|图片新闻|图片报道|简讯|本报评论员)\s*[】\]]?$"
)
"""The label of a section that holds a story of its own kind."""
KICKER = re.compile(r"(?:—+|[：:])$")
"""How a line ends that leads to the headline below it."""
CLOSED = re.compile(r"[（(](?:完|[^（()）]{0,12}(?:记者|通讯员|作者)[^（()）]{1,30})[）)]$")
"""How a report ends that names its writer last."""
FAREWELL = re.compile(r"[！!]$|^.{0,12}(?:期待|让我们|拭目以待|祝愿)")
"""How a short last paragraph takes leave."""
END = re.compile(r"[。！？!?；;：:…][”’」』）)】]*$")
PROSE = 25
"""Letters from which a line with the end of a sentence is a full paragraph."""
LONG_PROSE = 60
"""Letters from which any line is one."""
LONGEST_HEADLINE = 40
LONGEST_LABEL = 5
"""Letters up to which a headline-like line names a section of the page rather than a story."""
LONGEST_CAPTION = 120
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
LEAST = 0.03
"""Cohesion below which texts have nothing to do with each other."""

Sort = Literal["prose", "short", "dateline", "byline", "head", "label", "section", "caption", "credit", "folio"]
"""What a line looks like by itself and by its follower; `short` is a paragraph of a few words."""
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


class _Page:
    """Lines with what they look like, and their words: state, since vocabularies are dear."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self.blocks = blocks
        self.texts = [block.text for block in blocks]
        self.letters = [letters(text) for text in self.texts]
        self.sorts: list[Sort] = [_sort(self, number) for number in range(len(blocks))]

    def count(self, numbers: Iterable[int], *sorts: Sort) -> int:
        """How many of some lines look like this."""
        return sum(self.sorts[number] in sorts for number in numbers)

    @cached_property
    def spread(self) -> Counter[str]:
        """In how many lines each pair of characters stands."""
        return Counter(pair for text in self.letters for pair in {*_pairs(text)})

    def cohesion(self, one: Iterable[int], other: Iterable[int]) -> float:
        """Cosine of the vocabularies of two sets of lines, pairs of characters weighted by rarity on the page."""
        first, second = self._words(one), self._words(other)
        product = sum(weight * second[pair] for pair, weight in first.items() if pair in second)
        return product / (_length(first) * _length(second) or 1.0)

    def _words(self, numbers: Iterable[int]) -> dict[str, float]:
        counts = Counter(pair for number in numbers for pair in _pairs(self.letters[number]))
        whole = len(self.blocks)
        return {pair: (1 + math.log(n)) * math.log(whole / self.spread[pair]) for pair, n in counts.items()}


def split(blocks: Sequence[Block], document: Document) -> tuple[Story, ...]:
    """Part the blocks of a document into the stories printed in it, at least one, in order of their first block.

    Every block is in exactly one story, and within it in printed order.
    """
    stated = _stated(document)
    if stated:
        return _by_hand(_Page(blocks), document, stated)
    if document.shape != "text" or len(blocks) < 2:
        return (_whole(blocks),)
    page = _Page(blocks)
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


def _story(page: _Page, number: int, part: _Part, fields: Mapping[str, object] | None = None) -> Story:
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


# What a line looks like


def _sort(page: _Page, number: int) -> Sort:
    """Tell what a line looks like; a caption may be shown by the credit below it only."""
    text, size = page.texts[number], len(page.letters[number])
    if _is_dateline(text):
        return "dateline"
    if PHOTO.search(text) and size <= LONGEST_CAPTION:
        return "credit" if CREDIT.fullmatch(text) else "caption"
    if size <= LONGEST_CAPTION and number + 1 < len(page.texts) and _is_credit(page.texts[number + 1]):
        return "caption" if END.search(text) else _sort_short(text, size)
    if size >= LONG_PROSE or (size >= PROSE and END.search(text)):
        return "prose"
    return _sort_short(text, size)


def _sort_short(text: str, size: int) -> Sort:
    if SECTION.match(text):
        return "section"
    if FOLIO.search(text):
        return "folio"
    if BYLINE.match(text):
        return "byline"
    if re.search(r"[。；;，,、]|[！？!?…][”’」』）)】]", text) or len(text) > LONGEST_HEADLINE or han_share(text) < 0.3:
        return "short"
    return "label" if size <= LONGEST_LABEL else "head"


def _is_credit(text: str) -> bool:
    return bool(PHOTO.search(text) and CREDIT.fullmatch(text))


def _is_dateline(text: str) -> bool:
    match = DATELINE.search(text)
    return bool(match and (match["own"] or match["day"] or _names(text[:80])))


def _names(text: str) -> frozenset[str]:
    return frozenset(credit.name for credit in credits_in(text) if credit.role != "photographer")


def _pairs(text: str) -> Iterator[str]:
    return (text[start : start + 2] for start in range(len(text) - 1))


def _length(words: Mapping[str, float]) -> float:
    return math.sqrt(sum(weight * weight for weight in words.values()))


# Where stories begin


def _cut(page: _Page) -> list[_Part]:
    """Part the page where datelines, bylines under headlines and labels of sections begin stories."""
    parts = [_Part([])]
    start, names = 0, frozenset[str]()
    for opening in _openings(page):
        if opening.at > start and _begins(page, opening, range(start, opening.at), names):
            parts[-1].numbers = list(range(start, opening.at))
            parts.append(_Part([]))
            start, names = opening.at, frozenset()
        if opening.anchor >= start:
            names |= opening.names
            parts[-1].boundaries.append(_boundary(page, opening.anchor, opening.kind))
    parts[-1].numbers = list(range(start, len(page.blocks)))
    return parts


def _openings(page: _Page) -> Iterator[_Opening]:
    for number, sort in enumerate(page.sorts):
        text, follower = page.texts[number], page.sorts[number + 1 : number + 2]
        if sort == "dateline":
            match = DATELINE.search(text)
            dated = bool(match and match["day"])
            yield _Opening(_head_start(page, number), number, "dateline", _names(text[:200]), dated)
        elif sort == "byline" and follower == ["prose"]:
            people = frozenset(credit.name for credit in read_byline(text))
            yield _Opening(_head_start(page, number), number, "byline", people)
        elif sort == "section":
            yield _Opening(number, number, "label")
        elif sort == "head" and follower == ["caption"] and number and CLOSED.search(page.texts[number - 1]):
            yield _Opening(number, number, "picture")


def _head_start(page: _Page, anchor: int) -> int:
    """The first line above a dateline or byline that belongs to its story: headline, label, picture."""
    start = anchor
    while start and page.sorts[start - 1] in (*_TITLES, "byline"):
        start -= 1
    own = any(sort in _TITLES for sort in page.sorts[start:anchor]) or page.sorts[anchor] == "dateline"
    while own and start < anchor and page.sorts[start] == "byline":
        start += 1  # it signs the story above
    if "head" in page.sorts[start:anchor]:
        return start
    return _above_picture(page, start)


def _above_picture(page: _Page, start: int) -> int:
    """The headline above a picture that stands between it and the text."""
    picture = start
    while picture and page.sorts[picture - 1] in ("caption", "credit"):
        picture -= 1
    top = picture
    while top and page.sorts[top - 1] in _TITLES:
        top -= 1
    return top if top < picture < start else start


def _begins(page: _Page, opening: _Opening, before: range, names: frozenset[str]) -> bool:
    """Weigh whether a story begins here, given the story above and the writers it names.

    A dateline with a headline above, or with a day and other writers, begins one. The first of a page does so
    only below a text that is long enough to stand for itself.
    """
    body = page.count(before, *_BODY)
    signed = page.count(before, "dateline", "byline") > 0
    other = bool(opening.names) and not opening.names & names
    headed = any(sort in _TITLES for sort in page.sorts[opening.at : opening.anchor])
    if opening.kind in ("label", "picture"):
        return body >= (1 if signed else ENOUGH)
    if opening.kind == "byline":
        return headed and other and body >= (2 if signed else ENOUGH)
    if not signed:
        return headed and body >= ENOUGH and (other or opening.dated)
    return body >= 1 and (headed or (other and opening.dated))


def _boundary(page: _Page, number: int, kind: BoundaryKind) -> Boundary:
    """Record a boundary with the words that show it: a dateline without the report behind it."""
    text = page.texts[number]
    opening = re.match(r".{0,60}?[）)]", text) or DATELINE.search(text) if kind == "dateline" else None
    return Boundary(number + 1, kind, opening.group() if opening else text[:LONGEST_CAPTION])


# Where the words change


def _cut_by_words(page: _Page, parts: Sequence[_Part]) -> list[_Part]:
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


def _changes(page: _Page, numbers: Sequence[int], at: int) -> bool:
    before, after = range(numbers[0], at), range(at, numbers[-1] + 1)
    if page.sorts[at] != "head" or not before or not _takes_leave(page, at - 1):
        return False
    body = [number for number in before if page.sorts[number] in _BODY]
    if len(body) <= ENOUGH or page.count(after, *_BODY) < ENOUGH:
        return False
    if page.count(range(body[0], at), "head"):
        return False  # a story with sub-headings may have one more
    usual = sorted(_across(page, numbers, place) for place in body[1:])
    return _across(page, numbers, at) < DIP * usual[len(usual) // 2]


def _takes_leave(page: _Page, number: int) -> bool:
    text = page.texts[number]
    return bool(CLOSED.search(text)) or (len(page.letters[number]) <= LONGEST_FAREWELL and bool(FAREWELL.search(text)))


def _across(page: _Page, numbers: Sequence[int], at: int) -> float:
    """Cohesion of the blocks before and behind a place of a story."""
    return page.cohesion(range(max(numbers[0], at - WINDOW), at), range(at, min(numbers[-1] + 1, at + WINDOW)))


# Loose paragraphs and headlines


def _move_loose(page: _Page, parts: Sequence[_Part], last: Sequence[int]) -> None:
    """Let paragraphs below a picture or a signature go on with the broken-off story that their words fit.

    Unless another story is clearly closer they stay, and the story is uncertain where another is closer at all.
    """
    for place, part in enumerate(parts[1:], 1):
        for end in _ends(page, part, last):
            own = [number for number in part.numbers if number <= end]
            loose = [number for number in part.numbers if number > end and number not in last]
            best, target = max((page.cohesion(loose, other.numbers), -n) for n, other in enumerate(parts[:place]))
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


def _ends(page: _Page, part: _Part, last: Sequence[int]) -> Iterator[int]:
    """Places where a story may have ended, with enough behind them to tell whose it is."""
    for number in part.numbers[:-1]:
        ended = page.sorts[number] in ("caption", "credit") or CLOSED.search(page.texts[number])
        behind = [later for later in part.numbers if later > number and later not in last]
        if ended and page.sorts[number + 1] in ("prose", "short") and page.count(behind, *_BODY) >= ENOUGH:
            yield number


def _last_headline(page: _Page) -> list[int]:
    """Headline-like lines at the very end of the page, folio lines aside."""
    end = len(page.sorts)
    while end and page.sorts[end - 1] in ("folio", "credit"):
        end -= 1
    run = [*takewhile(lambda number: page.sorts[number] in ("head", "label"), range(end - 1, -1, -1))]
    return sorted(run) if any(page.sorts[number] == "head" for number in run) else []


def _headline(page: _Page, part: _Part, last: Sequence[int]) -> list[int]:
    """The headline above a story's text: its first headline-like line that is neither label nor kicker."""
    if part.untitled:
        return []
    for number in sorted(part.numbers):
        if page.sorts[number] in ("prose", "short", "dateline"):
            return []
        if page.sorts[number] == "head" and number not in last and not KICKER.search(page.texts[number]):
            return [number]
    return []


def _place_last_headline(page: _Page, parts: Sequence[_Part], last: list[int]) -> None:
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


def _by_hand(page: _Page, document: Document, stated: Sequence[Mapping[str, object]]) -> tuple[Story, ...]:
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


def _owners(page: _Page, document: Document, stated: Sequence[Mapping[str, object]]) -> list[int]:
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


def _first_lines(page: _Page, document: Document) -> list[int]:
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
