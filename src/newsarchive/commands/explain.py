"""Shows one content file line by line: what stays, what becomes a field, what goes, and by which rule."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from typing import Literal

from newsarchive.article import Article, Block, Claim, Document, RemovedBlock
from newsarchive.errors import CommandError
from newsarchive.knowledge import Knowledge
from newsarchive.loader import load_document
from newsarchive.rules import RuleBook, RuleFile
from newsarchive.settings import Settings
from newsarchive.sources import SUFFIXES, Source, find_content
from newsarchive.stories import read_stories

Fate = Literal["kept", "moved", "removed"]
Style = Literal["plain", "head", "kept", "moved", "removed", "note", "doubt"]
"""What a piece of a line is, for whoever colours it."""
Line = tuple[tuple[str, Style], ...]
"""One line to be shown, as pieces."""
FIELDS = ("title", "published", "publisher", "outlet", "byline", "url", "retrieved", "lang")
"""Fields told of each article, in this order; claims of other fields follow."""
BYLINE = ("byline", "author", "reporter", "contributor", "translator", "photographer", "editor", "slot")
"""Fields whose claims settle the byline."""
_MARKS: dict[Fate, str] = {"kept": "  ", "moved": "→ ", "removed": "− "}


@dataclass(frozen=True, slots=True)
class Piece:
    """One block of the file and what became of it."""

    fate: Fate
    text: str
    """In full; a picture without text is told by its address."""
    kind: str
    """Kind of the block; empty for what was taken out."""
    rule: str = ""
    """Id of the rule that took it."""
    why: str = ""
    """The rule's reason."""
    field: str = ""
    """Field that the text was moved to."""


@dataclass(frozen=True, slots=True)
class Settled:
    """One field with the claims for it."""

    name: str
    value: str
    """What the archive shows; empty where it is not known."""
    winner: Claim | None
    """Claim that gave the value; None where nothing did, or several lines together."""
    rivals: tuple[Claim, ...]
    note: str
    """The archive's remark on the evidence."""
    uncertain: bool


