"""What the cache gives was written as it is: anything else, whole by its sums or not, is nothing."""

import msgspec
import pytest
from msgspec.structs import replace

from factory import make_article
from newsarchive import cache
from newsarchive.article import Prepared, RemovedBlock
from newsarchive.cache import FILE, open_cache, unpack
from newsarchive.errors import OutputError
from newsarchive.packing import pack
from newsarchive.reuse import Memory
from newsarchive.sheets import Sheet, sheet_of

PAGE = 4096
"""Bytes that SQLite writes at a time."""
PREPARED = Prepared((make_article(text="样例正文。"),))


@pytest.fixture
def store():
    with open_cache(None) as opened:
        yield opened


@pytest.mark.parametrize("value", [b"{}", b"[1, 2]", b"\xff", b"", b"null"])
def test_a_note_of_another_kind_is_none(store, value):
    """Seen to stop the build where a note is decoded as it stands."""
    store.set_note("pages", value)
    assert store.noted("pages", Memory) is None
    store.set_note("pages", b'["", {}]')
    assert store.noted("pages", Memory) == Memory(b"", {})


@pytest.mark.parametrize("row", [b"", b"x", b"a\0b\0c", b"a\0b\0c\0d\0e"])
def test_a_row_without_the_parts_of_one_is_none(store, row):
    """Seen to stop the build in the middle of a data file where the parts are not counted."""
    packed = pack(PREPARED)
    store.add(b"key", packed)
    assert (store.record(b"key", 0), store.cells(b"key", 0)) == (packed.records, packed.cells)
    store.add(b"key", replace(packed, records=row, cells=row))
    assert (store.record(b"key", 0), store.cells(b"key", 0)) == (None, None)


@pytest.mark.parametrize(
    "html",
    [
        "<script>canary()</script>",
        "<p onclick=canary()>一</p>",
        '<p onclick="canary()">一</p>',
        '<p class="x"onclick="canary()">一</p>',
        '<a href="javascript:canary()" rel="">一</a>',
        '<a href="https://example.org/" onfocus="canary()">一</a>',
        "<p>一</p><svg/onload=canary()>",
        "<!-- 一 --><p>二</p>",
        '<p style="x">一</p>',
        "<p><",
    ],
)
def test_html_that_is_none_of_ours_is_none_whatever_its_sums_say(store, html):
    """Seen to reach the page where a sheet is taken as it was read."""
    packed = pack(PREPARED)
    store.add(b"key", packed)
    assert store.sheet(b"key", 0) == sheet_of(PREPARED.articles[0])
    store.add(b"key", replace(packed, sheets=msgspec.json.encode([Sheet((html,))])))
    assert store.sheet(b"key", 0) is None


@pytest.mark.parametrize("taken", [b"", b"[]", b'{"generic/a": [1]}', b"\xff"])
def test_removed_texts_of_another_kind_are_left_out(store, taken):
    """Seen to stop the build at the page of rules."""
    blocks = (RemovedBlock("generic/a", 1, "样例页眉", 0),)
    packed = pack(Prepared((make_article(removed=blocks),)))
    store.add(b"key", packed)
    assert dict(store.taken([b"key"])) == {b"key": {"generic/a": ["样例页眉"]}}
    assert dict(store.taken([b"other"])) == {}
    store.add(b"key", replace(packed, taken=taken))
    assert dict(store.taken([b"key"])) == {}


@pytest.mark.parametrize("lines", [b"{}\n", b"[]\n", b"\xff", b'{"id":"x"}\n'])
def test_audit_lines_of_another_kind_are_none(store, lines):
    """Seen to reach the data file where the lines are taken by their sums alone."""
    packed = pack(Prepared((make_article(removed=(RemovedBlock("generic/a", 1, "样例页眉", 0),)),)))
    store.add(b"key", packed)
    assert store.removed_lines(b"key") == packed.removed
    store.add(b"key", replace(packed, removed=lines))
    assert store.removed_lines(b"key") is None


@pytest.mark.parametrize("write", ["add", "forget_others", "set_note"])
def test_a_file_that_turns_out_damaged_where_it_is_written_is_made_anew(tmp_path, write):
    """Seen to end the build in an error of the database."""
    packed = pack(PREPARED)
    with open_cache(tmp_path) as store:
        for number in range(200):
            store.add(b"%d" % number, packed)
            store.set_note(f"{number}", bytes(100))
    file = tmp_path / FILE
    whole = file.read_bytes()
    for page in range(1, len(whole) // PAGE):
        file.write_bytes(whole[: page * PAGE] + bytes(PAGE) + whole[(page + 1) * PAGE :])
        with open_cache(tmp_path) as store:
            if write == "forget_others":
                store.forget_others([])
            elif write == "set_note":
                store.set_note("key", b"{}")
                assert store.note("key") == b"{}"
            else:
                store.add(b"key", packed)
                assert store.find([b"key"]) in ({}, {b"key": unpack(packed.light)})


def test_a_full_disk_is_told_with_a_remedy(tmp_path, monkeypatch):
    """Seen to end in an error of the database, which tells nobody what to do."""
    connected = getattr(cache, "_connected")  # noqa: B009  the disk is full for this test alone

    def small(file):
        database = connected(file)
        database.execute("PRAGMA max_page_count = 20")
        return database

    monkeypatch.setattr(cache, "_connected", small)
    told = r"memo\.sqlite: cannot be written .*; make room, or name another `--cache`"
    with open_cache(tmp_path) as store, pytest.raises(OutputError, match=told):
        store.set_note("large", bytes(1_000_000))
