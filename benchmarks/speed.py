"""Measures builds as whole processes: cold, unchanged, and after one change, beside Hugo and Pelican in the same run.

    python benchmarks/speed.py --corpus ../shared/bench/make_corpus.py --peers ../shared/bench/peers --number 10000
    python benchmarks/speed.py --articles ../shared/corpus/wechat-2024-11.tar.xz --number 10000

The corpus is made by a script that writes `number` articles for each reader (`--shape wechat` for us, clean bodies for
the others), or it is an archive of real files, repeated with other addresses, titles and dates; the others then get
nothing. Every measurement is one process from start to end; its CPU time is that of all its processes, its memory that
of the largest one and, sampled, of all together. Figures go to standard output as tables.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

PROJECT = Path(__file__).resolve().parents[1]
SENTENCE = "补记：主办方晚间又公布了一组数字。"
"""What a changed article says more."""
RULE = """name: 量速专用
match: {host: speed.example}
rules:
  - id: nothing-anybody-prints
    why: Shapes nothing; that a rule file is new is what is measured.
    where: tail
    pattern: '^量速专用标记$'
    removes: ['量速专用标记']
    keeps: ['这一行谈到量速专用标记。']
"""
SAMPLE_EVERY = 0.02
"""Seconds between two looks at the memory of all processes."""


@dataclass(slots=True)
class Run:
    """One build as a process."""

    wall: float
    """Seconds."""
    cpu: float
    """Seconds of all its processes, of the system's too."""
    largest: float
    """Memory of the largest process, in MB."""
    together: float
    """Memory of all its processes at once, shared pages counted once for each, in MB."""


@dataclass(slots=True)
class Builder:
    """Something that builds a site."""

    name: str
    command: Sequence[str]
    folder: Path
    """Where it runs."""
    article: Callable[[int], Path]
    """Number → content file."""
    forget: Sequence[Path]
    """What a cold build begins without."""
    environment: Mapping[str, str] = field(default_factory=dict)


def main() -> None:
    """Measure what the arguments ask for."""
    options = _options()
    for number in options.number:
        work = options.work / f"speed-{number}"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        try:
            _measure(options, number, work)
        finally:
            shutil.rmtree(work, ignore_errors=True)


def _measure(options: argparse.Namespace, number: int, work: Path) -> None:
    builders = list(_builders(options, number, work))
    table: dict[str, dict[str, list[Run]]] = {builder.name: {} for builder in builders}
    for _ in range(options.rounds):
        for builder in builders:
            for step, change in _steps(builder, number).items():
                undo = change()
                table[builder.name].setdefault(step, []).append(_run(builder))
                undo()
                if step == "cold" and builder.name == "newsarchive":
                    _print_stages(builder, number)
    _print_table(table, number)
    _print_size(work)


def _builders(options: argparse.Namespace, number: int, work: Path) -> Iterator[Builder]:
    yield from _ours(options, number, work)
    if options.articles or not options.peers:
        return
    if shutil.which("hugo", path=_path()):
        folder = work / "hugo"
        shutil.copytree(options.peers / "hugo", folder)
        _make(options, folder / "content" / "a", number, "md", "hugo")
        build = ("hugo", "--quiet", "--destination", str(folder / "public"), "--noBuildLock")
        yield Builder("hugo", build, folder, lambda n: folder / "content" / "a" / f"a{n:06}.md", (folder / "public",))
    if options.pelican and shutil.which("pelican", path=_path()):
        home = work / "pelican"
        shutil.copytree(options.peers / "pelican", home)
        _make(options, home / "content", number, "md", "pelican")
        command = ("pelican", "-q", "-o", str(home / "output"), "-s", "pelicanconf.py", "content")
        yield Builder("pelican", command, home, lambda n: home / "content" / f"a{n:06}.md", (home / "output",))


