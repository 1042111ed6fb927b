"""Build the archive: `python build.py [ARGS]` is `newsarchive build [ARGS]`."""

import sys
from pathlib import Path

SET_UP = "python3 -m venv .venv && .venv/bin/python -m pip install -c constraints.txt -e . && .venv/bin/python build.py"
"""What to run where the packages are missing."""


def run() -> int:
    """Run the build with the arguments of the process; without its packages say how to get them."""
    sys.path.insert(0, str(Path(__file__).resolve().parent / "src"))
    try:
        from newsarchive.cli import main  # noqa: PLC0415  the package is found from here on

        return main(["build", *sys.argv[1:]])
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("newsarchive"):
            raise
        print(f"the package {error.name} is not installed; set up with: {SET_UP}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(run())
