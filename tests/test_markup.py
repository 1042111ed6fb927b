"""Documents of every shape become blocks, and blocks become plain text and HTML that does nothing."""

import html
import re

import nh3
import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from factory import make_document
from newsarchive import markup
from newsarchive.article import Block, Image
from newsarchive.markup import join_columns, parse_document, to_html, to_text, with_captions
from newsarchive.runs import SCHEMES
from newsarchive.selection import Probe


def blocks_of(body, shape="markdown", **fields):
    return parse_document(make_document(body, shape, **fields), {}).blocks


def figure(image):
    return f'<figure data-url="{html.escape(image.url)}">{html.escape(image.caption)}</figure>'


def page_of(body, shape="fragment", **options):
    return to_html(blocks_of(body, shape), figure, **options)


# Reading


def test_markdown_line_breaks_part_lines_of_one_paragraph():
    assert [(block.text, block.continues) for block in blocks_of("水乡\n的灯\n\n的桥")] == [
        ("水乡", False),
        ("的灯", True),
        ("的桥", False),
    ]


def test_definitions_of_links_stay_text():
    assert to_text(blocks_of("[1]: https://example.org/a 水乡")) == "[1]: https://example.org/a 水乡"


def test_markdown_tables_and_fenced_code_are_read():
    kinds = [block.kind for block in blocks_of("|年|数|\n|-|-|\n|一|二|\n\n```\na = 1\n```")]
    assert kinds == ["table", "code"]


@pytest.mark.parametrize(
    ("table", "text"),
    [
        ("| 年 | 数 |\n|---|---|\n| 2014 | 第一届 | 水乡开幕 |", "年\t数\n2014\t第一届\t水乡开幕"),
        ("年|数\n-|-\n2014|第一届|水乡|开幕", "年\t数\n2014\t第一届\t水乡\t开幕"),
        ("| 年 | 数 |\n|---|---|\n| 2014 |\n| 2015 | 第二届 | |", "年\t数\n2014\t\n2015\t第二届"),
    ],
)
def test_cells_beyond_the_head_of_a_markdown_table_are_read(table, text):
    assert to_text(blocks_of(table)) == text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("当 a<b 而且 c>d 时成立。", "当 a<b 而且 c>d 时成立。"),
        ("当 a<b and c>d 时成立。", "当 a<b and c>d 时成立。"),
        ("先写 #include <stdio.h>", "先写 #include <stdio.h>"),
        ("用 Vec<String> 与 <b>存</b>。", "用 Vec<String> 与 存。"),
        ("mysql -u <username> -p\n\n段二", "mysql -u <username> -p\n段二"),
        ("网页以 </html> 结束。\n\n段二说船。", "网页以 </html> 结束。\n段二说船。"),
        ("网页以 </body> 结束。\n\n段二说船。", "网页以 </body> 结束。\n段二说船。"),
        ("写在 <title> 里。\n\n段二说船。", "写在 <title> 里。\n段二说船。"),
        ("`a<b>c` 与\n\n```\n<String>\n```", "a<b>c 与\n<String>"),
        ("<b>水乡</b><br/>的<x-a>灯</x-a><o:p></o:p><img src='a.jpg'><wx-b data-a='1'>。", "水乡\n的\n灯\n。"),
        ("<div title='<x>'>水乡</div><!-- <x> --><script>if (a<x) { }</script>", "水乡"),
        ("<https://example.org/a>", "https://example.org/a"),
    ],
)
def test_what_only_looks_like_markup_is_text_in_markdown(body, text):
    assert to_text(blocks_of(body)) == text


def test_a_fragment_shows_names_that_no_element_has():
    text = "当 <username> 与 <stdio.h>"
    assert to_text(blocks_of(f"<p>{text}<x-a>水乡</x-a></p>", "fragment")) == text + "\n水乡"


@pytest.mark.parametrize("shape", ["fragment", "page"])
@pytest.mark.parametrize(
    "body",
    [
        "<html><body>菜单</body></html><div class='content'>水乡的灯</div>",
        "<html><body>菜单</body></html><html><body>水乡的灯</body></html>",
        "<html><body>菜单</body>水乡的灯</html>",
    ],
)
def test_what_stands_behind_an_early_end_of_the_page_is_read(body, shape):
    assert to_text(blocks_of(body, shape)) == "菜单\n水乡的灯"


def test_every_line_of_a_text_is_a_paragraph():
    assert [block.text for block in blocks_of("水乡的灯\n\n&lt;桥&gt;&nbsp;与 <船>", "text")] == [
        "水乡的灯",
        "<桥> 与 <船>",
    ]


