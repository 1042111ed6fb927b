"""Writes a whole site: every file into a stage, with manifest and sums, and the stage in the place of the old site.

What is published is one whole site at any time, the old one or the new one; files in it that are not ours stay.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from operator import attrgetter
from pathlib import Path
from stat import S_ISREG
from typing import NamedTuple, Self

from newsarchive.errors import OutputError, StaleFile
from newsarchive.foreign import carry_over, link
from newsarchive.guards import Failure
from newsarchive.manifest import MANIFEST, OWN, SUMS, Listed, WriteReport, listed_files, manifest_data, sums_data
from newsarchive.outputs import check_output
from newsarchive.permalinks import MAX_PATH, safe_path
from newsarchive.staging import PATIENCE, disk_errors, staged, swap
from newsarchive.streams import Pieces, StreamedFile, weave, write_all
from newsarchive.workers import Beside, can_fork

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


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


def write_site(
    files: Iterable[OutputFile | StreamedFile | KeptFile],
    output: Path,
    wait: Callable[[], None] = lambda: None,
    patience: float = PATIENCE,
    workers: int = 1,
) -> WriteReport:
    """Write a whole site and put it in the place of the old one.

    A failure anywhere, one in `files` included, leaves the old site as it was and no stage behind; what a killed build
    left is cleared first. `files` are taken while no other process can write there; `wait` is called where one does,
    for at most `patience` seconds. With more than one worker streamed files are written in a process of their own,
    while the files behind them are taken.

    Raises:
        StaleFile: a kept file is not there as the manifest of the published site lists it.
        OutputError: the folder is not ours to write, another build does not let go of it, two files claim one path,
            or the disk refuses.
    """
    check_output(output)
    output = output.resolve()
    with disk_errors(output), staged(output, wait, patience) as stage:
        check_output(output)  # another build may have come between
        published = listed_files(output)
        with _Writer(stage, output, published, workers) as writer:
            for file in files:
                writer.add(file)
            writer.end_streams()
        written = sorted(writer.written.values(), key=attrgetter("path"))
        (stage / MANIFEST).write_bytes(manifest_data(written))
        (stage / SUMS).write_bytes(sums_data(written))
        if output.is_dir():
            carry_over(output, stage, published.keys() | OWN, writer.written.keys() | OWN)
        swap(stage, output)
    return WriteReport(len(written), sum(each.size for each in written), writer.pieces)


class _Stream(NamedTuple):
    """A streamed file that is not written yet."""

    file: StreamedFile
    published: str
    """Where it may be published."""
    handle: int
    """Open for writing. Whoever writes it needs no name in the stage: all of those are made by one process."""


class _Writer:
    """Writes files into a stage; its state are the folders that are there and the files that were written."""

    def __init__(self, stage: Path, output: Path, published: Mapping[str, Listed], workers: int) -> None:
        self.written: dict[str, Listed] = {}
        """Path → what the manifest is to say of it, in the order of writing."""
        self.pieces: dict[str, Pieces] = {}
        """Of streamed files, by path."""
        self._stage = os.fspath(stage) + os.sep
        self._output = os.fspath(output) + os.sep
        self._published = published
        self._folders: set[str] = set()
        self._origins: dict[str, str] = {}
        self._streams: list[_Stream] = []
        self._beside: Beside[list[Pieces]] | None = None
        self._workers = workers
        self._opened = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End the process beside and close what it writes, before anybody clears the stage."""
        self._opened.close()

    def add(self, file: OutputFile | StreamedFile | KeptFile) -> None:
        """Write or keep one file."""
        self._refuse_path(file)
        try:
            self._make_folder(file.path.rpartition("/")[0])
            if isinstance(file, StreamedFile):
                self._open_stream(file)
            else:
                self._begin_streams()
                self.written[file.path] = self._keep(file) if isinstance(file, KeptFile) else self._write(file)
        except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
            finding = f"is a file and a folder at once (from {file.origin})"
            raise OutputError(file.path, finding, "change one of them") from error
        self._origins[file.path] = file.origin

    def _refuse_path(self, file: OutputFile | StreamedFile | KeptFile) -> None:
        folder, _, name = file.path.rpartition("/")
        try:
            # A folder that is there was let pass with the first file in it.
            safe_path(name if folder in self._folders and len(file.path) <= MAX_PATH else file.path)
        except OutputError as error:
            raise OutputError(repr(file.path), f"{error.finding} (from {file.origin})", error.remedy) from None
        if file.path in self._origins:
            both = f"{self._origins[file.path]} and by {file.origin}"
            raise OutputError(file.path, f"is claimed by {both}", "change one of them")

    def _make_folder(self, folder: str) -> None:
        if folder not in self._folders:
            Path(self._stage + folder).mkdir(parents=True, exist_ok=True)
            self._folders.add(folder)

    def _write(self, file: OutputFile) -> Listed:
        with self._created(file.path) as handle:
            write_all(handle, file.data)
        return Listed(file.path, len(file.data), file.sha256 or sha256(file.data).hexdigest())

    def _open_stream(self, file: StreamedFile) -> None:
        if self._beside:  # it writes what stood before
            self.end_streams()
        handle = self._opened.enter_context(self._created(file.path))
        self._streams.append(_Stream(file, self._output + file.path, handle))

    def _begin_streams(self) -> None:
        if self._streams and not self._beside and self._workers > 1 and can_fork():
            with suppress(OSError):  # where there is no room for another process, they are written here
                self._beside = Beside(partial(_woven, self._streams))
                self._opened.callback(self._beside.end)

    def end_streams(self) -> None:
        """Wait for the streamed files; where no process wrote them, or it failed, write them here."""
        result = self._beside.result() if self._beside else None
        woven = _woven(self._streams) if result is None or isinstance(result, Failure) else result
        self._opened.close()
        for stream, pieces in zip(self._streams, woven, strict=True):
            self._note(stream.file, pieces)
        self._streams, self._beside = [], None

    def _note(self, file: StreamedFile, pieces: Pieces) -> None:
        self.pieces[file.path] = pieces
        staged = Path(self._stage + file.path)
        if file.before and file.before.sha256 == pieces.sha256 and not staged.stat().st_size:
            staged.unlink()
            self.written[file.path] = self._keep(KeptFile(file.path, pieces.size, pieces.sha256, file.origin))
        else:
            self.written[file.path] = Listed(file.path, pieces.size, pieces.sha256)

    @contextmanager
    def _created(self, path: str) -> Iterator[int]:
        handle = os.open(self._stage + path, _CREATE, 0o666)
        try:
            yield handle
        finally:
            os.close(handle)

    def _keep(self, file: KeptFile) -> Listed:
        published = self._output + file.path
        listed = Listed(file.path, file.size, file.sha256)
        if self._published.get(file.path) != listed or not _has_size(published, file.size):
            raise StaleFile(file.path, f"is not as it was published (from {file.origin})", "build again")
        link(published, self._stage + file.path)
        return listed


def _woven(streams: Sequence[_Stream]) -> list[Pieces]:
    return [weave(*stream) for stream in streams]


def _has_size(path: str, size: int) -> bool:
    try:
        status = os.lstat(path)
    except OSError:
        return False
    return S_ISREG(status.st_mode) and status.st_size == size
