"""Every written form of a date, Chinese or Western → `Moment`: aware, in the site's zone, as precise as written.

A date without a zone is meant in the site's zone. Impossible dates (`2024-02-30`, `Invalid Date`) are
no dates. An hour without minutes (`20时`) counts as the day, since no precision lies between.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from newsarchive.article import Moment, Precision

DateFault = Literal["invalid", "implausible"]
"""What may be wrong with a date: it cannot be read, or it cannot be meant."""
_ANY_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_LEAP_YEAR = "2000"
_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x3000: 0x20,
    0xA0: 0x20,
    0x2009: 0x20,
    0x202F: 0x20,
}
"""Full-width forms → ASCII, one character for one, so that places in the text stay where they are."""

_MONTHS: Mapping[str, int] = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar gennaio janvier enero января",
            "february feb februar febbraio février fevrier febrero февраля",
            "march mar märz marzo mars марта",
            "april apr aprile avril abril апреля",
            "may mai maggio mayo мая",
            "june jun juni giugno juin junio июня",
            "july jul juli luglio juillet julio июля",
            "august aug agosto août aout августа",
            "september sept sep settembre septembre septiembre сентября",
            "october oct okt oktober ottobre octobre octubre октября",
            "november nov novembre noviembre ноября",
            "december dec dez dezember dicembre décembre decembre diciembre декабря",
        ),
        1,
    )
    for name in names.split()
}
_OFFSETS: Mapping[str, int] = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "bst": 60, "cet": 60, "cest": 120, "msk": 180, "hkt": 480,
    "sgt": 480, "jst": 540, "kst": 540, "est": -300, "edt": -240, "cdt": -300, "mst": -420, "mdt": -360,
    "pst": -480, "pdt": -420,
}  # fmt: skip
"""Names of zones → minutes east of Greenwich; `CST`, China's time as well as Chicago's, means the site's zone."""

_NUMERALS = {"〇": 0, "零": 0, "○": 0} | {character: number for number, character in enumerate("一二三四五六七八九", 1)}

_MONTH_NAME = "(?P<mon>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b\.?"
_WEEKDAY_NAME = r"(?:\b(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?,?[ ]{0,2})?"
_WEEKDAY = r"(?:[ ]{0,2}[(（]?(?:星期|周|礼拜|週)[一二三四五六日天][)）]?)?"
_YEAR = r"(?P<y>(?:1[6-9]|2[01])\d\d)"
_OFFSET = (
    r"(?:[ ]?(?P<z>(?:gmt|utc)?[+-]\d\d(?::?\d\d(?::\d\d)?)?(?![\d:])|(?:gmt|utc)[+-]\d(?![\d:])"
    r"|(?:z|utc?|gmt|wet|bst|cest|cet|cst|msk|hkt|sgt|jst|kst|est|edt|cdt|mst|mdt|pst|pdt)(?![a-z])))?"
    r"(?:[ ]?\([a-z+:\d ]{2,40}\))?"
)
_CLOCK = r"(?P<H>\d{1,2}):(?P<M>\d\d?)(?::(?P<S>\d\d?)(?:[.,]\d{1,9})?)?(?:[ ]?(?P<half>[ap])\.?m\b\.?)?(?![\d:])"
_CHINESE_CLOCK = (
    r"(?P<part>凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|晚间|夜间|晚)?[ ]{0,2}"
    r"(?:(?P<cH>\d{1,2}):(?P<cM>\d\d)(?::(?P<cS>\d\d)(?:\.\d{1,9})?)?(?![\d:])"
    r"|(?P<hH>\d{1,2})[时点時](?:(?P<hM>\d{1,2})分?(?:(?P<hS>\d{1,2})秒)?)?)"
)
_NUMBER = r"\d{1,2}|[一二三四五六七八九十廿卅]{1,4}"
_DAY_MARK = r"(?:[日号號일]|(?=[ ]{0,2}[-—–~至到、和]{1,2}[ ]{0,2}\d{1,2}[日号號]))"
_CHINESE_DAY = rf"(?P<m>{_NUMBER})[ ]{{0,2}}[月월][ ]{{0,2}}(?P<d>{_NUMBER})[ ]{{0,2}}{_DAY_MARK}"
_CHINESE_YEAR = rf"(?:{_YEAR}|(?P<cy>[{''.join(_NUMERALS)}]{{4}}))[ ]{{0,2}}[年년]"
_AFTER_DAY = rf"{_WEEKDAY}(?:[ ]{{0,3}}{_CHINESE_CLOCK}{_OFFSET})?"
_EDGE = r"(?<![0-9a-z_./-])(?<!\d:)"
_END = r"(?![0-9a-z_]|[.:/-]\d)"

