"""Finds the articles nearest to each in subject: by what both say again and again, and by the edition they are about.

Source: Salton and Buckley 1988, Term-weighting approaches in automatic text retrieval.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from hashlib import blake2b
from itertools import pairwise
from math import log
from struct import pack

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from newsarchive.archive import Archive
from newsarchive.article import Article, Terms
from newsarchive.hanzi import HAN, HAN_RUN

MOST = 5
"""Related articles of one article."""
TERMS = 30
"""Terms by which an article is known, the most telling first."""
COMMON = 100
"""Articles beyond which a term tells nothing: it is the vocabulary of the archive, and pairs grow with its square."""
SHARE = 4
"""One article in so many may hold a term that tells something; two always may."""
NEAREST = 0.1
"""Least likeness of related articles: a few telling terms in common, none of them by chance."""
EDITION = 0.05
"""What one edition in common adds to the likeness: it decides between equals, and makes nothing related."""

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9.+-]{2,}")
_NO_WORD = bytes(each if re.match(rb"[A-Za-z0-9.+-]", bytes([each])) else 0x20 for each in range(256))
"""Translates what no word holds to spaces."""
_NO_BEGINNING = b"0123456789.+-"
_SHORTEST = 3
_IS_WORD = 0x80
"""Set in the first byte of a word's number, and in no pair's: characters have 21 bits."""
_MOST_TIMES = 0xFFFF
_AT_ONCE = 1 << 20
"""About how many times two articles that share a term are looked at together."""
_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)


class _Known(Struct, frozen=True):
    """Terms by which articles are known, one after another, by article."""

    owners: NDArray[np.int64]
    """Numbers of the articles."""
    terms: NDArray[np.int64]
    """Numbers of the terms, from 0."""
    weights: NDArray[np.float64]
    """An article's are of length 1."""

    def only(self, these: NDArray[np.bool_] | NDArray[np.int64]) -> "_Known":
        """Some of them."""
        return _Known(self.owners[these], self.terms[these], self.weights[these])


def find_related(archive: Archive) -> dict[str, tuple[str, ...]]:
    """Give each article the ids of the articles nearest to it, the nearest first; one that has none is left out.

    Of copies of one text the canonical alone is related to others, and copies are not related to each other.
    """
    articles = [entry.article for entry in archive.entries if entry.article.kind == "article"]
    articles.sort(key=lambda article: article.id)  # of equals the first by id stands first
    canonical = {each: group.canonical for group in archive.groups for each in group.ids}
    known = _weigh(archive, articles)
    told = np.array([canonical.get(article.id, article.id) == article.id for article in articles], np.bool_)
    found: dict[str, tuple[str, ...]] = {}
    for one, two, likeness in _compare(known, known.only(told[known.owners])):
        for number, nearest in _nearest(one, two, likeness, articles, canonical).items():
            found[articles[number].id] = tuple(articles[other].id for other in nearest)
    return found


