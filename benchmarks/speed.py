"""Measures builds as whole processes: cold, unchanged, and after one change, beside Hugo and Pelican in the same run.

    python benchmarks/speed.py --corpus ../shared/bench/make_corpus.py --peers ../shared/bench/peers --number 10000
    python benchmarks/speed.py --articles ../shared/corpus/wechat-2024-11.tar.xz --number 10000

The corpus is made by a script that writes `number` articles for each reader (`--shape wechat` for us, clean bodies for
the others), or it is an archive of real files, repeated with other addresses, titles and dates; the others then get
nothing. With `--search` Hugo is followed by Pagefind. Every measurement is a whole process from start to end, or
several in turn; CPU time is that of all processes, memory that of the largest and, sampled, of all together, a page
that several share counted once. Of several counts the growth is told, and carried on in a straight line to a million.
Figures go to standard output as tables.
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
from collections import Counter
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
SAMPLE_EVERY = 0.05
"""Least seconds between two looks at the memory of all processes."""
SHARE = 20
"""A look may take this part of the time between two: looking must not slow down what is looked at."""
STEPS = ("cold", "unchanged", "one body", "one title", "one rule", "one template")
"""What is built, in order; the last two by newsarchive alone."""
MILLION = 1_000_000
ROOM = 150_000
"""Bytes an article that the working folder needs for content, site, the site in the making, cache and peers."""


@dataclass(slots=True)
class Run:
    """One build as a process, or as several in turn."""

    wall: float
    """Seconds."""
    cpu: float
    """Seconds of all its processes, of the system's too."""
    largest: float
    """Memory of the largest process, in MB."""
    together: float
    """Memory of all its processes at once, a page that several share counted once, in MB."""


@dataclass(slots=True)
class Builder:
    """Something that builds a site."""

    name: str
    commands: Sequence[Sequence[str]]
    """Run in turn."""
    folder: Path
    """Where they run."""
    article: Callable[[int], Path]
    """Number → content file."""
    site: Path
    forget: Sequence[Path]
    """What a cold build begins without."""
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Measured:
    """All that was measured with one number of articles."""

    number: int
    runs: dict[str, dict[str, list[Run]]] = field(default_factory=dict)
    """Builder → step → one run a round."""
    sizes: dict[str, Mapping[str, tuple[int, int]]] = field(default_factory=dict)
    """Builder → part of its site → files, bytes."""
    stages: dict[str, float] = field(default_factory=dict)
    """Stage of a cold build of ours → seconds."""
    engines: dict[str, int] = field(default_factory=dict)
    """How files were read → how many."""

    def told(self, name: str, step: str, figure: str) -> float:
        """Median of one figure over the rounds; of memory the most."""
        values: list[float] = [getattr(run, figure) for run in self.runs[name][step]]
        return max(values) if figure in ("largest", "together") else median(values)


def main() -> None:
    """Measure what the arguments ask for."""
    options = _options()
    _print_machine()
    measured = []
    for number in options.number:
        work = options.work / f"speed-{number}"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        _check_room(work, number)
        try:
            measured.append(_measure(options, number, work))
        finally:
            shutil.rmtree(work, ignore_errors=True)
        _print_measured(measured[-1])
    if len(measured) > 1:
        _print_growth(measured)


def _check_room(work: Path, number: int) -> None:
    free = shutil.disk_usage(work).free
    if free < number * ROOM:
        sys.exit(f"{work} has {free / 1e9:.1f} GB free, and {number * ROOM / 1e9:.1f} may be needed; name --work")


def _measure(options: argparse.Namespace, number: int, work: Path) -> Measured:
    """Measure all builders in turn; each is made when its turn comes, and taken away after its last."""
    measured = Measured(number)
    builders: list[Builder] = []
    for turn in range(options.rounds):
        for builder in builders if turn else _builders(options, number, work):
            if not turn:
                builders.append(builder)
            _measure_one(options, builder, measured)
            if turn == options.rounds - 1:
                measured.sizes[builder.name] = _sizes(builder.site)
                shutil.rmtree(builder.folder)
    return measured


