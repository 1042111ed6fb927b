"""The whole order: load → clean → describe → assemble the archive → render → write."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from msgspec.structs import replace

from newsarchive.archive import Archive, Edition, assemble
from newsarchive.article import Article, EditionEvidence, Problem
from newsarchive.entities import FILE as EDITIONS
from newsarchive.entities import load_editions, tag_editions
from newsarchive.errors import ContentError
from newsarchive.loader import SUFFIXES, Source, find_content, find_problems, load_document
from newsarchive.media import Picture, is_whole, read_pictures, resolve_images, resolve_mirrored
from newsarchive.mirrored import Record, read_manifest
from newsarchive.render import RENDERERS
from newsarchive.render.segments import check_engine
from newsarchive.render.templates import check_templates
from newsarchive.rules import RuleBook, load_rules
from newsarchive.settings import Settings
from newsarchive.stories import read_stories
from newsarchive.workers import Failure, map_inputs
from newsarchive.writer import OutputFile, WriteReport, check_output, write_site

Progress = Callable[[str, int, int], None]
"""Takes the step that is under way, how much of it is done and of how much (0: not known)."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What an editor laid down, checked: the same for all articles."""

    rules: RuleBook
    editions: tuple[Edition, ...]


@dataclass(frozen=True, slots=True)
class Prepared:
    """What one content file gives."""

    articles: tuple[Article, ...]
    problems: tuple[Problem, ...]
    """Those of the file; the articles carry their own."""
    pictures: tuple[Picture, ...]


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


def silent(step: str, done: int, total: int) -> None:
    """Take progress and say nothing."""


def build(settings: Settings, progress: Progress = silent, knowledge: Knowledge | None = None) -> BuildReport:
    """Build a site from an archive's folder.

    Raises:
        NewsArchiveError: settings, rules or templates are broken, there is no content file, or the site
            cannot be written. The old site is then as it was.
    """
    check_output(settings.output, (*settings.content, settings.root))
    if settings.search:
        check_engine()
    knowledge = knowledge or read_knowledge(settings)
    records = read_manifest(settings.root)
    sources = find_sources(settings, progress)
    prepared = prepare_all(sources, settings, knowledge, progress)
    _check_read(prepared)
    prepared = use_mirror(prepared, records, settings)
    archive = assemble_archive(prepared, settings, knowledge, progress)
    if settings.strict and archive.problems:
        return _report(archive, settings, None)
    files = render(archive, settings, prepared, progress)
    return _report(archive, settings, write_site(files, settings.output))


def read_knowledge(settings: Settings) -> Knowledge:
    """Read rules and data and compile the templates, before any work is done.

    Raises:
        NewsArchiveError: one of them is broken.
    """
    check_templates(settings)
    return Knowledge(load_rules(settings), tuple(load_editions(settings)))


def find_sources(settings: Settings, progress: Progress = silent) -> tuple[Source, ...]:
    """Find the content files.

    Raises:
        SettingsError: a content folder does not exist, or two hold one path.
        ContentError: there is no content file.
    """
    progress("finding articles", 0, 0)
    sources = find_content(settings.content, (settings.output,))
    if not sources:
        places = ", ".join(map(str, settings.content))
        raise ContentError(places, "no content file found", f"put files ending in {', '.join(SUFFIXES)} there")
    return sources


def prepare_all(
    sources: Sequence[Source], settings: Settings, knowledge: Knowledge, progress: Progress = silent
) -> list[Prepared]:
    """Prepare every content file, in processes where there are many; one that fails is quarantined."""
    prepare_one = partial(prepare, settings=settings, knowledge=knowledge)
    prepared = []
    for source, result in zip(sources, map_inputs(prepare_one, sources, settings.workers), strict=True):
        prepared.append(_quarantined(source, result.message) if isinstance(result, Failure) else result)
        progress("reading articles", len(prepared), len(sources))
    return prepared


