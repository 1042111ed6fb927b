"""Removed blocks as lines."""

import json

import pytest

from factory import make_article
from newsarchive.article import RemovedBlock
from newsarchive.removals import removed_lines, taken_of

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
    assert taken_of(stories) == {"generic/a": ["样例页眉"], "generic/b": ["责编：样人"]}
