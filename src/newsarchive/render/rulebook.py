"""Context of the page of rules: what each is for, how often it fired, what it took, what it must take and leave."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from newsarchive import permalinks
from newsarchive.archive import Archive, all_captures
from newsarchive.article import Article
from newsarchive.rules import BUILT_IN, Example, Rule, RuleFile

TAKEN = 3
"""Most texts shown of what a rule took, the commonest first."""
LONGEST = 60
"""Characters shown of one text."""
_AT_ONCE = 256
"""Files whose texts are held together."""


@dataclass(frozen=True, slots=True)
class RuleCount:
    """What one rule removed."""

    rule: str
    anchor: str
    """Its anchor on the page of rules."""
    blocks: int
    characters: int
    articles: int
    fields: tuple[str, ...]
    """Fields that its text was moved to."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One text that a rule took, and how often."""

    text: str
    """Cut where it is long."""
    count: int


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule."""

    rule: str
    anchor: str
    why: str
    """Empty where no rule file has the rule any more."""
    where: str
    """`head`, `tail`, `anywhere`."""
    count: RuleCount | None
    """None where it took nothing."""
    taken: tuple[Taken, ...]
    removes: tuple[str, ...]
    """Examples that it must take."""
    keeps: tuple[str, ...]
    """Examples that it must leave."""


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """The rules of one file, in the order in which they run."""

    name: str
    """Display name of the file; empty for what the stages take by themselves."""
    path: str
    """The file below the archive's folder or the package; empty where there is none."""
    rows: tuple[RuleRow, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """The page of rules."""

    groups: tuple[RuleGroup, ...]
    rules: int
    fired: int
    """Rules that took something."""
    removed: int
    """Blocks taken."""
    captures: int


def rules_page(archive: Archive) -> Rules:
    """Give the page of rules; what took something and is in no file stands with the stages' own."""
    captures = all_captures(archive)
    counts = {count.rule: count for count in count_rules(archive, captures)}
    texts = _texts(archive, captures)
    groups = [_group(file, counts, texts) for file in archive.rules if file.rules]
    known = {row.rule for group in groups for row in group.rows} | {rule.id for rule in BUILT_IN}
    lost = [Rule(rule, "") for rule in sorted(counts) if rule not in known]
    groups.append(RuleGroup("", "", tuple(_row(rule, counts, texts) for rule in (*BUILT_IN, *lost))))
    return Rules(
        groups=tuple(groups),
        rules=sum(len(group.rows) for group in groups),
        fired=len(counts),
        removed=sum(count.blocks for count in counts.values()),
        captures=len(captures),
    )


@dataclass(slots=True)
class _Count:
    """What one rule took, so far as it is counted."""

    blocks: int = 0
    characters: int = 0
    articles: set[str] = field(default_factory=set)
    fields: set[str] = field(default_factory=set)


def count_rules(archive: Archive, captures: Iterable[Article]) -> tuple[RuleCount, ...]:
    """Count what each rule took of some captures of an archive, the busiest first."""
    tallies_of = archive.all_tallies()
    counts: defaultdict[str, _Count] = defaultdict(_Count)
    for capture in captures:
        for tally in tallies_of(capture):
            count = counts[tally.rule]
            count.blocks += tally.blocks
            count.characters += tally.characters
            count.articles.add(capture.id)
            count.fields.update(tally.fields)
    return tuple(
        RuleCount(
            rule,
            permalinks.rule_anchor(rule),
            count.blocks,
            count.characters,
            len(count.articles),
            tuple(sorted(count.fields)),
        )
        for rule, count in sorted(counts.items(), key=lambda pair: (-pair[1].blocks, pair[0]))
    )


def _texts(archive: Archive, captures: Iterable[Article]) -> Mapping[str, Counter[str]]:
    """How often each rule took each text, counted some files at a time, since one by one takes twice as long."""
    texts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    files = archive.taken(captures)
    while some := list(islice(files, _AT_ONCE)):
        found: defaultdict[str, list[str]] = defaultdict(list)
        for taken in some:
            for rule, held in taken.items():
                found[rule] += held
        for rule, held in found.items():
            texts[rule].update(held)
    return texts


def _group(file: RuleFile, counts: Mapping[str, RuleCount], texts: Mapping[str, Counter[str]]) -> RuleGroup:
    folder = "rules" if file.group == "generic" else f"rules/{file.group}"
    return RuleGroup(file.name, f"{folder}/{file.key}.yaml", tuple(_row(rule, counts, texts) for rule in file.rules))


def _row(rule: Rule, counts: Mapping[str, RuleCount], texts: Mapping[str, Counter[str]]) -> RuleRow:
    commonest = sorted(texts.get(rule.id, Counter()).items(), key=lambda pair: (-pair[1], pair[0]))[:TAKEN]
    return RuleRow(
        rule=rule.id,
        anchor=permalinks.rule_anchor(rule.id),
        why=rule.why,
        where="tail" if rule.start else rule.where,
        count=counts.get(rule.id),
        taken=tuple(Taken(_cut(text), count) for text, count in commonest),
        removes=_examples(rule.removes),
        keeps=_examples(rule.keeps),
    )


def _examples(examples: Sequence[Example]) -> tuple[str, ...]:
    return tuple(_cut(example.text or example.html) for example in examples)


def _cut(text: str) -> str:
    folded = " ".join(text.split())
    return folded if len(folded) <= LONGEST else folded[: LONGEST - 1] + "…"
