"""The fast way of reading Markdown gives the very blocks of the reference, or leaves the document to it."""

import tarfile
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conftest import PROJECT
from newsarchive.article import Document
from newsarchive.decoding import decode
from newsarchive.errors import ContentError
from newsarchive.fields import part_front_matter
from newsarchive.heads import part_plain_front_matter
from newsarchive.loader import load_document
from newsarchive.markup import parse_document, to_html
from newsarchive.plain import read_plain
from newsarchive.settings import Settings
from newsarchive.sources import find_content

BASE = "https://example.org/a/b.html"


def reference(body, base=BASE):
    document = Document("a.md", "0" * 64, "markdown", "utf-8", front={"url": base}, body=body)
    return parse_document(document, {}, engine="reference").blocks


def assert_same(body, base=BASE):
    """Both ways give the same where the fast one takes the document; tells whether it does."""
    blocks = read_plain(body, base)
    if blocks is not None:
        assert blocks == reference(body, base)
    return blocks is not None


# What is read the fast way


@pytest.mark.parametrize(
    "body",
    [
        "# 标题\n\n第一段。\n第二行 & 其余\n\n　　缩进的段落。",
        "**粗体**与*强调*，***两者***。\n\n中**间**文",
        "![说明](https://example.org/a.jpg)\n\n![]()\n微信扫一扫\n\n![](data:image/png;base64,AAAA)",
        '[链接](/a?x=1&y=2 "题目")与[![图](a.png)文字](b.html)\n\n**[粗](c)**尾',
        "* 一\n* 二\n    * 三\n        1. 四\n\n* 五\n\n段落\n\n* 六",
        "* [跨\n\n    段](/x)\n  * 续\n\n    ## 题\n\n    * 内\n\n        再内\n\n    尾\n\n* 末",
        "**一****二**，尾](/x)；[注] [二]",
        "> 引文\n> **二**\n>\n> * 项\n\n段\n\n   >三\n\n> 四\n\n* 项",
        "3. 三\n4. 四\n\n- [ ] 待办\n+ **粗**",
        "* ##### [标题](x)\n\n  2025-01-24\n* 其余",
        "地址：<https://example.org/a?b=1&c=2>。\n\n转\\_义 \\* 符 \\[方括号\\](x)",
        "末尾两格  \n换行\n\n---\n\n* * *\n\n***",
        "零\u200b宽 e\u0301 \u00a0空格\u3000\n\n\u3000\n\n* 一",
        "[站内](#a) [空]() [邮](mailto:a@example.org) [脚本](javascript:x) [文件](x(1).pdf)",
        "## 带 # 的 ## 标题 ##\n正文\n### 下一级\n\n---\n",
        "段\n\n    代码 < 1\n      缩进 & 余\n正文\n\n段",
        "段\n\n```py\nif a < b:\n\n    print(`c`)  # <p>\n```\n\n* 项\n\n~~~\n代码\n~~~",
        "* 项\n\n```\n```\n\n* 新",
        "* + 甲\n  + 乙\n* 1. 丙",
        "[![图](a.png)](https://example.org/b_*c*)\n\n[![](a.png)](/b)\n\n[![](a.png)](https://example\u2100.org/)",
    ],
)
def test_common_markdown_is_read_the_fast_way(body):
    assert assert_same(body)


@pytest.mark.parametrize(
    "body",
    ["a < b", "用`代码`写", "孤*星", "_强调_", "**未完", "[x](a b)", "[下](ftp://example.org/x)", "* [半](截\n* 项",
     "路径 c:\\\\a", "题\n===", "a|b\n-|-\n1|2", "[](x)\n_强调_", "# 题\\_目 #", "[a]: b"],
)  # fmt: skip
def test_what_is_odd_in_one_place_is_asked_of_the_reference_alone(body):
    assert assert_same(f"* 项\n\n段\n\n{body}\n\n> 引\n\n尾")
    assert assert_same(body)


@pytest.mark.parametrize(
    "body",
    ["<br>", "&nbsp;", "> 引\n文", "> > 引", "> 代码 `a\n文", "    代码\n\n    代码", "a\tb", "~~~",
     "段\n```\n代码\n```", "```\n    代码", "* a\n\n题\n===\n* b"],
)  # fmt: skip
def test_everything_else_is_left_to_the_reference(body):
    assert read_plain(body, BASE) is None


