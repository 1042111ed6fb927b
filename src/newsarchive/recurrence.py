"""Finds the lines that recur at the edges of articles: what a publisher, or many of them, print around every story.

A line recurs where its folded text, or its text with a slot for every number, date and issue, stands in several
articles. It is boilerplate only where nothing but other such lines, short lines, links and pictures part it from
the beginning or the end of the article; what recurs inside the body is news, however often it does.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from newsarchive.article import Article, Block
from newsarchive.bylines import ROLE_WORDS
from newsarchive.hanzi import fold, han_share, letters

Edge = Literal["head", "tail"]
LEAST = 3
"""Articles, or publishers, in which a line must recur."""
AT_EDGE = 0.8
"""Least share of a line's occurrences that stand at the edge."""
SHORTEST = 4
"""Least letters outside of slots; shorter lines are too easily part of a story."""
PROSE = 25
"""Letters from which a line with the end of a sentence is a full paragraph, as the cleaner has it."""
LONG_PROSE = 60
PROSE_SHARE = 0.3
"""Least share of the articles that must have a recurring full paragraph at their edge."""
SENTENCES = 5
"""Articles in which a line must recur that is a sentence."""
SHORT_HEADING = 6
"""Letters up to which a line next to the story is taken for a heading of it."""
SAME_STORY = 0.6
"""Share of common full paragraphs, by length, from which two articles are copies of one text and count once."""

NAMING = ("author", "reporter", "contributor", "translator", "photographer", "editor", "byline", "slot", "account")
"""Fields whose claims hold names."""
SLOT = "\x00"
"""Stands for a number; no text holds it, since control characters are taken out."""
NUMBER = re.compile(
    r"第[〇零一二三四五六七八九十百千两]+(?=[期次辑集回])|\d+(?:[.:：/-]\d+)*|(?<=星期)[一二三四五六日天]|(?<=周)[一二三四五六日](?![\u4e00-\u9fff])"
)
_SENTENCE_END = re.compile(r"[。！？!?；;：:.…][”’」』）)】\"']*$")
_FULL_STOP = re.compile(r"[。！？][”’」』）)】]*$")
_ROLE = "|".join(word for word, _ in ROLE_WORDS if len(word) > 1)
_CREDIT = re.compile(
    rf"^[（(【\[]?.{{0,12}}?(?:{_ROLE}|来源|來源|出品|出处|转自|转载自|摘自|审核|审校|校对|校對|排版|监制|监审|策划|制作|制图|设计|"
    r"统筹|主编|总编|值班|供稿|供图|投稿|文案|美编|初审|复审|终审|一审|二审|三审|编审|签发|作|文|图|源)\s*[:：|｜丨/]"
)
_DATELINE = re.compile(r"^[^。！？]{0,40}?(?:\d{1,2}月\d{1,2}日)?[^。！？]{0,12}(?:电|讯|消息)[(（]?(?:记者|$|[,，])")
_DATED = re.compile(r"(?:发[表布](?:于|时间|日期)|published|posted|updated).*\d", re.IGNORECASE)
_QUOTED = re.compile(r"^[“\"「『].*[”\"」』]$")
_ADDRESS = re.compile(r"^\W*(?:https?://|www\.|[\w.-]+@)\S+$", re.IGNORECASE)
_OPENS_SECTION = re.compile(r"[:：]$|^(?:[(（]?(?:\d{1,2}|[一二三四五六七八九十]{1,3})[)）.、．\s]|0x)")


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One line in one article."""

    path: str
    text: str
    place: int
    """Text lines from the edge, from 1."""


@dataclass(frozen=True, slots=True)
class Recurring:
    """One line that recurs at an edge, with its evidence."""

    where: Edge
    slotted: str
    """Folded text with `SLOT` for each number."""
    occurrences: tuple[Occurrence, ...]
    """At the edge, by path."""
    units: int
    """Articles, or publishers, that have it at the edge."""
    of: int
    """Articles, or publishers, looked at."""

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts in which it was printed, one for each folded form, the commonest first."""
        counts = Counter(each.text for each in self.occurrences)
        ordered = sorted(counts, key=lambda text: (-counts[text], text))
        return tuple({fold(text): text for text in reversed(ordered)}.values())[::-1]

    @property
    def varies(self) -> bool:
        """True where only its slots make the occurrences one line."""
        return len({fold(each.text) for each in self.occurrences}) > 1


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of text as it is compared."""

    text: str
    slotted: str
    prose: bool
    eligible: bool
    link: bool
    opens: bool
    """True for a line that introduces what follows it."""


@dataclass(frozen=True, slots=True)
class _Story:
    """Text lines of one article, from the edge that is looked at."""

    unit: str
    """What counts once: the article's path, or its publisher."""
    path: str
    lines: tuple[_Line, ...]


