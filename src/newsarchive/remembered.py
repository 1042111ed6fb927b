"""What was found of all articles together, remembered from one build to the next: copies, terms, spellings."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import NamedTuple

import msgspec

from newsarchive import hanzi
from newsarchive.archive import Bodies, Finders
from newsarchive.article import Article
from newsarchive.cache import Cache
from newsarchive.collation import Tally
from newsarchive.related import Told, find_related_again, is_sound
from newsarchive.syndication import Compared, Group, find_groups_again
from newsarchive.workers import apart

_COPIES, _NAMES, _TERMS, _TALLIES = "copies", "names", "terms", "tallies"


class _Spelt(NamedTuple):
    """How names are spelt."""

    shaped: bytes
    """Fingerprint of what shapes articles; under another one nothing holds, since code and libraries spell."""
    names: dict[str, hanzi.Spelling]


class Remembered:
    """Finds again what was found before, and what is new: state, since it is noted once the site is written."""

    def __init__(self, store: Cache, shaped: bytes) -> None:
        """`shaped` is the fingerprint of what shapes articles beside their files."""
        self._store = store
        before = store.noted(_COPIES, Compared)
        self._before = before if before and _fits(before) else None
        self._now = self._before
        told = store.noted(_TERMS, Told)
        self._told_before = told if told and is_sound(told) else None
        self._told = self._told_before
        spelt = store.noted(_NAMES, _Spelt)
        self._known = spelt.names if spelt and spelt.shaped == shaped else {}
        self._found: Mapping[str, hanzi.Spelling] = {}
        self._tallies_before = store.noted(_TALLIES, dict[str, Tally]) or {}
        self._tallies: dict[str, Tally] = {}
        self._spelt = _Spelt(shaped, {})

    def finders(self, bodies: Bodies) -> Finders:
        """Give what finds what is asked of all articles; `bodies` reads what they come without."""
        return Finders(
            bodies,
            self.spell,
            lambda articles: self._group(articles, bodies),
            lambda articles, groups: self._relate(articles, groups, bodies),
            self.tally,
        )

    def tally(self, one: Article, two: Article, count: Callable[[], Tally]) -> Tally:
        """Tell how much the texts of two articles differ; their fingerprints tell which texts these are."""
        if not (one.fingerprint and two.fingerprint):
            return count()
        key = " ".join(f"{article.fingerprint.hex()} {article.story}" for article in (one, two))
        found = self._tallies_before.get(key) or count()
        self._tallies[key] = found
        return found

    def spell_apart(self, names: Iterable[str]) -> None:
        """Spell names that were not known, in a process of their own: the dictionary is as large as 10,000 articles."""
        new = sorted({*names, ""} - self._known.keys())  # the empty one is that of the unknown publisher
        self._found = apart(partial(_spelt, new)) if new else {}

    def spell(self, name: str) -> hanzi.Spelling:
        """Spell a name."""
        spelling = self._known.get(name) or self._found.get(name) or hanzi.spell(name)
        self._spelt.names[name] = spelling
        return spelling

    def remember(self) -> None:
        """Note what was found, for the next build."""
        if self._now is not None and self._now != self._before:
            self._store.set_note(_COPIES, msgspec.json.encode(self._now))
        if self._told is not None and self._told != self._told_before:
            self._store.set_note(_TERMS, msgspec.json.encode(self._told))
        if self._tallies != self._tallies_before:
            self._store.set_note(_TALLIES, msgspec.json.encode(self._tallies))
        if self._spelt.names != self._known:
            self._store.set_note(_NAMES, msgspec.json.encode(self._spelt))

    def _group(self, articles: Iterable[Article], bodies: Bodies) -> tuple[Group, ...]:
        groups, self._now = find_groups_again(articles, bodies.text, bodies.all_shingles, self._before)
        return groups

    def _relate(
        self, articles: Iterable[Article], groups: Iterable[Group], bodies: Bodies
    ) -> Mapping[str, tuple[str, ...]]:
        found, self._told = find_related_again(articles, groups, bodies.text, bodies.terms, self._told_before)
        return found


def _spelt(names: Iterable[str]) -> Mapping[str, hanzi.Spelling]:
    return {name: hanzi.spell(name) for name in names}


def _fits(compared: Compared) -> bool:
    """Whether its parts are about the same texts."""
    count = len(compared.texts)
    places = (place for one, two, _ in compared.copies for place in (one, two))
    whole = len(compared.sizes) == 8 * count and not (len(compared.house) % 4 or len(compared.crowded) % 4)
    return whole and all(0 <= place < count for place in places) and all(one != two for one, two, _ in compared.copies)
