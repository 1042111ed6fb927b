"""What rule files say, as a `RuleBook`, which chooses the rules that apply to a document."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from newsarchive.article import Document, Kind, Platform
from newsarchive.hanzi import fold
from newsarchive.patterns import Pattern
from newsarchive.selection import Probe

Group = Literal["platforms", "publishers", "generic"]
"""The folder of a rule file, in the order in which their rules run."""
Where = Literal["head", "tail", "anywhere"]
"""The part of a story in which a rule may take something."""
PAGE_HEAD = 60_000
"""Characters of a saved page in which it says its own address."""
PAGE_ADDRESS = re.compile(
    r"\A\s*<!--+\s*(https?://[^\s<>]{6,500}?)\s*--+>"
    r"|<!--+ ?saved from url=\(\d+\)(\S{8,500}) ?--+>"
    r"|<!--+\s*Page saved with SingleFile\s+url:\s*(\S{8,500})"
    r"|<link\b(?=[^>]{0,200}\brel=[\"']?canonical\b)[^>]{0,200}?\bhref=[\"']?(https?:[^\"'\s>]{8,500})"
    r"|<meta\b(?=[^>]{0,200}\b(?:property|name)=[\"']og:url[\"'])[^>]{0,200}?\bcontent=[\"'](https?:[^\"']{8,500})[\"']",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Example:
    """A piece of a story that a rule must take or leave, with what the rule looks at around it; run as a test."""

    text: str = ""
    """One line of text; empty where the example is markup."""
    html: str = ""
    """A fragment of HTML: its elements of class `example` are the piece, all of it where there are none."""
    title: str = ""
    """Headline of the story's document."""
    publisher: str = ""
    """Publisher of the story's document."""
    after: str = ""
    """The line before it."""
    before: str = ""
    """The line behind it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One way of recognising text that is not the article."""

    id: str
    """`<file>/<id>`, as the audit prints it."""
    why: str
    """One sentence for the reader of the audit."""
    where: Where = "anywhere"
    """`head`: before the first full paragraph; `tail`: after the last one."""
    selector: str = ""
    """CSS; the chosen elements go."""
    story: str = ""
    """CSS; everything outside the chosen element goes."""
    exact: frozenset[str] = frozenset()
    """Whole lines, folded."""
    pattern: Pattern | None = None
    """RE2, searched in the block's text; named groups become claims."""
    start: Pattern | None = None
    """RE2 (key `from`); the matching block and all after it go."""
    repeat: tuple[str, ...] = ()
    """Fields whose value the line repeats: `title`, `publisher`, `account`; `image` for an address seen twice."""
    kinds: tuple[str, ...] = ()
    """Kinds of block it may take; empty for all."""
    hints: tuple[str, ...] = ()
    """Hints of which the block must have one."""
    href: Pattern | None = None
    """Pattern for the target of a wholly linked line."""
    src: Pattern | None = None
    """Pattern for the address of a picture."""
    after: tuple[str, ...] = ()
    """What the text before must be: the name of a field, or a line."""
    before: tuple[str, ...] = ()
    """What the text behind must be."""
    shapes: tuple[str, ...] = ()
    """Shapes of document it is for; empty for all."""
    limit: float = 1.0
    """Largest share of the story's letters it may take, 0 to 1; it is not applied where it would take more."""
    opens: bool = False
    """True where the line shows that its short neighbours in head or foot are no story either."""
    tells: Kind | Literal["cut"] | None = None
    """What its presence tells of the capture: `stub`, `list`, or `cut` for one that breaks off."""
    removes: tuple[Example, ...] = ()
    """Examples that it must take; they run as tests."""
    keeps: tuple[Example, ...] = ()
    """Examples that it must leave, with every rule of its file in force."""

    @property
    def fields(self) -> tuple[str, ...]:
        """Fields that it moves text to."""
        return self.pattern.names if self.pattern else ()


BUILT_IN = (
    Rule("generic/head-run", "Short lines and pictures among the lines that were taken above the story."),
    Rule("generic/foot-run", "Short lines and pictures among the lines that were taken below the story."),
    Rule("generic/above-headline", "Stands above the headline of a page that was turned into Markdown with its menus."),
    Rule("generic/list-heading", "The heading of a list of links to other articles that was taken."),
    Rule("generic/outside-story", "Stands outside of the element that holds nearly all of a saved page's text."),
    Rule("generic/printed-headline", "The headline as the page prints it; kept as the title."),
    Rule("generic/stub-rest", "What the page says in place of a story that the capture does not hold."),
)
"""What the stages themselves take out, by structure rather than by a rule of a file."""


