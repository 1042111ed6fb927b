"""Context of the page of statistics: every chart with what it counts, its finding, and its numbers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from newsarchive import permalinks
from newsarchive.archive import Archive, Term
from newsarchive.render.charts import Bar, HeatStep, heat_steps, height_of, step_of
from newsarchive.render.editions import FEW, EditionBar, edition_bars, is_yearly
from newsarchive.render.listings import year_columns
from newsarchive.render.overview import Cell, Matrix, matrix
from newsarchive.render.rows import Shelf
from newsarchive.stats import WEEKS, Lengths, TermChanges, compare_terms, count_lengths, count_weeks
from newsarchive.terms import ENOUGH, Change

PUBLISHERS = 30
"""Most publishers of the table; the rest is summed."""
OUTLETS = 10
"""Most outlets of the chart; the rest is summed."""
ROOM = 80
"""Per cent of a chart's width that its longest bar fills; the rest is for its number."""
TOP, BOTTOM, LINE = 44, 324, 20
"""Highest and lowest point of the chart of terms, and the least distance of two labels, in pixels."""


@dataclass(frozen=True, slots=True)
class Strip:
    """One bar of a chart of horizontal bars."""

    name: str
    """Empty where words of the template stand for it."""
    page: str
    """Empty where it leads nowhere."""
    kind: Literal["named", "rest", "unnamed"]
    terms: int
    """Names that it stands for."""
    count: int
    width: int
    """Of 100, with room left for the number."""
    largest: bool


@dataclass(frozen=True, slots=True)
class LengthStrip:
    """One group of lengths in the chart of lengths."""

    low: int
    high: int | None
    """The first length that is too long; None in the last group."""
    count: int
    width: int
    """Of 100, with room left for the number."""
    largest: bool


@dataclass(frozen=True, slots=True)
class WeekRow:
    """One edition in the table of weeks."""

    bar: EditionBar
    cells: tuple[Cell, ...]
    """One for each week."""
    outside: int
    """Articles of other weeks, and those whose day is not known."""


@dataclass(frozen=True, slots=True)
class Weeks:
    """Articles by week around each edition."""

    offsets: tuple[int, ...]
    """Weeks from the one that begins on the opening day."""
    rows: tuple[WeekRow, ...]
    steps: tuple[HeatStep, ...]
    counted: int
    """Articles within the weeks of the table."""
    share: int | None
    """Of these, per cent in the week of the opening day; None where there are few."""


@dataclass(frozen=True, slots=True)
class TermLine:
    """One term in the chart of terms."""

    change: Change
    y_earlier: int
    y_later: int
    """Ends of its line, in pixels."""
    label_earlier: int
    label_later: int
    """Baselines of its labels, moved apart where they would meet."""


@dataclass(frozen=True, slots=True)
class TermChart:
    """The terms of the last two editions that can be compared."""

    compared: TermChanges
    earlier: EditionBar
    later: EditionBar
    lines: tuple[TermLine, ...]
    height: int
    """In pixels."""


@dataclass(frozen=True, slots=True)
class TermRow:
    """Two editions that were compared, with what rose and what fell."""

    earlier: EditionBar
    later: EditionBar
    risen: tuple[Change, ...]
    fallen: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Statistics:
    """The page of statistics."""

    articles: int
    years: tuple[Bar, ...]
    peak: Bar | None
    """The year with most articles; None where there are few, or several such years."""
    undated: int
    matrix: Matrix
    weeks: Weeks
    terms: TermChart | None
    """None where no two neighbouring editions have texts enough."""
    other_terms: tuple[TermRow, ...]
    """The pairs of editions before, the newest first."""
    enough: int
    """Texts that an edition needs before its terms are compared."""
    outlets: tuple[Strip, ...]
    outlet_count: int
    unnamed_share: int | None
    """Per cent of the articles that name no outlet; None where there are few articles."""
    lengths: Lengths
    length_strips: tuple[LengthStrip, ...]


def statistics(archive: Archive, shelf: Shelf) -> Statistics:
    """Give the page of statistics."""
    years = _years(archive)
    fullest = [bar for bar in years if bar.largest]
    few = len(archive.entries) < FEW
    unnamed = sum(not entry.article.outlets for entry in archive.entries)
    compared = compare_terms(archive)
    bars = {bar.edition.key: bar for bar in edition_bars(archive, shelf)}
    lengths = count_lengths(archive.entries)
    return Statistics(
        articles=len(archive.entries),
        years=years,
        peak=fullest[0] if len(fullest) == 1 and not few else None,
        undated=len(archive.undated),
        matrix=matrix(archive, PUBLISHERS),
        weeks=_weeks(archive, bars),
        terms=_term_chart(compared[-1], bars) if compared else None,
        other_terms=tuple(_term_row(pair, bars) for pair in reversed(compared[:-1])),
        enough=ENOUGH,
        outlets=tuple(_outlets(archive.outlets, unnamed)),
        outlet_count=len(archive.outlets),
        unnamed_share=None if few else round(100 * unnamed / len(archive.entries)),
        lengths=lengths,
        length_strips=tuple(_length_strips(lengths)),
    )


