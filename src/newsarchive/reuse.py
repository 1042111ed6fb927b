"""Planned files → files of the site: those kept that the published site has already, the others made in processes."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import groupby
from typing import NamedTuple

import msgspec

from newsarchive.cache import Cache
from newsarchive.guards import Failure
from newsarchive.manifest import Listed
from newsarchive.render.planned import PlannedFile
from newsarchive.workers import can_fork, map_inputs
from newsarchive.writer import KeptFile, OutputFile, StreamedFile

FEW = 64
"""Pages that are made while data files are written; of more, whoever makes them would wait for that."""
_NOTE = "pages"


class Made(NamedTuple):
    """What is remembered of one planned file."""

    key: bytes
    sha256: str
    """Of the bytes that were made under the key, 64 hexadecimal digits."""


class Memory(NamedTuple):
    """What is remembered of all planned files of a build."""

    site: bytes
    """Fingerprint of what shapes all pages; under another one nothing holds."""
    files: dict[str, Made]
    """By path."""


class Reuse:
    """Keeps, makes and remembers planned files: state, since what is made in this build is remembered for the next."""

    def __init__(self, store: Cache, site: bytes, published: Callable[[], Mapping[str, Listed]], workers: int) -> None:
        """`published` gives the files of the site as it stands; `site` is the fingerprint of what shapes all pages."""
        before = store.noted(_NOTE, Memory) or Memory(b"", {})
        self._before = before.files if before.site == site else {}
        self._now = Memory(site, {})
        self._published = published
        self._workers = workers
        self._store = store

    def settle(
        self, files: Iterable[OutputFile | StreamedFile | PlannedFile]
    ) -> Iterator[OutputFile | StreamedFile | KeptFile]:
        """Give every file; neighbouring planned ones are made together, few of them while streamed ones are written.

        What is published is asked for with the first file: whoever writes them holds the output by then.
        """
        published = self._published()
        waiting: Iterator[OutputFile | KeptFile] = iter(())
        for planned, group in groupby(files, key=lambda file: isinstance(file, PlannedFile)):
            if planned:
                yield from waiting
                waiting, count = self._planned([file for file in group if isinstance(file, PlannedFile)], published)
                if count > FEW:
                    yield from waiting
            else:
                yield from _streams_first((file for file in group if not isinstance(file, PlannedFile)), waiting)
        yield from waiting

    def remember(self) -> None:
        """Note what was made and kept, for the next build."""
        self._store.set_note(_NOTE, msgspec.json.encode(self._now))

    def _planned(
        self, files: Sequence[PlannedFile], published: Mapping[str, Listed]
    ) -> tuple[Iterator[OutputFile | KeptFile], int]:
        """Begin to make what cannot be kept, and tell how many that are."""
        kept = [self._kept(file, published.get(file.path)) for file in files]
        missing = [file for file, old in zip(files, kept, strict=True) if old is None]
        made = _made(missing, self._workers)
        return self._noted(zip(files, (old or next(made) for old in kept), strict=True)), len(missing)

    def _noted(self, settled: Iterable[tuple[PlannedFile, OutputFile | KeptFile]]) -> Iterator[OutputFile | KeptFile]:
        for planned, file in settled:
            if planned.key:
                self._now.files[planned.path] = Made(planned.key, file.sha256)
            yield file

    def _kept(self, file: PlannedFile, there: Listed | None) -> KeptFile | None:
        before = self._before.get(file.path)
        if not (file.key and before and there and before.key == file.key and before.sha256 == there.sha256):
            return None
        return KeptFile(file.path, there.size, there.sha256, file.origin)


def _streams_first(
    files: Iterable[OutputFile | StreamedFile], waiting: Iterator[OutputFile | KeptFile]
) -> Iterator[OutputFile | StreamedFile | KeptFile]:
    """Streamed files as they come, any other behind the pages that are waited for."""
    for file in files:
        if isinstance(file, OutputFile):
            yield from waiting
        yield file


def _made(files: Sequence[PlannedFile], workers: int) -> Iterator[OutputFile]:
    """Make files, in processes where these share what was read; one that fails there fails here, with all it tells."""

    def make(number: int) -> tuple[bytes, str]:
        data = files[number].make()
        return data, sha256(data).hexdigest()

    def written(number: int, result: tuple[bytes, str] | Failure) -> OutputFile:
        data, digest = make(number) if isinstance(result, Failure) else result
        return OutputFile(files[number].path, data, files[number].origin, digest)

    numbers = range(len(files))
    return map(written, numbers, map_inputs(make, numbers, workers if can_fork() else 1, is_bounded=False))
