"""Rules take what they name, where they say so, and nothing vanishes on the way."""

import pytest

from newsarchive.article import Block, Image
from newsarchive.cleaner import FOOT_RUN, HEAD_RUN, clean
from newsarchive.errors import RuleError
from newsarchive.rulefiles import parse_rules

PROSE = (
    "论坛在水乡的礼堂里开了三天，来自各地的样例代表先后登台，讲述三年里各自的小镇怎样接上了网络。",
    "主持人说，明年的样例论坛会换到河对岸的新馆里举行，日程仍旧分为上午的报告和下午的参观。",
    "散会以后，许多人沿着河走了很久，他们说起刚刚看到的展品，也说起各自家乡的桥、船和灯。",
)
HEAD = """
name: 样例
match: {contains: ['']}
rules:
"""
RULE = "  - {{id: {id}, why: w, removes: [a], keeps: [b], {rest}}}\n"


@pytest.fixture
def rules_of():
    """A rule file of rules by id, each as YAML would have it between braces."""

    def load(**rules):
        text = HEAD + "".join(RULE.format(id=name.replace("_", "-"), rest=rest) for name, rest in rules.items())
        return [parse_rules(text, "platforms", "sample")]

    return load


def story(*texts):
    return tuple(text if isinstance(text, Block) else Block("paragraph", text, text) for text in texts)


def outcome(texts, files, **fields):
    cleaned = clean(story(*texts), files, "markdown", fields)
    return [block.text for block in cleaned.kept], {block.text: block.rule.split("/")[1] for block in cleaned.removed}


# Where


@pytest.mark.parametrize(("where", "taken"), [("head", [0]), ("tail", [4]), ("anywhere", [0, 2, 4])])
def test_a_rule_takes_its_lines_only_where_it_says(rules_of, where, taken):
    files = rules_of(line=f"exact: [灯], where: {where}")
    cleaned = clean(story("灯", PROSE[0], "灯", PROSE[1], "灯"), files, "markdown", {})
    assert [block.position - 1 for block in cleaned.removed] == taken


def test_width_case_and_space_do_not_count_in_exact_lines(rules_of):
    assert outcome([*PROSE, "Ｅ nd"], rules_of(end="exact: [END], where: tail"))[1] == {"Ｅ nd": "end"}


def test_a_full_paragraph_that_a_rule_wants_does_not_end_the_body(rules_of):
    call = "欢迎各位朋友加入我们的样例用户群，互相交流，我们会定期组织活动，请大家多多支持。"
    files = rules_of(call="pattern: 用户群, where: tail", end="exact: [END], where: tail")
    assert outcome([*PROSE, "END", call], files)[1] == {"END": "end", call: "call"}


@pytest.mark.parametrize("count", [1, 2, 3])
def test_what_a_rule_may_not_take_ends_no_body(rules_of, count):
    files = rules_of(call="pattern: 样例, where: tail, limit: 0.1", word="exact: [分享], where: tail")
    texts = [*PROSE[:count], "分享", PROSE[1]]
    assert outcome(texts, files) == (texts, {})


@pytest.mark.parametrize("count", [2, 3])
def test_a_long_credit_below_a_short_story_goes_with_what_stands_above_it(rules_of, count):
    credit = "编辑：" + "、".join(f"样例{number}" for number in range(20))
    files = rules_of(
        credit="pattern: '^编辑：(?P<editor>.+)$', where: tail, limit: 0.9", word="exact: [分享], where: tail"
    )
    kept, removed = outcome([*PROSE[:count], "分享", credit], files)
    assert kept == list(PROSE[:count])
    assert removed == {"分享": "word", credit: "credit"}


def test_a_paragraph_that_a_tail_rule_wants_in_the_middle_stays(rules_of):
    files = rules_of(call="pattern: 明年, where: tail")
    assert outcome(list(PROSE), files) == (list(PROSE), {})


def test_the_short_line_above_taken_links_goes_with_them(rules_of):
    files = rules_of(links="href: 'example[.]org'")
    links = [Block("paragraph", f"第{n}篇", hints=("link",), href="https://example.org/a") for n in (1, 2)]
    assert outcome([PROSE[0], "桥头旧闻", *links, PROSE[1]], files)[1]["桥头旧闻"] == "list-heading"
    assert "桥头旧闻" in outcome([PROSE[0], "桥头旧闻", links[0], PROSE[1]], files)[0]
    assert outcome([PROSE[0], *links, PROSE[1]], files)[0] == [PROSE[0], PROSE[1]]


def test_a_line_that_tells_a_name_is_found_again_behind_an_ornament(rules_of):
    files = rules_of(
        told="pattern: '^来自(?P<reprinted>.+)$'", card="repeat: reprinted", words="pattern: 写, after: [reprinted]"
    )
    kept, removed = outcome(["来自水乡样刊", "水乡样刊", "·", "写水乡的人与事", *PROSE], files)
    assert removed == {"来自水乡样刊": "told", "水乡样刊": "card", "写水乡的人与事": "words"}
    assert kept == ["·", *PROSE]


