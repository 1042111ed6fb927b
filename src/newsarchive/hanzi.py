"""What is peculiar to Chinese text: folding, sort keys, slugs, sentence ends, lengths, language."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import islice
from typing import NamedTuple

from newsarchive.settings import package_resources

HAN = (
    *((0x3005, 0x3005), (0x3007, 0x3007), (0x3400, 0x4DBF)),
    *((0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF)),
)
"""Code points of Han characters: the first and the last of each range, in order."""
_HAN = "".join(f"{chr(first)}-{chr(last)}" for first, last in HAN)
_HAN_CHARACTER = re.compile(f"[{_HAN}]")
HAN_RUN = re.compile(f"[{_HAN}]+")
"""Han characters without anything between them."""
_SPACE = re.compile(r"\s+")
# A joiner between two pictographs makes one emoji of them and is text; elsewhere it is residue of an editor.
UNSEEN = (
    r"[\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]"
    r"|\u200d(?![\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff])"
)
"""Pattern of characters without a sign of their own, which no text is kept with."""
_TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
TURNING = re.compile(f"[{_TURNING}]")
"""Those that make text appear in another order than it is written, so that it may be read as something else."""
_INVISIBLE = re.compile(rf"{UNSEEN}|[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")


_NO_LETTER = re.compile(r"[\W_]+")
_INERT = "\\t\\n\\r -@\\[-~\\u4e00-\\u9fff\u3001\u3002\u3008-\u3011“”‘’—·"
"""What folding leaves as it is, white space aside: small ASCII, common Han characters and their punctuation."""
_AS_FOLDED = re.compile(f"[{_INERT}]*")
_PLAIN = re.compile(f"[{_INERT}\u2026\uff01-\uff0f\uff1a-\uff20]*")
"""With the punctuation that folding changes to other punctuation."""
_PLAIN_LETTERS = re.compile("[a-z0-9\u4e00-\u9fff]+")
_ODD_START = re.compile(f"\\n[^{_INERT}A-Z\u2026\uff01-\uff0f\uff1a-\uff20]")
"""A line that begins with what may belong to the line before, such as an accent."""
_MEMORABLE = 2000
"""Characters up to which a folded text is remembered, since the same lines recur in every article."""


def clean_text(text: str) -> str:
    """Give text as it is kept: NFC, no invisible characters, white space folded to one space, stripped."""
    text = unicodedata.normalize("NFC", text)
    if not text.isprintable() or "  " in text:  # most text holds nothing to take out or fold
        text = _SPACE.sub(" ", _INVISIBLE.sub("", text))
    return text.strip()


def turns(text: str) -> bool:
    """Whether a text holds characters that make it appear in another order than it is written."""
    return not text.isascii() and any(map(text.__contains__, _TURNING))  # looked for each alone, in a tenth of the time


def straight(text: str) -> str:
    """Give text without the characters that make it appear in another order than it is written."""
    return text if text.isascii() else TURNING.sub("", text)


def fold(text: str) -> str:
    """Fold text for comparing: width and compatibility forms, case, invisible characters and all white space."""
    return _fold(text) if len(text) > _MEMORABLE else _remembered_fold(text)


def _fold(text: str) -> str:
    lowered = text.lower()
    if _AS_FOLDED.fullmatch(lowered):
        return "".join(lowered.split())
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold())
    # A letter and an accent that a space kept apart (`¯` is one) meet now, and are composed.
    return unicodedata.normalize("NFC", _SPACE.sub("", _INVISIBLE.sub("", folded)))


def letters(text: str) -> str:
    """Fold text and keep letters, Han characters and digits only: what remains when punctuation differs."""
    return _last_letters(text) if len(text) > _MEMORABLE else _remembered_letters(text)


def _letters(text: str) -> str:
    if "\n" in text and not _ODD_START.search(text):
        # The lines of an article were looked at before. Halves of a Korean syllable may meet where lines do.
        return unicodedata.normalize("NFC", "".join(map(letters, text.split("\n"))))
    lowered = text.lower()
    if _PLAIN.fullmatch(lowered):
        return "".join(_PLAIN_LETTERS.findall(lowered))
    return unicodedata.normalize("NFC", _NO_LETTER.sub("", fold(text)))


_remembered_fold = lru_cache(maxsize=4096)(_fold)
_remembered_letters = lru_cache(maxsize=4096)(_letters)
_last_letters = lru_cache(maxsize=2)(_letters)
"""An article's text is asked for its editions, and for its shingles next."""


def plain_letters(text: str) -> str:
    """Give the letters of a text (`letters`) in one script: Traditional characters as the Simplified ones.

    A character stands for a character. Texts without any common Traditional form are left as they are.
    """
    plain = letters(text)
    return simplify(plain) if _TRADITIONAL_SIGN.search(plain) else plain


