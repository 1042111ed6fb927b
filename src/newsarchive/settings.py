"""`site.yaml` → frozen `Settings`; and where templates, static files, rules and data are found.

Every option is documented under its field. Unknown keys are refused with a suggestion, and all faults
of the file are reported together.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from newsarchive.errors import ManyErrors, NewsArchiveError, SettingsError
from newsarchive.yamlfile import YamlFile, did_you_mean, read_yaml

Engine = Literal["fast", "reference"]
"""How bodies are read: `fast` reads plain Markdown itself, `reference` leaves all to the converter."""


CACHE_FOLDER = ".newsarchive-cache"
"""Folder of the cache beside `site.yaml`, unless a setting names another."""


CLUSTER = "dask:"
"""What the address of a cluster's scheduler stands behind, in the setting `workers`."""


def _cores() -> int:
    return os.cpu_count() or 1


MAX_DEPTH = 100
"""How deep folders with content may lie in one another; hardly any system can store a path that is deeper."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that keep one hostile or broken file from holding up a build; key `limits` of `site.yaml`."""

    file_bytes: int = 20_000_000
    """Largest content file that is read, in bytes; a larger one is quarantined."""
    sidecar_bytes: int = 100_000
    """Largest sidecar or `_defaults.yaml` that is read, in bytes; a larger one is left out."""
    lines: int = 50_000
    """Most lines that a content file may have; one with more of these or of what follows is quarantined."""
    characters: int = 1_000_000
    """Most characters of text that it may have, beside tags, scripts and files written into an address."""
    elements: int = 20_000
    """Most HTML tags that it may have; in Markdown items, cells and every two signs around words count as well."""
    images: int = 2_000
    """Most images that it may show."""
    nesting: int = 200
    """Deepest nesting of HTML elements that is followed; what stands deeper is flattened."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What a site may weigh, for `check`; key `budget` of `site.yaml`. The defaults are those of GitHub Pages.

    Source: GitHub Docs, "GitHub Pages limits" and "About large files on GitHub".
    """

    site_bytes: int = 1_000_000_000
    """All files together, in bytes."""
    file_bytes: int = 100_000_000
    """The largest file, in bytes."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that shapes a build, from `site.yaml` and the command line."""

    root: Path
    """Folder of `site.yaml`; not a key of it. Paths in the file are relative to this folder."""
    title: str
    """Name of the archive, shown on every page. Required."""
    content: tuple[Path, ...]
    """Folders with article files; one or a list. Default: `content`."""
    output: Path
    """Folder the site is written to. Default: `site`."""
    tagline: str = ""
    """One sentence under the title of the home page."""
    description: str = ""
    """What the archive is, for search engines and the about page; the tagline where it is left out."""
    language: str = "zh-Hans"
    """Language tag of the archive's own words (BCP 47)."""
    zone: str = "Asia/Shanghai"
    """Time zone in which dates are told and years are counted (IANA name)."""
    base_url: str = ""
    """Address the site will have, ending in `/`; empty while it has none. Feeds, sitemap, canonical links use it."""
    build_date: str | None = None
    """Day of the build (`YYYY-MM-DD`); without it the newest date in the content stands."""
    publisher_rules: bool = True
    """Whether `rules/publishers/` is applied; without it only platform and generic rules are."""
    search: bool = True
    """Whether the site can be searched; without it there is neither search page nor index, and pages carry no form."""
    strict: bool = False
    """Whether a problem in a single file fails the build."""
    cache: Path | None = None
    """Folder in which prepared articles are remembered. Default: `.newsarchive-cache`; none with `--no-cache`."""
    workers: int | str = field(default_factory=_cores)
    """Number of processes that prepare articles, or `dask:` and the address of a cluster's scheduler.

    Default: the machine's cores. The site does not depend on it.
    """
    engine: Engine = "fast"
    """How bodies are read: `fast`, or `reference` for every one by the slow way. The site does not depend on it."""
    page_size: int = 300
    """Most articles on one page of a listing."""
    home_latest: int = 10
    """Number of latest articles on the home page."""
    home_publishers: int = 12
    """Number of publishers on the home page; the rest stands on their own page."""
    earliest: int = 1990
    """First year in which an article of this archive can have been published; an earlier date is doubted."""
    latest: str | None = None
    """Last day on which one can have been published (`YYYY-MM-DD`); without it no date is too late."""
    limits: Limits = Limits()
    """Bounds on single files, see `Limits`."""
    budget: Budget = Budget()
    """What the site may weigh, see `Budget`."""

    @property
    def processes(self) -> int:
        """Number of processes of this machine, whoever else prepares articles."""
        return self.workers if isinstance(self.workers, int) else _cores()

    @property
    def cluster(self) -> str:
        """Address of the scheduler of the cluster that prepares articles; empty where this machine does."""
        return "" if isinstance(self.workers, int) else self.workers.removeprefix(CLUSTER)


