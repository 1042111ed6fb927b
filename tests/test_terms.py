"""Terms found in Chinese texts without a dictionary, and what is said of their rise and fall."""

import random

import pytest

from newsarchive import terms
from newsarchive.terms import ENOUGH, SAMPLE, Change, changes, vocabulary

SUBJECTS = "参会者 本地居民 志愿者 研究员 渔民 学生 船工 店主 摄影师 邮差".split()
VERBS = "谈到 展示了 关注 讨论 体验 围绕 比较 说明 提起 追问".split()
TAILS = "怎样落地 如何守护 正在普及 由谁负责 为何重要 能否持续 背后有人 需要规则 走进课堂 改变小镇".split()
COMMON = "河道保洁 石桥修缮 水乡夜航 蓝印花布".split()


def make_texts(count, topics, seed=1):
    """Invented texts on some topics, each told in ever new surroundings."""
    draw = random.Random(seed)  # noqa: S311
    texts = []
    for _ in range(count):
        words = [draw.choice(COMMON), draw.choice(topics)] * 4
        sentences = (draw.choice(SUBJECTS) + draw.choice(VERBS) + word + draw.choice(TAILS) for word in words)
        texts.append("。".join(sentences) + "。" + "晨雾散去以后桥边渐渐热闹" * 3)
    return texts


def test_a_term_is_found_whole_without_a_dictionary():
    found = vocabulary(make_texts(60, ["智慧渡船", "量子灯笼"])).terms
    assert {"智慧渡船", "量子灯笼", "石桥修缮"} <= set(found)
    assert not {"慧渡船", "智慧渡", "慧渡", "桥修缮", "量子灯"} & set(found)


def test_a_count_is_of_texts_not_of_places():
    texts = make_texts(40, ["智慧渡船"])
    assert vocabulary(texts).terms["智慧渡船"] == 40


def test_a_rise_and_a_fall_are_told_in_texts_of_a_hundred():
    earlier = vocabulary(make_texts(80, ["虚拟画廊"]))
    later = vocabulary(make_texts(80, ["智慧渡船"], seed=2))
    told = {change.term: change for change in changes(earlier, later, ())}
    assert told["虚拟画廊"] == Change("虚拟画廊", 100, 0, "fall")
    assert told["智慧渡船"] == Change("智慧渡船", 0, 100, "rise")
    assert sum(change.trend == "steady" for change in told.values()) <= 1


def test_what_does_not_change_is_not_told():
    assert changes(vocabulary(make_texts(60, ["智慧渡船"])), vocabulary(make_texts(60, ["智慧渡船"], 3)), ()) == ()


def test_the_name_of_a_meeting_is_no_change():
    one, two = vocabulary(make_texts(60, ["虚拟画廊"])), vocabulary(make_texts(60, ["智慧渡船"], 2))
    told = {change.term for change in changes(one, two, ["第三届智慧渡船大会", "画廊"])}
    assert not told & {"智慧渡船", "虚拟画廊"}


def test_few_texts_tell_nothing():
    few, many = vocabulary(make_texts(ENOUGH - 1, ["虚拟画廊"])), vocabulary(make_texts(60, ["智慧渡船"]))
    assert not few.is_enough
    assert changes(few, many, ()) == changes(many, few, ()) == ()


@pytest.mark.parametrize("texts", [[], [""] * 40, ["短文一则。"] * 40, ["Only Latin words in this one. " * 20] * 40])
def test_texts_without_enough_chinese_do_not_count(texts):
    assert vocabulary(texts).texts == ()


def test_the_work_is_bounded_by_a_sample_of_all_texts():
    texts = make_texts(1, ["智慧渡船"]) * (SAMPLE * 5)
    sample = vocabulary([text + "长" * 9000 for text in texts]).texts
    assert len(sample) == SAMPLE
    assert max(map(len, sample)) <= terms.LENGTH


def test_the_same_texts_give_the_same_terms_in_the_same_order():
    texts = make_texts(50, ["虚拟画廊", "智慧渡船"])
    assert list(vocabulary(texts).terms.items()) == list(vocabulary(list(texts)).terms.items())
