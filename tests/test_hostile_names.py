"""Names from content and where they lead: nothing is read from outside the content, nothing written outside the output.

How each was seen to fail without its protection: links by the test below that takes the guard away; the pipe by opening
it, which held up the build for ever, in the loader as in the fingerprints; the report that told of files outside, the
pictures below spelt-out names and the twins by running these tests before what they ask for was written; the folders
that are refused by leaving `check_output` out.
"""

import json
import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory import make_article, make_folder, markdown, tree
from newsarchive import permalinks, sources
from newsarchive.archive import assemble
from newsarchive.article import Block, Image, Moment
from newsarchive.cli import main
from newsarchive.errors import NewsArchiveError, OutputError, SettingsError
from newsarchive.outputs import check_output
from newsarchive.pipeline import build, read_knowledge
from newsarchive.render.html import render_pages
from newsarchive.settings import Settings, load_settings
from newsarchive.sources import find_content
from newsarchive.writer import OutputFile, write_site

PRIVATE = "只有本机的人才该看见的字句。"
posix = pytest.mark.skipif(os.name != "posix", reason="this system has no such names, links or pipes")
NAMES = (
    *("..", "...", "-", "--help", " ", "a.", "a ", "a..md", "~", "$HOME", "CON", "nul.md", "com1.txt", "AUX .md"),
    *("a\\..\\b", "%2e%2e%2f", "a%00b", "a\nb", "a\tb", "a\x1b[2Jb", "\u202egpj.a", "\u200b", "\ufeff", "🏮", "é"),
    *(
        "e\u0301",
        "İ",
        "ﬁ",
        "ＣＯＮ",
        "index",
        "unknown",
        "汉" * 70,
        "x" * 200,
        "<script>",
        "\"'`",
        "a\udcffb",
        "：",
        "*?|",
    ),
    *("con.aux.html", "\u2028", "汉" * 300),
)
names = st.one_of(st.sampled_from(NAMES), st.text(min_size=1, max_size=80), st.text("./\\conaux-%2e\0 ", max_size=40))


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory):
    known = read_knowledge(load_settings(make_folder(tmp_path_factory.mktemp("bare"), {}) / "site.yaml"))
    return lambda *_, **__: known


@pytest.fixture
def built(tmp_path, knowledge):
    """Build an archive of some files; gives its folder and the rows of its data."""

    def make(files, prepare=lambda _: None):
        root = make_folder(tmp_path / "archive", {"plain.md": markdown(1), **files})
        prepare(root / "content")
        build(load_settings(root / "site.yaml", workers=1, search=False), knowledge=knowledge)
        rows = [json.loads(line) for line in (root / "site/data/articles.jsonl").read_text("utf-8").splitlines()]
        return root, rows

    return make


# Paths of the site


@given(names, names)
def test_a_name_becomes_part_of_an_address_through_one_function_or_not_at_all(one, other):
    makers = [
        lambda: permalinks.article_permalink(one, None),
        lambda: permalinks.article_permalink(one, Moment("2024-11-20", "day")),
        lambda: permalinks.year_listing(one),
        lambda: permalinks.year_publisher_listing(one, other),
        lambda: permalinks.publisher_listing(one),
        lambda: permalinks.outlet_listing(one),
        lambda: permalinks.edition_listing(one),
        lambda: permalinks.comparison(one, other),
        lambda: permalinks.media_file(one, other),
        lambda: permalinks.search_folder(one, other),
        lambda: permalinks.asset_file(one),
    ]
    for make in makers:
        try:
            path = make()
        except OutputError:
            continue
        assert re.fullmatch(r"[a-z0-9_-][a-z0-9._-]*(?:/[a-z0-9._-]*[a-z0-9_-])+", path)
        assert len(path) <= permalinks.MAX_PATH
        assert not {".", ".."} & set(path.split("/"))


@given(names)
def test_any_publisher_has_an_address_that_every_system_can_store(name):
    slug = permalinks.publisher_slug(name, {})
    assert re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", slug)
    assert permalinks.safe_path(f"publishers/{slug}.html")


