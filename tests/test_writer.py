import hashlib
import json
import os
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest

from newsarchive.errors import OutputError, StaleFile
from newsarchive.manifest import MANIFEST, SUMS, published_files
from newsarchive.outputs import check_output
from newsarchive.streams import StreamedFile, key_of
from newsarchive.workers import can_fork
from newsarchive.writer import KeptFile, OutputFile, write_site


def file(path, data=b"x", origin="a test"):
    return OutputFile(path, data, origin)


def tree(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def output(tmp_path):
    return tmp_path / "site"


@pytest.fixture
def built(output):
    write_site([file("index.html", b"old"), file("2023/old.html", b"gone soon")], output)
    return output


def test_files_are_written_with_manifest_and_sums(output):
    report = write_site([file("b/c.html", b"two"), file("a.html", b"one")], output)
    assert (report.files, report.bytes) == (2, 6)
    listed = json.loads((output / MANIFEST).read_text("utf-8"))["files"]
    assert listed == [
        {"path": "a.html", "size": 3, "sha256": hashlib.sha256(b"one").hexdigest()},
        {"path": "b/c.html", "size": 3, "sha256": hashlib.sha256(b"two").hexdigest()},
    ]


@pytest.mark.skipif(os.name != "posix", reason="sha256sum is a Unix program")
def test_sha256sum_reads_the_sums(built):
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", SUMS], cwd=built, check=True)


def test_a_new_site_replaces_the_old_one_and_leaves_no_stage(built):
    write_site([file("index.html", b"new")], built)
    assert set(tree(built)) == {"index.html", MANIFEST, SUMS}
    assert (built / "index.html").read_bytes() == b"new"
    assert [path.name for path in built.parent.iterdir()] == ["site"]


def test_foreign_files_links_and_folders_stay(built):
    (built / "CNAME").write_text("example.org")
    (built / ".git/refs/tags").mkdir(parents=True)
    (built / ".git/HEAD").write_text("ref: x")
    (built / "2023/mine.txt").write_text("mine")
    (built / "latest").symlink_to("2023")
    write_site([file("index.html", b"new")], built)
    assert (built / "CNAME").read_text() == "example.org"
    assert (built / ".git/HEAD").read_text() == "ref: x"
    assert (built / ".git/refs/tags").is_dir()
    assert (built / "2023/mine.txt").read_text() == "mine"
    assert not (built / "2023/old.html").exists()
    assert (built / "latest").readlink() == Path("2023")


def test_a_foreign_file_in_the_way_is_not_overwritten(built):
    (built / "about.html").write_text("mine")
    with pytest.raises(OutputError, match="not ours"):
        write_site([file("about.html")], built)
    assert (built / "about.html").read_text() == "mine"
    assert (built / "index.html").read_bytes() == b"old"


def failing_midway():
    yield file("index.html", b"half")
    raise RuntimeError("rendering failed")


@pytest.mark.parametrize(
    "files",
    [
        failing_midway,
        lambda: [file("a.html"), file("a.html")],
        lambda: [file("a.html"), file("../a.html")],
        lambda: [file("a"), file("a/b.html")],
        lambda: [file("a/b.html"), file("a")],
    ],
)
def test_a_failure_anywhere_leaves_the_old_site_and_no_stage(built, files):
    before = tree(built)
    with pytest.raises((OutputError, RuntimeError)):
        write_site(files(), built)
    assert tree(built) == before
    assert [path.name for path in built.parent.iterdir()] == ["site"]


def test_two_inputs_claiming_one_path_are_both_named(output):
    with pytest.raises(OutputError, match=r"first\.md.*second\.md"):
        write_site([file("a.html", origin="first.md"), file("a.html", origin="second.md")], output)


def test_a_refused_path_names_its_origin(output):
    with pytest.raises(OutputError, match=r"evil\.md"):
        write_site([file("../../etc/passwd", origin="evil.md")], output)


def test_a_folder_with_files_but_no_manifest_is_refused(output):
    output.mkdir()
    (output / "thesis.doc").write_text("mine")
    with pytest.raises(OutputError, match="no manifest"):
        write_site([file("a.html")], output)
    assert [path.name for path in output.iterdir()] == ["thesis.doc"]


def test_an_empty_folder_is_taken(output):
    output.mkdir()
    write_site([file("a.html")], output)
    assert (output / "a.html").is_file()


def test_a_broken_manifest_is_refused(built):
    (built / MANIFEST).write_text("{", "utf-8")
    with pytest.raises(OutputError, match="manifest"):
        write_site([file("a.html")], built)


def test_home_and_root_are_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path / "home/me"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home/me"))
    for folder in (tmp_path / "home/me", tmp_path / "home", Path(tmp_path.anchor)):
        with pytest.raises(OutputError):
            check_output(folder)


def test_an_output_may_lie_in_a_folder_that_is_read_but_neither_be_nor_hold_it(tmp_path):
    content = tmp_path / "archive/content"
    content.mkdir(parents=True)
    check_output(content / "site", [content])
    for folder in (content, content.parent):
        with pytest.raises(OutputError):
            check_output(folder, [content])


def test_an_output_that_is_a_link_is_refused_with_the_folder_it_leads_to(built, tmp_path):
    before = tree(built)
    link = tmp_path / "link"
    link.symlink_to(built, target_is_directory=True)
    with pytest.raises(OutputError, match=rf"is a link.*{built.name}"):
        write_site([file("index.html", b"new")], link)
    assert link.is_symlink()
    assert tree(built) == before


def test_an_output_below_a_link_is_written_where_it_leads(built, tmp_path):
    (tmp_path / "link").symlink_to(built.parent, target_is_directory=True)
    write_site([file("index.html", b"new")], tmp_path / "link" / "site")
    assert (built / "index.html").read_bytes() == b"new"


def test_a_file_longer_than_one_write_is_whole(output, monkeypatch):
    write = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: write(handle, data[:7]))
    write_site([file("a.html", b"0123456789" * 5)], output)
    assert (output / "a.html").read_bytes() == b"0123456789" * 5


