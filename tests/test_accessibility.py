"""Every kind of page in a real browser, over http as from a host: usable by everyone, and quiet about it.

Source: WCAG 2.2, levels A and AA, as far as axe-core can tell; what only people can judge is in docs/accessibility.md.
"""

import json
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from browser import Browser, find_browser
from conftest import PROJECT, absent
from kinds import FIXED, pages_of

pytestmark = pytest.mark.browser

AXE = PROJECT / "tests" / "node" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RUN = """axe.run(document, {runOnly: %s, resultTypes: ["violations"]}).then((found) =>
  [found.passes.length, found.violations.flatMap((rule) =>
    rule.nodes.map((node) => `${rule.id}: ${node.target} ${node.html.slice(0, 120)} ${node.failureSummary}`))])"""
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
"""The rules that a theme can break: it changes colours and nothing else."""
KINDS = (
    *FIXED,
    *("year", "publisher in a year", "publisher", "outlet", "edition", "compare"),
    *("article", "pictures", "copy", "story of a page", "stub", "undated article"),
)
TEXT = "document.querySelector('main').innerText.length"
REACHABLE = """[...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
  .filter(e => e.tabIndex >= 0 && !e.disabled && e.type !== 'hidden' && e.checkVisibility())"""
FOCUSED = """(() => { const e = document.activeElement, s = getComputedStyle(e), box = e.getBoundingClientRect();
  return [window.reachable.indexOf(e), e.outerHTML.slice(0, 100),
    e.matches(':focus-visible') &&
      (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0 || s.boxShadow !== 'none'),
    box.width > 0 && box.height > 0 &&
    box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth];
})()"""
PRESSES = 120
"""Most presses of a key on one page; the order of the rest of a long listing is that of its beginning."""
PATIENCE = 40
"""Seconds to wait for the answer of the search page."""


class Handler(SimpleHTTPRequestHandler):
    """Serves a folder without a word."""

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture(scope="module")
def host(sample_site):
    """Address of the sample site on this machine, ending in `/`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(sample_site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """One tab for all pages in turn, since starting a browser takes longest."""
    program = find_browser()
    if not program:
        absent("no Chromium on this machine")
    browser = Browser(program, str(tmp_path_factory.mktemp("profile")))
    page = browser.page()
    page.send("Network.enable")
    page.send("Audits.enable")
    yield page
    browser.close()


@pytest.fixture(scope="module")
def axe():
    """The script of axe-core."""
    if not AXE.is_file():
        absent("axe-core is not installed (npm, tests/node/package.json)")
    return AXE.read_text("utf-8")


@pytest.fixture(scope="module")
def addresses(sample_site, host):
    """Address of one page of every kind."""
    return {kind: host + path for kind, path in pages_of(sample_site).items()}


@pytest.fixture
def open_kind(page, addresses):
    """Open one kind of page and wait until nothing more comes."""

    def open_one(kind):
        page.open(addresses[kind])
        end = time.monotonic() + PATIENCE
        while kind == "search" and page.value("document.documentElement.dataset.search") != "done":
            assert time.monotonic() < end, page.complaints()
            time.sleep(0.02)
        return page

    yield open_one
    page.send("Emulation.setScriptExecutionDisabled", value=False)
    page.send("Emulation.clearDeviceMetricsOverride")
    theme(page, "light")


def theme(page, scheme):
    page.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])


def complaints(page, host):
    """What the console and the security policy said, the missing pictures of other hosts and a page's own 404 aside."""
    for event in page.browser.events:
        given = event.get("params", {})
        entry = given.get("entry", {})
        address = entry.get("url", "")
        elsewhere = entry.get("source") == "network" and not address.startswith(host)
        if entry.get("level") in {"error", "warning"} and not elsewhere and address != host + "404.html":
            yield f"{entry['text']} {address}"
        if event["method"] == "Audits.issueAdded" and "ContentSecurityPolicy" in given["issue"]["code"]:
            yield str(given["issue"])
        if event["method"] == "Runtime.exceptionThrown" or given.get("type") in {"error", "warning", "assert"}:
            yield str(given)


def requests(page):
    """Address and kind of everything that the page asked for."""
    for event in page.browser.events:
        if event["method"] == "Network.requestWillBeSent":
            yield event["params"]["request"]["url"], event["params"]["type"]


def test_every_kind_of_page_is_looked_at(addresses):
    assert sorted(addresses) == sorted(KINDS)
    assert len(set(addresses.values())) >= len(KINDS) - 2  # an article may be a copy with pictures too


@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_no_violation_in_light_and_dark(open_kind, axe, kind):
    page = open_kind(kind)
    page.value(axe + ";0")
    for scheme, rules, least in (("light", {"type": "tag", "values": TAGS}, 8), ("dark", COLOURS, 1)):
        theme(page, scheme)
        passed, violations = page.value(RUN % json.dumps(rules))
        assert passed >= least, "axe looked at nothing"
        assert violations == [], scheme


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_is_quiet_narrow_and_asks_others_for_pictures_alone(open_kind, host, page, kind):
    page.resize(320)
    open_kind(kind)
    assert list(complaints(page, host)) == []
    asked = list(requests(page))
    assert any(address.endswith("/site.css") for address, _ in asked)
    assert [one for one in asked if not one[0].startswith((host, "data:")) and one[1] != "Image"] == []
    assert page.value("innerWidth") == 320
    assert page.value("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "search"])
def test_without_script_a_page_says_all_that_it_says_with_it(open_kind, page, kind):
    open_kind(kind)
    with_script = page.value(TEXT)
    page.send("Emulation.setScriptExecutionDisabled", value=True)
    open_kind(kind)
    assert page.value(TEXT) == with_script or kind == "empty search"
    assert page.value("document.querySelector('h1').textContent.trim().length") > 0
    assert page.value("document.querySelectorAll('main a[href], header a[href]').length") > 5


@pytest.mark.parametrize("kind", ["home", "year", "article", "search"])
def test_keys_alone_reach_everything_in_order_and_show_where_they_are(open_kind, page, kind):
    open_kind(kind)
    number = page.value(f"(window.reachable = {REACHABLE}).length")
    assert number > 10
    reached = []
    for _ in range(min(number, PRESSES)):
        for step in ("rawKeyDown", "keyUp"):
            page.send("Input.dispatchKeyEvent", type=step, key="Tab", code="Tab", windowsVirtualKeyCode=9)
        place, element, is_marked, is_in_sight = page.value(FOCUSED)
        assert is_marked, f"focus does not show on {element}"
        assert is_in_sight, f"focus is out of sight on {element}"
        reached.append(place)
    assert reached == list(range(len(reached)))


def test_axe_tells_of_a_violation(page, axe):
    page.open("data:text/html,<body style='background:white'><p style='color:silver'>pale<img src='data:,'>")
    page.value(axe + ";0")
    _, violations = page.value(RUN % json.dumps({"type": "tag", "values": TAGS}))
    assert {violation.partition(":")[0] for violation in violations} >= {"color-contrast", "image-alt", "html-has-lang"}
