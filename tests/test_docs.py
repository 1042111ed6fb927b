"""The documents tell what the program does: every option, setting and rule key; and files name no machine."""

import ast
import dataclasses
import re
import subprocess
import sys

import pytest

from conftest import PROJECT, absent
from newsarchive.entities import KEYS as EDITION_KEYS
from newsarchive.rulefiles import CLAIM_KEYS, FILE_KEYS, MATCH_KEYS, RULE_KEYS
from newsarchive.settings import Budget, Limits, Settings
from newsarchive.sidecars import SIDECAR_FLAGS, SIDECAR_LISTS, SIDECAR_STORIES, SIDECAR_TEXTS

DOCS = {path.name: path.read_text("utf-8") for path in (PROJECT / "docs").glob("*.md")}
README = (PROJECT / "README.md").read_text("utf-8")


def help_of(*command):
    process = subprocess.run(
        [sys.executable, PROJECT / "build.py", *command, "--help"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    return process.stdout


def test_every_option_is_documented():
    options = set(re.findall(r"--[a-z][a-z-]+", help_of())) - {"--help"}
    assert {"--config", "--content", "--output", "--strict"} <= options
    assert [option for option in sorted(options) if f"`{option}" not in DOCS["settings.md"]] == []


def test_no_option_is_documented_that_does_not_exist():
    table = DOCS["settings.md"].partition("## The command line")[2].partition("    newsarchive explain")[0]
    documented = set(re.findall(r"^\|[^|]*?(--[a-z][a-z-]+)", table, re.MULTILINE))
    assert documented
    assert documented <= set(re.findall(r"--[a-z][a-z-]+", help_of()))


@pytest.mark.parametrize("command", ["check", "explain", "learn"])
def test_every_option_of_every_command_is_documented(command):
    process = subprocess.run(
        [sys.executable, "-m", "newsarchive", command, "--help"],
        cwd=PROJECT / "src",
        capture_output=True,
        text=True,
        check=True,
    )
    options = set(re.findall(r"--[a-z][a-z-]+", process.stdout)) - {"--help"}
    section = DOCS["settings.md"].partition(f"    newsarchive {command} ")[2].partition("\n    newsarchive ")[0]
    assert "--config" in options
    short = {"--quiet": "-q", "--verbose": "-v"}
    assert [option for option in sorted(options) if f"`{short.get(option, option)}" not in section] == []
    assert f"`newsarchive {command}" in README
    assert f"newsarchive {command} " in DOCS["contract.md"]


def test_every_setting_is_documented():
    names = {field.name for cls in (Settings, Limits, Budget) for field in dataclasses.fields(cls)} - {"root"}
    assert [name for name in sorted(names) if f"| `{name}` |" not in DOCS["settings.md"]] == []


def test_no_setting_is_documented_that_does_not_exist():
    names = {field.name for cls in (Settings, Limits, Budget) for field in dataclasses.fields(cls)}
    assert set(re.findall(r"^\| `([a-z_]+)` \|", DOCS["settings.md"], re.MULTILINE)) <= names


@pytest.mark.parametrize(
    ("section", "keys"),
    [
        ("Keys of a file", FILE_KEYS),
        ("Keys of `match`", MATCH_KEYS),
        ("Keys of a rule", RULE_KEYS),
        ("Keys of a claim", CLAIM_KEYS),
    ],
)
def test_every_rule_key_is_documented_and_no_other(section, keys):
    text = DOCS["rules.md"].partition(f"## {section}\n")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `([a-z]+)` \|", text, re.MULTILINE)) == set(keys)


def test_every_sidecar_field_is_documented_and_no_other():
    text = DOCS["front-matter.md"].partition("## Sidecars\n")[2].partition("\n## ")[0]
    fields = re.findall(r"^\| `([a-z]+)` \|", text, re.MULTILINE)
    assert sorted(fields) == sorted((*SIDECAR_TEXTS, *SIDECAR_LISTS, *SIDECAR_FLAGS, SIDECAR_STORIES))


def test_every_key_of_an_edition_is_documented_and_no_other():
    text = DOCS["front-matter.md"].partition("## Editions\n")[2].partition("\n## ")[0]
    keys = [key for row in re.findall(r"^\| (`.+?`) \|", text, re.MULTILINE) for key in re.findall("`([a-z]+)`", row)]
    assert sorted(keys) == sorted(EDITION_KEYS)


def test_every_guide_is_reached_from_the_readme():
    assert [name for name in sorted(DOCS) if f"docs/{name}" not in README] == []


@pytest.mark.parametrize(
    "name", ["README.md", "CONTRIBUTING.md", "SECURITY.md", *(f"docs/{name}" for name in sorted(DOCS))]
)
def test_links_between_documents_lead_somewhere(name):
    text = (PROJECT / name).read_text("utf-8")
    folder = (PROJECT / name).parent
    targets = [link for link in re.findall(r"\]\(([^)#\s]+)", text) if "://" not in link]
    assert [target for target in targets if not (folder / target).exists()] == []


def test_every_promise_names_tests_that_exist():
    rows = re.findall(
        r"^\| (?!promise|---)(.+) \| (.+) \|$", (PROJECT / "SECURITY.md").read_text("utf-8"), re.MULTILINE
    )
    assert len(rows) > 8
    for promise, told in rows:
        named = re.findall(r"`(tests/\w+\.py)(?:::(\w+))?`", told)
        assert named, promise
        for path, test in named:
            assert f"def {test}" in (PROJECT / path).read_text("utf-8"), f"{path}::{test}"


@pytest.fixture(scope="module")
def tracked():
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, check=False)
    if listing.returncode != 0:
        absent("this is no git checkout, so there is no list of files to check")
    files = {}
    for name in filter(None, listing.stdout.decode().split("\0")):
        path = PROJECT / name
        if path.is_file():
            files[name] = path.read_bytes().decode("utf-8", "replace")
    return files


# Letters in brackets keep the patterns from finding themselves.
REGISTRY = re.compile("py[p]i(?!nyin)|python[h]osted|npm[j]s|index-[u]rl|find-[l]inks|https?://\\S*/simpl[e]")
MACHINE = re.compile("(?<![\\w./$)}])/(?:hom[e]|roo[t]|User[s]|wor[k]|tm[p]|op[t])/[A-Za-z0-9]")


def test_no_file_names_a_registry(tracked):
    assert [name for name, text in tracked.items() if REGISTRY.search(text)] == []


def test_no_file_names_a_folder_of_a_machine(tracked):
    own = re.compile(rf"(?<![\w.]){re.escape(PROJECT.as_posix())}/")
    assert [name for name, text in tracked.items() if MACHINE.search(text) or own.search(text)] == []


def test_constraints_hold_names_and_versions_alone():
    lines = (PROJECT / "constraints.txt").read_text("utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert len(pins) > 20
    assert [line for line in pins if not re.fullmatch(r"[A-Za-z0-9_.-]+==[0-9][0-9a-z.]*", line)] == []
    assert not any("://" in line for line in lines)


def public_definitions(tree, prefix=""):
    """Public functions, classes and their methods, each with its dotted name."""
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            yield f"{prefix}{node.name}", node
            if isinstance(node, ast.ClassDef):
                yield from public_definitions(node, f"{prefix}{node.name}.")


@pytest.mark.parametrize("path", sorted((PROJECT / "src").rglob("*.py")), ids=lambda path: path.stem)
def test_every_public_thing_has_a_docstring(path):
    tree = ast.parse(path.read_text("utf-8"))
    assert ast.get_docstring(tree)
    assert [name for name, node in public_definitions(tree) if not ast.get_docstring(node)] == []


@pytest.mark.parametrize("name", sorted(DOCS))
def test_every_guide_begins_with_its_title(name):
    assert DOCS[name].startswith("# ")
