"""What a content file may hold is counted before it is read, and what a saved page brings along is not."""

import pytest

from newsarchive.settings import Limits
from newsarchive.sizes import excess

LIMITS = Limits(lines=5, characters=60, elements=4, images=2)


@pytest.mark.parametrize(
    ("body", "shape", "key"),
    [
        ("一\n" * 4, "text", ""),
        ("一\n" * 5, "text", "lines"),
        ("样" * 60, "markdown", ""),
        ("样" * 61, "markdown", "characters"),
        ("<p>样</p>" * 4, "fragment", ""),
        ("<p>样</p>" * 5, "page", "elements"),
        ("<P>样" * 5, "markdown", "elements"),
        ("<p>样</p>" * 5, "text", ""),
        ("*样* _样_ `样`", "markdown", ""),
        ("- 样\n\n> 1. 样\n", "markdown", ""),
        ("- 样\n> * 样\n1. 样\n  + 样\n2) 样", "markdown", "elements"),
        ("|样|样|样|", "markdown", ""),
        ("|样|样|样|样|", "markdown", "elements"),
        ("*样* _样_ `样` [样] |样|", "markdown", "elements"),
        ("*样* _样_ `样` [样] |样|样|样|", "page", ""),
        ("*****___`````[[[[|", "markdown", ""),
        ("![](a)" * 2, "markdown", ""),
        ("![](a)<IMG src=b><img\nsrc=c>", "markdown", "images"),
        ("![](a)" * 9, "text", ""),
        ("1 < 2 < 3 < 4 < 5 < 6", "markdown", ""),
    ],
)
def test_a_count_decides_whether_a_body_is_read(body, shape, key):
    assert excess(body, shape, LIMITS) == (key, getattr(LIMITS, key) if key else 0)


@pytest.mark.parametrize(
    "body",
    [
        "<script>" + "x" * 90 + "</script>样",
        "<SCRIPT a>" + "x" * 90,
        "<style>" + "x" * 90 + "</style>样",
        "<!--" + "x" * 90 + "-->样",
        f"<img src='data:image/png;base64,{'A' * 90}'>",
        f"![图](data:image/png;base64,{'A' * 90})",
        f"<a title='{'x' * 90}'>样</a>",
    ],
)
def test_what_is_not_text_does_not_count_as_characters(body):
    assert excess(body, "page", LIMITS) == ("", 0)
    assert excess(body + "样" * 61, "page", LIMITS)[0] in ("" if "SCRIPT" in body else "characters")


@pytest.mark.parametrize(
    "body", ["<script>" * 50_000, "<!--" * 100_000, "<" * 400_000, "data:" * 80_000, "*_" * 200_000, " > " * 100_000]
)
def test_counting_costs_time_by_the_length(body):
    """Each of these would take minutes if the rest of the body were looked through at every one of them."""
    excess(body, "markdown", LIMITS)
