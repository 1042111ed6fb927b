"""`newsarchive check` finds whatever is wrong with a built or deployed site, and nothing in one that is right."""

import json
import re
import shutil
from hashlib import sha256

import pytest

from factory import make_folder, markdown
from newsarchive.cli import main
from newsarchive.commands.check import check_site, choose_site
from newsarchive.commands.findings import Finding
from newsarchive.commands.links import Links
from newsarchive.commands.schemas import check_data
from newsarchive.errors import CommandError
from newsarchive.manifest import MANIFEST, SUMS, Listed, listed_files, manifest_data, sums_data
from newsarchive.pipeline import build
from newsarchive.settings import Budget, load_settings

PAGES = Budget()
PNG = b"\x89PNG\r\n\x1a\n" + b"sample"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A small site with a picture, a removed block and an article of no date."""
    files = {
        "1.md": markdown(1) + "\n![样例图](p.png)\n\n（责任编辑：样甲）\n",
        "2.md": markdown(2, "2014-11-19"),
        "3.md": re.sub("date: .*\n", "", markdown(3)),
        "p.png": PNG,
    }
    root = make_folder(tmp_path_factory.mktemp("checked"), files)
    build(load_settings(root / "site.yaml", workers=1))
    return root / "site"


@pytest.fixture
def site(built, tmp_path):
    shutil.copytree(built, tmp_path / "site")
    return tmp_path / "site"


def told(site, budget=PAGES, **how):
    """What a check finds, as lines without the remedies."""
    return [f"{each.path}: {each.finding}" for each in check_site(site, budget, **how).findings]


def sign(site):
    """Write manifest and sums anew for what the site holds, so that a check looks beyond the hashes."""
    files = sorted(path for path in site.rglob("*") if path.is_file() and path.name not in (MANIFEST, SUMS))
    listed = [
        Listed(path.relative_to(site).as_posix(), path.stat().st_size, sha256(path.read_bytes()).hexdigest())
        for path in files
    ]
    (site / MANIFEST).write_bytes(manifest_data(listed))
    (site / SUMS).write_bytes(sums_data(listed))


def edit(site, path, old, new):
    """Replace something in a file of the site and sign the site."""
    text = (site / path).read_text("utf-8")
    assert old in text
    (site / path).write_text(text.replace(old, new, 1), "utf-8")
    sign(site)


def rows_of(site):
    return [json.loads(line) for line in (site / "data/articles.jsonl").read_text("utf-8").splitlines()]


def page_of(site, path="1.md"):
    return next(row["permalink"] for row in rows_of(site) if row["path"] == path)


def test_a_built_site_has_no_findings(built):
    report = check_site(built, Budget())
    assert report.findings == ()
    assert report.files == len(listed_files(built))
    assert report.pages > 15
    assert report.links > 200


def test_the_sample_site_has_no_findings(sample_site):
    assert check_site(sample_site, Budget()).findings == ()


def test_the_site_of_the_labelled_articles_has_no_findings(labelled_site):
    assert check_site(labelled_site, Budget()).findings == ()


def test_a_file_that_is_missing_changed_or_not_of_the_site_is_found(site):
    """Seen to fail without the walk over the listing, without the hash, without the walk over the folder."""
    (site / "timeline.html").unlink()
    (site / "data/report.json").write_bytes(
        (site / "data/report.json").read_bytes().replace(b'"files": 3', b'"files": 4')
    )
    (site / "extra.txt").write_text("mine")
    found = told(site)
    assert "timeline.html: is missing" in found
    assert "data/report.json: was changed since it was built" in found
    assert "extra.txt: is not of this site" in found
    assert [line for line in found if "timeline" not in line] == [
        "data/report.json: was changed since it was built",
        "extra.txt: is not of this site",
    ]


def test_files_that_may_stand_in_the_site_are_allowed_by_pattern_and_versions_always(site):
    (site / ".well-known").mkdir()
    (site / ".well-known/x.txt").write_text("x")
    (site / "CNAME").write_text("example.org")
    (site / ".git").mkdir()
    (site / ".git/HEAD").write_text("ref: x")
    assert told(site, allowed=["CNAME", ".well-known/*"]) == []
    assert told(site, allowed=["CNAME"]) == [".well-known/x.txt: is not of this site"]


def test_a_file_of_another_case_is_another_file(site):
    (site / "about.html").rename(site / "About.html")
    found = told(site)
    assert "about.html: is missing" in found
    assert any("leads to about.html, which is spelt About.html" in line for line in found)


def test_a_link_in_the_place_of_a_file_is_found(site, tmp_path):
    shutil.move(site / "about.html", tmp_path / "about.html")
    (site / "about.html").symlink_to(tmp_path / "about.html")
    assert "about.html: was changed since it was built" in told(site)


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (lambda lines: lines[1:], f"404.html: is what {MANIFEST} lists alone"),
        (lambda lines: [*lines, f"{'0' * 64}  none.html"], f"none.html: is what {SUMS} lists alone"),
        (lambda lines: [*lines, f"{'0' * 64}  {MANIFEST}"], f"{MANIFEST}: is listed, which it cannot be"),
        (
            lambda lines: [f"{'0' * 64}  404.html", *lines[1:]],
            f"404.html: has another hash in {SUMS} than in {MANIFEST}",
        ),
    ],
)
def test_sums_that_disagree_with_the_manifest_are_found(site, change, finding):
    """Seen to fail without the comparison of the two."""
    lines = (site / SUMS).read_text().splitlines()
    at = next(number for number, line in enumerate(lines) if line.endswith("  404.html"))
    lines[at:] = change(lines[at:])
    (site / SUMS).write_text("\n".join(lines) + "\n")
    assert finding in told(site)


def test_a_site_without_manifest_or_sums_is_told_and_its_links_are_walked_all_the_same(site):
    (site / MANIFEST).unlink()
    (site / SUMS).unlink()
    (site / "timeline.html").unlink()
    found = told(site)
    assert {f"{MANIFEST}: is missing or lists nothing", f"{SUMS}: is missing"} < set(found)
    assert any("leads to timeline.html" in line for line in found)


def test_a_broken_manifest_is_a_finding(site):
    (site / MANIFEST).write_text("{")
    assert told(site)[0].startswith(f"{MANIFEST}: cannot be read as a manifest")


LINKS = [
    ('<a href="nowhere.html">x</a>', "leads to nowhere.html, which is not there"),
    ('<a href="about.html#no-such-part">x</a>', "leads to about.html#no-such-part, an element that is not there"),
    ('<a href="#no-such-part">x</a>', "leads to index.html#no-such-part, an element that is not there"),
    ('<a href="About.html">x</a>', "leads to About.html, which is spelt about.html"),
    ('<a href="../x.html">x</a>', "leads out of the site with '../x.html'"),
    ('<a href="/about.html">x</a>', "leads out of the site with '/about.html'"),
    ('<a href="javascript:alert(1)">x</a>', "has 'javascript:alert(1)' for an address"),
    ('<a href="http://[x">x</a>', "has 'http://[x' for an address"),
    ('<img src="media/none.png" alt="">', "leads to media/none.png, which is not there"),
    ('<img srcset="icon.png 1x, media/none.png 2x" alt="">', "leads to media/none.png, which is not there"),
    ('<link rel="next" href="none.html">', "leads to none.html, which is not there"),
    ('<form action="none.html"></form>', "leads to none.html, which is not there"),
    ('<script src="assets/none.js"></script>', "leads to assets/none.js, which is not there"),
    ('<meta http-equiv="refresh" content="0; url=none.html">', "leads to none.html, which is not there"),
    ('<a id="content">x</a><a id="content">y</a>', "has the id 'content' more than once"),
    ('<script type="application/ld+json">{"a": }</script>', "holds data that is no JSON"),
]


def links_told(markup, files=("index.html", "about.html", "icon.png"), base="/"):
    """What is told of a page with this markup, in a site of these files."""
    links = Links(files, base)
    found = [*links.add_page("index.html", f"<body id=content>{markup}</body>".encode())]
    found += links.add_page("about.html", b"<h1 id=part>x</h1>")
    return [f"{each.path}: {each.finding}" for each in (*found, *links.findings())]


@pytest.mark.parametrize(("markup", "finding"), LINKS)
def test_an_address_that_leads_nowhere_is_found(markup, finding):
    """Seen to fail without the attribute, the fragment or the scheme among those that are followed."""
    assert links_told(markup) == [f"index.html: {finding}"]


@pytest.mark.parametrize(
    "markup",
    [
        '<a href="#top">x</a>',
        '<a href="#content">x</a>',
        '<a href="?q=1">x</a>',
        '<a href="">x</a>',
        '<a href="about.html#part">x</a>',
        '<a href="./x/../about.html?q=1#part">x</a>',
        '<a href="about.html#:~:text=x">x</a>',
        '<a href="%61bout.html">x</a>',
        '<a href="https://example.org/none.html">x</a>',
        '<a href="//example.org/none.html">x</a>',
        '<a href="mailto:a@example.org">x</a>',
        '<img srcset="icon.png 1x,icon.png 2x" alt="">',
        "<a name=x>x</a>",
    ],
)
def test_an_address_that_leads_somewhere_is_none(markup):
    assert links_told(markup) == []


def test_an_address_that_begins_with_that_of_the_site_is_followed():
    base = "https://example.org/archive/"
    assert links_told(f'<link rel="canonical" href="{base}about.html"><a href="{base}#content">x</a>', base=base) == []
    assert links_told(f'<a href="{base}none.html">x</a>', base=base) == [
        "index.html: leads to none.html, which is not there"
    ]


@pytest.mark.parametrize("data", [b"", b"\x00" * 50, b"<", b"<!-- x", b"\xff\xfe<\x00p\x00>\x00"])
def test_a_page_that_is_none_is_found_or_has_nothing_to_follow(data):
    links = Links({"a.html"}, "/")
    assert {each.finding for each in (*links.add_page("a.html", data), *links.findings())} <= {"is no page"}


def test_a_wide_page_is_walked_and_one_too_deep_is_told():
    """Seen to fail without the look into the parser's log: what stood deeper was left out and not told."""
    links = Links({"a.html", "b.html"}, "/")
    wide = list(links.add_page("a.html", b"<p>x</p>" * 20_000 + b'<a href="none.html">x</a>'))
    deep = list(links.add_page("b.html", b"<div>" * 20_000 + b'<a href="none.html">x</a>'))
    assert [each.finding for each in (*wide, *deep)] == ["is nested too deep to be walked to its end"]
    assert [each.path for each in links.findings()] == ["a.html"]


