"""The element with the story is found in a saved page by its text, not by its name alone."""

import pytest
from bs4 import BeautifulSoup

from newsarchive.pages import find_story

PROSE = (
    "<p>论坛在水乡的礼堂里开了三天，来自各地的样例代表先后登台，讲述三年里各自的小镇怎样接上了网络。</p>",
    "<p>主持人说，明年的样例论坛会换到河对岸的新馆里举行，日程仍旧分为上午的报告和下午的参观。</p>",
    "<p>散会以后，许多人沿着河走了很久，他们说起刚刚看到的展品，也说起各自家乡的桥、船和灯。</p>",
)
STORY = "".join(PROSE)
LINKS = "".join(
    f'<li><a href="/{n}">论坛第{n}天的消息：来自各地的样例代表，继续登台讲述小镇的网络故事</a></li>' for n in range(30)
)


def story_of(body):
    """Ids of the elements that hold the story."""
    return [element.get("id") for element in find_story(BeautifulSoup(f"<html><body>{body}</body></html>", "lxml"))]


@pytest.mark.parametrize("name", ["div", "article", "section", "td"])
def test_the_element_around_the_paragraphs_is_the_story(name):
    opening, closing = ("<table><tr>", "</tr></table>") if name == "td" else ("", "")
    assert story_of(f'<div id="menu">首页</div>{opening}<{name} id="text">{STORY}</{name}>{closing}') == ["text"]


def test_lists_of_links_do_not_outweigh_the_story():
    assert story_of(f'<ul id="links">{LINKS}</ul><div id="text">{STORY}</div>') == ["text"]


@pytest.mark.parametrize("marks", ['class="comment-list"', 'class="footer"', 'class="recommend"', 'id="sidebar"'])
def test_furniture_is_not_taken_for_the_story(marks):
    assert story_of(f'<div id="text">{STORY}</div><div {marks}>{PROSE[0]}</div>') == ["text"]


@pytest.mark.parametrize("name", ["nav", "footer", "aside", "form"])
def test_elements_of_furniture_are_silent_too(name):
    assert story_of(f'<div id="text">{STORY}</div><{name} id="other">{PROSE[0]}</{name}>') == ["text"]


def test_text_that_is_parted_by_line_breaks_alone_is_found():
    lines = "<br>".join(text.removeprefix("<p>").removesuffix("</p>") for text in PROSE)
    assert story_of(f'<div id="menu">首页 新闻</div><div id="text">{lines}</div>') == ["text"]


def test_scripts_and_comments_do_not_speak():
    script = "<script>var a = '论坛在水乡的礼堂里开了三天，来自各地的样例代表先后登台，讲述小镇的故事。';</script>" * 9
    assert story_of(f'<div id="code">{script}</div><div id="text">{STORY}</div>') == ["text"]


@pytest.mark.parametrize("body", ["", "<p>首页</p>", f"<ul>{LINKS}</ul>", "<script>var a;</script>"])
def test_a_page_without_running_text_has_no_story(body):
    assert story_of(body) == []
