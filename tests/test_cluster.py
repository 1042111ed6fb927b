"""A cluster prepares articles as one machine does, and a machine that sees something else takes no part."""

import os
import pickle
import sys

import pytest

from newsarchive import cluster, guards
from newsarchive.cluster import Refusal, run_chunk
from newsarchive.guards import Failure


def doubler():
    return double


def double(number):
    sys.stdout.write("what a library prints is no answer")
    return number * 2


def fussy():
    guards.SECONDS, guards.GRACE = 0.5, 0
    guards.MEMORY = 200_000_000
    return fail


def fail(fault):
    if fault == "endless":
        while True:
            pass
    if fault == "deaf":
        sum(__import__("itertools").repeat(1))
    if fault == "large":
        return bytearray(400_000_000)
    if fault == "dead":
        os._exit(9)
    if fault == "wrong":
        raise ValueError("this is wrong")
    return os.getpid()


def broken():
    raise ValueError("no rules")


def results(load, *inputs):
    packed = pickle.dumps([pickle.dumps(value) for value in inputs])
    return [pickle.loads(answer) for answer in run_chunk(pickle.dumps(load), packed)]  # noqa: S301  our own


@pytest.fixture(autouse=True)
def _no_process_stays():
    yield
    while cluster.idle:
        cluster.idle.pop().end()


def test_a_thread_of_a_worker_keeps_its_process():
    first, second = results(fussy, "", ""), results(fussy, "")
    assert len({*first, *second}) == 1
    assert first[0] != os.getpid()


def test_another_build_gets_another_process():
    before = results(fussy, "")
    assert results(doubler, 1, 2) == [2, 4]
    assert results(fussy, "") != before
    assert len(cluster.idle) == 1


FAULTS = {
    "wrong": Failure("ValueError: this is wrong"),
    "dead": Failure("its process ended without a result", tripped=True),
    "endless": Failure("took more than 0.5 seconds", tripped=True),
    "large": Failure("took more than 200 MB of memory", tripped=True),
}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are bounded on Linux alone")
def test_the_guards_hold_on_a_worker_and_cost_one_input_each():
    told = results(fussy, *(each for fault in FAULTS for each in (fault, "")))
    assert told[::2] == list(FAULTS.values())
    assert all(isinstance(each, int) for each in told[1::2])


@pytest.mark.long
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are bounded on Linux alone")
def test_a_process_that_heeds_no_alarm_is_ended():
    told = results(fussy, "deaf", "")
    assert told[0] == Failure("its process ended without a result", tripped=True)
    assert isinstance(told[1], int)


def test_a_machine_that_cannot_begin_refuses():
    [refusal, *_] = results(broken, 1)
    assert isinstance(refusal, Refusal)
    assert "no rules" in refusal.finding
