"""Context of an article's page: its card with evidence, ruler of days, removed blocks, citation, record."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from itertools import groupby
from typing import Literal

from markupsafe import Markup

from newsarchive import permalinks
from newsarchive.archive import Archive, Edition, Entry
from newsarchive.article import (
    Article,
    Claim,
    Credit,
    EditionEvidence,
    FetchFailure,
    Image,
    Moment,
    Role,
    Value,
)
from newsarchive.lines import json_lines
from newsarchive.render.evidence import Evidence, evidence_of, evidence_of_date, evidence_of_outlet, rival_claims
from newsarchive.render.neighbours import Neighbours, find_neighbours
from newsarchive.render.rows import (
    NEAR,
    Almanac,
    Link,
    Row,
    Shelf,
    SummitDay,
    dated_capture,
    is_lost,
    last_day,
    length_of,
)
from newsarchive.render.templates import trusted
from newsarchive.runs import is_address
from newsarchive.sheets import RemovedGroup, Sheet

TICK = 7
"""Distance between two ticks of the ruler, in its own units."""
_ESCAPES = tuple((character, f"\\u{ord(character):04x}") for character in "<>&\u2028\u2029")
_WRITERS: tuple[Role, ...] = ("author", "reporter", "contributor")


class Named(Value, frozen=True):
    """A publisher or outlet and its listing."""

    name: str
    page: str


class Ruler(Value, frozen=True):
    """The days around a summit's opening as path data, 29 ticks 200 wide and 24 high."""

    plain: str
    summit: str
    here: str
    """The day of the article."""


class About(Value, frozen=True):
    """One edition that an article is about, or was published near to, and what shows it."""

    edition: Edition
    short_name: str
    """Empty where its ordinal tells it."""
    evidence: EditionEvidence | None
    """None where the article is only near to it in time."""


class Credits(Value, frozen=True):
    """People credited in one role, in printed order."""

    role: Role
    names: tuple[str, ...]


class Citation(Value, frozen=True):
    """Parts of a citation after GB/T 7714."""

    names: tuple[str, ...]
    """At most three."""
    more: bool
    """True where others are left out."""
    medium: Literal["N/OL", "N", "EB/OL", "EB"]
    host: str
    """Outlet, else publisher; empty where neither is known."""
    published: str
    retrieved: str
    url: str


class CaptureRow(Value, frozen=True):
    """One capture of the article."""

    path: str
    retrieved: str
    characters: int
    removed: int
    sha256: str
    shown: bool


class Figure(Value, frozen=True):
    """One picture, film or sound as the template draws it."""

    kind: Literal["image", "video", "audio"]
    src: str
    """Link to the picture or the film's cover; empty where there is none to show."""
    url: str
    """Address as received."""
    alt: str
    caption: str
    width: int | None
    height: int | None
    srcset: str
    """Our copies by width; empty where there is but one."""
    href: str
    """Address that a film or sound can be opened at; empty where the capture kept none."""
    failure: FetchFailure | None
    """Why a picture could not be fetched; None where it was, or nobody tried."""


class ArticlePage(Value, frozen=True):
    """The page of one article."""

    page: str
    article: Article
    published: Moment | None
    clock: str
    """Time of day, `08:14`; empty where it is not known."""
    credits: tuple[Credits, ...]
    publisher: Named | None
    outlets: tuple[Named, ...]
    publisher_evidence: Evidence
    outlet_evidence: Evidence
    date_evidence: Evidence
    year_page: str
    month_page: str
    meeting: About | None
    """The edition by which the article is told."""
    others: tuple[About, ...]
    """Other editions that it is about."""
    summit: SummitDay | None
    ruler: Ruler | None
    """None beyond two weeks from the opening day."""
    url: str
    """Address of the original, http or https; empty where it has none."""
    url_label: str
    length: int
    foreign: str
    pictures: int
    lost_pictures: int
    """Pictures that nothing is left of."""
    groups: tuple[RemovedGroup, ...]
    notice: tuple[str, ...]
    """First lines of what a stub's capture says in place of the story."""
    captures: tuple[CaptureRow, ...]
    """All captures where there are several."""
    rivals: tuple[Claim, ...]
    """Claims that lost and differ from the value shown."""
    borders: tuple[Claim, ...]
    """Evidence of where the story begins on its page and where it goes on; none where its file holds no other."""
    citation: Citation
    row: Row
    """What listings show of it."""
    neighbours: Neighbours
    json_ld: Markup
    names: tuple[str, ...]
    """Writers, for citation managers."""
    picture: str
    """First picture on the web; empty where there is none."""


