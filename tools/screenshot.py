"""Takes docs/screenshot.png: the home page of the sample site, as a reader with a wide screen sees it.

Run it after `make site`: `.venv/bin/python tools/screenshot.py`. It needs Chromium.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

PROJECT = Path(__file__).resolve().parents[1]
SITE = PROJECT / "site"
PICTURE = PROJECT / "docs" / "screenshot.png"
WIDTH, HEIGHT = 1440, 1080
"""CSS pixels of the picture."""
COLOURS = 128
"""Colours that are kept: a page of text loses nothing visible, and the file stays small."""


def take_screenshot() -> None:
    """Write the picture.

    Raises:
        SystemExit: there is no sample site or no browser.
    """
    if not (SITE / "index.html").is_file():
        sys.exit("there is no site/index.html; run `make site` first")
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not browser:
        sys.exit("there is no Chromium on this machine")
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "home.png"
        subprocess.run(
            [
                browser,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--hide-scrollbars",
                f"--user-data-dir={folder}/profile",
                f"--window-size={WIDTH},{HEIGHT}",
                f"--screenshot={raw}",
                (SITE / "index.html").as_uri(),
            ],
            check=True,
            stderr=subprocess.DEVNULL,
        )
        with Image.open(raw) as image:
            small = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
            small.save(PICTURE, optimize=True)


if __name__ == "__main__":
    take_screenshot()