@dataclass(frozen=True, slots=True)
class Told:
    """One story of the file."""

    number: int
    """From 1."""
    kind: str
    complete: bool
    pieces: tuple[Piece, ...]
    """In document order."""
    fields: tuple[Settled, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that a build would make of one file."""

    path: str
    shape: str
    encoding: str
    files: tuple[tuple[str, str], ...]
    """Rule files that apply, in the order in which they run: path and name."""
    problems: tuple[str, ...]
    """Of the file itself."""
    stories: tuple[Told, ...]


def explain(file: Path, settings: Settings, knowledge: Knowledge) -> Explanation:
    """Tell what a build makes of one content file; it need not lie in a content folder.

    Raises:
        CommandError: there is no such file, or its suffix is none of a content file.
        ContentError: it cannot be read as an article.
    """
    document = load_document(find_source(file, settings), settings)
    book = knowledge.rules
    return Explanation(
        path=document.path,
        shape=document.shape,
        encoding=document.encoding,
        files=tuple((_file_path(each), each.name) for each in book.for_document(document)),
        problems=tuple(_problem(each.line, each.column, each.message, each.action) for each in document.problems),
        stories=tuple(_told(article, book, document) for article in read_stories(document, book, settings)),
    )


def find_source(file: Path, settings: Settings) -> Source:
    """Find a file in the content folders, so that it is read with its sidecar and defaults; else in its own folder.

    Raises:
        CommandError: there is no such file, or its suffix is none of a content file.
    """
    if not file.is_file():
        finding = "is a folder" if file.is_dir() else "does not exist"
        raise CommandError(file.as_posix(), finding, "name one content file")
    wanted = file.resolve()
    inside = [folder for folder in settings.content if folder.is_dir() and folder.resolve() in wanted.parents]
    for folder in (*inside, file.parent):
        for source in find_content([folder]):
            if source.file.resolve() == wanted:
                return source
    remedy = f"content files end in {', '.join(SUFFIXES)} and do not begin with `.` or `_`"
    raise CommandError(file.as_posix(), "is no content file", remedy)


def show(explanation: Explanation) -> Iterator[Line]:
    """Give the explanation as lines to be printed, plain or in colour."""
    yield ((explanation.path, "head"), (f"  {explanation.shape}, {explanation.encoding}", "note"))
    for path, name in explanation.files:
        yield ((f"  {path}", "plain"), (f"  {name}", "note"))
    for problem in explanation.problems:
        yield ((f"  {problem}", "doubt"),)
    for story in explanation.stories:
        yield from _show_story(story, len(explanation.stories))


def _file_path(file: RuleFile) -> str:
    folder = "" if file.group == "generic" else f"{file.group}/"
    return f"rules/{folder}{file.key}.yaml"


def _problem(line: int | None, column: int | None, message: str, action: str) -> str:
    place = ":".join(str(number) for number in (line, column) if number is not None)
    return f"{f'{place}: ' if place else ''}{message}; {action}"


def _told(article: Article, book: RuleBook, document: Document) -> Told:
    problems = [each for each in article.problems if each not in document.problems]
    return Told(
        number=article.story,
        kind=article.kind,
        complete=article.complete,
        pieces=tuple(_pieces(article, book)),
        fields=tuple(_settled(article)),
        problems=tuple(_problem(each.line, each.column, each.message, each.action) for each in problems),
    )


def _pieces(article: Article, book: RuleBook) -> Iterator[Piece]:
    """Put kept and removed blocks together again, in the order in which they were received."""
    kept = iter(article.blocks)
    shown = 0
    for block in sorted(article.removed, key=lambda block: block.position):
        yield from map(_left, islice(kept, block.after - shown if block.after > shown else 0))
        shown = max(shown, block.after)
        yield _taken(block, book)
    yield from map(_left, kept)


def _left(block: Block) -> Piece:
    text = block.text or " ".join(image.url for image in block.images)
    return Piece("kept", text, block.kind)


def _taken(block: RemovedBlock, book: RuleBook) -> Piece:
    rule = book.rule(block.rule)
    why = rule.why if rule else ""
    return Piece("moved" if block.field else "removed", block.text, "", block.rule, why, block.field or "")


def _settled(article: Article) -> Iterator[Settled]:
    told = dict.fromkeys((*FIELDS, *(c.field for c in article.claims if c.field not in BYLINE)))
    for name in told:
        fields = BYLINE if name == "byline" else (name,)
        claims = [claim for claim in article.claims if claim.field in fields]
        value = _value(article, name) if name in FIELDS else claims[0].value
        if not claims and not value:
            continue
        winner = _winner(name, value, claims)
        rivals = tuple(claim for claim in claims if claim is not winner)
        yield Settled(name, value, winner, rivals, article.notes.get(name, ""), name in article.uncertain)


def _value(article: Article, name: str) -> str:
    if name == "published":
        told = f" ({article.published.precision}, {article.published_from})" if article.published else ""
        return f"{article.published.iso}{told}" if article.published else ""
    if name == "outlet":
        return "、".join(article.outlets)
    if name == "byline":
        return "、".join(f"{credit.name} ({credit.role})" for credit in article.byline)
    return str(getattr(article, name, None) or "")


def _winner(name: str, value: str, claims: Sequence[Claim]) -> Claim | None:
    """The claim that is shown: the first of the field, since winners stand first; a byline is made of several."""
    if not value or name == "byline":
        return None
    return next((claim for claim in claims if claim.value == value), claims[0] if claims else None)


def _show_story(story: Told, stories: int) -> Iterator[Line]:
    yield ()
    number = f"story {story.number} of {stories}: " if stories > 1 else ""
    cut = "" if story.complete else ", cut off"
    yield ((f"{number}{story.kind}{cut}", "head"),)
    yield from _show_pieces(story.pieces)
    yield ()
    for field in story.fields:
        yield from _show_field(field)
    for problem in story.problems:
        yield ((f"problem: {problem}", "doubt"),)


def _show_pieces(pieces: Sequence[Piece]) -> Iterator[Line]:
    """Each rule's reason stands once, above the lines that it took one after the other."""
    for (fate, rule, field, why), held in groupby(pieces, key=lambda p: (p.fate, p.rule, p.field, p.why)):
        if fate != "kept":
            to = f" → {field}" if field else ""
            yield ((f"  {rule}{to}", fate), (f"  {why}", "note"))
        for piece in held:
            lines = piece.text.split("\n") or [""]
            mark = f"{'#' if piece.kind == 'heading' else ' '}{_MARKS[fate]}"
            yield from (((f"{mark}{text}", fate),) for text in lines)


def _show_field(field: Settled) -> Iterator[Line]:
    doubt: Line = (("  uncertain", "doubt"),) if field.uncertain else ()
    note: Line = ((f"  {field.note}", "note"),) if field.note else ()
    yield ((f"{field.name}: ", "head"), (field.value or "not known", "plain"), *_evidence(field.winner), *note, *doubt)
    for claim in field.rivals:
        agrees = claim.value == field.value or (field.name == "byline" and field.value)
        word = "also" if agrees else "rival"
        of = f" as {claim.field}" if claim.field != field.name else ""
        yield ((f"    {word}: {claim.value}{of}", "plain"), *_evidence(claim))


def _evidence(claim: Claim | None) -> Line:
    if claim is None:
        return ()
    doubt = ", inferred" if claim.doubtful else ""
    line = f": {claim.evidence}" if claim.evidence and claim.evidence != claim.value else ""
    return ((f"  [{claim.origin}{line}{doubt}]", "note"),)
