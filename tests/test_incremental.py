"""Whatever is changed, in whatever order: a build that remembers gives the bytes of one that remembers nothing."""

import json
import os
import random
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import PROJECT
from factory import markdown
from figures import record
from newsarchive import preparation
from newsarchive.cache import FILE, _checked, open_cache
from newsarchive.fingerprints import of_articles, of_site
from newsarchive.gathering import Bodies
from newsarchive.mirrored import MANIFEST, Copy, Record, manifest_bytes
from newsarchive.pictures import read_header
from newsarchive.pipeline import build, read_knowledge
from newsarchive.settings import Settings, find_resource

RULE = """name: 样例规则
match: {host: example.org}
rules:
  - id: leave-taking
    why: The sample publisher takes leave in one line.
    where: tail
    pattern: '^样例再会$'
    removes: ['样例再会']
    keeps: ['他说样例再会。']
"""
_read = {}


def known(config, **_):
    """Rules and data, read once for each state of them: reading takes longer than building."""
    state = of_site(config, of_articles(config))
    if state not in _read:
        _read[state] = read_knowledge(config)
    return _read[state]


@pytest.fixture
def archive(tmp_path):
    return Archive(tmp_path)


class Archive:
    def __init__(self, folder):
        self.content = folder / "content"
        self.content.mkdir(parents=True)
        self.settings = Settings(
            folder, "样例档案", (self.content,), folder / "site", cache=folder / "cache", workers=1
        )
        for number in range(4):
            self.write(number)

    def write(self, number, extra="", body=""):
        text = markdown(number, f"20{14 + number % 3}-11-2{number % 4}", extra)
        (self.content / f"{number}.md").write_text(text + body, encoding="utf-8")

    def remembered(self):
        build(self.settings, knowledge=known)
        return tree(self.settings.output)

    def clean(self):
        output = self.settings.root / "clean"
        shutil.rmtree(output, ignore_errors=True)
        build(replace(self.settings, output=output, cache=None), knowledge=known)
        return tree(output)

    def files(self):
        return sorted(self.content.glob("*.md"))


