"""One content file → its articles, cleaned, described and tagged: the pure step that is remembered."""

from collections.abc import Iterator

from msgspec.structs import replace

from newsarchive.article import Article, EditionEvidence, Prepared, Problem
from newsarchive.entities import FILE as EDITIONS
from newsarchive.entities import tag_editions
from newsarchive.errors import ContentError
from newsarchive.fingerprints import Digests, of_source
from newsarchive.knowledge import Knowledge
from newsarchive.loader import load_document
from newsarchive.packing import Packed, pack
from newsarchive.related import count_terms
from newsarchive.settings import Settings
from newsarchive.sources import Source, quarantined
from newsarchive.stories import read_stories
from newsarchive.syndication import draw_shingles


def prepare(source: Source, settings: Settings, knowledge: Knowledge) -> Prepared:
    """Make articles of one content file: a pure function of it, what lies beside it, settings and knowledge."""
    try:
        document = load_document(source, settings)
    except ContentError as error:
        return quarantined(source.path, f"{error.finding}; {error.remedy}")
    stories = read_stories(document, knowledge.rules, settings)
    problems = (problem for story in stories for problem in _unknown_editions(story, knowledge))
    articles = (_sketched(_tagged(story, knowledge)) for story in stories)
    return Prepared(tuple(articles), (*document.problems, *problems))


def prepare_packed(
    source: Source, key: bytes, settings: Settings, knowledge: Knowledge, digests: Digests
) -> Packed | None:
    """Prepare a content file as the cache keeps it; None where it is no longer what its key was formed of.

    Nor may what lies beside it be another. `digests` hold no file, so that all are hashed here, once they were read:
    what is given is remembered under the key.
    """
    packed = pack(prepare(source, settings, knowledge))
    return packed if of_source(source, digests) == key else None


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


def _sketched(article: Article) -> Article:
    if article.kind != "article":
        return article
    terms = count_terms(article.title, article.text)
    return replace(article, shingles=draw_shingles(article.text), terms=terms)


def _unknown_editions(article: Article, knowledge: Knowledge) -> Iterator[Problem]:
    known = {edition.key for edition in knowledge.editions}
    for key in article.editions:
        if key not in known:
            finding = f"the sidecar names the edition {key!r}, which {EDITIONS} does not hold"
            yield Problem(article.path, None, None, "edition", finding, "published without it")
