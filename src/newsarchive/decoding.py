"""Bytes of a content file → text: UTF-8, UTF-16 with a byte-order mark, GB18030, Big5, and what a page declares.

Valid UTF-8 is believed before any declaration, since hardly any other text is valid UTF-8 by chance and saved pages
often carry the declaration of the page they were converted from.
"""

import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from newsarchive.errors import ContentError


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text of a file and how it was read."""

    text: str
    """Line ends as `\\n`, no byte-order mark."""
    encoding: str
    """`utf-8`, `gb18030`, `big5`, or another name as IANA writes it."""
    remark: str = ""
    """The finding where the bytes were read with doubt; empty otherwise."""


def decode(data: bytes, place: str) -> Decoded:
    """Read bytes as text.

    Raises:
        ContentError: the bytes are binary or in no encoding that can be told.
    """
    for way in (_marked, _utf8, _damaged_utf8, _declared, _chinese, _western):
        if decoded := way(data):
            if len(data.translate(None, _CONTROLS)) < len(data):
                _refuse_binary(decoded.text, place)
            text = _one_line_end(decoded.text)
            return decoded if text is decoded.text else Decoded(text, decoded.encoding, decoded.remark)
    if b"\x00" in data:
        raise ContentError(place, "is binary", "keep only text files under this suffix")
    raise ContentError(place, "is in an unknown encoding", "save the file as UTF-8")


_SAMPLE = 100_000
"""Characters or bytes that evidence is taken from."""
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\x84\x31\x95\x33", "gb18030"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_ALIASES = {
    "gb2312": "gb18030", "gbk": "gb18030", "cp936": "gb18030", "x-gbk": "gb18030", "big5-hkscs": "big5",
    "iso-8859-1": "windows-1252",
}  # fmt: skip
_DECLARABLE = frozenset(
    "gb18030 big5 windows-1250 windows-1251 windows-1252 koi8-r shift_jis euc-jp euc-kr iso-8859-2 iso-8859-5".split()
)
_DECLARATION = re.compile(rb"""(?:charset|encoding)\s{0,9}=\s{0,9}["']?([A-Za-z0-9_.:-]{2,20})""", re.IGNORECASE)
# The fifty commonest characters of modern prose, simplified and traditional; wrong decodings hardly hit them.
_COMMONEST = frozenset(
    "的一是不了在人有我他这這中大来來上国國个個到说說们們为為和你地出道也时時年得就要下以生会會自后後，。"
)


def _marked(data: bytes) -> Decoded | None:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            text = _strictly(data[len(mark) :], encoding)
            return None if text is None else Decoded(text, encoding.removesuffix("-le").removesuffix("-be"))
    return None


def _utf8(data: bytes) -> Decoded | None:
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        return None


def _declared(data: bytes) -> Decoded | None:
    """What a `meta` element or an XML head names, if the bytes bear it out."""
    match = _DECLARATION.search(data[:4096])
    if b"\x00" in data or not match:
        return None
    name = match[1].decode("ascii").lower()
    name = _ALIASES.get(name, name)
    if name not in _DECLARABLE:
        return None
    text = _big5(data) if name == "big5" else _strictly(data, name)
    return None if text is None else Decoded(text, name)


def _chinese(data: bytes) -> Decoded | None:
    """GB18030 or Big5, whichever gives more common Han characters; neither where the bytes look Western."""
    if b"\x00" in data:
        return None
    readings = {"gb18030": _strictly(data, "gb18030"), "big5": _big5(data)}
    scores = {name: _commonness(text) for name, text in readings.items() if text is not None}
    best = max(scores, key=lambda name: scores[name], default="")
    text = readings.get(best)
    if text is None or (scores[best] < 0.8 and not _has_pairs(data)):
        return None
    return Decoded(text, best, "" if scores[best] > 0.2 else f"the encoding is not certain; read as {best}")


def _damaged_utf8(data: bytes) -> Decoded | None:
    """UTF-8 with a few broken bytes, as captures have that were cut inside a character."""
    if b"\x00" in data:
        return None
    text = data.removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace")
    broken = text.count("\ufffd")
    whole = sum(character > "\x7f" for character in text) - broken
    if not broken or whole < 10 * broken:
        return None
    return Decoded(text, "utf-8", f"{broken} places are not valid UTF-8; they show U+FFFD")


def _western(data: bytes) -> Decoded | None:
    """Western text with single accented letters and typographic quotes."""
    if b"\x00" in data or _has_pairs(data):
        return None
    text = _strictly(data, "windows-1252")
    return None if text is None else Decoded(text, "windows-1252", "the encoding is not told; read as windows-1252")


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        text = data.decode(encoding)
        text.encode("utf-8")  # some codecs let lone surrogates through
    except UnicodeError:
        return None
    return text


def _big5(data: bytes) -> str | None:
    """Big5 with the extensions in use: Microsoft's, then Hong Kong's."""
    readings: Iterator[str | None] = (_strictly(data, name) for name in ("big5", "cp950", "big5hkscs"))
    return next((text for text in readings if text is not None), None)


def _has_pairs(data: bytes) -> bool:
    """Whether high bytes mostly stand side by side, as the two bytes of Chinese characters do."""
    high = len(re.findall(rb"[\x80-\xff]", data[:_SAMPLE]))
    alone = len(re.findall(rb"(?<![\x80-\xff])[\x80-\xff](?![\x80-\xff])", data[:_SAMPLE]))
    return high > 0 and alone < 0.5 * high


def _commonness(text: str) -> float:
    """How much a reading looks like Chinese prose: 0 to 2 for each character beyond ASCII."""
    foreign = [character for character in text[:_SAMPLE] if character > "\x7f"]
    points = sum(_is_common(character) + (character in _COMMONEST) for character in foreign)
    return points / len(foreign) if foreign else 0.0


def _is_common(character: str) -> bool:
    """Whether a character is of the first, everyday level of GB 2312 or of Big5, or Chinese punctuation."""
    return (
        character in "，。、；：？！“”‘’（）《》「」『』—…　·"
        or _level(character, "gb2312", range(0xB0, 0xD8).__contains__)
        or _level(character, "big5", range(0xA4, 0xC7).__contains__)
    )


def _level(character: str, encoding: str, is_within: Callable[[int], bool]) -> bool:
    try:
        return is_within(character.encode(encoding)[0])
    except UnicodeEncodeError:
        return False


_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_CONTROLS = bytes(code for code in range(0x20) if _CONTROL.match(chr(code)))
"""Bytes without which no encoding writes any of these."""


def _refuse_binary(text: str, place: str) -> None:
    if "\x00" in text or (_CONTROL.search(text) and len(_CONTROL.findall(text)) > max(8, len(text) // 200)):
        raise ContentError(place, "is binary", "keep only text files under this suffix")


def _one_line_end(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
