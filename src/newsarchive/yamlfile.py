"""The strict safe YAML loader: plain values only, with the line and column of everything.

Takes a file the way a person reads it: no anchors, aliases, tags, merge keys, duplicate keys or second
documents; `no`, `yes`, `on`, `off` and dates stay the words they are. Whatever breaks these rules is
an error that names path, line and column, the finding and the remedy.
"""

import difflib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import yaml

from newsarchive.errors import NewsArchiveError

MAX_NESTING = 32
"""How deep lists and mappings may stand in one another; far beyond what a person writes."""

Key = str | int
"""A key of a mapping or a position in a list, from 0."""

FAST: type[yaml.CSafeLoader] | None = getattr(yaml, "CSafeLoader", None)
"""The loader in C; None where PyYAML was built without it."""
UNSURE = re.compile(
    r"[\t\r\x85\u2028\u2029\ufeff]|^---|(?:^|\s)[|>][-+0-9]*#|(?:^|[\s,\[{])\?[\s,\]}\[{]"
    r"|^[^'\"\n]*:\s+[,\]}]|^[^'\"\n\[{]*[\[{][^'\"\n]*\?",
    re.MULTILINE,
)
"""What the two parsers of PyYAML read, or place, in different ways."""

_NULL = re.compile(r"(?:~|null|Null|NULL)?")
_BOOLEAN = re.compile(r"true|True|TRUE|false|False|FALSE")
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_HALF = re.compile("[\ud800-\udfff]")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]{1,18}|[0-9]{1,18}\.[0-9]{0,18})(?:[eE][-+]?[0-9]{1,2})?")


@dataclass(frozen=True, slots=True)
class YamlFile:
    """One parsed YAML text: its value and where each part of it stands."""

    place: str
    """Name of the text for messages, usually its path."""
    value: object
    """None, booleans, numbers, strings, lists and dictionaries with string keys, and nothing else."""
    positions: Mapping[tuple[Key, ...], tuple[int, int]]
    """Keys from the outside in → line and column, both from 1; the empty tuple is the whole."""

    def where(self, *keys: Key) -> str:
        """Name the place of a value as `path:line:column`; of its nearest known parent where it is absent."""
        line, column = self.position(*keys)
        return f"{self.place}:{line}:{column}"

    def position(self, *keys: Key) -> tuple[int, int]:
        """Tell line and column of a value, from 1; of its nearest known parent where it is absent."""
        while keys and keys not in self.positions:
            keys = keys[:-1]
        return self.positions.get(keys, (1, 1))


def read_yaml(
    path: Path, error: type[NewsArchiveError], place: str | None = None, *, only_text: bool = False
) -> YamlFile:
    """Read a YAML file in UTF-8, with or without a byte-order mark; `place` names it in messages, else its path.

    Raises:
        NewsArchiveError: of the class `error`, where the file cannot be read or is not strict YAML.
    """
    name = place or path.as_posix()
    try:
        data = path.read_bytes()
    except OSError as fault:
        raise error(name, f"cannot be read ({fault.strerror})", "check the path and its permissions") from None
    return parse_yaml_bytes(data, name, error, only_text=only_text)


