"""Content folders → `Source`s; a source → `Document`: decoded, parted into fields and body, not interpreted.

A file's suffix only makes it a candidate; its content decides the shape. Content files are never written.
"""

import hashlib
import os
import re
import stat
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from newsarchive.article import Document, Problem, Shape
from newsarchive.decoding import decode
from newsarchive.errors import ContentError, SettingsError
from newsarchive.heads import FrontMatter, part_plain_front_matter
from newsarchive.settings import Engine, Limits, Settings
from newsarchive.sidecars import read_sidecar

SUFFIXES = (".md", ".markdown", ".html", ".htm", ".txt")
"""Suffixes, in any case, that make a file a candidate."""
SIDECAR_SUFFIXES = (".yaml", ".yml")
DEFAULTS = "_defaults.yaml"


@dataclass(frozen=True, slots=True)
class Source:
    """One content file found, and the files of ours that add to it."""

    folder: Path
    """Content folder it was found in."""
    path: str
    """Relative to the content folder, with `/`, NFC; what the archive calls the file."""
    file: Path
    """Where it is read from; its name may be composed otherwise than `path`."""
    sidecar: Path | None = None
    defaults: tuple[Path, ...] = ()
    """Every `_defaults.yaml` above the file, from the content folder down."""


def find_content(folders: Sequence[Path], skip: Sequence[Path] = ()) -> tuple[Source, ...]:
    """Find the content files below some folders, ordered by path.

    Left out are hidden files and folders, names that begin with `_`, folders that are symbolic links, links that
    lead out of their content folder, and what lies below the folders `skip` (the output folder, for one).

    Raises:
        SettingsError: a folder is missing, lies in another one, or two hold the same relative path.
    """
    _check_folders(folders)
    found: dict[str, Source] = {}
    for folder in folders:
        for source in _sources(folder, skip):
            if rival := found.get(source.path):
                place, other = _told_apart(source.file, rival.file)
                finding = f"has the same path within its content folder as {other}"
                raise SettingsError(place, finding, "rename one of them, or leave one folder out")
            found[source.path] = source
    return tuple(found[path] for path in sorted(found))


def find_problems(folders: Sequence[Path], settings: Settings, skip: Sequence[Path] = ()) -> tuple[Problem, ...]:
    """Find what is wrong beside the content files: sidecars without one, broken defaults, links that lead out."""
    problems: list[Problem] = []
    for folder in folders:
        for path in _files(folder, skip):
            problems += _problems_of(folder, path, settings)
    return tuple(sorted(problems, key=lambda problem: (problem.path, problem.line or 0, problem.message)))


def load_document(source: Source, settings: Settings) -> Document:
    """Read one content file with its sidecar and the defaults of its folders.

    Raises:
        ContentError: the file cannot be read, is binary, too large, or in an unknown encoding.
    """
    data = _read(source, settings.limits)
    decoded = decode(data, source.path)
    if decoded.text.count("\n") >= settings.limits.lines:
        raise ContentError(source.path, f"has more than {settings.limits.lines} lines", _RAISE_LIMIT.format("lines"))
    front = _part(decoded.text, source.path, settings.engine)
    sidecar, problems = _sidecar(source, settings)
    if decoded.remark:
        problems = (Problem(source.path, None, None, "encoding", decoded.remark, "published with doubt"), *problems)
    return Document(
        path=source.path,
        sha256=hashlib.sha256(data).hexdigest(),
        shape=shape_of(front.body, source.path, has_front=front.present),
        encoding=decoded.encoding,
        front=front.fields,
        sidecar=sidecar,
        defaults=_defaults(source, settings),
        body=front.body,
        body_line=front.body_line,
        problems=(*problems, *front.problems),
        front_places=front.places,
    )


def _part(text: str, path: str, engine: Engine) -> FrontMatter:
    front = part_plain_front_matter(text) if engine == "fast" else None
    if front is not None:
        return front
    from newsarchive.fields import part_front_matter  # noqa: PLC0415  few files need YAML, which loads slowly

    return part_front_matter(text, path)


