"""Looks the lines of a story up in all rules at once, and tells which lines each rule is about.

Most rules find nothing in most stories. So a line is asked once for all rules, lines that recur in every article
are remembered, and a rule that looks at neighbours is asked only beside those that it names.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from newsarchive.article import Block
from newsarchive.hanzi import fold, letters
from newsarchive.patterns import MEMORABLE, Pattern, together
from newsarchive.rules import Rule, RuleFile

FIELD_NAMES = ("title", "publisher", "account", "reprinted")
"""Words in `repeat`, `after` and `before` that stand for the value of a field."""
LEARNED = frozenset({"account", "reprinted"})
"""Those among them that a line of the story itself tells."""
PROSE = 25
"""Letters from which a line with the end of a sentence is a full paragraph."""
LONG_PROSE = 60
"""Letters from which any line is one."""
SENTENCE_END = re.compile(r"[。！？!?；;：:][”’」』）)】]*$|[.…][\"”')]*$")
_FULL = ("table", "code")
"""Kinds of block that only a body has, however short they are."""

Line = tuple[str, tuple[int, ...]]
"""Letters of a line, and the numbers of the rules whose words or pattern it holds."""


@dataclass(frozen=True, slots=True)
class _Beside:
    """What must stand before or behind the line of a rule."""

    fields: tuple[str, ...]
    lines: Mapping[str, str]
    """Folded line → its letters."""
    end: bool
    """True where nothing may stand there."""


class RuleSet:
    """The rules for one kind of document, prepared: state, since the lines seen are remembered."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        """Prepare rules, in their order; the place of a rule in it is its number, from 0."""
        self.rules = tuple(rules)
        self.by_id = {rule.id: rule for rule in rules}
        self.openers = frozenset(rule.id for rule in rules if rule.opens)
        self.lists = frozenset(rule.id for rule in rules if rule.href is not None)
        self.starts = tuple(number for number, rule in enumerate(rules) if rule.start is not None)
        lines = [
            (number, rule)
            for number, rule in enumerate(rules)
            if not (rule.selector or rule.story or rule.start is not None)
        ]
        self.after = {number: _beside(rule.after) for number, rule in lines if rule.after}
        self.before = {number: _beside(rule.before) for number, rule in lines if rule.before}
        placed = self.after.keys() | self.before.keys()
        self._name_neighbours(placed)
        free = [(number, rule) for number, rule in lines if number not in placed]
        self.wordless = frozenset(
            number for number, rule in lines if number in placed or not (rule.exact or rule.pattern is not None)
        )
        self.asked = self.wordless.difference(placed) | self.always
        """Those among them that may find a line in any story."""
        self.conditional = frozenset(
            number
            for number, rule in lines
            if number in self.wordless or rule.kinds or rule.hints or rule.href or rule.src
        )
        self.hrefs = _Addresses({number: rule.href for number, rule in lines if rule.href is not None})
        self.sources = _Addresses({number: rule.src for number, rule in lines if rule.src is not None})
        self.teachers = tuple((number, rule) for number, rule in lines if LEARNED.intersection(rule.fields))
        self._learn_words(free)
        self.remembered = lru_cache(maxsize=4096)(self.look)

    def _name_neighbours(self, placed: Iterable[int]) -> None:
        """Note by which line beside theirs rules can find any: one that is named by its words must be there."""
        beside = {number: self.after.get(number) or self.before[number] for number in placed}
        self.always = frozenset(number for number, named in beside.items() if named.fields or named.end)
        self.by_neighbour: dict[str, list[int]] = {}
        for number, named in beside.items():
            for flat in () if number in self.always else named.lines.values():
                self.by_neighbour.setdefault(flat, []).append(number)

    def _learn_words(self, free: Sequence[tuple[int, Rule]]) -> None:
        """Put the exact lines into one table and the patterns into one automaton."""
        patterns = [(number, rule.pattern) for number, rule in free if rule.pattern is not None]
        patterns += [(number, start) for number in self.starts if (start := self.rules[number].start) is not None]
        self._owners = tuple(number for number, _ in patterns)
        self._patterns = together(tuple(pattern for _, pattern in patterns))
        self._exact: dict[str, tuple[int, ...]] = {}
        for number, rule in free:
            for line in rule.exact:
                self._exact[line] = (*self._exact.get(line, ()), number)
        self._exact_letters = frozenset(map(letters, self._exact))

    def look(self, text: str) -> Line:
        """Tell of a line what all rules need to know of it."""
        if not text:
            return "", ()
        flat = letters(text)
        found = [self._owners[place] for place in self._patterns.match(text)]
        # Folding leaves all letters, so a line with others than any known one is none of these.
        exact = self._exact.get(fold(text), ()) if flat in self._exact_letters else ()
        return flat, (*found, *exact)


@lru_cache(maxsize=64)
def rule_set(files: tuple[RuleFile, ...], shape: str) -> RuleSet:
    """Prepare the rules of some files for one shape of document; most documents share one of a few combinations."""
    return RuleSet([rule for file in files for rule in file.rules if not rule.shapes or shape in rule.shapes])


class Lines:
    """The lines of one story as the rules see them: state, since rules learn names from lines."""

    def __init__(self, blocks: Sequence[Block], rules: RuleSet, fields: Mapping[str, Sequence[str]]) -> None:
        """Look every line up; `fields` gives the values known for the names in `FIELD_NAMES`."""
        self.blocks = blocks
        self.rules = rules
        self.fields = {name: {flat for value in values if (flat := letters(value))} for name, values in fields.items()}
        remembered, look = rules.remembered, rules.look
        texts = [block.text for block in blocks]
        looked = [remembered(text) if len(text) <= MEMORABLE else look(text) for text in texts]
        self.letters = [flat for flat, _ in looked]
        self.hits: dict[int, list[int]] = {}
        """Number of a rule → its lines by words or pattern, in order; rules that look at neighbours are left out."""
        for number, (_, found) in enumerate(looked):
            for rule in found:
                self.hits.setdefault(rule, []).append(number)
        self.sizes = list(map(len, self.letters))
        self.prose = [
            is_prose(block, size) if size >= PROSE else block.kind in _FULL
            for block, size in zip(blocks, self.sizes, strict=True)
        ]
        self.pictured = [number for number, block in enumerate(blocks) if block.images]
        self.images = [image.url for number in self.pictured for image in blocks[number].images]
        self._kinds = {block.kind for block in blocks}
        self._addressed = self._look_at_addresses()
        # A line of marks alone is an ornament, which stands between nothing.
        self._texts = [number for number, size in enumerate(self.sizes) if size]
        self._places: dict[str, list[int]] = {}
        for number in self._texts:
            self._places.setdefault(self.letters[number], []).append(number)
        self._wanted: dict[int, Sequence[int]] | None = None
        self._told: dict[int, Sequence[int]] = {}
        self._repeated: dict[tuple[str, ...], frozenset[int]] = {}

    def _look_at_addresses(self) -> dict[int, list[int]]:
        """Number of a rule that looks at addresses → the pictures and the linked lines with such an address."""
        found: dict[int, list[int]] = {}
        for number, block in enumerate(self.blocks):
            if not block.images and "link" not in block.hints:
                continue
            rules = {*self.rules.hrefs.match(block.href)} if "link" in block.hints else set[int]()
            for image in block.images:
                rules.update(self.rules.sources.match(image.url))
            for rule in rules:
                found.setdefault(rule, []).append(number)
        return found

    def learn(self, name: str, value: str) -> None:
        """Add a value of a field that a line told."""
        known = self.fields.setdefault(name, set())
        if value not in known:
            known.add(value)
            self._wanted, self._told, self._repeated = None, {}, {}

    def wanted_by(self, number: int) -> Sequence[int]:
        """The lines that one rule of single lines is about, in order."""
        if number not in self._told:
            self._told[number] = self._find(number)
        return self._told[number]

    def wanted(self) -> Mapping[int, Sequence[int]]:
        """For each rule of single lines that wants any: the lines that are what it looks for, in order."""
        if self._wanted is None:
            near = self.rules.by_neighbour
            named = (number for flat in self._places.keys() & near.keys() for number in near[flat])
            numbers = sorted({*self.hits, *self.rules.asked, *named}.difference(self.rules.starts))
            self._wanted = {number: lines for number in numbers if (lines := self.wanted_by(number))}
        return self._wanted

    def _find(self, number: int) -> Sequence[int]:
        found = self.hits.get(number, ()) if number not in self.rules.wordless else self._without_words(number)
        if number in self.rules.conditional:
            return [line for line in found if self._has_own(number, line)]
        return found

    def _without_words(self, number: int) -> Sequence[int]:
        """Lines that a rule may be about whose words, if it has any, are not looked for everywhere."""
        rule = self.rules.rules[number]
        if number in self.rules.after or number in self.rules.before:
            return [line for line in self._in_place(number) if self._is_found(number, line)]
        if rule.repeat:
            return sorted(self._repeats(rule))
        if rule.src is not None or rule.href is not None:
            return self._addressed.get(number, ())
        if rule.kinds and self._kinds.isdisjoint(rule.kinds):
            return ()
        return [line for line, block in enumerate(self.blocks) if not rule.kinds or block.kind in rule.kinds]

    def _repeats(self, rule: Rule) -> frozenset[int]:
        """Lines that repeat what a rule names; many rules name the same."""
        if rule.repeat not in self._repeated:
            self._repeated[rule.repeat] = frozenset(self._repeating(rule.repeat))
        return self._repeated[rule.repeat]

    def _repeating(self, names: Sequence[str]) -> set[int]:
        """Lines that repeat the value of a field, or the title with the publisher behind it; pictures shown twice."""
        values = {value for name in names for value in self.fields.get(name, ())}
        if "title" in names:
            publishers = self.fields.get("publisher", ())
            values |= {title + name for title in self.fields.get("title", ()) for name in publishers}
        lines = {line for value in values if value for line in self._places.get(value, ())}
        if "image" in names:
            lines.difference_update(self.pictured)
            told = [url for url in self.images if url]
            twice = {url for url, count in Counter(told).items() if count > 1} if len({*told}) < len(told) else ()
            lines.update(n for n in self.pictured if twice and any(i.url in twice for i in self.blocks[n].images))
        return lines

    def _has_own(self, number: int, line: int) -> bool:
        """Whether a line has what the rule asks of the line itself beside its words."""
        rule, block = self.rules.rules[number], self.blocks[line]
        return (
            _has_kind(rule, block)
            and (not rule.hints or any(hint in block.hints for hint in rule.hints))
            and ((rule.href is None and rule.src is None) or line in self._addressed.get(number, ()))
        )

    def _is_found(self, number: int, line: int) -> bool:
        """Whether the rule's verb finds a line; for rules that are asked for few lines only."""
        rule, text = self.rules.rules[number], self.blocks[line].text
        if rule.exact:
            return fold(text) in rule.exact
        if rule.pattern is not None:
            return bool(text) and rule.pattern.is_in(text)
        return not rule.repeat or line in self._repeats(rule)

    def _in_place(self, number: int) -> list[int]:
        """Lines that stand beside what a rule names."""
        after, before = self.rules.after.get(number), self.rules.before.get(number)
        lines = set(self._beside(after, 1)) if after else set(self._beside(before, -1)) if before else set()
        return sorted(lines.intersection(self._beside(before, -1)) if after and before else lines)

    def _beside(self, beside: _Beside, step: int) -> Iterator[int]:
        """Lines behind (`step` 1) or before (-1) a named one, as far as the next line with words."""
        texts, last = self._texts, len(self.blocks) - 1
        for place in self._named(beside):
            at = bisect_left(texts, place) + step
            if step > 0:
                yield from range(place + 1, (texts[at] if at < len(texts) else last) + 1)
            else:
                yield from range(texts[at] if at >= 0 else 0, place)
        if beside.end and step > 0:
            yield from range((texts[0] if texts else last) + 1)
        elif beside.end:
            yield from range(texts[-1] if texts else 0, last + 1)

    def _named(self, beside: _Beside) -> Iterator[int]:
        for name in beside.fields:
            for value in self.fields.get(name, ()):
                yield from self._places.get(value, ())
        for line, flat in beside.lines.items():
            yield from (place for place in self._places.get(flat, ()) if fold(self.blocks[place].text) == line)


