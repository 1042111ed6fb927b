"""The search page in real browsers, opened from disk and from a host on this machine."""

import gzip
import json
import queue
import random
import re
import shutil
import subprocess
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import pytest

from conftest import PROJECT
from factory import make_folder
from inertness import cells_of
from newsarchive.archive import assemble
from newsarchive.render.html import render_pages
from newsarchive.render.search import render_search
from newsarchive.settings import Settings
from newsarchive.writer import OutputFile, write_site

pytestmark = pytest.mark.browser

CASES = json.loads((PROJECT / "tests" / "search_cases.json").read_text("utf-8"))
PATIENCE = 60
"""Seconds to wait for the page's answer on a busy machine."""


class Handler(SimpleHTTPRequestHandler):
    """Serves a folder compressed, as hosts do, and takes what a page reports of itself."""

    def do_GET(self):
        path = unquote(urlsplit(self.path).path)
        if path == "/report":
            self.server.reports.put(json.loads(unquote(urlsplit(self.path).query)))
            self.send_error(404)
            return
        file = self.translate_path(path)
        if not Path(file).is_file():
            self.send_error(404)
            return
        data = gzip.compress(Path(file).read_bytes(), 1)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(file))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture(scope="module")
def host():
    """Serve a folder on this machine; gives its address and what pages report to it."""
    servers = []

    def serve(folder):
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
        server.reports = queue.Queue()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}/", server.reports

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(params=["disk", "host"])
def root(request, sample_site, host):
    """Address of the sample site's folder, ending in `/`."""
    return sample_site.as_uri() + "/" if request.param == "disk" else host(sample_site)[0]


def wait(page, state="done"):
    """Wait until the page has shown what was asked for."""
    end = time.monotonic() + PATIENCE
    while page.value("document.documentElement.dataset.search") != state:
        assert time.monotonic() < end, page.complaints()
        time.sleep(0.02)


def asked(browser, root, query, **more):
    """Open the search page with a query and wait for its answer."""
    page = browser.page()
    given = "".join(f"&{key}={quote(str(value))}" for key, value in more.items())
    page.open(f"{root}search.html?q={quote(query)}{given}")
    wait(page)
    return page


def status(page):
    return page.value("document.querySelector('.found [role=status]').textContent")


def pages_of(page):
    """Permalinks of the hits shown, in their order."""
    return page.value("[...document.querySelectorAll('.hits h2 a')].map(a => a.getAttribute('href').split('?')[0])")


def marks_of(page, where=".hits"):
    return page.value(f"[...document.querySelectorAll('{where} mark')].map(mark => mark.textContent)")


def count_of(page):
    return int(re.match(r"[\d,]+", status(page)).group().replace(",", ""))


def test_a_reader_asks_on_the_first_page_and_comes_to_a_marked_article(browser, root):
    page = browser.page()
    page.open(root + "index.html")
    page.value("document.querySelector('input[name=q]').value = '互联网之光'")
    browser.events.clear()
    page.value("document.querySelector('form button').click()")
    browser.wait_for("Page.loadEventFired", page.session)
    wait(page)
    assert page.complaints() == []
    assert set(marks_of(page)) == {"互联网之光"}
    first = pages_of(page)[0]
    browser.events.clear()
    page.value("document.querySelector('.hits h2 a').click()")
    browser.wait_for("Page.loadEventFired", page.session)
    assert page.value("location.pathname").endswith(first)
    assert set(marks_of(page, "article")) == {"互联网之光"}
    assert page.value("document.querySelector('.marked a').getAttribute('href')") == "#hit-1"
    assert page.value("document.getElementById('hit-1').tagName") == "MARK"
    assert page.complaints() == []


def test_texts_are_folded_and_cut_as_in_python(browser, root):
    page = asked(browser, root, "网络")
    script = "JSON.stringify({}.map(c => [newsarchive.fold(c), newsarchive.tokens(newsarchive.fold(c))]))"
    found = json.loads(page.value(script.format(json.dumps([case["text"] for case in CASES]))))
    assert found == [[case["folded"], case["tokens"]] for case in CASES]


