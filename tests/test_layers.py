"""Who may import whom: the table of docs/house-style.md, section 2, held by the syntax trees alone."""

import ast
import re

import pytest

from conftest import PROJECT

SOURCE = PROJECT / "src"

ROWS = (
    ("errors",),
    ("article",),
    ("yamlfile",),
    ("settings",),
    ("dates",),
    ("hanzi",),
    ("terms",),
    ("patterns",),
    ("players", "runs", "selection"),
    ("blocks", "pages"),
    ("probes",),
    ("trees",),
    ("phrases",),
    ("plain",),
    ("markup",),
    ("decoding", "heads"),
    ("fields",),
    ("sidecars",),
    ("sizes",),
    ("sources",),
    ("loader",),
    ("rules",),
    ("rulefiles",),
    ("recognition",),
    ("bylines",),
    ("printed",),
    ("splitter",),
    ("cleaner",),
    ("claims",),
    ("outlets", "titles"),
    ("metadata",),
    ("stories",),
    ("recurrence",),
    ("permalinks",),
    ("lines",),
    ("records", "removals", "sheets"),
    ("collation", "sketches"),
    ("syndication",),
    ("related",),
    ("pictures",),
    ("mirrored",),
    ("archive",),
    ("entities",),
    ("knowledge",),
    ("stats", "media"),
    ("fingerprints",),
    ("packing",),
    ("preparation",),
    ("cache",),
    ("streams",),
    ("manifest",),
    ("foreign", "outputs"),
    ("staging",),
    ("standing",),
    ("guards",),
    ("workers",),
    ("remembered",),
    ("writer",),
    ("render.compiled",),
    ("render.charts", "render.copies", "render.evidence", "render.templates"),
    ("render.rows", "render.tokens"),
    ("render.neighbours", "render.segments"),
    ("render.planned",),
    ("render.articles", "render.listings", "render.rulebook"),
    ("render.search",),
    ("render.editions",),
    ("render.overview",),
    ("render.statistics",),
    ("render.html",),
    ("render.audit", "render.dataset"),
    ("render",),
    ("cluster",),
    ("elsewhere",),
    ("gathering", "reuse"),
    ("pipeline",),
    ("commands.fetching",),
    ("commands.renditions",),
    ("commands.findings",),
    ("commands.links", "commands.schemas"),
    ("commands.*",),
    ("commands",),
    ("arguments",),
    ("cli",),
    ("__main__",),
)
"""Modules in the order in which they may import: a row sees the rows above it, never itself or those below."""

OUTSIDE_WORLD = {
    "socket": {"commands"},
    "ssl": {"commands"},
    "http": {"commands"},
    "urllib.request": {"commands"},
    "subprocess": {"commands", "cluster"},
    "random": set(),
    "locale": set(),
    "time": {"commands", "pipeline", "cli", "staging"},
    "os.environ": {"commands", "settings", "cli"},
    "os.getenv": {"commands", "settings", "cli"},
    "os.system": {"commands"},
}
"""What would make a page depend on more than its inputs → the modules that may use it."""

CLOCK = {"now", "today", "utcnow", "localtime"}


def module_name(path):
    """The module's name below the package: `render.html`; empty for the package itself."""
    parts = path.relative_to(SOURCE / "newsarchive").with_suffix("").parts
    return ".".join(parts).removesuffix("__init__").rstrip(".")


MODULES = {module_name(path): path for path in sorted((SOURCE / "newsarchive").rglob("*.py"))}


def row_of(name):
    """Number of the module's row, None for a module that no row names."""
    family = re.sub(r"\..*", ".*", name)
    return next((number for number, row in enumerate(ROWS) if name in row or ("." in name and family in row)), None)


def tree_of(name):
    return ast.parse(MODULES[name].read_text("utf-8"))


def imports_of(name):
    """Every imported module or name, as a dotted path, wherever in the file the import stands."""
    for node in ast.walk(tree_of(name)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} imports relatively"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def inner_imports(name):
    """Modules of the package that this one imports."""
    for dotted in imports_of(name):
        if dotted.startswith("newsarchive."):
            inner = dotted.removeprefix("newsarchive.")
            yield inner if inner in MODULES else inner.rpartition(".")[0]


def test_modules_are_found():
    assert {"errors", "article", "settings"} <= set(MODULES)


@pytest.mark.parametrize("name", sorted(set(MODULES) - {""}))
def test_every_module_has_its_row(name):
    assert row_of(name) is not None, f"give {name} a row here and in docs/house-style.md, section 2"


@pytest.mark.parametrize("name", sorted(set(MODULES) - {""}))
def test_a_row_imports_only_rows_above_it(name):
    below = [other for other in inner_imports(name) if other and row_of(other) >= row_of(name)]
    assert below == [], f"{name} imports {below}"


def test_the_package_itself_imports_nothing():
    assert list(imports_of("")) == []


@pytest.mark.parametrize("name", sorted(set(MODULES) - {""}))
def test_the_style_guide_names_every_module(name):
    table = (PROJECT / "docs" / "house-style.md").read_text("utf-8")
    path = MODULES[name].relative_to(SOURCE / "newsarchive")
    forms = {path.as_posix(), path.name if path.name != "__init__.py" else path.as_posix(), f"{path.parts[0]}/*.py"}
    assert any(f"`{form}`" in table for form in forms)


@pytest.mark.parametrize("name", sorted(MODULES))
def test_only_commands_reach_outside(name):
    top = name.partition(".")[0]
    for dotted in (*imports_of(name), *attributes_of(name)):
        for forbidden, allowed in OUTSIDE_WORLD.items():
            if dotted == forbidden or dotted.startswith(f"{forbidden}."):
                assert top in allowed, f"{name} uses {dotted}"


@pytest.mark.parametrize("name", sorted(MODULES))
def test_nothing_but_a_command_reads_the_clock(name):
    if name.partition(".")[0] in {"commands", "cli"}:
        return
    calls = {dotted.rpartition(".")[2] for dotted in attributes_of(name)}
    assert not calls & CLOCK, f"{name} reads the clock: {calls & CLOCK}"


def attributes_of(name):
    """Every dotted name in the module's code: `os.environ`, `datetime.now`."""
    return [ast.unparse(node) for node in ast.walk(tree_of(name)) if isinstance(node, ast.Attribute)]
