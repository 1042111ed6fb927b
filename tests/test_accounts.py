"""Articles of kinds of accounts, each with its own head and foot: what stays, what goes, what is told."""

import re

import pytest

from conftest import PROJECT
from factory import make_document
from newsarchive.rulefiles import load_rules
from newsarchive.settings import load_settings
from newsarchive.stories import read_stories

SETTINGS = load_settings(PROJECT / "site.yaml")
BOOK = load_rules(SETTINGS)
TAIL = ["预览时标签不可点", "微信扫一扫", "关注该公众号", "轻触阅读原文", "{}", "向上滑动看下一个"]
"""What the platform's interface leaves below every article."""


def read_cases():
    """Each case of `accounts.txt`: publisher, headline, and its lines as pairs of mark and text."""
    text = (PROJECT / "tests" / "accounts.txt").read_text("utf-8")
    for case in re.split(r"^== ", text, flags=re.MULTILINE)[1:]:
        head, *lines = case.strip().splitlines()
        kind, publisher, title = head.split(" | ")
        yield pytest.param(publisher, title, [(line[0], line[2:]) for line in lines], id=kind)


CASES = list(read_cases())


def read(publisher, title, lines):
    """The article that a case makes."""
    body = [title, "原创", publisher, *(text for mark, text in lines if mark in "+-"), *TAIL]
    front = {"title": title, "source": publisher, "url": "https://mp.weixin.qq.com/s?__biz=U0FNUExF&mid=1&idx=1"}
    document = make_document("\n\n".join(body).format(publisher), front=front)
    [article] = read_stories(document, BOOK, SETTINGS)
    return article


@pytest.mark.parametrize(("publisher", "title", "lines"), CASES)
def test_story_and_account_are_told_apart(publisher, title, lines):
    article = read(publisher, title, lines)
    assert article.text.splitlines() == [text for mark, text in lines if mark == "+"]


@pytest.mark.parametrize(("publisher", "title", "lines"), CASES)
def test_removed_lines_tell_what_they_name(publisher, title, lines):
    article = read(publisher, title, lines)
    told = dict(text.split(": ", 1) for mark, text in lines if mark == "=")
    found = {
        "outlet": " ".join(article.outlets),
        "byline": " ".join(f"{credit.name}/{credit.role}" for credit in article.byline),
    }
    assert {name: found[name] for name in told} == told