def test_a_hash_that_is_known_is_not_computed_again(output):
    write_site([OutputFile("a.html", b"x", "a test", "0" * 64)], output)
    assert published_files(output)["a.html"].sha256 == "0" * 64


def kept(output, path):
    listed = published_files(output)[path]
    return KeptFile(path, listed.size, listed.sha256, "a test")


def test_a_kept_file_is_the_published_one_under_the_same_name(built):
    inode = (built / "2023/old.html").stat().st_ino
    report = write_site([kept(built, "2023/old.html"), file("index.html", b"new")], built)
    assert (report.files, report.bytes) == (2, 12)
    assert (built / "2023/old.html").read_bytes() == b"gone soon"
    assert (built / "2023/old.html").stat().st_ino == inode
    assert published_files(built).keys() == {"2023/old.html", "index.html"}


def test_a_kept_file_that_is_gone_cut_or_never_listed_is_stale_and_the_old_site_stays(built):
    page = kept(built, "2023/old.html")
    (built / "2023/old.html").write_bytes(b"cut")
    for stale in (page, KeptFile("new.html", 1, "0" * 64, "a test"), KeptFile("index.html", 3, "0" * 64, "a test")):
        before = tree(built)
        with pytest.raises(StaleFile) as caught:
            write_site([file("a.html"), stale], built)
        assert caught.value.place == stale.path
        assert tree(built) == before


def test_a_kept_file_and_a_new_one_cannot_have_one_path(built):
    with pytest.raises(OutputError, match="claimed"):
        write_site([kept(built, "index.html"), file("index.html")], built)


HERE = os.getpid()


def streamed(path, *pieces, before=None):
    return StreamedFile(path, [key_of(piece) for piece in pieces], lambda number: pieces[number], "a test", before)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_streamed_file_is_written_listed_and_told(output, workers):
    files = [streamed("data/a.jsonl", b"one\n", b"two\n"), file("index.html"), streamed("data/b.jsonl", b"three\n")]
    report = write_site(files, output, workers=workers)
    assert (output / "data/a.jsonl").read_bytes() == b"one\ntwo\n"
    assert (output / "data/b.jsonl").read_bytes() == b"three\n"
    assert {path: pieces.sha256 for path, pieces in report.pieces.items()} == {
        path: published_files(output)[path].sha256 for path in ("data/a.jsonl", "data/b.jsonl")
    }
    assert report.bytes == 15


@pytest.mark.parametrize("workers", [1, 2])
def test_a_streamed_file_that_comes_out_the_same_is_the_published_one(output, workers):
    before = write_site([streamed("data/a.jsonl", b"one\n", b"two\n")], output).pieces["data/a.jsonl"]
    inode = (output / "data/a.jsonl").stat().st_ino
    again = replace(streamed("data/a.jsonl", b"one\n", b"two\n", before=before), keys=[key_of(b"one\n"), key_of(2)])
    report = write_site([again, file("index.html")], output, workers=workers)
    assert (output / "data/a.jsonl").stat().st_ino == inode
    assert published_files(output).keys() == {"data/a.jsonl", "index.html"}
    assert report.pieces["data/a.jsonl"].keys != before.keys


@pytest.mark.skipif(not can_fork(), reason="no process can be forked here")
def test_a_streamed_file_whose_process_dies_is_written_here(output):
    def piece(number):
        if os.getpid() != HERE and number:
            os._exit(9)
        return b"%d\n" % number

    write_site([StreamedFile("data/a.jsonl", [b""] * 3, piece, "a test"), file("index.html")], output, workers=2)
    assert (output / "data/a.jsonl").read_bytes() == b"0\n1\n2\n"


@pytest.mark.parametrize("workers", [1, 2])
def test_a_streamed_file_that_fails_tells_why_and_the_old_site_stays(built, workers):
    before = tree(built)

    def piece(number):
        raise OutputError("a.md", f"piece {number} fails", "correct it")

    with pytest.raises(OutputError, match="piece 0 fails"):
        write_site([StreamedFile("data/a.jsonl", [b""], piece, "a test"), file("a.html")], built, workers=workers)
    assert tree(built) == before
    assert [path.name for path in built.parent.iterdir()] == ["site"]


@pytest.mark.skipif(not can_fork(), reason="no process can be forked here")
def test_a_build_that_fails_waits_for_no_streamed_file(built):
    before = tree(built)

    def files():
        yield StreamedFile("data/a.jsonl", [b""], lambda _: time.sleep(600), "a test")
        yield file("a.html")
        raise RuntimeError("rendering failed")

    with pytest.raises(RuntimeError):
        write_site(files(), built, workers=2)
    assert tree(built) == before
    assert [path.name for path in built.parent.iterdir()] == ["site"]


def test_a_streamed_file_and_another_cannot_have_one_path(built):
    for files in ([streamed("a", b"x"), file("a")], [file("a"), streamed("a", b"x")], [streamed("a", b"x")] * 2):
        with pytest.raises(OutputError, match="claimed"):
            write_site(files, built, workers=2)
