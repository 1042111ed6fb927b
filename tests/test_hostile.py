"""Sites of hostile content are inert: read again by three parsers, with their data files and names.

Each protection is taken away in turn by `test_without_a_protection_...`, which must then tell faults; sanitising and
escaping of the story's text guard one another, so that only both together are missed.
"""

import json
import os
import re
from types import SimpleNamespace

import nh3
import pytest

from factory import tree
from figures import record
from hostile_sites import PLACES, SHAPES, make_files, mixed, read_payloads, whole, write_archive
from inertness import faults_of_data, faults_of_names, faults_of_page
from newsarchive import hanzi, markup, records, runs
from newsarchive.pipeline import build, read_knowledge
from newsarchive.render import articles, compiled, html, rows
from newsarchive.settings import load_settings

pytestmark = pytest.mark.skipif(os.name != "posix", reason="names of hostile files cannot be stored elsewhere")

PAYLOADS = read_payloads()
DOCUMENTS = 16
"""Documents of the fast run: each of their places holds another payload."""


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory):
    root = write_archive(tmp_path_factory.mktemp("bare"), {})
    known = read_knowledge(load_settings(root / "site.yaml"))
    return lambda *_, **__: known


@pytest.fixture(scope="module")
def built(knowledge):
    def make(root, files, **options):
        write_archive(root, files)
        build(load_settings(root / "site.yaml", workers=1, **options), knowledge=knowledge)
        return root / "site"

    return make


def mixture():
    """Documents of every shape with another payload in every place; those that no text file holds stand alone."""
    sound = [payload for payload in PAYLOADS if payload.is_text]
    files = {}
    for number in range(DOCUMENTS):
        files |= make_files(number, SHAPES[number % 4], mixed(sound, number, DOCUMENTS))
    for payload in PAYLOADS:
        if not payload.is_text:
            files |= make_files(DOCUMENTS + payload.number, SHAPES[payload.number % 4], whole(payload))
    return files


