"""Markdown, HTML or plain text → blocks, by whichever way is fit; the blocks → safe HTML and plain text."""

import html
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import nh3
from msgspec.structs import replace

from newsarchive.article import Block, Document, Image, ReadWith
from newsarchive.hanzi import HAN_RUN, clean_text, detect_language, han_share, letters
from newsarchive.runs import SCHEMES
from newsarchive.selection import Probe
from newsarchive.settings import Engine

TAGS = {
    "a", "strong", "em", "code", "kbd", "sub", "sup", "u", "s", "mark", "q", "cite", "ruby", "rt", "rp",
    "br", "table", "tbody", "tr", "td", "th",
}  # fmt: skip
"""Elements that content may bring to a page; everything around them is written here."""
ATTRIBUTES = {"a": {"href"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
REL = "noopener noreferrer nofollow ugc"
SENTENCE_END = re.compile(r"[。！？…!?.：:；;”’」』）)】》]$")
COLUMN_WIDTH = 30
"""Characters from which a line without an end is a paragraph cut at the foot of a column, not a headline."""
PARTICLE = re.compile(r"[的们，。、；：！？）”』]")
"""What no line begins with: it goes on from the line before, however short that is."""
CREDIT_END = re.compile(r"(?:摄|图|文|报道|电)\s*$")
CAPTION = re.compile(
    r"^[▲△▼▽◆●↑]|^(?:图|上图|下图|左图|右图|资料图|图为)\S{0,12}[:：]?|(?:摄|供图|图源.{1,20})[）)]?$"
    r"|[（(][^（()）]{0,20}(?:图|截图|图片|供图|摄|视觉中国|资料)[）)]$"
)
LONGEST_CAPTION = 120
FOREIGN = 40
"""Letters from which a passage in another script gets its own language."""

Figure = Callable[[Image], str]
"""Writes one picture as trusted HTML."""
Part = str | int | Image
"""Safe HTML, a place between blocks, or a picture."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A document as blocks, with what its markup tells."""

    blocks: tuple[Block, ...]
    found: tuple[tuple[Probe, str], ...]
    """Each probe that found something, with its first value, for titles the first few; in the order of the probes."""
    read_by: ReadWith = "reference"


def parse_document(
    document: Document,
    selectors: Mapping[str, str],
    story: Sequence[str] = (),
    probes: Sequence[Probe] = (),
    nesting: int = 200,
    engine: Engine = "fast",
) -> Parsed:
    """Cut a document into blocks in reading order and ask its markup for fields.

    `selectors` are the CSS selectors of rules by id; `story` names those of them that choose the story's element
    on a saved page. Where none of these chooses anything, the densest elements are marked with `DENSEST`.
    What stands deeper than `nesting` elements is flattened. Both engines give the same: `fast` reads plain Markdown
    itself and leaves all else to the converter and the tree of elements, `reference` leaves everything to them.
    """
    if document.shape == "text":
        return Parsed(join_columns(_lines(document.body)), (), "text")
    from newsarchive.plain import NESTED, read_plain  # noqa: PLC0415  who only shows what was read needs neither

    base = str(document.front.get("url") or "")
    if engine == "fast" and document.shape == "markdown" and not selectors and not probes and nesting >= NESTED:
        blocks = read_plain(document.body, base)
        if blocks is not None:
            return Parsed(blocks, (), "fast")
    from newsarchive.trees import read_tree  # noqa: PLC0415  most builds never need the tree, which loads slowly

    blocks, found = read_tree(document.body, document.shape, base, selectors, story, probes, nesting)
    return Parsed(blocks, found)


def to_text(blocks: Sequence[Block]) -> str:
    """Give the plain text of blocks: one paragraph, caption, heading or table row a line, pictures left out."""
    return "\n".join(block.text for block in blocks if block.text)


def is_caption(block: Block, before: Block | None) -> bool:
    """True for the words that belong to the picture or film before them, by markup or by their form."""
    if before is None or before.kind not in ("image", "media") or block.kind not in ("paragraph", "item"):
        return False
    return "caption" in block.hints or (len(block.text) <= LONGEST_CAPTION and bool(CAPTION.search(block.text)))


def with_captions(blocks: Sequence[Block]) -> tuple[Image, ...]:
    """Give the pictures of blocks in reading order, each with the caption that follows it."""
    images: list[Image] = []
    for number, block in enumerate(blocks):
        if not block.images:
            continue
        follower = blocks[number + 1] if number + 1 < len(blocks) else None
        caption = follower.text if follower and is_caption(follower, block) else ""
        images += [replace(image, caption=image.caption or caption) for image in block.images]
    return tuple(images)


def to_html(blocks: Sequence[Block], figure: Figure, inserts: Mapping[int, str] | None = None, lang: str = "") -> str:
    """Write blocks as safe HTML: as `to_parts` does, with pictures by `figure`.

    `inserts[n]` is trusted HTML that stands after the first n blocks.
    """
    known = inserts or {}
    parts = to_parts(blocks, sorted(known), lang)
    written = (known[part] if isinstance(part, int) else part for part in parts)
    return "".join(part if isinstance(part, str) else figure(part) for part in written)


def to_parts(blocks: Sequence[Block], places: Collection[int], lang: str = "") -> list[Part]:
    """Write blocks as safe HTML: headings from `h2`, lists and quotations put together again.

    Each picture stands for itself. Each of the places, counts of blocks before them, stands as its number after these
    blocks, or after the list or quotation that they end in. `lang` is the article's language; longer passages in
    another script are marked with theirs.
    """
    levels = _heading_levels(blocks)
    parts: list[Part] = []
    opened: tuple[str, ...] = ()
    waiting: list[int] = []
    skip = False
    for number, block in enumerate(blocks):
        if number in places:
            waiting.append(number)
        if skip:
            skip = False
            continue
        if opened != block.containers:
            parts += _switch(opened, block.containers)
            opened = block.containers
        if waiting and not opened:
            parts += waiting
            waiting = []
        if block.kind in ("image", "media"):
            follower = blocks[number + 1] if number + 1 < len(blocks) else None
            skip = follower is not None and is_caption(follower, block)
            parts += _pictures(block, follower.text if follower and skip else "")
            continue
        before, inner = parts[-1] if parts else 0, _clean(_unsafe(block))
        if block.continues and isinstance(before, str) and before.endswith("</p>"):
            parts[-1] = f"{before.removesuffix('</p>')}<br>{inner}</p>"
        else:
            parts.append(_block_html(block, inner, levels.get(number, 0), lang))
    parts += _switch(opened, ())
    return parts + waiting + sorted(place for place in places if place >= len(blocks))


def join_columns(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Join paragraphs of a printed page that were cut at the end of a column.

    A long line without the end of a sentence goes on in the next one, unless it is a credit or the next is short
    and has no end either (a headline).
    """
    joined: list[Block] = []
    for block in blocks:
        if joined and _goes_on(joined[-1].text, block.text):
            text = joined[-1].text + block.text
            joined[-1] = replace(joined[-1], text=text, html=html.escape(text, quote=False))
        else:
            joined.append(block)
    return tuple(joined)


def _goes_on(text: str, following: str) -> bool:
    """True where a line is cut within a sentence that the following line ends."""
    if SENTENCE_END.search(text) or CREDIT_END.search(text) or not SENTENCE_END.search(following):
        return False
    return bool(PARTICLE.match(following)) or (len(text) >= COLUMN_WIDTH and han_share(following[:1]) > 0)


def _lines(body: str) -> tuple[Block, ...]:
    """Every line of a plain text as a paragraph; character references that a scraper left are resolved."""
    texts = (clean_text(html.unescape(line)) for line in body.split("\n"))
    return tuple(Block("paragraph", text, html.escape(text, quote=False)) for text in texts if text)


def _heading_levels(blocks: Sequence[Block]) -> dict[int, int]:
    """Give each heading its level on the page, by the number of its block: from 2, none skipped on the way down."""
    printed = sorted({block.level for block in blocks if block.kind == "heading"})
    levels: dict[int, int] = {}
    above = 1
    for number, block in enumerate(blocks):
        if block.kind == "heading":
            above = levels[number] = min(printed.index(block.level) + 2, above + 1, 6)
    return levels


def _switch(opened: tuple[str, ...], wanted: tuple[str, ...]) -> list[str]:
    """Close and open containers to come from one place of the tree to another."""
    same = 0
    while same < min(len(opened), len(wanted)) and opened[same] == wanted[same]:
        same += 1
    closing = [f"</{_element(name)}>" for name in reversed(opened[same:])]
    return closing + [_open(name) for name in wanted[same:]]


def _element(container: str) -> str:
    name = container.split("#", maxsplit=1)[0]
    return "blockquote" if name == "quote" else name


def _open(container: str) -> str:
    start = container.partition("@")[2]
    return f'<{_element(container)} start="{start}">' if start else f"<{_element(container)}>"


def _pictures(block: Block, caption: str) -> list[Image]:
    """Pictures of a block, with the caption that follows it."""
    return [replace(image, caption=caption) if caption and not image.caption else image for image in block.images]


def _block_html(block: Block, inner: str, level: int, lang: str) -> str:
    """Write a block around its sanitised markup."""
    if block.kind in ("paragraph", "item"):
        return f"<p{_language(block.text, lang)}>{inner}</p>"
    if block.kind == "heading":
        name = f"h{level}"
        return f"<{name}{_language(block.text, lang)}>{inner}</{name}>"
    if block.kind == "separator":
        return "<hr>"
    if block.kind == "table":
        return f'<div class="table" role="region" tabindex="0" aria-label="表格">{inner}</div>'
    return f"<pre><code>{inner}</code></pre>"


def _language(text: str, lang: str) -> str:
    """Mark a passage in another script than the article's, so that it is read and broken by its own rules."""
    if not lang.startswith("zh") or _has_han(text):
        return ""
    if len(letters(text)) < FOREIGN or han_share(text) > 0.05:
        return ""
    other = detect_language(text)
    return f' lang="{other}"' if other not in ("und", lang) and not other.startswith("zh") else ""


def _has_han(text: str) -> bool:
    """True where one character in twenty is Han; of most texts the first few runs tell."""
    found = 0
    for run in HAN_RUN.finditer(text):
        found += run.end() - run.start()
        if 20 * found > len(text):
            return True
    return False


def _unsafe(block: Block) -> str:
    """Markup of a block as it goes to be sanitised: rows survive that only inside their table."""
    return f"<table>{block.html}</table>" if block.kind == "table" else block.html


def _clean(fragment: str) -> str:
    """Sanitise inner markup; it was built from a closed list already, so this only guards.

    Each fragment goes by itself: nothing that it holds or leaves open reaches into another. What has no markup, or
    none but what `safe_markup` spells out, needs no parser.
    """
    if "<" not in fragment:
        return fragment
    if safe_markup().fullmatch(fragment):
        return fragment.replace('">', _REL_END) if '">' in fragment else fragment
    return _sanitise(fragment)


def _sanitise(fragment: str) -> str:
    cleaned = _cleaner().clean(fragment.replace('<a href="">', "<a>"))
    return _NO_LINK.sub(r"\1", cleaned) if _NO_LINK_START in cleaned else cleaned


_TEXT = r"[^<>&\0-\x08\x0b-\x1f\x7f-\xa0\ud800-\udfff]*"
_HOST = r"(?:(?!xn-)[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,}"
_PATH = r"[/?#][!#-%'-;=?-~]*(?:&amp;[!#-%'-;=?-~]*)*"
_STYLES = ("strong", "em", "code")
_REL_END = f'" rel="{REL}">'


@cache
def safe_markup() -> re.Pattern[str]:
    """Spell out the markup of most fragments: what `_sanitise` gives back as it stands, but for the `rel` of links.

    Styles without attributes, each closed where it was opened, and links to plain names of hosts. No fragment can be
    read in two ways, so that one which is not of this kind is told in linear time.
    """
    styled = _styled(_words())
    link = f'<a href="https?://{_HOST}(?:{_PATH})?">{_words(styled)}</a>'
    return re.compile(_words(link, _styled(_words(link, styled))))


def _words(*elements: str) -> str:
    """Spell out text with some elements in it."""
    between = "|".join(("&(?:amp|lt|gt);", "<br>", *elements))
    return f"{_TEXT}(?:(?:{between}){_TEXT})*"


def _styled(inner: str) -> str:
    return "|".join(f"<{style}>{inner}</{style}>" for style in _STYLES)


_NO_LINK_START = f'<a rel="{REL}">'
_NO_LINK = re.compile(rf"{re.escape(_NO_LINK_START)}(.*?)</a>", re.DOTALL)
"""A link whose address was none: its words stay."""


def is_ours(html: str) -> bool:
    """Whether HTML holds no tag but those that are written here: what was read from a file is asked for it.

    Anything else that begins with `<` is none of ours, an attribute or an address of another kind too.
    """
    return "<" not in html or _FOREIGN.search(html) is None


_AROUND = ("p", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "hr", "div")
_WRITTEN = "|".join(sorted({*TAGS, *_AROUND}))
_TOLD = "class|lang|start|colspan|rowspan|rel|role|tabindex|aria-label"
_FOREIGN = re.compile(
    rf'<(?!/?(?:{_WRITTEN})(?: (?:(?:{_TOLD})="[^"<>]*"|href="(?:{"|".join(sorted(SCHEMES))}):[^"<>]*"))*>)'
)
"""The beginning of what is no tag of ours."""


@cache
def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=TAGS,
        attributes=ATTRIBUTES,
        allowed_classes={"td": {"number"}},
        url_schemes=SCHEMES,
        link_rel=REL,
    )
