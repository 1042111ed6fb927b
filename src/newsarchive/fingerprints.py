"""What shapes a build, as hashes of bytes: never names and times, which tell of a file and not what it holds.

The code of the package and the libraries it uses shape an article as its rules do, so a fingerprint covers them:
nobody has to remember to raise a number when a stage changes.
"""

import os
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from newsarchive.settings import MAX_DEPTH, Settings, list_resources

if TYPE_CHECKING:
    from newsarchive.sources import Source

NEVER = frozenset({"root", "content", "output", "cache", "workers"})
"""Settings that shape no byte of the site: where things lie, and who does the work."""
OF_THE_SITE = frozenset(
    {"strict", "search", "title", "tagline", "description", "base_url", "page_size", "home_latest", "home_publishers"}
)
"""Settings that shape pages and no article."""
_KNOWLEDGE = ("rules", "data")
_SITE = ("templates", "static")
_new_hash = partial(blake2b, digest_size=32)  # half the time of SHA-256 where the processor has no instructions for it
_PIECE = 1 << 16  # a larger buffer is mapped anew for each file


@dataclass(frozen=True, slots=True)
class Digests:
    """Hashes of all files of the content folders, each read once."""

    salt: bytes
    """What shapes articles beside their files, as `of_articles` gives it."""
    files: Mapping[str, bytes]
    """By path, as found; empty for one that cannot be read."""

    def of(self, path: Path | str) -> bytes:
        """Hash of one file; of a file elsewhere it is made now."""
        known = self.files.get(str(path))
        return _of_path(str(path)) if known is None else known

    def anew(self) -> "Digests":
        """The same, but every file is hashed when it is asked for."""
        return Digests(self.salt, {})


def of_articles(settings: Settings) -> bytes:
    """Fingerprint of what shapes articles beside their files: code, libraries, rules, data and settings."""
    return digest_of(parts_of_articles(settings).values())


def parts_of_articles(settings: Settings) -> dict[str, bytes]:
    """Fingerprints of what shapes articles beside their files, each under what a person calls it."""
    resources = (path for folder in _KNOWLEDGE for path in list_resources(settings.root, folder).items())
    return {
        "Python": sys.version.encode(),
        "code": _of_code(),
        "libraries": _of_libraries(),
        "rules or data": digest_of(_of_resources(resources)),
        "settings": _of_settings(settings, NEVER | OF_THE_SITE),
    }


def of_site(settings: Settings, articles: bytes) -> bytes:
    """Fingerprint of what shapes the pages beside the articles; `articles` is that of `of_articles`."""
    resources = (path for folder in _SITE for path in list_resources(settings.root, folder).items())
    return digest_of([articles, _of_settings(settings, NEVER), *_of_resources(resources)])


def of_source(source: "Source", digests: Digests) -> bytes:
    """Fingerprint of what shapes the articles of one content file.

    Its path is in it, its folder is not. A file that cannot be read has a fingerprint too: preparing it tells why.
    """
    sidecar = digests.of(source.beside) if source.beside else b""
    name = os.fsencode(os.path.basename(source.beside))  # noqa: PTH119  a path object for each file is dear
    path = source.path.encode("utf-8", "surrogatepass")
    return digest_of([digests.salt, path, digests.of(source.place), name, sidecar, *map(digests.of, source.defaults)])


def of_folders(digests: Digests) -> bytes:
    """Fingerprint of all that was read: every name, and every file's bytes."""
    return digest_of(part for path, digest in digests.files.items() for part in (os.fsencode(path), digest))


def read_digests(folders: Iterable[Path], skip: Sequence[Path], salt: bytes) -> Digests:
    """Hash every file below some folders, links that lead to one too; `skip` names folders that are left out."""
    left_out = {str(place.resolve()) for place in skip}
    files: dict[str, bytes] = {}
    for folder in folders:
        files.update(_below(str(folder), left_out, MAX_DEPTH))
    return Digests(salt, files)


def of_file(path: Path | str) -> bytes:
    """Hash of a file's bytes; empty where it cannot be read, as a pipe or a device, which may have no end."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0))
        try:
            status = os.fstat(handle)
            return _of_bytes(handle, status.st_size) if stat.S_ISREG(status.st_mode) else b""
        finally:
            os.close(handle)
    except OSError:
        return b""


def _of_bytes(handle: int, size: int) -> bytes:
    data = os.read(handle, _PIECE)
    digest = _new_hash(data)
    if len(data) != size:  # most files are read at one go
        while data := os.read(handle, _PIECE):
            digest.update(data)
    return digest.digest()


def _below(folder: str, left_out: set[str], depth: int) -> Iterator[tuple[str, bytes]]:
    """Hash what lies in a folder and, as far as `depth` more folders, below it; one that cannot be read is told so."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        yield folder, b""
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            if depth == 0:
                yield entry.path, b""
            elif not left_out or os.path.realpath(entry.path) not in left_out:
                yield from _below(entry.path, left_out, depth - 1)
        else:
            yield entry.path, _of_path(entry.path) if entry.is_symlink() else of_file(entry.path)


def _of_path(path: str) -> bytes:
    """Hash of a file and, of a link, where it leads."""
    target = os.fsencode(os.path.realpath(path)) if os.path.islink(path) else b""  # noqa: PTH114  as above
    return of_file(path) + target


def _of_code() -> bytes:
    """Code of the package."""
    return digest_of(map(of_file, sorted(Path(__file__).parent.rglob("*.py"))))


def _of_libraries() -> bytes:
    """Names and versions of the libraries beside the package."""
    return digest_of(map(str.encode, sorted({name for place in sys.path if place for name in _libraries(place)})))


def _libraries(place: str) -> list[str]:
    try:
        return [path.name for path in Path(place).iterdir() if path.suffix in (".dist-info", ".egg-info")]
    except OSError:
        return []


def _of_settings(settings: Settings, left_out: frozenset[str]) -> bytes:
    values = {field.name: getattr(settings, field.name) for field in fields(settings) if field.name not in left_out}
    return repr(sorted(values.items())).encode()


def _of_resources(resources: Iterable[tuple[str, Path]]) -> Iterable[bytes]:
    for name, path in resources:
        yield name.encode("utf-8", "surrogateescape")
        yield of_file(path)


def digest_of(parts: Iterable[bytes]) -> bytes:
    """Hash some parts so that no two lists of parts read the same."""
    return _new_hash(b"".join([len(part).to_bytes(8, "big") + part for part in parts])).digest()
