"""Every HTML page of the site, and the static files that the pages need."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial
from typing import TypedDict, TypeVar

from markupsafe import Markup

from newsarchive import permalinks
from newsarchive.archive import Archive
from newsarchive.render.articles import ArticlePage, ArticlePlan, article_page, figure_of, plan_articles
from newsarchive.render.copies import Comparison, comparisons, fill_comparison
from newsarchive.render.editions import (
    EditionPage,
    EditionsIndex,
    Timeline,
    edition_pages,
    editions_index,
    timeline,
)
from newsarchive.render.listings import Listing, listings, rail_rows
from newsarchive.render.overview import About, Home, Index, NotFound, about, home, indexes
from newsarchive.render.planned import Draft, Keys, PlannedFile
from newsarchive.render.rows import Almanac, Link, Shelf, month_pages, shelve
from newsarchive.render.rulebook import Rules, rules_page
from newsarchive.render.search import SCRIPTS, SearchPage, folding_file, search_page
from newsarchive.render.statistics import Statistics, statistics
from newsarchive.render.templates import ONCE, Site, Templates, check_templates, trusted
from newsarchive.settings import Settings, list_resources
from newsarchive.sheets import Sheet, fill
from newsarchive.writer import OutputFile

__all__ = ["check_templates", "render_pages"]

STATIC = "static"
"""Folder of the static files within the archive and the package."""


View = (
    Home
    | Listing
    | Index
    | About
    | Rules
    | EditionPage
    | EditionsIndex
    | Timeline
    | Statistics
    | SearchPage
    | Comparison
    | NotFound
)
"""What the template of a page that is no article's is filled with."""


Viewed = TypeVar("Viewed", bound=View)


class Context(TypedDict):
    """Variables of every page's template; each template's first comment tells the type of its `view`."""

    view: View | ArticlePage
    link: Link
    """Path within the site → link from this page."""
    canonical: str
    """Absolute address of the page, or of the original; empty where none is known."""


class ArticleContext(Context):
    """Variables of `article.html`."""

    body: Markup
    """The cleaned story as safe HTML, pictures and margin notes in place."""


def render_pages(archive: Archive, settings: Settings) -> Iterator[OutputFile | PlannedFile]:
    """Give every page of the site, the static files, and the file that keeps GitHub Pages from changing them.

    Raises:
        TemplateError: a template fails while rendering.
    """
    renderer = _Renderer(archive, settings)
    yield from _static_files(settings)
    yield OutputFile(permalinks.NO_JEKYLL, b"", "the renderer of pages")
    yield from renderer.overview_pages()
    yield from renderer.edition_pages()
    yield from renderer.listing_pages()
    yield from renderer.article_pages()
    yield from renderer.comparison_pages()
    yield from renderer.dear_pages()


