"""Contexts of the pages about the editions: one page each, their index, and the line of time."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby
from typing import Literal

from markupsafe import Markup

from newsarchive import markup, permalinks
from newsarchive.archive import Archive, Edition, Entry, Term
from newsarchive.article import Document, EditionEvidence, EditionPlace, Image, Moment
from newsarchive.render.charts import HeatStep, heat_steps, height_of, step_of
from newsarchive.render.listings import Pager, RailGroup, RailRow, folded, pager_of, year_columns
from newsarchive.render.planned import Draft
from newsarchive.render.rows import (
    NEAR,
    Almanac,
    Row,
    Section,
    Shelf,
    SummitDay,
    days_of,
    last_day,
    merge_copies,
    oldest_first,
    publishers_of,
    section_places,
)
from newsarchive.render.templates import trusted
from newsarchive.settings import Settings

Phase = Literal["before", "during", "after", "unknown"]
"""Where a date stands in relation to one edition; `unknown` where it does not say."""

PHASES: tuple[Phase, ...] = ("before", "during", "after", "unknown")
SLOT = 10
"""Width of a day in the day chart, in its own units."""
FEW = 5
"""Articles below which a chart states no finding."""


@dataclass(frozen=True, slots=True)
class EditionBar:
    """One edition in a row of columns or a list."""

    edition: Edition
    last_day: str
    short_name: str
    """Empty where its ordinal tells it."""
    count: int
    """Articles about it."""
    doubtful: int
    """Of these, articles that only their day assigns to it."""
    height: int
    """Of 100."""
    largest: bool


@dataclass(frozen=True, slots=True)
class DayBar:
    """One day of the day chart."""

    day: SummitDay
    iso: str
    count: int
    x: int
    """Left side of its bar."""
    height: int
    """Of 100."""
    in_session: bool


@dataclass(frozen=True, slots=True)
class DayChart:
    """Articles day by day around one edition."""

    days: tuple[DayBar, ...]
    width: int
    band: tuple[int, int]
    """Left side and width of the days of the summit."""
    session: int
    """Days of the summit."""
    outside: int
    """Articles with a known day that stands outside of the chart."""
    vague: int
    """Articles whose day is not known."""
    peak: DayBar | None
    """The day with most articles; None where there are few, or several such days."""
    share: int
    """Of the articles with a known day, per cent that appeared in the days of the summit."""


@dataclass(frozen=True, slots=True)
class Span:
    """One of the spans around an edition."""

    phase: Phase
    count: int
    page: str
    """Where its section begins; empty where it has none."""


@dataclass(frozen=True, slots=True)
class PhaseSection:
    """One span of an edition's listing, on one page of it."""

    phase: Phase
    anchor: str
    """Id of the section; empty where an earlier page has it."""
    count: int
    """Articles of the span on all pages."""
    years: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class PlaceCount:
    """How many articles one kind of evidence assigns to an edition."""

    place: EditionPlace
    count: int


@dataclass(frozen=True, slots=True)
class EditionPage:
    """One page of an edition."""

    page: str
    edition: Edition
    last_day: str
    short_name: str
    """Empty where its ordinal tells it."""
    year_page: str
    """Listing of the year in which it was held; empty where it holds nothing."""
    introduction: Markup
    """What an editor wrote about it; empty where nothing is."""
    count: int
    """Articles on all pages."""
    merged: int
    """Texts on all pages: articles, copies of one text counted once."""
    publishers: int
    """Known publishers among them."""
    first: Moment | None
    """Earliest date among the articles."""
    last: Moment | None
    chart: DayChart | None
    """None where no article is known to have appeared within two weeks of the opening."""
    spans: tuple[Span, ...]
    """In order; the unknown days only where there are any."""
    sections: tuple[PhaseSection, ...]
    places: tuple[PlaceCount, ...]
    """What assigns the articles to it, the plainest evidence first."""
    doubts: int
    """Articles that only their day assigns to it."""
    doubted: tuple[Row, ...]
    """These articles."""
    rail: tuple[RailGroup, ...]
    neighbours: tuple[EditionBar, ...]
    """The edition before and the one after, where there are."""
    pager: Pager

    @property
    def doubted_pages(self) -> frozenset[str]:
        """Permalinks of the articles that only their day assigns to it."""
        return frozenset(row.page for row in self.doubted)


