"""Image address → file of the site: pictures that lie beside the articles, and those that were mirrored.

A picture is known by the hash of its bytes, so that two articles share one copy and a changed picture
has a new name. Only what really is a picture is copied; SVG is not, since it can carry script.
"""

import dataclasses
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from msgspec.structs import replace

from newsarchive import permalinks
from newsarchive.article import Article, Body, FetchFailure, Image, Problem, Rendition
from newsarchive.errors import OutputError
from newsarchive.mirrored import FOLDER, Copy, Record, shown_address, web_address
from newsarchive.pictures import read_header
from newsarchive.sheets import Sheet, with_pictures

_DAMAGED = "has no whole copy in media/ any more (newsarchive mirror fetches it again)"

_OUT = "leads out of the content folder"
_ELSEWHERE = ("https:", "http:", "data:")

MAX_BYTES = 20_000_000
"""Largest picture that is copied, unless the settings say otherwise."""


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
    width: int | None = None
    height: int | None = None


def resolve_images(
    article: Article, folder: Path, max_bytes: int = MAX_BYTES, beside: Path | None = None
) -> tuple[Article, tuple[Problem, ...], tuple[Picture, ...]]:
    """Find the local pictures of an article and give their images the path of the copy.

    `folder` is the content folder that `article.path` is relative to; nothing outside it is read, nor told of,
    since the problems are published. `beside` is the folder in which the content file lies, where its name is
    another than `article.path` tells. An address that leads nowhere in `folder` is taken as one on the article's
    own host, where that is known.
    """
    beside = beside or folder / Path(article.path).parent
    shown = (address_of(image) for image in _images(article))
    addresses = dict.fromkeys(address for address in shown if is_local(address) or address.startswith("//"))
    if not addresses:
        return article, (), ()
    outcomes = {address: _resolve(address, article, folder, beside, max_bytes) for address in addresses}
    images = {address: outcome for address, outcome in outcomes.items() if outcome.picture or outcome.url}
    problems = (_problem(article, address, outcome) for address, outcome in outcomes.items() if outcome.finding)
    pictures = (outcome.picture for outcome in outcomes.values() if outcome.picture)
    return _with_images(article, partial(_settled, images, article.url)), tuple(problems), tuple(pictures)


def may_lie_beside(article: Article) -> bool:
    """Tell whether an article shows anything whose address does not begin as one on the web does: few do."""
    return not all(address_of(image).startswith(_ELSEWHERE) for image in _images(article))


def resolve_mirrored(
    article: Article, records: Mapping[str, Record], root: Path, is_whole: Callable[[Copy], bool]
) -> tuple[Article, tuple[Problem, ...], tuple[Picture, ...]]:
    """Give the images of an article their mirrored copies, or why there are none; others stay as they are.

    `root` is the archive's folder; `is_whole` tells whether a copy is there as the manifest says.
    """
    images = tuple(image for image in _images(article) if image.file is None)
    used = {address: records[address] for address in dict.fromkeys(map(shown_address, images)) if address in records}
    if not used:
        return article, (), ()
    damaged = [url for url, record in used.items() if record.copy and not is_whole(record.copy)]
    kept = {url: _without_damage(record, is_whole) for url, record in used.items() if url not in damaged}
    copies = (each for record in kept.values() for each in (record.copy, *(record.renditions or ())) if each)
    pictures = (Picture(_site_path(each), root / FOLDER / each.file) for each in copies)
    problems = (_problem(article, url, _Outcome(url=url, finding=_DAMAGED)) for url in damaged)
    return _with_images(article, partial(_mirrored, kept)), tuple(problems), tuple(pictures)


def is_whole(root: Path, copy: Copy) -> bool:
    """Tell whether a mirrored file is there, and still what was fetched."""
    try:
        data = (root / FOLDER / copy.file).read_bytes()
    except OSError:
        return False
    return sha256(data).hexdigest() == copy.sha256


def remote_addresses(article: Article) -> tuple[str, ...]:
    """Addresses on the web of what an article shows and has no copy of, in reading order."""
    shown = (shown_address(image) for image in _images(article) if image.file is None)
    return tuple(dict.fromkeys(filter(None, shown)))


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


def address_of(image: Image) -> str:
    """Address of what is shown of an image, as received: its own, or that of a film's cover."""
    return image.url if image.kind == "image" else image.cover


def is_local(url: str) -> bool:
    """Tell whether an address names no host: it is relative to the content file, or to its host's root."""
    if url.startswith(_ELSEWHERE):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return bool(parts.path) and not parts.netloc and parts.scheme in ("", "file")


def _resolve(address: str, article: Article, folder: Path, beside: Path, max_bytes: int) -> _Outcome:
    on_web = _on_web(address, article.url)
    if address.startswith("//"):
        return _Outcome(url=on_web)
    if address.startswith(("/", "\\", "file:")):
        return _Outcome(url=on_web, finding="" if on_web else _OUT)
    found = _find(address, folder, beside)
    return _Outcome(url=on_web, finding=found) if isinstance(found, str) else _read(found, max_bytes)


