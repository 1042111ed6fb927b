"""How templates are compiled and kept: the same pages as Jinja's own way gives, and nothing trusted that is damaged."""

import pickle
import shutil
from pathlib import Path
from typing import ClassVar

import jinja2
import pytest
from jinja2.compiler import CodeGenerator
from markupsafe import Markup

from newsarchive.article import Moment
from newsarchive.errors import TemplateError
from newsarchive.render import compiled
from newsarchive.render.templates import Site, Templates, check_templates, environment
from newsarchive.settings import Settings

SITE = Site("样例档案", "一句话。", "样例。", "zh-Hans", "2024-11-22", years=True, editions=True, search="")

PARTS = {
    "base.html": "<{% block head %}{{ title }}{% endblock %}>{% block main %}空{% endblock %}</>",
    "words.html": "{% macro day(moment, note='') %}\n{{ moment.iso }}{{ note }}\n{% endmacro %}"
    "{% macro all() %}{{ varargs|join('、') }}{{ kwargs['last'] }}{% endmacro %}"
    "{% macro around() %}[{{ caller() }}]{% endmacro %}",
    "field.html": "{{ title }}：{{ view.iso }}",
}

SNIPPETS = (
    "{{ view.iso }}，{{ view.year + 1 }}，{{ title }}，{{ safe }}，{{ number }}，{{ none }}，{{ 1.5 }}",
    "{{ title if number > 2 }}{{ title if number > 9 }}{{ 'a<b' if number }}|{{ (title if number > 9) or '无' }}",
    "{% if nothing is defined %}有{% else %}无{% endif %}{{ view.no|default('缺') }}{{ view.no is undefined }}",
    "{% for each in many %}{{ loop.index }}{{ each }}{{ '、' if not loop.last }}{% else %}无{% endfor %}",
    "{% for one, two in pairs if one != 2 %}{{ one }}{{ two }}{% endfor %}{{ table[number] }}{{ table.get('x') }}",
    "{% import 'words.html' as w %}{{ w.day(view)|trim }}{{ w.day(view, note=title) }}{{ w.day(view, '<') }}",
    "{% import 'words.html' as w %}{{ w.all(title, number, last=safe) }}",
    "{% import 'words.html' as w %}{% call w.around() %}{{ title }}{% endcall %}",
    "{% from 'words.html' import day %}{% set told %}{{ day(view) }}{{ title }}{% endset %}{{ told }}{{ told|length }}",
    "{% extends 'base.html' %}{% block main %}{% set title = '内' %}{{ super() }}{{ title }}{% endblock %}",
    "{% extends 'base.html' %}{% macro own(x) %}{{ x }}&{% endmacro %}{% block main %}{{ own(title) }}{% endblock %}",
    "{% include 'field.html' %}{% filter upper %}a{{ title }}{% endfilter %}{% with x = title %}{{ x }}{% endwith %}",
    "{{ title|replace('<', '>') }}{{ many|join(title) }}{{ title ~ safe }}{{ 7|thousands }}{{ view.iso.count('2') }}",
)


def context():
    return {
        "view": Moment("2024-11-20", "day"),
        "title": "甲<乙>&\"'",
        "safe": Markup("<b>粗</b>"),
        "number": 3,
        "none": None,
        "many": ["一", "<二>"],
        "pairs": [(1, "a"), (2, "b"), (3, "<")],
        "table": {3: "三", "x": "<x>"},
    }


def filled(settings, snippet, generator):
    """What a snippet gives, compiled by one generator."""
    made = environment(settings)
    made.loader, made.bytecode_cache, made.code_generator_class = jinja2.DictLoader(PARTS), None, generator
    return made.from_string(snippet).render(context())


@pytest.fixture
def settings(tmp_path):
    return Settings(root=tmp_path, title="样例", tagline="", description="", content=(), output=tmp_path / "site")


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_a_template_means_what_it_means_to_jinja(settings, snippet):
    told = filled(settings, snippet, compiled.Direct)
    assert told == filled(settings, snippet, CodeGenerator)
    assert "<乙>" not in told


@pytest.mark.parametrize(
    "snippet", ["{{ view.nothing }}", "{{ nothing }}", "{{ view.iso.nothing }}", "{{ view.nothing() }}"]
)
def test_what_is_missing_fails_both_ways(settings, snippet):
    with pytest.raises(jinja2.UndefinedError):
        filled(settings, snippet, CodeGenerator)
    with pytest.raises((jinja2.UndefinedError, AttributeError)):
        filled(settings, snippet, compiled.Direct)


def write_template(settings, name, text):
    (settings.root / "templates").mkdir(exist_ok=True)
    (settings.root / "templates" / name).write_text(text, "utf-8")


def kept_files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


class Counted(compiled.Direct):
    """Tells which templates were compiled."""

    seen: ClassVar[list[str]] = []

    def visit_Template(self, node, frame=None):  # noqa: N802
        self.seen.append(self.name)
        super().visit_Template(node, frame)


