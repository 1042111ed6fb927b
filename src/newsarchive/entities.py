"""Tags the editions that an article is about, from the dictionary in `data/editions.yaml`."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from newsarchive.archive import Edition
from newsarchive.article import Moment
from newsarchive.errors import ManyErrors, NewsArchiveError, SettingsError
from newsarchive.hanzi import letters
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
    faults: list[NewsArchiveError] = []
    found = []
    for number, entry in enumerate(entries if isinstance(entries, list) else []):
        faults += _faults(file, number, entry)
        if not faults:
            found.append(_edition(entry, series))
    if faults:
        raise faults[0] if len(faults) == 1 else ManyErrors(faults)
    return tuple(sorted(found, key=lambda edition: (edition.start, edition.key)))


def tag_editions(editions: Sequence[Edition], title: str, text: str, published: Moment | None) -> tuple[str, ...]:
    """Tell which editions a text is about: those its title names, else those its lead names or the text names often.

    A text that only names the series is about the yearly meeting within 60 days of its publication.
    The keys come in the order of the editions.
    """
    names = {letters(name): edition.key for edition in editions for name in (edition.name, *edition.names)}
    if not names:
        return ()
    pattern = re.compile("|".join(re.escape(name) for name in sorted(names, key=len, reverse=True) if name))
    flat = letters(text)
    lead = letters(title) + " " + flat[:LEAD]
    if named := {names[name] for name in pattern.findall(letters(title))}:
        return tuple(edition.key for edition in editions if edition.key in named)
    counts = Counter(names[name] for name in pattern.findall(flat))
    near = set(_of_these_days(editions, published)) if published else set()
    about = {key for key, count in counts.items() if count >= MENTIONS} | _of_lead(pattern, names, lead, near, counts)
    if not about and _names_series(editions, lead):
        about = {key for key in near if _is_yearly(editions, key)}
    return tuple(edition.key for edition in editions if edition.key in about)


def _of_lead(
    pattern: re.Pattern[str], names: Mapping[str, str], lead: str, near: set[str], counts: Counter[str]
) -> set[str]:
    """The editions that the lead names: of several the one of these days, else the one named most.

    A lead likes to look back, to the meeting where a word was coined or to the first one.
    """
    named = {names[name] for name in pattern.findall(lead)}
    if len(named) > 1:
        return named & near or {max(sorted(named), key=lambda key: counts[key])}
    return named


def _names_series(editions: Sequence[Edition], lead: str) -> bool:
    return any(letters(name) in lead for name in editions[0].series)


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
    )
