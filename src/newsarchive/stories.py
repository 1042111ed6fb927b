"""One document → its stories as articles: parsed, split, cleaned and described, in this order."""

import dataclasses
import re
from bisect import bisect
from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from newsarchive.article import Article, Block, Body, Claim, Document, Problem, RemovedBlock, Story, Tally
from newsarchive.cleaner import Cleaned, clean
from newsarchive.hanzi import count_characters, detect_language, letters, summary
from newsarchive.markup import Parsed, parse_document, to_text, with_captions
from newsarchive.metadata import Described, describe, first_fields, settle_kind
from newsarchive.rules import RuleBook, RuleFile
from newsarchive.settings import Settings
from newsarchive.splitter import find_faults, split

CHOOSABLE = re.compile(
    r"<(?:nav|footer|form|aside|noscript|template|button|select)\b|<[a-z][^<>]*\s(?:class|id|role|style|hidden)\b",
    re.IGNORECASE,
)
"""Markup within Markdown that a selector could choose; code and addresses in angle brackets are none."""
STUB_REST = "generic/stub-rest"
HEADLINE = "generic/printed-headline"
OF_ONE_STORY = ("stories", "title", "byline", "summary")
"""Fields of a sidecar that hold for the first story only where a document holds several."""
CUT_ENDS = ("...", "…")
"""How a capture ends that was cut off by its collector."""


def read_stories(document: Document, book: RuleBook, settings: Settings) -> tuple[Article, ...]:
    """Make articles of a document; the permalink is still empty, editions are only those that a correction names."""
    files = book.for_document(document)
    parsed = _parse(document, files, settings)
    stories = split(parsed.blocks, document)
    fields = first_fields(document, parsed.found, book)
    articles = []
    for story in stories:
        own = _own_document(document, story)
        cleaned = _clean_story(story, files, document.shape, fields)
        described = describe(own, parsed.found, cleaned, files, book, settings, story)
        article = _article(own, story, cleaned, described, len(stories))
        articles.append(replace(article, read_by=parsed.read_by))
    faults = find_faults(parsed.blocks, document)
    if faults:
        articles[0] = replace(articles[0], problems=(*articles[0].problems, *faults))
    return tuple(_with_date_of_page(articles))


def tally_removed(removed: Sequence[RemovedBlock]) -> tuple[Tally, ...]:
    """Count what each rule removed, by rule."""
    by_rule: dict[str, list[RemovedBlock]] = {}
    for block in removed:
        by_rule.setdefault(block.rule, []).append(block)
    return tuple(_tally(rule, by_rule[rule]) for rule in sorted(by_rule))


def _tally(rule: str, blocks: Sequence[RemovedBlock]) -> Tally:
    characters = count_characters("".join([block.text for block in blocks if not block.html_only]))
    return Tally(rule, len(blocks), characters, tuple(sorted({block.field for block in blocks if block.field})))


def _own_document(document: Document, story: Story) -> Document:
    """The document with the corrections that hold for this story."""
    if not document.sidecar and not story.fields:
        return document
    common = {name: value for name, value in document.sidecar.items() if story.number == 1 or name not in OF_ONE_STORY}
    return replace(document, sidecar={**common, **story.fields})


def _clean_story(story: Story, files: Sequence[RuleFile], shape: str, fields: Mapping[str, Sequence[str]]) -> Cleaned:
    """Clean a story; positions are those in the document, and the lines of its headline move to the title."""
    if not story.headline and story.positions == tuple(range(1, len(story.blocks) + 1)):
        return clean(story.blocks, files, shape, fields)
    body = [pair for pair in zip(story.positions, story.blocks, strict=True) if pair[0] not in story.headline]
    cleaned = clean([block for _, block in body], files, shape, fields)
    removed = [replace(block, position=body[block.position - 1][0]) for block in cleaned.removed]
    taken = {block.position for block in removed}
    kept = [position for position, _ in body if position not in taken]
    for position, block in zip(story.positions, story.blocks, strict=True):
        if position in story.headline:
            removed.append(RemovedBlock(HEADLINE, position, block.text, bisect(kept, position), "title"))
    return dataclasses.replace(cleaned, removed=tuple(sorted(removed, key=lambda block: block.position)))


