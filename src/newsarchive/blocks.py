"""One HTML tree → its blocks in reading order, each with its plain text and its markup rebuilt from a closed list."""

import html
import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from bs4 import BeautifulSoup, Tag
from bs4.element import CData, Comment, Declaration, Doctype, NavigableString, ProcessingInstruction

from newsarchive.article import Block, BlockKind, Image
from newsarchive.hanzi import clean_text

SILENT = frozenset({"script", "style", "head", "meta", "link", "title", "base", "param", "source", "track"})
"""Elements whose content is not text."""
INLINE = {
    "b": "strong", "strong": "strong", "i": "em", "em": "em", "code": "code", "tt": "code", "kbd": "kbd",
    "sub": "sub", "sup": "sup", "u": "u", "ins": "u", "s": "s", "del": "s", "strike": "s", "mark": "mark",
    "q": "q", "cite": "cite", "ruby": "ruby", "rt": "rt", "rp": "rp", "a": "a",
}  # fmt: skip
"""Inline elements that survive, and what they become."""
TRANSPARENT = frozenset(
    {"span", "font", "big", "small", "abbr", "acronym", "label", "time", "data", "bdi", "bdo", "dfn", "samp", "var",
     "center-inline", "wbr", "nobr", "output", "map", "area", "slot"}
)  # fmt: skip
"""Inline elements that leave no trace."""
CONTAINERS = {"blockquote": "quote", "ul": "ul", "ol": "ol", "menu": "ul", "li": "li"}
HEADINGS = {f"h{level}": level for level in range(1, 7)}
HINTED = frozenset({"noscript", "template", "nav", "footer", "aside", "header", "form", "button", "select", "svg"})
"""Elements whose name is kept as a hint (`in:nav`) on every block inside."""
MEDIA = frozenset({"video", "audio", "iframe", "embed", "object"})
NOT_TEXT = (Comment, Declaration, Doctype, ProcessingInstruction, CData)
SPACE = re.compile(r"[\s\u3000]+")
INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufe0e\ufe0f]")
IMAGE_SOURCES = ("data-src", "data-original", "data-lazy-src", "data-actualsrc", "data-url", "original", "src")
"""Attributes that hold a picture's address, the lazy ones first: `src` is then only a place-holder."""
NUMBER = re.compile(r"[-+±−]?[\d,.]+\s?(?:[%％‰万亿元]|亿元|万元|--)?|--|—")
"""A cell that holds a figure, which is set flush right."""
LAYOUT_CELL = 400
"""Characters in one cell from which a table is taken for page layout."""

Style = tuple[str, str]
"""One open inline element: its name and, for a link, its target."""


@dataclass(slots=True)
class _Walk:
    """What changes while the tree is walked."""

    selected: Mapping[int, frozenset[str]]
    blocks: list[Block] = field(default_factory=list)
    runs: list[tuple[str, tuple[Style, ...]]] = field(default_factory=list)
    styles: tuple[Style, ...] = ()
    containers: tuple[str, ...] = ()
    marks: frozenset[str] = frozenset()
    hints: tuple[str, ...] = ()
    kind: BlockKind = "paragraph"
    level: int = 0
    numbered: int = 0
    continues: bool = False


def flatten(root: Tag, selected: Mapping[int, frozenset[str]] | None = None) -> tuple[Block, ...]:
    """Cut the tree below `root` into blocks in reading order, none without text or picture.

    `selected` names, by the identity of an element, the selector rules that chose it; its blocks carry them as marks.
    """
    walk = _Walk(selected or {})
    _visit_children(walk, root)
    _flush(walk)
    return tuple(walk.blocks)


def select(soup: BeautifulSoup, selectors: Mapping[str, str]) -> dict[int, frozenset[str]]:
    """Find the elements that each rule's CSS selector chooses: identity of the element → ids of the rules."""
    found: dict[int, set[str]] = {}
    for rule, selector in selectors.items():
        for element in soup.select(selector):
            found.setdefault(id(element), set()).add(rule)
    return {key: frozenset(rules) for key, rules in found.items()}


def fold_space(text: str) -> str:
    """Normalise to NFC without invisible characters, every run of white space one space; ends are kept."""
    return unicodedata.normalize("NFC", SPACE.sub(" ", INVISIBLE.sub("", text)))


def _visit_children(walk: _Walk, element: Tag) -> None:
    for child in element.children:
        if isinstance(child, Tag):
            _visit(walk, child)
        elif isinstance(child, NavigableString) and not isinstance(child, NOT_TEXT):
            walk.runs.append((str(child), walk.styles))


