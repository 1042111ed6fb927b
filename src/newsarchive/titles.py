"""Settles what an article is called, and reads the site's name from the title of a saved page."""

import re
from collections.abc import Collection, Sequence
from pathlib import PurePosixPath

from newsarchive.article import Block, Claim, Document
from newsarchive.claims import first_claim
from newsarchive.hanzi import clean_text, han_share, letters

TITLE_CUT = re.compile(r"(?:\.{3}|…)$")
"""How a title ends that a feed cut off."""
SEGMENT = re.compile(r"(?P<head>.+?)\s*(?P<bar>[_|｜]+|\s-\s|-+|[—–]+)\s*(?P<tail>[^_|｜]{1,40})$")
"""A page's title before and behind one of its bars."""
SITE_NAME = re.compile(
    r"(?:[^，。！？：]{1,14}?(?:网|网站|报|新闻|新闻中心|通讯社|电视台|电台|在线|之家|周刊|月刊|杂志|客户端|资讯|门户|财经"
    r"|融媒体?|传媒|频道|论坛|观察|[Aa][Pp][Pp]|办公室|委员会|The Paper)|[\w.-]+\.(?:com|cn|net|org))"
    r"(?:[（(].{1,30}[）)])?"
)
"""What the name of a site looks like; a channel of it too."""
NAME_REST = re.compile(r"[（(].*|(?<=[报刊])(?:数字|电子|多媒体数字)报刊?$|(?<=[网报])官方网站$")
"""What stands behind a site's name without being part of it."""
CHANNEL = re.compile(r"频道$|新闻中心$|^(?:新闻|资讯|财经|频道|科技|要闻|正文)$")
"""A part of a site, which is not its name."""
LATIN_WORDS = re.compile(r"[A-Za-z]{3,} [A-Za-z]{2,} [A-Za-z]{2,}")
"""What tells a file name that is a headline in Latin script from one that is a code."""
DATELINE = re.compile(
    r"^[^，。]{0,40}?[电讯]\s*[（(][^（）()]{2,80}[）)]|^.{0,24}?\d{1,2}\s*月\s*\d{1,2}\s*日\s*[电讯]|^本报[电讯]\s*"
)
"""What stands before the first words of a report."""
SHORTEST_HEADLINE = 6
"""Letters that must be left of a page's title when the names of channel and site are taken away."""


def settle_title(
    document: Document, claims: Sequence[Claim], kept: Sequence[Block], story: int = 1
) -> tuple[str, bool]:
    """The title as printed, and whether it is doubtful because the document has none.

    Of several stories, each with its number, only the first may be called after its file or front matter.
    """
    corrected = first_claim(claims, "title", ("sidecar", "body"))
    if corrected:
        return corrected, False
    if story > 1:
        return _first_words(kept) or stem_of(document), True
    told = [claim.value for claim in claims if claim.field == "title" and claim.origin == "markup"]
    printed = [title for title in told if len(title) > 3]
    front = first_claim(claims, "title", ("front-matter",))
    names = {letters(claim.value) for claim in claims if claim.field == "publisher"}
    if front:
        return _whole_title(_without_publisher(front, names), printed), False
    page = first_claim(claims, "page-title", ("markup",)) or ""
    if printed or page:
        return _page_headline(printed, page, names), False
    return _title_of_text(document, kept)


def without_site(title: str, names: Collection[str] = ()) -> str:
    """Take the names of channel and site from a page's title; `names` are letters of names that the page tells."""
    while (match := SEGMENT.fullmatch(title)) and _is_site(match["bar"], match["head"], match["tail"], names):
        if len(letters(match["head"])) < SHORTEST_HEADLINE:
            break
        title = match["head"]
    in_front = re.fullmatch(r"([^-_|｜]{2,14}?)\s*[-_|｜]+\s*(.+)", title)
    return in_front[2] if in_front and SITE_NAME.fullmatch(in_front[1]) else title


