"""Any content file becomes a document with its shape, fields and body, or says why it cannot be read."""

import contextlib
import hashlib
import os
import re
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import PROJECT
from newsarchive.decoding import decode
from newsarchive.errors import ContentError, SettingsError
from newsarchive.fields import part_front_matter
from newsarchive.loader import load_document, shape_of
from newsarchive.settings import Limits, Settings, load_settings
from newsarchive.sources import find_content, find_problems

SETTINGS = load_settings(PROJECT / "site.yaml")
SIMPLIFIED = "样例大会今天在水乡开幕，来自各地的嘉宾讨论网络的发展，他们说这是一个新的开始。"
TRADITIONAL = "樣例大會今天在水鄉開幕，來自各地的嘉賓討論網絡的發展，他們說這是一個新的開始。"


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "content"
    place.mkdir()
    return place


@pytest.fixture
def write(folder):
    def write_file(name, data="正文。\n"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return path

    return write_file


@pytest.fixture
def load(folder, write):
    """Write one file and load it."""

    def load_file(data, name="a.md", **limits):
        write(name, data)
        settings = Settings(folder.parent, "样例", (folder,), folder.parent / "site", limits=Limits(**limits))
        [source] = [source for source in find_content([folder]) if source.path == name]
        return load_document(source, settings)

    return load_file


def paths(*folders, **options):
    return [source.path for source in find_content(folders, **options)]


# Finding


def test_candidates_are_found_by_suffix_in_the_order_of_their_paths(folder, write):
    for name in ("b.md", "a/z.TXT", "c.html", "d.htm", "e.markdown", "f.pdf", "g", "b.yaml"):
        write(name)
    assert paths(folder) == ["a/z.TXT", "b.md", "c.html", "d.htm", "e.markdown"]


def test_hidden_and_underscored_names_are_left_out(folder, write):
    for name in (".a.md", ".git/a.md", "_a.md", "_drafts/a.md", "a.md"):
        write(name)
    assert paths(folder) == ["a.md"]


def test_the_folders_to_skip_are_left_out(folder, write):
    write("a.md")
    write("site/index.html")
    assert paths(folder, skip=[folder / "site"]) == ["a.md"]


def test_paths_are_composed(folder, write):
    write(unicodedata.normalize("NFD", "café.md"))
    assert paths(folder) == [unicodedata.normalize("NFC", "café.md")]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_name_that_is_not_utf8_is_spelt_out(folder):
    name = os.fsdecode("样".encode("gbk") + b".md")
    (folder / name).write_text("正文。", "utf-8")
    [path] = paths(folder)
    assert path == "\\xd1\\xf9.md"


def test_a_link_that_leads_out_is_left_out_and_told(folder, write, tmp_path):
    (tmp_path / "outside.md").write_text("x")
    (folder / "out.md").symlink_to(tmp_path / "outside.md")
    (folder / "in.md").symlink_to(write("a.md"))
    (folder / "around").symlink_to(folder)
    assert paths(folder) == ["a.md", "in.md"]
    assert [(problem.path, problem.kind) for problem in find_problems([folder], SETTINGS)] == [("out.md", "link")]


def test_two_folders_with_one_relative_path_are_refused_naming_both(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.md").write_text("x")
    with pytest.raises(SettingsError, match=r"two/a\.md: has the same path .*one/a\.md"):
        find_content([tmp_path / "one", tmp_path / "two"])


def test_a_missing_or_nested_folder_is_refused(folder, write):
    write("a/b.md")
    with pytest.raises(SettingsError, match="no such content folder"):
        find_content([folder / "none"])
    with pytest.raises(SettingsError, match="one lies in the other"):
        find_content([folder, folder / "a"])


# Sidecars and defaults


def test_a_sidecar_is_read_beside_the_file(write, load):
    entries = "outlets: 样报\noutlet:\nbyline:\n- {name: 甲, role: author}\n"
    write("a.yaml", "title: 2024\npublished: 2024-11-20\ncomplete: false\n" + entries)
    assert load("正文。").sidecar == {
        "title": "2024",
        "published": "2024-11-20",
        "complete": False,
        "outlets": ["样报"],
        "outlet": None,
        "byline": [{"name": "甲", "role": "author"}],
    }


def test_a_wrong_field_of_a_sidecar_is_a_problem_with_a_suggestion(write, load):
    write("a.yml", "titel: x\ncomplete: perhaps\nurl: [a]\nlang: en\n")
    document = load("正文。")
    assert document.sidecar == {"lang": "en"}
    assert [(problem.path, problem.line) for problem in document.problems] == [("a.yml", 1), ("a.yml", 2), ("a.yml", 3)]
    assert "did you mean `title`?" in document.problems[0].message


@pytest.mark.parametrize("text", ["title: a: b", "- a", "title: &x y"])
def test_a_broken_sidecar_is_a_problem_and_the_article_stays(write, load, text):
    write("a.yaml", text)
    document = load("正文。")
    assert document.sidecar == {}
    assert [(problem.path, problem.action) for problem in document.problems] == [("a.yaml", "left the file out")]


def test_an_empty_sidecar_is_no_problem(write, load):
    write("a.yaml", "# nothing yet\n")
    assert load("正文。").problems == ()


def test_a_sidecar_without_its_file_is_a_problem(folder, write):
    write("a.md")
    write("a.yaml", "lang: en")
    write("b.yaml", "lang: en")
    assert [(problem.path, problem.kind) for problem in find_problems([folder], SETTINGS)] == [("b.yaml", "sidecar")]


def test_defaults_of_the_nearest_folder_win(write, load):
    write("_defaults.yaml", "publisher: 外\nlang: en\n")
    write("x/_defaults.yaml", "publisher: 内\n")
    write("y/_defaults.yaml", "publisher: 旁\n")
    assert load("正文。", "x/y/a.md").defaults == {"publisher": "内", "lang": "en"}


def test_broken_defaults_are_told_once_and_not_for_every_file(folder, write, load):
    write("_defaults.yaml", "publisherr: x\n")
    assert load("正文。").problems == ()
    [problem] = find_problems([folder], SETTINGS)
    assert (problem.path, problem.line, problem.kind) == ("_defaults.yaml", 1, "defaults")


# Decoding


@pytest.mark.parametrize(
    ("data", "encoding", "text"),
    [
        (SIMPLIFIED.encode(), "utf-8", SIMPLIFIED),
        (SIMPLIFIED.encode("utf-8-sig"), "utf-8", SIMPLIFIED),
        (SIMPLIFIED.encode("utf-16"), "utf-16", SIMPLIFIED),
        (b"\xfe\xff" + SIMPLIFIED.encode("utf-16-be"), "utf-16", SIMPLIFIED),
        (SIMPLIFIED.encode("gb18030"), "gb18030", SIMPLIFIED),
        (TRADITIONAL.encode("gb18030"), "gb18030", TRADITIONAL),
        (TRADITIONAL.encode("big5"), "big5", TRADITIONAL),
        ("样报".encode("gbk"), "gb18030", "样报"),
        ("會議".encode("big5"), "big5", "會議"),
        ("一丁".encode("big5"), "big5", "一丁"),
        ("<meta charset='big5'>樣".encode("big5"), "big5", "<meta charset='big5'>樣"),
        ("<meta charset=gb2312>样".encode(), "utf-8", "<meta charset=gb2312>样"),
        ("<?xml encoding='koi8-r'?>мир".encode("koi8-r"), "koi8-r", "<?xml encoding='koi8-r'?>мир"),
        ("the café’s “menu”".encode("cp1252"), "windows-1252", "the café’s “menu”"),
        (b"plain\r\nwords\rhere\n", "utf-8", "plain\nwords\nhere\n"),
        (b"", "utf-8", ""),
    ],
)
def test_the_encoding_is_told_by_evidence(data, encoding, text):
    decoded = decode(data, "a.txt")
    assert (decoded.encoding, decoded.text) == (encoding, text)


def test_a_character_cut_in_two_costs_one_character(load):
    document = load((SIMPLIFIED * 3).encode()[:-1])
    assert document.body == (SIMPLIFIED * 3)[:-1] + "\ufffd"
    assert [problem.kind for problem in document.problems] == ["encoding"]


@pytest.mark.parametrize(
    "data", [b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", b"a\x00b", bytes(range(1, 32)) * 9, b"\xff\xfe\x00\xd8"]
)
def test_binary_files_are_refused(load, data):
    with pytest.raises(ContentError, match=r"a\.md: is (binary|in an unknown encoding); "):
        load(data)


def test_files_beyond_the_limits_are_refused(load):
    with pytest.raises(ContentError, match="larger than 10 bytes"):
        load("x" * 11, file_bytes=10)
    with pytest.raises(ContentError, match=r"more than 3 lines; raise `limits\.lines`"):
        load("x\n" * 3, lines=3)


def test_a_file_that_vanished_is_refused(folder, write):
    write("a.md")
    [source] = find_content([folder])
    source.file.unlink()
    with pytest.raises(ContentError, match=r"a\.md: cannot be read"):
        load_document(source, Settings(folder.parent, "样例", (folder,), folder))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("---\ntitle: 甲\u202e乙\n---\n\n正文", (2, 9)),
        ("---\ntitle: 甲乙\n---\n\n正\u2066文\u2069", (5, 2)),
        ('---\ntitle: "甲\\u202E乙"\n---\n\n正文', (None, None)),
        ('---\ntitle: 甲乙\ntags: ["\\U0000202a", {a: "\\u2068"}]\n---\n\n正文', (None, None)),
    ],
)
def test_what_turns_the_direction_of_text_is_taken_out_and_told(load, text, place):
    document = load(text)
    assert (document.front["title"], document.body.strip()) == ("甲乙", "正文")
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", repr(document.front))
    [problem] = document.problems
    assert (problem.kind, problem.line, problem.column, problem.action) == ("direction", *place, "took them out")


def test_what_turns_the_direction_of_text_is_taken_out_of_a_sidecar(load, write):
    write("a.yaml", 'title: "甲\\u202e乙"\nkind: "x\\u202e"\n')
    document = load("正文")
    assert document.sidecar == {"title": "甲乙"}
    assert [problem.kind for problem in document.problems] == ["direction", "sidecar"]


@pytest.mark.parametrize("text", [SIMPLIFIED, TRADITIONAL, "Only ASCII here."])
def test_the_hash_is_that_of_the_bytes(load, text):
    assert load(text).sha256 == hashlib.sha256(text.encode()).hexdigest()


# Front matter


def fields(head):
    """Fields and the lines of problems of a front matter."""
    front = part_front_matter(f"---\n{head}\n---\n正文。\n", "a.md")
    assert front.body == "正文。\n"
    return dict(front.fields), [(problem.line, problem.column) for problem in front.problems]


def test_front_matter_is_parted_after_blank_lines_and_the_lines_are_counted(load):
    document = load("\n\n---\ntitle: 题\n---\n\n　　正文。\n")
    assert document.front == {"title": "题"}
    assert (document.body, document.body_line) == ("\n　　正文。\n", 6)


def test_carriage_returns_and_a_byte_order_mark_do_not_hide_front_matter(load):
    document = load(b"\xef\xbb\xbf---\r\ntitle: a\r\n---\r\nb\r\n")
    assert (document.front, document.body) == ({"title": "a"}, "b\n")


def test_values_stay_the_words_they_are():
    head = "title: 2024\nflag: no\nday: 2024-11-20\nempty:\ntags: [1, true]\nlist:\n- a\n- b"
    assert fields(head) == (
        {"title": "2024", "flag": "no", "day": "2024-11-20", "empty": "", "tags": ["1", "true"], "list": ["a", "b"]},
        [],
    )


def test_nested_values_become_dotted_fields_and_flat_lists():
    assert fields("a: {b: c}\nd:\n- e: f\n- [g, h]") == ({"a.b": "c", "d": ["e: f", "g", "h"]}, [])


@pytest.mark.parametrize(
    ("line", "value", "column"),
    [
        ("title: 漏洞 A-1: 说明", "漏洞 A-1: 说明", 14),
        ("title: [快讯] 大会开幕", "[快讯] 大会开幕", 13),
        ("title: [快讯]", "[快讯]", 8),
        ("title: {大会}", "{大会}", 8),
        ("title: #大会 开幕", "#大会 开幕", 8),
        ("title: 大会 #3", "大会 #3", 11),
        ("title: @所有人", "@所有人", 8),
        ("title: `code`", "`code`", 8),
        ("title: %d", "%d", 8),
        ("title: *星", "*星", 9),
        ("title: &x 大会", "&x 大会", 8),
        ("title: !大会", "!大会", 9),
        ("title: |大会|", "|大会|", 9),
        ("title: '样报' 开幕", "'样报' 开幕", 13),
        ('title: "样报" 开幕', '"样报" 开幕', 13),
        ("title:大会", "大会", 7),
        ("title: 第一行\n  第二行: 说明", "第一行 第二行: 说明", None),
        ("title:\n\t大会", "大会", 1),
        ("title: 有\x07声", "有\x07声", 9),
    ],
)
def test_a_broken_value_is_repaired_with_its_place(line, value, column):
    found, places = fields(f"url: x\n{line}\ndate: 2024-11-20")
    assert found == {"url": "x", "title": value, "date": "2024-11-20"}
    if column:
        assert places == [(3, column)]
    else:
        assert len(places) == 1


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("title: '#大会'", "#大会"),
        ("title: 大会 # 编者按", "大会"),
        ('title: "甲: 乙"', "甲: 乙"),
        ("title: 第一行\n  第二行", "第一行 第二行"),
        ("title: >\n  第一行\n  第二行", "第一行 第二行\n"),
        ("title: https://example.org/#x", "https://example.org/#x"),
    ],
)
def test_valid_yaml_is_left_as_it_is(line, value):
    assert fields(line) == ({"title": value}, [])


