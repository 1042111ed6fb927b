"""One pure function over many inputs, here or in processes; results in the order of the inputs."""

import ctypes
import gc
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import replace
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, cast

from newsarchive.guards import Failure, Guarded, Input, Output, bound_memory

FEW = 64
"""Below so many inputs, starting processes afresh costs more time than it saves."""
_FEW_FORKED = {True: 1, False: 2}
"""The same where processes are forked: a file is prepared in one, since there is much else to do meanwhile."""
_CHUNK = 16
_AHEAD = 4
_STOPS = (signal.SIGINT, signal.SIGTERM)


def map_inputs(
    function: Callable[[Input], Output], inputs: Sequence[Input], workers: int, *, is_bounded: bool = True
) -> Iterator[Output | Failure]:
    """Apply a function to each input; one that raises leaves a `Failure` in its place, the others go on.

    With more than one worker inputs and results must be picklable, and the function too where processes cannot be
    forked. A process that dies (out of memory, killed) spoils no other result: the inputs around it are done
    again one by one. Few results wait at a time, however slowly they are taken. `is_bounded` is that of `Guarded`.
    """
    shielded = Guarded(function, is_bounded=is_bounded)
    few = _FEW_FORKED[is_bounded] if can_fork() else FEW
    if workers < 2 or len(inputs) < few:
        return map(shielded, inputs)
    return _in_processes(shielded, inputs, workers)


def can_fork() -> bool:
    """Tell whether processes can share what this one holds: where the system forks safely, and no other thread runs.

    A lock that another thread held at the moment would stay locked in the new process for ever.
    """
    return sys.platform.startswith("linux") and threading.active_count() == 1


@contextmanager
def _unstopped() -> Iterator[None]:
    """Hold back what stops a build while processes are forked: Python loses what is raised in its calls around that."""
    if not can_fork():
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Beside(Generic[Output]):
    """One call in a process that is forked here, while this one goes on; state, since it holds the process.

    No thread is started for it here, so that others can be forked meanwhile. What it opened before is its own there,
    what it gives must be picklable.
    """

    def __init__(self, function: Callable[[], Output]) -> None:
        """Begin; `can_fork` is to be asked before."""
        _ready_to_fork()
        context = get_context("fork")
        self._receiver, sender = context.Pipe(duplex=False)
        self._process = context.Process(target=_tell, args=(function, sender), daemon=True)
        with _unstopped():
            self._process.start()
        sender.close()

    def result(self) -> Output | Failure:
        """Wait for what it gives; a `Failure` where it raised or its process ended."""
        try:
            return cast("Output | Failure", self._receiver.recv())
        except (EOFError, OSError):  # it may end in the midst of telling
            return Failure("its process ended without a result", tripped=True)

    def end(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.join()
        self._receiver.close()


def apart(function: Callable[[], Output]) -> Output:
    """Call a function in a process that ends with it, so that what it loads goes with it.

    It is called here where no process can be forked, or where it fails there.
    """
    if not can_fork():
        return function()
    beside = Beside(function)
    try:
        result = beside.result()
    finally:
        beside.end()
    return function() if isinstance(result, Failure) else result


def _tell(function: Callable[[], object], sender: Connection) -> None:
    for number in _STOPS:  # the one that forked this hears them too, and ends it
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    told: Guarded[None, object] = Guarded(lambda _: function(), is_bounded=False)
    sender.send(told(None))


_installed: list[Guarded[Any, Any]] = []
"""The function, in a worker process only: sent once for each process, since a rule book is large."""


def _in_processes(
    function: Guarded[Input, Output], inputs: Sequence[Input], workers: int
) -> Iterator[Output | Failure]:
    """Begin at once, and give the results as they are taken."""
    chunks = _cut(inputs, workers)
    workers = min(workers, len(chunks))
    return _with_losses(function, chunks, _begun(function, chunks, workers), workers)


def _cut(inputs: Sequence[Input], workers: int) -> list[Sequence[Input]]:
    """Part the inputs, few of them into single ones, so that no worker has all the work."""
    size = max(1, min(_CHUNK, len(inputs) // (workers * _AHEAD)))
    return [inputs[start : start + size] for start in range(0, len(inputs), size)]


def _with_losses(
    function: Guarded[Input, Output],
    chunks: Sequence[Sequence[Input]],
    running: Iterator[list[Output | Failure]],
    workers: int,
) -> Iterator[Output | Failure]:
    done = 0
    while done < len(chunks):
        try:
            for results in running:
                done += 1
                yield from results
        except BrokenProcessPool:  # one of the next inputs ended its process, and it is not known which
            for value in chunks[done]:
                result = _alone(function, value)
                yield result
            done += 1
            running = _begun(function, chunks[done:], workers)


def _begun(
    function: Guarded[Input, Output], chunks: Sequence[Sequence[Input]], workers: int
) -> Iterator[list[Output | Failure]]:
    running = _pooled(function, chunks, workers)
    next(running)
    return cast("Iterator[list[Output | Failure]]", running)


def _pooled(
    function: Guarded[Input, Output], chunks: Sequence[Sequence[Input]], workers: int
) -> Iterator[list[Output | Failure] | None]:
    """Give chunks to a pool, a few ahead of what is taken; say with a first None that it has begun."""
    with _pool(function, workers) as pool:
        ahead = workers * _AHEAD
        waiting: deque[Future[list[object]]] = deque()
        # The first that is given to a pool forks all its processes; one may be dead before the last is given.
        with suppress(BrokenProcessPool), _unstopped():
            waiting.extend(pool.submit(_run_all, chunk) for chunk in chunks[:ahead])
        yield None
        for number in range(len(chunks)):
            if not waiting:
                raise BrokenProcessPool
            yield cast("list[Output | Failure]", waiting.popleft().result())
            if number + ahead < len(chunks):
                waiting.append(pool.submit(_run_all, chunks[number + ahead]))


def _alone(function: Guarded[Input, Output], value: Input) -> Output | Failure:
    try:
        with _pool(function, 1) as pool:
            with _unstopped():
                running = pool.submit(_run, value)
            return cast("Output | Failure", running.result())
    except BrokenProcessPool:
        return Failure("its process ended without a result", tripped=True)


def _pool(function: Guarded[Input, Output], workers: int) -> ProcessPoolExecutor:
    """Start processes: forked where they can be, since they then have all that this one has read, else afresh."""
    forks = can_fork()
    if forks:
        _ready_to_fork()
    context = get_context("fork" if forks else "spawn")
    return ProcessPoolExecutor(workers, context, initializer=_install, initargs=(function,))


def _ready_to_fork() -> None:
    """Make what processes will share as small as it is, and let no collector walk over it, which would copy all."""
    gc.freeze()
    with suppress(OSError, AttributeError):  # the C library of GNU alone keeps so much of what was freed
        ctypes.CDLL(None).malloc_trim(0)


def _install(function: Guarded[Any, Any]) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _installed[:] = [replace(function, is_own_process=True)]
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)
    if function.is_bounded:
        bound_memory()


def _end_with_parent() -> None:
    """End this process once the one that asks it is gone: it would wait for ever, and keep the locks of a build."""
    parent = parent_process()
    if parent:
        wait([parent.sentinel])
        os._exit(1)


def _run(value: object) -> object:
    return _installed[0](value)


def _run_all(values: Sequence[object]) -> list[object]:
    return [_run(value) for value in values]