def test_one_target_that_many_pages_miss_is_told_once():
    links = Links({f"{number}.html" for number in range(5)}, "/")
    for number in range(5):
        assert not list(links.add_page(f"{number}.html", b'<a href="a.html">x</a><a href="a.html#x">y</a>'))
    assert [str(each) for each in links.findings()] == [
        "0.html: leads to a.html, which is not there (so do 4 other pages); build the site again"
    ]


def test_links_of_a_style_sheet_and_parts_of_the_index_are_followed(site):
    edit(site, "assets/site.css", "@layer", "a { background: url(none.png) } @layer")
    (main_file,) = site.glob("search/*/main.js")
    (main_file.parent / "t0.js").unlink()
    (main_file.parent / "facets.js").write_text("x")
    sign(site)
    folder = main_file.parent.relative_to(site).as_posix()
    assert told(site) == [
        "assets/site.css: leads to assets/none.png, which is not there",
        f"{folder}/facets.js: does not call the search page by its own name",
        f"{folder}/main.js: leads to {folder}/t0.js, which is not there",
    ]


def test_a_segment_that_the_search_page_names_is_there(site):
    folder = next(site.glob("search/*/main.js")).parent
    folder.rename(folder.with_name("other"))
    sign(site)
    found = told(site)
    for name in ("main", "facets"):
        assert f"search.html: leads to search/{folder.name}/{name}.js, which is not there" in found
    assert "search/other/main.js: does not call the search page by its own name" in found


