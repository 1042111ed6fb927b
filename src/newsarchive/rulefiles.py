"""Reads and validates the files of `rules/` into a `RuleBook`."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import cast, get_args

from newsarchive.article import BlockKind, Kind, Platform, Role, Shape
from newsarchive.errors import ManyErrors, NewsArchiveError, RuleError
from newsarchive.hanzi import fold
from newsarchive.patterns import Pattern
from newsarchive.rules import Example, Group, Rule, RuleBook, RuleFile, Where
from newsarchive.selection import Probe
from newsarchive.settings import Settings, find_resource, list_resources
from newsarchive.yamlfile import YamlFile, did_you_mean, parse_yaml, read_yaml

OUTLETS = "data/outlets.yaml"
VERBS = ("selector", "story", "exact", "pattern", "repeat", "from")
"""What a rule can look for; each rule has exactly one, or only conditions."""
REPEATED = ("title", "publisher", "account", "reprinted", "image")
FIELDS = (
    "account", "byline", "copyright", "lang", "original", "outlet", "outlet-or-author", "outlet2", "outlet3",
    "outlet_bare", "outlet_first", "page-title", "printed", "published", "publisher", "reprinted", "slot", "title",
    "url", *get_args(Role),
)  # fmt: skip
"""What a claim, or a named group of a rule's pattern, can tell."""
HINTS = re.compile(r"bold|link|caption|in:[a-z]+")
CONDITIONS = ("kind", "hint", "href", "src", "after", "before", "shape")
RULE_KEYS = ("id", "why", "where", *VERBS, *CONDITIONS, "limit", "opens", "tells", "removes", "keeps")
EXAMPLE_KEYS = ("text", "html", "title", "publisher", "after", "before")
CLAIM_KEYS = ("id", "why", "field", "selector", "attribute", "pattern")
FILE_KEYS = ("name", "aliases", "homepage", "platform", "match", "parts", "rules", "claims")
MATCH_KEYS = ("host", "publisher", "front", "contains", "shape")
PART = re.compile(r"\(\?&([a-z-]+)\)")
"""How a pattern calls a part of its file by name, as Perl calls a group."""
LIMITS = {"pattern": 0.35, "from": 0.5}
"""Largest share of a story's letters that a rule of this verb may take unless it says otherwise; other verbs: all."""

_NAME = r"-?(?:[A-Za-z_]|\\[:.])(?:[A-Za-z0-9_-]|\\[:.])*"
_VALUE = rf"""{_NAME}|"[^"\\\0-\x1f\x7f]*"|'[^'\\\0-\x1f\x7f]*'"""
_TEST = rf"(?:[.#]{_NAME}|\[{_NAME}(?:[~|^$*]?=(?:{_VALUE})(?: i)?)?\]|:first-of-type)"
_COMPOUND = rf"(?:{_NAME}{_TEST}*|{_TEST}+)(?::not\({_TEST}\))*"
SELECTOR = re.compile(rf"{_COMPOUND}(?:(?: | > |, ?){_COMPOUND})*", re.ASCII)
"""Selectors of elements by name, class, id and attribute, which need no parser to be known as sound."""


def load_rules(settings: Settings) -> RuleBook:
    """Read every rule file of the archive and the package.

    Raises:
        RuleError: a file is wrong; several faults come together as `ManyErrors`.
    """
    files: list[RuleFile] = []
    errors: list[NewsArchiveError] = []
    for name, path in sorted(list_resources(settings.root, "rules", ".yaml").items()):
        group = _group(name)
        if group == "publishers" and not settings.publisher_rules:
            # Names and aliases stay: without them the same publisher would have two names.
            files += [replace(file, rules=()) for file in _read(name, path, group, errors)]
        else:
            files += _read(name, path, group, errors)
    errors += _rivals(files)
    if errors:
        raise errors[0] if len(errors) == 1 else ManyErrors(errors)
    files.sort(key=lambda file: (get_args(Group).index(file.group), file.key))
    return RuleBook(tuple(files), _read_outlets(settings))


