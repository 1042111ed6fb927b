"""Files in the output that are not ours: taken into the new site as they are, and never removed with the old one.

Ours is what the manifest of a site lists, and the manifest and sums themselves; all else somebody else put there:
`CNAME`, `.git`, a folder of notes, a link.
"""

import errno
import os
import shutil
from collections.abc import Callable, Container
from contextlib import suppress
from filecmp import cmp
from pathlib import Path
from stat import S_IMODE

from newsarchive.errors import OutputError
from newsarchive.manifest import MANIFEST, OWN, SUMS, listed_files


def carry_over(output: Path, stage: Path, listed: Container[str], ours: Container[str]) -> None:
    """Give everything foreign in `output` a second name in `stage`; nothing is moved, and the old site keeps its own.

    `listed` are the paths of the old site, `ours` those of the new one. Links, empty folders, permissions and times
    stay as they are; where the file system has no hard links a file is copied.

    Raises:
        OutputError: a file of the site has the path of something foreign.
        OSError: the disk refuses.
    """
    _carry(output, stage, "", listed, ours)
    _copy_rights(output, stage)


def link(old: str, new: str) -> None:
    """Give a file a second name, or a copy where the file system has no hard links.

    Raises:
        OSError: the disk refuses, or `new` exists.
    """
    try:
        os.link(old, new, follow_symlinks=False)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError):
        if os.path.lexists(new):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), new) from None
        shutil.copy2(old, new, follow_symlinks=False)


def retire(tree: Path, site: Path) -> None:
    """Remove an old site that `site` has replaced, with nothing but what its own manifest lists.

    What is foreign in it and has no second name in `site` came while the two were swapped; it goes over, as if it
    had come just after. A retirement that ended half-way can be begun again: the manifest goes last.

    Raises:
        OutputError: its manifest cannot be read.
        OSError: the disk refuses.
    """
    listed = listed_files(tree).keys()

    def take(path: str, name: str) -> None:
        if path in listed:
            _unlink(path, name)
        elif path not in OWN:
            _hand_over(Path(name), site / path)

    _empty(os.fspath(tree), "", take)
    for own in (SUMS, MANIFEST):
        (tree / own).unlink(missing_ok=True)
    tree.rmdir()


def remove(tree: Path) -> None:
    """Remove a folder that nobody has seen: a stage, in which everything foreign has its first name elsewhere.

    Raises:
        OSError: the disk refuses.
    """
    _empty(os.fspath(tree), "", _unlink)
    tree.rmdir()


def _carry(old: Path, new: Path, prefix: str, listed: Container[str], ours: Container[str]) -> None:
    with os.scandir(old) as entries:
        for entry in entries:
            path = prefix + entry.name
            if entry.is_dir(follow_symlinks=False):
                _carry_folder(old / entry.name, new / entry.name, path, listed, ours)
            elif path not in listed:
                _carry_file(old / entry.name, new / entry.name, path, ours)


def _carry_folder(old: Path, new: Path, path: str, listed: Container[str], ours: Container[str]) -> None:
    shared = new.is_dir()
    if not shared and not any(old.iterdir()):
        _refuse_taken(old, path, ours)
        new.mkdir(parents=True)
    _carry(old, new, path + "/", listed, ours)
    if new.is_dir():
        _copy_rights(old, new)
        if not shared:
            shutil.copystat(old, new)


def _carry_file(old: Path, new: Path, path: str, ours: Container[str]) -> None:
    _refuse_taken(old, path, ours)
    try:
        new.parent.mkdir(parents=True, exist_ok=True)
        link(os.fspath(old), os.fspath(new))
    except (FileExistsError, NotADirectoryError) as error:
        raise _taken(old) from error


def _refuse_taken(old: Path, path: str, ours: Container[str]) -> None:
    if path in ours:
        raise _taken(old)


def _taken(old: Path) -> OutputError:
    return OutputError(str(old), "is not ours, but the site needs its path", "move it away")


def _copy_rights(old: Path, new: Path) -> None:
    """Give a folder the owner and permissions of another; the owner where we may."""
    before, now = old.stat(), new.stat()
    if hasattr(os, "chown") and (before.st_uid, before.st_gid) != (now.st_uid, now.st_gid):
        with suppress(OSError):
            os.chown(new, before.st_uid, before.st_gid)
    if before.st_mode != now.st_mode:
        new.chmod(S_IMODE(before.st_mode))


def _empty(folder: str, prefix: str, take: Callable[[str, str], None]) -> None:
    """Let `take` remove or move each file below a folder, given its path and its name; remove the folders in it."""
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        Path(folder).chmod(0o700)
    with os.scandir(folder) as entries:
        inside = list(entries)
    for entry in inside:
        if entry.is_dir(follow_symlinks=False):
            _empty(entry.path, f"{prefix}{entry.name}/", take)
            Path(entry.path).rmdir()
        else:
            take(prefix + entry.name, entry.path)


def _unlink(_: str, name: str) -> None:
    os.unlink(name)  # noqa: PTH108  a Path for each of ten thousand files takes as long as removing them


def _hand_over(old: Path, new: Path) -> None:
    if _is_same(old, new):
        old.unlink()
    else:
        new.parent.mkdir(parents=True, exist_ok=True)
        old.replace(new)


def _is_same(old: Path, new: Path) -> bool:
    """Whether `new` is a second name or a copy of `old`."""
    if not os.path.lexists(new):
        return False
    if os.path.samestat(old.lstat(), new.lstat()):
        return True
    if old.is_symlink() or new.is_symlink():
        return old.is_symlink() and new.is_symlink() and old.readlink() == new.readlink()
    return old.is_file() and new.is_file() and cmp(old, new, shallow=False)
