"""Settles title, dates, publisher, platform and byline from rival claims, recording which claim won and why."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple, cast, get_args

from newsarchive.article import (
    Block,
    Claim,
    Credit,
    Document,
    Kind,
    Moment,
    Origin,
    Platform,
    Precision,
    RemovedBlock,
    Role,
    Story,
)
from newsarchive.bylines import credits_in, read_byline, read_slot, unique
from newsarchive.claims import first_claim, gather_claims, identify, listed
from newsarchive.cleaner import Cleaned
from newsarchive.dates import DateFault, date_fault, find_moments, moments_in_address, parse_moment, plausible
from newsarchive.hanzi import clean_text, fold, letters
from newsarchive.outlets import settle_outlets, split_outlets
from newsarchive.rules import RuleBook, RuleFile
from newsarchive.selection import Probe
from newsarchive.settings import Settings
from newsarchive.titles import SHORTEST_HEADLINE, settle_title, site_of_title, stem_of, without_site

DATELINE_DAY = re.compile(r"^.{0,24}?(\d{1,2}\s*月\s*\d{1,2}\s*日)\s*(?:电|讯)")
"""A dateline's month and day."""
YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})\s*年")
"""A year that the text speaks of."""
PRECISIONS: tuple[Precision, ...] = get_args(Precision)
"""From the year to the second."""
ONE_PUBLICATION = timedelta(days=3)
"""How far the day of the front matter and that of the page may lie apart and still be those of one publication."""
CLEARLY = 3
"""A year that some paragraphs name is doubtful where more than one mention in so many is of another year."""
MARGIN = 40
"""Lines above the story of a saved page among which its date is looked for."""
PAPER = re.compile(r"第\s*[A-Z]?\d{1,3}\s*版|版次|[上下]一版")
"""What the pages of a digital paper say of themselves; they print their day above the headline."""
LONGEST_MARGIN = 60
"""Characters up to which such a line may tell the date."""
NOTICE_REST = 60
"""Letters that may stand beside a notice of deletion without being a story that quotes one."""
_ROLES, _PLATFORMS, _KINDS = map(get_args, (Role, Platform, Kind))


class _Bounds(NamedTuple):
    """Between which days a date of publication may lie, and the zone in which dates are meant."""

    zone: str
    earliest: int
    latest: str | None

    def hold(self, moment: Moment) -> bool:
        """Whether a date lies between them."""
        return plausible(moment, self.earliest, self.latest)


@dataclass(frozen=True, slots=True)
class Described:
    """The fields of an article that are settled from claims."""

    title: str
    published: Moment | None
    published_from: Origin | None
    publisher: str | None
    platform: Platform
    outlets: tuple[str, ...]
    byline: tuple[Credit, ...]
    url: str | None
    retrieved: str | None
    identity: str
    """Twelve hexadecimal digits."""
    uncertain: tuple[str, ...]
    claims: tuple[Claim, ...]
    notes: Mapping[str, str] = field(default_factory=dict)
    date_fault: DateFault | None = None
    """What is wrong with the front matter's date."""


def first_fields(document: Document, found: Sequence[tuple[Probe, str]], book: RuleBook) -> dict[str, tuple[str, ...]]:
    """Give what is known before cleaning: values of `title` and `publisher` for rules that look for repeats."""
    front = document.front
    titles = [str(front.get("title") or "")]
    titles += [value for probe, value in found if probe.field in ("title", "page-title")]
    titles += [without_site(value) for probe, value in found if probe.field == "page-title"]
    titles += [] if front else [stem_of(document)]
    names = [_front_publisher(front), *(value for probe, value in found if probe.field == "publisher")]
    file = book.publishers.get(fold(names[0])) if names[0] else None
    names += [file.name, *file.aliases] if file else []
    return {"title": tuple(filter(None, titles)), "publisher": tuple(filter(None, names))}


