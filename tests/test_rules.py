"""Every rule takes its `removes` and leaves its `keeps`; a broken rule file is told with place and remedy."""

import html
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
import re2
import soupsieve
from hypothesis import given
from hypothesis import strategies as st

from conftest import PROJECT
from factory import make_document
from newsarchive import rulefiles
from newsarchive.article import Block
from newsarchive.cleaner import clean
from newsarchive.errors import ManyErrors, RuleError
from newsarchive.markup import parse_document
from newsarchive.rulefiles import load_rules, parse_rules
from newsarchive.rules import Example, RuleBook, host_of
from newsarchive.settings import Settings

PARAGRAPHS = (
    "论坛在水乡的礼堂里开了三天，来自各地的样例代表先后登台，讲述三年里各自的小镇怎样接上了网络，又怎样学会了用它。",
    "主持人说，明年的样例论坛会换到河对岸的新馆里举行，日程仍旧分为上午的报告和下午的参观，到场的人数预计比今年多出一半。",
    "散会以后，许多人沿着河走了很久，他们说起刚刚看到的展品，也说起各自家乡的桥、船和灯，直到夜里才慢慢回到住处。",
)


def settings(root):
    return Settings(root, "样例", (root / "content",), root / "site")


BOOK = load_rules(settings(PROJECT))
TOGETHER = {"wechat", "credits", "generic", "pages"}
"""Files of general rules that apply to one document of WeChat; the last three to any."""


def examples(kind):
    """Every example of every rule, named after its rule; lines that all general rules leave together come below."""
    return [
        pytest.param(file, rule, example, id=f"{rule.id}-{number}")
        for file in BOOK.files
        for rule in file.rules
        for number, example in enumerate(getattr(rule, kind), 1)
        if not (kind == "keeps" and file.key in TOGETHER and is_line(example))
    ]


def is_line(example):
    """True where the example is a line of text that needs nothing around it."""
    return bool(example.text) and example == Example(text=example.text)


def zone_of(rule):
    """The part of a story in which a rule must take its examples."""
    return "tail" if rule.start else {"anywhere": "middle"}.get(rule.where, rule.where)


def markup_of(example):
    """The example as markup, with the lines beside it; its own elements are of the class `example`."""
    inner = example.html or f"<p>{html.escape(example.text)}</p>"
    marked = inner if 'example"' in inner else f'<div class="example">{inner}</div>'
    return "".join((line_of(example.after), marked, line_of(example.before)))


def line_of(text):
    return f"<p>{html.escape(text)}</p>" if text else ""


def story_around(rule, example, zone):
    """A fragment of HTML with full paragraphs where the zone needs them."""
    if rule.story:
        return markup_of(example)
    story = "".join(map(line_of, PARAGRAPHS))
    return {"head": "", "middle": story, "tail": story}[zone] + markup_of(example) + ("" if zone == "tail" else story)


def outcome(file, rule, example, zone):
    """Numbers of the example's blocks, and what the rules of one file did to each block of the story."""
    chosen = {each.id: each.selector or each.story for each in file.rules if each.selector or each.story}
    document = make_document(story_around(rule, example, zone), "fragment")
    blocks = parse_document(document, {**chosen, "example": ".example"}).blocks
    numbers = [number for number, block in enumerate(blocks, 1) if "example" in block.marks]
    shape = "fragment" if not rule.shapes or "fragment" in rule.shapes else rule.shapes[0]
    fields = {"title": [example.title], "publisher": [example.publisher]}
    cleaned = clean(blocks, [file], shape, fields)
    return numbers, {block.position: block.rule for block in cleaned.removed}


@pytest.mark.parametrize(("file", "rule", "example"), examples("removes"))
def test_a_rule_takes_its_example_and_no_paragraph_around_it(file, rule, example):
    numbers, removed = outcome(file, rule, example, zone_of(rule))
    assert numbers
    assert {number: removed.get(number) for number in numbers} == dict.fromkeys(numbers, rule.id)
    beside = [example.title, example.publisher, example.after, example.before]
    assert any(beside) or [number for number in removed if number not in numbers] == []


