"""Corrections and folder defaults, written by us: strict YAML → checked plain values, or problems.

A value that cannot be meant is left out and reported with its place, so that a slip of the pen never passes for
a correction.
"""

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import get_args

from newsarchive.article import Kind, Platform, Problem, Role
from newsarchive.dates import date_fault
from newsarchive.errors import ContentError
from newsarchive.fields import problem_of
from newsarchive.heads import straight_fields, turned
from newsarchive.settings import Settings
from newsarchive.yamlfile import Key, YamlFile, did_you_mean, parse_yaml_bytes

SIDECAR_TEXTS = (
    "title", "published", "retrieved", "publisher", "platform", "outlet", "url", "kind", "lang", "summary", "note",
)  # fmt: skip
"""Fields of a sidecar or of `_defaults.yaml` that hold one text; `note` is for editors and is not shown."""
SIDECAR_LISTS = ("outlets", "byline", "editions", "uncertain")
"""Fields that hold a list; one value alone is a list of one. Entries of `byline` are names, or `name` and `role`."""
SIDECAR_FLAGS = ("complete",)
"""Fields that are true or false."""
SIDECAR_STORIES = "stories"
"""Field of a sidecar that parts the document by hand: each entry names its `lines` or `paragraphs`, and fields."""
STORY_UNITS = ("lines", "paragraphs")
UNCERTAIN = (
    "title", "published", "publisher", "platform", "outlet", "outlets", "byline", "editions", "url", "retrieved",
    "kind", "complete", "lang", "summary", "images", "text",
)  # fmt: skip
"""Fields of an article whose value may be called doubtful."""
CREDIT_KEYS = ("name", "role")
_DIGITS = 9
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
"""Shape of a language tag, after RFC 5646, section 2.1."""
ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)


class _Fault(ValueError):
    """A value that cannot be meant, with the keys that lead to it from the field on."""

    def __init__(self, finding: str, *keys: Key) -> None:
        super().__init__(finding)
        self.keys = keys


def read_sidecar(
    data: bytes, place: str, settings: Settings, kind: str = "sidecar"
) -> tuple[dict[str, object], tuple[Problem, ...]]:
    """Read a sidecar or a `_defaults.yaml`: field → text, list, or flag; None for a field that is to be empty.

    `place` is its path relative to the content folder. Faults are problems: the field, the entry of a list, or the
    whole file where it is not YAML, is left out.
    """
    try:
        text = parse_yaml_bytes(data, place, ContentError, only_text=True)
    except ContentError as fault:
        return {}, (left_out(place, fault, kind),)
    if not isinstance(text.value, dict):
        if text.value in (None, ""):
            return {}, ()
        return {}, (Problem(place, 1, 1, kind, "holds no fields", "left the file out"),)
    return _Reader(text, kind, settings).fields(text.value)


def left_out(place: str, fault: ContentError, kind: str) -> Problem:
    """Tell of a sidecar or a `_defaults.yaml` that is not taken at all, and what to do about it."""
    return problem_of(place, ContentError(fault.place, f"{fault.finding}; {fault.remedy}"), kind, "left the file out")


class _Reader:
    """Checks the fields of one file, noting what had to be left out."""

    def __init__(self, file: YamlFile, kind: str, settings: Settings) -> None:
        self.file = file
        self.kind = kind
        self.settings = settings
        self.problems: list[Problem] = []

    def fields(self, written: Mapping[str, object]) -> tuple[dict[str, object], tuple[Problem, ...]]:
        """The fields that hold, and what is wrong with the others."""
        fields: dict[str, object] = {}
        plain = straight_fields(written)
        if plain != written:
            self.problems.append(turned(self.file.place, None, None))
        for name, value in plain.items():
            try:
                known = _known(name, self.kind)
                held = self.entries(known, value) if _is_list(known, value) else self.value(known, value)
                fields |= {} if held == [] else {known: held}
            except _Fault as fault:
                self.note(name, fault, f"left `{name}` out")
        return fields, tuple(self.problems)

    def entries(self, name: str, value: object) -> list[object]:
        """The entries of a list that hold; one value alone is a list of one."""
        held: list[object] = []
        for number, entry in enumerate(value if isinstance(value, list) else [value]):
            try:
                held.append(_entry(name, entry))
            except _Fault as fault:
                keys = (number, *fault.keys) if isinstance(value, list) else fault.keys
                self.note(name, _Fault(str(fault), *keys), "left the entry out")
        return held

    def value(self, name: str, value: object) -> object:
        """One value, as the archive takes it."""
        if value == "":
            return None
        if name == SIDECAR_STORIES:
            return self.stories(value)
        if name in STORY_UNITS:
            return _ranges(name, value)
        if not isinstance(value, str):
            raise _Fault(f"`{name}` is not one text")
        if name in SIDECAR_FLAGS:
            return _flag(name, value)
        self.check_text(name, value)
        return value

    def check_text(self, name: str, text: str) -> None:
        """Refuse a text that is none of the words or forms that its field knows."""
        if name in _CHOICES and text not in _CHOICES[name]:
            raise _Fault(f"`{name}` is `{text}`; {did_you_mean(text, _CHOICES[name])}")
        if name in _FORMS and not _FORMS[name][0].fullmatch(text):
            raise _Fault(f"`{name}` is `{text}`, which is {_FORMS[name][1]}")
        if name in ("published", "retrieved"):
            earliest, latest = (self.settings.earliest, self.settings.latest) if name == "published" else (1, None)
            fault = date_fault(text, self.settings.zone, earliest, latest)
            if fault:
                said = "cannot be read" if fault == "invalid" else "is implausible"
                raise _Fault(f"the date `{name}` {said} ({text})")

    def stories(self, value: object) -> list[dict[str, object]]:
        """The entries of a split by hand, each with its ranges as pairs of numbers."""
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            raise _Fault("`stories` is not a list of entries, each with `lines` or `paragraphs`")
        stories = []
        for number, entry in enumerate(value, 1):
            stories.append({str(name): self.of_story(number, str(name), each) for name, each in entry.items()})
            if len(value) > 1 and sum(unit in entry for unit in STORY_UNITS) != 1:
                raise _Fault(f"story {number} names not one of `lines` and `paragraphs`", number - 1)
        _check_overlap(stories)
        return stories

    def of_story(self, number: int, name: str, value: object) -> object:
        """One field of an entry; a fault in it is one of the whole split."""
        try:
            known = _known(name, "story")
            if not _is_list(known, value):
                return self.value(known, value)
            return [_entry(known, entry) for entry in (value if isinstance(value, list) else [value])]
        except _Fault as fault:
            raise _Fault(f"story {number}: {fault}", number - 1, name, *fault.keys) from None

    def note(self, name: str, fault: _Fault, action: str) -> None:
        """Report a fault of a field at its place."""
        line, column = self.file.position(name, *fault.keys)
        self.problems.append(Problem(self.file.place, line, column, self.kind, str(fault), action))


