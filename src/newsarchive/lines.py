"""Rows of data as lines of JSON, which any reader takes apart at the ends of lines."""

import json
from collections.abc import Iterable, Mapping

import msgspec
from msgspec.structs import asdict

_ENCODER = msgspec.json.Encoder()
_LINE_ENDS = tuple((end.encode(), b"\\u%04x" % ord(end)) for end in "\u2028\u2029\x85")


def json_lines(rows: Iterable[Mapping[str, object] | msgspec.Struct]) -> bytes:
    """Write one JSON object a line, in UTF-8; no character within a line ends it for any reader."""
    held = list(rows)
    try:
        data = _ENCODER.encode_lines(held)
    except UnicodeEncodeError:  # a lone surrogate has no UTF-8; its backslash form is the JSON escape for it
        texts = (json.dumps(row, ensure_ascii=False, separators=(",", ":"), default=asdict) + "\n" for row in held)
        data = "".join(texts).encode("utf-8", "backslashreplace")
    for character, escaped in _LINE_ENDS:
        if character in data:
            data = data.replace(character, escaped)
    return data
