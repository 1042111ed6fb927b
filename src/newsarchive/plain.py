"""Markdown of a closed list of constructs → the blocks that the converter and the tree give, without either.

Understood are paragraphs, `#` headings, rulers, lists within lists, quotations, line breaks, `**bold**`, `*emphasis*`,
links, pictures, linked pictures, addresses in angle brackets and escaped characters. Where anything else stands, or
one of these in a place where the converter might read it otherwise, the whole document is left to the converter.
"""

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from msgspec.structs import replace

from newsarchive.article import Block, BlockKind, Image
from newsarchive.hanzi import clean_text
from newsarchive.runs import OTHER_SCHEME, Run, Style, inner_html, link_target, plain_text, style_hints, trim

LONGEST = 2_000_000
"""Characters of a body that are read here."""
MOST_BRACKETS = 2_000
"""Opening brackets in a body that are read here."""
DEEPEST = 6
"""Levels of lists within lists that are read here."""
NESTED = 40
"""Elements in one another that what is read here never reaches."""


def read_plain(body: str, base: str = "") -> tuple[Block, ...] | None:
    """Cut Markdown into blocks in reading order; None where it holds anything that is not understood here.

    `base` is the document's own address, against which links are resolved.
    """
    if not _is_readable(body):
        return None
    is_rare = _RARE.search(body) is not None
    if is_rare and _FOREIGN.search(body):
        return None
    reading = _Reading(base, is_odd=is_rare or not unicodedata.is_normalized("NFC", body))
    try:
        for chunk in _chunks(body):
            _read_chunk(reading, chunk)
    except _NotPlainError:
        return None
    return tuple(reading.blocks)


class _NotPlainError(Exception):
    """Something that is left to the converter."""


_CONTROLS = r"\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff\ud800-\udfff\t`"
_DROPPED = r"\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe0e\ufe0f\ufeff\ufff9-\ufffb"
_FOREIGN = re.compile(f"[{_CONTROLS}]")
"""Characters that no document read here may hold: controls, tabs, marks of code."""
_RARE = re.compile(f"[{_CONTROLS}{_DROPPED}]")
"""These, and characters that are taken out of text."""
_TAG = re.compile(r"<(?!https?://[^\s<>\"'\\]+>)")
_REFERENCE = re.compile(r"&(?:#[0-9xX]|[0-9a-zA-Z]+;|#?\\)")
_STRAY_ESCAPE = re.compile(r"\\[\s\\]|\\\Z")
_BLANKS = re.compile(r"(?<=\n) +\n")


def _is_readable(body: str) -> bool:
    """False for a body of unusual size, with tags, character references, or escapes of nothing."""
    return (
        len(body) <= LONGEST
        and not ("<" in body and _TAG.search(body))
        and not ("&" in body and _REFERENCE.search(body))
        and not ("\\" in body and _STRAY_ESCAPE.search(body))
        and not body.startswith(" ")
        and "~~~" not in body
        and body.count("[") <= MOST_BRACKETS
    )


def _chunks(body: str) -> Iterator[str]:
    """The pieces between blank lines."""
    if " \n" in body:
        body = _BLANKS.sub("\n", body + "\n")
    for chunk in body.split("\n\n"):
        text = chunk.strip("\n")
        if text:
            yield text


@dataclass(slots=True)
class _Reading:
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


# Lines

_PLAIN = re.compile(r"(?! {4}| {0,3}(?:[-+*>#]|\d+\.))[^\n*_\[\]\\<&!|#>]+")
"""A line of nothing but words."""
_HEADING = re.compile(r"(#{1,6})(?!#)(.*)")
_RULER = re.compile(r" {0,3}(?:(?:- {0,2}){3,}+|(?:_ {0,2}){3,}+|(?:\* {0,2}){3,}+) *")
_LINE_MARK = re.compile(r"^(?:#| *[-_*=>|:])", re.MULTILINE)
"""What begins every line that makes more of itself, or of the line above, than words; lists aside."""
_QUOTE = re.compile(r"^ {0,3}>", re.MULTILINE)
_QUOTED = re.compile(r" {0,3}> ?(.*)")
_UNDERLINE = re.compile(r"\n(?:=+ *|-+ *|[ |:-]*\|[ |:-]*)$", re.MULTILINE)
"""A line that makes the one above a heading or the head of a table."""
_ITEM = {
    "ul": re.compile(r" {0,3}[*+-] +(?P<text>.*)"),
    "ol": re.compile(r" {0,3}(?P<start>\d+)\. +(?P<text>.*)"),
}
_NESTED = re.compile(r" {4,7}(?:\d+\.|[*+-]) +")
_SHORT = 160
"""Characters of a chunk up to which its blocks are remembered."""


