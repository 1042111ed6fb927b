"""Groups copies and near-copies of one text, and picks the copy that was published first.

Texts are compared by the runs of five letters that they share. What a publisher prints beneath several
headlines (menus, notices, a paragraph of background) is house matter and tells nothing about a story, so
it is left out before texts are compared. What remains parts copies from other stories by a wide gap;
`docs/syndication.md` tells how that was measured.

Source: Broder 1997, On the resemblance and containment of documents.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from newsarchive.article import Article, Shingles, Value
from newsarchive.hanzi import fold, plain_letters
from newsarchive.sketches import Before, Bounds, Common, find_resemblances

SIZE = 5
"""Letters of a shingle: two or three Chinese words, so that a shared one is rarely chance."""
SHORTEST = 100
"""Letters below which nothing is grouped: so short a text may be a caption or a formula of the trade."""
RESEMBLANCE = 0.5
"""Share of all shingles of two texts that copies have in common.

Edited copies have 0.6 and more, different reports of one event, quotations and all, 0.2 and less.
"""
CONTAINMENT = 0.8
"""Share of the shorter text's shingles that a cut version finds in the longer one.

Not less, since a report that quotes another at length has up to 0.6.
"""
CUT = 1 / 3
"""Least length of a cut version against the longer text, unless both have one headline.

A shorter piece that stands within a text under another headline is an item of a digest.
"""
LIKENESS = 0.5
"""Share of the shorter headline's pairs of letters that two headlines have in common to be alike."""
HEADLINES = 3
"""Headlines of one publisher beneath which a passage stands to be house matter."""
CROWD = 200
"""Texts beyond which a shingle leads to no pairs: it is a phrase of the day, and pairs grow with its square."""
HINT = 0.2
"""Share of the shorter sketch that two texts have in common to be compared in full: well below both thresholds."""
HELD = 1000
"""Texts whose shingles are kept at a time, some 250 KB each; where few texts resemble others, few are needed."""

_BOUNDS = Bounds(HEADLINES, CROWD, HINT)
_EIGHTH = 5
"""Of eight letters whose code points follow each other, the one at which a sketched shingle begins."""
_STEPS = np.arange(SIZE)
_WEIGHTS = np.array(
    [0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F], np.uint64
)
"""Odd numbers without a pattern, one for each letter of a shingle."""
_HALF = np.uint64(32)
_SURROGATES = 0xD800


def held_text(article: Article) -> str:
    """Give the text of an article that holds it."""
    return article.text


def held_shingles(article: Article) -> Shingles | None:
    """Give the shingles of an article that holds them."""
    return article.shingles


@dataclass(frozen=True, slots=True)
class Group:
    """Copies of one text."""

    ids: tuple[str, ...]
    """At least two, by publication; copies without a date are last."""

    @property
    def canonical(self) -> str:
        """The first known publication, which the others are compared with."""
        return self.ids[0]


class Compared(Value, frozen=True):
    """What comparing texts found, for the next time that most of them are compared."""

    texts: tuple[tuple[bytes, int], ...]
    """Fingerprint and story of each, by id."""
    house: bytes
    """House matter as numbers of 32 bits, in order."""
    crowded: bytes
    """Shingles that a crowd holds, as `house`."""
    sizes: bytes
    """How many shingles each text has that are no house matter, as numbers of 64 bits."""
    copies: tuple[tuple[int, int, float], ...]
    """Places of two texts that are copies, and their resemblance."""


def find_groups(
    articles: Iterable[Article],
    text_of: Callable[[Article], str] = held_text,
    shingles_of: Callable[[Article], Shingles | None] = held_shingles,
) -> tuple[Group, ...]:
    """Group the copies of one text; each article is in one group at most, in whatever order they come.

    `articles` hold one capture of each, with a permalink and the date of the earliest capture. `shingles_of` gives what
    was drawn of each (None: it is drawn now), `text_of` the texts of those whose sketches are alike. Stubs, lists and
    short texts are in no group. Every member is a copy of the group's canonical copy, so that chains of small changes
    never join two texts. Groups are in order of their canonical copies' ids.
    """
    return find_groups_again(articles, text_of, lambda: shingles_of, None)[0]