def parse_rules(text: str, group: Group, key: str) -> RuleFile:
    """Read a rule file from its text, as if it stood in its folder under the name `key`.

    Raises:
        RuleError: it is wrong; several faults come together as `ManyErrors`.
    """
    return _Reader(parse_yaml(text, f"{key}.yaml", RuleError), group, key).file()


def _read_outlets(settings: Settings) -> dict[str, str]:
    """Read the dictionary of media; none where neither archive nor package has one."""
    try:
        path = find_resource(settings.root, OUTLETS)
    except NewsArchiveError:
        return {}
    file = read_yaml(path, RuleError, OUTLETS)
    entries = file.value.get("outlets") if isinstance(file.value, dict) else None
    if not isinstance(entries, list) or not all(isinstance(entry, list) and entry for entry in entries):
        raise RuleError(
            file.where(), "the outlets are not a list of lists of names", "write `- [name, other name]` lines"
        )
    return {str(name): str(entry[0]) for entry in entries for name in entry}


def _group(name: str) -> Group:
    folder = name.split("/")[-2]
    return cast("Group", folder) if folder in get_args(Group) else "generic"


def _read(name: str, path: Path, group: Group, errors: list[NewsArchiveError]) -> list[RuleFile]:
    try:
        source = read_yaml(path, RuleError, name)
        return [_Reader(source, group, path.stem).file()]
    except ManyErrors as many:
        errors += many.errors
    except NewsArchiveError as error:
        errors.append(error)
    return []


def _rivals(files: Iterable[RuleFile]) -> Iterator[RuleError]:
    """Publishers that claim one name: which of them is meant could then only be a matter of order."""
    named: dict[str, RuleFile] = {}
    for file in files:
        for name in (file.name, *file.aliases) if file.group == "publishers" else ():
            rival = named.setdefault(fold(name), file)
            if rival is not file:
                finding = f"the name {name!r} is one of rules/publishers/{rival.key}.yaml too"
                yield RuleError(f"rules/publishers/{file.key}.yaml", finding, "leave it to one of the two files")


