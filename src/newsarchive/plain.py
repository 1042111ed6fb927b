"""Markdown of a closed list of constructs → the blocks that the converter and the tree give, mostly without either.

Understood are paragraphs, `#` headings, rulers, lists within lists, quotations, code in fences or indented, line
breaks, `**bold**`, `*emphasis*`, links, pictures, linked pictures, addresses in angle brackets and escaped characters.
Where anything else stands, or one of these in a place where the converter might read it otherwise, the converter is
asked: for the words of one paragraph or what stands between two blank lines, where these tell all of it; else the
whole document is left to it, as are tags and character references, which reach further.
"""

import html
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import takewhile

from msgspec.structs import replace

from newsarchive.article import Block
from newsarchive.patterns import Pattern
from newsarchive.phrases import LONGEST_ODD, NotPlainError, Reading, add_words, plain_image, read_text
from newsarchive.runs import link_target

LONGEST = 2_000_000
"""Characters of a body that are read here."""
MOST_BRACKETS = 2_000
"""Opening brackets in a body that are read here."""
DEEPEST = 6
"""Levels of lists within lists that are read here."""
NESTED = 40
"""Elements in one another that what is read here never reaches."""


def read_plain(body: str, base: str = "") -> tuple[Block, ...] | None:
    """Cut Markdown into blocks in reading order; None where only the converter can read it as a whole.

    `base` is the document's own address, against which links are resolved.
    """
    is_rare = _is_rare(body)
    if len(body) > LONGEST or (is_rare and _FOREIGN.search(body)):
        return None
    reading = Reading(base, is_odd=is_rare or not unicodedata.is_normalized("NFC", body))
    try:
        for words, code in _pieces(body):
            for chunk in _chunks(words):
                _read_chunk(reading, chunk)
            if code is not None:
                _add_code(reading, code)
    except NotPlainError:
        return None
    return tuple(reading.blocks)


_CONTROLS = r"\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff\t"
_DROPPED = r"\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe0e\ufe0f\ufeff\ufff9-\ufffb"
_FOREIGN = re.compile(rf"[{_CONTROLS}\ud800-\udfff]")
"""Characters that no document read here may hold: controls and tabs."""
_RARE = Pattern(re.sub(r"\\u(\w{4})", r"\\x{\1}", f"[{_CONTROLS}{_DROPPED}]"))
"""These, and characters that are taken out of text, but for lone surrogates, which UTF-8 does not have."""
_TAG = re.compile(r"<(?!https?://[^\s<>\"'\\]+>|[^a-zA-Z/!?])")
"""What may begin a tag."""
_REFERENCE = re.compile(r"&(?:#[0-9xX]|[0-9a-zA-Z]+;|#?\\)")
_FENCED = re.compile(r"^(`{3,}|~{3,}) *\.?[\w#.+-]* *\n(.*?)(?<=\n)\1 *$", re.MULTILINE | re.DOTALL)
_DEEP = re.compile(r"^(?:[ \t]*>){20}|^ {80}", re.MULTILINE)
"""Code that the converter would take for quotations and lists without end."""
_BLANKS = re.compile(r"(?<=\n) +\n")


def _is_rare(body: str) -> bool:
    try:
        return _RARE.is_in(body)
    except UnicodeEncodeError:
        return True


def _is_readable(body: str) -> bool:
    """False for a body with tags, character references, or a fence that encloses nothing."""
    return (
        not ("<" in body and _TAG.search(body))
        and not ("&" in body and _REFERENCE.search(body))
        and not body.startswith(" ")
        and "~~~" not in body
        and "```" not in body
        and body.count("[") <= MOST_BRACKETS
    )


def _pieces(body: str) -> Iterator[tuple[str, str | None]]:
    """The pieces of a body between code in fences, each with the code behind it."""
    body = _BLANKS.sub("\n", body + "\n") if " \n" in body else body
    pieces = _FENCED.split(body) if "```" in body or "~~~" in body else [body]
    words, codes = pieces[::3], pieces[2::3]
    stand_alone = all(one.endswith("\n\n") or not one for one in words[:-1])
    if not (stand_alone and all(one.startswith("\n\n") or one in ("", "\n") for one in words[1:])):
        raise NotPlainError
    if not _is_readable("\n\n".join(words)) or any(map(_DEEP.search, codes)):
        raise NotPlainError
    yield from zip(words, (*codes, None), strict=True)


