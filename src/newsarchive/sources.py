"""Content folders → `Source`s: the content files in them, what lies beside each, and what is wrong there."""

import os
import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from newsarchive.article import Prepared, Problem, Value
from newsarchive.errors import ContentError, SettingsError
from newsarchive.settings import MAX_DEPTH, Settings
from newsarchive.sizes import read_within

SUFFIXES = (".md", ".markdown", ".html", ".htm", ".txt")
"""Suffixes, in any case, that make a file a candidate."""
SIDECAR_SUFFIXES = (".yaml", ".yml")
DEFAULTS = "_defaults.yaml"


class Source(Value, frozen=True):
    """One content file found, and the files of ours that add to it; paths are strings, since there are many."""

    folder: Path
    """Content folder it was found in."""
    path: str
    """Relative to the content folder, with `/`, NFC; what the archive calls the file."""
    place: str
    """Where it is read from; its name may be composed otherwise than `path`."""
    beside: str = ""
    """Where its sidecar is read from; empty where it has none."""
    defaults: tuple[str, ...] = ()
    """Every `_defaults.yaml` above the file, from the content folder down."""

    @property
    def file(self) -> Path:
        """`place` as a path."""
        return Path(self.place)

    @property
    def sidecar(self) -> Path | None:
        """`beside` as a path."""
        return Path(self.beside) if self.beside else None


def find_content(folders: Sequence[Path], skip: Sequence[Path] = ()) -> tuple[Source, ...]:
    """Find the content files below some folders, ordered by path.

    Left out are hidden files and folders, names that begin with `_`, folders that are symbolic links, links that
    lead out of their content folder, and what lies below the folders `skip` (the output folder, for one).

    Raises:
        SettingsError: a folder is missing, lies in another one, or two hold the same relative path.
    """
    _check_folders(folders)
    found: dict[str, Source] = {}
    for folder in _folders(folders, skip):
        for source in _sources(folder):
            if rival := found.get(source.path):
                place, other = _told_apart(source.file, rival.file)
                finding = f"has the same path within its content folder as {other}"
                raise SettingsError(place, finding, "rename one of them, or leave one folder out")
            found[source.path] = source
    return tuple(found[path] for path in sorted(found))


def quarantined(path: str, finding: str, kind: str = "unreadable") -> Prepared:
    """Give what is known of a content file that cannot be read: a problem and no article."""
    return Prepared(problems=(Problem(path, None, None, kind, finding, "quarantined"),))


def find_problems(folders: Sequence[Path], settings: Settings, skip: Sequence[Path] = ()) -> tuple[Problem, ...]:
    """Find what is wrong beside the content files.

    That is sidecars without one, broken defaults, links that lead out, and folders that cannot be read.
    """
    problems: list[Problem] = []
    for folder in _folders(folders, skip):
        if folder.fault:
            problems.append(Problem(_shown(folder.within), None, None, "folder", folder.fault, "left the folder out"))
        for entry in folder.files.values():
            if entry.name.endswith(SIDECAR_SUFFIXES) or entry.is_symlink():
                problems += _problems_of(folder, entry, settings)
    return tuple(sorted(problems, key=lambda problem: (problem.path, problem.line or 0, problem.message)))


@lru_cache(maxsize=256)
def defaults_of(data: bytes, name: str, settings: Settings) -> tuple[dict[str, object], tuple[Problem, ...]]:
    """Give fields and faults of one `_defaults.yaml`, known by its bytes: a folder of thousands has one."""
    from newsarchive.sidecars import read_sidecar  # noqa: PLC0415  few folders have any, and YAML loads slowly

    return read_sidecar(data, name, settings, "defaults")


def _check_folders(folders: Sequence[Path]) -> None:
    for folder in folders:
        if not folder.is_dir():
            raise SettingsError(folder.as_posix(), "there is no such content folder", "correct `content` or --content")
    places = [folder.resolve() for folder in folders]
    for number, place in enumerate(places):
        for other in places[:number]:
            if place.is_relative_to(other) or other.is_relative_to(place):
                finding = f"is the same folder as {other.as_posix()}, or one lies in the other"
                raise SettingsError(folders[number].as_posix(), finding, "name only one of them")


@dataclass(frozen=True, slots=True)
class _Folder:
    """One folder that was listed."""

    top: Path
    """The content folder that it lies in or is."""
    within: str
    """Its path within that, ending in `/`; empty for the content folder itself."""
    files: dict[str, os.DirEntry[str]]
    """What is no folder and not hidden, in the order of the names."""
    defaults: tuple[str, ...]
    """Every `_defaults.yaml` from the content folder down to it."""
    fault: str = ""
    """Why nothing is known of it, and what to do; empty for a folder that was listed."""


def _folders(tops: Sequence[Path], skip: Sequence[Path]) -> Iterator[_Folder]:
    """Every folder that is neither hidden nor left out, each before those in it, in the order of their names."""
    left_out = {os.path.realpath(place) for place in skip}
    for top in tops:
        yield from _listed(top, str(top), "", (), left_out)