def describe(
    document: Document,
    found: Sequence[tuple[Probe, str]],
    cleaned: Cleaned,
    files: Sequence[RuleFile],
    book: RuleBook,
    settings: Settings,
    story: Story,
) -> Described:
    """Settle every field of one story from all that claims it."""
    claims = [*gather_claims(document, found, cleaned), *_headline_claims(story), *_rule_claims(files)]
    title, title_doubt = settle_title(document, claims, cleaned.kept, story.number)
    bounds = _Bounds(settings.zone, settings.earliest, settings.latest)
    until = bounds._replace(latest=_last_day(document, settings))
    published, origin, date_note, date_fault = _settle_published(
        document, claims, cleaned, (bounds, until), story.openings
    )
    platform = _platform(document, files, [*cleaned.kept[:12], *story.openings])
    publisher = _settle_publisher(claims, platform, book)
    own = _names_of(publisher, book)
    outlets = settle_outlets(claims, cleaned, own, title, platform, book.outlets)
    claims += _derived(document, claims, cleaned, (title, title_doubt), (published, origin), publisher)
    url = first_claim(claims, "url", ("sidecar", "front-matter", "markup"))

    def won(claim: Claim) -> bool:
        if claim.field == "published":
            return claim.origin == origin and _moment(claim, bounds) == published
        if claim.field == "publisher":
            return fold(claim.value) in own
        return claim.value == title or (bool(outlets) and not {*outlets}.isdisjoint(split_outlets(claim.value)))

    uncertain = {*listed(document.sidecar.get("uncertain"))}
    uncertain |= {"title"} if title_doubt else set()
    uncertain |= {"text"} if story.uncertain else set()
    uncertain |= {"published"} if origin == "dateline" and _is_guess(cleaned.kept, story.openings) else set()
    uncertain |= _contradicted(found, published, origin, outlets, settings)
    return Described(
        title=title,
        published=published,
        published_from=origin,
        publisher=publisher,
        platform=platform,
        outlets=outlets,
        byline=_settle_byline(document, claims, cleaned, own),
        url=url,
        retrieved=_retrieved(document, settings.zone),
        identity=identify(url, str(document.front.get("title") or ""), document.path, story.number),
        uncertain=tuple(sorted(uncertain)),
        claims=tuple(_winners_first(claims, won)),
        notes={"published": date_note} if date_note else {},
        date_fault=date_fault,
    )


def _winners_first(claims: Sequence[Claim], won: Callable[[Claim], bool]) -> Iterable[Claim]:
    """Claims by field; whether one won matters only where there are several."""
    by_field: dict[str, list[Claim]] = {}
    for claim in claims:
        by_field.setdefault(claim.field, []).append(claim)
    for name in sorted(by_field):
        rivals = by_field[name]
        yield from sorted(rivals, key=lambda claim: not won(claim)) if len(rivals) > 1 else rivals


def _contradicted(
    found: Sequence[tuple[Probe, str]],
    published: Moment | None,
    origin: Origin | None,
    outlets: Sequence[str],
    settings: Settings,
) -> set[str]:
    """The fields of a saved page whose value its own scripts contradict."""
    scripted = [(probe.field, value) for probe, value in found if not probe.selector]
    read = (parse_moment(value, settings.zone) for name, value in scripted if name == "published")
    days = {moment.iso[:10] for moment in read if moment and moment.day}
    named = {fold(value) for name, value in scripted if name in ("outlet", "outlet_bare")}
    is_other_day = published and origin in ("body", "markup") and days and published.iso[:10] not in days
    is_other_outlet = outlets and named and named.isdisjoint(map(fold, outlets))
    return {name for name, is_other in (("published", is_other_day), ("outlet", is_other_outlet)) if is_other}


def _names_of(publisher: str | None, book: RuleBook) -> frozenset[str]:
    """Every folded name of a publisher."""
    file = book.publishers.get(fold(publisher)) if publisher else None
    return (
        frozenset(map(fold, (publisher, *((file.name, *file.aliases) if file else ())))) if publisher else frozenset()
    )


def _derived(
    document: Document,
    claims: Sequence[Claim],
    cleaned: Cleaned,
    title: tuple[str, bool],
    dated: tuple[Moment | None, Origin | None],
    publisher: str | None,
) -> list[Claim]:
    """Claims for what was read from the story's words or the file's names, so that every value tells its evidence."""
    derived: list[Claim] = []
    told = {claim.field: claim.evidence for claim in reversed(claims)}
    if not any(claim.field == "title" and claim.value == title[0] for claim in claims):
        origin: Origin = "file-name" if title[0] == stem_of(document) else "markup" if "page-title" in told else "body"
        origin = "front-matter" if "title" in document.front else origin
        derived.append(
            Claim("title", title[0], origin, told.get("page-title") or told.get("title") or title[0], doubtful=title[1])
        )
    moment, place = dated
    if moment and place and not any(claim.field == "published" and claim.origin == place for claim in claims):
        derived.append(Claim("published", moment.iso, place, _evidence(place, document, claims, cleaned)))
    if publisher and "publisher" not in told and "account" not in told:
        derived.append(Claim("publisher", publisher, "markup", told.get("page-title", "")))
    return derived


