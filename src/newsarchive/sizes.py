"""How much a content file holds, by counts that every machine takes alike: they decide whether it is read.

What is counted is what costs time. It is counted before anything is parsed, so that no file has to be read in order
to be refused, and a little too high at times: a sign of Markdown in code counts as one that means something.
"""

import re

from newsarchive.article import Shape
from newsarchive.settings import Limits

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
    if shape == "text" or body.count("<") + body.count("![") <= most:
        return 0
    return len(_IMAGE.findall(body))


def _elements(body: str, shape: Shape, most: int) -> int:
    """Tags; in Markdown cells, items and half the signs around words too. 0 where a faster count says enough."""
    if shape == "text" or body.count("<") + sum(map(body.count, _SIGNS)) <= most:
        return 0
    tags = len(_TAG.findall(body))
    return tags if shape != "markdown" else tags + len(_BEGINS.findall(body)) + len(_PAIRED.findall(body)) // 2


def _characters(body: str, _: Shape, most: int) -> int:
    return len(body) if len(body) <= most else len(_UNREAD.sub("", body))