def _chunks(body: str) -> Iterator[str]:
    """The pieces between blank lines."""
    for chunk in body.split("\n\n"):
        text = chunk.strip("\n")
        if text:
            yield text


_PLAIN = re.compile(r"(?! {4}| {0,3}(?:[-+*>#]|\d+\.))[^\n*_\[\]\\<&!|#>`]+")
"""A line of nothing but words."""
_BOLD_ALONE = re.compile(r"\*\*([^\s*_\[\]\\<&!>`](?:[^\n*_\[\]\\<&!>`]*[^\s*_\[\]\\<&!>`])?)\*\*")
_PICTURE_ALONE = re.compile(
    r"(?P<linked>\[)?!\[(?P<alt>[^\[\]\n<\\`]*)\]\((?P<src>[^\s()\[\]<>\"'\\`]*)\)"
    r"(?(linked)\]\((?P<href>https?:[^\s()\[\]<>\"'\\`]*)\))"
)
_RELATIVE = re.compile(r"\]\((?!https?:|\))")
"""What may begin an address that is made absolute by the document's own."""
_HEADING = re.compile(r"(#{1,6})(?!#)(.*)")
_RULER = re.compile(r" {0,3}(?:(?:- {0,2}){3,}+|(?:_ {0,2}){3,}+|(?:\* {0,2}){3,}+) *")
_LINE_MARK = re.compile(r"^(?:#| *[-_*=>|:])", re.MULTILINE)
"""What begins every line that makes more of itself, or of the line above, than words; lists aside."""
_QUOTE = re.compile(r"^ {0,3}>", re.MULTILINE)
_QUOTED = re.compile(r" {0,3}> ?(.*)")
_UNDERLINE = re.compile(r"\n(?:=+ *|-+ *|(?=[ :-]*\|)[ |:-]*+)$", re.MULTILINE)
"""A line that makes the one above a heading or the head of a table."""
_ITEM = {
    "ul": re.compile(r" {0,3}[*+-] +(?P<text>.*)"),
    "ol": re.compile(r" {0,3}(?P<start>\d+)\. +(?P<text>.*)"),
}
_NESTED = re.compile(r" {4,7}(?:\d+\.|[*+-]) +")
_GOES_ON = re.compile(r" {0,3}(?:[*+-] |\d+\. |>)")
"""What the line of a list or a quotation begins with."""
_CODE = "code"
_BEFORE = Block("separator", "")
_SHORT = 160
"""Characters of a chunk up to which its blocks are remembered."""


def _read_chunk(reading: Reading, chunk: str) -> None:
    """Read what stands between blank lines; few short lines are remembered, since accounts end all articles alike."""
    if chunk[0] in "![" and (picture := _PICTURE_ALONE.fullmatch(chunk)) and _add_picture(reading, picture):
        return
    blocks: tuple[Block, ...] = ()
    if len(chunk) <= _SHORT:
        base = reading.base if "<" in chunk or ("](" in chunk and _RELATIVE.search(chunk)) else ""
        blocks = _short_chunk(chunk, base, reading.is_odd)
    if not blocks:
        _read_form(reading, chunk)
        return
    if blocks[0].continues and not reading.blocks:
        blocks = (replace(blocks[0], continues=False), *blocks[1:])
    reading.blocks += blocks
    reading.list_name = ""


def _add_picture(reading: Reading, picture: re.Match[str]) -> bool:
    """Add a picture that stands alone, be it linked; tell whether it could be."""
    alt, address, href = picture.group("alt", "src", "href")
    target, printed = link_target("", href) if href else ("", "")
    if printed:
        return False
    reading.list_name = ""
    reading.blocks.append(Block("image", "", "", 0, (), (plain_image(alt, address),), href=target))
    return True