def test_traditional_full_width_and_other_case_find_the_same(browser, root):
    assert pages_of(asked(browser, root, "烏鎮峰會")) == pages_of(asked(browser, root, "乌镇峰会")) != []
    assert pages_of(asked(browser, root, "５ｇ")) == pages_of(asked(browser, root, "5G")) != []


def test_narrowing_is_kept_in_the_address_and_back_undoes_it(browser, root):
    page = asked(browser, root, "峰会")
    every = count_of(page)
    link = "[...document.querySelectorAll('.facets a')].find(a => a.textContent === '2024年')"
    told = int(page.value(f"{link}.nextElementSibling.textContent"))
    page.value(f"{link}.click()")
    wait(page)
    assert count_of(page) == told < every
    assert "year=2024" in page.value("location.search")
    assert page.value("document.activeElement === document.querySelector('.found [role=status]')")
    page.value("history.back()")
    time.sleep(0.2)
    wait(page)
    assert count_of(page) == every
    assert count_of(asked(browser, root, "峰会", year="2024")) == told


@pytest.mark.parametrize("facet", ["year", "edition", "publisher", "outlet", "platform"])
def test_each_facet_counts_what_it_leaves(browser, sample_site, facet):
    root = sample_site.as_uri() + "/"
    page = asked(browser, root, "乌镇")
    rows = page.value(
        "[...document.querySelectorAll('.facets a')]"
        ".map(a => [a.getAttribute('href'), a.nextElementSibling.textContent])"
    )
    own = [(link, int(count)) for link, count in rows if f"&{facet}=" in link]
    assert own
    link, count = own[0]
    page.open(f"{root}search.html{link}")
    wait(page)
    assert count_of(page) == count


def test_order_by_date_and_twenty_a_page(browser, root):
    page = asked(browser, root, "会", view="date")
    assert len(pages_of(page)) == 20
    shown = page.value("[...document.querySelectorAll('.hits .line span:first-child')].map(span => span.textContent)")
    assert shown == sorted(shown, reverse=True)
    first = pages_of(page)
    page.value("document.querySelector('.pager [rel=next]').click()")
    wait(page)
    assert not set(first) & set(pages_of(page))
    assert page.value("document.querySelector('.hits').start") == 21


@pytest.mark.parametrize("view", ["", "date", "lines"])
def test_a_page_beyond_the_last_is_the_last(browser, root, view):
    page = asked(browser, root, "乌镇", view=view, page=9999)
    place = page.value("document.querySelector('.pager p').textContent")
    number, pages = re.findall(r"\d+", place)
    assert number == pages
    assert page.value("document.querySelectorAll('.hits > li').length") >= 1


def test_the_concordance_sets_every_hit_in_one_column_and_hands_it_over_as_a_table(browser, root, tmp_path):
    page = asked(browser, root, "互联网", view="lines")
    edges = page.value(
        "[...new Set([...document.querySelectorAll('.lines mark')].map(m => m.getBoundingClientRect().x))]"
    )
    assert len(edges) == 1
    assert len(page.value("[...document.querySelectorAll('.lines li')].map(li => li.textContent)")) == 20
    total = count_of(page)
    lines = table_of(browser, page, tmp_path).read_text("utf-8-sig").splitlines()
    assert len(lines) == total + 1
    assert all('"互联网"' in line or '"互聯網"' in line for line in lines[1:])
    assert all(re.search(rf'\.html\?q={quote("互联网")}#hit-\d+"$', line) for line in lines[1:])
    assert page.complaints() == []