def test_rules_of_other_shapes_are_not_applied(rules_of):
    assert outcome([*PROSE, "灯"], rules_of(line="exact: [灯], shape: page"))[1] == {}


# Verbs and conditions


def test_a_repeat_of_the_title_goes_with_or_without_the_publisher_behind_it(rules_of):
    files = rules_of(title="repeat: title, where: head")
    fields = {"title": ["水乡的灯"], "publisher": ["水乡样报"]}
    removed = outcome(["水乡的灯！", "水乡的灯_水乡样报", "水乡的桥", *PROSE], files, **fields)[1]
    assert removed == {"水乡的灯！": "title", "水乡的灯_水乡样报": "title"}


def test_a_picture_seen_twice_goes_both_times_and_no_other(rules_of):
    once, twice = (Block("image", "", images=(Image(f"https://example.org/{name}.jpg"),)) for name in "ab")
    files = rules_of(picture="kind: image, repeat: image")
    cleaned = clean(story(PROSE[0], twice, once, PROSE[1], twice), files, "markdown", {})
    assert [(block.position, block.html_only) for block in cleaned.removed] == [(2, True), (5, True)]
    assert cleaned.removed[0].text == "https://example.org/b.jpg"


def test_rules_of_words_leave_pictures_alone(rules_of):
    picture = Block("image", "", images=(Image("https://example.org/a.jpg"),))
    assert outcome([picture, *PROSE], rules_of(any="pattern: '.*', where: head"))[1] == {}


def test_conditions_on_neighbours_see_lines_and_fields(rules_of):
    files = rules_of(slot="pattern: '^.{2,4}$', after: [title], before: [原创], where: head")
    kept, removed = outcome(["水乡的灯", "甲样", "原创", "乙样", *PROSE], files, title=["水乡的灯"])
    assert removed == {"甲样": "slot"}
    assert "乙样" in kept


@pytest.mark.parametrize("beside", ["after: [原创]", "before: [阅读 原文]", "after: [原创, title]", "before: [end]"])
def test_one_neighbour_may_be_named_by_its_words_or_by_the_end(rules_of, beside):
    files = rules_of(slot=f"pattern: '^.{{2,4}}$', {beside}, where: tail")
    line = {"after": ["原创", "甲样", "乙"], "before": ["乙", "甲样", "阅读原文"]}[beside.split(":")[0]]
    line = ["乙", "甲样"] if "end" in beside else line
    assert outcome([*PROSE, *line], files)[1] == {"甲样": "slot"}
    assert outcome([*PROSE, "甲样", *PROSE[:1]], files)[1] == {}


def test_a_rule_on_links_needs_the_whole_line_linked(rules_of):
    files = rules_of(links="href: 'example[.]org'")
    whole = Block("paragraph", "另一篇", hints=("link",), href="https://example.org/a")
    half = Block("paragraph", "见另一篇", href="https://example.org/a")
    assert outcome([PROSE[0], whole, half, PROSE[1]], files)[1] == {"另一篇": "links"}


def test_from_here_to_the_end_takes_all_below(rules_of):
    files = rules_of(tail="from: '^推荐阅读$'")
    kept, removed = outcome([*PROSE, "推荐阅读", "桥头的书屋", "河边的灯"], files)
    assert kept == list(PROSE)
    assert set(removed) == {"推荐阅读", "桥头的书屋", "河边的灯"}


def test_from_here_to_the_end_spares_a_story_that_goes_on(rules_of):
    files = rules_of(tail="from: '^推荐阅读$', limit: 0.2")
    kept, removed = outcome([PROSE[0], "推荐阅读", PROSE[1], PROSE[2]], files)
    assert removed == {}
    assert kept == [PROSE[0], "推荐阅读", PROSE[1], PROSE[2]]


@pytest.mark.parametrize("after", [1, 2, 3])
def test_a_heading_within_the_story_does_not_end_it(rules_of, after):
    files = rules_of(tail="from: '^排行榜$', limit: 0.5")
    texts = [f"{text}第{number}段。" for number in range(3) for text in PROSE]
    texts.insert(len(texts) - after - 1, "排行榜")
    assert outcome(texts, files) == (texts, {})


def test_comments_among_short_lines_go_with_their_heading(rules_of):
    files = rules_of(tail="from: '^排行榜$', limit: 0.5")
    menu = [f"第{number}条旧闻的题目，说的是河边的灯和桥" for number in range(9)]
    assert outcome([*PROSE, "排行榜", PROSE[0], *menu], files)[0] == list(PROSE)


def test_lines_above_what_goes_to_the_end_stand_in_the_tail_then(rules_of):
    files = rules_of(tail="from: '^推荐阅读$'", call="exact: [求分享], where: tail")
    menu = [f"河边第{number}家书屋的灯" for number in range(9)]
    kept, removed = outcome([*PROSE[:2], "求分享", "推荐阅读", PROSE[2], *menu], files)
    assert kept == list(PROSE[:2])
    assert removed == {"求分享": "call", "推荐阅读": "tail", PROSE[2]: "tail"} | dict.fromkeys(menu, "tail")


