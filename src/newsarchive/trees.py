"""Markdown by the converter, HTML as it stands → one tree of elements; the tree → blocks and what it tells of fields.

The reference of every other way of reading, and the only one for HTML.
"""

import re
import warnings
from bisect import bisect
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from xml.etree.ElementTree import Element, SubElement

from bs4 import BeautifulSoup, MarkupResemblesLocatorWarning, Tag, XMLParsedAsHTMLWarning
from markdown import Markdown
from markdown.extensions.tables import TableProcessor

from newsarchive.article import Block, Shape
from newsarchive.blocks import flatten, select
from newsarchive.hanzi import letters
from newsarchive.pages import find_story
from newsarchive.probes import probe_markup
from newsarchive.runs import link_target
from newsarchive.selection import ABSTRACT, DENSEST, Probe, may_match

ABSTRACTS = '[class*="summary"], [class*="abstract"], [class*="intro"], .lead, .digest, .daodu, .zhaiyao, .desc'
"""Elements that sites set an abstract into."""
TRUSTED = 0.5
"""Share of the densest elements' letters that a rule's choice must hold."""

DEEP_QUOTE = re.compile(r"^((?:[ \t]*>){20})(?:[ \t]*>)+", re.MULTILINE)
"""Quotation marks beyond the twentieth level of Markdown."""
DEEP_INDENT = re.compile(r"^([ ]{80}|\t{20})[ \t]+(?=\S)", re.MULTILINE)
"""Indentation beyond the twentieth level of Markdown."""
MOST_BRACKETS = 2_000
"""Opening brackets in one block of Markdown up to which they may begin links."""
UNUSED = range(0xE000, 0xF900)
"""Characters that mean nothing by themselves."""
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
GATHERING = re.compile(r"<(?:ul|ol|blockquote|pre)\b")
"""An element that Markdown goes on with behind a blank line."""
PARAGRAPH_END = re.compile(r"(\n[ \t]*\n)")

Found = tuple[tuple[Probe, str], ...]
"""Each probe that found something, with its first value, for titles the first few; in the order of the probes."""


def read_tree(
    body: str,
    shape: Shape,
    base: str,
    selectors: Mapping[str, str],
    story: Sequence[str],
    probes: Sequence[Probe],
    nesting: int,
) -> tuple[tuple[Block, ...], Found]:
    """Cut Markdown or HTML into blocks in reading order and ask its elements for fields.

    `base` is the document's own address; `selectors`, `story` and `nesting` are those of `markup.parse_document`.
    """
    markup = _converted(body) if shape == "markdown" else body
    if shape in ("markdown", "fragment"):
        markup = _with_few_tags(markup, is_markdown=shape == "markdown")
    soup = _soup(markup)
    folded = markup.lower()
    possible = {rule: css for rule, css in selectors.items() if may_match(css, folded)}
    selected = select(soup, {rule: css for rule, css in possible.items() if rule not in story})
    chosen = list(_story_elements(soup, {rule: possible[rule] for rule in story if rule in possible}, shape))
    for mark, elements in chosen:
        for element in elements:
            selected[id(element)] = selected.get(id(element), frozenset()) | {mark}
    asked = [probe for probe in probes if not probe.selector or may_match(probe.selector, folded)]
    found = probe_markup(soup, body, asked, chosen[0][1] if chosen and shape == "page" else ())
    _resolve_links(soup, base)
    return flatten(soup, selected, nesting), found


def read_phrase(text: str, base: str) -> tuple[Block, ...]:
    """Cut the words of one paragraph of Markdown into blocks, as they are where others stand before it.

    Only what stands within it is understood; `text` holds no tags. `base` is the document's own address.
    """
    converter = _markdown().reset()
    root = Element("div")
    SubElement(root, "hr")
    SubElement(root, "p").text = text
    for processor in converter.treeprocessors:
        root = processor.run(root) or root
    markup = converter.serializer(root)
    for finisher in converter.postprocessors:
        markup = finisher.run(markup)
    return _behind_ruler(markup, base)


def read_chunk(text: str, base: str) -> tuple[Block, ...] | None:
    """Cut Markdown between blank lines into blocks, as they are where others stand before it; `text` holds no tags.

    None where it holds what may go on behind the next blank line: a list, a quotation, code.
    """
    markup = _converted(f"---\n\n{text}")
    return None if GATHERING.search(markup) else _behind_ruler(markup, base)


def _behind_ruler(markup: str, base: str) -> tuple[Block, ...]:
    """The blocks behind the first one, a ruler, which stands for whatever came before."""
    soup = _soup(_with_few_tags(markup, is_markdown=True))
    _resolve_links(soup, base)
    return flatten(soup)[1:]


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


def _converted(body: str) -> str:
    """Markdown as HTML."""
    # The converter calls itself for each level, so that a few hundred would exhaust the stack.
    body = DEEP_QUOTE.sub(r"\1 ", DEEP_INDENT.sub(r"\1", body))
    if body.count("[") <= MOST_BRACKETS:
        return _markdown().reset().convert(body)
    stands = next((character for character in map(chr, UNUSED) if character not in body), "&#91;")
    return _markdown().reset().convert(_with_few_brackets(body, stands)).replace(stands, "[")


def _with_few_brackets(body: str, stands: str) -> str:
    """Let `stands` stand for brackets in blocks with more of them than links are written; code stays as it is.

    The converter looks from each bracket to the end of its block, which takes minutes where nothing closes them; a
    character reference, of which it remembers each, takes as long.
    """
    parts: list[str] = []
    end = 0
    for code in FENCED.finditer(body):
        parts += [*PARAGRAPH_END.split(body[end : code.start()]), code.group()]
        end = code.end()
    parts += PARAGRAPH_END.split(body[end:])
    return "".join(
        part.replace("[", stands) if part.count("[") > MOST_BRACKETS and not FENCED.match(part) else part
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
        link["href"], printed = link_target(base, str(link["href"]))
        if printed:
            link.insert_after(printed)
