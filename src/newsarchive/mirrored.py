"""The manifest of mirrored pictures: address → our copy, or why there is none.

`mirror` writes it and `build` reads it. It is JSON Lines sorted by address, so that versions of it compare
line by line and two people's manifests merge.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urldefrag, urlsplit

from newsarchive.article import Image
from newsarchive.errors import ManyErrors, NewsArchiveError, SettingsError
from newsarchive.pictures import MEDIA_TYPES

FOLDER = "media"
"""Folder in the archive's folder that pictures are mirrored to."""
MANIFEST = f"{FOLDER}/manifest.jsonl"
STATUSES = ("fetched", "failed")
REASONS = (
    "status", "timeout", "unreachable", "cut-off", "not-a-picture", "too-large", "redirects", "address", "refused",
)  # fmt: skip
"""Why a picture was not had.

`status`: its host answered with another status than 200; `timeout`: not in time; `unreachable`: no host of this
name, no connection, no valid certificate; `cut-off`: the answer broke off; `not-a-picture`: its first bytes are
none of a picture that is kept; `too-large`: in bytes or pixels; `redirects`: it was sent on too often; `address`:
one that cannot be asked for; `refused`: an address within a private network.
"""

Status = Literal["fetched", "failed"]
LONGEST = 1_000_000
"""Characters that a line of the manifest may have; what `mirror` writes is shorter."""
LONGEST_ADDRESS = 8_000
"""Characters that the address of a picture may have to be mirrored: hosts hardly take longer ones."""
_FILE = re.compile(r"[0-9a-f]{16}\.(?:png|jpg|gif|webp)")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)")


@dataclass(frozen=True, slots=True)
class Copy:
    """A file of the mirror: the picture as received, or a smaller copy of it."""

    file: str
    """Name within `media/`: the first 16 hexadecimal digits of its SHA-256, and its type."""
    sha256: str
    type: str
    """Media type by the first bytes."""
    bytes: int
    width: int | None
    """Pixels as shown; None where the header does not tell."""
    height: int | None


@dataclass(frozen=True, slots=True)
class Record:
    """What became of one address."""

    url: str
    """As `web_address` gives it."""
    status: Status
    fetched: str
    """When it was last asked for: ISO 8601 with seconds, in the site's time zone."""
    copy: Copy | None = None
    """None where it failed."""
    animated: bool = False
    declared: str | None = None
    """Media type that the host told, where the bytes are another."""
    renditions: tuple[Copy, ...] | None = None
    """Smaller copies, the smallest first; None where they were not made yet."""
    reason: str | None = None
    """One of `REASONS`; None where it was fetched."""
    code: int | None = None
    """Status that the host answered, where that was the reason."""


def web_address(url: str, base: str | None = None) -> str:
    """Give the address under which a picture is asked for and recorded; empty for one that is not on the web.

    A fragment never reaches a host. `base` is the article's own address, whose scheme stands for a missing one.
    """
    if url.startswith("//"):
        url = ("http:" if (base or "").startswith("http:") else "https:") + url
    try:
        parts = urlsplit(url)
        return urldefrag(url).url if parts.scheme.lower() in ("http", "https") and parts.hostname else ""
    except ValueError:
        return ""


def shown_address(image: Image) -> str:
    """Address of what is shown of an image: its own, or that of the cover of a film or a sound; empty for none."""
    address = web_address(image.url if image.kind == "image" else image.cover)
    return address if len(address) <= LONGEST_ADDRESS else ""


def read_manifest(root: Path) -> dict[str, Record]:
    """Read the manifest of an archive's folder: address → record; empty where nothing was mirrored.

    Raises:
        SettingsError: a line is no record; several faults come together as `ManyErrors`.
    """
    try:
        text = (root / MANIFEST).read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as fault:
        raise SettingsError(MANIFEST, f"cannot be read ({fault})", "restore it, or mirror again") from None
    records: dict[str, Record] = {}
    faults: list[NewsArchiveError] = []
    for number, line in enumerate(text.split("\n"), 1):
        try:
            if line.strip():
                record = _record(line)
                records[record.url] = record
        except (ValueError, KeyError, TypeError, RecursionError) as fault:
            remedy = "delete the line and mirror again"
            faults.append(SettingsError(f"{MANIFEST}:{number}", f"is no record of a picture ({fault})", remedy))
    if faults:
        raise ManyErrors(faults) if len(faults) > 1 else faults[0]
    return records


def manifest_bytes(records: Iterable[Record]) -> bytes:
    """Write records as the manifest, in the order of their addresses whatever order they come in."""
    lines = (json.dumps(_row(record), ensure_ascii=False) for record in sorted(records, key=lambda each: each.url))
    return "".join(line + "\n" for line in lines).encode("utf-8", "backslashreplace")


def _row(record: Record) -> dict[str, object]:
    copy: Mapping[str, object] = asdict(record.copy) if record.copy else dict.fromkeys(Copy.__slots__)
    renditions = record.renditions
    return {
        "url": record.url,
        "status": record.status,
        **copy,
        "animated": record.animated,
        "declared": record.declared,
        "renditions": None if renditions is None else [asdict(each) for each in renditions],
        "fetched": record.fetched,
        "reason": record.reason,
        "code": record.code,
    }


def _record(line: str) -> Record:
    if len(line) > LONGEST:
        raise ValueError(f"longer than {LONGEST} characters")
    row = json.loads(line)
    if not isinstance(row, dict):
        raise ValueError("not an object")
    renditions = row.get("renditions")
    status: Status = _one_of(row["status"], STATUSES)  # type: ignore[assignment]
    return Record(
        url=_address(row["url"]),
        status=status,
        fetched=_match(_INSTANT, row["fetched"], "fetched"),
        copy=_copy(row) if status == "fetched" else None,
        animated=row.get("animated") is True,
        declared=row.get("declared") if isinstance(row.get("declared"), str) else None,
        renditions=tuple(_copy(each) for each in renditions) if isinstance(renditions, list) else None,
        reason=_one_of(row["reason"], REASONS) if status == "failed" else None,
        code=_number(row.get("code")),
    )


def _copy(row: Mapping[str, object]) -> Copy:
    copy = Copy(
        file=_match(_FILE, row["file"], "file"),
        sha256=_match(_DIGEST, row["sha256"], "sha256"),
        type=_one_of(row["type"], tuple(MEDIA_TYPES.values())),
        bytes=_number(row["bytes"]) or 0,
        width=_number(row["width"]),
        height=_number(row["height"]),
    )
    if not copy.sha256.startswith(copy.file.partition(".")[0]):
        raise ValueError("file and sha256 disagree")
    return copy


def _address(value: object) -> str:
    if not isinstance(value, str) or not value or web_address(value) != value:
        raise ValueError(f"url is {value!r}")
    return value


def _match(pattern: re.Pattern[str], value: object, name: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ValueError(f"{name} is {value!r}")
    return value


def _one_of(value: object, known: tuple[str, ...]) -> str:
    if not isinstance(value, str) or value not in known:
        raise ValueError(f"{value!r} is none of {', '.join(known)}")
    return value


def _number(value: object) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0):
        return value
    raise ValueError(f"{value!r} is no count")
