"""What the cache gives was written as it is: anything else, whole by its sums or not, is nothing."""

import pytest
from msgspec.structs import replace

from factory import make_article
from newsarchive.article import Prepared
from newsarchive.cache import open_cache, pack
from newsarchive.reuse import Memory

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
    assert (store.record(b"key", 0), store.all_cells()(b"key", 0)) == (packed.records, packed.cells)
    store.add(b"key", replace(packed, records=row, cells=row))
    assert (store.record(b"key", 0), store.all_cells()(b"key", 0)) == (None, None)
