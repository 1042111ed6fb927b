"""Whatever is fed in: nothing breaks, nothing runs, nothing is lost, and both engines give the same.

Seen to fail: `test_each_protection_is_missed` takes each of the protections away and runs the property that needs it.
"""

import dataclasses
import re
import sys
from collections import Counter
from datetime import date

import nh3
import pytest
import yaml
from hypothesis import HealthCheck, example, given, reject
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from conftest import PROJECT
from factory import make_document
from figures import record
from newsarchive import cleaner, markup, permalinks
from newsarchive.article import Block, Moment
from newsarchive.cleaner import clean
from newsarchive.errors import ContentError, OutputError
from newsarchive.fields import part_front_matter
from newsarchive.knowledge import load_knowledge
from newsarchive.loader import load_document
from newsarchive.markup import parse_document, to_html
from newsarchive.preparation import prepare
from newsarchive.settings import load_settings
from newsarchive.sidecars import SIDECAR_LISTS, SIDECAR_TEXTS, read_sidecar
from newsarchive.sources import find_content
from newsarchive.stories import read_stories

COUNTS = Counter()
"""Row of docs/reliability.md → how many made-up inputs the property held for, or what was counted of them."""
SETTINGS = load_settings(PROJECT / "site.yaml")
KNOWLEDGE = load_knowledge(SETTINGS)
SAMPLES = tuple(
    (source.path.rsplit("/", 1)[-1], source.file.read_bytes()[:6_000])
    for source in find_content([PROJECT / "content"])[::7]
)
"""Names and beginnings of some content files of the sample archive."""
SCRAPS = (
    *("<p>", "</p>", "<table>", "<td>", "</div>", "<script>", "</script>", "<!--", "-->", "<a href='", "<b"),
    *("[", "](", "![", "[x](javascript:alert(1))", "```\n", "~~~", "**", "\n\n", "\n---\n", "---\n", "> ", "    "),
    *("&", "&#0;", "&lt;script&gt;", "\\", "|", "|-|", "\ue0fe", "\u2028", "\x00", "1. ", "* ", "# "),
    *("来源：", "（来源：水乡样报）", "2024年13月40日", "{% if %}", "{{ 1 }}", "<![CDATA[", "]]>", "<svg onload=x>"),
)
BYTES = (*(scrap.encode() for scrap in SCRAPS), b"\xff", b"\xc0\xaf", b"\x81\x30", b"\xef\xbb\xbf")
"""The same, and what is no text."""
shared = hypothesis_settings(suppress_health_check=list(HealthCheck))


@st.composite
def mutated(draw):
    """The name of a sample file and its bytes, changed in a few places."""
    name, data = draw(st.sampled_from(SAMPLES))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        kind = draw(st.sampled_from(["insert", "insert", "cut", "flip", "double", "splice"]))
        if kind == "insert":
            data = data[:at] + draw(st.sampled_from(BYTES)) * draw(st.sampled_from([1, 1, 2, 30])) + data[at:]
        elif kind == "cut":
            data = data[:at]
        elif kind == "flip":
            data = data[:at] + draw(st.binary(min_size=1, max_size=3)) + data[at + 1 :]
        elif kind == "double":
            data = data[: at + 200] + data[at:]
        else:
            data = data[:at] + draw(st.sampled_from(SAMPLES))[1][at // 2 : at // 2 + 2_000]
    return name, data


@pytest.fixture(scope="module")
def source_of(tmp_path_factory):
    """Gives a file as a source of a content folder that holds nothing else."""
    folder = tmp_path_factory.mktemp("fuzzed")

    def make(name, data):
        for old in folder.iterdir():
            old.unlink()
        (folder / name).write_bytes(data)
        return find_content([folder])[0]

    return make


@pytest.fixture(scope="module", autouse=True)
def figures():
    """Write what was counted; all of a row is counted in one process, since one test counts it."""
    yield
    for row, count in COUNTS.items():
        record(row, count)


# Whole files


@shared
@given(mutated())
def test_any_mutation_of_a_file_ends_as_articles_or_in_a_problem(source_of, drawn):
    prepared = prepare(source_of(*drawn), SETTINGS, KNOWLEDGE)
    assert prepared.articles or prepared.problems
    assert all(article.title and article.id for article in prepared.articles)
    COUNTS["made-up files that end as articles or in a problem"] += 1


@shared
@given(mutated())
def test_every_block_of_a_mutation_is_kept_or_removed_once_and_in_order(source_of, drawn):
    COUNTS["bytes of them that were lost"] += assert_conserved(loaded(source_of(*drawn)))
    COUNTS["made-up files of which every block is kept or removed, once and in order"] += 1


def assert_conserved(document):
    blocks = parse_document(document, {}).blocks
    cleaned = clean(blocks, KNOWLEDGE.rules.for_document(document), document.shape, {})
    positions = [block.position for block in cleaned.removed]
    assert positions == sorted(set(positions))
    told = [blocks[block.position - 1].text for block in cleaned.removed if not block.html_only]
    assert [block.text for block in cleaned.removed if not block.html_only] == told
    left = [block.text for number, block in enumerate(blocks, 1) if number not in positions]
    assert [block.text for block in cleaned.kept] == left
    kept = [block.text for block in cleaned.kept] + [blocks[position - 1].text for position in positions]
    return sum(map(size, (block.text for block in blocks))) - sum(map(size, kept))


def size(text):
    return len(text.encode("utf-8", "surrogatepass"))


@shared
@given(mutated())
def test_a_mutation_is_read_alike_by_both_engines_and_its_page_reads_back(source_of, drawn):
    document = loaded(source_of(*drawn))
    blocks = parse_document(document, {}).blocks
    assert blocks == parse_document(document, {}, engine="reference").blocks
    assert_written_inert(blocks)
    COUNTS["made-up files that both engines read alike"] += 1


def loaded(source):
    try:
        return load_document(source, SETTINGS)
    except ContentError:
        reject()


# Markup


def assert_written_inert(blocks):
    """A page is stable under a second sanitising by other means."""
    written = to_html(blocks, lambda _: "")
    again = nh3.Cleaner(
        tags=markup.TAGS | OURS,
        attributes={**markup.ATTRIBUTES, "a": {"href", "rel"}, "ol": {"start"}, **dict.fromkeys(OURS - {"ol"}, HELD)},
        allowed_classes={"td": {"number"}, "div": {"table"}},
        link_rel=None,
    ).clean(written)
    assert again == written


OURS = {"p", "div", "h2", "h3", "h4", "h5", "h6", "hr", "pre", "ul", "ol", "li", "blockquote"}
HELD = {"lang", "role", "tabindex", "aria-label"}
markups = st.lists(st.sampled_from(SCRAPS) | st.text("灯a \"'<>&=/", max_size=6), max_size=12).map("".join)


@given(markups)
@example("<a href='<svg onload=x>'")
def test_whatever_markup_a_block_holds_is_written_inert(inner):
    for kind in ("paragraph", "heading", "item", "table", "code"):
        assert_block_inert(kind, inner)
    COUNTS["made-up markup that is written inert"] += 1


def assert_block_inert(kind, inner):
    written = to_html([Block(kind, "灯", inner, level=1), Block("paragraph", "末", "<em>末</em>")], str)
    assert written.endswith("<p><em>末</em></p>")
    bare = re.sub('="[^"]*"', "", written)  # an address may hold what reads like a handler, escaped
    assert not re.search(r"<(?:script|svg|img|style|iframe)|<[^>]*\son", bare, re.IGNORECASE)
    assert not re.search(r"href=.?\s*javascript", written, re.IGNORECASE)


# Fields


scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.dates() | st.binary(max_size=5)
)
values = st.recursive(
    scalars, lambda held: st.lists(held, max_size=3) | st.dictionaries(scalars, held, max_size=3), max_leaves=8
)
fields = st.dictionaries(
    st.sampled_from([*SIDECAR_TEXTS, *SIDECAR_LISTS, "stories", "complete"]) | st.text(max_size=8), values, max_size=5
)


