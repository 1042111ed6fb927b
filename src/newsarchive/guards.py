"""Time and memory that one file may take: guards against what no count foresaw, never a measure of what is published.

Another machine is faster or slower, so a file that trips a guard is told as such, is not remembered, and fails the
build. Time is processor time, so that a busy machine trips nothing. Where the system has no such limits (Windows),
there are none.
"""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Generic, NoReturn, TypeVar

Input = TypeVar("Input")
"""What a function takes."""
Output = TypeVar("Output")
"""What it gives."""

SECONDS = 10
"""Seconds of processor time that one file may take."""
GRACE = 2
"""Seconds after which a process that does not heed its alarm, deep in a library, is ended by the system."""
MEMORY = 500_000_000
"""Bytes that a process may take while it prepares files, beside what it began with."""


class GuardTripped(Exception):
    """One file took more time or memory than any article should."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What one input ended in instead of a result."""

    message: str
    """Name and message of the exception."""
    tripped: bool = False
    """True where a guard ended it, of time or memory: another machine might give a result."""


@dataclass(frozen=True, slots=True)
class Guarded(Generic[Input, Output]):
    """A function with its exceptions turned into values; a class since processes cannot take closures."""

    function: Callable[[Input], Output]
    is_own_process: bool = False
    """True where nothing is lost with the process that calls it."""
    is_bounded: bool = True
    """False where time and memory grow with the archive, and no single file is to blame."""

    def __call__(self, value: Input) -> Output | Failure:
        """Apply the function to one input within the guards."""
        try:
            with guarded(is_own_process=self.is_own_process) if self.is_bounded else nullcontext():
                return self.function(value)
        except GuardTripped as tripped:
            return Failure(str(tripped), tripped=True)
        except Exception as error:  # noqa: BLE001  one input, whatever it holds, never stops the others
            return Failure(f"{type(error).__name__}: {error}".rstrip(": "))


@contextmanager
def guarded(*, is_own_process: bool) -> Iterator[None]:
    """Bound the time of what is done inside; in a process of its own the system ends it where nothing else can.

    Raises:
        GuardTripped: it took too long, or the memory did not suffice.
    """
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = None
    if is_own_process:
        _take_alarms()
        _bound_time()
    else:
        before = signal.signal(signal.SIGPROF, _trip)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    except MemoryError:
        raise GuardTripped(f"took more than {MEMORY // 1_000_000} MB of memory") from None
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        if not is_own_process:
            signal.signal(signal.SIGPROF, before)


def bound_memory() -> None:
    """Bound the memory of this process, which prepares files and nothing else."""
    if not sys.platform.startswith("linux"):
        return
    import resource  # noqa: PLC0415  Windows has none

    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    with suppress(ValueError, OSError):  # a lower bound was set from outside, and holds
        resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MEMORY, resource.RLIM_INFINITY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


@cache
def _take_alarms() -> None:
    """Heed alarms from now on; doing so for each file takes longer than the rest of the guard."""
    signal.signal(signal.SIGPROF, _trip)


def _bound_time() -> None:
    import resource  # noqa: PLC0415  Windows has none

    usage = resource.getrusage(resource.RUSAGE_SELF)
    _, hardest = resource.getrlimit(resource.RLIMIT_CPU)
    with suppress(ValueError, OSError):
        spent = int(usage.ru_utime + usage.ru_stime) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (spent + int(SECONDS + GRACE), hardest))


def _trip(*_: object) -> NoReturn:
    raise GuardTripped(f"took more than {SECONDS} seconds")
