"""Content files prepared by another machine, which must see what this one sees: files, rules, code and libraries."""

import os
import platform
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from msgspec.structs import replace as changed

from newsarchive.article import Value
from newsarchive.cluster import Refusal
from newsarchive.fingerprints import Digests, digest_of, parts_of_articles
from newsarchive.knowledge import Knowledge, load_knowledge
from newsarchive.packing import Packed
from newsarchive.preparation import prepare_packed
from newsarchive.settings import Settings
from newsarchive.sources import Source


class Job(Value, frozen=True):
    """One content file that another machine is to prepare."""

    source: Source
    """Its paths are absolute."""
    key: bytes
    """Fingerprint of what shapes its articles, as this machine sees it."""


def to_jobs(sources: Iterable[Source], keys: Mapping[str, bytes]) -> Iterator[Job]:
    """Make jobs of content files; `keys` are the fingerprints by path."""
    return (Job(_absolute(source), keys[source.path]) for source in sources)


def loading(settings: Settings) -> Callable[[], Callable[[Job], Packed | Refusal]]:
    """Give what another machine calls once to load rules and data from where this one has them."""
    root = Path(os.path.abspath(settings.root))  # noqa: PTH100  links stay as they are: they may lead elsewhere there
    shared = replace(settings, root=root, content=(), output=root, cache=None, workers=1)
    return partial(load_packer, shared, parts_of_articles(settings))


def load_packer(settings: Settings, parts: Mapping[str, bytes]) -> Callable[[Job], Packed | Refusal]:
    """Load rules and data; gives the function that prepares a file, or one that refuses every file.

    `parts` are those of `parts_of_articles` on the machine that asks.

    Raises:
        RuleError: a rule file was broken in this very moment.
    """
    own = parts_of_articles(settings)
    other = [name for name, part in parts.items() if own.get(name) != part]
    if other:
        finding = f"has other {' and '.join(other)} than this machine"
        remedy = "install the same versions on every machine, and share the archive's folder at the same path"
        return partial(_refuse, Refusal(finding, remedy, platform.node()))
    return partial(
        _pack, settings=settings, knowledge=load_knowledge(settings), digests=Digests(digest_of(own.values()), {})
    )


def _pack(job: Job, settings: Settings, knowledge: Knowledge, digests: Digests) -> Packed | Refusal:
    packed = prepare_packed(job.source, job.key, settings, knowledge, digests)
    if packed is None:
        finding = f"reads other bytes than this machine at {job.source.place}"
        remedy = "share the content folder at the same path, and build again once nobody writes there"
        return Refusal(finding, remedy, platform.node())
    return packed


def _refuse(refusal: Refusal, _: Job) -> Refusal:
    return refusal


def _absolute(source: Source) -> Source:
    return changed(
        source,
        folder=Path(os.path.abspath(source.folder)),  # noqa: PTH100
        place=os.path.abspath(source.place),  # noqa: PTH100
        beside=source.beside and os.path.abspath(source.beside),  # noqa: PTH100
        defaults=tuple(map(os.path.abspath, source.defaults)),
    )
