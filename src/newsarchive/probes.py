"""Asks the markup for fields: elements chosen by CSS, patterns over scripts, and whether they speak of the story.

A saved page tells the times and names of many stories. Only its head, what stands between headline and the end of
the story, and the script's object with the headline speak of the one that it is about.
"""

import html
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PageElement

from newsarchive.hanzi import clean_text, letters
from newsarchive.selection import Probe

HEADLINES = 4
"""Values that a probe for the title gives: the first `h1` of a page is often the site's own name."""
PLACED = frozenset({"published", "outlet", "outlet_bare", "outlet-or-author", "author"})
"""Fields that a saved page tells of other stories too."""
OF_THE_HEAD = frozenset({"meta", "link", "title", "script", "head", "html", "body"})
"""Elements that speak of the page wherever they stand."""
SILENT = frozenset({"a", "title", "script", "style", "option"})
"""Elements whose words are no headline of the page itself."""
HEADINGS = frozenset({"h1", "h2", "h3"})
BESIDE_ELEMENTS = frozenset({"nav", "footer", "aside", "form", "select"})
BESIDE = re.compile(
    r"comment|foot(?:er|$|[^a-z])|side-?bar|menu|(?:^|[^a-z])nav|relat(?!ive)|recommend|(?:^|[^a-z])(?:hot|rank|roll)"
    r"|reply|login|advert",
    re.IGNORECASE,
)
"""Words in a class or id that tell of a part of the page that is about other stories."""
LINKED_HEADLINE = 8
"""Letters from which the words of a link may be the headline of another story."""
SHORTEST_HEADLINE = 4
"""Letters of the shortest headline."""
CLEAR_HEADLINE = 6
"""Letters from which words are the headline that no element calls one."""
NEAR = 150
"""Letters between a line and the story below it up to which the line speaks of it, where no headline is found."""

_SCRIPT = re.compile(r"<script\b[^>]*>(.*?)</script", re.IGNORECASE | re.DOTALL)
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}]')
_DAY = re.compile(r"(?:19|20)\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2}")
_TITLE_KEYS = frozenset({"title", "headline", "name", "articleTitle", "contentTitle", "docTitle", "subject"})


@dataclass(frozen=True, slots=True)
class _Value:
    text: str
    rank: int
    """0 for the head and what stands by the headline, 1 for the script's own object, 2 for a script's other words."""


def probe_markup(
    soup: BeautifulSoup, body: str, probes: Sequence[Probe], story: Sequence[Tag] = ()
) -> tuple[tuple[Probe, str], ...]:
    """Give each probe that finds something with its first value, for titles the first few, in the order of the probes.

    `story` are the elements of a saved page that hold its story. Where there are some, times, outlets and authors
    count only where they speak of it, and what a script tells comes after what the page shows.
    """
    page = _Page(soup, body, story)
    found: list[tuple[int, Probe, str]] = []
    for probe in probes:
        values = page.values(probe) if story and probe.field in PLACED else _plain_values(soup, body, probe)
        ranked = {value.text: value.rank for value in reversed(values) if value.text}
        best = [value for value in dict.fromkeys(value.text for value in values) if value in ranked]
        found += [(ranked[text], probe, text) for text in best[: HEADLINES if probe.field == "title" else 1]]
    return tuple((probe, text) for _, probe, text in sorted(found, key=lambda entry: entry[0]))


def _plain_values(soup: BeautifulSoup, body: str, probe: Probe) -> list[_Value]:
    raw = [_value(element, probe.attribute) for element in soup.select(probe.selector)] if probe.selector else [body]
    return [_Value(text, 0) for one in raw if (text := _matched(probe, one))]


def _matched(probe: Probe, raw: str) -> str:
    """The value within a text, empty where it holds none."""
    match = probe.pattern.search(raw) if probe.pattern else None
    text = match.group(1) if match else "" if probe.pattern else raw
    return clean_text(html.unescape(text or ""))


def _value(element: Tag, attribute: str) -> str:
    return str(element.get(attribute) or "") if attribute else element.get_text()


