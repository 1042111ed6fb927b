"""One function over many inputs on a Dask cluster; results in the order of the inputs.

A worker of Dask calls functions in threads, where no guard on time and memory holds: a process may hold an alarm and
a bound, a thread may not. So every thread of a worker hands its inputs to a process of its own, which loads once what
the function needs, is guarded as the processes of this machine are, and takes nothing with it when it ends but the
input that ended it. Whoever reaches a scheduler can run code on its workers: that is Dask's way, and for its network
to keep.
"""

import os
import pickle
import platform
import select
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

from newsarchive.errors import ClusterError, SettingsError
from newsarchive.guards import Failure, Guarded, Input, Output, bound_memory

CONNECTING = 5
"""Seconds that a scheduler has to answer."""
JOINING = 20
"""Seconds that a first worker has to join it."""
DESERTED = 60
"""Seconds without any worker after which nobody is waited for any more."""
PATIENCE = 900
"""Seconds without any result after which a build ends: a worker may hang where no guard reaches, in a lost folder."""
IDLE = 60
"""Seconds after which a process that nothing is asked of ends."""
_CHUNK = 32
_AHEAD = 4
_LOOK = 5
_ASKING = 30
_SAME = "install the same version of everything on the scheduler and on every worker, and start them anew"
_PROGRAM = "import sys; sys.path[:] = {path!r}; from newsarchive.cluster import serve; serve()"
_READY = b"ready"
_ENDED = pickle.dumps(Failure("its process ended without a result", tripped=True))


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a function gives for an input that its machine must not work on; it ends the build."""

    finding: str
    remedy: str
    machine: str = ""
    """Name of the machine that refuses."""


def map_on_cluster(
    load: Callable[[], Callable[[Input], Output | Refusal]], inputs: Iterable[Input], address: str
) -> Iterator[Output | Failure]:
    """Apply a function to each input on the workers of a scheduler; one that raises leaves a `Failure` in its place.

    `load` is pickled and called once in every process of the cluster, and gives the function. A worker that dies
    costs time: what it had is done again elsewhere. Inputs that workers die of again and again are told apart one by
    one, and end in a `Failure`. Few results wait at a time, however slowly they are taken.

    Raises:
        SettingsError: Dask is not installed.
        ClusterError: the scheduler cannot be reached, its workers are gone, or a machine must not take part.
    """
    with _connected(address) as client:
        cluster = _Cluster(client, address, pickle.dumps(load))
        waiting: deque[tuple[Sequence[Input], Any]] = deque()
        rest = iter(inputs)
        while chunk := tuple(islice(rest, _CHUNK)):
            waiting.append((chunk, cluster.submit(chunk)))
            while len(waiting) >= cluster.room:
                yield from cluster.results(*waiting.popleft())
        while waiting:
            yield from cluster.results(*waiting.popleft())


class _Cluster:
    """A connection to a scheduler: state, since it follows how many workers there are."""

    def __init__(self, client: Any, address: str, loading: bytes) -> None:  # noqa: ANN401  Dask is loaded late
        self._client = client
        self._address = address
        self._loading = loading
        self._until_counted = 0
        self._room = 0

    @property
    def room(self) -> int:
        """Number of chunks that may be under way: a few for each thread, counted anew from time to time."""
        self._until_counted -= 1
        if self._until_counted < 0:
            with self._reached():
                self._room = max(1, _AHEAD * self._count_threads())
            self._until_counted = self._room
        return self._room

    def submit(self, values: Sequence[object]) -> Any:  # noqa: ANN401
        """Hand some inputs over; gives the future of their results."""
        with self._reached():
            packed = pickle.dumps([pickle.dumps(value) for value in values])
            return self._client.submit(run_chunk, self._loading, packed, pure=False)

    def results(self, values: Sequence[object], future: Any) -> Iterator[Any]:  # noqa: ANN401
        """Wait for the results of some inputs, one by one where their workers died of one of them."""
        answers = self._wait(future)
        if answers is not None:
            yield from map(self._read, answers)
        elif len(values) == 1:
            yield Failure("ended every worker that prepared it", tripped=True)
        else:
            alone = [((value,), self.submit((value,))) for value in values]
            for pair in alone:
                yield from self.results(*pair)

    def _read(self, answer: bytes) -> object:
        result = pickle.loads(answer)  # noqa: S301  whoever could forge it could run code on the cluster anyway
        if isinstance(result, Refusal):
            raise ClusterError(self._address, f"{result.machine or 'a worker'} {result.finding}", result.remedy)
        return result

    def _wait(self, future: Any) -> Sequence[bytes] | None:  # noqa: ANN401
        """Give the answers of a chunk; None where its workers died of it."""
        from distributed import KilledWorker  # noqa: PLC0415

        deserted = 0
        for _ in range(PATIENCE // _LOOK):
            with self._reached():
                try:
                    answers: Sequence[bytes] = future.result(timeout=_LOOK)
                    return answers
                except TimeoutError:
                    deserted = 0 if self._count_threads() else deserted + _LOOK
                except KilledWorker:
                    return None
            if deserted >= DESERTED:
                finding, remedy = f"has had no worker for {deserted} s", "see the logs of those that ended; start some"
                raise ClusterError(self._address, finding, remedy)
        raise ClusterError(self._address, f"gave no result in {PATIENCE} s", "look into the logs of its workers")

    def _count_threads(self) -> int:
        return sum(self._client.nthreads(callback_timeout=_ASKING).values())

    @contextmanager
    def _reached(self) -> Iterator[None]:
        """Tell of a scheduler that is gone, and of one that cannot do what is asked, in our words."""
        from asyncio import CancelledError  # noqa: PLC0415
        from concurrent.futures import CancelledError as Cancelled  # noqa: PLC0415

        try:
            yield
        except (CancelledError, Cancelled, OSError) as error:
            finding = f"went away during the build ({_first_line(error)})"
            raise ClusterError(
                self._address, finding, "build again: what the cache has is not prepared twice"
            ) from None
        except Exception as error:
            raise ClusterError(self._address, f"cannot do the work ({_first_line(error)})", _SAME) from error


@contextmanager
def _connected(address: str) -> Iterator[Any]:
    """Connect to a scheduler that has workers, for a while."""
    client_of = _find_client()
    try:
        client = client_of(address, timeout=CONNECTING, set_as_default=False)
    except (OSError, ValueError) as error:
        remedy = f"start it with `dask scheduler`, or correct --workers; {CONNECTING} s were waited"
        raise ClusterError(address, f"no scheduler answers ({_first_line(error)})", remedy) from None
    with client:
        try:
            client.wait_for_workers(1, timeout=JOINING)
        except TimeoutError:
            finding, remedy = f"no worker has joined in {JOINING} s", f"start workers with `dask worker {address}`"
            raise ClusterError(address, finding, remedy) from None
        yield client


def _find_client() -> Callable[..., Any]:
    try:
        import dask  # noqa: PLC0415  most builds have no cluster

        # A thread that outlives the client would keep the processes that make pages from being forked.
        dask.config.set({"distributed.comm.offload": False})
        from distributed import Client  # noqa: PLC0415
    except ImportError:
        finding = "a cluster needs dask.distributed, which is not installed"
        raise SettingsError("workers", finding, "install the extra: pip install 'newsarchive[dask]'") from None
    import logging  # noqa: PLC0415

    for name in ("distributed", "distributed.client", "tornado.application"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what matters is raised
    return Client


def _first_line(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error).strip() or 'no more is told'}".splitlines()[0]


def run_chunk(loading: bytes, packed: bytes) -> list[bytes]:
    """Give the pickled result of each input, on a worker; `packed` is a pickled list of pickled inputs.

    A process that ends without an answer is started again, and asked once more before its input is given up.
    """
    process = _take_process(loading)
    answers: list[bytes] = []
    try:
        for value in pickle.loads(packed):  # noqa: S301  Dask hands it over, which runs code anyway
            answer = process.ask(value)
            if answer is None:
                process = _anew(process)
                answer = process.ask(value)
            if answer is None:
                process = _anew(process)
            answers.append(answer or _ENDED)
    except _NotStarted as fault:
        return [pickle.dumps(Refusal(str(fault), _SAME, platform.node()))]
    idle.append(process)
    return answers


idle: "list[OwnProcess]" = []
"""Processes of a worker that wait for a chunk; as many as it has threads."""


class _NotStarted(Exception):
    """A process came to its end before it had loaded its function."""


class OwnProcess:
    """A process of its own that applies one function: state, since it stays while there is work."""

    def __init__(self, loading: bytes) -> None:
        """Start it; `loading` is the pickled function that loads the one to apply."""
        self.loading = loading
        command = [sys.executable, "-c", _PROGRAM.format(path=sys.path)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603  our own
        if self.ask(loading) != _READY:
            self.end()
            raise _NotStarted("cannot start a process that prepares articles")

    @property
    def is_there(self) -> bool:
        """False where it came to its end."""
        return self._process.poll() is None

    def ask(self, question: bytes) -> bytes | None:
        """Send a question and wait for its answer; None where the process came to its end instead."""
        assert self._process.stdin
        assert self._process.stdout
        with suppress(OSError, EOFError, pickle.UnpicklingError):
            pickle.dump(question, self._process.stdin)
            self._process.stdin.flush()
            answer = pickle.load(self._process.stdout)  # noqa: S301  our own process
            return answer if isinstance(answer, bytes) else None
        return None

    def end(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        with suppress(OSError, subprocess.TimeoutExpired):
            self._process.communicate(timeout=_LOOK)


def _take_process(loading: bytes) -> OwnProcess:
    """Take a process that waits, or start one; those of another build come to their end, their code may be old."""
    while idle:
        with suppress(IndexError):  # another thread was faster
            process = idle.pop()
            if process.loading == loading and process.is_there:
                return process
            process.end()
    return OwnProcess(loading)


def _anew(process: OwnProcess) -> OwnProcess:
    process.end()
    return OwnProcess(process.loading)


def serve() -> None:
    """Answer the questions of a worker, in a process of its own, until there are no more.

    The first is a pickled function that loads the one to apply; it is answered when that is done.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the worker is told, and ends this one
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no answer
    with suppress(EOFError, BrokenPipeError), answers:
        function = Guarded(_load(pickle.load(sys.stdin.buffer)), is_own_process=True)  # noqa: S301
        bound_memory()
        _answer(answers, _READY)
        while _is_asked():
            result = function(pickle.loads(pickle.load(sys.stdin.buffer)))  # noqa: S301
            _answer(answers, pickle.dumps(result))


def _load(loading: bytes) -> Callable[[object], object]:
    try:
        load: Callable[[], Callable[[object], object]] = pickle.loads(loading)  # noqa: S301
        return load()
    except Exception as error:  # noqa: BLE001  told to the machine that asked, which ends the build
        return partial(_refuse, Refusal(f"cannot begin ({_first_line(error)})", _SAME, platform.node()))


def _refuse(refusal: Refusal, _: object) -> Refusal:
    return refusal


def _is_asked() -> bool:
    """Wait for a question; False where none comes for long. Windows cannot wait for pipes, and waits for ever."""
    return sys.platform == "win32" or bool(select.select([sys.stdin.buffer], [], [], IDLE)[0])


def _answer(answers: Any, data: bytes) -> None:  # noqa: ANN401
    pickle.dump(data, answers)
    answers.flush()
