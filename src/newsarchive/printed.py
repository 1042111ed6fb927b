"""Lines of a printed page: what each looks like, and how the words of several cohere."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Literal

from newsarchive.article import Block
from newsarchive.bylines import credits_in
from newsarchive.hanzi import han_share, letters

DATELINE = re.compile(
    r"^(?!据)(?P<own>本[报社台网刊])?(?:(?<=[报社台网刊])|[\u4e00-\u9fff]{2,8}?(?:社|报|网|台|在线))"
    r"[\u4e00-\u9fff·、/]{0,16}?\s*(?P<day>\d{1,2}\s*月\s*\d{1,2}\s*日)?\s*(?:专?电|讯|消息)(?![话视子息号影])"
)
"""How a report begins: medium, place, day, 电 or 讯; what is told 据 (after) a medium stands inside of reports too."""
TOLD = re.compile(
    r"^(?:据[\u4e00-\u9fff]{2,10}(?:社|报|网|台|客户端)(?:记者)?[^，。！？]{0,16}(?:消息|报道)[，,：:]"
    r"|[\u4e00-\u9fff]{2,8}(?:社|报|网|台)[讯电](?![话视子息号影]))"
)
"""How a report begins that only names its medium; a paragraph within a report may begin so as well."""
JUMP = re.compile(r"[（(【\[]?\s*(?:紧接|上接|接)\s*第?\s*[\dA-Z一二三四五六七八九十]{1,4}\s*版[^。！？]{0,12}")
"""The line above the rest of a story that began on another page."""
SIGNATURE = re.compile(
    r"[（(](?!待续|未完|节选|摘编|连载|续完|全文)[\u4e00-\u9fff]{2,3}(?:[\s、]+[\u4e00-\u9fff]{2,3}){0,3}[）)]"
)
"""A line that names the writers below their story, and nothing else."""
BOX = re.compile(r"[■□●◆◎【\[]?(?:新闻|相关|背景|延伸)?(?:链接|背景|资料|阅读)|名词解释|小贴士|小资料|知多少|数读")
"""The heading of a box of facts beside a story."""
BYLINE = re.compile(
    r"^[■□●◆◎▲\s]*(?:[\u4e00-\u9fff]{0,8}(?:记者|通讯员|评论员|记者站)|文|作者)\s*[/丨|｜:：]?\s*\S[^。！？，,]*$"
    r"|^[■□]\s+[\u4e00-\u9fff]{2,3}(?:[\s、]+[\u4e00-\u9fff]{2,3}){0,3}$"
)
"""A line that only names writers."""
PHOTO = re.compile(r"(?:[摄攝]|摄影报道|供图|图片?由.{1,20}提供)\s*[）)]?$")
"""How a caption or a photo credit ends."""
CREDIT = re.compile(
    r"^[（(■□]?\s*(?:(?:[\u4e00-\u9fff]{0,6}(?:记者|通讯员)\s*)?(?:[\u4e00-\u9fff]{2,4}[\s、]*){1,5}[摄攝]"
    r"|.{0,12}供图|.{0,4}图片?由.{1,20})\s*[）)]?"
)
"""A photo credit that stands by itself."""
FOLIO = re.compile(
    r"第\s*[\dA-Z一二三四五六七八九十]{1,4}\s*版|\d版|^(?:责任编辑|责编|版式|校对|美编|组版|编辑)\s*[:：/ ]"
    r"|^\d{4}年\d{1,2}月\d{1,2}日"
)
"""A line of the page itself: its number, day and editors."""
SECTION = re.compile(
    r"^[■□●◆◎【\[]?\s*[\u4e00-\u9fff]{0,4}(?:短评|时评|快评|微评|社论|图片新闻|图片报道|简讯|本报评论员)\s*[】\]]?$"
)
"""The label of a section that holds a story of its own kind."""
END = re.compile(r"[。！？!?；;：:…][”’」』）)】]*$")
PROSE = 25
"""Letters from which a line with the end of a sentence is a full paragraph."""
LONG_PROSE = 60
"""Letters from which any line is one."""
LONGEST_HEADLINE = 40
LONGEST_LABEL = 5
"""Letters up to which a headline-like line names a section of the page rather than a story."""
LONGEST_CAPTION = 120

Sort = Literal["prose", "short", "dateline", "byline", "head", "label", "section", "caption", "credit", "folio"]
"""What a line looks like by itself and by its follower; `short` is a paragraph of a few words."""


class Page:
    """Lines with what they look like, and their words: state, since vocabularies are dear."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        """Look at the lines of `blocks`, one after the other."""
        self.blocks = blocks
        self.texts = [block.text for block in blocks]
        self.letters = [letters(text) for text in self.texts]
        self.sorts: list[Sort] = [_sort(self, number) for number in range(len(blocks))]

    def count(self, numbers: Iterable[int], *sorts: Sort) -> int:
        """How many of some lines look like this."""
        return sum(self.sorts[number] in sorts for number in numbers)

    @cached_property
    def spread(self) -> Counter[str]:
        """In how many lines each pair of characters stands."""
        return Counter(pair for text in self.letters for pair in {*_pairs(text)})

    def cohesion(self, one: Iterable[int], other: Iterable[int]) -> float:
        """Cosine of the vocabularies of two sets of lines, pairs of characters weighted by rarity on the page."""
        first, second = self._words(one), self._words(other)
        product = sum(weight * second[pair] for pair, weight in first.items() if pair in second)
        return product / (_length(first) * _length(second) or 1.0)

    def _words(self, numbers: Iterable[int]) -> dict[str, float]:
        counts = Counter(pair for number in numbers for pair in _pairs(self.letters[number]))
        whole = len(self.blocks)
        return {pair: (1 + math.log(n)) * math.log(whole / self.spread[pair]) for pair, n in counts.items()}


def _sort(page: Page, number: int) -> Sort:
    """Tell what a line looks like; a caption may be shown by the credit below it only."""
    text, size = page.texts[number], len(page.letters[number])
    if _is_dateline(text):
        return "dateline"
    if PHOTO.search(text) and size <= LONGEST_CAPTION:
        return "credit" if CREDIT.fullmatch(text) else "caption"
    if size <= LONGEST_CAPTION and number + 1 < len(page.texts) and _is_credit(page.texts[number + 1]):
        return "caption" if END.search(text) else _sort_short(text, size)
    if size >= LONG_PROSE or (size >= PROSE and END.search(text)):
        return "prose"
    return _sort_short(text, size)


def _sort_short(text: str, size: int) -> Sort:
    if SECTION.match(text) or JUMP.fullmatch(text):
        return "section"
    if SIGNATURE.fullmatch(text):
        return "short"
    if FOLIO.search(text):
        return "folio"
    if BYLINE.match(text):
        return "byline"
    if re.search(r"[。；;，,、]|[！？!?…][”’」』）)】]", text) or len(text) > LONGEST_HEADLINE or han_share(text) < 0.3:
        return "short"
    return "label" if size <= LONGEST_LABEL else "head"


def _is_credit(text: str) -> bool:
    return bool(PHOTO.search(text) and CREDIT.fullmatch(text))


def _is_dateline(text: str) -> bool:
    match = DATELINE.search(text)
    return bool(match and (match["own"] or match["day"] or names_in(text[:80])))


def names_in(text: str) -> frozenset[str]:
    """Give the names of the writers that a line credits, photographers left out."""
    return frozenset(credit.name for credit in credits_in(text) if credit.role != "photographer")


def _pairs(text: str) -> Iterator[str]:
    return (text[start : start + 2] for start in range(len(text) - 1))


def _length(words: Mapping[str, float]) -> float:
    return math.sqrt(sum(weight * weight for weight in words.values()))
