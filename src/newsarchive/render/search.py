"""The search index of an archive, in segments by time, and the context of the page that reads it.

A change of one article changes one segment; the others keep their names and bytes, and are taken from the site
as it stands without being made again.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from newsarchive import permalinks
from newsarchive.archive import Archive, Edition, Entry, Term
from newsarchive.manifest import Listed, listed_files
from newsarchive.render.listings import RailRow, rail_rows
from newsarchive.render.planned import PlannedFiles
from newsarchive.render.rows import Shelf
from newsarchive.render.segments import CALLBACK, Record, digest_of, segment_files
from newsarchive.render.tokens import LONGEST, PAIRED, WORDS, read_folding
from newsarchive.settings import Settings
from newsarchive.writer import KeptFile, OutputFile

SMALLEST = 1024
"""Articles below which years are put together into one segment."""
SHARE = 4
"""A segment holds at least about this part of the archive, since a query asks every segment."""
HELD = 4096
"""Articles of the largest segment whose files are held all at once, some 40 MB, so that they can be made anywhere."""
SCRIPTS = ("query.js", "search.js", "mark.js")
"""Static files that only search needs."""
UNDATED = "undated"
"""Name of what has no date."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the articles in order of time."""

    name: str
    """First and last period in it: `2014-2017`, `2024-11`, `undated-2016`."""
    start: int
    stop: int
    """Number of the first article that is not in it."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Articles that are indexed together."""

    name: str
    """As of its span."""
    entries: tuple[Entry, ...]
    """Those without a date first, then the oldest."""


class SegmentLink(NamedTuple):
    """Where the page finds a segment, and what it calls it where it cannot be read; a list where it is JSON."""

    folder: str
    first: str
    """Year of its first article and of its last; `undated` for what has no date."""
    last: str


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Context of `search.html`."""

    count: int
    """Articles that are searched."""
    years: tuple[RailRow, ...]
    segments: tuple[SegmentLink, ...]
    folding: str
    """File of the folding, as `Site.folding`."""
    editions: tuple[tuple[Edition, str], ...]
    """Editions that articles are about, the newest first, each with what tells it from the others in short."""


def render_search(archive: Archive, settings: Settings) -> Iterator[OutputFile | KeptFile | PlannedFiles]:
    """Give the index and the table of its folding; nothing where search is off.

    Small segments are planned; the files of a large one are given as they are made, since nobody is to hold them all.

    Raises:
        SettingsError: there is no table of variants.
    """
    if not settings.search:
        return
    table = read_folding(settings)
    yield OutputFile(*_folding_file(table), "the table of variants")
    records = _Records(archive)
    listed = listed_files(settings.output)

    def make(segment: Segment) -> Iterator[OutputFile | KeptFile]:
        folder = permalinks.search_folder(segment.name, digest_of(records.of(segment), table))
        origin = f"the search index of {segment.name}"
        if kept := _kept(settings.output, folder, listed, origin):
            yield from kept
        else:
            yield from (OutputFile(*each, origin) for each in segment_files(folder, records.of(segment), table))

    def held(segment: Segment) -> Sequence[OutputFile | KeptFile]:
        return list(make(segment))

    for segment in segments_of(archive):
        if len(segment.entries) <= HELD:
            yield PlannedFiles(partial(held, segment))
        else:
            yield from make(segment)


def _kept(output: Path, folder: str, listed: Mapping[str, Listed], origin: str) -> list[KeptFile]:
    """Give a segment's files as the site has them; none where it has not all of them, each as its manifest says."""
    there = [listed[path] for path in sorted(listed) if path.startswith(f"{folder}/")]
    if any(_digest(output / file.path) != file.sha256 for file in there):
        return []
    return [KeptFile(file.path, file.size, file.sha256, origin) for file in there]


