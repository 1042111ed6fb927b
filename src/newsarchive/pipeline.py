"""The whole order: load → clean → describe → assemble the archive → render → write."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from time import perf_counter

import msgspec

from newsarchive.archive import Archive, assemble
from newsarchive.article import Problem, Value
from newsarchive.cache import Cache, open_cache
from newsarchive.fingerprints import Digests, of_articles, of_file, of_folders, of_site, read_digests
from newsarchive.gathering import GUARD, Gathered, Progress, find_sources, gather, silent, use_mirror
from newsarchive.loader import find_problems
from newsarchive.manifest import MANIFEST, listed_files, published_files
from newsarchive.media import read_pictures
from newsarchive.mirrored import FOLDER as MIRROR
from newsarchive.mirrored import read_manifest
from newsarchive.preparation import Knowledge, load_knowledge
from newsarchive.render import RENDERERS
from newsarchive.render.planned import PlannedFile
from newsarchive.render.segments import check_engine
from newsarchive.render.templates import check_templates
from newsarchive.reuse import Reuse
from newsarchive.settings import Settings
from newsarchive.staging import recover
from newsarchive.writer import OutputFile, WriteReport, check_output, write_site

TIMINGS = "timings.json"
"""File of the cache's folder that tells how many seconds each step of the last build took."""
_LAST = "last"


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did."""

    articles: int
    """Articles of the archive, captures of one counted once."""
    files: int
    """Content files found."""
    problems: tuple[Problem, ...]
    """By path, line, column, kind."""
    output: Path
    written: WriteReport | None
    """None where `strict` kept a build with problems from being written."""


class Last(Value, frozen=True):
    """The last build that was written, as the cache notes it."""

    inputs: bytes
    """Fingerprint of all that shaped it."""
    manifest: bytes
    """Hash of the manifest it wrote."""
    articles: int
    files: int
    problems: tuple[Problem, ...]


def build(
    settings: Settings, progress: Progress = silent, knowledge: Callable[[Settings], Knowledge] | None = None
) -> BuildReport:
    """Build a site from an archive's folder; `knowledge` reads rules, data and templates where a build needs them.

    Raises:
        NewsArchiveError: settings, rules or templates are broken, there is no content file, or the site
            cannot be written. The old site is then as it was.
    """
    check_output(settings.output, (*settings.content, settings.root))
    recover(settings.output)
    if settings.search:
        check_engine()
    watch = _Watch(progress)
    with open_cache(settings.cache) as store:
        watch("reading files", 0, 0)
        digests = read_digests(settings.content, (settings.output,), of_articles(settings))
        inputs = _of_inputs(settings, digests)
        if last := _standing(store, inputs, settings):
            return BuildReport(last.articles, last.files, last.problems, settings.output, _as_listed(settings))
        watch("reading rules", 0, 0)
        archive, gathered = _assembled(settings, (knowledge or read_knowledge)(settings), store, digests, watch)
        if settings.strict and archive.problems:
            return BuildReport(len(archive.entries), archive.files, archive.problems, settings.output, None)
        reuse = Reuse(
            store, of_site(settings, digests.salt), partial(published_files, settings.output), settings.workers
        )
        written = write_site(
            reuse.settle(render(archive, settings, gathered, watch)),
            settings.output,
            partial(watch, "waiting for another build", 0, 0),
        )
        reuse.remember()
        if not has_tripped(archive.problems):
            store.set_note(_LAST, _noted(archive, inputs, settings))
        watch.write(settings)
    return BuildReport(len(archive.entries), archive.files, archive.problems, settings.output, written)


def _assembled(
    settings: Settings, knowledge: Knowledge, store: Cache, digests: Digests, watch: "_Watch"
) -> tuple[Archive, Gathered]:
    """Gather the articles and put them together."""
    sources = find_sources(settings, watch)
    gathered = gather(sources, knowledge, settings, store, digests, watch)
    gathered = use_mirror(gathered, read_manifest(settings.root), settings.root)
    return assemble_archive(gathered, len(sources), settings, knowledge, watch), gathered


def assemble_archive(
    gathered: Gathered, files: int, settings: Settings, knowledge: Knowledge, progress: Progress = silent
) -> Archive:
    """Put all articles together; `files` counts the content files."""
    progress("putting the archive together", 0, 0)
    beside = find_problems(settings.content, settings, (settings.output,))
    return assemble(
        articles=gathered.articles,
        files=files,
        problems=[*beside, *gathered.problems],
        editions=knowledge.editions,
        build_date=settings.build_date,
        rules=knowledge.rules.files,
        bodies=gathered.bodies,
    )


def render(
    archive: Archive, settings: Settings, gathered: Gathered, progress: Progress = silent
) -> Iterator[OutputFile | PlannedFile]:
    """Give every file of the site: what the renderers make, then the pictures beside the articles."""
    count = 0
    for renderer in RENDERERS:
        for file in renderer(archive, settings):
            count += 1
            progress("writing pages", count, 0)
            yield file
    progress("copying pictures", 0, 0)
    for picture, data in read_pictures(gathered.pictures):
        yield OutputFile(picture.path, data, str(picture.file))


def read_knowledge(settings: Settings) -> Knowledge:
    """Read rules and data and compile the templates, before any work is done.

    Raises:
        NewsArchiveError: one of them is broken.
    """
    check_templates(settings)
    return load_knowledge(settings)


def has_tripped(problems: Iterable[Problem]) -> bool:
    """Tell whether a file took more time or memory than any article should: the build then counts as failed."""
    return any(problem.kind == GUARD for problem in problems)


def _of_inputs(settings: Settings, digests: Digests) -> bytes:
    """Fingerprint of everything that shapes the site."""
    mirror = read_digests((settings.root / MIRROR,), (), b"")
    parts = (of_site(settings, digests.salt), of_folders(digests), of_folders(mirror))
    return sha256(b"".join(parts)).digest()


def _standing(store: Cache, inputs: bytes, settings: Settings) -> Last | None:
    """Give the last build where nothing changed since, and the site it wrote still stands with all its files."""
    noted = store.note(_LAST)
    last = msgspec.json.decode(noted, type=Last) if noted else None
    if last is None or last.inputs != inputs or last.manifest != of_file(settings.output / MANIFEST):
        return None
    return last if published_files(settings.output).keys() == listed_files(settings.output).keys() else None


def _noted(archive: Archive, inputs: bytes, settings: Settings) -> bytes:
    manifest = of_file(settings.output / MANIFEST)
    return msgspec.json.encode(Last(inputs, manifest, len(archive.entries), archive.files, archive.problems))


def _as_listed(settings: Settings) -> WriteReport:
    listed = listed_files(settings.output).values()
    return WriteReport(len(listed), sum(each.size for each in listed))


class _Watch:
    """Passes progress on and notes how long each step took; state, since a step ends where the next begins."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._begun: list[tuple[str, float]] = []

    def __call__(self, step: str, done: int, total: int) -> None:
        if not self._begun or self._begun[-1][0] != step:
            self._begun.append((step, perf_counter()))
        self._progress(step, done, total)

    def write(self, settings: Settings) -> None:
        """Leave the seconds of each step in the cache's folder; nothing where there is none."""
        if settings.cache is None:
            return
        ends = [*(begun for _, begun in self._begun[1:]), perf_counter()]
        seconds = {step: round(end - begun, 4) for (step, begun), end in zip(self._begun, ends, strict=True)}
        (settings.cache / TIMINGS).write_text(json.dumps(seconds, indent=1) + "\n", encoding="utf-8")