def _visit(walk: _Walk, element: Tag) -> None:
    """Hand the element to the treatment that its name asks for, its marks in force meanwhile."""
    name = element.name.lower()
    if name in SILENT:
        return
    before = walk.marks
    walk.marks = before | walk.selected.get(id(element), frozenset())
    if walk.marks != before and name not in ("br", "img"):
        _flush(walk)
    _treat(walk, element, name)
    if walk.marks != before and name not in ("br", "img"):
        _flush(walk)
    walk.marks = before


def _treat(walk: _Walk, element: Tag, name: str) -> None:
    if name == "br":
        _flush(walk)
        walk.continues = True
    elif name == "hr":
        _add_separator(walk)
    elif name in ("img", "image"):
        _add_image(walk, element)
    elif name in MEDIA:
        _add_media(walk, element)
    elif name == "pre":
        _add_code(walk, element)
    elif name == "table" and not _is_layout(element):
        _add_table(walk, element)
    elif name in INLINE or name in TRANSPARENT:
        _visit_inline(walk, element, name)
    else:
        _visit_container(walk, element, name)


def _visit_inline(walk: _Walk, element: Tag, name: str) -> None:
    before = walk.styles
    if name in INLINE:
        target = str(element.get("href") or "") if name == "a" else ""
        walk.styles = (*before, (INLINE[name], target))
    _visit_children(walk, element)
    walk.styles = before


def _visit_container(walk: _Walk, element: Tag, name: str) -> None:
    _flush(walk)
    saved = (walk.containers, walk.hints, walk.kind, walk.level)
    if name in CONTAINERS:
        walk.numbered += 1
        start = str(element.get("start") or "") if name == "ol" else ""
        suffix = f"@{start}" if start.isdigit() and start != "1" else ""
        walk.containers = (*walk.containers, f"{CONTAINERS[name]}#{walk.numbered}{suffix}")
    if name in HINTED:
        walk.hints = (*walk.hints, f"in:{name}")
    if name in ("figcaption", "caption"):
        walk.hints = (*walk.hints, "caption")
    if name in HEADINGS:
        walk.kind, walk.level = "heading", HEADINGS[name]
    elif name == "li":
        walk.kind = "item"
    _visit_children(walk, element)
    _flush(walk)
    walk.containers, walk.hints, walk.kind, walk.level = saved
    walk.continues = False


def _flush(walk: _Walk) -> None:
    """Turn the collected runs of text into a block; white space alone makes none."""
    runs = _trim([(fold_space(text), styles) for text, styles in walk.runs])
    walk.runs = []
    if not runs:
        return
    text = clean_text("".join(text for text, _ in runs))
    hints, href = _style_hints(runs)
    block = Block(
        kind=walk.kind, text=text, html=_inner_html(runs), level=walk.level, containers=walk.containers,
        marks=walk.marks, hints=(*walk.hints, *hints), href=href, continues=walk.continues and bool(walk.blocks),
    )  # fmt: skip
    walk.blocks.append(block)
    walk.continues = False


def _trim(runs: list[tuple[str, tuple[Style, ...]]]) -> list[tuple[str, tuple[Style, ...]]]:
    """Take white space from both ends and fold it where two runs meet; empty runs go."""
    trimmed: list[tuple[str, tuple[Style, ...]]] = []
    for run, styles in runs:
        text = run.lstrip(" ") if not trimmed or trimmed[-1][0].endswith(" ") else run
        if text:
            trimmed.append((text, styles))
    if trimmed and trimmed[-1][0].endswith(" "):
        last = trimmed[-1][0].rstrip(" ")
        trimmed[-1:] = [(last, trimmed[-1][1])] if last else []
    return trimmed


def _style_hints(runs: Collection[tuple[str, tuple[Style, ...]]]) -> tuple[tuple[str, ...], str]:
    """Tell whether all of the text is bold or linked, and the target of the first link in the latter case."""
    written = [styles for text, styles in runs if text.strip()]
    bold = all(any(name == "strong" for name, _ in styles) for styles in written)
    targets = [next((target for name, target in styles if name == "a"), None) for styles in written]
    linked = all(target is not None for target in targets)
    hints = (("bold",) if bold else ()) + (("link",) if linked else ())
    return hints, (targets[0] or "") if linked else ""


def _inner_html(runs: list[tuple[str, tuple[Style, ...]]]) -> str:
    """Write the runs as markup, opening and closing inline elements where the styles change."""
    parts: list[str] = []
    opened: tuple[Style, ...] = ()
    for text, styles in [*runs, ("", ())]:
        same = 0
        while same < min(len(opened), len(styles)) and opened[same] == styles[same]:
            same += 1
        parts += [f"</{name}>" for name, _ in reversed(opened[same:])]
        parts += [_open_tag(style) for style in styles[same:]]
        parts.append(html.escape(text, quote=False))
        opened = styles
    return "".join(parts)


