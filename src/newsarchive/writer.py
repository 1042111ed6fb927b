"""Stages the site beside the old one and swaps: what is published is always one whole site.

The stage lies in the same folder as the output, so that both are on one file system and a rename
is enough. Files that are not ours (`CNAME`, `.git`) are carried over; only what the old manifest
lists is left behind.
"""

import ctypes
import errno
import json
import os
import secrets
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from newsarchive.errors import OutputError, StaleFile
from newsarchive.manifest import MANIFEST, OWN, SUMS, Listed, listed_files, manifest_data, sums_data
from newsarchive.permalinks import safe_path

_STAGE_PREFIX = ".newsarchive-stage-"
_LINE_ENDS = str.maketrans({"\u2028": "\\u2028", "\u2029": "\\u2029", "\x85": "\\u0085"})
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


@dataclass(frozen=True, slots=True)
class OutputFile:
    """One file of the site."""

    path: str
    """Relative to the site's root; `permalinks.safe_path` holds for it."""
    data: bytes
    origin: str
    """What it was made of, for the error that names two inputs claiming one path."""
    sha256: str = ""
    """Hash of `data` where whoever made it knows it already."""


@dataclass(frozen=True, slots=True)
class KeptFile:
    """One file of the site whose bytes are those of the published site: taken over, not written."""

    path: str
    """As of an `OutputFile`; the published file has the same."""
    size: int
    """In bytes, as `manifest.published_files` gives it."""
    sha256: str
    """As `manifest.published_files` gives it."""
    origin: str
    """As of an `OutputFile`."""


@dataclass(frozen=True, slots=True)
class WriteReport:
    """What was written."""

    files: int
    """Files of the site, manifest and sums not counted."""
    bytes: int
    """Their size together."""


def write_site(files: Iterable[OutputFile | KeptFile], output: Path) -> WriteReport:
    """Write a whole site and put it in the place of the old one.

    A failure anywhere, one in `files` included, leaves the old site as it was and no stage behind.

    Raises:
        StaleFile: a kept file is not there as the manifest of the published site lists it.
        OutputError: the folder is not ours to write, two files claim one path, or the disk refuses.
    """
    output = output.resolve()
    check_output(output)
    with _disk_errors(output), _stage(output) as stage:
        written = _write_files(files, stage, output)
        _write_sums(written, stage)
        _carry_over(output, stage, {*written, *OWN})
        _swap(stage, output)
    return WriteReport(len(written), sum(each.size for each in written.values()))


def json_lines(rows: Iterable[Mapping[str, object]]) -> bytes:
    """Write one JSON object a line, in UTF-8; no character within a line ends it for any reader."""
    lines = (json.dumps(row, ensure_ascii=False).translate(_LINE_ENDS) + "\n" for row in rows)
    # A lone surrogate has no UTF-8; its backslash form is the JSON escape for it.
    return "".join(lines).encode("utf-8", "backslashreplace")


def check_output(output: Path, inputs: Sequence[Path] = ()) -> None:
    """Make sure that a site may be written to `output`, before any work is done.

    `inputs` are the folders that are read: the output may lie in one, but neither be nor hold it.

    Raises:
        OutputError: it may not; the error says why.
    """
    output = output.resolve()
    _refuse_large(output)
    for folder in inputs:
        _refuse_around(output, folder.resolve())
    if not output.exists():
        return
    if not output.is_dir():
        raise OutputError(str(output), "is no folder", "choose another output folder")
    if not (output / MANIFEST).is_file() and any(output.iterdir()):
        raise OutputError(
            str(output), "holds files but no manifest of ours", "empty it or choose another output folder"
        )
    _listed(output)


def _refuse_large(output: Path) -> None:
    with suppress(RuntimeError):  # a user without a home has none to protect
        home = Path.home().resolve()
        if output == home or output in home.parents:
            raise OutputError(str(output), "is or holds your home folder", "choose another output folder")
    if output.parent == output:
        raise OutputError(str(output), "is the root of the file system", "choose another output folder")


def _refuse_around(output: Path, folder: Path) -> None:
    if output == folder or output in folder.parents:
        raise OutputError(str(output), f"is or holds {folder}", "choose another output folder")


