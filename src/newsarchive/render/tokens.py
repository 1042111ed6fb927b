"""What search compares: one folding of characters and one cutting into tokens, for index and query alike.

The script `static/query.js` does the same with the same table, which travels to the browser as a file; a query finds a
text only while both agree to the character. Folding keeps the length in UTF-16, in which the script counts, so that a
hit in folded text is a hit at the same place of the text as printed.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from operator import add

from newsarchive.settings import Settings, find_resource

FILE = "data/variants.txt"
"""Simplified characters, each with its Traditional ones."""
PAIRED = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u3005\u3007\u3041-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff"
    "\U00020000-\U0003fffd"
)
"""Characters of scripts written without spaces, as the inside of a character class: Han first of all."""
WORDS = "0-9a-z\u00df-\u00f6\u00f8-\u024f\u0370-\u0373\u0376-\u037d\u03ac-\u052f\u0561-\u0587\u05d0-\u05ea\u0620-\u064a"
"""Letters and digits of words that spaces part, after folding, as the inside of a character class."""
LONGEST = 32
"""Characters of a word that count; the rest of an address or a hash tells nothing more."""

_FIRST_PAIRED = "\u0e01"
_GAP = re.compile(f"([{WORDS}]) (?=[{PAIRED}])|([{PAIRED}]) (?=[{WORDS}])")
_RUN = re.compile(f"[{PAIRED}{WORDS}]+")
_PART = re.compile(f"[{WORDS}]+|[{PAIRED}]+")


def read_folding(settings: Settings) -> dict[int, str]:
    """Read the table of an archive, for `str.translate`.

    Raises:
        SettingsError: neither the archive nor the package has the table of variants.
    """
    return folding(find_resource(settings.root, FILE).read_text(encoding="utf-8"))


def folding(variants: str) -> dict[int, str]:
    """Make the table: width, case, accents, radicals and variants, one character to one, each to its last form."""
    steps = dict(_forms()) | dict(_variants(variants))
    table = {}
    for character in steps:
        folded = character
        while folded in steps:
            folded = steps[folded]
        table[ord(character)] = folded
    return table


def fold(text: str, table: Mapping[int, str]) -> str:
    """Fold a text; its length in UTF-16 stays the same."""
    return text.translate(table)


def tokens(folded: str) -> list[str]:
    """Cut a folded text into what the index knows it by, in its order.

    Han gives overlapping pairs, and the last character of a run alone; letters and digits give whole words. Where
    one meets the other, the two characters that touch are a pair too, a single space between them aside: what is
    printed as `5G网络` and as `5G 网络` is the same.
    """
    found: list[str] = []
    for run in _RUN.findall(_GAP.sub(r"\1\2", folded)):
        before = ""
        for part in _PART.findall(run):
            if before:
                found.append(before[-1] + part[0])
            if _is_word(part):
                found.append(part[:LONGEST])
            else:
                found += map(add, part, part[1:])
            before = part
        if not _is_word(before):
            found.append(before[-1])
    return found


def _is_word(part: str) -> bool:
    return part[0] < _FIRST_PAIRED


def _forms() -> Iterator[tuple[str, str]]:
    """Give characters that differ in width, case, accent or coding alone, each with the plainer one."""
    yield "\u3000", " "
    yield "\u00a0", " "
    for code in range(ord("A"), ord("Z") + 1):
        yield chr(code), chr(code).lower()
    for code in range(0xFF01, 0xFF5F):
        yield chr(code), chr(code - 0xFEE0)
    for code in (*range(0x2E80, 0x2FD6), *range(0xFF61, 0xFFDD)):
        yield from _single(chr(code), unicodedata.normalize("NFKC", chr(code)))
    for code in (*range(0x00C0, 0x0250), *range(0x0370, 0x0530), *range(0x0531, 0x0557), *range(0x1E00, 0x2000)):
        yield from _single(chr(code), unicodedata.normalize("NFD", chr(code).lower())[0])


def _single(character: str, other: str) -> Iterator[tuple[str, str]]:
    if len(other) == 1 and other != character:
        yield character, other


def _variants(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        if line and not line.startswith("#"):
            yield from ((other, line[0]) for other in line[1:])