def _open_tag(style: Style) -> str:
    name, target = style
    return f'<a href="{html.escape(target)}">' if name == "a" else f"<{name}>"


def _add(walk: _Walk, kind: BlockKind, text: str = "", inner: str = "", images: tuple[Image, ...] = ()) -> None:
    _flush(walk)
    walk.continues = False
    href = next((target for name, target in walk.styles if name == "a"), "")
    walk.blocks.append(Block(kind, text, inner, 0, walk.containers, images, walk.marks, walk.hints, href))


def _add_separator(walk: _Walk) -> None:
    _add(walk, "separator")


def _add_image(walk: _Walk, element: Tag) -> None:
    alt = clean_text(str(element.get("alt") or ""))
    image = Image(image_address(element), alt=alt, width=_pixels(element, "width"), height=_pixels(element, "height"))
    _add(walk, "image", images=(image,))


def image_address(element: Tag) -> str:
    """Recover a picture's address, lazy attributes first; empty where only a place-holder or inline data is left."""
    for name in IMAGE_SOURCES:
        address = str(element.get(name) or "").strip()
        if address and not address.startswith(("data:", "javascript:", "about:")):
            return address
    choices = str(element.get("data-srcset") or element.get("srcset") or "").split(",")
    return choices[0].strip().split(" ")[0] if choices[0].strip() and "data:" not in choices[0] else ""


def _pixels(element: Tag, name: str) -> int | None:
    value = str(element.get(name) or "").removesuffix("px")
    return int(value) if value.isdigit() and 0 < int(value) < 20000 else None


def _add_media(walk: _Walk, element: Tag) -> None:
    """Keep film and sound as a place that tells its address; words inside are only for browsers without them."""
    source = element.find("source")
    address = element.get("src") or element.get("data-src") or (source.get("src") if isinstance(source, Tag) else "")
    cover = str(element.get("poster") or element.get("data-cover") or "")
    kind: Literal["audio", "video"] = "audio" if element.name == "audio" else "video"
    _add(walk, "media", images=(Image(str(address or ""), caption=cover, kind=kind),))
    walk.blocks.extend(_inside(walk, element))


def _inside(walk: _Walk, element: Tag) -> list[Block]:
    """Blocks of the words within an element that is itself one block, under its marks and hints."""
    inner = _Walk(walk.selected, marks=walk.marks, hints=(*walk.hints, f"in:{element.name}"))
    _visit_children(inner, element)
    _flush(inner)
    return inner.blocks


def _add_code(walk: _Walk, element: Tag) -> None:
    text = unicodedata.normalize("NFC", element.get_text()).strip("\n")
    if text.strip():
        _add(walk, "code", text, html.escape(text, quote=False))


def _is_layout(table: Tag) -> bool:
    """True for a table that only places things: one column, nested tables, pictures or whole passages in its cells."""
    rows = [row for row in table.find_all("tr") if row.find_parent("table") is table]
    columns = max((len(row.find_all(["td", "th"], recursive=False)) for row in rows), default=0)
    if columns < 2 or table.find("table") or table.find(["img", "video", "pre", "h1", "h2"]):
        return True
    return any(len(cell.get_text()) > LAYOUT_CELL for cell in table.find_all(["td", "th"]))


def _add_table(walk: _Walk, table: Tag) -> None:
    """Keep a table of data as one block: rows parted by newline, cells by tab."""
    for caption in table.find_all("caption"):
        _visit(walk, caption)
    rows: list[str] = []
    lines: list[str] = []
    for row in table.find_all("tr"):
        cells = row.find_all(["td", "th"], recursive=False)
        texts = [clean_text(cell.get_text(" ")) for cell in cells]
        if any(texts):
            lines.append("\t".join(texts))
            rows.append("<tr>" + "".join(map(_cell_html, cells)) + "</tr>")
    if lines:
        _add(walk, "table", "\n".join(lines), "<tbody>" + "".join(rows) + "</tbody>")


def _cell_html(cell: Tag) -> str:
    inner = "<br>".join(block.html for block in flatten(cell))
    spans = "".join(
        f' {name}="{cell.get(name)}"' for name in ("colspan", "rowspan") if str(cell.get(name) or "").isdigit()
    )
    number = ' class="number"' if cell.name == "td" and NUMBER.fullmatch(clean_text(cell.get_text())) else ""
    return f"<{cell.name}{number}{spans}>{inner}</{cell.name}>"
