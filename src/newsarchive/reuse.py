"""Planned files → files of the site: those kept that the published site has already, the others made in processes."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from hashlib import sha256
from itertools import groupby
from typing import NamedTuple, TypeVar

import msgspec

from newsarchive.cache import Cache
from newsarchive.guards import Failure
from newsarchive.manifest import Listed
from newsarchive.render.planned import PlannedFile, PlannedFiles
from newsarchive.streams import Pieces, StreamedFile, is_of, packed
from newsarchive.workers import can_fork, map_inputs
from newsarchive.writer import KeptFile, OutputFile

_PAGES, _STREAMS = "pages", "streams"
_Given = TypeVar("_Given")


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
    """Keeps, makes and remembers files: state, since what is made in this build is remembered for the next."""

    def __init__(self, store: Cache, site: bytes, published: Callable[[], Mapping[str, Listed]], workers: int) -> None:
        """`published` gives the files of the site as it stands; `site` is the fingerprint of what shapes all pages."""
        before = store.noted(_PAGES, Memory) or Memory(b"", {})
        self._before = before.files if before.site == site else {}
        self._now = Memory(site, {})
        self._pieces = store.noted(_STREAMS, dict[str, Pieces]) or {}
        self._published = published
        self._workers = workers
        self._store = store

    def settle(
        self, files: Iterable[OutputFile | KeptFile | StreamedFile | PlannedFile | PlannedFiles]
    ) -> Iterator[OutputFile | StreamedFile | KeptFile]:
        """Give every file; neighbouring ones of a kind are made together.

        What is published is asked for with the first file: whoever writes them holds the output by then.
        """
        published = self._published()
        for kind, group in groupby(files, key=type):
            if kind is PlannedFile:
                yield from self._planned([file for file in group if isinstance(file, PlannedFile)], published)
            elif kind is PlannedFiles:
                yield from self._together([each for each in group if isinstance(each, PlannedFiles)])
            elif kind is StreamedFile:
                yield from (self._streamed(file, published) for file in group if isinstance(file, StreamedFile))
            else:
                yield from (file for file in group if isinstance(file, (OutputFile, KeptFile)))

    def remember(self, pieces: Mapping[str, Pieces]) -> None:
        """Note what was made and kept, for the next build; `pieces` are those of streamed files that were written."""
        self._store.set_note(_PAGES, msgspec.json.encode(self._now))
        self._store.set_note(_STREAMS, msgspec.json.encode({**self._pieces, **pieces}))

    def _streamed(self, file: StreamedFile, published: Mapping[str, Listed]) -> StreamedFile | KeptFile:
        """Keep a file in which nothing changed; tell of another one what is remembered of it."""
        there, before = published.get(file.path), self._pieces.get(file.path)
        if not (there and before and before.sha256 == there.sha256 and is_of(before, there.size)):
            return file
        if all(file.keys) and packed(file.keys) == before.keys:
            return KeptFile(file.path, there.size, there.sha256, file.origin)
        return replace(file, before=before)

    def _together(self, planned: Sequence[PlannedFiles]) -> Iterator[OutputFile | KeptFile]:
        """Make some at a time, since they may be large."""
        for start in range(0, len(planned), self._workers):
            for files in _called([each.make for each in planned[start : start + self._workers]], self._workers):
                yield from files

    def _planned(
        self, files: Sequence[PlannedFile], published: Mapping[str, Listed]
    ) -> Iterator[OutputFile | KeptFile]:
        """Keep what can be kept, and make the others."""
        kept = [self._kept(file, published.get(file.path)) for file in files]
        missing = [file for file, old in zip(files, kept, strict=True) if old is None]
        made = _made(missing, self._workers)
        return self._noted(zip(files, (old or next(made) for old in kept), strict=True))

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


def _made(files: Sequence[PlannedFile], workers: int) -> Iterator[OutputFile]:
    def make(file: PlannedFile) -> tuple[bytes, str]:
        data = file.make()
        return data, sha256(data).hexdigest()

    made = _called([partial(make, file) for file in files], workers)
    return (OutputFile(file.path, data, file.origin, digest) for file, (data, digest) in zip(files, made, strict=True))


def _called(functions: Sequence[Callable[[], _Given]], workers: int) -> Iterator[_Given]:
    """Call functions, in processes where these share what was read; what fails there fails here, with all it tells."""

    def call(number: int) -> _Given:
        return functions[number]()

    numbers = range(len(functions))
    results = map_inputs(call, numbers, workers if can_fork() else 1, is_bounded=False)
    return (call(number) if isinstance(result, Failure) else result for number, result in enumerate(results))
