"""Contexts of the pages that look over the whole archive: home, indexes, about, the page for unknown addresses."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from newsarchive import permalinks
from newsarchive.archive import Archive, Term
from newsarchive.article import Problem, Value
from newsarchive.render.charts import HeatStep, heat_steps, height_of, step_of
from newsarchive.render.editions import EditionBar, edition_bars, is_yearly
from newsarchive.render.listings import Pager, RailRow, pager_of, rail_rows, year_columns
from newsarchive.render.rows import Section, Shelf, dated_firsts, days_of, newest_first, span_of
from newsarchive.render.rulebook import RuleCount, count_rules
from newsarchive.settings import Settings


class Cell(Value, frozen=True):
    """One cell of the matrix."""

    count: int
    step: int
    """Of the heat ramp; 0 for none and for totals."""
    page: str = ""
    """Listing of these articles; empty where there is none."""


class MatrixRow(Value, frozen=True):
    """One line of the matrix."""

    kind: Literal["publisher", "rest", "total"]
    name: str
    """Of the publisher; empty where it is unknown and for other kinds."""
    page: str
    terms: int
    """Publishers that the line stands for."""
    cells: tuple[Cell, ...]
    total: int


@dataclass(frozen=True, slots=True)
class MatrixColumn:
    """One column of the matrix: a year, or the articles without a date."""

    year: int | None
    page: str
    """Empty where the year holds nothing."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """Articles by publisher and year."""

    columns: tuple[MatrixColumn, ...]
    rows: tuple[MatrixRow, ...]
    steps: tuple[HeatStep, ...]
    publishers: int
    """Known publishers in all."""


@dataclass(frozen=True, slots=True)
class Home:
    """The home page."""

    title_lines: tuple[str, str]
    articles: int
    publishers: int
    editions_held: int
    years_held: int
    span: tuple[int, int] | None
    editions: tuple[EditionBar, ...]
    """The yearly row."""
    regional: tuple[EditionBar, ...]
    """Meetings held elsewhere, beside the row."""
    latest: tuple[Section, ...]
    newest_year: RailRow | None
    undated: int
    matrix: Matrix


class IndexRow(Value, frozen=True):
    """One publisher or outlet of an index."""

    name: str
    page: str
    count: int
    width: int
    """Of 100."""
    span: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Index:
    """One page of the index of publishers or of outlets."""

    kind: Literal["publishers", "outlets"]
    page: str
    terms: int
    """Known publishers or outlets in all."""
    unnamed: int
    """Articles that name none."""
    rows: tuple[IndexRow, ...]
    pager: Pager


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """One problem and the page of the article that it is about."""

    problem: Problem
    page: str
    """Empty where the file has no article."""


@dataclass(frozen=True, slots=True)
class About:
    """The page about the archive and its making."""

    files: int
    captures: int
    entries: int
    articles: int
    stubs: int
    lists: int
    incomplete: int
    undated: int
    unknown_publisher: int
    unknown_outlet: int
    removed: int
    rules: tuple[RuleCount, ...]
    problems: tuple[ProblemRow, ...]
    problem_count: int
    data: tuple[tuple[str, str], ...]
    """Key of the template's words, path of the file."""


@dataclass(frozen=True, slots=True)
class NotFound:
    """The page for an unknown address."""

    years: tuple[RailRow, ...]


def home(archive: Archive, shelf: Shelf, settings: Settings) -> Home:
    """Give the home page."""
    bars = edition_bars(archive, shelf)
    editions = tuple(bar for bar in bars if is_yearly(bar.edition))
    return Home(
        title_lines=title_lines(settings.title),
        articles=len(archive.entries),
        publishers=sum(bool(term.name) for term in archive.publishers),
        editions_held=sum(bool(bar.count) for bar in editions),
        years_held=len(archive.years),
        span=span_of(archive.entries),
        editions=editions,
        regional=tuple(bar for bar in bars if bar not in editions),
        latest=_latest(archive, shelf, settings.home_latest),
        newest_year=rail_rows(archive.years[-1:])[0] if archive.years else None,
        undated=len(archive.undated),
        matrix=matrix(archive, settings.home_publishers),
    )