@pytest.mark.parametrize("base", ["/", "https://example.org/archive/"])
def test_the_links_of_404_are_followed_from_the_root_and_from_the_address_of_the_site(site, base):
    text = (site / "404.html").read_text("utf-8")
    (site / "404.html").write_text(text.replace('="/', f'="{base}'), "utf-8")
    sign(site)
    assert told(site) == []
    edit(site, "404.html", f'"{base}about.html"', f'"{base}none.html"')
    assert told(site) == ["404.html: leads to none.html, which is not there"]


@pytest.fixture(scope="module")
def data(built):
    """The data files of the site by path."""
    return {path.relative_to(built).as_posix(): path.read_bytes() for path in built.glob("data/*")}


@pytest.fixture(scope="module")
def paths(built):
    return frozenset(listed_files(built))


def data_told(data, paths):
    return [f"{each.path}: {each.finding}" for each in check_data(data, paths).findings]


def changed(data, file, change):
    """The data with another first row in one of its files."""
    first, *rest = data[file].decode().splitlines()
    row = json.loads(first)
    row = change(row) or row
    lines = [json.dumps([] if row == "nothing" else row, ensure_ascii=False), *rest]
    return {**data, file: "".join(f"{line}\n" for line in lines).encode()}


def setting(key, value):
    return lambda row: row.__setitem__(key, value)


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (lambda row: row.pop("summary") and {}, "has the keys"),
        (lambda row: dict(sorted(row.items())), "has the keys"),
        (lambda _: "nothing", "is no object"),
        (setting("id", "X"), "id is 'X'"),
        (setting("title", None), "title is null"),
        (setting("kind", "post"), "kind is 'post'"),
        (setting("precision", "week"), "precision is 'week'"),
        (setting("published", "2014-11"), None),
        (setting("published", "19. 11. 2014"), "published is '19. 11. 2014'"),
        (setting("complete", 1), "complete is 1, not of the kind bool"),
        (setting("characters", not False), "characters is True, not of the kind int"),
        (setting("removed", -1), "removed is -1"),
        (setting("sha256", "0"), "sha256 is '0'"),
        (setting("byline", [{"name": "样甲", "role": "boss"}]), "byline holds one that role is 'boss'"),
        (setting("byline", [{"role": "author", "name": "样甲"}]), "byline holds one that has the keys"),
        (setting("images", ["a.png"]), "images holds one that is no object"),
        (setting("copies", ["x"]), "copies holds one that is 'x'"),
        (setting("permalink", "../x.html"), "permalink is '../x.html'"),
    ],
)
def test_a_row_that_is_not_as_the_contract_says_is_found_with_its_line(data, paths, change, finding):
    """Seen to fail without the part of the schema that it breaks."""
    data = changed(data, "data/articles.jsonl", change)
    found = [line for line in data_told(data, paths) if line.startswith("data/articles.jsonl:1: ")]
    assert (found == []) if finding is None else any(finding in line for line in found)