def find_groups_again(
    articles: Iterable[Article],
    text_of: Callable[[Article], str],
    all_shingles: Callable[[], Callable[[Article], Shingles | None]],
    before: Compared | None,
) -> tuple[tuple[Group, ...], Compared]:
    """Group copies as `find_groups` does, comparing only what was not compared `before`; articles have fingerprints.

    `all_shingles` gives what gives the shingles of each, where any are compared.
    """
    told = sorted((article for article in articles if article.kind == "article"), key=attrgetter("id"))
    texts = tuple((article.fingerprint, article.story) for article in told)
    compared = before if before and before.texts == texts else _compare(told, texts, text_of, all_shingles(), before)
    pairs = {(told[one].id, told[two].id): share for one, two, share in compared.copies}
    groups = _join(pairs, {article.id: article for article in told})
    return tuple(map(Group, sorted(groups))), compared


def shingles(text: str, size: int = SIZE) -> frozenset[str]:
    """Cut text into overlapping runs of characters; not words, since Chinese has no spaces.

    `text` holds letters alone (`hanzi.plain_letters`). A shorter text is its own single shingle; an empty one has none.
    """
    if len(text) <= size:
        return frozenset({text} - {""})
    return frozenset(text[start : start + size] for start in range(len(text) - size + 1))


def resemblance(one: frozenset[str], two: frozenset[str]) -> float:
    """Share of all shingles that both texts hold, from 0.0 to 1.0 (Jaccard's index)."""
    shared = len(one & two)
    return shared / (len(one) + len(two) - shared) if shared else 0.0


def containment(one: frozenset[str], two: frozenset[str]) -> float:
    """Share of the smaller set that the larger one holds, from 0.0 to 1.0."""
    return len(one & two) / min(len(one), len(two)) if one and two else 0.0


def are_alike(one: str, two: str) -> bool:
    """Tell whether two headlines are one headline, cut, labelled or slightly changed."""
    first, second = shingles(plain_letters(one), 2), shingles(plain_letters(two), 2)
    return containment(first, second) >= LIKENESS


def draw_shingles(text: str) -> Shingles:
    """Draw what comparing needs of a text: about one in eight of its shingles.

    Which these are depends on nothing but themselves, so that texts that share some share drawn ones.
    """
    plain = plain_letters(text)
    _, numbers = _sketched_shingles(plain)
    return Shingles(len(plain), numbers.astype(">u4").tobytes())


def _sketched_shingles(text: str) -> tuple[NDArray[np.intp], NDArray[np.uint64]]:
    """Where the sketched shingles of a text stand, and each of them as a number of 32 bits.

    Python's own hash differs from one process to the next.

    Source: Lemire and Kaser 2014, Strongly universal string hashing is fast (the multilinear family).
    """
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    begins = codes[: max(0, len(codes) - SIZE + 1)]
    places = np.flatnonzero((begins & 7 == _EIGHTH) & (begins < _SURROGATES))
    return places, codes[places[:, None] + _STEPS].astype(np.uint64) @ _WEIGHTS >> _HALF


def _compare(
    told: Sequence[Article],
    texts: tuple[tuple[bytes, int], ...],
    text_of: Callable[[Article], str],
    shingles_of: Callable[[Article], Shingles | None],
    before: Compared | None,
) -> Compared:
    """Compare texts in order of their ids."""
    drawn = [_drawn(shingles_of(article) or draw_shingles(text_of(article))) for article in told]
    places = _places_before(texts, before)
    label = cache(lambda number: (fold(told[number].publisher or ""), plain_letters(told[number].title)))
    likely = find_resemblances(drawn, label, _BOUNDS, _before(before, places))
    house = frozenset(likely.common.house.tolist())
    copies = [*_still_copies(before, places, likely.touched), *_copies(told, likely.pairs, house, text_of)]
    common = likely.common
    return Compared(texts, common.house.tobytes(), common.crowded.tobytes(), common.sizes.tobytes(), tuple(copies))


def _drawn(shingles: Shingles) -> bytes:
    """What is compared of a text: nothing of a short one."""
    return shingles.drawn if shingles.letters >= SHORTEST else b""


def _places_before(texts: Sequence[tuple[bytes, int]], before: Compared | None) -> NDArray[np.int64]:
    """Where each text stood before; -1 for one that is new or another than it was."""
    places = {text: place for place, text in enumerate(before.texts)} if before else {}
    return np.array([places.get(text, -1) for text in texts], np.int64)


def _before(before: Compared | None, places: NDArray[np.int64]) -> Before | None:
    if before is None:
        return None
    house, crowded = np.frombuffer(before.house, np.uint32), np.frombuffer(before.crowded, np.uint32)
    sizes = np.append(np.frombuffer(before.sizes, np.int64), 0)[places]
    return Before(Common(house, crowded, sizes), places < 0)