_FORMS = {
    # 2024-11-20T15:30:00+08:00 2024/1/2 2024.1.2 8:03
    "numeric": rf"{_EDGE}{_YEAR}(?P<s>[-/.])(?P<m>\d{{1,2}})(?P=s)(?P<d>\d{{1,2}})"
    rf"(?:(?:t|,?[ ]{{1,3}}|{_WEEKDAY}[ ]{{0,3}}){_CLOCK}{_OFFSET})?{_END}",
    # 2024年11月20日 (周三) 下午3:04, 二〇二四年十一月二十日
    "chinese": rf"(?<!\d){_CHINESE_YEAR}[ ]{{0,2}}{_CHINESE_DAY}{_AFTER_DAY}",
    "chinese-month": rf"(?<!\d){_CHINESE_YEAR}[ ]{{0,2}}(?P<m>{_NUMBER})[ ]{{0,2}}[月월](?:份)?",
    "chinese-year": rf"(?<!\d){_CHINESE_YEAR}(?!代|[前后來来]|间)",
    "chinese-day": rf"(?<![\d年.]){_CHINESE_DAY}{_AFTER_DAY}",
    # Wed, 20 Nov 2024 07:52:07 GMT, 20-Nov-2024, 20. November 2024, 20 de noviembre de 2024
    "day-first": rf"{_EDGE}{_WEEKDAY_NAME}(?P<d>\d{{1,2}})(?:st|nd|rd|th|º|\.)?[ -]{{1,2}}(?:de |of )?{_MONTH_NAME}"
    rf",?[ -]{{0,2}}(?:de |of )?{_YEAR}(?:(?:,? |,? at |t){_CLOCK}{_OFFSET})?{_END}",
    # Nov 20, 2024, 3:04 PM EST; Wed Nov 20 2024 15:52:07 GMT+0800 (China Standard Time)
    "month-first": rf"{_EDGE}{_WEEKDAY_NAME}{_MONTH_NAME}[ ]{{0,2}}(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?[ ]{{1,2}}{_YEAR}"
    rf"(?:(?:,? |,? at | [-–|] ){_CLOCK}{_OFFSET})?{_END}",
    # Wed Nov 20 07:52:07 2024
    "year-last": rf"{_EDGE}{_WEEKDAY_NAME}{_MONTH_NAME}[ ]{{1,2}}(?P<d>\d{{1,2}})[ ]{{1,2}}{_CLOCK}{_OFFSET}[ ]{{1,2}}"
    rf"{_YEAR}{_END}",
    "month-name": rf"{_EDGE}{_MONTH_NAME},?[ ]{{1,2}}{_YEAR}{_END}",
    # 20241120, 20241120153000, 20241120T153000Z
    "compact": rf"{_EDGE}{_YEAR}(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])"
    rf"(?:t?(?P<H>[01]\d|2[0-3])(?P<M>[0-5]\d)(?P<S>[0-5]\d)?{_OFFSET})?(?![0-9a-z_])",
}
"""Form → pattern on text in lower case with ASCII digits, the more telling form first."""

_WHOLE_FORMS = {
    "numeric-month": rf"{_YEAR}[-/.](?P<m>\d{{1,2}})",
    "bare-year": _YEAR,
    # 20.11.2024, 11/20/2024 where only one reading is possible
    "year-behind": rf"(?P<a>\d{{1,2}})(?P<s>[-/.])(?P<b>\d{{1,2}})(?P=s){_YEAR}(?:,?[ ]{{1,3}}{_CLOCK}{_OFFSET})?",
}
"""Forms that are dates only where nothing else stands beside them."""

_COMPILED = {name: re.compile(pattern) for name, pattern in (_FORMS | _WHOLE_FORMS).items()}
_ADDRESS = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d\d)(?P<s1>[-/]?)(?P<m>0[1-9]|1[0-2])(?P<s2>[-/]?)(?P<d>0[1-9]|[12]\d|3[01])(?!\d)"
)
_ADDRESS_MONTH = re.compile(r"(?<!\d)(?P<y>(?:19|20)\d\d)[-/]?(?P<m>0[1-9]|1[0-2])(?=[/_-])")
_MAY_HOLD_DATE = re.compile(r"\d|[〇零○一二三四五六七八九十廿卅]\s{0,2}[年月]")