@pytest.mark.parametrize(("file", "rule", "example"), examples("keeps"))
def test_no_rule_of_the_file_takes_what_it_must_leave(file, rule, example):
    for zone in ("head", "middle", "tail"):
        numbers, removed = outcome(file, rule, example, zone)
        assert numbers
        assert (zone, [removed[number] for number in numbers if number in removed]) == (zone, [])


# All general rules together

GENERAL = [rule for file in BOOK.files if file.group != "publishers" for rule in file.rules]
ADDRESSES = ("https://mp.weixin.qq.com/s?__biz=U0FNUExF&mid=1&idx=1", "https://example.org/news/1.html")


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("zone", ["head", "middle", "tail"])
def test_no_general_rule_takes_what_another_must_leave(address, zone):
    files = BOOK.for_document(make_document("", front={"url": address}))
    before, behind = {"head": (0, 3), "middle": (2, 1), "tail": (3, 0)}[zone]
    taken = []
    for text in dict.fromkeys(example.text for rule in GENERAL for example in rule.keeps if is_line(example)):
        lines = (*PARAGRAPHS[:before], text, *PARAGRAPHS[3 - behind :])
        cleaned = clean([Block("paragraph", line, line) for line in lines], files, "markdown", {})
        taken += [(removed.rule, text) for removed in cleaned.removed]
    assert taken == []


LEAST_KEEPS = 3
"""Lines near its form that each general rule of words must leave."""
HEAVIEST = 20_000
"""Instructions of the longest compiled pattern."""


def test_every_general_rule_of_words_leaves_three_lines_near_its_form():
    of_words = [rule for rule in GENERAL if rule.pattern or rule.start or rule.exact]
    assert [rule.id for rule in of_words if len(rule.keeps) < LEAST_KEEPS] == []


def test_no_pattern_is_too_long_to_review_or_to_run():
    patterns = [(rule.id, pattern) for rule in GENERAL for pattern in (rule.pattern, rule.start) if pattern]
    assert [rule for rule, pattern in patterns if re2.compile(pattern.pattern).programsize > HEAVIEST] == []


# Broken rule files

GOOD = {
    "id": "phone-desk",
    "why": "Gives the number of the news desk.",
    "exact": "[本报热线]",
    "removes": "[本报热线]",
    "keeps": "[热线]",
}


def rule_file(*rules, head="name: 水乡样报\n"):
    """A rule file of the given rules, each a mapping of key → YAML as it would be written."""
    entries = (
        "".join(f"    {key}: {value}\n" for key, value in rule.items()).replace("    ", "  - ", 1) for rule in rules
    )
    return head + "rules:\n" + "".join(entries)


def faults_in(text):
    """The faults of one rule file of a publisher, read by itself."""
    try:
        parse_rules(text, "publishers", "sample")
    except ManyErrors as many:
        return list(many.errors)
    except RuleError as error:
        return [error]
    return []


@pytest.fixture
def faults_of(tmp_path):
    """Load an archive with one rule file of its own; gives the faults, or nothing where it is right."""

    def load(text, name="publishers/sample.yaml"):
        path = tmp_path / "rules" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        try:
            load_rules(settings(tmp_path))
        except ManyErrors as many:
            return list(many.errors)
        except RuleError as error:
            return [error]
        return []

    return load


def test_a_right_rule_file_has_no_fault():
    assert faults_in(rule_file(GOOD)) == []