def test_of_a_duplicate_key_the_first_value_stays_and_the_other_is_told():
    front = part_front_matter("---\ntitle: 甲\ntitle: 乙\n---\n", "a.md")
    assert front.fields == {"title": "甲"}
    assert [(problem.line, "乙" in problem.message) for problem in front.problems] == [(3, True)]


def test_list_entries_that_yaml_takes_for_comments_come_back():
    assert fields("tags:\n  - #大会\n  - 乌镇")[0] == {"tags": ["#大会", "乌镇"]}


def test_front_matter_without_an_end_is_body_and_told():
    front = part_front_matter("\n---\ntitle: 甲\n\n正文。\n", "a.md")
    assert (front.fields, front.body, front.present) == ({}, "\n---\ntitle: 甲\n\n正文。\n", False)
    assert [(problem.line, problem.kind) for problem in front.problems] == [(2, "front-matter")]


def test_a_ruler_far_below_does_not_end_front_matter():
    text = "---\ntitle: 甲\n\n正文从这里开始。\n\n---\n版权声明。\n"
    front = part_front_matter(text, "a.md")
    assert (front.body, len(front.problems)) == (text, 1)


@pytest.mark.parametrize(
    "text", ["---\n正文。\n---\n更多。\n", "---\n", "正文。\n---\na: b\n---\n", "---- \na: b\n---\n"]
)
def test_rulers_around_prose_are_body(text):
    front = part_front_matter(text, "a.md")
    assert (front.body, front.present, front.problems) == (text, False, ())


