"""Builds that are killed: a process that forks itself for each, so that a kill costs milliseconds, and what it checks.

A build is killed at one of its steps, counted by the audit events of the interpreter, which come before each
operation on a file, or at a moment, by a signal from outside. The sites are small, and built by `write_site`.
"""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from dataclasses import replace
from hashlib import sha256
from importlib import import_module
from pathlib import Path

FILES = 30
"""Files of the larger site."""
STEPS = {
    *("open", "os.chmod", "os.link", "os.listdir", "os.mkdir", "os.remove", "os.rename", "os.rmdir"),
    *("os.scandir", "os.utime", "shutil.copyfile"),
}


def pages(version, count):
    """Path → bytes of a site: a third of them the same in each version, a third changed, a third under other paths."""
    site = {"index.html": f"{version} {count}\n".encode()}
    for number in range(1, count):
        kind = number % 3
        path = f"{2014 + kind}/{number}.html" if kind < 2 else f"{version}/{number}.html"
        site[path] = f"{version if kind else 'the same'} {number}\n".encode() * 40
    return site


def plant(site):
    """Put files that are not ours into a site."""
    (site / "CNAME").write_text("example.org\n")
    (site / ".git/refs/tags").mkdir(parents=True)
    (site / ".git/HEAD").write_text("ref: x\n")
    (site / ".git").chmod(0o750)
    (site / "2014/mine.txt").write_text("mine\n")
    (site / "latest").symlink_to("2014")
    (site / "nowhere").symlink_to("../gone")


def snapshot(site):
    """Everything below a folder: path → kind, permissions, and bytes or target; None where there is no folder."""
    if not site.exists():
        return None
    found = {".": oct(site.stat().st_mode)}
    for path in sorted(site.rglob("*")):
        status = path.lstat()
        what = path.read_bytes() if stat.S_ISREG(status.st_mode) else path.is_symlink() and path.readlink()
        found[path.relative_to(site).as_posix()] = oct(status.st_mode), what
    return found


def names(folder):
    """What lies in a folder, hidden files too."""
    return sorted(path.name for path in folder.iterdir())


class Killer:
    """Runs builds in processes of their own and kills them."""

    def __init__(self):
        root = Path(__file__).resolve().parents[1]
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(root / "src")},
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()

    def build(self, output, version="", **how):
        """Build a site and give how its process ended: `status` 0, 1 or minus its signal, and `seconds` that it took.

        `count` is the number of files, `step` or `delay` when to kill it, `event` the only kind of step that counts,
        `exchange` False to do without, `user` the id of the user who builds, `workers` how many processes write, with
        a streamed file more; `recover` only recovers, `archive` builds the site of that folder.
        """
        self._process.stdin.write(json.dumps({"output": str(output), "version": version, **how}).encode() + b"\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


def serve():
    """Take builds from standard input, one JSON object a line, and tell how they ended on standard output."""
    for line in sys.stdin:
        how = json.loads(line)
        # Imported once, for all processes forked from this one.
        import_module("newsarchive.pipeline" if "archive" in how else "newsarchive.writer")
        started = time.perf_counter()
        child = os.fork()
        if child == 0:
            run(how)
        if how.get("delay") is not None:
            time.sleep(how["delay"])
            os.kill(child, signal.SIGKILL)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        sys.stdout.write(json.dumps({"status": status, "seconds": time.perf_counter() - started}) + "\n")
        sys.stdout.flush()


def run(how):
    """Build in this process and end it."""
    from newsarchive.errors import OutputError  # noqa: PLC0415

    if not how.get("exchange", True):
        from newsarchive import staging  # noqa: PLC0415

        staging._exchange = lambda *_: False  # noqa: SLF001  as on a system that has none
    if how.get("user"):
        os.setgid(how["user"])
        os.setuid(how["user"])
    if how.get("step") is not None:
        kill_at(how["step"], {how["event"]} if "event" in how else STEPS)
    try:
        write(how)
    except OutputError as error:
        sys.stderr.write(f"{error}\n")
        os._exit(1)
    os._exit(0)


def kill_at(step, steps):
    """End this process before its operation number `step` on a file, of those that count."""
    left = step

    def watch(event, _):
        nonlocal left
        if event in steps:
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1

    sys.addaudithook(watch)


def write(how):
    from newsarchive.manifest import published_files  # noqa: PLC0415
    from newsarchive.staging import recover  # noqa: PLC0415
    from newsarchive.streams import StreamedFile, key_of  # noqa: PLC0415
    from newsarchive.writer import KeptFile, OutputFile, write_site  # noqa: PLC0415

    output = Path(how["output"])

    def files():
        published = published_files(output)
        if how.get("workers"):
            rows = [f"{how['version']} {number}\n".encode() * 2000 for number in range(40)]
            yield StreamedFile("data/rows.jsonl", list(map(key_of, rows)), rows.__getitem__, "a test")
        for path, data in pages(how["version"], how.get("count", FILES)).items():
            old = published.get(path)
            if old is not None and old.sha256 == sha256(data).hexdigest():
                yield KeptFile(path, old.size, old.sha256, "a test")
            else:
                yield OutputFile(path, data, "a test")

    if how.get("recover"):
        recover(output)
    elif "archive" in how:
        from newsarchive.pipeline import build  # noqa: PLC0415
        from newsarchive.settings import load_settings  # noqa: PLC0415

        # Without a cache: a site that stands would be left as it is before anything could be killed.
        build(replace(load_settings(Path(how["archive"]) / "site.yaml", workers=1, output=output), cache=None))
    else:
        write_site(files(), output, workers=how.get("workers", 1))


if __name__ == "__main__":
    serve()
