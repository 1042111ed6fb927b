"""The arguments of each command, as help and docs tell them."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from newsarchive import __version__

_LONGEST = 86_400.0
"""Most seconds that an option takes."""


def make_parser() -> argparse.ArgumentParser:
    """Give what reads the arguments of all commands; `command` is None where none was named."""
    parser = argparse.ArgumentParser(
        prog="newsarchive", description="Build a browsable news archive, made of plain files, from collected articles."
    )
    parser.add_argument("--version", action="version", version=f"newsarchive {__version__}")
    parser.set_defaults(command=None)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command")
    _add_build(commands.add_parser)
    _add_explain(commands.add_parser)
    _add_learn(commands.add_parser)
    _add_mirror(commands.add_parser)
    _add_check(commands.add_parser)
    return parser


def _add_explain(add: Callable[..., Any]) -> None:
    explain = add(
        "explain",
        help="show one file line by line: kept, moved or removed, and why",
        description="Show one content file line by line: what a build keeps, moves to a field or removes, and why.",
    )
    explain.add_argument("file", type=Path, metavar="FILE", help="content file, in a content folder or elsewhere")
    _add_common(explain.add_argument)


def _add_learn(add: Callable[..., Any]) -> None:
    learn = add(
        "learn",
        help="draft rule files from what recurs in each publisher's articles",
        description="Draft rule files from what recurs in each publisher's articles; they apply once reviewed.",
    )
    option = learn.add_argument
    _add_common(option)
    option("--content", type=Path, action="append", metavar="DIR", help="folder with article files; may be repeated")
    option("--publisher", metavar="NAME", help="learn of this publisher only")
    option(
        "--output", dest="drafts", type=Path, metavar="DIR",
        help="folder the drafts are written to (default: drafts/ beside site.yaml)",
    )  # fmt: skip
    option(
        "--min-articles", dest="least", type=int, default=3, metavar="N",
        help="articles in which a line must recur (default: 3)",
    )  # fmt: skip
    option("--workers", type=int, metavar="N", help="processes that prepare articles (default: one a core)")
    _add_loudness(learn)


def _add_mirror(add: Callable[..., Any]) -> None:
    mirror = add(
        "mirror",
        help="fetch the pictures that articles use into media/",
        description="Fetch the pictures that articles use into media/ beside site.yaml, where builds find them.",
    )
    option = mirror.add_argument
    _add_common(option)
    option("--content", type=Path, action="append", metavar="DIR", help="folder with article files; may be repeated")
    option("--limit", type=_whole, metavar="N", help="ask for N pictures at most, and leave the rest for another run")
    option(
        "--timeout", type=_seconds, default=30.0, metavar="S", help="seconds that one picture may take (default: 30)"
    )
    option(
        "--delay", type=_seconds, default=1.0, metavar="S",
        help="seconds that a host rests between two pictures (default: 1)",
    )  # fmt: skip
    option("--retry-failed", action="store_true", help="ask again for what failed in an earlier run")
    option("--allow-loopback", action="store_true", help="ask this machine too; private networks are never asked")
    option("--workers", type=int, metavar="N", help="processes that prepare articles (default: one a core)")
    _add_loudness(mirror)


def _add_check(add: Callable[..., Any]) -> None:
    check = add(
        "check",
        help="verify a built or deployed site: files, links, data, size",
        description="Verify a built or deployed site: files against its manifest, links, data, size.",
    )
    option = check.add_argument
    option("site", type=Path, nargs="?", metavar="SITE", help="folder of the site (default: the output of site.yaml)")
    option("--config", type=Path, metavar="FILE", help="settings of the archive (default: site.yaml)")
    option("--allow", action="append", metavar="PATTERN", help="paths that may stand beside the site's own files")
    _add_loudness(check)


def _whole(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1")
    return int(text)


def _workers(text: str) -> int | str:
    if text.startswith("dask:"):
        return text
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is neither a number nor dask:URL") from None


def _seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1
    if not 0 <= number <= _LONGEST:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds up to {_LONGEST:.0f}")
    return number


def _add_common(option: Callable[..., Any]) -> None:
    option("--config", type=Path, metavar="FILE", help="settings of the archive (default: site.yaml)")
    option(
        "--no-publisher-rules", dest="publisher_rules", action="store_const", const=False,
        help="apply the rules of platforms and the generic ones only",
    )  # fmt: skip


def _add_loudness(parser: argparse.ArgumentParser) -> None:
    loudness = parser.add_mutually_exclusive_group()
    loudness.add_argument("-q", "--quiet", action="store_true", help="tell neither progress nor problems")
    loudness.add_argument("-v", "--verbose", action="store_true", help="list every problem, and time each step")


def _add_build(add: Callable[..., Any]) -> None:
    build = add(
        "build", help="read the articles and write the site", description="Read the articles and write the site."
    )
    option = build.add_argument
    _add_common(option)
    option("--content", type=Path, action="append", metavar="DIR", help="folder with article files; may be repeated")
    option("--output", type=Path, metavar="DIR", help="folder the site is written to")
    option("--base-url", metavar="URL", help="address the site will have, for canonical links")
    option(
        "--workers", type=_workers, metavar="N|dask:URL",
        help="processes that prepare articles (default: one a core), or a cluster such as dask:tcp://host:8786",
    )  # fmt: skip
    cache = build.add_mutually_exclusive_group()
    cache.add_argument("--cache", type=Path, metavar="DIR", help="folder in which prepared articles are remembered")
    cache.add_argument(
        "--no-cache", action="store_true", help="prepare every article and leave nothing beside the site"
    )
    option(
        "--no-search", dest="search", action="store_const", const=False,
        help="write no search page and no index; pages then carry no form",
    )  # fmt: skip
    option(
        "--engine", choices=("fast", "reference"),
        help="read plain Markdown the fast way (default), or every file by the converter; both give the same site",
    )  # fmt: skip
    option("--strict", action="store_const", const=True, help="fail where any file has a problem")
    option(
        "--build-date",
        metavar="ISO",
        help="day of the build (default: SOURCE_DATE_EPOCH, else the newest in the content)",
    )
    _add_loudness(build)