def recurring_of(articles: Iterable[Article], least: int = LEAST) -> tuple[Recurring, ...]:
    """Find what recurs in one publisher's articles, copies of one text counted once."""
    chosen = distinct(articles)
    names = _names(chosen)
    return _find([_story(article, article.path, names) for article in chosen], least)


def recurring_among(articles: Mapping[str, Sequence[Article]], least: int = LEAST) -> tuple[Recurring, ...]:
    """Find what recurs from publisher to publisher, each counted once."""
    chosen = [(name, article) for name, held in sorted(articles.items()) for article in distinct(held)]
    names = _names(article for _, article in chosen)
    return _find([_story(article, name, names) for name, article in chosen], least)


def distinct(articles: Iterable[Article]) -> tuple[Article, ...]:
    """Leave out stubs, lists and captures, and copies of one text: they say nothing of what recurs."""
    chosen: list[tuple[Article, frozenset[str]]] = []
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for article in sorted(articles, key=lambda article: (article.path, article.story)):
        prose = frozenset(fold(block.text) for block in article.blocks if _is_prose(block))
        if article.kind != "article" or not prose or _is_copy(prose, holders, chosen):
            continue
        for text in prose:
            holders[text].append(len(chosen))
        chosen.append((article, prose))
    return tuple(article for article, _ in chosen)


def slotted(text: str) -> str:
    """Fold a line and put a slot in place of every number, date and issue count."""
    return NUMBER.sub(SLOT, fold(text))


def _is_copy(
    prose: frozenset[str], holders: Mapping[str, list[int]], chosen: Sequence[tuple[Article, frozenset[str]]]
) -> bool:
    common: Counter[int] = Counter()
    for text in prose:
        for number in holders.get(text, ()):
            common[number] += len(text)
    own = sum(map(len, prose))
    return any(size >= SAME_STORY * (own + sum(map(len, chosen[number][1])) - size) for number, size in common.items())


def _names(articles: Iterable[Article]) -> frozenset[str]:
    """Everyone credited or claimed to be: a recurring name belongs to a field."""
    names: set[str] = set()
    for article in articles:
        names.update(letters(credit.name) for credit in article.byline)
        names.update(letters(claim.value) for claim in article.claims if claim.field in NAMING)
    return frozenset(names)


def _story(article: Article, unit: str, names: Collection[str]) -> _Story:
    blocks = [block for block in article.blocks if letters(block.text)]
    return _Story(unit, article.path, tuple(_line(block, names) for block in blocks))


def _line(block: Block, names: Collection[str]) -> _Line:
    form = slotted(block.text)
    size = len(letters(block.text))
    return _Line(
        text=block.text,
        slotted=form,
        prose=_is_prose(block),
        eligible=_is_eligible(block, form) and letters(block.text) not in names,
        link="link" in block.hints,
        opens=block.kind == "heading" or size <= SHORT_HEADING or bool(_OPENS_SECTION.search(block.text)),
    )


