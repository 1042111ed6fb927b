"""Drafts rule files from what recurs in an archive's own articles; an editor reviews them before they apply."""

import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import re2

from newsarchive.article import Article
from newsarchive.errors import CommandError, OutputError
from newsarchive.gathering import Progress, find_sources, silent
from newsarchive.guards import Failure
from newsarchive.hanzi import fold
from newsarchive.knowledge import Knowledge
from newsarchive.permalinks import publisher_slug
from newsarchive.preparation import prepare
from newsarchive.recurrence import LEAST, NUMBER, Edge, Recurring, distinct, recurring_among, recurring_of
from newsarchive.rulefiles import parse_rules
from newsarchive.rules import RuleBook, RuleFile
from newsarchive.settings import Settings
from newsarchive.sources import Source
from newsarchive.workers import map_inputs

FOLDER = "drafts"
"""Folder in the archive's folder that drafts are written to unless told otherwise; no rule there is applied."""
SHARED = "shared"
"""Key of the draft of what many publishers print."""
EXAMPLES = 3
"""Articles named as evidence for a line."""
PLACES = 3
"""Positions told of a line, the commonest first."""
FORMS = 6
"""Most spellings of one line with slots that its pattern takes; a line with more is left to the editor."""
_STAMP = "# Drafted by newsarchive learn; not reviewed. "
_WORDS: Mapping[Edge, tuple[str, str]] = {"head": ("beginning", "above"), "tail": ("end", "below")}
_SLOTS = (
    (re.compile(r"^第"), "第[〇零一二三四五六七八九十百千两]+"),
    (re.compile(r"^[一二三四五六日天]$"), "[一二三四五六日天]"),
    (re.compile(""), "[\\pN.:：/-]+"),
)
"""Form of a number → the pattern of its slot."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One rule file to be reviewed."""

    key: str
    """Stem of the file."""
    name: str
    """Display name of the publisher; empty for what many publishers share."""
    articles: int
    """Articles it was learned from, copies of one text counted once."""
    publishers: int
    lines: tuple[Recurring, ...]
    """What recurs, head before tail, the commonest first."""
    hosts: tuple[str, ...] = ()
    """Hosts on which this publisher's articles stand and no other's."""
    reviewed: str = ""
    """Rule file that the publisher has already."""


@dataclass(frozen=True, slots=True)
class Written:
    """What became of one draft."""

    draft: Draft
    file: Path
    kept: bool
    """True where a file that somebody has changed stood there and was left."""


@dataclass(frozen=True, slots=True)
class LearnReport:
    """What `learn` did."""

    files: int
    """Content files read."""
    publishers: int
    """Publishers with articles enough to learn from."""
    written: tuple[Written, ...]


def learn(
    settings: Settings,
    knowledge: Knowledge,
    publisher: str | None = None,
    output: Path | None = None,
    least: int = LEAST,
    progress: Progress = silent,
) -> LearnReport:
    """Draft a rule file for each publisher of an archive, or for one, from all articles of its content folders.

    Raises:
        CommandError: the publisher is unknown, or the numbers or folders cannot be used.
        NewsArchiveError: as for a build, where settings or content folders are wrong.
    """
    folder = (output or settings.root / FOLDER).resolve()
    _check(folder, settings, least)
    sources = find_sources(settings, progress)
    by_publisher = group_by_publisher(_read(sources, settings, knowledge, progress))
    if publisher is not None:
        by_publisher = _only(publisher, by_publisher, knowledge.rules)
    drafts = draft_rules(by_publisher, knowledge.rules, least)
    enough = sum(len(distinct(held)) >= least for held in by_publisher.values())
    return LearnReport(len(sources), enough, tuple(_write(draft, folder) for draft in drafts))


def group_by_publisher(articles: Iterable[Article]) -> dict[str, tuple[Article, ...]]:
    """Group articles by the display name of their publisher; those of unknown ones teach nothing."""
    groups: defaultdict[str, list[Article]] = defaultdict(list)
    for article in articles:
        if article.publisher:
            groups[article.publisher].append(article)
    return {name: tuple(groups[name]) for name in sorted(groups)}