def _evidence(origin: Origin, document: Document, claims: Sequence[Claim], cleaned: Cleaned) -> str:
    """The words that a date was read from, where no claim had told it."""
    if origin == "url":
        return first_claim(claims, "url", ("sidecar", "front-matter", "markup")) or ""
    if origin == "file-name":
        return document.path
    lines = (match.group(0) for block in cleaned.kept[:12] if (match := _find_dateline(block.text)))
    return next(lines, "") if origin == "dateline" else ""


def _headline_claims(story: Story) -> Iterable[Claim]:
    """The headline that the splitter told from the other lines; of several lines one title."""
    lines = [block.text for block, place in zip(story.blocks, story.positions, strict=True) if place in story.headline]
    if lines:
        yield Claim("title", " ".join(lines), "body", "\n".join(lines))


# Dates


def _settle_published(
    document: Document,
    claims: Sequence[Claim],
    cleaned: Cleaned,
    bounds: tuple[_Bounds, _Bounds],
    openings: Sequence[Block] = (),
) -> tuple[Moment | None, Origin | None, str, DateFault | None]:
    """The date, the claim that won, a remark on it, and what is wrong with the losing front matter.

    `bounds` are those of corrections and those of all else.
    """
    corrected, until = bounds
    dated = [
        (_moment(claim, corrected if claim.origin == "sidecar" else until), claim.origin)
        for claim in claims
        if claim.field == "published"
    ]
    by_origin = {origin: (moment, origin) for moment, origin in reversed(dated) if moment}
    front = by_origin.get("front-matter")
    fault = None if front else _front_fault(claims, until)
    note = {"invalid": "front-matter-invalid", "implausible": "implausible", None: ""}[fault]
    if "sidecar" in by_origin:
        return *by_origin["sidecar"], note, fault
    page = _finest([(moment, origin) for wanted in ("body", "markup") for moment, origin in dated if origin == wanted])
    if front and page and front[0].precision == "day":
        return *_finer(front, page), note, fault
    dateline = _dateline(cleaned.kept, until, openings)
    chosen = front or page or dateline or _from_address(document, claims, until)
    chosen = chosen or by_origin.get("folder") or _from_margin(document, cleaned.removed, claims, until)
    if chosen and chosen is dateline and not _year_of(cleaned.kept[:12]):
        note = "year-of-page"
    return (*chosen, note, fault) if chosen else (None, None, note, fault)


def _front_fault(claims: Sequence[Claim], bounds: _Bounds) -> DateFault | None:
    """What is wrong with the first date of the front matter; None where it tells none."""
    written = first_claim(claims, "published", ("front-matter",))
    return date_fault(written, *bounds) if written else None


def _last_day(document: Document, settings: Settings) -> str | None:
    """The last day on which the copy can have been published: that of fetching or building, and one for the zones."""
    fetched = _retrieved(document, settings.zone) or ""
    if fetched[:4] < str(settings.earliest):
        fetched = settings.build_date or ""
    last = fetched[:10]
    if len(last) == len("2024-11-20"):
        last = (date.fromisoformat(last) + timedelta(days=1)).isoformat()
    return min(filter(None, (last, settings.latest)), default=None)


def _finest(told: Sequence[tuple[Moment | None, Origin]]) -> tuple[Moment, Origin] | None:
    """The first date that a page tells, or the time of that day which another of its claims tells."""
    known = [(moment, origin) for moment, origin in told if moment]
    same = [(moment, origin) for moment, origin in known if moment.iso[:10] == known[0][0].iso[:10]]
    return max(same, key=lambda entry: PRECISIONS.index(entry[0].precision), default=None)


def _from_margin(
    document: Document, removed: Sequence[RemovedBlock], claims: Sequence[Claim], bounds: _Bounds
) -> tuple[Moment, Origin] | None:
    """The date among the lines that a saved page prints above its story: below the headline, else where all agree.

    Pages also print today's date, and those of other stories.
    """
    if document.shape != "page":
        return None
    titles = "\n".join(letters(claim.value) for claim in claims if claim.field in ("title", "page-title"))
    above = [block.text for block in removed if block.after == 0][-MARGIN:]
    heads = [number for number, text in enumerate(above) if _is_headline(text, titles)]
    if heads:
        told = _dates_of_lines(above[heads[-1] :], bounds)[:1]
        told = told or (_dates_of_lines(above, bounds) if any(map(PAPER.search, above)) else [])
    elif any(_is_headline(block.text, titles) for block in removed):
        told = []
    else:
        told = _dates_of_lines(above, bounds)
    return (told[-1], "body") if len({moment.iso[:10] for moment in told}) == 1 else None


