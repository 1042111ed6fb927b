"""Lines and brackets that credit people are read into names and roles, and nothing else is."""

import pytest

from newsarchive.article import Credit
from newsarchive.bylines import LONGEST, closing_medium, credits_in, read_byline, read_slot, unique


def pairs(credited):
    return [(credit.name, credit.role) for credit in credited]


# Lines


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("作者：甲样", [("甲样", "author")]),
        ("文 | 甲样", [("甲样", "author")]),
        ("每经记者 甲样 每经编辑 乙样", [("甲样", "reporter"), ("乙样", "editor")]),
        ("（记者 甲样 通讯员 乙样）", [("甲样", "reporter"), ("乙样", "contributor")]),
        ("本报记者 甲样 乙样 摄", [("甲样", "photographer"), ("乙样", "photographer")]),
        ("编译：甲样", [("甲样", "translator")]),
        ("责任编辑：甲样、乙样", [("甲样", "editor"), ("乙样", "editor")]),
        ("記者 甲樣", [("甲樣", "reporter")]),
    ],
)
def test_a_line_gives_each_name_its_role(line, expected):
    assert pairs(read_byline(line)) == expected


def test_names_before_any_word_of_a_role_get_the_default_role():
    assert pairs(read_byline("甲样、乙样", "editor")) == [("甲样", "editor"), ("乙样", "editor")]


def test_a_name_that_is_set_apart_is_put_together():
    assert pairs(read_byline("作者：甲 样")) == [("甲样", "author")]


def test_the_spaces_of_a_foreign_name_part_nothing():
    assert pairs(read_byline("Alex van Sample")) == [("Alex van Sample", "author")]


@pytest.mark.parametrize("line", ["", "作者：", "作者：佚名", "记者 综合", "作者：" + "样" * (LONGEST + 1)])
def test_a_line_without_a_name_credits_nobody(line):
    assert read_byline(line) == ()


# The platform's slot


@pytest.mark.parametrize("name", ["甲样", "样例大学研究团队"])
def test_the_slot_credits_whom_it_names(name):
    assert pairs(read_slot(name)) == [(name, "author")]


@pytest.mark.parametrize("slogan", ["让小镇更安全", "关注我们", "每天都有新的", "专注水乡样例", "我们不一样！"])
def test_a_slogan_in_the_slot_credits_nobody(slogan):
    assert read_slot(slogan) == ()


# Within paragraphs


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("（水乡样报记者 甲样）停了两年的集市今天重开。", [("甲样", "reporter")]),
        ("本报样镇11月8日电(记者 甲样 通讯员 乙样)集市重开。", [("甲样", "reporter"), ("乙样", "contributor")]),
        ("集市重开以后，船挤满了河湾。（记者 甲样）", [("甲样", "reporter")]),
        ("集市重开以后，船挤满了河湾。水乡样报记者 甲样", [("甲样", "reporter")]),
    ],
)
def test_credits_within_a_paragraph_are_found(text, expected):
    assert pairs(unique(credits_in(text))) == expected


@pytest.mark.parametrize(
    "text",
    [
        "记者从会上了解到，新馆明年开放。",
        "他对记者说（说的时候笑了）：明年再来。",
        "卖菱角的大娘（她的船排在最前头）说，天不亮就有人等着。",
        "图 2 展示了三年的变化趋势。",
    ],
)
def test_a_sentence_on_reporters_credits_nobody(text):
    assert list(credits_in(text)) == []


def test_the_credit_at_the_end_names_its_medium():
    assert closing_medium("船挤满了河湾。水乡样报首席记者 甲样") == "水乡样报"
    assert closing_medium("船挤满了河湾。") is None


def test_nobody_is_credited_twice_for_one_role():
    first, second = Credit("甲样", "reporter"), Credit("甲样", "photographer")
    assert unique([first, second, first]) == (first, second)