def tree(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def body(archive, number):
    archive.write(number, body="\n补记：样例方晚间又公布了一组数字。\n")


def title(archive, number):
    path = archive.files()[number % len(archive.files())]
    path.write_text(path.read_text("utf-8").replace("开幕", "闭幕", 1), encoding="utf-8")


def same_size(archive, number):
    path = archive.files()[number % len(archive.files())]
    path.write_text(path.read_text("utf-8").replace("样例机构", "样本机构"), encoding="utf-8")


def rename(archive, number):
    path = archive.files()[number % len(archive.files())]
    path.rename(path.with_stem(f"{path.stem}-moved"))


def remove(archive, number):
    if len(archive.files()) > 1:
        archive.files()[number % len(archive.files())].unlink()


def capture(archive, number):
    """The same article, fetched again."""
    archive.write(number)
    text = (archive.content / f"{number}.md").read_text("utf-8")
    (archive.content / f"{number}-again.md").write_text(text + "\n补记。\n", encoding="utf-8")


def sidecar(archive, number):
    path = archive.files()[number % len(archive.files())]
    path.with_suffix(".yaml").write_text(f"published: 2019-10-2{number % 4}\n", encoding="utf-8")


def defaults(archive, number):
    (archive.content / "_defaults.yaml").write_text(f"publisher: 样例第{number}报\n", encoding="utf-8")


def picture(archive, number):
    data = (PROJECT / "content").rglob("*.png")
    shutil.copy(next(data), archive.content / "a.png")
    archive.write(number, body="\n![样例配图](a.png)\n")


def picture_gone(archive, number):
    del number
    (archive.content / "a.png").unlink(missing_ok=True)


def setting(archive, number):
    archive.settings = replace(archive.settings, title=f"样例档案之{number}", page_size=2 + number)


def rule(archive, number):
    target = archive.settings.root / "rules" / "publishers" / "sample.yaml"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(RULE.replace("样例再会", f"样例再会{number}"), encoding="utf-8")
    archive.write(number, body=f"\n样例再会{number}\n")


def template(archive, number):
    target = archive.settings.root / "templates" / "article.html"
    target.parent.mkdir(parents=True, exist_ok=True)
    text = find_resource(PROJECT, "templates/article.html").read_text("utf-8")
    target.write_text(text.replace("</article>", f"<p>{number}</p></article>"), encoding="utf-8")


def correction(archive, number):
    """Another sidecar in the place of one, or beside a file that had none."""
    path = archive.files()[number % len(archive.files())]
    path.with_suffix(".yaml").write_text(f"title: 更正之{number}\neditions: ['2014']\n", encoding="utf-8")


def corrections_gone(archive, number):
    del number
    for path in [*archive.content.glob("*.yaml")]:
        path.unlink()


def case_alone(archive, number):
    """A name that differs from the one before in the case of its letters alone, once it has letters."""
    path = archive.files()[number % len(archive.files())]
    path.rename(path.with_stem(path.stem.swapcase() if path.stem.isalnum() and not path.stem.isdigit() else "a" * 3))


def several(archive, number):
    """A printed page with stories that a sidecar parts, here or there."""
    stories = [
        f"第{each}版灯会\n\n桥头的第{each}盏灯今晚点亮，撑船的人说水面能照见{number}个月亮。" for each in range(3)
    ]
    (archive.content / "page.txt").write_text("\n\n".join(stories) + "\n", encoding="utf-8")
    ends = (4, 8, 12) if number % 2 else (8, 12)
    starts = (1, *(end + 1 for end in ends))
    parts = "".join(f"- lines: [[{start}, {min(end, 11)}]]\n" for start, end in zip(starts, ends, strict=False))
    (archive.content / "page.yaml").write_text(f"stories:\n{parts}", encoding="utf-8")


CARDS = [
    f"第{each}号展位开门时，志愿者把{each * 37}张卡片按颜色排好，等{each * 11}位访客来取。" for each in range(1, 9)
]


def printed_at(archive, publisher, day, paragraphs):
    head = f"---\ntitle: 展位的卡片\ndate: 2014-11-{day}\nsource: {publisher}\n---\n\n"
    (archive.content / f"cards-{day}.md").write_text(head + "\n\n".join(paragraphs) + "\n", encoding="utf-8")


def twin(archive, number):
    """A text at two publishers, the later copy changed at one place."""
    printed_at(archive, "乌镇样报", 20, CARDS)
    printed_at(archive, "桥头样报", 21, [*CARDS[:7], f"展位晚上{number}点关门。"])


def no_twin(archive, number):
    """The later one has a text of its own."""
    twin(archive, number)
    printed_at(archive, "桥头样报", 21, [f"灯会第{number}天下了雨，撑船的人早早收了工，岸上的灯笼也只亮了一半。"])


def mirrored(archive, number):
    """A picture of the web in the mirror, or the same address with another picture."""
    address = "https://example.org/p.png"
    archive.write(1, body=f"\n![样例配图]({address})\n")
    data = sorted((PROJECT / "content").rglob("*.png"))[number % 2].read_bytes()
    digest, header = sha256(data).hexdigest(), read_header(data)
    copy = Copy(f"{digest[:16]}.png", digest, "image/png", len(data), header.width, header.height)
    record = Record(address, "fetched", "2024-11-22T08:00:00+08:00", copy, renditions=())
    (archive.settings.root / MANIFEST).parent.mkdir(exist_ok=True)
    (archive.settings.root / MANIFEST).write_bytes(manifest_bytes([record]))
    (archive.settings.root / MANIFEST).with_name(copy.file).write_bytes(data)


def mirror_gone(archive, number):
    """No mirror, or one that lost its file."""
    for path in (archive.settings.root / MANIFEST).parent.glob("*.png" if number % 2 else "*"):
        path.unlink()


def editions(archive, number):
    target = archive.settings.root / "data" / "editions.yaml"
    target.parent.mkdir(exist_ok=True)
    text = find_resource(PROJECT, "data/editions.yaml").read_text("utf-8")
    other = text.replace("series:\n", f"series:\n  - 第{number}场样例论坛\n", 1)
    target.write_text(other.replace("name: 首届", f"name: 首届之{number}", 1), encoding="utf-8")


EDITS = (
    body, title, same_size, rename, remove, capture, sidecar, defaults, picture, picture_gone, setting, rule, template,
    correction, corrections_gone, case_alone, several, twin, no_twin, mirrored, mirror_gone, editions,
)  # fmt: skip
FIRST = {
    corrections_gone: (sidecar, defaults),
    case_alone: (case_alone, case_alone),
    several: (several,),
    no_twin: (twin,),
    mirror_gone: (mirrored,),
}
"""What must have been before an edit has anything to change."""


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
def test_after_a_change_the_site_is_that_of_a_clean_build(archive, edit):
    for number, first in enumerate(FIRST.get(edit, ()), 2):
        first(archive, number)
    before = archive.remembered()
    edit(archive, 1)
    after = archive.remembered()
    assert after == archive.clean()
    assert (after != before) == (edit is not picture_gone)


def test_a_text_becomes_a_copy_and_ceases_to_be_one(archive):
    archive.remembered()
    told = []
    for edit in (twin, no_twin, twin):
        edit(archive, 2)
        after = archive.remembered()
        assert after == archive.clean()
        rows = map(json.loads, after["data/articles.jsonl"].splitlines())
        told.append(any(row["copies"] for row in rows))
    assert told == [True, False, True]


@pytest.mark.long
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(edits=st.lists(st.tuples(st.sampled_from(EDITS), st.integers(0, 6)), min_size=2, max_size=8))
def test_after_any_changes_the_site_is_that_of_a_clean_build(tmp_path_factory, edits):
    archive = Archive(tmp_path_factory.mktemp("edits"))
    for edit, number in edits:
        edit(archive, number)
        archive.remembered()
    assert archive.remembered() == archive.clean()


def test_an_unchanged_archive_is_not_built_again(archive):
    archive.remembered()
    before = archive.settings.output.stat().st_ino
    assert build(archive.settings, knowledge=fail).articles == 4
    assert archive.settings.output.stat().st_ino == before


def fail(_settings, **_):
    raise AssertionError("nothing changed, and the rules were read")


def test_templates_are_checked_again_only_where_something_changed_that_shapes_pages(archive):
    asked = []

    def known_as(config, *, is_sound):
        asked.append(is_sound)
        return known(config)

    for change in (None, body, template, title):
        if change:
            change(archive, 1)
        build(archive.settings, knowledge=known_as)
    assert asked == [False, True, False, True]


@pytest.mark.parametrize("lost", ["index.html", "data/articles.jsonl", ".newsarchive-manifest.json"])
def test_a_file_missing_from_the_site_is_written_again(archive, lost):
    before = archive.remembered()
    (archive.settings.output / lost).unlink()
    if lost.startswith("."):
        shutil.rmtree(archive.settings.output)
    assert archive.remembered() == before


def test_a_file_cut_short_in_the_site_is_written_again(archive):
    before = archive.remembered()
    page = next(path for path in sorted(before) if path.startswith("2014/") and "-" in path)
    (archive.settings.output / page).write_bytes(b"")
    assert archive.remembered() == before


def bounds(archive, _):
    """Another setting of which no row tells: all are prepared again, and come out the same."""
    limits = replace(archive.settings.limits, lines=archive.settings.limits.lines + 1)
    archive.settings = replace(archive.settings, limits=limits)


@pytest.mark.parametrize("edit", [body, title, rename, remove, capture, bounds])
def test_a_data_file_that_was_changed_behind_its_time_is_not_believed(archive, edit):
    """Seen to fail without the hash of the published file: its other rows were taken over as they stood."""
    archive.remembered()
    for path in (archive.settings.output / "data").iterdir():
        status, data = path.stat(), path.read_bytes()
        path.write_bytes(data.replace(b"2014", b"1914"))
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    edit(archive, 1)
    after, clean = archive.remembered(), archive.clean()
    for name in ("articles.jsonl", "articles.csv", "removed.jsonl"):
        assert after[f"data/{name}"] == clean[f"data/{name}"]


def test_rows_that_did_not_change_are_not_read_again(archive, monkeypatch):
    asked = []
    for name in ("record", "cells"):
        read = getattr(Bodies, name)
        monkeypatch.setattr(
            Bodies, name, lambda self, article, read=read: asked.append(article.path) or read(self, article)
        )
    archive.remembered()
    assert sorted(set(asked)) == ["0.md", "1.md", "2.md", "3.md"]
    asked.clear()
    body(archive, 2)
    archive.remembered()
    assert set(asked) == {"2.md"}


def test_data_files_stay_where_a_template_changed(archive, monkeypatch):
    archive.remembered()
    with monkeypatch.context() as patch:
        patch.setattr(Bodies, "record", fail)
        template(archive, 1)
        remembered = archive.remembered()
    assert remembered == archive.clean()


def test_only_changed_files_are_prepared(archive, monkeypatch):
    asked = []
    prepare = preparation.prepare
    monkeypatch.setattr(
        preparation, "prepare", lambda source, *rest: asked.append(source.path) or prepare(source, *rest)
    )
    archive.remembered()
    body(archive, 2)
    archive.remembered()
    assert asked == ["0.md", "1.md", "2.md", "3.md", "2.md"]


def columns():
    """Every column of the cache beside the keys, as it is made now."""
    with open_cache(None) as store, closing(sqlite3.connect(store.file)) as database:
        for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            names = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
            yield from ((table, names[0], name) for name in names[1:])


SPOILT = (
    lambda _, value: value[:-1],
    lambda _, value: value[:20] + bytes([value[20] ^ 1]) + value[21:] if len(value) > 20 else b"",
    lambda key, _: _checked(key, b'"x"'),
    lambda key, _: _checked(key, b"\xff\0"),
    lambda key, _: _checked(key, b""),
    lambda key, _: _checked(key, b"[]"),
    lambda _, __: "text",
    lambda _, __: b"",
)
"""What becomes of a value: cut, with a bit turned, whole by its sums and of another kind, of another type, none."""


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory):
    """An archive, as it was built, and its site with a file more: one that asks for all that is remembered."""
    archive = Archive(tmp_path_factory.mktemp("spoilt"))
    rule(archive, 2)
    archive.remembered()
    kept = tmp_path_factory.mktemp("kept") / "a"
    shutil.copytree(archive.settings.root, kept)
    archive.write(9)
    return archive, kept, archive.clean()


