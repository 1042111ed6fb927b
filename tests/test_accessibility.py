"""Every kind of page in a real browser, over http as from a host: usable by everyone, and quiet about it.

Source: WCAG 2.2, levels A and AA, as far as axe-core can tell; what only people can judge is in docs/accessibility.md.
"""

import json
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from conftest import PROJECT, absent
from kinds import KINDS, pages_of

pytestmark = pytest.mark.browser

AXE = PROJECT / "tests" / "node" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
"""The rules that a theme can break: it changes colours and nothing else."""
RUN = """axe.run(document, {runOnly: %s, resultTypes: ["violations"]}).then((found) =>
  [found.passes.length, found.violations.flatMap((rule) =>
    rule.nodes.map((node) => `${rule.id}: ${node.target} ${node.html.slice(0, 120)} ${node.failureSummary}`))])"""
WIDTHS = (320, 768, 1440)
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
def serve():
    """Serve a folder on this machine; gives its address, ending in `/`."""
    servers = []

    def start(folder):
        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder))))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_address[1]}/"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def host(serve, sample_site):
    """Address of the sample site on this machine."""
    return serve(sample_site)


@pytest.fixture(scope="module")
def addresses(sample_site, host):
    """Address of one page of every kind."""
    return {kind: host + path for kind, path in pages_of(sample_site).items()}


@pytest.fixture
def page(browser):
    """A tab that tells what is asked for and what the browser itself objects to."""
    page = browser.page()
    page.send("Network.enable")
    page.send("Audits.enable")
    return page


@pytest.fixture(scope="module")
def axe():
    """The script of axe-core."""
    if not AXE.is_file():
        absent("axe-core is not installed (npm, tests/node/package.json)")
    return AXE.read_text("utf-8")


def test_every_kind_of_page_is_looked_at(addresses):
    assert sorted(addresses) == sorted(KINDS)
    assert len(set(addresses.values())) >= len(KINDS) - 2  # an article may be a copy with pictures too


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_is_usable_and_quiet_at_every_width(page, addresses, host, axe, kind):
    assert faults_of(page, addresses[kind], host, axe) == []


@pytest.mark.long
@pytest.mark.corpus
def test_every_page_of_real_articles_is_held_to_the_same(page, labelled_site, serve, axe):
    host = serve(labelled_site)
    paths = sorted(path.relative_to(labelled_site).as_posix() for path in labelled_site.rglob("*.html"))
    assert len(paths) > 150
    faults = [f"{path}: {fault}" for path in paths for fault in faults_of(page, host + path, host, axe)]
    assert faults == []


def faults_of(page, address, host, axe):
    """What is wrong with one page: one visit with script, and one without."""
    page.resize(WIDTHS[0])
    open_page(page, address)
    faults = [*complaints(page, host), *strange_requests(page, host)]
    with_script = page.value(TEXT)
    for width in WIDTHS:
        page.resize(width)
        shown = page.value("[innerWidth, document.documentElement.scrollWidth]")
        faults += [] if shown[0] == width >= shown[1] else [f"{shown[1]} wide in a window of {width}"]
    return [*faults, *violations(page, axe), *faults_without_script(page, address, with_script)]


def open_page(page, address):
    """Open a page and wait until nothing more comes."""
    page.open(address)
    end = time.monotonic() + PATIENCE
    while "search.html?q=" in address and page.value("document.documentElement.dataset.search") != "done":
        assert time.monotonic() < end, page.complaints()
        time.sleep(0.02)


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


def strange_requests(page, host):
    """What the page asked others for, pictures aside; and its style where it did not ask for that."""
    sent = [event["params"] for event in page.browser.events if event["method"] == "Network.requestWillBeSent"]
    asked = [(each["request"]["url"], each["type"]) for each in sent]
    if not any(address.endswith("/site.css") for address, _ in asked):
        yield "no style was asked for"
    for address, kind in asked:
        if not address.startswith((host, "data:")) and kind != "Image":
            yield f"asks for {kind} {address}"


def violations(page, axe):
    """What axe-core finds in light and in dark."""
    page.value(axe + ";0")
    for scheme, rules, least in (("light", TAGS, 8), ("dark", COLOURS, 1)):
        page.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        passed, found = page.value(RUN % json.dumps(rules))
        if passed < least:
            yield "axe looked at nothing"
        yield from (f"{scheme} {each}" for each in found)


def faults_without_script(page, address, with_script):
    """What a page lacks where scripts are off; search and its empty form say other things then."""
    if "search.html?q=" in address:
        return
    page.send("Emulation.setScriptExecutionDisabled", value=True)
    page.resize(WIDTHS[0])
    page.open(address)
    shown = page.value(TEXT)
    if shown != with_script and not address.endswith("/search.html"):
        yield f"says {shown} characters without script, {with_script} with it"
    if not page.value("document.querySelector('h1').textContent.trim().length"):
        yield "has no heading without script"
    if page.value("document.querySelectorAll('main a[href], header a[href]').length") <= 5:
        yield "leads nowhere without script"
    page.send("Emulation.setScriptExecutionDisabled", value=False)


@pytest.mark.parametrize("kind", ["home", "year", "article", "search"])
def test_keys_alone_reach_everything_in_order_and_show_where_they_are(page, addresses, kind):
    open_page(page, addresses[kind])
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


def test_a_faulty_page_is_told_of(page, tmp_path, serve, axe):
    body = "<p style='color:silver'>pale<img src='data:,'><b style='padding-left:500px'></b><script>no()</script>"
    (tmp_path / "page.html").write_text(f"<body style='background:white'><main><h1></h1>{body}</main>", "utf-8")
    host = serve(tmp_path)
    faults = "\n".join(faults_of(page, f"{host}page.html", host, axe))
    told = ("color-contrast", "image-alt", "html-has-lang", "no style", "no()", "in a window of 320", "leads nowhere")
    assert [each for each in (*told, "has no heading") if each not in faults] == []
