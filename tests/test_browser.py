"""The sample site in a real browser, opened from disk as its readers do."""

import json

import pytest

from browser import Browser, find_browser
from conftest import absent

pytestmark = pytest.mark.browser

NARROW = (320, 360, 768, 1440)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    program = find_browser()
    if not program:
        absent("no Chromium on this machine")
    browser = Browser(program, str(tmp_path_factory.mktemp("profile")))
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def addresses(sample_site):
    """One page of each kind, by its kind."""
    rows = [json.loads(line) for line in (sample_site / "data" / "articles.jsonl").read_text("utf-8").splitlines()]
    dated = [row for row in rows if row["published"]]
    longest = max(dated, key=lambda row: row["characters"])
    illustrated = next(row for row in dated if any(image["file"] for image in row["images"]))
    names = {
        "home": "index.html",
        "year": longest["published"][:4] + "/index.html",
        "article": longest["permalink"],
        "pictures": illustrated["permalink"],
        "publishers": "publishers/index.html",
        "about": "about.html",
        "publisher": longest_listing(sample_site, "publishers"),
        "outlet": longest_listing(sample_site, "outlets"),
        "editions": "editions/index.html",
        "edition": longest_listing(sample_site, "editions"),
        "timeline": "timeline.html",
        "statistics": "statistics.html",
        "comparison": longest_listing(sample_site, "compare"),
        "copies": next(row["permalink"] for row in dated if row["copies"]),
    }
    return {kind: (sample_site / name).as_uri() for kind, name in names.items()}


KINDS = (
    *("home", "year", "article", "pictures", "publishers", "about", "publisher", "outlet"),
    *("editions", "edition", "timeline", "statistics", "comparison", "copies"),
)


def longest_listing(site, folder):
    """Page of a folder with most to show."""
    pages = (path for path in (site / folder).glob("*.html") if path.name != "index.html")
    return max(pages, key=lambda path: (path.stat().st_size, path.name)).relative_to(site).as_posix()


@pytest.mark.parametrize("kind", KINDS)
def test_the_console_stays_silent_from_disk(browser, addresses, kind):
    page = browser.page()
    page.open(addresses[kind])
    assert page.complaints() == []
    assert page.value("document.styleSheets.length") >= 1
    assert page.value("document.querySelectorAll('h1').length") == 1


@pytest.mark.parametrize("width", NARROW)
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_scrolls_sideways(browser, addresses, kind, width):
    page = browser.page()
    page.resize(width)
    page.open(addresses[kind])
    assert page.value("innerWidth") == width
    assert page.value("document.documentElement.scrollWidth") <= width


def test_everything_is_read_and_reached_without_script(browser, addresses):
    page = browser.page()
    page.send("Emulation.setScriptExecutionDisabled", value=True)
    page.open(addresses["home"])
    assert page.value("document.querySelectorAll('main a[href]').length") > 10
    page.open(addresses["article"])
    shown = page.value("document.querySelector('article').innerText.length")
    page.send("Emulation.setScriptExecutionDisabled", value=False)
    page.open(addresses["article"])
    assert 0 < page.value("document.querySelector('article').innerText.length") <= shown * 1.1


def test_a_reader_clicks_from_the_first_page_to_an_article(browser, addresses, sample_site):
    page = browser.page()
    page.open(addresses["home"])
    titles = {
        row["permalink"]: row["title"]
        for row in map(json.loads, (sample_site / "data" / "articles.jsonl").read_text("utf-8").splitlines())
    }
    links = page.value("[...document.querySelectorAll('main a[href]')].map(a => a.href)")
    root = sample_site.as_uri() + "/"
    permalink = next(link.removeprefix(root) for link in links if link.removeprefix(root) in titles)
    browser.events.clear()
    page.value(f"document.querySelector('main a[href={json.dumps(permalink)}]').click()")
    browser.wait_for("Page.loadEventFired", page.session)
    assert page.value("document.querySelector('h1').textContent.trim()") == titles[permalink]


def test_light_and_dark_differ(browser, addresses):
    page = browser.page()
    grounds = set()
    for scheme in ("light", "dark"):
        page.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        page.open(addresses["article"])
        grounds.add(
            page.value("getComputedStyle(document.body).backgroundColor + getComputedStyle(document.body).color")
        )
    assert len(grounds) == 2


def test_local_pictures_are_shown(browser, addresses):
    page = browser.page()
    page.open(addresses["pictures"])
    sizes = page.value(
        "Promise.all([...document.querySelectorAll('article img')].filter(i => i.src.startsWith('file:'))"
        ".map(i => { i.loading = 'eager'; return i.decode().then(() => i.naturalWidth, () => 0); }))"
    )
    assert sizes
    assert all(sizes)


def test_print_hides_the_navigation(browser, addresses):
    page = browser.page()
    page.send("Emulation.setEmulatedMedia", media="print")
    page.open(addresses["article"])
    shown = page.value(
        "[...document.querySelectorAll('body > nav, body > header nav')].filter(n => n.offsetHeight).length"
    )
    assert shown == 0
