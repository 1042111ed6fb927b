"""The whole order: load → clean → describe → assemble the archive → render → write."""

import gc
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from time import perf_counter

from newsarchive.archive import Archive, all_names, assemble
from newsarchive.cache import Cache, open_cache
from newsarchive.errors import OutputError
from newsarchive.fingerprints import Digests
from newsarchive.gathering import Gathered, Progress, find_sources, gather, silent, uncollected, use_mirror
from newsarchive.knowledge import Knowledge, load_knowledge
from newsarchive.manifest import published_files
from newsarchive.media import read_pictures
from newsarchive.mirrored import read_manifest
from newsarchive.remembered import Remembered
from newsarchive.render import RENDERERS, SiteFile
from newsarchive.render.segments import check_engine
from newsarchive.render.templates import check_templates
from newsarchive.reuse import Reuse
from newsarchive.settings import Settings
from newsarchive.sources import find_problems
from newsarchive.standing import BuildReport, Inputs, look, note_standing
from newsarchive.writer import OutputFile, write_site

TIMINGS = "timings.json"
"""File of the cache's folder: seconds of each step of the last build that wrote, and files by how they were read."""


_COLLECTED = 100_000
"""New objects between two searches for cycles: a build makes millions of values, hardly any in a cycle."""
_SOUND = "sound"
"""Note of the cache: fingerprint of what shaped pages when all templates were last found sound."""


def build(
    settings: Settings,
    progress: Progress = silent,
    knowledge: Callable[..., Knowledge] | None = None,
    looked: tuple[Inputs, BuildReport | None] | None = None,
) -> BuildReport:
    """Build a site from an archive's folder, or leave it as it is where nothing changed.

    `knowledge` is `read_knowledge`, or stands in its place; `looked` is what `look` gave.

    Raises:
        NewsArchiveError: settings, rules or templates are broken, there is no content file, or the site
            cannot be written. The old site is then as it was.
    """
    gc.set_threshold(_COLLECTED)
    watch = _Watch(progress)
    watch("reading files", 0, 0)
    inputs, standing = looked or look(settings)
    if standing:
        return standing
    if settings.search:
        check_engine()
    with open_cache(settings.cache) as store:
        watch("reading rules", 0, 0)
        known = (knowledge or read_knowledge)(settings, is_sound=store.note(_SOUND) == inputs.site)
        remembered = Remembered(store, inputs.digests.salt)
        archive, gathered = _assembled(settings, known, store, inputs.digests, remembered, watch)
        report = _report(archive, gathered, settings)
        if settings.strict and archive.problems:
            return report
        reuse = Reuse(store, inputs.site, partial(published_files, settings.output), settings.processes)
        files = reuse.settle(render(archive, settings, gathered, watch))
        wait = partial(watch, "waiting for another build", 0, 0)
        written = write_site(files, settings.output, wait, workers=settings.processes)
        report = replace(report, written=written)
        with suppress(OutputError):  # the site is published, and what is remembered only saves time
            reuse.remember(written.pieces)
            remembered.remember()
            note_standing(store, inputs, report)
            store.set_note(_SOUND, inputs.site)
        watch.write(settings, report.read_by)
    return report


def _report(archive: Archive, gathered: Gathered, settings: Settings) -> BuildReport:
    """Tell of a build that is not written yet."""
    read_by = Counter[str](article.read_by for article in gathered.articles if article.story == 1)
    return BuildReport(len(archive.entries), archive.files, archive.problems, settings.output, None, read_by)


def _assembled(
    settings: Settings,
    knowledge: Knowledge,
    store: Cache,
    digests: Digests,
    remembered: Remembered,
    watch: "_Watch",
) -> tuple[Archive, Gathered]:
    """Gather the articles and put them together."""
    sources = find_sources(settings, watch)
    gathered = gather(sources, knowledge, settings, store, digests, watch)
    gathered = use_mirror(gathered, read_manifest(settings.root), settings.root)
    watch("putting the archive together", 0, 0)
    beside = find_problems(settings.content, settings, (settings.output,))
    remembered.spell_apart(all_names(gathered.articles))
    with uncollected():
        archive = assemble(
            articles=gathered.articles,
            files=len(sources),
            problems=[*beside, *gathered.problems],
            editions=knowledge.editions,
            build_date=settings.build_date,
            rules=knowledge.rules.files,
            finders=remembered.finders(gathered.bodies),
        )
    return archive, gathered


def render(archive: Archive, settings: Settings, gathered: Gathered, progress: Progress = silent) -> Iterator[SiteFile]:
    """Give every file of the site: the pictures beside the articles, then what the renderers make.

    Pictures stand first, since planned pages are made only once what follows them was asked for.
    """
    progress("copying pictures", 0, 0)
    for picture, data in read_pictures(gathered.pictures):
        yield OutputFile(picture.path, data, str(picture.file))
    count = 0
    for renderer in RENDERERS:
        for file in renderer(archive, settings):
            count += 1
            progress("writing pages", count, 0)
            yield file


def read_knowledge(settings: Settings, *, is_sound: bool = False) -> Knowledge:
    """Read rules and data and compile the templates, before any work is done.

    Templates that are known to be sound, since a site was made with them, are compiled as they are needed.

    Raises:
        NewsArchiveError: one of them is broken.
    """
    if not is_sound:
        check_templates(settings)
    return load_knowledge(settings)


class _Watch:
    """Passes progress on and notes how long each step took; state, since a step ends where the next begins."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._begun: list[tuple[str, float]] = []

    def __call__(self, step: str, done: int, total: int) -> None:
        if not self._begun or self._begun[-1][0] != step:
            self._begun.append((step, perf_counter()))
        self._progress(step, done, total)

    def write(self, settings: Settings, read_by: Mapping[str, int]) -> None:
        """Leave the seconds of each step, and who read how many files, in the cache's folder, where there is one."""
        if settings.cache is None:
            return
        ends = [*(begun for _, begun in self._begun[1:]), perf_counter()]
        seconds = {step: round(end - begun, 4) for (step, begun), end in zip(self._begun, ends, strict=True)}
        told = {"seconds": seconds, "files": dict(sorted(read_by.items()))}
        (settings.cache / TIMINGS).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