def _with_date_of_page(articles: Sequence[Article]) -> Iterator[Article]:
    """Infer the day of a story that tells none from the first dated one on the same page of print."""
    dated = next((article for article in articles if article.published), None)
    for article in articles:
        if article.published or not dated or article.platform != "print":
            yield article
            continue
        yield replace(
            article,
            published=dated.published,
            published_from="inferred",
            uncertain=tuple(sorted({*article.uncertain, "published"})),
            notes={**article.notes, "published": "date-of-page"},
        )


def _parse(document: Document, files: Sequence[RuleFile], settings: Settings) -> Parsed:
    rules = []
    if document.shape != "markdown" or CHOOSABLE.search(document.body):  # else no element, and choosing is dear
        rules = [rule for file in files for rule in file.rules if rule.selector or rule.story]
    return parse_document(
        document,
        selectors={rule.id: rule.selector or rule.story for rule in rules},
        story=[rule.id for rule in rules if rule.story],
        probes=[claim for file in files for claim in file.claims] if document.shape in ("page", "fragment") else (),
        nesting=settings.limits.nesting,
        engine=settings.engine,
    )


def _article(document: Document, story: Story, cleaned: Cleaned, described: Described, stories: int) -> Article:
    kind = settle_kind(cleaned.kind, document.sidecar, cleaned.kept)
    cleaned = _as_stub(story, cleaned) if kind == "stub" else cleaned
    kept = cleaned.kept
    text = to_text(kept)
    images = with_captions(kept)
    return Article(
        id=described.identity,
        path=document.path,
        story=story.number,
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
        editions=_corrected_editions(document),
        url=described.url,
        retrieved=described.retrieved,
        lang=str(document.sidecar.get("lang") or detect_language(text or described.title)),
        characters=count_characters(text),
        summary=summary(_paragraphs(kept)) if text else "",
        images=images,
        sha256=document.sha256,
        words=len(text.split()),
        removals=len(cleaned.removed),
        tallies=tally_removed(cleaned.removed),
        notes=described.notes,
        problems=_problems(document, cleaned, described),
        stories=stories,
        body=Body(text, kept, cleaned.removed, (*described.claims, *_border_claims(story))),
    )


def _corrected_editions(document: Document) -> tuple[str, ...]:
    given = document.sidecar.get("editions")
    return tuple(map(str, given)) if isinstance(given, (list, tuple)) else ()


def _border_claims(story: Story) -> Iterator[Claim]:
    """The evidence of where a story begins and goes on, as claims of `story`."""
    for border in story.boundaries:
        yield Claim("story", border.kind, "sidecar" if border.kind == "sidecar" else "body", border.text)


def _as_stub(story: Story, cleaned: Cleaned) -> Cleaned:
    """Take the words that a capture without a story still holds; its pictures stay."""
    taken = {block.position: block for block in cleaned.removed}
    rest = iter(cleaned.kept)
    kept: list[Block] = []
    removed: list[RemovedBlock] = []
    for position in story.positions:
        if position in taken:
            removed.append(replace(taken[position], after=len(kept)))
            continue
        block = next(rest)
        if block.text:
            removed.append(RemovedBlock(STUB_REST, position, block.text, len(kept)))
        else:
            kept.append(block)
    return dataclasses.replace(cleaned, kept=tuple(kept), removed=tuple(removed))


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
    if described.date_fault:
        found.append(_date_problem(document, described))
    return tuple(found)


def _date_problem(document: Document, described: Described) -> Problem:
    """Tell of the front matter's date, which cannot be read or cannot be meant."""
    dated = (claim for claim in described.claims if claim.field == "published" and claim.origin == "front-matter")
    written = next((claim.evidence for claim in dated), "")
    line, column = document.front_places.get(written.split(":")[0], (None, None))
    used = described.published.iso if described.published else "no date"
    said = "cannot be read" if described.date_fault == "invalid" else "is implausible"
    message = f"the front matter's date {said} ({written})"
    return Problem(document.path, line, column, "date", message, f"published with {used}")


def _problem(document: Document, kind: str, message: str, action: str) -> Problem:
    return Problem(document.path, None, None, kind, message, action)