def spread(heights: Sequence[int], distance: int, highest: int, lowest: int) -> list[int]:
    """Move labels apart so that no two are nearer than `distance`, all in the same order and as near as can be.

    Heights grow downwards, from `highest` to `lowest`. Labels that would meet stand around the middle of their places.

    Source: the pool-adjacent-violators algorithm of isotonic regression.
    """
    order = sorted(range(len(heights)), key=lambda number: (heights[number], number))
    crowds: list[tuple[float, int]] = []
    for number in order:
        start, size = float(heights[number]), 1
        while crowds and crowds[-1][0] + crowds[-1][1] * distance > start:
            before, others = crowds.pop()
            start = (before * others + (start - others * distance) * size) / (others + size)
            size += others
        crowds.append((start, size))
    wanted = [start + place * distance for start, size in crowds for place in range(size)]
    return _within(dict(zip(order, map(round, wanted), strict=True)), distance, highest, lowest)


def _within(places: Mapping[int, int], distance: int, highest: int, lowest: int) -> list[int]:
    """Keep labels between two heights; `places` are in order from the top."""
    placed = dict(places)
    limit = highest
    for number in places:
        placed[number] = max(placed[number], limit)
        limit = placed[number] + distance
    limit = lowest
    for number in reversed(places):
        placed[number] = min(placed[number], limit)
        limit = placed[number] - distance
    return [placed[number] for number in sorted(placed)]


def _years(archive: Archive) -> tuple[Bar, ...]:
    terms = {int(term.key): term for term in archive.years}
    counts = {year: len(terms[year].entries) if year in terms else 0 for year in year_columns(list(terms))}
    largest = max(counts.values(), default=0)
    return tuple(
        Bar(
            year=year,
            month=None,
            count=count,
            height=height_of(count, largest),
            largest=0 < count == largest,
            page=terms[year].permalink if count else "",
        )
        for year, count in counts.items()
    )


def _weeks(archive: Archive, bars: dict[str, EditionBar]) -> Weeks:
    found = [counts for counts in count_weeks(archive) if is_yearly(counts.edition)]
    steps = heat_steps(count for counts in found for count in counts.counts)
    rows = tuple(
        WeekRow(
            bars[counts.edition.key],
            tuple(Cell(count, step_of(count, steps)) for count in counts.counts),
            counts.outside,
        )
        for counts in found
    )
    counted = sum(sum(counts.counts) for counts in found)
    opening = sum(counts.counts[WEEKS.index(0)] for counts in found)
    share = round(100 * opening / counted) if counted >= FEW else None
    return Weeks(tuple(WEEKS), rows, steps, counted, share)


def _outlets(terms: Sequence[Term], unnamed: int) -> Iterable[Strip]:
    cut = OUTLETS if len(terms) > OUTLETS + 1 else len(terms)
    rest = {entry.article.id for term in terms[cut:] for entry in term.entries}
    largest = max([unnamed, len(rest), *(len(term.entries) for term in terms[:cut])], default=0)
    for term in terms[:cut]:
        yield _strip(term.name, term.permalink, "named", 1, len(term.entries), largest)
    if rest:
        yield _strip("", permalinks.OUTLETS, "rest", len(terms) - cut, len(rest), largest)
    if unnamed:
        yield _strip("", "", "unnamed", 0, unnamed, largest)


def _strip(
    name: str, page: str, kind: Literal["named", "rest", "unnamed"], terms: int, count: int, largest: int
) -> Strip:
    return Strip(name, page, kind, terms, count, _width(count, largest), count == largest)


def _length_strips(lengths: Lengths) -> Iterable[LengthStrip]:
    largest = max(group.count for group in lengths.groups)
    for group in lengths.groups:
        width = _width(group.count, largest)
        yield LengthStrip(group.low, group.high, group.count, width, 0 < group.count == largest)


def _width(count: int, largest: int) -> int:
    return max(1, round(ROOM * count / largest)) if count else 0


def _term_chart(compared: TermChanges, bars: dict[str, EditionBar]) -> TermChart:
    shares = [share for change in compared.changes for share in (change.earlier, change.later)]
    highest = max(shares, default=0)
    earlier = [_y(change.earlier, highest) for change in compared.changes]
    later = [_y(change.later, highest) for change in compared.changes]
    labels = (spread(ends, LINE, TOP, BOTTOM) for ends in (earlier, later))
    lines = map(TermLine, compared.changes, earlier, later, *labels)
    return TermChart(compared, bars[compared.earlier.key], bars[compared.later.key], tuple(lines), BOTTOM + LINE)


def _y(share: int, highest: int) -> int:
    return round(BOTTOM - (BOTTOM - TOP) * share / highest) if highest else BOTTOM


def _term_row(compared: TermChanges, bars: dict[str, EditionBar]) -> TermRow:
    return TermRow(
        bars[compared.earlier.key],
        bars[compared.later.key],
        tuple(change for change in compared.changes if change.trend == "rise"),
        tuple(change for change in compared.changes if change.trend == "fall"),
    )