class _Addresses:
    """The patterns of several rules for addresses."""

    def __init__(self, patterns: Mapping[int, Pattern]) -> None:
        self._owners = tuple(patterns)
        self._patterns = together(tuple(patterns.values()))

    def match(self, address: str) -> list[int]:
        """Numbers of the rules whose pattern is found in an address."""
        return [self._owners[place] for place in self._patterns.match(address)]


def is_prose(block: Block, size: int) -> bool:
    """True for a full paragraph, a table or code: what only a body has; `size` is the number of its letters."""
    if block.kind in _FULL:
        return True
    if size < PROSE or block.kind not in ("paragraph", "item") or "link" in block.hints:
        return False
    # A Latin letter carries about a third of what a Han character does.
    size = size // 3 if block.text.isascii() else size
    return size >= LONG_PROSE or (size >= PROSE and bool(SENTENCE_END.search(block.text)))


def _has_kind(rule: Rule, block: Block) -> bool:
    """Rules of words leave pictures alone unless they name them."""
    if rule.kinds:
        return block.kind in rule.kinds
    return bool(block.text) or rule.src is not None or "image" in rule.repeat


def _beside(names: Iterable[str]) -> _Beside:
    folded = [fold(name) for name in names if name not in FIELD_NAMES]
    fields = tuple(name for name in names if name in FIELD_NAMES)
    return _Beside(fields, {line: letters(line) for line in folded}, "end" in names)
