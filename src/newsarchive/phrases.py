"""The words of plain Markdown, with links, pictures, emphasis and line breaks between them → blocks.

The lower half of `plain`: what stands within a paragraph, a heading or an item.
"""

import html
import re
from dataclasses import dataclass, field
from functools import lru_cache

from msgspec.structs import replace

from newsarchive.article import Block, BlockKind, Image
from newsarchive.hanzi import clean_text
from newsarchive.runs import OTHER_SCHEME, Run, Style, inner_html, link_target, plain_text, style_hints, trim

LONGEST_ODD = 20_000
"""Characters of a phrase or a chunk up to which the converter is asked for it alone."""


class NotPlainError(Exception):
    """Something that only the converter can read."""


@dataclass(slots=True)
class Reading:
    """What changes while a document is read."""

    base: str
    is_odd: bool
    """Whether some of its characters are taken out or composed."""
    blocks: list[Block] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    kind: BlockKind = "paragraph"
    level: int = 0
    containers: tuple[str, ...] = ()
    numbered: int = 0
    continues: bool = False
    is_escaped: bool = False
    """Whether control characters stand for escaped ones."""
    list_name: str = ""
    """Container of the list or quotation that the next chunk may go on with."""
    path: tuple[str, ...] = ()
    """Lists and items, from the outside in, down to the item that was read last; holds while `list_name` is set."""


def read_text(reading: Reading, text: str) -> None:
    """Read the words of a paragraph, a heading or an item, with what stands between them."""
    if "  \n" in text or _SPECIAL.search(text):
        _read_special(reading, text)
        return
    for number, line in enumerate(text.split("\n")):
        reading.continues = number > 0 or reading.continues
        add_words(reading, line)


def _read_special(reading: Reading, text: str) -> None:
    """Read words with signs among them that may mean something; where they are not plain, ask the converter."""
    before, goes_on = len(reading.blocks), reading.continues
    try:
        hidden = _hidden(reading, text)
        _read_marked(reading, hidden.replace("  \n", _BREAK), ())
        _flush(reading)
    except NotPlainError:
        if goes_on or len(text) > LONGEST_ODD:
            raise
        del reading.blocks[before:]
        reading.runs, reading.continues = [], False
        reading.blocks += (_placed(reading, block) for block in _asked(text, reading.base))


def _hidden(reading: Reading, text: str) -> str:
    """The text with control characters in place of escaped ones."""
    if "`" in text or ("\\" in text and _STRAY_ESCAPE.search(text)):
        raise NotPlainError
    if "\\" not in text:
        return text
    reading.is_escaped = True
    return _ESCAPE.sub(lambda match: _HIDDEN[match[1]], text)


@lru_cache(maxsize=256)
def _asked(text: str, base: str) -> tuple[Block, ...]:
    """The blocks of a phrase by the converter; they are remembered, since accounts begin all their articles alike."""
    from newsarchive.trees import read_phrase  # noqa: PLC0415  most files never need it, and it loads slowly

    return read_phrase(text, base)


def _placed(reading: Reading, block: Block) -> Block:
    """A block of a phrase where the phrase stands."""
    if block.kind == "paragraph":
        continues = block.continues and bool(reading.blocks)
        block = replace(block, kind=reading.kind, level=reading.level, continues=continues)
    return replace(block, containers=reading.containers)


def add_words(reading: Reading, line: str) -> None:
    """Add a line without any markup."""
    if reading.is_odd:
        reading.runs.append((line, ()))
        _flush(reading)
        return
    text = " ".join(line.split())
    if text:
        _add(reading, text, html.escape(text, quote=False) if "&" in text or ">" in text else text, (), "")


def _add(reading: Reading, text: str, inner: str, hints: tuple[str, ...], href: str) -> None:
    continues = reading.continues and bool(reading.blocks)
    reading.continues = False
    reading.blocks.append(
        Block(reading.kind, text, inner, reading.level, reading.containers, (), frozenset(), hints, href, continues)
    )


def plain_image(alt: str, address: str) -> Image:
    """The picture of an address as written; one of inline data or script is lost."""
    is_web = address.startswith(("http:", "https:")) or not OTHER_SCHEME.match(address)
    return Image(address if is_web else "", None, clean_text(alt) if alt else "")


