"""Content files → all articles without their bodies: remembered where nothing changed, else prepared in processes."""

import gc
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from newsarchive.article import Article, Image, Prepared, Problem, Shingles, Tally, Terms
from newsarchive.cache import Cache, open_cache, unpack
from newsarchive.errors import ContentError
from newsarchive.fingerprints import Digests, of_articles, of_source, read_digests
from newsarchive.guards import Failure
from newsarchive.knowledge import Knowledge
from newsarchive.media import Picture, is_whole, may_lie_beside, resolve_images, resolve_mirrored, settle_sheet
from newsarchive.mirrored import Record
from newsarchive.records import cells_of, cells_with, record_of, record_with
from newsarchive.removals import removed_lines, taken_of
from newsarchive.settings import Settings
from newsarchive.sheets import Sheet, sheet_of
from newsarchive.sources import SUFFIXES, Source, find_content, quarantined
from newsarchive.standing import GUARD
from newsarchive.workers import map_inputs

if TYPE_CHECKING:
    from newsarchive.packing import Packed

Progress = Callable[[str, int, int], None]
"""Takes the step that is under way, how much of it is done and of how much (0: not known)."""
_Settled = tuple[tuple[Image, ...], tuple[Image, ...]]


_TRIPPED = GUARD, "part the file into smaller ones"
_FAILED = "unreadable", "tell whoever makes newsarchive what the file holds"
"""Kind of the problem of a file that gave no result, and what to do."""
_FEW = 16
"""Files for which what reads them is loaded by those who do, while what is remembered is read here."""


def silent(step: str, done: int, total: int) -> None:
    """Take progress and say nothing."""


@contextmanager
def uncollected() -> Iterator[None]:
    """Let nobody look for cycles while millions of values are made that are in none."""
    is_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if is_enabled:
            gc.enable()


@dataclass(frozen=True, slots=True)
class Gathered:
    """What all content files give."""

    articles: tuple[Article, ...]
    """Without their bodies, with their pictures; by path and story."""
    problems: tuple[Problem, ...]
    """Those of the files; the articles carry their own."""
    pictures: tuple[Picture, ...]
    """To be copied."""
    bodies: "Bodies"


class Bodies:
    """Gives the body of each gathered article: state, since it remembers what was found of pictures."""

    def __init__(self, store: Cache, keys: Mapping[str, bytes], remake: Callable[[str], Prepared]) -> None:
        """`keys` are those of the content files by path; `remake` prepares one again whose body the cache lost."""
        self._store = store
        self._keys = keys
        self._remake = remake
        self._settled: dict[tuple[str, int], _Settled] = {}

    def sheet(self, article: Article) -> Sheet:
        """Read the sheet of one article, its pictures with what was found of them."""
        sheet = self._store.sheet(*self._place(article)) or sheet_of(self._prepared(article))
        settled = self._settled.get((article.path, article.story))
        return settle_sheet(sheet, *settled) if settled else sheet

    def text(self, article: Article) -> str:
        """Read the text of one article."""
        text = self._store.text(*self._place(article))
        return self._prepared(article).text if text is None else text

    def record(self, article: Article) -> bytes:
        """Read the record of one article, with what was found of its pictures."""
        record = self._store.record(*self._place(article)) or record_of(self._prepared(article))
        settled = self._settled.get((article.path, article.story))
        return record_with(record, settled[1]) if settled else record

    def cells(self, article: Article) -> bytes:
        """Read the row of one article in the table, with what was found of its pictures."""
        cells = self._store.cells(*self._place(article)) or cells_of(self._prepared(article))
        settled = self._settled.get((article.path, article.story))
        return cells_with(cells, settled[1]) if settled else cells

    def all_shingles(self) -> Callable[[Article], Shingles | None]:
        """Give what reads the shingles of an article."""
        held = self._store.all_shingles()
        return lambda article: held(*self._place(article)) or self._prepared(article).shingles

    def terms(self, articles: Sequence[Article]) -> Callable[[Article], Terms | None]:
        """Give what reads the terms of some articles."""
        held = self._store.terms(frozenset(self._keys[article.path] for article in articles))

        def get(article: Article) -> Terms | None:
            terms = held(*self._place(article))
            return self._prepared(article).terms if terms is None else terms

        return get

    def all_tallies(self) -> Callable[[Article], Sequence[Tally]]:
        """Give what reads how much each rule removed from an article."""
        held = self._store.all_tallies()

        def get(article: Article) -> Sequence[Tally]:
            tallies = held(*self._place(article))
            return self._prepared(article).tallies or () if tallies is None else tallies

        return get

    def removed_lines(self, path: str) -> bytes:
        """Read the removed blocks of all articles of one content file as lines."""
        lines = self._store.removed_lines(self._keys[path])
        return removed_lines(self._remake(path).articles) if lines is None else lines

    def taken(self, paths: Iterable[str]) -> Iterator[Mapping[str, Sequence[str]]]:
        """Read of each of some content files the texts that each rule took, in any order."""
        missing = {self._keys[path]: path for path in paths}
        for key, taken in self._store.taken(frozenset(missing)):
            if missing.pop(key, None) is not None:  # a damaged index may tell a key twice
                yield taken
        for path in missing.values():
            yield taken_of(self._remake(path).articles)

    def _place(self, article: Article) -> tuple[bytes, int]:
        return self._keys[article.path], article.story - 1

    def _prepared(self, article: Article) -> Article:
        return self._remake(article.path).articles[article.story - 1]

    def settle(self, received: Article, settled: Article) -> None:
        """Remember what was found of an article's pictures; what is found later adds to it."""
        if received.images != settled.images:
            place = settled.path, settled.story
            first, _ = self._settled.get(place, (received.images, ()))
            self._settled[place] = first, settled.images


