"""Takes docs/gallery/: pages of the sample site side by side, at the widths and in the themes that readers have.

Run it after `make site`: `.venv/bin/python tools/gallery.py`. It needs Chromium. The driver of the browser and the list
of kinds of pages are those of the tests, in tests/browser.py and tests/kinds.py. `--all FOLDER` writes every kind at
every width in both themes into a folder instead, to look through.
"""

import base64
import io
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image

PROJECT = Path(__file__).resolve().parents[1]
SITE = PROJECT / "site"
GALLERY = PROJECT / "docs" / "gallery"
WIDTHS = {360: 780, 768: 1024, 1440: 1000}
"""Height of the window in CSS pixels by its width: a phone, a tablet, a wide screen."""
SHOWN = (
    *(("home", 1440, "light"), ("home", 360, "dark"), ("year", 768, "light"), ("article", 1440, "light")),
    *(("article", 360, "dark"), ("edition", 1440, "dark"), ("timeline", 768, "light"), ("statistics", 1440, "light")),
    *(("compare", 768, "dark"), ("search", 360, "light"), ("publisher", 768, "light"), ("rules", 360, "light")),
)
"""Kind, width and theme of the pictures that docs/gallery.md shows."""
COLOURS = 64
"""Colours that are kept: a page of text loses nothing visible, and the files stay small."""


def take_gallery(wanted: Iterator[tuple[str, int, str]], folder: Path) -> None:
    """Write the wanted pictures into a folder, one page after another.

    Raises:
        SystemExit: there is no sample site or no browser.
    """
    sys.path.insert(0, str(PROJECT / "tests"))
    from browser import Browser, find_browser  # type: ignore[import-not-found]  # noqa: PLC0415 - tests are no package
    from kinds import pages_of  # type: ignore[import-not-found]  # noqa: PLC0415

    program = find_browser()
    if not (SITE / "index.html").is_file() or not program:
        sys.exit("there is no site/index.html (run `make site` first) or no Chromium")
    folder.mkdir(parents=True, exist_ok=True)
    pages = pages_of(SITE)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(program, profile)
        page = browser.page()
        for kind, width, theme in wanted:
            name = f"{kind.replace(' ', '-')}-{width}-{theme}.png"
            _save(_shoot(page, f"{SITE.as_uri()}/{pages[kind]}", width, theme), folder / name)
        browser.close()


def _shoot(page: Any, address: str, width: int, theme: str) -> bytes:  # noqa: ANN401 - the driver of the tests has no types
    page.resize(width, WIDTHS[width])
    page.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": theme}])
    page.open(address)
    if "?q=" in address:
        page.value(
            "new Promise((done) => { const look = () => document.documentElement.dataset.search === 'done'"
            " ? done() : setTimeout(look, 20); look(); })"
        )
    return base64.b64decode(page.send("Page.captureScreenshot", format="png")["data"])


def _save(picture: bytes, path: Path) -> None:
    with Image.open(io.BytesIO(picture)) as image:
        small = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        small.save(path, optimize=True)


def _every_kind() -> Iterator[tuple[str, int, str]]:
    sys.path.insert(0, str(PROJECT / "tests"))
    from kinds import pages_of  # noqa: PLC0415

    # The links of 404.html start at the root of a host, so that it has no style on disk.
    kinds = [kind for kind in pages_of(SITE) if kind != "404"]
    return ((kind, width, theme) for kind in kinds for width in WIDTHS for theme in ("light", "dark"))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--all"] and len(sys.argv) == 3:
        take_gallery(_every_kind(), Path(sys.argv[2]))
    elif len(sys.argv) == 1:
        take_gallery(iter(SHOWN), GALLERY)
    else:
        sys.exit("usage: python tools/gallery.py [--all FOLDER]")
