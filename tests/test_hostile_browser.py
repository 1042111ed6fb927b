"""Hostile pages in Chromium, from disk and from a host: nothing of the content runs, moves the page or asks anyone.

The canary is seen to sing: with the escaping taken away the policy keeps scripts from running and says so, and with the
policy taken away too they run.
"""

import os
import re
import threading
from contextlib import suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest

from browser import Browser, find_browser
from conftest import absent
from figures import record
from hostile_sites import SHAPES, make_files, mixed, read_payloads, whole, write_archive
from newsarchive import markup, runs
from newsarchive.pipeline import build, read_knowledge
from newsarchive.render import articles, compiled
from newsarchive.settings import load_settings

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(os.name != "posix", reason="names of hostile files cannot be stored elsewhere"),
]

CANARY = """
window.__sung = [];
for (const name of ["alert", "confirm", "prompt", "msgbox", "open"]) {
  window[name] = (...told) => window.__sung.push([name, ...told].join());
}
document.addEventListener("securitypolicyviolation", (event) => window.__sung.push("policy " + event.blockedURI));
"""
"""Put into every document and frame before anything else of it."""
OURS = re.compile(r"/(?:assets/(?:site\.css|icon\.svg|(?:query|mark|search)\.js)|search/[^/?]+/[^/?]+\.js)$")
POKE = """(() => {
  const kinds = ["mouseover", "focus", "error", "load", "toggle", "pointerenter", "animationstart"];
  for (const element of document.querySelectorAll("*")) {
    for (const kind of kinds) element.dispatchEvent(new Event(kind, { bubbles: true, cancelable: true }));
  }
  for (const link of document.links) {
    const leads = [location.protocol, "http:", "https:", "mailto:"].includes(link.protocol);
    if (!leads) window.__sung.push("link " + link.href);
  }
  return [window.__sung, location.href, frames.length];
})()"""
"""Stir every element, then tell what sang, where the page is, and how many frames it has."""


class Handler(SimpleHTTPRequestHandler):
    """Serves a folder, and remembers what it was asked for but pictures, which may come from anywhere."""

    def do_GET(self):
        if self.headers.get("Sec-Fetch-Dest") != "image":
            self.server.asked.append(self.path)
        super().do_GET()

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(tmp_path_factory.mktemp("hosted"))))
    server.asked = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    program = find_browser()
    if not program:
        absent("no Chromium on this machine")
    browser = Browser(program, str(tmp_path_factory.mktemp("profile")))
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def built(tmp_path_factory, host):
    """Build hostile documents below the served folder; gives the address of the folder on disk and on the host."""
    folder = tmp_path_factory.getbasetemp()
    known = read_knowledge(load_settings(write_archive(folder / "bare", {}) / "site.yaml"))
    served = Path(host.RequestHandlerClass.keywords["directory"])

    def make(files, name):
        root = write_archive(folder / name, files)
        output = served / name
        build(load_settings(root / "site.yaml", workers=1, output=output), knowledge=lambda *_, **__: known)
        return output

    return make


def pages_of(site):
    """Pages that content fills most: those of articles first."""
    return sorted(site.rglob("*.html"), key=lambda path: (not re.search(r"[0-9a-f]{12}", path.name), path))


def songs(browser, addresses):
    """Open pages one after the other and tell everything that they did and should not have done.

    What a page does late, in the time of the next one, is told under the name of that.
    """
    page = browser.page()
    page.send("Network.enable")
    page.send("Page.addScriptToEvaluateOnNewDocument", source=CANARY)
    found = []
    for address in (*addresses, "about:blank"):
        page.open(address)
        sung, here, frames = page.value(POKE)
        found += [f"{address}: {each}" for each in sung]
        if here.split("#")[0] != address or frames:
            found.append(f"{address}: is at {here} with {frames} frames")
        found += [f"{address}: {each}" for each in (*page.complaints(), *misdeeds(browser.events, address))]
    return found


def misdeeds(events, address):
    """What was asked for or opened beside what the page at this address may."""
    for event in events:
        if event["method"] == "Network.requestWillBeSent" and not is_ours(event["params"], address):
            yield f"asked for {event['params']['request']['url']}"
        if event["method"] == "Page.javascriptDialogOpening":
            yield "opened a dialogue"


def is_ours(asked, address):
    """Whether a page may ask for this: itself, its style, icon and scripts, and pictures, which come from anywhere."""
    url = asked["request"]["url"]
    return asked["type"] == "Image" or (url == address if asked["type"] == "Document" else bool(OURS.search(url)))


