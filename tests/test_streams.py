"""Files written piece by piece: whatever stays, goes, comes or moves, the bytes are those of one written anew."""

import os
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive import streams
from newsarchive.streams import StreamedFile, is_of, key_of, packed, weave

ROWS = st.lists(st.integers(0, 30), max_size=40)
MANY = list(range(40))


def bytes_of(row):
    return b"row %d\n" % row * (row % 5)


def file_of(rows, before=None, made=None):
    """A file with a piece for each number; `made` gathers those that were asked for."""

    def piece(number):
        if made is not None:
            made.append(rows[number])
        return bytes_of(rows[number])

    return StreamedFile("data/a.jsonl", [key_of(row) for row in rows], piece, "a test", before)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("streams")


def written(file, folder, name="new"):
    """Weave a file, with the published one as `old`; what is remembered of it and its bytes."""
    handle = os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    try:
        os.write(handle, b"left by a process that failed")
        pieces = weave(file, os.fspath(folder / "old"), handle)
    finally:
        os.close(handle)
    return pieces, (folder / name).read_bytes()


def published(rows, folder):
    return written(file_of(rows), folder, "old")[0]


def check(pieces, data, rows):
    whole = b"".join(map(bytes_of, rows))
    assert data == whole
    assert pieces.sha256 == sha256(whole).hexdigest()
    assert (pieces.keys, pieces.size) == (packed(map(key_of, rows)), len(whole))
    assert is_of(pieces, len(whole))


@given(old=ROWS, new=ROWS)
def test_a_woven_file_is_the_one_written_anew(folder, old, new):
    before = published(old, folder)
    pieces, data = written(file_of(new, before), folder)
    if pieces.sha256 == before.sha256:
        data = (folder / "old").read_bytes()
    check(pieces, data, new)


@given(old=st.permutations(MANY), gone=st.integers(0, 39), come=st.integers(0, 39))
def test_only_pieces_that_are_new_are_made(folder, old, gone, come):
    before = published(old, folder)
    new = [row for row in old if row != gone]
    new.insert(come, 99)
    made = []
    pieces, data = written(file_of(new, before, made), folder)
    check(pieces, data, new)
    assert set(made) == {99}


@pytest.mark.parametrize(
    "damage", [lambda data: b"R" + data[1:], lambda data: data[:-1] + b"\r", lambda data: data[:9]]
)
@pytest.mark.parametrize("new", [[*MANY, 99], [99, *MANY], MANY[20:] + MANY[:20]])
def test_a_published_file_that_is_not_what_was_written_is_not_believed(folder, damage, new):
    """Seen to fail without the hash of the published file: the damage was copied, and got a sum of its own."""
    before = published(MANY, folder)
    (folder / "old").write_bytes(damage((folder / "old").read_bytes()))
    check(*written(file_of(new, before), folder), new)


def test_a_published_file_that_is_gone_or_cannot_be_read_is_not_needed(folder):
    before = published(MANY, folder)
    (folder / "old").unlink()
    check(*written(file_of([*MANY, 99], before), folder), [*MANY, 99])
    (folder / "old").mkdir()
    check(*written(file_of([*MANY, 99], before), folder), [*MANY, 99])
    (folder / "old").rmdir()


def test_a_piece_with_another_key_and_the_same_bytes_leaves_the_file_as_it_is(folder):
    before = published(MANY, folder)
    keys = [*map(key_of, MANY[:-1]), key_of("another")]
    pieces, data = written(replace(file_of(MANY, before), keys=keys), folder)
    assert (pieces.sha256, pieces.lengths, pieces.keys) == (before.sha256, before.lengths, packed(keys))
    assert data == b""


def test_a_damaged_file_with_other_keys_and_the_same_bytes_is_not_believed(folder):
    """Seen to be left as it was, under the hash of what it had been, where nobody read it."""
    before = published(MANY, folder)
    data = bytearray((folder / "old").read_bytes())
    data[-1] ^= 1
    (folder / "old").write_bytes(data)
    keys = [*map(key_of, MANY[:-1]), key_of("another")]
    pieces, made = written(replace(file_of([*MANY[:-1], 98], before), keys=keys), folder)
    assert made == b"".join(map(bytes_of, [*MANY[:-1], 98]))
    assert pieces.sha256 == sha256(made).hexdigest()
    pieces, made = written(replace(file_of(MANY, before), keys=[key_of(number, "new") for number in MANY]), folder)
    assert made == b"".join(map(bytes_of, MANY))


def test_a_piece_without_a_key_is_made_each_time(folder):
    file = file_of(MANY)
    before, _ = written(replace(file, keys=[b"", *file.keys[1:]]), folder, "old")
    made = []
    again = file_of([*MANY, 99], before, made)
    check_bytes = written(replace(again, keys=[b"", *again.keys[1:]]), folder)[1]
    assert check_bytes == b"".join(map(bytes_of, [*MANY, 99]))
    assert set(made) == {0, 99}


def test_more_than_is_read_at_once_is_copied_whole(folder, monkeypatch):
    monkeypatch.setattr(streams, "_BLOCK", 7)
    before = published(MANY, folder)
    new = [*MANY[:20], 99, *MANY[20:]]
    check(*written(file_of(new, before), folder), new)


def test_a_key_tells_all_that_shapes_a_piece_apart():
    told = [(b"a", 1, "b", ("c",)), (b"a", 1, "bc", ()), (b"a", 11, "b", ("c",)), (b"a", 1, "b", ("c", "")), ()]
    assert len({key_of(*each) for each in told}) == len(told)
    assert key_of("\ud800") == b""


@pytest.mark.parametrize(
    ("keys", "lengths", "size"), [(b"k" * 16, b"\0" * 7, 0), (b"k" * 16, b"\0" * 16, 0), (b"k" * 16, b"\0" * 8, 1)]
)
def test_what_cannot_be_of_a_file_is_told(keys, lengths, size):
    assert not is_of(streams.Pieces("0" * 64, keys, lengths), size)
