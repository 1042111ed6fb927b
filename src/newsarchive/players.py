"""Films and sounds in markup: the element of a player → a place that tells name, address and cover."""

import re
from typing import Literal
from urllib.parse import unquote

from bs4 import Tag

from newsarchive.article import Image
from newsarchive.hanzi import clean_text

PLAYERS: dict[str, Literal["video", "audio"]] = {
    "video": "video",
    "audio": "audio",
    "mpvideosnap": "video",
    "mp-common-videosnap": "video",
    "mpvoice": "audio",
    "mp-common-mpaudio": "audio",
    "qqmusic": "audio",
    "mp-common-qqmusic": "audio",
}
"""Elements that always play something; the longer names are those of the WeChat editor."""
FRAMES = frozenset({"iframe", "embed", "object"})
"""Elements that may hold anything; one that names no film or sound (a map, an advertisement) leaves no place."""

_ADDRESSES = ("src", "data-src", "data-original", "data-url", "data")
_COVERS = ("poster", "data-poster", "data-cover", "cover", "data-coverurl", "data-headimgurl")
_NAMES = ("name", "title", "data-title", "music_name", "data-desc", "aria-label")
_VOICES = "https://res.wx.qq.com/voice/getvoice?mediaid="
"""Where WeChat keeps the sound of a `voice_encode_fileid`."""
_OTHER_SCHEME = re.compile(r"(?!https?:)[a-z][a-z0-9+.\s-]*:", re.IGNORECASE)
_FILM = re.compile(
    r"video|player|youku|bilibili|iqiyi|tudou|v\.qq\.com|ixigua|douyin|youtube|vimeo|\.(?:mp4|m3u8|webm|flv|swf)\b",
    re.IGNORECASE,
)
_SOUND = re.compile(r"audio|podcast|ximalaya|music|voice|\.(?:mp3|m4a|ogg|wav)\b", re.IGNORECASE)


def read_player(element: Tag) -> Image | None:
    """Tell what an element plays; None for one that is no player.

    The address is empty where the capture kept none, as for films of WeChat channels.
    """
    address, cover = _address(element), _cover(element)
    kind = PLAYERS.get(element.name) or _kind_of_frame(element, address, cover)
    if kind is None:
        return None
    name = next(filter(None, (clean_text(_value(element, key)) for key in _NAMES)), "")
    return Image(address, alt=name, kind=kind, cover=cover)


def _kind_of_frame(element: Tag, address: str, cover: str) -> Literal["video", "audio"] | None:
    told = " ".join((address, _value(element, "class"), _value(element, "data-vidtype")))
    if not address and not cover:
        return None
    if _FILM.search(told) or cover or element.has_attr("data-vidtype"):
        return "video"
    return "audio" if _SOUND.search(told) else None


def _address(element: Tag) -> str:
    """Address of the film or sound, of its first source where it has none itself."""
    if _is_channel(element):
        return ""
    voice = _value(element, "voice_encode_fileid")
    if voice:
        return _VOICES + voice
    sources = [element, *element.find_all("source", recursive=True)]
    return next(filter(None, (_link(one, key) for one in sources for key in _ADDRESSES)), "")


def _cover(element: Tag) -> str:
    """Address of the cover; a WeChat channel tells it where others tell the film."""
    keys = ("data-url", *_COVERS) if _is_channel(element) else _COVERS
    return next(filter(None, (_link(element, key) for key in keys)), "")


def _is_channel(element: Tag) -> bool:
    return element.name.endswith("videosnap")


def _link(element: Tag, key: str) -> str:
    """A value that leads to the web or to a file; the WeChat editor writes some percent-encoded as a whole."""
    value = _value(element, key)
    if re.match(r"https?%3A", value, re.IGNORECASE):
        value = unquote(value)
    return "" if _OTHER_SCHEME.match(value) or value.startswith("#") else value


def _value(element: Tag, key: str) -> str:
    value = element.get(key) or ""
    return " ".join(value).strip() if isinstance(value, list) else str(value).strip()
