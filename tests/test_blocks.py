"""A tree of HTML becomes blocks in reading order that hold all of its text."""

import pytest
from bs4 import BeautifulSoup

from newsarchive.blocks import flatten, image_address, select


def blocks_of(markup, nesting=200, **selectors):
    soup = BeautifulSoup(markup, "lxml")
    return flatten(soup, select(soup, selectors), nesting)


def texts_of(markup):
    return [block.text for block in blocks_of(markup) if block.text]


# Text


def test_each_paragraph_is_a_block():
    assert texts_of("<p>水乡的灯</p><p>水乡的桥</p>") == ["水乡的灯", "水乡的桥"]


def test_text_outside_of_paragraphs_is_kept_in_its_place():
    assert texts_of("前<div>中<p>内</p>间</div>后") == ["前", "中", "内", "间", "后"]


@pytest.mark.parametrize("hidden", ["<script>var a = 1;</script>", "<style>p { }</style>", "<!-- 旁注 -->"])
def test_scripts_styles_and_comments_are_no_text(hidden):
    assert texts_of(f"<p>水乡{hidden}的灯</p>") == ["水乡的灯"]


def test_white_space_is_folded_and_invisible_characters_go():
    assert texts_of("<p>\u3000\u3000水乡\n  的\u200b灯&nbsp;</p>") == ["水乡 的灯"]


def test_a_paragraph_of_white_space_makes_no_block():
    assert blocks_of("<p>&nbsp; \u3000\u200b</p>") == ()


def test_a_line_break_parts_a_paragraph_and_says_that_it_goes_on():
    first, second = blocks_of("<p>水乡的灯<br>水乡的桥</p>")
    assert (first.continues, second.continues) == (False, True)
    assert (first.text, second.text) == ("水乡的灯", "水乡的桥")


def test_a_new_paragraph_does_not_go_on_from_a_break_before_it():
    assert [block.continues for block in blocks_of("<p>水乡<br></p><p>灯</p>")] == [False, False]


def test_inline_elements_leave_no_gap_in_words():
    assert texts_of("<p>水<b>乡</b><span>的</span><a href='x'>灯</a></p>") == ["水乡的灯"]


def test_inline_markup_is_rebuilt_from_a_closed_list():
    [block] = blocks_of('<p>水<b onclick="x()">乡<font color="red">的</font></b><blink>灯</blink></p>')[:1]
    assert block.html == "水<strong>乡的</strong>"


def test_unclosed_elements_lose_nothing():
    assert "".join(texts_of("<div><p>水乡<b>的<p>灯<table><td>一<td>二")) == "水乡的灯一二"


def test_a_block_tells_whether_all_of_it_is_bold_or_linked():
    whole, half = blocks_of('<p><a href="https://example.org/"><b>水乡</b></a></p><p><b>水乡</b>的灯</p>')
    assert whole.hints == ("bold", "link")
    assert whole.href == "https://example.org/"
    assert half.hints == ()


# Structure


def test_headings_keep_their_level():
    assert [(block.kind, block.level) for block in blocks_of("<h1>一</h1><h3>二</h3><p>三</p>")] == [
        ("heading", 1),
        ("heading", 3),
        ("paragraph", 0),
    ]


def test_list_items_know_their_list_and_their_quotation():
    markup = "<blockquote><ol start='3'><li>一<ul><li>二</li></ul></li></ol></blockquote>"
    outer, inner = blocks_of(markup)
    names = [[name.split("#")[0] for name in block.containers] for block in (outer, inner)]
    assert names == [["quote", "ol", "li"], ["quote", "ol", "li", "ul", "li"]]
    assert outer.containers[1].endswith("@3")
    assert inner.containers[:3] == outer.containers


def test_elements_with_a_meaning_of_their_own_leave_a_hint():
    hints = {block.text: block.hints for block in blocks_of("<nav>一</nav><noscript>二</noscript><footer>三</footer>")}
    assert hints == {"一": ("in:nav",), "二": ("in:noscript",), "三": ("in:footer",)}


