"""One content, one tree of bytes: whatever the time zone, locale, hash seed, order of files, workers or clock."""

import os
import subprocess
import sys
from hashlib import sha256

from conftest import PROJECT
from factory import make_folder, markdown, tree
from newsarchive import permalinks
from newsarchive.manifest import OWN
from newsarchive.pipeline import build
from newsarchive.settings import load_settings
from newsarchive.workers import FEW

HOME = {"TZ": "Asia/Shanghai", "PYTHONHASHSEED": "1", "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8"}
AWAY = {"TZ": "America/Los_Angeles", "PYTHONHASHSEED": "2", "LC_ALL": "C", "LANG": "C"}
ASCII = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
"""What keeps Python from taking the locale C for one of UTF-8, so that texts and names of files are ASCII there."""
LATE = "1763596799"
"""A second before midnight in Greenwich: 19 November 2025 there and in America, the 20th in China."""
SHOWN = min((PROJECT / "content").rglob("*.png")).read_bytes()
PNG = b"\x89PNG\r\n\x1a\n" + b"sample"
CLOCK = """import time
for name in ("time", "time_ns"):
    def shifted(real=getattr(time, name), unit=10**9 if name == "time_ns" else 1):
        return real() + 1_500_000_000 * unit
    setattr(time, name, shifted)
for name in ("localtime", "gmtime", "ctime"):
    def shifted(seconds=None, real=getattr(time, name)):
        return real(time.time() if seconds is None else seconds)
    setattr(time, name, shifted)
"""
"""A clock that is decades ahead, for every process that finds it as `sitecustomize.py`; that nothing asks
`datetime` for the time is held by the syntax trees."""


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
        "pictured.md": markdown(902) + "\n![样例图](p.png)\n\n![桥头](图/桥头.png)\n",
        "p.png": PNG,
        "图/桥头.png": SHOWN,
        "图/灯会.md": markdown(903, "2024-11-20T20:30:00Z"),
        "图/灯会.yaml": "note: 桥头\n",
        "图/_defaults.yaml": "platform: web\n",
    }


def run_build(root, *options, **environment):
    run = subprocess.run(
        [sys.executable, PROJECT / "build.py", "-q", "--config", root / "site.yaml", *options],
        env={**os.environ, **environment},
        cwd=root,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return tree(root / "site")


def hash_of(files):
    """One hash of a whole tree."""
    return sha256("".join(f"{path} {sha256(files[path]).hexdigest()}\n" for path in sorted(files)).encode()).hexdigest()


def test_time_zone_locale_hash_seed_workers_order_times_and_clock_change_no_byte(tmp_path):
    """Seen to fail with a set written in its own order, with the local time zone, and with the clock on a page; and
    where a name or a text was read by the locale: pictures with Chinese names were not found by their articles."""
    files = content()
    one = make_folder(tmp_path / "one", files)
    two = make_folder(tmp_path / "another place/two", dict(reversed(files.items())))
    for path in two.rglob("*"):
        os.utime(path, (86_400, 86_400))
    (two / "sitecustomize.py").write_text(CLOCK, "utf-8")
    first = run_build(one, "--workers", "1", SOURCE_DATE_EPOCH=LATE, **HOME)
    second = run_build(
        two, "--workers", "2", "--no-cache", SOURCE_DATE_EPOCH=LATE, PYTHONPATH=str(two), **AWAY, **ASCII
    )
    assert first.keys() == second.keys()
    assert [path for path in first if first[path] != second[path]] == []
    assert hash_of(first) == hash_of(second)
    assert len(first) > FEW
    assert permalinks.media_file(sha256(SHOWN).hexdigest(), "png") in first


def test_building_again_changes_no_byte_and_source_date_epoch_only_the_date(tmp_path, monkeypatch):
    """Seen to fail with the day of the newest article in the place of that of the variable."""
    root = make_folder(tmp_path, {"a.md": markdown(1, "2014-11-20")})
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    trees = []
    for epoch in (None, None, LATE):
        if epoch:
            monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
        build(load_settings(root / "site.yaml", workers=1))
        trees.append(tree(root / "site"))
    first, again, dated = trees
    assert again == first
    changed = [path for path in dated if dated[path] != first.get(path) and path not in OWN]
    assert "about.html" in changed
    assert all(b"2025-11-19" in dated[path] and b"2025-11-19" not in first[path] for path in changed)
    assert dated.keys() == first.keys()
