"""What a site may hold whatever its content says: the faults of pages, data and names, each told in a sentence.

Nothing here asks the package how it guards itself. Pages are read by three parsers that must agree on every element
and attribute, since what one of them takes for text and another for markup is how sanitisers are got round.
"""

import csv
import json
import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

import nh3
from lxml import html

from newsarchive.hanzi import letters

EVERYWHERE = {"class", "id", "lang", "title", "hidden", "role", "tabindex"}
ALLOWED = {
    "a": "href rel", "article": "", "aside": "", "b": "", "blockquote": "", "body": "", "br": "", "button": "",
    "circle": "cx cy r", "cite": "", "code": "", "data": "value", "dd": "", "del": "", "desc": "", "details": "",
    "div": "", "dl": "", "dt": "", "em": "", "figcaption": "", "figure": "", "footer": "", "form": "action method",
    "g": "", "h1": "", "h2": "", "h3": "", "h4": "", "h5": "", "h6": "", "head": "", "header": "", "hr": "", "html": "",
    "i": "", "img": "alt src srcset sizes width height loading decoding referrerpolicy",
    "input": "type name placeholder autocomplete spellcheck value", "ins": "", "kbd": "", "li": "",
    "line": "x1 x2 y1 y2",
    "link": "rel href type", "main": "", "mark": "", "meta": "charset http-equiv content name property", "nav": "",
    "noscript": "", "ol": "start", "p": "", "path": "d", "pre": "", "q": "", "rect": "x y width height", "rp": "",
    "rt": "", "ruby": "", "s": "", "script": "src type defer data-folding data-found data-first", "search": "",
    "section": "", "small": "", "span": "", "strong": "", "sub": "", "summary": "", "sup": "",
    "svg": "viewbox width height preserveaspectratio", "table": "", "tbody": "", "td": "colspan rowspan",
    "template": "", "text": "x y dx dy", "tfoot": "", "th": "scope colspan rowspan", "thead": "", "time": "datetime",
    "title": "", "tr": "", "u": "", "ul": "",
}  # fmt: skip
"""Element → what attributes it may have beside those that stand everywhere, `aria-` ones among them."""
OF_CONTENT = {
    "a": {"href", "rel", "class"}, "blockquote": set(), "br": set(), "cite": set(), "code": set(), "em": set(),
    "h2": {"lang"}, "h3": {"lang"}, "h4": {"lang"}, "h5": {"lang"}, "h6": {"lang"}, "hr": set(), "kbd": set(),
    "li": set(),
    "mark": set(), "ol": {"start"}, "p": {"lang", "class"}, "pre": set(), "q": set(), "rp": set(), "rt": set(),
    "ruby": set(), "s": set(), "span": {"class"}, "strong": set(), "sub": set(), "sup": set(), "table": set(),
    "tbody": set(), "td": {"class", "colspan", "rowspan"}, "th": {"colspan", "rowspan"}, "tr": set(), "u": set(),
    "ul": set(),
    "div": {"class", "role", "tabindex", "aria-label"}, "figure": set(), "figcaption": set(), "time": {"datetime"},
    "img": set(ALLOWED["img"].split()),
}  # fmt: skip
"""The same for the story's own text, where no element may be named and few may have a class."""
CLASSES = {None, "number", "table", "absent", "address", "bare", "cut"}
ADDRESSES = {"href", "src", "action", "data", "poster", "cite", "formaction", "background", "xlink:href"}
TOLD = {"og:url", "og:image", "citation_fulltext_html_url", "citation_pdf_url"}
"""Names of `meta` elements whose content is an address."""
UNREADABLE = {"href", "src"}
"""Attributes in which html5ever leaves nothing where the address has no readable host; each is checked by itself."""
REL = {"noopener", "noreferrer", "nofollow", "ugc"}
POLICY = {
    "default-src": {"'none'"}, "style-src": {"'self'"}, "img-src": {"'self'", "http:", "https:", "data:"},
    "connect-src": {"'self'"}, "base-uri": {"'none'"}, "form-action": {"'self'", "'none'", "file:"},
    "script-src": {"'self'"}, "object-src": {"'none'"},
}  # fmt: skip
"""The most that the policy of a page may allow."""
CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
FORMULA = tuple("=+-@\t\r\n＝＋－＠")
TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""What makes a text appear in another order than it is written."""
PARSER = html.HTMLParser(encoding="utf-8", huge_tree=True)


class _Tags(HTMLParser):
    """Gathers elements as a tokeniser without a tree sees them."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, sorted({name for name, _ in attrs} - UNREADABLE)))

    handle_startendtag = handle_starttag


