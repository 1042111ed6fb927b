"""Pages about the editions, the line of time and the statistics, rendered from archives made by hand."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from factory import make_article
from newsarchive.archive import Edition, assemble
from newsarchive.article import EditionEvidence
from newsarchive.render.html import render_pages
from newsarchive.render.statistics import spread
from newsarchive.settings import Settings
from test_terms import make_texts

FIRST = Edition("2014", "首届样例峰会", 1, "2014-11-19", "2014-11-21", "样例镇", "第一句主题")
TENTH = Edition("2023", "2023年样例峰会", None, "2023-11-08", "2023-11-10", "样例镇", None)
SUMMIT = Edition("2024", "2024年样例峰会", None, "2024-11-19", "2024-11-22", "样例镇", "以样例为主题")
ELSEWHERE = Edition("2024-hk", "2024年海边对话", None, "2024-05-01", "2024-05-02", "海边", None, "regional")
EDITIONS = (FIRST, TENTH, SUMMIT, ELSEWHERE)


@pytest.fixture
def settings(tmp_path):
    return Settings(
        root=tmp_path, title="样例大会报道档案", content=(tmp_path / "content",), output=tmp_path / "site", page_size=40
    )


def about(number, published, key="2024", place="title", times=1, **fields):
    return make_article(
        number,
        published=published,
        editions=(key,),
        edition_evidence=(EditionEvidence(key, place, "样例峰会", times),),
        **fields,
    )


def render(settings, *articles, editions=EDITIONS):
    archive = assemble(articles, len(articles), (), editions, None)
    files = {file.path: file.data for file in render_pages(archive, settings)}
    return {path: BeautifulSoup(data, "lxml") for path, data in files.items() if path.endswith(".html")}


def text_of(element):
    return "".join(element.get_text().split())


def table_of(element):
    return [[text_of(cell) for cell in row.select("th, td")] for row in element.select("tr")]


# An edition


def test_every_edition_has_its_page_articles_or_not(settings):
    pages = render(settings, about(1, "2024-11-20"))
    assert {f"editions/{edition.key}.html" for edition in EDITIONS} < set(pages)
    empty = pages["editions/2014.html"]
    assert "收录暂缺" in text_of(empty.select(".edition dl")[0])
    assert "本档案未收录，不等于未报道" in text_of(empty.select(".list")[0])
    assert empty.select("svg.daily") == []


def test_without_editions_there_are_no_such_pages_and_no_link_to_them(settings):
    pages = render(settings, make_article(1), editions=())
    assert not any(path.startswith("editions/") for path in pages)
    assert "各届" not in pages["index.html"].select(".bar")[0].get_text()
    assert {"timeline.html", "statistics.html"} <= set(pages)


def test_articles_are_listed_before_during_and_after(settings):
    dates = ["2024-05-01", "2024-10", "2024-11-18", "2024-11-19", "2024-11-22", "2024-11-23", "2025", "2024-11", None]
    page = render(settings, *(about(number, iso) for number, iso in enumerate(dates, 1)))["editions/2024.html"]
    sections = {section.get("id"): section for section in page.select(".list > section[id]")}
    titles = {key: [heading.get_text() for heading in each.select(".entry h3")] for key, each in sections.items()}
    assert titles == {
        "before": ["样文 1", "样文 2", "样文 3"],
        "during": ["样文 4", "样文 5"],
        "after": ["样文 6", "样文 7"],
        "unknown": ["样文 8", "样文 9"],
    }
    assert [text_of(each) for each in page.select(".rail nav")[0].select("li")] == [
        "会前3",
        "会期2",
        "会后2",
        "日期不详2",
    ]
    assert "会期四日" in text_of(sections["during"].select("h2")[0])
    assert "2025年" in text_of(sections["after"])


def test_the_day_chart_and_its_table_tell_the_same(settings):
    dates = ["2024-11-04", "2024-11-05", *["2024-11-20"] * 5, "2024-11-22", "2024-12-03", "2024-12-04", "2024-11"]
    page = render(settings, *(about(number, iso) for number, iso in enumerate(dates, 1)))["editions/2024.html"]
    chart = page.select(".chart")[0]
    rows = table_of(chart.select("table")[0])[1:]
    assert len(rows) == 29
    counts = {row[0]: row[2] for row in rows if row[2] != "·"}
    assert counts == {"2024-11-05": "1", "2024-11-20": "5", "2024-11-22": "1", "2024-12-03": "1"}
    bars = chart.select("svg rect:not(.band)")
    assert [bar.get("height") for bar in bars] == ["20", "100", "20", "20"]
    assert [bar.get("class") for bar in bars] == [["some"], ["most"], ["most"], ["some"]]
    assert text_of(chart.select("h2")[0]) == "开幕次日最多，5篇；会期占60%"
    assert "另有2篇在此前后，1篇不知何日" in text_of(chart)
    assert [text_of(each) for each in chart.select(".spans li")] == ["2会前", "6会期11-19—22", "2会后"]
    drawing = chart.select("svg")[0]
    assert drawing.select("title")[0].get_text()
    assert "11-20：5篇" in text_of(drawing.select("desc")[0])


def test_few_articles_are_no_finding(settings):
    page = render(settings, about(1, "2024-11-20"))["editions/2024.html"]
    assert text_of(page.select(".chart h2")[0]) == "会期前后逐日篇数"
    assert int(page.select("svg.daily rect.most")[0]["height"]) < 50


def test_a_page_says_what_assigns_its_articles_and_which_are_doubtful(settings):
    articles = (
        about(1, "2024-11-19"),
        about(2, "2024-11-20", place="lead"),
        about(3, "2024-11-21", place="named", times=4),
        about(4, "2024-11-21", place="series"),
    )
    pages = render(settings, *articles)
    grounds = pages["editions/2024.html"].select(".grounds")[0]
    assert "标题写明1篇，导语写明1篇，正文多次写明1篇，只写会名、据日期推定1篇" in text_of(grounds)
    assert [text_of(each) for each in grounds.select("details li")] == ["样文4"]
    doubted = [entry for entry in pages["editions/2024.html"].select(".entry") if "届次" in entry.get_text()]
    assert [text_of(entry.select("h3")[0]) for entry in doubted] == ["样文4"]
    assert "其中存疑1篇" in text_of(pages["editions/index.html"].select(".meetings")[0])


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("title", "据标题"),
        ("lead", "据导语"),
        ("named", "文中写明4次"),
        ("series", "只写会名，据日期推定，存疑"),
        ("sidecar", "据更正"),
    ],
)
def test_the_card_of_an_article_says_what_assigns_it(settings, place, words):
    pages = render(settings, about(1, "2024-11-20", place=place, times=4))
    (page,) = (page for path, page in pages.items() if path.startswith("2024/11-20"))
    when = page.select(".card .when")[0]
    assert text_of(when.select(".evidence")[0]) == words
    assert when.select("a")[0]["href"] == "../editions/2024.html"
    assert page.select(".kicker a[href='../editions/2024.html']")


def test_an_article_of_several_editions_names_them_all(settings):
    evidence = (EditionEvidence("2023", "lead", "", 1), EditionEvidence("2024", "lead", "", 1))
    article = make_article(1, published="2024-11-20", editions=("2023", "2024"), edition_evidence=evidence)
    pages = render(settings, article)
    (page,) = (page for path, page in pages.items() if path.startswith("2024/11-20"))
    assert page.select(".card .when a")[0]["href"] == "../editions/2024.html"
    assert [link["href"] for link in page.select(".card a") if "2023" in link["href"]] == ["../editions/2023.html"]


def test_a_day_near_a_summit_makes_no_article_about_it(settings):
    pages = render(settings, make_article(1, published="2024-11-20"))
    (page,) = (page for path, page in pages.items() if path.startswith("2024/11-20"))
    assert "只据日期，文中未见" in text_of(page.select(".card .when")[0])
    assert "收录暂缺" in text_of(pages["editions/2024.html"].select(".edition dl")[0])


def test_the_introduction_of_an_editor_is_shown_as_safe_html(settings):
    text = "开头*一段*。<script>alert(1)</script>\n\n- 一项\n\n![图](https://img.example.org/a.png)"
    page = render(settings, editions=(replace(SUMMIT, introduction=text),))["editions/2024.html"]
    introduction = page.select(".introduction")[0]
    assert introduction.select("em, i")
    assert introduction.select("li")
    assert introduction.select("script, img") == []


def test_a_long_edition_is_paged_and_loses_nothing(settings):
    articles = [about(number, f"2024-{9 + number // 50:02}-{number % 28 + 1:02}") for number in range(1, 150)]
    pages = render(settings, *articles)
    parts = [pages[f"editions/2024{end}.html"] for end in ("", "-2", "-3", "-4")]
    titles = [heading.get_text() for page in parts for heading in page.select(".entry h3")]
    assert sorted(titles) == sorted(f"样文 {number}" for number in range(1, 150))
    assert all(len(page.select(".entry")) <= settings.page_size for page in parts)
    for page in parts:
        for link in page.select(".spans a, .rail nav:first-child a"):
            path, _, anchor = link["href"].partition("#")
            assert pages[f"editions/{path}"].select(f"#{anchor}")


def test_home_the_year_and_the_index_lead_to_the_edition(settings):
    pages = render(settings, about(1, "2024-11-20"))
    assert pages["index.html"].select(".editions a[href='editions/2024.html']")
    assert pages["index.html"].select(".beside a[href='editions/2024-hk.html']")
    assert pages["2024/index.html"].select(".facts a[href='../editions/2024.html']")
    assert [text_of(link) for link in pages["editions/index.html"].select(".meetings h3 a")] == [
        "首届样例峰会",
        "2023年样例峰会",
        "2024年样例峰会",
        "2024年海边对话",
    ]


# The line of time


def test_the_line_of_time_frames_the_months_of_the_summits(settings):
    articles = [make_article(number, published=f"2024-11-{number:02}") for number in range(1, 7)]
    articles += [make_article(8, published="2024"), make_article(9, published=None)]
    page = render(settings, *articles)["timeline.html"]
    rows = {text_of(row.select("th")[0]): row for row in page.select(".heat tbody tr")}
    assert list(rows) == [str(year) for year in range(2014, 2025)]
    held = {
        year: [place for place, cell in enumerate(row.select("td"), 1) if "held" in cell.get("class", [])]
        for year, row in rows.items()
    }
    assert {year: months for year, months in held.items() if months} == {"2014": [11], "2023": [11], "2024": [5, 11]}
    assert [text_of(cell) for cell in rows["2024"].select("td")][-2:] == ["1", "7"]
    assert rows["2024"].select("td a")[0]["href"] == "2024/index.html#m11"
    assert text_of(page.select("section h2")[0]) == "2024年11月最多，6篇"
    assert len(page.select(".days .day")) == len(EDITIONS)


# Statistics


@pytest.mark.parametrize("number", [0, 1, 5, 300])
def test_the_pages_stand_with_none_one_five_and_hundreds_of_articles(settings, number):
    dates = ["2024-11-20", "2024-11-01", "2023-11-09", "2014-11-20", None]
    articles = [
        about(each, dates[each % 5], {0: "2024", 1: "2024", 2: "2023", 3: "2014", 4: "2024"}[each % 5], characters=400)
        for each in range(1, number + 1)
    ]
    pages = render(settings, *articles)
    for path in ("statistics.html", "timeline.html", "editions/index.html", "editions/2024.html"):
        page = pages[path]
        assert len(page.select("h1")) == 1
        assert all(text_of(heading) for heading in page.select("h1, h2, h3"))
        assert page.select("[style], style") == []
        for drawing in page.select("svg[role=img]"):
            assert text_of(drawing.select("title")[0])
            assert text_of(drawing.select("desc")[0])
        ids = [element["id"] for element in page.select("[id]")]
        assert len(ids) == len(set(ids))
    if not number:
        assert "暂缺" in pages["statistics.html"].get_text()


def test_the_same_numbers_stand_in_drawing_and_table(settings):
    articles = [about(number, "2024-11-20", outlets=("示例晚报",), characters=700) for number in range(1, 8)]
    articles += [about(number, "2024-11-21", characters=5000) for number in range(8, 11)]
    page = render(settings, *articles)["statistics.html"]
    outlets, lengths = (figure.parent for figure in page.select(".strips")[::-1])
    for figure in (outlets, lengths):
        drawn = [text_of(text) for text in figure.select("svg text")]
        told = [row[1] if row[1] == "·" else row[1] + "篇" for row in table_of(figure.select("table")[0])[1:]]
        assert drawn == told
    assert {text_of(heading) for heading in page.select(".columns h2")} >= {"30%没有注明原载", "半数报道在700字以内"}


def test_weeks_are_told_for_every_summit_of_the_row(settings):
    articles = [about(number, "2024-11-20") for number in range(1, 8)] + [about(9, "2024-11-01"), about(10, "2024")]
    page = render(settings, *articles)["statistics.html"]
    rows = {row[0]: row[1:] for row in table_of(page.select(".weeks")[0])[1:]}
    assert list(rows) == ["2014第一届", "2023样例峰会", "2024样例峰会"]
    assert rows["2024样例峰会"] == ["·", "·", "·", "1", "·", "·", "7", *"·" * 7, "1"]
    assert "报道集中在会期那一周，占88%" in page.get_text()


def test_terms_that_rose_and_fell_are_drawn_and_told(settings):
    articles = [about(n, "2023-11-09", "2023", text=t) for n, t in enumerate(make_texts(30, ["虚拟画廊"]), 1)]
    articles += [about(n, "2024-11-20", text=t) for n, t in enumerate(make_texts(30, ["智慧渡船"], 2), 50)]
    page = render(settings, *articles)["statistics.html"]
    chart = page.select("svg.slopes")[0]
    assert text_of(chart.parent.parent.select("h2")[0]) == "“虚拟画廊”退，“智慧渡船”进"
    assert "虚拟画廊由100到0" in text_of(chart.select("desc")[0])
    assert ["智慧渡船", "0", "100"] in table_of(chart.parent.parent.select("table")[0])
    assert [group["class"] for group in chart.select("g") if "智慧渡船" in group.get_text()] == [["rise"]]


def test_too_few_texts_are_said_to_be_too_few(settings):
    page = render(settings, about(1, "2024-11-20"))["statistics.html"]
    assert page.select(".slopes") == []
    assert "还没有这样的两届" in page.get_text()


def test_labels_keep_apart_in_order_and_within_the_drawing():
    heights = [50, 50, 50, 52, 300, 300, 180]
    placed = spread(heights, 20, 44, 310)
    assert sorted(range(7), key=lambda n: (heights[n], n)) == sorted(range(7), key=lambda n: placed[n])
    gaps = sorted(placed)
    assert all(below - above >= 20 for above, below in pairwise(gaps))
    assert min(placed) >= 44
    assert max(placed) <= 310
    assert placed[6] == 180


def test_charts_of_publishers_compare_over_all_years_of_the_archive(settings):
    articles = (
        make_article(1, published="2014-01-05", publisher="甲报"),
        make_article(2, published="2019-01-05", publisher="乙报", outlets=("丙报",)),
        make_article(3, published=None, publisher="丁报"),
    )
    pages = render(settings, *articles)
    charts = {
        path: page.select("header .bars li") for path, page in pages.items() if path.startswith(("pub", "outlet"))
    }
    drawn = {Path(path).parent.name: len(bars) for path, bars in charts.items() if bars}
    assert drawn == {"publishers": 6, "outlets": 6}
    assert sum(not bars for bars in charts.values()) == 3
    years = [text_of(bar) for bars in charts.values() if bars for bar in bars if "none" in bar.get("class", [])]
    assert all(year.endswith("·") for year in years)
