"""The command line: arguments → one call; the only module that speaks, and the one that sets exit statuses."""

import io
import re
import signal
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from time import perf_counter
from typing import TYPE_CHECKING, NoReturn

from newsarchive.arguments import make_parser
from newsarchive.errors import CommandError, ManyErrors, NewsArchiveError, RuleError, SettingsError

if TYPE_CHECKING:
    from argparse import Namespace

    from newsarchive.article import Problem
    from newsarchive.commands.explain import Line, Style
    from newsarchive.commands.mirror import MirrorReport
    from newsarchive.gathering import Progress
    from newsarchive.knowledge import Knowledge
    from newsarchive.settings import Settings
    from newsarchive.standing import BuildReport

BUILT, FAILED, MISUSED = 0, 1, 2
"""Exit statuses: built; failed; wrong usage or broken settings, rules or template syntax."""

_LISTED = 20
"""Most problems listed one by one without `-v`."""
_SAMPLES = 3
"""Problems of each kind that are listed when there are more."""
_REDRAW = 0.1
"""Least seconds between two drawings of the bar."""
_LINE_EVERY = 500
"""Files between two lines of progress where there is no terminal."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit status; `arguments` are those of the process where None.

    Raises:
        SystemExit: the arguments are wrong (status 2), or only help was asked for (0).
    """
    _speak_any_character()
    parser = make_parser()
    options = parser.parse_args(arguments)
    if options.command is None:
        parser.print_help()
        return BUILT
    started = perf_counter()
    try:
        with _terminated_as_interrupted():
            return _COMMANDS[options.command](options, started)
    except NewsArchiveError as error:
        _complain(str(error))
        return _status(error)
    except KeyboardInterrupt:
        _complain("interrupted; the site is whole, as it was or built anew")
        return FAILED


def _build(options: "Namespace", started: float) -> int:
    from newsarchive.standing import look  # noqa: PLC0415  --help does not wait for it

    settings = _settings(options)
    inputs, report = look(settings)
    if report is None:
        from newsarchive.pipeline import build  # noqa: PLC0415  a site that stands does not wait for it

        try:
            with _progress(options) as progress:
                report = build(settings, progress, _read_knowledge, (inputs, None))
        except _Misused:
            return MISUSED
    return _tell(report, options, perf_counter() - started)


def _explain(options: "Namespace", _: float) -> int:
    from newsarchive.commands.explain import explain, show  # noqa: PLC0415

    settings = _settings(options)
    knowledge = _knowledge(settings)
    if knowledge is None:
        return MISUSED
    lines = show(explain(options.file, settings, knowledge))
    if sys.stdout.isatty():
        _paint(lines)
    else:
        for line in lines:
            print(_inert("".join(text for text, _ in line)))
    return BUILT


def _paint(lines: "Iterable[Line]") -> None:
    from rich.console import Console  # noqa: PLC0415  only a terminal needs it
    from rich.text import Text  # noqa: PLC0415

    console = Console(highlight=False)
    for line in lines:
        console.print(Text.assemble(*((_inert(text), _COLOURS[style]) for text, style in line)), soft_wrap=True)


def _learn(options: "Namespace", _: float) -> int:
    from newsarchive.commands.learn import learn  # noqa: PLC0415

    settings = _settings(options)
    knowledge = _knowledge(settings)
    if knowledge is None:
        return MISUSED
    with _progress(options) as progress:
        report = learn(settings, knowledge, options.publisher, options.drafts, options.least, progress)
    for written in report.written:
        draft = written.draft
        what = f"{len(draft.lines)} lines in {draft.articles} articles of {draft.name or 'several publishers'}"
        print(f"{what} → {written.file}" + (" (left as it is: it was edited)" if written.kept else ""))
    drafted = sum(not written.kept for written in report.written)
    print(f"drafted {drafted} rule files from {report.files} files of {report.publishers} publishers", flush=True)
    return BUILT


def _mirror(options: "Namespace", started: float) -> int:
    from newsarchive.commands.mirror import Options, mirror  # noqa: PLC0415
    from newsarchive.mirrored import FOLDER  # noqa: PLC0415

    settings = _settings(options)
    knowledge = _knowledge(settings)
    if knowledge is None:
        return MISUSED
    how = Options(options.limit, options.timeout, options.delay, options.retry_failed, options.allow_loopback)
    with _progress(options) as progress:
        report = mirror(settings, knowledge, how, progress)
    if not options.quiet:
        _tell_mirror(report, every=options.verbose)
    print(
        f"mirrored {len(report.fetched)} pictures ({len(report.failed)} failed, {report.there} already there, "
        f"{report.given_up} failed before, {report.left} left) in {perf_counter() - started:.1f} s "
        f"→ {settings.root / FOLDER}",
        flush=True,
    )
    return BUILT


