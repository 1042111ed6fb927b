"""The wheel: installed elsewhere, it builds a folder that is not the checkout."""

import os
import re
import subprocess
import sys
import tomllib
import zipfile

import pytest

from conftest import PROJECT

ARTICLE = """\
---
title: 样例：桥头新开一家书店
date: 2024-11-20 09:30:00
source: 桥头样报
---

书店开在桥的东头，早上九点开门，晚上九点打烊。店主说，第一天来了四十多位读者。

二楼的窗子对着河，临窗摆了六张桌子，坐下来看书不收钱。
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--wheel-dir", folder, PROJECT], check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """Folder the wheel is installed into, away from the checkout."""
    folder = tmp_path_factory.mktemp("installed")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--target", folder, wheel]
    subprocess.run(command, check=True, capture_output=True)
    return folder


@pytest.mark.parametrize("folder", ["templates", "static", "rules", "data"])
def test_the_wheel_carries_every_resource(wheel, folder):
    names = set(zipfile.ZipFile(wheel).namelist())
    resources = [path.relative_to(PROJECT).as_posix() for path in (PROJECT / folder).rglob("*") if path.is_file()]
    assert resources
    assert {f"newsarchive/resources/{name}" for name in resources} <= names


def test_an_installed_wheel_builds_another_folder(installed, tmp_path):
    (tmp_path / "site.yaml").write_text("title: 桥头样档\n", "utf-8")
    (tmp_path / "content").mkdir()
    (tmp_path / "content" / "bookshop.md").write_text(ARTICLE, "utf-8")
    process = subprocess.run(
        [sys.executable, "-m", "newsarchive", "build"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    assert process.stdout.splitlines()[-1].startswith("built 1 articles from 1 files")
    assert "桥头样档" in (tmp_path / "site" / "index.html").read_text("utf-8")


def test_a_file_of_the_archive_hides_the_package_s_own(installed, tmp_path):
    (tmp_path / "site.yaml").write_text("title: 桥头样档\n", "utf-8")
    (tmp_path / "content").mkdir()
    (tmp_path / "content" / "bookshop.md").write_text(ARTICLE, "utf-8")
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "404.html").write_text("<!doctype html><title>迷路了</title><h1>迷路了</h1>\n", "utf-8")
    subprocess.run(
        [sys.executable, "-m", "newsarchive", "build", "-q"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        check=True,
    )
    assert "迷路了" in (tmp_path / "site" / "404.html").read_text("utf-8")


def test_every_dependency_is_pinned():
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    pinned = {
        canonical(line.partition("==")[0])
        for line in (PROJECT / "constraints.txt").read_text("utf-8").splitlines()
        if not line.startswith("#")
    }
    assert {canonical(re.match(r"[\w.-]+", name)[0]) for name in wanted} <= pinned


def canonical(name):
    """The name as package indexes compare it.

    Source: PEP 503.
    """
    return re.sub(r"[-_.]+", "-", name).lower()
