"""Measures search: building the index, its size, and queries in Chromium over http, beside Pagefind on the same pages.

    python benchmarks/search.py --articles site/data/articles.jsonl --number 10000 --work folder
    python benchmarks/search.py --synthetic articles --number 100000 --work folder --queries 10

The articles of a built site are repeated, with other addresses, titles and dates, until there are enough; or they are
Markdown files in a folder. `--without-pagefind` leaves the comparison out, `--one-segment` builds one index instead of
several, `--again` only asks what was built before. Pagefind is looked for in the Python named by
`--pagefind-python`. Figures go to standard output as a table; everything made stays in the working folder.
"""

import argparse
import gzip
import json
import os
import random
import re
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import unquote, urlsplit

from newsarchive import permalinks
from newsarchive.pipeline import build
from newsarchive.render.search import Span, spans_of
from newsarchive.render.segments import Record, digest_of, segment_files
from newsarchive.render.tokens import FILE, folding
from newsarchive.settings import load_settings

PROJECT = Path(__file__).resolve().parents[1]
FIRST_YEAR, LAST_YEAR = 2014, 2025
"""Years over which repeated articles are spread."""
RUN = re.compile("[\u4e00-\u9fff]{8,}")
ISLAND = re.compile(r'(<script type="application/json" id="search">)(.*?)(</script>)', re.DOTALL)
PACKED = (".html", ".js", ".css", ".svg", ".json")
"""Files that hosts send compressed; here that is done before anything is measured."""
PAGE = (
    '<!doctype html><html lang="zh-cn"><meta charset="utf-8"><title>{title}</title>'
    "<main data-pagefind-body><h1>{title}</h1>{body}</main>"
)
PAGEFIND_PAGE = """<!doctype html><html lang="zh-cn"><meta charset="utf-8"><title>Pagefind</title><script type="module">
window.ask = async (query) => {
  const start = performance.now();
  const pagefind = await import("./pagefind/pagefind.js");
  const found = await pagefind.search(query);
  await Promise.all(found.results.slice(0, 20).map((result) => result.data()));
  return [performance.now() - start, found.results.length];
};
</script>"""
ASK = """new Promise((done) => {
  const root = document.documentElement;
  const start = performance.now();
  const times = [];
  const watch = new MutationObserver(() => {
    if (root.dataset.search) times.push(performance.now() - start);
    if (root.dataset.search === "done") { watch.disconnect(); done([times[0], times.at(-1)]); }
  });
  watch.observe(root, { attributes: true, attributeFilter: ["data-search"] });
  document.querySelector("main input").value = QUERY;
  document.querySelector("main form").requestSubmit();
})"""


def main() -> None:
    """Run what the arguments ask for."""
    options = _options()
    if options.step:
        _STEPS[options.step](options)
        return
    options.work.mkdir(parents=True, exist_ok=True)
    rows: dict[str, dict[str, Any]] = {"ours": {}} if options.again else _build(options)
    queries = _choose_queries(options)
    for name, folder in (("ours", "site"), ("Pagefind", "pages")):
        if name in rows:
            rows[name] |= _ask_all(options.work / folder, queries, _ask_ours if name == "ours" else _ask_pagefind)
    _print(options.number, rows)