def addresses_of(site, host, every=1, hosted=None):
    """Every `every`th page from disk, and every `hosted`th, else those next to them, from the host."""
    folder = host.RequestHandlerClass.keywords["directory"]
    base = f"http://127.0.0.1:{host.server_address[1]}/"
    pages = [path for path in pages_of(site) if path.name != "404.html"]  # its links are those of a host
    yield from (path.as_uri() for path in pages[::every])
    yield from (base + path.relative_to(folder).as_posix() for path in pages[every // 2 :: hosted or every])


def payloads_for(host):
    return read_payloads(f"127.0.0.1:{host.server_address[1]}/c4n4ry")


def test_nothing_of_hostile_content_runs(browser, host, built):
    sound = [payload for payload in payloads_for(host) if payload.is_text]
    files = {}
    for number in range(12):
        files |= make_files(number, SHAPES[number % 4], mixed(sound, number, 12))
    site = built(files, "hostile")
    assert songs(browser, addresses_of(site, host, 3)) == []
    assert [path for path in host.asked if path.startswith("/c4n4ry")] == []


@pytest.mark.long
@pytest.mark.parametrize("shape", SHAPES)
def test_nothing_of_any_payload_runs_in_any_place(browser, host, built, shape):
    """All pages from disk, which read the same from a host: every sixth of them is opened there too."""
    site = built(every_payload(host, shape), f"whole-{shape}")
    addresses = [*addresses_of(site, host, 1, 6)]
    assert songs(browser, addresses) == []
    assert [path for path in host.asked if path.startswith("/c4n4ry")] == []
    record(f"pages opened in Chromium, every payload in every place: {shape}", len(addresses))


def every_payload(host, shape, step=1):
    """One document for every `step`th payload, which fills all its places."""
    files = {}
    for payload in payloads_for(host)[::step]:
        files |= make_files(payload.number, shape, whole(payload))
    return files


@pytest.mark.long
def test_payloads_run_where_nothing_guards(browser, host, built, monkeypatch):
    """The table is no mere list: without escaping, sanitising and policy this many of 70 run in articles."""
    unguarded(monkeypatch)
    site = unruled(built(every_payload(host, "fragment", 7), "some-unruled"))
    ran = set()
    for address in articles_of(addresses_of(site, host, 1, 10**9)):
        with suppress(AssertionError):  # the browser has nothing to tell of a page that was moved away
            ran |= {int(number) for each in songs(browser, [address]) for number in re.findall(r"alert,(\d+)", each)}
        browser.close_pages()
    assert len(ran) > 10
    record("payloads that run where nothing guards, of 70", len(ran))


SINGING = {
    "a.md": "---\ntitle: 甲\nurl: http://example.org/a\ndate: 2024-11-20\n---\n\n样例镇的灯会在河边开始。\n\n"
    "&lt;img src=x: onerror=alert(1)&gt; 与 &lt;script&gt;alert(2)&lt;/script&gt;。\n"
}


def unguarded(monkeypatch):
    monkeypatch.setattr(compiled, "escape_text", str)
    monkeypatch.setattr(articles, "_ESCAPES", {})
    monkeypatch.setattr(runs.html, "escape", lambda text, **_: text)
    monkeypatch.setattr(markup, "_cleaner", lambda: SimpleNamespace(clean=str))


def unruled(site):
    """The same site without the policy on its pages."""
    for path in pages_of(site):
        path.write_text(re.sub("<meta http-equiv[^>]*>", "", path.read_text("utf-8"), count=1), "utf-8")
    return site


def articles_of(addresses):
    return [address for address in addresses if re.search(r"[0-9a-f]{12}\.html$", address)]


def test_without_escaping_the_policy_still_keeps_scripts_from_running(browser, host, built, monkeypatch):
    unguarded(monkeypatch)
    site = built({name: text.encode() for name, text in SINGING.items()}, "unguarded")
    found = songs(browser, articles_of(addresses_of(site, host)))
    assert [each for each in found if "alert," in each] == []
    assert [each for each in found if ": policy " in each]


def test_without_escaping_and_policy_the_canary_sings(browser, host, built, monkeypatch):
    unguarded(monkeypatch)
    site = unruled(built({name: text.encode() for name, text in SINGING.items()}, "unruled"))
    found = songs(browser, articles_of(addresses_of(site, host)))
    assert any("alert,1" in each for each in found)
    assert any("alert,2" in each for each in found)
