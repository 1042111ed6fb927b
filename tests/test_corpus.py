"""Real articles: cleaning and metadata stay above recorded floors, and nothing from the wild stops a build.

The articles belong to their publishers and live outside the project, in `../shared/corpus`.
"""

import json
import subprocess
import sys
import tarfile
from collections import Counter

import pytest

pytestmark = pytest.mark.corpus

FLOORS = {"f1": 0.995, "recall": 0.999, "macro_f1": 0.985, "perfect": 0.90}
"""Least values on the labelled articles: micro F1, micro recall, macro F1, share of files with F1 ≥ 0.99."""
FORM_FLOOR = 0.98
"""Least micro F1 without the rules for single publishers: what holds for publishers that nobody wrote a rule for."""
LEAKED_CEILING = 0.015
"""Largest share of boilerplate lines that may stay."""
FIELD_FLOORS = {"title": 0.98, "date": 0.98, "publisher": 0.98, "outlet": 0.90, "authors": 0.80}
"""Least share of labelled articles whose field is exactly right."""
FLAGGED_CEILING = 0.03
"""Largest share of labelled articles whose date may be flagged as doubtful."""
PAGE_CEILING = 20_000
"""Largest number of bytes that an article's page may weigh beside its own text and its removed blocks."""
PUBLISHED_FLOOR = 0.99
"""Least share of the wild files that are published, stubs included."""


@pytest.fixture(scope="module")
def score(corpus, labelled_site):
    return score_of(corpus, labelled_site)


def score_of(corpus, site):
    program = corpus.parent / "eval" / "score.py"
    command = [sys.executable, program, corpus / "dev" / "gold", site / "data" / "articles.jsonl", "--json"]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)


@pytest.fixture(scope="module")
def wild(corpus, tmp_path_factory, run_build):
    """Content folder, site and finished process of the unlabelled articles."""
    folder = tmp_path_factory.mktemp("wild")
    with tarfile.open(corpus / "wechat-2024-11.tar.xz") as archive:
        archive.extractall(folder / "content", filter="data")
    process = run_build("--content", folder / "content", "--output", folder / "site", "--no-search")
    return folder / "content", folder / "site", process


def rows_of(site, name):
    return [json.loads(line) for line in (site / "data" / name).read_text("utf-8").splitlines()]


def test_no_labelled_article_is_missing(score):
    assert score["files"] == 71
    assert [row["file"] for row in score["rows"] if row["missing"]] == []


@pytest.mark.parametrize("figure", FLOORS)
def test_cleaning_stays_above_its_floor(score, figure):
    assert score[figure] >= FLOORS[figure]


def test_no_kept_line_is_lost_and_few_others_stay(score):
    assert score["lost_lines"] == 0
    assert score["leaked_lines"] <= LEAKED_CEILING * score["drop_lines"]


def test_form_alone_cleans_publishers_without_rules_of_their_own(corpus, tmp_path, run_build):
    content = corpus / "dev" / "raw"
    process = run_build("--content", content, "--output", tmp_path / "site", "--no-publisher-rules", "--no-search")
    assert process.returncode == 0, process.stderr
    assert score_of(corpus, tmp_path / "site")["f1"] >= FORM_FLOOR


def test_few_dates_are_flagged(labelled_site):
    rows = [row for row in rows_of(labelled_site, "articles.jsonl") if row["published"] and row["story"] == 1]
    flagged = [row["path"] for row in rows if "published" in row["uncertain"]]
    assert len(flagged) <= FLAGGED_CEILING * len(rows), flagged


@pytest.mark.parametrize("field", FIELD_FLOORS)
def test_field_stays_above_its_floor(score, field):
    figures = score["fields"][field]
    assert figures["right"] / figures["of"] >= FIELD_FLOORS[field], figures["wrong"]


@pytest.mark.parametrize("field", FIELD_FLOORS)
def test_no_value_is_invented(score, field):
    assert score["fields"][field]["invented"] == 0


def test_a_page_weighs_little_beside_its_text_and_what_was_removed(labelled_site):
    removed = Counter()
    for row in rows_of(labelled_site, "removed.jsonl"):
        removed[row["id"]] += len(row["text"].encode())
    weights = {}
    for row in rows_of(labelled_site, "articles.jsonl"):
        own = len(row["text"].encode()) + removed[row["id"]]
        weights[row["permalink"]] = (labelled_site / row["permalink"]).stat().st_size - own
    assert len(weights) > 60
    assert {page: weight for page, weight in weights.items() if weight > PAGE_CEILING} == {}


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