_ESCAPE = re.compile(r"\\([*_{}\[\]()>#+\-.!|])")
_STRAY_ESCAPE = re.compile(r"\\[\s\\]|\\\Z")
"""An escape of nothing, or of another."""
_HIDDEN = dict(zip("*_{}[]()>#+-.!|", map(chr, (*range(4, 9), *range(14, 24))), strict=True))
"""Escaped character → a control character that stands for it while the text is read."""
_SHOWN = {ord(control): char for char, control in _HIDDEN.items()}
_BREAK, _TAKEN = "\x02", "\x03"
"""What stands for a line break behind two spaces, and for a link, a picture or an address."""
_TARGET = r"(?:[^\s()\[\]<>\"'\x02\x03]|\([^\s()\[\]<>\"'\x02\x03]*\))*"
_TITLE = r"(?: +\"[^\"()\[\]\n\x02\x03]*\")?"
_PICTURE = rf"!\[[^\[\]\n\x02<]*\]\({_TARGET}{_TITLE}\)"
_TOKEN = re.compile(
    rf"!\[(?P<alt>[^\[\]\n\x02<]*)\]\((?P<src>{_TARGET}){_TITLE}\)"
    rf"|\[(?<!!\[)(?P<words>(?:[^\[\]<]|{_PICTURE})*)\]\((?P<href>{_TARGET}){_TITLE}\)"
    r"|<(?P<address>https?://[^\s<>\x02-\x1b]+)>"
)
_TOKEN_START = re.compile(r"!?\[|<")
_SPECIAL = re.compile(r"[\[\]*_\\<!`]")
_STEP = re.compile(r"[*\n\x02\x03](?:(?<=\*)\*+)?")
_ASTERISKS = re.compile(r"\*+")
_UNDERSCORE = re.compile(r"(?:\A|\W)_")
_STYLES: dict[int, tuple[Style, ...]] = {1: (("em", ""),), 2: (("strong", ""),), 3: (("strong", ""), ("em", ""))}


def _read_marked(reading: Reading, text: str, styles: tuple[Style, ...]) -> None:
    """Read words with links, pictures and emphasis into runs and blocks."""
    tokens, masked = _mask(text)
    _refuse_rest(masked)
    emphasis = _pair(masked) if "*" in masked else {}
    waiting = iter(tokens)
    inner = styles
    end = 0
    for step in _STEP.finditer(masked):
        begin, mark = step.start(), step[0]
        if mark[0] == "*" and begin not in emphasis:
            continue
        _write(reading, masked[end:begin], inner)
        end = step.end()
        if mark[0] == "*":
            inner = (*styles, *emphasis[begin])
        elif mark == _TAKEN:
            _read_token(reading, next(waiting), inner)
        else:
            _flush(reading)
            reading.continues = True
    _write(reading, masked[end:], inner)


def _refuse_rest(masked: str) -> None:
    """Leave links, emphasis by underscores and addresses that are not of the plain kind to the converter."""
    if "<" in masked or ("_" in masked and _UNDERSCORE.search(masked)):
        raise NotPlainError
    opened = masked.find("[")
    if opened >= 0 and "](" in masked[opened:]:
        raise NotPlainError


def _mask(text: str) -> tuple[list[re.Match[str]], str]:
    """The links, pictures and addresses of a text, and the text with one sign in place of each."""
    tokens: list[re.Match[str]] = []
    parts: list[str] = []
    end = 0
    for place in _TOKEN_START.finditer(text) if "[" in text or "<" in text else ():
        begin = place.start()
        if begin >= end and (token := _TOKEN.match(text, begin)):
            tokens.append(token)
            parts += (text[end:begin], _TAKEN)
            end = token.end()
    return tokens, "".join((*parts, text[end:]))


def _pair(text: str) -> dict[int, tuple[Style, ...]]:
    """Pair the asterisks of emphasis: place of a run → the styles that hold behind it.

    Runs that can neither open nor close are words. Whatever is not a plain row of pairs is left to the converter.
    """
    pairs: dict[int, tuple[Style, ...]] = {}
    opened = 0
    for run in _ASTERISKS.finditer(text):
        start, end = run.span()
        closes = start > 0 and not text[start - 1].isspace()
        opens = end < len(text) and not text[end].isspace()
        length = end - start
        if not opened and opens and length in _STYLES:
            opened = length
            pairs[start] = _STYLES[length]
        elif opened and closes and length == opened:
            opened = 0
            pairs[start] = ()
        elif opened == 2 and length == 4 and opens and closes:
            pairs[start] = _STYLES[2]  # one ends here and another begins
        elif opens or (closes and opened):
            raise NotPlainError
    if opened:
        raise NotPlainError
    return pairs


def _read_token(reading: Reading, token: re.Match[str], styles: tuple[Style, ...]) -> None:
    """Read a link, a picture, or an address."""
    if token["src"] is not None:
        _add_picture(reading, _shown(reading, token["alt"]), _shown(reading, token["src"]), styles)
        return
    address = token["address"] or ""
    target, printed = link_target(reading.base, address or _shown(reading, token["href"]))
    if printed:
        raise NotPlainError
    inside = (*styles, ("a", target))
    if address:
        _write(reading, address, inside)
    else:
        _read_marked(reading, token["words"], inside)


def _shown(reading: Reading, text: str) -> str:
    return text.translate(_SHOWN) if reading.is_escaped else text


def _write(reading: Reading, text: str, styles: tuple[Style, ...]) -> None:
    if text:
        reading.runs.append((_shown(reading, text), styles))


def _add_picture(reading: Reading, alt: str, address: str, styles: tuple[Style, ...]) -> None:
    _flush(reading)
    reading.continues = False
    href = next((target for name, target in styles if name == "a"), "")
    image = plain_image(alt, address)
    reading.blocks.append(Block("image", "", "", 0, reading.containers, (image,), href=href))


def _flush(reading: Reading) -> None:
    """Turn the collected runs into a block; white space alone makes none."""
    runs = trim(reading.runs)
    reading.runs = []
    text = plain_text(runs)
    if not text:
        return
    hints, href = style_hints(runs)
    _add(reading, text, inner_html(runs), hints, href)
