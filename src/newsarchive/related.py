"""Finds the articles nearest to each in subject: by what both say again and again, and by the edition they are about.

Source: Salton and Buckley 1988, Term-weighting approaches in automatic text retrieval.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from hashlib import blake2b
from itertools import pairwise
from math import log
from operator import attrgetter
from struct import pack

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from newsarchive.article import Article, Terms, Value
from newsarchive.hanzi import HAN, HAN_RUN
from newsarchive.syndication import Group, held_text

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
_WIDTH = 63
"""Bits of the largest number that is sorted at once."""


class Told(Value, frozen=True):
    """What articles repeat, for the next time that most of them are related."""

    texts: tuple[tuple[bytes, int], ...]
    """Fingerprint and story of each, by id."""
    sizes: bytes
    """How many terms each has, as numbers of 64 bits."""
    numbers: bytes
    """The terms of all, one article after another, as in `Terms`."""
    counts: bytes
    """As in `Terms`."""


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


def held_terms(article: Article) -> Terms | None:
    """Give the terms of an article that holds them."""
    return article.terms


def find_related(
    articles: Iterable[Article],
    groups: Iterable[Group],
    text_of: Callable[[Article], str] = held_text,
    terms_of: Callable[[Article], Terms | None] = held_terms,
) -> dict[str, tuple[str, ...]]:
    """Give each article the ids of the articles nearest to it, the nearest first; one that has none is left out.

    `groups` are copies of one text: of these the canonical alone is related to others, and copies are not related to
    each other. `terms_of` gives what was counted of each (None: it is counted now, in what `text_of` gives).
    """
    return find_related_again(articles, groups, text_of, lambda _: terms_of, None)[0]


def find_related_again(
    articles: Iterable[Article],
    groups: Iterable[Group],
    text_of: Callable[[Article], str],
    some_terms: Callable[[Sequence[Article]], Callable[[Article], Terms | None]],
    before: Told | None,
) -> tuple[dict[str, tuple[str, ...]], Told]:
    """Relate articles as `find_related` does, asking for no terms that were told `before`; articles have fingerprints.

    `some_terms` takes the articles whose terms are asked for.
    """
    those = sorted((article for article in articles if article.kind == "article"), key=attrgetter("id"))
    told = _tell(those, text_of, some_terms, before)
    first = _first_copies(those, groups)
    known = _weigh(told)
    found: dict[str, tuple[str, ...]] = {}
    for ones, others, likeness in _compare(known, known.only(first[known.owners] == known.owners)):
        near = (likeness >= NEAREST) & (first[ones] != others)
        for one, nearest in _nearest(ones[near], others[near], likeness[near], those):
            found[those[one].id] = tuple(those[other].id for other in nearest)
    return found, told


def _first_copies(articles: Sequence[Article], groups: Iterable[Group]) -> NDArray[np.int64]:
    """Number of the canonical copy of each article's text, mostly its own."""
    numbers = {article.id: number for number, article in enumerate(articles)}
    first = np.arange(len(articles))
    for group in groups:
        first[[numbers[each] for each in group.ids]] = numbers[group.canonical]
    return first