def faults_of_page(data, row=None):
    """Tell what is wrong with a page; `row` is the article of the data that it shows."""
    text = data.decode("utf-8", "strict")
    if not text.startswith("<!DOCTYPE html>\n<html"):
        yield "does not begin as a page"
    if found := CONTROLS.search(text):
        yield f"holds the control character U+{ord(found[0]):04X}"
    if found := TURNING.search(text):
        yield f"turns the direction of its text with U+{ord(found[0]):04X}"
    page = html.document_fromstring(data, parser=PARSER)
    elements = [element for element in page.iter() if isinstance(element.tag, str)]
    yield from _disagreements(text, elements)
    for element in elements:
        yield from _faults_of_element(element)
    yield from _faults_of_policy(page)
    for body in page.xpath("//div[@class='sheet']/div[@class='text']"):
        yield from _faults_of_body(body)
    if row is not None:
        yield from _faults_of_article(page, row)


def faults_of_data(site):
    """Tell what is wrong with the data files and the search index."""
    rows = [json.loads(line) for line in (site / "data/articles.jsonl").read_text("utf-8").splitlines()]
    for name in ("removed.jsonl", "report.json"):
        text = (site / "data" / name).read_text("utf-8")
        for part in text.splitlines() if name.endswith("l") else [text]:
            json.loads(part)
    with (site / "data/articles.csv").open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.reader(file, strict=True))
    if [line[0] for line in table[1:]] != [row["id"] for row in rows] or len({len(line) for line in table}) != 1:
        yield "articles.csv: its cells are not where they belong"
    yield from (f"articles.csv: a spreadsheet runs {cell!r}" for cell in cells_of(site / "data/articles.csv"))
    for path in site.glob("search/*/*.js"):
        call = re.fullmatch(r"newsarchiveShard\((\"[^\"]*\"),(.*)\);\n", path.read_text("utf-8"), re.DOTALL)
        if not call or json.loads(call[1]) != path.relative_to(site).as_posix().removesuffix(".js"):
            yield f"{path.name}: is no single call"
        else:
            json.loads(call[2])


def cells_of(table):
    """Give the cells that begin as formulas do, whichever sign a spreadsheet parts them by."""
    for sign in ",;\t":
        with table.open(encoding="utf-8-sig", newline="") as file:
            for line in csv.reader(file, delimiter=sign):
                yield from (cell for cell in line if cell.lstrip(" ").startswith(FORMULA))


def faults_of_names(site):
    """Tell which names of files some system could not store, or would take for another."""
    for path in site.rglob("*"):
        name = path.relative_to(site).as_posix()
        own = name in {".newsarchive-manifest.json", "SHA256SUMS"}
        if path.is_symlink() or not (own or (re.fullmatch(r"[a-z0-9._/-]{1,120}", name) and ".." not in name)):
            yield f"{name!r} is no name for a file"


def _disagreements(text, elements):
    page = [(element.tag, sorted({*element.attrib} - UNREADABLE)) for element in elements]
    tokens = _Tags()
    tokens.feed(text)
    tokens.close()
    views = {"a tree": page, "tokens": tokens.found}
    # What stands in a template is no element of the page for the parser of browsers; only the search page has one.
    if "<template" not in text:
        views["a browser"] = _as_browsers_read(text)
    ours = {name: [each for each in view if each[0] not in ("html", "head", "body")] for name, view in views.items()}
    for name, view in ours.items():
        if view != ours["a tree"]:
            first = next(
                (pair for pair in zip(ours["a tree"], view, strict=False) if pair[0] != pair[1]), "their number"
            )
            yield f"read as {name} it has other elements: {first}"


def _as_browsers_read(text):
    """Elements that html5ever sees: everything passes, and what it writes has no other reading."""
    passed = nh3.clean(
        text,
        tags=set(ALLOWED) - {"html", "head", "body"},
        clean_content_tags=set(),
        generic_attribute_prefixes={""},
        link_rel=None,
    )
    tokens = _Tags()
    tokens.feed(passed)
    tokens.close()
    return tokens.found


def _faults_of_element(element):
    name, attributes = element.tag, element.attrib
    if name not in ALLOWED:
        yield f"holds the element {name}"
        return
    known = EVERYWHERE | set(ALLOWED[name].split())
    unknown = (each for each in attributes if each not in known and not each.startswith("aria-"))
    yield from (f"{name} has the attribute {attribute}" for attribute in unknown)
    for place, address in _addresses(element):
        if fault := fault_of_address(address):
            yield f"{name}'s {place} {fault}"
    if name == "script" and (fault := _fault_of_script(element)):
        yield f"a script {fault}"
    if name == "a" and _leads_out(attributes.get("href", "")) and not set(attributes.get("rel", "").split()) >= REL:
        yield f"an outbound link has rel={attributes.get('rel')!r}"
    if name == "meta" and attributes.get("http-equiv", "Content-Security-Policy") != "Content-Security-Policy":
        yield f"meta says {attributes['http-equiv']}"
    if name == "link" and attributes.get("rel") not in {"canonical", "icon", "stylesheet"}:
        yield f"a link is {attributes.get('rel')}"