def load_settings(path: Path | None = None, **overrides: object) -> Settings:
    """Read `site.yaml` and lay the command line's values over it.

    `path` is `site.yaml` in the working folder where it is None. An override that is None was not given;
    override paths are relative to the working folder. Without a build date the environment variable
    `SOURCE_DATE_EPOCH` gives one.

    Raises:
        SettingsError: the file is missing or not YAML.
        ManyErrors: values are wrong; all faults of the file and of the overrides together.
    """
    path = path or Path("site.yaml")
    if not path.is_file():
        raise SettingsError(
            path.as_posix(),
            "there is no such file",
            "run this in the archive's folder, or name its site.yaml with --config",
        )
    reader = _Reader(path, read_yaml(path, SettingsError))
    values = reader.values()
    given = {name: value for name, value in overrides.items() if value is not None}
    given.setdefault("build_date", values.get("build_date") or _environment_date())
    values |= reader.overrides({name: value for name, value in given.items() if value is not None})
    if reader.faults:
        raise ManyErrors(reader.faults)
    return _settings(path.parent, values)


def find_resource(root: Path, name: str) -> Path:
    """Find a template, static, rule or data file: in the archive's folder first, then in the package.

    `name` is relative with `/`, such as `templates/base.html`.

    Raises:
        SettingsError: neither place has the file, or the name leads out of them.
    """
    for folder in (root, package_resources()):
        if _is_inside(name) and (folder / name).is_file():
            return folder / name
    raise SettingsError(
        name, "is neither in the archive's folder nor in the package", f"put the file into {root.as_posix()}"
    )


def list_resources(root: Path, folder: str, suffix: str = "") -> dict[str, Path]:
    """List the files below a resource folder, the archive's own hiding the package's file by file.

    Gives name → path in the order of the names; a name is relative with `/` and begins with `folder`
    (`rules/platforms/wechat.yaml`). Hidden files are left out.
    """
    found: dict[str, Path] = {}
    for base in (package_resources(), root):
        for path in (base / folder).rglob(f"*{suffix}"):
            name = path.relative_to(base).as_posix()
            if path.is_file() and not any(part.startswith((".", "__")) for part in PurePosixPath(name).parts):
                found[name] = path
    return dict(sorted(found.items()))


def package_resources() -> Path:
    """Folder of the package's own templates, static files, rules and data.

    A wheel carries them in `newsarchive/resources`; in a checkout they are the top-level folders.
    """
    package = Path(__file__).resolve().parent
    inside = package / "resources"
    return inside if inside.is_dir() else package.parents[1]


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and "\\" not in name


def _environment_date() -> str | None:
    """Day of `SOURCE_DATE_EPOCH` in UTC.

    Source: reproducible-builds.org, SOURCE_DATE_EPOCH specification.
    """
    value = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not re.fullmatch(r"\d{1,11}", value):
        return None
    return datetime.fromtimestamp(int(value), UTC).date().isoformat()


def _settings(root: Path, values: Mapping[str, object]) -> Settings:
    complete = {"content": (root / "content",), "output": root / "site", "cache": root / CACHE_FOLDER, **values}
    complete["description"] = complete.get("description") or complete.get("tagline", "")
    return Settings(root=root, **complete)  # type: ignore[arg-type]


class _Reader:
    """Checks the values of one `site.yaml` and of the command line, collecting faults."""

    def __init__(self, path: Path, parsed: YamlFile) -> None:
        self.root = path.parent
        self.parsed = parsed
        self.faults: list[NewsArchiveError] = []

    def values(self) -> dict[str, object]:
        """The file's values, checked; a wrong one is left out and noted."""
        given = self._mapping(self.parsed.value)
        if "title" not in given and not self.faults:
            self.faults.append(
                SettingsError(self.parsed.where(), "`title` is missing", "add `title:` and the archive's name")
            )
        return self._checked(given, _CHECKS, ())

    def overrides(self, given: Mapping[str, object]) -> dict[str, object]:
        """The command line's values, checked the same way; relative paths stay relative to the working folder."""
        outcome: dict[str, object] = {}
        for name, value in given.items():
            try:
                outcome[name] = _CHECKS[name](_as_written(value), Path())
            except ValueError as fault:
                option = "--" + name.replace("_", "-")
                self.faults.append(SettingsError(option, str(fault), "correct the value on the command line"))
        return outcome

    def _mapping(self, value: object) -> dict[str, object]:
        if isinstance(value, dict):
            return value
        self.faults.append(
            SettingsError(self.parsed.where(), "holds no keys", "write `key: value` lines, at least `title:`")
        )
        return {}

    def _checked(
        self, given: Mapping[str, object], checks: Mapping[str, "_Check"], keys: tuple[str, ...]
    ) -> dict[str, object]:
        outcome: dict[str, object] = {}
        for name, value in given.items():
            where = self.parsed.where(*keys, name)
            if name in _GROUPS and not keys:
                outcome[name] = _GROUPS[name](**self._group(name, value))
            elif name not in checks:
                known = [*checks, *([] if keys else _GROUPS)]
                self.faults.append(SettingsError(where, f"unknown setting `{name}`", did_you_mean(name, known)))
            else:
                self._take(outcome, name, value, checks[name], where)
        return outcome

    def _group(self, name: str, value: object) -> dict[str, int]:
        checks = {option.name: _count for option in fields(_GROUPS[name])}
        if not isinstance(value, dict):
            self.faults.append(
                SettingsError(self.parsed.where(name), f"`{name}` is not a mapping", "indent its keys below it")
            )
            return {}
        checked = self._checked(value, checks, (name,))
        return {option: number for option, number in checked.items() if isinstance(number, int)}

    def _take(self, outcome: dict[str, object], name: str, value: object, check: "_Check", where: str) -> None:
        try:
            outcome[name] = check(value, self.root)
        except ValueError as fault:
            self.faults.append(
                SettingsError(where, f"`{name}` {fault}", "see the comments in site.yaml and docs/settings.md")
            )


