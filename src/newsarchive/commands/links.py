"""Every address in the pages, style sheets and search files of a site, followed to the file and element it names."""

import json
import posixpath
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, cast
from urllib.parse import unquote, urlsplit

from lxml import etree

from newsarchive import permalinks
from newsarchive.commands.findings import AGAIN, REPORT, Finding

OUTSIDE = frozenset({"", "http", "https", "mailto"})
"""Schemes of addresses that may lead out of the site; those are not followed."""

_ADDRESSES = etree.XPath("//@href | //@src | //@action | //@formaction | //@poster | //@data", smart_strings=False)
_SETS = etree.XPath("//@srcset | //@imagesrcset", smart_strings=False)
_REFRESHES = etree.XPath("//meta[@http-equiv = 'refresh']/@content", smart_strings=False)
_IDS = etree.XPath("//@id", smart_strings=False)
_DATA = frozenset({"application/ld+json", "application/json"})
_STYLE_URL = re.compile(r"""url\(\s*["']?([^"')\s]+)""")
_SHARD = re.compile(rb'\w+\("([^"]*)",(.*)\);\s*', re.DOTALL)
_ASSETS = "assets/"
_TOP = frozenset({"", "top"})
_OF_ITSELF = frozenset({"", "#", "?"})
"""How an address begins that names the page it stands in."""
_SHOWN = 80


class Target(NamedTuple):
    """What an address within the site names."""

    path: str
    fragment: str
    """Empty where the file as a whole is meant."""


@dataclass(slots=True)
class _Named:
    page: str
    """The first that names it."""
    pages: int = 0


