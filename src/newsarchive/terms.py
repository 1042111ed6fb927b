"""Terms of Chinese texts without a dictionary: runs of characters that hold together, stand free, and come and go.

A term is a run of two to six Han characters that many texts hold, whose parts meet far more often than by
chance, and beside which many different characters stand. Everything is counted in a bounded sample of the texts.

Source: Sproat and Shih 1990, association of characters; Feng et al. 2004, accessor variety of word boundaries;
Church and Gale 1995, words that texts are about return in them.
"""

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from newsarchive.hanzi import HAN_RUN

SAMPLE = 200
"""Most texts of a collection that are counted, drawn evenly from all of it."""
LENGTH = 2000
"""Characters of each text that are counted."""
ENOUGH = 12
"""Texts below which a collection tells nothing of its terms."""
SHORTEST = 100
"""Han characters below which a text is no text here."""
LONGEST = 6
"""Characters of the longest term."""
SHARE = 0.06
"""Share of a collection's texts that must hold a term."""
ASSOCIATION = 40.0
"""How many times more often than by chance the two parts of a term must meet, wherever it is parted.

Parts that stand apart less often than together hold in any case: in few texts nothing is that much above chance.
"""
REPEATED = 2.0
"""How often a text that holds a term must hold it on average: what a text is about returns, turns of phrase do not."""
VARIETY = 1.2
"""Least entropy of the characters on either side of a term, in nats."""
CERTAINTY = 2.0
"""Least distance of two shares, in standard errors, that counts as a change."""