@given(st.lists(names, min_size=2, max_size=2))
def test_names_that_look_alike_share_an_address_and_others_do_not(pair):
    """What differs in width, case or white space alone is one name; everything else has an address of its own."""
    one, other = (permalinks.publisher_slug(name, {}) for name in pair)
    folded = {permalinks.hanzi.fold(name) for name in pair}
    assert (one == other) == (len(folded) == 1)


@given(names)
def test_the_writer_stays_below_its_root_whatever_it_is_given(tmp_path_factory, name):
    root = tmp_path_factory.mktemp("writer")
    for path in (name, f"a/{name}", f"{name}/a.html"):
        try:
            write_site([OutputFile(path, b"x", "a test")], root / "site")
        except OutputError:
            continue
    assert {place.name for place in root.iterdir()} <= {"site"}
    assert all(re.fullmatch(r"[A-Za-z0-9._/-]+", path) for path in tree(root))


# Names of content files


@posix
def test_content_files_of_every_name_are_published(built):
    stems = [name for name in NAMES if name not in ("..", "...", "~") and len(os.fsencode(name)) < 250]
    _, rows = built({f"{number}/{stem}.md": markdown(number + 10) for number, stem in enumerate(stems)})
    assert len(rows) == len(stems) + 1
    assert all(str(row["path"]).isprintable() or "\u200b" in row["path"] or "\ufeff" in row["path"] for row in rows)


@posix
def test_two_names_that_differ_in_composition_alone_are_refused_naming_both(tmp_path):
    """Before, the message named the same words twice, since both print alike."""
    root = make_folder(tmp_path, {"é.md": "一", "e\u0301.md": "二"})
    if len(list((root / "content").iterdir())) < 2:
        pytest.skip("this file system takes both names for one")
    with pytest.raises(SettingsError) as caught:
        find_content([root / "content"])
    assert r"e\u0301.md" in str(caught.value)
    assert r"\xe9.md" in str(caught.value)


@posix
def test_names_that_differ_in_case_alone_are_two_articles(built):
    root, rows = built({"Deng.md": markdown(2), "deng.md": markdown(3)})
    if len(list((root / "content").iterdir())) < 3:
        pytest.skip("this file system takes both names for one")
    assert len({row["permalink"].lower() for row in rows}) == 3


def test_two_publishers_with_one_address_are_refused_naming_both_inputs(built, monkeypatch):
    monkeypatch.setattr(permalinks, "_made_slug", lambda *_: "same-0000")
    files = {f"{name}.md": markdown(number).replace("乌镇样报", name) for number, name in enumerate("甲乙", 2)}
    with pytest.raises(OutputError, match=r"(plain|甲|乙)\.md: .* in (plain|甲|乙)\.md"):
        built(files)


# Links


@posix
@pytest.mark.parametrize("name", ["a.md", "plain.yaml", "plain.yml", "_defaults.yaml", "below/_defaults.yaml"])
def test_a_link_out_of_the_content_is_not_followed_and_told(built, tmp_path, name):
    outside = tmp_path / "outside"
    outside.write_text(f"outlet: {PRIVATE}\ntitle: {PRIVATE}\n", "utf-8")

    def link(content):
        (content / name).symlink_to(outside)

    root, rows = built({"below/b.md": markdown(2)}, link)
    assert len(rows) == 2
    assert [path for path, data in tree(root / "site").items() if PRIVATE.encode() in data] == []
    problems = json.loads((root / "site/data/report.json").read_text("utf-8"))["problems"]
    assert [problem["path"] for problem in problems if problem["kind"] == "link"] == [name]


@posix
@pytest.mark.parametrize("name", ["a.md", "plain.yaml", "_defaults.yaml"])
def test_without_its_guard_a_link_out_of_the_content_is_followed(built, tmp_path, monkeypatch, name):
    monkeypatch.setattr(sources, "_leads_out", lambda *_: False)
    (tmp_path / "outside").write_text(f"outlet: {PRIVATE}\ntitle: {PRIVATE}\n", "utf-8")
    root, _ = built({}, lambda content: (content / name).symlink_to(tmp_path / "outside"))
    assert any(PRIVATE.encode() in data for data in tree(root / "site").values())