def as_bytes(key):
    return key if isinstance(key, bytes) else key.encode()


@pytest.mark.parametrize(("table", "key", "column"), [column for column in columns() if column[0] != "notes"])
def test_no_value_is_believed_under_the_key_of_another_file(spoilt, table, key, column):
    """Seen to publish one article twice and lose another where the sums were those of the values alone."""
    archive, kept, clean = spoilt
    shutil.rmtree(archive.settings.root)
    shutil.copytree(kept, archive.settings.root)
    shutil.rmtree(archive.settings.output)
    with closing(sqlite3.connect(archive.settings.cache / FILE)) as database:
        rows = database.execute(f"SELECT {key}, {column} FROM {table} ORDER BY {key}").fetchall()  # noqa: S608
        names = [name for name, _ in rows]
        for (_, value), name in zip(rows, [*names[1:], names[0]], strict=True):
            database.execute(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", (value, name))  # noqa: S608
        database.commit()
    archive.write(9)
    assert archive.remembered() == clean


@pytest.mark.parametrize(("table", "key", "column"), [*columns()])
@pytest.mark.parametrize("first", [0, len(SPOILT) // 2])
def test_no_value_of_the_cache_is_believed_that_is_damaged_or_of_another_kind(spoilt, table, key, column, first):
    """Each row is spoilt in another way, since a build asks for all of them."""
    archive, kept, clean = spoilt
    shutil.rmtree(archive.settings.root)
    shutil.copytree(kept, archive.settings.root)
    with closing(sqlite3.connect(archive.settings.cache / FILE)) as database:
        rows = database.execute(f"SELECT {key}, {column} FROM {table} ORDER BY {key}").fetchall()  # noqa: S608
        for number, (name, value) in enumerate(rows):
            spoiling = SPOILT[(first + number) % len(SPOILT)]
            other = spoiling(as_bytes(name), value)
            database.execute(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", (other, name))  # noqa: S608
        database.commit()
    archive.write(9)
    assert archive.remembered() == clean


@pytest.mark.long
def test_no_page_of_the_cache_that_is_damaged_stops_a_build_or_is_believed(spoilt):
    """Seen to end in an error of the database, in forty of sixty-four cases, where writing met with the damage."""
    archive, kept, clean = spoilt
    whole = (kept / "cache" / FILE).read_bytes()
    turned = random.Random(1)  # noqa: S311  where the damage is does not matter
    for page in range(len(whole) // 4096):
        for length in (12, 4096):
            start = page * 4096 + (100 if page == 0 else 0)
            damage = turned.randbytes(min(length, (page + 1) * 4096 - start))
            shutil.rmtree(archive.settings.root)
            shutil.copytree(kept, archive.settings.root)
            (archive.settings.cache / FILE).write_bytes(whole[:start] + damage + whole[start + len(damage) :])
            archive.write(9)
            assert archive.remembered() == clean, (page, length)
    record("pages of the cache damaged, each in two ways", len(whole) // 4096)


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: file.write_bytes(b"no database"),
        lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]),
        lambda file: file.write_bytes(bytes(reversed(file.read_bytes()))),
        lambda file: file.unlink(),
        lambda file: overwrite(file, "UPDATE lights SET light = x'00'"),
        lambda file: overwrite(file, "UPDATE bodies SET sheets = x'00', records = NULL"),
        lambda file: overwrite(file, "UPDATE taken SET tallies = x'00', texts = NULL"),
        lambda file: overwrite(file, "UPDATE notes SET value = x'00'"),
        lambda file: overwrite(file, "PRAGMA user_version = 999"),
        lambda file: overwrite(file, "DELETE FROM bodies"),
        lambda file: overwrite(file, "DROP TABLE bodies"),
        lambda file: overwrite(file, "DROP TABLE notes"),
    ],
    ids=[
        "none",
        "cut",
        "reversed",
        "gone",
        "lights",
        "bodies",
        "taken",
        "notes",
        "version",
        "empty",
        "no-table",
        "no-notes",
    ],
)
def test_a_damaged_cache_is_made_again_and_never_believed(archive, damage):
    archive.remembered()
    damage(archive.settings.cache / FILE)
    body(archive, 1)
    assert archive.remembered() == archive.clean()


def overwrite(file, statement):
    with closing(sqlite3.connect(file)) as database:
        database.execute(statement)
        database.commit()


def test_a_build_leaves_its_timings_in_the_cache_alone(archive):
    files = archive.remembered()
    told = json.loads((archive.settings.cache / "timings.json").read_bytes())
    assert all(seconds >= 0 for seconds in told["seconds"].values())
    assert sum(told["files"].values()) == len(list(archive.content.rglob("*.md")))
    assert not any("timings" in path for path in files)


def test_files_are_told_by_their_engine_whether_remembered_or_not(archive):
    (archive.content / "page.html").write_text("<html><body><p>样例一段。</p></body></html>", "utf-8")
    (archive.content / "plain.txt").write_text("样例一行。\n", "utf-8")
    told = build(archive.settings, knowledge=known).read_by
    assert (told["reference"], told["text"]) == (1, 1)
    assert told["fast"] > 1
    assert build(archive.settings, knowledge=known).read_by == told
    (archive.content / "plain.txt").write_text("样例两行。\n", "utf-8")
    assert build(archive.settings, knowledge=known).read_by == told


def test_without_a_cache_nothing_is_left_beside_the_site(archive):
    before = {path.name for path in archive.settings.root.iterdir()}
    build(replace(archive.settings, cache=None), knowledge=known)
    assert {path.name for path in archive.settings.root.iterdir()} == before | {"site"}