def draft_rules(articles: Mapping[str, Sequence[Article]], book: RuleBook, least: int = LEAST) -> tuple[Draft, ...]:
    """Draft rules from the articles of each publisher, and from what recurs from publisher to publisher.

    `articles` are cleaned by the rules there are, so that only what these leave is learned. A publisher
    whose articles have nothing in common has no draft.
    """
    hosts = {name: {_host(article) for article in held} - {""} for name, held in articles.items()}
    drafts = [_draft(name, held, book, hosts, least) for name, held in articles.items()]
    return tuple(draft for draft in (*drafts, draft_shared(articles, max(least, LEAST))) if draft.lines)


def draft_shared(articles: Mapping[str, Sequence[Article]], least: int = LEAST) -> Draft:
    """Draft rules from what recurs from publisher to publisher, in at least so many of them; it may be nothing."""
    lines = _expressible(recurring_among(articles, least)) if len(articles) >= least else ()
    return Draft(SHARED, "", sum(map(len, articles.values())), len(articles), lines)


def to_rule_file(draft: Draft) -> RuleFile:
    """Give the rule file that a draft would be, once it were put among the rules."""
    return parse_rules(to_yaml(draft), "publishers" if draft.name else "generic", draft.key)


def to_yaml(draft: Draft) -> str:
    """Write a draft as a rule file with its evidence as comments."""
    lines = [*_heading(draft), f"name: {_quoted(draft.name or '各家共有')}"]
    if draft.hosts:
        lines.append(f"match: {{host: [{', '.join(map(_quoted, draft.hosts))}]}}")
    lines.append("rules:")
    for edge in _WORDS:
        held = [line for line in draft.lines if line.where == edge]
        lines += _exact_rule(draft, edge, [line for line in held if not line.varies])
        for number, line in enumerate((line for line in held if line.varies), 1):
            lines += _pattern_rule(draft, line, number)
    return "\n".join(lines) + "\n"


def _check(folder: Path, settings: Settings, least: int) -> None:
    if least < 2:
        raise CommandError("--min-articles", f"is {least}", "what stands in one article recurs nowhere; give 2 or more")
    rules = (settings.root / "rules").resolve()
    if folder == rules or rules in folder.parents:
        raise CommandError(
            folder.as_posix(), "lies among the rules, where drafts would apply at once", "choose another --output"
        )
    if any(folder == content.resolve() or content.resolve() in folder.parents for content in settings.content):
        raise CommandError(folder.as_posix(), "lies in a content folder", "choose another --output")


def _read(sources: Sequence[Source], settings: Settings, knowledge: Knowledge, progress: Progress) -> Iterator[Article]:
    prepare_one = partial(prepare, settings=settings, knowledge=knowledge)
    for number, result in enumerate(map_inputs(prepare_one, sources, settings.processes), 1):
        progress("reading articles", number, len(sources))
        if not isinstance(result, Failure):
            yield from result.articles


def _only(
    publisher: str, articles: Mapping[str, tuple[Article, ...]], book: RuleBook
) -> dict[str, tuple[Article, ...]]:
    """The articles of one publisher, asked for by its name or an alias."""
    file = book.publishers.get(fold(publisher))
    wanted = {fold(publisher), fold(file.name) if file else ""}
    found = {name: held for name, held in articles.items() if fold(name) in wanted}
    if not found:
        raise CommandError(
            "--publisher",
            f"nothing was published by {publisher!r}",
            "the site's page of publishers has all names",
        )
    return found


def _draft(name: str, articles: Sequence[Article], book: RuleBook, hosts: Mapping[str, set[str]], least: int) -> Draft:
    known = {file.name: file.key for file in book.files if file.group == "publishers"}
    file = book.publishers.get(fold(name))
    others = {host for other, held in hosts.items() if other != name for host in held}
    return Draft(
        key=file.key if file else publisher_slug(name, known),
        name=name,
        articles=len(distinct(articles)),
        publishers=1,
        lines=_expressible(recurring_of(articles, least)),
        hosts=tuple(sorted(hosts[name] - others)),
        reviewed=f"rules/publishers/{file.key}.yaml" if file else "",
    )


def _host(article: Article) -> str:
    return (urlsplit(article.url).hostname or "") if article.url else ""


def _expressible(lines: Iterable[Recurring]) -> tuple[Recurring, ...]:
    """Leave out lines with slots that are spelt in so many ways that a pattern would be a guess."""
    return tuple(line for line in lines if not line.varies or len(_forms(line)) <= FORMS)