def find_sources(settings: Settings, progress: Progress = silent) -> tuple[Source, ...]:
    """Find the content files.

    Raises:
        SettingsError: a content folder does not exist, or two hold one path.
        ContentError: there is no content file.
    """
    progress("finding articles", 0, 0)
    sources = find_content(settings.content, (settings.output,))
    if not sources:
        places = ", ".join(map(str, settings.content))
        raise ContentError(places, "no content file found", f"put files ending in {', '.join(SUFFIXES)} there")
    return sources


def find_articles(settings: Settings, knowledge: Knowledge, progress: Progress = silent) -> tuple[Article, ...]:
    """Give the articles of all content files, without their bodies.

    Raises:
        NewsArchiveError: there is no content file, or none could be read.
    """
    with open_cache(settings.cache) as store:
        digests = read_digests(settings.content, (settings.output,), of_articles(settings))
        return gather(find_sources(settings, progress), knowledge, settings, store, digests, progress).articles


def gather(
    sources: Sequence[Source],
    knowledge: Knowledge,
    settings: Settings,
    store: Cache,
    digests: Digests,
    progress: Progress = silent,
) -> Gathered:
    """Give the articles of all content files; one that fails is quarantined.

    Raises:
        ContentError: no content file could be read: a site without an article would replace one with many; or one was
            changed meanwhile: what it holds now would be remembered as what it held.
    """
    keys = {source.path: of_source(source, digests) for source in sources}
    pack_now = partial(_packed, settings=settings, knowledge=knowledge, keys=keys, digests=digests.anew())
    prepared = list(_prepared(sources, keys, pack_now, settings, store, progress))
    _check_read(prepared)
    by_path = {source.path: source for source in sources}
    bodies = Bodies(store, keys, lambda path: _prepare(by_path[path], settings, knowledge))
    store.commit()
    with uncollected():
        return _with_pictures(sources, prepared, settings, bodies, keys)


