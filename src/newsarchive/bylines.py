"""Reads bylines: lines and brackets that credit people by name, each with a role."""

import re
from collections.abc import Iterable, Iterator, Mapping

from newsarchive.article import Credit, Role
from newsarchive.hanzi import clean_text, han_share

_BY_ROLE: Mapping[Role, str] = {
    "photographer": "摄影记者 摄影报道 摄影 攝影 摄像 供图 配图 图片 制图 绘图 插画 漫画 海报 设计 视频 剪辑 图"
    " Photographers Photographer",
    "contributor": "通讯员 通訊員 实习生",
    "author": "特约撰稿人 特约撰稿 撰文 撰稿 撰写 采写 执笔 主笔 笔者 图文 文字 文案 作者 整理 文"
    " Writers Writer Authors Author",
    "reporter": "记者 記者 采访 Reporters Reporter",
    "translator": "编译 編譯 翻译 译者 Translators Translator",
    "editor": "责任编辑 責任編輯 编辑 編輯 责编 美编 编审 编校 编委 编务 主编 总编辑 总编 校对 校對 校审 校稿 审校"
    " 审核 審核 审签 审定 审读 初审 复审 终审 一审 二审 三审 一校 二校 三校 监制 监审 出品人 出品 签发 核发 统筹 总策划"
    " 策划 排版 版式 组版 检校 运营 美工 制作 配音 后期 导播 素材 供稿 来稿 投稿"
    " Editors Editor Proofreader Designer",
}
ROLE_WORDS: tuple[tuple[str, Role], ...] = tuple(
    sorted(((word, role) for role, words in _BY_ROLE.items() for word in words.split()), key=lambda pair: -len(pair[0]))
)
"""Words that name a role, longer ones before the shorter ones they hold."""
_ROLE_OF = dict(ROLE_WORDS)
WRITERS: frozenset[Role] = frozenset({"author", "reporter", "contributor", "translator"})
"""Roles of those who made the text."""
_WORDS = "|".join(word for word, _ in ROLE_WORDS)
_PREFIX = r"(?:[\u4e00-\u9fff《》·]{0,12}?(?:首席|见习|实习|特约|特派|驻\S{1,6})?)"
_ROLE = re.compile(
    rf"(?:^|(?<=[\s（(、，,；;/])){_PREFIX}(?P<word>{_WORDS})(?:[字]|人)?(?:\s*[/丨|｜:：]\s*|\s+|(?=[\u4e00-\u9fff]{{2,4}}(?:[\s、，,）)]|$)))"
    rf"|(?:^|(?<=[\s（(、，,；;/]))[\u4e00-\u9fff]{{2,6}}\s*[:：]"
)
_SEPARATOR = re.compile(r"[、，,;；/＆&▪\s]+|(?<=[\u4e00-\u9fff])和(?=[\u4e00-\u9fff])")
_LATIN_SEPARATOR = re.compile(r"\s*(?:[、，,;；/＆&]|\band\b)\s*")
_BRACKETS = re.compile(
    r"[（(]\s*(?P<inside>(?:[\u4e00-\u9fff·]{0,10})(?:(?:记者|記者|通讯员|通訊員)\s*[/丨|｜:：]?\s*|(?:文|作者|编译|翻译)\s*[/丨|｜:：]\s*)[^（）()。！？]{2,60})[）)]"
)
_OPENING = re.compile(
    r"(?:记者|文\s*[|｜丨/])\s*(?P<names>(?!从|在|了|获|今|昨|近|注意|采)[\u4e00-\u9fff]{2,3}(?:\s+[\u4e00-\u9fff]{2,3})*)"
    r"(?=\s*(?:[\u4e00-\u9fff]{2,5}(?:报|社|网)讯|\d|[A-Za-z])|\s)(?!\s*[摄攝])"
)
_CLOSING = re.compile(
    r"[。！？”）)\s](?P<medium>[\u4e00-\u9fff]{2,8}(?:报|社|网))?(?:首席|见习|实习|特约)?记者\s+(?P<names>[\u4e00-\u9fff]{2,4}(?:\s+[\u4e00-\u9fff]{2,4})*)[）)]?$"
)
_PHOTOGRAPHER = re.compile(
    r"(?:记者|記者)\s*(?P<names>[\u4e00-\u9fff]{2,4}(?:\s+[\u4e00-\u9fff]{2,4}){0,4})\s*[摄攝][）)]?$"
)
_POST = (
    r"(?:教授|研究员|主任|院长|博士|院士|秘书长|总裁|工程师|专家|所长|部长|经理|董事长|委员|安全官|执行官|科学家|律师|会长|理事长"
    r"|处长|局长|主席|书记|校长|讲师|分析师|负责人)"
)
"""How the words end that say what somebody is."""
_TITLES = re.compile(rf"^.{{2,90}}{_POST}\s+(?=\S{{2,4}}$)")
_SLOGAN = re.compile(
    r"的$|^(?:让|做|为|与|用|以|专注|关注|点击|欢迎|一个|我们|每天|每日|守护|助力|更|最|全|筹备|带你)|(?:更安全|不止|未来|服务|资讯|关注)$|[，。！？!?：:…]"
)
_NO_NAME = frozenset(
    {"原创", "转载", "来源", "佚名", "本刊", "本报", "本网", "综合", "整理", "小编", "admin", "编辑部", "网络"}
)
RUN_ON = re.compile(r"(?<=[\u4e00-\u9fff])((?:责编|责任编辑)\s*[:：])")
"""The label of an editor that follows a name without a gap."""
LONGEST = 24
"""Characters in the longest name: teams and foreign names."""


