"""How templates are compiled: the same pages as Jinja's own way gives."""

import pickle
from typing import ClassVar

import jinja2
import pytest
from jinja2.compiler import CodeGenerator
from markupsafe import Markup

from newsarchive.article import Moment
from newsarchive.render import compiled
from newsarchive.render.templates import Site, Templates, environment
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


def test_compiled_templates_are_kept_until_their_text_changes(settings, compiles):
    write_template(settings, "own.html", "{{ 1 + 1 }}")
    compiled_by(environment(settings)).get_template("own.html")
    assert compiled_by(environment(settings)).get_template("own.html").render() == "2"
    assert compiles == ["own.html"]
    write_template(settings, "own.html", "{{ 1 + 2 }}")
    assert compiled_by(environment(settings)).get_template("own.html").render() == "3"
    assert compiles == ["own.html"] * 2


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