def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def search_page(archive: Archive, shelf: Shelf, settings: Settings) -> SearchPage:
    """Make the context of the search page."""
    table = read_folding(settings)
    records = _Records(archive)
    links = []
    held = [term.key for term in archive.edition_terms if term.entries]
    for segment in segments_of(archive):
        folder = permalinks.search_folder(segment.name, digest_of(records.of(segment), table))
        links.append(SegmentLink(folder, _year(segment.entries[0]), _year(segment.entries[-1])))
    return SearchPage(
        count=len(archive.entries),
        years=tuple(rail_rows(archive.years)),
        segments=tuple(links),
        folding=folding_file(settings),
        editions=tuple((shelf.almanac.editions[key], shelf.almanac.short_names[key]) for key in reversed(held)),
    )


def folding_file(settings: Settings) -> str:
    """Path of the file that brings the folding to the browser; empty where search is off."""
    return _folding_file(read_folding(settings))[0] if settings.search else ""


def segments_of(archive: Archive) -> tuple[Segment, ...]:
    """Part the articles of an archive by time."""
    entries = (*archive.undated, *(entry for entry in archive.entries if entry.published))
    dates = [entry.published.iso[:_DAY] if entry.published else "" for entry in entries]
    return tuple(Segment(span.name, entries[span.start : span.stop]) for span in spans_of(dates))


def spans_of(dates: Sequence[str]) -> tuple[Span, ...]:
    """Part ordered dates into spans: whole years, put together while they are few, parted by month or day while many.

    Dates are as long as they are known, the unknown ones empty and first. The least size is a power of two near a
    quarter of the whole, so that a growing archive is parted anew only when it has doubled.
    """
    least = max(SMALLEST, (1 << (len(dates) // SHARE).bit_length()) // 2)
    spans: list[Span] = []
    names: list[str] = []
    start = stop = 0
    for period, count in _periods(dates, least * 2):
        names.append(period)
        stop += count
        if stop - start >= least:
            spans.append(_span(names, start, stop))
            names, start = [], stop
    return (*spans, _span(names, start, stop)) if names else tuple(spans)


_YEAR, _DAY = 4, 10


def _periods(dates: Sequence[str], most: int, length: int = _YEAR) -> Iterator[tuple[str, int]]:
    """Count dates by year; a period that holds too many is parted once more, down to days."""
    for period, group in groupby(dates, key=lambda date: date[:length]):
        members = list(group)
        if period and len(members) > most and length < _DAY:
            yield from _periods(members, most, length + 3)
        else:
            yield period or UNDATED, len(members)


def _span(names: Sequence[str], start: int, stop: int) -> Span:
    return Span("-".join(dict.fromkeys((names[0], names[-1]))), start, stop)


def _year(entry: Entry) -> str:
    return entry.published.iso[:_YEAR] if entry.published else UNDATED


class _Records:
    """Makes records of articles, with publishers and outlets as their listings call them."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._publishers = _names_of(archive.publishers)
        self._outlets = _names_of(archive.outlets)

    def of(self, segment: Segment) -> Iterator[Record]:
        """Make the records of a segment, one by one."""
        for entry in segment.entries:
            article = entry.article
            yield Record(
                page=article.permalink,
                title=article.title,
                published=entry.published.iso[:10] if entry.published else "",
                lang="" if article.lang.startswith(("zh", "und")) else article.lang,
                text=self._archive.text(article),
                publisher=next(iter(self._publishers.get(article.id, ())), ""),
                outlets=tuple(self._outlets.get(article.id, ())),
                editions=article.editions,
                platform=article.platform,
            )


def _names_of(terms: Iterable[Term]) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for term in terms:
        for entry in term.entries:
            names.setdefault(entry.article.id, []).append(term.name)
    return names


def _folding_file(table: Mapping[int, str]) -> tuple[str, bytes]:
    """Write the table as the script takes it: two strings of equal length, and what tokens are made of."""
    data = {
        "from": "".join(map(chr, table)),
        "to": "".join(table.values()),
        "paired": PAIRED,
        "words": WORDS,
        "longest": LONGEST,
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    path = f"{permalinks.search_folder('folding', sha256(text.encode()).hexdigest()[:12])}/table"
    return f"{path}.js", f'{CALLBACK}("{path}",{text});\n'.encode()
