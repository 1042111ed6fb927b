"""`explain` shows one file line by line: what stays, what moves to a field, what goes, and by which rule."""

import os
import pty
import re
import subprocess
import sys

import pytest

from conftest import PROJECT
from factory import STORY, make_folder, markdown
from newsarchive.cli import main
from newsarchive.commands.explain import explain
from newsarchive.pipeline import read_knowledge
from newsarchive.settings import load_settings

ARTICLE = markdown(7) + "\n（来源：示例晚报）\n\n轻触阅读原文\n\n向上滑动看下一个\n"


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sidecar = b"publisher: \xe6\xa0\xb7\xe4\xbe\x8b\xe5\x91\xa8\xe5\x88\x8a\n"
    return make_folder(tmp_path, {"a/one.md": ARTICLE, "a/one.yaml": sidecar, "a/_defaults.yaml": b"lang: zh-Hans\n"})


def explained(path):
    settings = load_settings(None)
    return explain(path, settings, read_knowledge(settings))


def shown(capsys, *arguments):
    assert main(["explain", *map(str, arguments)]) == 0
    return capsys.readouterr().out


def test_every_line_is_shown_once_in_document_order(root):
    (story,) = explained(root / "content/a/one.md").stories
    first, second, third = STORY.format(number=7).strip().split("\n\n")
    assert [(piece.fate, piece.text) for piece in story.pieces] == [
        ("kept", first),
        ("kept", second),
        ("kept", third),
        ("moved", "（来源：示例晚报）"),
        ("removed", "轻触阅读原文"),
        ("removed", "向上滑动看下一个"),
    ]


def test_what_is_taken_names_its_rule_with_its_reason_and_field(capsys):
    told = shown(capsys, "content/a/one.md")
    assert re.search(r"^  \S+/\S+ → outlet  [A-Z].*\.$", told, re.MULTILINE)
    assert " → （来源：示例晚报）" in told
    assert "  wechat/interface-tail  Words of the reading interface" in told
    assert " − 轻触阅读原文" in told


def test_fields_name_value_claim_evidence_and_rivals(capsys):
    told = shown(capsys, "content/a/one.md")
    assert "publisher: 样例周刊  [sidecar: publisher: 样例周刊]" in told
    assert "    rival: 乌镇样报  [front-matter: source: 乌镇样报]" in told
    assert "outlet: 示例晚报  [body: （来源：示例晚报）]" in told
    assert "published: 2024-11-20 (day, front-matter)" in told


def test_the_rule_files_that_applied_are_listed_in_their_order(capsys):
    told = shown(capsys, "content/a/one.md").splitlines()
    assert told[0] == "a/one.md  markdown, utf-8"
    files = [line.split()[0] for line in told[1 : told.index("")]]
    assert files[0] == "rules/platforms/wechat.yaml"
    assert "rules/generic.yaml" in files


def test_a_file_outside_of_every_content_folder_is_explained_too(tmp_path, capsys):
    elsewhere = tmp_path / "inbox"
    elsewhere.mkdir()
    (elsewhere / "new.md").write_text(ARTICLE, "utf-8")
    told = shown(capsys, elsewhere / "new.md")
    assert told.startswith("new.md  markdown")
    assert "publisher: 乌镇样报" in told


def test_rules_of_publishers_can_be_left_out(root, capsys):
    (root / "rules/publishers").mkdir(parents=True)
    (root / "rules/publishers/sample.yaml").write_text(
        "name: 样例周刊\naliases: [乌镇样报]\nrules:\n"
        "  - {id: last, why: A test., where: tail, exact: [收尾的一行], removes: [收尾的一行], keeps: [一行]}\n",
        "utf-8",
    )
    (root / "content/a/one.md").write_text(ARTICLE + "\n收尾的一行\n", "utf-8")
    assert "sample/last  A test." in shown(capsys, "content/a/one.md")
    assert "sample/last" not in shown(capsys, "content/a/one.md", "--no-publisher-rules")


def test_what_stands_in_place_of_a_story_is_explained_by_the_stage_that_took_it(root, capsys):
    (root / "content/gone.md").write_text(
        "---\ntitle: 样文\nurl: https://mp.weixin.qq.com/s/x\n---\n\n该内容已被发布者删除\n\n旁边的一行\n", "utf-8"
    )
    told = shown(capsys, "content/gone.md")
    assert "\nstub\n" in told
    assert "wechat/deleted-notice" in told
    assert " − 旁边的一行" in told


@pytest.mark.parametrize(
    ("name", "status", "finding"),
    [
        ("missing.md", 2, "missing.md: does not exist; "),
        ("content", 2, "content: is a folder; "),
        ("site.yaml", 2, "site.yaml: is no content file; content files end in .md"),
        ("content/broken.md", 1, "broken.md: "),
    ],
)
def test_what_cannot_be_explained_is_told_with_place_and_remedy(root, capsys, name, status, finding):
    (root / "content/broken.md").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00" * 40)
    assert main(["explain", name]) == status
    told = capsys.readouterr()
    assert told.out == ""
    assert finding in told.err


def test_broken_rules_have_status_two(root, capsys):
    (root / "rules").mkdir()
    (root / "rules/generic.yaml").write_text("rules: [{id: x}]\n", "utf-8")
    assert main(["explain", "content/a/one.md"]) == 2
    assert "rules/generic.yaml" in capsys.readouterr().err


def test_plain_output_has_no_colour_and_a_terminal_has(capsys):
    assert "\x1b[" not in shown(capsys, "content/a/one.md")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "newsarchive", "explain", "content/a/one.md"]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT / "src"), "TERM": "xterm-256color"}
    environment.pop("NO_COLOR", None)
    process = subprocess.Popen(command, stdout=theirs, stderr=subprocess.PIPE, env=environment)
    os.close(theirs)
    told = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # a terminal whose other end was closed
            break
        if not piece:
            break
        told += piece
    os.close(ours)
    process.stderr.close()
    assert process.wait() == 0
    assert b"\x1b[36m" in told
    assert b"\x1b[31m" in told
    assert "轻触阅读原文".encode() in told
