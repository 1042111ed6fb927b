"""A real cluster: one scheduler and two workers on this machine, of which one is killed half-way."""

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time

import pytest

from conftest import PROJECT, absent
from factory import make_folder, markdown, tree
from newsarchive.cli import main

FILES = 300
PATIENCE = 300
"""Seconds that a cluster has to start, and a build to end."""
ENVIRONMENT = os.environ | {
    "PYTHONPATH": os.pathsep.join([str(PROJECT / "src"), str(PROJECT / "tests")]),
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
}
KILLING = """
import os, signal, sys, time
from pathlib import Path
import psutil
from newsarchive.pipeline import build
from newsarchive.settings import load_settings

worker = psutil.Process(int(sys.argv[3]))
family = []

def progress(step, done, total):
    if step == "reading articles" and done >= total // 2 and not family:
        family.extend([worker, *worker.children(recursive=True)])
        worker.send_signal(signal.SIGKILL)

build(load_settings(Path("site.yaml"), workers=sys.argv[1], output=Path(sys.argv[2])), progress)
assert len(family) > 1, "the worker had no process of its own"
gone, left = psutil.wait_procs(family[1:], timeout=30)
assert not left, f"processes outlive their worker: {left}"
"""
POISON = """
import sys
from test_dask import poisonous
from newsarchive.cluster import map_on_cluster
for result in map_on_cluster(poisonous, range(40), sys.argv[1]):
    print(result if isinstance(result, int) else [result.message, result.tripped])
"""
OTHER_CODE = """
import sys
from newsarchive import elsewhere
from newsarchive.cli import main
of_this_machine = elsewhere.parts_of_articles
elsewhere.parts_of_articles = lambda settings: of_this_machine(settings) | {"code": b"another version"}
sys.exit(main(["build", "-q", "--no-cache", "--workers", sys.argv[1]]))
"""
NOBODY = """
import sys
from newsarchive import cluster
from newsarchive.cli import main
cluster.CONNECTING = 1
sys.exit(main(["build", "-q", "--no-cache", "--workers", "dask:tcp://127.0.0.1:9"]))
"""


def poisonous():
    """Load a function that ends its worker at one input."""
    return die_with_worker_at_three


def die_with_worker_at_three(number):
    if number == 3:
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(10)
    return number


def need_dask():
    if importlib.util.find_spec("distributed") is None:
        absent("Dask is not installed (the extra `dask`)")


def run(script, *arguments, folder):
    return subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)],
        cwd=folder,
        env=ENVIRONMENT,
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )


@pytest.fixture
def archive(tmp_path):
    return make_folder(tmp_path / "archive", {"a.md": markdown(1)})


def test_a_cluster_without_its_extra_says_what_to_install(archive, monkeypatch, capsys):
    monkeypatch.chdir(archive)
    monkeypatch.setitem(sys.modules, "dask", None)
    assert main(["build", "-q", "--no-cache", "--workers", "dask:tcp://127.0.0.1:9"]) == 2
    assert "newsarchive[dask]" in capsys.readouterr().err
    assert not (archive / "site").exists()


@pytest.mark.long
def test_a_scheduler_that_does_not_answer_ends_the_build_soon(archive):
    need_dask()
    ended = run(NOBODY, folder=archive)
    assert ended.returncode == 1
    assert ended.stderr.startswith("tcp://127.0.0.1:9: no scheduler answers")
    assert len(ended.stderr.splitlines()) == 1
    assert not (archive / "site").exists()


class Cluster:
    """A scheduler, a worker that stays dead once it is killed, and one that is started again."""

    def __init__(self, folder):
        self.processes = []
        file = folder / "scheduler.json"
        self.start(folder, "scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", file)
        end = time.monotonic() + PATIENCE
        while not file.exists():
            assert time.monotonic() < end, "the scheduler does not start"
            time.sleep(0.1)
        self.address = "dask:" + json.loads(file.read_text("utf-8"))["address"]
        worker = ("worker", self.address.removeprefix("dask:"), "--nthreads", "1", "--local-directory", folder)
        self.mortal = self.start(folder, *worker, "--no-nanny")
        self.start(folder, *worker)

    def start(self, folder, *arguments):
        command = [sys.executable, "-m", "dask", *map(str, arguments), "--no-dashboard"]
        with (folder / "log").open("a") as log:
            process = subprocess.Popen(command, cwd=folder, env=ENVIRONMENT, stdout=log, stderr=log)
        self.processes.append(process)
        return process

    def stop(self):
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    need_dask()
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    yield cluster
    cluster.stop()


@pytest.mark.long
def test_one_process_several_and_a_cluster_give_the_same_site(cluster, tmp_path, run_build):
    files = {f"{number % 7}/{number}.md": markdown(number, f"2024-11-{number % 28 + 1:02}") for number in range(FILES)}
    folder = make_folder(tmp_path / "archive", files)
    trees = []
    for workers in ("1", "2"):
        built = run_build("--config", folder / "site.yaml", "--no-cache", "-q", "--workers", workers)
        assert built.returncode == 0, built.stderr
        trees.append(tree(folder / "site"))
    ended = run(KILLING, cluster.address, tmp_path / "clustered", cluster.mortal.pid, folder=folder)
    assert ended.returncode == 0, ended.stderr
    assert cluster.mortal.wait(10) == -signal.SIGKILL
    assert trees[0] == trees[1] == tree(tmp_path / "clustered")


@pytest.mark.long
def test_a_machine_with_other_code_ends_the_build_and_the_old_site_stays(cluster, archive):
    (archive / "site").mkdir()
    ended = run(OTHER_CODE, cluster.address, folder=archive)
    assert ended.returncode == 1
    assert "has other code than this machine" in ended.stderr
    assert list((archive / "site").iterdir()) == []


@pytest.mark.long
def test_an_input_of_which_workers_die_is_told_apart_from_the_others(cluster, tmp_path):
    ended = run(POISON, cluster.address.removeprefix("dask:"), folder=tmp_path)
    expected = [str(number) for number in range(40)]
    expected[3] = str(["ended every worker that prepared it", True])
    assert ended.stdout.splitlines() == expected, ended.stderr
