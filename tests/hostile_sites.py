"""Hostile archives: every payload of tests/hostile, put into every place that content can fill, in every shape."""

import json
import re
from dataclasses import dataclass
from html import escape
from itertools import cycle, repeat

from conftest import PROJECT
from newsarchive.sidecars import SIDECAR_LISTS, SIDECAR_TEXTS

SHAPES = ("markdown", "fragment", "page", "text")
CANARY = "canary.example"
"""Host that nothing may ever ask, where a test has none of its own."""
MARKDOWN_PLACES = (
    *("paragraph", "within a sentence", "heading", "item", "quotation", "table cell", "code span", "fenced code"),
    *("info string", "link text", "link target", "link title", "autolink", "definition", "image address"),
    *("image text", "image title", "credit", "raw attribute"),
)
HTML_PLACES = (
    *("paragraph", "within a sentence", "heading", "item", "quotation", "table cell", "pre", "link text"),
    *("link target", "link title", "image address", "lazy address", "srcset", "alt", "caption", "class", "id"),
    *("comment", "film address", "film name", "cell span", "list start", "credit"),
)
PAGE_PLACES = (*HTML_PLACES, "page title", "description", "author", "open graph", "JSON-LD", "time", "headline", "nav")
TEXT_PLACES = ("headline", "byline", "dateline", "line", "within a line", "last line")
FRONT_PLACES = (
    *("title", "date", "source", "author", "publisher", "url", "tags", "description", "outlet", "lang"),
    *("fetch_date", "a key", "a key within", "unquoted"),
)
SIDECAR_PLACES = (*SIDECAR_TEXTS, *SIDECAR_LISTS, "role", "a story's title", "an unknown field")
NAME_PLACES = ("file name", "folder name", "picture's file name")
PLACES = {
    "markdown": (*MARKDOWN_PLACES, *FRONT_PLACES, *NAME_PLACES, *SIDECAR_PLACES, *SIDECAR_TEXTS),
    "fragment": (*HTML_PLACES, *FRONT_PLACES, *NAME_PLACES, *SIDECAR_PLACES, *SIDECAR_TEXTS),
    "page": (*PAGE_PLACES, *NAME_PLACES, *SIDECAR_PLACES, *SIDECAR_TEXTS),
    "text": (*TEXT_PLACES, *NAME_PLACES, *SIDECAR_PLACES, *SIDECAR_TEXTS),
}
"""Shape → the places that a document of it fills; the last are those of `_defaults.yaml`."""
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00"

_PICTURED = {0x2400 + code: code for code in range(32)} | {0x2421: 0x7F}
_CODE = re.compile("⟦(x?)([0-9A-F]+)⟧")
_PROSE = (
    "样例镇的第{0}次灯会在河边开始，来自{0}个村子的人提着自己扎的灯走过石桥。",
    "主持人讲了第{0}条河道的来历，又请大家看一看{0}年前留下来的旧照片。",
    "灯会一直开到深夜，第{0}只船靠岸以后，人们才沿着石板路各自回家去。",
)


class Text:
    """What each next place of a template is filled with."""

    def __init__(self, take):
        self.take = take

    def __format__(self, _):
        return self.take()


class Line(Text):
    """The same without the ends of lines."""

    def __format__(self, _):
        return _one_line(self.take())


class Safe(Text):
    """The same escaped, so that the parser gives it back as it was."""

    def __format__(self, _):
        return escape(self.take())


class Told(Text):
    """The same in double quotes, as YAML reads it."""

    def __format__(self, _):
        return _quoted(self.take())


@dataclass(frozen=True, slots=True)
class Payload:
    """One piece of hostile text."""

    number: int
    """By which it tells that it ran, from 1."""
    kind: str
    """Its class."""
    text: str
    """Bare bytes stand as surrogates U+DC80 to U+DCFF, as Python has them in file names."""

    @property
    def is_text(self):
        """Whether a text file can hold it: with a zero byte or a bare one it takes its whole document out."""
        return not re.search("[\0\udc80-\udcff]", self.text)


def read_payloads(host=CANARY):
    """Read the table; `host` is what the payloads try to ask."""
    payloads, kind = [], ""
    for line in (PROJECT / "tests/hostile/payloads.txt").read_text("utf-8").splitlines()[3:]:
        if line.startswith("= "):
            kind = line[2:]
        elif line and not line.startswith("; "):
            number = len(payloads) + 1
            text = line.replace("⚑", str(number)).replace("⚐", host).translate(_PICTURED)
            payloads.append(Payload(number, kind, _CODE.sub(_character, text)))
    return payloads


def whole(payload):
    """Put one payload into every place of a document."""
    return repeat(payload.text).__next__