def _is_prose(block: Block) -> bool:
    size = len(letters(block.text))
    if block.kind in ("table", "code"):
        return True
    return size >= LONG_PROSE or (size >= PROSE and bool(_SENTENCE_END.search(block.text)))


def _is_eligible(block: Block, form: str) -> bool:
    """False for what may recur because it is news or belongs to a field, wherever it stands."""
    text, bare = block.text, letters(form.replace(SLOT, ""))
    if block.kind not in ("paragraph", "item", "heading", "image") or len(bare) < SHORTEST:
        return False
    if SLOT in form and han_share(bare) < 0.5:
        return False
    return not any(known.search(text) for known in (_CREDIT, _DATELINE, _DATED, _QUOTED, _ADDRESS))


def _find(stories: Sequence[_Story], least: int) -> tuple[Recurring, ...]:
    found: list[Recurring] = []
    edges: tuple[Edge, ...] = ("head", "tail")
    everywhere = Counter(form for story in stories for form in {line.slotted for line in story.lines})
    for edge in edges:
        facing = [replace(story, lines=story.lines[:: -1 if edge == "tail" else 1]) for story in stories]
        known = _common(facing, least)
        while True:
            held = _at_edge(facing, known, edge)
            kept = {form for form in known if _holds(held[form], facing, least, everywhere[form])}
            if kept == known:
                break
            known = kept
        found += [_recurring(edge, form, held[form], facing) for form in sorted(known)]
    return tuple(sorted(found, key=lambda each: (each.where, -each.units, each.slotted)))


def _common(stories: Sequence[_Story], least: int) -> set[str]:
    units: defaultdict[str, set[str]] = defaultdict(set)
    for story in stories:
        for line in story.lines:
            if line.eligible:
                units[line.slotted].add(story.unit)
    return {form for form, held in units.items() if len(held) >= least}


def _at_edge(stories: Sequence[_Story], known: Collection[str], edge: Edge) -> dict[str, list[tuple[int, int]]]:
    """Where each known line stands at the edge: number of the story, lines from the edge."""
    held: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for number, story in enumerate(stories):
        for place, line in enumerate(story.lines):
            if line.slotted in known:
                if _is_led_on(story.lines, place, known, edge):
                    held[line.slotted].append((number, place + 1))
            elif line.prose and not line.link:
                break
    return held


def _is_led_on(lines: Sequence[_Line], place: int, known: Collection[str], edge: Edge) -> bool:
    """Whether a line belongs to its own kind: one that introduces a part of the story does not.

    Below a story it must stand next to another such line or to the end; above it only a line that cannot be a
    heading may stand next to the story.
    """
    beside = place - 1 if edge == "tail" else place + 1
    if 0 <= beside < len(lines):
        return lines[beside].slotted in known or (edge == "head" and not lines[place].opens)
    return edge == "tail"


def _holds(held: Sequence[tuple[int, int]], stories: Sequence[_Story], least: int, everywhere: int) -> bool:
    """Whether a line recurs often enough at the edge, and hardly anywhere else; `everywhere` counts its articles."""
    numbers = {number for number, _ in held}
    units = len({stories[number].unit for number in numbers})
    if units < least or len(numbers) < AT_EDGE * everywhere:
        return False
    number, place = held[0]
    line = stories[number].lines[place - 1]
    if line.prose and units < PROSE_SHARE * len({story.unit for story in stories}):
        return False
    return units >= SENTENCES or not _FULL_STOP.search(line.text)


def _recurring(edge: Edge, form: str, held: Sequence[tuple[int, int]], stories: Sequence[_Story]) -> Recurring:
    occurrences = tuple(
        Occurrence(stories[number].path, stories[number].lines[place - 1].text, place) for number, place in held
    )
    units = len({stories[number].unit for number, _ in held})
    return Recurring(edge, form, occurrences, units, len({story.unit for story in stories}))