_BLOCK_TAGS = (
    "address article aside blockquote center dd div dl dt figure footer h[1-6] header main nav ol p section table"
)
_BLOCK_TAG = re.compile(rf"</?(?:{_BLOCK_TAGS.replace(' ', '|')}|t[drh]|tbody|thead|tr|ul|li|span|br)\b", re.IGNORECASE)
_MAY_BE_TAG = re.compile(r"<(?!https?:)[a-zA-Z/!?]")
"""Without any of these a body holds no HTML, only signs and addresses in angle brackets."""
_OPENS_WITH_TAG = re.compile(
    r"\s*(?:<!--.{0,4000}?-->\s*)*<(?!https?:)[a-z][a-z0-9]*(?:\s[^<]*)?/?>", re.IGNORECASE | re.DOTALL
)
_PAGE_START = r"<(?:!doctype\s+html|html|head|body)\b[^<]*>"
_OPENS_PAGE = re.compile(
    rf"\s*(?:<\?xml.{{0,200}}?\?>\s*|<!--.{{0,4000}}?-->\s*)*{_PAGE_START}", re.IGNORECASE | re.DOTALL
)
_HOLDS_PAGE = re.compile(_PAGE_START, re.IGNORECASE)
_CODE = re.compile(r"^ {0,3}(`{3,9}|~{3,9}).*?^ {0,3}\1|`[^`\n]+`", re.MULTILINE | re.DOTALL)
_MARK = re.compile(
    r"^#{1,6} \S|!?\[[^\[\]\n]{0,300}\]\([^)\s]|^ {0,3}[-*+] \S|^> |\*\*\S|^ {0,3}(?:```|~~~)", re.MULTILINE
)
_CLEAR_MARK = re.compile(r"^#{1,6} \S|!\[[^\[\]\n]{0,300}\]\([^)\s]|\[[^\[\]\n]{1,300}\]\(https?:", re.MULTILINE)


def shape_of(body: str, path: str, *, has_front: bool) -> Shape:
    """Decide what a body holds, by its content; the suffix only tips what the content leaves open."""
    suffix = os.path.splitext(path)[1].lower()  # noqa: PTH122  a path object costs more than all else here
    is_html = suffix in (".html", ".htm")
    if not _MAY_BE_TAG.search(body):
        return "markdown" if has_front or suffix in (".md", ".markdown") or _CLEAR_MARK.search(body) else "text"
    if _OPENS_PAGE.match(body[:10_000]) or (is_html and _HOLDS_PAGE.search(body[:10_000])):
        return "page"
    if _is_fragment(body, is_html=is_html):
        return "fragment"
    if has_front or suffix in (".md", ".markdown") or _CLEAR_MARK.search(body):
        return "markdown"
    return "text"


def _is_fragment(body: str, *, is_html: bool) -> bool:
    """Whether HTML carries the text; tags in code and a few between Markdown do not."""
    prose = _CODE.sub("", body)
    tags = len(_BLOCK_TAG.findall(prose))
    marks = len(_MARK.findall(prose))
    if is_html:
        return tags > 0
    opens = bool(_OPENS_WITH_TAG.match(prose[:5_000]))
    return (opens and tags > marks) or (tags >= 4 and tags > 4 * marks and tags >= _lines(prose) / 4)


def _lines(text: str) -> int:
    return sum(bool(line.strip()) for line in text.split("\n"))


_RAISE_LIMIT = "raise `limits.{}` in site.yaml if it is a real article"


def _read(source: Source, limits: Limits) -> bytes:
    try:
        state = source.file.stat()
        if not stat.S_ISREG(state.st_mode):
            raise ContentError(source.path, "is no regular file", "leave pipes and devices out of the content folder")
        if state.st_size > limits.file_bytes:
            finding = f"is larger than {limits.file_bytes} bytes"
            raise ContentError(source.path, finding, _RAISE_LIMIT.format("file_bytes"))
        return source.file.read_bytes()
    except OSError as fault:
        raise ContentError(source.path, f"cannot be read ({fault.strerror})", "check the file's permissions") from None