def table_of(browser, page, folder):
    """The table that the concordance hands over."""
    browser.send("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder))
    page.value("document.querySelector('.pager button').click()")
    end = time.monotonic() + PATIENCE
    while not (files := list(folder.glob("*.csv"))):
        assert time.monotonic() < end
        time.sleep(0.05)
    return files[0]


def test_a_line_of_the_concordance_leads_to_its_hit(browser, sample_site):
    root = sample_site.as_uri() + "/"
    page = asked(browser, root, "博览会", view="lines")
    link, line = page.value(
        "(li => [li.querySelector('a').getAttribute('href'), li.querySelector('p').textContent])"
        "([...document.querySelectorAll('.lines li')].find(li => li.querySelector('a').hash !== '#hit-1'))"
    )
    page.open(root + link)
    end = time.monotonic() + PATIENCE
    while not page.value("document.getElementById(location.hash.slice(1)) !== null"):
        assert time.monotonic() < end
        time.sleep(0.02)
    around = page.value("document.getElementById(location.hash.slice(1)).parentElement.textContent")
    assert line[:20] in around or line[-20:] in around


def test_the_trend_counts_articles_by_year(browser, root):
    page = asked(browser, root, "峰会")
    bars = page.value("[...document.querySelectorAll('.trend li')].map(li => li.querySelector('b').textContent)")
    facets = page.value(
        "[...document.querySelectorAll('.facets a[href*=\"year=\"]')]"
        ".map(a => [a.textContent, a.nextElementSibling.textContent])"
    )
    assert len(bars) == 12
    assert sum(int(bar or 0) for bar in bars) == sum(int(count) for year, count in facets if year[0].isdigit())


@pytest.mark.parametrize("width", [320, 360, 768, 1440])
@pytest.mark.parametrize("view", ["", "lines"])
def test_nothing_scrolls_sideways(browser, sample_site, width, view):
    page = browser.page()
    page.resize(width)
    page.open(f"{sample_site.as_uri()}/search.html?q={quote('世界互联网大会')}&view={view}")
    wait(page)
    assert page.value("document.documentElement.scrollWidth") <= width
    assert page.complaints() == []


def test_without_script_the_page_says_so_and_leads_to_the_years(browser, sample_site):
    page = browser.page()
    page.send("Emulation.setScriptExecutionDisabled", value=True)
    page.open(f"{sample_site.as_uri()}/search.html?q=a")
    assert page.value("document.querySelector('noscript').innerText.includes('没有开启')")
    assert page.value("[...document.querySelectorAll('.otherwise a')].filter(a => a.offsetHeight).length") >= 12
    assert not page.value("document.querySelector('.results').offsetHeight")


def site_of(root, run_build, **texts):
    """Address of a site of these texts, ending in `/`."""
    root = make_folder(root, {f"{name}.html": note(f"{name}样文", text) for name, text in texts.items()})
    assert run_build("-q", "--config", root / "site.yaml").returncode == 0
    return (root / "site").as_uri() + "/"


def test_what_a_break_of_the_line_parts_is_no_hit_of_the_article(browser, tmp_path, run_build):
    texts = f"<p>{LONG}</p><p>前互联<br>网后，<b>互</b>联网甲。</p><p>互联网乙。{LONG}</p>"
    root = site_of(tmp_path, run_build, a=texts)
    page = asked(browser, root, "互联网", view="lines")
    links = page.value("[...document.querySelectorAll('.lines a')].map(a => a.getAttribute('href'))")
    page.open(root + links[1])
    end = time.monotonic() + PATIENCE
    while not page.value("document.querySelectorAll('article mark').length"):
        assert time.monotonic() < end
        time.sleep(0.02)
    assert len(links) == 2
    assert marks_of(page, "article") == ["互", "联网", "互联网"]
    assert page.value("document.getElementById('hit-2').nextSibling.data").startswith("乙")


def test_no_cell_of_the_concordance_runs_as_a_formula(browser, tmp_path, run_build):
    """Seen to fail without the apostrophes, of which each cell needs another one."""
    root = site_of(tmp_path, run_build, a="<p>=1+1;-2；桥头灯会+3；样例</p>")
    page = asked(browser, root, "灯会", view="lines")
    table = table_of(browser, page, tmp_path)
    assert "灯会" in table.read_text("utf-8")
    assert list(cells_of(table)) == []


def test_no_character_is_cut_in_two(browser, tmp_path, run_build):
    rare = "𠀀" * 99
    root = site_of(tmp_path, run_build, a=f"<p>{rare}末字{rare}</p>", b=f"<p>{rare}甲末字{rare}</p>")
    for view in ("", "lines"):
        page = asked(browser, root, "末字", view=view)
        assert len(marks_of(page)) == 2
        assert page.value("document.querySelector('.hits').textContent.isWellFormed()")


def test_a_query_is_shown_as_text(browser, sample_site):
    page = asked(browser, sample_site.as_uri() + "/", "<img src=x onerror=alert(1)>没有")
    assert page.value("document.querySelectorAll('main img').length") == 0
    assert "<img" in status(page)
    assert page.complaints() == []


def note(title, text, date="2024-11-20", **more):
    head = "".join(f"{key}: {value}\n" for key, value in {"title": title, "date": date, **more}.items() if value)
    return f"---\n{head}---\n\n{text}\n"


LONG = "这一段只是样文，为的是让文件有足够的篇幅，供检索页摘取前后文字。"
NOTES = {
    "near.md": note("连写的样文", f"{LONG}智能向善是样例里的一个词。{LONG}"),
    "apart.md": note("散见的样文", f"{LONG}人工智能在此，能向导问路，也说向善。{LONG}"),
    "latin.md": note("English sample", "The constructor of __proto__ is ChatGPT's, and OpenAI named it.", "2023-01-02"),
    "rare.md": note("生僻的样文", f"{LONG}𠀀𠀁两个字在基本平面之外，龘也在。{LONG}", ""),
    "many.md": note("=样文", f"{LONG}智能向善，智能向善，第5届与5G 网络。{LONG}", source="乌镇样报"),
}


@pytest.fixture(scope="module")
def notes(tmp_path_factory, run_build):
    """Folder of a site with five articles, one without a date, one in English."""
    root = make_folder(tmp_path_factory.mktemp("notes"), NOTES)
    process = run_build("-q", "--config", root / "site.yaml")
    assert process.returncode == 0, process.stderr
    return root / "site"


@pytest.fixture
def titles_for(browser, notes):
    """Titles of what a query finds in the five articles."""

    def find(query):
        page = asked(browser, notes.as_uri() + "/", query)
        return sorted(page.value("[...document.querySelectorAll('.hits h2')].map(h => h.textContent)"))

    return find


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("constructor", ["English sample"]),
        ("__proto__", ["English sample"]),
        ("toString", []),
        ("hasOwnProperty", []),
        ("const", ["English sample"]),
        ('"const"', []),
        ("Chat", ["English sample"]),
        ("𠀀𠀁", ["生僻的样文"]),
        ("𠀁", ["生僻的样文"]),
        ("龘", ["生僻的样文"]),
        ("善", ["=样文", "散见的样文", "连写的样文"]),
        ("智能向善", ["=样文", "散见的样文", "连写的样文"]),
        ("“智能向善”", ["=样文", "连写的样文"]),
        ("「智能向善」", ["=样文", "连写的样文"]),
        ("智能 问路", ["散见的样文"]),
        ("智能 -问路", ["=样文", "连写的样文"]),
        ("智能 -智能向善", ["散见的样文"]),
        ("5G网络", ["=样文"]),
        ("第5届", ["=样文"]),
        ("样文 −连写", ["=样文", "散见的样文", "生僻的样文"]),
        ("球峰", []),
        ("，。", []),
    ],
)
def test_a_query_finds_exactly_these(titles_for, query, titles):
    assert titles_for(query) == titles