def _read_chunk(reading: _Reading, chunk: str) -> None:
    """Read what stands between blank lines; the commonest forms are told by one look each."""
    if reading.list_name[:1] in ("u", "o") and chunk.startswith("    "):
        _read_inside(reading, chunk)
    elif _PLAIN.fullmatch(chunk):
        reading.list_name = reading.list_name if chunk.isspace() else ""
        _add_words(reading, chunk)
    elif chunk[0] == "!" and (picture := _PICTURE_ALONE.fullmatch(chunk)):
        reading.list_name = ""
        reading.blocks.append(Block("image", "", "", 0, (), (_image(*picture.groups()),)))
    elif chunk[0] == "*" and not reading.is_odd and (bold := _BOLD_ALONE.fullmatch(chunk)):
        reading.list_name = ""
        text = " ".join(bold[1].split())
        reading.blocks.append(Block("paragraph", text, f"<strong>{text}</strong>", hints=("bold",)))
    elif chunk[0] in " >" and _QUOTE.match(chunk):
        _read_quote(reading, chunk)
    elif len(chunk) > _SHORT or "\n" not in chunk:
        _part_chunk(reading, chunk)
    else:
        _recall_chunk(reading, chunk)


def _recall_chunk(reading: _Reading, chunk: str) -> None:
    """Read a few short lines; they are remembered, since accounts end all their articles alike."""
    blocks = _short_chunk(chunk, reading.base if "[" in chunk or "<" in chunk else "", reading.is_odd)
    if not blocks:
        _part_chunk(reading, chunk)
        return
    if blocks[0].continues and not reading.blocks:
        blocks = (replace(blocks[0], continues=False), *blocks[1:])
    reading.blocks += blocks
    reading.list_name = ""


@lru_cache(maxsize=2048)
def _short_chunk(chunk: str, base: str, is_odd: bool) -> tuple[Block, ...]:
    """The blocks of a chunk as they are where others stand before it; none where it holds a list."""
    reading = _Reading(base, is_odd, [Block("separator", "")])
    _part_chunk(reading, chunk)
    return () if reading.numbered else tuple(reading.blocks[1:])


def _part_chunk(reading: _Reading, chunk: str) -> None:
    """Read a chunk: headings and rulers part it further."""
    if not _LINE_MARK.search(chunk):
        _read_piece(reading, chunk)
        return
    if _QUOTE.search(chunk) or _UNDERLINE.search(chunk):
        raise _NotPlainError
    piece: list[str] = []
    for line in chunk.split("\n"):
        if not _is_mark(line):
            piece.append(line)
            continue
        _read_piece(reading, "\n".join(piece))
        piece = []
        reading.list_name = ""
        _add_mark(reading, line)
    _read_piece(reading, "\n".join(piece))


def _read_quote(reading: _Reading, chunk: str) -> None:
    """Read a quotation all of whose lines are marked; it goes on with the one right above."""
    lines = [_QUOTED.fullmatch(line) for line in chunk.split("\n")]
    goes_on = reading.list_name.startswith("quote")
    if None in lines or (goes_on and reading.path):  # a list in it would go on too
        raise _NotPlainError
    reading.numbered += not goes_on
    name = reading.list_name if goes_on else f"quote#{reading.numbered}"
    reading.containers, reading.list_name = (name,), ""
    for text in "\n".join(line[1] if line[1].strip() else "" for line in lines if line).split("\n\n"):
        if text.strip("\n"):
            _part_chunk(reading, text.strip("\n"))
    reading.path = reading.path if reading.list_name else ()
    reading.containers, reading.list_name = (), name


def _is_mark(line: str) -> bool:
    """Whether a line is a heading or a ruler by itself."""
    return line.startswith("#") or _RULER.fullmatch(line) is not None