def test_empty_front_matter_is_front_matter():
    front = part_front_matter("---\n---\n正文。", "a.md")
    assert (front.fields, front.body, front.present) == ({}, "正文。", True)


# Shape


@pytest.mark.parametrize(
    ("body", "path", "has_front", "shape"),
    [
        ("# 题\n\n正文。", "a.txt", True, "markdown"),
        ("正文。", "a.txt", True, "markdown"),
        ("正文。", "a.md", False, "markdown"),
        ("正文。", "a.txt", False, "text"),
        ("# 题\n\n正文。", "a.txt", False, "markdown"),
        ("正文 ![图](a.png)", "a.txt", False, "markdown"),
        ("#大会# 正文 [1] (注)", "a.txt", False, "text"),
        ("<div>\n<p>正文。</p></div>", "a.md", True, "fragment"),
        ("<!-- x -->\n<p>正文。</p>", "a.txt", False, "fragment"),
        ("<p>正文。</p>", "a.html", False, "fragment"),
        ("引言\n<p>一</p>\n<p>二</p>\n<p>三</p>", "a.txt", False, "fragment"),
        ("正文。", "a.html", False, "text"),
        ("<!DOCTYPE html>\n<html><body><p>一</p>", "a.txt", False, "page"),
        ("<?xml version='1.0'?><!-- saved --><html><head>", "a.md", True, "page"),
        ("残留\n<html><body><p>一</p>", "a.html", False, "page"),
        ("<https://example.org>\n\n- 甲\n- 乙", "a.md", True, "markdown"),
        ("正文\n\n```html\n<div><p>a</p><p>b</p></div>\n```\n", "a.md", True, "markdown"),
        ("**题**\n\n正文<br>一\n\n- 甲<br>\n- 乙<br>\n- 丙<br>", "a.md", True, "markdown"),
        ("", "a.md", False, "markdown"),
    ],
)
def test_the_content_decides_the_shape(body, path, has_front, shape):
    assert shape_of(body, path, has_front=has_front) == shape