def _measure_one(options: argparse.Namespace, builder: Builder, measured: Measured) -> None:
    for step, change in _steps(builder, measured.number).items():
        if step not in options.steps:
            continue
        change()
        run = _run(builder)
        measured.runs.setdefault(builder.name, {}).setdefault(step, []).append(run)
        print(f"{builder.name}, {measured.number:,}, {step}: {run.wall:.2f} s", file=sys.stderr, flush=True)
        if step == "cold" and builder.name == "newsarchive":
            timings = json.loads((builder.folder / ".newsarchive-cache" / "timings.json").read_bytes())
            measured.stages, measured.engines = timings["seconds"], timings["files"]


def _builders(options: argparse.Namespace, number: int, work: Path) -> Iterator[Builder]:
    yield _ours(options, number, work)
    if options.articles or not options.peers:
        return
    if shutil.which("hugo", path=_path()):
        yield _hugo(options, number, work / "hugo")
    if options.pelican and shutil.which("pelican", path=_path()):
        yield _pelican(options, number, work / "pelican")


def _ours(options: argparse.Namespace, number: int, work: Path) -> Builder:
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
    site = folder / "site"
    forget = site, *(folder / name for name in (".newsarchive-cache", "rules", "templates"))
    environment = {"PYTHONPATH": str(PROJECT / "src")}
    return Builder("newsarchive", (command,), folder, lambda n: files[n], site, forget, environment)


def _hugo(options: argparse.Namespace, number: int, folder: Path) -> Builder:
    shutil.copytree(options.peers / "hugo", folder)
    _make(options, folder / "content" / "a", number, "md", "hugo")
    site = folder / "public"
    commands: list[Sequence[str]] = [("hugo", "--quiet", "--destination", str(site), "--noBuildLock")]
    if options.search:
        commands.append((sys.executable, "-m", "pagefind", "--site", str(site), "--silent"))
    name = "hugo + pagefind" if options.search else "hugo"
    return Builder(name, commands, folder, lambda n: folder / "content" / "a" / f"a{n:06}.md", site, (site,))


def _pelican(options: argparse.Namespace, number: int, folder: Path) -> Builder:
    shutil.copytree(options.peers / "pelican", folder)
    _make(options, folder / "content", number, "md", "pelican")
    site = folder / "output"
    command = ("pelican", "-q", "-o", str(site), "-s", "pelicanconf.py", "content")
    return Builder("pelican", (command,), folder, lambda n: folder / "content" / f"a{n:06}.md", site, (site,))


def _make(options: argparse.Namespace, folder: Path, number: int, shape: str, reader: str) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    arguments = (str(folder), str(number), "--shape", shape, "--for", reader)
    subprocess.run([sys.executable, str(options.corpus), *arguments], check=True, stdout=subprocess.DEVNULL)


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


