"""Styled runs of text, links and pictures: what every way of reading markup makes of them."""

import html
import re
import unicodedata
from collections.abc import Collection, Sequence
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

from newsarchive.hanzi import UNSEEN, clean_text

Style = tuple[str, str]
"""One open inline element: its name and, for a link, its target."""
Run = tuple[str, tuple[Style, ...]]
"""Text and the inline elements around it, from the outside in."""

SPACE = re.compile(r"[\s\u3000]+")
INVISIBLE = re.compile(rf"{UNSEEN}|[\ufe0e\ufe0f]")
OTHER_SCHEME = re.compile(r"(?!https?:)[a-z][a-z0-9+.\s-]*:", re.IGNORECASE)
"""An address that leads to no picture of the web: inline data, script, a page of the browser."""
SCHEMES = {"http", "https", "mailto"}
"""Schemes that a page may link to."""
PRINTED = {"file", "ftp", "magnet", "ed2k", "thunder"}
"""Schemes of addresses that say where something was but may not be linked: the address is printed behind its words."""

_BOLD: Style = ("strong", "")
_ABSOLUTE = re.compile(r"(?:[a-zA-Z][a-zA-Z0-9+.-]*:|#|$)")


def fold_space(text: str) -> str:
    """Normalise to NFC without invisible characters, every run of white space one space; ends are kept."""
    if not text.isprintable() or "  " in text or "\ufe0e" in text or "\ufe0f" in text:  # most text needs neither
        text = SPACE.sub(" ", INVISIBLE.sub("", text))
    return unicodedata.normalize("NFC", text)


def trim(runs: Collection[Run]) -> list[Run]:
    """Fold white space within runs and where two meet, and take it from both ends; empty runs go."""
    trimmed: list[Run] = []
    for run, styles in runs:
        folded = fold_space(run)
        text = folded.lstrip(" ") if not trimmed or trimmed[-1][0].endswith(" ") else folded
        if text:
            trimmed.append((text, styles))
    if trimmed and trimmed[-1][0].endswith(" "):
        last = trimmed[-1][0].rstrip(" ")
        trimmed[-1:] = [(last, trimmed[-1][1])] if last else []
    return trimmed


def plain_text(runs: Collection[Run]) -> str:
    """The text of trimmed runs as a block keeps it."""
    return clean_text("".join(text for text, _ in runs))


def style_hints(runs: Collection[Run]) -> tuple[tuple[str, ...], str]:
    """Tell whether all of the text is bold or linked, and the target of the first link in the latter case."""
    written = [styles for text, styles in runs if text and not text.isspace()]
    if () in written:
        return (), ""
    bold = all(_BOLD in styles for styles in written)
    targets = [next((target for name, target in styles if name == "a"), None) for styles in written]
    linked = all(target is not None for target in targets)
    hints = (("bold",) if bold else ()) + (("link",) if linked else ())
    return hints, (targets[0] or "") if linked else ""


def inner_html(runs: Sequence[Run]) -> str:
    """Write runs as markup, opening and closing inline elements where the styles change."""
    parts: list[str] = []
    opened: tuple[Style, ...] = ()
    for text, styles in [*runs, ("", ())]:
        if styles != opened:
            same = 0
            while same < min(len(opened), len(styles)) and opened[same] == styles[same]:
                same += 1
            parts += [f"</{name}>" for name, _ in reversed(opened[same:])]
            parts += [_open_tag(style) for style in styles[same:]]
            opened = styles
        parts.append(html.escape(text, quote=False))
    return "".join(parts)


def _open_tag(style: Style) -> str:
    name, target = style
    return f'<a href="{html.escape(target)}">' if name == "a" else f"<{name}>"


def link_target(base: str, written: str) -> tuple[str, str]:
    """What a link leads to, absolute where the document's own address is known, and what is printed behind it.

    The target is empty where no page may link there, or where nobody can.
    """
    target = _joined(base, written.strip())
    scheme = target.split(":", 1)[0].lower()
    if scheme in SCHEMES:
        return (target, "") if is_address(target) else ("", f"({target})")
    return "", (f"({target})" if scheme in PRINTED else "")


@lru_cache(maxsize=4096)
def is_address(text: str) -> bool:
    """Whether an address can be read: none can whose host is in brackets and no number, nor one of other signs."""
    try:
        urlsplit(text)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=4096)
def _joined(base: str, target: str) -> str:
    """The target made absolute; as it stands where it is so already, or where either is no address."""
    if _ABSOLUTE.match(target):
        return target
    try:
        return urljoin(base, target)
    except ValueError:
        return target