@pytest.mark.parametrize(
    ("change", "line", "finding", "remedy"),
    [
        ({"pattren": "x"}, 8, "unknown key 'pattren'", "did you mean `pattern`?"),
        ({"pattern": "x"}, 3, "the rule has 2 of", "give it exactly one"),
        ({"exact": None}, 3, "the rule has no of", "give it exactly one"),
        ({"why": None}, 3, "why is missing", "add `why:`"),
        ({"removes": "[]"}, 3, "removes is missing", "add `removes:`"),
        ({"keeps": None}, 3, "keeps is missing", "add `keeps:`"),
        ({"exact": None, "pattern": "'(?<=a)b'"}, 7, "pattern is not RE2 syntax", "look-around"),
        ({"exact": None, "pattern": "'('"}, 7, "pattern is not RE2 syntax (missing", "look-around"),
        ({"exact": None, "pattern": "'(?P<outlte>.)'"}, 7, "unknown field 'outlte'", "did you mean `outlet`?"),
        ({"exact": None, "selector": "'p[['"}, 7, "selector is not a CSS selector", "mend it"),
        ({"where": "tial"}, 8, "unknown word 'tial'", "did you mean `tail`?"),
        ({"kind": "[paragraf]"}, 8, "unknown word 'paragraf'", "did you mean `paragraph`?"),
        ({"shape": "markdwon"}, 8, "unknown word 'markdwon'", "did you mean `markdown`?"),
        ({"hint": "blod"}, 8, "unknown hint 'blod'", "known are: bold"),
        ({"exact": None, "repeat": "titel"}, 7, "unknown word 'titel'", "did you mean `title`?"),
        ({"limit": "1.5"}, 8, "limit is 1.5", "write a share above 0 and up to 1"),
        ({"limit": "true"}, 8, "limit is True", "write a share above 0 and up to 1"),
        ({"opens": "maybe"}, 8, "'maybe' is neither true nor false", "write true"),
        ({"tells": "stubb"}, 8, "unknown word 'stubb'", "did you mean `stub`?"),
        ({"removes": "[{txet: 本报热线}]"}, 6, "unknown key 'txet'", "did you mean `text`?"),
        ({"removes": "[{title: 本报热线}]"}, 6, "the example needs `text` or `html`", "write the piece as one"),
    ],
)
def test_a_broken_rule_is_told_with_place_and_remedy(change, line, finding, remedy):
    rule = {key: value for key, value in (GOOD | change).items() if value is not None}
    fault = faults_in(rule_file(rule))[0]
    assert fault.place.split(":")[:2] == ["sample.yaml", str(line)]
    assert finding in fault.finding
    assert remedy in fault.remedy


def test_a_claim_for_an_unknown_field_is_told():
    (fault,) = faults_in("name: 水乡样报\nclaims:\n  - {id: day, field: publishd, selector: time}\n")
    assert fault.place.startswith("sample.yaml:3:")
    assert (fault.finding, fault.remedy) == ("unknown field 'publishd'", "did you mean `published`?")


def test_two_publishers_of_one_name_are_told_with_both_files(faults_of):
    assert faults_of("name: 桥头样报\naliases: [桥头样报, 样报]\n", "publishers/first.yaml") == []
    (fault,) = faults_of("name: 水乡样报\naliases: [' 样 报 ']\n", "publishers/second.yaml")
    assert fault.place == "rules/publishers/second.yaml"
    assert "rules/publishers/first.yaml" in fault.finding


def test_an_id_that_stands_twice_is_told():
    [fault] = faults_in(rule_file(GOOD, GOOD))
    assert "'sample/phone-desk' stands twice" in fault.finding


@pytest.mark.parametrize(
    ("head", "finding"),
    [
        ("naem: 水乡样报\n", "unknown key 'naem'"),
        ("match: {hots: [example.org]}\n", "unknown key 'hots'"),
        ("match: {shape: [pgae]}\n", "unknown word 'pgae'"),
        ("platform: wechta\n", "unknown word 'wechta'"),
        ("claims: [{id: a, field: title}]\n", "neither selector nor pattern"),
        ("claims: [{id: a, field: title, pattern: 'x'}]\n", "the pattern has no group"),
        ("claims: [{id: a, selector: h1}]\n", "field is missing"),
        ("claims: {id: a}\n", "claims is not a list"),
        ("parts: [a]\n", "parts is not a mapping"),
        ("parts: {town: '('}\n", "town is not RE2 syntax"),
        ("parts: {lamp: '(?&town)', town: 水乡}\n", "unknown part 'town'"),
    ],
)
def test_a_broken_file_is_told(head, finding):
    assert any(finding in fault.finding for fault in faults_in(rule_file(GOOD, head=head)))


def test_all_faults_of_all_files_are_told_together(faults_of):
    faults_of(rule_file(GOOD | {"pattren": "x", "where": "tial"}))
    faults = faults_of(rule_file(GOOD | {"limit": "0"}), "platforms/sample.yaml")
    assert len(faults) == 3
    assert {fault.place.split(":")[0] for fault in faults} == {
        "rules/publishers/sample.yaml",
        "rules/platforms/sample.yaml",
    }


