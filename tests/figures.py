"""Figures of docs/reliability.md that tests measure: `make test-long` writes them, other runs leave the page alone."""

import os
import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reliability.md"
"""Where the figures stand: rows of a table, `| name | figure | … |`."""


def record(name, figure):
    """Write a figure into its row, where NEWSARCHIVE_FIGURES is set; a name without a row is an error anyway."""
    row = re.compile(rf"^(\| {re.escape(name)} \|)[^|]*(?=\|)", re.MULTILINE)
    assert row.search(PAGE.read_text("utf-8")), f"docs/reliability.md has no row for {name!r}"
    if os.environ.get("NEWSARCHIVE_FIGURES"):
        with PAGE.open("r+", encoding="utf-8", newline="\n") as page, locked(page):
            text = row.sub(rf"\g<1> {figure:,} ", page.read())
            page.seek(0)
            page.write(text)
            page.truncate()


class locked:  # noqa: N801  reads as what it does
    """Keep the tests that run beside this one from writing the same page."""

    def __init__(self, file):
        self.file = file

    def __enter__(self):
        import fcntl  # noqa: PLC0415  figures are measured where it is

        fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *_):
        self.file.flush()