@pytest.fixture
def compiles(monkeypatch):
    """Names of the templates compiled since; what an earlier test left in memory is forgotten."""
    monkeypatch.setattr(compiled.Shelved, "_code", {})
    monkeypatch.setattr(Counted, "seen", [])
    return Counted.seen


def compiled_by(made):
    made.code_generator_class = Counted
    return made


def test_compiled_templates_are_kept_until_their_text_changes(settings, tmp_path, compiles, monkeypatch):
    kept = tmp_path / "kept"
    write_template(settings, "own.html", "{{ 1 + 1 }}")
    compiled_by(environment(settings, kept)).get_template("own.html")
    assert compiles == ["own.html"]
    monkeypatch.setattr(compiled.Shelved, "_code", {})
    assert compiled_by(environment(settings, kept)).get_template("own.html").render() == "2"
    assert compiles == ["own.html"]
    write_template(settings, "own.html", "{{ 1 + 2 }}")
    assert compiled_by(environment(settings, kept)).get_template("own.html").render() == "3"
    assert compiles == ["own.html"] * 2


def flipped(data):
    return bytes([*data[:40], data[40] ^ 1, *data[41:]])


@pytest.mark.parametrize("damage", [lambda data: data[:0], lambda data: data[:-1], flipped, lambda data: data[32:]])
def test_a_damaged_file_is_as_if_it_were_not_there(settings, tmp_path, compiles, monkeypatch, damage):
    kept = tmp_path / "kept"
    write_template(settings, "own.html", "{{ 'gut'|upper }}")
    environment(settings, kept).get_template("own.html")
    for name, data in kept_files(kept).items():
        (kept / name).write_bytes(damage(data))
    monkeypatch.setattr(compiled.Shelved, "_code", {})
    assert compiled_by(environment(settings, kept)).get_template("own.html").render() == "GUT"
    assert compiles == ["own.html"]


def test_a_folder_that_cannot_be_written_is_no_fault(settings, tmp_path, compiles):
    (tmp_path / "kept").write_text("a file, not a folder")
    write_template(settings, "own.html", "{{ 1 }}")
    assert compiled_by(environment(settings, tmp_path / "kept")).get_template("own.html").render() == "1"
    assert compiles == ["own.html"]


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    """What is kept once the shipped templates were found whole."""
    folder = tmp_path_factory.mktemp("shipped")
    check_templates(Settings(root=folder, title="", tagline="", description="", content=(), output=folder), folder)
    return folder


@pytest.fixture
def kept(shipped, tmp_path):
    return Path(shutil.copytree(shipped, tmp_path / "kept"))


def test_templates_found_whole_are_not_parsed_again(settings, kept, monkeypatch):
    parsed = []
    parse = jinja2.Environment.parse
    monkeypatch.setattr(jinja2.Environment, "parse", lambda self, *args: parsed.append(args[1]) or parse(self, *args))
    check_templates(settings, kept)
    assert parsed == []
    write_template(settings, "about.html", "{% extends 'base.html' %}")
    check_templates(settings, kept)
    assert parsed == ["about.html"]


def test_a_template_that_another_uses_is_missed_however_often_it_was_found_whole(settings, kept):
    write_template(settings, "mine.html", "一")
    write_template(settings, "about.html", "{% include 'mine.html' %}")
    check_templates(settings, kept)
    (settings.root / "templates" / "mine.html").unlink()
    with pytest.raises(TemplateError) as caught:
        check_templates(settings, kept)
    assert caught.value.place == "templates/about.html"


@pytest.mark.parametrize("text", ["[", '{"x": "y"}'])
def test_a_damaged_record_of_what_was_found_whole_is_not_believed(settings, kept, text):
    (kept / "templates.json").write_text(text)
    write_template(settings, "about.html", "{% if %}")
    with pytest.raises(TemplateError):
        check_templates(settings, kept)


def test_what_a_macro_gives_is_worked_out_once(settings):
    write_template(settings, "parts.html", "{% macro part(calls, x) %}{{ calls.append(x) or x }}{% endmacro %}")
    write_template(
        settings,
        "own.html",
        "{% import 'parts.html' as parts %}{% for x in 'aab<' %}{{ once(parts.part, add, x) }}{% endfor %}",
    )
    calls = Calls()
    assert Templates(settings, SITE).fill("own.html", {"add": calls}) == "aab&lt;"
    assert calls.seen == ["a", "b", "<"]


class Calls:
    """Remembers what was added; equal to itself alone."""

    def __init__(self):
        self.seen = []

    def append(self, value):
        self.seen.append(value)


def test_templates_travel_to_another_process(settings):
    write_template(settings, "own.html", "{{ site.title }}{{ x }}")
    other = pickle.loads(pickle.dumps(Templates(settings, SITE)))  # noqa: S301  our own bytes
    assert other.fill("own.html", {"x": "<"}) == "样例档案&lt;"