@lru_cache(maxsize=1024)
def parse_moment(text: str, zone: str, year: int | None = None) -> Moment | None:
    """Read a text that is a date and nothing else; None where it is none, or an impossible one.

    `zone` is the site's zone: it is meant where none is written, and the result is told in it. `year`
    completes a month and day without year (`11月18日`). Seconds and milliseconds since 1970 are taken
    where they have 10 or 13 digits.
    """
    plain = text.translate(_WIDTH).lower().strip()
    if re.fullmatch(r"1\d{9}|1\d{12}", plain):
        return _from_seconds(int(plain[:10]), zone)
    for name, pattern in _COMPILED.items():
        if match := pattern.fullmatch(plain):
            return _moment(name, match.groupdict(), zone, year)
    return None


def find_moments(text: str, zone: str, year: int | None = None) -> list[tuple[Moment, str]]:
    """Find the dates in running text, in order, each with the words it was read from.

    A month and day without year are found only where `year` is given. An impossible time of day leaves the day.
    """
    return [(moment, text[start:end]) for moment, start, end in _found(text, zone, year)]


def moments_in_address(address: str, zone: str) -> list[tuple[Moment, str]]:
    """Find the dates in a URL or a file name (`/2024-11/20/`, `/2024/1120/`, `t20241120_`), days before months."""
    found: list[tuple[Moment, str]] = []
    for pattern in (_ADDRESS, _ADDRESS_MONTH):
        for match in pattern.finditer(address):
            moment = _moment("address", match.groupdict(), zone, None)
            if moment:
                found.append((moment, match.group()))
    return found


def plausible(moment: Moment, earliest: int, latest: str | None) -> bool:
    """Tell whether a date can be a publication date: not before the year `earliest`, not after the day `latest`."""
    if moment.year < earliest:
        return False
    if latest is None:
        return True
    known = moment.iso[:10]
    length = min(len(known), len(latest))
    return known[:length] <= latest[:length]


def date_fault(text: str, zone: str, earliest: int, latest: str | None) -> DateFault | None:
    """Tell what keeps a text from being a publication date, with the bounds of `plausible`; None where nothing does.

    A date in a year that no calendar of news knows (`0001-01-01`, `9999-12-31`) is implausible, not invalid.
    """
    moment = parse_moment(text, zone)
    if moment:
        return None if plausible(moment, earliest, latest) else "implausible"
    return "implausible" if parse_moment(_ANY_YEAR.sub(_LEAP_YEAR, text, count=1), zone) else "invalid"


def _found(text: str, zone: str, year: int | None) -> Iterator[tuple[Moment, int, int]]:
    if not _MAY_HOLD_DATE.search(text.translate(_WIDTH)):
        return
    plain = _lower(text.translate(_WIDTH))
    taken = [False] * len(plain)
    results: list[tuple[int, int, Moment]] = []
    for name in _FORMS:
        for match in _COMPILED[name].finditer(plain):
            if any(taken[match.start() : match.end()]):
                continue
            parts = match.groupdict()
            moment = _moment(name, parts, zone, year) or _moment(name, _without_time(parts), zone, year)
            if moment:
                start = match.start() + len(match.group()) - len(match.group().lstrip())
                results.append((start, match.end(), moment))
            # An impossible date is taken too: its month alone would be a date nobody wrote.
            taken[match.start() : match.end()] = [True] * (match.end() - match.start())
    yield from ((moment, start, end) for start, end, moment in sorted(results, key=lambda found: found[0]))


