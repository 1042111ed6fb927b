"""A full disk, a place that cannot be written, a template that fails, Ctrl-C: the old site stays, byte for byte."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from conftest import PROJECT, absent
from factory import make_folder, markdown
from figures import record
from killing import FILES, Killer, names, pages, plant, snapshot
from newsarchive import outputs, staging
from newsarchive.errors import OutputError, TemplateError
from newsarchive.outputs import check_output
from newsarchive.streams import StreamedFile, key_of
from newsarchive.workers import FEW
from newsarchive.writer import OutputFile, write_site

NOBODY = 65534
PAGE = 4096


def files(version, count=FILES):
    return (OutputFile(path, data, "a test") for path, data in pages(version, count).items())


@pytest.fixture(params=[True, False], ids=["exchange", "two renames"])
def exchange(request, monkeypatch):
    if not request.param:
        monkeypatch.setattr(staging, "_exchange", lambda *_: False)
    return request.param


@pytest.fixture
def disk(tmp_path):
    """A file system in memory, of its own; gives its folder and what sets its options anew."""
    place = tmp_path / "disk"
    place.mkdir()

    def mount(options):
        command = ["mount", "-t", "tmpfs", "-o", options, "none", place]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    if sys.platform != "linux" or not mount("size=4m"):
        absent("this user cannot mount a small disk in memory")
    try:
        yield place, lambda options: mount(f"remount,{options}")
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


def fill(site, room, step):
    """Build the new site with ever more room until it fits; how often it did not, each time with the old one whole."""
    before = snapshot(site)
    failed = 0
    while True:
        assert room(failed * step)
        fault = None
        try:
            write_site(files("new", 8), site)
        except OutputError as error:
            fault = error
        if fault is None:
            return failed
        assert "make room" in fault.remedy
        assert snapshot(site) == before
        assert names(site.parent) == ["site"]
        failed += 1


@pytest.mark.parametrize("what", ["bytes", "files"])
def test_a_disk_that_is_full_at_any_file_leaves_the_old_site(disk, exchange, what):
    """Seen to fail with the files written into the output itself."""
    place, remount = disk
    site = place / "site"
    write_site(files("old", 8), site)
    plant(site)
    used = os.statvfs(place)
    if what == "bytes":
        taken = (used.f_blocks - used.f_bfree) * PAGE
        failed = fill(site, lambda more: remount(f"size={taken + more}"), PAGE)
    else:
        taken = used.f_files - used.f_ffree
        failed = fill(site, lambda more: remount(f"size=4m,nr_inodes={taken + more}"), 1)
    assert failed >= 10
    assert (site / "index.html").read_bytes() == b"new 8\n"
    assert names(place) == ["site"]
    record(f"full disks, {what}, {'an exchange' if exchange else 'two renames'}", failed)


def test_a_disk_that_is_full_while_a_process_beside_writes_is_told_as_any(disk):
    place, remount = disk
    site = place / "site"
    write_site(files("old", 8), site)
    before = snapshot(site)
    assert remount("size=1m")
    row = bytes(PAGE)
    data = StreamedFile("data/a.jsonl", [key_of(number) for number in range(400)], lambda _: row, "a test")
    with pytest.raises(OutputError, match="make room on the disk; the old site is as it was"):
        write_site([data, *files("new", 8)], site, workers=2)
    assert snapshot(site) == before
    assert names(place) == ["site"]


def test_a_disk_that_cannot_be_written_is_told_and_a_later_build_works(disk):
    place, remount = disk
    site = place / "site"
    write_site(files("old"), site)
    before = snapshot(site)
    assert remount("ro")
    with pytest.raises(OutputError, match="can be written; the old site is as it was"):
        write_site(files("new"), site)
    assert snapshot(site) == before
    assert remount("rw")
    write_site(files("new"), site)
    assert names(place) == ["site"]


def test_a_mount_point_is_refused_and_so_is_a_folder_that_holds_one(disk):
    """Seen to fail without the look at the mounts: what was mounted within was removed with the old site."""
    place, _ = disk
    (place / "mine").write_text("mine")
    with pytest.raises(OutputError, match=r"is a mount point.*choose a folder inside it"):
        check_output(place)
    site = place.parent / "site"
    write_site(files("old"), site)
    (site / "volume").mkdir()
    subprocess.run(["mount", "--bind", place, site / "volume"], check=True)
    try:
        with pytest.raises(OutputError, match="is mounted within"):
            write_site(files("new"), site)
    finally:
        subprocess.run(["umount", site / "volume"], check=True)
    assert (place / "mine").read_text() == "mine"
    assert (site / "index.html").read_bytes() == f"old {FILES}\n".encode()


def test_mount_points_are_read_as_the_system_writes_them(tmp_path, monkeypatch):
    told = tmp_path / "mountinfo"
    told.write_bytes(b"36 35 98:0 / /a\\040b\\134c rw,noatime - ext4 /dev/x rw\n37 35 0:5 / /d rw - tmpfs none rw\n")
    monkeypatch.setattr(outputs, "_MOUNTS", told)
    for mounted in ("/a b\\c", "/d"):
        with pytest.raises(OutputError, match="is a mount point"):
            outputs._refuse_mounts(Path(mounted))  # noqa: SLF001  no such folder is there to be built in
    outputs._refuse_mounts(Path("/e"))  # noqa: SLF001


@pytest.fixture
def open_folder():
    """A folder that any user can reach, which none of pytest's is."""
    if os.name != "posix" or os.geteuid() != 0:
        absent("only root can act for another user")
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_a_place_that_this_user_cannot_write_leaves_the_old_site(open_folder):
    """Seen to fail with the files written into the output itself, where that is the user's."""
    site = open_folder / "site"
    with Killer() as killer:
        for owner, mode in ((None, 0o755), (NOBODY, 0o555)):
            killer.build(site, "old")
            if owner is not None:
                os.chown(site, owner, owner)
            site.chmod(mode)
            before = snapshot(site)
            assert killer.build(site, "new", user=NOBODY)["status"] == 1
            assert snapshot(site) == before
            assert names(open_folder) == ["site"]
        open_folder.chmod(0o777)
        os.chown(site, 0, 0)
        site.chmod(0o755)
        before = snapshot(site)
        assert killer.build(site, "new", user=NOBODY)["status"] == 1  # a folder of somebody else cannot be swapped
        assert snapshot(site) == before
        assert names(open_folder) == ["site"]
        assert killer.build(site, "new")["status"] == 0