class _Renderer:
    """Holds what all pages of one site share: templates, rows, settings."""

    def __init__(self, archive: Archive, settings: Settings) -> None:
        self.archive = archive
        self.settings = settings
        self.shelf: Shelf = shelve(archive)
        self.months = month_pages(archive, self.shelf, settings.page_size)
        self.site = _site(archive, settings)
        self.keys = Keys(self.site)
        self.templates = Templates(settings, self.site)
        self._margin = lru_cache(maxsize=ONCE)(self.templates.macro("_margin.html", "margin"))
        self._figure = self.templates.macro("_figure.html", "figure")

    def overview_pages(self) -> Iterator[PlannedFile]:
        """Plan home, the line of time, indexes and the page for unknown addresses."""
        size = self.settings.page_size
        yield self._page("home.html", permalinks.HOME, home(self.archive, self.shelf, self.settings))
        yield self._page("timeline.html", permalinks.TIMELINE, timeline(self.archive, self.shelf, self.months))
        for index in indexes(self.archive, size):
            yield self._page("index.html", index.page, index)
        yield self._page("404.html", permalinks.NOT_FOUND, NotFound(tuple(rail_rows(self.archive.years))))

    def dear_pages(self) -> Iterator[PlannedFile]:
        """Plan what reads all articles: last, so that whoever writes has all others by the time they are made."""
        if self.settings.search:
            search = partial(search_page, self.archive, self.shelf, self.settings)
            yield self._late("search.html", permalinks.SEARCH, search)
        yield self._late("about.html", permalinks.ABOUT, partial(about, self.archive, self.settings))
        yield self._late("rules.html", permalinks.RULES, partial(rules_page, self.archive))
        yield self._late("statistics.html", permalinks.STATISTICS, partial(statistics, self.archive, self.shelf))

    def edition_pages(self) -> Iterator[PlannedFile]:
        """Plan every page about the editions; none where there are no editions."""
        if not self.archive.editions:
            return
        yield self._page("editions.html", permalinks.EDITIONS, editions_index(self.archive, self.shelf))
        yield from map(self._drafted, edition_pages(self.archive, self.shelf, self.settings))

    def listing_pages(self) -> Iterator[PlannedFile]:
        """Plan every page that lists articles."""
        return map(self._drafted, listings(self.archive, self.shelf, self.settings.page_size))

    def article_pages(self) -> Iterator[PlannedFile]:
        """Plan the page of every article."""
        for plan in plan_articles(self.archive, self.shelf, self.months):
            article = plan.entry.article
            key = self.keys.of_article(plan.entry, plan.neighbours, plan.row, plan.month_page)
            yield PlannedFile(article.permalink, key, partial(self._article, plan), article.path)

    def _article(self, plan: ArticlePlan) -> bytes:
        sheet = self.archive.sheet(plan.entry.article)
        page = article_page(plan, sheet, self.shelf.almanac, self.shelf.outlet_pages, self.settings.zone)
        link = permalinks.links_from(permalinks.folder_of(page.page))
        canonical = page.url or self._absolute(page.page)
        context = ArticleContext(view=page, link=link, canonical=canonical, body=self._body(page, sheet, link))
        return self._filled("article.html", context)

    def comparison_pages(self) -> Iterator[PlannedFile]:
        """Plan every page that compares two copies of one text."""
        for told, articles in comparisons(self.archive, self.shelf.copies):
            key = self.keys.of_comparison(Draft("compare.html", told.page, told), articles)
            view = partial(fill_comparison, told, self.archive, articles)
            make = partial(self._viewed, "compare.html", told.page, view)
            yield PlannedFile(told.page, key, make, f"the listing {told.page}")

    def _page(self, template: str, path: str, view: View) -> PlannedFile:
        return self._drafted(Draft(template, path, view))

    def _drafted(self, draft: Draft[Viewed]) -> PlannedFile:
        make = partial(self._viewed, draft.template, draft.path, partial(_fill, draft, self.shelf.almanac))
        return PlannedFile(draft.path, self.keys.of_draft(draft), make, f"the listing {draft.path}")

    def _late(self, template: str, path: str, view: Callable[[], View]) -> PlannedFile:
        """Plan a page whose view costs so much that it is made with the page, in whatever process."""
        return PlannedFile(path, b"", partial(self._viewed, template, path, view), f"the listing {path}")

    def _viewed(self, template: str, path: str, view: Callable[[], View]) -> bytes:
        link: Link = permalinks.links_from(permalinks.folder_of(path))
        if path == permalinks.NOT_FOUND:  # a host shows it at any address
            link = partial(permalinks.absolute, self.settings.base_url)
        canonical = "" if path == permalinks.NOT_FOUND else self._absolute(path)
        return self._filled(template, Context(view=view(), link=link, canonical=canonical))

    def _filled(self, template: str, context: Mapping[str, object]) -> bytes:
        return page_bytes(self.templates.fill(template, context))

    def _absolute(self, path: str) -> str:
        return self.settings.base_url + path if self.settings.base_url else ""

    def _body(self, page: ArticlePage, sheet: Sheet, link: Link) -> Markup:
        own = self.settings.language
        lang = own if page.article.lang not in (own, "und") else ""
        margin = {after: self._margin(note, lang) for after, note in sheet.notes}
        return trusted(fill(sheet, lambda image: self._figure(figure_of(image, link)), margin))


def _fill(draft: Draft[Viewed], almanac: Almanac) -> Viewed:
    return draft.fill(draft.told, draft.rows, almanac)


def _site(archive: Archive, settings: Settings) -> Site:
    return Site(
        title=settings.title,
        tagline=settings.tagline,
        description=settings.description,
        language=settings.language,
        newest=archive.newest,
        years=bool(archive.years),
        editions=bool(archive.editions),
        search=folding_file(settings),
    )


def page_bytes(text: str) -> bytes:
    """Give a page in UTF-8; a control, which no page may hold, stands as the picture of it, or as U+FFFD.

    Fields and names that content brings may hold any. Source: HTML Standard, section 13.1 (text).
    """
    data = text.encode("utf-8", "xmlcharrefreplace")
    if len(data.translate(None, _CONTROLS)) == len(data) and not _has_wide_controls(text, data):
        return data
    return _UNSHOWN.sub(_pictured, text).encode("utf-8", "xmlcharrefreplace")


def _has_wide_controls(text: str, data: bytes) -> bool:
    return "\ufffe" in text or "\uffff" in text or (b"\xc2" in data and _C1.search(data) is not None)


# Looked for in the quickest way, since pages are many and hardly one holds any.
_CONTROLS = bytes({*range(0x20), 0x7F} - {*b"\t\n\f\r"})
_C1 = re.compile(rb"\xc2[\x80-\x9f]")
_UNSHOWN = re.compile("[\0-\x08\x0b\x0e-\x1f\x7f-\x9f\ufffe\uffff]")


def _pictured(control: re.Match[str]) -> str:
    code = ord(control[0])
    return "\u2421" if code == 0x7F else chr(0x2400 + code) if code < 0x20 else "\ufffd"


def _static_files(settings: Settings) -> Iterator[OutputFile]:
    """Give every static file as it is, below `assets/`; the scripts of search only where there is search."""
    for name, path in list_resources(settings.root, STATIC).items():
        if name.removeprefix(f"{STATIC}/") in SCRIPTS and not settings.search:
            continue
        target = permalinks.asset_file(name.removeprefix(f"{STATIC}/"))
        yield OutputFile(target, path.read_bytes(), name)
