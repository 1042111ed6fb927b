"""Front matter of plain `key: value` lines → fields, without YAML; all other is left to `fields`.

Nine files in ten carry nothing else, and for these both ways give the same.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from newsarchive.article import Problem
from newsarchive.hanzi import straight

LONGEST = 32_000
"""Characters of front matter that are read; what is longer is a body between two rulers."""


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """A text parted into the fields at its head and its body."""

    fields: Mapping[str, object]
    """Field → text or list of texts, in the order written; a mapping inside becomes fields `outer.inner`."""
    body: str
    body_line: int
    """Line of the file on which the body begins, from 1."""
    present: bool
    """Whether the text has front matter, be it empty."""
    problems: tuple[Problem, ...] = ()
    places: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Key → line and column of its value in the file, from 1."""


def straight_fields(fields: Mapping[str, object]) -> dict[str, object]:
    """Fields without what makes text appear in another order than it is written, which YAML can spell out in ASCII."""
    return {straight(key): _straight(value) for key, value in fields.items()}


def _straight(value: object) -> object:
    if isinstance(value, str):
        return straight(value)
    if isinstance(value, list):
        return [_straight(one) for one in value]
    return straight_fields(value) if isinstance(value, dict) else value


def turned(path: str, line: int | None, column: int | None) -> Problem:
    """Tell that such characters were taken out of a file."""
    finding = "holds characters that make text appear in another order than it is written"
    return Problem(path, line, column, "direction", finding, "took them out")


def part_plain_front_matter(text: str) -> FrontMatter | None:
    """Part front matter from body; None where any line is more than a key with one plain or simply quoted value.

    `text` has one line feed at each line end.
    """
    head = _HEAD.match(text)
    if not head:
        return None if text.lstrip().startswith("---") else FrontMatter({}, text, 1, present=False)
    if len(head[1]) > LONGEST or _UNPRINTABLE.search(head[1]):
        return None
    fields: dict[str, object] = {}
    places: dict[str, tuple[int, int]] = {}
    for number, line in enumerate(head[1].split("\n")[:-1], 2):
        match = _LINE.fullmatch(line)
        value = _plain_value(match["value"] or "") if match else None
        if match is None or value is None or match["key"] in fields:
            return None
        fields[match["key"]] = value
        places[match["key"]] = (number, (match.start("value") if match["value"] else len(line)) + 1)
    return FrontMatter(fields, text[head.end() :], text.count("\n", 0, head.end()) + 1, present=True, places=places)


_HEAD = re.compile(r"---\n((?:[A-Za-z_][^\n]*\n){1,60})---[ \t]*(?:\n|\Z)")
_LINE = re.compile(
    r"(?P<key>[A-Za-z_][A-Za-z0-9_-]{0,40}):"
    r"(?: +(?P<value>\"[^\"\\]*\"|'[^']*'|[^\s\[\]{}#&*!|>'\"%@`,?:-].*))? *"
)
_NOT_PLAIN = re.compile(r":(?:\s|\Z)|\s(?:#|\Z)|(?:~|null|Null|NULL)\Z")
"""What ends a plain value before its line does, or makes it none; a trailing null costs little."""
_UNPRINTABLE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")


def _plain_value(written: str) -> str | None:
    """The text of a value; None where only YAML can tell it."""
    if written[:1] in ("'", '"'):
        return written[1:-1]
    return None if _NOT_PLAIN.search(written) else written