def _build(options: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """Make what is asked, and measure how it is made."""
    _write_records(options)
    rows = {"ours": _step("index")}
    _write_site(options)
    if not options.without_pagefind:
        _write_pages(options)
        rows["Pagefind"] = _step("pagefind")
    return rows


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    option = parser.add_argument
    option("--articles", type=Path, help="data/articles.jsonl of a built site")
    option("--synthetic", type=Path, help="folder of Markdown files behind front matter")
    option("--number", type=int, default=10_000)
    option("--work", type=Path, required=True)
    option("--queries", type=int, default=20)
    option("--one-segment", action="store_true")
    option("--again", action="store_true")
    option("--without-pagefind", action="store_true")
    option("--pagefind-python", default=sys.executable)
    option("--step", choices=("index", "pagefind"), help=argparse.SUPPRESS)
    return parser.parse_args()


def _write_records(options: argparse.Namespace) -> None:
    """Write the articles in order of time, one a line, so that building reads them one by one."""
    made = _synthetic(options) if options.synthetic else _repeated(options)
    years: dict[str, Path] = {}
    for record in made:
        part = years.setdefault(record.published[:4], options.work / f"records-{record.published[:4]}")
        with part.open("a", encoding="utf-8") as out:
            line = json.dumps(asdict(record), ensure_ascii=False)
            out.write(f"{record.published} {record.page}\t{line}\n")
    with (options.work / "records.jsonl").open("w", encoding="utf-8") as out:
        for year in sorted(years):
            lines = sorted(years[year].read_text(encoding="utf-8").splitlines())
            out.writelines(line.partition("\t")[2] + "\n" for line in lines)
            years[year].unlink()


def _repeated(options: argparse.Namespace) -> Iterator[Record]:
    rows = [json.loads(line) for line in options.articles.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if row["text"]]
    chance = random.Random(1)  # noqa: S311  the same articles every time
    for number in range(options.number):
        row = rows[number % len(rows)]
        year = FIRST_YEAR + number * (LAST_YEAR - FIRST_YEAR + 1) // options.number
        day = f"{year}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
        yield Record(
            page=f"{year}/{day[5:]}-{number:012x}.html",
            title=f"{row['title']}（{number}）",
            published=day,
            lang="",
            text=row["text"],
            publisher=row["publisher"] or "",
            outlets=tuple(row["outlets"]),
            editions=tuple(row["editions"]),
            platform=row["platform"],
        )


def _synthetic(options: argparse.Namespace) -> Iterator[Record]:
    """Read Markdown files behind front matter of one line a key, as the script that makes them writes them."""
    for number, file in enumerate(sorted(options.synthetic.glob("*.md"))[: options.number]):
        _, head, body = file.read_text(encoding="utf-8").split("---\n", 2)
        fields = dict(line.split(": ", 1) for line in head.splitlines())
        text = re.sub(r"\n+", "\n", re.sub(r"!?\[[^]]*\]\([^)]*\)|[#*]", "", body)).strip()
        page = f"{fields['date'][:4]}/{fields['date'][5:]}-{number:012x}.html"
        yield Record(page, fields["title"], fields["date"], "", text, fields["source"], (), (), "web")


def _step(name: str) -> dict[str, Any]:
    """Run one step in a process of its own, so that its memory is its own."""
    command = [sys.executable, __file__, *sys.argv[1:], "--step", name]
    outcome = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=Path.cwd())
    return dict(json.loads(outcome.stdout.splitlines()[-1]))