class ArticlePlan(Value, frozen=True):
    """What the page of one article is made from, its body aside."""

    entry: Entry
    row: Row
    """What listings show of it."""
    neighbours: Neighbours
    month_page: str
    """Where its month begins in the listing of its year; empty where it has none."""


def plan_articles(archive: Archive, shelf: Shelf, months: Mapping[str, str]) -> Iterator[ArticlePlan]:
    """Plan the page of every article, by year; `months` are those of `month_pages`."""
    for entry, row, neighbours in find_neighbours(archive, shelf):
        yield ArticlePlan(entry, row, neighbours, months.get(row.iso[:7], ""))


def article_page(
    plan: ArticlePlan, sheet: Sheet, almanac: Almanac, outlet_pages: Mapping[str, str], zone: str
) -> ArticlePage:
    """Give the page of an article; `sheet` is what it shows of its body, `outlet_pages` are the listings of outlets."""
    entry, row = plan.entry, plan.row
    article = entry.article
    published = entry.published
    edition, summit = _summit(article, published, almanac)
    names = tuple(credit.name for credit in article.byline if credit.role in _WRITERS)
    url, picture = _web(article.url), next(_remote_pictures(article), "")
    rivals = rival_claims(article, sheet.claims, zone)
    return ArticlePage(
        page=article.permalink,
        article=article,
        published=published,
        clock=published.iso[11:16] if published else "",
        credits=_credits(article.byline),
        publisher=Named(article.publisher, row.publisher_page) if article.publisher else None,
        outlets=tuple(Named(name, outlet_pages[name]) for name in article.outlets),
        publisher_evidence=evidence_of(article, sheet.claims, "publisher", rivals),
        outlet_evidence=evidence_of_outlet(article, sheet, rivals),
        date_evidence=evidence_of_date(dated_capture(entry), rivals),
        year_page=permalinks.year_listing(published.year) if published else permalinks.UNDATED,
        month_page=plan.month_page,
        meeting=_about(edition, article, almanac) if edition else None,
        others=tuple(_about(other, article, almanac) for other in _editions(article, almanac) if other != edition),
        summit=summit,
        ruler=_ruler(edition, published) if edition and published else None,
        url=url,
        url_label=_label(url),
        length=length_of(article),
        foreign=row.foreign,
        pictures=row.images,
        lost_pictures=sum(is_lost(image) for image in article.images if image.kind == "image"),
        groups=sheet.groups,
        notice=sheet.notice,
        captures=_captures(entry),
        rivals=rivals,
        borders=tuple(claim for claim in sheet.claims if claim.field == "story") if article.stories > 1 else (),
        citation=_citation(article, published, names, url),
        row=row,
        neighbours=plan.neighbours,
        json_ld=_json_ld(article, published, names, url, picture),
        names=names,
        picture=picture,
    )


def figure_of(image: Image, link: Link) -> Figure:
    """Say how a picture is drawn: by our copy, else from the web unless it is known to be gone."""
    if image.kind == "image":
        remote = "" if is_lost(image) else image.url
    else:
        remote = "" if image.failure else _web(image.cover)
    return Figure(
        kind=image.kind,
        src=link(image.file) if image.file else remote,
        url=image.url,
        alt=image.alt,
        caption=image.caption,
        width=image.width,
        height=image.height,
        srcset=_srcset(image, link),
        href=_web(image.url) if image.kind != "image" else "",
        failure=image.failure if image.kind == "image" else None,
    )


def _srcset(image: Image, link: Link) -> str:
    """The copies that a browser may choose from, the picture as received among them."""
    if not (image.file and image.width and image.renditions):
        return ""
    copies = [*((each.file, each.width) for each in image.renditions), (image.file, image.width)]
    return ", ".join(f"{link(file)} {width}w" for file, width in copies)


def _summit(article: Article, published: Moment | None, almanac: Almanac) -> tuple[Edition | None, SummitDay | None]:
    """The summit that an article is told by: one that it is about, else one that it was published near to."""
    iso = published.iso if published and published.day else ""
    about = _editions(article, almanac)
    for edition in about:
        summit = almanac.summits[edition.key].get(iso[:10])
        if summit:
            return edition, summit
    if about:
        return about[0], None
    near = almanac.calendar.get(iso[:10])
    return (near.edition, near) if near else (None, None)