def parse_yaml_bytes(data: bytes, place: str, error: type[NewsArchiveError], *, only_text: bool = False) -> YamlFile:
    """Parse the bytes of a YAML file as `parse_yaml` does its text.

    Raises:
        NewsArchiveError: of the class `error`, where they are not UTF-8 or no strict YAML.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise error(place, f"is not UTF-8 at byte {fault.start}", "save the file as UTF-8") from None
    return parse_yaml(text, place, error, only_text=only_text)


def parse_yaml(
    text: str, place: str, error: type[NewsArchiveError], *, first_line: int = 1, only_text: bool = False
) -> YamlFile:
    """Parse YAML text into plain values.

    `first_line` is the line of the file on which `text` begins. With `only_text` every scalar stays the
    string that was written (`2024`, `no`, `1.10`), and an empty value, `null` or `~` is the empty string.

    Raises:
        NewsArchiveError: of the class `error`, where the text is not strict YAML.
    """
    if FAST is not None and text.endswith("\n") and not UNSURE.search(text):
        try:
            return _build(text, FAST, _Builder(place, error, first_line, only_text))
        except (yaml.YAMLError, ValueError, OverflowError, error):
            pass  # the other parser words what is wrong, and in its own place
    return _parse_slowly(text, _Builder(place, error, first_line, only_text))


def _build(text: str, loader: type[yaml.SafeLoader | yaml.CSafeLoader], builder: "_Builder") -> YamlFile:
    for event in yaml.parse(text, Loader=loader):
        builder.take(event)
    return YamlFile(builder.place, builder.result(), builder.positions)


def _parse_slowly(text: str, builder: "_Builder") -> YamlFile:
    try:
        return _build(text, yaml.SafeLoader, builder)
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        raise builder.fault(mark, _finding(fault), "put the value in quotes or mend the indentation") from None
    except yaml.reader.ReaderError as fault:
        line = builder.first_line + text.count("\n", 0, fault.position)
        column = fault.position - text.rfind("\n", 0, fault.position)
        raise builder.error(
            f"{builder.place}:{line}:{column}", f"holds the control character U+{fault.character:04X}", "delete it"
        ) from None
    except (ValueError, OverflowError) as fault:  # numbers that the parser could not take, as of a character
        raise builder.error(builder.place, f"is not valid YAML: {fault}", "put the value in quotes") from None


def did_you_mean(word: str, known: Collection[str]) -> str:
    """Suggest the known word nearest to a misspelt one, as a remedy; names all of them where none is near."""
    near = difflib.get_close_matches(word.lower(), sorted(known), n=1, cutoff=0.6)
    return f"did you mean `{near[0]}`?" if near else "known are: " + ", ".join(sorted(known))


class _Mark(Protocol):
    """A place in the text as the parser tells it, both counted from 0."""

    line: int
    column: int


@dataclass(slots=True)
class _Open:
    """A list or mapping that is still being filled."""

    value: list[object] | dict[str, object]
    path: tuple[Key, ...]
    key: str | None = None
    """The key read last in a mapping, while its value is awaited."""


@dataclass(slots=True)
class _Builder:
    """Builds values from parser events; events, not nodes, so that nesting is bounded before any recursion."""

    place: str
    error: type[NewsArchiveError]
    first_line: int
    only_text: bool
    positions: dict[tuple[Key, ...], tuple[int, int]] = field(default_factory=dict)
    stack: list[_Open] = field(default_factory=list)
    results: list[object] = field(default_factory=list)

    def take(self, event: yaml.Event) -> None:
        """Take the next event of the parser."""
        self._refuse(event)
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.MappingStartEvent):
            self._open(event, {})
        elif isinstance(event, yaml.SequenceStartEvent):
            self._open(event, [])
        elif isinstance(event, yaml.CollectionEndEvent):
            self.stack.pop()

    def result(self) -> object:
        """The value of the whole text; None for an empty one."""
        return self.results[0] if self.results else None

    def fault(self, mark: _Mark | None, finding: str, remedy: str) -> NewsArchiveError:
        """An error at a mark of the parser."""
        line, column = self._position(mark)
        return self.error(f"{self.place}:{line}:{column}", finding, remedy)

    def _position(self, mark: _Mark | None) -> tuple[int, int]:
        return (mark.line + self.first_line, mark.column + 1) if mark else (self.first_line, 1)

    def _refuse(self, event: yaml.Event) -> None:
        mark = event.start_mark
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise self.fault(mark, "anchors and aliases (`&`, `*`) are not allowed", "write the value out, or quote it")
        if isinstance(event, yaml.NodeEvent) and getattr(event, "tag", None):
            raise self.fault(mark, "tags (`!`) are not allowed", "leave the tag out, or quote the value")
        if isinstance(event, yaml.DocumentStartEvent) and self.results:
            raise self.fault(mark, "a second document begins (`---`)", "keep one document in a file")

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        parent = self.stack[-1] if self.stack else None
        if parent and isinstance(parent.value, dict) and parent.key is None:
            self._key(parent, event)
        else:
            plain = not event.style and event.implicit[0]
            text = _whole(event.value)
            value = _word(text, plain) if self.only_text else _core(text, plain)
            self._place(value, event.start_mark)

    def _key(self, parent: _Open, event: yaml.ScalarEvent) -> None:
        assert isinstance(parent.value, dict)
        key = _whole(event.value)
        if key in parent.value:
            line = self.positions[(*parent.path, key)][0]
            raise self.fault(event.start_mark, f"the key `{key}` stands already in line {line}", "keep one of them")
        if key == "<<":
            raise self.fault(event.start_mark, "merge keys (`<<`) are not allowed", "write the keys out")
        parent.key = key
        parent.value[key] = None
        self.positions[(*parent.path, key)] = self._position(event.start_mark)

    def _open(self, event: yaml.CollectionStartEvent, value: list[object] | dict[str, object]) -> None:
        if len(self.stack) >= MAX_NESTING:
            raise self.fault(event.start_mark, f"more than {MAX_NESTING} levels of nesting", "flatten the value")
        parent = self.stack[-1] if self.stack else None
        if parent and isinstance(parent.value, dict) and parent.key is None:
            raise self.fault(event.start_mark, "a key is a list or a mapping", "put the key in quotes")
        self.stack.append(_Open(value, self._place(value, event.start_mark)))

    def _place(self, value: object, mark: _Mark | None) -> tuple[Key, ...]:
        """Put a value where it belongs and return its keys from the outside in."""
        if not self.stack:
            self.results.append(value)
            self.positions[()] = self._position(mark)
            return ()
        parent = self.stack[-1]
        if isinstance(parent.value, list):
            path: tuple[Key, ...] = (*parent.path, len(parent.value))
            parent.value.append(value)
            self.positions[path] = self._position(mark)
            return path
        assert parent.key is not None
        path = (*parent.path, parent.key)
        parent.value[parent.key] = value
        parent.key = None
        return path


def _whole(text: str) -> str:
    r"""A text with the two halves of a character put together; a half alone, which no file can hold, is U+FFFD.

    Who writes YAML as JSON does escapes what lies beyond U+FFFF as two halves (`"\ud83c\udfee"`).
    """
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace") if _HALF.search(text) else text


def _core(text: str, plain: bool) -> object:
    """A scalar by the core schema of YAML 1.2.2, section 10.3, without octal, hexadecimal, infinity and NaN."""
    if not plain:
        return text
    if _NULL.fullmatch(text):
        return None
    if _BOOLEAN.fullmatch(text):
        return text.lower() == "true"
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def _word(text: str, plain: bool) -> str:
    return "" if plain and _NULL.fullmatch(text) else text


def _finding(fault: yaml.MarkedYAMLError) -> str:
    parts: Iterator[str] = (part for part in (fault.context, fault.problem) if part)
    return "is not valid YAML: " + ", ".join(parts)
