"""One HTML tree → its blocks in reading order, each with its plain text and its markup rebuilt from a closed list."""

import html
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import takewhile

from bs4 import BeautifulSoup, Tag
from bs4.element import (
    CData,
    Comment,
    Declaration,
    Doctype,
    NavigableString,
    PageElement,
    ProcessingInstruction,
    Script,
    Stylesheet,
)

from newsarchive.article import Block, BlockKind, Image
from newsarchive.hanzi import clean_text
from newsarchive.players import FRAMES, PLAYERS, read_player
from newsarchive.runs import OTHER_SCHEME, Run, Style, inner_html, plain_text, style_hints, trim

SILENT = frozenset({"script", "style", "head", "meta", "link", "title", "base", "param"})
"""Elements whose content is not text."""
PAGE = frozenset({"html", "body"})
"""Elements that are the whole page: a selector that chooses one of them chooses nothing."""
INLINE = {
    "b": "strong", "strong": "strong", "i": "em", "em": "em", "code": "code", "tt": "code", "kbd": "kbd",
    "sub": "sub", "sup": "sup", "u": "u", "ins": "u", "s": "s", "del": "s", "strike": "s", "mark": "mark",
    "q": "q", "cite": "cite", "ruby": "ruby", "rt": "rt", "rp": "rp", "a": "a",
}  # fmt: skip
"""Inline elements that survive, and what they become."""
TRANSPARENT = frozenset(
    {"span", "font", "big", "small", "abbr", "acronym", "label", "time", "data", "bdi", "bdo", "dfn", "samp", "var",
     "wbr", "source", "track", "nobr", "output", "map", "area", "slot"}
)  # fmt: skip
"""Inline elements that leave no trace; the parser takes words behind `source` and `track` for their content."""
CONTAINERS = {"blockquote": "quote", "ul": "ul", "ol": "ol", "menu": "ul", "li": "li"}
HEADINGS = {f"h{level}": level for level in range(1, 7)}
HINTED = frozenset({"noscript", "template", "nav", "footer", "aside", "header", "form", "button", "select", "svg"})
"""Elements whose name is kept as a hint (`in:nav`) on every block inside."""
MEDIA = frozenset({"video", "audio", *FRAMES})
"""Elements whose words are shown only where they play nothing."""
NOT_TEXT = (Comment, Declaration, Doctype, ProcessingInstruction, CData)
IMAGE_SOURCES = ("data-src", "data-original", "data-lazy-src", "data-actualsrc", "data-url", "original", "src")
"""Attributes that hold a picture's address, the lazy ones first: `src` is then only a place-holder."""
NUMBER = re.compile(r"[-+±−]?[\d,.]+\s?(?:[%％‰万亿元]|亿元|万元|--)?|--|—")
"""A cell that holds a figure, which is set flush right."""
LAYOUT_CELL = 400
"""Characters in one cell from which a table is taken for page layout."""


@dataclass(frozen=True, slots=True)
class _Context:
    """What holds for everything inside the element that is being walked."""

    styles: tuple[Style, ...] = ()
    containers: tuple[str, ...] = ()
    marks: frozenset[str] = frozenset()
    hints: tuple[str, ...] = ()
    kind: BlockKind = "paragraph"
    level: int = 0


@dataclass(frozen=True, slots=True)
class _Open:
    """An element whose children are being walked."""

    children: Iterator[PageElement]
    before: _Context
    """What holds again behind it."""
    parts: bool
    """True where its end parts one block from the next."""
    is_block: bool


@dataclass(slots=True)
class _Walk:
    """What changes while the tree is walked."""

    selected: Mapping[int, frozenset[str]]
    nesting: int
    blocks: list[Block] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    context: _Context = _Context()
    numbered: int = 0
    continues: bool = False


def flatten(root: Tag, selected: Mapping[int, frozenset[str]] | None = None, nesting: int = 200) -> tuple[Block, ...]:
    """Cut the tree below `root` into blocks in reading order, none without text or picture.

    `selected` names, by the identity of an element, the selector rules that chose it; its blocks carry them as marks.
    Elements deeper than `nesting` still part blocks, but leave no other trace.
    """
    walk = _Walk(selected or {}, nesting)
    _walk(walk, root)
    _flush(walk)
    return tuple(walk.blocks)


def select(soup: BeautifulSoup, selectors: Mapping[str, str]) -> dict[int, frozenset[str]]:
    """Find the elements that each rule's CSS selector chooses: identity of the element → ids of the rules."""
    found: dict[int, set[str]] = {}
    for rule, selector in selectors.items():
        for element in soup.select(selector):
            found.setdefault(id(element), set()).add(rule)
    return {key: frozenset(rules) for key, rules in found.items()}


