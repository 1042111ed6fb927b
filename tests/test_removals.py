"""Removed blocks as lines."""

import json

import pytest

from factory import make_article
from newsarchive.article import RemovedBlock
from newsarchive.removals import hold_text, removed_lines, taken_of, taken_texts

FIRST = (RemovedBlock("generic/a", 1, "样例页眉", 0), RemovedBlock("generic/b", 4, "责编：样人", 2, "byline"))
SECOND = (RemovedBlock("pages/c", 2, "https://example.org/p.png", 0, None, html_only=True),)


@pytest.fixture
def stories():
    """Two stories of one file, whose removed blocks stand between each other."""
    return [make_article(1, removed=FIRST), make_article(2, path="000000000001.md", story=2, removed=SECOND)]


def test_lines_stand_in_the_order_of_the_document(stories):
    lines = removed_lines(stories)
    assert [json.loads(line)["position"] for line in lines.splitlines()] == [1, 2, 4]


def test_what_carries_no_text_is_no_taken_text(stories):
    told = [("generic/a", "样例页眉"), ("generic/b", "责编：样人")]
    assert taken_texts(removed_lines(stories), hold_text(stories)) == taken_of(stories) == told


@pytest.mark.parametrize("lines", [b"", b"{}\n", b"[]\n" * 3, b"\xff"])
def test_lines_of_another_kind_are_refused(stories, lines):
    with pytest.raises(ValueError, match=r".+"):
        taken_texts(lines, hold_text(stories))
