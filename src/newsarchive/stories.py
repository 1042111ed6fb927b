"""One document → its stories as articles: parsed, cleaned and described, in this order."""

import re
from collections.abc import Sequence

from newsarchive.article import Article, Block, Document, Problem, RemovedBlock
from newsarchive.cleaner import Cleaned, clean
from newsarchive.hanzi import count_characters, detect_language, letters, summary
from newsarchive.markup import Parsed, parse_document, to_text, with_captions
from newsarchive.metadata import Described, describe, first_fields, settle_kind
from newsarchive.rules import RuleBook, RuleFile
from newsarchive.settings import Settings

TAG = re.compile(r"<[a-zA-Z]")
STUB_REST = "generic/stub-rest"
CUT_ENDS = ("...", "…")
"""How a capture ends that was cut off by its collector."""


def read_stories(document: Document, book: RuleBook, settings: Settings) -> tuple[Article, ...]:
    """Make articles of a document; the permalink and the editions are still empty."""
    files = book.for_document(document)
    parsed = _parse(document, files)
    cleaned = clean(parsed.blocks, files, document.shape, first_fields(document, parsed.found, book))
    described = describe(document, parsed.found, cleaned, files, book, settings)
    return (_article(document, cleaned, described, settings),)


def _parse(document: Document, files: Sequence[RuleFile]) -> Parsed:
    rules = [rule for file in files for rule in file.rules if rule.selector or rule.story]
    if document.shape == "markdown" and not TAG.search(document.body):
        rules = []  # no element for a selector to choose, and choosing is dear
    return parse_document(
        document,
        selectors={rule.id: rule.selector or rule.story for rule in rules},
        story=[rule.id for rule in rules if rule.story],
        probes=[claim for file in files for claim in file.claims] if document.shape in ("page", "fragment") else (),
    )


def _article(document: Document, cleaned: Cleaned, described: Described, settings: Settings) -> Article:
    kind = settle_kind(cleaned.kind, document.sidecar, cleaned.kept)
    kept, rest = (cleaned.kept, ()) if kind != "stub" else _stub(cleaned)
    text = to_text(kept)
    images = with_captions(kept)
    return Article(
        id=described.identity,
        path=document.path,
        story=1,
        permalink="",
        kind=kind,
        complete=_is_complete(document, cleaned, text),
        title=described.title,
        published=described.published,
        published_from=described.published_from,
        publisher=described.publisher,
        platform=described.platform,
        outlets=described.outlets,
        byline=described.byline,
        uncertain=described.uncertain,
        editions=(),
        url=described.url,
        retrieved=described.retrieved,
        lang=str(document.sidecar.get("lang") or detect_language(text or described.title)),
        characters=count_characters(text),
        summary=summary(_paragraphs(kept)) if text else "",
        images=images[: settings.limits.images],
        sha256=document.sha256,
        text=text,
        blocks=kept,
        removed=(*cleaned.removed, *rest),
        claims=described.claims,
        notes=described.notes,
        problems=_problems(document, cleaned, described),
    )


def _stub(cleaned: Cleaned) -> tuple[tuple[Block, ...], tuple[RemovedBlock, ...]]:
    """Part what is left of a capture without a story: pictures stay, words go where all removed words are."""
    last = max((block.position for block in cleaned.removed), default=0)
    words = [block for block in cleaned.kept if block.text]
    rest = (RemovedBlock(STUB_REST, last + n, block.text, 0) for n, block in enumerate(words, 1))
    return tuple(block for block in cleaned.kept if not block.text), tuple(rest)


def _paragraphs(kept: Sequence[Block]) -> list[str]:
    """What a summary may be made of: paragraphs, no headings, captions, tables or code; all where none is left."""
    texts = [block.text for block in kept if block.kind == "paragraph" and len(letters(block.text)) > 20]
    return texts or [block.text for block in kept if block.text]


def _is_complete(document: Document, cleaned: Cleaned, text: str) -> bool:
    """False where the capture is visibly cut off, by a rule's word, by its end, or by a correction."""
    if "complete" in document.sidecar:
        return str(document.sidecar["complete"]).lower() == "true"
    return cleaned.complete and not document.body.rstrip().endswith(CUT_ENDS) and not text.endswith("...")


def _problems(document: Document, cleaned: Cleaned, described: Described) -> tuple[Problem, ...]:
    found = [
        _problem(document, "rule-limit", f"rule {rule} was not applied: it {why}", "published without it")
        for rule, why in cleaned.problems
    ]
    if described.notes.get("published") == "front-matter-invalid":
        dated = (claim for claim in described.claims if claim.field == "published" and claim.origin == "front-matter")
        written = next((claim.evidence for claim in dated), "")
        used = described.published.iso if described.published else "no date"
        finding = f"the front matter's date cannot be read ({written})"
        found.append(_problem(document, "date", finding, f"published with {used}"))
    return tuple(found)


def _problem(document: Document, kind: str, message: str, action: str) -> Problem:
    return Problem(document.path, None, None, kind, message, action)