class Links:
    """Takes the files of a site one by one, and then tells what in them leads nowhere."""

    def __init__(self, files: Collection[str], base: str) -> None:
        """Begin with the paths of all files, as the folder spells them; `base` is that of `base_of`."""
        self.count = 0
        """Addresses within the site."""
        self._files = files
        self._base = base
        self._ids: dict[str, frozenset[str]] = {}
        self._named: dict[Target | str, _Named] = {}
        """A target within the site, or what is wrong with an address."""
        self._known: dict[str, dict[str, Target | str | None]] = {}
        """Folder of the file that holds an address → address → what it names."""

    def add_page(self, path: str, data: bytes) -> Iterator[Finding]:
        """Take a page, and give what is wrong with it alone: its ids, and the data in it."""
        parser = etree.HTMLParser(encoding="utf-8", huge_tree=True)
        try:
            root = etree.HTML(data, parser)
        except etree.XMLSyntaxError:
            root = None
        if parser.error_log.filter_from_fatals():
            yield Finding(path, "is nested too deep to be walked to its end", REPORT)
        if root is None:
            yield Finding(path, "is no page", REPORT)
            return
        ids = _strings(_IDS, root)
        self._ids[path] = frozenset(ids)
        if len(ids) != len(self._ids[path]):
            yield Finding(path, f"has the id {_repeated(ids)!r} more than once", REPORT)
        for script in root.iter("script"):
            if script.get("type") in _DATA:
                yield from self._add_data(path, script.text or "", script.get("id"))
        in_sets = [
            address for text in (*_strings(_SETS, root), *_strings(_REFRESHES, root)) for address in _in_set(text)
        ]
        self._add(path, (*_strings(_ADDRESSES, root), *in_sets))

    def add_style(self, path: str, data: bytes) -> None:
        """Take a style sheet."""
        self._add(path, _STYLE_URL.findall(data.decode("utf-8", "replace")))

    def add_shard(self, path: str, data: bytes) -> Iterator[Finding]:
        """Take a file of the search index, which calls a function with its own name and its data."""
        call = _SHARD.fullmatch(data)
        if call is None or call[1].decode("utf-8", "replace") != path.removesuffix(".js"):
            yield Finding(path, "does not call the search page by its own name", AGAIN)
        elif path.endswith("/main.js"):
            yield from self._add_main(path, call[2])

    def findings(self) -> Iterator[Finding]:
        """Give what leads nowhere, each target once, under the first page that names it."""
        for target, named in self._named.items():
            fault = target if isinstance(target, str) else self._fault_of(target)
            if fault:
                others = f" (so do {named.pages - 1} other pages)" if named.pages > 1 else ""
                yield Finding(named.page, fault + others, REPORT if isinstance(target, str) else AGAIN)

    def _add(self, path: str, addresses: Iterable[str]) -> None:
        known = self._known.setdefault(path if path == permalinks.NOT_FOUND else posixpath.dirname(path), {})
        found = []
        for address in addresses:
            if address[:1] in _OF_ITSELF:
                found.append(self._resolved(path, address))
                continue
            if address not in known:
                known[address] = self._resolved(path, address)
            found.append(known[address])
        inside = [target for target in found if target is not None]
        self.count += len(inside)
        for target in dict.fromkeys(inside):
            self._named.setdefault(target, _Named(path)).pages += 1

    def _resolved(self, path: str, address: str) -> Target | str | None:
        """What an address of a file names; what is wrong with it; None where it leads out of the site."""
        is_absolute = "://" in self._base or path == permalinks.NOT_FOUND
        if is_absolute and address.startswith(self._base):
            path, address = permalinks.HOME, address.removeprefix(self._base) or permalinks.HOME
        try:
            parts = urlsplit(address)
        except ValueError:
            return f"has {address[:_SHOWN]!r} for an address"
        if parts.scheme or parts.netloc:
            return None if parts.scheme in OUTSIDE else f"has {address[:_SHOWN]!r} for an address"
        inner = unquote(parts.path)
        joined = posixpath.normpath(posixpath.join(posixpath.dirname(path), inner)) if inner else path
        if joined.startswith(("/", "../")) or joined == "..":
            return f"leads out of the site with {address[:_SHOWN]!r}"
        fragment = unquote(parts.fragment).partition(":~:")[0]
        return Target(joined, fragment if joined in self._files else "")

    def _fault_of(self, target: Target) -> str:
        if target.path not in self._files:
            like = next((path for path in self._files if path.casefold() == target.path.casefold()), None)
            return f"leads to {target.path}, which is {f'spelt {like}' if like else 'not there'}"
        ids = self._ids.get(target.path)
        if target.fragment in _TOP or ids is None or target.fragment in ids:
            return ""
        return f"leads to {target.path}#{target.fragment}, an element that is not there"

    def _add_data(self, path: str, text: str, name: str | None) -> Iterator[Finding]:
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            yield Finding(path, "holds data that is no JSON", REPORT)
            return
        if name == "search" and isinstance(data, dict):
            folders = [segment[0] for segment in data.get("segments", ()) if segment]
            self._add(path, [str(data.get("folding")), *(f"{each}/{file}.js" for each in folders for file in _SHARDS)])

    def _add_main(self, path: str, text: bytes) -> Iterator[Finding]:
        try:
            data = json.loads(text)
            counts = {"i": len(data["index"]), "t": len(data["texts"])}
        except (ValueError, KeyError, TypeError, RecursionError):
            yield Finding(path, "does not tell which files its segment has", AGAIN)
            return
        self._add(path, [f"{kind}{number}.js" for kind, count in counts.items() for number in range(count)])


_SHARDS = ("main", "facets")
"""Files that each segment of the search index has; its `main.js` names the others."""


def base_of(data: bytes) -> str:
    """Give what the addresses of `404.html` begin with: `/`, or the address the site was built for."""
    try:
        root = etree.HTML(data, etree.HTMLParser(encoding="utf-8"))
    except etree.XMLSyntaxError:
        root = None
    addresses = [] if root is None else _strings(_ADDRESSES, root)
    return next((each.partition(_ASSETS)[0] for each in addresses if _ASSETS in each), "/") or "/"


def _strings(path: etree.XPath, root: "etree._Element") -> list[str]:
    return cast("list[str]", path(root))


def _in_set(text: str) -> Iterator[str]:
    """Addresses of a `srcset`, or the one of a `refresh`: `a.png 1x, b.png 2x` or `0; url=a.html`."""
    for candidate in text.split(","):
        words = candidate.strip().partition("url=")[2] or candidate.strip()
        if words:
            yield words.split()[0]


def _repeated(ids: Iterable[str]) -> str:
    seen: set[str] = set()
    return next(each for each in ids if each in seen or seen.add(each))  # type: ignore[func-returns-value]