@pytest.mark.parametrize(("query", "told"), [("，。", "没有可检索的字"), ("-智能", "只写了要排除的词")])
def test_a_query_that_asks_for_nothing_is_told_why(browser, notes, query, told):
    assert told in status(asked(browser, notes.as_uri() + "/", query))


def test_scattered_matches_are_told_and_stand_last(browser, notes):
    page = asked(browser, notes.as_uri() + "/", "智能向善")
    assert page.value("[...document.querySelectorAll('.hits .evidence')].map(e => e.textContent)") == ["词散见，非连写"]
    assert page.value("document.querySelector('.hits li:last-child h2').textContent") == "散见的样文"
    assert status(page) == "3篇，共3处"


def without(notes, name, folder):
    """A copy of the site that lacks one file of the index, and the path of that file."""
    site = shutil.copytree(notes, folder / "site")
    lost = next(site.glob(f"search/*/{name}"))
    lost.unlink()
    return site, lost.relative_to(site).as_posix()


def test_a_file_of_the_index_that_is_missing_is_named(browser, notes, tmp_path):
    site, lost = without(notes, "i0.js", tmp_path)
    page = asked(browser, site.as_uri() + "/", "智能")
    warning = page.value("document.querySelector('[role=alert]').textContent")
    assert lost in warning
    assert "2024年" in warning
    assert page.value("document.querySelector('.otherwise').offsetHeight") > 0


