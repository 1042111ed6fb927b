"""Many sketches compared at once: what a publisher prints beneath several headlines, and which texts share much.

A sketch is what `syndication.draw_shingles` draws of a text. Shingles are taken in slices of their numbers, so that
memory stays bounded however many texts there are.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.uint64]
"""Numbers from 0, one-dimensional."""

SLICE = 1 << 22
"""About how many shingles are looked at together: 32 MB, a few times over."""
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_NOBODY = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Sketched:
    """One text as it is compared."""

    shingles: bytes
    """As `Shingles` hold what was drawn."""
    house: str
    """Its publisher; empty where it is unknown."""
    headline: str


@dataclass(frozen=True, slots=True)
class Resemblances:
    """What many sketches have in common."""

    house: frozenset[int]
    """Shingles that one publisher prints beneath several headlines."""
    pairs: tuple[tuple[int, int], ...]
    """Numbers of the texts that share much beside these, the smaller first, in order."""


def find_resemblances(texts: Sequence[Sketched], headlines: int, crowd: int, share: float) -> Resemblances:
    """Compare all sketches.

    A shingle that one publisher prints beneath so many `headlines` is house matter. Of what is left, one that more
    than a `crowd` of texts hold leads to no pairs, and a pair shares at least that `share` of the shorter sketch.
    """
    shingles, owners = _laid_out(texts)
    beneath, houses = _numbered(texts, headlines)
    matter: list[Numbers] = [np.empty(0, np.uint64)]
    sizes = np.zeros(len(texts), np.int64)
    shared = np.empty(0, np.uint64), np.empty(0, np.int64)
    for keys in _slices(shingles, owners):
        found = _house_matter(keys, beneath, houses, headlines)
        own = keys[~np.isin(keys >> _HALF, found, kind="sort")]
        matter.append(found)
        sizes += np.bincount((own & _LOW).astype(np.int64), minlength=len(texts))
        for pairs in _together(_pairs(own, crowd)):
            shared = _added(shared, pairs)
    one, two = shared[0] >> _HALF, shared[0] & _LOW
    near = shared[1] >= share * np.minimum(sizes[one], sizes[two])
    found_pairs = zip(one[near].tolist(), two[near].tolist(), strict=True)
    return Resemblances(frozenset(np.concatenate(matter).tolist()), tuple(found_pairs))


def _laid_out(texts: Sequence[Sketched]) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """All shingles one after another, and for each the number of its text."""
    shingles = np.frombuffer(b"".join(text.shingles for text in texts), ">u4").astype(np.uint32)
    counts = [len(text.shingles) // 4 for text in texts]
    return shingles, np.repeat(np.arange(len(texts), dtype=np.uint32), counts)


def _numbered(texts: Sequence[Sketched], headlines: int) -> tuple[Numbers, Numbers]:
    """Number of each text's headline, counted publisher by publisher, and of each headline's publisher.

    Texts of unknown publishers, and of those with fewer `headlines`, have the number `_NOBODY`.
    """
    held: dict[str, set[str]] = {}
    for text in texts:
        if text.house:
            held.setdefault(text.house, set()).add(text.headline)
    told = [(house, name) for house, names in held.items() if len(names) >= headlines for name in names]
    numbers = {pair: number for number, pair in enumerate(told)}
    by_house = {house: number for number, house in enumerate(dict.fromkeys(house for house, _ in told))}
    beneath = [numbers.get((text.house, text.headline), _NOBODY) for text in texts]
    return np.array(beneath, np.uint64), np.array([by_house[house] for house, _ in told], np.uint64)


def _slices(shingles: NDArray[np.uint32], owners: NDArray[np.uint32]) -> Iterator[Numbers]:
    """Shingle and text as one number, each once and in order, slice by slice of the shingles."""
    parts = len(shingles) // SLICE + 1
    part_of = (shingles.astype(np.uint64) * np.uint64(parts) >> _HALF).astype(np.uint16)
    for part in range(parts):
        here = part_of == part
        yield _each_once(shingles[here].astype(np.uint64) << _HALF | owners[here])


def _house_matter(keys: Numbers, beneath: Numbers, houses: Numbers, headlines: int) -> Numbers:
    """Shingles of a slice that one publisher prints beneath so many headlines."""
    headline = beneath[keys & _LOW]
    known = headline != _NOBODY
    printed = _each_once(keys[known] & ~_LOW | headline[known])
    by_house, _, counts = _runs(printed & ~_LOW | houses[printed & _LOW])
    return _each_once(by_house[counts >= headlines] >> _HALF)


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