def _lower(text: str) -> str:
    """Lower case without changing the number of characters (`İ` becomes two in `str.lower`)."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(character.lower() if len(character.lower()) == 1 else character for character in text)


def _without_time(parts: Mapping[str, str | None]) -> dict[str, str | None]:
    return {name: value for name, value in parts.items() if name in ("y", "cy", "m", "mon", "d")}


def _moment(name: str, parts: Mapping[str, str | None], zone: str, year: int | None) -> Moment | None:
    """Put the parts of a match together; None where they make no possible date."""
    try:
        day = _calendar(name, parts, year)
        if day is None:
            return None
        clock = _clock(parts)
        if clock is None:
            return Moment(*_cut(day, parts))
        return _timed(day, clock, _offset(parts.get("z")), zone)
    except (ValueError, OverflowError):
        return None


def _calendar(name: str, parts: Mapping[str, str | None], year: int | None) -> date | None:
    if name == "year-behind":
        return _either_order(int(parts["a"] or 0), int(parts["b"] or 0), int(parts["y"] or 0))
    chosen = _year(parts) or year
    if chosen is None:
        return None
    month = _MONTHS[parts["mon"] or ""] if parts.get("mon") else _number(parts.get("m") or "1")
    return date(chosen, month, _number(parts.get("d") or "1"))


def _either_order(first: int, second: int, year: int) -> date | None:
    """Day and month in whichever order is possible; None where both are and would differ."""
    if first <= 12 and second <= 12 and first != second:
        return None
    return date(year, min(first, second), max(first, second)) if min(first, second) <= 12 else None


def _year(parts: Mapping[str, str | None]) -> int | None:
    if parts.get("y"):
        return int(parts["y"] or 0)
    if not parts.get("cy"):
        return None
    spelt = int("".join(str(_NUMERALS[character]) for character in parts["cy"] or ""))
    if not 1600 <= spelt <= 2199:
        raise ValueError(spelt)
    return spelt


def _number(text: str) -> int:
    """A day or month in digits or Chinese numerals (`二十八`, `廿八`, `十一`, `一一` is none)."""
    if text.isascii():
        return int(text)
    text = text.replace("廿", "二十").replace("卅", "三十")
    tens, ten, ones = text.rpartition("十")
    if (tens and tens not in _NUMERALS) or (ones and ones not in _NUMERALS):
        raise ValueError(text)
    return (_NUMERALS[tens] if tens else 1) * 10 * bool(ten) + (_NUMERALS[ones] if ones else 0)


def _clock(parts: Mapping[str, str | None]) -> tuple[int, int, int | None] | None:
    """Hour, minute and second as written on a 24-hour clock; None without minutes."""
    for hour, minute, second in (("H", "M", "S"), ("cH", "cM", "cS"), ("hH", "hM", "hS")):
        if parts.get(hour):
            if parts.get(minute) is None:
                return None
            hours = _hour(int(parts[hour] or 0), parts.get("part"), parts.get("half"))
            return hours, int(parts[minute] or 0), int(parts[second] or 0) if parts.get(second) else None
    return None


def _hour(hour: int, part: str | None, half: str | None) -> int:
    if half:
        if not 1 <= hour <= 12:
            raise ValueError(hour)
        return hour % 12 + (12 if half == "p" else 0)
    if part in ("下午", "傍晚", "晚上", "晚间", "夜间", "晚") and hour < 12:
        return hour + 12
    return hour + 12 if part == "中午" and hour < 3 else hour


def _offset(name: str | None) -> timezone | None:
    """A written zone as an offset; None where the site's zone is meant."""
    if not name or name == "cst":
        return None
    if name in _OFFSETS:
        return timezone(timedelta(minutes=_OFFSETS[name]))
    digits = name.removeprefix("gmt").removeprefix("utc")
    numbers = re.findall(r"\d\d?", digits)
    hours, minutes, seconds = (int(number) for number in (*numbers, "0", "0")[:3])
    if minutes > 59 or seconds > 59:
        raise ValueError(name)
    distance = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return timezone(-distance if digits.startswith("-") else distance)


def _timed(day: date, clock: tuple[int, int, int | None], offset: timezone | None, zone: str) -> Moment:
    hour, minute, second = clock
    if hour == 24 and not minute and not second:
        day, hour = day + timedelta(days=1), 0
    written = datetime(day.year, day.month, day.day, hour, minute, second or 0, tzinfo=offset or _zone(zone))
    # By way of UTC, so that a time that a change of clocks leaves out becomes one that exists.
    local = written.astimezone(UTC).astimezone(_zone(zone))
    if second is None and not local.second:
        return Moment(local.isoformat(timespec="minutes"), "minute")
    return Moment(local.isoformat(timespec="seconds"), "second")


def _cut(day: date, parts: Mapping[str, str | None]) -> tuple[str, Precision]:
    if parts.get("d") or parts.get("a"):
        return day.isoformat(), "day"
    if parts.get("m") or parts.get("mon"):
        return day.isoformat()[:7], "month"
    return day.isoformat()[:4], "year"


def _from_seconds(seconds: int, zone: str) -> Moment:
    local = datetime.fromtimestamp(seconds, UTC).astimezone(_zone(zone))
    return Moment(local.isoformat(timespec="seconds"), "second")


@lru_cache(maxsize=8)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
