import os
import subprocess
import sys

from conftest import PROJECT
from factory import make_folder, markdown, tree
from newsarchive.workers import FEW

PNG = b"\x89PNG\r\n\x1a\n" + b"sample"


def content():
    """More files than one process would be left with, in several shapes, with captures and faults among them."""
    files = {
        f"{number % 7}/{number}.md": markdown(number, f"20{14 + number % 11}-11-{number % 28 + 1}")
        for number in range(FEW)
    }
    files |= {f"again/{number}.md": markdown(number, "2024-11-20") for number in range(3)}
    return files | {
        "broken.md": b"\x00\x01\xff" * 500,
        "gb.txt": markdown(900).encode("gb18030"),
        "undated.md": "---\ntitle: 没有日期的样文\n---\n" + markdown(901).split("---")[2],
        "pictured.md": markdown(902) + "\n![样例图](p.png)\n",
        "p.png": PNG,
    }


def build(root, workers, **environment):
    run = subprocess.run(
        [sys.executable, PROJECT / "build.py", "-q", "--workers", workers, "--config", root / "site.yaml"],
        env={**os.environ, **environment},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return tree(root / "site")


def test_time_zone_locale_hash_seed_workers_and_order_of_files_change_no_byte(tmp_path):
    files = content()
    one = make_folder(tmp_path / "one", files)
    two = make_folder(tmp_path / "another place/two", dict(reversed(files.items())))
    first = build(one, "1", TZ="Asia/Shanghai", PYTHONHASHSEED="1", LC_ALL="C.UTF-8", LANG="C.UTF-8")
    second = build(two, "2", TZ="America/Los_Angeles", PYTHONHASHSEED="2", LC_ALL="C", LANG="C")
    assert first.keys() == second.keys()
    assert [path for path in first if first[path] != second[path]] == []
    assert len(first) > FEW


def test_building_again_over_the_old_site_changes_no_byte(tmp_path):
    root = make_folder(tmp_path / "archive", {"a.md": markdown(1), "b.md": markdown(2)})
    assert build(root, "1") == build(root, "1")
