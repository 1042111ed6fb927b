"""Every written form of a date comes out as one moment in the site's zone; what is no date stays none."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive.article import Moment
from newsarchive.dates import find_moments, moments_in_address, parse_moment, plausible

ZONE = "Asia/Shanghai"


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("2024-11-20", "2024-11-20"),
        ("2024-11", "2024-11"),
        ("2024", "2024"),
        ("2025-10-06T19:19:00.251437", "2025-10-06T19:19:00+08:00"),
        ("2021-09-25T20:43:23Z", "2021-09-26T04:43:23+08:00"),
        ("2021-09-25T20:43:23+08:00", "2021-09-25T20:43:23+08:00"),
        ("2021-09-25 20:43:23 +0800", "2021-09-25T20:43:23+08:00"),
        ("2021-09-25T10:20:00-0500", "2021-09-25T23:20:00+08:00"),
        ("2021-09-25T24:00:00", "2021-09-26T00:00:00+08:00"),
        ("Wed, 29 Sep 2021 07:52:07 GMT", "2021-09-29T15:52:07+08:00"),
        ("29 Sep 2021 07:52:07 +0000", "2021-09-29T15:52:07+08:00"),
        ("Wed Sep 29 2021 15:52:07 GMT+0800", "2021-09-29T15:52:07+08:00"),
        ("Wed Sep 29 2021 07:52:07 GMT+0000 (Coordinated Universal Time)", "2021-09-29T15:52:07+08:00"),
        ("Wed Sep 29 07:52:07 UTC 2021", "2021-09-29T15:52:07+08:00"),
        ("Wed Sep 29 07:52:07 2021", "2021-09-29T07:52:07+08:00"),
        ("Wed Sep 29 07:52:07 CST 2021", "2021-09-29T07:52:07+08:00"),
        ("2021年9月26日 20:43", "2021-09-26T20:43+08:00"),
        ("2021年9月26日 20:43:05", "2021-09-26T20:43:05+08:00"),
        ("2021年9月26日（星期日）下午3点20分", "2021-09-26T15:20+08:00"),
        ("2021年9月26日晚8时5分", "2021-09-26T20:05+08:00"),
        ("2021年9月26日20时", "2021-09-26"),
        ("2021年9月26日", "2021-09-26"),
        ("2021 年 9 月 26 日", "2021-09-26"),
        ("2021年9月", "2021-09"),
        ("2021年", "2021"),
        ("二〇二四年十一月二十日", "2024-11-20"),
        ("二○二四年十月三十一日", "2024-10-31"),
        ("二零二四年一月十日", "2024-01-10"),
        ("二〇二四年二月廿九日", "2024-02-29"),
        ("２０２４年１１月２０日　２０：４３", "2024-11-20T20:43+08:00"),
        ("2021/9/26", "2021-09-26"),
        ("2021.09.26", "2021-09-26"),
        ("2021-9-26 8:3", "2021-09-26T08:03+08:00"),
        ("2021-09-26 周日 08:03", "2021-09-26T08:03+08:00"),
        ("Nov 20, 2024", "2024-11-20"),
        ("November 20th, 2024", "2024-11-20"),
        ("Wednesday, November 20, 2024 at 3:04 PM", "2024-11-20T15:04+08:00"),
        ("Nov 20, 2024, 12:04 AM EST", "2024-11-20T13:04+08:00"),
        ("20 November 2024", "2024-11-20"),
        ("20-Nov-2024", "2024-11-20"),
        ("November 2024", "2024-11"),
        ("20. März 2024", "2024-03-20"),
        ("20 de noviembre de 2024", "2024-11-20"),
        ("20 novembre 2024", "2024-11-20"),
        ("20 ноября 2024", "2024-11-20"),
        ("2024년 11월 20일", "2024-11-20"),
        ("25.11.2024", "2024-11-25"),
        ("11/25/2024", "2024-11-25"),
        ("11/11/2024", "2024-11-11"),
        ("20241120", "2024-11-20"),
        ("20241120153000", "2024-11-20T15:30:00+08:00"),
        ("20241120T073000Z", "2024-11-20T15:30:00+08:00"),
        ("1632901927", "2021-09-29T15:52:07+08:00"),
        ("1632901927123", "2021-09-29T15:52:07+08:00"),
    ],
)
def test_a_written_date_is_read(written, iso):
    moment = parse_moment(written, ZONE)
    assert moment is not None
    assert moment.iso == iso


@pytest.mark.parametrize(
    "written",
    [
        "",
        "Invalid Date",
        "0000-00-00",
        "0000-00-00 00:00:00",
        "2024-02-30",
        "2023年2月29日",
        "2024-13-01",
        "2024-11-20 25:00",
        "2024-11-20 12:61",
        "二〇二四年十三月一日",
        "二〇二四年一月十十日",
        "11/12/2024",
        "31/31/2024",
        "11月18日",
        "1.2.3",
        "3024",
        "2024112",
        "99999999999",
        "2024-11-20T10:00:00+99:99",
        "乌镇",
        "May",
        "2024-11-20 and more",
    ],
)
def test_what_is_no_date_or_an_impossible_one_is_none(written):
    assert parse_moment(written, ZONE) is None


def test_a_month_and_day_are_completed_by_the_year_given():
    assert parse_moment("11月18日", ZONE, 2024) == Moment("2024-11-18", "day")
    assert parse_moment("2月29日", ZONE, 2023) is None


@pytest.mark.parametrize(
    ("written", "precision"),
    [
        ("2024", "year"),
        ("2024-11", "month"),
        ("2024-11-20", "day"),
        ("2024-11-20 8:05", "minute"),
        ("2024-11-20 8:05:00", "second"),
    ],
)
def test_precision_is_what_was_written(written, precision):
    assert parse_moment(written, ZONE).precision == precision


def test_a_date_without_zone_is_meant_in_the_sites_zone():
    assert parse_moment("2024-11-20 08:00", "Europe/Rome").iso == "2024-11-20T08:00+01:00"
    assert parse_moment("2024-07-20 08:00", "Europe/Rome").iso == "2024-07-20T08:00+02:00"


def test_a_year_is_that_of_the_sites_zone():
    assert parse_moment("2023-12-31T20:00:00Z", ZONE).year == 2024


def test_a_time_that_the_clocks_leave_out_becomes_one_that_exists():
    moment = parse_moment("2024-03-31 02:30", "Europe/Rome")
    assert moment.iso == "2024-03-31T03:30+02:00"


def words(text, year=None):
    return [(moment.iso, found) for moment, found in find_moments(text, ZONE, year)]


def test_dates_are_found_in_running_text_in_order_with_their_words():
    text = "会期为2024年11月19日至22日，公告于 Nov 20, 2024 发布，更新：2024-11-21 09:30。"
    assert words(text) == [
        ("2024-11-19", "2024年11月19日"),
        ("2024-11-20", "Nov 20, 2024"),
        ("2024-11-21T09:30+08:00", "2024-11-21 09:30"),
    ]


def test_the_words_found_are_those_of_the_text_even_in_full_width():
    assert words("时间：２０２４年１１月２０日　２０：４３　来源") == [
        ("2024-11-20T20:43+08:00", "２０２４年１１月２０日　２０：４３")
    ]


def test_a_day_without_year_is_found_only_with_a_year():
    assert words("样报乌镇11月18日电") == []
    assert words("样报乌镇11月18日电", 2024) == [("2024-11-18", "11月18日")]
    assert words("11月19-22日", 2024) == [("2024-11-19", "11月19")]


def test_an_impossible_time_leaves_the_day():
    assert words("2024-11-20 25:61 起") == [("2024-11-20", "2024-11-20 25:61")]


def test_an_impossible_date_gives_no_shorter_one():
    assert words("2024年2月30日") == []


@pytest.mark.parametrize(
    "text",
    [
        "CVE-2024-11-20",
        "v2024.11.20",
        "192.168.2024.11.20",
        "x2024-11-20",
        "编号1202411205",
        "2024-11-20-3",
        "每年年底",
        "2000年前",
    ],
)
def test_numbers_that_only_look_like_dates_are_left(text):
    assert words(text) == []


def test_a_year_is_found_with_its_precision():
    [(moment, found)] = find_moments("2024年样例大会", ZONE)
    assert (moment, found) == (Moment("2024", "year"), "2024年")


@pytest.mark.parametrize(
    ("address", "iso"),
    [
        ("https://example.org/n1/2024/1120/c1-2.html", "2024-11-20"),
        ("https://example.org/2024-11/20/c_1.htm", "2024-11-20"),
        ("https://example.org/2024/11/20/x.html", "2024-11-20"),
        ("https://example.org/202411/t20241120_33.html", "2024-11-20"),
        ("https://example.org/art/202411/abc.html", "2024-11"),
        ("20241120-kaimu.txt", "2024-11-20"),
    ],
)
def test_a_date_is_found_in_an_address(address, iso):
    assert moments_in_address(address, ZONE)[0][0].iso == iso


def test_long_numbers_in_an_address_are_no_dates():
    assert moments_in_address("https://example.org/i/120241120345.html", ZONE) == []


@pytest.mark.parametrize(
    ("iso", "latest", "verdict"),
    [
        ("1989-12-31", None, False),
        ("1990", None, True),
        ("2024-11-20T10:00+08:00", "2024-11-20", True),
        ("2024-11-21", "2024-11-20", False),
        ("2024-11", "2024-11-20", True),
        ("2025", "2024-11-20", False),
    ],
)
def test_plausible_dates_lie_between_the_bounds(iso, latest, verdict):
    assert plausible(Moment(iso, "day"), 1990, latest) is verdict


instants = st.datetimes(datetime(1700, 1, 1), datetime(2190, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 hypothesis wants naive bounds
zones = st.sampled_from([ZONE, "UTC", "Europe/Rome", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"])


@given(instants, zones)
def test_a_moment_told_in_iso_reads_back_as_itself(instant, zone):
    moment = parse_moment(instant.isoformat(), zone)
    assert moment is not None
    assert abs(datetime.fromisoformat(moment.iso) - instant) < timedelta(seconds=1)
    assert parse_moment(moment.iso, zone) == moment


@given(st.dates(datetime(1700, 1, 1).date(), datetime(2190, 1, 1).date()))  # noqa: DTZ001 only the day is used
def test_one_day_reads_the_same_in_every_form(day):
    forms = [
        "{0:%Y-%m-%d}",
        "{0.year}/{0.month}/{0.day}",
        "{0.year}年{0.month}月{0.day}日",
        "{0:%d %B %Y}",
        "{0:%b %d, %Y}",
    ]
    assert {parse_moment(form.format(day), ZONE) for form in forms} == {Moment(day.isoformat(), "day")}


@given(st.text(st.sampled_from("0123456789年月日-/.: 二十〇TtZ+nov,上午时"), max_size=40))
def test_any_text_is_read_without_a_fault_and_words_stand_in_it(text):
    parse_moment(text, ZONE)
    for _, found in find_moments(text, ZONE, 2024):
        assert found in text