@pytest.mark.parametrize("body", ["> " * 3000 + "水乡", ">" * 3000 + "水乡", " " * 4000 + "- 水乡"])
def test_markdown_nested_without_end_is_read(body):
    assert "水乡" in to_text(blocks_of(body))


def test_lists_nested_without_end_are_read():
    lines = [f"{'    ' * depth}- 第{depth}层" for depth in range(300)]
    text = to_text(blocks_of("\n".join(lines)))
    assert [f"第{depth}层" in text for depth in (0, 19, 299)] == [True, True, True]


def test_a_document_after_a_hostile_one_is_read_as_ever():
    blocks_of("> " * 3000 + "水乡")
    assert [block.containers for block in blocks_of("水乡")] == [()]


@pytest.mark.parametrize("piece", ["[", "![", "[a]("])
def test_brackets_that_nothing_closes_are_text(piece):
    text = to_text(blocks_of(piece * 20_000))
    assert text.count("[") == 20_000


def test_brackets_of_code_stay_as_they_are():
    code = "[" * 3000
    assert to_text(blocks_of(f"水乡\n\n```\n{code}\n```\n")) == f"水乡\n{code}"


@pytest.mark.parametrize("body", ["https://example.org/a.html", "a.html", "<?xml version='1.0'?><p>灯</p>", "/"])
@pytest.mark.parametrize("shape", ["fragment", "markdown", "page"])
def test_the_parser_gives_no_advice(body, shape, recwarn):
    blocks_of(body, shape)
    assert list(recwarn) == []


# Links


def test_links_are_made_absolute_by_the_address_of_the_document():
    [block] = blocks_of("[灯](../b.html)", front={"url": "https://example.org/a/c.html"})
    assert block.href == "https://example.org/b.html"


@pytest.mark.parametrize("target", ["javascript:alert(1)", " JavaScript:alert(1)", "data:text/html,x", "vbscript:x"])
def test_links_that_run_something_lead_nowhere(target):
    [block] = blocks_of(f'<p><a href="{target}">灯</a></p>', "fragment")
    assert (block.text, block.href) == ("灯", "")


@pytest.mark.parametrize(("target", "printed"), [("//[x", ""), ("https://[::1", "(https://[::1)"), ("http://a:b/", "")])
def test_a_broken_address_loses_no_words(target, printed):
    """One that nobody can open is printed behind its words, since no link shows it any more."""
    body = f'<p><a href="{target}">灯</a><a href="x">桥</a></p>'
    for front in ({}, {"url": target}):
        assert to_text(blocks_of(body, "fragment", front=front)) == f"灯{printed}桥"


# Probes


@pytest.mark.parametrize("target", ["file:///E:/水乡/一.docx", "ftp://example.org/a.zip"])
def test_an_address_that_no_page_may_link_to_is_printed_behind_its_words(target):
    assert to_text(blocks_of(f'<p>见<a href="{target}">附件</a>。</p>', "fragment")) == f"见附件({target})。"


def test_a_probe_tells_what_the_markup_says():
    probes = (
        Probe("a", "published", selector="meta[name=date]", attribute="content"),
        Probe("b", "title", selector="h1"),
        Probe("c", "publisher", pattern=re.compile(r'nickname = "([^"]+)"')),
        Probe("d", "outlet", selector=".none"),
    )
    body = '<meta name="date" content="2024-11-20"><script>nickname = "水乡&amp;样报"</script><h1>水乡 <b>的灯</b></h1>'
    parsed = parse_document(make_document(body, "page"), {}, probes=probes)
    assert [(probe.id, value) for probe, value in parsed.found] == [
        ("a", "2024-11-20"),
        ("b", "水乡 的灯"),
        ("c", "水乡&样报"),
    ]


# Columns


LONG = "样例论坛在水乡的礼堂里开幕，来自各地的样例代表先后登台，讲述三年里小镇怎样接上网"


def paragraphs(*texts):
    return tuple(Block("paragraph", text, html.escape(text, quote=False)) for text in texts)