def test_a_pattern_calls_the_parts_of_its_file_by_name():
    head = "name: 水乡样报\nparts: {town: 水乡|桥头, paper: '(?&town)样报'}\n"
    written = {key: value for key, value in GOOD.items() if key != "exact"} | {"pattern": "'^(?&paper)$'"}
    [rule] = parse_rules(rule_file(written, head=head), "publishers", "sample").rules
    assert [bool(rule.pattern.search(text)) for text in ("桥头样报", "水乡", "样报")] == [True, False, False]


# Which files apply


@pytest.mark.parametrize(
    ("match", "document", "applies"),
    [
        ("{host: [example.org]}", {"front": {"url": "https://news.example.org/a"}}, True),
        ("{host: [example.org]}", {"front": {"url": "https://example.org.other.net/a"}}, False),
        ("{front: [categories, thumbnail]}", {"front": {"categories": "a", "thumbnail": "b"}}, True),
        ("{front: [categories, thumbnail]}", {"front": {"categories": "a"}}, False),
        ("{contains: [样例标记]}", {"body": "正文，样例标记，正文"}, True),
        ("{publisher: [水乡样刊]}", {"front": {"source": "水乡样刊"}}, True),
        ("{shape: text}", {"shape": "text"}, True),
        ("{shape: text}", {"shape": "page"}, False),
        ("{}", {"front": {"source": "水乡样报 "}}, True),
        ("{}", {"front": {"source": "水乡样刊"}}, False),
    ],
)
def test_a_file_applies_to_the_documents_it_names(match, document, applies):
    file = parse_rules(rule_file(GOOD, head=f"name: 水乡样报\nmatch: {match}\n"), "publishers", "sample")
    assert (file in RuleBook((file,)).for_document(make_document(**{"body": "正文。", **document}))) is applies


def test_a_saved_page_tells_its_address_itself():
    file = parse_rules(rule_file(GOOD, head="name: 水乡样报\nmatch: {host: [example.org]}\n"), "publishers", "sample")
    page = make_document('<html><head><link rel="canonical" href="https://example.org/a"></head></html>', "page")
    assert RuleBook((file,)).for_document(page) == (file,)


def test_platform_rules_run_before_publisher_rules_and_generic_ones_last():
    groups = [file.group for file in BOOK.files]
    assert groups == sorted(groups, key=["platforms", "publishers", "generic"].index)


def test_without_publisher_rules_publishers_keep_their_names():
    book = load_rules(replace(settings(PROJECT), publisher_rules=False))
    assert {name: file.name for name, file in book.publishers.items()} == {
        name: file.name for name, file in BOOK.publishers.items()
    }
    assert [rule for file in book.publishers.values() for rule in file.rules] == []


def test_a_rule_is_found_by_the_id_that_the_audit_prints():
    rule = BOOK.rule("wechat/interface-tail")
    assert rule is not None
    assert rule.where == "tail"
    assert BOOK.rule("wechat/no-such-rule") is None


def test_html_examples_are_told_from_lines():
    rule = BOOK.rule("generic/page-furniture")
    assert rule is not None
    assert rule.removes == (Example(html="<nav>首页 新闻 关于</nav>"),)


@pytest.mark.parametrize("address", ["https://[::1", "//[x", "http://a:b/"])
def test_a_document_with_a_broken_address_still_has_its_rules(address):
    assert "generic" in {file.key for file in BOOK.for_document(make_document("", front={"url": address}))}


@given(st.from_regex(rulefiles.SELECTOR, fullmatch=True))
def test_a_selector_that_is_let_through_unparsed_is_one(selector):
    soupsieve.compile(selector)


@given(st.lists(st.sampled_from("https:// http:// e.org E :80 @ / ? # [ 文 -. \u3000".split(" "))))
def test_the_host_of_an_address_is_the_one_that_its_parts_tell(pieces):
    address = "".join(pieces)
    try:
        told = urlsplit(address).hostname or ""
    except ValueError:
        told = ""
    assert host_of(address) == told