@pytest.mark.parametrize(
    ("file", "change", "finding"),
    [
        (
            "articles.jsonl",
            setting("permalink", "2014/01-01-0123456789ab.html"),
            "2014/01-01-0123456789ab.html: is missing",
        ),
        ("articles.jsonl", setting("id", "0123456789ab"), "data/articles.csv:2: has not the article"),
        ("articles.jsonl", setting("removed", 7), "counts 7 removed blocks, but data/removed.jsonl holds 0"),
        (
            "articles.jsonl",
            setting("images", [{"url": "", "file": "media/0.png", "alt": "", "caption": ""}]),
            "has the picture",
        ),
        ("removed.jsonl", setting("path", "none.md"), "has blocks of none.md, which no article has"),
        ("removed.jsonl", setting("rule", "rule"), "data/removed.jsonl:1: rule is 'rule'"),
    ],
)
def test_data_that_disagrees_with_itself_or_with_the_pages_is_found(data, paths, file, change, finding):
    """Seen to fail without the comparison that tells."""
    assert data_told(data, paths) == []
    assert any(finding in line for line in data_told(changed(data, f"data/{file}", change), paths))


@pytest.mark.parametrize(
    ("file", "old", "new", "finding"),
    [
        ("articles.csv", "id,path", "path,id", "has not the columns"),
        ("articles.csv", "2.md", '"2.md', "is no table"),
        ("articles.jsonl", '"id"', "id", "articles.jsonl:1: is no object"),
        ("report.json", '"captures": 3', '"captures": 4', "counts 4 captures, but the data holds 3"),
        ("report.json", '"files": 3', '"files": -3', "counts.files is -3"),
        ("report.json", '"counts"', '"count"', "has not the keys"),
        ("report.json", "{", "[", "has not the keys"),
    ],
)
def test_a_data_file_that_is_damaged_is_found(data, paths, file, old, new, finding):
    text = data[f"data/{file}"].decode()
    assert old in text
    damaged = {**data, f"data/{file}": text.replace(old, new, 1).encode()}
    assert any(finding in line for line in data_told(damaged, paths))