@pytest.mark.usefixtures("exchange")
def test_a_template_that_fails_at_the_last_page_leaves_the_old_site(tmp_path):
    """Seen to fail with the files written into the output itself."""
    site = tmp_path / "site"
    write_site(files("old"), site)
    plant(site)
    before = snapshot(site)

    def failing():
        yield from files("new")
        raise TemplateError("article.html:1", "fails", "correct it")

    with pytest.raises(TemplateError):
        write_site(failing(), site)
    assert snapshot(site) == before
    assert names(tmp_path) == ["site"]


@pytest.mark.parametrize("told", [b"reading", b"writing"])
@pytest.mark.parametrize(
    ("number", "count"), [(signal.SIGTERM, 2), pytest.param(signal.SIGINT, FEW * 4, marks=pytest.mark.long)]
)
def test_a_build_that_is_stopped_says_so_and_leaves_the_old_site(tmp_path, told, number, count):
    """Seen to fail without the stage cleared on the way out, and without the sentence in the place of a traceback."""
    root = make_folder(tmp_path / "archive", {f"{each}.md": markdown(each) for each in range(count)})
    site = tmp_path / "out" / "site"
    write_site(files("old"), site)
    before = snapshot(site)
    options = ["-v", "--workers", "2", "--config", root / "site.yaml", "--output", site, "--no-cache"]
    command = [sys.executable, PROJECT / "build.py", *options]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, start_new_session=True) as process:
        while told not in (line := process.stderr.readline()):
            assert line, "the build ended before it was stopped"
        os.killpg(process.pid, number)  # as a terminal does: to the workers too
        out, err = process.communicate(timeout=60)
    assert process.returncode == 1, err
    assert err.decode().splitlines()[-1].startswith("interrupted; ")
    assert b"Traceback" not in err
    assert out == b""
    assert snapshot(site) == before
    assert names(site.parent) == ["site"]
