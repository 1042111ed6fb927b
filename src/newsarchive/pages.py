"""Saved web pages: which element of the page holds the story, told by structure and density of text."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PreformattedString

from newsarchive.hanzi import letters

FURNITURE = re.compile(
    r"comment|footer|header|sidebar|menu|(?:^|[^a-z])nav|relat(?!ive)|recommend|share|copyright|(?:^|[^a-z])hot|rank|login|advert|reply",
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
MOST = 0.6
"""Share of all voices from which an element is the page itself, though a word in its class tells of furniture."""


def find_story(soup: BeautifulSoup) -> tuple[Tag, ...]:
    """Find the elements that hold the story, one beside the other; none where nothing runs outside of links.

    Each run of text speaks for the block element around it and for the two around that; of equal voices
    the first in the page wins, so that the innermost element is not preferred to the one with the whole story.
    A story that is cut into sections of one kind is told by all of them.

    Source: the scoring of Arc90's Readability, with runs of text in place of paragraphs, since many pages
    part their paragraphs by line breaks alone.
    """
    voices = [(run, voice) for run in soup.find_all(string=True) if (voice := _voice(run))]
    wide = _wide_elements(voices)
    scores: dict[int, float] = {}
    elements: dict[int, Tag] = {}
    for run, voice in voices:
        if any(_is_furniture(parent) and id(parent) not in wide for parent in _parents(run)):
            continue
        for share, element in zip(SHARES, _blocks_around(run), strict=False):
            elements[id(element)] = element
            scores[id(element)] = scores.get(id(element), 0.0) + voice * share
    if not scores:
        return ()
    return _with_sections(elements[max(scores, key=lambda key: scores[key])], scores)


def _wide_elements(voices: Sequence[tuple[NavigableString, float]]) -> frozenset[int]:
    """The elements that hold most of what the page says: whatever their class, they are no furniture."""
    held: dict[int, float] = {}
    for run, voice in voices:
        for parent in _parents(run):
            held[id(parent)] = held.get(id(parent), 0.0) + voice
    most = sum(voice for _, voice in voices) * MOST
    return frozenset(key for key, voice in held.items() if voice > most)


def _with_sections(element: Tag, scores: Mapping[int, float]) -> tuple[Tag, ...]:
    """The element and its like beside it, with what stands between the first and the last of them."""
    beside = element.parent.find_all(recursive=False) if element.parent else [element]
    kind = (element.name, element.get("class"))
    if kind == ("div", None):  # tells nothing of what the element is for
        return (element,)
    like = [n for n, one in enumerate(beside) if id(one) in scores and (one.name, one.get("class")) == kind]
    return tuple(one for one in beside[like[0] : like[-1] + 1] if not _is_furniture(one) or one is element)


def _voice(run: NavigableString) -> float:
    """How loud a run of text speaks, by length and punctuation; links, scripts and page furniture are silent."""
    if isinstance(run, PreformattedString):
        return 0.0
    length = len(letters(run))
    if length < SHORTEST or _is_silent(run):
        return 0.0
    return 1 + len(PUNCTUATION.findall(run)) + min(length / 50, 6)


def _is_silent(run: NavigableString) -> bool:
    return any(p.name == "a" or p.name in SILENT or p.name in FURNITURE_ELEMENTS for p in _parents(run))


def _is_furniture(element: Tag) -> bool:
    """True for an element whose class or id tells of menus, comments, lists of other articles and the like."""
    return bool(FURNITURE.search(" ".join([*(element.get("class") or []), str(element.get("id") or "")])))


def _parents(run: NavigableString) -> Iterator[Tag]:
    """The elements around a run, from the inside out, below the body."""
    return takewhile(lambda parent: parent.name not in ("body", "html", "[document]"), run.parents)


def _blocks_around(run: NavigableString) -> Iterator[Tag]:
    """The block elements around a run, from the inside out, below the whole document."""
    for parent in run.parents:
        if parent.name not in INLINE and parent.name not in ("html", "[document]"):
            yield parent
