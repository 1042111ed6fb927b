"""Many sketches compared at once: what a publisher prints beneath several headlines, and which texts share much.

A sketch is what `syndication.draw_shingles` draws of a text. Shingles are taken in slices of their numbers, so that
memory stays bounded however many texts there are. Where few texts are others than those compared before, only what
these may have changed is looked at again.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.uint64]
"""Numbers from 0, one-dimensional."""
Shingled = NDArray[np.uint32]
"""Shingles as numbers, or numbers of texts."""

SLICE = 1 << 20
"""About how many shingles are looked at together: 8 MB, a few times over."""
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_NOBODY = 0xFFFFFFFF
_MARKS = 1 << 20
"""Marks for the last bits of shingles, by which most that nobody asks for are passed over."""
_MANY = 4
"""Comparing all is as fast where more than one in so many texts would be looked at again."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """From where on something is common."""

    headlines: int
    """A shingle that one publisher prints beneath so many is house matter."""
    crowd: int
    """Of what is left, a shingle that more texts hold leads to no pairs."""
    share: float
    """A pair has at least this share of the shorter sketch in common, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Common:
    """What many sketches have in common, each shingle once and in order."""

    house: Shingled
    """House matter."""
    crowded: Shingled
    """What else a crowd holds."""
    sizes: NDArray[np.int64]
    """How many shingles each text has that are no house matter."""


@dataclass(frozen=True, slots=True)
class Before:
    """What was found before, of the texts as they are numbered now."""

    common: Common
    """Its sizes are those of texts that are what they were; of others they say nothing."""
    changed: NDArray[np.bool_]
    """For each text whether it is new or another than it was."""


@dataclass(frozen=True, slots=True)
class Resemblances:
    """Which texts share much."""

    common: Common
    pairs: tuple[tuple[int, int], ...]
    """Numbers of the texts that share much beside house matter, the smaller first, in order."""
    touched: NDArray[np.bool_]
    """For each text whether its pairs are told; pairs of two others are those that were found before."""


def find_resemblances(
    drawn: Sequence[bytes], label: Callable[[int], tuple[str, str]], bounds: Bounds, before: Before | None = None
) -> Resemblances:
    """Compare sketches, all of them or those for which it may have another outcome than before.

    `drawn` is what was drawn of each text, as `Shingles` hold it; `label` gives publisher and headline of a text by
    its number, empty where the publisher is unknown.
    """
    shingles, owners = _laid_out(drawn)
    if before is None or _are_many(before.changed):
        house, crowded = _common(_slices(shingles, owners), label, bounds)
        return _resemblances(shingles, owners, Common(house, crowded, np.zeros(len(drawn), np.int64)), None, bounds)
    # A shingle becomes common by a text that came, or was so by one that went: then it stands among those before.
    old = before.common
    asked = np.unique(np.concatenate((old.house, old.crowded, shingles[before.changed[owners]])))
    house, crowded = _common(_slices(shingles, owners, asked), label, bounds)
    moved = np.concatenate((np.setxor1d(house, old.house), np.setxor1d(crowded, old.crowded)))
    touched = before.changed.copy()
    touched[owners[_are_among(shingles, moved)]] = True
    return _resemblances(shingles, owners, Common(house, crowded, old.sizes), touched, bounds)


def _resemblances(
    shingles: Shingled, owners: Shingled, common: Common, touched: NDArray[np.bool_] | None, bounds: Bounds
) -> Resemblances:
    """Pairs of the texts that are touched, and the sizes of these; of all where None says so."""
    if touched is None or _are_many(touched):
        touched, asked = np.ones(len(common.sizes), np.bool_), None
    else:
        asked = np.unique(shingles[touched[owners]])
    sizes = np.where(touched, 0, common.sizes)
    shared = np.empty(0, np.uint64), np.empty(0, np.int64)
    for keys in _slices(shingles, owners, asked):
        own = _without(keys, common.house)
        sizes += np.where(touched, np.bincount((own & _LOW).astype(np.int64), minlength=len(sizes)), 0)
        for pairs in _together(_pairs(own, bounds.crowd)):
            shared = _added(shared, pairs[touched[pairs >> _HALF] | touched[pairs & _LOW]])
    one, two = shared[0] >> _HALF, shared[0] & _LOW
    near = shared[1] >= bounds.share * np.minimum(sizes[one], sizes[two])
    found = zip(one[near].tolist(), two[near].tolist(), strict=True)
    return Resemblances(Common(common.house, common.crowded, sizes), tuple(found), touched)


def _common(
    slices: Iterable[Numbers], label: Callable[[int], tuple[str, str]], bounds: Bounds
) -> tuple[Shingled, Shingled]:
    """House matter, and what else a crowd holds."""
    house, crowded = [np.empty(0, np.uint64)], [np.empty(0, np.uint64)]
    for keys in slices:
        house.append(_house_matter(keys, label, bounds.headlines))
        shingles, _, counts = _runs(_without(keys, house[-1].astype(np.uint32)) >> _HALF)
        crowded.append(shingles[counts > bounds.crowd])
    return np.concatenate(house).astype(np.uint32), np.concatenate(crowded).astype(np.uint32)


def _are_many(texts: NDArray[np.bool_]) -> bool:
    return bool(np.count_nonzero(texts) * _MANY > len(texts))


def _laid_out(drawn: Sequence[bytes]) -> tuple[Shingled, Shingled]:
    """All shingles one after another, and for each the number of its text."""
    shingles = np.frombuffer(b"".join(drawn), ">u4").astype(np.uint32)
    counts = np.fromiter(map(len, drawn), np.int64, len(drawn)) // 4
    return shingles, np.repeat(np.arange(len(drawn), dtype=np.uint32), counts)