def _add_mark(reading: _Reading, line: str) -> None:
    """Add a heading or a ruler."""
    reading.continues = False
    if not line.startswith("#"):
        reading.blocks.append(Block("separator", "", "", 0, reading.containers))
        return
    heading = _HEADING.match(line)
    if not heading or "\\" in line:
        raise _NotPlainError
    before = reading.kind
    reading.kind, reading.level = "heading", len(heading[1])
    _read_text(reading, heading[2].rstrip("#").strip())
    reading.kind, reading.level = before, 0
    reading.continues = False


def _read_piece(reading: _Reading, text: str) -> None:
    """Read lines without heading and ruler: a list, or a paragraph."""
    if not text.strip():
        return
    if text.startswith("    "):
        raise _NotPlainError
    if text[0] in " *+-" or text[0].isdecimal():
        for name, item in _ITEM.items():
            if match := item.match(text):
                start = match["start"] if name == "ol" else ""
                goes_on = reading.list_name.startswith(name)
                reading.list_name = _read_list(reading, name, text, reading.list_name if goes_on else "", start)
                return
    reading.list_name = ""
    _read_text(reading, text.lstrip())
    reading.continues = False


def _read_list(reading: _Reading, name: str, text: str, container: str, start: str) -> str:
    """Read the items of a list and give its container; `container` is set where the list goes on."""
    outside = reading.containers
    if len(outside) > 2 * DEEPEST:
        raise _NotPlainError
    if not container:
        reading.numbered += 1
        container = f"{name}#{reading.numbered}{_start(start)}"
    for item in _items(name, text):
        if item.startswith("    "):
            _read_nested(reading, item)
        else:
            reading.numbered += 1
            reading.containers = (*outside, container, f"li#{reading.numbered}")
            reading.path = reading.containers
            _read_item(reading, item)
        reading.continues = False
    reading.containers = outside
    return container


def _read_inside(reading: _Reading, chunk: str) -> None:
    """Read an indented chunk behind a list: more of its last item, or of the last item of a list within."""
    outer, path = reading.list_name, reading.path
    depth = (len(chunk) - len(chunk.lstrip(" "))) // 4
    item = path[: 2 * depth]
    if len(item) < 2 * depth:
        raise _NotPlainError
    reading.containers, reading.kind = item, "item"
    reading.list_name = path[2 * depth] if len(path) > 2 * depth else ""
    _part_chunk(reading, "\n".join(line.removeprefix("    " * depth) for line in chunk.split("\n")))
    reading.path = reading.path if reading.list_name else item
    reading.list_name, reading.containers, reading.kind = outer, (), "paragraph"


def _start(start: str) -> str:
    return f"@{start}" if re.fullmatch(r"[0-9]{1,9}", start) and start != "1" else ""


def _items(name: str, text: str) -> list[str]:
    """The items of a list: text without its mark, or the indented lines of lists within as one item."""
    items: list[str] = []
    for line in text.split("\n"):
        if match := _ITEM[name].match(line):
            items.append(match["text"])
        elif _NESTED.match(line) and not items[-1].startswith("    "):
            items.append(line)
        else:
            items[-1] += "\n" + line
    return items


def _read_nested(reading: _Reading, item: str) -> None:
    """Read the lines of a list within an item."""
    text = "\n".join(line.removeprefix("    ") for line in item.split("\n"))
    _refuse_marks(text)
    for name, pattern in _ITEM.items():
        if match := pattern.match(text):
            _read_list(reading, name, text, "", match["start"] if name == "ol" else "")


def _read_item(reading: _Reading, item: str) -> None:
    """Read the text of one item: words, or a heading alone."""
    if item.startswith("#") and "\n" not in item:
        _add_mark(reading, item)
        return
    _refuse_marks(item)
    if any(pattern.match(item) for pattern in _ITEM.values()):
        raise _NotPlainError
    if "\n" in item and not (item.split("\n", 1)[0].strip() and item.rsplit("\n", 1)[1].strip()):
        raise _NotPlainError
    before = reading.kind
    reading.kind = "item"
    _read_text(reading, item.lstrip())
    reading.kind = before


def _refuse_marks(text: str) -> None:
    """Leave what is more than words within lists to the converter."""
    if not _LINE_MARK.search(text):
        return
    if _QUOTE.search(text) or _UNDERLINE.search(text) or any(map(_is_mark, text.split("\n"))):
        raise _NotPlainError


# Words

