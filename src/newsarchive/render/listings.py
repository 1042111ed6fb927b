"""Contexts of the pages that list articles: year, publisher, publisher within a year, outlet, undated."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Literal

from msgspec import structs

from newsarchive import permalinks
from newsarchive.archive import Archive, Edition, Term
from newsarchive.article import Value
from newsarchive.render.charts import Bar, height_of
from newsarchive.render.planned import Draft
from newsarchive.render.rows import (
    Almanac,
    By,
    Month,
    Row,
    Section,
    Shelf,
    anchor_of,
    count_sections,
    days_of,
    merge_copies,
    newest_first,
    publishers_of,
    rows_by,
    section_key,
    section_places,
    span_of_years,
)

RAIL = 12
"""Rows of a rail's group that are always open; the rest is folded."""
LONGEST_GAP = 20
"""Most columns of a year chart that show years without articles too."""

ListingKind = Literal["year", "publisher", "publisher-year", "outlet", "undated"]


class RailRow(Value, frozen=True):
    """One line of a rail."""

    name: str
    """Empty for the unknown publisher."""
    count: int
    page: str
    current: bool = False


class RailGroup(Value, frozen=True):
    """One group of a rail; its heading is the template's."""

    kind: Literal["publishers", "years", "neighbours", "carriers"]
    rows: tuple[RailRow, ...]
    rest: tuple[RailRow, ...] = ()
    """Folded rows."""

    @property
    def rest_count(self) -> int:
        """Articles of the folded rows."""
        return sum(row.count for row in self.rest)


class Pager(Value, frozen=True):
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
    listing: str
    """Its first page."""
    rows: Sequence[Row]
    year: int | None = None
    name: str = ""
    term_page: str = ""
    editions: tuple[Edition, ...] = ()
    rail: tuple[RailGroup, ...] = ()
    section_pages: Mapping[int | None, str] = field(default_factory=dict)
    """Year → listing of its section alone."""
    chart_years: Sequence[int] = ()
    """Years of a chart by year: those of the whole archive, so that charts can be compared."""

    @property
    def by(self) -> By:
        """What it is cut into."""
        return _by(self.kind)


Drafts = Iterator[Draft[Listing]]
"""Pages that list articles, none of which is filled yet."""


def listings(archive: Archive, shelf: Shelf, size: int) -> Drafts:
    """Draft every page that lists articles; `size` of them stand on a page."""
    for draft in (_years, _publishers, _publishers_within_years, _outlets, _undated):
        for plan in draft(archive, shelf):
            yield from _pages(plan, size)


def fill_listing(told: Listing, rows: Sequence[Row], almanac: Almanac) -> Listing:
    """Give one page of a listing: `told` with its rows in its sections."""
    groups = groupby(rows, key=section_key(_by(told.kind)))
    sections = zip(told.sections, groups, strict=True)
    filled = (structs.replace(section, days=days_of(group, almanac.calendar)) for section, (_, group) in sections)
    return replace(told, sections=tuple(filled))


def _years(archive: Archive, shelf: Shelf) -> Iterator[_Plan]:
    for number, term in enumerate(archive.years):
        publishers = rail_rows(archive.publisher_years[term.key])
        neighbours = [*archive.years[number + 1 : number + 2], *archive.years[max(number - 1, 0) : number]]
        rail = (folded("publishers", publishers), _years_group("neighbours", neighbours))
        held = tuple(edition for edition in archive.editions if edition.start[:4] == term.key)
        rows = shelf.years[term.key]
        yield _Plan("year", term.permalink, rows, int(term.key), editions=held, rail=rail)


def _publishers(archive: Archive, shelf: Shelf) -> Iterator[_Plan]:
    """The unknown one included."""
    by_slug = _terms_by_slug(archive)
    years_held = _archive_years(archive)
    for term in archive.publishers:
        years = by_slug.get(term.key, [])
        pages: dict[int | None, str] = {int(year.key.split("/")[0]): year.permalink for year in years}
        rail = (_years_group("years", years),) if years else ()
        yield _Plan(
            kind="publisher",
            listing=term.permalink,
            rows=newest_first(shelf.publishers[term.permalink]),
            name=term.name,
            rail=rail,
            section_pages=pages,
            chart_years=years_held,
        )


