"""Real articles: cleaning and metadata stay above recorded floors, and nothing from the wild stops a build.

The articles belong to their publishers and live outside the project, in `../shared/corpus`.
"""

import json
import subprocess
import sys
import tarfile

import pytest

pytestmark = pytest.mark.corpus

FLOORS = {"f1": 0.985, "recall": 0.997, "macro_f1": 0.965}
"""Least values of micro F1, micro recall and macro F1 on the labelled articles."""
FIELD_FLOORS = {"title": 0.95, "date": 0.98, "publisher": 0.95, "outlet": 0.80}
"""Least share of labelled articles whose field is exactly right."""
PUBLISHED_FLOOR = 0.99
"""Least share of the wild files that are published, stubs included."""


@pytest.fixture(scope="module")
def labelled_site(corpus, tmp_path_factory, run_build):
    site = tmp_path_factory.mktemp("labelled") / "site"
    process = run_build("--content", corpus / "dev" / "raw", "--output", site)
    assert process.returncode == 0, process.stderr
    return site


@pytest.fixture(scope="module")
def score(corpus, labelled_site):
    program = corpus.parent / "eval" / "score.py"
    command = [sys.executable, program, corpus / "dev" / "gold", labelled_site / "data" / "articles.jsonl", "--json"]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)


@pytest.fixture(scope="module")
def wild(corpus, tmp_path_factory, run_build):
    """Content folder, site and finished process of the unlabelled articles."""
    folder = tmp_path_factory.mktemp("wild")
    with tarfile.open(corpus / "wechat-2024-11.tar.xz") as archive:
        archive.extractall(folder / "content", filter="data")
    process = run_build("--content", folder / "content", "--output", folder / "site")
    return folder / "content", folder / "site", process


def rows_of(site, name):
    return [json.loads(line) for line in (site / "data" / name).read_text("utf-8").splitlines()]


def test_no_labelled_article_is_missing(score):
    assert score["files"] == 71
    assert [row["file"] for row in score["rows"] if row["missing"]] == []


@pytest.mark.parametrize("figure", FLOORS)
def test_cleaning_stays_above_its_floor(score, figure):
    assert score[figure] >= FLOORS[figure]


@pytest.mark.parametrize("field", FIELD_FLOORS)
def test_field_stays_above_its_floor(score, field):
    figures = score["fields"][field]
    assert figures["right"] / figures["of"] >= FIELD_FLOORS[field], figures["wrong"]


@pytest.mark.parametrize("field", FIELD_FLOORS)
def test_no_value_is_invented(score, field):
    assert score["fields"][field]["invented"] == 0


def test_two_builds_are_the_same_bytes(corpus, labelled_site, tmp_path, run_build):
    again = tmp_path / "site"
    process = run_build(
        "--content",
        corpus / "dev" / "raw",
        "--output",
        again,
        "--workers",
        1,
        TZ="America/New_York",
        LC_ALL="C",
        PYTHONHASHSEED="7",
    )
    assert process.returncode == 0, process.stderr
    assert (again / "SHA256SUMS").read_bytes() == (labelled_site / "SHA256SUMS").read_bytes()


def test_the_wild_files_build_without_a_crash(wild):
    _, _, process = wild
    assert process.returncode == 0, process.stderr
    assert process.stdout.splitlines()[-1].startswith("built ")


def test_nearly_all_wild_files_are_published(wild):
    content, site, _ = wild
    files = sum(1 for path in content.rglob("*") if path.is_file())
    assert files == 1828
    assert len({row["path"] for row in rows_of(site, "articles.jsonl")}) >= PUBLISHED_FLOOR * files


def test_every_wild_file_is_an_article_or_a_problem(wild):
    content, site, _ = wild
    report = json.loads((site / "data" / "report.json").read_text("utf-8"))
    told = {row["path"] for row in rows_of(site, "articles.jsonl")} | {row["path"] for row in report["problems"]}
    files = {path.relative_to(content).as_posix() for path in content.rglob("*") if path.is_file()}
    assert files - told == set()


def test_every_problem_names_finding_and_action(wild):
    _, site, _ = wild
    report = json.loads((site / "data" / "report.json").read_text("utf-8"))
    assert report["problems"]
    for problem in report["problems"]:
        assert problem["path"]
        assert problem["message"]
        assert problem["action"]
