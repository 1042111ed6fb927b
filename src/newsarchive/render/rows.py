"""What every listing needs of an article, worked out once: its row, its place in the days of the summits, its order."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import Literal, TypeVar

from newsarchive import permalinks
from newsarchive.archive import Archive, Edition, Entry
from newsarchive.article import Article, Image, Kind, Moment, Origin, Value
from newsarchive.render.copies import Copy, foreign_tag, gather_copies
from newsarchive.runs import is_address

NEAR = 14
"""Days around a summit within which a listing tells how far away it is."""

_OLDEST, _NEWEST, _COPIES = attrgetter("oldest"), attrgetter("newest"), attrgetter("copies")
_PUBLISHER, _PUBLISHER_PAGE = attrgetter("publisher"), attrgetter("publisher_page")
_ID = attrgetter("article.id")
_YEAR, _YEAR_AND_MONTH = attrgetter("year"), attrgetter("year", "month")
_JOINTS = "·・—- "
Key = TypeVar("Key")
"""What a section is told apart by."""
By = Literal["month", "year"]
"""What a listing is cut into."""
Month = tuple[int | None, int | None]
"""Year and month of a section; the month is None in sections by year."""
Link = Callable[[str], str]
"""Gives the link from one page to a path of the site."""


class SummitDay(Value, frozen=True):
    """Where a day stands in relation to the summit that it is nearest to."""

    edition: Edition
    phase: Literal["first", "during", "before", "after"]
    number: int
    """Day of the summit from 1 (`first`, `during`), or days before its opening or after its close."""


class Row(Value, frozen=True):
    """One article in a listing."""

    page: str
    """Permalink."""
    title: str
    lang: str
    foreign: str
    """Language tag without script (`en`) where it is not Chinese; else empty."""
    publisher: str
    """Empty where it is unknown."""
    publisher_page: str
    outlet: str
    """Empty where it is unknown."""
    outlet_page: str
    length: int
    """Characters, or words where the article is in a language written with spaces."""
    images: int
    kind: Kind
    complete: bool
    published: Moment | None
    origin: Origin | None
    """Where the date was found."""
    doubtful: bool
    """True where the date is uncertain."""
    iso: str
    """Its date to the day, as much of it as is known; empty where nothing is."""
    year: int | None
    month: int | None
    oldest: tuple[int, int, int, str, str]
    """Key by which rows are ordered by date; an unknown day closes its month, an unknown month its year."""
    newest: tuple[int, int, int]
    """The same for the newest first, as far as the day goes."""
    copies: tuple[Copy, ...] = ()
    """All copies of its text by publication, itself included; none where it is the only one."""

    @property
    def others(self) -> tuple[Copy, ...]:
        """The other copies of its text."""
        return tuple(copy for copy in self.copies if copy.page != self.page)

    @property
    def houses(self) -> int:
        """Known publishers of the other copies, its own aside."""
        return len({copy.publisher_page for copy in self.others if copy.publisher} - {self.publisher_page})


class Day(Value, frozen=True):
    """The rows of one day of a listing."""

    iso: str
    """As much of the date as is known; empty where nothing is."""
    month: int | None
    day: int | None
    weekday: int | None
    """From 0, Monday; None where the day is not known."""
    summit: SummitDay | None
    rows: tuple[Row, ...]
    in_session: bool = False
    """True on a day of a summit."""
    apart: bool = False
    """True where the day told before it is one of another summit."""


class Section(Value, frozen=True):
    """One month or year of a listing."""

    anchor: str
    """Id of the section; empty where an earlier page has it."""
    year: int | None
    month: int | None
    """None in sections by year, and where the month is not known."""
    count: int
    """Articles of the section on all pages."""
    page: str
    """Listing of this section alone; empty where there is none."""
    days: tuple[Day, ...]
    merged: int = 0
    """Texts of the section on all pages: its articles, copies of one text counted once."""


@dataclass(frozen=True, slots=True)
class Almanac:
    """What `data/editions.yaml` alone tells: it changes with the data, of which no page's key need tell."""

    calendar: Mapping[str, SummitDay]
    """By day (`YYYY-MM-DD`), for days near a summit."""
    summits: Mapping[str, Mapping[str, SummitDay]]
    """Key of an edition → the days near it."""
    editions: Mapping[str, Edition]
    """By key."""
    short_names: Mapping[str, str]
    """Key of an edition → what tells it from the others; empty where its ordinal does."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Rows and copies of one archive, looked up by all pages."""

    rows: Mapping[str, Row]
    """By id."""
    years: Mapping[str, Sequence[Row]]
    """Year → its rows, oldest first; the years in order too."""
    undated: Sequence[Row]
    """Rows without a year, by permalink."""
    publishers: Mapping[str, Sequence[Row]]
    """Listing of a publisher, the unknown one included → its rows, oldest first."""
    almanac: Almanac
    outlet_pages: Mapping[str, str]
    """Name of an outlet → its listing, which the name and the rules alone settle."""
    copies: Sequence[tuple[Copy, ...]]
    """Copies of each text that has several, by publication."""

    def rows_of(self, entries: Iterable[Entry]) -> list[Row]:
        """Give the rows of entries in their order."""
        return list(map(self.rows.__getitem__, map(_ID, entries)))