@pytest.mark.parametrize("character", ["\x00", "\t", "\x85", "\u2028", "\ufffe", "\ud800"])
def test_characters_that_no_text_holds_are_left_to_the_reference(character):
    assert read_plain(f"一{character}二", BASE) is None


def test_hostile_text_takes_seconds_at_most():
    before = time.process_time()
    for body in (
        "a\n" + "|" * 200_000 + "x",
        "* a" + "\nb" * 100_000,
        "- " * 100_000 + "x",
        "[" * 1_999 + "](" * 90_000,
    ):
        read_plain(body, BASE)
    assert time.process_time() - before < 20, "what grows faster than its text takes minutes here"


def test_a_remembered_line_reads_alike_at_the_head_of_a_document():
    for body in ("[](x)\n正文", "一\n\n[](x)\n正文", "[](x)\n正文\n\n二"):
        assert assert_same(body)


def test_what_is_remembered_of_one_document_holds_in_every_other():
    lines = ("[站内](/y)\n正文", "![](a.png)\n正文", "正文 <https://e.org/> [x](y)", "[甲](https://e.org/)", "`x`")
    for base in (BASE, "https://example.net/c/", ""):
        for line in lines:
            for body in (line, f"* 项\n\n{line}\n\n* 项", f"> 引\n\n{line}\n\n> 引\n\n{line}"):
                assert assert_same(body, base)


# Whatever is written

PIECES = st.sampled_from(
    [*"字文, . ! [ ] ( ) < > & * _ - # + = | : ` \\ “ ” ， \u00a0 \u3000 \u200b \u2028 \x00 \r \t".split(" "),
     " ", "  ", "word", "\n", "  \n", "\n\n", "\n \n", "\n\n\n", "    ", "e\u0301", "**", "***", "__", "![", "](",
     "](u)", "[x](u)", "![a](b.png)", "[![a](b)](c)", "[![a](b)](https://e.org/_c*)", '[x](u "t")', "[x](/a_b*c)", "<https://e.org/_x_>",
     "&amp;", "&#1", "&#rd",
     "`", "`a`", "\n\n```\n", "\n```\n\n", " < ", "\\*", "\\_", "\\#", "\\|", "# ",
     "## ", " #", "---", "- ", "* ", "+ ", "* * *",
     "===", "1. ", "12. ", "２. ", "    * ", "  * ", "|-|", "> ", "~~~"]
)  # fmt: skip
LINES = st.sampled_from(
    ["文字。", "**粗**文", "*强*", "中**间**文", "# 标题", "### 小 # 题 #", "![a](b.png)", "![]()", "[x](/y)",
     "[![a](b)c](d)", "* 一项", "* **粗**项", "- 二项", "    * 下级", "    1. 下级", "        + 再下",
     "1. 甲", "7. 乙", "---", "***", "续行", "  续行", "    续行", "尾  ", "a\\_b\\*c", "<https://e.org/a>",
     "\u3000\u3000段", "\u3000", "x & y", "* ", "* # 题", "* * 二", "[多\n行](z)", "**跨\n行**", "# ", "#",
     "-", "_x", "a|b", "|-|-|", "> 引", "    代码", "用`代码`写", "```", "```py", "a < b", "* + 甲", "[半](截"]
)  # fmt: skip


def bodies():
    scraps = st.lists(PIECES, max_size=14).map("".join)
    lines = st.lists(st.tuples(LINES, st.sampled_from(["\n", "\n\n", "\n\n", "\n  \n"])), max_size=9)
    return scraps | lines.map(lambda pairs: "".join(line + end for line, end in pairs))


@given(bodies())
@example("**a**b**c**")
@example("* a\n\n    b")
@example("a\n\n1. b\n- c\n\n- d")
def test_both_ways_give_the_same_blocks(body):
    assert_same(body)


@given(st.lists(LINES, min_size=1, max_size=3).map("".join) | st.lists(PIECES, min_size=1, max_size=6).map("".join))
def test_both_ways_agree_on_what_meets_in_one_line(body):
    assert_same(body)


# Front matter


def assert_same_head(text):
    front = part_plain_front_matter(text)
    if front is not None:
        assert front == part_front_matter(text, "a.md")
    return front is not None


