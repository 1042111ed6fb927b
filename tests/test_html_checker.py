"""The Nu HTML checker over every kind of page and the style sheet, in one Java process: no error.

Its warnings are not read: it takes the page's folder for another origin, and so warns that the security policy blocks
the site's own files, which test_accessibility.py shows to load; and it takes a page of rules for English.
"""

import json
import shutil
import subprocess

import pytest

from conftest import PROJECT, absent
from kinds import pages_of

CHECKER = PROJECT / "tests" / "node" / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"


@pytest.fixture(scope="module")
def check():
    """Give the errors that the checker finds in files."""
    if not shutil.which("java"):
        absent("no Java on this machine")
    if not CHECKER.is_file():
        absent("the Nu HTML checker is not installed (npm, tests/node/package.json)")

    def run(*files):
        options = ["--errors-only", "--also-check-css", "--also-check-svg", "--format", "json"]
        # Short lives: the second compiler of Java costs more than it gains here.
        command = ["java", "-XX:TieredStopAtLevel=1", "-Xss4m", "-jar", CHECKER, *options, *files]
        process = subprocess.run(command, capture_output=True, check=False)
        found = json.loads(process.stderr)["messages"]
        assert process.returncode == bool(found), process.stderr
        return [f"{one['url']}:{one.get('lastLine')}: {one['message']} {one.get('extract')}" for one in found]

    return run


def test_no_kind_of_page_and_no_style_has_an_error(check, sample_site):
    files = {(sample_site / page.partition("?")[0]) for page in pages_of(sample_site).values()}
    drawings = sorted((sample_site / "assets").glob("*.svg"))
    assert drawings
    assert check(*sorted(files), sample_site / "assets" / "site.css", *drawings) == []


@pytest.mark.long
@pytest.mark.corpus
def test_no_page_of_real_articles_has_an_error(check, labelled_site):
    pages = sorted(labelled_site.rglob("*.html"))
    assert len(pages) > 150
    assert check(*pages) == []


def test_the_checker_tells_of_an_error(check, tmp_path):
    page = tmp_path / "page.html"
    page.write_text('<!DOCTYPE html><html lang="en"><title>A</title><p><table role="none"></p><b>', "utf-8")
    assert len(check(page)) >= 2
