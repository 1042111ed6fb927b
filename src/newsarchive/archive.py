"""All articles together: captures joined, order, neighbours, taxonomies, collisions → `Archive`."""

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple, Protocol

from msgspec.structs import replace

from newsarchive import collation, hanzi, permalinks
from newsarchive.article import Article, Moment, Problem, Shingles, Tally, Terms
from newsarchive.errors import OutputError
from newsarchive.records import cells_of, record_of
from newsarchive.related import find_related
from newsarchive.removals import removed_lines, taken_of
from newsarchive.rules import RuleFile
from newsarchive.sheets import Sheet, sheet_of
from newsarchive.syndication import Group, find_groups


@dataclass(frozen=True, slots=True)
class Edition:
    """One summit or regional meeting, as `data/editions.yaml` tells it."""

    key: str
    """`2024`, `2020-forum`, `2025-asia-pacific`."""
    name: str
    """As announced."""
    ordinal: int | None
    start: str
    """First day, `YYYY-MM-DD`."""
    end: str
    place: str
    theme: str | None
    kind: str = "summit"
    """`summit`: one of the yearly row; `forum`, `regional`: a meeting beside it."""
    names: tuple[str, ...] = ()
    """Other phrases by which texts name this meeting and no other."""
    series: tuple[str, ...] = ()
    """Names that all meetings of the file share."""
    introduction: str = ""
    """What an editor wrote about it, in Markdown."""

    @property
    def permalink(self) -> str:
        """First page of its listing, relative to the site's root."""
        return permalinks.edition_listing(self.key)


@dataclass(frozen=True, slots=True)
class Entry:
    """One article of the archive with all its captures: what listings list and counts count."""

    article: Article
    """The capture shown: the one fetched last, at equal times the first by path."""
    captures: tuple[Article, ...]
    """All captures, ordered by retrieved, then path; `article` is among them."""
    published: Moment | None = field(init=False)
    """Earliest date among the captures: it settles the permalink, the order and the year."""

    def __post_init__(self) -> None:
        """Find the earliest date once, since everything asks for it."""
        object.__setattr__(self, "published", _earliest(self.captures))


@dataclass(frozen=True, slots=True)
class Term:
    """One group of a taxonomy: a year, a publisher, an outlet, a publisher within a year."""

    key: str
    """`2024`, a publisher's slug, `2024/<slug>`."""
    name: str
    """For readers: `2024`, `中国信息安全`; empty for the unknown publisher, whose words are the template's."""
    permalink: str
    """First page of its listing, relative to the site's root."""
    entries: tuple[Entry, ...]
    """In the order of the archive: oldest first."""


class Bodies(Protocol):
    """Reads what articles are held without."""

    def sheet(self, article: Article) -> Sheet:
        """Give what the page of an article shows of its body."""

    def text(self, article: Article) -> str:
        """Give its text alone."""

    def record(self, article: Article) -> bytes:
        """Give what it alone settles of its rows in the data files."""

    def cells(self, article: Article) -> bytes:
        """Give what it alone settles of its row in the table."""

    def all_shingles(self) -> Callable[[Article], Shingles | None]:
        """Give what gives what was drawn of an article's text; None for what is no article."""

    def terms(self, articles: Sequence[Article]) -> Callable[[Article], Terms | None]:
        """Give what gives the terms that each of some articles repeats; None for what is no article."""

    def all_tallies(self) -> Callable[[Article], Sequence[Tally]]:
        """Give what gives how much each rule removed from an article."""

    def removed_lines(self, path: str) -> bytes:
        """Give the removed blocks of all articles of a content file as lines."""

    def taken(self, paths: Iterable[str]) -> Iterator[Mapping[str, Sequence[str]]]:
        """Give of each of some content files the texts that each rule took, in any order."""


Count = Callable[[Article, Article, Callable[[], collation.Tally]], collation.Tally]
"""Tells how much the texts of two articles differ: what is known of them, else what its last argument gives."""


def count_anew(_one: Article, _two: Article, count: Callable[[], collation.Tally]) -> collation.Tally:
    """Count how much two texts differ."""
    return count()


