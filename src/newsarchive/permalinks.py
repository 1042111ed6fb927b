"""Slugs, output paths and relative links: the only place where an address of the site is formed.

Every path is relative to the site's root, ASCII, lower case and at most 120 bytes, so that the same
files work on every file system and host. A name that comes from content reaches a path through
`segment` alone.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from hashlib import sha256

from newsarchive import hanzi
from newsarchive.article import Moment
from newsarchive.errors import OutputError

HOME = "index.html"
"""The home page."""
NOT_FOUND = "404.html"
"""The page a host shows for an unknown address."""
ABOUT = "about.html"
"""What the archive holds and what was removed."""
RULES = "rules.html"
"""All rules, with what each of them took."""
EDITIONS = "editions/index.html"
"""Listing of all editions."""
TIMELINE = "timeline.html"
"""Articles by year and month, with the editions on the line of time."""
SEARCH = "search.html"
"""The page that searches."""
STATISTICS = "statistics.html"
"""Counts and charts."""
UNDATED = "undated/index.html"
"""Listing of the articles without a date."""
PUBLISHERS = "publishers/index.html"
"""Listing of all publishers."""
OUTLETS = "outlets/index.html"
"""Listing of all outlets."""
NO_JEKYLL = ".nojekyll"
"""Empty file that tells GitHub Pages to serve the files as they are."""
ARTICLES_JSONL = "data/articles.jsonl"
"""Every capture, one JSON object a line."""
ARTICLES_CSV = "data/articles.csv"
"""The same as a table."""
REMOVED_JSONL = "data/removed.jsonl"
"""Every removed block in full."""
REPORT_JSON = "data/report.json"
"""Counts and problems."""

UNKNOWN = "unknown"
"""Key and slug of the unknown publisher."""
RESERVED = frozenset({"index", UNKNOWN})
"""Slugs that no publisher or outlet may have."""

MAX_PATH = 120
"""Longest path, in bytes."""
MAX_SEGMENT = 60
"""Longest name between two slashes that comes from content or rules, in bytes."""

_SEGMENT = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_PATH_PART = re.compile(r"[a-z0-9._-]*[a-z0-9_-]")
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?")
_NO_ANCHOR = re.compile(r"[^A-Za-z0-9/._-]+")
_SUFFIX = ".html"
_fold = lru_cache(maxsize=4096)(hanzi.fold)


def article_permalink(identity: str, published: Moment | None) -> str:
    """Give the page of an article: by as much of its date as is known, then its id."""
    name = segment(identity)
    if published is None:
        return safe_path(f"undated/{name}{_SUFFIX}")
    year, *rest = published.iso[:10].split("-")
    return safe_path(f"{year}/{'-'.join([*rest, name])}{_SUFFIX}")


def publisher_slug(name: str, known: Mapping[str, str], spell: Callable[[str], hanzi.Spelling] = hanzi.spell) -> str:
    """Give the slug of a publisher or outlet: the one that the rules give it, else one made of its pinyin.

    `known` maps display names to slugs; a name that differs from one of them in width, case or white
    space alone has its slug. The made one ends in four hexadecimal digits of the folded name, so that
    homophones stay apart; `spell` gives the pinyin.

    Raises:
        OutputError: a slug in `known` is reserved or is no safe name.
    """
    slug = _known_slug(name, known)
    return _made_slug(name, spell(name).slug) if slug is None else _unreserved(segment(slug), name)


def year_listing(year: int | str) -> str:
    """Give the listing of one year."""
    return safe_path(f"{segment(str(year))}/index{_SUFFIX}")


def year_publisher_listing(year: int | str, slug: str) -> str:
    """Give the listing of one publisher within a year; `slug` may be `unknown`."""
    return safe_path(f"{segment(str(year))}/{segment(slug)}{_SUFFIX}")


def publisher_listing(slug: str) -> str:
    """Give the listing of one publisher; `slug` may be `unknown`."""
    return safe_path(f"publishers/{segment(slug)}{_SUFFIX}")


def outlet_listing(slug: str) -> str:
    """Give the listing of one outlet."""
    return safe_path(f"outlets/{segment(slug)}{_SUFFIX}")


def edition_listing(key: str) -> str:
    """Give the page of one edition by its key."""
    return safe_path(f"editions/{segment(key)}{_SUFFIX}")


def comparison(one: str, two: str) -> str:
    """Give the page that compares two articles by their ids, the one published first standing first."""
    return safe_path(f"compare/{segment(one)}-{segment(two)}{_SUFFIX}")


@lru_cache(maxsize=4096)
def rule_anchor(rule: str) -> str:
    """Give the anchor of a rule on the page of rules: its id, without what no address can hold."""
    return _NO_ANCHOR.sub("-", rule)


def page_of(listing: str, number: int) -> str:
    """Give the page of a listing by its number from 1; the first is the listing itself."""
    if number < 1:
        raise ValueError(f"pages count from 1, not {number}")
    if number == 1:
        return listing
    return safe_path(f"{listing.removesuffix(_SUFFIX)}-{number}{_SUFFIX}")


def media_file(digest: str, kind: str) -> str:
    """Give the path of a picture by the SHA-256 of its bytes (hexadecimal) and its type, such as `png`."""
    return safe_path(f"media/{segment(digest[:16])}.{segment(kind)}")


def search_folder(name: str, digest: str) -> str:
    """Give the folder of a part of the search index by its name and the digest of what it holds."""
    return safe_path(f"search/{segment(name)}-{segment(digest)}")


def asset_file(name: str) -> str:
    """Give the path of a static file by its name within `static/`."""
    return safe_path(f"assets/{name}")


def relative(from_page: str, to: str) -> str:
    """Give the link from one page of the site to a file of it, both relative to the root.

    A fragment or query at the end of `to` is kept. A page links to itself by its own name.
    """
    path, rest = _without_rest(to)
    here, there = from_page.split("/")[:-1], path.split("/")
    shared = 0
    while shared < min(len(here), len(there) - 1) and here[shared] == there[shared]:
        shared += 1
    return "/".join([".."] * (len(here) - shared) + there[shared:]) + rest


@lru_cache(maxsize=256)
def links_from(folder: str) -> Callable[[str], str]:
    """Give what `relative` gives for every page of one folder: path of the site → link.

    `folder` is the page's path up to its last `/`, that included; empty for pages at the root.
    """
    depth, cut = folder.count("/"), len(folder)
    if depth == 0:
        return lambda to: to
    if depth > 1:
        return lambda to: relative(folder, to)
    return lambda to: to[cut:] if to.startswith(folder) else "../" + to


def folder_of(page: str) -> str:
    """Give the folder of a page, as `links_from` takes it."""
    return page[: page.rfind("/") + 1]


def absolute(base_url: str, to: str) -> str:
    """Give the link to a file of the site from anywhere: below `base_url`, or from `/` where that is empty."""
    return (base_url or "/") + to


def segment(text: str) -> str:
    """Let a name pass that may stand in a path: ASCII letters in lower case, digits, single hyphens.

    Raises:
        OutputError: the name is anything else, too long, or a device name of Windows.
    """
    if _SEGMENT.fullmatch(text) and len(text) <= MAX_SEGMENT and not _DEVICE.fullmatch(text):
        return text
    raise OutputError(
        repr(text),
        "cannot be part of an address",
        f"use lower-case letters, digits and hyphens, at most {MAX_SEGMENT} of them",
    )


def safe_path(path: str) -> str:
    """Let a path pass that may be written below the site's root.

    Raises:
        OutputError: it leads out of the root, is too long, or holds a name that some system cannot store.
    """
    parts = path.split("/")
    fits = all(_PATH_PART.fullmatch(part) and not _DEVICE.fullmatch(part) for part in parts)
    if fits and len(path) <= MAX_PATH:
        return path
    raise OutputError(repr(path), "is no path of a site", f"use ASCII, lower case, at most {MAX_PATH} bytes")


def _known_slug(name: str, known: Mapping[str, str]) -> str | None:
    if name in known:
        return known[name]
    folded = _fold(name)
    return next((slug for other, slug in known.items() if _fold(other) == folded), None)


def _made_slug(name: str, spelt: str) -> str:
    digits = sha256(hanzi.fold(name).encode("utf-8", "backslashreplace")).hexdigest()[:4]
    pinyin = re.sub(r"[^a-z0-9]+", "-", spelt[:40]).strip("-")
    return segment(f"{pinyin}-{digits}" if pinyin else f"x-{digits}")


def _unreserved(slug: str, name: str) -> str:
    if slug in RESERVED:
        raise OutputError(repr(name), f"has the reserved slug {slug!r}", "give it another in rules/publishers/")
    return slug


def _without_rest(address: str) -> tuple[str, str]:
    cut = re.search(r"[?#]", address)
    return (address[: cut.start()], address[cut.start() :]) if cut else (address, "")
