"""The stage beside the output: one build at a time, nobody else's folder touched, a failed swap taken back."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import PROJECT
from factory import tree
from newsarchive import staging
from newsarchive.errors import OutputError
from newsarchive.staging import recover
from newsarchive.writer import OutputFile, write_site

WORK = ".newsarchive-stage-site"
HOLD = """
import os, sys
from pathlib import Path
from newsarchive.writer import OutputFile, write_site

def files():
    yield OutputFile("index.html", b"the other build", "a test")
    os.write(1, b"writing\\n")
    os.read(0, 1)

write_site(files(), Path(sys.argv[1]))
"""


def write(output, data=b"new", **how):
    return write_site([OutputFile("index.html", data, "a test")], output, **how)


@pytest.fixture
def site(tmp_path):
    write(tmp_path / "site", b"old")
    return tmp_path / "site"


@pytest.fixture
def other(site):
    """Another process in the midst of writing the site; a byte on its standard input lets it go on."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, site],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(PROJECT / "src")},
    )
    with process:
        assert process.stdout.readline() == b"writing\n"
        yield process
        process.kill()


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_second_build_waits_for_the_first_and_tells_once(site, other):
    """Seen to fail without the lock: the second found a stage in its way."""
    told = []

    def wait():
        told.append(tree(site)["index.html"])
        other.communicate(b"x")

    write(site, wait=wait)
    assert other.returncode == 0
    assert told == [b"old"]
    assert (site / "index.html").read_bytes() == b"new"
    assert names(site.parent) == ["site"]


def test_a_second_build_gives_up_when_its_patience_ends(site, other):
    """Seen to fail without the bound: it waited for ever."""
    with pytest.raises(OutputError, match="another build"):
        write(site, patience=0.1)
    recover(site)  # which does not wait, and takes nothing from a build that is alive
    other.communicate(b"x")
    assert other.returncode == 0
    assert (site / "index.html").read_bytes() == b"the other build"
    assert names(site.parent) == ["site"]


def test_a_build_that_was_killed_holds_nothing(site, other):
    """Seen to fail with the id of the process in the lock in the place of a lock of the system."""
    other.kill()
    other.wait()
    assert names(site.parent) == [WORK, "site"]
    write(site, patience=0)
    assert (site / "index.html").read_bytes() == b"new"
    assert names(site.parent) == ["site"]


def test_what_a_killed_build_left_goes_before_anything_else_is_done(site, other):
    other.kill()
    other.wait()
    recover(site)
    assert names(site.parent) == ["site"]
    assert (site / "index.html").read_bytes() == b"old"


@pytest.mark.parametrize("kind", ["folder", "file", "link"])
def test_what_somebody_else_has_put_where_the_stage_belongs_is_refused_and_kept(site, tmp_path, kind):
    """Seen to fail without the look for our lock: the folder was taken for a stage and emptied."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "thesis.doc").write_text("mine")
    if kind == "folder":
        elsewhere.rename(tmp_path / WORK)
    elif kind == "file":
        (tmp_path / WORK).write_text("mine")
    else:
        (tmp_path / WORK).symlink_to(elsewhere)
    before = tree(tmp_path)
    with pytest.raises(OutputError, match=WORK):
        write(site)
    assert tree(tmp_path) == before


def test_other_stages_and_files_beside_the_output_stay(site):
    for name in (".newsarchive-stage-other", ".newsarchive-stage-", "new", "old"):
        (site.parent / name).mkdir()
        (site.parent / name / "mine").write_text("mine")
    write(site)
    assert names(site.parent) == [".newsarchive-stage-", ".newsarchive-stage-other", "new", "old", "site"]


def test_without_an_exchange_two_renames_do_the_same(site, monkeypatch):
    monkeypatch.setattr(staging, "_exchange", lambda *_: False)
    write(site)
    assert (site / "index.html").read_bytes() == b"new"
    assert names(site.parent) == ["site"]


def test_a_second_rename_that_fails_is_taken_back(site, monkeypatch):
    """Seen to fail without the step back: the site was away until the next build."""
    before = tree(site)
    monkeypatch.setattr(staging, "_exchange", lambda *_: False)
    rename = Path.rename

    def refuse(self, target):
        if Path(target) == site and self.name == "new":
            raise OSError(28, "No space left on device", str(target))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(OutputError, match="No space"):
        write(site)
    assert tree(site) == before
    assert names(site.parent) == ["site"]


def test_a_file_system_without_locks_is_told(site, monkeypatch):
    def refuse(*_):
        raise OSError(37, "No locks available")

    monkeypatch.setattr(staging.fcntl, "lockf", refuse)
    with pytest.raises(OutputError, match="has no locks"):
        write(site)
    assert (site / "index.html").read_bytes() == b"old"