@lru_cache(maxsize=2048)
def _short_chunk(chunk: str, base: str, is_odd: bool) -> tuple[Block, ...]:
    """The blocks of a chunk as they are where others stand before it; none where it may go on with one of these."""
    if chunk.startswith("    "):
        return ()
    reading = Reading(base, is_odd, [_BEFORE])
    try:
        _read_form(reading, chunk)
    except NotPlainError:
        return ()
    return () if reading.numbered else tuple(reading.blocks[1:])


def _read_form(reading: Reading, chunk: str) -> None:
    """Read a chunk anew; the commonest forms are told by one look each."""
    if chunk.startswith("    "):
        _read_indented(reading, chunk)
    elif _PLAIN.fullmatch(chunk):
        reading.list_name = reading.list_name if chunk.isspace() else ""
        add_words(reading, chunk)
    elif chunk[0] == "*" and not reading.is_odd and (bold := _BOLD_ALONE.fullmatch(chunk)):
        reading.list_name = ""
        text = " ".join(bold[1].split())
        reading.blocks.append(Block("paragraph", text, f"<strong>{text}</strong>", hints=("bold",)))
    elif chunk[0] in " >" and _QUOTE.match(chunk):
        _read_quote(reading, chunk)
    else:
        _read_lines(reading, chunk)


def _read_indented(reading: Reading, chunk: str) -> None:
    """Read a chunk that begins with an indented line: more of a list, or code with anything below it."""
    if reading.list_name[:1] in ("u", "o"):
        _read_inside(reading, chunk)
        return
    lines = chunk.split("\n")
    code = list(takewhile(lambda line: line.startswith("    ") or not line.strip(), lines))
    if reading.list_name == _CODE or _DEEP.search(chunk):
        raise NotPlainError
    _add_code(reading, "\n".join(line[4:] for line in code).rstrip())
    reading.list_name = _CODE
    if len(code) < len(lines):
        _read_chunk(reading, "\n".join(lines[len(code) :]))


def _add_code(reading: Reading, code: str) -> None:
    """Add lines of code; white space alone makes no block, but ends a list."""
    reading.list_name = ""
    text = unicodedata.normalize("NFC", code).strip("\n")
    if text.strip():
        reading.blocks.append(Block("code", text, html.escape(text, quote=False)))


def _read_lines(reading: Reading, chunk: str) -> None:
    """Read lines of any kind; where they are not plain, ask the converter."""
    before = len(reading.blocks), reading.numbered, reading.path
    try:
        _part_chunk(reading, chunk)
    except NotPlainError:
        blocks = None if len(chunk) > LONGEST_ODD or _GOES_ON.match(chunk) else _asked(chunk, reading.base)
        if blocks is None:
            raise
        _start_again(reading, *before)
        reading.blocks += (block if reading.blocks else replace(block, continues=False) for block in blocks)


def _start_again(reading: Reading, blocks: int, numbered: int, path: tuple[str, ...]) -> None:
    """Forget what was read of a chunk that is no list."""
    del reading.blocks[blocks:]
    reading.numbered, reading.path = numbered, path
    reading.runs, reading.kind, reading.level = [], "paragraph", 0
    reading.containers, reading.list_name, reading.continues = (), "", False


@lru_cache(maxsize=256)
def _asked(chunk: str, base: str) -> tuple[Block, ...] | None:
    """The blocks of a chunk by the converter; None where they may go on in the next one."""
    from newsarchive.trees import read_chunk  # noqa: PLC0415  most files never need it, and it loads slowly

    return read_chunk(chunk, base)


def _part_chunk(reading: Reading, chunk: str) -> None:
    """Read a chunk: headings and rulers part it further."""
    if not _LINE_MARK.search(chunk):
        _read_piece(reading, chunk)
        return
    if _QUOTE.search(chunk) or _UNDERLINE.search(chunk):
        raise NotPlainError
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


def _read_quote(reading: Reading, chunk: str) -> None:
    """Read a quotation all of whose lines are marked; it goes on with the one right above."""
    lines = [_QUOTED.fullmatch(line) for line in chunk.split("\n")]
    goes_on = reading.list_name.startswith("quote")
    if None in lines or (goes_on and reading.path):  # a list in it would go on too
        raise NotPlainError
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


