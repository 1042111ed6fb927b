"""Contexts of the pages that list articles: year, publisher, publisher within a year, outlet, undated."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Literal

from newsarchive import permalinks
from newsarchive.archive import Archive, Edition, Term
from newsarchive.render.charts import Bar, height_of
from newsarchive.render.rows import (
    Row,
    Section,
    Shelf,
    anchor_of,
    days_of,
    merge_copies,
    newest_first,
    oldest_first,
    section_key,
    section_places,
    span_of_rows,
)

RAIL = 12
"""Rows of a rail's group that are always open; the rest is folded."""
LONGEST_GAP = 20
"""Most columns of a year chart that show years without articles too."""

By = Literal["month", "year"]
Month = tuple[int | None, int | None]
"""Year and month of a section."""
ListingKind = Literal["year", "publisher", "publisher-year", "outlet", "undated"]


@dataclass(frozen=True, slots=True)
class RailRow:
    """One line of a rail."""

    name: str
    """Empty for the unknown publisher."""
    count: int
    page: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class RailGroup:
    """One group of a rail; its heading is the template's."""

    kind: Literal["publishers", "years", "neighbours", "carriers"]
    rows: tuple[RailRow, ...]
    rest: tuple[RailRow, ...] = ()
    """Folded rows."""

    @property
    def rest_count(self) -> int:
        """Articles of the folded rows."""
        return sum(row.count for row in self.rest)


@dataclass(frozen=True, slots=True)
class Pager:
    """Where one page of a listing stands among its siblings."""

    number: int
    total: int
    previous: str
    """Empty on the first page."""
    next: str
    """Empty on the last page."""
    next_count: int
    """Articles on the next page."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a listing."""

    kind: ListingKind
    page: str
    name: str
    """Of the publisher or outlet; empty where the kind has none or it is unknown."""
    year: int | None
    count: int
    """Articles on all pages."""
    merged: int
    """Texts on all pages: articles, copies of one text counted once."""
    publishers: int
    """Known publishers among them."""
    span: tuple[int, int] | None
    """First and last year."""
    term_page: str
    """Listing of the same publisher in all years; empty where there is none."""
    editions: tuple[Edition, ...]
    """Summits of the year."""
    bars: tuple[Bar, ...]
    sections: tuple[Section, ...]
    rail: tuple[RailGroup, ...]
    pager: Pager


@dataclass(frozen=True, slots=True)
class _Plan:
    """What one listing shows, before it is cut into pages."""

    kind: ListingKind
    term: Term
    rows: Sequence[Row]
    by: By
    year: int | None = None
    name: str = ""
    term_page: str = ""
    editions: tuple[Edition, ...] = ()
    rail: tuple[RailGroup, ...] = ()
    section_pages: Mapping[int | None, str] = field(default_factory=dict)
    """Year → listing of its section alone."""
    chart_years: Sequence[int] = ()
    """Years of a chart by year: those of the whole archive, so that charts can be compared."""

    def key(self, row: Row) -> Month:
        """Section that a row belongs to."""
        return section_key(row, self.by)


def year_listings(archive: Archive, shelf: Shelf, size: int) -> Iterator[Listing]:
    """Give every page of every year."""
    for number, term in enumerate(archive.years):
        publishers = rail_rows(archive.publisher_years[term.key])
        neighbours = [*archive.years[number + 1 : number + 2], *archive.years[max(number - 1, 0) : number]]
        rail = (folded("publishers", publishers), _years_group("neighbours", neighbours))
        held = tuple(edition for edition in archive.editions if edition.start[:4] == term.key)
        rows = oldest_first(shelf.rows_of(term.entries))
        plan = _Plan("year", term, rows, "month", int(term.key), editions=held, rail=rail)
        yield from _pages(plan, shelf, size)


def publisher_listings(archive: Archive, shelf: Shelf, size: int) -> Iterator[Listing]:
    """Give every page of every publisher, the unknown one included."""
    by_slug = _terms_by_slug(archive)
    years_held = _archive_years(archive)
    for term in archive.publishers:
        years = by_slug.get(term.key, [])
        pages: dict[int | None, str] = {int(year.key.split("/")[0]): year.permalink for year in years}
        rail = (_years_group("years", years),) if years else ()
        rows = newest_first(shelf.rows_of(term.entries))
        plan = _Plan(
            "publisher", term, rows, "year", name=term.name, rail=rail, section_pages=pages, chart_years=years_held
        )
        yield from _pages(plan, shelf, size)


def publisher_year_listings(archive: Archive, shelf: Shelf, size: int) -> Iterator[Listing]:
    """Give every page of every publisher within each year."""
    pages = {term.key: term.permalink for term in archive.publishers}
    by_slug = _terms_by_slug(archive)
    for year, terms in archive.publisher_years.items():
        for term in terms:
            slug = term.key.split("/")[1]
            years = _years_group("years", by_slug[slug], term.permalink)
            publishers = folded("publishers", rail_rows(terms, term.permalink))
            rows = oldest_first(shelf.rows_of(term.entries))
            plan = _Plan(
                "publisher-year", term, rows, "month", int(year), term.name, pages[slug], rail=(years, publishers)
            )
            yield from _pages(plan, shelf, size)