def _walk(walk: _Walk, root: Tag) -> None:
    """Walk everything below an element in reading order; a stack, not recursion, since pages nest without bound."""
    stack = [_Open(iter(root.children), walk.context, parts=False, is_block=False)]
    while stack:
        child = next(stack[-1].children, None)
        if child is None:
            _leave(walk, stack.pop())
        elif isinstance(child, Tag):
            opened = _enter(walk, child, is_deep=len(stack) > walk.nesting)
            stack += [opened] if opened else []
        elif isinstance(child, NavigableString) and not isinstance(child, NOT_TEXT):
            walk.runs.append((str(child), walk.context.styles))


def _leave(walk: _Walk, opened: _Open) -> None:
    if opened.parts:
        _flush(walk)
    if opened.is_block:
        walk.continues = False
    walk.context = opened.before


def _enter(walk: _Walk, element: Tag, *, is_deep: bool) -> _Open | None:
    """Begin an element with what its name asks for; None where it is done with already."""
    name = element.name.lower()
    if name in SILENT:
        return None
    before = walk.context
    marks = before.marks | (walk.selected.get(id(element), frozenset()) if name not in PAGE else frozenset())
    is_block = name not in INLINE and name not in TRANSPARENT and name not in ("br", "img", "image")
    parts = is_block or marks != before.marks
    if parts:
        # What stands before the element must not share its marks.
        _flush(walk)
    walk.context = replace(before, marks=marks)
    if _take_whole(walk, element, name, is_deep=is_deep):
        walk.context = before
        return None
    if not is_deep:
        walk.context = _inside_block(walk, element, name) if is_block else _inside_inline(walk.context, element, name)
    return _Open(iter(element.children), before, parts, is_block)


def _take_whole(walk: _Walk, element: Tag, name: str, *, is_deep: bool) -> bool:
    """Turn elements that are one block, or none, into it; False for those whose children are to be walked."""
    if name == "br":
        _flush(walk)
        walk.continues = True
    elif name == "hr":
        _add(walk, "separator")
    elif name in ("img", "image"):
        _add_image(walk, element)
    elif name == "pre":
        _add_code(walk, element)
    elif name == "table" and not is_deep and not _is_layout(element):
        _add_table(walk, element)
    else:
        return False
    return True


def _inside_inline(context: _Context, element: Tag, name: str) -> _Context:
    if name not in INLINE:
        return context
    target = str(element.get("href") or "") if name == "a" else ""
    return replace(context, styles=(*context.styles, (INLINE[name], target)))


def _inside_block(walk: _Walk, element: Tag, name: str) -> _Context:
    context = walk.context
    if name in PLAYERS or name in FRAMES:
        _add_player(walk, element)
    if name in CONTAINERS:
        around = context.containers
        if name == "li" and around and around[-1].startswith("li#"):
            around = around[:-1]  # as browsers do, which end an item where the next begins
        context = replace(context, containers=(*around, _container(walk, element, name)))
    if name in HINTED or name in MEDIA:
        context = replace(context, hints=(*context.hints, f"in:{name}"))
    if name in ("figcaption", "caption"):
        context = replace(context, hints=(*context.hints, "caption"))
    if name in HEADINGS:
        return replace(context, kind="heading", level=HEADINGS[name])
    return replace(context, kind="item") if name == "li" else context


def _container(walk: _Walk, element: Tag, name: str) -> str:
    walk.numbered += 1
    start = str(element.get("start") or "") if name == "ol" else ""
    suffix = f"@{start}" if re.fullmatch(r"[0-9]{1,9}", start) and start != "1" else ""
    return f"{CONTAINERS[name]}#{walk.numbered}{suffix}"


def _flush(walk: _Walk) -> None:
    """Turn the collected runs of text into a block; white space alone makes none."""
    runs = trim(walk.runs)
    walk.runs = []
    text = plain_text(runs)
    if not text:
        return
    hints, href = style_hints(runs)
    context = walk.context
    block = Block(
        kind=context.kind, text=text, html=inner_html(runs), level=context.level, containers=context.containers,
        marks=context.marks, hints=(*context.hints, *hints), href=href, continues=walk.continues and bool(walk.blocks),
    )  # fmt: skip
    walk.blocks.append(block)
    walk.continues = False


def _add(walk: _Walk, kind: BlockKind, text: str = "", inner: str = "", images: tuple[Image, ...] = ()) -> None:
    _flush(walk)
    walk.continues = False
    context = walk.context
    href = next((target for name, target in context.styles if name == "a"), "")
    walk.blocks.append(Block(kind, text, inner, 0, context.containers, images, context.marks, context.hints, href))


def _add_image(walk: _Walk, element: Tag) -> None:
    alt = clean_text(str(element.get("alt") or ""))
    image = Image(image_address(element), alt=alt, width=_pixels(element, "width"), height=_pixels(element, "height"))
    _add(walk, "image", images=(image,))


def image_address(element: Tag) -> str:
    """Recover a picture's address, lazy attributes first; empty where only a place-holder or inline data is left."""
    for name in IMAGE_SOURCES:
        address = str(element.get(name) or "").strip()
        if address and not OTHER_SCHEME.match(address):
            return address
    choices = str(element.get("data-srcset") or element.get("srcset") or "").strip()
    first = re.split(r",?\s", choices)[0].rstrip(",")
    return "" if OTHER_SCHEME.match(first) else first