def _tell(
    articles: Sequence[Article],
    text_of: Callable[[Article], str],
    some_terms: Callable[[Sequence[Article]], Callable[[Article], Terms | None]],
    before: Told | None,
) -> Told:
    """Put the terms of all articles together: those that were told before, and those that are read now."""
    texts = tuple((article.fingerprint, article.story) for article in articles)
    if before and before.texts == texts:
        return before
    places = {text: place for place, text in enumerate(before.texts) if text[0]} if before else {}
    missing = [article for article, text in zip(articles, texts, strict=True) if text not in places]
    terms_of = some_terms(missing)
    read = iter([terms_of(article) or count_terms(article.title, text_of(article)) for article in missing])
    parts: list[tuple[bytes, bytes, bytes]] = []
    cut = _cutter(before) if before else None
    for begin, end in _runs([places.get(text, -1) for text in texts]):
        if cut and begin >= 0:
            parts.append(cut(begin, end))
        else:
            new = next(read)
            parts.append((np.int64(len(new.counts) // 2).tobytes(), new.numbers, new.counts))
    sizes, numbers, counts = (b"".join(column) for column in zip(*parts, strict=True)) if parts else (b"", b"", b"")
    return Told(texts, sizes, numbers, counts)


def _cutter(told: Told) -> Callable[[int, int], tuple[bytes, bytes, bytes]]:
    """Give what gives sizes, numbers and counts of the articles from one place to another."""
    begins = np.concatenate(([0], np.cumsum(np.frombuffer(told.sizes, np.int64)))).tolist()

    def cut(first: int, last: int) -> tuple[bytes, bytes, bytes]:
        begin, end = begins[first], begins[last]
        return told.sizes[8 * first : 8 * last], told.numbers[8 * begin : 8 * end], told.counts[2 * begin : 2 * end]

    return cut


def _runs(places: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Put together places that follow each other, as the first and the one behind the last; each -1 stands alone."""
    held = np.array(places, np.int64)
    breaks = np.ones(len(held), np.bool_)
    breaks[1:] = (held[1:] != held[:-1] + 1) | (held[:-1] < 0)
    begins = np.flatnonzero(breaks)
    lengths = np.diff(begins, append=len(held))
    return zip(held[begins].tolist(), (held[begins] + lengths).tolist(), strict=True)


def is_sound(told: Told) -> bool:
    """Whether its parts are about the same texts."""
    if len(told.sizes) != 8 * len(told.texts):
        return False
    sizes = np.frombuffer(told.sizes, np.int64)
    terms = int(sizes.sum())
    if (sizes < 0).any() or (len(told.numbers), len(told.counts)) != (8 * terms, 2 * terms):
        return False
    return bool((np.frombuffer(told.counts, ">u2") > 0).all())


def _weigh(told: Told) -> _Known:
    """Find the most telling terms of each article, and their weights."""
    articles = len(told.texts)
    numbers = np.frombuffer(told.numbers, ">u8").astype(np.uint64)
    counts = np.frombuffer(told.counts, ">u2").astype(np.int64)
    owners = np.repeat(np.arange(articles), np.frombuffer(told.sizes, np.int64))
    order = np.argsort(numbers)
    begins = _begins(numbers[order])
    terms = np.empty(len(numbers), np.int64)
    terms[order] = np.cumsum(begins) - 1
    spread = np.diff(np.flatnonzero(begins), append=len(numbers))
    common = min(COMMON, max(2, articles // SHARE), articles - 1)
    telling = (spread > 1) & (spread <= common)
    kept = telling[terms]
    owners, terms, counts = owners[kept], terms[kept], counts[kept]
    weights = _logs(counts, 1, 1.0) * _logs(spread[terms], articles, 0.0)
    return _unit(_Known(owners, terms, weights), articles)


def _logs(numbers: NDArray[np.int64], of: int, more: float) -> NDArray[np.float64]:
    """`more` and the logarithm of each number, or of how many times it goes into `of`, above 1.

    Of each number once, by the library that gives the same on machines of one kind.
    """
    table = np.zeros(int(numbers.max(initial=0)) + 1)
    for number in np.flatnonzero(np.bincount(numbers)).tolist():
        table[number] = more + log(max(number, of) / min(number, of))
    return table[numbers]


def _unit(known: _Known, articles: int) -> _Known:
    """The heaviest terms of each article, their weights of length 1."""
    heaviest = np.unique(known.weights)[::-1]
    places = len(heaviest) - 1 - np.searchsorted(heaviest[::-1], known.weights)
    owners, places, terms = _sorted(known.owners, places, known.terms)
    ordered = _Known(owners, terms, heaviest[places])
    begins = np.searchsorted(ordered.owners, np.arange(articles))
    best = ordered.only(np.arange(len(ordered.owners)) - begins[ordered.owners] < TERMS)
    lengths = np.sqrt(np.bincount(best.owners, best.weights**2, articles))
    return _Known(best.owners, best.terms, best.weights / lengths[best.owners])


def _sorted(*columns: NDArray[np.int64]) -> tuple[NDArray[np.int64], ...]:
    """Sort rows of numbers from 0 by the first, then by the next ones.

    Where they fit into one number they are sorted as one, which takes a tenth of the time.
    """
    widths = [int(column.max(initial=0)).bit_length() for column in columns]
    if sum(widths) >= _WIDTH:
        order = np.lexsort(columns[::-1])
        return tuple(column[order] for column in columns)
    whole = np.zeros(len(columns[0]), np.int64)
    for column, width in zip(columns, widths, strict=True):
        whole = whole << width | column
    whole.sort()
    parted = []
    for width in reversed(widths):
        parted.append(whole & ((1 << width) - 1))
        whole = whole >> width
    return tuple(reversed(parted))


def _begins(numbers: NDArray[np.int64] | NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Where another number begins, in a row of them in order."""
    begins = np.ones(len(numbers), np.bool_)
    begins[1:] = numbers[1:] != numbers[:-1]
    return begins


def _compare(known: _Known, told: _Known) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]]:
    """Numbers of an article and of another one that shares terms with it, and their likeness; some at a time."""
    told = told.only(_sorted(told.terms, np.arange(len(told.terms)))[1])
    held = np.bincount(told.terms, minlength=int(known.terms.max(initial=-1)) + 1)
    sizes, last = held[known.terms], np.cumsum(held)[known.terms]
    for begin, end in _stretches(known.owners, sizes):
        lengths = sizes[begin:end]
        each = np.repeat(np.arange(begin, end), lengths)
        steps = np.arange(len(each)) - np.repeat(np.cumsum(lengths), lengths)
        others = last[each] + steps
        products = known.weights[each] * told.weights[others]
        ones, twos, order = _sorted(known.owners[each], told.owners[others], np.arange(len(each)))
        starts = np.flatnonzero(_begins(ones) | _begins(twos))
        yield ones[starts], twos[starts], np.add.reduceat(products[order], starts)


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
    ones: NDArray[np.int64], others: NDArray[np.int64], likeness: NDArray[np.float64], articles: Sequence[Article]
) -> Iterator[tuple[int, list[int]]]:
    """Number of each article, and of those nearest to it, the nearest first."""
    pairs = zip(ones.tolist(), others.tolist(), likeness.tolist(), strict=True)
    scores = [-round(score + EDITION * _meet(articles[one], articles[other]), 9) for one, other, score in pairs]
    order = np.lexsort((others, np.array(scores, np.float64), ones))
    begins = np.flatnonzero(_begins(ones[order])).tolist()
    nearest, owners = others[order].tolist(), ones[order].tolist()
    for begin, end in pairwise((*begins, len(nearest))):
        yield owners[begin], nearest[begin : min(end, begin + MOST)]


def _meet(one: Article, other: Article) -> bool:
    """Whether two articles are about one edition."""
    return bool(one.editions) and not set(one.editions).isdisjoint(other.editions)


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
