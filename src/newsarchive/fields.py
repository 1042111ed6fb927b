"""Front matter, the fields that a collector wrote at the head of a file → plain values.

Collectors write titles unquoted, so it is read as strict YAML first and, where that fails, line by line as far as the
meaning is plain. Values are not interpreted here.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from frontmatter.default_handlers import YAMLHandler

from newsarchive.article import Problem
from newsarchive.errors import ContentError
from newsarchive.heads import LONGEST, FrontMatter
from newsarchive.yamlfile import parse_yaml


def part_front_matter(text: str, path: str) -> FrontMatter:
    """Part front matter from body; a text without it, or with an opening fence only, is all body.

    `text` has one line feed at each line end; blank lines may stand before the first `---`.
    """
    lead = len(text) - len(text.lstrip())
    fence_line = text.count("\n", 0, lead) + 1
    handler = _Handler(path, fence_line)
    if not handler.detect(text[lead:]):
        return FrontMatter({}, text, 1, present=False)
    try:
        head, body = handler.split(text[lead:])
    except ValueError:
        return _all_body(text, path, fence_line, text[lead + 3 :])
    if _is_prose(head):
        return _all_body(text, path, fence_line, head)
    fields = handler.load(head)
    body = body.removeprefix("\n")
    body_line = text.count("\n", 0, len(text) - len(body)) + 1
    return FrontMatter(fields, body, body_line, present=True, problems=tuple(handler.problems), places=handler.places)


def problem_of(path: str, fault: ContentError, kind: str, action: str) -> Problem:
    """Tell a fault of the YAML reader as a problem of the file `path`, its place taken apart."""
    match = re.search(r":(\d+):(\d+)$", fault.place)
    line, column = (int(match[1]), int(match[2])) if match else (None, None)
    return Problem(path, line, column, kind, fault.finding, action)


class _Handler(YAMLHandler):
    """Parts and reads front matter for python-frontmatter, strictly first and then by repair.

    Only lines of exactly three hyphens are fences: the package's own pattern also takes the blank lines that
    follow, which a count of lines needs, and longer rulers, which belong to the text.
    """

    FM_BOUNDARY = re.compile(r"^---[ \t]*$", re.MULTILINE)

    def __init__(self, path: str, first_line: int) -> None:
        super().__init__()
        self.path = path
        self.first_line = first_line
        self.problems: list[Problem] = []
        self.places: dict[str, tuple[int, int]] = {}

    def load(self, fm: str, **_: object) -> dict[str, object]:
        """Read the text between the fences; what was repaired is in `problems`."""
        repair = _Repair(self.path, self.problems)
        entries = list(_entries(fm, self.first_line))
        self.places = {entry.key: (entry.line, entry.column) for entry in reversed(entries)}
        fields = repair.strict(fm, self.first_line)
        if fields is None:
            return repair.by_entry(entries)
        for entry in entries:
            if entry.key in fields:
                fields[entry.key] = repair.lost_words(entry, fields[entry.key])
        return _flat(fields)


_KEY = re.compile(r"""(?P<key>[^\s:#'"\[\]{},&*!|>%@`-][^:\n]{0,60}?)[ \t]*:(?:[ \t]+(?P<rest>.*)|[ \t]*$)""")
_TIGHT_KEY = re.compile(r"(?P<key>[A-Za-z_][\w-]{0,40}):(?!//)(?P<rest>\S.*)")
_ITEM = re.compile(r"[ \t]*-(?:[ \t]+(?P<text>.*)|[ \t]*$)")
_QUOTED = re.compile(r"""(['"])(?P<text>.*)\1""", re.DOTALL)


@dataclass(slots=True)
class _Entry:
    """One key at the margin and the lines that belong to it."""

    key: str
    rest: str
    """What follows the colon on the key's line."""
    line: int
    column: int
    """Column of `rest`, from 1."""
    first: str
    """The key's line."""
    more: list[str] = field(default_factory=list)
    """The lines below it up to the next key."""

    @property
    def text(self) -> str:
        return "\n".join([self.first, *self.more])


def _entries(text: str, first_line: int) -> Iterator[_Entry]:
    entry: _Entry | None = None
    for number, line in enumerate(text.split("\n"), first_line):
        match = _KEY.fullmatch(line) or _TIGHT_KEY.fullmatch(line)
        if match:
            if entry:
                yield entry
            rest = match["rest"] or ""
            column = (match.start("rest") if rest else len(line)) + 1
            entry = _Entry(match["key"].strip(), rest.strip(), number, column, line)
        elif entry and not line.startswith("#"):
            entry.more.append(line)
    if entry:
        yield entry


class _Repair:
    """Reads the fields of one file, noting what had to be repaired."""

    def __init__(self, path: str, problems: list[Problem]) -> None:
        self.path = path
        self.problems = problems

    def strict(self, text: str, line: int) -> dict[str, object] | None:
        """The fields by strict YAML; None where it is none."""
        try:
            value = parse_yaml(text, self.path, ContentError, first_line=line, only_text=True).value
        except ContentError:
            return None
        if value in (None, ""):
            return {}
        return value if isinstance(value, dict) else None

    def by_entry(self, entries: list[_Entry]) -> dict[str, object]:
        """Read every key by itself, so that one broken value leaves the others."""
        fields: dict[str, object] = {}
        for entry in entries:
            value = _flat({entry.key: self._value(entry)})
            if entry.key in fields:
                said = f"the key `{entry.key}` stands again, with `{_as_line(value)}`"
                self._note(entry.line, 1, said, "kept the first value")
            else:
                fields.update(value)
        return fields

    def lost_words(self, entry: _Entry, value: object) -> object:
        """Give back words of a value that YAML takes for a comment or for brackets, though they are meant."""
        raw = _unquoted(entry.rest)
        if value == "" and entry.rest.startswith("#"):
            self._note(entry.line, entry.column, f"YAML takes the whole value of `{entry.key}` for a comment", _TAKEN)
            return raw
        hash_sign = re.search(r"\s#(?=[^\s#])", entry.rest)
        if isinstance(value, str) and hash_sign and value == entry.rest[: hash_sign.start()].rstrip():
            column = entry.column + hash_sign.end() - 1
            self._note(entry.line, column, f"YAML takes the end of `{entry.key}` for a comment", _TAKEN)
            return raw
        if entry.rest and _is_bracketed_words(entry.key, value):
            self._note(entry.line, entry.column, f"YAML takes the brackets of `{entry.key}` for a list", _TAKEN)
            return _words(entry)
        if isinstance(value, list) and "" in value:
            return _words(entry)
        return value

    def _value(self, entry: _Entry) -> object:
        for text in dict.fromkeys((entry.text, _without_tabs(entry.text))):
            fields = self.strict(text, entry.line)
            if fields is not None and list(fields) == [entry.key]:
                if text != entry.text:
                    self._note(entry.line, 1, f"a tab indents the value of `{entry.key}`", "read it as spaces")
                return self.lost_words(entry, fields[entry.key])
        self._note_fault(entry)
        return _words(entry)

    def _note_fault(self, entry: _Entry) -> None:
        try:
            parse_yaml(entry.text, self.path, ContentError, first_line=entry.line, only_text=True)
        except ContentError as fault:
            problem = problem_of(self.path, fault, "front-matter", _TAKEN)
            self._note(problem.line, problem.column, f"`{entry.key}` {fault.finding}", _TAKEN)
        else:
            self._note(entry.line, len(entry.key) + 2, f"no space follows `{entry.key}:`", _TAKEN)

    def _note(self, line: int | None, column: int | None, message: str, action: str) -> None:
        self.problems.append(Problem(self.path, line, column, "front-matter", message, action))


_TAKEN = "took the words as they stand"


def _all_body(text: str, path: str, line: int, head: str) -> FrontMatter:
    """Text whose opening fence is a ruler, or front matter that never ends; the latter is a problem."""
    problem = Problem(path, line, 1, "front-matter", "the front matter has no closing `---`", "took all of it as body")
    has_keys = any(_is_key(line) for line in head.lstrip().split("\n", 1)[:1])
    return FrontMatter({}, text, 1, present=False, problems=(problem,) if has_keys else ())


def _is_prose(head: str) -> bool:
    """Whether the text between two rulers is none that was meant as fields."""
    lines = [line for line in head.split("\n") if not line.startswith("#")]
    written = [line for line in lines if line.strip()]
    if not written:
        return False
    if len(head) > LONGEST or not _is_key(written[0]):
        return True
    after_blank = (later for line, later in pairwise(lines[1:]) if not line.strip())
    return any(not _is_key(line) and not line.startswith((" ", "\t", "-")) for line in after_blank if line.strip())


def _is_bracketed_words(key: str, value: object) -> bool:
    """Whether brackets were printed and not meant for YAML: a title is never a list, and `{words}` never a mapping."""
    if isinstance(value, dict):
        return key == "title" or not any(value.values())
    return isinstance(value, list) and key == "title"


def _is_key(line: str) -> bool:
    return bool(_KEY.fullmatch(line) or _TIGHT_KEY.fullmatch(line))


def _words(entry: _Entry) -> object:
    """The value of an entry as its words stand: a list where every line below the key is an item, else one text."""
    lines = [line for line in entry.more if line.strip()]
    items = [match for line in lines if (match := _ITEM.fullmatch(line))]
    if lines and not entry.rest and len(items) == len(lines):
        return [_unquoted(match["text"] or "") for match in items]
    return _unquoted(" ".join([entry.rest, *(line.strip() for line in lines)]).strip())


def _unquoted(text: str) -> str:
    """A text without the quotes around the whole of it."""
    match = _QUOTED.fullmatch(text.strip())
    return match["text"] if match and match[1] not in match["text"] else text.strip()


def _without_tabs(text: str) -> str:
    return re.sub(r"(?m)^[ ]*\t[ \t]*", lambda indent: indent.group().replace("\t", "  "), text)


def _flat(fields: Mapping[str, object]) -> dict[str, object]:
    """Fields with texts and lists of texts only."""
    flat: dict[str, object] = {}
    for key, value in fields.items():
        if isinstance(value, dict):
            flat |= {f"{key}.{inner}": below for inner, below in _flat(value).items()}
        else:
            flat[key] = list(_texts(value)) if isinstance(value, list) else value
    return flat


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, dict):
        for key, one in value.items():
            yield f"{key}: {', '.join(_texts(one))}".rstrip(": ")
    elif value:
        yield str(value)


def _as_line(fields: Mapping[str, object]) -> str:
    return "; ".join(", ".join(_texts(value)) for value in fields.values())