_ESCAPE = re.compile(r"\\([*_{}\[\]()>#+\-.!|])")
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
_BOLD_ALONE = re.compile(r"\*\*([^\s*_\[\]\\<&!>](?:[^\n*_\[\]\\<&!>]*[^\s*_\[\]\\<&!>])?)\*\*")
_PICTURE_ALONE = re.compile(r"!\[([^\[\]\n<\\]*)\]\(([^\s()\[\]<>\"'\\]*)\)")
_SPECIAL = re.compile(r"[\[\]*_\\<!]")
_STEP = re.compile(r"[*\n\x02\x03](?:(?<=\*)\*+)?")
_ASTERISKS = re.compile(r"\*+")
_UNDERSCORE = re.compile(r"(?:\A|\W)_")
_STYLES: dict[int, tuple[Style, ...]] = {1: (("em", ""),), 2: (("strong", ""),), 3: (("strong", ""), ("em", ""))}


def _read_text(reading: _Reading, text: str) -> None:
    """Read the words of a paragraph, a heading or an item, with what stands between them."""
    if "  \n" in text or _SPECIAL.search(text):
        if "\\" in text:
            reading.is_escaped = True
            text = _ESCAPE.sub(lambda match: _HIDDEN[match[1]], text)
        _read_marked(reading, text.replace("  \n", _BREAK), ())
        _flush(reading)
        return
    for number, line in enumerate(text.split("\n")):
        reading.continues = number > 0 or reading.continues
        _add_words(reading, line)


def _read_marked(reading: _Reading, text: str, styles: tuple[Style, ...]) -> None:
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
        raise _NotPlainError
    opened = masked.find("[")
    if opened >= 0 and "](" in masked[opened:]:
        raise _NotPlainError


def _mask(text: str) -> tuple[list[re.Match[str]], str]:
    """The links, pictures and addresses of a text, and the text with one sign in place of each."""
    tokens = list(_TOKEN.finditer(text)) if "[" in text or "<" in text else []
    parts: list[str] = []
    end = 0
    for token in tokens:
        parts += (text[end : token.start()], _TAKEN)
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
            raise _NotPlainError
    if opened:
        raise _NotPlainError
    return pairs


def _read_token(reading: _Reading, token: re.Match[str], styles: tuple[Style, ...]) -> None:
    """Read a link, a picture, or an address."""
    if token["src"] is not None:
        _add_picture(reading, _shown(reading, token["alt"]), _shown(reading, token["src"]), styles)
        return
    address = token["address"] or ""
    target, printed = link_target(reading.base, address or _shown(reading, token["href"]))
    if printed:
        raise _NotPlainError
    inside = (*styles, ("a", target))
    if address:
        _write(reading, address, inside)
    else:
        _read_marked(reading, token["words"], inside)


def _shown(reading: _Reading, text: str) -> str:
    return text.translate(_SHOWN) if reading.is_escaped else text


def _write(reading: _Reading, text: str, styles: tuple[Style, ...]) -> None:
    if text:
        reading.runs.append((_shown(reading, text), styles))


def _add_picture(reading: _Reading, alt: str, address: str, styles: tuple[Style, ...]) -> None:
    _flush(reading)
    reading.continues = False
    href = next((target for name, target in styles if name == "a"), "")
    image = _image(alt, address)
    reading.blocks.append(Block("image", "", "", 0, reading.containers, (image,), href=href))


def _image(alt: str, address: str) -> Image:
    is_web = address.startswith(("http:", "https:")) or not OTHER_SCHEME.match(address)
    return Image(address if is_web else "", None, clean_text(alt) if alt else "")


def _flush(reading: _Reading) -> None:
    """Turn the collected runs into a block; white space alone makes none."""
    runs = trim(reading.runs)
    reading.runs = []
    text = plain_text(runs)
    if not text:
        return
    hints, href = style_hints(runs)
    _add(reading, text, inner_html(runs), hints, href)


def _add_words(reading: _Reading, line: str) -> None:
    """Add a line without any markup."""
    if reading.is_odd:
        reading.runs.append((line, ()))
        _flush(reading)
        return
    text = " ".join(line.split())
    if text:
        _add(reading, text, html.escape(text, quote=False) if "&" in text or ">" in text else text, (), "")


def _add(reading: _Reading, text: str, inner: str, hints: tuple[str, ...], href: str) -> None:
    continues = reading.continues and bool(reading.blocks)
    reading.continues = False
    reading.blocks.append(
        Block(reading.kind, text, inner, reading.level, reading.containers, (), frozenset(), hints, href, continues)
    )
