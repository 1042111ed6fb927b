"""No single file, whatever it holds, stops a build: it ends in a problem or as an article, in bounded time and memory.

What decides is counted, so that every machine publishes the same: no guard trips here, which the counts leave far away.

Seen to fail: without the bound on nesting, lxml's tree ends the process; without the one on brackets the converter
takes minutes; without the refusal of aliases YAML's bomb fills the memory when it is written; without the counts 50,000
pictures take more than the guard allows; without the guards `test_a_guard_ends_one_file_and_no_other` never ends;
without a count of its bytes one `_defaults.yaml` took every file below it into the guard; without one of folders the
build ended in a RecursionError, and folders that could not be read went unnoticed.
"""

import json
import os
import re
import resource
import subprocess
import sys
import textwrap
import time
from functools import cache

import pytest

from conftest import PROJECT
from factory import make_document, make_folder, markdown
from figures import record
from newsarchive import guards
from newsarchive.fields import part_front_matter
from newsarchive.knowledge import load_knowledge
from newsarchive.markup import parse_document
from newsarchive.pipeline import build, read_knowledge
from newsarchive.preparation import prepare
from newsarchive.settings import MAX_DEPTH, load_settings
from newsarchive.sources import find_content
from newsarchive.standing import GUARD

HEAD = "---\ntitle: 样例\ndate: 2024-11-20\n---\n\n"
BOMB = "---\na: &a [x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b]\n"
HOSTILE = {
    "line-of-a-hundred-megabytes.md": lambda: HEAD + "样" * 33_400_000,
    "nested-elements.html": lambda: "<html><body>" + "<div>" * 10_000 + "样例" + "</div>" * 10_000,
    "nested-in-markdown.md": lambda: HEAD + "<div>" * 10_000 + "样例",
    "brackets.md": lambda: HEAD + "[" * 10_000_000,
    "parentheses.md": lambda: HEAD + "[a](" * 400_000,
    "backticks.md": lambda: HEAD + " ".join("`" * (number % 300 + 1) for number in range(20_000)),
    "stars.md": lambda: HEAD + "**a" * 300_000,
    "quotes.md": lambda: HEAD + ">" * 100_000 + "样例",
    "lists.md": lambda: HEAD + "\n".join("  " * number + "- 样例" for number in range(1_500)),
    "lines.md": lambda: HEAD + "\n" * 300_000,
    "alias-bomb.md": lambda: BOMB + "---\n\n样例\n",
    "custom-tag.md": lambda: "---\ntitle: !!python/object/apply:os.system ['true']\n---\n\n样例\n",
    "deep-flow.md": lambda: "---\ntitle: " + "[" * 20_000 + "\n---\n\n样例\n",
    "deep-json.html": lambda: (
        '<html><head><script type="application/ld+json">'
        + '{"a":[' * 30_000
        + "</script></head><body><p>样例</p></body>"
    ),
    "attributes.html": lambda: "<html><body><p " + " ".join(f"a{n}=b" for n in range(100_000)) + ">样例</p></body>",
    "entities.html": lambda: "<html><body><p>" + "&amp;#" * 500_000 + "</p></body>",
    "tables.html": lambda: "<html><body>" + "<table><tr><td>" * 3_000 + "样例",
    "pictures.md": lambda: HEAD + "![](a.png)\n\n" * 50_000,
    "nul.md": lambda: HEAD + "\0" * 1_000_000,
    "spaces.md": lambda: HEAD + " " * 5_000_000 + "。",
    "credits.md": lambda: HEAD + "来源：" * 300_000,
    "dates.md": lambda: HEAD + "2024年11月20日" * 100_000,
    "words.md": lambda: HEAD + "<b>样</b>\n\n" + "**样** " * 500_000,
    "rows.md": lambda: HEAD + "|a|b|\n|-|-|\n" + "|样|例|\n" * 500_000,
    "spans.html": lambda: "<html><body><p>" + "<span>样</span>" * 500_000,
    "prose.txt": lambda: "人们提着灯走过石桥。" * 600_000,
}
MOST = {
    "prose.html": lambda: "<html><body>" + f"<p>{'人们提着灯走过石桥。' * 10}</p>" * 9_900,
    "paragraphs.md": lambda: HEAD + "<b>样</b>\n\n" + "样例。\n\n" * 24_900,
    "words.md": lambda: HEAD + "<b>样</b> " + "**样** " * 19_900,
    "items.md": lambda: HEAD + "<b>样</b>\n\n" + "- 样例\n" * 19_900,
    "rows.md": lambda: HEAD + "|a|b|\n|-|-|\n" + "|样|例|\n" * 6_600,
    "spans.html": lambda: "<html><body><p>" + "<span>样</span>" * 19_900,
    "pictures.md": lambda: HEAD + "![](a.png)\n\n" * 1_999,
    "credits.txt": lambda: "题\n" + "来源：样报\n" * 49_900,
}
"""What the counts just let pass."""
BESIDE = {
    "huge": (lambda: "title: " + "样" * 33_000_000, r"is larger than 100000 bytes; raise `limits\.sidecar_bytes`"),
    "bomb": (lambda: BOMB.removeprefix("---\n"), r"^anchors and aliases .* are not allowed; write the value out"),
    "tag": (
        lambda: "title: !!python/object/apply:os.system ['true']\n",
        r"^tags .* are not allowed; leave the tag out",
    ),
    "deep": (lambda: "title: " + "[" * 50_000, "^more than 32 levels of nesting; flatten the value"),
    "dashes": (lambda: "- " * 40_000, "^more than 32 levels of nesting; flatten the value"),
    "keys": (lambda: "\n".join(f"k{number}: 样" for number in range(1_000)), "^unknown field `k[0-9]+`; known are"),
    "quotes": (lambda: "title: a\t\nnote: " + "'" * 90_000, "^is not valid YAML: .*; put the value in quotes"),
    "wide": (lambda: 'title: "\\UFFFFFFFF"\n', "^is not valid YAML: .*; put the value in quotes"),
    "beyond": (lambda: 'title: "\\U00110000"\n', "^is not valid YAML: .*; put the value in quotes"),
    "version": (lambda: f"%YAML 1.{'9' * 5_000}\n---\ntitle: 样\n", "^is not valid YAML: .*; put the value in quotes"),
    "binary": (lambda: "title: \0\n", r"^holds the control character U\+0000; delete it"),
}
"""What a sidecar or a `_defaults.yaml` may hold, and what is told of it."""
SECONDS = 10
"""Seconds of processor time that one file may take."""