def title_lines(title: str) -> tuple[str, str]:
    """Part a title into the two lines of the slip: at its last space, else after about three fifths."""
    if " " in title.strip():
        first, _, second = title.strip().rpartition(" ")
        return first, second
    cut = -(-len(title) * 3 // 5) if len(title) > 5 else len(title)
    return title[:cut], title[cut:]


def indexes(archive: Archive, size: int) -> Iterator[Index]:
    """Give every page of the indexes of publishers and of outlets."""
    unnamed = sum(entry.article.publisher is None for entry in archive.entries)
    yield from _index("publishers", permalinks.PUBLISHERS, archive.publishers, unnamed, size)
    unnamed = sum(not entry.article.outlets for entry in archive.entries)
    yield from _index("outlets", permalinks.OUTLETS, archive.outlets, unnamed, size)


def about(archive: Archive, settings: Settings) -> About:
    """Give the page about the archive; problems beyond one page are in the data alone."""
    shown = [entry.article for entry in archive.entries]
    captures = [capture for entry in archive.entries for capture in entry.captures]
    kinds = Counter(article.kind for article in shown)
    pages = {capture.path: capture.permalink for capture in captures}
    problems = archive.problems[: settings.page_size]
    return About(
        files=archive.files,
        captures=len(captures),
        entries=len(shown),
        articles=kinds["article"],
        stubs=kinds["stub"],
        lists=kinds["list"],
        incomplete=sum(article.kind == "article" and not article.complete for article in shown),
        undated=len(archive.undated),
        unknown_publisher=sum(article.publisher is None for article in shown),
        unknown_outlet=sum(not article.outlets for article in shown),
        removed=sum(capture.removals for capture in captures),
        rules=count_rules(archive, captures),
        problems=tuple(ProblemRow(problem, pages.get(problem.path, "")) for problem in problems),
        problem_count=len(archive.problems),
        data=(
            ("articles-jsonl", permalinks.ARTICLES_JSONL),
            ("articles-csv", permalinks.ARTICLES_CSV),
            ("removed-jsonl", permalinks.REMOVED_JSONL),
            ("report-json", permalinks.REPORT_JSON),
        ),
    )


def _latest(archive: Archive, shelf: Shelf, number: int) -> tuple[Section, ...]:
    newest = (row for year in reversed(archive.years) for row in newest_first(shelf.years[year.key]))
    rows = list(islice(dated_firsts(newest), number))
    years = dict.fromkeys(row.published.year for row in rows if row.published)
    held = {year: [row for row in rows if row.published and row.published.year == year] for year in years}
    calendar = shelf.almanac.calendar
    return tuple(Section("", year, None, len(held[year]), "", days_of(held[year], calendar)) for year in years)


def matrix(archive: Archive, number: int) -> Matrix:
    """Give articles by publisher and year: the first `number` publishers, the unknown one, the rest, all."""
    columns = _columns(archive)
    known = [term for term in archive.publishers if term.name]
    cut = number if len(known) > number + 1 else len(known)
    shown = [*known[:cut], *(term for term in archive.publishers if not term.name)]
    counts, pages = _counts(archive)
    steps = heat_steps(count for term in shown for count in counts[term.key].values())
    rows = [_publisher_row(term, counts[term.key], columns, steps, pages) for term in shown]
    if known[cut:]:
        rest: Counter[int | None] = sum((counts[term.key] for term in known[cut:]), Counter())
        rows.insert(cut, _sum_row("rest", len(known[cut:]), rest, columns, permalinks.PUBLISHERS))
    every: Counter[int | None] = Counter({int(term.key): len(term.entries) for term in archive.years})
    every[None] = len(archive.undated)
    rows.append(_sum_row("total", len(known), every, columns, ""))
    return Matrix(columns, tuple(rows), steps, len(known))


def _columns(archive: Archive) -> tuple[MatrixColumn, ...]:
    pages = {int(term.key): term.permalink for term in archive.years}
    columns = [MatrixColumn(year, pages.get(year, "")) for year in year_columns(list(pages))]
    return (*columns, MatrixColumn(None, permalinks.UNDATED)) if archive.undated else tuple(columns)


def _counts(archive: Archive) -> tuple[dict[str, Counter[int | None]], dict[str, str]]:
    """Key of each publisher → its articles by year, those without one under None; its key within a year → listing."""
    counts: dict[str, Counter[int | None]] = {term.key: Counter() for term in archive.publishers}
    pages: dict[str, str] = {}
    for year, terms in archive.publisher_years.items():
        for term in terms:
            counts[term.key.split("/")[1]][int(year)] = len(term.entries)
            pages[term.key] = term.permalink
    for term in archive.publishers:
        undated = len(term.entries) - counts[term.key].total()
        if undated:
            counts[term.key][None] = undated
    return counts, pages


def _publisher_row(
    term: Term,
    counts: Mapping[int | None, int],
    columns: Sequence[MatrixColumn],
    steps: Sequence[HeatStep],
    pages: Mapping[str, str],
) -> MatrixRow:
    cells = tuple(
        Cell(counts[column.year], step_of(counts[column.year], steps), pages.get(f"{column.year}/{term.key}", ""))
        for column in columns
    )
    return MatrixRow("publisher", term.name, term.permalink, 1, cells, len(term.entries))


def _sum_row(
    kind: Literal["rest", "total"],
    terms: int,
    counts: Counter[int | None],
    columns: Sequence[MatrixColumn],
    page: str,
) -> MatrixRow:
    links = kind == "total"
    cells = tuple(Cell(counts[column.year], 0, column.page if links else "") for column in columns)
    return MatrixRow(kind, "", page, terms, cells, counts.total())


def _index(
    kind: Literal["publishers", "outlets"], listing: str, terms: Sequence[Term], unnamed: int, size: int
) -> Iterator[Index]:
    largest = max((len(term.entries) for term in terms), default=0)
    rows = [_index_row(term, largest) for term in terms]
    chunks = [rows[start : start + size] for start in range(0, len(rows), size)] or [[]]
    for number, chunk in enumerate(chunks, 1):
        pager = pager_of(listing, number, [len(each) for each in chunks])
        known = sum(bool(term.name) for term in terms)
        yield Index(kind, permalinks.page_of(listing, number), known, unnamed, tuple(chunk), pager)


def _index_row(term: Term, largest: int) -> IndexRow:
    count = len(term.entries)
    return IndexRow(term.name, term.permalink, count, height_of(count, largest), span_of(term.entries))