class _Page:
    """A saved page whose story is known; what tells where things stand is worked out when it is first asked for."""

    def __init__(self, soup: BeautifulSoup, body: str, story: Sequence[Tag]) -> None:
        self.soup = soup
        self.body = body
        self.story = story

    def values(self, probe: Probe) -> list[_Value]:
        """The values of a probe that speak of the story."""
        if not probe.selector:
            return self.script_values(probe)
        values = []
        for element in self.soup.select(probe.selector):
            text = _matched(probe, _value(element, probe.attribute))
            if text and (element.name in OF_THE_HEAD or self.is_told_here(element)):
                values.append(_Value(text, 0))
        return values

    # Places

    @cached_property
    def places(self) -> dict[int, int]:
        """Every element and text → its place in the page."""
        return {id(one): place for place, one in enumerate(self.soup.descendants)}

    @cached_property
    def end(self) -> int:
        """The place where the story ends."""
        last: PageElement = self.story[-1]
        while isinstance(last, Tag) and last.contents:
            last = last.contents[-1]
        return self.places[id(last)]

    @cached_property
    def around(self) -> frozenset[int]:
        """The elements around the story."""
        return frozenset(id(parent) for element in self.story for parent in element.parents)

    @cached_property
    def title(self) -> str:
        """Letters of everything that the page's head calls it."""
        meta = self.soup.select('meta[property="og:title"], meta[name=ArticleTitle i], meta[name="twitter:title"]')
        named = [str(element.get("content") or "") for element in meta]
        named += [element.get_text() for element in self.soup.select("head > title, title")[:1]]
        named += [element.get_text() for element in self.soup.select("h1")[:HEADLINES]]
        return "\n".join(letters(name) for name in named)

    @cached_property
    def headline(self) -> NavigableString | None:
        """The longest words above the end of the story that the page's title holds."""
        best, size = None, SHORTEST_HEADLINE - 1
        for run in self.soup.find_all(string=True):
            text = letters(run) if len(run) < 300 else ""
            if len(text) <= size or text not in self.title or self.places[id(run)] > self.end:
                continue
            names = {parent.name for parent in run.parents}
            if names.isdisjoint(SILENT) and (len(text) >= CLEAR_HEADLINE or not names.isdisjoint(HEADINGS)):
                best, size = run, len(text)
        return best

    def is_told_here(self, element: Tag) -> bool:
        """Whether an element of the page speaks of the story: by the headline, above the text, or within it."""
        place = self.places[id(element)]
        if place > self.end:
            return False
        own = [element, *(one for one in element.parents if id(one) not in self.around)]
        if any(one.name in BESIDE_ELEMENTS or _is_beside(one) for one in own if one.name not in OF_THE_HEAD):
            return False
        if any(one is part for one in own for part in self.story):
            return True
        if self.headline is None:
            return self.is_near(element) and not _leads_away(own[-1])
        heads = {id(one) for one in self.headline.parents}
        boxes = [one for one in own if id(one) not in heads]
        if boxes and _leads_away(boxes[-1]):
            return False
        return place > self.places[id(self.headline)] or len(boxes) < len(own)

    def is_near(self, element: Tag) -> bool:
        """Whether hardly anything, and no other day, is told between an element and the story below it."""
        first, size = self.places[id(self.story[0])], 0
        for run in element.find_all_next(string=True):
            if self.places[id(run)] >= first:
                return True
            if any(parent is element for parent in run.parents):
                continue
            size += len(letters(run))
            if size > NEAR or _DAY.search(run):
                return False
        return False

    # Scripts

    def script_values(self, probe: Probe) -> list[_Value]:
        """What scripts tell: in the object that holds the headline, else where all of them agree."""
        if probe.pattern is None:
            return []
        own: list[str] = []
        other: list[str] = []
        for match in probe.pattern.finditer(self.body):
            told = self.told_of(match.start())
            text = clean_text(html.unescape(match.group(1) or ""))
            if told is not False and text:
                (own if told else other).append(text)
        if own:
            return [_Value(own[0], 1)]
        return [_Value(other[0], 2)] if len(set(other)) == 1 else []

    def told_of(self, place: int) -> bool | None:
        """Whether the object around a place of the file is about the story; None where it does not say."""
        around = [known for known in self.objects if known[0] < place < known[1]]
        if not around:
            return True if any(start <= place < end for start, end in self.scripts) else None
        for _, _, titles in reversed(around):
            if titles:
                return any(self.names(title) for title in titles)
        return None

    def names(self, title: str) -> bool:
        """Whether words are what the page is called."""
        return any(title in line or (line and line in title) for line in self.title.split("\n"))

    @cached_property
    def scripts(self) -> list[tuple[int, int]]:
        """Where scripts begin and end in the file."""
        return [match.span(1) for match in _SCRIPT.finditer(self.body)]

    @cached_property
    def objects(self) -> list[tuple[int, int, list[str]]]:
        """The objects of all scripts, outer before inner: start, end, letters of their titles."""
        found = [known for start, end in self.scripts for known in _objects(self.body, start, end)]
        return sorted(found, key=lambda known: known[0])


def _is_beside(element: Tag) -> bool:
    return bool(BESIDE.search(" ".join([*(element.get("class") or []), str(element.get("id") or "")])))


def _leads_away(box: Tag) -> bool:
    """Whether a box links to several other stories by their headlines."""
    linked = (letters(link.get_text()) for link in box.find_all("a", href=True))
    return sum(len(text) >= LINKED_HEADLINE for text in linked) > 1


def _objects(body: str, start: int, end: int) -> Iterator[tuple[int, int, list[str]]]:
    """The objects of one script, each with the letters of what it calls its title."""
    opened: list[tuple[int, list[str]]] = []
    key = ""
    for token in _TOKEN.finditer(body, start, end):
        words = token.group()
        if words == "{":
            opened.append((token.start(), []))
        elif words == "}":
            if opened:
                begun, titles = opened.pop()
                yield begun, token.end(), titles
        elif opened and key in _TITLE_KEYS:
            text = letters(_unescaped(words))
            opened[-1][1].extend([text] if len(text) >= SHORTEST_HEADLINE else [])
        key = words[1:-1] if words[0] == '"' and body[token.end() : token.end() + 3].lstrip()[:1] == ":" else ""


def _unescaped(words: str) -> str:
    try:
        return str(json.loads(words, strict=False))
    except ValueError:
        return words[1:-1]
