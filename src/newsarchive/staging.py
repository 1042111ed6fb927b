"""The folder beside the output in which a site is staged: locked, swapped in as a whole, cleared after a kill.

    site/                              what is published
    .newsarchive-stage-site/           there while a build writes; after a kill the next build clears it
        lock                           held by the process that writes; by it we know the folder as ours
        swap-<old>-<new>               the journal: an empty file, made when the new site is complete
        new/                           the site as it grows; after an exchange the old one
        old/                           the old site, where two renames stand for the exchange

The end of a build and the recovery from a kill are one function, `_settle`. The journal is a name, since a name cannot
be cut short, and names both trees by inode, so that what lies where is never inferred from how far a build seems to
have come. Locks are those of the system (`fcntl.lockf`; `msvcrt.locking` on Windows): they end with their process
however it ends, and keep processes apart, not the threads of one.
"""

import ctypes
import errno
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

from newsarchive.errors import OutputError
from newsarchive.foreign import remove, retire

PATIENCE = 600.0
"""Most seconds that a build waits for another one to be done with the same output."""

_PREFIX = ".newsarchive-stage-"
_LOCK, _NEW, _OLD = "lock", "new", "old"
_SWAP = re.compile(r"swap-(\d+)-(\d+)")
_PAUSE = 0.05
_REMEDIES = {
    errno.ENOSPC: "make room on the disk",
    errno.EDQUOT: "make room in the quota",
    errno.EACCES: "let this user write there, or choose another output folder",
    errno.EPERM: "let this user write there, or choose another output folder",
    errno.EROFS: "choose an output folder that can be written",
    errno.EBUSY: "choose a folder inside it: what is mounted there cannot be swapped",
    errno.EXDEV: "choose another output folder: this one cannot be swapped in one piece",
}
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


@contextmanager
def staged(output: Path, wait: Callable[[], None], patience: float = PATIENCE) -> Iterator[Path]:
    """Give an empty folder to build a site in, and hold the output until it is left; then clear all but the site.

    `wait` is called once where another build holds the output.

    Raises:
        OutputError: the other build took more than `patience` seconds, or the folder beside the output is not ours.
        OSError: the disk refuses.
    """
    work = _work_folder(output)
    output.parent.mkdir(parents=True, exist_ok=True)
    lock = _acquire(work, output, wait, patience)
    try:
        _settle(work, output)
        stage = work / _NEW
        stage.mkdir()
        try:
            yield stage
        finally:
            _settle(work, output)
    finally:
        _release(work, lock)


def recover(output: Path) -> None:
    """Complete what a killed build left beside the output; nothing where none did, or where one is under way.

    Raises:
        OutputError: what it left cannot be read, or the disk refuses.
    """
    output = output.resolve()
    work = _work_folder(output)
    if not (work / _LOCK).is_file():
        return
    with disk_errors(output):
        lock = _try_lock(work)
        if lock is None:
            return
        try:
            _settle(work, output)
        finally:
            _release(work, lock)


@contextmanager
def disk_errors(output: Path) -> Iterator[None]:
    """Turn what the disk refuses into an error that names the place and tells what to do.

    Raises:
        OutputError: the disk refused something within.
    """
    try:
        yield
    except OSError as error:
        remedy = _REMEDIES.get(error.errno or 0, "")
        place = str(error.filename or output)
        told = f"{remedy}; the old site is as it was" if remedy else "the old site is as it was"
        raise OutputError(place, error.strerror or str(error), told) from error


def swap(stage: Path, output: Path) -> None:
    """Put a complete site in the place of the old one; a failure leaves the old one where it was.

    Raises:
        OSError: the system refuses.
    """
    if not output.exists():
        stage.rename(output)
        return
    (stage.parent / f"swap-{output.stat().st_ino}-{stage.stat().st_ino}").touch()
    if not _exchange(stage, output):
        _rename_twice(stage, output)


def _work_folder(output: Path) -> Path:
    return output.with_name(_PREFIX + output.name)


def _settle(work: Path, output: Path) -> None:
    """Leave the site published and nothing beside it, wherever the build stands or was killed."""
    journal = next((path for path in work.iterdir() if _SWAP.fullmatch(path.name)), None)
    if journal is not None:
        _settle_swap(work, output, *map(int, journal.name.split("-")[1:]))
        journal.unlink()
    for tree in (work / _NEW, work / _OLD):
        if tree.is_dir():
            remove(tree)


def _settle_swap(work: Path, output: Path, old: int, new: int) -> None:
    trees = {tree.stat().st_ino: tree for tree in (work / _NEW, work / _OLD) if tree.is_dir()}
    if not output.exists():  # killed between two renames
        tree = trees.pop(new, None) or trees.pop(old, None)
        if tree is not None:
            tree.rename(output)
            _sync(output.parent)
    if old in trees:
        retire(trees[old], output)


def _acquire(work: Path, output: Path, wait: Callable[[], None], patience: float) -> int:
    until = monotonic() + patience
    told = False
    while (lock := _try_lock(work)) is None:
        if monotonic() > until:
            raise OutputError(str(output), "another build is writing this site", "let it end, then build again")
        if not told:
            wait()
            told = True
        sleep(_PAUSE)
    return lock


def _try_lock(work: Path) -> int | None:
    """Make the folder where it is missing, and lock it; None where another process holds it, or just let go of it."""
    with suppress(FileExistsError):
        work.mkdir()
    _refuse_foreign(work)
    try:
        lock = os.open(work / _LOCK, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
    except FileNotFoundError:  # whoever held it removed the folder
        return None
    except OSError:
        with suppress(OSError):
            work.rmdir()
        raise
    try:
        if _lock(lock) and _is_named(lock, work / _LOCK):
            return lock
    except OSError as error:
        os.close(lock)
        finding = f"its file system has no locks ({error.strerror})"
        raise OutputError(str(work.parent), finding, "build on a local disk and copy the site") from error
    os.close(lock)
    return None


def _refuse_foreign(work: Path) -> None:
    with suppress(FileNotFoundError):
        if work.is_symlink() or ({path.name for path in work.iterdir()} or {_LOCK}).isdisjoint({_LOCK}):
            raise OutputError(str(work), "is in the way, and no build of ours made it", "move it away")


def _is_named(lock: int, path: Path) -> bool:
    """Whether the lock's file still has its name: whoever held it before may have removed it."""
    with suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(lock), path.stat())
    return False


def _release(work: Path, lock: int) -> None:
    """Let go of the lock, and remove the folder unless something is left in it that the next build is to clear."""
    if sys.platform == "win32":  # which removes no open file
        os.close(lock)
    with suppress(OSError):
        if [path.name for path in work.iterdir()] == [_LOCK]:
            (work / _LOCK).unlink()
    if sys.platform != "win32":
        os.close(lock)
    with suppress(OSError):  # another build may have made its lock in it
        work.rmdir()


if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> bool:
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True
else:
    import fcntl

    def _lock(file: int) -> bool:
        """Lock a file for this process alone, not for processes forked from it; tell whether nobody else holds it."""
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            return False
        return True


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
    """Do in two steps what an exchange does in one; the journal is on the disk before the first of them."""
    old = stage.with_name(_OLD)
    _sync(stage.parent)
    output.rename(old)
    try:
        stage.rename(output)
    except OSError:
        old.rename(output)
        raise
    _sync(output.parent)


def _sync(folder: Path) -> None:
    """Have the names in a folder written to the disk, where the system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