def simplify(text: str) -> str:
    """Write every Traditional character of a text as the Simplified one that is used for it, place by place.

    Source: the table of OpenCC in `data/variants.txt`; the package's own, so that no archive's table parts copies.
    """
    variants, simple = _variants()
    return variants.sub(simple, text)


@cache
def _variants() -> tuple[re.Pattern[str], Callable[[re.Match[str]], str]]:
    table = (package_resources() / "data" / "variants.txt").read_text(encoding="utf-8")
    lines = [line for line in table.splitlines() if not line.startswith("#")]
    pairs = {other: line[0] for line in lines for other in line[1:]}
    simple = {other: pairs.get(one, one) for other, one in pairs.items()}
    return re.compile(f"[{''.join(map(re.escape, simple))}]"), lambda match: simple[match[0]]


def count_characters(text: str) -> int:
    """Count the characters of a text without white space."""
    return len("".join(text.split()))


def han_share(text: str) -> float:
    """Tell which share of the letters and digits of a text are Han characters; 0.0 for a text without any."""
    total = sum(character.isalnum() for character in text)
    return min(1.0, len(_HAN_CHARACTER.findall(text)) / total) if total else 0.0


class Spelling(NamedTuple):
    """How a name is spelt by its pinyin."""

    slug: str
    """As `pinyin_slug` gives it."""
    key: tuple[tuple[str, ...], str]
    """As `pinyin_key` gives it."""


@lru_cache(maxsize=4096)
def spell(name: str) -> Spelling:
    """Spell a name in both ways."""
    return Spelling(pinyin_slug(name), pinyin_key(name))


def pinyin_key(text: str) -> tuple[tuple[str, ...], str]:
    """Give a sort key that orders names by the pinyin of their phrases (重庆 under `chong`), then by themselves."""
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415  its dictionary is large, and most sites need no spelling

    folded = fold(text)
    return tuple(lazy_pinyin(folded, style=Style.TONE3)), folded


def pinyin_slug(text: str, length: int = 40) -> str:
    """Spell a name in ASCII: pinyin by phrase and Latin words, lower case, joined by `-`, at most `length` characters.

    Whole syllables and words only, unless the first alone is longer; `x` where nothing can be spelt.
    """
    from pypinyin import lazy_pinyin  # noqa: PLC0415  as above

    spelt = " ".join(lazy_pinyin(unicodedata.normalize("NFKC", text)))
    ascii_only = unicodedata.normalize("NFKD", spelt).encode("ascii", "ignore").decode("ascii").lower()
    slug = ""
    for word in re.findall(r"[a-z0-9]+", ascii_only):
        longer = f"{slug}-{word}" if slug else word[:length]
        if len(longer) > length:
            break
        slug = longer
    return slug or "x"


_CLOSING = r"""["”’'」』）)\]】》]*"""
_LATIN_STOP = rf"""\.(?={_CLOSING}(?:\s+["“‘'(（\[]?[A-Z0-9\u0400-\u042f\u00c0-\u00de]|\s*$))"""
_SENTENCE_END = re.compile(rf"(?:[。！？!?]+|…{{2,}}|\.{{3,}}|{_LATIN_STOP}){_CLOSING}")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:[A-Z]|Mr|Mrs|Ms|Dr|Prof|St|vs|No|Inc|Ltd|Co|Corp|Jr|Sr|Gen|Sen|Rep|U\.S|U\.K|e\.g|i\.e)\.$"
)


def split_sentences(paragraph: str) -> tuple[str, ...]:
    """Cut a paragraph behind its sentence ends and their closing quotes; a rest without end is the last sentence."""
    return tuple(_sentences(clean_text(paragraph)))


def _sentences(text: str) -> Iterator[str]:
    start = 0
    for match in _SENTENCE_END.finditer(text):
        sentence = text[start : match.end()]
        if match.group().startswith(".") and _ABBREVIATION.search(sentence):
            continue
        yield sentence.strip()
        start = match.end()
    if text[start:].strip():
        yield text[start:].strip()


def summary(paragraphs: Sequence[str], limit: int = 120) -> str:
    """Choose one or two whole sentences that open a text; the second only where both stay within `limit` characters.

    Lines without a sentence end (captions, sub-headings) are passed over where any paragraph has one.
    A text without sentences gives its first line, cut with `…` where it is longer than twice the limit.
    """
    for paragraph in paragraphs:
        ended = (one for one in _sentences(clean_text(paragraph)) if _SENTENCE_END.search(one))
        sentences = list(islice(ended, 2))
        if not sentences:
            continue
        both = _joined(sentences)
        return both if len(both) <= limit else sentences[0]
    first = next((line for line in map(clean_text, paragraphs) if line), "")
    return first if len(first) <= 2 * limit else first[:limit].rstrip() + "…"


def _joined(sentences: Sequence[str]) -> str:
    """Sentences side by side; a space only between Latin ones."""
    text = sentences[0]
    for sentence in sentences[1:]:
        text += (" " if text[-1].isascii() and sentence[0].isascii() else "") + sentence
    return text