def _publishers_within_years(archive: Archive, shelf: Shelf) -> Iterator[_Plan]:
    pages = {term.key: term.permalink for term in archive.publishers}
    by_slug = _terms_by_slug(archive)
    for year, terms in archive.publisher_years.items():
        rows = rows_by(shelf.years[year], lambda row: row.publisher_page)
        for term in terms:
            slug = term.key.split("/")[1]
            years = _years_group("years", by_slug[slug], term.permalink)
            publishers = folded("publishers", rail_rows(terms, term.permalink))
            yield _Plan(
                kind="publisher-year",
                listing=term.permalink,
                rows=rows[pages[slug]],
                year=int(year),
                name=term.name,
                term_page=pages[slug],
                rail=(years, publishers),
            )


def _outlets(archive: Archive, shelf: Shelf) -> Iterator[_Plan]:
    years_held = _archive_years(archive)
    for term in archive.outlets:
        rows = shelf.rows_of(term.entries)
        carried = Counter(row.publisher_page for row in rows)
        carriers = [
            RailRow(publisher.name, carried[publisher.permalink], publisher.permalink)
            for publisher in archive.publishers
            if publisher.permalink in carried
        ]
        carriers.sort(key=lambda row: -row.count)
        rail = (folded("carriers", carriers),)
        yield _Plan(
            kind="outlet",
            listing=term.permalink,
            rows=newest_first(rows),
            name=term.name,
            rail=rail,
            chart_years=years_held,
        )


def _undated(_: Archive, shelf: Shelf) -> Iterator[_Plan]:
    """The articles without a date; one page where there are none."""
    yield _Plan("undated", permalinks.UNDATED, shelf.undated)


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


def _pages(plan: _Plan, size: int) -> Drafts:
    shown = merge_copies(plan.rows)
    chunks = [shown[start : start + size] for start in range(0, len(shown), size)] or [[]]
    counts = count_sections(plan.rows, plan.by)
    merged = counts if shown is plan.rows else count_sections(shown, plan.by)
    places = section_places(plan.rows, shown, merged, section_key(plan.by), size)
    bars = _bars(plan, counts, places)
    span = span_of_years(year for year, _ in counts)
    publishers = publishers_of(plan.rows)
    for number, chunk in enumerate(chunks, 1):
        told = Listing(
            kind=plan.kind,
            page=permalinks.page_of(plan.listing, number),
            name=plan.name,
            year=plan.year,
            count=len(plan.rows),
            merged=len(shown),
            publishers=publishers,
            span=span,
            term_page=plan.term_page,
            editions=plan.editions,
            bars=bars,
            sections=tuple(_sections(plan, chunk, counts, merged, places, number)),
            rail=plan.rail,
            pager=pager_of(plan.listing, number, [len(each) for each in chunks]),
        )
        yield Draft("listing.html", told.page, told, tuple(chunk), fill_listing)


def _sections(
    plan: _Plan,
    chunk: Sequence[Row],
    counts: Mapping[Month, int],
    merged: Mapping[Month, int],
    places: Mapping[Month, tuple[int, Month]],
    number: int,
) -> Iterator[Section]:
    """The sections of one page, their days left out."""
    for key in count_sections(chunk, plan.by):
        anchor = anchor_of(key, plan.by) if places[key][0] == number else ""
        page = plan.section_pages.get(key[0], "")
        yield Section(anchor, key[0], key[1], counts[key], page, (), merged[key])


def _by(kind: ListingKind) -> By:
    return "month" if kind in ("year", "publisher-year") else "year"


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
    target = f"{permalinks.page_of(plan.listing, place[0])}#{anchor_of(place[1], plan.by)}" if place else ""
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