@posix
def test_a_linked_folder_is_not_entered(built, tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/a.md").write_text(PRIVATE, "utf-8")

    def link(content):
        (content / "out").symlink_to(tmp_path / "outside")
        (content / "around").symlink_to(content)
        (content / "above").symlink_to("..")

    assert len(built({}, link)[1]) == 1


@posix
def test_links_that_lead_to_themselves_are_told_and_stop_nothing(built):
    def link(content):
        for name in ("a.md", "plain.yaml", "_defaults.yaml", "p.png"):
            (content / name).symlink_to(name)
        (content / "one.md").symlink_to("two.md")
        (content / "two.md").symlink_to("one.md")

    root, rows = built({"b.md": markdown(2) + "\n![图](p.png)\n"}, link)
    assert [row["path"] for row in rows] == ["plain.md", "b.md"] or len(rows) == 2
    problems = json.loads((root / "site/data/report.json").read_text("utf-8"))["problems"]
    assert {"a.md", "one.md", "two.md"} <= {problem["path"] for problem in problems}


@posix
def test_a_pipe_among_the_files_does_not_hold_up_the_build(built):
    root, rows = built({}, lambda content: os.mkfifo(content / "a.md"))
    assert len(rows) == 1
    [problem] = json.loads((root / "site/data/report.json").read_text("utf-8"))["problems"]
    assert (problem["path"], problem["action"]) == ("a.md", "quarantined")


# Pictures

PNG = b"\x89PNG\r\n\x1a\n" + b"secret"


ADDRESSES = (
    *("../../secret.png", "below/../../../secret.png", "..\\..\\secret.png", "%2e%2e/%2e%2e/secret.png"),
    *("..%2f..%2fsecret.png", "..%5c..%5csecret.png", "file:../../secret.png", "{root}/secret.png"),
    *(
        "file://{root}/secret.png",
        "linked.png",
        "linked/secret.png",
        "../../secret.png#a.png",
        "../../secret.png?a.png",
    ),
    *("./.././../secret.png", "//{root}/secret.png", "\\\\localhost\\c$\\secret.png", "C:\\secret.png"),
    *("..;/..;/secret.png", "..././..././secret.png"),
)


def test_pictures_outside_the_content_are_not_copied(built, tmp_path):
    (tmp_path / "secret.png").write_bytes(PNG)

    def link(content):
        if os.name == "posix":
            (content / "linked.png").symlink_to(tmp_path / "secret.png")
            (content / "linked").symlink_to(tmp_path)

    told = "".join(f'\n\n<img src="{address.format(root=tmp_path.as_posix())}">' for address in ADDRESSES)
    root, rows = built({"b.md": markdown(2) + told}, link)
    assert sum(len(row["images"]) for row in rows) >= len(ADDRESSES) - 1
    assert [path for path in tree(root / "site") if path.startswith("media/")] == []


def test_without_their_guard_pictures_outside_the_content_are_copied(built, tmp_path, monkeypatch):
    (tmp_path / "secret.png").write_bytes(PNG)
    monkeypatch.setattr(Path, "is_relative_to", lambda *_: True)
    root, _ = built({"b.md": markdown(2) + "\n\n![图](../../secret.png)\n"})
    assert [path for path in tree(root / "site") if path.startswith("media/")] != []


@posix
def test_the_report_does_not_tell_what_lies_outside_the_content(built, tmp_path):
    """It told of an address that leads out whether something is there: whoever wrote an article could ask the disk."""
    (tmp_path / "there.png").write_bytes(PNG)
    files = {
        name: markdown(number) + f"\n![图](../../{name}.png)\n" for number, name in enumerate(("there", "gone"), 2)
    }
    root, _ = built({f"{name}.md": text for name, text in files.items()})
    problems = json.loads((root / "site/data/report.json").read_text("utf-8"))["problems"]
    there, gone = (next(p["message"] for p in problems if p["path"] == f"{name}.md") for name in ("there", "gone"))
    assert there.replace("there", "gone") == gone


@posix
def test_pictures_below_a_folder_of_any_name_are_found(built):
    """The path that the archive calls a file by is no longer the name of its folder where that had to be spelt out."""
    folders = ["e\u0301", "a\x1bb", "a\udcffb"]
    files = {f"{folder}/a.md": markdown(number) + "\n![图](p.png)\n" for number, folder in enumerate(folders, 2)}
    _, rows = built(files | {f"{folder}/p.png": PNG + folder.encode("utf-8", "surrogateescape") for folder in folders})
    assert len({image["file"] for row in rows for image in row["images"]} - {None}) == len(folders)


# The output folder


def test_an_output_that_is_or_holds_what_is_read_or_a_home_or_the_root_is_refused(tmp_path, monkeypatch, knowledge):
    root = make_folder(tmp_path / "archive", {"a.md": markdown(1)})
    monkeypatch.setenv("HOME", str(tmp_path / "home/me"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home/me"))
    before = tree(root)
    refused = [root, root / "content", tmp_path, tmp_path / "home/me", tmp_path / "home", Path(tmp_path.anchor)]
    refused += [root / "content/../content", root / "site/../content"]
    if os.name == "posix":
        (tmp_path / "link").symlink_to(root / "content")
        refused.append(tmp_path / "link")
    for output in refused:
        with pytest.raises(NewsArchiveError):
            build(load_settings(root / "site.yaml", output=output), knowledge=knowledge)
    assert tree(root) == before


def test_a_folder_without_our_manifest_is_refused_unless_empty(tmp_path, knowledge):
    root = make_folder(tmp_path / "archive", {"a.md": markdown(1)})
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.doc").write_text("x")
    with pytest.raises(OutputError, match="no manifest"):
        build(load_settings(root / "site.yaml", output=tmp_path / "mine"), knowledge=knowledge)
    assert tree(tmp_path / "mine") == {"thesis.doc": b"x"}
    (tmp_path / "empty").mkdir()
    check_output(tmp_path / "empty")


# The terminal


@pytest.mark.parametrize("command", [["build", "-v"], ["explain", "content/a.md"]])
def test_content_does_not_command_the_terminal(tmp_path, monkeypatch, capsys, command):
    """It did: the words of a sidecar and of a text were printed as they are, with the sequences in them."""
    title = '"\\x1b]0;owned\\a\\x1b[2J灯"'
    files = {"a.md": f"---\ntitle: {title}\n---\n\n`灯\x1b[2J`\n", "a.yaml": f"lang: {title}\n{title}: {title}\n"}
    monkeypatch.chdir(make_folder(tmp_path, files))
    assert main([*command, *(["--no-cache", "--no-search"] if command[0] == "build" else [])]) == 0
    told = "".join(capsys.readouterr())
    assert r"\x1b[2J" in told
    assert "\x1b" not in told


@pytest.mark.parametrize(
    "held", [{"url": "https://example.org/\ud800.png"}, {"url": "https://example.org/a.png", "alt": "\udfff"}]
)
def test_a_picture_whose_address_or_words_have_no_utf_8_is_shown_on_a_page_without_a_key(tmp_path, held):
    """Seen to stop the build where the key was formed."""
    images = (Image(**held),)
    article = make_article(images=images, blocks=(Block("image", "", images=images),), fingerprint=b"f" * 32)
    config = Settings(root=tmp_path, title="样例档案", content=(tmp_path,), output=tmp_path / "site", search=False)
    archive = assemble([article], 1, (), (), None)
    [page] = [file for file in render_pages(archive, config) if file.path.endswith(f"{article.id}.html")]
    assert page.key == b""
    assert "<img" in page.data.decode("utf-8")
