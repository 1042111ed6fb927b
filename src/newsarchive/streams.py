"""Files too large to be held: written piece by piece; pieces that did not change are copied from the published file.

Nothing of the published file is believed until its bytes have the hash that they were written with.
"""

import hashlib
import os
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b, sha256
from itertools import accumulate, groupby
from pathlib import Path
from typing import BinaryIO, NamedTuple

import msgspec

_KEY = 16
_UNKNOWN = bytes(_KEY)
_BLOCK = 1 << 20
_FEW = 16
"""Changed pieces up to which it is asked first whether their bytes changed."""
_encode = msgspec.msgpack.Encoder().encode


class Pieces(NamedTuple):
    """What is remembered of a file that was written piece by piece."""

    sha256: str
    """Of the whole file, 64 hexadecimal digits."""
    keys: bytes
    """16 bytes for each piece, in their order."""
    lengths: bytes
    """8 bytes for each piece: how many bytes it has, as this machine writes numbers."""

    @property
    def size(self) -> int:
        """Bytes of the whole file."""
        return sum(_numbers(self.lengths))


@dataclass(frozen=True, slots=True)
class StreamedFile:
    """One file of the site that is too large to be held: written piece by piece."""

    path: str
    """As of an `OutputFile`."""
    keys: Sequence[bytes]
    """One for each piece, as `key_of` gives it: while it stays the same, so do the bytes of the piece."""
    piece: Callable[[int], bytes]
    """Makes a piece by its number, from 0."""
    origin: str
    """As of an `OutputFile`."""
    before: Pieces | None = None
    """What is remembered of the file as it is published; None where nothing is, or it is published otherwise."""

    @property
    def data(self) -> bytes:
        """Its bytes, all at once."""
        return b"".join(map(self.piece, range(len(self.keys))))


def key_of(*told: object) -> bytes:
    """Form the key of a piece from all that shapes it, code and settings too; empty where that has no UTF-8."""
    try:
        return blake2b(_encode(told), digest_size=_KEY).digest()
    except UnicodeEncodeError:  # a lone surrogate of a name
        return b""


def packed(keys: Iterable[bytes]) -> bytes:
    """Put keys together as `Pieces` holds them."""
    return b"".join(key or _UNKNOWN for key in keys)


def is_of(before: Pieces, size: int) -> bool:
    """Whether what is remembered can be of a file of this size."""
    with suppress(ValueError):
        return before.size == size and len(_numbers(before.lengths)) * _KEY == len(before.keys)
    return False


def weave(file: StreamedFile, published: str, handle: int) -> Pieces:
    """Write a file to an open one that is its own, copying what did not change from the `published` one.

    Where it comes out that nothing changed, nothing is written, and the hash is that of the published file.

    Raises:
        OSError: the disk refuses.
    """
    _empty(handle)
    if file.before:
        with suppress(_UnlikeError), _opened(published) as source:
            return _rewoven(file, _Old(file.before, source), handle)
    new = _New(file, handle)
    new.make(range(len(file.keys)))
    return new.pieces()


def write_all(handle: int, data: bytes) -> None:
    """Write bytes to an open file, however many the system takes at once.

    Raises:
        OSError: the disk refuses.
    """
    left = memoryview(data)
    while left:
        left = left[os.write(handle, left) :]


class _UnlikeError(Exception):
    """The published file is not what is remembered of it, or has nothing of the new one."""


class _Run(NamedTuple):
    """Pieces that stand together in the published file as in the new one, or that it does not have."""

    first: int
    """Number of the first of them."""
    pieces: int
    old: int | None
    """Its number in the published file; None where that does not have them."""