class _Reader:
    """Turns one parsed file into a `RuleFile`, collecting every fault before it gives up."""

    def __init__(self, source: YamlFile, group: Group, key: str) -> None:
        self.source = source
        self.group = group
        self.key = key
        self.errors: list[NewsArchiveError] = []
        self.parts: dict[str, str] = {}

    def file(self) -> RuleFile:
        value = self.mapping(self.source.value, FILE_KEYS)
        self.name_parts(value.get("parts"))
        file = RuleFile(
            key=self.key,
            group=self.group,
            name=str(value.get("name") or self.key),
            aliases=_texts(value.get("aliases")),
            homepage=str(value.get("homepage") or ""),
            platform=cast("Platform | None", self.choice(value.get("platform"), get_args(Platform), "platform")),
            match=self.match(value.get("match")),
            rules=tuple(self.rule(number, rule) for number, rule in enumerate(self.items(value, "rules"))),
            claims=tuple(self.claim(number, claim) for number, claim in enumerate(self.items(value, "claims"))),
        )
        self.twice(file)
        if self.errors:
            raise self.errors[0] if len(self.errors) == 1 else ManyErrors(self.errors)
        return file

    def name_parts(self, value: object) -> None:
        """Keep the named parts of the file's patterns; each may call those above it."""
        if value is not None and not isinstance(value, dict):
            self.fault("parts is not a mapping", "write `name: pattern` lines", "parts")
            return
        for name in value or {}:
            pattern = self.regex(value or {}, name, "parts")
            self.parts[name] = f"(?:{pattern.pattern if pattern else ''})"

    def match(self, value: object) -> dict[str, tuple[str, ...]]:
        match = self.mapping(value, MATCH_KEYS, "match")
        self.words(match, "shape", get_args(Shape), "match")
        return {key: _texts(words) for key, words in match.items()}

    def rule(self, number: int, value: object) -> Rule:
        at = ("rules", number)
        rule = self.mapping(value, RULE_KEYS, *at)
        self.required(rule, ("id", "why", "removes", "keeps"), *at)
        verb = [key for key in VERBS if key in rule]
        if len(verb) != 1 and not (not verb and any(key in rule for key in CONDITIONS)):
            self.fault(f"the rule has {len(verb) or 'no'} of {', '.join(VERBS)}", "give it exactly one", *at)
        pattern = self.regex(rule, "pattern", *at)
        for name in pattern.names if pattern else ():
            self.field(name, *at, "pattern")
        limit = rule.get("limit", LIMITS.get(verb[0] if verb else "", 1.0))
        if isinstance(limit, bool) or not isinstance(limit, int | float) or not 0 < limit <= 1:
            self.fault(f"limit is {limit!r}", "write a share above 0 and up to 1", *at, "limit")
            limit = 1.0
        return Rule(
            id=f"{self.key}/{rule.get('id')}",
            why=str(rule.get("why") or ""),
            where=cast("Where", self.choice(rule.get("where", "anywhere"), get_args(Where), *at, "where")),
            selector=self.css(rule, "selector", *at),
            story=self.css(rule, "story", *at),
            exact=frozenset(fold(line) for line in _texts(rule.get("exact"))),
            pattern=pattern,
            start=self.regex(rule, "from", *at),
            repeat=self.words(rule, "repeat", REPEATED, *at),
            kinds=self.words(rule, "kind", get_args(BlockKind), *at),
            hints=self.hints(rule, *at),
            href=self.regex(rule, "href", *at),
            src=self.regex(rule, "src", *at),
            after=_texts(rule.get("after")),
            before=_texts(rule.get("before")),
            shapes=self.words(rule, "shape", get_args(Shape), *at),
            limit=float(limit),
            opens=self.flag(rule.get("opens", False), *at, "opens"),
            tells=cast("Kind | None", self.choice(rule.get("tells"), ("stub", "list", "cut"), *at, "tells")),
            removes=self.examples(rule, "removes", *at),
            keeps=self.examples(rule, "keeps", *at),
        )

    def claim(self, number: int, value: object) -> Probe:
        at = ("claims", number)
        claim = self.mapping(value, CLAIM_KEYS, *at)
        self.required(claim, ("id", "field"), *at)
        if "selector" not in claim and "pattern" not in claim:
            self.fault("the claim has neither selector nor pattern", "say where in the markup the value stands", *at)
        if claim.get("field"):
            self.field(str(claim["field"]), *at, "field")
        pattern = self.regex(claim, "pattern", *at)
        if pattern is not None and pattern.groups < 1:
            self.fault("the pattern has no group", "put the value in parentheses", *at, "pattern")
        return Probe(
            id=f"{self.key}/{claim.get('id')}",
            field=str(claim.get("field") or ""),
            selector=self.css(claim, "selector", *at),
            attribute=str(claim.get("attribute") or ""),
            pattern=pattern,
        )

    def mapping(self, value: object, keys: tuple[str, ...], *at: str | int) -> dict[str, object]:
        """The value as a mapping with known keys; what is not is reported and left out."""
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.fault("a mapping is expected here", "write `key: value` lines", *at)
            return {}
        for key in value:
            if key not in keys:
                self.fault(f"unknown key {key!r}", did_you_mean(str(key), keys), *at, key)
        return {key: entry for key, entry in value.items() if key in keys}

    def items(self, value: Mapping[str, object], key: str) -> list[object]:
        entries = value.get(key)
        if entries is not None and not isinstance(entries, list):
            self.fault(f"{key} is not a list", "begin each entry with `- `", key)
        return entries if isinstance(entries, list) else []

    def required(self, value: Mapping[str, object], keys: Iterable[str], *at: str | int) -> None:
        for key in keys:
            if not value.get(key):
                self.fault(f"{key} is missing", f"add `{key}:`", *at)

    def choice(self, value: object, choices: tuple[str, ...], *at: str | int) -> str | None:
        if value is None or value in choices:
            return None if value is None else str(value)
        self.fault(f"unknown word {value!r}", did_you_mean(str(value), choices), *at)
        return choices[-1]

    def words(self, value: Mapping[str, object], key: str, known: tuple[str, ...], *at: str | int) -> tuple[str, ...]:
        """One word or a list of words, each of which must be known."""
        words = _texts(value.get(key))
        for word in words:
            if word not in known:
                self.fault(f"unknown word {word!r}", did_you_mean(word, known), *at, key)
        return words

    def field(self, name: str, *at: str | int) -> None:
        if name not in FIELDS:
            self.fault(f"unknown field {name!r}", did_you_mean(name, FIELDS), *at)

    def hints(self, value: Mapping[str, object], *at: str | int) -> tuple[str, ...]:
        words = _texts(value.get("hint"))
        for word in words:
            if not HINTS.fullmatch(word):
                self.fault(f"unknown hint {word!r}", "known are: bold, caption, link, in:<element>", *at, "hint")
        return words

    def examples(self, value: Mapping[str, object], key: str, *at: str | int) -> tuple[Example, ...]:
        """The examples under a key: a mapping, HTML where it begins with `<`, else a line of text."""
        written = value.get(key)
        entries = written if isinstance(written, list) else [] if written is None else [written]
        return tuple(self.example(entry, *at, key, number) for number, entry in enumerate(entries))

    def example(self, value: object, *at: str | int) -> Example:
        if not isinstance(value, dict):
            text = str(value)
            return Example(html=text) if text.startswith("<") else Example(text=text)
        fields = {key: str(entry) for key, entry in self.mapping(value, EXAMPLE_KEYS, *at).items()}
        if bool(fields.get("text")) == bool(fields.get("html")):
            self.fault("the example needs `text` or `html`, and not both", "write the piece as one of them", *at)
        return Example(**fields)

    def flag(self, value: object, *at: str | int) -> bool:
        if not isinstance(value, bool):
            self.fault(f"{value!r} is neither true nor false", "write true or leave it out", *at)
        return value is True

    def regex(self, value: Mapping[str, object], key: str, *at: str | int) -> Pattern | None:
        if key not in value:
            return None
        written = str(value[key])
        for name in PART.findall(written):
            if name not in self.parts:
                self.fault(f"unknown part {name!r}", did_you_mean(name, tuple(self.parts)), *at, key)
        try:
            return Pattern(PART.sub(lambda call: self.parts.get(call.group(1), ""), written))
        except ValueError as error:
            finding = f"{key} is not RE2 syntax ({error})"
            self.fault(finding, "look-around and back-references do not exist there", *at, key)
            return None

    def css(self, value: Mapping[str, object], key: str, *at: str | int) -> str:
        selector = str(value.get(key) or "")
        if not selector or SELECTOR.fullmatch(selector):
            return selector
        import soupsieve  # noqa: PLC0415  reading it, and the parser of pages with it, costs more than all rules

        try:
            soupsieve.compile(selector)
        except soupsieve.SelectorSyntaxError as error:
            self.fault(f"{key} is not a CSS selector ({str(error).splitlines()[0]})", "mend it", *at, key)
        return selector

    def twice(self, file: RuleFile) -> None:
        seen: set[str] = set()
        for number, rule in enumerate(file.rules):
            if rule.id in seen:
                self.fault(f"the id {rule.id!r} stands twice", "ids are permanent and unique", "rules", number)
            seen.add(rule.id)

    def fault(self, finding: str, remedy: str, *at: str | int) -> None:
        self.errors.append(RuleError(self.source.where(*at), finding, remedy))


def _texts(value: object) -> tuple[str, ...]:
    """One value or a list of values as strings; a mapping never comes here."""
    if value is None:
        return ()
    return tuple(str(entry) for entry in value) if isinstance(value, list) else (str(value),)