@dataclass(frozen=True, slots=True, eq=False)
class RuleFile:
    """One file of rules: a platform, a publisher or what holds for all."""

    key: str
    """Stem of the file: `wechat`."""
    group: Group
    name: str
    """For readers; the display name of a publisher."""
    aliases: tuple[str, ...] = ()
    homepage: str = ""
    platform: Platform | None = None
    match: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Any one of its entries suffices; without entries a publisher's file goes by its names."""
    rules: tuple[Rule, ...] = ()
    claims: tuple[Probe, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All rule files, platforms first, then publishers, then the generic ones."""

    files: tuple[RuleFile, ...]
    outlets: Mapping[str, str] = field(default_factory=dict)
    """Names of media that a text may mention → the name that the archive shows, from `data/outlets.yaml`."""
    publishers: Mapping[str, RuleFile] = field(init=False, repr=False)
    """Folded name or alias → file of the publisher."""
    _index: "_Index" = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Look the names of all files up once."""
        named = [file for file in self.files if file.group == "publishers"]
        names = {fold(name): file for file in named for name in (file.name, *file.aliases)}
        object.__setattr__(self, "publishers", names)
        object.__setattr__(self, "_index", _Index(self.files))

    def for_document(self, document: Document) -> tuple[RuleFile, ...]:
        """Choose the files that apply to a document, in the order in which their rules run."""
        return tuple(self.files[number] for number in sorted(self._index.find(document)))

    def rule(self, identity: str) -> Rule | None:
        """Look a rule up by the id that the audit prints; what the stages take by themselves has ids as well."""
        own = (rule for file in self.files for rule in file.rules)
        return next((rule for rule in (*own, *BUILT_IN) if rule.id == identity), None)


class _Index:
    """What may show that a file applies to a document → numbers of these files: state, since it is asked often."""

    def __init__(self, files: Sequence[RuleFile]) -> None:
        self.always = frozenset(number for number, file in enumerate(files) if file.group == "generic")
        self.names: dict[str, list[int]] = {}
        """Folded name of a publisher."""
        self.sources: dict[str, list[int]] = {}
        """Folded name in `match.publisher`."""
        self.hosts: dict[str, list[int]] = {}
        self.shapes: dict[str, list[int]] = {}
        self.words: list[tuple[str, int]] = []
        self.keys: list[tuple[tuple[str, ...], int]] = []
        for number, file in enumerate(files):
            if file.group != "generic":
                self._add(number, file)

    def _add(self, number: int, file: RuleFile) -> None:
        match = file.match
        tables = (
            (self.names, map(fold, (file.name, *file.aliases)) if file.group == "publishers" else ()),
            (self.sources, map(fold, match.get("publisher", ()))),
            (self.hosts, match.get("host", ())),
            (self.shapes, match.get("shape", ())),
        )
        for table, keys in tables:
            for key in keys:
                table.setdefault(key, []).append(number)
        self.words += [(words, number) for words in match.get("contains", ())]
        self.keys += [(match["front"], number)] if match.get("front") else []

    def find(self, document: Document) -> set[int]:
        """Numbers of the files that apply to a document."""
        front = document.front
        found = {*self.always, *self.shapes.get(document.shape, ())}
        for key in ("source", "author", "publisher"):
            found.update(self.names.get(fold(str(front.get(key) or "")), ()))
        found.update(self.sources.get(fold(str(front.get("source") or "")), ()))
        host = host_of(_address(document)) if self.hosts else ""
        while host:
            found.update(self.hosts.get(host, ()))
            host = host.partition(".")[2]
        found.update(number for keys, number in self.keys if all(key in front for key in keys))
        found.update(number for words, number in self.words if number not in found and words in document.body)
        return found


_PLAIN_HOST = re.compile(r"https?://([a-z0-9.-]+)(?:/[!-~]*)?\Z")
"""Addresses whose host nothing can make doubtful, which are nearly all."""


def host_of(address: str) -> str:
    """Give the host of an address; empty where it has none or is broken."""
    if plain := _PLAIN_HOST.match(address):
        return plain[1]
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _address(document: Document) -> str:
    """The document's address: from its front matter, else what a saved page says of itself."""
    told = PAGE_ADDRESS.search(document.body[:PAGE_HEAD]) if document.shape == "page" else None
    return str(document.front.get("url") or "") or (next(filter(None, told.groups()), "") if told else "")