def site_of_title(title: str) -> str:
    """The site that a page's title ends with, empty where no part of it looks like a site's name.

    A Latin name behind a Han one is its translation, a channel is not the site.
    """
    parts = [NAME_REST.sub("", part.strip()) for part in re.split(r"[_|｜—–-]", title)[1:]]
    names = [part for part in parts if SITE_NAME.fullmatch(part) and not CHANNEL.search(part) and han_share(part) > 0.3]
    if names or han_share(title) > 0:
        first = re.split(r"\s*[_|｜-]", title, maxsplit=1)[0]
        return names[-1] if names else first if parts and SITE_NAME.fullmatch(first) else ""
    match = re.search(r"\s[|–—-]\s([^|–—]{3,40})$", title)
    return match.group(1).strip() if match and len(match.group(1).split()) <= 4 else ""


def stem_of(document: Document) -> str:
    """The name of the document's file without its suffix."""
    return clean_text(PurePosixPath(document.path).stem)


def _page_headline(printed: Sequence[str], page: str, names: Collection[str]) -> str:
    """The headline of a saved page: the printed one that its title holds, unless that is only the site's name."""
    headline = without_site(page, names)
    bare = list(dict.fromkeys(without_site(title, names) for title in printed))
    size = len(letters(headline))
    for title in bare:
        if letters(title) in letters(page) and len(letters(title)) * 2 > size:
            return title
    longer = [title for title in bare if len(letters(title)) > SHORTEST_HEADLINE or not size]
    return longer[0] if longer else headline or bare[0]


def _is_site(bar: str, head: str, tail: str, names: Collection[str]) -> bool:
    """Tell whether what stands behind a bar is no headline; a plain hyphen or a dash may well part a headline."""
    if SITE_NAME.fullmatch(tail) or letters(tail) in names or "_" in bar:
        return True
    return (bar.strip() in ("|", "｜", "||") or bar == " - ") and len(letters(tail)) < len(letters(head))


def _without_publisher(title: str, names: Collection[str]) -> str:
    """Take the publisher's own name from the end of a title that a collector read from the page's head."""
    match = SEGMENT.fullmatch(title)
    is_named = match and letters(match["tail"]) in names and len(letters(match["head"])) >= SHORTEST_HEADLINE
    return match["head"] if match and is_named else title


def _whole_title(title: str, printed: Sequence[str]) -> str:
    """A title that is visibly cut gives way to the page's own headline, or to the bracket that it begins with."""
    start = letters(title.removesuffix("...").removesuffix("…"))
    for longer in printed:
        if letters(longer).startswith(start) and len(letters(longer)) > len(start):
            return longer
    if TITLE_CUT.search(title):
        bracket = re.match(r"【([^】]{6,})】", title)
        return bracket.group(1) if bracket else title
    return title


def _title_of_text(document: Document, kept: Sequence[Block]) -> tuple[str, bool]:
    """Title of a text without front matter: file name where it is words, else headline, else its first words."""
    stem = stem_of(document)
    if len(letters(stem)) >= 6 and (han_share(stem) > 0.4 or LATIN_WORDS.search(stem)):
        return stem, False
    lines = [block.text for block in kept[:6] if block.text]
    bracket = re.match(r"【([^】]{3,40}?)(?<![电讯])】", lines[0]) if lines else None
    if bracket:
        return bracket.group(1), False
    for line in lines[:3]:
        if len(line) > 60:
            break
        if len(line) <= 40 and not re.search(r"[。：:—－-]$|——$|[摄文]$|\d{1,2}日电", line):
            return line, False
    return _first_words(kept) or _shortened(lines[0] if lines else "") or stem, True


def _first_words(kept: Sequence[Block]) -> str:
    """The first words of a story behind its dateline; the label of a section is passed over."""
    texts = (DATELINE.sub("", block.text) for block in kept)
    return next((_shortened(text) for text in texts if len(letters(text)) >= SHORTEST_HEADLINE), "")


def _shortened(text: str) -> str:
    first = re.split(r"[。！？]", text)[0].strip()
    return first[:38] + "…" if len(first) > 40 else first
