"""Lighthouse over the sample site, as a phone sees it: the four scores of home, a year and an article."""

import shutil
import subprocess
import sys

import pytest

from browser import find_browser
from conftest import PROJECT, absent

PROGRAM = PROJECT / "benchmarks" / "node" / "node_modules" / ".bin" / "lighthouse"


@pytest.mark.browser
@pytest.mark.long
def test_every_score_of_home_a_year_and_an_article_is_high(sample_site):
    if not shutil.which("node") or not find_browser():
        absent("no Node or no Chromium on this machine")
    if not PROGRAM.exists():
        absent("Lighthouse is not installed (npm, benchmarks/node/package.json)")
    command = [sys.executable, PROJECT / "benchmarks" / "lighthouse.py", sample_site]
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stdout + process.stderr
    assert process.stdout.count("\n| ") == 4
