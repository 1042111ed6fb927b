"""What a built site says of its own files: the manifest, the sums, and which of them still stand as written."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from stat import S_ISREG

import msgspec

from newsarchive.errors import OutputError
from newsarchive.streams import Pieces

MANIFEST = ".newsarchive-manifest.json"
"""Path, size and SHA-256 of every file of the site; its presence marks a folder as ours."""
SUMS = "SHA256SUMS"
"""The same sums, as `sha256sum --check` reads them."""
OWN = frozenset({MANIFEST, SUMS})
"""The two files that neither of them lists."""

_FORMAT = 1
_REMEDY = "remove the folder or choose another"


class Listed(msgspec.Struct, frozen=True, gc=False):
    """What the manifest says of one file."""

    path: str
    """Relative to the site's root."""
    size: int
    """In bytes."""
    sha256: str
    """64 hexadecimal digits."""


class _Manifest(msgspec.Struct, frozen=True):
    format: int
    files: tuple[Listed, ...]


@dataclass(frozen=True, slots=True)
class WriteReport:
    """What was written."""

    files: int
    """Files of the site, manifest and sums not counted."""
    bytes: int
    """Their size together."""
    pieces: Mapping[str, Pieces] = field(default_factory=dict)
    """What is to be remembered of those that were written piece by piece, by path."""


def listed_files(output: Path) -> dict[str, Listed]:
    """Give path → size and hash of every file that the manifest of the site in `output` lists; none without one.

    Raises:
        OutputError: the manifest cannot be read.
    """
    manifest = output / MANIFEST
    if not manifest.is_file():
        return {}
    try:
        parsed = msgspec.json.decode(manifest.read_bytes(), type=_Manifest)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise OutputError(str(manifest), f"cannot be read as a manifest ({error})", _REMEDY) from error
    if parsed.format != _FORMAT:
        raise OutputError(str(manifest), f"is a manifest of the format {parsed.format}, which is not known", _REMEDY)
    return {each.path: each for each in parsed.files}


def published_files(output: Path) -> dict[str, Listed]:
    """Give those files of the manifest that are present with their size: what a next build may keep as it is.

    A file that was changed after the manifest was written is read, and left out where its hash differs.

    Raises:
        OutputError: the manifest cannot be read.
    """
    listed = listed_files(output)
    if not listed:
        return {}
    written = (output / MANIFEST).stat().st_mtime_ns
    found = {}
    for path, entry in _files(output):
        one = listed.get(path)
        if one is not None and _is_published(entry, one, written):
            found[path] = one
    return found


def manifest_data(files: Iterable[Listed]) -> bytes:
    """Write the manifest of files in the order given."""
    manifest = msgspec.json.encode(_Manifest(_FORMAT, tuple(files)))
    return msgspec.json.format(manifest, indent=1) + b"\n"


def sums_data(files: Iterable[Listed]) -> bytes:
    """Write the sums of files in the order given."""
    return "".join(f"{each.sha256}  {each.path}\n" for each in files).encode()


def _files(output: Path) -> "Iterator[tuple[str, os.DirEntry[str]]]":
    """Every entry below a folder that is no folder, with its path in it; links are not followed."""
    folders = [(os.fspath(output), "")]
    for folder, prefix in folders:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append((entry.path, f"{prefix}{entry.name}/"))
                else:
                    yield prefix + entry.name, entry


def _is_published(entry: "os.DirEntry[str]", listed: Listed, written: int) -> bool:
    status = entry.stat(follow_symlinks=False)
    if status.st_size != listed.size or not S_ISREG(status.st_mode):
        return False
    return status.st_mtime_ns <= written or sha256(Path(entry.path).read_bytes()).hexdigest() == listed.sha256
