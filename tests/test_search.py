"""The search index: what it holds is what the texts hold, in bytes that depend on the articles alone."""

import json
import re
import sqlite3
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import PROJECT
from factory import make_article, make_folder, markdown, tree
from newsarchive.archive import assemble
from newsarchive.errors import SettingsError
from newsarchive.pipeline import build
from newsarchive.render import segments
from newsarchive.render.planned import PlannedFiles
from newsarchive.render.search import SMALLEST, render_search, segments_of, spans_of
from newsarchive.render.segments import Record, digest_of, segment_files
from newsarchive.render.tokens import FILE, fold, folding, tokens
from newsarchive.settings import load_settings
from newsarchive.writer import KeptFile, OutputFile, write_site

TABLE = folding((PROJECT / FILE).read_text("utf-8"))
CASES = json.loads((PROJECT / "tests" / "search_cases.json").read_text("utf-8"))
TEXTS = st.text(alphabet="网络空间乌镇的一是在ab1 ，\n𠀀𠀁", max_size=60)
SCRIPT = (PROJECT / "static" / "search.js").read_text("utf-8")
FINAL, MORE = re.findall(r'Array\.from\("([^"]{43})"', SCRIPT)
CALL = re.compile(r'newsarchiveShard\(("[^"]*"),(.*)\);\n', re.DOTALL)


def record(text="一段样文。", title="样文", **fields):
    values = {"page": "2024/11-20-a.html", "published": "2024-11-20", "lang": "", "publisher": "乌镇样报"}
    values |= {"outlets": (), "editions": (), "platform": "web"}
    return Record(title=title, text=text, **(values | fields))


def read_back(files):
    """Data of each file by the last part of its key, read as the page does."""
    found = {}
    for path, data in files:
        key, value = CALL.fullmatch(data.decode()).groups()
        assert json.loads(key) + ".js" == path
        found[path.rpartition("/")[2].removesuffix(".js")] = json.loads(value)
    return found


def postings(data):
    """Numbers, and numbers of those with the title marked, by token."""
    found = {}
    for number in range(len(data["main"]["index"])):
        for entry in data[f"i{number}"].split(" "):
            token, _, encoded = entry.partition(":")
            assert token not in found
            found[token] = list(decoded(encoded))
    return found


def decoded(encoded):
    """Numbers, each with whether the mark of the title told it; digits in the order of the script, low first."""
    last, digits = -1, []
    for character in encoded:
        if character == "!":
            yield last, True
        elif character in MORE:
            digits.append(MORE.index(character))
        else:
            high = FINAL.index(character)
            for digit in reversed(digits):
                high = high * 43 + digit
            digits = []
            last += high + 1
            yield last, False


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"][:12])
def test_texts_are_folded_and_cut_as_the_cases_say(case):
    folded = fold(case["text"], TABLE)
    assert folded == case["folded"]
    assert tokens(folded) == case["tokens"]


def test_folding_keeps_the_length_in_utf16_and_goes_to_the_end():
    for code, folded in TABLE.items():
        assert len(chr(code).encode("utf-16")) == len(folded.encode("utf-16"))
        assert ord(folded) not in TABLE


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=8))
def test_the_index_holds_every_token_of_every_text_and_no_other(pairs):
    records = [record(text, title) for title, text in pairs]
    found = postings(read_back(segment_files("search/x-0", records, TABLE)))
    expected = {}
    for number, one in enumerate(records):
        titled = set(tokens(fold(one.title, TABLE)))
        for token in titled | set(tokens(fold(one.text, TABLE))):
            expected.setdefault(token, []).append((number, False))
            if token in titled:
                expected[token].append((number, True))
    assert found == expected
    assert list(found) == sorted(found)


def test_files_are_cut_by_size_and_told_by_what_they_begin_with():
    text = "".join(chr(0x4E00 + number) for number in range(3000))
    data = read_back(segment_files("search/x-0", [record(text), record(text * 3), record("尾")], TABLE))
    main = data["main"]
    assert len(main["index"]) > 1
    assert [data[f"i{number}"].partition(":")[0] for number in range(len(main["index"]))] == main["index"]
    assert main["texts"] == [0, 2]
    assert [len(data[f"t{number}"]) for number in range(2)] == [2, 1]


