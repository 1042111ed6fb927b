"""Keys of pages: whatever shapes a page is in its key, and its view is made from nothing else."""

import dataclasses
import inspect
import sys
from collections import Counter

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

import test_incremental as incremental
from factory import make_article
from newsarchive import pipeline
from newsarchive.archive import Edition, assemble
from newsarchive.article import EditionEvidence, Image
from newsarchive.fingerprints import of_articles, of_site
from newsarchive.render.articles import plan_articles
from newsarchive.render.editions import edition_pages
from newsarchive.render.listings import listings
from newsarchive.render.planned import Draft, Keys, PlannedFile
from newsarchive.render.rows import month_pages, shelve
from newsarchive.settings import Settings

SUMMIT = Edition("2024", "2024年样例峰会", None, "2024-11-19", "2024-11-22", "样例镇", None)
LONG = "".join(f"第{number}号样例展位清点了蓝印花布，编号从{number * 17}排到{number * 19}。" for number in range(1, 15))


def article(number, **fields):
    """An article that tells what it was made of, about the summit by its day."""
    told = {"editions": ("2024",), "edition_evidence": (EditionEvidence("2024", "series", "样例峰会", 1),)}
    return make_article(number, fingerprint=b"%032d" % number, **(told | fields))


@pytest.fixture(scope="module")
def archive():
    copies = [
        article(n, text=LONG, title="样稿", publisher=f"样报{n}", outlets=("甲样社",), published=f"2024-11-2{n}")
        for n in (1, 2)
    ]
    others = [
        article(3, published="2024-11-20", images=(Image("https://example.org/a.png"),)),
        article(4, published="2023-05", path="page.md", stories=2, outlets=("甲样社", "乙样社")),
        article(5, published="2024-11-19", path="page.md", story=2, stories=2),
        article(6, published=None, publisher=None),
    ]
    return assemble([*copies, *others], 6, (), (SUMMIT,), None)


@pytest.fixture(scope="module")
def drafts(archive, tmp_path_factory):
    """Pages of every kind that shows rows, some of them beyond the first."""
    shelf = shelve(archive)
    config = Settings(tmp_path_factory.mktemp("root"), "样例档案", (), None, page_size=2)
    return [*listings(archive, shelf, 2), *edition_pages(archive, shelf, config)]


@pytest.fixture(scope="module")
def plans(archive):
    shelf = shelve(archive)
    return list(plan_articles(archive, shelf, month_pages(archive, shelf, 2)))