def mixed(payloads, number, of):
    """Put another payload into every place: document `number` of `of` begins at its share of the table."""
    start = number * len(payloads) // of
    return cycle([payload.text for payload in (*payloads[start:], *payloads[:start])]).__next__


def make_files(number, shape, take):
    """Write one document whose places hold what `take` gives, and what stands beside it.

    Gives path within the content folder → bytes. What rivals another place gives way by turns, so that each wins
    somewhere: the sidecar and the defaults stand beside every third document, an honest date in every second.
    """
    turn = number + SHAPES.index(shape)
    folder = _name(take(), f"{number}-{shape}")
    stem = f"{folder}/{_name(take(), number)}"
    picture = _name(take().replace("\\", ""), "p") + ".png"
    body = {"markdown": _markdown, "fragment": _fragment, "page": _page, "text": _text}[shape]
    suffix = {"markdown": ".md", "fragment": ".md", "page": ".html", "text": ".txt"}[shape]
    front = _front_matter(take, number, turn) if shape in ("markdown", "fragment") else ""
    files = {stem + suffix: front + body(take, turn, picture), f"{folder}/{picture}": PNG}
    if turn % 3 == 0:
        files[stem + ".yaml"] = _sidecar(take, turn)
    if turn % 3 == 1:
        files[f"{folder}/_defaults.yaml"] = _fields(take, SIDECAR_TEXTS)
    return {path: data if isinstance(data, bytes) else as_bytes(data) for path, data in files.items()}


def as_bytes(text):
    """Text as bytes; bare bytes come out as they are, other lone surrogates as a reference."""
    text = re.sub("[\ud800-\udbff](?![\udc00-\udfff])", lambda match: f"&#{ord(match[0])};", text)
    return text.encode("utf-8", "surrogateescape")


def _character(match):
    code = int(match[2], 16)
    return chr(0xDC00 + code) if match[1] else chr(code)


def _name(text, first):
    """A name for a file, which holds anything but a slash and a zero byte, cut to what file systems take."""
    plain = re.sub("[\ud800-\udbff]", "", f"{first} {text}").replace("/", "∕").replace("\0", "")
    return plain.encode("utf-8", "surrogateescape")[:180].decode("utf-8", "surrogateescape")


def _quoted(text):
    """A text in double quotes, as YAML reads it."""
    written = json.dumps(text, ensure_ascii=False)
    return re.sub("[\x7f-\x9f\u2028\u2029\ud800-\udbff\ufeff\ufffe\uffff]", lambda m: f"\\u{ord(m[0]):04x}", written)


def _one_line(text):
    return " ".join(re.sub("[\0-\x1f\x7f-\x9f\u2028\u2029]", " ", text).split())


def _front_matter(take, number, turn):
    """Fields by turns: of the rival keys of one field only the first counts."""
    told = Told(take)
    url = (told, _quoted(f"https://example.org/{number}/{turn}/{take()}"), _quoted(f" {take()}"))[turn % 3]
    lines = [
        f"title: {_one_line(take())}" if turn % 4 == 0 else f"title: {told}",
        f"date: {told if turn % 2 else f'2024-11-{turn % 28 + 1:02}'}",
        f"{('source', 'publisher', 'author')[turn % 3]}: {told}",
        f"author: [{told}]" if turn % 3 != 2 else f"description: {told}",
        f"url: {url}",
        f"tags: [{told}, {told}]",
        f"outlet: {told}" if turn % 2 else f"summary: {told}",
        f"lang: {told}" if turn % 5 == 0 else f"language: {told}",
        f"fetch_date: {told}",
        f"{told}: {told}",
        f"nested: {{{told}: {told}}}",
        f"unquoted: {_one_line(take())}",
    ]
    return "---\n" + "\n".join(lines) + "\n---\n\n"