def shelve(archive: Archive) -> Shelf:
    """Work out rows, calendar and names once for all pages."""
    pages = _TermPages.of(archive)
    gathered = gather_copies(archive)
    copies = {copy.id: group for group in gathered for copy in group}
    rows = {entry.article.id: _row(entry, pages, copies.get(entry.article.id, ())) for entry in archive.entries}
    ordered = oldest_first(rows.values())
    years = rows_by(ordered, lambda row: row.iso[:4])
    undated = years.pop("", [])
    publishers = rows_by(ordered, _PUBLISHER_PAGE)
    return Shelf(rows, years, undated, publishers, almanac(archive.editions), pages.outlets, gathered)


def almanac(editions: Sequence[Edition]) -> Almanac:
    """Work out days and names of the editions."""
    return Almanac(
        calendar=calendar(editions),
        summits={edition.key: dict(_days_around(edition)) for edition in editions},
        editions={edition.key: edition for edition in editions},
        short_names=_short_names(editions),
    )


def rows_by(rows: Iterable[Row], key: Callable[[Row], Key]) -> dict[Key, list[Row]]:
    """Group rows, those of a group in their order."""
    groups: dict[Key, list[Row]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups


def calendar(editions: Sequence[Edition]) -> dict[str, SummitDay]:
    """Tell each day near a summit where it stands; of two summits a running one wins, then the nearer."""
    days: dict[str, SummitDay] = {}
    for edition in editions:
        for iso, summit in _days_around(edition):
            if iso not in days or _distance(summit) < _distance(days[iso]):
                days[iso] = summit
    return days


def last_day(edition: Edition) -> str:
    """Closing day of a summit, its opening day where no other is known."""
    return edition.end or edition.start


def is_lost(image: Image) -> bool:
    """True for a picture that nothing is left of: we have no copy, and its address leads nowhere or gave none."""
    is_on_web = image.url.startswith(("http://", "https://")) and is_address(image.url)
    return image.file is None and bool(image.failure or not is_on_web)


def oldest_first(rows: Iterable[Row]) -> list[Row]:
    """Order rows by date; an unknown day closes its month, an unknown month its year."""
    return sorted(rows, key=_OLDEST)


def newest_first(rows: Iterable[Row]) -> list[Row]:
    """Order rows by date, the newest first; an unknown day closes its month, an unknown month its year."""
    by_time = sorted(rows, key=_OLDEST, reverse=True)
    return sorted(by_time, key=_NEWEST)


def merge_copies(rows: Sequence[Row]) -> Sequence[Row]:
    """Leave of several copies of one text the first published; it keeps its place."""
    if not any(map(_COPIES, rows)):
        return rows
    first: dict[str, int] = {}
    for row in rows:
        number = _number(row)
        first[_text_of(row)] = min(number, first.get(_text_of(row), number))
    return [row for row in rows if first[_text_of(row)] == _number(row)]


def dated_firsts(rows: Iterable[Row]) -> Iterator[Row]:
    """Leave of several copies of one text that have a date the first published, as `merge_copies` does of all of these.

    Nothing but the rows is asked for that are taken.
    """
    for row in rows:
        if not row.copies or _number(row) == min(copy.number for copy in row.copies if copy.published):
            yield row


def section_places(
    rows: Sequence[Row], shown: Sequence[Row], merged: Mapping[Key, int], key: Callable[[Row], Key], size: int
) -> dict[Key, tuple[int, Key]]:
    """Where each section of a listing begins: the number of its page, and the section itself.

    `rows` are all of the listing's, in order, those of a section together; `shown` is what merging copies leaves of
    them, of which `size` stand on a page, and `merged` counts these by section, in order. A section that merging leaves
    empty is said to begin where the first of its articles is told.
    """
    places: dict[Key, tuple[int, Key]] = {}
    before = 0
    for found, count in merged.items():
        places[found] = before // size + 1, found
        before += count
    missing = [row for row in rows if key(row) not in places] if len(shown) < len(rows) else []
    if missing:
        told = {_text_of(row): places[key(row)] for row in shown}
        for row in missing:
            places.setdefault(key(row), told[_text_of(row)])
    return places


def count_sections(rows: Iterable[Row], by: By) -> Counter[Month]:
    """Count rows by section, in their order."""
    if by == "month":
        return Counter(map(_YEAR_AND_MONTH, rows))
    return Counter({(year, None): count for year, count in Counter(map(_YEAR, rows)).items()})


def _text_of(row: Row) -> str:
    """What copies of one text share."""
    return row.copies[0].page if row.copies else row.page


def _number(row: Row) -> int:
    return next((copy.number for copy in row.copies if copy.page == row.page), 1)


def section_key(by: By) -> Callable[[Row], Month]:
    """Give what gives year and month of the section that a row belongs to; the month is None in sections by year."""
    return _YEAR_AND_MONTH if by == "month" else _year_alone


def _year_alone(row: Row) -> Month:
    return row.year, None


def anchor_of(key: Month, by: By) -> str:
    """Id of a section: `m11`, `y2024`; `m0` and `y0` where the date does not say."""
    return f"m{key[1] or 0}" if by == "month" else f"y{key[0] or 0}"


def days_of(rows: Iterable[Row], calendar: Mapping[str, SummitDay]) -> tuple[Day, ...]:
    """Group ordered rows by day; each day is told by the summits of `calendar`."""
    days: list[Day] = []
    before: SummitDay | None = None
    for iso, group in groupby(rows, key=attrgetter("iso")):
        month, day, weekday = _parts_of(iso)
        summit = calendar.get(iso)
        in_session = summit is not None and summit.phase in ("first", "during")
        apart = in_session and before is not None and summit is not None and before.edition.key != summit.edition.key
        days.append(Day(iso, month, day, weekday, summit, tuple(group), in_session, apart))
        before = summit if in_session else None
    return tuple(days)


def month_pages(archive: Archive, shelf: Shelf, size: int) -> dict[str, str]:
    """Month (`2024-11`) → the place in its year's listing where it begins; `size` articles stand on a page."""
    pages: dict[str, str] = {}
    for year in archive.years:
        rows = shelf.years[year.key]
        shown = merge_copies(rows)
        places = section_places(rows, shown, count_sections(shown, "month"), _YEAR_AND_MONTH, size)
        for (_, month), (number, key) in places.items():
            if month:
                page = permalinks.page_of(year.permalink, number)
                pages[f"{year.key}-{month:02}"] = f"{page}#{anchor_of(key, 'month')}"
    return pages


def span_of(entries: Sequence[Entry]) -> tuple[int, int] | None:
    """First and last year of entries in the order of the archive; None where no date is known."""
    last = next((entry.published for entry in reversed(entries) if entry.published), None)
    first = entries[0].published if entries else None
    return (first.year, last.year) if first and last else None


def span_of_years(years: Iterable[int | None]) -> tuple[int, int] | None:
    """First and last of some years; None where none is known."""
    known = [year for year in years if year is not None]
    return (min(known), max(known)) if known else None


def publishers_of(rows: Iterable[Row]) -> int:
    """Count the known publishers of rows."""
    return len(set(map(_PUBLISHER, rows)) - {""})


@dataclass(frozen=True, slots=True)
class _TermPages:
    """Listings of publishers and of outlets, by name, which is empty for the unknown publisher."""

    publishers: Mapping[str, str]
    outlets: Mapping[str, str]

    @classmethod
    def of(cls, archive: Archive) -> "_TermPages":
        publishers = {name: permalinks.publisher_listing(slug) for name, slug in archive.slugs.items()}
        publishers[""] = permalinks.publisher_listing(permalinks.UNKNOWN)
        return cls(publishers, {name: permalinks.outlet_listing(slug) for name, slug in archive.slugs.items()})


def _row(entry: Entry, pages: _TermPages, copies: tuple[Copy, ...]) -> Row:
    article, published = entry.article, entry.published
    iso = published.iso if published else ""
    year, month, oldest, newest = _ordered_by(iso[:10])
    dated = dated_capture(entry)
    return Row(
        page=article.permalink,
        title=article.title,
        lang=article.lang,
        foreign=foreign_tag(article.lang),
        publisher=article.publisher or "",
        publisher_page=pages.publishers[article.publisher or ""],
        outlet=article.outlet or "",
        outlet_page=pages.outlets[article.outlet] if article.outlet else "",
        length=length_of(article),
        images=[image.kind for image in article.images].count("image"),
        kind=article.kind,
        complete=article.complete,
        published=published,
        origin=dated.published_from,
        doubtful="published" in dated.uncertain,
        iso=iso[:10],
        year=year,
        month=month,
        oldest=(*oldest, iso, article.permalink),
        newest=newest,
        copies=copies,
    )


def dated_capture(entry: Entry) -> Article:
    """The capture that gave the entry its date; the one shown where they agree."""
    if len(entry.captures) == 1:
        return entry.article
    captures = (entry.article, *entry.captures)
    return next((capture for capture in captures if capture.published == entry.published), entry.article)


def length_of(article: Article) -> int:
    """Characters of an article, or words where its language is written with spaces."""
    return article.characters if article.lang.startswith(("zh", "ja", "und")) else article.words


def _days_around(edition: Edition) -> Iterator[tuple[str, SummitDay]]:
    first, last = date.fromisoformat(edition.start), date.fromisoformat(last_day(edition))
    for offset in range(-NEAR, (last - first).days + NEAR + 1):
        day = first + timedelta(days=offset)
        if day < first:
            yield day.isoformat(), SummitDay(edition, "before", -offset)
        elif day > last:
            yield day.isoformat(), SummitDay(edition, "after", (day - last).days)
        else:
            yield day.isoformat(), SummitDay(edition, "first" if offset == 0 else "during", offset + 1)


def _distance(summit: SummitDay) -> int:
    return summit.number if summit.phase in ("before", "after") else 0


@lru_cache(maxsize=4096)
def _ordered_by(iso: str) -> tuple[int | None, int | None, tuple[int, int, int], tuple[int, int, int]]:
    """Year, month, and the keys for both orders of a date as far as it is known to the day."""
    if not iso:
        return None, None, (9999, 99, 99), (0, 0, 0)
    year, month, day = (*map(int, iso.split("-")), 0, 0)[:3]
    return year or None, month or None, (year, month or 99, day or 99), (-year, -month, -day)


@lru_cache(maxsize=4096)
def _parts_of(iso: str) -> tuple[int | None, int | None, int | None]:
    """Month, day and day of the week of a date as far as it is known."""
    if len(iso) < 10:
        return int(iso[5:7]) if len(iso) >= 7 else None, None, None
    day = date.fromisoformat(iso)
    return day.month, day.day, day.weekday()


def _short_names(editions: Sequence[Edition]) -> dict[str, str]:
    """Leave out of each name its year and the phrase that most names share, so that it fits under a bar."""
    bare = {edition.key: edition.name.removeprefix(edition.start[:4]).removeprefix("年") for edition in editions}
    phrase = _shared_phrase(list(bare.values()))
    short = {key: name.replace(phrase, "", 1).strip(_JOINTS) if phrase else name for key, name in bare.items()}
    return {e.key: "" if e.ordinal else short[e.key] or bare[e.key] for e in editions}


def _shared_phrase(names: Sequence[str]) -> str:
    """Longest phrase of at least four characters that two thirds of the names hold; empty where there is none."""
    if len(names) < 3:
        return ""
    phrases = {name[i:j] for name in names for i in range(len(name)) for j in range(i + 4, len(name) + 1)}
    shared = [phrase for phrase in phrases if sum(phrase in name for name in names) * 3 >= len(names) * 2]
    return max(shared, key=lambda phrase: (len(phrase), phrase), default="")