def _slices(shingles: Shingled, owners: Shingled, asked: Shingled | None = None) -> Iterator[Numbers]:
    """Shingle and text as one number, each once and in order, slice by slice of the shingles; of those asked for."""
    if asked is not None:
        here = _are_among(shingles, asked)
        shingles, owners = shingles[here], owners[here]
    bits = (len(shingles) // SLICE).bit_length()
    if not bits:
        yield _each_once(shingles.astype(np.uint64) << _HALF | owners)
        return
    part_of = (shingles >> np.uint32(32 - bits)).astype(np.uint16)
    for part in range(1 << bits):
        here = part_of == part
        yield _each_once(shingles[here].astype(np.uint64) << _HALF | owners[here])


def _are_among(shingles: Shingled, asked: Shingled) -> NDArray[np.bool_]:
    """For each shingle whether it is asked for."""
    marks = np.zeros(_MARKS, np.bool_)
    marks[asked & (_MARKS - 1)] = True
    among: NDArray[np.bool_] = marks[shingles & (_MARKS - 1)]
    among[among] = np.isin(shingles[among], asked)
    return among


def _without(keys: Numbers, shingles: Shingled) -> Numbers:
    """Keys in order but those of some shingles, which are in order too."""
    bounds = shingles.astype(np.uint64) << _HALF
    begins, ends = np.searchsorted(keys, bounds), np.searchsorted(keys, bounds | _LOW, "right")
    edges = np.zeros(len(keys) + 1, np.int64)
    np.add.at(edges, begins, 1)
    np.add.at(edges, ends, -1)
    kept: Numbers = keys[np.cumsum(edges[:-1]) == 0]
    return kept


def _house_matter(keys: Numbers, label: Callable[[int], tuple[str, str]], headlines: int) -> Numbers:
    """Shingles of a slice that one publisher prints beneath so many headlines."""
    _, _, counts = _runs(keys >> _HALF)
    keys = keys[np.repeat(counts >= headlines, counts)]  # what so many texts hold, which is little
    beneath, houses = _numbered(keys & _LOW, label, headlines)
    headline = beneath[keys & _LOW]
    known = headline != _NOBODY
    printed = _each_once(keys[known] & ~_LOW | headline[known])
    by_house, _, counts = _runs(printed & ~_LOW | houses[printed & _LOW])
    return _each_once(by_house[counts >= headlines] >> _HALF)


def _numbered(texts: Numbers, label: Callable[[int], tuple[str, str]], headlines: int) -> tuple[Numbers, Numbers]:
    """Number of the headline of each of some texts, counted publisher by publisher, and of each headline's publisher.

    Texts of unknown publishers, and of those with fewer `headlines`, have the number `_NOBODY`, and so have others.
    """
    present = np.flatnonzero(np.bincount(texts.astype(np.int64)))
    labels = list(map(label, present.tolist()))
    held: dict[str, set[str]] = {}
    for house, headline in labels:
        if house:
            held.setdefault(house, set()).add(headline)
    told = [(house, name) for house, names in held.items() if len(names) >= headlines for name in names]
    numbers = {pair: number for number, pair in enumerate(told)}
    by_house = {house: number for number, house in enumerate(dict.fromkeys(house for house, _ in told))}
    beneath = np.full(int(present[-1]) + 1 if len(present) else 0, _NOBODY, np.uint64)
    beneath[present] = [numbers.get(each, _NOBODY) for each in labels]
    return beneath, np.array([by_house[house] for house, _ in told], np.uint64)


def _pairs(keys: Numbers, crowd: int) -> Iterator[Numbers]:
    """Each two texts that hold one shingle as one number, as often as they share one; some at a time."""
    _, begins, counts = _runs(keys >> _HALF)
    owners = keys & _LOW
    for count in np.unique(counts[(counts > 1) & (counts <= crowd)]).tolist():
        first, second = np.triu_indices(count, 1)
        rows = begins[counts == count]
        step = max(1, SLICE // len(first))
        for start in range(0, len(rows), step):
            holders = owners[rows[start : start + step, None] + np.arange(count)]
            yield (holders[:, first] << _HALF | holders[:, second]).ravel()


def _together(arrays: Iterable[Numbers]) -> Iterator[Numbers]:
    """The same numbers in few arrays, since each costs a look at all that was counted."""
    held: list[Numbers] = []
    for array in arrays:
        held.append(array)
        if sum(map(len, held)) >= SLICE:
            yield np.concatenate(held)
            held = []
    if held:
        yield np.concatenate(held)


def _added(shared: tuple[Numbers, NDArray[np.int64]], pairs: Numbers) -> tuple[Numbers, NDArray[np.int64]]:
    """Count pairs beside those that are counted already."""
    pairs.sort()
    new, _, counts = _runs(pairs)
    both = np.concatenate((shared[0], new))
    order = np.argsort(both, kind="stable")
    every, begins, _ = _runs(both[order])
    counted = np.concatenate((shared[1], counts))[order]
    return every, np.add.reduceat(counted, begins) if len(every) else counted


def _each_once(numbers: Numbers) -> Numbers:
    """Numbers in order, without those that stand there already; NumPy's own way is slow where low bits are alike."""
    return _runs(np.sort(numbers))[0]


def _runs(ordered: Numbers) -> tuple[Numbers, NDArray[np.int64], NDArray[np.int64]]:
    """Each number of an ordered array, where it begins, and how often it stands there."""
    if not len(ordered):
        return ordered, np.empty(0, np.int64), np.empty(0, np.int64)
    begins = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    return ordered[begins], begins, np.diff(begins, append=len(ordered))