def _sidecar(source: Source, settings: Settings) -> tuple[dict[str, object], tuple[Problem, ...]]:
    if source.sidecar is None:
        return {}, ()
    return read_sidecar(source.sidecar, _relative(source.folder, source.sidecar), settings)


def _defaults(source: Source, settings: Settings) -> dict[str, object]:
    """Fields of the folders above, the nearest winning; their faults are told once by `find_problems`."""
    fields: dict[str, object] = {}
    for path in source.defaults:
        fields |= read_sidecar(path, _relative(source.folder, path), settings, "defaults")[0]
    return fields


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


def _sources(folder: Path, skip: Sequence[Path]) -> Iterator[Source]:
    for path in _files(folder, skip):
        if path.suffix.lower() in SUFFIXES and not path.name.startswith("_") and not _leads_out(folder, path):
            defaults = tuple(_defaults_above(folder, path))
            yield Source(folder, _relative(folder, path), path, _sidecar_of(folder, path), defaults)


def _files(folder: Path, skip: Sequence[Path]) -> Iterator[Path]:
    """Files below a folder that are not hidden, in the order of their names."""
    left_out = {place.resolve() for place in skip}
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(
            name for name in folders if not name.startswith((".", "_")) and Path(place, name).resolve() not in left_out
        )
        yield from (Path(place, name) for name in sorted(names) if not name.startswith("."))


def _relative(folder: Path, path: Path) -> str:
    """Path within the content folder in NFC, to be printable: what no text shows of a name is spelt out.

    That is bytes that are not UTF-8, controls, which could move a terminal's cursor, and what turns the direction.
    """
    relative = os.fsencode(path.relative_to(folder).as_posix()).decode("utf-8", "backslashreplace")
    composed = unicodedata.normalize("NFC", relative)
    return _UNSEEN.sub(lambda unseen: unseen[0].encode("unicode_escape").decode("ascii"), composed)


def _told_apart(one: Path, other: Path) -> tuple[str, str]:
    """Two paths as a message names them; in escapes where they would look the same (an accent, composed or not)."""
    names = one.as_posix(), other.as_posix()
    alike = len({unicodedata.normalize("NFC", name) for name in names}) == 1
    return (ascii(names[0]), ascii(names[1])) if alike else names


_UNSEEN = re.compile("[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff]")


def _leads_out(folder: Path, path: Path) -> bool:
    if not path.is_symlink():
        return False
    try:
        return not path.resolve().is_relative_to(folder.resolve())
    except RuntimeError:  # a link to itself, before Python 3.13; whoever reads it is told
        return False


def _sidecar_of(folder: Path, path: Path) -> Path | None:
    beside = (path.with_suffix(suffix) for suffix in SIDECAR_SUFFIXES)
    return next((one for one in beside if one.is_file() and not _leads_out(folder, one)), None)


def _defaults_above(folder: Path, path: Path) -> Iterator[Path]:
    parents = [parent for parent in path.parents if parent == folder or parent.is_relative_to(folder)]
    above = (parent / DEFAULTS for parent in reversed(parents))
    yield from (one for one in above if one.is_file() and not _leads_out(folder, one))


def _problems_of(folder: Path, path: Path, settings: Settings) -> list[Problem]:
    name = _relative(folder, path)
    if path.suffix.lower() in (*SUFFIXES, *SIDECAR_SUFFIXES) and _leads_out(folder, path):
        message = "is a symbolic link that leads out of the content folder"
        return [Problem(name, None, None, "link", message, "left the file out")]
    if path.name == DEFAULTS:
        return list(read_sidecar(path, name, settings, "defaults")[1])
    if path.suffix in SIDECAR_SUFFIXES and not path.name.startswith("_") and not _has_content(path):
        message = "is a sidecar, but no content file of its name stands beside it"
        return [Problem(name, None, None, "sidecar", message, "left the file out")]
    return []


def _has_content(sidecar: Path) -> bool:
    return any(one.suffix.lower() in SUFFIXES and one.stem == sidecar.stem for one in sidecar.parent.iterdir())
