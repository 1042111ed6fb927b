"""Settles who first published a story: from corrections, credit lines, the page, and the story's own words."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache

from newsarchive.article import Block, Claim, Platform
from newsarchive.bylines import closing_medium
from newsarchive.cleaner import Cleaned
from newsarchive.hanzi import fold
from newsarchive.rules import host_of

NO_OUTLETS = frozenset(
    "微信 微信公众号 公众号 订阅号 视频号 朋友圈 微信群 微博 新浪微博 腾讯微博 抖音 快手 小红书 知乎 哔哩哔哩"
    " B站 百家号 头条号 网络 互联网 网络综合 综合网络 互联网综合 综合 综合整理 网络资料 网上 网友 原创 本站 本报"
    " 本刊 本网 视觉中国 不详 佚名".split()
)
"""What a credit may say without naming an outlet."""
AGENCY = re.compile(
    r"^(?:【[^】]{1,20}】)?据?(?P<outlet>[\u4e00-\u9fff]{1,10}?(?:社|网|报(?!社)|台|刊|通讯(?!社)|电讯|在线|周刊))"
    r"(?:[\u4e00-\u9fff·、/（）()]{0,12}?(?:\d{4}\s*年)?\d{1,2}\s*月\s*\d{1,2}\s*日)?\s*(?:电|讯|消息)(?![话视子])"
)
"""A dateline: agency, place, day, 电 or 讯."""
INLINE_SOURCE = re.compile(r"^(?:文章)?来源[:：]\s*(?P<outlet>[\u4e00-\u9fff]{2,10}?)\s*[（(\s]")
"""A credit that opens the first line of the story."""
OWN_WORDS = ("本报", "本网", "本刊", "本台", "本社")
"""What an outlet calls itself, which names nobody."""
HEADLINE_OUTLET = re.compile(r"^(?P<outlet>[\u4e00-\u9fff]{2,6}(?:网|报|社|日报|电视台))[:：]")
"""A headline that begins with the outlet that is quoted."""
CARRIER = re.compile(r"^[^\s－—-]{2,8}网\s*[－—-]+\s*(?=[^－—-]{2,12}(?:[报社刊台]|周刊|杂志|客户端)$)")
"""A site in front of the paper whose text it carries: 人民网－人民日报."""
HOST = re.compile(r"[a-z0-9.-]+\.[a-z]{2,6}")
"""An outlet that is told by its address alone."""
MEDIUM = re.compile(
    r"[\u4e00-\u9fffA-Za-z0-9·－—-]{1,16}?(?:报|网|网站|社|台|刊|新闻|日报|晚报|晨报|周报|周刊|月刊|杂志|画报|客户端|融媒体?(?:中心)?|传媒|媒体"
    r"|电视|广播|广电|频道|在线|财经|观察|评论|发布|资讯|快讯|头条|之家|论坛|出版社|网信办|公众号)"
)
"""What the name of a medium looks like."""
OUTLET_SEPARATOR = re.compile(r"[、，,;；]|\s+/\s+|(?<=[网报社])\s+(?=[\u4e00-\u9fff])")
"""What parts the outlets of one credit."""


def settle_outlets(
    claims: Sequence[Claim],
    cleaned: Cleaned,
    own: Collection[str],
    title: str,
    platform: Platform,
    known: Mapping[str, str],
) -> tuple[str, ...]:
    """Name the first publishers: by correction, credit line, page, dateline or headline, the first that names one.

    `own` are the folded names of who carried this copy, which a page may repeat without naming an outlet; `known`
    are the names of media that the story's own words may mention → the name that the archive shows.
    """
    corrected = [claim.value for claim in claims if claim.field in ("outlet", "outlets") and claim.origin == "sidecar"]
    lines = [claim for claim in claims if claim.field.startswith("outlet") and claim.origin == "body"]
    credited = [] if _is_digest(lines, cleaned) else [claim.value for claim in lines if _is_credit(claim, own)]
    told = [claim for claim in claims if claim.origin in ("front-matter", "markup")]
    page = [claim.value for claim in told if claim.field == "outlet" or _is_named_medium(claim, known)]
    for values in (corrected, credited, page):
        outlets = _named(values)
        if outlets and (values is not page or fold(outlets[0]) not in own):
            return outlets if values is not page else outlets[:1]
    return _named(_printed_outlet(cleaned.kept, title, platform, known))


def _named(values: Iterable[str]) -> tuple[str, ...]:
    """The outlets of some credits, each once, those told by an address alone last."""
    names = dict.fromkeys(name for value in values for name in split_outlets(value))
    return tuple(sorted(names, key=lambda name: bool(HOST.fullmatch(name))))


def _is_named_medium(claim: Claim, known: Mapping[str, str]) -> bool:
    """Whether a name without a label, in a place where sites put the outlet, is that of a medium."""
    name = re.sub(r"^(?:文章|稿件|信息)?(?:来源|來源|稿源)\s*[:：]\s*", "", claim.value).strip()
    return claim.field in ("outlet-or-author", "outlet_bare") and (name in known or bool(MEDIUM.fullmatch(name)))


def _is_credit(claim: Claim, own: Collection[str]) -> bool:
    """False for a bare name in a line of fields (`outlet_bare`) where it is the publisher's own."""
    return claim.field == "outlet" or fold(claim.value) not in own