def test_a_text_that_is_missing_is_named_in_its_place(browser, notes, tmp_path):
    site, lost = without(notes, "t0.js", tmp_path)
    page = asked(browser, site.as_uri() + "/", "智能")
    assert lost in page.value("document.querySelector('.hits').textContent")


def test_a_text_that_is_missing_is_named_above_the_concordance(browser, notes, tmp_path):
    site, lost = without(notes, "t0.js", tmp_path)
    page = asked(browser, site.as_uri() + "/", "智能", view="lines")
    warning = page.value("document.querySelector('[role=alert]').innerText")
    assert lost in warning
    assert warning.startswith("3篇")


def test_facets_that_are_missing_take_nothing_from_the_results(browser, notes, tmp_path):
    site, lost = without(notes, "facets.js", tmp_path)
    page = asked(browser, site.as_uri() + "/", "智能")
    assert len(pages_of(page)) == 3
    warning = page.value("document.querySelector('[role=alert]').innerText")
    assert lost in warning
    assert "收窄" in warning
    page = asked(browser, site.as_uri() + "/", "智能", year="2024")
    assert pages_of(page) == []
    assert "结果不含" in page.value("document.querySelector('[role=alert]').innerText")


@pytest.mark.parametrize(("query", "count"), [("智能向善", 3), ("“智能向善”", 2), ("智能 -智能向善", 1)])
def test_the_trend_leaves_out_what_reading_ruled_out(browser, notes, query, count):
    page = asked(browser, notes.as_uri() + "/", query)
    bars = page.value("[...document.querySelectorAll('.trend b')].map(bar => Number(bar.textContent))")
    assert count_of(page) == sum(bars) == count


def test_an_archive_of_one_article(browser, tmp_path, run_build):
    root = make_folder(tmp_path, {"a.md": NOTES["near.md"]})
    assert run_build("-q", "--config", root / "site.yaml").returncode == 0
    page = asked(browser, (root / "site").as_uri() + "/", "智能向善")
    assert len(pages_of(page)) == 1
    assert page.complaints() == []


def test_an_archive_of_no_article(browser, tmp_path):
    settings = Settings(tmp_path, "样例档案", (), tmp_path / "site")
    archive = assemble((), 0, (), (), None)
    files = [*render_pages(archive, settings), *render_search(archive, settings)]
    write_site([OutputFile(file.path, file.data, file.origin) for file in files], settings.output)
    page = asked(browser, settings.output.as_uri() + "/", "智能向善")
    assert pages_of(page) == []
    assert page.complaints() == []


RUN = re.compile("[\u4e00-\u9fff]{2,}")