def prepare(source: Source, settings: Settings, knowledge: Knowledge) -> Prepared:
    """Make articles of one content file: a pure function of it, what lies beside it, settings and knowledge."""
    try:
        document = load_document(source, settings)
    except ContentError as error:
        return _quarantined(source, error.finding)
    articles: list[Article] = []
    problems = list(document.problems)
    pictures: list[Picture] = []
    for story in read_stories(document, knowledge.rules, settings):
        problems += _unknown_editions(story, knowledge)
        article, faults, found = resolve_images(_tagged(story, knowledge), source.folder, settings.limits.file_bytes)
        articles.append(article)
        problems += faults
        pictures += found
    return Prepared(tuple(articles), tuple(problems), tuple(pictures))


def _check_read(prepared: Sequence[Prepared]) -> None:
    """Refuse an archive of which no file could be read: a site without an article would replace one with many."""
    if any(each.articles for each in prepared):
        return
    problem = prepared[0].problems[0]
    finding = f"{problem.message}, and none of the {len(prepared)} content files could be read"
    raise ContentError(problem.path, finding, "correct the content folder; the old site stays")


def use_mirror(prepared: Sequence[Prepared], records: Mapping[str, Record], settings: Settings) -> Sequence[Prepared]:
    """Give the articles the mirrored copies of their pictures; each file is checked once."""
    if not records:
        return prepared
    whole = cache(partial(is_whole, settings.root))
    mirrored = []
    for each in prepared:
        found = [resolve_mirrored(article, records, settings.root, whole) for article in each.articles]
        mirrored.append(
            Prepared(
                articles=tuple(article for article, _, _ in found),
                problems=(*each.problems, *(problem for _, problems, _ in found for problem in problems)),
                pictures=(*each.pictures, *(picture for _, _, pictures in found for picture in pictures)),
            )
        )
    return mirrored


def _tagged(article: Article, knowledge: Knowledge) -> Article:
    """The article with its editions: those that a correction names, else those that its text tells."""
    found = tag_editions(knowledge.editions, article.title, article.text, article.published)
    if article.editions:
        found = tuple(
            EditionEvidence(edition.key, "sidecar") for edition in knowledge.editions if edition.key in article.editions
        )
    doubtful = ("editions",) if any(evidence.doubtful for evidence in found) else ()
    return replace(
        article,
        editions=tuple(evidence.key for evidence in found),
        edition_evidence=found,
        uncertain=tuple(sorted({*article.uncertain, *doubtful})),
    )


def _unknown_editions(article: Article, knowledge: Knowledge) -> Iterator[Problem]:
    known = {edition.key for edition in knowledge.editions}
    for key in article.editions:
        if key not in known:
            finding = f"the sidecar names the edition {key!r}, which {EDITIONS} does not hold"
            yield Problem(article.path, None, None, "edition", finding, "published without it")


def assemble_archive(
    prepared: Sequence[Prepared], settings: Settings, knowledge: Knowledge, progress: Progress = silent
) -> Archive:
    """Put all articles together."""
    progress("putting the archive together", 0, 0)
    beside = find_problems(settings.content, settings, (settings.output,))
    return assemble(
        articles=[article for each in prepared for article in each.articles],
        files=len(prepared),
        problems=[*beside, *(problem for each in prepared for problem in each.problems)],
        editions=knowledge.editions,
        build_date=settings.build_date,
        known={file.name: file.key for file in knowledge.rules.files if file.group == "publishers"},
        rules=knowledge.rules.files,
    )


def render(
    archive: Archive, settings: Settings, prepared: Sequence[Prepared], progress: Progress = silent
) -> Iterator[OutputFile]:
    """Give every file of the site: what the renderers make, then the pictures beside the articles."""
    count = 0
    for renderer in RENDERERS:
        for file in renderer(archive, settings):
            count += 1
            progress("writing pages", count, 0)
            yield file
    progress("copying pictures", 0, 0)
    pictures = (picture for each in prepared for picture in each.pictures)
    for picture, data in read_pictures(pictures):
        yield OutputFile(picture.path, data, str(picture.file))


def _quarantined(source: Source, finding: str) -> Prepared:
    return Prepared((), (Problem(source.path, None, None, "unreadable", finding, "quarantined"),), ())


def _report(archive: Archive, settings: Settings, written: WriteReport | None) -> BuildReport:
    return BuildReport(len(archive.entries), archive.files, archive.problems, settings.output, written)