def _is_headline(text: str, titles: str) -> bool:
    words = letters(text)
    return len(words) >= SHORTEST_HEADLINE and words in titles


def _dates_of_lines(texts: Iterable[str], bounds: _Bounds) -> list[Moment]:
    """The days and times that short lines tell."""
    told = (found for text in texts if len(text) <= LONGEST_MARGIN for found in find_moments(text, bounds.zone))
    return [moment for moment, words in told if len(words) > 7 and bounds.hold(moment)]


def _moment(claim: Claim, bounds: _Bounds) -> Moment | None:
    moment = parse_moment(claim.value, bounds.zone)
    return moment if moment and bounds.hold(moment) else None


def _finer(front: tuple[Moment, Origin], page: tuple[Moment, Origin]) -> tuple[Moment, Origin]:
    """A collector's day gives way to the time that the page itself prints, as long as both speak of one publication.

    A page also prints the days of what it announces, which are further away.
    """
    if page[0].precision not in ("day", "minute", "second"):
        return front
    collected, printed = (date.fromisoformat(told[0].iso[:10]) for told in (front, page))
    return page if abs(printed - collected) <= ONE_PUBLICATION else front


def _dateline(kept: Sequence[Block], bounds: _Bounds, openings: Sequence[Block]) -> tuple[Moment, Origin] | None:
    """The day of the first dateline with the year that the text speaks of, or else the other stories of its page.

    None where no year is told.
    """
    for block in kept[:12]:
        match = _find_dateline(block.text)
        if match:
            year = _year_of(kept[:12]) or _year_of(openings)
            moment = parse_moment(match.group(1), bounds.zone, year) if year else None
            return (moment, "dateline") if moment and bounds.hold(moment) else None
    return None


def _find_dateline(text: str) -> re.Match[str] | None:
    """The day of a dateline; most texts tell no month, which is seen at once."""
    return DATELINE_DAY.search(text) if "月" in text else None


def _year_of(kept: Sequence[Block]) -> int | None:
    """The year that some paragraphs name most often, the earlier named of two."""
    years = _years(kept)
    return years.most_common(1)[0][0] if years else None


def _years(kept: Sequence[Block]) -> Counter[int]:
    return Counter(int(year) for block in kept if "年" in block.text for year in YEAR.findall(block.text))


def _is_guess(kept: Sequence[Block], openings: Sequence[Block]) -> bool:
    """Whether a dateline's year is one of several that are named, and none of them clearly most often."""
    years = _years(kept[:12]) or _years(openings)
    return years.total() < CLEARLY * (years.total() - years.most_common(1)[0][1]) if years else False


def _from_address(document: Document, claims: Sequence[Claim], bounds: _Bounds) -> tuple[Moment, Origin] | None:
    url = first_claim(claims, "url", ("sidecar", "front-matter", "markup"))
    named: tuple[tuple[str, Origin], ...] = ((url or "", "url"), (document.path, "file-name"))
    for address, origin in named:
        for moment, _ in moments_in_address(address, bounds.zone):
            if bounds.hold(moment):
                return moment, origin
    return None


def _retrieved(document: Document, zone: str) -> str | None:
    for source in (document.sidecar, document.front):
        for key in ("retrieved", "fetch_date"):
            moment = parse_moment(str(source.get(key) or ""), zone)
            if moment:
                return moment.iso
    return None


# Publisher, platform, outlet


def _front_publisher(front: Mapping[str, object]) -> str:
    return clean_text(str(front.get("publisher") or front.get("source") or front.get("author") or ""))


def _rule_claims(files: Sequence[RuleFile]) -> Iterable[Claim]:
    """The publisher whose rule file applies, which its address told."""
    for file in files:
        if file.group == "publishers":
            yield Claim("publisher", file.name, "rules", f"rules/publishers/{file.key}.yaml")