def outlet_listings(archive: Archive, shelf: Shelf, size: int) -> Iterator[Listing]:
    """Give every page of every outlet."""
    publishers = {entry.article.id: term for term in archive.publishers for entry in term.entries}
    years_held = _archive_years(archive)
    for term in archive.outlets:
        carried = Counter(publishers[entry.article.id].key for entry in term.entries)
        carriers = [
            RailRow(publisher.name, carried[publisher.key], publisher.permalink)
            for publisher in archive.publishers
            if carried[publisher.key]
        ]
        carriers.sort(key=lambda row: -row.count)
        rows = newest_first(shelf.rows_of(term.entries))
        rail = (folded("carriers", carriers),)
        plan = _Plan("outlet", term, rows, "year", name=term.name, rail=rail, chart_years=years_held)
        yield from _pages(plan, shelf, size)


def undated_listing(archive: Archive, shelf: Shelf, size: int) -> Iterator[Listing]:
    """Give every page of the articles without a date; one page where there are none."""
    term = Term("undated", "", permalinks.UNDATED, archive.undated)
    plan = _Plan("undated", term, oldest_first(shelf.rows_of(archive.undated)), "year")
    yield from _pages(plan, shelf, size)


def year_columns(years: Sequence[int]) -> list[int]:
    """Years of a chart: with the empty ones between, unless the gaps would outgrow the page."""
    if not years:
        return []
    span = range(min(years), max(years) + 1)
    return list(span) if len(span) <= LONGEST_GAP else sorted(set(years))


def _archive_years(archive: Archive) -> list[int]:
    return year_columns([int(year.key) for year in archive.years])


def _terms_by_slug(archive: Archive) -> dict[str, list[Term]]:
    """Slug of each publisher → its terms within the years, newest first."""
    by_slug: dict[str, list[Term]] = {}
    for year in sorted(archive.publisher_years, reverse=True):
        for term in archive.publisher_years[year]:
            by_slug.setdefault(term.key.split("/")[1], []).append(term)
    return by_slug


def rail_rows(terms: Sequence[Term], current: str = "") -> list[RailRow]:
    """Give name, count and listing of terms; `current` is the listing that is shown."""
    return [RailRow(term.name, len(term.entries), term.permalink, term.permalink == current) for term in terms]


def folded(kind: Literal["publishers", "carriers"], rows: Sequence[RailRow]) -> RailGroup:
    """Make a group of a rail, folding what goes beyond its first rows, but never a single one."""
    cut = RAIL if len(rows) > RAIL + 1 else len(rows)
    return RailGroup(kind, tuple(rows[:cut]), tuple(rows[cut:]))


def _years_group(kind: Literal["years", "neighbours"], terms: Sequence[Term], current: str = "") -> RailGroup:
    rows = (
        RailRow(term.key.split("/")[0], len(term.entries), term.permalink, term.permalink == current) for term in terms
    )
    return RailGroup(kind, tuple(rows))


def _pages(plan: _Plan, shelf: Shelf, size: int) -> Iterator[Listing]:
    shown = merge_copies(plan.rows)
    chunks = [shown[start : start + size] for start in range(0, len(shown), size)] or [[]]
    places = section_places(plan.rows, plan.key, size)
    counts, merged = Counter(map(plan.key, plan.rows)), Counter(map(plan.key, shown))
    bars = _bars(plan, counts, places)
    span = span_of_rows(plan.rows)
    publishers = len({row.publisher for row in plan.rows if row.publisher})
    for number, chunk in enumerate(chunks, 1):
        yield Listing(
            kind=plan.kind,
            page=permalinks.page_of(plan.term.permalink, number),
            name=plan.name,
            year=plan.year,
            count=len(plan.rows),
            merged=len(shown),
            publishers=publishers,
            span=span,
            term_page=plan.term_page,
            editions=plan.editions,
            bars=bars,
            sections=tuple(_sections(plan, chunk, counts, merged, places, number, shelf)),
            rail=plan.rail,
            pager=pager_of(plan.term.permalink, number, [len(each) for each in chunks]),
        )


def _sections(
    plan: _Plan,
    chunk: Sequence[Row],
    counts: Mapping[Month, int],
    merged: Mapping[Month, int],
    places: Mapping[Month, tuple[int, Month]],
    number: int,
    shelf: Shelf,
) -> Iterator[Section]:
    for key, group in groupby(chunk, key=plan.key):
        anchor = anchor_of(key, plan.by) if places[key][0] == number else ""
        page = plan.section_pages.get(key[0], "")
        yield Section(anchor, key[0], key[1], counts[key], page, days_of(group, shelf), merged[key])


def _bars(plan: _Plan, counts: Mapping[Month, int], places: Mapping[Month, tuple[int, Month]]) -> tuple[Bar, ...]:
    if plan.by == "month":
        keys: list[Month] = [(plan.year, month) for month in range(1, 13)]
    else:
        keys = [(year, None) for year in plan.chart_years]
    largest = max((counts[key] for key in keys), default=0)
    if not largest:
        return ()
    return tuple(_bar(plan, key, counts[key], largest, places.get(key)) for key in keys)


def _bar(plan: _Plan, key: Month, count: int, largest: int, place: tuple[int, Month] | None) -> Bar:
    target = f"{permalinks.page_of(plan.term.permalink, place[0])}#{anchor_of(place[1], plan.by)}" if place else ""
    return Bar(key[0], key[1], count, height_of(count, largest), count == largest and count > 0, target)


def pager_of(listing: str, number: int, sizes: Sequence[int]) -> Pager:
    """Tell where page `number` of a listing stands; `sizes` are the rows on each of its pages."""
    total = len(sizes)
    return Pager(
        number=number,
        total=total,
        previous=permalinks.page_of(listing, number - 1) if number > 1 else "",
        next=permalinks.page_of(listing, number + 1) if number < total else "",
        next_count=sizes[number] if number < total else 0,
    )
