"""Scores the home page, a year and an article of a built site with Lighthouse, over http from this machine.

    npm install --prefix benchmarks/node
    .venv/bin/python benchmarks/lighthouse.py site

It needs Node, npm's packages of benchmarks/node and Chromium, prints a table of the four scores, and ends with status 1
where one is below 95. A page that falls short is looked at twice more, and its best scores count: what else the machine
does can only take points away.
"""

import json
import os
import shutil
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
PROGRAM = PROJECT / "benchmarks" / "node" / "node_modules" / ".bin" / "lighthouse"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
LEAST = 95
"""The lowest score that is good enough, of 100."""
RUNS = 3
"""Most looks at one page."""
FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-quic --disable-background-networking"


class Handler(SimpleHTTPRequestHandler):
    """Serves a folder without a word."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 - the signature of the base class
        """Say nothing."""


def main(site: Path) -> bool:
    """Print the table; true where every score is high enough."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    root = f"http://127.0.0.1:{server.server_address[1]}/"
    print("| page |", " | ".join(CATEGORIES), "|\n| --- |" + " --- |" * len(CATEGORIES))
    scores = [_score(kind, root + path) for kind, path in _pages(site).items()]
    server.shutdown()
    return all(score >= LEAST for row in scores for score in row)


def _pages(site: Path) -> dict[str, str]:
    sys.path.insert(0, str(PROJECT / "tests"))
    from kinds import pages_of  # type: ignore[import-not-found]  # noqa: PLC0415 - tests share it, and are no package

    pages = pages_of(site)
    return {kind: pages[kind] for kind in ("home", "year", "article")}


def _score(kind: str, address: str) -> list[int]:
    scores, faults = _run(address)
    for _ in range(RUNS - 1):
        if min(scores) < LEAST:
            again, faults = _run(address)
            scores = list(map(max, scores, again))
    print(f"| {kind} |", " | ".join(map(str, scores)), "|", flush=True)
    if min(scores) < LEAST:
        print(*(f"{kind}: {fault}" for fault in faults), sep="\n", file=sys.stderr)
    return scores


def _run(address: str) -> tuple[list[int], list[str]]:
    """One look: the scores, and what costs points where one is too low."""
    command = [str(PROGRAM), address, "--quiet", "--output=json", f"--chrome-flags={FLAGS}"]
    environment = os.environ | {"CHROME_PATH": _browser()}
    process = subprocess.run(
        [*command, f"--only-categories={','.join(CATEGORIES)}"], env=environment, capture_output=True, check=True
    )
    result = json.loads(process.stdout)
    scores = [round(100 * result["categories"][name]["score"]) for name in CATEGORIES]
    low = [name for name, score in zip(CATEGORIES, scores, strict=True) if score < LEAST]
    return scores, [f"{name}: {', '.join(_faults(result, name))}" for name in low]


def _faults(result: dict[str, Any], category: str) -> list[str]:
    """Names of the audits of a category that cost points."""
    weights = {ref["id"]: ref["weight"] for ref in result["categories"][category]["auditRefs"]}
    audits = (result["audits"][name] for name, weight in weights.items() if weight)
    return [audit["id"] for audit in audits if audit["score"] is not None and audit["score"] < 1]


def _browser() -> str:
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")


if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1], "index.html").is_file():
        sys.exit("usage: python benchmarks/lighthouse.py FOLDER_OF_A_SITE")
    if not PROGRAM.is_file():
        sys.exit("Lighthouse is not installed; run `npm install --prefix benchmarks/node` first")
    sys.exit(0 if main(Path(sys.argv[1])) else 1)
