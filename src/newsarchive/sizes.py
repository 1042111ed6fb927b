"""How much a file of content may hold, by counts that every machine takes alike: they decide whether it is read.

What is counted is what costs time. It is counted before anything is parsed, so that no file has to be read in order
to be refused, and a little too high at times: a sign of Markdown in code counts as one that means something.
"""

import os
import re
import stat

from newsarchive.article import Shape
from newsarchive.errors import ContentError
from newsarchive.settings import Limits

RAISE = "raise `limits.{}` in site.yaml if it is meant to be so large"
"""What to do about a file that holds too much, for the key of the limit."""

_TAG = re.compile("<[a-zA-Z]")
_SIGNS = "*_`[|\n"
_PAIRED = re.compile(r"\*+|_+|`+|\[+")
_BEGINS = re.compile(r"\||^[ \t>]*(?:[-+*]|\d{1,9}[.)])[ \t]", re.MULTILINE)
"""A cell of a table, an item of a list."""
_IMAGE = re.compile(r"<(?:img|image)\b|!\[", re.IGNORECASE)
_UNREAD = re.compile(
    r"<!--.*?(?:-->|\Z)|<(?P<element>script|style)\b.*?(?:</(?P=element)|\Z)|<[^<>]*>|data:[^\s\"'()<>]*",
    re.IGNORECASE | re.DOTALL,
)
"""Tags, comments, scripts, styles and files written into an address: saved pages consist of little else."""


def read_within(place: str, path: str, limits: Limits, key: str) -> bytes:
    """Read a file, called `path` in messages, of no more bytes than the limit named `key` allows.

    It is opened without waiting, since a pipe may never be written to.

    Raises:
        ContentError: it cannot be read, is no regular file or is larger.
    """
    try:
        handle = os.open(place, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0))
        try:
            state = os.fstat(handle)
            _refuse(path, state, getattr(limits, key), key)
            return _all(handle, state.st_size)
        finally:
            os.close(handle)
    except OSError as fault:
        raise ContentError(path, f"cannot be read ({fault.strerror})", "check the file's permissions") from None


def _refuse(path: str, state: os.stat_result, most: int, key: str) -> None:
    if not stat.S_ISREG(state.st_mode):
        raise ContentError(path, "is no regular file", "leave pipes and devices out of the content folder")
    if state.st_size > most:
        raise ContentError(path, f"is larger than {most} bytes", RAISE.format(key))


def _all(handle: int, size: int) -> bytes:
    """All bytes of an open file, mostly at one go."""
    data = os.read(handle, size + 1)
    if len(data) == size:
        return data
    parts = [data]
    while part := os.read(handle, 1 << 16):
        parts.append(part)
    return b"".join(parts)


def excess(body: str, shape: Shape, limits: Limits) -> tuple[str, int]:
    """Tell what a body holds too much of: its key in `limits` and the most that it may; an empty key for nothing."""
    for key, count in (("images", _images), ("elements", _elements), ("lines", _lines), ("characters", _characters)):
        most: int = getattr(limits, key)
        if count(body, shape, most) > most:
            return key, most
    return "", 0


def _lines(body: str, _: Shape, __: int) -> int:
    return body.count("\n") + 1


def _images(body: str, shape: Shape, most: int) -> int:
    """Pictures; 0 where a faster count says enough."""
    if shape == "text" or len(body) <= most or body.count("<") + body.count("![") <= most:
        return 0
    return len(_IMAGE.findall(body))


def _elements(body: str, shape: Shape, most: int) -> int:
    """Tags; in Markdown cells, items and half the signs around words too. 0 where a faster count says enough."""
    if shape == "text" or len(body) <= most or body.count("<") + sum(map(body.count, _SIGNS)) <= most:
        return 0
    tags = len(_TAG.findall(body))
    return tags if shape != "markdown" else tags + len(_BEGINS.findall(body)) + len(_PAIRED.findall(body)) // 2


def _characters(body: str, _: Shape, most: int) -> int:
    return len(body) if len(body) <= most else len(_UNREAD.sub("", body))