# Any bytes


heads = st.sampled_from(
    [b"", b"---\n", b"\n---\ntitle: ", b"\xef\xbb\xbf", b"\xff\xfe", b"<html>", "---\n题: 甲\n---\n".encode()]
)


@given(heads, st.binary(max_size=300) | st.text(max_size=150).map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_load_or_raise_content_error(tmp_path_factory, head, rest):
    folder = tmp_path_factory.mktemp("any")
    (folder / "a.md").write_bytes(head + rest)
    [source] = find_content([folder])
    with contextlib.suppress(ContentError):
        document = load_document(source, Settings(folder, "样例", (folder,), folder / "site"))
        document.body.encode("utf-8")
        assert "\r" not in document.body


lines = st.text(st.sampled_from("甲乙 :#-[]{}'\"&*!|>@`%\t\\,?"), max_size=12)


@given(
    st.lists(
        st.sampled_from(["title: ", "url: ", "  ", "- ", ""]).flatmap(lambda key: lines.map(lambda rest: key + rest))
    )
)
def test_no_front_matter_takes_the_body_with_it(head):
    text = "---\n" + "\n".join(["title: 甲", *head]) + "\n---\n正文。\n"
    front = part_front_matter(text, "a.md")
    assert front.body.endswith("正文。\n")
    assert all(isinstance(value, str | list) for value in front.fields.values())


@given(
    st.text(
        st.characters(codec="utf-8", exclude_categories=["Cc", "Zs", "Zl", "Zp"], exclude_characters="'\"\ufeff"),
        min_size=1,
    )
)
def test_an_unquoted_title_comes_out_whole(title):
    """The archive's readers see what the collector wrote, whatever YAML would make of it."""
    if title in {"~", "null", "Null", "NULL"} or title.startswith(("|", ">", "- ")):
        return
    front = part_front_matter(f"---\ntitle: {title}\ndate: 2024\n---\n", "a.md")
    assert front.fields == {"title": title, "date": "2024"}
