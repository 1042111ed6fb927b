"""What rules may choose of a page: probes and marks; whether a page can hold what a CSS selector asks for."""

import re
from dataclasses import dataclass
from functools import cache

from newsarchive.patterns import Pattern

DENSEST = "generic/outside-story"
"""Mark of the blocks inside the element that density of text chose, where no rule names the story's element."""
ABSTRACT = "abstract"
"""Mark of the blocks inside elements whose class tells of an abstract; it takes nothing."""

_NAMES = re.compile(
    r"[.#]((?:[\w-]|[^\x00-\x7f])+)|\[\s*((?:[\w-]|\\.)+)\s*(?:[~|^$*]?=\s*[\"']?([^\"'\]]+?)[\"']?(?:\s+[is])?\s*)?\]"
)
_ELEMENT = re.compile(r"(?:^|[\s>+~])([a-z][a-z0-9]*)")
_IMPLIED = frozenset({"html", "head", "body", "tbody", "p"})
"""Elements that the parser adds where the markup leaves them out."""
_PSEUDO = re.compile(r"(?::[\w-]+\([^()]*(?:\([^()]*\)[^()]*)*\)|:[\w-]+)(?![^\[]*\])")


@dataclass(frozen=True, slots=True)
class Probe:
    """Where the markup itself tells a field: an element chosen by CSS or a pattern over the file as received."""

    id: str
    field: str
    selector: str = ""
    attribute: str = ""
    """Attribute that holds the value; empty for the element's text."""
    pattern: Pattern | None = None
    """Run over the value of the selector, or over the whole body where there is none; named groups or group 1 tell."""


def may_match(selector: str, markup: str) -> bool:
    """Tell whether some element of the markup may be chosen by a selector; False is certain, True is not.

    Choosing walks the whole tree in Python; finding that no class, id, attribute or element of that name
    occurs in the text takes a thousandth of that. `markup` is in lower case. Names written with character
    references are not seen, which nobody does.
    """
    return any(all(name in markup for name in names) for names in _needs(selector))


@cache
def _needs(selector: str) -> tuple[tuple[str, ...], ...]:
    """For each alternative of a selector what the markup must hold: names of classes, ids, attributes, `<element`."""
    return tuple(_need(alternative) for alternative in _alternatives(_PSEUDO.sub("", selector)))


def _alternatives(selector: str) -> list[str]:
    """Part a selector at the commas that stand outside of brackets and quotes."""
    return [part.strip() for part in re.split(r",(?![^\[]*\])", selector) if part.strip()]


def _need(alternative: str) -> tuple[str, ...]:
    named = [
        name.replace("\\", "").lower() for match in _NAMES.finditer(alternative) for name in match.groups() if name
    ]
    elements = [f"<{name}" for name in _ELEMENT.findall(_NAMES.sub("", alternative)) if name not in _IMPLIED]
    return (*named, *elements)
