import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from conftest import PROJECT
from newsarchive.guards import Failure
from newsarchive.workers import FEW, Beside, can_fork, map_inputs

MANY = list(range(FEW + 10))


def double(number):
    return number * 2


def fail_on_three(number):
    if number == 3:
        raise ValueError("three is not taken")
    return number


def recurse_on_three(number):
    return recurse_on_three(number) if number == 3 else number


def no_memory_on_three(number):
    if number == 3:
        raise MemoryError
    return number


def die_on_three(number):
    if number == 3:
        os._exit(9)
    return number


def spin(seconds):
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass
    return seconds


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_the_order_of_the_inputs(workers):
    assert list(map_inputs(double, MANY, workers)) == [number * 2 for number in MANY]


@pytest.mark.parametrize("workers", [1, 2])
def test_an_input_that_fails_leaves_a_failure_in_its_place(workers):
    results = list(map_inputs(fail_on_three, MANY, workers))
    assert results[3] == Failure("ValueError: three is not taken")
    assert [*results[:3], *results[4:]] == [*MANY[:3], *MANY[4:]]


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("is_bounded", [True, False])
def test_what_grows_with_the_archive_is_not_bounded(monkeypatch, workers, is_bounded):
    monkeypatch.setattr("newsarchive.guards.SECONDS", 0.05)
    results = list(map_inputs(spin, [0.2, 0.2], workers, is_bounded=is_bounded))
    assert [isinstance(result, Failure) for result in results] == [is_bounded, is_bounded]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_process_is_guarded_again_after_it_tripped(monkeypatch, workers):
    monkeypatch.setattr("newsarchive.guards.SECONDS", 0.03)
    before = signal.getsignal(signal.SIGPROF)
    results = list(map_inputs(spin, [0.2, 0] * 6, workers))
    assert [isinstance(result, Failure) and result.tripped for result in results] == [True, False] * 6
    assert signal.getsignal(signal.SIGPROF) == before


@pytest.mark.parametrize("function", [recurse_on_three, no_memory_on_three])
def test_endless_recursion_and_want_of_memory_are_failures_of_one_input(function):
    results = list(map_inputs(function, [2, 3, 4], 1))
    assert isinstance(results[1], Failure)
    assert (results[0], results[2]) == (2, 4)


def test_a_process_that_dies_spoils_no_other_result():
    results = list(map_inputs(die_on_three, MANY, 2))
    assert isinstance(results[3], Failure)
    assert [*results[:3], *results[4:]] == [*MANY[:3], *MANY[4:]]


def test_a_single_page_stays_in_this_process_and_a_single_file_does_not():
    """A file is begun at once, while what is remembered of the others is read here."""
    assert set(map_inputs(lambda _: os.getpid(), [1], 8, is_bounded=False)) == {os.getpid()}
    assert (os.getpid() in set(map_inputs(lambda _: os.getpid(), [1], 8))) is not can_fork()


def test_no_inputs_give_no_results():
    assert list(map_inputs(double, [], 2)) == []


def test_few_results_wait_however_slowly_they_are_taken(tmp_path):
    inputs = [tmp_path / str(number) for number in range(600)]
    results = map_inputs(touch, inputs, 2)
    for _ in itertools.islice(results, 5):
        time.sleep(0.1)
    begun = len(list(tmp_path.iterdir()))
    assert 5 <= begun <= 16 * (2 * 4 + 2), "what is under way, what waits, and what is being taken"
    assert len(list(results)) == len(inputs) - 5


def touch(path):
    path.touch()
    return path.name


FORKS = pytest.mark.skipif(not can_fork(), reason="no process can be forked here")


@FORKS
def test_a_call_beside_gives_its_result_from_a_process_of_its_own():
    threads = threading.active_count()
    beside = Beside(lambda: (os.getpid(), "样例"))
    process, told = beside.result()
    assert told == "样例"
    assert process != os.getpid()
    assert threading.active_count() == threads, "a thread started here would keep others from being forked"
    beside.end()


@FORKS
@pytest.mark.parametrize(
    ("function", "told"),
    [(lambda: fail_on_three(3), "ValueError: three is not taken"), (lambda: die_on_three(3), "its process ended")],
)
def test_a_call_beside_that_fails_or_dies_is_a_failure(function, told):
    beside = Beside(function)
    result = beside.result()
    beside.end()
    assert isinstance(result, Failure)
    assert told in result.message


@FORKS
def test_a_call_beside_can_be_ended():
    before = children_of(os.getpid())
    beside = Beside(lambda: time.sleep(600))
    assert len(children_of(os.getpid())) == len(before) + 1
    beside.end()
    assert children_of(os.getpid()) == before


STOPPED = """
import os, signal, sys, threading
from newsarchive.workers import Beside, map_inputs

def stop(*_):
    raise KeyboardInterrupt

signal.signal(signal.SIGTERM, stop)
os.register_at_fork(after_in_parent=lambda: os.kill(os.getpid(), signal.SIGTERM))
try:
    {call}
except KeyboardInterrupt:
    print("stopped")
"""


@FORKS
@pytest.mark.parametrize("call", ["Beside(int)", "list(map_inputs(str, range(100), 2))"])
def test_a_signal_that_comes_while_processes_are_forked_is_not_lost(call):
    """Seen to fail where signals are not held back: Python tells of the interrupt, and goes on."""
    script = STOPPED.format(call=call)
    process = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert process.stdout == "stopped\n", process.stderr


ABANDONED = """
import sys, time
from newsarchive.workers import map_inputs

def linger(number):
    time.sleep(0.1)
    return open("/proc/self/stat").read().split()[0]

for process in map_inputs(linger, range(1000), 2):
    print(process, flush=True)
"""


ABANDONED_BESIDE = """
import os, time
from newsarchive.workers import Beside

def told():
    print(os.getpid(), flush=True)
    time.sleep(600)

besides = [Beside(told), Beside(told)]
besides[0].result()
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for processes where Linux tells of them")
@pytest.mark.parametrize("code", [ABANDONED, ABANDONED_BESIDE], ids=["pool", "beside"])
def test_no_process_outlives_a_build_that_is_killed(code):
    """They would keep its memory, and its locks, for ever."""
    environment = os.environ | {"PYTHONPATH": str(PROJECT / "src")}
    with subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True) as build:
        build.stdout.readline()
        build.stdout.readline()
        processes = children_of(build.pid)
        build.send_signal(signal.SIGKILL)
    assert len(processes) == 2
    end = time.monotonic() + 30
    while any(map(is_running, processes)):
        assert time.monotonic() < end, "a process waits for work that never comes"
        time.sleep(0.05)


def children_of(process):
    return Path(f"/proc/{process}/task/{process}/children").read_text("ascii").split()


def is_running(process):
    try:
        return Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