def _listed(
    top: Path, place: str, within: str, defaults: tuple[str, ...], left_out: Collection[str]
) -> Iterator[_Folder]:
    if within.count("/") > MAX_DEPTH:
        yield _Folder(top, within, {}, (), f"lies more than {MAX_DEPTH} folders deep; move it up")
        return
    try:
        entries = sorted(os.scandir(place), key=lambda entry: entry.name)
    except OSError as fault:
        yield _Folder(top, within, {}, (), f"cannot be read ({fault.strerror}); check its permissions")
        return
    files: dict[str, os.DirEntry[str]] = {}
    inner: list[os.DirEntry[str]] = []
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if not _is(entry.is_dir):
            files[entry.name] = entry
        elif not entry.is_symlink() and not entry.name.startswith("_"):
            inner.append(entry)
    own = files.get(DEFAULTS)
    if own and _is(own.is_file) and not _leads_out(top, own):
        defaults = (*defaults, own.path)
    yield _Folder(top, within, files, defaults)
    for entry in inner:
        if os.path.realpath(entry.path) not in left_out:
            yield from _listed(top, entry.path, f"{within}{entry.name}/", defaults, left_out)


def _is(test: Callable[[], bool]) -> bool:
    """What the system says of an entry; False where it cannot, as of a link to itself."""
    try:
        return test()
    except OSError:
        return False


def _sources(folder: _Folder) -> Iterator[Source]:
    for name, entry in folder.files.items():
        stem, dot, suffix = name.rpartition(".")
        if dot + suffix.lower() in SUFFIXES and name[0] != "_" and not _leads_out(folder.top, entry):
            beside = _sidecar_of(folder, stem)
            yield Source(folder.top, _shown(folder.within + name), entry.path, beside, folder.defaults)


def relative_path(folder: Path, place: str) -> str:
    """Path of a file within its content folder, as the archive shows it."""
    return _shown(Path(place).relative_to(folder).as_posix())


def _shown(relative: str) -> str:
    """Path within the content folder in NFC, to be printable: what no text shows of a name is spelt out.

    That is bytes that are not UTF-8, controls, which could move a terminal's cursor, and what turns the direction.
    """
    if relative.isascii() and relative.isprintable():
        return relative
    decoded = os.fsencode(relative).decode("utf-8", "backslashreplace")
    composed = unicodedata.normalize("NFC", decoded)
    return _UNSEEN.sub(lambda unseen: unseen[0].encode("unicode_escape").decode("ascii"), composed)


def _told_apart(one: Path, other: Path) -> tuple[str, str]:
    """Two paths as a message names them; in escapes where they would look the same (an accent, composed or not)."""
    names = one.as_posix(), other.as_posix()
    alike = len({unicodedata.normalize("NFC", name) for name in names}) == 1
    return (ascii(names[0]), ascii(names[1])) if alike else names


_UNSEEN = re.compile("[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff]")


def _leads_out(top: Path, entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a link to something outside of its content folder."""
    if not entry.is_symlink():
        return False
    try:
        return not Path(entry.path).resolve().is_relative_to(top.resolve())
    except RuntimeError:  # a link to itself, before Python 3.13; whoever reads it is told
        return False


def _sidecar_of(folder: _Folder, stem: str) -> str:
    """Where the sidecar of a content file is read from; empty where there is none."""
    beside = (folder.files.get(stem + suffix) for suffix in SIDECAR_SUFFIXES)
    return next((one.path for one in beside if one and _is(one.is_file) and not _leads_out(folder.top, one)), "")


def _problems_of(folder: _Folder, entry: os.DirEntry[str], settings: Settings) -> list[Problem]:
    """Problems of a file that is a sidecar, holds defaults, or is a link."""
    name = _shown(folder.within + entry.name)
    stem, dot, suffix = entry.name.rpartition(".")
    if dot + suffix.lower() in (*SUFFIXES, *SIDECAR_SUFFIXES) and _leads_out(folder.top, entry):
        message = "is a symbolic link that leads out of the content folder"
        return [Problem(name, None, None, "link", message, "left the file out")]
    if entry.name == DEFAULTS:
        return _problems_of_defaults(entry.path, name, settings)
    if dot + suffix in SIDECAR_SUFFIXES and not entry.name.startswith("_") and not _has_content(folder, stem):
        message = "is a sidecar, but no content file of its name stands beside it"
        return [Problem(name, None, None, "sidecar", message, "left the file out")]
    return []


def _problems_of_defaults(place: str, name: str, settings: Settings) -> list[Problem]:
    from newsarchive.sidecars import left_out  # noqa: PLC0415  few folders have any, and YAML loads slowly

    try:
        data = read_within(place, name, settings.limits, "sidecar_bytes")
    except ContentError as fault:
        return [left_out(name, fault, "defaults")]
    return list(defaults_of(data, name, settings)[1])


def _has_content(folder: _Folder, stem: str) -> bool:
    return any(name.startswith(stem) and name[len(stem) :].lower() in SUFFIXES for name in folder.files)