def test_facets_and_years_are_told_by_number():
    records = [
        record(published="", publisher="", outlets=("甲", "乙")),
        record(published="2023", editions=("2023",)),
        record(published="2024-01-01"),
        record(published="2024-11"),
    ]
    data = read_back(segment_files("search/x-0", records, TABLE))
    assert data["main"]["years"] == [[0, 0], [2023, 1], [2024, 2]]
    assert data["facets"]["publisher"] == {"names": ["", "乌镇样报"], "of": [0, 1, 1, 1]}
    assert data["facets"]["outlet"] == {"names": ["甲", "乙", ""], "of": [[0, 1], 2, 2, 2]}
    assert data["facets"]["edition"]["of"] == [0, 1, 0, 0]


@pytest.mark.parametrize("count", [0, 1, 5])
def test_small_segments_are_whole(count):
    data = read_back(segment_files("search/x-0", [record()] * count, TABLE))
    assert data["main"]["count"] == count
    assert len(data.get("t0", [])) == count


def test_a_lone_surrogate_stops_nothing():
    data = read_back(segment_files("search/x-0", [record("网\ud800络")], TABLE))
    assert data["t0"][0][6] == "网\ud800络"


def test_other_code_gives_another_name(monkeypatch):
    """Else a segment that was made before would keep its name and its old bytes."""
    before = digest_of([record()], TABLE)
    monkeypatch.setattr(segments, "_code", lambda: "another")
    assert digest_of([record()], TABLE) != before


def test_a_python_without_the_engine_is_told_so_before_any_work(tmp_path, monkeypatch):
    def connect(_):
        def execute(_):
            raise sqlite3.OperationalError("no such module: fts5")

        return SimpleNamespace(execute=execute, close=lambda: None)

    without = SimpleNamespace(connect=connect, OperationalError=sqlite3.OperationalError, sqlite_version="3.0")
    monkeypatch.setattr(segments, "sqlite3", without)
    with pytest.raises(SettingsError, match="FTS5"):
        build(settings_of(tmp_path))


def dates(**counts):
    return [year for year, count in sorted(counts.items()) for _ in range(count)]


def named(found):
    return [(span.name, span.stop - span.start) for span in found]


def test_few_articles_are_one_span():
    assert spans_of([]) == ()
    assert named(spans_of(["", "2014-11-19", "2024-11-20"])) == [("undated-2024", 3)]
    assert named(spans_of(["2024-11-20"])) == [("2024", 1)]


def test_years_are_put_together_until_they_are_enough():
    years = [f"{year}-11-20" for year in range(2014, 2024) for _ in range(600)]
    assert named(spans_of(years)) == [(f"{year}-{year + 1}", 1200) for year in range(2014, 2024, 2)]


def test_a_large_year_is_parted_by_month_and_day():
    many = [f"2024-11-{day:02}" for day in range(1, 31) for _ in range(200)]
    found = named(spans_of(["2020-01-01", *many]))
    assert sum(count for _, count in found) == len(many) + 1
    assert all(count <= 2 * SMALLEST for _, count in found)
    assert found[1][0] == "2024-11-07-2024-11-12"


def test_a_growing_newest_year_leaves_the_spans_before_it():
    years = [f"{year}-11-20" for year in range(2014, 2024) for _ in range(600)]
    assert spans_of([*years, *["2024-01-01"] * 50])[:5] == spans_of(years)


def settings_of(root, **more):
    return load_settings(make_folder(root, {"a.md": markdown(1)}) / "site.yaml", **more)


def archive_of(*articles):
    return assemble(list(articles), len(articles), [], [], None)


def files_of(archive, settings):
    """The files of the index, made or kept."""
    found = render_search(archive, settings)
    return [file for each in found for file in (each.make() if isinstance(each, PlannedFiles) else [each])]


def folders(files):
    return {file.path.split("/")[1] for file in files if file.path.startswith("search/")}


def test_articles_without_a_date_come_first_in_their_segment():
    (segment,) = segments_of(archive_of(make_article(1), make_article(2, published=None)))
    assert [entry.published is None for entry in segment.entries] == [True, False]
    assert segment.name == "undated-2024"


def test_an_article_changes_the_name_of_its_own_segment_alone(tmp_path, monkeypatch):
    monkeypatch.setattr("newsarchive.render.search.SMALLEST", 1)
    settings = settings_of(tmp_path)
    articles = [make_article(number, published=f"20{13 + number}-11-20") for number in range(1, 9)]
    before = folders(files_of(archive_of(*articles), settings))
    articles[3] = make_article(4, published="2017-11-20", text="改过的样文。")
    after = folders(files_of(archive_of(*articles), settings))
    assert len(before) == len(after) > 3
    assert len(before - after) == len(after - before) == 1