def _read(file: Path, max_bytes: int) -> _Outcome:
    try:
        if file.stat().st_size > max_bytes:
            return _Outcome(finding=f"is larger than {max_bytes} bytes")
        data = file.read_bytes()
    except OSError as error:
        return _Outcome(finding=f"cannot be read ({error.strerror})")
    header = read_header(data)
    if header is None:
        return _Outcome(finding="is no PNG, JPEG, GIF or WebP picture")
    return _Outcome(Picture(_path(data), file), width=header.width, height=header.height)


def _find(address: str, folder: Path, beside: Path) -> Path | str:
    """The file as named, or with `%20` and the like read as characters; else the finding.

    Where an address leads is settled before anything is asked of the disk, so that what lies outside of the content
    folder changes nothing, not even the finding.
    """
    plain = address.replace("\\", "/")
    without_rest = urlsplit(plain).path
    finding = "names no file in the content folder"
    for name in dict.fromkeys((plain, without_rest, unquote(without_rest))):
        try:
            place = beside / _stored(name)
            if not place.resolve().is_relative_to(folder.resolve()):
                finding = _OUT
            elif place.is_file():
                return place
        except (OSError, RuntimeError, ValueError):  # names too long or with a zero byte; links to themselves
            continue
    return finding


def _stored(name: str) -> str:
    """A name as this process calls the file: stored names are UTF-8, whatever the locale takes them for."""
    return name if name.isascii() or os.name == "nt" else os.fsdecode(name.encode())


def _on_web(address: str, url: str | None) -> str | None:
    if address.startswith("//"):
        return web_address(address, url) or None
    if not url or address.startswith(("\\", "file:")):
        return None
    try:
        joined = urljoin(url, address)
        return joined if urlsplit(joined).scheme in ("http", "https") else None
    except ValueError:
        return None


def _path(data: bytes) -> str:
    """Path of a picture within the site, empty for what is none."""
    header = read_header(data)
    return permalinks.media_file(sha256(data).hexdigest(), header.kind) if header else ""


def _site_path(copy: Copy) -> str:
    return permalinks.media_file(copy.sha256, copy.file.rpartition(".")[2])


def _images(article: Article) -> Iterator[Image]:
    yield from article.images
    for block in article.body.blocks if article.body else ():
        yield from block.images


def _with_images(article: Article, settle: Callable[[Image], Image]) -> Article:
    """Settle every image of the article and of its blocks; without images it is the same article."""
    if not any(_images(article)):
        return article
    article = replace(article, images=tuple(map(settle, article.images)))
    return replace(article, body=_with_block_images(article.body, settle)) if article.body else article


def settle_sheet(sheet: Sheet, received: Sequence[Image], settled: Sequence[Image]) -> Sheet:
    """Give the pictures in a sheet what was found of the article's own; `received` are these before it was."""
    found = {_place(old): new for old, new in zip(received, settled, strict=True)}

    def settle(image: Image) -> Image:
        new = found.get(_place(image))
        return replace(new, alt=image.alt, caption=image.caption) if new else image

    return with_pictures(sheet, settle) if found else sheet


def _place(image: Image) -> tuple[object, ...]:
    return image.kind, image.url, image.cover, image.width, image.height


def _with_block_images(body: Body, settle: Callable[[Image], Image]) -> Body:
    blocks = (
        replace(block, images=tuple(map(settle, block.images))) if block.images else block for block in body.blocks
    )
    return replace(body, blocks=tuple(blocks))


def _settled(outcomes: Mapping[str, _Outcome], base: str | None, image: Image) -> Image:
    """The image with what was found beside the article; the address of a film is made whole."""
    if image.kind != "image" and image.url and (is_local(image.url) or image.url.startswith("//")):
        image = replace(image, url=_on_web(image.url, base) or image.url)
    outcome = outcomes.get(address_of(image))
    if outcome is None:
        return image
    if outcome.picture:
        width, height = outcome.width or image.width, outcome.height or image.height
        return replace(image, file=outcome.picture.path, width=width, height=height)
    if image.kind == "image":
        return replace(image, url=outcome.url or image.url)
    return replace(image, cover=outcome.url or image.cover)


def _mirrored(records: Mapping[str, Record], image: Image) -> Image:
    record = records.get(shown_address(image)) if image.file is None else None
    if record is None:
        return image
    if record.copy is None:
        return replace(image, failure=FetchFailure(record.reason or "", record.code, record.fetched[:10]))
    return replace(
        image,
        file=_site_path(record.copy),
        width=record.copy.width or image.width,
        height=record.copy.height or image.height,
        renditions=tuple(
            Rendition(_site_path(each), each.width, each.height)
            for each in record.renditions or ()
            if each.width and each.height
        ),
    )


def _without_damage(record: Record, is_whole: Callable[[Copy], bool]) -> Record:
    return (
        dataclasses.replace(record, renditions=tuple(filter(is_whole, record.renditions)))
        if record.renditions
        else record
    )


def _problem(article: Article, address: str, outcome: _Outcome) -> Problem:
    shown = "shown from its address on the web" if outcome.url else "published without the picture"
    return Problem(article.path, None, None, "image", f"image address {address!r} {outcome.finding}", shown)
