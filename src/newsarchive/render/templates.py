"""Templates: found file by file in the archive's folder, then in the package; their faults told by file and line."""

import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Protocol

import jinja2
from jinja2 import meta
from jinja2.runtime import Context
from markupsafe import Markup

from newsarchive.errors import ManyErrors, NewsArchiveError, SettingsError, TemplateError
from newsarchive.render.compiled import Direct, Kept, Shelved
from newsarchive.settings import Settings, find_resource, list_resources

FOLDER = "templates"
"""Folder of the templates within the archive and the package."""

ONCE = 4096
"""Results of macros that are held for `once`, those that were asked for last."""

_DIGITS = "〇一二三四五六七八九"
_SIGLA = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"
_RENDER_FAULTS = (jinja2.TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class Site:
    """What every template knows of the archive, as `site`."""

    title: str
    tagline: str
    description: str
    language: str
    newest: str
    """Date that the archive reaches; empty where it has none."""
    years: bool
    """True where there are years to go to."""
    editions: bool
    """True where there are editions to go to."""
    search: str
    """File by which search folds characters; empty where the site has no search."""


class HasPage(Protocol):
    """A row of a listing, as far as it must be known here."""

    @property
    def page(self) -> str:
        """Permalink."""


def environment(settings: Settings) -> jinja2.Environment:
    """Make the environment of one site: strict, escaping, with the filters that templates use."""
    made = jinja2.Environment(
        loader=_loader(settings.root),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        cache_size=-1,
        bytecode_cache=Shelved(),
    )
    made.code_generator_class = Direct
    made.template_class = Kept
    filters = (thousands, hanzi_digits, hanzi_number, siglum)
    made.filters |= {each.__name__: each for each in filters}
    return made


def check_templates(settings: Settings) -> None:
    """Compile every template of the archive and the package, so that a broken one is found before any work.

    Raises:
        TemplateError: one template is wrong; its file, line and remedy are told.
        ManyErrors: several are.
    """
    made = environment(settings)
    names = list_resources(settings.root, FOLDER, ".html")
    faults = [fault for name in names for fault in _faults(made, name)]
    if len(faults) > 1:
        raise ManyErrors(faults)
    if faults:
        raise faults[0]


class Templates:
    """The templates of one site, compiled as they are needed; it can be sent to another process."""

    def __init__(self, settings: Settings, site: Site) -> None:
        """Make them know the site."""
        self._made_of = settings, site
        self._environment = environment(settings)
        self._facts: dict[object, str] = {}
        self._environment.globals |= {"site": site, "once": lru_cache(maxsize=ONCE)(_called), "facts": self._facts_of}

    def fill(self, name: str, context: Mapping[str, object]) -> str:
        """Fill a template.

        Raises:
            TemplateError: it asks for what its context does not hold, or fails otherwise.
        """
        return guarded(lambda: self._filled(self._environment.get_template(name), context))

    def macro(self, template: str, name: str) -> Callable[..., str]:
        """Give a macro of a template; calling it may raise `TemplateError`."""
        found = getattr(self._environment.get_template(template).module, name)
        return lambda *values: guarded(lambda: str(found(*values)))

    def _filled(self, template: jinja2.Template, context: Mapping[str, object]) -> str:
        """As `Template.render`, which gathers for each page anew what no page has for itself."""
        try:
            known = Context(self._environment, {**self._environment.globals, **context}, template.name, template.blocks)
            return "".join([piece for piece in template.root_render_func(known) if piece])
        except Exception:  # noqa: BLE001  it is raised again, from its place in the template
            self._environment.handle_exception()

    @cached_property
    def _written_facts(self) -> Callable[..., str]:
        return self.macro("_entry.html", "facts_of")

    def _facts_of(self, row: HasPage) -> str:
        """`facts` in templates: what every listing says of an article alike, written once for all of them."""
        if row.page not in self._facts:
            self._facts[row.page] = trusted(self._written_facts(row))
        return self._facts[row.page]

    def __reduce__(self) -> tuple[type["Templates"], tuple[Settings, Site]]:
        """Travel as what it was made of."""
        return Templates, self._made_of


def _called(macro: Callable[..., str], *values: object) -> str:
    """`once` in templates: what a macro gives for these values, which is worked out the first time only."""
    return macro(*values)


def guarded(fill: Callable[[], str]) -> str:
    """Run one filling of a template or macro, telling its faults by template and line.

    Raises:
        TemplateError: the template fails.
    """
    try:
        return fill()
    except _RENDER_FAULTS as fault:
        place = _place(fault)
        if not place:
            raise
        finding = f"fails while rendering: {fault}"
        raise TemplateError(place, finding, "the comment at its top names the variables it has") from fault


def thousands(number: int) -> str:
    """Write a count with commas: `1,199`."""
    return f"{number:,}"


def hanzi_digits(number: int | str) -> str:
    """Write a number digit by digit, as years are: `二〇二四`."""
    return "".join(_DIGITS[int(digit)] for digit in str(number))


def hanzi_number(number: int) -> str:
    """Write a number below 100 in words, as months, days and ordinals are: `十一`, `二十`; others in figures."""
    if not 0 < number < 100:
        return str(number)
    tens, ones = divmod(number, 10)
    head = (_DIGITS[tens] if tens > 1 else "") + "十" if tens else ""
    return head + (_DIGITS[ones] if ones else "")


def siglum(number: int) -> str:
    """Letter by which a copy is cited, from 1: the ten stems, then the twelve branches, then figures."""
    return _SIGLA[number - 1] if number <= len(_SIGLA) else str(number)


def trusted(html: str) -> Markup:
    """Pass HTML that this package made itself, or that `markup.to_html` made safe, through autoescape."""
    return Markup(html)  # noqa: S704


def _loader(root: Path) -> jinja2.BaseLoader:
    def load(name: str) -> tuple[str, str, Callable[[], bool]] | None:
        try:
            path = find_resource(root, f"{FOLDER}/{name}")
        except SettingsError:
            return None
        return path.read_text(encoding="utf-8"), str(path), lambda: True

    return jinja2.FunctionLoader(load)


def _faults(made: jinja2.Environment, name: str) -> Iterator[NewsArchiveError]:
    """Tell what is wrong with one template."""
    try:
        uses = _compile(made, name.removeprefix(f"{FOLDER}/"))
    except UnicodeDecodeError as fault:
        yield TemplateError(name, f"is not UTF-8 (byte {fault.start})", "save the template as UTF-8")
    except jinja2.TemplateSyntaxError as fault:
        yield TemplateError(f"{name}:{fault.lineno}", fault.message or "is broken", "mend the template's syntax")
    else:
        for other in uses:
            if not _has(made, other):
                yield TemplateError(
                    name, f"uses {other}, which does not exist", f"add {FOLDER}/{other} or name another"
                )


def _compile(made: jinja2.Environment, name: str) -> list[str]:
    """Compile a template, keep it, and give the names of those that it uses."""
    text, path, _is_current = _source(made, name)
    tree = made.parse(text, name, path)
    if made.bytecode_cache:
        bucket = made.bytecode_cache.get_bucket(made, name, path, text)
        if bucket.code is None:
            bucket.code = made.compile(tree, name, path)
            made.bytecode_cache.set_bucket(bucket)
    return [other for other in meta.find_referenced_templates(tree) if other is not None]


def _has(made: jinja2.Environment, name: str) -> bool:
    try:
        _source(made, name)
    except jinja2.TemplateNotFound:
        return False
    except UnicodeDecodeError:  # told where that template is checked itself
        return True
    return True


def _source(made: jinja2.Environment, name: str) -> tuple[str, str | None, Callable[[], bool] | None]:
    assert made.loader  # every environment of ours has one
    return made.loader.get_source(made, name)


def _place(fault: BaseException) -> str:
    """Template and line in which an exception rose; empty where none took part."""
    if isinstance(fault, jinja2.TemplateSyntaxError):
        return f"{FOLDER}/{fault.name}:{fault.lineno}"
    frames = [frame for frame in traceback.extract_tb(fault.__traceback__) if f"{FOLDER}" in Path(frame.filename).parts]
    frames = [frame for frame in frames if frame.filename.endswith(".html")]
    return f"{FOLDER}/{_within(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""


def _within(filename: str) -> str:
    parts = Path(filename).parts
    last = len(parts) - 1 - parts[::-1].index(FOLDER)
    return "/".join(parts[last + 1 :])
