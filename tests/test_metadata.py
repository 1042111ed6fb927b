"""Rival claims are settled the same way every time, and what won is recorded."""

from dataclasses import replace

import pytest

from conftest import PROJECT
from factory import make_document
from newsarchive.article import Block
from newsarchive.metadata import settle_kind
from newsarchive.rulefiles import load_rules
from newsarchive.settings import load_settings
from newsarchive.stories import read_stories

SETTINGS = load_settings(PROJECT / "site.yaml")
BOOK = load_rules(SETTINGS)
NAMED = next(file for file in BOOK.files if file.group == "publishers" and file.aliases)
PROSE = "老码头的灯昨天换成了新的，傍晚六点第一次亮起来，站在石阶上的人都说比从前亮堂得多。"
URL = "https://example.org/2021/0305/lamp.html"


def article_of(body=PROSE, shape="markdown", path="a.md", sidecar=None, **front):
    document = make_document(body, shape, path=path, front=front, sidecar=sidecar or {})
    return read_stories(document, BOOK, SETTINGS)[0]


def dated(article):
    return (article.published.iso if article.published else None, article.published_from)


# Dates


def test_the_front_matter_s_time_wins_over_the_address():
    assert dated(article_of(date="2024-11-20 08:00", url=URL)) == ("2024-11-20T08:00+08:00", "front-matter")


def test_a_correction_wins_over_the_front_matter():
    assert dated(article_of(date="2024-11-20", sidecar={"published": "2023-01-02"})) == ("2023-01-02", "sidecar")


def test_a_day_of_the_front_matter_gives_way_to_the_printed_time():
    body = f"2024-11-20 20:43:23\n\n{PROSE}"
    assert dated(article_of(body, date="2024-11-20")) == ("2024-11-20T20:43:23+08:00", "body")


def test_a_printed_time_of_another_year_does_not_win():
    body = f"2021-11-20 20:43:23\n\n{PROSE}"
    assert dated(article_of(body, date="2024-11-20")) == ("2024-11-20", "front-matter")


@pytest.mark.parametrize(
    ("front", "head", "expected"),
    [
        ("2024-11-01", "时间：2024年11月20日", "2024-11-01"),
        ("2024-11-25", "# 2024年1月1日", "2024-11-25"),
        ("2024-11-20", "2024-11-21 08:30", "2024-11-21T08:30+08:00"),
        ("2024-12-31", "2025-01-01 08:30", "2025-01-01T08:30+08:00"),
    ],
)
def test_a_printed_day_far_from_the_front_matter_s_is_one_of_an_event(front, head, expected):
    assert dated(article_of(f"{head}\n\n{PROSE}", date=front))[0] == expected


def test_invalid_date_falls_back_to_the_time_in_the_body():
    article = article_of(f"2021-09-25 20:43:23\n\n{PROSE}", date="Invalid Date")
    assert dated(article) == ("2021-09-25T20:43:23+08:00", "body")
    assert article.notes["published"] == "front-matter-invalid"
    assert [problem.kind for problem in article.problems] == ["date"]


@pytest.mark.parametrize(
    ("date", "note", "said"),
    [
        ("0001-01-01", "implausible", "is implausible"),
        ("1970-01-01", "implausible", "is implausible"),
        ("9999-12-31", "implausible", "is implausible"),
        ("2024-02-30", "front-matter-invalid", "cannot be read"),
        ("nonsense", "front-matter-invalid", "cannot be read"),
    ],
)
def test_an_impossible_date_is_none(date, note, said):
    article = article_of(date=date)
    assert dated(article) == (None, None)
    assert article.notes["published"] == note
    assert said in article.problems[0].message


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"url": URL}, ("2021-03-05", "url")),
        ({"path": "2021-03-05-lamp.md"}, ("2021-03-05", "file-name")),
        ({}, (None, None)),
    ],
)
def test_without_a_date_the_address_and_then_the_file_s_name_tell(fields, expected):
    assert dated(article_of(title="老码头装上了新灯", **fields)) == expected


def test_a_dateline_takes_its_year_from_the_text():
    text = f"本报样镇11月8日电 2024年的冬天来得早。{PROSE}"
    assert dated(article_of(text, "text", "1.txt")) == ("2024-11-08", "dateline")
    assert dated(article_of(text.replace("2024年", ""), "text", "1.txt")) == (None, None)


@pytest.mark.parametrize(
    ("text", "doubtful"),
    [
        (f"本报样镇11月8日电 2024年的冬天来得早。{PROSE}", False),
        (f"本报样镇11月8日电 2019年架起的灯，2024年换成了新的。{PROSE}", True),
        (f"本报样镇11月8日电 2024年的灯比2019年的亮。2024年还没有过完，2024年的账单已经到了。{PROSE}", False),
    ],
)
def test_a_dateline_whose_year_is_one_of_several_is_doubtful(text, doubtful):
    article = article_of(text, "text", "1.txt")
    assert dated(article)[1] == "dateline"
    assert ("published" in article.uncertain) is doubtful


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"date": "2099-11-20", "retrieved": "2024-11-25"}, None),
        ({"date": "2024-11-27", "retrieved": "2024-11-25T08:00:00+08:00"}, None),
        ({"date": "2024-11-26", "retrieved": "2024-11-25T23:00:00+08:00"}, "2024-11-26"),
        ({"date": "2024-11", "retrieved": "2024-11"}, "2024-11"),
        ({"date": "2024-11-27", "retrieved": "1970-01-01"}, "2024-11-27"),
        ({"url": "https://example.org/2025/0305/lamp.html", "retrieved": "2024-11-25"}, None),
        ({"date": "2099-11-20", "sidecar": {"published": "2025-01-02"}, "retrieved": "2024-11-25"}, "2025-01-02"),
    ],
)
def test_nothing_is_published_after_it_was_fetched_unless_a_correction_says_so(fields, expected):
    article = article_of(**fields)
    assert dated(article)[0] == expected
    refused = "date" in fields and expected != fields["date"]
    assert ("date" in [problem.kind for problem in article.problems]) is refused


