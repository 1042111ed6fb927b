"""Tags the editions that an article is about, from the dictionary in `data/editions.yaml`."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from newsarchive.archive import Edition
from newsarchive.article import EditionEvidence, EditionPlace, Moment
from newsarchive.errors import ManyErrors, NewsArchiveError, OutputError, SettingsError
from newsarchive.hanzi import letters
from newsarchive.permalinks import RESERVED, edition_listing
from newsarchive.settings import Settings, find_resource
from newsarchive.yamlfile import YamlFile, did_you_mean, read_yaml

FILE = "data/editions.yaml"
KEYS = ("key", "name", "ordinal", "start", "end", "place", "kind", "theme", "names", "introduction", "sources")
KINDS = ("summit", "forum", "regional")
LEAD = 400
"""Letters at the start of a text in which a name tells what the text is about."""
WINDOW = timedelta(days=60)
"""How long before and after a meeting a text that names only the series speaks of it."""
MENTIONS = 3
"""How often a text must name an edition to be about it wherever it does so."""
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def load_editions(settings: Settings) -> tuple[Edition, ...]:
    """Read the editions, ordered by first day; none where neither archive nor package has the file.

    Raises:
        SettingsError: the file is wrong; several faults come together as `ManyErrors`.
    """
    try:
        path = find_resource(settings.root, FILE)
    except NewsArchiveError:
        return ()
    file = read_yaml(path, SettingsError, FILE)
    value = file.value if isinstance(file.value, dict) else {}
    series = tuple(_texts(value.get("series")))
    entries = value.get("editions")
    if entries is not None and not isinstance(entries, list):
        raise SettingsError(file.where("editions"), "editions is not a list", "begin each entry with `- `")
    faults: list[NewsArchiveError] = []
    found = []
    for number, entry in enumerate(entries if isinstance(entries, list) else []):
        faults += _faults(file, number, entry)
        if not faults:
            found.append(_edition(entry, series))
    if faults:
        raise faults[0] if len(faults) == 1 else ManyErrors(faults)
    return tuple(sorted(found, key=lambda edition: (edition.start, edition.key)))


def tag_editions(
    editions: Sequence[Edition], title: str, text: str, published: Moment | None
) -> tuple[EditionEvidence, ...]:
    """Tell which editions a text is about: those its title names, else those its lead names or the text names often.

    A text that only names the series is about the yearly meeting within 60 days of its publication; that is doubtful.
    The evidence comes in the order of the editions.
    """
    known = _names_of(_Same(tuple(editions)))  # a tuple stays itself, so that it is known again
    head, flat = letters(title), letters(text)
    if not any(core in head or core in flat for core in known.cores):
        return ()
    told = [_Naming(*known.names[name], "title") for name in known.pattern.findall(head)]
    told += [_Naming(*known.names[found.group()], _place(found.start())) for found in known.pattern.finditer(flat)]
    near = set(_of_these_days(editions, published)) if published else set()
    places = _places(told, near) or _of_series(editions, head + " " + flat[:LEAD], near)
    return tuple(
        _evidence(edition, places[edition.key], told, head + flat) for edition in editions if edition.key in places
    )


@dataclass(frozen=True, slots=True)
class _Names:
    """What texts may call the editions."""

    names: Mapping[str, tuple[str, str]]
    """Letters of a name → key of its edition and the name as written."""
    pattern: re.Pattern[str]
    cores: tuple[str, ...]
    """Letters of which every name, of an edition or of the series, holds some; empty where no edition has a name."""


class _Same:
    """A value that equals itself alone, so that it is remembered without being compared."""

    def __init__(self, editions: tuple[Edition, ...]) -> None:
        self.editions = editions

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.editions is self.editions

    def __hash__(self) -> int:
        return id(self.editions)


@lru_cache(maxsize=4)
def _names_of(known: _Same) -> _Names:
    editions = known.editions
    names = {letters(name): (edition.key, name) for edition in editions for name in (edition.name, *edition.names)}
    names.pop("", None)
    series = {letters(name) for edition in editions for name in edition.series}
    cores: list[str] = []
    for name in sorted({*names, *series}, key=lambda name: (len(name), name)) if names else ():
        if not any(core in name for core in cores):
            cores.append(name)
    pattern = re.compile("|".join(map(re.escape, sorted(names, key=len, reverse=True))))
    return _Names(names, pattern, tuple(cores))


@dataclass(frozen=True, slots=True)
class _Naming:
    """One place of a text that names an edition."""

    key: str
    name: str
    place: EditionPlace


def _place(start: int) -> EditionPlace:
    return "lead" if start < LEAD else "named"


def _places(told: Sequence[_Naming], near: set[str]) -> dict[str, EditionPlace]:
    """The editions that a text is about, and the place that tells so."""
    titled: dict[str, EditionPlace] = {naming.key: "title" for naming in told if naming.place == "title"}
    if titled:
        return titled
    counts = Counter(naming.key for naming in told)
    about: dict[str, EditionPlace] = {key: "named" for key, count in counts.items() if count >= MENTIONS}
    return about | dict.fromkeys(
        _of_lead({naming.key for naming in told if naming.place == "lead"}, near, counts), "lead"
    )


def _of_lead(named: set[str], near: set[str], counts: Mapping[str, int]) -> set[str]:
    """The editions that the lead names: of several the one of these days, else the one named most.

    A lead likes to look back, to the meeting where a word was coined or to the first one.
    """
    if len(named) > 1:
        return named & near or {max(sorted(named), key=lambda key: counts[key])}
    return named


def _of_series(editions: Sequence[Edition], lead: str, near: set[str]) -> dict[str, EditionPlace]:
    """The yearly meeting of these days, where a lead names what all meetings share."""
    if not any(letters(name) in lead for name in editions[0].series):
        return {}
    return {key: "series" for key in near if _is_yearly(editions, key)}


def _evidence(edition: Edition, place: EditionPlace, told: Sequence[_Naming], flat: str) -> EditionEvidence:
    """Word what was found: the first name at the place that tells, and how often any name of the edition stands."""
    if place == "series":
        name = next(name for name in edition.series if letters(name) in flat)
        return EditionEvidence(edition.key, place, name, flat.count(letters(name)))
    own = [naming for naming in told if naming.key == edition.key]
    first = next((naming for naming in own if naming.place == place), own[0])
    return EditionEvidence(edition.key, place, first.name, len(own))


def _of_these_days(editions: Sequence[Edition], published: Moment) -> Iterator[str]:
    if published.day is None:
        return
    day = date.fromisoformat(published.iso[:10])
    for edition in editions:
        start, end = date.fromisoformat(edition.start), date.fromisoformat(edition.end)
        if start - WINDOW <= day <= end + WINDOW:
            yield edition.key


def _is_yearly(editions: Sequence[Edition], key: str) -> bool:
    return any(edition.key == key and edition.kind != "regional" for edition in editions)


def _texts(value: object) -> list[str]:
    return [str(entry) for entry in value] if isinstance(value, list) else []


def _faults(file: YamlFile, number: int, entry: object) -> Iterator[SettingsError]:
    at = ("editions", number)
    if not isinstance(entry, dict):
        yield SettingsError(file.where(*at), "an edition is a mapping", "write `key: …` lines")
        return
    for key in entry:
        if key not in KEYS:
            yield SettingsError(file.where(*at, key), f"unknown key {key!r}", did_you_mean(str(key), KEYS))
    for key in ("key", "name", "start", "end"):
        if not entry.get(key):
            yield SettingsError(file.where(*at), f"{key} is missing", f"add `{key}:`")
    if entry.get("key") and not _can_be_address(str(entry["key"])):
        yield SettingsError(
            file.where(*at, "key"),
            f"{entry['key']!r} cannot be part of an address",
            "write a-z, 0-9 and single hyphens",
        )
    for key in ("start", "end"):
        if entry.get(key) and not _is_day(str(entry[key])):
            yield SettingsError(file.where(*at, key), f"{entry[key]!r} is no day", "write it as YYYY-MM-DD")
    if entry.get("kind", "summit") not in KINDS:
        yield SettingsError(
            file.where(*at, "kind"), f"unknown kind {entry['kind']!r}", did_you_mean(str(entry["kind"]), KINDS)
        )


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return bool(DAY.fullmatch(text))


def _can_be_address(key: str) -> bool:
    try:
        edition_listing(key)
    except OutputError:
        return False
    return key not in RESERVED


def _edition(entry: Mapping[str, object], series: tuple[str, ...]) -> Edition:
    ordinal = entry.get("ordinal")
    theme = entry.get("theme")
    return Edition(
        key=str(entry["key"]),
        name=str(entry["name"]),
        ordinal=ordinal if isinstance(ordinal, int) else None,
        start=str(entry["start"]),
        end=str(entry["end"]),
        place=str(entry.get("place") or ""),
        theme=str(theme) if theme else None,
        kind=str(entry.get("kind", "summit")),
        names=tuple(_texts(entry.get("names"))),
        series=series,
        introduction=str(entry.get("introduction") or "").strip(),
    )
