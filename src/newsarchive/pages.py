"""Saved web pages: which element of the page holds the story, told by structure and density of text."""

import re
from collections.abc import Iterator

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PreformattedString

from newsarchive.hanzi import letters

FURNITURE = re.compile(
    r"comment|footer|header|sidebar|menu|(?:^|[^a-z])nav|relat|recommend|share|copyright|(?:^|[^a-z])hot|rank|login|advert|reply",
    re.IGNORECASE,
)
"""Words in a class or id that tell of a part of the page that holds no story."""
FURNITURE_ELEMENTS = frozenset({"nav", "footer", "aside", "form", "noscript", "select", "button", "textarea"})
SILENT = frozenset({"script", "style", "title", "head", "template"})
INLINE = frozenset({"span", "font", "b", "strong", "i", "em", "u", "a", "big", "small", "sub", "sup", "label", "mark"})
SHORTEST = 16
"""Letters from which a run of text speaks for the elements around it."""
PUNCTUATION = re.compile(r"[，。！？；：、,.!?;]")
SHARES = (1.0, 0.9, 0.5)
"""How much of a run's voice its element, that one's parent and grandparent get."""


def find_story(soup: BeautifulSoup) -> Tag | None:
    """Find the element that holds the story, None where no element has running text outside of links.

    Each run of text speaks for the block element around it and for the two around that; of equal voices
    the first in the page wins, so that the innermost element is not preferred to the one with the whole story.

    Source: the scoring of Arc90's Readability, with runs of text in place of paragraphs, since many pages
    part their paragraphs by line breaks alone.
    """
    scores: dict[int, float] = {}
    elements: dict[int, Tag] = {}
    for run in soup.find_all(string=True):
        voice = _voice(run)
        if voice:
            for share, element in zip(SHARES, _blocks_around(run), strict=False):
                elements[id(element)] = element
                scores[id(element)] = scores.get(id(element), 0.0) + voice * share
    return elements[max(scores, key=lambda key: scores[key])] if scores else None


def _voice(run: NavigableString) -> float:
    """How loud a run of text speaks, by length and punctuation; links, scripts and page furniture are silent."""
    if isinstance(run, PreformattedString):
        return 0.0
    length = len(letters(run))
    if length < SHORTEST or _is_silent(run):
        return 0.0
    return 1 + len(PUNCTUATION.findall(run)) + min(length / 50, 6)


def _is_silent(run: NavigableString) -> bool:
    for parent in run.parents:
        if parent.name in ("body", "html", "[document]"):
            return False
        if parent.name == "a" or parent.name in SILENT or parent.name in FURNITURE_ELEMENTS:
            return True
        if FURNITURE.search(" ".join([*(parent.get("class") or []), str(parent.get("id") or "")])):
            return True
    return False


def _blocks_around(run: NavigableString) -> Iterator[Tag]:
    """The block elements around a run, from the inside out, below the whole document."""
    for parent in run.parents:
        if parent.name not in INLINE and parent.name not in ("html", "[document]"):
            yield parent