def _addresses(element):
    """Every address of an element, with the attribute that holds it."""
    attributes = element.attrib
    yield from ((name, value) for name, value in attributes.items() if name in ADDRESSES)
    yield from (("srcset", choice.partition(" ")[0]) for choice in attributes.get("srcset", "").split(", "))
    if element.tag == "meta" and {attributes.get("property"), attributes.get("name")} & TOLD:
        yield "content", attributes["content"]


def fault_of_address(address):
    """Tell what is wrong with an address, read as browsers read it; empty where nothing is.

    Source: WHATWG URL Standard, section 4.4: controls and spaces at both ends, tabs and line ends everywhere go.
    """
    read = re.sub("[\t\n\r]", "", address.strip("".join(map(chr, range(33)))))
    scheme = re.match(r"([a-zA-Z][a-zA-Z0-9+.-]*):", read)
    if scheme and scheme[1].lower() not in {"http", "https", "mailto"}:
        return f"leads to {scheme[1].lower()}: ({address!r})"
    if scheme and not _is_readable(read):
        return f"cannot be read as an address ({address!r})"
    if not scheme and re.match(r"[/\\]{2}", read):
        return f"leads to another host ({address!r})"
    if not scheme and not re.fullmatch(r"(?:/|(?:\.\./)*)[A-Za-z0-9./_-]*(?:#[A-Za-z0-9_./-]*)?", read):
        return f"is no address of the site ({address!r})"
    return ""


def _is_readable(address):
    try:
        urlsplit(address)
    except ValueError:
        return False
    return True


def _leads_out(address):
    return re.match(r"\s*https?:", address, re.IGNORECASE) is not None


def _fault_of_script(element):
    kind, source = element.get("type"), element.get("src")
    if kind in {"application/ld+json", "application/json"} and source is None:
        return "" if isinstance(_parsed(element.text), dict) else "holds no JSON"
    if kind is not None or source is None or (element.text or "").strip():
        return "is not one of the site's files"
    return "" if re.fullmatch(r"(?:\.\./)*assets/[a-z]+\.js", source) else f"comes from {source!r}"


def _faults_of_policy(page):
    head = [element for element in page.find("head") if isinstance(element.tag, str)]
    policies = page.xpath("//meta[@http-equiv]")
    if len(policies) != 1 or len(head) < 2 or head[0].get("charset") != "utf-8" or head[1] is not policies[0]:
        yield "its policy is not the first thing behind its encoding"
        return
    told = [part.split() for part in policies[0].get("content", "").split(";") if part.strip()]
    directives = {name: set(values) for name, *values in told}
    if directives.get("default-src") != {"'none'"} or directives.get("base-uri") != {"'none'"}:
        yield "its policy allows what it does not name"
    for name, values in directives.items():
        if not values <= POLICY.get(name, set()):
            yield f"its policy allows {name} {' '.join(sorted(values))}"


def _faults_of_body(body):
    for element in body.iterdescendants():
        if not isinstance(element.tag, str):
            yield "the text holds a comment"
        elif element.tag not in OF_CONTENT:
            yield f"the text holds the element {element.tag}"
        elif not set(element.attrib) <= OF_CONTENT[element.tag]:
            yield f"{element.tag} of the text has {sorted(element.attrib)}"
        elif element.get("class") not in CLASSES:
            yield f"{element.tag} of the text has the class {element.get('class')}"


def _faults_of_article(page, row):
    """What the page says is what the data says, character by character: nothing was broken out of or swallowed."""
    title = row["title"] or "〔无题〕"
    named = {element.get("property") or element.get("name"): element.get("content") for element in page.iter("meta")}
    data = _json_ld(page)
    told = (
        ("h1", page.xpath("string(//h1)"), title),
        ("title", page.xpath("string(//head/title)").rpartition("｜")[0], title),
        ("og:title", named.get("og:title"), title),
        ("citation_title", named.get("citation_title"), title),
        ("description", named.get("description"), row["summary"] or title),
        ("JSON-LD", data.get("headline"), row["title"]),
        ("JSON-LD's publisher", data.get("publisher", {}).get("name"), row["publisher"]),
    )
    for place, said, meant in told:
        if _bare(said) != _bare(meant):
            yield f"{place} says {said!r}, not {meant!r}"
    shown = letters("".join(page.xpath("//div[@class='sheet']/div[@class='text']//text()")))
    missing = [line for line in row["text"].splitlines() if letters(line) not in shown]
    if missing:
        yield f"the page lacks {missing[0]!r}"


def _bare(text):
    """Text without controls and what stands for them on a page, as the parser folds the ends of lines."""
    return CONTROLS.sub("", re.sub("[␀-␡\ufffd\r\n]", "", text or ""))


def _json_ld(page):
    [script] = page.xpath("//script[@type='application/ld+json']")
    return _parsed(script.text) or {}


def _parsed(text):
    try:
        return json.loads(text)
    except ValueError:
        return None