def _weigh(archive: Archive, articles: Sequence[Article]) -> _Known:
    """Find the most telling terms of each article, and their weights."""
    terms_of = archive.all_terms()
    held = [terms_of(article) or count_terms(article.title, archive.text(article)) for article in articles]
    numbers = np.frombuffer(b"".join(terms.numbers for terms in held), ">u8").astype(np.uint64)
    counts = np.frombuffer(b"".join(terms.counts for terms in held), ">u2").astype(np.int64)
    owners = np.repeat(np.arange(len(held)), [len(terms.counts) // 2 for terms in held])
    del held
    _, terms, spread = np.unique(numbers, return_inverse=True, return_counts=True)
    common = min(COMMON, max(2, len(articles) // SHARE), len(articles) - 1)
    telling = (spread > 1) & (spread <= common)
    kept = telling[terms]
    owners, terms, counts = owners[kept], terms[kept], counts[kept]
    weights = _logs(counts, 1, 1.0) * _logs(spread, len(articles), 0.0)[terms]
    return _unit(_Known(owners, terms, weights), len(articles))


def _logs(numbers: NDArray[np.int64], of: int, more: float) -> NDArray[np.float64]:
    """`more` and the logarithm of each number, or of how many times it goes into `of`, above 1.

    Of each number once, by the library that gives the same on machines of one kind.
    """
    each, places = np.unique(numbers, return_inverse=True)
    return np.array([more + log(max(number, of) / min(number, of)) for number in each.tolist()], np.float64)[places]


def _unit(known: _Known, articles: int) -> _Known:
    """The heaviest terms of each article, their weights of length 1."""
    ordered = known.only(np.lexsort((known.terms, -known.weights, known.owners)))
    begins = np.searchsorted(ordered.owners, np.arange(articles))
    best = ordered.only(np.arange(len(ordered.owners)) - begins[ordered.owners] < TERMS)
    lengths = np.sqrt(np.bincount(best.owners, best.weights**2, articles))
    return _Known(best.owners, best.terms, best.weights / lengths[best.owners])


def _compare(
    known: _Known, told: _Known
) -> Iterator[tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[np.float64]]]:
    """Numbers of an article and of another one that shares terms with it, and their likeness; some at a time."""
    told = told.only(np.argsort(told.terms, kind="stable"))
    first, last = (np.searchsorted(told.terms, known.terms, side) for side in ("left", "right"))
    sizes = last - first
    for begin, end in _stretches(known.owners, sizes):
        lengths = sizes[begin:end]
        each = np.repeat(np.arange(begin, end), lengths)
        steps = np.arange(len(each)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        others = first[each] + steps
        pairs = known.owners[each].astype(np.uint64) << _HALF | told.owners[others].astype(np.uint64)
        order = np.argsort(pairs, kind="stable")
        both, starts = np.unique(pairs[order], return_index=True)
        products = (known.weights[each] * told.weights[others])[order]
        yield both >> _HALF, both & _LOW, np.add.reduceat(products, starts)


def _stretches(owners: NDArray[np.int64], sizes: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Cut the terms between articles, so that each stretch has about `_AT_ONCE` of what `sizes` count."""
    cuts = np.flatnonzero(np.diff(owners, prepend=-1, append=-1))
    after = np.concatenate(([0], np.cumsum(sizes)))[cuts]
    begin = 0
    while begin < len(cuts) - 1:
        end = max(begin + 1, int(np.searchsorted(after, after[begin] + _AT_ONCE, "right")) - 1)
        if after[end] > after[begin]:
            yield int(cuts[begin]), int(cuts[end])
        begin = end


def _nearest(
    ones: NDArray[np.uint64],
    others: NDArray[np.uint64],
    likeness: NDArray[np.float64],
    articles: Sequence[Article],
    canonical: Mapping[str, str],
) -> dict[int, list[int]]:
    near = likeness >= NEAREST
    found: dict[int, list[tuple[float, int]]] = {}
    for one, other, score in zip(ones[near].tolist(), others[near].tolist(), likeness[near].tolist(), strict=True):
        article, neighbour = articles[one], articles[other]
        if canonical.get(article.id, article.id) != neighbour.id:
            both = not set(article.editions).isdisjoint(neighbour.editions)
            found.setdefault(one, []).append((-round(score + EDITION * both, 9), other))
    return {one: [other for _, other in sorted(scored)[:MOST]] for one, scored in found.items()}


def count_terms(title: str, text: str) -> Terms:
    """Count words in Latin letters and pairs of Han characters.

    Those that stand once are chance, and left out; the title's are not.
    """
    whole = "\n".join((text, *2 * _told_by(title)))
    pairs = _repeated_pairs(whole)
    words = {word: count for word, count in Counter(_words(whole)).items() if count > 1}
    counts = [*pairs.values(), *words.values()]
    numbers = pack(f">{len(pairs)}Q", *pairs) + b"".join(map(_number, words))
    return Terms(numbers, pack(f">{len(counts)}H", *(min(count, _MOST_TIMES) for count in counts)))


def _told_by(title: str) -> tuple[str, ...]:
    """Every word and pair of a headline, once."""
    pairs = (one + two for run in HAN_RUN.findall(title) for one, two in pairwise(run))
    return tuple(dict.fromkeys((*map(str.lower, _WORD.findall(title)), *pairs)))


def _words(text: str) -> list[bytes]:
    """Words as `_WORD` finds them, in small letters; a pattern takes ten times as long where few letters are Latin."""
    spaced = text.encode("ascii", "replace").translate(_NO_WORD).lower()
    words = [word.lstrip(_NO_BEGINNING) for word in spaced.split()]
    return [word for word in words if len(word) >= _SHORTEST]


def _number(word: bytes) -> bytes:
    digest = blake2b(word, digest_size=8).digest()
    return bytes([digest[0] | _IS_WORD]) + digest[1:]


def _repeated_pairs(text: str) -> dict[int, int]:
    """Pairs of neighbouring Han characters that stand more than once, as numbers, and how often they stand.

    Sorted in one go, since most pairs stand once: counting them one by one costs five times as much.
    """
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    is_han = _han().take(codes, mode="clip")
    wide = codes.astype(np.uint64)
    pairs = (wide[:-1] << _HALF | wide[1:])[is_han[:-1] & is_han[1:]]
    pairs.sort()
    again = pairs[1:][pairs[1:] == pairs[:-1]]
    return {pair: count + 1 for pair, count in Counter(again.tolist()).items()}


@cache
def _han() -> NDArray[np.bool_]:
    """Whether a code point is that of a Han character; false for the last, which stands for all behind it."""
    table = np.zeros(HAN[-1][1] + 2, np.bool_)
    for first, last in HAN:
        table[first : last + 1] = True
    return table
