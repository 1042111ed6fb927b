"""Every link of the sample site leads somewhere, and every page can be reached from the first one."""

import hashlib
import json
import posixpath
from urllib.parse import unquote, urlsplit

import pytest
from lxml import html

ATTRIBUTES = {"href", "src", "action", "poster", "data"}


@pytest.fixture(scope="module")
def files(sample_site):
    """Paths of all files as the folder spells them, so that a wrong case is found on any file system."""
    return {path.relative_to(sample_site).as_posix() for path in sample_site.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def pages(sample_site, files):
    return {name: html.fromstring((sample_site / name).read_bytes()) for name in files if name.endswith(".html")}


def links_of(page):
    """Addresses that the page refers to, with the elements that do."""
    for element in page.iter():
        for name in ATTRIBUTES & set(element.attrib):
            yield element, element.get(name)
        for candidate in element.get("srcset", "").split(","):
            if candidate.strip():
                yield element, candidate.split()[0]


def inner_target(page_name, address):
    """Path and fragment within the site; None for an address outside it."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return None
    path = unquote(parts.path)
    folder = posixpath.dirname(page_name)
    return posixpath.normpath(posixpath.join(folder, path)) if path else page_name, unquote(parts.fragment)


def test_the_sample_site_has_pages(pages):
    assert {"index.html", "about.html", "404.html"} <= set(pages)
    assert len(pages) > 60


def test_every_link_names_a_file(pages, files):
    broken = []
    for name, page in pages.items():
        for _, address in links_of(page):
            if name == "404.html" and address.startswith("/"):
                target = address.partition("#")[0].removeprefix("/") or "index.html"
            else:
                target = (inner_target(name, address) or (None,))[0]
            if target is not None and target not in files:
                broken.append(f"{name} → {address}")
    assert broken == []


def test_every_fragment_names_an_element(pages):
    ids = {name: set(page.xpath("//@id")) for name, page in pages.items()}
    broken = []
    for name, page in pages.items():
        for _, address in links_of(page):
            target = inner_target(name, address)
            if target and target[1] and target[1] not in ids.get(target[0], {target[1]}):
                broken.append(f"{name} → {address}")
    assert broken == []


def test_no_element_id_stands_twice(pages):
    for name, page in pages.items():
        ids = page.xpath("//@id")
        assert len(ids) == len(set(ids)), name


def test_every_page_is_reached_from_the_first(pages):
    seen, queue = {"index.html"}, ["index.html"]
    while queue:
        name = queue.pop()
        # A form leads somewhere as a link does: the search page is reached by asking.
        asked = [(form, form.get("action", "")) for form in pages[name].iter("form")]
        for element, address in [*links_of(pages[name]), *asked]:
            target = inner_target(name, address)
            if element.tag in ("a", "form") and target and target[0] in pages and target[0] not in seen:
                seen.add(target[0])
                queue.append(target[0])
    assert set(pages) - seen <= {"404.html"}


def test_no_link_runs_a_script_or_leads_out_of_the_site(pages):
    for name, page in pages.items():
        for _, address in links_of(page):
            assert urlsplit(address).scheme in {"", "http", "https", "mailto"}, f"{name} → {address}"
            target = inner_target(name, address)
            assert target is None or not target[0].startswith(".."), f"{name} → {address}"


def test_404_links_start_at_the_root_without_a_base_url(pages):
    inner = [address for _, address in links_of(pages["404.html"]) if not urlsplit(address).netloc]
    assert inner
    assert all(address.startswith(("/", "#")) for address in inner)


def test_every_image_has_an_alternative_text(pages):
    for name, page in pages.items():
        assert all(image.get("alt") is not None for image in page.iter("img")), name


def test_every_file_is_listed_with_its_hash(sample_site, files):
    sums = dict(reversed(line.split("  ", 1)) for line in (sample_site / "SHA256SUMS").read_text("utf-8").splitlines())
    manifest = (sample_site / ".newsarchive-manifest.json").read_text("utf-8")
    listed = files - {"SHA256SUMS", ".newsarchive-manifest.json"}
    assert listed <= set(sums)
    for name in listed:
        assert hashlib.sha256((sample_site / name).read_bytes()).hexdigest() == sums[name]
        assert json.dumps(name) in manifest


def test_every_article_of_the_data_has_its_page(sample_site, pages):
    rows = [json.loads(line) for line in (sample_site / "data" / "articles.jsonl").read_text("utf-8").splitlines()]
    assert len({row["id"] for row in rows}) >= 30
    for row in rows:
        assert row["permalink"] in pages
        assert len(pages[row["permalink"]].xpath("//h1")) == 1
