"""Markdown, HTML or plain text → one tree of blocks; the blocks → safe HTML and plain text."""

import html
import re
import warnings
from bisect import bisect
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from urllib.parse import urljoin
from xml.etree.ElementTree import Element

import nh3
from bs4 import BeautifulSoup, MarkupResemblesLocatorWarning, Tag, XMLParsedAsHTMLWarning
from markdown import Markdown
from markdown.extensions.tables import TableProcessor
from msgspec.structs import replace

from newsarchive.article import Block, Document, Image
from newsarchive.blocks import flatten, select
from newsarchive.hanzi import clean_text, detect_language, han_share, letters
from newsarchive.pages import find_story
from newsarchive.selection import may_match

DENSEST = "generic/outside-story"
"""Mark of the blocks inside the element that density of text chose, where no rule names the story's element."""
ABSTRACT = "abstract"
"""Mark of the blocks inside elements whose class tells of an abstract; it takes nothing."""
ABSTRACTS = '[class*="summary"], [class*="abstract"], [class*="intro"], .lead, .digest, .daodu, .zhaiyao, .desc'
"""Elements that sites set an abstract into."""
TRUSTED = 0.5
"""Share of the densest elements' letters that a rule's choice must hold."""
TAGS = {
    "a", "strong", "em", "code", "kbd", "sub", "sup", "u", "s", "mark", "q", "cite", "ruby", "rt", "rp",
    "br", "table", "tbody", "tr", "td", "th",
}  # fmt: skip
"""Elements that content may bring to a page; everything around them is written here."""
ATTRIBUTES = {"a": {"href"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
SCHEMES = {"http", "https", "mailto"}
PRINTED = {"file", "ftp", "magnet", "ed2k", "thunder"}
"""Schemes of addresses that say where something was but may not be linked: the address is printed behind its words."""
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

HEADLINES = 4
"""Values that a probe for the title gives: the first `h1` of a page is often the site's own name."""

DEEP_QUOTE = re.compile(r"^((?:[ \t]*>){20})(?:[ \t]*>)+", re.MULTILINE)
"""Quotation marks beyond the twentieth level of Markdown."""
DEEP_INDENT = re.compile(r"^([ ]{80}|\t{20})[ \t]+(?=\S)", re.MULTILINE)
"""Indentation beyond the twentieth level of Markdown."""
MOST_BRACKETS = 2_000
"""Opening brackets in one block of Markdown up to which they may begin links."""
FENCED = re.compile(r"^ {0,3}(`{3,}|~{3,})[^\n]*\n.*?^ {0,3}\1[`~]*[ \t]*$", re.MULTILINE | re.DOTALL)
NAMES = frozenset(
    "a abbr acronym address applet area article aside audio b base basefont bdi bdo bgsound big blink blockquote body "
    "br button canvas caption center cite code col colgroup command content data datalist dd del details dfn dialog "
    "dir div dl dt em embed fieldset figcaption figure font footer form frame frameset g h1 h2 h3 h4 h5 h6 head header "
    "hgroup hr html i iframe image img input ins isindex kbd keygen label legend li link main map mark marquee math "
    "menu menuitem meta meter nav nobr noembed noframes noscript object ol optgroup option output p param path picture "
    "plaintext pre progress q rb rp rt rtc ruby s samp script search section select slot small source span strike "
    "strong style sub summary sup svg table tbody td template textarea tfoot th thead time title tr track tt u ul use "
    "var video wbr xmp".split()
)
"""Names of the elements of HTML, the older ones too."""
PAIRED = frozenset({"html", "head", "body", "title", "script", "style"})
"""Elements that are nothing in Markdown without both of their tags: one alone would hide the rest of the text."""
TAG = re.compile(
    r"<!--.*?(?:-->|\Z)|<(?P<end>/?)(?P<name>[a-zA-Z][^\s<>/\"'`=]*)(?P<rest>[^<>]*)(?P<last>>?)",
    re.DOTALL | re.IGNORECASE,
)
"""A comment, or what looks like a tag."""
CLOSING = re.compile(r"</([a-zA-Z][^\s<>/\"'`=]*)")
OPENING = re.compile(r"<([a-zA-Z][^\s<>/\"'`=]*)")
ATTRIBUTE = re.compile(
    r"[\s/]*(?:$|[a-zA-Z_:@][a-zA-Z0-9_:@.-]*\s*=(?!=)"
    r"|(?:allowfullscreen|alt|async|autoplay|checked|compact|controls|defer|disabled|hidden|loop|muted|nowrap|open"
    r"|reversed|selected)\b)"
)
"""What begins the attributes of a tag that someone meant as one."""
PARAGRAPH_END = re.compile(r"(\n[ \t]*\n)")

Figure = Callable[[Image], str]
"""Writes one picture as trusted HTML."""


@dataclass(frozen=True, slots=True)
class Probe:
    """Where the markup itself tells a field: an element chosen by CSS or a pattern over the file as received."""

    id: str
    field: str
    selector: str = ""
    attribute: str = ""
    """Attribute that holds the value; empty for the element's text."""
    pattern: re.Pattern[str] | None = None
    """Run over the value of the selector, or over the whole body where there is none; named groups or group 1 tell."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A document as blocks, with what its markup tells."""

    blocks: tuple[Block, ...]
    found: tuple[tuple[Probe, str], ...]
    """Each probe that found something, with its first value, for titles the first few; in the order of the probes."""


def parse_document(
    document: Document,
    selectors: Mapping[str, str],
    story: Sequence[str] = (),
    probes: Sequence[Probe] = (),
    nesting: int = 200,
) -> Parsed:
    """Cut a document into blocks in reading order and ask its markup for fields.

    `selectors` are the CSS selectors of rules by id; `story` names those of them that choose the story's element
    on a saved page. Where none of these chooses anything, the densest elements are marked with `DENSEST`.
    What stands deeper than `nesting` elements is flattened.
    """
    if document.shape == "text":
        return Parsed(join_columns(_lines(document.body)), ())
    markup = _html(document)
    if document.shape in ("markdown", "fragment"):
        markup = _with_few_tags(markup, is_markdown=document.shape == "markdown")
    soup = _soup(markup)
    folded = markup.lower()
    possible = {rule: css for rule, css in selectors.items() if may_match(css, folded)}
    selected = select(soup, {rule: css for rule, css in possible.items() if rule not in story})
    chosen = _story_elements(soup, {rule: possible[rule] for rule in story if rule in possible}, document.shape)
    for mark, elements in chosen:
        for element in elements:
            selected[id(element)] = selected.get(id(element), frozenset()) | {mark}
    found = _probe(soup, document.body, probes)
    _resolve_links(soup, str(document.front.get("url") or ""))
    return Parsed(flatten(soup, selected, nesting), found)


def _story_elements(soup: BeautifulSoup, story: Mapping[str, str], shape: str) -> Iterator[tuple[str, Sequence[Tag]]]:
    """Choose the elements of the story, each list with the mark of what chose it.

    A rule's choice counts where it holds most of what the densest elements do: sites change their pages, and a
    rule for the old one may find a box of the new.
    """
    densest = find_story(soup) if shape == "page" else ()
    enough = _size(densest) * TRUSTED
    for rule, css in story.items():
        elements = soup.select(css)
        if elements and _size(elements) >= enough:
            yield rule, elements
            return
    if densest:
        yield DENSEST, densest
        yield ABSTRACT, soup.select(ABSTRACTS)


def _size(elements: Sequence[Tag]) -> int:
    return sum(len(letters(element.get_text())) for element in elements)


def _soup(markup: str) -> BeautifulSoup:
    """Parse markup without the parser's advice to programmers: that a file looks like XML or like an address."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)
        warnings.simplefilter("ignore", MarkupResemblesLocatorWarning)
        return BeautifulSoup(markup, "lxml")


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
        follower = blocks[number + 1] if number + 1 < len(blocks) else None
        caption = follower.text if follower and is_caption(follower, block) else ""
        images += [replace(image, caption=image.caption or caption) for image in block.images]
    return tuple(images)


def to_html(blocks: Sequence[Block], figure: Figure, inserts: Mapping[int, str] | None = None, lang: str = "") -> str:
    """Write blocks as safe HTML: headings from `h2`, lists and quotations put together again, pictures by `figure`.

    `inserts[n]` is trusted HTML that stands after the first n blocks, or after the list or quotation that
    they end in. `lang` is the article's language; longer passages in another script are marked with theirs.
    """
    levels = _heading_levels(blocks)
    parts: list[str] = []
    opened: tuple[str, ...] = ()
    waiting: list[str] = []
    skip = False
    for number, block in enumerate(blocks):
        waiting += [inserts[number]] if inserts and number in inserts else []
        if skip:
            skip = False
            continue
        parts += _switch(opened, block.containers)
        opened = block.containers
        if not opened:
            parts += waiting
            waiting = []
        follower = blocks[number + 1] if number + 1 < len(blocks) else None
        skip = bool(follower and is_caption(follower, block))
        caption = follower.text if follower and skip else ""
        if block.continues and parts and parts[-1].endswith("</p>"):
            parts[-1] = parts[-1].removesuffix("</p>") + "<br>" + _clean(block.html) + "</p>"
        else:
            parts.append(_block_html(block, levels, figure, caption, lang))
    parts += _switch(opened, ())
    waiting += [trusted for number, trusted in sorted((inserts or {}).items()) if number >= len(blocks)]
    return "".join(parts + waiting)


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


def _html(document: Document) -> str:
    if document.shape != "markdown":
        return document.body
    # The converter calls itself for each level, so that a few hundred would exhaust the stack.
    body = DEEP_QUOTE.sub(r"\1 ", DEEP_INDENT.sub(r"\1", document.body))
    return _markdown().reset().convert(_with_few_brackets(body))


def _with_few_brackets(body: str) -> str:
    """Make brackets literal in blocks with more of them than links are written; code stays as it is.

    The converter looks from each bracket to the end of its block, which takes minutes where nothing closes them.
    """
    if body.count("[") <= MOST_BRACKETS:
        return body
    parts: list[str] = []
    end = 0
    for code in FENCED.finditer(body):
        parts += [*PARAGRAPH_END.split(body[end : code.start()]), code.group()]
        end = code.end()
    parts += PARAGRAPH_END.split(body[end:])
    return "".join(
        part.replace("[", "&#91;") if part.count("[") > MOST_BRACKETS and not FENCED.match(part) else part
        for part in parts
    )


def _with_few_tags(markup: str, *, is_markdown: bool) -> str:
    """Write what only looks like a tag (`a<b`, `<stdio.h>`) as text, since the parser would swallow it."""
    opened = frozenset(name.lower() for name in OPENING.findall(markup))
    closed = frozenset(name.lower() for name in CLOSING.findall(markup))
    ends = {
        name: [end.start() for end in re.finditer(f"</{name}", markup, re.IGNORECASE)] for name in ("script", "style")
    }
    hidden = 0

    def written(match: re.Match[str]) -> str:
        nonlocal hidden
        name = (match["name"] or "").lower()
        if not name or match.start() < hidden:
            return match[0]
        if name in ends and not match["end"]:
            hidden = next(iter(ends[name][(at := bisect(ends[name], match.start())) : at + 1]), hidden)
        if _is_tag(match, name in closed) and not (is_markdown and _is_stray(match, opened & closed)):
            return match[0]
        return "&lt;" + match[0][1:]

    return TAG.sub(written, markup)


def _is_tag(match: re.Match[str], is_closed: bool) -> bool:
    """True for a known element with what may follow its name; unknown ones need an end or an attribute."""
    return match["name"].lower() in NAMES or is_closed or "=" in match["rest"] or match["rest"].endswith("/")


def _is_stray(match: re.Match[str], paired: Collection[str]) -> bool:
    """True for a tag that its attributes or its missing partner tell from one that was meant."""
    name = match["name"].lower()
    return (name in PAIRED and name not in paired) or (not match["end"] and not ATTRIBUTE.match(match["rest"]))


class _WholeRows(TableProcessor):
    """Reads every cell of a table's row; the converter's own reading drops those beyond the head's count.

    The published types of the converter do not tell of the methods for rows.
    """

    def _build_row(self, row: str, parent: Element, align: Sequence[str | None]) -> None:
        cells = [cell.strip() for cell in self._split_row(row)]  # type: ignore[attr-defined]
        width = max((number for number, cell in enumerate(cells, 1) if cell), default=0)
        super()._build_row(row, parent, [*align, *[None] * (width - len(align))])  # type: ignore[misc]


@cache
def _markdown() -> Markdown:
    """Build the converter: line breaks count, and reference definitions stay text, since nothing may vanish."""
    converter = Markdown(extensions=["tables", "fenced_code", "nl2br", "sane_lists"], output_format="html")
    converter.parser.blockprocessors.deregister("reference")
    converter.parser.blockprocessors.register(_WholeRows(converter.parser, {"use_align_attribute": False}), "table", 75)
    return converter


def _resolve_links(soup: BeautifulSoup, base: str) -> None:
    """Make link targets absolute where the document's own address is known; print or drop what no page may link to."""
    for link in soup.find_all("a", href=True):
        written = str(link["href"]).strip()
        target = _joined(base, written)
        scheme = target.split(":", 1)[0].lower()
        link["href"] = target if scheme in SCHEMES else ""
        if scheme in PRINTED:
            link.insert_after(f"({target})")


def _joined(base: str, target: str) -> str:
    """The target made absolute; as it stands where it is so already, or where either is no address."""
    if re.match(r"(?:[a-zA-Z][a-zA-Z0-9+.-]*:|#|$)", target):
        return target
    try:
        return urljoin(base, target)
    except ValueError:
        return target


def _probe(soup: BeautifulSoup, body: str, probes: Sequence[Probe]) -> tuple[tuple[Probe, str], ...]:
    found: list[tuple[Probe, str]] = []
    for probe in probes:
        values = dict.fromkeys(filter(None, _values(soup, body, probe)))
        found += [(probe, value) for value in list(values)[: HEADLINES if probe.field == "title" else 1]]
    return tuple(found)


def _values(soup: BeautifulSoup, body: str, probe: Probe) -> list[str]:
    if not probe.selector:
        raw = [body]
    else:
        raw = [_value(element, probe.attribute) for element in soup.select(probe.selector)]
    if probe.pattern is None:
        return [clean_text(html.unescape(text)) for text in raw]
    matches = (probe.pattern.search(text) for text in raw)
    return [clean_text(html.unescape(match.group(1))) for match in matches if match]


def _value(element: Tag, attribute: str) -> str:
    return str(element.get(attribute) or "") if attribute else element.get_text()


def _heading_levels(blocks: Sequence[Block]) -> dict[int, int]:
    """Map printed heading levels to those of the page: the highest becomes 2, and none is left out."""
    levels = sorted({block.level for block in blocks if block.kind == "heading"})
    return {level: min(number + 2, 6) for number, level in enumerate(levels)}


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


def _block_html(block: Block, levels: Mapping[int, int], figure: Figure, caption: str, lang: str) -> str:
    if block.kind in ("image", "media"):
        return "".join(figure(replace(image, caption=image.caption or caption)) for image in block.images)
    if block.kind == "separator":
        return "<hr>"
    if block.kind == "table":
        # Rows survive sanitising only inside their table.
        table = _clean(f"<table>{block.html}</table>")
        return f'<div class="table" role="region" tabindex="0" aria-label="表格">{table}</div>'
    inner = _clean(block.html)
    if block.kind == "code":
        return f"<pre><code>{inner}</code></pre>"
    name = f"h{levels[block.level]}" if block.kind == "heading" else "p"
    return f"<{name}{_language(block.text, lang)}>{inner}</{name}>"


def _language(text: str, lang: str) -> str:
    """Mark a passage in another script than the article's, so that it is read and broken by its own rules."""
    if not lang.startswith("zh") or len(letters(text)) < FOREIGN or han_share(text) > 0.05:
        return ""
    other = detect_language(text)
    return f' lang="{other}"' if other not in ("und", lang) and not other.startswith("zh") else ""


def _clean(inner: str) -> str:
    """Sanitise inner markup; it was built from a closed list already, so this only guards."""
    if "<" not in inner:
        return inner
    return nh3.clean(
        inner.replace('<a href="">', "<a>"),
        tags=TAGS,
        attributes=ATTRIBUTES,
        allowed_classes={"td": {"number"}},
        url_schemes=SCHEMES,
        link_rel=REL,
    )