@pytest.mark.parametrize("file", ["articles.jsonl", "articles.csv", "removed.jsonl", "report.json"])
@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe", b"[" * 90_000, b"x"])
def test_a_data_file_that_is_none_is_found(data, paths, file, content):
    damaged = {path: bytes_ for path, bytes_ in data.items() if path != f"data/{file}"}
    if content is not None:
        damaged[f"data/{file}"] = content
    assert data_told(damaged, paths)


def test_an_article_page_that_the_data_lacks_is_found(data, paths):
    page = "2014/01-01-0123456789ab.html"
    assert data_told(data, paths | {page}) == [f"{page}: has no row in data/articles.jsonl"]


def test_every_article_page_states_the_hash_of_its_content_file(site):
    """Seen to fail with the hash left out of the page."""
    for row in rows_of(site):
        assert f"sha256 {row['sha256']}" in (site / row["permalink"]).read_text("utf-8")
    page = page_of(site)
    edit(site, page, "sha256 ", "sha256 0")
    (site / page).write_text(re.sub("[0-9a-f]{64}", "", (site / page).read_text("utf-8")), "utf-8")
    sign(site)
    assert told(site) == [f"{page}: does not state the hash of its content file"]


def test_a_site_beyond_its_budget_is_found(built):
    found = told(built, Budget(site_bytes=1000, file_bytes=20_000))
    assert any(re.fullmatch(r"\.: holds [\d,]+ bytes, more than 1,000", line) for line in found)
    assert any(line.startswith("assets/site.css: has ") for line in found)


def test_a_folder_without_a_site_is_wrong_usage(tmp_path, capsys):
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(CommandError):
            check_site(folder, Budget())
        assert main(["check", str(folder), "-q"]) == 2
    assert "nowhere" in capsys.readouterr().err


def test_the_command_tells_each_finding_with_its_remedy_and_counts_them(site, capsys):
    assert main(["check", str(site), "-q"]) == 0
    assert re.fullmatch(
        r"checked \d+ files of [\d,]+ bytes, \d+ pages, \d+ links \(0 findings\) in .+\n", capsys.readouterr().out
    )
    (site / "CNAME").write_text("example.org")
    assert main(["check", str(site), "-q", "--allow", "CNAME"]) == 0
    capsys.readouterr()
    assert main(["check", str(site), "-q"]) == 1
    line, last = capsys.readouterr().out.splitlines()
    assert line == "CNAME: is not of this site; remove it, or name it with --allow"
    assert "(1 findings)" in last


def test_without_a_folder_the_output_of_the_settings_is_checked(built, monkeypatch):
    monkeypatch.chdir(built.parent)
    (built.parent / "budget.yaml").write_text("title: a\nbudget: {site_bytes: 5}\n")
    assert choose_site(None, None)[0].resolve() == built
    assert choose_site(built, None) == (built, Budget())
    assert choose_site(built, built.parent / "budget.yaml")[1] == Budget(site_bytes=5)


def test_a_finding_is_one_line():
    assert str(Finding("a.html", "is missing", "copy it")) == "a.html: is missing; copy it"
