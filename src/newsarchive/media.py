"""Pictures that lie beside the articles: image address relative to a content file → file of the site.

A picture is known by the hash of its bytes, so that two articles share one copy and a changed picture
has a new name. Only what really is a picture is copied; SVG is not, since it can carry script.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from newsarchive import permalinks
from newsarchive.article import Article, Block, Image, Problem
from newsarchive.errors import OutputError

MAX_BYTES = 20_000_000
"""Largest picture that is copied, unless the settings say otherwise."""

_SIGNATURES = (
    ("png", 0, b"\x89PNG\r\n\x1a\n"),
    ("jpg", 0, b"\xff\xd8\xff"),
    ("gif", 0, b"GIF87a"),
    ("gif", 0, b"GIF89a"),
    ("webp", 8, b"WEBP"),
)


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture to be copied."""

    path: str
    """Path within the site, `media/<hash>.<type>`."""
    file: Path
    """Where it lies now."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of one address: a picture, an address on the web, or a problem."""

    picture: Picture | None = None
    url: str | None = None
    finding: str = ""


def resolve_images(
    article: Article, folder: Path, max_bytes: int = MAX_BYTES
) -> tuple[Article, tuple[Problem, ...], tuple[Picture, ...]]:
    """Find the local pictures of an article and give their images the path of the copy.

    `folder` is the content folder that `article.path` is relative to; nothing outside it is read. An
    address that leads nowhere in it is taken as one on the article's own host, where that is known.
    """
    addresses = dict.fromkeys(image.url for image in _pictures(article) if is_local(image.url))
    outcomes = {address: _resolve(address, article, folder, max_bytes) for address in addresses}
    images = {address: outcome for address, outcome in outcomes.items() if outcome.picture or outcome.url}
    problems = (_problem(article, address, outcome) for address, outcome in outcomes.items() if outcome.finding)
    pictures = (outcome.picture for outcome in outcomes.values() if outcome.picture)
    return _with_images(article, images) if images else article, tuple(problems), tuple(pictures)


def read_pictures(pictures: Iterable[Picture]) -> Iterator[tuple[Picture, bytes]]:
    """Read the pictures again, each path of the site once, ordered by it.

    Raises:
        OutputError: one has changed or gone since the articles were prepared.
    """
    by_path = {picture.path: picture for picture in sorted(pictures, key=lambda each: str(each.file), reverse=True)}
    for path in sorted(by_path):
        file = by_path[path].file
        try:
            data = file.read_bytes()
        except OSError as error:
            raise OutputError(str(file), error.strerror or str(error), "build again") from error
        if _path(data) != path:
            raise OutputError(str(file), "changed while the site was built", "build again")
        yield by_path[path], data


def is_local(url: str) -> bool:
    """Tell whether an address names no host: it is relative to the content file, or to its host's root."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return bool(parts.path) and not parts.netloc and parts.scheme in ("", "file")


def _resolve(address: str, article: Article, folder: Path, max_bytes: int) -> _Outcome:
    on_web = _on_web(address, article.url)
    if address.startswith(("/", "\\", "file:")):
        return _Outcome(url=on_web, finding="" if on_web else "leads out of the content folder")
    file = _find(address, folder, Path(article.path).parent)
    if file is None:
        return _Outcome(url=on_web, finding="names no file in the content folder")
    if not file.resolve().is_relative_to(folder.resolve()):
        return _Outcome(finding="leads out of the content folder")
    return _read(file, max_bytes)


def _read(file: Path, max_bytes: int) -> _Outcome:
    try:
        if file.stat().st_size > max_bytes:
            return _Outcome(finding=f"is larger than {max_bytes} bytes")
        path = _path(file.read_bytes())
    except OSError as error:
        return _Outcome(finding=f"cannot be read ({error.strerror})")
    return _Outcome(Picture(path, file)) if path else _Outcome(finding="is no PNG, JPEG, GIF or WebP picture")


def _find(address: str, folder: Path, below: Path) -> Path | None:
    """The file as named, or with `%20` and the like read as characters."""
    plain = address.replace("\\", "/")
    without_rest = urlsplit(plain).path
    for name in dict.fromkeys((plain, without_rest, unquote(without_rest))):
        try:
            if (folder / below / name).is_file():
                return folder / below / name
        except (OSError, ValueError):  # names too long for the system, or with a zero byte
            continue
    return None


def _on_web(address: str, url: str | None) -> str | None:
    if not url or address.startswith(("\\", "file:")):
        return None
    try:
        joined = urljoin(url, address)
        return joined if urlsplit(joined).scheme in ("http", "https") else None
    except ValueError:
        return None


def _path(data: bytes) -> str:
    """Path of a picture within the site, empty for what is none."""
    for kind, start, signature in _SIGNATURES:
        if data[start : start + len(signature)] == signature and (kind != "webp" or data[:4] == b"RIFF"):
            return permalinks.media_file(sha256(data).hexdigest(), kind)
    return ""


def _pictures(article: Article) -> Iterator[Image]:
    shown = (*article.images, *(image for block in article.blocks for image in block.images))
    return (image for image in shown if image.kind == "image")


def _with_images(article: Article, outcomes: Mapping[str, _Outcome]) -> Article:
    def settled(image: Image) -> Image:
        outcome = outcomes.get(image.url)
        if outcome is None:
            return image
        if outcome.picture:
            return replace(image, file=outcome.picture.path)
        return replace(image, url=outcome.url or image.url)

    def with_images(block: Block) -> Block:
        return replace(block, images=tuple(map(settled, block.images))) if block.images else block

    return replace(article, images=tuple(map(settled, article.images)), blocks=tuple(map(with_images, article.blocks)))


def _problem(article: Article, address: str, outcome: _Outcome) -> Problem:
    shown = "shown from its address on the web" if outcome.url else "published without the picture"
    return Problem(article.path, None, None, "image", f"image address {address!r} {outcome.finding}", shown)