_SIMPLIFIED = frozenset(
    "这个国来们为说会时对发过还经没问题长门见车马东话书应开关实体学动变从网络电视听语让议设计认识记访讯组织级约纪线统给业产"
    "亿众优传务习乐义儿党决准几区华单卖卫历压厂县参双员团园围图场坏块声处备奖孙宁宝尔尽属岁岛币师带帮广庆库张强归当录总战户护报拥择换据损"
)
_TRADITIONAL = frozenset(
    "這個國來們為說會時對發過還經沒問題長門見車馬東話書應開關實體學動變從網絡電視聽語讓議設計認識記訪訊組織級約紀線統給業產"
    "億眾優傳務習樂義兒黨決準幾區華單賣衛歷壓廠縣參雙員團園圍圖場壞塊聲處備獎孫寧寶爾盡屬歲島幣師帶幫廣慶庫張強歸當錄總戰戶護報擁擇換據損"
)
_TRADITIONAL_ONLY = _TRADITIONAL - _SIMPLIFIED
_TRADITIONAL_SIGN = re.compile(f"[{''.join(sorted(_TRADITIONAL_ONLY))}]")
_SCRIPTS = {
    "ko": re.compile(r"[\uac00-\ud7af]"),
    "ru": re.compile(r"[\u0400-\u04ff]"),
    "ar": re.compile(r"[\u0600-\u06ff]"),
    "el": re.compile(r"[\u0370-\u03ff]"),
    "he": re.compile(r"[\u0590-\u05ff]"),
    "th": re.compile(r"[\u0e00-\u0e7f]"),
    "hi": re.compile(r"[\u0900-\u097f]"),
}
"""Languages told by their script; letters, not words, are counted."""
_OTHER_THAN_SIMPLIFIED = re.compile(
    "[\u3040-\u30ff\uac00-\ud7af\u0400-\u04ff\u0370-\u03ff\u0590-\u05ff\u0600-\u06ff\u0e00-\u0e7f\u0900-\u097f"
    + "".join(sorted(_TRADITIONAL_ONLY))
    + "]"
)
"""Kana, the scripts above, and the traditional forms."""
_STOPWORDS = {
    "en": frozenset(
        "the of and to in is that for with on are this was it as be by at from have has you not will can".split()
    ),
    "it": frozenset("il di che la per un una del della con sono non le gli nel dei alla si da anche".split()),
    "fr": frozenset("le la les des et est une un dans pour que qui sur pas au avec par du ce cette sont nous".split()),
    "de": frozenset(
        "der die und das ist nicht mit den von zu für auf dem ein eine im sich des auch werden wird".split()
    ),
    "es": frozenset("el la de que en los las del por con una para es se un su al como más pero".split()),
    "pt": frozenset("de que do da em um para com não uma os no se na por mais as dos como".split()),
}
"""Words that no longer text of a language is without."""


def detect_language(text: str) -> str:
    """Tell the language of a text: `zh-Hans`, `zh-Hant`, `ja`, `ko`, `ru`, `en`, `it` …; `und` where nothing tells.

    By characters of the script, simplified against traditional forms, and the commonest words of languages in
    Latin script. Terms, names and code in Latin letters do not make a Chinese text English.
    """
    sample = text[:20_000]
    if _is_plainly_simplified(sample):
        return "zh-Hans"
    han = len(_HAN_CHARACTER.findall(sample))
    kana = len(re.findall(r"[\u3040-\u30ff]", sample))
    words = re.findall(r"[a-zA-Z\u00c0-\u024f]+", sample)
    scripts = {language: len(pattern.findall(sample)) for language, pattern in _SCRIPTS.items()}
    language, most = max(scripts.items(), key=lambda pair: pair[1])
    if kana > 0.1 * (han + kana) and kana > 0.2 * len(words):
        return "ja"
    if most > han and most > len(words):
        return language
    if han and han >= 0.2 * len(words):
        return _chinese(sample)
    return _latin([word.lower() for word in words])


def _is_plainly_simplified(text: str) -> bool:
    """True where one look suffices: nothing of another script or form, and more Han characters than words can stand."""
    if _OTHER_THAN_SIMPLIFIED.search(text):
        return False
    han, enough = 0, max(1, len(text) // 10 + 1)
    for match in HAN_RUN.finditer(text):
        han += match.end() - match.start()
        if han >= enough:
            return True
    return False


def _chinese(text: str) -> str:
    simplified = sum(map(_SIMPLIFIED.__contains__, text))
    traditional = sum(map(_TRADITIONAL.__contains__, text))
    return "zh-Hant" if traditional > simplified else "zh-Hans"


def _latin(words: Sequence[str]) -> str:
    counts = {language: sum(map(known.__contains__, words)) for language, known in _STOPWORDS.items()}
    language, most = max(counts.items(), key=lambda pair: pair[1])
    return language if most > 0.02 * len(words) else "und"