def draws_of(site, number):
    """Random runs of 2 to 12 Han characters, each from a random article, with the article's page."""
    rows = [json.loads(line) for line in (site / "data" / "articles.jsonl").read_text("utf-8").splitlines()]
    ids = [row["id"] for row in rows]
    rows = [row for row in rows if ids.count(row["id"]) == 1 and RUN.search(row["text"])]
    chance = random.Random(5)  # noqa: S311  the same draws every time
    draws = []
    while len(draws) < number:
        row = chance.choice(rows)
        run = chance.choice(RUN.findall(row["text"]))
        length = chance.randint(2, min(12, len(run)))
        start = chance.randint(0, len(run) - length)
        draws.append([run[start : start + length], row["permalink"]])
    return draws


def place_draws(site, folder, draws, report):
    """Copy what search needs, put the script that draws beside it, and a page whose form leads there by itself."""
    shutil.copytree(site / "search", folder / "search")
    shutil.copytree(site / "assets", folder / "assets")
    shutil.copy2(PROJECT / "tests" / "draws.js", folder / "assets" / "draws.js")
    values = f"window.draws = {json.dumps(draws)}; window.report = {json.dumps(report)};"
    (folder / "assets" / "values.js").write_text(values, "utf-8")
    go = "document.querySelector('[name=q]').value = '乌镇'; document.querySelector('form button').click();"
    (folder / "assets" / "go.js").write_text(go, "utf-8")
    text = (site / "search.html").read_text("utf-8")
    scripts = '<script src="assets/values.js" defer></script><script src="assets/draws.js" defer></script></head>'
    (folder / "search.html").write_text(text.replace("</head>", scripts), "utf-8")
    (folder / "2024").mkdir()
    text = (site / draws[0][1]).read_text("utf-8")
    start = text.replace("</head>", '<script src="../assets/go.js" defer></script></head>')
    (folder / "2024" / "start.html").write_text(start, "utf-8")


def outcome_of(page, number):
    end = time.monotonic() + PATIENCE + number
    while not (outcome := page.value("document.documentElement.dataset.draws")):
        assert time.monotonic() < end
        time.sleep(0.1)
    return json.loads(outcome)


def check_draws(browser, host, site, folder, number):
    draws = draws_of(site, number)
    place_draws(site, folder, draws, "")
    for root in (folder.as_uri() + "/", host(folder)[0]):
        page = browser.page()
        page.open(root + "2024/start.html")
        assert outcome_of(page, number) == {"drawn": number, "missed": []}


@pytest.mark.corpus
def test_random_runs_of_characters_find_their_article(browser, host, labelled_site, tmp_path):
    check_draws(browser, host, labelled_site, tmp_path, 60)


@pytest.mark.corpus
@pytest.mark.long
def test_a_thousand_random_runs_find_their_article(browser, host, labelled_site, tmp_path):
    check_draws(browser, host, labelled_site, tmp_path, 1000)


def find_firefox():
    return next(filter(None, map(shutil.which, ("firefox", "firefox-esr"))), None)


@pytest.mark.corpus
@pytest.mark.parametrize("number", [60, pytest.param(1000, marks=pytest.mark.long)])
@pytest.mark.parametrize("place", ["disk", "host"])
def test_random_runs_find_their_article_in_firefox(host, labelled_site, tmp_path, place, number):
    program = find_firefox()
    if not program:
        pytest.skip("no Firefox on this machine")
    folder = tmp_path / "site"
    folder.mkdir()
    address, reports = host(folder)
    place_draws(labelled_site, folder, draws_of(labelled_site, number), f"{address}report?")
    root = address if place == "host" else folder.as_uri() + "/"
    arguments = [program, "--headless", "--no-remote", "--profile", tmp_path / "profile", root + "2024/start.html"]
    (tmp_path / "profile").mkdir()
    with subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            assert reports.get(timeout=2 * PATIENCE + number) == {"drawn": number, "missed": []}
        finally:
            process.terminate()
