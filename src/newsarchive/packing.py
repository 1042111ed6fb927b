"""What one content file gives, as the cache keeps it: parted by who asks for it, and read again."""

import msgspec
from msgspec.structs import replace

from newsarchive.article import Prepared, Value
from newsarchive.records import BETWEEN, cells_of, record_of
from newsarchive.removals import removed_lines, taken_of
from newsarchive.sheets import Sheet, is_ours, sheet_of

_pack = msgspec.json.Encoder().encode
_pack_bytes = msgspec.msgpack.Encoder().encode  # all are read in each build, and JSON writes bytes as letters
_unpack_sheets = msgspec.json.Decoder(tuple[Sheet, ...]).decode


class Packed(Value, frozen=True):
    """What one content file gives, as the cache holds it: JSON of a `Prepared`, and of what is beside it by story."""

    light: bytes
    shingles: bytes
    """MessagePack: it holds little but bytes, and all of it is read in each build that compares texts."""
    terms: bytes
    cells: bytes
    """One for each story, put together by `records.BETWEEN`."""
    tallies: bytes
    records: bytes
    """One for each story, put together by `records.BETWEEN`."""
    removed: bytes
    """As `removals.removed_lines` writes them."""
    taken: bytes
    """As `removals.taken_of` tells."""
    sheets: bytes


def pack(prepared: Prepared) -> Packed:
    """Part the bodies from what is held of all articles, and write both."""
    light = tuple(replace(article, body=None, shingles=None, terms=None, tallies=None) for article in prepared.articles)
    return Packed(
        light=_pack(Prepared(light, prepared.problems)),
        shingles=_pack_bytes([article.shingles for article in prepared.articles]),
        terms=_pack([article.terms for article in prepared.articles]),
        cells=BETWEEN.join(map(cells_of, prepared.articles)),
        tallies=_pack([article.tallies for article in prepared.articles]),
        records=BETWEEN.join(map(record_of, prepared.articles)),
        removed=removed_lines(prepared.articles),
        taken=_pack(taken_of(prepared.articles)),
        sheets=_pack(list(map(sheet_of, prepared.articles))),
    )


def unpack_sheet(sheets: bytes, number: int) -> Sheet | None:
    """Read one of the sheets that `pack` wrote, by its place; None where its HTML holds a tag that is none of ours."""
    sheet = _unpack_sheets(sheets)[number]
    return sheet if is_ours(sheet) else None
