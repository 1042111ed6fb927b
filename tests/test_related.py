"""Related articles share what they say again and again; copies of one text are none."""

import re
import struct
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from factory import make_article
from newsarchive.archive import assemble
from newsarchive.hanzi import HAN_RUN
from newsarchive.related import MOST, count_terms, find_related

FILLER = "会场内外的人来来往往，主持人按时宣布开始，随后各方依次发言，最后合影留念。"

OTHERS = range(100, 145)
"""Numbers of articles that have nothing in common with any other."""


def subject(number, words, **fields):
    """An article that says its words again and again, among what all articles say."""
    text = FILLER + "".join(f"{word}的近况如何，记者问起{word}，对方只说{word}照旧。" for word in words)
    return make_article(number, text=text, title=f"记事之{number}", **fields)


def related(*articles):
    """Number of each article → the numbers of those related to it."""
    others = [subject(number, ["".join(chr(0x5200 + number * 4 + place) for place in range(4))]) for number in OTHERS]
    found = assemble([*articles, *others], len(articles), (), (), None).related
    return {int(one, 16): [int(two, 16) for two in nearest] for one, nearest in found.items()}


def test_articles_that_repeat_the_same_words_are_related():
    found = related(subject(1, ["蓝印花布"]), subject(2, ["蓝印花布"]), subject(3, ["乌篷航线"]))
    assert found[1] == [2]
    assert found[2] == [1]
    assert 3 not in found


def test_what_every_article_says_relates_none():
    assert related(subject(1, []), subject(2, [])) == {}


def test_the_nearest_stands_first_and_there_are_few():
    near, far = ["蓝印花布", "竹架晾晒"], ["蓝印花布", "乌篷航线", "渡口时刻"]
    found = related(subject(1, near), subject(2, far), subject(3, near), *(subject(n, far) for n in range(4, 12)))
    assert found[1][0] == 3
    assert len(found[1]) == MOST


def test_an_edition_in_common_decides_between_equals():
    one, two, three = (subject(number, ["蓝印花布"], editions=("2024",)) for number in (1, 2, 3))
    assert related(one, replace(two, editions=("2019",)), three)[1] == [3, 2]


def test_copies_of_one_text_are_told_once_and_not_as_related_to_each_other():
    text = "".join(
        f"第{number}号样例展位清点了蓝印花布，编号从{number * 17}排到{number * 19}。" for number in range(1, 15)
    )
    copies = [
        make_article(n, text=text, title=f"样稿{n}", publisher=f"样报{n}", published=f"2024-11-{20 + n}")
        for n in (1, 2)
    ]
    found = related(*copies, subject(3, ["蓝印花布"]))
    assert found == {1: [3], 2: [3], 3: [1]}


def test_stubs_and_lists_are_related_to_nothing():
    assert related(subject(1, ["蓝印花布"]), subject(2, ["蓝印花布"], kind="list")) == {}


def test_the_order_of_the_articles_does_not_matter():
    articles = [subject(number, ["蓝印花布", "乌篷航线"][number % 2 :]) for number in range(1, 8)]
    assert related(*articles) == related(*reversed(articles))


@pytest.mark.parametrize(("name", "value"), [("_AT_ONCE", 1), ("_AT_ONCE", 40), ("_WIDTH", 0)])
def test_however_many_are_compared_and_sorted_together_the_same_are_found(monkeypatch, name, value):
    words = ["蓝印花布", "乌篷航线", "渡口时刻", "竹架晾晒", "石桥修缮"]
    articles = [subject(n, words[n % 4 : n % 4 + 2]) for n in range(1, 20)]
    before = related(*articles)
    assert any(before.values())
    monkeypatch.setattr(f"newsarchive.related.{name}", value)
    assert related(*articles) == before


def test_words_in_latin_letters_relate_as_pairs_of_characters_do():
    found = related(subject(1, ["LoRaWAN", "蓝印"]), subject(2, ["lorawan", "乌篷"]))
    assert found[1] == [2]


def test_no_article_at_all_relates_nothing():
    assert find_related([], ()) == {}
    assert find_related([make_article(1, text="", title="")], ()) == {}


def counted(text):
    """Words and pairs of a text, counted one by one."""
    words = Counter(map(str.lower, re.findall("[A-Za-z][A-Za-z0-9.+-]{2,}", text)))
    return words + Counter(pair for run in HAN_RUN.findall(text) for pair in pairwise(run))


MIXED = st.text("水乡鎮〇々𠀀\U0003ffff\U00040000\ud800\U0010ffffaBc1.+-_ß \n，", max_size=60)


@given(title=MIXED, text=MIXED)
def test_terms_are_counted_as_one_would_count_them_by_hand(title, text):
    expected = counted(text)
    for term in counted(title):
        expected[term] += 2
    told = {term: count for term, count in expected.items() if count > 1}
    terms = count_terms(title, text)
    counts = struct.unpack(f">{len(terms.counts) // 2}H", terms.counts)
    numbers = struct.unpack(f">{len(counts)}Q", terms.numbers)
    pairs = {
        (chr(number >> 32), chr(number & 0xFFFFFFFF)): count
        for number, count in zip(numbers, counts, strict=True)
        if number < 1 << 63
    }
    assert pairs == {term: count for term, count in told.items() if isinstance(term, tuple)}
    words = [count for number, count in zip(numbers, counts, strict=True) if number >> 63]
    assert sorted(words) == sorted(count for term, count in told.items() if isinstance(term, str))


def test_a_term_counts_at_most_as_often_as_its_number_can_tell():
    assert count_terms("", "水乡 " * 70_000).counts == b"\xff\xff"