def _prose(turn):
    """Text that copies share by threes, so that some stand beside one another on pages of comparison."""
    return [line.format(turn // 3 + 100) for line in _PROSE]


def _markdown(take, turn, picture):
    line, text = Line(take), Text(take)
    parts = [
        *_prose(turn), take(), f"前文{text}后文。", f"## {line}", f"- {line}\n- 末项", f"> {line}",
        f"|年|{line}|\n|-|-|\n|2024|{line}|", f"码`{line}`", f"```{line}\n{text}\n```",
        f"[{line}](http://example.org/a)", f"[链接]({text})", f'[链接](http://example.org/ "{line}")', f"<{line}>",
        f"[引]: {line} '{line}'\n\n[引]", f"![图]({text})", f"![{line}](p.png)", f'![图](p.png "{line}")',
        f"![图]({picture})", f"""<p title="{text}" class='{text}'>段</p>""", f"（来源：{line}）", f"作者：{line}",
        f"编辑：{line}",
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def _fragment(take, turn, picture):
    text, safe = Text(take), Safe(take)
    parts = [
        *(f"<p>{line}</p>" for line in _prose(turn)), f"<p>{safe}</p>", f"<p>（来源：{safe}）</p>",
        f"<p>编辑：{safe}</p>", f"<p>{text}</p>", f"<p>前文{text}后文。</p>", f"<h2>{text}</h2>",
        f"<ul><li>{text}</li><li>末项</li></ul>", f"<blockquote>{text}</blockquote>",
        f"<table><tr><td>{text}</td><td>乙</td></tr></table>", f"<pre>{text}</pre>",
        f'<p><a href="http://example.org/">{text}</a></p>', f'<p><a href="{text}">链接</a></p>',
        f'<p><a href="{safe}" title="{safe}">链接</a></p>', f"<p><a href={text}>链接</a></p>", f'<img src="{text}">',
        f'<img src="{safe}" alt="{safe}">', f'<img data-src="{safe}" src="x">', f'<img srcset="{safe} 2x, {safe}">',
        f'<figure><img src="p.png" alt="{text}"><figcaption>{text}</figcaption></figure>',
        f'<figure><img src="{escape(picture)}"><figcaption>{safe}</figcaption></figure>',
        f'<p class="{safe}" id="{safe}" lang="{safe}" style="{safe}">段</p>',
        f"<p {text}>段</p>", f"<!-- {text} -->",
        f'<video src="{safe}" poster="{safe}" title="{safe}"></video>',
        f'<mpvoice src="{safe}" name="{safe}"></mpvoice>',
        f'<iframe data-src="https://v.qq.com/{safe}" data-vidtype="{safe}"></iframe>',
        f'<table><tr><td colspan="{safe}" rowspan="{text}">甲</td><td>乙</td></tr></table>',
        f'<ol start="{safe}"><li>项</li></ol>',
    ]  # fmt: skip
    return "\n".join(parts) + "\n"


def _page(take, turn, picture):
    safe, raw = Safe(take), Text(take) if turn % 2 else Safe(take)
    head = [
        f"<title>{raw}</title>", f'<meta name="description" content="{safe}">', f'<meta name="author" content="{raw}">',
        f'<meta property="og:title" content="{safe}">', f'<meta property="og:url" content="{safe}">',
        f'<meta property="og:site_name" content="{safe}">',
        f'<meta property="article:published_time" content="{safe}">',
        f'<link rel="canonical" href="{safe}">',
        f'<script type="application/ld+json">{{"headline": {json.dumps(take())}}}</script>',
    ]  # fmt: skip
    shown = [
        f"<nav>{raw}</nav>", f'<h1 class="rich_media_title" id="activity-name">{raw}</h1>',
        f'<span id="js_name">{safe}</span> <em id="publish_time">{safe}</em> <time datetime="{safe}">{safe}</time>',
        '<div id="js_content" class="article-content">', _fragment(take, turn, picture), "</div>",
        f"<footer>{safe}</footer>",
    ]  # fmt: skip
    return "\n".join(["<!DOCTYPE html>", "<html><head>", *head, "</head><body>", *shown, "</body></html>"]) + "\n"


def _text(take, turn, picture):
    line = Line(take)
    parts = [
        f"{line}", f"本报记者 {line}", f"样例镇11月{turn % 28 + 1}日电 {line}", *_prose(turn), take(),
        f"前文{line}后文。", picture, f"（来源：{line}）", f"责任编辑：{line}", f"{line}",
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def _fields(take, names):
    return "".join(f"{name}: {_quoted(take())}\n" for name in names)


def _sidecar(take, turn):
    """By turns with stories of its own, since they take the place of the article's fields."""
    told = Told(take)
    lists = "".join(f"{name}: [{told}]\n" for name in SIDECAR_LISTS if name != "byline")
    byline = f"byline:\n- {{name: {told}, role: {told if turn % 2 else 'author'}}}\n- {told}\n"
    stories = f"stories:\n- {{title: {told}, paragraphs: [[1, 2]]}}\n- {{title: {told}, paragraphs: [[3, 4]]}}\n"
    return _fields(take, SIDECAR_TEXTS) + lists + byline + (stories if turn % 2 else "") + f"{told}: {told}\n"


def write_archive(root, files):
    """Write an archive's folder; paths may hold bytes that are no UTF-8."""
    (root / "content").mkdir(parents=True, exist_ok=True)
    (root / "site.yaml").write_text("title: 样例档案\n", "utf-8")
    for path, data in files.items():
        file = root / "content" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return root