def test_without_a_day_of_fetching_nothing_is_published_after_the_build():
    document = make_document(PROSE, "markdown", front={"date": "2099-11-20"})
    article = read_stories(document, BOOK, replace(SETTINGS, build_date="2024-11-25"))[0]
    assert dated(article) == (None, None)


def test_a_dateline_after_the_day_of_fetching_is_none():
    text = f"本报样镇12月8日电 2024年的冬天来得早。{PROSE}"
    assert dated(article_of(text, retrieved="2024-11-25")) == (None, None)


def test_gmt_is_told_in_the_zone_of_the_site():
    article = article_of(date="Tue, 19 Nov 2024 17:30:00 GMT", fetch_date="2024-11-20T01:00:00Z")
    assert dated(article) == ("2024-11-20T01:30:00+08:00", "front-matter")
    assert article.retrieved == "2024-11-20T09:00:00+08:00"


# Publisher, platform, outlet


@pytest.mark.parametrize("name", ["示例每经网", "示例每经新闻"])
def test_a_publisher_has_one_name_under_all_its_names(name):
    assert article_of(source=name).publisher == "示例每经新闻"


@pytest.mark.parametrize("key", ["publisher", "source", "author"])
def test_any_key_of_the_front_matter_may_name_the_publisher(key):
    assert article_of(**{key: "水乡样报"}).publisher == "水乡样报"


def test_the_outlet_is_never_the_publisher_taken_for_granted():
    article = article_of(source="水乡样报")
    assert (article.publisher, article.outlet) == ("水乡样报", None)


@pytest.mark.parametrize(
    ("fields", "platform"),
    [
        ({"url": "https://mp.weixin.qq.com/s?__biz=U0FNUExF&mid=1&idx=1"}, "wechat"),
        ({"url": URL}, "web"),
        ({"shape": "text"}, "text"),
        ({"shape": "text", "body": f"本报样镇11月8日电 {PROSE}"}, "print"),
        ({"sidecar": {"platform": "print"}}, "print"),
    ],
)
def test_the_platform_is_told_by_address_shape_and_correction(fields, platform):
    assert article_of(**fields).platform == platform


# Bylines


def test_a_corrected_byline_wins_and_keeps_its_roles():
    byline = [{"name": "甲样", "role": "photographer"}, "乙样"]
    credited = article_of(f"作者：丙样\n\n{PROSE}", sidecar={"byline": byline}).byline
    assert [(credit.name, credit.role) for credit in credited] == [("甲样", "photographer"), ("乙样", "author")]


def test_the_publisher_in_place_of_a_writer_credits_nobody():
    assert article_of(f"作者：水乡样报\n\n{PROSE}", source="水乡样报").byline == ()


@pytest.mark.parametrize(
    ("author", "names"),
    [("张三", ["张三"]), (["张三", "李四"], ["张三", "李四"]), ("样例刊", []), ("佚名", [])],
)
def test_an_author_beside_the_publisher_is_a_person(author, names):
    article = article_of(source="样例刊", author=author)
    assert article.publisher == "样例刊"
    assert [(credit.name, credit.role) for credit in article.byline] == [(name, "author") for name in names]


def test_another_name_of_the_publisher_credits_nobody():
    article = article_of(source=NAMED.name, author=NAMED.aliases[0])
    assert (article.publisher, article.byline) == (NAMED.name, ())


def test_credits_stand_in_printed_order():
    body = f"作者：甲样\n\n{PROSE}\n\n{PROSE}（记者 乙样）\n\n责任编辑：丙样"
    names = [(credit.name, credit.role) for credit in article_of(body).byline]
    assert names == [("甲样", "author"), ("乙样", "reporter"), ("丙样", "editor")]


# Claims


def test_the_claim_that_won_stands_first_in_its_field():
    article = article_of(f"2021-09-25 20:43:23\n\n{PROSE}", date="Invalid Date", source="示例每经网")
    first = {claim.field: claim.value for claim in reversed(article.claims)}
    assert first["published"] == "2021-09-25 20:43:23"
    assert first["publisher"] in ("示例每经网", "示例每经新闻")
    assert "Invalid Date" in [claim.value for claim in article.claims]


def test_what_no_claim_told_is_recorded_with_its_evidence():
    article = article_of(f"本报样镇11月8日电 2024年的冬天来得早。{PROSE}", "text", "1.txt")
    claims = {claim.field: (claim.origin, claim.value, claim.evidence) for claim in article.claims}
    assert claims["published"] == ("dateline", "2024-11-08", "本报样镇11月8日电")
    assert claims["title"][1] == article.title
    assert article.uncertain == ("title",)


# Kind


def linked(text):
    return Block("item", text, hints=("link",), href="https://example.org/")


@pytest.mark.parametrize(
    ("told", "sidecar", "kept", "kind"),
    [
        (None, {}, [Block("paragraph", PROSE)], "article"),
        (None, {}, [], "stub"),
        ("stub", {}, [Block("paragraph", "去验证")], "stub"),
        ("stub", {}, [Block("paragraph", PROSE)] * 9, "article"),
        ("list", {}, [Block("paragraph", PROSE)], "list"),
        (None, {}, [linked(f"第{number}条消息的标题") for number in range(9)], "list"),
        (None, {"kind": "article"}, [], "article"),
    ],
)
def test_the_kind_is_told_by_correction_rule_and_what_is_left(told, sidecar, kept, kind):
    assert settle_kind(told, sidecar, kept) == kind