@pytest.mark.parametrize("field", ["title", "text", "publisher", "platform", "editions", "outlets"])
def test_whatever_the_page_shows_changes_the_name(field):
    value = {"editions": ("2023",), "outlets": ("甲",)}.get(field, "别的")
    assert digest_of([record()], TABLE) != digest_of([record(**{field: value})], TABLE)


def test_neither_outlets_nor_editions_pass_for_each_other():
    assert digest_of([record(outlets=("甲",))], TABLE) != digest_of([record(editions=("甲",))], TABLE)


@pytest.mark.parametrize(("name", "value"), [("PAIRED", "\u4e00-\u9fff"), ("WORDS", "a-z"), ("LONGEST", 8)])
def test_another_way_of_cutting_changes_the_name(monkeypatch, name, value):
    before = digest_of([record()], TABLE)
    monkeypatch.setattr(segments, name, value)
    assert digest_of([record()], TABLE) != before


@pytest.mark.parametrize("held", [0, 1])
def test_an_unchanged_segment_is_not_made_again(tmp_path, monkeypatch, held):
    monkeypatch.setattr("newsarchive.render.search.HELD", held)
    settings = settings_of(tmp_path)
    write_site(files_of(archive_of(make_article(1)), settings), settings.output)
    before = tree(settings.output)

    def make(folder, *_):
        raise AssertionError(folder)

    monkeypatch.setattr("newsarchive.render.search.segment_files", make)
    again = files_of(archive_of(make_article(1)), settings)
    assert {type(file) for file in again} == {OutputFile, KeptFile}
    write_site(again, settings.output)
    assert tree(settings.output) == before
    with pytest.raises(AssertionError, match="search/"):
        files_of(archive_of(make_article(1, text="改过的样文。")), settings)


def test_large_segments_have_the_same_files_and_are_not_held(tmp_path, monkeypatch):
    settings = settings_of(tmp_path)
    archive = archive_of(make_article(1), make_article(2))
    whole = files_of(archive, settings)
    monkeypatch.setattr("newsarchive.render.search.HELD", 1)
    assert not any(isinstance(each, PlannedFiles) for each in render_search(archive, settings))
    assert files_of(archive, settings) == whole


def test_an_unchanged_segment_is_taken_from_the_old_site_and_a_spoilt_one_is_made_again(tmp_path, run_build):
    root = make_folder(tmp_path, {"a.md": markdown(1), "b.md": markdown(2)})
    arguments = ("-q", "--config", root / "site.yaml")
    assert run_build(*arguments).returncode == 0
    first = tree(root / "site")
    spoilt = next(root.glob("site/search/2024-*/t0.js"))
    spoilt.write_text("spoilt", "utf-8")
    assert run_build(*arguments).returncode == 0
    assert tree(root / "site") == first


def test_without_search_nothing_of_it_is_written(tmp_path, run_build):
    root = make_folder(tmp_path, {"a.md": markdown(1)})
    process = run_build("-q", "--config", root / "site.yaml", "--no-search")
    assert process.returncode == 0, process.stderr
    site = tree(root / "site")
    assert not [path for path in site if path.startswith("search") or path.endswith(".js")]
    for path, data in site.items():
        if path.endswith(".html"):
            assert b"<form" not in data
            assert b"form-action 'none'" in data
            assert b"script-src" not in data


def test_every_page_has_the_form_once_and_only_pages_that_need_scripts_allow_them(sample_site):
    for path, data in tree(sample_site).items():
        if path.endswith(".html"):
            assert data.count(b'<form class="field"') == 1, path
            scripted = b"<script src" in data
            assert scripted == (b"script-src 'self'" in data), path


MEMORY = """
import random, re, sys
from pathlib import Path
from newsarchive.render.segments import Record, segment_files
from newsarchive.render.tokens import folding

chance = random.Random(1)
common = [chr(0x4E00 + number) for number in range(3000)]

def records():
    for number in range(4000):
        text = "".join(chance.choices(common, k=1500))
        yield Record(f"{number}.html", text[:20], "2024-11-20", "", text, "", (), (), "web")

for _ in segment_files("search/x-0", records(), folding(Path(sys.argv[1]).read_text("utf-8"))):
    pass
print(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text("ascii")).group(1))
"""


@pytest.mark.long
def test_memory_does_not_grow_with_the_texts():
    if not Path("/proc/self/status").is_file():
        pytest.skip("this system does not tell the most memory that a process held")
    command = [sys.executable, "-c", MEMORY, PROJECT / FILE]
    process = subprocess.run(command, cwd=PROJECT / "src", capture_output=True, text=True, check=True)
    assert int(process.stdout) < 200 * 1024