@contextmanager
def _disk_errors(output: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        place = str(error.filename or output)
        raise OutputError(place, error.strerror or str(error), "the old site is as it was") from error


@contextmanager
def _stage(output: Path) -> Iterator[Path]:
    output.parent.mkdir(parents=True, exist_ok=True)
    stage = output.parent / f"{_STAGE_PREFIX}{secrets.token_hex(6)}"
    stage.mkdir()
    try:
        yield stage
    finally:  # after a swap the stage holds the old site
        shutil.rmtree(stage, ignore_errors=True)


def _write_files(files: Iterable[OutputFile | KeptFile], stage: Path, output: Path) -> dict[str, Listed]:
    published = listed_files(output)
    written: dict[str, Listed] = {}
    origins: dict[str, str] = {}
    for file in files:
        _refuse_path(file, origins)
        if isinstance(file, KeptFile):
            written[file.path] = _keep(file, published.get(file.path), stage, output)
        else:
            _write(stage / file.path, file)
            written[file.path] = Listed(len(file.data), file.sha256 or sha256(file.data).hexdigest())
        origins[file.path] = file.origin
    return dict(sorted(written.items()))


def _keep(file: KeptFile, listed: Listed | None, stage: Path, output: Path) -> Listed:
    old = output / file.path
    if listed != (file.size, file.sha256) or not old.is_file() or old.stat().st_size != file.size:
        raise StaleFile(file.path, f"is not as it was published (from {file.origin})", "build again")
    _link(old, stage / file.path)
    return Listed(file.size, file.sha256)


def _refuse_path(file: OutputFile | KeptFile, origins: Mapping[str, str]) -> None:
    try:
        safe_path(file.path)
    except OutputError as error:
        raise OutputError(error.place, f"{error.finding} (from {file.origin})", error.remedy) from None
    if file.path in origins:
        raise OutputError(file.path, f"is claimed by {origins[file.path]} and by {file.origin}", "change one of them")


def _write(target: Path, file: OutputFile) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.data)
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        finding = f"is a file and a folder at once (from {file.origin})"
        raise OutputError(file.path, finding, "change one of them") from error


def _write_sums(written: Mapping[str, Listed], stage: Path) -> None:
    (stage / MANIFEST).write_bytes(manifest_data(written.items()))
    (stage / SUMS).write_bytes(sums_data(written.items()))


def _carry_over(output: Path, stage: Path, ours: set[str]) -> None:
    if not output.is_dir():
        return
    shutil.copymode(output, stage)
    old = _listed(output) | OWN
    for path in _foreign(output, old):
        if path in ours:
            raise OutputError(str(output / path), "is not ours, but a file of the site has its path", "move it away")
        _link(output / path, stage / path)


def _foreign(output: Path, listed: frozenset[str]) -> Iterator[str]:
    """Files, links and empty folders in the output that the old manifest does not list."""
    for folder, folders, files in os.walk(output):
        here = Path(folder)
        links = [name for name in folders if (here / name).is_symlink()]
        for name in sorted([*files, *links]):
            path = (here / name).relative_to(output).as_posix()
            if path not in listed:
                yield path
        if not folders and not files and here != output:
            yield here.relative_to(output).as_posix()


def _link(old: Path, new: Path) -> None:
    """Give a foreign file a second name in the stage: nothing is copied and the old site keeps its own."""
    if old.is_dir() and not old.is_symlink():
        new.mkdir(parents=True, exist_ok=True)
        return
    new.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(old, new, follow_symlinks=False)
    except (OSError, NotImplementedError):  # file systems without hard links
        shutil.copy2(old, new, follow_symlinks=False)


def _listed(output: Path) -> frozenset[str]:
    return frozenset(listed_files(output))


def _swap(stage: Path, output: Path) -> None:
    if not output.exists():
        stage.rename(output)
    elif not _exchange(stage, output):
        _rename_twice(stage, output)


def _exchange(stage: Path, output: Path) -> bool:
    """Exchange two folders in one step where the system can (Linux `renameat2`); tell whether it did."""
    if not sys.platform.startswith("linux"):
        return False
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    names = os.fsencode(stage), os.fsencode(output)
    if rename(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.EINVAL, errno.ENOSYS, errno.EPERM):  # file systems and sandboxes without it
        return False
    raise OSError(code, os.strerror(code), str(output))


def _rename_twice(stage: Path, output: Path) -> None:
    old = stage.with_name(stage.name + "-old")
    output.rename(old)
    try:
        stage.rename(output)
    except OSError:
        old.rename(output)
        raise
    old.rename(stage)