@dataclass(frozen=True, slots=True)
class EditionsIndex:
    """The index of all editions."""

    editions: tuple[EditionBar, ...]
    """The yearly row."""
    regional: tuple[EditionBar, ...]
    """Meetings held elsewhere."""
    articles: int
    """Articles about any edition."""
    doubtful: int
    untold: int
    """Articles about none."""


@dataclass(frozen=True, slots=True)
class MonthCell:
    """One month of the line of time."""

    count: int
    step: int
    """Of the heat ramp; 0 for none."""
    page: str
    """Where the month begins in its year's listing; empty where it holds nothing."""
    editions: tuple[Edition, ...]
    """Those that were held in it."""


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One year of the line of time."""

    year: int
    page: str
    """Empty where the year holds nothing."""
    cells: tuple[MonthCell, ...]
    """Twelve."""
    vague: int
    """Articles of which no more than the year is known."""
    total: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """Articles by year and month, and the editions in their order."""

    rows: tuple[TimelineRow, ...]
    """Oldest first."""
    steps: tuple[HeatStep, ...]
    articles: int
    """Articles with a known year."""
    peak: tuple[int, int, int] | None
    """Year, month and count of the fullest month; None where there are few articles, or several such months."""
    vague: int
    """Articles of which no more than the year is known."""
    undated: int
    editions: tuple[EditionBar, ...]
    """All, oldest first."""


def edition_bars(archive: Archive, shelf: Shelf) -> tuple[EditionBar, ...]:
    """Give every edition with its count, by first day; heights compare the editions of the yearly row."""
    counts = {term.key: len(term.entries) for term in archive.edition_terms}
    largest = max((counts[edition.key] for edition in archive.editions if is_yearly(edition)), default=0)
    terms = zip(archive.editions, archive.edition_terms, strict=True)
    return tuple(_edition_bar(edition, term, largest, shelf) for edition, term in terms)


def is_yearly(edition: Edition) -> bool:
    """True for an edition of the yearly row."""
    return edition.kind != "regional"


def editions_index(archive: Archive, shelf: Shelf) -> EditionsIndex:
    """Give the index of editions."""
    bars = edition_bars(archive, shelf)
    about = [entry.article for entry in archive.entries if entry.article.editions]
    return EditionsIndex(
        editions=tuple(bar for bar in bars if is_yearly(bar.edition)),
        regional=tuple(bar for bar in bars if not is_yearly(bar.edition)),
        articles=len(about),
        doubtful=sum(any(evidence.doubtful for evidence in article.edition_evidence) for article in about),
        untold=len(archive.entries) - len(about),
    )


def edition_pages(archive: Archive, shelf: Shelf, settings: Settings) -> Iterator[Draft[EditionPage]]:
    """Draft every page of every edition, those without articles included."""
    bars = edition_bars(archive, shelf)
    years = {term.key: term.permalink for term in archive.years}
    for bar, term in zip(bars, archive.edition_terms, strict=True):
        row = [other for other in bars if is_yearly(other.edition) == is_yearly(bar.edition)]
        place = row.index(bar)
        neighbours = (*row[max(place - 1, 0) : place], *row[place + 1 : place + 2])
        yield from _pages(bar, term, archive, shelf, settings, neighbours, years.get(bar.edition.start[:4], ""))


def fill_edition(told: EditionPage, rows: Sequence[Row], almanac: Almanac) -> EditionPage:
    """Give one page of an edition: `told` with its rows in its sections, the last of them being the doubted ones."""
    cut = len(rows) - told.doubts
    calendar = almanac.summits[told.edition.key]
    groups = groupby(rows[:cut], key=lambda row: phase_of(row.published, told.edition))
    sections = zip(told.sections, groups, strict=True)
    filled = (replace(section, years=_years(group, calendar)) for section, (_, group) in sections)
    return replace(told, sections=tuple(filled), doubted=tuple(rows[cut:]))


def timeline(archive: Archive, shelf: Shelf, pages: Mapping[str, str]) -> Timeline:
    """Give the line of time; `pages` are those of `month_pages`."""
    counts = Counter((row.year or 0, row.month) for rows in shelf.years.values() for row in rows)
    months = {key: count for key, count in counts.items() if key[1]}
    held = [int(edition.start[:4]) for edition in archive.editions]
    years = year_columns(sorted({year for year, _ in counts} | set(held)))
    steps = heat_steps(months.values())
    terms = {int(term.key): term for term in archive.years}
    return Timeline(
        rows=tuple(_timeline_row(year, counts, steps, pages, terms.get(year), archive.editions) for year in years),
        steps=steps,
        articles=counts.total(),
        peak=_fullest(months),
        vague=sum(count for (_, month), count in counts.items() if not month),
        undated=len(archive.undated),
        editions=edition_bars(archive, shelf),
    )


def phase_of(published: Moment | None, edition: Edition) -> Phase:
    """Tell where a date stands in relation to an edition, as far as both of its ends agree."""
    if published is None:
        return "unknown"
    earliest, latest = (published.iso[:10] + rest[len(published.iso[:10]) :] for rest in ("0000-01-01", "9999-12-31"))
    if latest < edition.start:
        return "before"
    if earliest > last_day(edition):
        return "after"
    return "during" if published.day else "unknown"


def _edition_bar(edition: Edition, term: Term, largest: int, shelf: Shelf) -> EditionBar:
    count = len(term.entries)
    return EditionBar(
        edition=edition,
        last_day=last_day(edition),
        short_name=shelf.almanac.short_names[edition.key],
        count=count,
        doubtful=sum(_evidence(entry, edition).doubtful for entry in term.entries),
        height=min(100, height_of(count, largest)),
        largest=0 < largest == count,
    )


def _evidence(entry: Entry, edition: Edition) -> EditionEvidence:
    """What assigns an article to an edition that it is about."""
    found = (evidence for evidence in entry.article.edition_evidence if evidence.key == edition.key)
    return next(found, EditionEvidence(edition.key, "sidecar"))


def _pages(
    bar: EditionBar,
    term: Term,
    archive: Archive,
    shelf: Shelf,
    settings: Settings,
    neighbours: tuple[EditionBar, ...],
    year_page: str,
) -> Iterator[Draft[EditionPage]]:
    edition, size = bar.edition, settings.page_size
    rows = oldest_first(shelf.rows_of(term.entries))
    phases = {row.page: phase_of(row.published, edition) for row in rows}
    ordered = sorted(rows, key=lambda row: PHASES.index(phases[row.page]))
    shown = merge_copies(ordered)
    chunks = [shown[start : start + size] for start in range(0, len(shown), size)] or [[]]
    counts = Counter(phases.values())
    merged = Counter(phases[row.page] for row in shown)
    firsts = section_places(ordered, shown, merged, lambda row: phases[row.page], size)
    evidence = [(entry, _evidence(entry, edition)) for entry in term.entries]
    places = Counter(found.place for _, found in evidence)
    moments = {entry.published.iso: entry.published for entry in term.entries if entry.published}
    doubted = shelf.rows_of(entry for entry, found in evidence if found.doubtful)
    chart, publishers, rail = _chart(edition, rows, shelf.almanac), publishers_of(rows), _rail(rows, archive)
    for number, chunk in enumerate(chunks, 1):
        told = EditionPage(
            page=permalinks.page_of(term.permalink, number),
            edition=edition,
            last_day=bar.last_day,
            short_name=bar.short_name,
            year_page=year_page,
            introduction=_introduction(edition, settings.language) if number == 1 else Markup(),
            count=bar.count,
            merged=len(shown),
            publishers=publishers,
            first=moments[min(moments)] if moments else None,
            last=moments[max(moments)] if moments else None,
            chart=chart,
            spans=tuple(_span(phase, counts, firsts, term) for phase in PHASES if counts[phase] or phase != "unknown"),
            sections=tuple(_sections(dict.fromkeys(phases[row.page] for row in chunk), counts, firsts, number)),
            places=tuple(PlaceCount(place, places[place]) for place in _PLACES if places[place]),
            doubts=len(doubted),
            doubted=(),
            rail=rail,
            neighbours=neighbours,
            pager=pager_of(term.permalink, number, [len(each) for each in chunks]),
        )
        yield Draft("edition.html", told.page, told, (*chunk, *doubted), fill_edition)


_PLACES: tuple[EditionPlace, ...] = ("sidecar", "title", "lead", "named", "series")


def _span(phase: Phase, counts: Mapping[Phase, int], firsts: Mapping[Phase, tuple[int, Phase]], term: Term) -> Span:
    if phase not in firsts:
        return Span(phase, counts[phase], "")
    number, anchor = firsts[phase]
    return Span(phase, counts[phase], f"{permalinks.page_of(term.permalink, number)}#{anchor}")


def _sections(
    phases: Iterable[Phase], counts: Mapping[Phase, int], firsts: Mapping[Phase, tuple[int, Phase]], number: int
) -> Iterator[PhaseSection]:
    """The spans of one page, their years left out."""
    for phase in phases:
        yield PhaseSection(phase, phase if firsts[phase][0] == number else "", counts[phase], ())


def _years(rows: Iterable[Row], calendar: Mapping[str, SummitDay]) -> tuple[Section, ...]:
    groups = groupby(rows, key=lambda row: row.published.year if row.published else None)
    return tuple(Section("", year, None, 0, "", days_of(group, calendar)) for year, group in groups)


def _chart(edition: Edition, rows: Iterable[Row], almanac: Almanac) -> DayChart | None:
    dates = [row.published for row in rows]
    counts = Counter(moment.iso[:10] for moment in dates if moment and moment.day)
    first = date.fromisoformat(edition.start)
    isos = [(first + timedelta(days=offset)).isoformat() for offset in range(-NEAR, NEAR + 1)]
    largest = max(counts[iso] for iso in isos)
    if not largest:
        return None
    calendar = almanac.summits[edition.key]
    scale = max(largest, FEW)  # one article is no tower
    days = tuple(_day_bar(number, iso, calendar[iso], counts[iso], scale) for number, iso in enumerate(isos))
    session = sum(day.in_session for day in days)
    known = counts.total()
    fullest = [day for day in days if day.count == largest]
    return DayChart(
        days=days,
        width=SLOT * len(days),
        band=(SLOT * NEAR, SLOT * session),
        session=session,
        outside=known - sum(day.count for day in days),
        vague=len(dates) - known,
        peak=fullest[0] if known >= FEW and len(fullest) == 1 else None,
        share=round(100 * sum(day.count for day in days if day.in_session) / known),
    )


def _day_bar(number: int, iso: str, day: SummitDay, count: int, largest: int) -> DayBar:
    in_session = day.phase in ("first", "during")
    return DayBar(day, iso, count, SLOT * number + 1, height_of(count, largest), in_session)


def _introduction(edition: Edition, language: str) -> Markup:
    """What an editor wrote, as safe HTML; pictures are left out, since nothing fetches them."""
    if not edition.introduction:
        return Markup()
    document = Document("data/editions.yaml", "", "markdown", "utf-8", body=edition.introduction)
    return trusted(markup.to_html(markup.parse_document(document, {}).blocks, _no_picture, {}, language))


def _no_picture(_: Image) -> str:
    return ""


def _rail(rows: Iterable[Row], archive: Archive) -> tuple[RailGroup, ...]:
    counts = Counter(row.publisher_page for row in rows)
    publishers = [publisher for publisher in archive.publishers if publisher.permalink in counts]
    lines = [RailRow(term.name, counts[term.permalink], term.permalink) for term in publishers]
    lines.sort(key=lambda line: (not line.name, -line.count))
    return (folded("publishers", lines),)


def _timeline_row(
    year: int,
    counts: Mapping[tuple[int, int | None], int],
    steps: Sequence[HeatStep],
    pages: Mapping[str, str],
    term: Term | None,
    editions: Sequence[Edition],
) -> TimelineRow:
    cells = []
    for month in range(1, 13):
        count = counts.get((year, month), 0)
        name = f"{year:04}-{month:02}"
        held = tuple(edition for edition in editions if edition.start[:7] <= name <= last_day(edition)[:7])
        cells.append(MonthCell(count, step_of(count, steps), pages.get(name, ""), held))
    total = len(term.entries) if term else 0
    return TimelineRow(year, term.permalink if term else "", tuple(cells), counts.get((year, None), 0), total)


def _fullest(months: Mapping[tuple[int, int | None], int]) -> tuple[int, int, int] | None:
    if sum(months.values()) < FEW:
        return None
    most = max(months.values())
    fullest = [key for key, count in months.items() if count == most]
    year, month = fullest[0]
    return (year, month or 0, most) if len(fullest) == 1 else None