@shared
@given(fields)
def test_any_mapping_gives_values_or_problems(held):
    written = yaml.safe_dump(held, allow_unicode=True)
    given_back, problems = read_sidecar(written.encode("utf-8", "replace"), "a.yaml", SETTINGS)
    assert set(given_back) <= set(held)
    assert all(problem.message for problem in problems)
    front = part_front_matter(f"---\n{written}---\n正文。\n", "a.md")
    document = make_document("正文。", front=front.fields, sidecar=given_back)
    assert read_stories(document, KNOWLEDGE.rules, SETTINGS)
    COUNTS["made-up fields that give values or problems"] += 1


# Addresses


@given(st.text(max_size=20), st.text(max_size=20), st.dates())
@example("..", "con", date(2024, 11, 20))
def test_no_name_and_no_day_leads_out_of_the_site(name, other, day):
    assert_stays_within(name, other, day)
    COUNTS["made-up names and days that stay within the site"] += 1


def assert_stays_within(name, other, day):
    for make in (
        lambda: permalinks.article_permalink(name, Moment(day.isoformat(), "day")),
        lambda: permalinks.publisher_listing(permalinks.publisher_slug(other, {})),
        lambda: permalinks.safe_path(f"{name}/{other}"),
    ):
        try:
            path = make()
        except OutputError:
            continue
        assert permalinks.safe_path(path) == path
        assert re.fullmatch(r"[a-z0-9._/-]{1,120}", path)
        assert not {"", ".", ".."} & set(path.split("/"))


# Protections taken away


class Blind:
    """A sanitiser that lets everything through."""

    def clean(self, text):
        return text


def forgetful(*arguments):
    """The cleaner, forgetting what it kept last."""
    cleaned = cleaner.clean(*arguments)
    return dataclasses.replace(cleaned, kept=cleaned.kept[:-1])


@pytest.mark.parametrize(
    ("module", "name", "instead", "broken"),
    [
        (markup, "_cleaner", Blind, lambda: assert_block_inert("paragraph", "<svg onload=x>")),
        (permalinks, "_PATH_PART", re.compile(".*"), lambda: assert_stays_within("..", "a", date(2024, 11, 20))),
        (sys.modules[__name__], "clean", forgetful, lambda: assert_conserved(make_document("一段。\n\n二段。"))),
    ],
    ids=["sanitiser", "paths", "cleaner"],
)
def test_each_protection_is_missed(monkeypatch, module, name, instead, broken):
    broken()
    monkeypatch.setattr(module, name, instead)
    with pytest.raises(AssertionError):
        broken()