def _steps(builder: Builder, number: int) -> dict[str, Callable[[], None]]:
    """What is changed before each build, in order; nothing is undone, which would be a second change."""
    path = builder.article(number // 2)
    steps: dict[str, Callable[[], None]] = {
        "cold": lambda: _forget(builder),
        "unchanged": lambda: None,
        "one body": lambda: _edit(path, lambda text: text + f"\n\n{SENTENCE}\n"),
        "one title": lambda: _edit(
            path, lambda text: re.sub(r"(?m)^(title: .*?)([\"']?)$", r"\1（修订）\2", text, count=1)
        ),
    }
    if builder.name == "newsarchive":
        steps |= {"one rule": lambda: _add_rule(builder.folder), "one template": lambda: _add_template(builder.folder)}
    return steps


def _forget(builder: Builder) -> None:
    for path in builder.forget:
        shutil.rmtree(path, ignore_errors=True)


def _edit(path: Path, edit: Callable[[str], str]) -> None:
    before = path.read_text("utf-8")
    after = edit(before)
    assert after != before, f"{path} has nothing to change"
    path.write_text(after, encoding="utf-8")


def _add_rule(folder: Path) -> None:
    target = folder / "rules" / "publishers" / "speed.yaml"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(RULE, encoding="utf-8")


def _add_template(folder: Path) -> None:
    target = folder / "templates" / "article.html"
    target.parent.mkdir(parents=True, exist_ok=True)
    text = (PROJECT / "templates" / "article.html").read_text("utf-8")
    target.write_text(text.replace("</article>", "<p>量速</p></article>"), encoding="utf-8")


def _run(builder: Builder) -> Run:
    runs = [_run_one(builder, command) for command in builder.commands]
    most = max(run.largest for run in runs), max(run.together for run in runs)
    return Run(sum(run.wall for run in runs), sum(run.cpu for run in runs), *most)


def _run_one(builder: Builder, command: Sequence[str]) -> Run:
    environment = os.environ | {"PATH": _path(), **builder.environment}
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=builder.folder, env=environment, stdout=subprocess.PIPE)
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
        begun = time.perf_counter()
        peaks[0] = max(peaks[0], sum(map(_memory, _family(process.pid))))
        pause = max(SAMPLE_EVERY, SHARE * (time.perf_counter() - begun))
        end = begun + pause
        while process.returncode is None and time.perf_counter() < end:
            time.sleep(min(SAMPLE_EVERY, pause))


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
    """Proportional set size of a process in MB: of a page that n processes share, each counts the nth part.

    Source: Linux, Documentation/filesystems/proc.rst.
    """
    try:
        told = Path(f"/proc/{number}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    found = re.search(r"^Pss:\s+(\d+) kB$", told, re.MULTILINE)
    return int(found[1]) * 1024 / 1e6 if found else 0.0


def _path() -> str:
    return os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))


def _sizes(site: Path) -> dict[str, tuple[int, int]]:
    """Files and bytes of a site: in all, and of each of its larger parts."""
    files: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for folder, _, names in os.walk(site):
        relative = Path(folder).relative_to(site).parts
        part = re.sub(r"^(?:\d{4}|undated)$", "years", relative[0]) if relative else "top"
        for name in names:
            size = os.stat(os.path.join(folder, name)).st_size  # noqa: PTH116, PTH118  there may be a million
            for each in ("all", part):
                files[each] += 1
                sizes[each] += size
    return {part: (files[part], size) for part, size in sizes.most_common() if size * 50 > sizes["all"]}


def _print_machine() -> None:
    """Tell how fast this machine is, and what starting the program costs."""
    loop = min(_seconds_of_loop() for _ in range(5))
    bare = min(_seconds("-c", "pass") for _ in range(5))
    started = min(_seconds(str(PROJECT / "build.py"), "--help") for _ in range(5))
    print(f"{os.cpu_count()} cores, an empty loop of 300,000 steps takes {loop * 1e3:.1f} ms.")
    print(f"`--help` takes {started * 1e3:.0f} ms, {started / bare:.1f} times as long as Python itself.")


def _seconds_of_loop() -> float:
    begun = time.perf_counter()
    for _ in range(300_000):
        pass
    return time.perf_counter() - begun