_EDGE = frozenset(
    "的了和与及或在是为等将对从把被向于以并而之其这那也都就还更最很不们我你他她它着过地得所该各每本个中上下内外里年月日时"
)
_NUMERAL = re.compile("^[第零〇一二三四五六七八九十百千万亿两多余]|[届次年月日号时分秒项个名家届位条万亿]$")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Terms of one collection of texts."""

    texts: tuple[str, ...]
    """The sample: Han characters, with a line end for whatever stood between."""
    terms: Mapping[str, int]
    """Term → texts of the sample that hold it."""

    @property
    def is_enough(self) -> bool:
        """True where there are texts enough to compare."""
        return len(self.texts) >= ENOUGH


@dataclass(frozen=True, slots=True)
class Change:
    """One term in two collections."""

    term: str
    earlier: int
    """Texts that hold it, of 100."""
    later: int
    trend: Literal["rise", "fall", "steady"]


def vocabulary(texts: Iterable[str]) -> Vocabulary:
    """Find the terms of a collection of texts."""
    sample = _sample([kept for kept in map(_han, texts) if len(kept) >= SHORTEST])
    if len(sample) < ENOUGH:
        return Vocabulary(tuple(sample), {})
    runs = _find_runs(sample)
    total = sum(map(len, sample))
    terms = {run for run in runs.texts if len(run) > 1 and _is_term(run, runs, total)}
    left, right = _neighbours(sample, runs, terms)
    free = sorted(run for run in terms if min(_entropy(left[run]), _entropy(right[run])) >= VARIETY)
    return Vocabulary(tuple(sample), {run: runs.texts[run] for run in free})


def changes(earlier: Vocabulary, later: Vocabulary, names: Collection[str], number: int = 5) -> tuple[Change, ...]:
    """Give the terms that rose most, then those that fell most, then the commonest of those that did neither.

    At most `number` each, and one steady term where any moved. What is part of one of `names`, or holds one,
    is left out: that a meeting is called by its own name is no change.
    """
    if not (earlier.is_enough and later.is_enough):
        return ()
    candidates = [
        _compared(term, earlier, later)
        for term in sorted({*earlier.terms, *later.terms})
        if not any(term in name or name in term for name in names)
    ]
    ranked = sorted(candidates, key=lambda each: (-each.weight, each.change.term))
    moved = [each for each in ranked if abs(each.distance) >= CERTAINTY]
    chosen: list[Change] = []
    for trend in ("rise", "fall"):
        chosen += _distinct([each.change for each in moved if each.change.trend == trend], chosen)[:number]
    if not chosen:
        return ()
    steady = [each.change for each in candidates if each.change.trend == "steady"]
    steady.sort(key=lambda change: (-change.earlier - change.later, -len(change.term), change.term))
    return (*chosen, *_distinct(steady, chosen)[:1])


@dataclass(frozen=True, slots=True)
class _Compared:
    change: Change
    distance: float
    """Of the two shares, in standard errors; above 0 where the term rose."""

    @property
    def weight(self) -> float:
        """How much the change tells: a longer term means one thing, a short one many."""
        return abs(self.distance) * math.sqrt(min(len(self.change.term), 4))


def _han(text: str) -> str:
    return "\n".join(HAN_RUN.findall(text[:LENGTH]))


def _sample(texts: Sequence[str]) -> list[str]:
    if len(texts) <= SAMPLE:
        return list(texts)
    return [texts[number * len(texts) // SAMPLE] for number in range(SAMPLE)]


@dataclass(frozen=True, slots=True)
class _Runs:
    """Runs of one to six characters that enough texts hold."""

    texts: Mapping[str, int]
    """Run → texts that hold it."""
    counts: Mapping[str, int]
    """Run → places where it stands."""
    starts: Sequence[Sequence[Sequence[int]]]
    """By size from 1, by text: where the runs of that size begin."""


def _find_runs(sample: Sequence[str]) -> _Runs:
    """Find the frequent runs size by size: a run can only be frequent where both its ends are."""
    floor = max(4, math.ceil(SHARE * len(sample)))
    texts: dict[str, int] = {}
    counts: Counter[str] = Counter()
    levels: list[list[list[int]]] = []
    starts = [list(range(len(text))) for text in sample]
    for size in range(1, LONGEST + 1):
        found = [[text[start : start + size] for start in held] for text, held in zip(sample, starts, strict=True)]
        holding = Counter(run for runs in found for run in set(runs))
        frequent = {run: count for run, count in holding.items() if count >= floor and run != "\n"}
        texts |= frequent
        pairs = zip(starts, found, strict=True)
        starts = [[at for at, run in zip(held, runs, strict=True) if run in frequent] for held, runs in pairs]
        counts.update(run for runs in found for run in runs if run in frequent)
        levels.append(starts)
        starts = [[at for at, after in pairwise(held) if after == at + 1] for held in starts]
    return _Runs(texts, counts, levels)


def _neighbours(
    sample: Sequence[str], runs: _Runs, terms: Collection[str]
) -> tuple[dict[str, Counter[str]], dict[str, Counter[str]]]:
    """Count the characters before and behind every term."""
    left: dict[str, Counter[str]] = {run: Counter() for run in terms}
    right: dict[str, Counter[str]] = {run: Counter() for run in terms}
    for size, level in enumerate(runs.starts, 1):
        for text, held in zip(sample, level, strict=True):
            for start in held:
                run = text[start : start + size]
                if run in left:
                    left[run][text[start - 1 : start] or "\n"] += 1
                    right[run][text[start + size : start + size + 1] or "\n"] += 1
    return left, right


def _is_term(run: str, runs: _Runs, total: int) -> bool:
    if run[0] in _EDGE or run[-1] in _EDGE or _NUMERAL.search(run):
        return False
    return runs.counts[run] >= REPEATED * runs.texts[run] and _holds_together(run, runs.counts, total)


def _holds_together(term: str, counts: Mapping[str, int], total: int) -> bool:
    parts = [(counts[term[:cut]], counts[term[cut:]]) for cut in range(1, len(term))]
    return all(
        counts[term] * total >= ASSOCIATION * one * two or counts[term] * 2 > max(one, two) for one, two in parts
    )


def _entropy(neighbours: Mapping[str, int]) -> float:
    """Entropy of the characters beside a term; each end of a run counts as a character of its own."""
    total = sum(neighbours.values())
    if not total:
        return 0.0
    ends = neighbours.get("\n", 0)
    inner = sum(count * math.log(total / count) for run, count in neighbours.items() if run != "\n")
    return (inner + ends * math.log(total)) / total


def _compared(term: str, earlier: Vocabulary, later: Vocabulary) -> _Compared:
    """Compare the shares of two collections that hold a term.

    Source: the two-proportion z-test with pooled variance.
    """
    (one, first), (two, second) = ((_texts_with(term, each), len(each.texts)) for each in (earlier, later))
    pooled = (one + two) / (first + second)
    error = math.sqrt(pooled * (1 - pooled) * (1 / first + 1 / second))
    distance = (two / second - one / first) / error if error else 0.0
    trend: Literal["rise", "fall", "steady"] = "steady"
    if abs(distance) >= 1:
        trend = "rise" if distance > 0 else "fall"
    return _Compared(Change(term, round(100 * one / first), round(100 * two / second), trend), distance)


def _texts_with(term: str, found: Vocabulary) -> int:
    known = found.terms.get(term)
    return sum(term in text for text in found.texts) if known is None else known


def _distinct(ranked: Sequence[Change], chosen: Sequence[Change]) -> list[Change]:
    """Leave out what is part of a term before it, or holds one: two spellings of one change."""
    kept: list[Change] = []
    for change in ranked:
        if not any(change.term in other.term or other.term in change.term for other in (*chosen, *kept)):
            kept.append(change)
    return kept
