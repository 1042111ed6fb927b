"""What all tests share: no network, the sample site built once, the labelled corpus where it is present."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import hypothesis
import pytest

PROJECT = Path(__file__).resolve().parents[1]
"""Folder of the checkout."""

BUILD_PATIENCE = 400
"""Seconds to wait for a site that another process of the test run builds."""

hypothesis.settings.register_profile("fast", max_examples=40, deadline=None)
hypothesis.settings.register_profile("long", max_examples=2000, deadline=None)
hypothesis.settings.load_profile("fast")


def pytest_collection_modifyitems(items):
    """Begin with the corpus, which takes longest, so that the other processes work beside it and not before it."""
    items.sort(key=lambda item: item.get_closest_marker("corpus") is None)


def pytest_addoption(parser):
    parser.addoption("--update-golden", action="store_true", help="show and write what tests/golden expects")


def absent(reason):
    """Skip for something that this machine lacks; with CI=true that is a failure, so that CI tests everything."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"not skipped because CI=true: {reason}")
    pytest.skip(reason)


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    """Refuse every connection that leaves the process, those of Unix sockets aside."""
    connect = socket.socket.connect

    def refuse(self, address):
        if self.family == getattr(socket, "AF_UNIX", None):
            return connect(self, address)
        raise AssertionError(f"a test tried to connect to {address}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)


@pytest.fixture(scope="session")
def run_build():
    """Run build.py of the checkout as a user does; gives the finished process, whatever its exit status."""

    def run(*arguments, **environment):
        return subprocess.run(
            [sys.executable, PROJECT / "build.py", *map(str, arguments)],
            cwd=PROJECT,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def build_once(tmp_path_factory, run_build):
    """Build a site once for all processes of a test run; tests read it and never write into it."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def build(name, *arguments):
        folder = shared / f"built-{name}"
        told = folder / "told"
        try:
            folder.mkdir()
        except FileExistsError:
            end = time.monotonic() + BUILD_PATIENCE
            while not told.exists():
                assert time.monotonic() < end, "the process that builds the site does not come to its end"
                time.sleep(0.1)
        else:
            process = run_build("-q", "--output", folder / "site", *arguments)
            (folder / "telling").write_text(f"{process.stderr}failed" if process.returncode else "", "utf-8")
            (folder / "telling").replace(told)
        assert told.read_text("utf-8") == ""
        return folder / "site"

    return build


@pytest.fixture(scope="session")
def sample_site(build_once):
    """The site of the sample archive."""
    return build_once("sample")


@pytest.fixture(scope="session")
def labelled_site(corpus, build_once):
    """The site of the labelled articles."""
    return build_once("labelled", "--content", corpus / "dev" / "raw")


@pytest.fixture(scope="session")
def chromium(tmp_path_factory):
    """One Chromium for all tests of a process, since starting it takes longest."""
    from browser import Browser, find_browser  # noqa: PLC0415 - not every system has its pipes

    program = find_browser()
    if not program:
        absent("no Chromium on this machine")
    browser = Browser(program, str(tmp_path_factory.mktemp("profile")))
    yield browser
    browser.close()


@pytest.fixture
def browser(chromium):
    """The browser without a tab; those that a test opens are closed behind it."""
    yield chromium
    chromium.close_pages()


@pytest.fixture(scope="session")
def corpus():
    """Folder of the labelled articles, which belong to their publishers and live beside the project."""
    folder = PROJECT.parent / "shared" / "corpus"
    if not folder.is_dir():
        absent("the labelled corpus is not beside the project (../shared/corpus)")
    return folder
