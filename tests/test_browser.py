"""The sample site in a real browser, opened from disk as its readers do."""

import json

import pytest

from kinds import pages_of

pytestmark = pytest.mark.browser

FROM_DISK = ("home", "year", "edition", "statistics", "compare", "article", "pictures", "copy", "about", "search")
"""One kind for each thing that a page may load; test_accessibility.py visits all of them over http."""


@pytest.fixture(scope="module")
def addresses(sample_site):
    """One page of each kind, by its kind."""
    return {kind: f"{sample_site.as_uri()}/{path}" for kind, path in pages_of(sample_site).items()}


@pytest.mark.parametrize("kind", FROM_DISK)
def test_the_console_stays_silent_from_disk(browser, addresses, kind):
    page = browser.page()
    page.open(addresses[kind])
    assert page.complaints() == []
    assert page.value("document.styleSheets.length") >= 1
    assert page.value("document.querySelectorAll('h1').length") == 1


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
