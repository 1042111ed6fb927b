"""Finds the articles nearest to each in subject: by what both say again and again, and by the edition they are about.

Source: Salton and Buckley 1988, Term-weighting approaches in automatic text retrieval.
"""

import re
import sys
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from math import log, sqrt
from operator import add

from newsarchive.archive import Archive
from newsarchive.article import Article
from newsarchive.hanzi import HAN_RUN

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
_GAP = "\n"
_WIDE = "utf-32-le" if sys.byteorder == "little" else "utf-32-be"
"""Characters as the numbers of this machine."""
Terms = Mapping[str, float]


def find_related(archive: Archive) -> dict[str, tuple[str, ...]]:
    """Give each article the ids of the articles nearest to it, the nearest first; one that has none is left out.

    Of copies of one text the canonical alone is related to others, and copies are not related to each other.
    """
    articles = [entry.article for entry in archive.entries if entry.article.kind == "article"]
    canonical = {each: group.canonical for group in archive.groups for each in group.ids}
    terms = _weigh(archive, articles)
    told = {article.id: article for article in articles if canonical.get(article.id, article.id) == article.id}
    holders = _holders({each: terms[each] for each in told})
    found = {
        article.id: tuple(_nearest(article, canonical.get(article.id, article.id), terms, holders, told))
        for article in articles
    }
    return {identity: nearest for identity, nearest in found.items() if nearest}


def _weigh(archive: Archive, articles: Sequence[Article]) -> dict[str, Terms]:
    """Most telling terms of each article, weighted so that an article's weights are of length 1.

    The terms of all are read twice, since held at once they would fill the memory.
    """
    spread: Counter[str] = Counter()
    for article in articles:
        spread.update(_terms_of(archive, article).keys())
    common = min(COMMON, max(2, len(articles) // SHARE))
    telling = {term: log(len(articles) / count) for term, count in spread.items() if 1 < count <= common}
    return {article.id: _unit(_terms_of(archive, article), telling) for article in articles}


def _terms_of(archive: Archive, article: Article) -> Mapping[str, int]:
    terms = archive.terms(article)
    return count_terms(article.title, archive.text(article)) if terms is None else terms


def count_terms(title: str, text: str) -> dict[str, int]:
    """Count words in Latin letters and pairs of Han characters, as an `Article` holds them.

    Those that stand once are chance, and left out; the title's are not.
    """
    words, pairs = Counter(_latin(text)), Counter(_pairs(text))
    words.update(2 * tuple(dict.fromkeys(_latin(title))))
    pairs.update(2 * tuple(dict.fromkeys(_pairs(title))))
    terms = {word: count for word, count in words.items() if count > 1}
    repeated = [pair for pair, count in pairs.items() if count > 1]
    spelt = zip(_spelt(repeated), map(pairs.__getitem__, repeated), strict=True)
    return terms | {pair: count for pair, count in spelt if _GAP not in pair}


def _latin(text: str) -> Iterator[str]:
    return map(str.casefold, _WORD.findall(text))


def _pairs(text: str) -> "array[int]":
    """Pairs of neighbouring Han characters, each as a number; one at an end of a run is paired with the gap.

    Counting numbers costs half of what counting strings does, since most pairs stand once.
    """
    characters = array("I", _GAP.join(HAN_RUN.findall(text)).encode(_WIDE))
    twice = array("I", bytes(8 * len(characters)))
    twice[::2] = twice[1::2] = characters
    return array("Q", twice[1:-1].tobytes())


def _spelt(pairs: Sequence[int]) -> Iterator[str]:
    """The characters of each pair."""
    characters = array("Q", pairs).tobytes().decode(_WIDE)
    return map(add, characters[::2], characters[1::2])


def _unit(counts: Mapping[str, int], telling: Mapping[str, float]) -> Terms:
    weights = {term: (1 + log(count)) * telling[term] for term, count in counts.items() if term in telling}
    best = sorted(weights, key=lambda term: (-weights[term], term))[:TERMS]
    length = sqrt(sum(weights[term] ** 2 for term in best))
    return {term: weights[term] / length for term in best} if length else {}


def _holders(terms: Mapping[str, Terms]) -> dict[str, list[tuple[str, float]]]:
    """Term → the articles known by it, with its weight there."""
    holders: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for identity, weights in terms.items():
        for term, weight in weights.items():
            holders[term].append((identity, weight))
    return holders


def _nearest(
    article: Article,
    canonical: str,
    terms: Mapping[str, Terms],
    holders: Mapping[str, Sequence[tuple[str, float]]],
    told: Mapping[str, Article],
) -> list[str]:
    likeness: dict[str, float] = defaultdict(float)
    for term, weight in terms[article.id].items():
        for other, theirs in holders.get(term, ()):
            likeness[other] += weight * theirs
    near = {other: score for other, score in likeness.items() if score >= NEAREST and other != canonical}
    for other in near:
        near[other] += EDITION * bool(set(article.editions) & set(told[other].editions))
    return sorted(near, key=lambda other: (-round(near[other], 9), other))[:MOST]
