"""What the first bytes of a picture tell: its type, its size in pixels, whether it moves.

Only headers are read, so that a build needs no library that decodes pictures, and none that a picture
made for the purpose could harm. The types are those that every browser shows and that carry no script.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["png", "jpg", "gif", "webp"]
"""Type of a picture, as the suffix of its file."""

MEDIA_TYPES = {"png": "image/png", "jpg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"}
"""Type of a picture → its media type."""

_PNG = b"\x89PNG\r\n\x1a\n"
_ENDS = {"png": b"IEND", "jpg": b"\xff\xd9", "gif": b";"}
_TAIL = 65_536
"""Bytes at the end among which a picture's last mark is looked for: some programs write more behind it."""
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
"""Markers of a JPEG file that begin a frame; the three left out share their range and mean something else."""
_BARE = {0x01, *range(0xD0, 0xD9)}
"""Markers that nothing follows."""
_ORIENTATION = 0x0112
_STANDS_ON_ITS_SIDE = range(5, 9)
"""Values of the orientation in which a camera was held upright: width and height change places."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a picture says of itself."""

    kind: Kind
    width: int | None
    """Pixels as shown, an orientation told by a camera counted in; None where the header is broken."""
    height: int | None
    animated: bool = False


def kind_of(data: bytes) -> Kind | None:
    """Tell the type by the first bytes, whatever a name or a server says; None for what is no such picture."""
    if data.startswith(_PNG):
        return "png"
    if data.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    return "webp" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else None


def read_header(data: bytes) -> Header | None:
    """Read type and size; None for what is no picture. A broken header gives a picture of unknown size.

    Source: W3C PNG (third edition) 11.2.1 and 11.3.3.1; ITU-T T.81 B.2.2; GIF89a 18 to 25; RFC 9649.
    """
    kind = kind_of(data)
    if kind is None:
        return None
    try:
        header = {"png": _png, "jpg": _jpeg, "gif": _gif, "webp": _webp}[kind](data)
    except (struct.error, IndexError):
        return Header(kind, None, None)
    return header if header.width and header.height else Header(kind, None, None)


def is_whole(data: bytes) -> bool:
    """True where a picture has its end, False where it was broken off; a guess by the mark that ends its type."""
    kind = kind_of(data)
    if kind == "webp":
        return len(data) >= 12 and len(data) >= int.from_bytes(data[4:8], "little") + 8
    return kind is not None and _ENDS[kind] in data[-_TAIL:]


def _png(data: bytes) -> Header:
    width, height = struct.unpack(">II", data[16:24])
    # The chunk that tells of an animation stands before the first one of data.
    return Header("png", width, height, animated=b"acTL" in data[: data.find(b"IDAT")])


def _jpeg(data: bytes) -> Header:
    upright = True
    for marker, start, end in _segments(data):
        if marker == 0xE1 and data[start : start + 6] == b"Exif\0\0":
            upright = _orientation(data[start + 6 : end]) not in _STANDS_ON_ITS_SIDE
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", data[start + 1 : start + 5])
            return Header("jpg", *((width, height) if upright else (height, width)))
    return Header("jpg", None, None)


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, start and end of each segment before the compressed data."""
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            return
        marker = data[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker in _BARE:
            at += 2
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        yield marker, at + 4, at + 2 + length
        at += 2 + max(length, 2)


def _orientation(tiff: bytes) -> int:
    """How a camera was held, 1 where it does not say.

    Source: TIFF 6.0, section 2; Exif 2.3, tag 274.
    """
    order = "<" if tiff[:2] == b"II" else ">"
    try:
        (start,) = struct.unpack(order + "I", tiff[4:8])
        (count,) = struct.unpack(order + "H", tiff[start : start + 2])
        for at in range(start + 2, start + 2 + 12 * min(count, 512), 12):
            tag, _type, _count, value = struct.unpack(order + "HHIH", tiff[at : at + 10])
            if tag == _ORIENTATION:
                return int(value)
    except struct.error:
        return 1
    return 1


def _gif(data: bytes) -> Header:
    width, height = struct.unpack("<HH", data[6:10])
    return Header("gif", width, height, animated=_has_second_frame(data))


def _has_second_frame(data: bytes) -> bool:
    frames = 0
    at = 13 + _table(data[10])
    while frames < 2 and at < len(data):
        if data[at] == 0x2C:
            frames += 1
            at += 11 + _table(data[at + 9]) if at + 9 < len(data) else len(data)
        elif data[at] == 0x21:
            at += 2
        else:
            break
        at = _behind_blocks(data, at)
    return frames > 1


def _table(flags: int) -> int:
    """Bytes of a table of colours."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _behind_blocks(data: bytes, at: int) -> int:
    while at < len(data) and data[at]:
        at += data[at] + 1
    return at + 1


def _webp(data: bytes) -> Header:
    form = data[12:16]
    if form == b"VP8X":
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
        return Header("webp", width, height, animated=bool(data[20] & 2))
    if form == b"VP8L":
        (bits,) = struct.unpack("<I", data[21:25])
        return Header("webp", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if form == b"VP8 ":
        width, height = struct.unpack("<HH", data[26:30])
        return Header("webp", width & 0x3FFF, height & 0x3FFF)
    return Header("webp", None, None)