def _check(options: "Namespace", started: float) -> int:
    from newsarchive.commands.check import check_site, choose_site  # noqa: PLC0415

    site, budget = choose_site(options.site, options.config)
    with _progress(options) as progress:
        report = check_site(site, budget, options.allow or (), progress)
    for finding in report.findings:
        print(finding)
    print(
        f"checked {report.files} files of {report.bytes:,} bytes, {report.pages} pages, {report.links} links "
        f"({len(report.findings)} findings) in {perf_counter() - started:.1f} s → {site}",
        flush=True,
    )
    return FAILED if report.findings else BUILT


def _tell_mirror(report: "MirrorReport", *, every: bool) -> None:
    for record in report.fetched:
        if record.declared and record.copy:
            _complain(f"{record.url}: is {record.copy.type}, not {record.declared} as its host says")
    short = not every and len(report.failed) > _LISTED
    for record in report.failed[:_SAMPLES] if short else report.failed:
        _complain(f"{record.url}: not had: {record.reason}{f' {record.code}' if record.code else ''}")
    if short:
        reasons = Counter(f"{record.reason} {record.code or ''}".strip() for record in report.failed)
        rest = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common())
        _complain(f"… in all: {rest} (-v lists every picture, so does the manifest)")
    if not report.sized:
        _complain("no smaller copies were made: they need Pillow (the extra `mirror`, see docs/images.md)")


def _knowledge(settings: "Settings", *, is_sound: bool = False) -> "Knowledge | None":
    """Read rules, data and templates; None, and a complaint, where one of the archive's own files is broken."""
    from newsarchive.pipeline import read_knowledge  # noqa: PLC0415

    try:
        return read_knowledge(settings, is_sound=is_sound)
    except NewsArchiveError as error:
        _complain(str(error))
        return None


class _Misused(Exception):
    """One of the archive's own files is broken, and that was said."""


def _read_knowledge(settings: "Settings", *, is_sound: bool) -> "Knowledge":
    knowledge = _knowledge(settings, is_sound=is_sound)
    if knowledge is None:
        raise _Misused
    return knowledge


def _settings(options: "Namespace") -> "Settings":
    """Settings with the options that the command has."""
    from dataclasses import replace  # noqa: PLC0415  --help does not wait for it

    from newsarchive.settings import load_settings  # noqa: PLC0415

    given = vars(options)
    names = (
        *("content", "output", "base_url", "workers", "build_date", "publisher_rules", "search", "strict"),
        *("engine", "cache"),
    )
    settings = load_settings(options.config, **{name: given[name] for name in names if name in given})
    return replace(settings, cache=None) if given.get("no_cache") else settings


def _tell(report: "BuildReport", options: "Namespace", seconds: float) -> int:
    if not options.quiet:
        _list_problems(report.problems, every=options.verbose)
    if options.verbose:
        _complain(f"read {', '.join(f'{count} files {_WAYS[way]}' for way, count in sorted(report.read_by.items()))}")
    if report.written is None:
        _complain(f"{len(report.problems)} problems, and --strict takes none; the old site is as it was")
        return FAILED
    print(
        f"built {report.articles} articles from {report.files} files "
        f"({len(report.problems)} problems) in {seconds:.1f} s → {report.output}",
        flush=True,
    )
    if report.tripped:
        _complain("a file took more time or memory than any article should; the site was built without it")
        return FAILED
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
    print(_inert(line), file=sys.stderr)


def _inert(line: str) -> str:
    """A line as a terminal shows it and does nothing: what content brings may hold sequences that command it."""
    return re.sub("[\0-\x08\x0b-\x1f\x7f-\x9f]", lambda control: ascii(control[0])[1:-1], line)


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


def _progress(options: "Namespace") -> "AbstractContextManager[Progress]":
    if options.quiet:
        from newsarchive.gathering import silent  # noqa: PLC0415

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

    # Drawn here and not by a thread: beside one, processes cannot share what this one has read.
    with Bar(console=Console(stderr=True), transient=True, auto_refresh=False) as bar:
        task = bar.add_task("", total=None)
        drawn = 0.0

        def tell(step: str, done: int, total: int) -> None:
            nonlocal drawn
            if step == bar.tasks[0].description and perf_counter() - drawn < _REDRAW:
                return
            bar.update(task, description=step, completed=done, total=total or None, refresh=True)
            drawn = perf_counter()

        yield tell


_COMMANDS = {"build": _build, "check": _check, "explain": _explain, "learn": _learn, "mirror": _mirror}
"""Name of a command → what runs it, given the options and the time at which the program began."""
_WAYS = {"fast": "by the fast engine", "reference": "by the reference engine", "text": "as plain text"}
"""How a file was read → how that is told."""
_COLOURS: "Mapping[Style, str]" = {
    "plain": "",
    "head": "bold",
    "kept": "",
    "moved": "cyan",
    "removed": "red",
    "note": "dim",
    "doubt": "yellow",
}
"""What a piece of an explanation is → its colour on a terminal."""