def _is_digest(lines: Sequence[Claim], cleaned: Cleaned) -> bool:
    """True where every item of the story has a credit of its own: then none is the story's."""
    places = [block.after for block in cleaned.removed if block.field and block.field.startswith("outlet")]
    inside = [after for after in places if 0 < after < len(cleaned.kept)]
    return len(inside) > 1 and len({claim.value for claim in lines}) > 1


def split_outlets(value: str) -> tuple[str, ...]:
    """Part a credit into outlets; bare platforms and words that name nobody are left out, an address gives its host."""
    value = re.sub(r"^(?:微信)?(?:公众号|订阅号)\s*[:：]?\s*(?=[“\"「《])", "", value)
    value = re.sub(r"[（(].*?[）)]|公众号|微信号.*$|\bID[:：].*$", "", value).strip()
    value = CARRIER.sub("", value)
    if re.match(r"<?https?://", value):
        host = host_of(value.strip("<>"))
        return (re.sub(r"^www\.", "", host),) if host and not host.endswith("weixin.qq.com") else ()
    parts = (part.strip(' “”"《》「」<>。，,:：') for part in OUTLET_SEPARATOR.split(value))
    return tuple(part for part in parts if part and len(part) <= 30 and fold(part) not in NO_OUTLETS)


REPORT = re.compile("[讯电]|消息")
"""Words of which every notice and dateline has one."""
HEADLINE = 25
"""Characters up to which a line above the first paragraph is a headline, which names no outlet."""


def _printed_outlet(kept: Sequence[Block], title: str, platform: Platform, known: Mapping[str, str]) -> list[str]:
    """The outlet that the story's own words name: notice, dateline, first line, last line, headline."""
    texts = [block.text for block in kept if block.text]
    first = next((text for text in texts if len(text) > HEADLINE), texts[0] if texts else "")
    inline = INLINE_SOURCE.search(first)
    if inline:
        return [inline["outlet"]]
    named = _known_notice(first[:150], known) or _known_notice(texts[-1][-30:] if texts else "", known)
    if named:
        return [named]
    dateline = AGENCY.search(first)
    if dateline and not dateline["outlet"].startswith(OWN_WORDS):
        return [dateline["outlet"]]
    medium = closing_medium(texts[-1]) if texts else None
    headline = HEADLINE_OUTLET.match(title) if platform in ("text", "print") else None
    return [medium] if medium else [headline["outlet"]] if headline else []


def _known_notice(text: str, known: Mapping[str, str]) -> str | None:
    """A medium of the dictionary that opens a notice or a dateline: 新京报讯, 据新华社北京11月8日电, 新京报记者."""
    if not known or not REPORT.search(text):
        return None
    match = _known_pattern(tuple(known)).search(text)
    return known[match["outlet"]] if match else None


@cache
def _known_pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    day = r"(?:[\u4e00-\u9fff·、/]{0,12}?(?:\d{4}\s*年)?\d{1,2}\s*月\s*\d{1,2}\s*日)?"
    return re.compile(rf"(?P<outlet>{longest_first}){day}(?:快|简|专)?(?:讯|电(?![话视子])|消息[，：:])")