def faults_of_site(site):
    rows = {}
    for line in (site / "data/articles.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        rows.setdefault(row["permalink"], []).append(row)
    for path in sorted(site.rglob("*.html")):
        name = path.relative_to(site).as_posix()
        shown = rows.get(name, [])
        # Of several captures the page shows one, and the data does not tell which.
        for fault in faults_of_page(path.read_bytes(), shown[0] if len(shown) == 1 else None):
            yield f"{name} {fault}"
    yield from faults_of_data(site)
    yield from faults_of_names(site)


def test_the_table_holds_every_class_and_no_payload_twice():
    assert len(PAYLOADS) > 450
    assert len({payload.kind for payload in PAYLOADS}) >= 12
    assert sum(len(places) for places in PLACES.values()) > 150
    texts = [payload.text.replace(str(payload.number), "") for payload in PAYLOADS]
    assert [text for text in set(texts) if texts.count(text) > 2] == []


def test_a_site_of_hostile_content_is_inert(built, tmp_path):
    files = mixture()
    site = built(tmp_path, files)
    assert list(faults_of_site(site)) == []
    rows = (site / "data/articles.jsonl").read_text("utf-8").splitlines()
    assert len(rows) >= DOCUMENTS
    assert {path.name for path in tmp_path.iterdir()} <= {"site", "content", "site.yaml", ".newsarchive-cache"}
    content = {os.fsencode(path): data for path, data in tree(tmp_path / "content").items()}
    assert content == {os.fsencode(path): data for path, data in files.items()}


@pytest.mark.long
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("part", range(4))
def test_every_payload_in_every_place_of_every_shape_is_inert(built, tmp_path, shape, part):
    files = {}
    for payload in PAYLOADS[part::4]:
        files |= make_files(payload.number, shape, whole(payload))
    assert list(faults_of_site(built(tmp_path, files))) == []
    record("payloads in every place of a shape, by four shapes", 4 * len(PAYLOADS))


@pytest.mark.long
def test_a_site_of_hostile_content_is_inert_by_the_reference_engine(built, tmp_path):
    assert list(faults_of_site(built(tmp_path, mixture(), engine="reference"))) == []


HOSTILE = {
    "a.md": """---
title: '</title></script><script>alert(1)</script>" onclick="alert(1)'
source: 甲报;=1+1
author: =1+1
url: 'javascript:alert(1)//http://example.org/'
date: 2024-11-20
---

样例镇的灯会在河边开始。

[样](javascript:alert(1)) 与 [例](http://example.org/) 与 `<img src=x onerror=alert(1)>`，**<b>&lt;script&gt;</b>**，<a href="http://[x]/">本</a>![图](http://[p]/)。
""",
    "b.md": """---
title: 乙
url: http://[b]/
date: 2024-11-21
lang: "\\x01"
---

**人们提着灯&lt;script&gt;走过**石桥。
""",
    "b.yaml": 'publisher: "样\\u202e报"\nnote: x\n"\\x02": x\n',
}


def passed(text, **_):
    """Give a text as it is."""
    return text


def blind():
    """A sanitiser that lets everything through."""
    return SimpleNamespace(clean=passed)


def near():
    """The sanitiser, but that links keep less distance."""
    return nh3.Cleaner(tags=markup.TAGS, attributes=markup.ATTRIBUTES, link_rel="noopener")


PROTECTIONS = {
    "the templates' escaping": [(compiled, "escape_text", passed)],
    "what JSON in a page escapes": [(articles, "_ESCAPES", {})],
    "the schemes of an article's address": [(articles, "_web", lambda url: url or "")],
    "what keeps its distance from links": [(markup, "_cleaner", near)],
    "the text's escaping and sanitising": [(runs.html, "escape", passed), (markup, "_cleaner", blind)],
    "the schemes of links and sanitising": [(runs, "SCHEMES", {"http", "javascript"}), (markup, "_cleaner", blind)],
    "whether a link's address can be read, and sanitising": [(runs, "is_address", bool), (markup, "_cleaner", blind)],
    "whether a picture's address can be read": [(rows, "is_address", bool)],
    "whether an article's address can be read": [(articles, "is_address", bool)],
    "the direction of text": [(hanzi, "TURNING", re.compile("(?!)"))],
    "the pictures of controls": [(html, "_UNSHOWN", re.compile("(?!)"))],
    "the apostrophe before formulas": [(records, "_FORMULA", ())],
    "the apostrophe before formulas within": [(records, "_PARTED", re.compile("(?!)"))],
}


@pytest.fixture(scope="module")
def guarded(built, tmp_path_factory):
    """The site that protections are taken from, with all of them."""
    root = tmp_path_factory.mktemp("guarded")
    return built(root, {name: text.encode() for name, text in HOSTILE.items()}, search=False)


def test_the_site_that_protections_are_taken_from_is_inert(guarded):
    assert list(faults_of_site(guarded)) == []


@pytest.mark.parametrize("name", PROTECTIONS)
def test_without_a_protection_faults_are_told(built, tmp_path, monkeypatch, name):
    for module, attribute, value in PROTECTIONS[name]:
        monkeypatch.setattr(module, attribute, value)
    site = built(tmp_path, {name: text.encode() for name, text in HOSTILE.items()}, search=False)
    assert list(faults_of_site(site)) != []


@pytest.mark.parametrize(
    ("policy", "weaker"),
    [
        ("default-src 'none'", "default-src *"),
        ("base-uri 'none'; ", ""),
        ("; form-action", " 'unsafe-inline'; form-action"),
        ('http-equiv="Content-Security-Policy"', 'name="policy"'),
        ('<meta charset="utf-8">\n', '<meta charset="utf-8">\n<script src="assets/query.js"></script>\n'),
    ],
)
def test_a_weaker_policy_is_told(guarded, policy, weaker):
    page = (guarded / "index.html").read_text("utf-8")
    assert policy in page
    assert list(faults_of_page(page.encode())) == []
    assert list(faults_of_page(page.replace(policy, weaker, 1).encode())) != []


@pytest.mark.parametrize("payload", [payload for payload in PAYLOADS if payload.kind == "addresses-that-run"][::3])
def test_an_address_that_runs_is_told_wherever_it_stands(guarded, payload):
    """The oracle itself is blind to none of them, or they are no address that runs."""
    page = (guarded / "index.html").read_text("utf-8")
    hostile = page.replace("<main ", f'<a href="{payload.text.replace(chr(34), "&quot;")}">样</a><main ', 1)
    runs_something = not payload.text.lower().lstrip("\x01\x1f\x0e ").startswith(("http", "mailto", "?", "#"))
    assert bool(list(faults_of_page(hostile.encode("utf-8", "surrogateescape")))) or not runs_something