def read_byline(line: str, default: Role = "author") -> tuple[Credit, ...]:
    """Read a line that only credits people: `每经记者 甲样 每经编辑 乙样`, `文 | 某研究员 丙样`, `甲样、乙样`.

    Names before any word of a role get the `default` role.
    """
    line = RUN_ON.sub(r" \1", clean_text(line)).strip("（()） 。□■◎●◆○◇▲△★☆▍|｜")
    if line.endswith(("摄", "攝")):
        line, default = _ROLE.sub("", line[:-1]), "photographer"
    marks = list(_ROLE.finditer(line))
    if not marks:
        return _credits(line, default)
    found = list(_credits(line[: marks[0].start()], default)) if marks[0].start() else []
    for number, mark in enumerate(marks):
        end = marks[number + 1].start() if number + 1 < len(marks) else len(line)
        # A label without a word of the list (`值班主任：`) names somebody of the desk.
        role = _ROLE_OF[mark["word"]] if mark["word"] else "editor"
        found += _credits(line[mark.end() : end], role)
    return tuple(found)


def read_slot(line: str) -> tuple[Credit, ...]:
    """Read the platform's author slot, which accounts fill with names, with a team, or with a slogan (then nobody)."""
    line = clean_text(line)
    return () if _SLOGAN.search(line) else _credits(line, "author")


def credits_in(text: str) -> Iterator[Credit]:
    """Find the credits within a paragraph: `（记者 甲样 通讯员 乙样）`, `记者 甲样` at its start or end."""
    # Patterns are asked only where a character of theirs stands: most texts have none.
    if "（" in text or "(" in text:
        for match in _BRACKETS.finditer(text[:200] if len(text) < 300 else text[:200] + "\n" + text[-100:]):
            yield from read_byline(match["inside"], "reporter")
    end = text[-60:]
    taken = _PHOTOGRAPHER.search(end) if "摄" in end or "攝" in end else None
    if taken:
        yield from _credits(taken["names"], "photographer")
        return
    start = text[:150]
    opening = _OPENING.search(start) if "记者" in start or "文" in start else None
    if opening:
        role: Role = "author" if opening.group(0).startswith("文") else "reporter"
        yield from _credits(opening["names"], role)
    closing = _find_closing(text)
    if closing:
        yield from _credits(closing["names"], "reporter")


def closing_medium(text: str) -> str | None:
    """The medium that a credit at the end of a text names: `…。水乡样报首席记者 甲样`."""
    closing = _find_closing(text)
    return closing["medium"] if closing else None


def _find_closing(text: str) -> re.Match[str] | None:
    end = text[-60:]
    return _CLOSING.search(end) if "记者" in end else None


def unique(credited: Iterable[Credit]) -> tuple[Credit, ...]:
    """Keep the first credit of each name and role, in printed order; who wrote is named once, whatever the words."""
    kept: dict[tuple[str, str], Credit] = {}
    for credit in credited:
        kept.setdefault((credit.name, "writer" if credit.role in WRITERS else credit.role), credit)
    return tuple(kept.values())


def _credits(names: str, role: Role) -> tuple[Credit, ...]:
    names = "；".join(_TITLES.sub("", each.strip()) for each in re.split(r"[；;]", names.strip(" ：:|｜丨/、，,")))
    # Spaces part Chinese names, but stand within foreign ones.
    is_one = han_share(names) < 0.5 and not re.search(r"[、，,;；&]", names)
    separator = _SEPARATOR if han_share(names) >= 0.5 else _LATIN_SEPARATOR
    parts = [names] if is_one else separator.split(names)
    return tuple(Credit(name, role) for name in map(_name, _joined(parts)) if name)


def _joined(parts: list[str]) -> list[str]:
    """Put single characters of a name set apart (`张 三`) together again."""
    if len(parts) == 2 and all(len(part) == 1 and han_share(part) for part in parts):
        return ["".join(parts)]
    return parts


def _name(text: str) -> str:
    name = re.sub(r"@.*$|[（(].*$", "", text).strip("“”\"' 。.:：》《】【")
    if (
        not name
        or len(name) > LONGEST
        or name in _NO_NAME
        or name in _ROLE_OF
        or (han_share(name) == 1 and len(name) < 2)
    ):
        return ""
    # A place or office of the medium (共享联盟·桐乡) stands among names without being one.
    return "" if re.search(r"联盟|[社站部]$", name) and "·" in name else name