def _add_mark(reading: Reading, line: str) -> None:
    """Add a heading or a ruler."""
    reading.continues = False
    if not line.startswith("#"):
        reading.blocks.append(Block("separator", "", "", 0, reading.containers))
        return
    heading = _HEADING.match(line)
    if not heading or "\\" in line:
        raise NotPlainError
    before = reading.kind
    reading.kind, reading.level = "heading", len(heading[1])
    read_text(reading, heading[2].rstrip("#").strip())
    reading.kind, reading.level = before, 0
    reading.continues = False


def _read_piece(reading: Reading, text: str) -> None:
    """Read lines without heading and ruler: a list, or a paragraph."""
    if not text.strip():
        return
    if text.startswith("    "):
        raise NotPlainError
    if text[0] in " *+-" or text[0].isdecimal():
        for name, item in _ITEM.items():
            if match := item.match(text):
                start = match["start"] if name == "ol" else ""
                goes_on = reading.list_name.startswith(name)
                reading.list_name = _read_list(reading, name, text, reading.list_name if goes_on else "", start)
                return
    reading.list_name = ""
    read_text(reading, text.lstrip())
    reading.continues = False


def _read_list(reading: Reading, name: str, text: str, container: str, start: str) -> str:
    """Read the items of a list and give its container; `container` is set where the list goes on."""
    outside = reading.containers
    if len(outside) > 2 * DEEPEST:
        raise NotPlainError
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


def _read_inside(reading: Reading, chunk: str) -> None:
    """Read an indented chunk behind a list: more of its last item, or of the last item of a list within."""
    outer, path = reading.list_name, reading.path
    depth = (len(chunk) - len(chunk.lstrip(" "))) // 4
    item = path[: 2 * depth]
    if len(item) < 2 * depth:
        raise NotPlainError
    reading.containers, reading.kind = item, "item"
    reading.list_name = path[2 * depth] if len(path) > 2 * depth else ""
    _part_chunk(reading, "\n".join(line.removeprefix("    " * depth) for line in chunk.split("\n")))
    reading.path = reading.path if reading.list_name else item
    reading.list_name, reading.containers, reading.kind = outer, (), "paragraph"


def _start(start: str) -> str:
    return f"@{start}" if re.fullmatch(r"[0-9]{1,9}", start) and start != "1" else ""


def _items(name: str, text: str) -> list[str]:
    """The items of a list: text without its mark, or the indented lines of lists within as one item."""
    items: list[list[str]] = []
    for line in text.split("\n"):
        if match := _ITEM[name].match(line):
            items.append([match["text"]])
        elif _NESTED.match(line) and not items[-1][0].startswith("    "):
            items.append([line])
        else:
            items[-1].append(line)
    return ["\n".join(lines) for lines in items]


def _read_nested(reading: Reading, item: str) -> None:
    """Read the lines of a list within an item."""
    if reading.path != reading.containers:  # the item was a list itself, which would go on
        raise NotPlainError
    text = "\n".join(line.removeprefix("    ") for line in item.split("\n"))
    _refuse_marks(text)
    _read_list_within(reading, text)


def _read_list_within(reading: Reading, text: str) -> bool:
    """Read the lines of an item that begin a list of their own; tell whether they did."""
    for name, pattern in _ITEM.items():
        if match := pattern.match(text):
            _read_list(reading, name, text, "", match["start"] if name == "ol" else "")
            return True
    return False


def _read_item(reading: Reading, item: str) -> None:
    """Read the text of one item: words, or a heading alone."""
    if item.startswith("#") and "\n" not in item:
        _add_mark(reading, item)
        return
    _refuse_marks(item)
    if "\n" in item and not (item.split("\n", 1)[0].strip() and item.rsplit("\n", 1)[1].strip()):
        raise NotPlainError
    if _read_list_within(reading, item):
        return
    before = reading.kind
    reading.kind = "item"
    read_text(reading, item.lstrip())
    reading.kind = before


def _refuse_marks(text: str) -> None:
    """Leave what is more than words within lists to the converter."""
    if not _LINE_MARK.search(text):
        return
    if _QUOTE.search(text) or _UNDERLINE.search(text) or any(map(_is_mark, text.split("\n"))):
        raise NotPlainError
