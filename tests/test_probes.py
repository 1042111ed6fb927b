"""What a saved page tells of other stories is never taken for its own."""

import json

import pytest

from conftest import PROJECT
from factory import make_document
from newsarchive.rulefiles import load_rules
from newsarchive.settings import load_settings
from newsarchive.stories import read_stories

SETTINGS = load_settings(PROJECT / "site.yaml", publisher_rules=False)
BOOK = load_rules(SETTINGS)
TITLE = "石桥上的灯今晚重新点亮"
STORY = "".join(
    f"<p>第{number}盏灯挂在桥栏的外侧，灯罩是旧的，灯芯换成了新的，守桥的人每天傍晚点一次，天亮以前再把它熄掉。</p>"
    for number in "一二三四五六"
)
LINKS = '<a href="/1">另一座桥下个月封闭维修</a><a href="/2">镇上的灯具厂搬去了邻县</a>'


def page(above="", below="", head="", title=TITLE):
    return (
        f"<html><head><title>{title}_样例网</title>{head}</head><body>{above}<div><h1>{title}</h1>"
        f"<div class='con'>{STORY}</div></div>{below}</body></html>"
    )


def fields(**parts):
    (article,) = read_stories(make_document(page(**parts), "page", "a.html"), BOOK, SETTINGS)
    return article.published.iso if article.published else None, article.outlet, article.uncertain


OTHERS = {
    "a list with its links": f"<div>{LINKS}<span class='time'>2024-11-02</span><i class='source'>水乡晚报</i></div>",
    "a side column": "<aside><span class='time'>2024-11-02</span><i class='source'>来源：水乡晚报</i></aside>",
    "a foot": "<div class='footer'><span class='date'>2024-11-02</span><i class='source'>来源：水乡晚报</i></div>",
    "today's date": "<div><span class='time'>2024年11月2日 星期六</span></div>",
}


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("side", ["above", "below"])
def test_days_and_outlets_of_others_are_not_those_of_the_story(other, side):
    assert fields(**{side: OTHERS[other]}) == (None, None, ())
    own = '<meta name="publishdate" content="2024-11-20"><meta name="source" content="桥头样报">'
    assert fields(head=own, **{side: OTHERS[other]}) == ("2024-11-20", "桥头样报", ())


OWN = json.dumps({"title": TITLE, "publishTime": "2024-11-20 08:30"})
OTHER = json.dumps({"title": "另一座桥下个月封闭维修", "publishTime": "2024-11-02 08:30"}, ensure_ascii=False)
SCRIPTS = [
    (OWN, "2024-11-20T08:30+08:00"),
    (OTHER, None),
    (f"[{OTHER}, {OWN}]", "2024-11-20T08:30+08:00"),
    ('[{"id":1,"publishTime":"2024-11-02"},{"id":2,"publishTime":"2024-11-20"}]', None),
    ('var d = {"id":1,"publishTime":"2024-11-20"};', "2024-11-20"),
]


@pytest.mark.parametrize(("script", "expected"), SCRIPTS)
def test_a_script_tells_of_the_story_in_the_object_that_holds_its_headline(script, expected):
    assert fields(below=f"<script>{script}</script>")[0] == expected


def test_what_the_page_shows_wins_over_its_script_and_the_contradiction_is_told():
    bar = f"<div><h1>{TITLE}</h1><span class='time'>2024-11-02 08:30</span></div>"
    told = fields(above=bar, below=f"<script>{OWN}</script>")
    assert told == ("2024-11-02T08:30+08:00", None, ("published",))


@pytest.mark.parametrize(
    ("value", "outlet"), [("林样", None), ("桥头样报", "桥头样报"), ("https://example.org/a", None)]
)
def test_a_person_in_place_of_the_outlet_is_none(value, outlet):
    assert fields(head=f'<meta property="article:author" content="{value}">')[1] == outlet