@pytest.mark.parametrize(
    "head",
    [
        "title: 样例：大会开幕\nurl: https://example.org/a?b=1&c=2#d\ndate: 2024-11-20\nn: 007",
        'title: "引号：里 # 的"\nsource: \'单 引\'\nempty:\nnone: "null"\nspaced:   a  b',
        "a: 1:2\nb: C#\nc: a/b?c\nd: 一 - 二\ne: x's\nf: yes",
    ],
)
def test_common_front_matter_is_read_without_yaml(head):
    assert assert_same_head(f"---\n{head}\n---\n\n正文")
    assert assert_same_head(f"---\n{head}\n---  ")


@pytest.mark.parametrize(
    "line",
    ["title: 甲: 乙", "title: 甲 #乙", "tags: [a, b]", "a: ~", "a: null", "a: *b", "a: |", "  a: b", "- a", "# 注",
     "a: b ", 'a: "b\\n"', "a: 'b'c", "a:b", "b: 1", "a: \ufeffb", "a: -", "a: b:", "a: b\u2028c", "a: x\u0085y"],
)  # fmt: skip
def test_other_front_matter_is_left_to_yaml(line):
    assert part_plain_front_matter(f"---\nb: 1\n{line}\n---\n正文") is None


def test_a_text_without_front_matter_is_all_body():
    for text in ("", "正文\n---\n", "\n\n正文", "-- \n", "# 题"):
        assert assert_same_head(text)


KEYS = st.sampled_from(["a", "b", "title", "_x", "a-b", "null", "y", "甲", "a b", "", "-"])
VALUES = st.lists(
    st.sampled_from(
        [*"文a1:#'\"[]{},&*!|>%@`~?-=.\\", " ", "  ", ": ", " #", "null", "true", "\t", "\u00a0", "\u3000", "\u2028"]
    ),
    max_size=5,
).map("".join)
SEPARATORS = st.sampled_from([": ", ":", ":  ", ": \t", " : "])


@given(
    st.lists(st.builds("{}{}{}".format, KEYS, SEPARATORS, VALUES), max_size=4), st.sampled_from(["", "\n", " ", "\n文"])
)
def test_both_ways_read_the_same_front_matter(lines, end):
    assert_same_head("---\n" + "".join(f"{line}\n" for line in lines) + "---" + end)


# Whole files


def documents(folder, every=1):
    for source in find_content([folder])[::every]:
        try:
            document = load_document(source, Settings(PROJECT, "样例", (folder,), PROJECT / "site"))
        except ContentError:
            continue
        if document.shape == "markdown":
            yield document


def share_of_plain_heads(folder):
    """The share of files whose front matter needs no YAML, after comparing each of them with the reading by YAML."""
    texts = [decode(path.read_bytes(), path.name).text for path in sorted(folder.rglob("*.md"))]
    return sum(map(assert_same_head, texts)) / len(texts)


def share_read_fast(folder, every=1):
    """The share of Markdown files that the fast way takes, after comparing each of them with the reference."""
    taken = [assert_same(document.body, str(document.front.get("url") or "")) for document in documents(folder, every)]
    return sum(taken) / len(taken)


def test_the_sample_is_read_alike():
    assert share_read_fast(PROJECT / "content") > 0.9
    assert share_of_plain_heads(PROJECT / "content") > 0.5


def test_pages_of_the_sample_are_the_same_by_either_way():
    for document in list(documents(PROJECT / "content"))[:5]:
        pages = {
            to_html(parse_document(document, {}, engine=engine).blocks, lambda image: f"[{len(image.url)}]")
            for engine in ("fast", "reference")
        }
        assert len(pages) == 1


@pytest.mark.long
def test_either_engine_builds_the_same_site(sample_site, run_build, tmp_path):
    process = run_build("--engine", "reference", "--output", tmp_path / "site", "--cache", tmp_path / "cache")
    assert process.returncode == 0, process.stderr
    assert (tmp_path / "site" / "SHA256SUMS").read_text("utf-8") == (sample_site / "SHA256SUMS").read_text("utf-8")


@pytest.mark.corpus
def test_some_labelled_articles_are_read_alike(corpus):
    assert share_read_fast(corpus / "dev" / "raw", every=9) > 0.8


@pytest.mark.corpus
@pytest.mark.long
def test_all_labelled_articles_are_read_alike(corpus):
    assert share_read_fast(corpus / "dev" / "raw") > 0.9


@pytest.mark.corpus
@pytest.mark.long
def test_all_articles_of_a_month_are_read_alike(corpus, tmp_path):
    with tarfile.open(corpus / "wechat-2024-11.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    assert share_read_fast(tmp_path) > 0.9
    assert share_of_plain_heads(tmp_path) > 0.85