@dataclass(frozen=True, slots=True)
class Archive:
    """Everything the renderers read."""

    entries: tuple[Entry, ...]
    """By published, id and path, oldest first; undated last."""
    years: tuple[Term, ...]
    """Years that hold entries, oldest first."""
    publishers: tuple[Term, ...]
    """By count, then by pinyin; the unknown publisher (key `unknown`) last."""
    publisher_years: Mapping[str, tuple[Term, ...]]
    """Year → its publishers as terms with key `2024/<slug>`, by count then pinyin."""
    outlets: tuple[Term, ...]
    """By count, then by pinyin; articles without an outlet are in none."""
    undated: tuple[Entry, ...]
    editions: tuple[Edition, ...]
    """All of `data/editions.yaml`, by first day, whether articles are about them or not."""
    edition_terms: tuple[Term, ...]
    """Every edition with the articles about it, in the order of `editions`; empty where there are none."""
    files: int
    """Content files found."""
    problems: tuple[Problem, ...]
    """By path, line, column, kind."""
    newest: str
    """Date the archive reaches (`YYYY-MM-DD`), empty in an archive without dates.

    The build date where one was given, else the newest date in the content.
    """
    slugs: Mapping[str, str] = field(default_factory=dict)
    """Every name of a publisher or outlet → its slug."""
    rules: tuple[RuleFile, ...] = ()
    """Every rule file that a document was offered, in the order in which they run."""
    groups: tuple[Group, ...] = ()
    """Copies of one text; an article without copies is in none."""
    related: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Id of an article → ids of those nearest to it in subject, the nearest first; one that has none is left out."""
    tally: Count = count_anew
    """Tells how much the texts of two articles differ."""
    bodies: Bodies | None = None
    """Reads the bodies of the articles; None where they are held."""

    def sheet(self, article: Article) -> Sheet:
        """Give what the page of an article of the archive shows of its body."""
        return sheet_of(article) if article.body or not self.bodies else self.bodies.sheet(article)

    def text(self, article: Article) -> str:
        """Give the text of an article of the archive."""
        return article.text if article.body or not self.bodies else self.bodies.text(article)

    def record(self, article: Article) -> bytes:
        """Give what an article of the archive alone settles of its rows in the data files."""
        return record_of(article) if article.body or not self.bodies else self.bodies.record(article)

    def cells(self, article: Article) -> bytes:
        """Give what an article of the archive alone settles of its row in the table."""
        return cells_of(article) if article.body or not self.bodies else self.bodies.cells(article)

    def all_tallies(self) -> Callable[[Article], Sequence[Tally]]:
        """Give what gives how much each rule removed from an article; what it reads, it holds."""
        return self.bodies.all_tallies() if self.bodies else _held_tallies

    def removed_lines(self, stories: Sequence[Article]) -> bytes:
        """Give the removed blocks of all articles of one content file as lines."""
        if stories[0].body or not self.bodies:
            return removed_lines(stories)
        return self.bodies.removed_lines(stories[0].path)

    def taken(self, captures: Iterable[Article]) -> Iterator[Mapping[str, Sequence[str]]]:
        """Give of the content file of each of some captures the texts that each rule took, in any order."""
        files = list(by_file(captures))
        yield from (taken_of(stories) for stories in files if stories[0].body or not self.bodies)
        if self.bodies:
            yield from self.bodies.taken(stories[0].path for stories in files if not stories[0].body)


@dataclass(frozen=True, slots=True)
class Finders:
    """What reads or finds something of articles beside their fields; by default they hold it, and it is found anew."""

    bodies: Bodies | None = None
    """Reads what articles come without; None where they hold all."""
    spell: Callable[[str], hanzi.Spelling] = hanzi.spell
    """Spells the name of a publisher or outlet."""
    group: Callable[[Iterable[Article]], tuple[Group, ...]] = find_groups
    """Groups the copies of one text, as `syndication.find_groups` does."""
    relate: Callable[[Iterable[Article], Iterable[Group]], Mapping[str, tuple[str, ...]]] = find_related
    """Finds articles near to each other, as `related.find_related` does."""
    tally: Count = count_anew
    """Tells how much the texts of two articles differ."""


_ANEW = Finders()


def assemble(
    articles: Sequence[Article],
    files: int,
    problems: Sequence[Problem],
    editions: Sequence[Edition],
    build_date: str | None,
    rules: Sequence[RuleFile] = (),
    finders: Finders = _ANEW,
) -> Archive:
    """Join captures, form permalinks, order everything and group it.

    `problems` are those of files; those that the articles carry are added here. `rules` settle the slugs of their
    publishers, and are told on their own page; `finders` read and find what articles come without.

    Raises:
        OutputError: two different articles or terms claim one permalink (both inputs are named).
    """
    entries = tuple(sorted(_join_captures(articles), key=_entry_order))
    known = {file.name: file.key for file in rules if file.group == "publishers"}
    names = _Names(_slugs(articles, known, finders.spell), finders.spell)
    years = _years(entries)
    publisher_years = {year.key: _publishers_within(year, names) for year in years}
    publishers = _publishers(entries, names)
    outlets = _outlets(entries, names)
    ordered = tuple(sorted(editions, key=lambda edition: (edition.start, edition.key)))
    groups = finders.group(replace(entry.article, published=entry.published) for entry in entries)
    _refuse_collisions(entries, [*years, *publishers, *outlets, *(t for ts in publisher_years.values() for t in ts)])
    return Archive(
        entries=entries,
        years=years,
        publishers=publishers,
        publisher_years=publisher_years,
        outlets=outlets,
        undated=tuple(entry for entry in entries if entry.published is None),
        editions=ordered,
        edition_terms=tuple(_edition_terms(ordered, entries)),
        files=files,
        problems=_order_problems(problems, articles),
        newest=build_date[:10] if build_date else _newest(articles),
        slugs=names.slugs,
        rules=tuple(rules),
        groups=groups,
        related=finders.relate((entry.article for entry in entries), groups),
        tally=finders.tally,
        bodies=finders.bodies,
    )


def _held_tallies(article: Article) -> Sequence[Tally]:
    return article.tallies or ()


def all_captures(archive: Archive) -> list[Article]:
    """Every capture of every article, by published, id and path, undated last."""
    return sorted((capture for entry in archive.entries for capture in entry.captures), key=_article_order)


def by_file(articles: Iterable[Article]) -> Iterator[list[Article]]:
    """Give the articles of each content file, by path and story."""
    ordered = sorted(articles, key=attrgetter("path", "story"))
    return (list(stories) for _, stories in groupby(ordered, key=attrgetter("path")))


def _article_order(article: Article) -> tuple[bool, str, str, str, int]:
    """Give the sort key of an article: by published, id and path, undated last."""
    published = article.published
    iso = published.iso if published else ""
    return published is None, iso, article.id, article.path, article.story


def _join_captures(articles: Iterable[Article]) -> Iterable[Entry]:
    by_id: dict[str, list[Article]] = {}
    for article in articles:
        by_id.setdefault(article.id, []).append(article)
    return map(_entry, by_id.values())


def _entry(captures: Sequence[Article]) -> Entry:
    permalink = permalinks.article_permalink(captures[0].id, _earliest(captures))
    if len(captures) == 1:
        only = replace(captures[0], permalink=permalink)
        return Entry(only, (only,))
    placed = [replace(capture, permalink=permalink) for capture in captures]
    placed.sort(key=lambda capture: (capture.retrieved or "", capture.path, capture.story))
    last = placed[-1].retrieved
    shown = next(capture for capture in placed if capture.retrieved == last)
    return Entry(shown, tuple(placed))


def _as_published(entry: Entry) -> Article:
    return replace(entry.article, published=entry.published)


def _earliest(captures: Sequence[Article]) -> Moment | None:
    """Earliest date; of two that agree as far as both go, the one that says more."""
    if len(captures) == 1:
        return captures[0].published
    dates = [capture.published for capture in captures if capture.published]
    return min(dates, key=lambda moment: moment.iso + "~", default=None)


def _entry_order(entry: Entry) -> tuple[bool, str, str, str]:
    published = entry.published
    return published is None, published.iso if published else "", entry.article.id, entry.article.path


class _Names(NamedTuple):
    """How the names of publishers and outlets are written."""

    slugs: Mapping[str, str]
    spell: Callable[[str], hanzi.Spelling]


def _slugs(
    articles: Iterable[Article], known: Mapping[str, str], spell: Callable[[str], hanzi.Spelling]
) -> Mapping[str, str]:
    return {name: permalinks.publisher_slug(name, known, spell) for name in sorted(all_names(articles))}


def all_names(articles: Iterable[Article]) -> set[str]:
    """Every name of a publisher or outlet."""
    return {name for article in articles for name in (article.publisher, *article.outlets) if name}


def _years(entries: Iterable[Entry]) -> tuple[Term, ...]:
    by_year: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.published:
            by_year.setdefault(entry.published.iso[:4], []).append(entry)
    return tuple(Term(year, year, permalinks.year_listing(year), tuple(by_year[year])) for year in sorted(by_year))


def _publishers(entries: Sequence[Entry], names: _Names) -> tuple[Term, ...]:
    return _by_name(entries, _publisher_names, names, permalinks.publisher_listing)


def _publishers_within(year: Term, names: _Names) -> tuple[Term, ...]:
    terms = _by_name(
        year.entries, _publisher_names, names, lambda slug: permalinks.year_publisher_listing(year.key, slug)
    )
    return tuple(dataclasses.replace(term, key=f"{year.key}/{term.key}") for term in terms)


def _outlets(entries: Sequence[Entry], names: _Names) -> tuple[Term, ...]:
    return _by_name(entries, lambda entry: entry.article.outlets, names, permalinks.outlet_listing)


def _edition_terms(editions: Iterable[Edition], entries: Iterable[Entry]) -> Iterator[Term]:
    about: dict[str, list[Entry]] = {}
    for entry in entries:
        for key in dict.fromkeys(entry.article.editions):
            about.setdefault(key, []).append(entry)
    return (Term(each.key, each.name, each.permalink, tuple(about.get(each.key, ()))) for each in editions)


def _publisher_names(entry: Entry) -> tuple[str, ...]:
    return (entry.article.publisher or "",)


def _by_name(
    entries: Sequence[Entry],
    names_of: Callable[[Entry], Sequence[str]],
    names: _Names,
    listing: Callable[[str], str],
) -> tuple[Term, ...]:
    """Group entries by a name; spellings that fold to one slug are one term under the commonest."""
    grouped: dict[str, dict[str, Entry]] = {}
    spellings: dict[str, Counter[str]] = {}
    slugs = {**names.slugs, "": permalinks.UNKNOWN}
    for entry in entries:
        for name in dict.fromkeys(names_of(entry)):
            slug = slugs[name]
            if slug not in grouped:
                grouped[slug], spellings[slug] = {}, Counter()
            grouped[slug][entry.article.id] = entry
            spellings[slug][name] += 1
    for slug, spelt in spellings.items():
        _refuse_shared_slug(slug, spelt, entries, names_of)
    terms = [
        Term(slug, _commonest(spellings[slug]), listing(slug), tuple(members.values()))
        for slug, members in grouped.items()
    ]
    return tuple(sorted(terms, key=partial(_term_order, names.spell)))


def _commonest(names: Counter[str]) -> str:
    return min(names, key=lambda name: (-names[name], name))


def _term_order(spell: Callable[[str], hanzi.Spelling], term: Term) -> tuple[bool, int, object, str]:
    return not term.name, -len(term.entries), spell(term.name).key, term.key


def _refuse_shared_slug(
    slug: str, names: Iterable[str], entries: Sequence[Entry], names_of: Callable[[Entry], Sequence[str]]
) -> None:
    by_fold = {hanzi.fold(name): name for name in sorted(names)}
    if len(by_fold) < 2:
        return
    first, second = list(by_fold.values())[:2]
    paths = [next(e.article.path for e in entries if name in names_of(e)) for name in (first, second)]
    raise OutputError(
        paths[0],
        f"{first!r} has the slug {slug!r}, which {second!r} in {paths[1]} has too",
        "give one of them another slug in rules/publishers/",
    )


def _refuse_collisions(entries: Iterable[Entry], terms: Iterable[Term]) -> None:
    """An article's page holds its id, so only a slug of the rules can bring two to one path."""
    claimed = {entry.article.permalink: entry.article.path for entry in entries}
    for term in terms:
        if term.permalink in claimed:
            raise OutputError(
                term.permalink,
                f"is claimed by {claimed[term.permalink]} and by the listing of {term.name!r}",
                "give the publisher another slug in rules/publishers/",
            )
        claimed[term.permalink] = f"the listing of {term.name!r}"


def _order_problems(problems: Iterable[Problem], articles: Iterable[Article]) -> tuple[Problem, ...]:
    every = {*problems, *(problem for article in articles for problem in article.problems)}
    return tuple(sorted(every, key=_problem_order))


def _problem_order(problem: Problem) -> tuple[str, int, int, str, str, str]:
    place = problem.path, problem.line or 0, problem.column or 0
    return *place, problem.kind, problem.message, problem.action


def _newest(articles: Iterable[Article]) -> str:
    published = (article.published.iso for article in articles if article.published)
    retrieved = (article.retrieved for article in articles if article.retrieved)
    return max((iso[:10] for iso in (*published, *retrieved) if len(iso) >= 10), default="")