def _records(options: argparse.Namespace, span: Span | None = None) -> Iterator[Record]:
    with (options.work / "records.jsonl").open(encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if span is None or span.start <= number < span.stop:
                row = json.loads(line)
                yield Record(**row | {"outlets": tuple(row["outlets"]), "editions": tuple(row["editions"])})


def _spans(options: argparse.Namespace) -> tuple[Span, ...]:
    dates = [record.published for record in _records(options)]
    return (Span("all", 0, len(dates)),) if options.one_segment else spans_of(dates)


def _index(options: argparse.Namespace) -> None:
    started = time.perf_counter()
    table = folding((PROJECT / FILE).read_text(encoding="utf-8"))
    sizes: list[tuple[str, int]] = []
    longest = 0.0
    for span in _spans(options):
        began = time.perf_counter()
        folder = permalinks.search_folder(span.name, digest_of(_records(options, span), table))
        for path, data in segment_files(folder, _records(options, span), table):
            target = options.work / "site" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
            sizes.append((target.name, len(data)))
        longest = max(longest, time.perf_counter() - began)
    # What the kernel counts of a process begins with its parent's memory; the high-water mark does not.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = int(re.findall(r"VmHWM:\s+(\d+)", status)[0])
    _tell(started, peak, sizes, segments=len(_spans(options)), **{"seconds of the largest segment": round(longest, 1)})


def _pagefind(options: argparse.Namespace) -> None:
    started = time.perf_counter()
    command = [options.pagefind_python, "-m", "pagefind", "--site", options.work / "pages", "--silent"]
    subprocess.run(command, check=True, stdout=sys.stderr)
    files = [path for path in (options.work / "pages" / "pagefind").rglob("*") if path.is_file()]
    _tell(
        started, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, [("", path.stat().st_size) for path in files]
    )


def _tell(started: float, peak: int, sizes: Sequence[tuple[str, int]], **more: object) -> None:
    row = {
        "seconds": round(time.perf_counter() - started, 1),
        "peak MB": round(peak / 1024),
        "files": len(sizes),
        "MB": round(sum(size for _, size in sizes) / 1e6, 1),
        "MB of index": round(sum(size for name, size in sizes if name.startswith("i")) / 1e6, 1),
    }
    print(json.dumps(row | more))


_STEPS: dict[str, Callable[[argparse.Namespace], None]] = {"index": _index, "pagefind": _pagefind}


def _write_site(options: argparse.Namespace) -> None:
    """Put the search page of the sample archive before the index that was measured."""
    sample = options.work / "sample"
    build(load_settings(PROJECT / "site.yaml", output=sample))
    site = options.work / "site"
    subprocess.run(["cp", "-r", sample / "assets", site], check=True)  # noqa: S607
    for folder in (sample / "search").glob("folding-*"):
        subprocess.run(["cp", "-r", folder, site / "search"], check=True)  # noqa: S607
    folders = sorted(path.name for path in (site / "search").iterdir() if not path.name.startswith("folding-"))

    def filled(match: re.Match[str]) -> str:
        data = json.loads(match[2]) | {"segments": [[f"search/{name}", name[:4], name[:4]] for name in folders]}
        return match[1] + json.dumps(data, ensure_ascii=False).replace("<", "\\u003c") + match[3]

    text = (sample / "search.html").read_text(encoding="utf-8")
    (site / "search.html").write_text(ISLAND.sub(filled, text), encoding="utf-8")


def _write_pages(options: argparse.Namespace) -> None:
    pages = options.work / "pages"
    for record in _records(options):
        target = pages / record.page
        target.parent.mkdir(parents=True, exist_ok=True)
        body = "".join(f"<p>{_escaped(line)}</p>" for line in record.text.split("\n"))
        target.write_text(PAGE.format(title=_escaped(record.title), body=body), encoding="utf-8")
    (pages / "ask.html").write_text(PAGEFIND_PAGE, encoding="utf-8")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _choose_queries(options: argparse.Namespace) -> list[str]:
    """Runs of 2 to 8 Han characters of random articles, and single ones."""
    chance = random.Random(3)  # noqa: S311  the same queries every time
    wanted = set(chance.sample(range(options.number), min(options.number, options.queries * 3)))
    texts = [record.text for number, record in enumerate(_records(options)) if number in wanted]
    runs = [run for text in texts for run in RUN.findall(text)[:1]][: options.queries]
    lengths = (2, 2, 2, 3, 4, 4, 6, 8)
    return [run[: lengths[number % len(lengths)]] for number, run in enumerate(runs)] + [run[0] for run in runs[:3]]


@dataclass
class _Log:
    """What a server sent: path and bytes on the wire, in order."""

    sent: list[tuple[str, int]] = field(default_factory=list)


class _Handler(SimpleHTTPRequestHandler):
    """Serves a folder compressed, and logs."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # as web servers have it: an answer in two pieces would wait for 40 ms
    wbufsize = -1
    log: _Log

    def do_GET(self) -> None:
        """Answer with a file."""
        file = Path(self.translate_path(unquote(urlsplit(self.path).path)))
        if not file.is_file():
            self.send_error(404)
            return
        own = file.suffix not in PACKED  # Pagefind compresses its own files
        packed = file.read_bytes() if own else file.with_name(f"{file.name}.gz").read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript" if file.suffix == ".js" else self.guess_type(str(file)))
        if not own:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(packed)))
        self.end_headers()
        self.wfile.write(packed)
        self.wfile.flush()
        self.log.sent.append((self.path, len(packed)))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


def _ask_all(folder: Path, queries: Sequence[str], ask: Callable[[Any, str], list[float]]) -> dict[str, Any]:
    sys.path.insert(0, str(PROJECT / "tests"))
    from browser import Browser, find_browser  # type: ignore[import-not-found]  # noqa: PLC0415

    for file in [path for path in folder.rglob("*") if path.is_file() and path.suffix in PACKED]:
        file.with_name(f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes(), 6))
    log = _Log()
    handler = type("Handler", (_Handler,), {"log": log})
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    root = f"http://127.0.0.1:{server.server_address[1]}/"
    browser = Browser(find_browser(), str(folder.parent / f"profile-{os.getpid()}-{folder.name}"))
    rows = []
    try:
        for query in ["预热", *queries]:  # the first one warms the browser, and is not counted
            page = browser.page()
            page.send("Network.enable")
            page.send("Network.setCacheDisabled", cacheDisabled=True)
            log.sent.clear()
            page.open(root + ("ask.html" if ask is _ask_pagefind else "search.html"))
            cold = ask(page, query)
            sent = list(log.sent)
            ask(page, "缓存")
            warm = ask(page, query)
            rows.append((query, cold, warm, sent))
    finally:
        browser.close()
        server.shutdown()
    return _figures(rows[1:])


def _ask_ours(page: Any, query: str) -> list[float]:  # noqa: ANN401  the driver of the tests has no types
    return list(page.value(ASK.replace("QUERY", json.dumps(query))))


def _ask_pagefind(page: Any, query: str) -> list[float]:  # noqa: ANN401
    return list(page.value(f"window.ask({json.dumps(query)})"))


def _figures(rows: Sequence[tuple[str, list[float], list[float], list[tuple[str, int]]]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, some in (
        ("two and more", [row for row in rows if len(row[0]) > 1]),
        ("one character", [row for row in rows if len(row[0]) == 1]),
    ):
        if some:
            sent = [[(path, size) for path, size in row[3] if _is_query(path)] for row in some]
            facets = [sum(size for path, size in row[3] if "/facets" in path) for row in some]
            found |= {
                f"{name}: cold ms": _spread([row[1][0] for row in some]),
                f"{name}: warm ms": _spread([row[2][0] for row in some]),
                f"{name}: KB": _spread([sum(size for _, size in each) / 1000 for each in sent]),
                f"{name}: requests": _spread([len(each) for each in sent]),
                f"{name}: KB of facets": _spread([size / 1000 for size in facets]),
                f"{name}: ms with facets": _spread([row[1][-1] for row in some]),
            }
    return found


def _is_query(path: str) -> bool:
    """True for what a query loads: neither facets nor the page itself."""
    return ("/search/" in path and "/facets" not in path) or "/pagefind/" in path


def _spread(values: Sequence[float]) -> str:
    return f"{median(values):.0f} ({min(values):.0f}–{max(values):.0f})"


def _print(count: int, rows: dict[str, dict[str, Any]]) -> None:
    keys = dict.fromkeys(key for row in rows.values() for key in row)
    print(f"| {count} articles | {' | '.join(rows)} |")
    print(f"| --- |{' ---: |' * len(rows)}")
    for key in keys:
        print(f"| {key} | {' | '.join(str(row.get(key, '')) for row in rows.values())} |")


if __name__ == "__main__":
    main()
