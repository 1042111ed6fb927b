"""Every page that the reader sees, rendered from archives made by hand."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from msgspec import structs

from factory import make_article
from newsarchive.archive import Edition, assemble
from newsarchive.article import Block, Claim, Credit, Image, Problem, RemovedBlock
from newsarchive.errors import ManyErrors, TemplateError
from newsarchive.render.charts import heat_steps, height_of, step_of
from newsarchive.render.html import check_templates, page_bytes, render_pages
from newsarchive.render.overview import title_lines
from newsarchive.render.templates import hanzi_digits, hanzi_number
from newsarchive.settings import Settings

SUMMIT = Edition("2024", "2024年样例峰会", None, "2024-11-19", "2024-11-22", "样例镇", None)
FIRST = Edition("2014", "首届样例峰会", 1, "2014-11-19", "2014-11-21", "样例镇", None)
STORY = (
    Block("paragraph", "晨雾未散，第一段样文。", "晨雾未散，第一段样文。"),
    Block("paragraph", "第二段样文。", "第二段样文。"),
)


@pytest.fixture
def settings(tmp_path):
    return Settings(
        root=tmp_path,
        title="样例大会报道档案",
        tagline="一句话。",
        description="样例档案。",
        content=(tmp_path / "content",),
        output=tmp_path / "site",
    )


def make_archive(*articles, editions=(FIRST, SUMMIT), problems=()):
    return assemble(articles, len(articles), problems, editions, None)


def pages_of(archive, settings):
    """Path → parsed page, for every HTML page."""
    files = {file.path: file.data for file in render_pages(archive, settings)}
    return {path: BeautifulSoup(data, "lxml") for path, data in files.items() if path.endswith(".html")}


def article_page(article, settings, **archive):
    """The parsed page of one article."""
    made = make_archive(article, **archive)
    return pages_of(made, settings)[made.entries[0].article.permalink]


def text_of(element):
    return "".join(element.get_text().split())


def titles_of(page):
    return [heading.get_text() for heading in page.select(".entry h3")]


def links_of(page):
    """Addresses of links, style sheets and pictures."""
    return [element.get("href") or element.get("src") for element in page.select("a[href], link[href], img[src]")]


# The tree of pages


def test_every_page_of_the_tree_is_written_once(settings):
    archive = make_archive(
        make_article(1, outlets=("示例晚报",)), make_article(2, publisher=None), make_article(3, published=None)
    )
    paths = [file.path for file in render_pages(archive, settings)]
    assert len(paths) == len(set(paths))
    publisher = archive.slugs["乌镇样报"]
    assert set(paths) >= {
        *(".nojekyll", "404.html", "about.html", "index.html", "assets/site.css"),
        *("2024/index.html", f"2024/{publisher}.html", "2024/unknown.html", "undated/index.html"),
        *("publishers/index.html", f"publishers/{publisher}.html", "publishers/unknown.html"),
        *("outlets/index.html", f"outlets/{archive.slugs['示例晚报']}.html"),
        *(entry.article.permalink for entry in archive.entries),
    }


def test_an_archive_without_articles_still_has_its_pages(settings):
    pages = pages_of(make_archive(editions=()), settings)
    assert {"index.html", "about.html", "404.html", "publishers/index.html", "undated/index.html"} <= set(pages)
    assert "暂缺" in pages["index.html"].get_text()


def test_rendering_twice_gives_the_same_bytes(settings):
    archive = make_archive(*(make_article(number, blocks=STORY) for number in range(1, 6)))
    assert pages_of(archive, settings) == pages_of(archive, settings)


def test_every_link_within_the_site_is_relative_and_leads_to_a_page(settings):
    archive = make_archive(*(make_article(number, outlets=("示例晚报",)) for number in range(1, 4)))
    files = {file.path for file in render_pages(archive, settings)} | {
        *("data/articles.jsonl", "data/articles.csv", "data/removed.jsonl", "data/report.json")
    }
    for path, page in pages_of(archive, settings).items():
        if path == "404.html":
            continue
        for link in links_of(page):
            assert not link.startswith("/")
            target = (Path("/") / Path(path).parent / link.partition("#")[0]).resolve() if link[0] != "#" else None
            assert target is None or target.as_posix().lstrip("/") in files, (path, link)


@pytest.mark.parametrize("base", ["", "https://example.org/archive/"])
def test_the_page_for_unknown_addresses_links_from_the_root(settings, base):
    page = pages_of(make_archive(make_article()), replace(settings, base_url=base))["404.html"]
    links = [link for link in links_of(page) if not link.startswith("#")]
    assert links
    assert all(link.startswith(base or "/") for link in links)


def test_static_files_stand_in_assets_as_they_are(settings):
    (settings.root / "static").mkdir()
    (settings.root / "static" / "mark.txt").write_bytes(b"\x00\xff")
    files = {file.path: file.data for file in render_pages(make_archive(), settings)}
    assert files["assets/mark.txt"] == b"\x00\xff"
    assert b"@layer tokens" in files["assets/site.css"]


# Home


def test_home_counts_articles_publishers_and_summits(settings):
    archive = make_archive(
        make_article(1, editions=("2024",)), make_article(2, publisher="水乡样刊"), make_article(3, publisher=None)
    )
    page = pages_of(archive, settings)["index.html"]
    figures = [text_of(figure) for figure in page.select(".cover dd")]
    assert figures == ["3篇", "2家", "1届", "2024"]


def test_a_summit_without_articles_keeps_its_place(settings):
    page = pages_of(make_archive(make_article(editions=("2024",))), settings)["index.html"]
    columns = [text_of(column) for column in page.select(".editions li")]
    assert [column.endswith("暂缺") for column in columns] == [True, False]
    assert "第一届" in columns[0]
    assert "1篇" in columns[1]


def test_meetings_held_elsewhere_stand_beside_the_yearly_row(settings):
    elsewhere = Edition("2025-a", "2025年样例峰会样例对话", None, "2025-04-14", "2025-04-15", "外地", None, "regional")
    page = pages_of(make_archive(make_article(editions=("2025-a",)), editions=(SUMMIT, elsewhere)), settings)[
        "index.html"
    ]
    assert len(page.select(".editions li")) == 1
    assert [text_of(each) for each in page.select(".beside dd")] == ["2025样例峰会样例对话04-14至04-151篇"]


def test_the_matrix_adds_up(settings):
    articles = [make_article(number, publisher=f"样报{number % 16}", published="2023-01-05") for number in range(1, 40)]
    articles += [make_article(number, publisher=None, published=None) for number in range(50, 53)]
    page = pages_of(make_archive(*articles), settings)["index.html"]
    rows = [[text_of(cell) for cell in row.select("td")] for row in page.select(".heat tr")[1:]]
    numbers = [[int(cell.replace("·", "0")) for cell in row] for row in rows]
    *parts, total = numbers
    assert total[-1] == 42
    assert [sum(column) for column in zip(*parts, strict=True)] == total
    assert all(sum(row[:-1]) == row[-1] for row in numbers)


def test_the_latest_articles_say_where_they_cross_into_another_year(settings):
    archive = make_archive(make_article(1, published="2024-01-02"), make_article(2, published="2023-12-30"))
    page = pages_of(archive, settings)["index.html"]
    assert [text_of(heading) for heading in page.select(".crossing")] == ["2023年"]
    assert titles_of(page) == ["样文 1", "样文 2"]


# Listings


def test_an_unknown_day_closes_its_month_and_an_unknown_month_its_year(settings):
    dates = ["2024", "2024-03", "2024-03-09", "2024-03-02", "2024-11"]
    archive = make_archive(*(make_article(number, published=iso) for number, iso in enumerate(dates, 1)))
    page = pages_of(archive, settings)["2024/index.html"]
    assert titles_of(page) == ["样文 4", "样文 3", "样文 2", "样文 5", "样文 1"]
    assert [text_of(heading) for heading in page.select(".list h2")] == ["3月", "11月", "月份不详"]
    assert "仅知年月" in page.get_text()


def test_a_publisher_is_listed_newest_first_and_the_undated_last(settings):
    dates = ["2023-05-01", None, "2024-02-01", "2024-02-03"]
    archive = make_archive(*(make_article(number, published=iso) for number, iso in enumerate(dates, 1)))
    page = pages_of(archive, settings)[f"publishers/{archive.slugs['乌镇样报']}.html"]
    assert titles_of(page) == ["样文 4", "样文 3", "样文 1", "样文 2"]
    assert [text_of(heading) for heading in page.select(".list h2")] == ["2024年", "2023年", "日期不详"]


def test_a_long_listing_is_paged_and_loses_nothing(settings):
    dates = [f"2024-{month:02}-{day:02}" for month in (1, 2, 3) for day in range(1, 6)]
    archive = make_archive(*(make_article(number, published=iso) for number, iso in enumerate(dates, 1)))
    pages = pages_of(archive, replace(settings, page_size=4))
    listing = [pages[f"2024/{name}.html"] for name in ("index", "index-2", "index-3", "index-4")]
    assert [title for page in listing for title in titles_of(page)] == [f"样文 {number}" for number in range(1, 16)]
    months = {link.get_text(): link.get("href") for link in listing[0].select(".months a")}
    assert months == {"1月": "index.html#m1", "2月": "index-2.html#m2", "3月": "index-3.html#m3"}
    for name, month in (("index", 1), ("index-2", 2), ("index-3", 3)):
        assert pages[f"2024/{name}.html"].select(f"#m{month}")
    assert "（续）" in listing[1].get_text()
    assert [link.get("href") for link in listing[1].select(".pager a")] == ["index.html", "index-3.html"]


def test_days_near_a_summit_tell_how_near(settings):
    dates = ["2024-11-01", "2024-11-05", "2024-11-19", "2024-11-20", "2024-11-25"]
    archive = make_archive(*(make_article(number, published=iso) for number, iso in enumerate(dates, 1)))
    days = pages_of(archive, settings)["2024/index.html"].select(".day")
    told = [text_of(day.select("em")[0]) if day.select("em") else "" for day in days]
    assert told == ["", "前14日", "首日", "第2日", "后3日"]
    assert ["session" in day.get("class") for day in days] == [False, False, True, True, False]


def test_a_folded_rail_still_links_every_publisher_of_the_year(settings):
    archive = make_archive(*(make_article(number, publisher=f"样报{number}") for number in range(1, 31)))
    page = pages_of(archive, settings)["2024/index.html"]
    links = [link.get("href") for link in page.select(".rail a")]
    assert {f"{archive.slugs[f'样报{number}']}.html" for number in range(1, 31)} <= set(links)
    assert page.select(".rail details:not([open])")


def test_stubs_and_cut_captures_are_told_in_listings(settings):
    archive = make_archive(
        make_article(1, kind="stub"), make_article(2, complete=False), make_article(3, kind="list"), make_article(4)
    )
    page = pages_of(archive, settings)["2024/index.html"]
    assert [text_of(each) for each in page.select(".evidence")] == ["只存标题", "此份抓取不全", "篇目"]


# The article


def test_the_card_tells_where_a_date_was_found_and_why(settings):
    article = make_article(
        published="2021-09-25T20:43:00+08:00",
        published_from="body",
        notes={"published": "front-matter-invalid"},
        claims=(
            Claim("published", "2021-09-25 20:43", "body"),
            Claim("published", "Invalid Date", "front-matter"),
        ),
    )
    page = article_page(article, settings)
    card = [text_of(part) for part in page.select(".card > div")]
    assert "发表2021-09-2520:43据正文；文首日期无效" in card
    assert "InvalidDate" in text_of(page.select(".record")[0])


def test_a_date_from_front_matter_goes_without_saying_unless_contradicted(settings):
    agreed = (Claim("published", "2024-11-20", "front-matter"), Claim("published", "2024-11-20 08:00", "body"))
    quiet = article_page(make_article(claims=agreed), settings)
    assert quiet.select(".card > :not(.when) .evidence") == []
    disputed = (Claim("published", "2024-11-20", "front-matter"), Claim("published", "2024-11-25", "url"))
    page = article_page(make_article(claims=disputed), settings)
    assert text_of(page.select(".card")[0].select(".evidence")[0]) == "据文首"


def test_an_outlet_is_told_by_the_place_of_its_credit_line(settings):
    article = make_article(
        outlets=("示例晚报",),
        blocks=STORY,
        removed=(RemovedBlock("generic/outlet-credit", 3, "（来源：示例晚报）", 2, "outlet"),),
        claims=(Claim("outlet", "示例晚报", "body", "（来源：示例晚报）"),),
    )
    assert "原载示例晚报据文末署源" in text_of(article_page(article, settings).select(".card")[0])


def test_removed_blocks_stand_in_one_closed_fold_with_rule_and_place(settings):
    removed = (
        RemovedBlock("wechat/repeated-headline", 1, "样文 1", 0),
        RemovedBlock("样报/subscribe", 3, "扫码订阅", 1),
        RemovedBlock("wechat/interface-tail", 5, "分享", 2),
        RemovedBlock("wechat/interface-tail", 6, "收藏", 2),
    )
    page = article_page(make_article(blocks=STORY, removed=removed), settings)
    (fold,) = page.select("article details")
    assert fold.get("open") is None
    assert "4段" in text_of(fold.select("summary")[0])
    assert [text_of(row.select(".rule")[0]) for row in fold.select("li")] == [
        "wechat/repeated-headline文首",
        "样报/subscribe第1段之后",
        "wechat/interface-tail文末2段",
    ]
    assert [text.get_text() for text in fold.select("li .text p")] == ["样文 1", "扫码订阅", "分享", "收藏"]
    notes = [link.get("href").lstrip("#") for link in page.select(".cut a")]
    assert notes == [row.get("id") for row in fold.select("li")]


def test_a_stub_says_what_the_capture_holds(settings):
    removed = (
        RemovedBlock("wechat/repeated-headline", 1, "样文 1", 0),
        RemovedBlock("wechat/deleted-notice", 2, "该内容已被样例删除", 0),
    )
    page = article_page(make_article(kind="stub", removed=removed, text="", characters=0), settings)
    assert text_of(page.select(".status")[0]) == "只存标题"
    assert [line.get_text() for line in page.select(".notice blockquote p")] == ["该内容已被样例删除"]
    assert page.select("article > .sheet > .text") == []


@pytest.mark.parametrize(
    ("fields", "words"), [({"complete": False}, "此份抓取不全，止于文末"), ({"kind": "list"}, "本页为篇目"), ({}, None)]
)
def test_a_cut_capture_and_a_list_say_so_above_the_text(settings, fields, words):
    status = article_page(make_article(blocks=STORY, **fields), settings).select(".status")
    assert [text_of(each) for each in status] == ([words] if words else [])


def test_pictures_from_the_web_tell_nobody_who_reads(settings):
    image = Image("https://img.example.org/a.jpg", caption="河上的桥")
    page = article_page(make_article(blocks=(Block("image", "", images=(image,)),), images=(image,)), settings)
    (picture,) = page.select("figure img")
    assert page.select_one("meta[name=referrer]").get("content") == "no-referrer"
    assert not picture.get("referrerpolicy")
    assert picture.get("loading") == "lazy"
    assert picture.get("alt")
    assert text_of(page.select("figcaption")[0]) == "河上的桥"


def test_our_copy_of_a_picture_is_linked_from_the_page(settings):
    image = Image("bridge.png", file="media/0123456789abcdef.png", width=640, height=360)
    page = article_page(make_article(blocks=(Block("image", "", images=(image,)),), images=(image,)), settings)
    assert page.select("figure img")[0].get("src") == "../media/0123456789abcdef.png"


def test_a_picture_that_was_lost_leaves_a_captioned_frame(settings):
    image = Image("", alt="样图", caption="河上的桥")
    page = article_page(make_article(blocks=(Block("image", "", images=(image,)),), images=(image,)), settings)
    assert page.select("figure img") == []
    assert "图未能取回" in text_of(page.select("figure .absent")[0])
    assert text_of(page.select("figcaption")[0]) == "河上的桥"
    assert "其中1图未取回" in text_of(page.select(".record")[0])


def test_a_film_is_told_of_and_not_shown(settings):
    image = Image("https://v.example.org/a", cover="https://img.example.org/cover.jpg", kind="video")
    page = article_page(make_article(blocks=(Block("media", "", images=(image,)),), images=(image,)), settings)
    assert page.select("figure img")[0].get("src") == "https://img.example.org/cover.jpg"
    assert "视频" in text_of(page.select("figure .absent")[0])
    assert not page.select("video, iframe, object, embed")


def test_all_captures_are_listed_and_the_one_shown_is_named(settings):
    first = make_article(path="甲.md", retrieved="2025-01-01T08:00:00+08:00", blocks=STORY)
    second = structs.replace(first, path="乙.md", retrieved="2025-02-01T08:00:00+08:00")
    archive = make_archive(first, second)
    page = pages_of(archive, settings)[archive.entries[0].article.permalink]
    rows = [text_of(row) for row in page.select(".captures li")]
    assert ["本页所示" in row for row in rows] == [False, True]
    assert "甲.md" in rows[0]


def test_neighbours_are_those_of_the_year(settings):
    dates = ["2023-12-31", "2024-01-01", "2024-01-02"]
    archive = make_archive(*(make_article(number, published=iso) for number, iso in enumerate(dates, 1)))
    page = pages_of(archive, settings)[archive.entries[1].article.permalink]
    assert [link.get_text() for link in page.select_one(".turn").select("a")] == ["样文 3"]


def test_the_ruler_has_a_tick_for_each_day_and_is_left_out_far_from_the_summit(settings):
    page = article_page(make_article(published="2024-11-20"), settings)
    paths = {path["class"][0]: path.get("d").count("M") for path in page.select(".ruler path")}
    assert paths == {"plain": 25, "summit": 3, "here": 1}
    assert not article_page(make_article(published="2024-06-20"), settings).select(".ruler")


def test_a_text_in_another_language_says_so_and_counts_words(settings):
    article = make_article(lang="en", title="A sample", text="One two three four.", blocks=STORY[:1])
    page = article_page(article, settings)
    assert page.select("article")[0].get("lang") == "en"
    assert "4词" in text_of(page.select(".record")[0])
    assert page.select(".card")[0].get("lang") == "zh-Hans"


def test_the_original_is_canonical_where_it_is_known(settings):
    known = article_page(make_article(url="https://example.org/a?x=1&y=2"), settings)
    assert known.select("link[rel=canonical]")[0].get("href") == "https://example.org/a?x=1&y=2"
    hosted = replace(settings, base_url="https://archive.example/")
    unknown = article_page(make_article(published="2024-11-20"), hosted)
    canonical = unknown.select("link[rel=canonical]")[0].get("href")
    assert canonical == "https://archive.example/2024/11-20-000000000001.html"


def test_citation_managers_find_title_writers_and_date(settings):
    byline = (Credit("甲样", "reporter"), Credit("乙样", "editor"))
    page = article_page(make_article(byline=byline, outlets=("示例晚报",)), settings)
    meta = {(each.get("name") or each.get("property")): each.get("content") for each in page.select("meta")}
    assert meta["citation_title"] == "样文 1"
    assert meta["citation_author"] == "甲样"
    assert meta["citation_publication_date"] == "2024/11/20"
    assert meta["og:type"] == "article"
    assert "甲样.样文1[N].示例晚报,2024-11-20." in text_of(page.select(".citation p")[0])


def test_an_article_page_without_its_text_stays_small(settings):
    article = make_article(
        title="六十个字的样例标题" * 6,
        url="https://example.org/" + "a" * 200,
        byline=tuple(Credit(f"样例{number}", "reporter") for number in range(6)),
        editions=("2024",),
        claims=tuple(Claim("publisher", f"另名{number}", "markup") for number in range(5)),
    )
    archive = make_archive(article)
    data = {file.path: file.data for file in render_pages(archive, settings)}
    assert len(data[archive.entries[0].article.permalink]) <= 20_000


# About


def test_about_tells_files_rules_and_problems(settings):
    removed = (RemovedBlock("wechat/a", 1, "一二三", 0), RemovedBlock("wechat/a", 2, "四", 0, "outlet"))
    problem = Problem("坏.md", 3, 7, "front-matter", "is not YAML", "quarantined")
    archive = make_archive(make_article(removed=removed), make_article(2, kind="stub"), problems=[problem])
    page = pages_of(archive, settings)["about.html"]
    assert [text_of(cell) for cell in page.select(".counts tbody tr")[0]] == ["wechat/a", "原载", "2", "4", "1"]
    assert [text_of(cell) for cell in page.select(".problems tbody tr")[0]] == [
        "坏.md:3:7",
        "front-matterisnotYAML",
        "quarantined",
    ]
    assert "正文1篇，只存标题或告示1篇" in text_of(page)


def test_problems_beyond_one_page_are_left_to_the_data(settings):
    problems = [Problem(f"{number}.md", None, None, "date", "no", "none") for number in range(7)]
    page = pages_of(make_archive(problems=problems), replace(settings, page_size=5))["about.html"]
    assert len(page.select(".problems tbody tr")) == 5
    assert "其余2条" in text_of(page)


# Untrusted content

PAYLOADS = [
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}{% raw %}",
    "<!--<script>",
    "a\u2028b\u2029c\u202e",
    "javascript:alert(1)",
    "&lt;b&gt;&amp;",
]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_content_stays_text_wherever_it_is_printed(settings, payload):
    image = Image(payload, alt=payload, caption=payload)
    article = make_article(
        title=payload,
        publisher="样" + payload,
        outlets=("例" + payload,),
        byline=(Credit(payload, "reporter"),),
        url=payload,
        summary=payload,
        retrieved=payload,
        path=payload,
        images=(image,),
        blocks=(Block("image", "", images=(image,)), STORY[0]),
        removed=(RemovedBlock(f"wechat/{payload}", 1, payload, 0, payload), RemovedBlock("a/b", 2, payload, 1)),
        claims=(Claim("title", "另题" + payload, "body"),),
    )
    problem = Problem(payload, 1, 1, payload, payload, payload)
    for page in pages_of(make_archive(article, problems=[problem]), settings).values():
        for form in page.select("form"):
            assert form["action"].endswith("search.html"), "no form but ours"
            form.extract()
        for element in page.select("*"):
            assert element.name not in ("iframe", "object", "embed", "form", "base", "style")
            assert not [name for name in element.attrs if name.startswith("on") or name == "style"]
            assert not (element.get("href") or element.get("src") or "").startswith("javascript:")
            ours = re.fullmatch(r"(?:\.\./)*assets/\w+\.js", element.get("src") or "") and not element.get_text()
            data = element.get("type") in ("application/ld+json", "application/json")
            assert element.name != "script" or data or ours
        for heading in page.select("article h1"):
            assert heading.get_text() == payload
        for data in page.select("script[type='application/ld+json']"):
            assert json.loads(data.string)["headline"] == payload


def test_every_page_forbids_what_it_does_not_need(settings):
    for page in pages_of(make_archive(make_article(blocks=STORY)), settings).values():
        (policy,) = page.select("meta[http-equiv=Content-Security-Policy]")
        assert "default-src 'none'" in policy.get("content")
        assert "unsafe" not in policy.get("content")


# Templates


def test_the_shipped_templates_are_sound(settings):
    check_templates(settings)


def write_template(settings, name, text):
    (settings.root / "templates").mkdir(exist_ok=True)
    (settings.root / "templates" / name).write_text(text, "utf-8")


def test_an_archive_has_its_own_template_file_by_file(settings):
    write_template(settings, "404.html", "{{ site.title }}：{{ view.years|length }}")
    files = {file.path: file.data for file in render_pages(make_archive(make_article()), settings)}
    assert files["404.html"].decode() == "样例大会报道档案：1"
    assert "<article" in files["2024/11-20-000000000001.html"].decode()


def test_a_template_with_broken_syntax_is_told_by_file_and_line(settings):
    write_template(settings, "about.html", "一\n{% if %}\n")
    with pytest.raises(TemplateError) as caught:
        check_templates(settings)
    assert caught.value.place == "templates/about.html:2"
    assert caught.value.remedy


def test_all_broken_templates_are_told_together(settings):
    write_template(settings, "about.html", "{% if %}")
    write_template(settings, "404.html", "{% extends 'no-such.html' %}")
    with pytest.raises(ManyErrors) as caught:
        check_templates(settings)
    assert {error.place for error in caught.value.errors} == {"templates/about.html:1", "templates/404.html"}


@pytest.mark.parametrize("fault", ["{{ view.no_such }}", "{{ nothing }}", "{{ view.years + 1 }}", "{{ 1 / 0 }}"])
def test_a_template_that_fails_while_rendering_is_told_by_file_and_line(settings, fault):
    write_template(settings, "404.html", f"一\n二\n{fault}\n")
    with pytest.raises(TemplateError) as caught:
        pages_of(make_archive(make_article()), settings)
    assert caught.value.place == "templates/404.html:3"


# Figures and words


@pytest.mark.parametrize(
    ("counts", "lows"),
    [([], []), ([0, 0], []), ([3, 3], [3]), ([1, 2, 2], [1, 2]), (range(1, 11), [1, 3, 5, 7, 9])],
)
def test_heat_steps_follow_the_counts(counts, lows):
    steps = heat_steps(counts)
    assert [step.low for step in steps] == lows
    assert all(step.high is None or step.high >= step.low for step in steps)
    assert all(step_of(count, steps) >= 1 for count in counts if count)
    assert step_of(0, steps) == 0


def test_one_article_among_thousands_can_be_seen():
    assert height_of(1, 10_000) == 2
    assert height_of(10_000, 10_000) == 100
    assert height_of(0, 10_000) == 0


def test_the_slip_has_two_lines():
    assert title_lines("世界互联网大会报道档案") == ("世界互联网大会", "报道档案")
    assert title_lines("Sample Archive") == ("Sample", "Archive")
    assert title_lines("样例档案") == ("样例档案", "")


def test_numbers_in_words():
    assert [hanzi_number(number) for number in (1, 10, 11, 20, 25, 99)] == "一 十 十一 二十 二十五 九十九".split()
    assert hanzi_digits(2024) == "二〇二四"


def test_a_page_holds_no_control_but_the_picture_of_it():
    assert page_bytes("水\0乡\x1b\x7f\n\t\x85\uffff灯").decode("utf-8") == "水␀乡␛␡\n\t\ufffd\ufffd灯"
