import csv
import io
import json

import pytest

from factory import make_article
from newsarchive.archive import assemble
from newsarchive.article import Credit, Image, Problem, RemovedBlock
from newsarchive.render.dataset import render_dataset
from newsarchive.settings import Settings

KEYS = (
    "id path story permalink kind complete title published precision published_from publisher platform outlet outlets "
    "byline uncertain editions url retrieved lang characters summary images copies removed sha256 text"
).split()


def files_of(tmp_path, *articles, problems=()):
    settings = Settings(root=tmp_path, title="样本", content=(tmp_path,), output=tmp_path)
    archive = assemble(articles, len(articles), problems, (), None)
    return {file.path: file.data for file in render_dataset(archive, settings)}


def rows_of(tmp_path, *articles):
    return [json.loads(line) for line in files_of(tmp_path, *articles)["data/articles.jsonl"].splitlines()]


def test_a_row_has_the_keys_of_the_contract_in_its_order(tmp_path):
    (row,) = rows_of(tmp_path, make_article(1))
    assert list(row) == KEYS


def test_an_unknown_value_is_null_and_never_left_out(tmp_path):
    (row,) = rows_of(tmp_path, make_article(1, published=None, publisher=None))
    nulls = ("published", "precision", "published_from", "publisher", "outlet", "url", "retrieved")
    assert [row[key] for key in nulls] == [None] * len(nulls)
    assert row["permalink"] == "undated/000000000001.html"
    assert row["copies"] == []


def test_values_are_written_as_the_contract_says(tmp_path):
    article = make_article(
        1,
        published="2021-09-25T20:43:23+08:00",
        outlets=("样报甲", "样报乙"),
        byline=(Credit("样甲", "reporter"),),
        images=(Image("a.png", "media/0.png", "图", "说明"),),
        removed=(RemovedBlock("wechat/tail", 1, "点赞", 0),),
    )
    (row,) = rows_of(tmp_path, article)
    assert (row["published"], row["precision"]) == ("2021-09-25T20:43:23+08:00", "second")
    assert (row["outlet"], row["outlets"]) == ("样报甲", ["样报甲", "样报乙"])
    assert row["byline"] == [{"name": "样甲", "role": "reporter"}]
    assert row["images"] == [{"url": "a.png", "file": "media/0.png", "alt": "图", "caption": "说明"}]
    assert row["removed"] == 1


def test_every_capture_has_a_row_of_its_own_under_one_permalink(tmp_path):
    first = make_article(1, path="a.md", published="2024-11-20", sha256="a" * 64, text="甲")
    second = make_article(1, path="b.md", published="2024-11-21", sha256="b" * 64, text="乙")
    rows = rows_of(tmp_path, second, first)
    assert [(row["path"], row["sha256"][0], row["text"]) for row in rows] == [("a.md", "a", "甲"), ("b.md", "b", "乙")]
    assert {row["permalink"] for row in rows} == {"2024/11-20-000000000001.html"}


def test_rows_stand_by_published_id_and_path_with_the_undated_last(tmp_path):
    rows = rows_of(
        tmp_path,
        make_article(9, published=None),
        make_article(2),
        make_article(1, path="b.md"),
        make_article(1, path="a.md"),
        make_article(8, published="2014"),
    )
    assert [(row["id"][-1], row["path"][0]) for row in rows] == [
        ("8", "0"),
        ("1", "a"),
        ("1", "b"),
        ("2", "0"),
        ("9", "0"),
    ]


def test_the_table_has_a_row_for_each_capture_and_every_key_but_the_text(tmp_path):
    article = make_article(1, title='逗号,引号"样文', byline=(Credit("样甲", "reporter"), Credit("样乙", "editor")))
    data = files_of(tmp_path, article)["data/articles.csv"]
    (row,) = csv.DictReader(io.StringIO(data.decode("utf-8-sig")))
    assert list(row) == KEYS[:-1]
    assert row["title"] == '逗号,引号"样文'
    assert row["byline"] == "样甲 (reporter); 样乙 (editor)"
    assert row["complete"] == "true"
    assert row["publisher"] == "乌镇样报"


@pytest.mark.parametrize("sign", tuple("=+-@＝＋－＠\n\r\t"))
def test_no_cell_of_the_table_runs_as_a_formula(tmp_path, sign):
    told = f'{sign}HYPERLINK("https://example.org")'
    data = files_of(tmp_path, make_article(1, title=told))["data/articles.csv"]
    (row,) = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert row["title"] == f"'{told}"


def test_the_report_counts_articles_once_and_tells_every_problem(tmp_path):
    problem = Problem("x.md", 3, 7, "front-matter", "the YAML is broken", "quarantined")
    articles = [
        make_article(1, path="a.md"),
        make_article(1, path="b.md"),
        make_article(2, kind="stub", published=None),
    ]
    report = json.loads(files_of(tmp_path, *articles, problems=(problem,))["data/report.json"])
    assert report["problems"] == [
        {
            "path": "x.md",
            "line": 3,
            "column": 7,
            "kind": "front-matter",
            "message": "the YAML is broken",
            "action": "quarantined",
        }
    ]
    counts = report["counts"]
    assert [counts[key] for key in ("files", "captures", "entries", "articles", "stubs", "undated")] == [
        3,
        3,
        2,
        1,
        1,
        1,
    ]
    assert (counts["problems"], counts["quarantined"]) == (1, 1)