def _ours(options: argparse.Namespace, number: int, work: Path) -> Iterator[Builder]:
    folder = work / "ours"
    folder.mkdir()
    shutil.copy(PROJECT / "site.yaml", folder)
    if options.articles:
        files = _repeat(options.articles, folder / "content", number)
    else:
        _make(options, folder / "content", number, "wechat", "plain")
        files = [folder / "content" / f"a{n:06}.md" for n in range(number)]
    search = () if options.search else ("--no-search",)
    command = (sys.executable, str(PROJECT / "build.py"), "--config", str(folder / "site.yaml"), "-q", *search)
    forget = folder / "site", folder / ".newsarchive-cache"
    yield Builder("newsarchive", command, folder, lambda n: files[n], forget, {"PYTHONPATH": str(PROJECT / "src")})


def _make(options: argparse.Namespace, folder: Path, number: int, shape: str, reader: str) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    arguments = (str(folder), str(number), "--shape", shape, "--for", reader)
    subprocess.run([sys.executable, str(options.corpus), *arguments], check=True)


def _repeat(archive: Path, folder: Path, number: int) -> list[Path]:
    """Unpack real articles and repeat them, each round with its own addresses, titles and day of the month."""
    folder.mkdir()
    with tarfile.open(archive) as packed:
        packed.extractall(folder / "0", filter="data")
    first = sorted(path for path in (folder / "0").rglob("*.md"))
    files = first[:number]
    for path in first[number:]:
        path.unlink()
    for turn in range(1, -(-number // len(first))):
        for path in first[: number - len(files)]:
            target = folder / str(turn) / path.relative_to(folder / "0")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(_other(path.read_bytes(), turn))
            files.append(target)
    return files


def _other(data: bytes, turn: int) -> bytes:
    """The article with another address, title and day."""
    data = re.sub(rb"(?m)^(title: [\"']?)", rb"\g<1>%d. " % turn, data, count=1)
    data = re.sub(rb"(mid=\d+)", rb"\g<1>%d" % turn, data, count=1)
    day = b"%02d" % (turn % 28 + 1)
    return re.sub(rb"(?m)^(date: [\"']?\d{4}-\d\d-)\d\d", rb"\g<1>" + day, data, count=1)


def _steps(builder: Builder, number: int) -> dict[str, Callable[[], Callable[[], None]]]:
    """What is changed before each build, in order; each gives what undoes it."""
    path = builder.article(number // 2)
    steps: dict[str, Callable[[], Callable[[], None]]] = {
        "cold": lambda: _forget(builder),
        "unchanged": lambda: _nothing,
        "one body": lambda: _edit(path, lambda text: text + f"\n\n{SENTENCE}\n"),
        "one title": lambda: _edit(
            path, lambda text: re.sub(r"(?m)^title: (.*)$", r"title: \1（修订）", text, count=1)
        ),
    }
    if builder.name == "newsarchive":
        steps |= {"one rule": lambda: _add_rule(builder.folder), "one template": lambda: _add_template(builder.folder)}
    return steps


def _nothing() -> None:
    """Leave everything as it is."""


def _forget(builder: Builder) -> Callable[[], None]:
    for path in builder.forget:
        shutil.rmtree(path, ignore_errors=True)
    return _nothing


def _edit(path: Path, edit: Callable[[str], str]) -> Callable[[], None]:
    """Change a file for good: undoing it would be a second change."""
    path.write_text(edit(path.read_text("utf-8")), encoding="utf-8")
    return _nothing


def _add_rule(folder: Path) -> Callable[[], None]:
    target = folder / "rules" / "publishers" / "speed.yaml"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(RULE, encoding="utf-8")
    return _nothing


def _add_template(folder: Path) -> Callable[[], None]:
    target = folder / "templates" / "article.html"
    target.parent.mkdir(parents=True, exist_ok=True)
    text = (PROJECT / "templates" / "article.html").read_text("utf-8")
    target.write_text(text.replace("</article>", "<p>量速</p></article>"), encoding="utf-8")
    return lambda: shutil.rmtree(target.parent)


def _run(builder: Builder) -> Run:
    environment = os.environ | {"PATH": _path(), **builder.environment}
    start = time.perf_counter()
    process = subprocess.Popen(builder.command, cwd=builder.folder, env=environment, stdout=subprocess.PIPE)
    peaks: list[float] = [0.0]
    watch = threading.Thread(target=_watch_memory, args=(process, peaks))
    watch.start()
    output = process.stdout.read() if process.stdout else b""
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    watch.join()
    if process.returncode:
        sys.exit(f"{builder.name} failed: {output.decode(errors='replace')}")
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, peaks[0])


def _watch_memory(process: "subprocess.Popen[bytes]", peaks: list[float]) -> None:
    while process.returncode is None:
        peaks[0] = max(peaks[0], sum(map(_memory, _family(process.pid))))
        time.sleep(SAMPLE_EVERY)


def _family(number: int) -> Iterator[int]:
    yield number
    for children in Path(f"/proc/{number}/task").glob("*/children"):
        try:
            held = children.read_text().split()
        except OSError:
            continue
        for child in held:
            yield from _family(int(child))


def _memory(number: int) -> float:
    try:
        pages = int(Path(f"/proc/{number}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _path() -> str:
    return os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))


def _print_stages(builder: Builder, number: int) -> None:
    timings = json.loads((builder.folder / ".newsarchive-cache" / "timings.json").read_bytes())
    print(f"\nStages of a cold build of {number:,}, µs of wall time an article:")
    for stage, seconds in timings["seconds"].items():
        print(f"  {stage}: {seconds * 1e6 / number:,.0f}")


def _print_table(table: Mapping[str, Mapping[str, Sequence[Run]]], number: int) -> None:
    reference = table.get("hugo", {}).get("cold", ())
    base = median(run.wall for run in reference) if reference else 0.0
    print(f"\n{number:,} articles, medians\n")
    print("| builder | build | wall s | CPU s | largest MB | together MB | wall to Hugo's cold |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name, steps in table.items():
        for step, runs in steps.items():
            wall, cpu = (median(getattr(run, each) for run in runs) for each in ("wall", "cpu"))
            largest, together = (max(getattr(run, each) for run in runs) for each in ("largest", "together"))
            ratio = f"{wall / base:.2f}" if base else "–"
            print(f"| {name} | {step} | {wall:.2f} | {cpu:.2f} | {largest:.0f} | {together:.0f} | {ratio} |")


def _print_size(work: Path) -> None:
    for name, site in (("newsarchive", work / "ours" / "site"), ("hugo", work / "hugo" / "public")):
        files = [path for path in site.rglob("*") if path.is_file()]
        if files:
            print(f"\n{name}: {len(files):,} files, {sum(path.stat().st_size for path in files) / 1e6:.1f} MB")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure builds beside Hugo and Pelican.")
    parser.add_argument("--number", type=int, nargs="+", default=[1000], help="articles; several counts in turn")
    parser.add_argument("--rounds", type=int, default=3, help="times that everything is measured")
    parser.add_argument("--corpus", type=Path, help="script that makes synthetic articles")
    parser.add_argument("--peers", type=Path, help="folder with the sites of Hugo and Pelican")
    parser.add_argument("--articles", type=Path, help="tar archive of real articles, taken in place of synthetic ones")
    parser.add_argument("--search", action="store_true", help="build the search index too")
    parser.add_argument("--pelican", action="store_true", help="measure Pelican as well, which takes long")
    parser.add_argument("--work", type=Path, default=Path("/dev/shm"), help="folder on a memory file system")  # noqa: S108
    options = parser.parse_args()
    if not (options.corpus or options.articles):
        parser.error("name --corpus or --articles")
    return options


if __name__ == "__main__":
    main()
