"""The checks of .pre-commit-config.yaml, hook by hook, so that a commit and CI are held to the same list."""

import os
import re
import shlex
import shutil
import subprocess
import sys

import pytest
import yaml
from identify.identify import tags_from_path

from conftest import PROJECT, absent

CONFIG = yaml.safe_load((PROJECT / ".pre-commit-config.yaml").read_text("utf-8"))
HOOKS = {hook["id"]: hook for repo in CONFIG["repos"] for hook in repo["hooks"]}


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the tracked files, as a repository, since some hooks mend what they find."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, check=False)
    if listing.returncode != 0:
        absent("this is no git checkout, so there is no list of files to check")
    folder = tmp_path_factory.mktemp("checks") / PROJECT.name
    for name in listing.stdout.decode().split("\0"):
        if name and (PROJECT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, folder / name)
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    subprocess.run(["git", "add", "--all"], cwd=folder, check=True)
    return folder


def files_for(hook, folder):
    """Names of the files that pre-commit would pass to the hook."""
    types, types_or = set(hook.get("types", [])), set(hook.get("types_or", []))
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=folder, capture_output=True, check=True)
    for name in listing.stdout.decode().split("\0"):
        if name and not re.search(CONFIG["exclude"], name):
            tags = tags_from_path(str(folder / name))
            if types <= tags and (not types_or or types_or & tags):
                yield name


def test_every_hook_runs_without_a_network():
    assert all(repo["repo"] == "local" for repo in CONFIG["repos"])
    assert all(hook["language"] == "system" for hook in HOOKS.values())


@pytest.mark.parametrize("hook", HOOKS.values(), ids=list(HOOKS))
def test_hook_finds_nothing(hook, copy):
    files = list(files_for(hook, copy)) if hook.get("pass_filenames", True) else []
    assert files or hook.get("always_run"), "the hook looks at no file"
    command = shlex.split(hook["entry"])
    assert command[0] == ".venv/bin/python"
    process = subprocess.run(
        [sys.executable, *command[1:], *files],
        cwd=copy,
        env={**os.environ, "MYPY_CACHE_DIR": str(PROJECT / ".mypy_cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stdout + process.stderr
