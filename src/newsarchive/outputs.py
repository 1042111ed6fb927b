"""Which folders a site may be written to: ours, or empty ones, and nothing that holds what must not be lost."""

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from newsarchive.errors import OutputError
from newsarchive.manifest import MANIFEST, listed_files

_OCTAL = re.compile(rb"\\([0-7]{3})")
_MOUNTS = Path("/proc/self/mountinfo")


def check_output(output: Path, inputs: Sequence[Path] = ()) -> None:
    """Make sure that a site may be written to `output`, before any work is done.

    `inputs` are the folders that are read: the output may lie in one, but neither be nor hold it.

    Raises:
        OutputError: it may not; the error says why.
    """
    if output.is_symlink():
        raise OutputError(str(output), "is a link, which cannot be swapped", f"write to {output.resolve()} itself")
    output = output.resolve()
    _refuse_large(output)
    for folder in inputs:
        _refuse_around(output, folder.resolve())
    if not output.exists():
        return
    if not output.is_dir():
        raise OutputError(str(output), "is no folder", "choose another output folder")
    _refuse_mounts(output)
    if not (output / MANIFEST).is_file() and any(output.iterdir()):
        raise OutputError(
            str(output), "holds files but no manifest of ours", "empty it or choose another output folder"
        )
    listed_files(output)


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


def _refuse_mounts(output: Path) -> None:
    """Refuse what cannot be swapped, or could be emptied with the old site: a mount point, or one below it."""
    mounts = _mounts()
    if output in mounts or os.path.ismount(output):
        raise OutputError(str(output), "is a mount point, which cannot be swapped", "choose a folder inside it")
    for mount in mounts:
        if output in mount.parents:
            raise OutputError(str(mount), "is mounted within the output folder", "mount it elsewhere")


def _mounts() -> frozenset[Path]:
    """Mount points of this machine, those of folders of the same file system too; none where it does not tell.

    Source: proc(5), /proc/pid/mountinfo: the fifth field, with white space in octal.
    """
    try:
        lines = _MOUNTS.read_bytes().splitlines()
    except OSError:
        return frozenset()
    return frozenset(Path(os.fsdecode(_OCTAL.sub(_byte, line.split()[4]))) for line in lines)


def _byte(match: "re.Match[bytes]") -> bytes:
    return bytes([int(match[1], 8)])
