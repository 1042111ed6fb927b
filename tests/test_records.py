"""Rows of the data files kept ready: as a line of JSON and as a row of a table, whatever an article holds."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory import make_article
from newsarchive.article import Credit, Image
from newsarchive.records import (
    COLUMNS,
    cells_of,
    cells_with,
    line_of,
    record_of,
    record_with,
    row_of,
    table_head,
    text_of,
)

PICTURE = Image("https://example.org/p.png")
TEXT = st.text(alphabet=st.characters(codec="utf-8"), max_size=20)
PICTURED = {0: "\u2400", 1: "\u2401"}


def line(article):
    return json.loads(line_of(record_of(article), "2024/a.html", ["f" * 12]))


def row(article):
    data = table_head() + row_of(cells_of(article), "2024/a.html", ["e" * 12, "f" * 12])
    (found,) = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    return found


@given(title=TEXT, text=TEXT, name=TEXT)
def test_any_text_is_read_back(title, text, name):
    article = make_article(title=title, publisher=name or None, text=text, byline=(Credit(name, "author"),))
    told = line(article)
    assert (told["title"], told["publisher"], told["text"]) == (title, name or None, text)
    assert told["byline"] == [{"name": name, "role": "author"}]
    assert text_of(record_of(article)) == text
    assert row(article)["title"].removeprefix("'") == title.translate(PICTURED).removeprefix("'")
    assert list(row(article)) == list(COLUMNS)


def test_a_line_never_ends_within_itself():
    data = line_of(record_of(make_article(title="一\u2028二\x85", text="三\n四")), "a.html", [])
    assert len(data.decode().splitlines()) == 1


def test_what_others_settle_is_filled_in():
    told, cells = line(make_article()), row(make_article())
    assert (told["permalink"], told["copies"]) == ("2024/a.html", ["f" * 12])
    assert (cells["permalink"], cells["copies"]) == ("2024/a.html", f"{'e' * 12}; {'f' * 12}")


@pytest.mark.parametrize("images", [(), (PICTURE,), (PICTURE, Image("b.png", file="media/b.png", caption='一, "二"'))])
def test_pictures_that_were_found_take_the_place_of_those_received(images):
    received, found = make_article(images=(PICTURE, PICTURE)), make_article(images=images)
    assert record_with(record_of(received), images) == record_of(found)
    assert cells_with(cells_of(received), images) == cells_of(found)
    assert [image["file"] for image in line(found)["images"]] == [image.file for image in images]


@pytest.mark.parametrize("title", ["=1+1", "＋一", "-甲", "@乙", "\t丙"])
def test_a_formula_is_no_formula_in_the_table(title):
    assert row(make_article(title=title))["title"] == f"'{title}"


def test_a_formula_behind_a_sign_that_parts_cells_is_none_in_the_table():
    """Seen to run where Excel's own separator is the semicolon, as in most of Europe."""
    article = make_article(title='甲;=1+1\t+1; -1;"=2', outlets=("乙", "@丙"))
    assert row(article)["title"] == "甲;'=1+1\t'+1; '-1;\"'=2"
    assert row(article)["outlets"] == "乙; '@丙"


def test_a_lone_surrogate_is_written_as_its_escape():
    """It has no UTF-8, and a table has no escapes."""
    article = make_article(title="\ud800")
    assert line(article)["title"] == "\ud800"
    assert row(article)["title"] == "\\ud800"