_Check = Callable[[object, Path], object]
"""Takes a value as written and the folder that paths are relative to; raises ValueError with the finding."""


def _as_written(value: object) -> object:
    """Command-line values are paths or lists of them; `site.yaml` has strings."""
    if isinstance(value, (list, tuple)):
        return [_as_written(one) for one in value]
    return str(value) if isinstance(value, Path) else value


def _text(value: object, _: Path) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise ValueError(f"is {value!r}, not text")
    return value.strip()


def _name(value: object, root: Path) -> str:
    if text := _text(value, root):
        return text
    raise ValueError("is empty")


def _flag(value: object, _: Path) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"is {value!r}, neither true nor false")
    return value


def _count(value: object, _: Path) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(f"is {value!r}, not a whole number from 1")
    return value


def _workers(value: object, root: Path) -> int | str:
    if not isinstance(value, str):
        return _count(value, root)
    if not re.fullmatch(rf"{CLUSTER}(?:tcp|tls)://(?:\[[0-9a-fA-F:.]+\]|[^\s/:\[\]]+):\d{{1,5}}", value):
        raise ValueError(f"is {value!r}, neither a number of processes nor a cluster such as dask:tcp://host:8786")
    return value


def _year(value: object, root: Path) -> int:
    year = _count(value, root)
    if not 1000 <= year <= 9999:
        raise ValueError(f"is {year}, not a year of four digits")
    return year


def _language(value: object, root: Path) -> str:
    text = _text(value, root)
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}", text):
        raise ValueError(f"is {text!r}, not a language tag such as zh-Hans or en")
    return text


def _zone(value: object, root: Path) -> str:
    text = _text(value, root)
    try:
        ZoneInfo(text)
    except (ValueError, KeyError, OSError):
        raise ValueError(f"is {text!r}, not a time zone such as Asia/Shanghai") from None
    return text


def _address(value: object, root: Path) -> str:
    text = _text(value, root)
    if not text:
        return ""
    try:
        parts = urlsplit(text)
    except ValueError:
        raise ValueError(f"is {text!r}, not an address") from None
    if (
        parts.scheme not in ("http", "https")
        or not parts.netloc
        or parts.query
        or parts.fragment
        or re.search(r"\s", text)
    ):
        raise ValueError(f"is {text!r}, not an address such as https://example.org/archive/")
    return text if text.endswith("/") else text + "/"


def _day(value: object, root: Path) -> str | None:
    text = _text(value, root)
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).date().isoformat()
    except ValueError:
        raise ValueError(f"is {text!r}, not a day such as 2024-11-20") from None


def _folder(value: object, root: Path) -> Path:
    return root / _name(value, root)


def _folders(value: object, root: Path) -> tuple[Path, ...]:
    many = value if isinstance(value, list) else [value]
    if not many:
        raise ValueError("names no folder")
    return tuple(_folder(one, root) for one in many)


def _engine(value: object, _: Path) -> object:
    if value not in ("fast", "reference"):
        raise ValueError("is neither `fast` nor `reference`")
    return value


_GROUPS: "Mapping[str, type[Limits | Budget]]" = {"limits": Limits, "budget": Budget}
"""Keys of `site.yaml` whose values are keys with whole numbers of their own."""
_CHECKS: Mapping[str, _Check] = {
    "title": _name,
    "tagline": _text,
    "description": _text,
    "language": _language,
    "zone": _zone,
    "base_url": _address,
    "content": _folders,
    "output": _folder,
    "cache": _folder,
    "build_date": _day,
    "publisher_rules": _flag,
    "search": _flag,
    "strict": _flag,
    "workers": _workers,
    "engine": _engine,
    "page_size": _count,
    "home_latest": _count,
    "home_publishers": _count,
    "earliest": _year,
    "latest": _day,
}