def _still_copies(
    before: Compared | None, places: NDArray[np.int64], touched: NDArray[np.bool_]
) -> Iterator[tuple[int, int, float]]:
    """Copies that were found before, of texts that are not looked at again."""
    now = {place: number for number, place in enumerate(places.tolist()) if not touched[number]}
    for one, two, share in before.copies if before else ():
        if one in now and two in now:
            yield now[one], now[two], share


def _copies(
    told: Sequence[Article], likely: Iterable[tuple[int, int]], house: frozenset[int], text_of: Callable[[Article], str]
) -> Iterator[tuple[int, int, float]]:
    """Pairs of copies with their resemblance, measured on all that is not house matter."""
    own = lru_cache(maxsize=HELD)(lambda number: _own_shingles(text_of(told[number]), house))
    for one, two in likely:
        first, second = own(one), own(two)
        if _is_copy(told[one], told[two], first, second):
            yield one, two, resemblance(first, second)


def _own_shingles(text: str, house: frozenset[int]) -> frozenset[str]:
    """Shingles of a text without those between two neighbouring anchors of house matter."""
    plain = plain_letters(text)
    places, numbers = _sketched_shingles(plain)
    found: set[str] = set()
    begin = last = 0
    in_house = True
    for place, number in zip((*places.tolist(), len(plain)), (*numbers.tolist(), None), strict=True):
        is_house = number is None or number in house
        if in_house and is_house:
            found.update(_cut(plain, begin, last))
            begin = place
        last, in_house = place, is_house
    found.update(_cut(plain, begin, last))
    return frozenset(found)


def _cut(text: str, begin: int, end: int) -> Iterator[str]:
    """Shingles that begin in one stretch of a text."""
    return (text[start : start + SIZE] for start in range(begin, min(end, len(text) - SIZE + 1)))


def _is_copy(one: Article, two: Article, first: frozenset[str], second: frozenset[str]) -> bool:
    """Tell whether two texts are copies of one.

    What one publisher prints beneath two unlike headlines is its own furniture rather than a story told twice.
    """
    shorter, longer = sorted((len(first), len(second)))
    if shorter < SHORTEST - SIZE:
        return False
    alike = are_alike(one.title, two.title)
    if one.publisher and two.publisher and fold(one.publisher) == fold(two.publisher) and not alike:
        return False
    if resemblance(first, second) >= RESEMBLANCE:
        return True
    return containment(first, second) >= CONTAINMENT and (alike or shorter >= CUT * longer)


def _join(pairs: Mapping[tuple[str, str], float], articles: Mapping[str, Article]) -> set[tuple[str, ...]]:
    """Join the closest pairs first, as long as every member is a copy of the first publication."""
    joined: dict[str, tuple[str, ...]] = {}
    for one, two in sorted(pairs, key=lambda ids: (-pairs[ids], ids)):
        if two in joined.get(one, ()):
            continue
        members = [*joined.get(one, (one,)), *joined.get(two, (two,))]
        first, *others = _by_publication([articles[each] for each in members])
        if all((min(first, other), max(first, other)) in pairs for other in others):
            joined |= dict.fromkeys((first, *others), (first, *others))
    return set(joined.values())


def _by_publication(copies: Sequence[Article]) -> tuple[str, ...]:
    """Order copies by publication, as well as it is known.

    A copy whose day is not known stands behind those of its month. On one day the time decides where all
    copies of that day tell it, else how many others credit the copy's publisher, then the permalink.
    """
    permalinks = {copy.id: copy.permalink for copy in copies}
    days: dict[str, list[Article]] = defaultdict(list)
    for copy in copies:
        days[copy.published.iso[:10] + "~" if copy.published else "~"].append(copy)
    ordered: list[str] = []
    for day in sorted(days):
        timed = all(copy.published and len(copy.published.iso) > len("2024-11-20") for copy in days[day])
        times = {copy.id: copy.published.iso if copy.published and timed else "" for copy in days[day]}
        named = {copy.id: -_credited(copy, copies) for copy in days[day]}
        ordered += sorted(times, key=lambda each: (times[each], named[each], permalinks[each], each))
    return tuple(ordered)


def _credited(copy: Article, copies: Iterable[Article]) -> int:
    """How many other copies name this one's publisher as their outlet."""
    if not copy.publisher:
        return 0
    name = fold(copy.publisher)
    return sum(name in map(fold, other.outlets) for other in copies if other.id != copy.id)
