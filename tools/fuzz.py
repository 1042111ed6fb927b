"""Feed made-up bytes to the loader or to the markup, led by what code they reach; stops at the first fault.

`python tools/fuzz.py loader|markup [FOLDER] [OPTIONS]`, with the extra `fuzz` installed. FOLDER holds the bytes to
begin with and takes those that reached something new; options are those of libFuzzer, as `-max_total_time=600`.
"""

import contextlib
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["newsarchive"]):
    import newsarchive.fields
    import newsarchive.sidecars
    import newsarchive.trees  # noqa: F401  these are loaded late otherwise, when nothing is counted any more
    from newsarchive.article import Document, Shape
    from newsarchive.errors import ContentError
    from newsarchive.loader import load_document
    from newsarchive.markup import ATTRIBUTES, TAGS, parse_document, to_html
    from newsarchive.runs import SCHEMES
    from newsarchive.settings import Settings
    from newsarchive.sources import find_content

FOLDER = Path(tempfile.mkdtemp(prefix="newsarchive-fuzz-"))
"""Where the bytes stand as a content file."""
SETTINGS = Settings(FOLDER, "样例", (FOLDER,), FOLDER / "site")
SHAPES: tuple[Shape, ...] = ("markdown", "fragment", "page", "text")
OURS = TAGS | {"p", "div", "h2", "h3", "h4", "h5", "h6", "hr", "pre", "ul", "ol", "li", "blockquote"}
"""Elements that a story's page may hold."""
NAMES = {name for names in ATTRIBUTES.values() for name in names}
NAMES |= {"rel", "lang", "class", "start", "role", "tabindex", "aria-label"}
"""Attributes that these may have."""


def main() -> None:
    """Run one of the targets until it fails or its time is over; exits as it does."""
    target = TARGETS[sys.argv.pop(1)]
    child = os.fork()  # libFuzzer ends its process by itself, and nobody could clear the folder
    if child == 0:
        atheris.Setup(sys.argv, target)
        atheris.Fuzz()
    try:
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    finally:
        shutil.rmtree(FOLDER)


def load(data: bytes) -> None:
    """Any bytes load or raise `ContentError`."""
    (FOLDER / "a.md").write_bytes(data)
    [source] = find_content([FOLDER])
    with contextlib.suppress(ContentError):
        load_document(source, SETTINGS).body.encode("utf-8")


def mark(data: bytes) -> None:
    """Any text becomes the same blocks by both engines, and these inert markup; its first byte tells the shape."""
    body = data[1:].decode("utf-8", "ignore").replace("\r", "\n")
    shape = SHAPES[data[0] % len(SHAPES)] if data else "text"
    document = Document("a.md", "0" * 64, shape, "utf-8", body=body)
    blocks = parse_document(document, {}).blocks
    if blocks != parse_document(document, {}, engine="reference").blocks:
        raise AssertionError("the engines differ")
    _Inert().feed(to_html(blocks, lambda _: ""))


class _Inert(HTMLParser):
    """Raises at the first element, attribute or address that no story may hold."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Check one element."""
        if tag not in OURS or not {name for name, _ in attrs} <= NAMES:
            raise AssertionError(f"<{tag}> with {attrs}")
        for name, value in attrs:
            scheme = re.match(r"\s*([a-z][a-z0-9+.-]*):", value or "", re.IGNORECASE)
            if name == "href" and scheme and scheme[1].lower() not in SCHEMES:
                raise AssertionError(f"leads to {value}")


TARGETS: dict[str, Callable[[bytes], None]] = {"loader": load, "markup": mark}

if __name__ == "__main__":
    main()
