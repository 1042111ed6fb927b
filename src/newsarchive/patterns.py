"""Patterns in RE2 syntax: checked when they are read, compiled when they are used, many looked for at once."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import cast

import re2
from re2 import _re2

_ANYWHERE = _re2.RE2.Anchor.UNANCHORED
_QUIET = re2.Options()
_QUIET.log_errors = False  # the library would print them; here they become faults with a place
_QUIET.max_mem = 1 << 28  # bytes; an automaton that ran out of room would answer "no match" without a word
_TOKEN = re.compile(
    r"\\Q.*?(?:\\E|$)|\\x\{[0-9A-Fa-f]+\}|\\[pP]\{\^?\w+\}|\\."
    r"|\[\^?\]?(?:\[:\^?\w+:\]|\\[pP]\{\^?\w+\}|\\.|[^\]\\])*\]"
    r"|\(\?P?<(?P<name>\w+)>|\(\?|\{(?P<least>\d+)(?:,(?P<most>\d*))?\}|.",
    re.DOTALL,
)
"""The pieces of a pattern that tell its named groups and counted repeats from literal ones."""
MEMORABLE = 100
"""Characters up to which what a line holds is remembered; longer ones do not recur."""
_READ = 128
"""How many lines each pattern remembers."""
MANY = 3
"""Most repeats that are still counted where many patterns are looked for at once."""


class Pattern:
    """A pattern whose automaton is made when it is first asked; of large rule files most patterns never are."""

    def __init__(self, pattern: str) -> None:
        """Check the syntax, without compiling.

        Raises:
            ValueError: it is not RE2 syntax; the message says what is wrong.
        """
        self.pattern = pattern
        try:
            re2.Set.SearchSet(_QUIET).Add(pattern)
        except re2.error:
            raise ValueError(_fault(pattern)) from None

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The named groups, sorted."""
        return tuple(sorted(name for token in _TOKEN.finditer(self.pattern) if (name := token["name"])))

    @cached_property
    def groups(self) -> int:
        """How many groups the pattern has, named or not."""
        return sum(token.group() == "(" or bool(token["name"]) for token in _TOKEN.finditer(self.pattern))

    def is_in(self, text: str) -> bool:
        """Tell whether the pattern matches anywhere in a text; quicker than to find where."""
        return bool(self._alone.Match(text.encode()))

    def search(self, text: str) -> re.Match[str] | None:
        """Find the first place of a text where the pattern matches."""
        return self._compiled.search(text)

    def read(self, text: str) -> Mapping[str, str] | None:
        """Give what the named groups read at the first place where the pattern matches; None where it matches nowhere.

        Groups that took no part, or read nothing, are left out. Quicker than `search`, which counts characters;
        short lines are remembered, since a publisher signs all its articles alike.
        """
        return self._remembered_read(text) if len(text) <= MEMORABLE else self._read(text)

    @cached_property
    def _remembered_read(self) -> Callable[[str], Mapping[str, str] | None]:
        return lru_cache(maxsize=_READ)(self._read)

    def _read(self, text: str) -> Mapping[str, str] | None:
        data = text.encode()
        spans = self._raw.Match(_ANYWHERE, data, 0, len(data))
        if spans[0][0] < 0:
            return None
        read = ((name, data[start:end].decode()) for name, (start, end) in self._named(spans) if start >= 0)
        return MappingProxyType({name: value for name, value in read if value})

    def _named(self, spans: Sequence[tuple[int, int]]) -> Iterator[tuple[str, tuple[int, int]]]:
        return ((name, spans[number]) for name, number in self._numbers)

    @cached_property
    def _numbers(self) -> tuple[tuple[str, int], ...]:
        """Named groups and their numbers, in the order of their names."""
        return tuple((name.decode(), number) for name, number in self._raw.NamedCapturingGroups())

    @cached_property
    def _raw(self) -> _re2.RE2:
        """The automaton without its wrapper, which costs several times what matching does."""
        return _re2.RE2(self.pattern.encode(), _QUIET)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """Find all places of a text where the pattern matches."""
        return self._compiled.finditer(text)

    @cached_property
    def _compiled(self) -> "re.Pattern[str]":
        return cast("re.Pattern[str]", re2.compile(self.pattern, _QUIET))

    @cached_property
    def _alone(self) -> _re2.Set:
        alone = _re2.Set(_ANYWHERE, _QUIET)
        alone.Add(self.pattern.encode())
        alone.Compile()
        return alone

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pattern) and other.pattern == self.pattern

    def __hash__(self) -> int:
        return hash(self.pattern)

    def __reduce__(self) -> tuple[type["Pattern"], tuple[str]]:
        return Pattern, (self.pattern,)


class Patterns:
    """Many patterns as one automaton: one look at a line tells which of them match."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        """Compile the patterns together, with long counted repeats taken for endless ones.

        Counting makes automata of tens of thousands of states, each of which is made while texts are read. What
        the looser patterns find is asked of the exact one, so that few of those are ever compiled.
        """
        self._patterns = tuple(patterns)
        self._set = _re2.Set(_ANYWHERE, _QUIET)
        loose = [loosened(pattern.pattern) for pattern in patterns]
        self._sure = tuple(looser == pattern.pattern for looser, pattern in zip(loose, patterns, strict=True))
        for looser in loose:
            self._set.Add(looser.encode())
        if patterns:
            self._set.Compile()

    def match(self, text: str) -> list[int]:
        """Give the numbers of the patterns that are found in the text, from 0, in order."""
        found = self._set.Match(text.encode()) if self._patterns else None
        if not found:
            return []
        return sorted(number for number in found if self._sure[number] or self._patterns[number].is_in(text))


together = lru_cache(maxsize=64)(Patterns)
"""Patterns compiled together, remembered: rule files combine in many ways that hold the same patterns."""


def loosened(pattern: str) -> str:
    """Give a pattern that matches wherever the given one does, without long counted repeats."""
    return _TOKEN.sub(_endless, pattern)


def _endless(token: re.Match[str]) -> str:
    if token["least"] is None:
        return token.group()
    most = token["least"] if token["most"] is None else token["most"]
    if most and int(most) < MANY:
        return token.group()
    return "+" if int(token["least"]) else "*"


def _fault(pattern: str) -> str:
    """What RE2 finds wrong; it tells it in bytes."""
    try:
        re2.compile(pattern, _QUIET)
    except re2.error as error:
        told = error.args[0] if error.args else ""
        return told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)
    return "its repeats are too many"