def _prepared(
    sources: Sequence[Source],
    keys: Mapping[str, bytes],
    pack_now: "Callable[[Source], Packed | None]",
    settings: Settings,
    store: Cache,
    progress: Progress,
) -> Iterator[Prepared]:
    """Give what each file holds, in their order, remembering what is prepared while what is remembered is read."""
    there = store.keys()
    new = _results([source for source in sources if keys[source.path] not in there], keys, pack_now, settings)
    with uncollected():
        known = store.find(there.intersection(keys.values()))  # no more: what is not there is prepared already
    lost = [source for source in sources if keys[source.path] in there and keys[source.path] not in known]
    again = _results(lost, keys, pack_now, settings)
    for number, source in enumerate(sources, 1):
        key = keys[source.path]
        if key in known:
            yield known.pop(key)
            continue
        result = next(again if key in there else new)
        if result is None:
            remedy = "build again once nobody writes there; the old site stays"
            raise ContentError(source.path, "was changed while it was read", remedy)
        if isinstance(result, Failure):
            kind, remedy = _TRIPPED if result.tripped else _FAILED
            yield quarantined(source.path, f"{result.message}; {remedy}", kind)
        else:
            store.add(key, result)
            yield unpack(result.light)
        progress("reading articles", number, len(sources))
    deque(chain(new, again), maxlen=0)  # nothing is left in them, and their processes end
    store.forget_others(keys.values())


def _results(
    sources: Sequence[Source],
    keys: Mapping[str, bytes],
    pack_now: "Callable[[Source], Packed | None]",
    settings: Settings,
) -> "Iterator[Packed | Failure | None]":
    """Begin to prepare some files, here or on a cluster."""
    if not sources:
        return iter(())
    if not settings.cluster:
        if len(sources) > _FEW:
            from newsarchive import preparation  # noqa: F401, PLC0415  once, and not in each process
        return map_inputs(pack_now, sources, settings.processes)
    from newsarchive.cluster import map_on_cluster  # noqa: PLC0415  most builds have none
    from newsarchive.elsewhere import loading, to_jobs  # noqa: PLC0415

    return map_on_cluster(loading(settings), to_jobs(sources, keys), settings.cluster)


def _packed(
    source: Source, settings: Settings, knowledge: Knowledge, keys: Mapping[str, bytes], digests: Digests
) -> "Packed | None":
    from newsarchive.preparation import prepare_packed  # noqa: PLC0415  as in `_prepare`

    return prepare_packed(source, keys[source.path], settings, knowledge, digests)


def _prepare(source: Source, settings: Settings, knowledge: Knowledge) -> Prepared:
    from newsarchive.preparation import prepare  # noqa: PLC0415  where few files changed, another process loads it

    return prepare(source, settings, knowledge)


def _check_read(prepared: Sequence[Prepared]) -> None:
    if any(each.articles for each in prepared):
        return
    problem = prepared[0].problems[0]
    finding = f"none of the {len(prepared)} content files could be read ({problem.message})"
    raise ContentError(problem.path, finding, "correct the content folder; the old site stays")


def _with_pictures(
    sources: Sequence[Source],
    prepared: Sequence[Prepared],
    settings: Settings,
    bodies: Bodies,
    keys: Mapping[str, bytes],
) -> Gathered:
    """Find the pictures that lie beside the articles: each time, since no fingerprint of an article knows them."""
    articles: list[Article] = []
    problems: list[Problem] = []
    pictures: list[Picture] = []
    for source, each in zip(sources, prepared, strict=True):
        problems += each.problems
        for light in each.articles:
            received = replace(light, fingerprint=keys[source.path])
            if not may_lie_beside(received):
                articles.append(received)
                continue
            where = source.folder, settings.limits.file_bytes, source.file.parent
            article, faults, found = resolve_images(received, *where)
            bodies.settle(received, article)
            articles.append(article)
            problems += faults
            pictures += found
    return Gathered(tuple(articles), tuple(problems), tuple(pictures), bodies)


def use_mirror(gathered: Gathered, records: Mapping[str, Record], root: Path) -> Gathered:
    """Give the articles the mirrored copies of their pictures; each file is checked once."""
    if not records:
        return gathered
    whole = cache(partial(is_whole, root))
    found = [resolve_mirrored(article, records, root, whole) for article in gathered.articles]
    for before, (after, _, _) in zip(gathered.articles, found, strict=True):
        gathered.bodies.settle(before, after)
    return Gathered(
        articles=tuple(article for article, _, _ in found),
        problems=(*gathered.problems, *(problem for _, problems, _ in found for problem in problems)),
        pictures=(*gathered.pictures, *(picture for _, _, pictures in found for picture in pictures)),
        bodies=gathered.bodies,
    )
