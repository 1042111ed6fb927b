"""Patterns are checked without compiling, and looked for together as each would be alone."""

import pickle

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from newsarchive.patterns import Pattern, Patterns, loosened

PIECES = [
    "甲",
    "[乙丙]",
    "(?:甲|丙)",
    "(?P<name>丁)",
    r"\pL",
    r"[^\]甲{]",
    ".",
    "^",
    "$",
    "|",
    r"\{",
    r"\Q{2,9}\E",
    "[{3,4}]",
]
REPEATS = ["", "*", "+?", "{2}", "{0,3}", "{3}", "{2,5}?", "{4,}", "{0,40}"]

patterns = st.lists(
    st.tuples(st.sampled_from(PIECES), st.sampled_from(REPEATS)).map("".join), min_size=1, max_size=5
).map("".join)
lines = st.text("甲乙丙丁戊{}29, ", max_size=12)


def is_valid(pattern: str) -> bool:
    try:
        Pattern(pattern)
    except ValueError:
        return False
    return True


@given(st.lists(patterns.filter(is_valid), min_size=1, max_size=4), lines)
def test_patterns_find_together_what_each_finds_alone(written, line):
    alone = [number for number, pattern in enumerate(written) if re2.search(pattern, line)]
    assert Patterns([Pattern(pattern) for pattern in written]).match(line) == alone


@pytest.mark.parametrize(
    ("pattern", "loose"),
    [
        ("甲{2}乙{0,1}", "甲{2}乙{0,1}"),
        ("甲{3乙{,3}", "甲{3乙{,3}"),
        ("甲{3}乙{0,9}丙{2,9}?丁{4,}", "甲+乙*丙+?丁+"),
        (r"[甲{3,9}]\{3,9}\Q甲{3,9}\E", r"[甲{3,9}]\{3,9}\Q甲{3,9}\E"),
        (r"[^]{5}]{5}[[:alpha:]{5}]{5}\pL{5}\p{Han}{5}\x{4e00}{5}", r"[^]{5}]+[[:alpha:]{5}]+\pL+\p{Han}+\x{4e00}+"),
    ],
)
def test_only_what_counts_is_loosened(pattern, loose):
    assert loosened(pattern) == loose


@pytest.mark.parametrize(
    "pattern",
    ["甲", "(甲)(?:乙)(?P<b>丙(?P<a>丁))", r"\((甲)[(](?i:乙)\Q(\E", "(?<a>甲)"],
)
def test_groups_are_told_without_compiling(pattern):
    compiled = re2.compile(pattern)
    assert Pattern(pattern).groups == compiled.groups
    assert Pattern(pattern).names == tuple(compiled.groupindex)


@pytest.mark.parametrize("pattern", ["(甲", "(?=甲)", r"(甲)\1", "甲{1001}", "[甲"])
def test_a_pattern_that_is_no_re2_syntax_says_what_is_wrong(pattern):
    with pytest.raises(ValueError, match=r"\w"):
        Pattern(pattern)


def test_a_pattern_travels_as_its_words():
    pattern = Pattern("(?P<a>甲)")
    pattern.search("甲")
    again = pickle.loads(pickle.dumps(pattern))  # noqa: S301  what this test wrote itself
    assert again == pattern
    assert again.search("乙甲").group("a") == "甲"
    assert len(pickle.dumps(pattern)) < 200


@given(patterns.filter(is_valid), lines)
def test_named_groups_are_read_as_a_search_reads_them(pattern, line):
    found = Pattern(pattern).search(line)
    told = {name: value for name, value in found.groupdict().items() if value} if found else None
    asked = Pattern(pattern)
    assert [asked.read(line), asked.read(line)] == [told, told]


def test_what_a_line_read_as_cannot_be_changed():
    read = Pattern("(?P<a>甲)").read("甲")
    with pytest.raises(TypeError):
        read["a"] = "乙"