def _pixels(element: Tag, name: str) -> int | None:
    value = str(element.get(name) or "").removesuffix("px")
    return int(value) if re.fullmatch(r"[0-9]{1,5}", value) and 0 < int(value) < 20000 else None


def _add_player(walk: _Walk, element: Tag) -> None:
    """Keep film and sound as a place that tells its address; words inside are only for browsers without them."""
    player = read_player(element)
    if player is not None:
        _add(walk, "media", images=(player,))


def _add_code(walk: _Walk, element: Tag) -> None:
    text = unicodedata.normalize("NFC", "".join(_code_parts(element))).strip("\n")
    if text.strip():
        _add(walk, "code", text, html.escape(text, quote=False))


def _code_parts(element: Tag) -> Iterator[str]:
    """The text of code; accounts write its lines with breaks, or as one element a line."""
    for node in element.descendants:
        if isinstance(node, Tag):
            is_line = node.name == "code" and node.parent is element and node.find_previous_sibling("code") is not None
            yield "\n" if is_line or node.name == "br" else ""
        elif isinstance(node, NavigableString) and not isinstance(node, (*NOT_TEXT, Script, Stylesheet)):
            yield str(node)


def _is_layout(table: Tag) -> bool:
    """True for a table that only places things: one column, nested tables, pictures or whole passages in its cells.

    So is one with text outside of cells, with cells outside of rows, or with rows within cells, as broken tables have
    them: reading it row by row would lose or repeat something.
    """
    found: dict[str, list[Tag]] = {}
    for node in table.descendants:
        if isinstance(node, Tag):
            if node.name in _PLACING or (node.name in _IN_ROWS and not _stands_in_row(node, table)):
                return True
            found.setdefault(node.name, []).append(node)
        elif isinstance(node, NavigableString) and node.strip() and _is_loose(node):
            return True
    cells = [*found.get("td", ()), *found.get("th", ())]
    columns = max((len(row.find_all(CELLS, recursive=False)) for row in found.get("tr", ())), default=0)
    return (
        columns < 2
        or any(len(cell.get_text()) > LAYOUT_CELL for cell in cells)
        or ("div" in found and any(len(cell.find_all("div")) > 1 for cell in cells))
    )


CELLS = ["td", "th"]
_PLACING = frozenset({"table", "img", "pre", "h1", "h2", *MEDIA})
_HOLDING = frozenset({*CELLS, "caption"})
_IN_ROWS = _HOLDING | {"tr"}


def _stands_in_row(element: Tag, table: Tag) -> bool:
    """Whether a cell stands in a row, or a row or a caption outside of cells."""
    if element.name in CELLS:
        return element.parent is not None and element.parent.name == "tr"
    around = takewhile(lambda parent: parent is not table, element.parents)
    return all(parent.name not in CELLS for parent in around)


def _is_loose(text: NavigableString) -> bool:
    """Whether text stands outside of cells and captions."""
    parent = text.parent
    if parent is None or parent.name in SILENT or isinstance(text, NOT_TEXT):
        return False
    return not any(around.name in _HOLDING for around in text.parents)


def _add_table(walk: _Walk, table: Tag) -> None:
    """Keep a table of data as one block: rows parted by newline, cells by tab."""
    for caption in table.find_all("caption"):
        _add_caption(walk, caption)
    rows: list[str] = []
    lines: list[str] = []
    for row in table.find_all("tr"):
        cells = [(cell, flatten(cell)) for cell in row.find_all(["td", "th"], recursive=False)]
        texts = [" ".join(block.text.replace("\n", " ") for block in blocks) for _, blocks in cells]
        if any(texts):
            lines.append("\t".join(texts))
            rows.append("<tr>" + "".join(_cell_html(cell, blocks) for cell, blocks in cells) + "</tr>")
    if lines:
        _add(walk, "table", "\n".join(lines), "<tbody>" + "".join(rows) + "</tbody>")


def _add_caption(walk: _Walk, caption: Tag) -> None:
    before = walk.context
    walk.context = replace(before, hints=(*before.hints, "caption"))
    _walk(walk, caption)
    _flush(walk)
    walk.context = before


def _cell_html(cell: Tag, blocks: Collection[Block]) -> str:
    inner = "<br>".join(block.html for block in blocks)
    spans = "".join(
        f' {name}="{cell.get(name)}"'
        for name in ("colspan", "rowspan")
        if re.fullmatch(r"[0-9]{1,3}", str(cell.get(name) or ""))
    )
    text = " ".join(block.text for block in blocks)
    number = ' class="number"' if cell.name == "td" and NUMBER.fullmatch(text) else ""
    return f"<{cell.name}{number}{spans}>{inner}</{cell.name}>"