class _Old:
    """The published file; state, since it is read here and there."""

    def __init__(self, before: Pieces, source: BinaryIO) -> None:
        self.lengths = _numbers(before.lengths)
        self.starts = list(accumulate(self.lengths, initial=0))
        self.sha256 = before.sha256
        self._keys = before.keys
        self._source = source

    @cached_property
    def numbers(self) -> dict[bytes, int]:
        """Number of each piece by its key."""
        return {self._keys[at * _KEY : (at + 1) * _KEY]: at for at in range(len(self.lengths))}

    def read(self, first: int, stop: int) -> Iterator[bytes]:
        """Give the bytes of some pieces in blocks."""
        left = self.starts[stop] - self.starts[first]
        try:
            self._source.seek(self.starts[first])
            while left:
                block = self._source.read(min(left, _BLOCK))
                if not block:
                    raise _UnlikeError
                left -= len(block)
                yield block
        except OSError as error:
            raise _UnlikeError from error

    def check(self, digest: "hashlib._Hash", first: int) -> None:
        """Refuse a file of another hash; `digest` is that of all before the first of these pieces."""
        for block in self.read(first, len(self.lengths)):
            digest.update(block)
        if digest.hexdigest() != self.sha256:
            raise _UnlikeError


class _New:
    """A file as it grows; state, since it is hashed as it is written."""

    def __init__(self, file: StreamedFile, handle: int) -> None:
        _empty(handle)
        self.digest = sha256()
        self._lengths = array("Q")
        self._file = file
        self._handle = handle

    def make(self, numbers: Iterable[int]) -> None:
        """Make some pieces and write them."""
        self._put(_blocks(map(self._made, numbers)))

    def copy(self, old: _Old, first: int, count: int) -> None:
        """Write some pieces of the published file."""
        self._put(old.read(first, first + count))
        self._lengths += old.lengths[first : first + count]

    def pieces(self) -> Pieces:
        """Tell what was written."""
        return Pieces(self.digest.hexdigest(), packed(self._file.keys), self._lengths.tobytes())

    def _made(self, number: int) -> bytes:
        data = self._file.piece(number)
        self._lengths.append(len(data))
        return data

    def _put(self, blocks: Iterable[bytes]) -> None:
        for block in blocks:
            write_all(self._handle, block)
            self.digest.update(block)


def _rewoven(file: StreamedFile, old: _Old, handle: int) -> Pieces:
    runs = list(_runs(file.keys, old.numbers))
    if _is_same(file, runs, old):
        old.check(sha256(), 0)
        return Pieces(old.sha256, packed(file.keys), old.lengths.tobytes())
    if all(run.old is None for run in runs):
        raise _UnlikeError
    new = _New(file, handle)
    # What both begin with is hashed once.
    lead = runs.pop(0).pieces if runs and runs[0].old == 0 else 0
    new.copy(old, 0, lead)
    old.check(new.digest.copy(), lead)
    for run in runs:
        if run.old is None:
            new.make(range(run.first, run.first + run.pieces))
        else:
            new.copy(old, run.old, run.pieces)
    return new.pieces()


def _runs(keys: Sequence[bytes], numbers: dict[bytes, int]) -> Iterator[_Run]:
    """Part the pieces into those that stand together in the published file, and those that it does not have."""
    olds = map(numbers.get, keys)
    for _, group in groupby(enumerate(olds), key=lambda pair: None if pair[1] is None else pair[1] - pair[0]):
        members = list(group)
        yield _Run(members[0][0], len(members), members[0][1])


def _is_same(file: StreamedFile, runs: Sequence[_Run], old: _Old) -> bool:
    """Whether the few pieces with another key have the bytes of those in their places, and no other moved."""
    changed = [run.first + number for run in runs if run.old is None for number in range(run.pieces)]
    if len(file.keys) != len(old.lengths) or len(changed) > _FEW:
        return False
    if any(run.old not in (None, run.first) for run in runs):
        return False
    return all(file.piece(number) == b"".join(old.read(number, number + 1)) for number in changed)


def _empty(handle: int) -> None:
    """Drop what a process that failed has left."""
    os.lseek(handle, 0, os.SEEK_SET)
    os.ftruncate(handle, 0)


def _opened(published: str) -> BinaryIO:
    try:
        return Path(published).open("rb", buffering=0)
    except OSError as error:
        raise _UnlikeError from error


def _numbers(lengths: bytes) -> "array[int]":
    numbers = array("Q")
    numbers.frombytes(lengths)
    return numbers


def _blocks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in blocks worth a call of the system."""
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= _BLOCK:
            yield b"".join(held)
            held, size = [], 0
    yield b"".join(held)
