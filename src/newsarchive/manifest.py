"""What a built site says of its own files: the manifest, the sums, and which of them still stand as written."""

import json
import os
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from stat import S_ISREG
from typing import NamedTuple

from newsarchive.errors import OutputError

MANIFEST = ".newsarchive-manifest.json"
"""Path, size and SHA-256 of every file of the site; its presence marks a folder as ours."""
SUMS = "SHA256SUMS"
"""The same sums, as `sha256sum --check` reads them."""
OWN = frozenset({MANIFEST, SUMS})
"""The two files that neither of them lists."""

_FORMAT = 1
_REMEDY = "remove the folder or choose another"


class Listed(NamedTuple):
    """What the manifest says of one file."""

    size: int
    """In bytes."""
    sha256: str
    """64 hexadecimal digits."""


def listed_files(output: Path) -> dict[str, Listed]:
    """Give path → size and hash of every file that the manifest of the site in `output` lists; none without one.

    Raises:
        OutputError: the manifest cannot be read.
    """
    manifest = output / MANIFEST
    if not manifest.is_file():
        return {}
    try:
        parsed = json.loads(manifest.read_bytes())
        if parsed["format"] != _FORMAT:
            raise OutputError(str(manifest), f"is of the format {parsed['format']!r}, which is not known", _REMEDY)
        return {str(each["path"]): Listed(int(each["size"]), str(each["sha256"])) for each in parsed["files"]}
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise OutputError(str(manifest), "cannot be read as a manifest", _REMEDY) from error


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
    for path, entry in _walk(os.fspath(output), ""):
        one = listed.get(path)
        if one is not None and _is_published(entry, one, written):
            found[path] = one
    return found


def manifest_data(files: Iterable[tuple[str, Listed]]) -> bytes:
    """Write the manifest of files in the order given."""
    listed = [{"path": path, "size": each.size, "sha256": each.sha256} for path, each in files]
    return (json.dumps({"format": _FORMAT, "files": listed}, ensure_ascii=False, indent=1) + "\n").encode()


def sums_data(files: Iterable[tuple[str, Listed]]) -> bytes:
    """Write the sums of files in the order given."""
    return "".join(f"{each.sha256}  {path}\n" for path, each in files).encode()


def _walk(folder: str, prefix: str) -> "Iterator[tuple[str, os.DirEntry[str]]]":
    """Every entry that is no folder, with its path within the site; links are not followed."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(entry.path, f"{prefix}{entry.name}/")
            else:
                yield prefix + entry.name, entry


def _is_published(entry: "os.DirEntry[str]", listed: Listed, written: int) -> bool:
    status = entry.stat(follow_symlinks=False)
    if not S_ISREG(status.st_mode) or status.st_size != listed.size:
        return False
    return status.st_mtime_ns <= written or sha256(Path(entry.path).read_bytes()).hexdigest() == listed.sha256