@pytest.mark.parametrize(
    ("texts", "joined"),
    [
        ((LONG, "络的故事。"), (LONG + "络的故事。",)),
        ((LONG + "。", "络的故事。"), (LONG + "。", "络的故事。")),
        ((LONG, "水乡的灯"), (LONG, "水乡的灯")),
        (("水乡的灯", "络的故事。"), ("水乡的灯", "络的故事。")),
        ((LONG + "甲样 摄", "络的故事。"), (LONG + "甲样 摄", "络的故事。")),
        ((LONG, "络与人，" * 12 + "水", "乡。"), (LONG, "络与人，" * 12 + "水乡。")),
    ],
)
def test_paragraphs_cut_at_the_foot_of_a_column_are_joined(texts, joined):
    assert tuple(block.text for block in join_columns(paragraphs(*texts))) == joined


# Plain text and captions


def test_a_short_line_goes_on_in_a_line_that_begins_with_a_particle():
    lines = blocks_of("来乌镇看一场灯\n\n的展览，人人都说值得。", "text")

    assert [block.text for block in lines] == ["来乌镇看一场灯的展览，人人都说值得。"]


def test_plain_text_has_one_paragraph_a_line_and_no_picture():
    assert to_text(blocks_of("水乡\n\n![灯](https://example.org/a.jpg)\n\n的桥")) == "水乡\n的桥"


def test_a_caption_goes_to_the_picture_before_it():
    blocks = blocks_of("<img src='https://example.org/a.jpg'><p>▲ 水乡的灯</p><p>后文</p>", "fragment")
    assert [image.caption for image in with_captions(blocks)] == ["▲ 水乡的灯"]
    assert to_html(blocks, figure).startswith(
        '<figure data-url="https://example.org/a.jpg">▲ 水乡的灯</figure><p>后文</p>'
    )


def test_a_full_paragraph_behind_a_picture_is_no_caption():
    blocks = blocks_of(f"<img src='https://example.org/a.jpg'><p>{LONG}。</p>", "fragment")
    assert with_captions(blocks)[0].caption == ""


# Writing


def test_headings_begin_at_the_second_level_and_leave_none_out():
    assert re.findall(r"<h\d>", page_of("<h1>一</h1><h4>二</h4><h1>三</h1>")) == ["<h2>", "<h3>", "<h2>"]
    assert re.findall(r"<h\d>", page_of("<h4>一</h4><h2>二</h2><h4>三</h4>")) == ["<h2>", "<h2>", "<h3>"]


def test_words_of_a_link_to_nowhere_stay_without_it():
    page = page_of('<p>看<a href="javascript:x()">样例</a>与<a href="https://example.org/">甲</a>，<a>乙</a>。</p>')
    assert "<p>看样例与<a href=" in page
    assert "，乙。" in page


def test_lists_and_quotations_are_put_together_again():
    markup = "<blockquote><p>引</p><ul><li>一<ol><li>二</li></ol></li><li>三</li></ul></blockquote><p>后</p>"
    assert page_of(markup) == (
        "<blockquote><p>引</p><ul><li><p>一</p><ol><li><p>二</p></li></ol></li><li><p>三</p></li></ul></blockquote>"
        "<p>后</p>"
    )


def test_an_item_within_an_item_stands_behind_it():
    """Seen to be written within it, which no list may hold: a second reading then found another page."""
    markup = "<ul><li>一<div><li>二</li></div><p>三</p></li><li>四</li></ul>"
    assert page_of(markup) == "<ul>" + "".join(f"<li><p>{text}</p></li>" for text in "一二三四") + "</ul>"


def test_lines_of_one_paragraph_stand_together():
    assert page_of("<p>一<br>二</p><p>三</p>") == "<p>一<br>二</p><p>三</p>"


def test_what_is_put_in_stands_behind_the_list_it_would_break():
    markup = page_of(
        "<ul><li>一</li><li>二</li></ul><p>三</p>", inserts={1: "<aside>甲</aside>", 3: "<aside>乙</aside>"}
    )
    assert markup == "<ul><li><p>一</p></li><li><p>二</p></li></ul><aside>甲</aside><p>三</p><aside>乙</aside>"


def test_what_is_put_in_is_never_lost_beside_a_caption():
    body = "<img src='https://example.org/a.jpg'><p>▲ 灯</p>"
    assert "<aside>甲</aside>" in page_of(body, inserts={1: "<aside>甲</aside>"})


def test_a_foreign_passage_is_marked_with_its_language():
    english = "The lights of the river town were lit for the first time that evening, and people came to see them."
    assert f'<p lang="en">{english}</p>' in page_of(f"<p>水乡的灯</p><p>{english}</p>", lang="zh-Hans")
    assert 'lang="' not in page_of(f"<p>{english}</p>", lang="en")