def _heading(draft: Draft) -> Iterator[str]:
    if draft.name:
        yield f"# What recurs in {draft.articles} articles of {draft.name}, copies of one text counted once."
    else:
        yield f"# What recurs in the articles of several of {draft.publishers} publishers ({draft.articles} articles)."
    yield "# Each line names its evidence; delete what is news, give the rules ids and reasons of your own,"
    if draft.reviewed:
        yield f"# then add them to {draft.reviewed}."
    else:
        yield f"# then move the file to {'rules/publishers/' if draft.name else 'rules/'}."


def _exact_rule(draft: Draft, edge: Edge, lines: Sequence[Recurring]) -> Iterator[str]:
    if not lines:
        return
    yield from _opening(draft, f"learned-{edge}", edge)
    yield "    exact:"
    for line in lines:
        yield from _evidence(line, draft, " " * 6)
        yield f"      - {_quoted(line.texts[0])}"
    yield from _examples(lines[0])


def _pattern_rule(draft: Draft, line: Recurring, number: int) -> Iterator[str]:
    yield from _opening(draft, f"learned-{line.where}-form-{number}", line.where)
    yield from _evidence(line, draft, " " * 4)
    yield f"    pattern: {_quoted(_pattern(line))}"
    yield from _examples(line)


def _opening(draft: Draft, name: str, edge: Edge) -> Iterator[str]:
    whose = "this publisher's articles" if draft.name else "articles of many publishers"
    yield f"  - id: {name}"
    yield f"    why: Recurs {_WORDS[edge][1]} {whose}, whatever they tell."
    yield f"    where: {edge}"


def _evidence(line: Recurring, draft: Draft, indent: str) -> Iterator[str]:
    """How many articles of how many, at which positions, and three of them."""
    counts = Counter(each.place for each in line.occurrences).most_common(PLACES)
    places = ", ".join(f"{count} × line {place}" for place, count in counts)
    what = "articles" if draft.name else "publishers"
    yield f"{indent}# {line.units} of {line.of} {what}; {places} from the {_WORDS[line.where][0]}"
    for each in line.occurrences[:EXAMPLES]:
        printed = f": {each.text}" if line.varies else ""
        yield f"{indent}#   {each.path}{printed}"


def _examples(line: Recurring) -> Iterator[str]:
    """What the rule must take, and a sentence that quotes the line, which it must leave."""
    text = line.texts[0]
    yield f"    removes: [{{text: {_quoted(text)}}}]"
    yield f"    keeps: [{{text: {_quoted(f'“{text[:20]}”几个字写在会场门口，记者抄了下来。')}}}]"


def _pattern(line: Recurring) -> str:
    """One RE2 pattern for every spelling of a line with slots."""
    forms = _forms(line)
    return f"^{forms[0]}$" if len(forms) == 1 else f"^(?:{'|'.join(forms)})$"


def _forms(line: Recurring) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_form(each.text) for each in line.occurrences))


def _form(text: str) -> str:
    form, end = "", 0
    for match in NUMBER.finditer(text):
        slot = next(pattern for known, pattern in _SLOTS if known.search(match.group()))
        form, end = form + _escaped(text[end : match.start()]) + slot, match.end()
    return form + _escaped(text[end:])


def _escaped(text: str) -> str:
    """Escape for RE2; blanks between words may be any number."""
    return r"\s*".join(re2.escape(part) for part in text.split(" "))


def _quoted(text: str) -> str:
    """A scalar that YAML reads back as the same text."""
    return json.dumps(text, ensure_ascii=False)


def _write(draft: Draft, folder: Path) -> Written:
    """Write a draft, unless a file stands there that is not as this command left it."""
    file = folder / f"{draft.key}.yaml"
    body = to_yaml(draft)
    try:
        if file.exists() and not _is_untouched(file.read_text("utf-8")):
            return Written(draft, file, kept=True)
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{_STAMP}{_digest(body)}\n{body}", "utf-8", newline="\n")
    except (OSError, UnicodeDecodeError) as fault:
        raise OutputError(
            file.as_posix(), f"cannot be written ({fault})", "check the folder, or choose another"
        ) from None
    return Written(draft, file, kept=False)


def _is_untouched(text: str) -> bool:
    stamp, _, body = text.partition("\n")
    return stamp == f"{_STAMP}{_digest(body)}"


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()[:16]
