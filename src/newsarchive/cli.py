"""The command line: arguments → one call; the only module that speaks, and the one that sets exit statuses."""

import argparse
import io
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, NoReturn

from newsarchive import __version__
from newsarchive.errors import CommandError, ManyErrors, NewsArchiveError, RuleError, SettingsError

if TYPE_CHECKING:
    from newsarchive.article import Problem
    from newsarchive.pipeline import BuildReport, Progress
    from newsarchive.settings import Settings

BUILT, FAILED, MISUSED = 0, 1, 2
"""Exit statuses: built; failed; wrong usage or broken settings, rules or template syntax."""

_LISTED = 20
"""Most problems listed one by one without `-v`."""
_SAMPLES = 3
"""Problems of each kind that are listed when there are more."""
_LINE_EVERY = 500
"""Files between two lines of progress where there is no terminal."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit status; `arguments` are those of the process where None.

    Raises:
        SystemExit: the arguments are wrong (status 2), or only help was asked for (0).
    """
    _speak_any_character()
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command is None:
        parser.print_help()
        return BUILT
    started = perf_counter()
    try:
        with _terminated_as_interrupted():
            return _build(options, started)
    except NewsArchiveError as error:
        _complain(str(error))
        return _status(error)
    except KeyboardInterrupt:
        _complain("interrupted; the old site is as it was")
        return FAILED


def _build(options: argparse.Namespace, started: float) -> int:
    from newsarchive.pipeline import build, read_knowledge  # noqa: PLC0415  --help does not wait for it

    settings = _settings(options)
    try:
        knowledge = read_knowledge(settings)
    except NewsArchiveError as error:  # nothing was begun: what is broken are the archive's own files
        _complain(str(error))
        return MISUSED
    with _progress(options) as progress:
        report = build(settings, progress, knowledge)
    return _tell(report, options, perf_counter() - started)


def _settings(options: argparse.Namespace) -> "Settings":
    from newsarchive.settings import load_settings  # noqa: PLC0415

    return load_settings(
        options.config,
        content=options.content,
        output=options.output,
        base_url=options.base_url,
        workers=options.workers,
        build_date=options.build_date,
        publisher_rules=options.publisher_rules,
        strict=options.strict,
    )


def _tell(report: "BuildReport", options: argparse.Namespace, seconds: float) -> int:
    if not options.quiet:
        _list_problems(report.problems, every=options.verbose)
    if report.written is None:
        _complain(f"{len(report.problems)} problems, and --strict takes none; the old site is as it was")
        return FAILED
    print(
        f"built {report.articles} articles from {report.files} files "
        f"({len(report.problems)} problems) in {seconds:.1f} s → {report.output}",
        flush=True,
    )
    return BUILT


def _list_problems(problems: "Sequence[Problem]", *, every: bool) -> None:
    short = not every and len(problems) > _LISTED
    seen: Counter[str] = Counter()
    for problem in problems:
        seen[problem.kind] += 1
        if not short or seen[problem.kind] <= _SAMPLES:
            _complain(_line(problem))
    more = {kind: count - _SAMPLES for kind, count in seen.items() if count > _SAMPLES}
    if short and more:
        rest = ", ".join(f"{count} {kind}" for kind, count in sorted(more.items()))
        _complain(f"… and more of the same: {rest} (-v lists them all, so does data/report.json)")


def _line(problem: "Problem") -> str:
    place = [problem.path, *(str(number) for number in (problem.line, problem.column) if number is not None)]
    return f"{':'.join(place)}: {problem.message}; {problem.action}"


def _status(error: NewsArchiveError) -> int:
    errors = error.errors if isinstance(error, ManyErrors) else (error,)
    ours = (SettingsError, RuleError, CommandError)
    return MISUSED if any(isinstance(each, ours) for each in errors) else FAILED


def _complain(line: str) -> None:
    print(line, file=sys.stderr)


def _speak_any_character() -> None:
    """A terminal that cannot show a character gets its escape, not a crash."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


@contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """Let a build that is told to stop leave no half-written folder behind."""

    def stop(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGTERM, stop)
    except ValueError:  # not in the main thread: whoever runs us there handles signals
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _progress(options: argparse.Namespace) -> "AbstractContextManager[Progress]":
    if options.quiet:
        from newsarchive.pipeline import silent  # noqa: PLC0415

        return nullcontext(silent)
    return _bar() if sys.stderr.isatty() else _lines(timed=options.verbose)


@contextmanager
def _lines(*, timed: bool) -> "Iterator[Progress]":
    """Give progress as plain lines: one a step, and one for every few hundred files."""
    started = perf_counter()
    current = ""

    def tell(step: str, done: int, total: int) -> None:
        nonlocal current
        if step == current and (done % _LINE_EVERY or not done):
            return
        current = step
        clock = f"{perf_counter() - started:7.2f} s  " if timed else ""
        _complain(f"{clock}{step}{f' {done}/{total}' if total else ''}")

    yield tell


@contextmanager
def _bar() -> "Iterator[Progress]":
    """Give progress as a bar on the terminal, gone when the build is done."""
    from rich.console import Console  # noqa: PLC0415  only a terminal needs it
    from rich.progress import Progress as Bar  # noqa: PLC0415

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def tell(step: str, done: int, total: int) -> None:
            bar.update(task, description=step, completed=done, total=total or None)

        yield tell


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="newsarchive", description="Build a browsable news archive, made of plain files, from collected articles."
    )
    parser.add_argument("--version", action="version", version=f"newsarchive {__version__}")
    parser.set_defaults(command=None)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command")
    _add_build(commands.add_parser)
    return parser


def _add_build(add: Callable[..., Any]) -> None:
    build = add(
        "build", help="read the articles and write the site", description="Read the articles and write the site."
    )
    option = build.add_argument
    option("--config", type=Path, metavar="FILE", help="settings of the archive (default: site.yaml)")
    option("--content", type=Path, action="append", metavar="DIR", help="folder with article files; may be repeated")
    option("--output", type=Path, metavar="DIR", help="folder the site is written to")
    option("--base-url", metavar="URL", help="address the site will have, for canonical links")
    option("--workers", type=int, metavar="N", help="processes that prepare articles (default: one a core)")
    cache = build.add_mutually_exclusive_group()
    cache.add_argument("--cache", type=Path, metavar="DIR", help="accepted; this version keeps no cache")
    cache.add_argument("--no-cache", action="store_true", help="accepted; this version keeps no cache")
    option("--no-search", action="store_true", help="accepted; this version writes no search")
    option(
        "--no-publisher-rules", dest="publisher_rules", action="store_const", const=False,
        help="apply the rules of platforms and the generic ones only",
    )  # fmt: skip
    option("--strict", action="store_const", const=True, help="fail where any file has a problem")
    option(
        "--build-date",
        metavar="ISO",
        help="day of the build (default: SOURCE_DATE_EPOCH, else the newest in the content)",
    )
    loudness = build.add_mutually_exclusive_group()
    loudness.add_argument("-q", "--quiet", action="store_true", help="tell neither progress nor problems")
    loudness.add_argument("-v", "--verbose", action="store_true", help="list every problem, and time each step")
