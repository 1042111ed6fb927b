"""A content file → `Document`: decoded, parted into fields and body, not interpreted.

A file's suffix only makes it a candidate; its content decides the shape. Content files are never written.
"""

import hashlib
import os
import re

from newsarchive.article import Document, Problem, Shape
from newsarchive.decoding import decode
from newsarchive.errors import ContentError
from newsarchive.hanzi import TURNING, straight, turns
from newsarchive.heads import FrontMatter, part_plain_front_matter, straight_fields, turned
from newsarchive.settings import Engine, Settings
from newsarchive.sizes import RAISE, excess, read_within
from newsarchive.sources import Source, defaults_of, relative_path


def load_document(source: Source, settings: Settings) -> Document:
    """Read one content file with its sidecar and the defaults of its folders.

    Raises:
        ContentError: the file cannot be read, is binary, holds too much, or is in an unknown encoding.
    """
    data = read_within(source.place, source.path, settings.limits, "file_bytes")
    decoded = decode(data, source.path)
    is_turned = turns(decoded.text)
    front = _part(straight(decoded.text) if is_turned else decoded.text, source.path, settings.engine)
    shape = shape_of(front.body, source.path, has_front=front.present)
    key, most = excess(front.body, shape, settings.limits)
    if key:
        raise ContentError(source.path, f"has more than {most} {key}", RAISE.format(key))
    sidecar, problems = _sidecar(source, settings)
    fields = straight_fields(front.fields)
    if decoded.remark:
        problems = (Problem(source.path, None, None, "encoding", decoded.remark, "published with doubt"), *problems)
    if is_turned or fields != front.fields:
        problems = (*problems, _turned(source.path, decoded.text))
    return Document(
        path=source.path,
        sha256=hashlib.sha256(data).hexdigest(),
        shape=shape,
        encoding=decoded.encoding,
        front=fields,
        sidecar=sidecar,
        defaults=_defaults(source, settings),
        body=front.body,
        body_line=front.body_line,
        problems=(*problems, *front.problems),
        front_places=front.places,
    )


def _turned(path: str, text: str) -> Problem:
    """Tell of the first character that turns the direction of text; without a place where YAML spells it out."""
    found = TURNING.search(text)
    line = text.count("\n", 0, found.start()) + 1 if found else None
    column = found.start() - text.rfind("\n", 0, found.start()) if found else None
    return turned(path, line, column)


def _part(text: str, path: str, engine: Engine) -> FrontMatter:
    front = part_plain_front_matter(text) if engine == "fast" else None
    if front is not None:
        return front
    from newsarchive.fields import part_front_matter  # noqa: PLC0415  few files need YAML, which loads slowly

    return part_front_matter(text, path)


_BLOCK_TAGS = (
    "address article aside blockquote center dd div dl dt figure footer h[1-6] header main nav ol p section table"
)
_BLOCK_TAG = re.compile(rf"</?(?:{_BLOCK_TAGS.replace(' ', '|')}|t[drh]|tbody|thead|tr|ul|li|span|br)\b", re.IGNORECASE)
_MAY_BE_TAG = re.compile(r"<(?!https?:)[a-zA-Z/!?]")
"""Without any of these a body holds no HTML, only signs and addresses in angle brackets."""
_OPENS_WITH_TAG = re.compile(
    r"\s*(?:<!--.{0,4000}?-->\s*)*<(?!https?:)[a-z][a-z0-9]*(?:\s[^<]*)?/?>", re.IGNORECASE | re.DOTALL
)
_PAGE_START = r"<(?:!doctype\s+html|html|head|body)\b[^<]*>"
_OPENS_PAGE = re.compile(
    rf"\s*(?:<\?xml.{{0,200}}?\?>\s*|<!--.{{0,4000}}?-->\s*)*{_PAGE_START}", re.IGNORECASE | re.DOTALL
)
_HOLDS_PAGE = re.compile(_PAGE_START, re.IGNORECASE)
_CODE = re.compile(r"^ {0,3}(`{3,9}|~{3,9}).*?^ {0,3}\1|`[^`\n]+`", re.MULTILINE | re.DOTALL)
_MARK = re.compile(
    r"^#{1,6} \S|!?\[[^\[\]\n]{0,300}\]\([^)\s]|^ {0,3}[-*+] \S|^> |\*\*\S|^ {0,3}(?:```|~~~)", re.MULTILINE
)
_CLEAR_MARK = re.compile(r"^#{1,6} \S|!\[[^\[\]\n]{0,300}\]\([^)\s]|\[[^\[\]\n]{1,300}\]\(https?:", re.MULTILINE)


def shape_of(body: str, path: str, *, has_front: bool) -> Shape:
    """Decide what a body holds, by its content; the suffix only tips what the content leaves open."""
    suffix = os.path.splitext(path)[1].lower()  # noqa: PTH122  a path object costs more than all else here
    is_html = suffix in (".html", ".htm")
    if not _MAY_BE_TAG.search(body):
        return "markdown" if has_front or suffix in (".md", ".markdown") or _CLEAR_MARK.search(body) else "text"
    if _OPENS_PAGE.match(body[:10_000]) or (is_html and _HOLDS_PAGE.search(body[:10_000])):
        return "page"
    if _is_fragment(body, is_html=is_html):
        return "fragment"
    if has_front or suffix in (".md", ".markdown") or _CLEAR_MARK.search(body):
        return "markdown"
    return "text"


def _is_fragment(body: str, *, is_html: bool) -> bool:
    """Whether HTML carries the text; tags in code and a few between Markdown do not."""
    prose = _CODE.sub("", body)
    tags = len(_BLOCK_TAG.findall(prose))
    marks = len(_MARK.findall(prose))
    if is_html:
        return tags > 0
    opens = bool(_OPENS_WITH_TAG.match(prose[:5_000]))
    return (opens and tags > marks) or (tags >= 4 and tags > 4 * marks and tags >= _lines(prose) / 4)


def _lines(text: str) -> int:
    return sum(bool(line.strip()) for line in text.split("\n"))


def _sidecar(source: Source, settings: Settings) -> tuple[dict[str, object], tuple[Problem, ...]]:
    if not source.beside:
        return {}, ()
    from newsarchive.sidecars import left_out, read_sidecar  # noqa: PLC0415  few files have one, and YAML loads slowly

    place = relative_path(source.folder, source.beside)
    try:
        data = read_within(source.beside, place, settings.limits, "sidecar_bytes")
    except ContentError as fault:
        return {}, (left_out(place, fault, "sidecar"),)
    return read_sidecar(data, place, settings)


def _defaults(source: Source, settings: Settings) -> dict[str, object]:
    """Fields of the folders above, the nearest winning; their faults are told once by `find_problems`."""
    fields: dict[str, object] = {}
    for place in source.defaults:
        name = relative_path(source.folder, place)
        try:
            data = read_within(place, name, settings.limits, "sidecar_bytes")
        except ContentError:
            continue
        fields |= defaults_of(data, name, settings)[0]
    return fields