def test_tables_keep_their_rows_on_the_page():
    markup = page_of("<table><tr><th>年</th><th>数</th></tr><tr><td>一</td><td>2</td></tr></table>")
    assert [cell.get_text() for cell in BeautifulSoup(markup, "lxml").select("tr > th, tr > td")] == [
        "年",
        "数",
        "一",
        "2",
    ]


def test_links_on_a_page_tell_the_browser_to_keep_its_distance():
    link = BeautifulSoup(page_of('<p><a href="https://example.org/" onclick="x()">灯</a>。</p>'), "lxml").a
    assert link["href"] == "https://example.org/"
    assert {"noopener", "noreferrer"} <= set(link["rel"])
    assert set(link.attrs) == {"href", "rel"}


# Hostile markup

HOSTILE = (
    "<script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</script>",
    '<img src="x" onerror="alert(1)">',
    "<img src=`javascript:alert(1)`>",
    '<a href="javascript:alert(1)">灯</a>',
    '<a href="&#106;avascript:alert(1)">灯</a>',
    '<a href="java\tscript:alert(1)">灯</a>',
    '<a href="data:text/html;base64,PHNjcmlwdD4=">灯</a>',
    '<p onclick="alert(1)" style="position:fixed" id="top" class="credit">灯</p>',
    '<svg onload="alert(1)"><a xlink:href="javascript:alert(1)"><text>灯</text></a></svg>',
    "<svg><script>alert(1)</script><style>p{}</style></svg>",
    '<math><mtext><table><mglyph><style><img src=x onerror="alert(1)">',
    "<style>body{display:none}</style>",
    '<link rel="stylesheet" href="https://example.org/a.css">',
    '<meta http-equiv="refresh" content="0;url=https://example.org/">',
    '<base href="https://example.org/">',
    '<iframe src="https://example.org/" srcdoc="<script>alert(1)</script>"></iframe>',
    '<object data="https://example.org/a.swf"><embed src="https://example.org/a.swf"></object>',
    '<form action="https://example.org/"><input name="a"><button formaction="javascript:alert(1)">灯</button></form>',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>',
    "<template><script>alert(1)</script></template>",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version='1.0'?><script>alert(1)</script>",
    '<table><tr><td background="javascript:alert(1)" onmouseover="alert(1)">一</td><td>二</td></tr></table>',
    "<pre><script>alert(1)</script>&lt;script&gt;alert(1)&lt;/script&gt;</pre>",
    "<p><b><i>灯</p></b></div></body></html><script>alert(1)</script>",
    "<a href='https://example.org/\"><script>alert(1)</script>'>灯</a>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<marquee>灯</marquee><blink>灯</blink><details open ontoggle=alert(1)>灯</details>",
)
ELEMENTS = {
    "a", "blockquote", "br", "cite", "code", "div", "em", "figure", "h2", "h3", "h4", "h5", "h6", "hr", "kbd", "li",
    "mark", "ol", "p", "pre", "q", "rp", "rt", "ruby", "s", "strong", "sub", "sup", "table", "tbody", "td", "th", "tr",
    "u", "ul",
}  # fmt: skip
ATTRIBUTES = {
    "href",
    "rel",
    "colspan",
    "rowspan",
    "start",
    "lang",
    "class",
    "role",
    "tabindex",
    "aria-label",
    "data-url",
}


def assert_inert(markup):
    soup = BeautifulSoup(f"<main>{markup}</main>", "html.parser")
    elements = soup.select("main *")
    assert {element.name for element in elements} <= ELEMENTS
    assert {name for element in elements for name in element.attrs} <= ATTRIBUTES
    targets = [element["href"] for element in elements if element.has_attr("href")]
    assert [target for target in targets if not target.startswith(("https://", "http://", "mailto:"))] == []
    addresses = [element["data-url"] for element in elements if element.has_attr("data-url")]
    assert [url for url in addresses if re.match(r"\s*(?:javascript|data|vbscript):", url, re.IGNORECASE)] == []
    assert {tuple(element["class"]) for element in elements if element.has_attr("class")} <= {("table",), ("number",)}


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("shape", ["fragment", "markdown", "page", "text"])
def test_hostile_markup_does_nothing(hostile, shape):
    assert_inert(page_of(f"前文。\n\n{hostile}\n\n后文。", shape))


@given(pieces=st.lists(st.sampled_from([*HOSTILE, "<p>", "</p>", "<ul><li>", "</ul>", "水乡", "**", "`", "\n\n", '"'])))
def test_any_mixture_of_hostile_pieces_does_nothing(pieces):
    body = "".join(pieces)
    for shape in ("fragment", "markdown"):
        assert_inert(page_of(body, shape))


