"""Rows of the data files kept ready: as a line of JSON and as a row of a table, whatever an article holds."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory import make_article
from newsarchive.article import Credit, Image
from newsarchive.records import COLUMNS, line_of, record_of, row_of, table_head, text_of, with_images

PICTURE = Image("https://example.org/p.png")
TEXT = st.text(alphabet=st.characters(codec="utf-8"), max_size=20)
PICTURED = {0: "\u2400", 1: "\u2401"}


def line(record):
    return json.loads(line_of(record, "2024/a.html", ["f" * 12]))


def cells(record):
    data = table_head() + row_of(record, "2024/a.html", ["e" * 12, "f" * 12])
    (row,) = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    return row


@given(title=TEXT, text=TEXT, name=TEXT)
def test_any_text_is_read_back(title, text, name):
    article = make_article(title=title, publisher=name or None, text=text, byline=(Credit(name, "author"),))
    record = record_of(article)
    told = line(record)
    assert (told["title"], told["publisher"], told["text"]) == (title, name or None, text)
    assert told["byline"] == [{"name": name, "role": "author"}]
    assert text_of(record) == text
    assert cells(record)["title"].removeprefix("'") == title.translate(PICTURED).removeprefix("'")
    assert list(cells(record)) == list(COLUMNS)


def test_a_line_never_ends_within_itself():
    data = line_of(record_of(make_article(title="一\u2028二\x85", text="三\n四")), "a.html", [])
    assert len(data.decode().splitlines()) == 1


def test_what_others_settle_is_filled_in():
    record = record_of(make_article())
    assert (line(record)["permalink"], line(record)["copies"]) == ("2024/a.html", ["f" * 12])
    assert (cells(record)["permalink"], cells(record)["copies"]) == ("2024/a.html", f"{'e' * 12}; {'f' * 12}")


@pytest.mark.parametrize("images", [(), (PICTURE,), (PICTURE, Image("b.png", file="media/b.png", caption='一, "二"'))])
def test_pictures_that_were_found_take_the_place_of_those_received(images):
    record = with_images(record_of(make_article(images=(PICTURE, PICTURE))), images)
    assert record == record_of(make_article(images=images))
    assert [image["file"] for image in line(record)["images"]] == [image.file for image in images]


@pytest.mark.parametrize("title", ["=1+1", "＋一", "-甲", "@乙", "\t丙"])
def test_a_formula_is_no_formula_in_the_table(title):
    assert cells(record_of(make_article(title=title)))["title"] == f"'{title}"


def test_a_lone_surrogate_is_written_as_its_escape():
    """It has no UTF-8, and a table has no escapes."""
    record = record_of(make_article(title="\ud800"))
    assert line(record)["title"] == "\ud800"
    assert cells(record)["title"] == "\\ud800"