def _seconds(*arguments: str) -> float:
    begun = time.perf_counter()
    environment = os.environ | {"PYTHONPATH": str(PROJECT / "src")}
    subprocess.run([sys.executable, *arguments], env=environment, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begun


def _print_measured(measured: Measured) -> None:
    _print_table(measured)
    if measured.stages:
        print(f"\nStages of a cold build of {measured.number:,}, µs of wall time an article:\n")
        for stage, seconds in measured.stages.items():
            print(f"- {stage}: {seconds * 1e6 / measured.number:,.0f}")
    if measured.engines:
        files = sum(measured.engines.values())
        told = (f"{way} {count:,} ({count / files:.1%})" for way, count in sorted(measured.engines.items()))
        print(f"\nFiles by how they were read: {', '.join(told)}.")
    for name, parts in measured.sizes.items():
        told = (f"{part} {files:,} files, {size / 1e6:,.1f} MB" for part, (files, size) in parts.items())
        print(f"\n{name}: {'; '.join(told)}.")
    sys.stdout.flush()


def _print_table(measured: Measured) -> None:
    reference = next((name for name in measured.runs if name.startswith("hugo")), None)
    base = measured.told(reference, "cold", "wall") if reference and "cold" in measured.runs[reference] else 0.0
    print(f"\n{measured.number:,} articles, medians; memory is the most of all rounds\n")
    print(f"| builder | build | wall s | CPU s | largest MB | together MB | wall to {reference or 'Hugo'}'s cold |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name, steps in measured.runs.items():
        for step in steps:
            wall, cpu, largest, together = (
                measured.told(name, step, figure) for figure in ("wall", "cpu", "largest", "together")
            )
            ratio = f"{wall / base:.2f}" if base else "–"
            print(f"| {name} | {step} | {wall:.2f} | {cpu:.2f} | {largest:.0f} | {together:.0f} | {ratio} |")


def _print_growth(measured: Sequence[Measured]) -> None:
    """Tell what a build of ours takes at each number, and at a million if the last two lie on a straight line."""
    numbers = [each.number for each in measured]
    print("\nGrowth of newsarchive: in all, and in brackets an article to an article of the row's first number\n")
    print(f"| measured | {' | '.join(f'{number:,}' for number in numbers)} | {MILLION:,}, by the last two |")
    print("| --- |" + " --- |" * (len(numbers) + 1))
    for name, values in _figures(measured).items():
        cells = [
            f"{value:,.1f} ({value / values[0] * numbers[0] / number:.2f})"
            for value, number in zip(values, numbers, strict=True)
        ]
        slope = (values[-1] - values[-2]) / (numbers[-1] - numbers[-2])
        print(f"| {name} | {' | '.join(cells)} | {values[-1] + slope * (MILLION - numbers[-1]):,.0f} |")


def _figures(measured: Sequence[Measured]) -> dict[str, list[float]]:
    """Name of a figure with its unit → its value at each number; those that are nothing anywhere are left out."""
    own = "newsarchive"
    figures: dict[str, list[float]] = {}
    for step in measured[0].runs[own]:
        figures[f"{step}, wall s"] = [each.told(own, step, "wall") for each in measured]
        figures[f"{step}, CPU s"] = [each.told(own, step, "cpu") for each in measured]
        figures[f"{step}, MB together"] = [each.told(own, step, "together") for each in measured]
    for stage in measured[-1].stages:
        figures[f"cold, {stage}, s"] = [each.stages.get(stage, 0.0) for each in measured]
    figures["files"] = [float(each.sizes[own]["all"][0]) for each in measured]
    figures["MB of the site"] = [each.sizes[own]["all"][1] / 1e6 for each in measured]
    return {name: values for name, values in figures.items() if all(values)}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure builds beside Hugo and Pelican.")
    parser.add_argument("--number", type=int, nargs="+", default=[1000], help="articles; several counts in turn")
    parser.add_argument("--rounds", type=int, default=3, help="times that everything is measured")
    parser.add_argument("--steps", nargs="+", choices=STEPS, default=STEPS, help="builds to measure (default: all)")
    parser.add_argument("--corpus", type=Path, help="script that makes synthetic articles")
    parser.add_argument("--peers", type=Path, help="folder with the sites of Hugo and Pelican")
    parser.add_argument("--articles", type=Path, help="tar archive of real articles, taken in place of synthetic ones")
    parser.add_argument("--search", action="store_true", help="build the search index too, and Pagefind's after Hugo")
    parser.add_argument("--pelican", action="store_true", help="measure Pelican as well, which takes long")
    parser.add_argument("--work", type=Path, default=Path("/dev/shm"), help="folder on a memory file system")  # noqa: S108
    options = parser.parse_args()
    if not (options.corpus or options.articles):
        parser.error("name --corpus or --articles")
    return options


if __name__ == "__main__":
    main()