@pytest.mark.parametrize("tag", ["div", "span", "blockquote", "b", "ul><li", "table><tr><td", "object"])
def test_nesting_without_end_keeps_its_text_and_bounds_its_trace(tag):
    depth = 3000
    markup = f"<p>前文</p>{f'<{tag}>' * depth}深处<p>之后</p>"
    blocks = blocks_of(markup, nesting=50)
    assert "".join(block.text for block in blocks) == "前文深处之后"
    assert max(len(block.containers) for block in blocks) <= 50


def test_pictures_below_the_deepest_level_are_kept():
    [block] = blocks_of(f"{'<div>' * 60}<img src='https://example.org/a.jpg'>", nesting=50)
    assert block.images[0].url == "https://example.org/a.jpg"


# Marks of selector rules


def test_a_selected_element_marks_its_blocks_and_no_other():
    blocks = blocks_of("<p>前</p><div class='x'>中<p>内</p></div><p>后</p>", rule=".x")
    assert [(block.text, "rule" in block.marks) for block in blocks] == [
        ("前", False),
        ("中", True),
        ("内", True),
        ("后", False),
    ]


@pytest.mark.parametrize("inner", ["<span class='x'>中</span>", "<div class='x'>中</div>"])
def test_words_beside_a_selected_element_are_not_marked(inner):
    marked = {block.text: bool(block.marks) for block in blocks_of(f"<div>前{inner}后</div>", rule=".x")}
    assert marked == {"前": False, "中": True, "后": False}


def test_words_before_a_selected_picture_are_not_marked():
    text, picture = blocks_of("<div>前<img class='x' src='https://example.org/a.jpg'></div>", rule=".x")
    assert (text.marks, picture.marks) == (frozenset(), {"rule"})


# Tables


def test_a_table_of_data_is_one_block_of_rows_and_cells():
    [block] = blocks_of("<table><tr><th>年</th><th>人数</th></tr><tr><td>2023</td><td>1<b>20</b></td></tr></table>")
    assert block.kind == "table"
    assert block.text == "年\t人数\n2023\t120"


def test_a_table_that_only_places_things_is_taken_apart():
    blocks = blocks_of("<table><tr><td><p>水乡</p><p>的灯</p></td></tr></table>")
    assert [(block.kind, block.text) for block in blocks] == [("paragraph", "水乡"), ("paragraph", "的灯")]


@pytest.mark.parametrize("loose", ["<table>散<tr>", "<table><tr>散"])
def test_text_outside_of_the_cells_is_not_lost(loose):
    rows = "<td>一</td><td>二</td></tr></table>"
    assert sorted("".join(texts_of(loose + rows))) == sorted("散一二")


def test_the_caption_of_a_table_stands_before_it():
    markup = "<table><caption>人数</caption><tr><td>一</td><td>二</td></tr></table>"
    caption, table = blocks_of(markup)
    assert (caption.text, caption.hints) == ("人数", ("caption",))
    assert table.text == "一\t二"


def test_spans_of_cells_are_kept_and_nothing_else_of_them():
    [block] = blocks_of("<table><tr><td colspan='2' onclick='x()'>一</td><td rowspan='a'>二</td></tr></table>")
    assert '<td colspan="2">一</td><td>二</td>' in block.html


# Code


def test_code_keeps_its_lines_and_spaces():
    [block] = blocks_of("<pre>a = 1\n    b = 2\n</pre>")
    assert (block.kind, block.text) == ("code", "a = 1\n    b = 2")


@pytest.mark.parametrize("markup", ["<pre>a<br>b</pre>", "<pre><code>a</code><code>b</code></pre>"])
def test_code_with_one_element_a_line_keeps_its_lines(markup):
    assert blocks_of(markup)[0].text == "a\nb"


# Pictures, films, sounds


