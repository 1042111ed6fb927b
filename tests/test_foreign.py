"""Files in the output that are not ours survive a build as they are."""

import os
import shutil
from pathlib import Path

import pytest

from factory import tree
from killing import plant, snapshot
from newsarchive import foreign, staging
from newsarchive.errors import OutputError
from newsarchive.writer import OutputFile, write_site


def write(output, *paths):
    write_site([OutputFile(path, b"ours", "a test") for path in paths], output)


@pytest.fixture
def site(tmp_path):
    write(tmp_path / "site", "index.html", "2014/a.html")
    return tmp_path / "site"


def mine(site):
    """What is not ours, with its kind, permissions and bytes."""
    ours = {"index.html", "2014/a.html", "2015/b.html", "2015", "SHA256SUMS", ".newsarchive-manifest.json"}
    return {path: what for path, what in snapshot(site).items() if path not in ours}


@pytest.fixture(params=["hard links", "copies"])
def linking(request, monkeypatch):
    """With hard links and on a file system that has none."""
    if request.param == "copies":

        def refuse(*_, **__):
            raise PermissionError(1, "Operation not permitted")

        monkeypatch.setattr(os, "link", refuse)


@pytest.mark.usefixtures("linking")
def test_files_links_empty_folders_and_permissions_stay(site):
    """Seen to fail without the carrying over, and without the rights of folders."""
    plant(site)
    (site / "drafts/empty").mkdir(parents=True)
    (site / "drafts").chmod(0o500)
    (site / "CNAME").chmod(0o640)
    site.chmod(0o750)
    before = mine(site)
    write(site, "index.html", "2015/b.html")
    assert mine(site) == before
    assert "2014/a.html" not in tree(site)


@pytest.mark.usefixtures("linking")
def test_the_times_of_files_and_folders_that_are_not_ours_stay(site):
    plant(site)
    for path in (site / "CNAME", site / ".git"):
        os.utime(path, (1_400_000_000, 1_400_000_000))
    write(site, "index.html")
    assert (site / "CNAME").stat().st_mtime == (site / ".git").stat().st_mtime == 1_400_000_000


@pytest.mark.usefixtures("linking")
@pytest.mark.parametrize(
    ("planted", "folder"), [("about.html", False), ("about.html", True), ("2015", False), ("about.html/x.txt", False)]
)
def test_what_stands_in_the_way_of_the_site_is_an_error_and_stays(site, planted, folder):
    """Seen to fail without the question whose path it is: a file of ours stood there afterwards."""
    path = site / planted
    path.parent.mkdir(exist_ok=True)
    path.mkdir() if folder else path.write_text("mine")
    before = snapshot(site)
    with pytest.raises(OutputError, match="not ours"):
        write(site, "index.html", "2015/b.html", "about.html")
    assert snapshot(site) == before
    assert [each.name for each in site.parent.iterdir()] == ["site"]


def test_a_folder_in_which_only_we_had_files_goes_with_them(site):
    write(site, "index.html")
    assert not (site / "2014").exists()


def test_a_pipe_is_carried_over_and_never_read(site):
    os.mkfifo(site / "pipe")
    write(site, "index.html")
    assert (site / "pipe").is_fifo()


@pytest.mark.usefixtures("linking")
@pytest.mark.parametrize("exchange", [True, False])
def test_what_comes_while_the_sites_are_swapped_is_in_the_new_one(site, monkeypatch, exchange):
    """Seen to fail with the old site removed as a whole: what had come was gone."""
    (site / "note").write_text("as it was")
    swap = staging.swap

    def late(stage, output):
        (output / "late").write_text("mine")
        (output / "2014/deep").mkdir()
        (output / "2014/deep/late").write_text("mine")
        (output / "note.new").write_text("as it is")
        (output / "note.new").replace(output / "note")
        swap(stage, output)

    monkeypatch.setattr("newsarchive.writer.swap", late)
    if not exchange:
        monkeypatch.setattr(staging, "_exchange", lambda *_: False)
    write(site, "index.html")
    files = {path: data for path, data in tree(site).items() if not path.startswith((".", "SHA"))}
    assert files == {"index.html": b"ours", "late": b"mine", "2014/deep/late": b"mine", "note": b"as it is"}
    assert [each.name for each in site.parent.iterdir()] == ["site"]


def test_a_link_of_ours_made_into_a_folder_elsewhere_is_no_way_out(site, tmp_path):
    """Seen to fail with links followed in the old site: the pages behind it were removed."""
    shutil.move(site / "2014", tmp_path / "elsewhere")
    (site / "2014").symlink_to(tmp_path / "elsewhere")
    write(site, "index.html")
    assert (tmp_path / "elsewhere/a.html").read_bytes() == b"ours"
    assert (site / "2014").is_symlink()


def test_removing_needs_no_rights_in_the_folders_that_are_removed(tmp_path):
    tree = tmp_path / "tree"
    (tree / "a/b").mkdir(parents=True)
    (tree / "a/b/c").write_text("x")
    (tree / "a").chmod(0o500)
    foreign.remove(tree)
    assert not tree.exists()


@pytest.mark.usefixtures("linking")
def test_a_second_name_never_replaces_a_file(tmp_path):
    for name in ("a", "b"):
        Path(tmp_path / name).write_text(name)
    with pytest.raises(FileExistsError):
        foreign.link(str(tmp_path / "a"), str(tmp_path / "b"))
    assert (tmp_path / "b").read_text() == "b"