_CHOICES: Mapping[str, tuple[str, ...]] = {"kind": get_args(Kind), "platform": get_args(Platform)}
_FORMS: Mapping[str, tuple[re.Pattern[str], str]] = {
    "lang": (LANGUAGE, "no language tag such as `zh-Hans`"),
    "url": (ADDRESS, "no address that begins with `http`"),
}


def _known(name: str, kind: str) -> str:
    own = {"sidecar": (SIDECAR_STORIES,), "story": STORY_UNITS}
    known = (*SIDECAR_TEXTS, *SIDECAR_LISTS, *SIDECAR_FLAGS, *own.get(kind, ()))
    if name not in known:
        raise _Fault(f"unknown field `{name}`; {did_you_mean(name, known)}")
    return name


def _is_list(name: str, value: object) -> bool:
    return name in SIDECAR_LISTS and value not in ("", [])


def _flag(name: str, text: str) -> bool:
    if text not in ("true", "false"):
        raise _Fault(f"`{name}` is `{text}`, neither true nor false")
    return text == "true"


def _entry(name: str, value: object) -> object:
    """One entry of a list field."""
    if name == "byline":
        return _credit(value)
    if not isinstance(value, str) or not value.strip():
        raise _Fault(f"an entry of `{name}` is not one text")
    if name == "uncertain" and value not in UNCERTAIN:
        raise _Fault(f"`uncertain` names `{value}`, which is no field; {did_you_mean(value, UNCERTAIN)}")
    return value


def _credit(value: object) -> object:
    """An entry of a byline: a name, or a mapping of `name` and, if need be, `role`."""
    if isinstance(value, str) and value.strip():
        return value
    if not isinstance(value, dict) or not isinstance(value.get("name"), str) or not value["name"].strip():
        raise _Fault("an entry of `byline` is neither a name nor has one under `name`")
    for key, word in value.items():
        if key not in CREDIT_KEYS:
            raise _Fault(f"unknown key `{key}` in `byline`; {did_you_mean(key, CREDIT_KEYS)}", key)
        if key == "role" and word not in get_args(Role):
            raise _Fault(f"`role` is `{word}`; {did_you_mean(str(word), get_args(Role))}", key)
    return value


def _ranges(name: str, value: object) -> list[tuple[int, int]]:
    ranges = []
    for pair in value if isinstance(value, list) else [value]:
        ends = [str(end) for end in pair] if isinstance(pair, list) else []
        if len(ends) != 2 or not all(map(_is_place, ends)) or not 0 < int(ends[0]) <= int(ends[1]):
            raise _Fault(f"`{name}` is not a list of ranges such as [[1, 12], [30, 41]]")
        ranges.append((int(ends[0]), int(ends[1])))
    return ranges


def _is_place(end: str) -> bool:
    return end.isdecimal() and len(end) <= _DIGITS


def _check_overlap(stories: list[dict[str, object]]) -> None:
    """Refuse ranges of one unit that share a line or paragraph."""
    for unit in STORY_UNITS:
        ranges = [(pair, number) for number, story in enumerate(stories, 1) for pair in _pairs(story.get(unit))]
        for ((_, end), number), ((start, _), other) in pairwise(sorted(ranges)):
            if start <= end:
                raise _Fault(f"story {number} and story {other} both name {unit[:-1]} {start}")


def _pairs(value: object) -> list[tuple[int, int]]:
    return value if isinstance(value, list) else []