# Limits


def test_a_rule_that_would_take_too_much_takes_nothing_and_is_told(rules_of):
    files = rules_of(greedy="pattern: 样例, limit: 0.3")
    cleaned = clean(story(*PROSE), files, "markdown", {})
    assert [block.text for block in cleaned.kept] == list(PROSE)
    [(rule, finding)] = cleaned.problems
    assert rule == "sample/greedy"
    assert "its limit is 30%" in finding


# Runs


def test_short_lines_among_the_removed_lines_of_head_and_foot_go_with_them(rules_of):
    files = rules_of(first="exact: [订阅], where: head, opens: true", last="exact: [END], where: tail, opens: true")
    kept, removed = outcome(["横幅", "订阅", *PROSE, "END", "联系人甲"], files)
    assert kept == list(PROSE)
    assert removed["横幅"] == HEAD_RUN.split("/")[1]
    assert removed["联系人甲"] == FOOT_RUN.split("/")[1]


def test_lines_before_the_foot_stay(rules_of):
    files = rules_of(last="exact: [END], where: tail, opens: true")
    kept, _ = outcome([*PROSE, "三月初八", "END"], files)
    assert kept[-1] == "三月初八"


def test_lines_beside_rules_that_open_nothing_stay(rules_of):
    files = rules_of(last="exact: [END], where: tail")
    assert outcome([*PROSE, "END", "三月初八"], files)[0][-1] == "三月初八"


# What rules tell


def test_named_groups_become_claims_with_their_line(rules_of):
    files = rules_of(credit="pattern: '^来源：(?P<outlet>.+)$'")
    cleaned = clean(story(*PROSE, "来源：样例通讯"), files, "markdown", {})
    [claim] = cleaned.claims
    assert (claim.field, claim.value, claim.origin, claim.evidence) == ("outlet", "样例通讯", "body", "来源：样例通讯")
    assert cleaned.removed[0].field == "outlet"


def test_a_digit_behind_a_field_tells_forms_of_one_pattern_apart(rules_of):
    files = rules_of(credit="pattern: '^来源：(?P<outlet>.+)$|^转自(?P<outlet2>.+)$'")
    [claim] = clean(story(*PROSE, "转自样例通讯"), files, "markdown", {}).claims
    assert (claim.field, claim.value) == ("outlet", "样例通讯")


@pytest.mark.parametrize(
    ("tells", "kind", "complete"), [("stub", "stub", True), ("list", "list", True), ("cut", None, False)]
)
def test_a_rule_tells_what_the_capture_is(rules_of, tells, kind, complete):
    files = rules_of(notice=f"exact: [通知], tells: {tells}")
    cleaned = clean(story(*PROSE, "通知"), files, "markdown", {})
    assert (cleaned.kind, cleaned.complete) == (kind, complete)


def test_a_line_whose_beginning_was_taken_begins_a_paragraph(rules_of):
    later = Block("paragraph", PROSE[1], PROSE[1], continues=True)
    cleaned = clean(story(PROSE[0], "灯", later), rules_of(line="exact: [灯]"), "markdown", {})
    assert cleaned.kept[-1].continues is False


def test_removed_blocks_say_how_many_kept_ones_stand_before_them(rules_of):
    cleaned = clean(story("灯", PROSE[0], "灯", PROSE[1]), rules_of(line="exact: [灯]"), "markdown", {})
    assert [(block.position, block.after) for block in cleaned.removed] == [(1, 0), (3, 1)]


# The element of the story


def marked(text, *marks):
    return Block("paragraph", text, text, marks=frozenset(marks))


def test_what_stands_outside_the_story_goes_and_what_is_near_is_read_first(rules_of):
    files = rules_of(outside="story: '#text'", credit="pattern: '^来源：(?P<outlet>.+)$'")
    inside = [marked(text, "sample/outside") for text in PROSE]
    texts = ["首页", "水乡的灯", "来源：样例通讯", *inside, "评论", *(f"第{number}条" for number in range(9))]
    cleaned = clean(story(*texts), files, "page", {"title": ["水乡的灯"]})
    assert [block.text for block in cleaned.kept] == list(PROSE)
    assert [claim.value for claim in cleaned.claims] == ["样例通讯"]
    assert len(cleaned.removed) == len(texts) - len(PROSE)


def test_no_rule_file_takes_anything_from_an_empty_story(rules_of):
    cleaned = clean((), rules_of(line="exact: [灯]"), "markdown", {})
    assert (cleaned.kept, cleaned.removed) == ((), ())


def test_a_broken_rule_stops_before_anything_is_cleaned(rules_of):
    with pytest.raises(RuleError):
        rules_of(line="pattern: '('")
