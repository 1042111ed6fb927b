"""Fields in the many forms in which papers, sites and accounts print them."""

import pytest

from conftest import PROJECT
from factory import make_document
from newsarchive.dates import parse_moment
from newsarchive.rulefiles import load_rules
from newsarchive.settings import load_settings
from newsarchive.stories import read_stories

SETTINGS = load_settings(PROJECT / "site.yaml", publisher_rules=False)
BOOK = load_rules(SETTINGS)
PARAGRAPHS = (
    "渡口的新渡船今天试水，船身漆成白色，能载四十辆自行车，船头装了一盏雾灯，起雾的早晨也能开。",
    "渡船公司说，新船烧的是电，一次充电能来回渡十二趟，老渡船要留在岸边，改成候船的屋子。",
    "渡口今后每天早上五点半开头班船，末班船开到夜里十点，雾大的时候由老船长上船领航。",
)


def article_of(head="", tail="", lead="", **front):
    paragraphs = [head, lead + PARAGRAPHS[0], *PARAGRAPHS[1:], tail]
    fields = {"title": "电船第一次过江", "date": "2024-11-20", **front}
    document = make_document("\n\n".join(filter(None, paragraphs)), front=fields)
    return read_stories(document, BOOK, SETTINGS)[0]


CREDITS = {
    "（来源：桥头样报）": ["桥头样报"],
    "来源：桥头样报": ["桥头样报"],
    "来源 | 桥头样报": ["桥头样报"],
    "来源丨桥头样报": ["桥头样报"],
    "本文来源：桥头样报": ["桥头样报"],
    "文章来源：桥头样报": ["桥头样报"],
    "稿源：桥头样报": ["桥头样报"],
    "转自：桥头样报": ["桥头样报"],
    "转自 | 桥头样报": ["桥头样报"],
    "本文转载自：桥头样报": ["桥头样报"],
    "综合自：桥头样报、水乡晚报": ["桥头样报", "水乡晚报"],
    "来源：《桥头样报》": ["桥头样报"],
    "【来源：桥头样报】": ["桥头样报"],
    "来源：微信公众号“桥头样报”": ["桥头样报"],
    "来源：微信公众号": [],
    "来源：微信": [],
    "来源：网络": [],
    "来源：微博": [],
    "来源：抖音": [],
    "来源：互联网综合": [],
    "来源：综合网络": [],
}


@pytest.mark.parametrize("line", CREDITS)
def test_a_credit_names_its_outlets_and_never_a_mere_platform(line):
    assert list(article_of(tail=line).outlets) == CREDITS[line]


DATELINES = {
    "新华社北京11月8日电 ": "新华社",
    "新华社北京11月8日电（记者林样）": "新华社",
    "新京报讯（记者 林样）": "新京报",
    "央视网消息：": "央视网",
    "中新社南湾11月8日电 （记者 林样）": "中新社",
    "据新华社北京11月8日电 ": "新华社",
    "本报讯（记者 林样）": None,
    "本报南湾11月8日电（记者 林样）": None,
    "样例晚报讯（记者 林样）": "样例晚报",
}


@pytest.mark.parametrize("lead", DATELINES)
def test_a_dateline_names_its_outlet(lead):
    assert article_of(lead=lead).outlet == DATELINES[lead]


BYLINES = {
    "本报记者 林样 宋例 通讯员 苏样": [("林样", "reporter"), ("宋例", "reporter"), ("苏样", "contributor")],
    "文｜林样": [("林样", "author")],
    "文 | 林样": [("林样", "author")],
    "文丨林样 宋例": [("林样", "author"), ("宋例", "author")],
    "文/林样": [("林样", "author")],
    "撰文：林样": [("林样", "author")],
    "撰文 | 林样": [("林样", "author")],
    "采写：林样": [("林样", "author")],
    "作者：林样": [("林样", "author")],
    "作者 | 样例安全团队": [("样例安全团队", "author")],
    "见习记者 林样": [("林样", "reporter")],
    "首席记者 林样": [("林样", "reporter")],
    "记者：林样": [("林样", "reporter")],
    "记者/林样 编辑/宋例": [("林样", "reporter"), ("宋例", "editor")],
    "文/林样 图/宋例": [("林样", "author"), ("宋例", "photographer")],
    "编译：林样": [("林样", "translator")],
    "编译 | 林样": [("林样", "translator")],
    "翻译：林样": [("林样", "translator")],
    "责编：林样": [("林样", "editor")],
    "责任编辑：林样": [("林样", "editor")],
    "编辑 | 林样": [("林样", "editor")],
}


@pytest.mark.parametrize("line", BYLINES)
def test_a_byline_names_people_with_their_roles(line):
    told = [(credit.name, credit.role) for credit in article_of(**{"tail" if "编" in line else "head": line}).byline]
    assert told == BYLINES[line]


SLOGANS = ("守护每一次连接", "关注我们，了解更多", "让安全更简单", "点击上方蓝字", "每天一点新知识", "更懂你的资讯")


@pytest.mark.parametrize("slot", SLOGANS)
def test_a_slogan_in_the_author_s_place_credits_nobody(slot):
    assert article_of(source="桥头样报", author=slot).byline == ()


ZONED = {
    "2024-11-20T08:30:00+08:00": "2024-11-20T08:30:00+08:00",
    "2024-11-20T00:30:00Z": "2024-11-20T08:30:00+08:00",
    "2024-11-20T00:30:00.123Z": "2024-11-20T08:30:00+08:00",
    "2024-11-20 08:30:00 +0800": "2024-11-20T08:30:00+08:00",
    "2024-11-20 00:30 UTC": "2024-11-20T08:30+08:00",
    "Wed, 20 Nov 2024 00:30:00 GMT": "2024-11-20T08:30:00+08:00",
    "Wed, 20 Nov 2024 08:30:00 +0800": "2024-11-20T08:30:00+08:00",
    "20 Nov 2024 08:30:00 HKT": "2024-11-20T08:30:00+08:00",
    "Tue Nov 19 2024 19:30:00 GMT-0500 (Eastern Standard Time)": "2024-11-20T08:30:00+08:00",
    "Nov 19, 2024, 7:30 PM EST": "2024-11-20T08:30+08:00",
    "2024-11-20T09:30:00+09:00": "2024-11-20T08:30:00+08:00",
    "20241120T003000Z": "2024-11-20T08:30:00+08:00",
}


@pytest.mark.parametrize("text", ZONED)
def test_a_time_with_its_zone_is_told_in_the_site_s(text):
    moment = parse_moment(text, "Asia/Shanghai")
    assert moment
    assert moment.iso == ZONED[text]


TITLES = (
    "专访｜守桥人和他的灯", "【快讯】渡口明天封航", "深度丨一艘电船的三十天", "样报评论：桥头的灯为谁亮",
    "早知道|夜航船加开一班", "图集 | 盐田的秋天",
)  # fmt: skip


@pytest.mark.parametrize("title", TITLES)
def test_the_prefix_of_a_column_stays_in_the_title(title):
    assert article_of(title=title, source="桥头样报").title == title