@pytest.mark.parametrize(
    ("attributes", "address"),
    [
        ("src='https://example.org/a.jpg'", "https://example.org/a.jpg"),
        ("data-src='https://example.org/a.jpg' src='data:image/gif;base64,R0'", "https://example.org/a.jpg"),
        ("data-original='a.jpg' src='https://example.org/blank.gif'", "a.jpg"),
        ("srcset='https://example.org/a.jpg 2x, b.jpg 1x'", "https://example.org/a.jpg"),
        ("src='data:image/svg+xml;base64,PHN2Zz4='", ""),
        ("src='javascript:alert(1)'", ""),
        ("src='JavaScript:alert(1)'", ""),
        ("", ""),
    ],
)
def test_the_address_of_a_picture_is_found_behind_place_holders(attributes, address):
    assert image_address(BeautifulSoup(f"<img {attributes}>", "lxml").img) == address


def test_a_picture_parts_the_paragraph_around_it():
    kinds = [
        block.kind for block in blocks_of("<p>前<img src='https://example.org/a.jpg' width='640px' alt='灯'>后</p>")
    ]
    assert kinds == ["paragraph", "image", "paragraph"]


def test_a_picture_keeps_its_words_and_its_size():
    [block] = blocks_of("<img src='https://example.org/a.jpg' width='640px' height='1e9' alt=' 水乡 的灯 '>")
    [image] = block.images
    assert (image.alt, image.width, image.height) == ("水乡 的灯", 640, None)


def test_a_film_is_told_of_with_the_words_inside():
    film, words = blocks_of("<video poster='c.jpg'><source src='https://example.org/a.mp4'>不能播放</video>")
    assert (film.kind, film.images[0].url, film.images[0].cover) == ("media", "https://example.org/a.mp4", "c.jpg")
    assert (words.text, words.hints) == ("不能播放", ("in:video",))


def test_a_sound_is_told_from_a_film():
    [sound] = blocks_of("<audio src='https://example.org/a.mp3'></audio>")
    assert sound.images[0].kind == "audio"


@pytest.mark.parametrize("width", ["²", "９", "9" * 5000, "-5", "20000"])
def test_a_width_that_is_no_plain_number_is_none(width):
    [block] = blocks_of(f'<img src="https://example.org/a.jpg" width="{width}">')
    assert block.images[0].width is None


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<pre>水<ruby>乡<rp>(</rp><rt>xiang</rt><rp>)</rp></ruby></pre>", "水乡(xiang)"),
        ("<pre>水乡<template>的灯</template></pre>", "水乡的灯"),
        ("<pre>水乡<script>var a = 1;</script><style>p { }</style><!-- 旁注 --></pre>", "水乡"),
    ],
)
def test_code_holds_the_text_of_every_element_that_is_not_silent(markup, text):
    assert texts_of(markup) == [text]


@pytest.mark.parametrize(
    "markup",
    [
        "<table><tr><form><td>甲</td><td>乙</td></form></tr><tr><td>丙</td><td>丁</td></tr></table>",
        "<table><tr><td>甲</td><td>乙</td></tr><td>丙</td><tr><td>丁</td><td></td></tr></table>",
        "<table><tr><td>甲</td><td><div><tr><td>乙</td><td>丙</td></tr></div></td></tr><tr><td>丁</td></tr></table>",
    ],
)
def test_cells_outside_of_rows_are_kept_once(markup):
    assert "".join("".join(texts_of(markup)).split()) == "甲乙丙丁"


def test_what_stands_behind_the_end_of_the_page_is_kept():
    markup = "<html><head><title>题</title></head><body>菜单</body></html><div>水乡</div><html><body>的灯</body></html>"
    assert texts_of(markup) == ["菜单", "水乡", "的灯"]


def test_a_selector_that_chooses_the_whole_page_marks_nothing():
    assert [block.marks for block in blocks_of('<body class="a"><p>水乡</p></body>', rule=".a")] == [frozenset()]
