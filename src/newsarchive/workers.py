"""One pure function over many inputs, here or in processes; results in the order of the inputs."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any, Generic, TypeVar, cast

Input = TypeVar("Input")
"""What the function takes."""
Output = TypeVar("Output")
"""What it gives."""

FEW = 64
"""Below so many inputs, starting processes costs more time than it saves."""
_CHUNK = 16


@dataclass(frozen=True, slots=True)
class Failure:
    """What one input ended in instead of a result."""

    message: str
    """Name and message of the exception."""


def map_inputs(
    function: Callable[[Input], Output], inputs: Sequence[Input], workers: int
) -> Iterator[Output | Failure]:
    """Apply a function to each input; one that raises leaves a `Failure` in its place, the others go on.

    With more than one worker the function, its inputs and results must be picklable. A process that
    dies (out of memory, killed) spoils no other result: the inputs around it are done again one by one.
    """
    guarded = _Guarded(function)
    if workers < 2 or len(inputs) < FEW:
        return map(guarded, inputs)
    return _in_processes(guarded, inputs, workers)


@dataclass(frozen=True, slots=True)
class _Guarded(Generic[Input, Output]):
    """The function with its exceptions turned into values; a class since processes cannot take closures."""

    function: Callable[[Input], Output]

    def __call__(self, value: Input) -> Output | Failure:
        try:
            return self.function(value)
        except Exception as error:  # noqa: BLE001  one input, whatever it holds, never stops the others
            return Failure(f"{type(error).__name__}: {error}".rstrip(": "))


_installed: list[_Guarded[Any, Any]] = []
"""The function, in a worker process only: sent once for each process, since a rule book is large."""


def _in_processes(
    function: _Guarded[Input, Output], inputs: Sequence[Input], workers: int
) -> Iterator[Output | Failure]:
    done = 0
    while done < len(inputs):
        try:
            for result in _pooled(function, inputs[done:], workers):
                yield result
                done += 1
        except BrokenProcessPool:  # one of the next inputs ended its process, and it is not known which
            alone = inputs[done : done + _CHUNK]
            for value in alone:
                result = _alone(function, value)
                yield result
            done += len(alone)


def _pooled(function: _Guarded[Input, Output], inputs: Sequence[Input], workers: int) -> Iterator[Output | Failure]:
    with _pool(function, workers) as pool:
        yield from cast("Iterator[Output | Failure]", pool.map(_run, inputs, chunksize=_CHUNK))


def _alone(function: _Guarded[Input, Output], value: Input) -> Output | Failure:
    try:
        with _pool(function, 1) as pool:
            return cast("Output | Failure", pool.submit(_run, value).result())
    except BrokenProcessPool:
        return Failure("its process ended without a result")


def _pool(function: _Guarded[Input, Output], workers: int) -> ProcessPoolExecutor:
    """Start processes afresh rather than by forking, which may hang beside the thread that draws the progress."""
    return ProcessPoolExecutor(workers, get_context("spawn"), initializer=_install, initargs=(function,))


def _install(function: _Guarded[Any, Any]) -> None:
    _installed[:] = [function]


def _run(value: object) -> object:
    return _installed[0](value)
