"""The sample articles come out as their authors meant them: one expectation a content file."""

import json

import pytest
import yaml

from conftest import PROJECT

EXPECTED = yaml.safe_load((PROJECT / "tests" / "sites" / "sample-expected.yaml").read_text("utf-8"))
SEVERAL_RIGHT = ("title", "published", "publisher", "outlet", "complete")
"""Fields under which a list names several right answers."""


@pytest.fixture(scope="module")
def rows(sample_site):
    """Rows of the data file by content file, in the order of its stories."""
    found = {}
    for line in (sample_site / "data" / "articles.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        found.setdefault(row["path"], []).append(row)
    return {path: sorted(stories, key=lambda row: row["story"]) for path, stories in found.items()}


def test_every_content_file_has_its_expectation(rows):
    assert set(rows) <= set(EXPECTED)
    assert len(EXPECTED) >= 30


@pytest.mark.parametrize("path", sorted(EXPECTED))
def test_a_sample_comes_out_as_meant(rows, path):
    expected = [EXPECTED[path], *EXPECTED[path].get("more", ())]
    assert [row["story"] for row in rows[path]] == list(range(1, len(expected) + 1))
    assert [differences(row, one) for row, one in zip(rows[path], expected, strict=True)] == [{}] * len(expected)


def differences(row, expected):
    """Fields of a row that are not as meant."""
    wrong = {}
    for field, wanted in expected.items():
        right = wanted if field in SEVERAL_RIGHT and isinstance(wanted, list) else [wanted]
        got = credited(row["byline"]) if field == "byline" else row.get(field)
        right = [credited(one) if field == "byline" else one for one in right]
        if field in row and not any(is_same(field, one, got) for one in right):
            wrong[field] = {"want": wanted, "got": got}
    return wrong


def credited(byline):
    """Names and roles in printed order, photographers aside."""
    return [(one["name"], one["role"]) for one in byline or () if one["role"] != "photographer"]


def is_same(field, wanted, got):
    """Whether a value is as meant; a date as far as the expectation goes."""
    if field == "published" and wanted and got:
        return str(got).startswith(str(wanted))
    return wanted == got
