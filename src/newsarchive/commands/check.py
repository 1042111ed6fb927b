"""Verifies a built or deployed site: its files against its manifest, its links, its data, its size."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from fnmatch import fnmatchcase
from hashlib import sha256
from pathlib import Path

from newsarchive import permalinks
from newsarchive.commands.findings import AGAIN, COPY, REPORT, Finding
from newsarchive.commands.links import Links, base_of
from newsarchive.commands.schemas import check_data
from newsarchive.errors import CommandError, OutputError
from newsarchive.manifest import MANIFEST, OWN, SUMS, Listed, listed_files
from newsarchive.settings import Budget, load_settings

VERSIONED = (".git", ".hg", ".svn")
"""Folders at a site's root that hold its versions, and are no part of it."""

_DATA = (permalinks.ARTICLES_JSONL, permalinks.ARTICLES_CSV, permalinks.REMOVED_JSONL, permalinks.REPORT_JSON)


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a check saw."""

    files: int
    """Files of the site, manifest and sums not counted."""
    pages: int
    links: int
    """Addresses within the site that were followed."""
    bytes: int
    """Size of all files together."""
    findings: tuple[Finding, ...]
    """By path."""


def check_site(
    site: Path,
    budget: Budget,
    allowed: Sequence[str] = (),
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> CheckReport:
    """Verify a site; `allowed` are patterns of paths that may stand in it beside its own files.

    Raises:
        CommandError: there is no such folder, or it holds no site.
    """
    if not site.is_dir():
        raise CommandError(str(site), "is no folder", "build the site, or name its folder")
    files = dict(_walk(site, ""))
    if not files.keys() & {MANIFEST, permalinks.HOME}:
        raise CommandError(str(site), "holds no site", "name the folder that holds index.html")
    findings = [*_check_size(files, budget)]
    listed = _listed(site, findings)
    findings += _check_listing(files.keys(), listed, _sums(site), allowed)
    data = {path: _read(site, path) for path in _DATA if path in files}
    told = check_data(data, files)
    findings += told.findings
    links = Links(files, base_of(_read(site, permalinks.NOT_FOUND)) if permalinks.NOT_FOUND in files else "/")
    hashes: dict[str, list[bytes]] = {}
    for row in told.articles:
        hashes.setdefault(str(row["permalink"]), []).append(str(row["sha256"]).encode())
    for number, path in enumerate(sorted(files.keys() - OWN), 1):
        progress("checking files", number, len(files))
        content = _read(site, path)
        findings += _check_hash(path, content, listed)
        findings += _check_content(path, content, links, hashes.get(path, ()))
    findings += links.findings()
    pages = sum(path.endswith(".html") for path in files)
    own = len(files.keys() & OWN)
    return CheckReport(len(files) - own, pages, links.count, sum(files.values()), tuple(sorted(findings)))


def choose_site(site: Path | None, config: Path | None) -> tuple[Path, Budget]:
    """Give the folder to check and its budget: what is named, else the output of `site.yaml`.

    Raises:
        NewsArchiveError: neither a folder is named nor readable settings.
    """
    if site is not None and config is None and not Path("site.yaml").is_file():
        return site, Budget()
    settings = load_settings(config)
    return site or settings.output, settings.budget


def _walk(folder: Path, prefix: str) -> Iterator[tuple[str, int]]:
    """Path and size of every file, spelt as the folder spells it; links are files of their own, and not followed."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if prefix or entry.name not in VERSIONED:
                    yield from _walk(folder / entry.name, f"{prefix}{entry.name}/")
            elif prefix or entry.name not in VERSIONED:  # in a worktree `.git` is a file
                yield prefix + entry.name, entry.stat(follow_symlinks=False).st_size


def _read(site: Path, path: str) -> bytes:
    """Bytes of a file of the site; empty where it is a link or cannot be read, which its hash then tells."""
    try:
        return b"" if (site / path).is_symlink() else (site / path).read_bytes()
    except OSError:
        return b""


def _listed(site: Path, findings: list[Finding]) -> Mapping[str, Listed]:
    try:
        listed = listed_files(site)
    except OutputError as error:
        findings.append(Finding(MANIFEST, error.finding, AGAIN))
        return {}
    if not listed:
        findings.append(Finding(MANIFEST, "is missing or lists nothing", COPY))
    return listed


def _sums(site: Path) -> Mapping[str, str]:
    lines = _read(site, SUMS).decode("utf-8", "replace").splitlines()
    return {path: digest for digest, _, path in (line.partition("  ") for line in lines)}


def _check_listing(
    files: AbstractSet[str], listed: Mapping[str, Listed], sums: Mapping[str, str], allowed: Sequence[str]
) -> Iterator[Finding]:
    for path in sorted(listed.keys() - files):
        yield Finding(path, "is missing", COPY)
    for path in sorted(files - listed.keys() - OWN if listed else ()):
        if not any(fnmatchcase(path, pattern) for pattern in allowed):
            yield Finding(path, "is not of this site", "remove it, or name it with --allow")
    if SUMS not in files:
        yield Finding(SUMS, "is missing", COPY)
        return
    for path in sorted(listed.keys() ^ sums.keys() if listed else ()):
        where = f"{MANIFEST} lists" if path in listed else f"{SUMS} lists"
        yield Finding(path, f"is what {where} alone", COPY)
    for path in sorted(path for path in listed.keys() & sums.keys() if listed[path].sha256 != sums[path]):
        yield Finding(path, f"has another hash in {SUMS} than in {MANIFEST}", COPY)
    for path in sorted(OWN & (listed.keys() | sums.keys())):
        yield Finding(path, "is listed, which it cannot be", REPORT)


def _check_size(files: Mapping[str, int], budget: Budget) -> Iterator[Finding]:
    total = sum(files.values())
    if total > budget.site_bytes:
        yield Finding(".", f"holds {total:,} bytes, more than {budget.site_bytes:,}", "see budget in site.yaml")
    for path, size in files.items():
        if size > budget.file_bytes:
            yield Finding(path, f"has {size:,} bytes, more than {budget.file_bytes:,}", "see budget in site.yaml")


def _check_hash(path: str, data: bytes, listed: Mapping[str, Listed]) -> Iterator[Finding]:
    one = listed.get(path)
    if one is not None and (len(data) != one.size or sha256(data).hexdigest() != one.sha256):
        yield Finding(path, "was changed since it was built", COPY)


def _check_content(path: str, data: bytes, links: Links, hashes: Sequence[bytes]) -> Iterator[Finding]:
    if path.endswith(".html"):
        yield from links.add_page(path, data)
        if hashes and not any(each in data for each in hashes):
            yield Finding(path, "does not state the hash of its content file", REPORT)
    elif path.endswith(".css"):
        links.add_style(path, data)
    elif path.startswith("search/") and path.endswith(".js"):
        yield from links.add_shard(path, data)
