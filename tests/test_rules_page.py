"""The page of rules tells each rule's reason, how often it fired and what it took; removed blocks lead to it."""

import pytest
from bs4 import BeautifulSoup

from factory import make_article
from newsarchive import cleaner, markup, stories
from newsarchive.archive import assemble
from newsarchive.article import Block, RemovedBlock
from newsarchive.permalinks import rule_anchor
from newsarchive.render.html import render_pages
from newsarchive.rulefiles import parse_rules
from newsarchive.rules import BUILT_IN
from newsarchive.settings import Settings

FILE = parse_rules(
    """
name: 样例平台
rules:
  - id: call
    why: Calls for subscriptions.
    where: tail
    exact: [订阅水乡]
    removes: [订阅水乡]
    keeps: [订阅水乡的人多了]
  - {id: idle, why: Never seen., exact: [无人见过], removes: [无人见过], keeps: [见过]}
""",
    "platforms",
    "sample",
)
STORY = (Block("paragraph", "第一段样文。", "第一段样文。"), Block("paragraph", "第二段样文。", "第二段样文。"))


@pytest.fixture
def pages(tmp_path):
    removed = (
        RemovedBlock("generic/head-run", 1, "<b>小字</b>", 0),
        RemovedBlock("sample/call", 4, "订阅水乡", 2),
        RemovedBlock("lost/rule & co", 5, "旧规则取走的", 2, "outlet"),
    )
    articles = [
        make_article(1, blocks=STORY, removed=removed),
        make_article(2, blocks=STORY, removed=(removed[1],)),
    ]
    archive = assemble(articles, 2, (), (), None, rules=(FILE,))
    settings = Settings(tmp_path, "样例档案", (tmp_path / "content",), tmp_path / "site")
    files = {file.path: file.data for file in render_pages(archive, settings)}
    return {path: BeautifulSoup(data, "lxml") for path, data in files.items() if path.endswith(".html")}


def entry(page, rule):
    return page.find(id=rule_anchor(rule))


def text_of(element):
    return " ".join(element.get_text(" ").split())


def test_each_rule_tells_reason_place_counts_and_examples(pages):
    told = text_of(entry(pages["rules.html"], "sample/call"))
    assert told == (
        "sample/call 文末 2篇，2段 Calls for subscriptions. 取走过 订阅水乡 2次 必取 订阅水乡 必留 订阅水乡的人多了"
    )


def test_a_rule_that_took_nothing_says_so(pages):
    assert "本档案未用" in text_of(entry(pages["rules.html"], "sample/idle"))


def test_rules_stand_under_their_file_in_the_order_in_which_they_run(pages):
    (sample, own) = pages["rules.html"].select("main section")
    assert text_of(sample.find("header")) == "样例平台 rules/platforms/sample.yaml"
    assert [item["id"] for item in sample.select("li")] == ["sample/call", "sample/idle"]
    assert {item["id"] for item in own.select("li")} >= {rule.id for rule in BUILT_IN}


def test_what_a_rule_took_is_text_and_never_markup(pages):
    item = entry(pages["rules.html"], "generic/head-run")
    assert "<b>小字</b>" in item.get_text()
    assert item.find("b") is None


def test_the_head_counts_rules_and_blocks(pages):
    facts = text_of(pages["rules.html"].select_one(".facts"))
    assert facts == f"规则{len(BUILT_IN) + 3}条，其中3条在2份抓取里取走了4段。"


def test_every_removed_block_leads_to_its_rule(pages):
    (article,) = [page for path, page in pages.items() if path.endswith("000000000001.html")]
    links = [link["href"] for link in article.select(".removed .rule a")]
    assert links == ["../rules.html#generic/head-run", "../rules.html#sample/call", "../rules.html#lost/rule-co"]
    for link in links:
        assert pages["rules.html"].find(id=link.partition("#")[2])


def test_moved_and_removed_blocks_stand_in_document_order_in_one_closed_fold(pages):
    (article,) = [page for path, page in pages.items() if path.endswith("000000000001.html")]
    (fold,) = article.select("details")
    assert not fold.has_attr("open")
    assert [text_of(item) for item in fold.select("li .text")] == ["<b>小字</b>", "订阅水乡", "旧规则取走的"]
    assert "移作 原载".replace(" ", "") in text_of(fold).replace(" ", "")


def test_the_page_is_reached_from_every_page_and_from_about(pages):
    for path, page in pages.items():
        if path != "404.html":
            assert page.select("footer a[href$='rules.html']"), path
    assert len(pages["about.html"].select("main a[href^='rules.html']")) > 1


def test_all_that_the_stages_take_by_themselves_has_its_reason():
    own = {rule.id for rule in BUILT_IN}
    modules = (cleaner, markup, stories)
    used = {
        value
        for module in modules
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, str) and value.startswith("generic/")
    }
    assert used == own
    assert all(rule.why for rule in BUILT_IN)