def variants(value):
    """The value with one thing in it changed, for each thing in it."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield value + 1
    elif isinstance(value, str):
        yield value + "样"
    elif isinstance(value, tuple | list):
        held = tuple(value)
        yield (*held, "样")
        for place, each in enumerate(held):
            yield from ((*held[:place], other, *held[place + 1 :]) for other in variants(each))
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from (replace(value, **{name: other}) for other in variants(getattr(value, name)))
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            found = variants(getattr(value, field.name))
            yield from (dataclasses.replace(value, **{field.name: other}) for other in found)
    else:
        assert value is None, f"no variant of {type(value).__name__} is known"
        yield "样"


def key_of(draft):
    return Keys("site").of_draft(draft)


def test_drafts_of_every_kind_are_looked_at(drafts):
    kinds = {getattr(draft.told, "kind", draft.template) for draft in drafts}
    assert kinds == {"year", "publisher", "publisher-year", "outlet", "undated", "edition.html"}
    assert any(row.copies for draft in drafts for row in draft.rows)
    assert any(draft.told.pager.number > 1 for draft in drafts)


def test_whatever_a_draft_tells_is_in_its_key(drafts):
    for draft in drafts:
        keys = [key_of(draft)]
        for field in ("template", "path", "told"):
            others = variants(getattr(draft, field))
            keys += [key_of(dataclasses.replace(draft, **{field: other})) for other in others]
        assert len(set(keys)) == len(keys) > 20
        assert b"" not in keys


def test_whatever_its_rows_tell_is_in_the_key_of_a_draft(drafts):
    for draft in drafts:
        keys = [key_of(draft)]
        for row in set(draft.rows):  # an edition tells the doubted ones twice
            for other in variants(row):
                rows = tuple(other if each is row else each for each in draft.rows)
                keys.append(key_of(dataclasses.replace(draft, rows=rows)))
        keys += [key_of(dataclasses.replace(draft, rows=draft.rows[:-1]))] if draft.rows else []
        keys += [key_of(dataclasses.replace(draft, rows=draft.rows[::-1]))] if len(draft.rows) > 1 else []
        assert len(set(keys)) == len(keys)


def test_a_view_is_filled_from_nothing_that_its_key_leaves_out(drafts):
    """A closure would see what is in no key; what the almanac tells is data, which are in the key of the whole site."""
    for fill in {draft.fill for draft in (*drafts, Draft("home.html", "index.html", ""))}:
        assert fill is getattr(sys.modules[fill.__module__], fill.__name__)
        assert not inspect.getclosurevars(fill).nonlocals
        assert not fill.__defaults__


def test_a_filled_view_shows_every_row_of_its_draft(archive, drafts):
    almanac = shelve(archive).almanac
    for draft in drafts:
        view = draft.fill(draft.told, draft.rows, almanac)
        sections = [part for section in view.sections for part in getattr(section, "years", (section,))]
        shown = [row for section in sections for day in section.days for row in day.rows]
        assert (*shown, *getattr(view, "doubted", ())) == draft.rows


def article_key(plan):
    return Keys("site").of_article(plan.entry, plan.neighbours, plan.row, plan.month_page)


BESIDE = ("in_year", "at_publisher", "printed_with", "related")
"""Rows beside an article; its copies are told by its own row."""


def with_row(plan, row, other):
    """The plan with another row wherever it has one, since there is one row of an article in an archive."""
    held = {name: tuple(other if each is row else each for each in getattr(plan.neighbours, name)) for name in BESIDE}
    own = other if plan.row is row else plan.row
    return replace(plan, row=own, neighbours=replace(plan.neighbours, **held))


def changed_plans(plan):
    """The plan with one thing changed, for each that shapes its page."""
    beside = plan.neighbours
    rows = {plan.row, *(row for name in BESIDE for row in getattr(beside, name) if row)}
    for row in rows:
        yield from (with_row(plan, row, other) for other in variants(row))
    yield from (replace(plan, month_page=other) for other in variants(plan.month_page))
    for name in ("in_year", "at_publisher"):
        held = getattr(beside, name)
        for place, row in enumerate(held):
            other = None if row else plan.row
            yield replace(plan, neighbours=replace(beside, **{name: (*held[:place], other, *held[place + 1 :])}))
    for name in ("printed_with", "related"):
        yield replace(plan, neighbours=replace(beside, **{name: (*getattr(beside, name), plan.row)}))
    for change in ({"fingerprint": b"other"}, {"story": 9}):
        captures = (replace(plan.entry.captures[0], **change),)
        yield replace(plan, entry=dataclasses.replace(plan.entry, captures=captures))
    yield replace(plan, entry=dataclasses.replace(plan.entry, captures=2 * plan.entry.captures))
    for images in variants(plan.entry.article.images):
        article = replace(plan.entry.article, images=images)
        yield replace(plan, entry=dataclasses.replace(plan.entry, article=article))


def test_whatever_shapes_the_page_of_an_article_is_in_its_key(plans):
    assert any(plan.neighbours.printed_with for plan in plans)
    for plan in plans:
        keys = [article_key(plan), *map(article_key, changed_plans(plan))]
        assert len(set(keys)) == len(keys) > 30
        assert b"" not in keys


def test_an_article_that_does_not_tell_what_it_was_made_of_has_no_key(plans):
    captures = (replace(plans[0].entry.captures[0], fingerprint=b""),)
    assert article_key(replace(plans[0], entry=dataclasses.replace(plans[0].entry, captures=captures))) == b""


def test_the_site_is_in_every_key(drafts, plans):
    assert Keys("other").of_draft(drafts[0]) != key_of(drafts[0])
    plan = plans[0]
    assert Keys("other").of_article(plan.entry, plan.neighbours, plan.row, plan.month_page) != article_key(plan)


def test_a_name_without_utf_8_has_no_key_and_stops_nothing(drafts):
    draft = next(draft for draft in drafts if draft.rows)
    assert key_of(dataclasses.replace(draft, told=dataclasses.replace(draft.told, name="\ud800"))) == b""
    rows = (replace(draft.rows[0], title="\ud800"), *draft.rows[1:])
    assert key_of(dataclasses.replace(draft, rows=rows)) not in (b"", key_of(draft))


# One key, the same bytes


@pytest.fixture
def watched(monkeypatch):
    """Make every planned page in every build, kept or not: one key must stand for the same bytes whenever it comes.

    Else a page would be kept that has changed.
    """
    render, told = pipeline.render, {}

    def made(archive, config, *rest):
        state = of_site(config, of_articles(config))
        for file in render(archive, config, *rest):
            if isinstance(file, PlannedFile) and file.key:
                data = file.make()
                assert told.setdefault((state, file.path, file.key), data) == data, file.path
            yield file

    monkeypatch.setattr(pipeline, "render", made)
    return told


def publisher(archive, number):
    path = archive.files()[number % len(archive.files())]
    path.write_text(path.read_text("utf-8").replace("source: 乌镇样报", f"source: 乌镇样报{number}版"), "utf-8")


def outlet(archive, number):
    archive.write(number, body=f"\n（来源：样例第{number % 2}报）\n")


def copy(archive, number):
    """One text in two papers, on other days each time."""
    for place, paper in enumerate(("样例晚报", "样例晨报")):
        head = f"title: 蓝印花布清点\ndate: 2014-11-{20 + number + place}\nsource: {paper}\n"
        (archive.content / f"copy-{place}.md").write_text(f"---\n{head}---\n\n{LONG}\n", "utf-8")


def meeting(archive, number):
    archive.write(number, body="\n第一届世界互联网大会在乌镇举行，首届世界互联网大会的议题是互联互通。\n")


def undated(archive, number):
    (archive.content / f"{number}.md").write_text(f"---\ntitle: 无日期之{number}\n---\n\n一段样文。\n", "utf-8")


CHANGES = (copy, publisher, meeting, outlet, undated)


def test_one_key_stands_for_the_same_bytes_from_change_to_change(tmp_path, watched):
    archive = incremental.Archive(tmp_path)
    for number, change in enumerate((*CHANGES, incremental.title, incremental.capture)):
        change(archive, number % 4)
        archive.remembered()
    paths = Counter(path for _, path, _ in watched)
    assert paths["2014/index.html"] > 1
    assert any(path.startswith("compare/") for path in paths)
    assert paths["editions/2014.html"] > 1


@pytest.mark.long
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(changes=st.lists(st.tuples(st.sampled_from((*incremental.EDITS, *CHANGES)), st.integers(0, 6)), max_size=10))
def test_one_key_stands_for_the_same_bytes_whatever_changes(tmp_path_factory, watched, changes):
    archive = incremental.Archive(tmp_path_factory.mktemp("changes"))
    for change, number in changes:
        change(archive, number)
        archive.remembered()
    assert archive.remembered() == archive.clean()
    assert watched