@given(pieces=st.lists(st.sampled_from([*HOSTILE, "<p>", "</p>", "<ul><li>", "水乡", "<b>", "</b>", "\n\n"])))
def test_what_was_written_reads_back_as_the_same_text(pieces):
    blocks = blocks_of("".join(pieces), "fragment")
    again = blocks_of(to_html(blocks, lambda _: ""), "fragment")
    assert [block.text for block in again if block.text] == [block.text for block in blocks if block.text]


def test_a_picture_without_address_still_has_its_place():
    assert with_captions([Block("image", "", images=(Image(""),))]) == (Image(""),)


def test_what_one_block_holds_stays_in_it():
    """Sanitised together, with something set between them, words moved into the next block; so did what was open."""
    for end in ("\ue0fe", "\ue0fe\ue0ff", "\ue0fe\ue0ff\ue0fe", "&#xe0fe;", "<!--", '<a title="', "<table>", "&lt"):
        blocks = [Block("paragraph", "一", f"<strong>一</strong>{end}"), Block("paragraph", "二", "<em>二</em>")]
        pages = [to_html([block], str) for block in blocks]
        assert to_html(blocks, str) == "".join(pages)
        assert pages[1] == "<p><em>二</em></p>"


def test_an_element_left_open_does_not_reach_into_the_next_block():
    blocks = [
        Block("paragraph", "一", "<strong>一"),
        Block("paragraph", "二", "<em>二</em>"),
        Block("paragraph", "三", "</strong>三<br>"),
    ]
    assert to_html(blocks, str) == "<p><strong>一</strong></p><p><em>二</em></p><p>三<br></p>"


def sanitised(fragment):
    """What the sanitiser alone gives."""
    cleaner = nh3.Cleaner(tags=markup.TAGS, attributes=markup.ATTRIBUTES, url_schemes=SCHEMES, link_rel=markup.REL)
    return cleaner.clean(fragment)


addresses = st.from_regex(r"https?://[a-z0-9]{1,3}(-[a-z])?\.[a-z]{2}([/?#]([!#-%'-;=?-~]|&amp;)*)?", fullmatch=True)
words = st.sampled_from(["<br>", "&lt;"]) | st.text("灯 aZ\"'=;[`\n", max_size=5)
phrases = st.lists(words | words.map("<strong>{}</strong>".format) | words.map("<em>{}</em>".format), max_size=3)
links = st.builds('<a href="{}">{}</a>'.format, addresses, phrases.map("".join))
passages = st.lists(links | phrases.map("".join), max_size=3).map("".join)


@given(passages | passages.map("<code>{}</code>".format))
def test_what_is_written_unsanitised_is_what_the_sanitiser_gives(fragment):
    assert markup.safe_markup().fullmatch(fragment)
    assert to_html([Block("code", "灯", fragment)], str) == f"<pre><code>{sanitised(fragment)}</code></pre>"


NEARLY_SAFE = """\
<em>灯
灯</em>
<strong><em>灯</strong></em>
<a href="https://a.example"><a href="https://b.example">灯</a></a>
<em class=x>灯</em>
<a href="https://a.example" title="x">灯</a>
<a href='https://a.example'>灯</a>
<td>灯</td>
<script>
<a href="javascript:x">灯</a>
<a href="//a.example">灯</a>
<a href="https://a.example/">>灯</a>
<a href="https://a">灯</a>
<a href="https://0x7f.1">灯</a>
<a href="https://xn--a.example">灯</a>
<a href="https://a.b:99999">灯</a>
<!--<br>-->
&nbsp;<br>
&<br>
""".splitlines()


@pytest.mark.parametrize("fragment", [*NEARLY_SAFE, "\xa0<br>", "\r<br>", "\0<br>", "\ud800<br>"])
def test_what_differs_a_little_from_safe_markup_is_sanitised(fragment):
    assert not markup.safe_markup().fullmatch(fragment)


def test_markup_that_is_safe_but_for_its_end_is_told_in_linear_time():
    for piece in ("灯", "灯<br>", "<strong>灯</strong>", '<a href="https://a.example/?a&amp;">灯</a>', "&amp;"):
        assert not markup.safe_markup().fullmatch(piece * 10_000 + "<x")
    assert not markup.safe_markup().fullmatch(f'<a href="https://{"a-" * 10_000}">')
