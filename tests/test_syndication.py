"""Copies of one text are found whatever their headline, cut or order; other stories are left alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from factory import make_article, moment, with_text
from newsarchive import syndication
from newsarchive.hanzi import letters
from newsarchive.syndication import SIZE, are_alike, containment, draw_shingles, find_groups, resemblance, shingles

SUBJECTS = "渡口 茶馆 桥洞 灯会 稻田 书院 船坞 戏台 菜场 邮局 染坊 钟楼".split()
VERBS = "清点 修整 迎来 记录 搬迁 展示 比较 登记 借用 守护".split()
OBJECTS = "样例设备 老照片 志愿者 新航线 展品清单 电子票据 天气数据 手写账本 充电桩 盲文地图".split()


def story(seed, sentences=12):
    """A text of its own: no two seeds share more than the words of the trade."""
    parts = []
    for number in range(sentences):
        at = seed * 31 + number * 7
        parts.append(
            f"{SUBJECTS[at % 12]}的第{at * at + 3}号负责人在{SUBJECTS[(at * 5 + seed) % 12]}边{VERBS[at * 3 % 10]}了"
            f"{seed * 97 + number * 13}件{OBJECTS[(at + seed) % 10]}，编号从{at * 17}排到{at * 19 + 5}。"
        )
    return "\n".join(parts)


def press(number, text, **fields):
    """An article of a publisher of its own, told under a headline of its own unless a test names them."""
    values = {
        "publisher": f"样报{number}",
        "title": f"第{number}则{SUBJECTS[number % 12]}的消息",
        "permalink": f"p{number}",
    }
    return make_article(number, **(values | {"text": text} | fields))


def ids(*groups):
    """Groups as `find_groups` gives them, by the numbers of their articles."""
    return {tuple(f"{number:012x}" for number in group) for group in groups}


def found(*articles):
    return {group.ids for group in find_groups(articles)}


# Which texts are copies


def test_the_same_text_under_other_headlines_is_one_group():
    assert found(press(1, story(1)), press(2, story(1)), press(3, story(2))) == ids((1, 2))


def test_an_edited_copy_is_grouped():
    edited = story(1).replace("负责人", "值班人", 4) + "\n记者随后离开了水乡，没有再问第三个问题。"
    assert found(press(1, story(1)), press(2, edited)) == ids((1, 2))


def test_a_copy_in_traditional_characters_is_grouped():
    traditional = story(1).translate(str.maketrans("负责号边编从样设备电据账", "負責號邊編從樣設備電據賬"))
    assert resemblance(shingles(letters(story(1))), shingles(letters(traditional))) < 0.5
    assert found(press(1, story(1)), press(2, traditional), press(3, story(2))) == ids((1, 2))


def test_a_version_cut_to_half_is_grouped():
    cut = "\n".join(story(1).split("\n")[:6])
    assert found(press(1, story(1)), press(2, cut)) == ids((1, 2))


def test_a_version_cut_to_a_quarter_is_grouped_under_its_headline_only():
    cut = "\n".join(story(1).split("\n")[:3])
    assert found(press(1, story(1), title="水乡十二处清点"), press(2, cut, title="水乡十二处清点")) == ids((1, 2))
    assert found(press(1, story(1), title="水乡十二处清点"), press(2, cut, title="一周要闻")) == set()


def test_an_item_of_a_digest_is_no_copy_of_it():
    digest = "\n".join(story(seed, 4) for seed in range(1, 9))
    assert found(press(1, digest, title="一周要闻"), press(2, story(3, 4))) == set()


def test_stories_that_share_a_paragraph_of_background_are_not_grouped():
    background = "\n" + story(9, 4)
    assert found(press(1, story(1) + background), press(2, story(2) + background)) == set()


def test_short_texts_stubs_and_lists_are_never_grouped():
    short = letters(story(1))[: syndication.SHORTEST - 1]
    assert found(press(1, short), press(2, short)) == set()
    assert found(press(1, story(1), kind="stub"), press(2, story(1), kind="list"), press(3, story(1))) == set()


def test_width_case_space_and_punctuation_do_not_part_copies():
    other = story(1).replace("，", " , ").replace("\n", "").upper()
    assert found(press(1, story(1)), press(2, other)) == ids((1, 2))


# What a publisher prints around its stories


def test_pages_of_one_publisher_that_hold_its_furniture_alone_are_not_grouped():
    furniture = story(5)
    pages = [press(number, furniture, publisher="样站") for number in range(1, 4)]
    assert found(*pages) == set()
    assert found(*pages[:2]) == set()


def test_furniture_does_not_hide_that_stories_within_it_are_copies():
    furniture = story(5, 20)
    pages = [press(number, f"{furniture}\n{story(number)}", publisher="样站") for number in range(1, 5)]
    assert found(*pages, press(9, story(2))) == ids((2, 9))


def test_a_text_that_one_publisher_runs_twice_under_its_headline_is_grouped():
    twice = [
        press(number, story(1), publisher="样报", title="样例论坛开幕" + extra)
        for number, extra in ((1, ""), (2, "（更新）"))
    ]
    assert found(*twice) == ids((1, 2))


# Groups


def test_a_chain_of_changes_does_not_join_its_ends():
    lines = [story(1, 30).split("\n")[start : start + 12] for start in (0, 4, 8)]
    one, two, three = ("\n".join(part) for part in lines)
    groups = found(
        *(press(number, text, published=f"2024-11-{18 + number}") for number, text in ((1, one), (2, two), (3, three)))
    )
    assert all(not {ids((1,)).pop()[0], ids((3,)).pop()[0]} <= set(group) for group in groups)
    assert len(groups) == 1


@settings(max_examples=15)
@given(st.permutations(range(1, 8)), st.data())
def test_groups_do_not_depend_on_the_order_of_the_articles(order, data):
    articles = {number: press(number, story(number % 3), published=f"2024-11-{10 + number}") for number in range(1, 8)}
    edited = data.draw(st.sampled_from(sorted(articles)))
    articles[edited] = with_text(articles[edited], articles[edited].text.replace("负责人", "值班人", 3))
    assert find_groups([articles[number] for number in order]) == find_groups(articles.values())


@settings(max_examples=15)
@given(st.lists(st.integers(0, 4), min_size=2, max_size=9))
def test_no_article_is_in_two_groups_and_every_member_is_known(seeds):
    articles = [press(number, story(seed)) for number, seed in enumerate(seeds, 1)]
    members = [each for group in find_groups(articles) for each in group.ids]
    assert len(members) == len(set(members))
    assert set(members) <= {article.id for article in articles}
    by_seed = {seed: seeds.count(seed) for seed in seeds}
    assert len(members) == sum(count for count in by_seed.values() if count > 1)


# Which copy was first


@pytest.mark.parametrize(
    ("dates", "order"),
    [
        (("2024-11-21", "2024-11-20", None), (2, 1, 3)),
        (("2024-11", "2024-11-30", "2024-12-01"), (2, 1, 3)),
        (("2024", "2024-11-20", "2025-01-01"), (2, 1, 3)),
        (("2024-11-20T09:00:00+08:00", "2024-11-20T08:00:00+08:00", "2024-11-20T08:30:00+08:00"), (2, 3, 1)),
        (("2024-11-20T09:00:00+08:00", "2024-11-20", "2024-11-19"), (3, 1, 2)),
    ],
)
def test_copies_stand_by_publication(dates, order):
    copies = [press(number, story(1), published=iso) for number, iso in enumerate(dates, 1)]
    assert found(*copies) == ids(order)


def test_of_one_day_the_outlet_that_the_others_credit_is_first():
    copies = [press(1, story(1), outlets=("样报3",)), press(2, story(1), outlets=("样报3",)), press(3, story(1))]
    assert found(*copies) == ids((3, 1, 2))


def test_a_known_time_outweighs_a_credit():
    early, late = moment("2024-11-20T08:00"), moment("2024-11-20T09:00")
    one, two = press(1, story(1), outlets=("样报2",)), press(2, story(1))
    assert found(replace(one, published=early), replace(two, published=late)) == ids((1, 2))


# The measures


@given(st.text(alphabet="甲乙丙丁", max_size=30), st.text(alphabet="甲乙丙丁", max_size=30))
def test_resemblance_and_containment_are_symmetric_shares(one, two):
    first, second = shingles(one), shingles(two)
    for measure in (resemblance, containment):
        assert measure(first, second) == measure(second, first)
        assert 0.0 <= measure(first, second) <= 1.0
    assert resemblance(first, second) <= containment(first, second)


def test_shingles_are_runs_of_characters():
    assert shingles("甲乙丙丁戊己") == {"甲乙丙丁戊", "乙丙丁戊己"}
    assert shingles("甲乙") == {"甲乙"}
    assert shingles("") == frozenset()


@given(one=st.text("水丅乡乽𠀅\ud805a5", max_size=30), two=st.text("水丅乡乽5", min_size=SIZE, max_size=30))
def test_shingles_are_drawn_by_their_first_letter_wherever_they_stand(one, two):
    drawn = draw_shingles(one + two)
    whole, part = (
        {each.drawn[at : at + 4] for at in range(0, len(each.drawn), 4)} for each in (drawn, draw_shingles(two))
    )
    assert part <= whole
    plain = letters(one + two)
    told = {each for each in shingles(plain) if len(each) == SIZE and ord(each[0]) % 8 == 5 and each[0] < "\ud800"}
    assert drawn.letters == len(plain)
    assert len(whole) == len(told)


@pytest.mark.parametrize(
    ("one", "two", "alike"),
    [
        ("样例论坛在水乡开幕", "【样闻】样例论坛在水乡开幕", True),
        ("样例论坛在水乡开幕", "样例论坛水乡开幕侧记", True),
        ("样例论坛在水乡开幕", "茶馆里的十二张桌子", False),
        ("", "样例", False),
    ],
)
def test_headlines_are_alike_where_half_of_the_shorter_is_shared(one, two, alike):
    assert are_alike(one, two) is alike