def _editions(article: Article, almanac: Almanac) -> list[Edition]:
    return [almanac.editions[key] for key in article.editions if key in almanac.editions]


def _about(edition: Edition, article: Article, almanac: Almanac) -> About:
    evidence = next((found for found in article.edition_evidence if found.key == edition.key), None)
    return About(edition, almanac.short_names[edition.key], evidence)


def _ruler(edition: Edition, published: Moment) -> Ruler | None:
    """Days from two weeks before the opening to two weeks after it; None where the article is not among them."""
    if published.day is None:
        return None
    first = date.fromisoformat(edition.start)
    here = (date.fromisoformat(published.iso[:10]) - first).days
    length = (date.fromisoformat(last_day(edition)) - first).days
    return _drawn(here, length) if -NEAR <= here <= NEAR else None


@cache
def _drawn(here: int, length: int) -> Ruler:
    """Draw the ticks; `here` and `length` count days from the opening day."""
    days = [day for day in range(-NEAR, NEAR + 1) if day != here]
    return Ruler(
        plain="".join(_tick(day, 2, 8) for day in days if not 0 <= day <= length),
        summit="".join(_tick(day, 4, 16) for day in days if 0 <= day <= length),
        here=_tick(here, 4, 24),
    )


def _tick(day: int, width: int, height: int) -> str:
    return f"M{(day + NEAR) * TICK} {24 - height}h{width}v{height}h-{width}z"


def _credits(byline: Iterable[Credit]) -> tuple[Credits, ...]:
    groups = groupby(byline, key=lambda credit: credit.role)
    return tuple(Credits(role, tuple(credit.name for credit in group)) for role, group in groups)


def _captures(entry: Entry) -> tuple[CaptureRow, ...]:
    if len(entry.captures) < 2:
        return ()
    return tuple(
        CaptureRow(
            capture.path,
            _minute(capture.retrieved),
            length_of(capture),
            capture.removals,
            capture.sha256,
            capture is entry.article or capture.path == entry.article.path,
        )
        for capture in entry.captures
    )


def _citation(article: Article, published: Moment | None, names: tuple[str, ...], url: str) -> Citation:
    """Gather what a citation needs.

    Source: GB/T 7714-2015, sections 4.4 (newspapers, N) and 4.6 (electronic resources, EB).
    """
    printed = bool(article.outlets) or article.platform == "print"
    return Citation(
        names=names[:3],
        more=len(names) > 3,
        medium=("N/OL" if url else "N") if printed else ("EB/OL" if url else "EB"),
        host=article.outlet or article.publisher or "",
        published=published.iso[:10] if published else "",
        retrieved=(article.retrieved or "")[:10],
        url=url,
    )


def _json_ld(article: Article, published: Moment | None, names: Sequence[str], url: str, picture: str) -> Markup:
    """Describe the article for machines; written so that no character of it can end the element.

    Source: schema.org/NewsArticle.
    """
    data: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.title,
        "inLanguage": article.lang,
    }
    if published:
        data["datePublished"] = published.iso
    if names:
        data["author"] = [{"@type": "Person", "name": name} for name in names]
    if article.publisher:
        data["publisher"] = {"@type": "Organization", "name": article.publisher}
    if article.outlet:
        data["sourceOrganization"] = {"@type": "Organization", "name": article.outlet}
    if url:
        data["url"] = url
    if picture:
        data["image"] = picture
    data["wordCount"] = article.characters
    text = json_lines([data]).decode().rstrip("\n")
    for character, escaped in _ESCAPES:
        text = text.replace(character, escaped)
    return trusted(text)


def _remote_pictures(article: Article) -> Iterator[str]:
    """Addresses of the pictures on the web, those left out that were asked for and not given."""
    shown = (image for image in article.images if image.kind == "image" and image.failure is None)
    return (image.url for image in shown if _web(image.url))


def _web(url: str | None) -> str:
    return url if url and url.startswith(("http://", "https://")) and is_address(url) else ""


def _label(url: str) -> str:
    """Address without scheme and query, short enough for the card."""
    bare = url.partition("://")[2].partition("?")[0].removesuffix("/")
    return bare if len(bare) <= 24 else bare[:22] + "…"


def _minute(iso: str | None) -> str:
    """A point in time to the minute, as the record tells it."""
    return (iso or "")[:16].replace("T", " ")