def folder_with(tmp_path, name, text):
    content = tmp_path / "content"
    content.mkdir()
    (content / name).write_bytes(text.encode("utf-8"))
    for number in range(3):
        (content / f"plain-{number}.md").write_text(markdown(number), encoding="utf-8")
    (tmp_path / "site.yaml").write_text("title: 样例档案\n", encoding="utf-8")
    return tmp_path


@cache
def sample_knowledge():
    return read_knowledge(load_settings(PROJECT / "site.yaml"))


def known(*_, **__):
    """Rules and data of the package, read once."""
    return sample_knowledge()


def built(folder):
    """Build as a user does; gives the status and what was told."""
    options = ["--config", folder / "site.yaml", "--workers", "2", "-q", "--no-search"]
    environment = os.environ | {"PYTHONPATH": str(PROJECT / "src")}
    process = subprocess.Popen(
        [sys.executable, PROJECT / "build.py", *options],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    told = process.communicate(timeout=300)
    return process.returncode, *told


@pytest.mark.parametrize("text", ["[" * 200_000, "[a](" * 50_000, "`[`" + "[" * 100_000])
def test_brackets_cost_time_by_their_number(text):
    """Written as character references they took the converter time by the square of it, and stood so in code."""
    started = time.process_time()
    blocks = parse_document(make_document(text), {}).blocks
    assert "".join(block.text for block in blocks) == text.replace("`", "")
    assert time.process_time() - started < SECONDS / 2


def test_brackets_of_front_matter_cost_time_by_their_number():
    """Seen to fail where each bracket was looked from to the end of the line, three times over."""
    started = time.process_time()
    fields = part_front_matter(f"---\ntitle: {'[' * 30_000}\n---\n\n样例\n", "a.md").fields
    assert fields == {"title": "[" * 30_000}
    assert time.process_time() - started < SECONDS / 2


@pytest.mark.long
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_costs_bounded_time_and_memory_and_the_rest_is_built(tmp_path, name):
    """The figures are those of the whole build, and the memory that of the largest process that any test here ended."""
    folder = folder_with(tmp_path, name, HOSTILE[name]())
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    status, _, err = built(folder)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert status == 0, err
    assert "Traceback" not in err
    told = (folder / "site" / "data" / "articles.jsonl").read_text("utf-8")
    rows = [json.loads(line) for line in told.splitlines()]
    report = json.loads((folder / "site" / "data" / "report.json").read_bytes())
    told = {row["path"] for row in rows} | {problem["path"] for problem in report["problems"]}
    assert told >= {name, "plain-0.md", "plain-1.md", "plain-2.md"}
    assert [problem for problem in report["problems"] if problem["kind"] == GUARD] == []
    assert all("; " in problem["message"] for problem in report["problems"] if problem["action"] == "quarantined")
    assert sum(row["path"].startswith("plain-") for row in rows) == 3
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < SECONDS
    assert after.ru_maxrss * 1024 < guards.MEMORY
    record("hostile files, each built with three others within 10 seconds and 500 MB", len(HOSTILE))


def test_hostile_corrections_and_defaults_are_a_problem_of_their_own(tmp_path):
    """One archive holds all of them, each as a sidecar and as the defaults of a folder."""
    files = {}
    for number, (name, (text, _)) in enumerate(BESIDE.items()):
        files |= {f"{name}.md": markdown(number), f"{name}/a.md": markdown(100 + number)}
        files |= dict.fromkeys((f"{name}.yaml", f"{name}/_defaults.yaml"), text())
    root = make_folder(tmp_path, files)
    started = time.process_time()
    report = build(load_settings(root / "site.yaml", workers=1, search=False), knowledge=known)
    assert time.process_time() - started < SECONDS
    assert report.articles == 2 * len(BESIDE)
    assert {problem.path for problem in report.problems} == {path for path in files if path.endswith(".yaml")}
    assert {problem.kind for problem in report.problems} == {"sidecar", "defaults"}
    for problem in report.problems:
        _, message = BESIDE[problem.path.removesuffix(".yaml").removesuffix("/_defaults")]
        assert re.search(message, problem.message)
        assert problem.action.startswith("left")
    record("hostile sidecars and folder defaults, built with a file each within 10 seconds", 2 * len(BESIDE))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_defaults_that_are_a_pipe_are_not_waited_for(tmp_path):
    """Seen to wait for ever where they were opened like any file."""
    folder = folder_with(tmp_path, "plain.md", markdown(9))
    os.mkfifo(folder / "content" / "_defaults.yaml")
    report = build(load_settings(folder / "site.yaml", workers=1, search=False), knowledge=known)
    assert [(each.path, each.kind) for each in report.problems] == [("_defaults.yaml", "defaults")]
    assert report.articles == 4


@pytest.mark.skipif(os.name != "posix", reason="this system has no such paths")
def test_folders_too_deep_in_one_another_are_told_and_left_out(tmp_path):
    folder = folder_with(tmp_path, "plain.md", markdown(9))
    deep = folder / "content" / ("d/" * MAX_DEPTH)
    (deep / "e/f").mkdir(parents=True)
    for number, place in enumerate((deep, deep / "e", deep / "e/f"), 10):
        (place / "a.md").write_text(markdown(number), "utf-8")
    report = build(load_settings(folder / "site.yaml", workers=1, search=False), knowledge=known)
    [problem] = report.problems
    assert (problem.path, problem.kind, problem.action) == ("d/" * MAX_DEPTH + "e/", "folder", "left the folder out")
    assert report.articles == 5


@pytest.mark.long
@pytest.mark.parametrize("name", MOST)
def test_what_the_counts_let_pass_takes_no_guard(tmp_path, name):
    folder = folder_with(tmp_path, name, MOST[name]())
    settings = load_settings(folder / "site.yaml")
    [source] = [source for source in find_content([folder / "content"]) if source.path == name]
    knowledge = load_knowledge(settings)
    started = time.process_time()
    prepared = prepare(source, settings, knowledge)
    assert [article.path for article in prepared.articles] == [name], prepared.problems
    assert time.process_time() - started < SECONDS


SCRIPT = """
import json, sys, time
sys.path.insert(0, {source!r})
from newsarchive import guards, workers
guards.SECONDS, guards.GRACE, guards.MEMORY = 1, 1, 200_000_000

def take(number):
    if number == 1:
        {fault}
    return number

results = list(workers.map_inputs(take, range(4), 2))
print(json.dumps([result if isinstance(result, int) else [result.message, result.tripped] for result in results]))
"""


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("while True: pass", "took more than 1 seconds"),
        ("sum(__import__('itertools').repeat(1))", "its process ended without a result"),
        ("bytearray(400_000_000)", "took more than 200 MB of memory"),
    ],
    ids=["endless", "deaf", "large"],
)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are bounded on Linux alone")
def test_a_guard_ends_one_file_and_no_other(fault, message):
    script = textwrap.dedent(SCRIPT).format(source=str(PROJECT / "src"), fault=fault)
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=True)
    assert json.loads(run.stdout) == [0, [message, True], 2, 3]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_pipe_among_the_files_is_not_waited_for(tmp_path):
    folder = folder_with(tmp_path, "plain.md", markdown(9))
    os.mkfifo(folder / "content" / "pipe.md")
    started = time.monotonic()
    status, out, err = built(folder)
    assert status == 0, err
    assert time.monotonic() - started < 120
    assert "built 4 articles from 5 files (1 problems)" in out