def _settle_publisher(claims: Sequence[Claim], platform: Platform, book: RuleBook) -> str | None:
    """Who carried this copy: the account that the platform itself prints, then front matter, then the page."""
    account = first_claim(claims, "account", ("body",)) if platform == "wechat" else None
    name = (
        first_claim(claims, "publisher", ("sidecar",))
        or account
        or first_claim(claims, "publisher", ("front-matter", "rules", "markup", "body", "folder"))
        or site_of_title(first_claim(claims, "page-title", ("markup",)) or "")
        or first_claim(claims, "copyright", ("markup",))
    )
    if not name:
        return None
    file = book.publishers.get(fold(name))
    return file.name if file else name


def _platform(document: Document, files: Sequence[RuleFile], kept: Sequence[Block]) -> Platform:
    told = document.sidecar.get("platform") or document.defaults.get("platform")
    if told in _PLATFORMS:
        return cast("Platform", told)
    for file in files:
        if file.platform is not None:
            return file.platform
    if document.shape == "text":
        return "print" if any(_find_dateline(block.text) for block in kept) else "text"
    return "web"


# Byline


def _settle_byline(
    document: Document, claims: Sequence[Claim], cleaned: Cleaned, own: Collection[str]
) -> tuple[Credit, ...]:
    """Name everyone credited, in printed order.

    By correction, else by the story's own lines and brackets, else by the platform's author slot. The publisher's
    own name in place of a writer's credits nobody; `own` are its folded names.
    """
    corrected = list(_sidecar_byline(document.sidecar.get("byline")))
    if corrected:
        return unique(corrected)
    found = sorted([*_credited_lines(claims, cleaned), *_credited_texts(cleaned.kept)], key=lambda entry: entry[0])
    named = [credit for _, credited in found for credit in credited]
    if not any(credit.role in ("author", "reporter", "contributor", "translator") for credit in named):
        named = [*_slot(claims), *named]
    return unique(credit for credit in named if fold(credit.name) not in own)


def _credited_lines(claims: Sequence[Claim], cleaned: Cleaned) -> Iterable[tuple[tuple[int, int], tuple[Credit, ...]]]:
    """The credits of removed lines, each with its place: kept blocks before it."""
    places = {block.text: block.after for block in reversed(cleaned.removed)}
    for claim in claims:
        if claim.origin == "body" and (claim.field == "byline" or claim.field in _ROLES):
            role = cast("Role", claim.field) if claim.field in _ROLES else "author"
            credited = read_byline(claim.value, role)
            yield (places.get(claim.evidence, 0), 0), credited


def _credited_texts(kept: Sequence[Block]) -> Iterable[tuple[tuple[int, int], tuple[Credit, ...]]]:
    """The credits within the story, each with its place.

    A bracket in the middle of a story credits a quotation; only openings, datelines and the end credit the story.
    """
    texts = [(number, block.text) for number, block in enumerate(kept) if block.text]
    for count, (number, text) in enumerate(texts):
        if count < 3 or _find_dateline(text) or count == len(texts) - 1:
            yield (number, 1), tuple(credits_in(text))


def _slot(claims: Sequence[Claim]) -> list[Credit]:
    told = [claim for claim in claims if claim.field in ("slot", "author")]
    values = [claim.value for claim in told if claim.origin == "front-matter"]
    values = values or [claim.value for claim in told if claim.origin in ("body", "markup")][:1]
    return [credit for value in values for credit in read_slot(value)]


def _sidecar_byline(value: object) -> Iterable[Credit]:
    for entry in value if isinstance(value, list) else []:
        if isinstance(entry, Mapping) and entry.get("name"):
            role = entry.get("role")
            yield Credit(str(entry["name"]), cast("Role", role) if role in _ROLES else "author")
        elif isinstance(entry, str):
            yield from read_byline(entry)


def settle_kind(told: Kind | None, sidecar: Mapping[str, object], kept: Sequence[Block]) -> Kind:
    """Tell an article from a stub and from a list of links: by correction, by a rule, by what is left."""
    if sidecar.get("kind") in _KINDS:
        return cast("Kind", sidecar["kind"])
    total = sum(len(letters(block.text)) for block in kept)
    if not total or (told == "stub" and total <= NOTICE_REST):
        return "stub"
    if told == "list":
        return told
    linked = [block for block in kept if "link" in block.hints]
    share = sum(len(letters(block.text)) for block in linked) / total
    return "list" if len(linked) >= 5 and share > 0.6 else "article"
