"""Corrections are taken where they can be meant; a slip of the pen is reported with its place and left out."""

import pytest

from conftest import PROJECT
from newsarchive.settings import load_settings
from newsarchive.sidecars import read_sidecar

SETTINGS = load_settings(PROJECT / "site.yaml")
WRONG = [
    ("published: nonsense", "cannot be read", (1, 1)),
    ("published: 2024-02-30", "cannot be read", (1, 1)),
    ("published: 9999-12-31", "is implausible", (1, 1)),
    ("published: 0001-01-01", "is implausible", (1, 1)),
    ("published: 1850-01-01", "is implausible", (1, 1)),
    ("note: 旁注\nretrieved: some day", "cannot be read", (2, 1)),
    ("kind: bar", "`kind` is `bar`; known are", (1, 1)),
    ("kind: articel", "did you mean `article`?", (1, 1)),
    ("platform: foo", "known are", (1, 1)),
    ("platform: [web]", "is not one text", (1, 1)),
    ("uncertain: [foo]", "`foo`, which is no field", (1, 13)),
    ("uncertain: titel", "did you mean `title`?", (1, 1)),
    ("uncertain: [outlet: x]", "is not one text", (1, 13)),
    ("lang: 12", "no language tag", (1, 1)),
    ("lang: English text", "no language tag", (1, 1)),
    ("url: 样报首页", "no address", (1, 1)),
    ("complete: maybe", "neither true nor false", (1, 1)),
    ("complete: [true]", "is not one text", (1, 1)),
    ("editions: [[2024]]", "is not one text", (1, 12)),
    ("byline: [{name: 甲样, role: boss}]", "`role` is `boss`", (1, 21)),
    ("byline:\n- {name: 甲样, role: reporterr}", "did you mean `reporter`?", (2, 14)),
    ("byline: [{role: author}]", "neither a name nor has one", (1, 10)),
    ("byline: [{name: [甲样]}]", "neither a name nor has one", (1, 10)),
    ("byline: [[甲样]]", "neither a name nor has one", (1, 10)),
    ("byline: {nam: 甲样}", "neither a name nor has one", (1, 1)),
    ("byline: [{name: 甲样, rolle: author}]", "did you mean `role`?", (1, 21)),
    ("stories: [{lines: [[1, 2]], kind: bar}]", "story 1: `kind` is `bar`", (1, 29)),
    ("stories:\n- lines: [[1, 2]]\n- lines: [[3, 4]]\n  published: nonsense", "story 2: the date", (4, 3)),
]


@pytest.fixture
def read():
    def read_text(text, **options):
        return read_sidecar(text.encode(), "a.yaml", SETTINGS, **options)

    return read_text


@pytest.mark.parametrize(("text", "finding", "place"), WRONG)
def test_a_value_that_cannot_be_meant_is_left_out_and_told_with_its_place(read, text, finding, place):
    fields, [problem] = read(text)
    assert set(fields) <= {"note"}
    assert finding in problem.message
    assert (problem.path, problem.line, problem.column) == ("a.yaml", *place)
    assert problem.action.startswith("left")


def test_the_entries_of_a_list_that_hold_are_kept(read):
    fields, problems = read(
        "uncertain: [outlet, foo]\nbyline: [林样, {name: 宋例, role: boss}, {name: 苏样, role: editor}]\n"
    )
    assert fields == {"uncertain": ["outlet"], "byline": ["林样", {"name": "苏样", "role": "editor"}]}
    assert [problem.action for problem in problems] == ["left the entry out"] * 2


@pytest.mark.parametrize("text", ["2021", "2021-09", "2021-09-26", "2021年9月26日 8:30", "2021-09-26T08:30:00+08:00"])
def test_a_date_of_any_precision_holds(read, text):
    assert read(f"published: {text}") == ({"published": text}, ())


@pytest.mark.parametrize("text", ["zh", "zh-Hans", "zh-Hant-TW", "en", "en-GB"])
def test_a_language_tag_holds(read, text):
    assert read(f"lang: {text}") == ({"lang": text}, ())


def test_folder_defaults_are_checked_like_corrections(read):
    fields, [problem] = read("platform: papier\npublisher: 桥头样报\n", kind="defaults")
    assert (fields, problem.kind, problem.line) == ({"publisher": "桥头样报"}, "defaults", 1)
