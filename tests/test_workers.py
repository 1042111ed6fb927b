import os

import pytest

from newsarchive.guards import Failure
from newsarchive.workers import FEW, map_inputs

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


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_the_order_of_the_inputs(workers):
    assert list(map_inputs(double, MANY, workers)) == [number * 2 for number in MANY]


@pytest.mark.parametrize("workers", [1, 2])
def test_an_input_that_fails_leaves_a_failure_in_its_place(workers):
    results = list(map_inputs(fail_on_three, MANY, workers))
    assert results[3] == Failure("ValueError: three is not taken")
    assert [*results[:3], *results[4:]] == [*MANY[:3], *MANY[4:]]


@pytest.mark.parametrize("function", [recurse_on_three, no_memory_on_three])
def test_endless_recursion_and_want_of_memory_are_failures_of_one_input(function):
    results = list(map_inputs(function, [2, 3, 4], 1))
    assert isinstance(results[1], Failure)
    assert (results[0], results[2]) == (2, 4)


def test_a_process_that_dies_spoils_no_other_result():
    results = list(map_inputs(die_on_three, MANY, 2))
    assert isinstance(results[3], Failure)
    assert [*results[:3], *results[4:]] == [*MANY[:3], *MANY[4:]]


def test_a_single_input_stays_in_this_process():
    assert set(map_inputs(lambda _: os.getpid(), [1], 8)) == {os.getpid()}


def test_no_inputs_give_no_results():
    assert list(map_inputs(double, [], 2)) == []
