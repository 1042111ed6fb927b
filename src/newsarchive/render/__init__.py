"""Renderers: each takes the archive and the settings and gives files of the site.

A new kind of output is one module here and one line in `RENDERERS`.
"""

from collections.abc import Callable, Iterator

from newsarchive.archive import Archive
from newsarchive.render.audit import render_audit
from newsarchive.render.dataset import render_dataset
from newsarchive.render.html import render_pages
from newsarchive.render.planned import PlannedFile, PlannedFiles
from newsarchive.render.search import render_search
from newsarchive.settings import Settings
from newsarchive.streams import StreamedFile
from newsarchive.writer import KeptFile, OutputFile

SiteFile = OutputFile | KeptFile | StreamedFile | PlannedFile | PlannedFiles
"""What renderers give."""
Renderer = Callable[[Archive, Settings], Iterator[SiteFile]]
"""Gives its files one by one, in an order that depends on the archive alone."""

RENDERERS: tuple[Renderer, ...] = (render_audit, render_dataset, render_pages, render_search)
"""All renderers, in the order in which they run; streamed files first: they are written while pages are made."""
