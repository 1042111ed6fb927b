"""Whether the site stands as it would be built: told without any engine, since that is what most builds ask."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import msgspec

from newsarchive.article import Problem, Value
from newsarchive.cache import Cache, open_cache
from newsarchive.fingerprints import Digests, of_articles, of_file, of_folders, of_site, read_digests
from newsarchive.manifest import MANIFEST, WriteReport, listed_files, published_files
from newsarchive.mirrored import FOLDER as MIRROR
from newsarchive.outputs import check_output
from newsarchive.settings import Settings
from newsarchive.staging import recover

GUARD = "guard"
"""Kind of the problem of a file that took more time or memory than any article should."""
_NOTE = "last"


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
    read_by: Mapping[str, int] = field(default_factory=dict)
    """How many of the content files each engine read, remembered ones among them: `fast`, `reference`, `text`."""

    @property
    def tripped(self) -> bool:
        """True where a file took more time or memory than any article should: the build then counts as failed."""
        return any(problem.kind == GUARD for problem in self.problems)


@dataclass(frozen=True, slots=True)
class Inputs:
    """Fingerprints of all that shapes a build."""

    digests: Digests
    """Those of the content files."""
    site: bytes
    """Of what shapes the pages beside the articles."""
    whole: bytes
    """Of everything."""


class _Last(Value, frozen=True):
    """The last build that was written, as the cache notes it."""

    inputs: bytes
    manifest: bytes
    """Hash of the manifest it wrote."""
    articles: int
    files: int
    problems: tuple[Problem, ...]
    read_by: dict[str, int] = msgspec.field(default_factory=dict)


def look(settings: Settings) -> tuple[Inputs, BuildReport | None]:
    """Hash all that a build reads, and give the report of the last one where the site stands as it left it.

    What a killed build left beside the output is completed first.

    Raises:
        OutputError: a site may not be written to the output.
    """
    check_output(settings.output, (*settings.content, settings.root))
    recover(settings.output)
    inputs = read_inputs(settings)
    with open_cache(settings.cache) as store:
        return inputs, find_standing(store, inputs, settings)


def read_inputs(settings: Settings) -> Inputs:
    """Hash all that a build reads: content, mirrored pictures, rules, data, templates, settings and code."""
    digests = read_digests(settings.content, (settings.output,), of_articles(settings))
    mirror = read_digests((settings.root / MIRROR,), (), b"")
    site = of_site(settings, digests.salt)
    return Inputs(digests, site, sha256(b"".join((site, of_folders(digests), of_folders(mirror)))).digest())


def find_standing(store: Cache, inputs: Inputs, settings: Settings) -> BuildReport | None:
    """Give the report of the last build where nothing changed since, and its site stands with all its files."""
    last = store.noted(_NOTE, _Last)
    if last is None or last.inputs != inputs.whole or last.manifest != of_file(settings.output / MANIFEST):
        return None
    listed = listed_files(settings.output)
    if published_files(settings.output).keys() != listed.keys():
        return None
    written = WriteReport(len(listed), sum(each.size for each in listed.values()))
    return BuildReport(last.articles, last.files, last.problems, settings.output, written, last.read_by)


def note_standing(store: Cache, inputs: Inputs, report: BuildReport) -> None:
    """Note a build that was written; one in which a guard tripped is to be done again."""
    if not report.tripped:
        manifest = of_file(report.output / MANIFEST)
        told = report.articles, report.files, report.problems, dict(report.read_by)
        last = _Last(inputs.whole, manifest, *told)
        store.set_note(_NOTE, msgspec.json.encode(last))
