"""Scores the cleaning of this project and of other extractors on the labelled articles, side by side.

    .venv/bin/python benchmarks/cleaning.py                    # the table on standard output
    .venv/bin/python benchmarks/cleaning.py --evidence FILE    # also counts where each rule fired, and writes FILE

The other extractors are the extra `bench`; one that is not installed is named as such. The corpus holds `dev/raw`,
`dev/gold` and the archive of unlabelled articles, and the program that scores stands in `eval/` beside it.
"""

import argparse
import html
import importlib
import json
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import markdown
from bs4 import BeautifulSoup

from newsarchive.article import Article, Document
from newsarchive.commands.learn import Draft, draft_rules, draft_shared, group_by_publisher, to_rule_file
from newsarchive.guards import Failure
from newsarchive.hanzi import letters
from newsarchive.loader import load_document
from newsarchive.rulefiles import load_rules
from newsarchive.rules import RuleBook, RuleFile
from newsarchive.settings import Settings, load_settings
from newsarchive.sources import Source, find_content
from newsarchive.stories import read_stories
from newsarchive.workers import map_inputs

PROJECT = Path(__file__).resolve().parents[1]
UNLABELLED = "wechat-2024-11.tar.xz"
HEADER = (
    "| extractor | micro F1 | precision | recall | macro F1 | files ≥ 0.99 | lines lost | lines leaked |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- |"
)
EVIDENCE_HEAD = (
    "# How often each rule of platforms and each generic one fired: publishers and articles of the unlabelled corpus,\n"
    "# then labelled articles. Written by benchmarks/cleaning.py --evidence.\n"
)
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Variant:
    """One way of cleaning the labelled articles."""

    name: str
    book: Callable[[Document], RuleBook]
    """The rules for one document."""


def main() -> int:
    """Run the whole comparison and print its table as Markdown."""
    options = _options()
    corpus: Path = options.corpus
    settings = load_settings(PROJECT / "site.yaml")
    documents = read_documents(find_content([corpus / "dev" / "raw"]), settings)
    print(HEADER)
    variants = [
        Variant("newsarchive", _always(load_rules(settings))),
        Variant("newsarchive --no-publisher-rules", _always(_general(settings))),
    ]
    for variant in variants:
        _print_row(variant.name, _score(corpus, predict(documents, variant, settings)))
    if not options.quick:
        articles = read_unlabelled(corpus / UNLABELLED, settings)
        if options.evidence:
            labelled = predict_articles(documents, _general(settings), settings)
            options.evidence.write_text(evidence_of(articles, labelled, _general(settings)), "utf-8")
        for variant in learned_variants(articles, documents, settings):
            _print_row(variant.name, _score(corpus, predict(documents, variant, settings)))
    for name, peer in PEERS.items():
        rows = run_peer(peer, documents)
        if rows is None:
            print(f"| {name} | not installed | | | | | | |")
        else:
            _print_row(name, _score(corpus, rows))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--corpus", type=Path, default=PROJECT.parent / "shared" / "corpus", metavar="DIR")
    parser.add_argument("--evidence", type=Path, metavar="FILE", help="count where each rule fired, into this file")
    parser.add_argument("--quick", action="store_true", help="leave out what needs the unlabelled articles")
    return parser.parse_args()


# This project


def read_documents(sources: Sequence[Source], settings: Settings) -> list[Document]:
    """Load every content file that can be read."""
    results = map(partial(_load, settings=settings), sources)
    return [document for document in results if document is not None]


def _load(source: Source, settings: Settings) -> Document | None:
    loaded = next(iter(map_inputs(partial(load_document, settings=settings), [source], 1)))
    return None if isinstance(loaded, Failure) else loaded


def predict(documents: Iterable[Document], variant: Variant, settings: Settings) -> list[Row]:
    """Clean every document by the variant's rules, as rows that the scoring program reads."""
    return [
        _row(article) for document in documents for article in read_stories(document, variant.book(document), settings)
    ]


def predict_articles(documents: Iterable[Document], book: RuleBook, settings: Settings) -> list[Article]:
    """Clean every document by one set of rules."""
    return [article for document in documents for article in read_stories(document, book, settings)]


def _row(article: Article) -> Row:
    return {
        "path": article.path,
        "story": article.story,
        "text": article.text,
        "title": article.title,
        "published": article.published.iso if article.published else None,
        "publisher": article.publisher,
        "outlet": article.outlet,
        "byline": [{"name": credit.name, "role": credit.role} for credit in article.byline],
        "uncertain": list(article.uncertain),
    }


def _always(book: RuleBook) -> Callable[[Document], RuleBook]:
    return lambda _: book


def _general(settings: Settings) -> RuleBook:
    """The rules without those of single publishers."""
    return load_rules(replace(settings, publisher_rules=False))


# Learning


def read_unlabelled(archive: Path, settings: Settings) -> list[Article]:
    """Read the unlabelled articles by the rules of platforms and the generic ones alone."""
    book = _general(settings)
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(archive) as files:
            files.extractall(folder, filter="data")
        sources = find_content([Path(folder)])
        read = map_inputs(partial(_stories, book=book, settings=settings), sources, settings.processes)
        return [article for result in read if not isinstance(result, Failure) for article in result]


def _stories(source: Source, book: RuleBook, settings: Settings) -> tuple[Article, ...]:
    return read_stories(load_document(source, settings), book, settings)


def learned_variants(
    articles: Sequence[Article], documents: Sequence[Document], settings: Settings
) -> Iterator[Variant]:
    """What `learn` adds where no publisher has rules: from the other publishers, and from the same one.

    No labelled article is learned from: unlabelled ones with its address or headline are left out first.
    """
    book = _general(settings)
    publishers = {document.path: _publisher(document, book, settings) for document in documents}
    labelled = {
        key for document in documents for article in read_stories(document, book, settings) for key in _keys(article)
    }
    groups = group_by_publisher(article for article in articles if not _keys(article) & labelled)
    everyone = draft_rules(groups, book)
    own = {draft.name: draft for draft in everyone if draft.name}
    others = {name: _without(name, groups, everyone) for name in {*publishers.values()} & {*groups}}

    def from_others(document: Document) -> RuleBook:
        return _with_drafts(book, others.get(publishers[document.path], everyone))

    def from_own(document: Document) -> RuleBook:
        draft = own.get(publishers[document.path])
        return _with_drafts(book, [draft] if draft else [])

    yield Variant("newsarchive, learned from all publishers but the article's own", from_others)
    yield Variant("newsarchive, learned from the publisher's other articles", from_own)


def _publisher(document: Document, book: RuleBook, settings: Settings) -> str:
    return read_stories(document, book, settings)[0].publisher or ""


def _keys(article: Article) -> set[str]:
    return {article.id, letters(article.title)}


def _without(name: str, groups: Mapping[str, tuple[Article, ...]], drafts: Iterable[Draft]) -> tuple[Draft, ...]:
    """What is learned where one publisher's articles are not there."""
    shared = draft_shared({other: held for other, held in groups.items() if other != name})
    return (*(draft for draft in drafts if draft.name not in ("", name)), shared)


def _with_drafts(book: RuleBook, drafts: Iterable[Draft]) -> RuleBook:
    """The rules with drafts as if an editor had taken all of them over unread."""
    learned = [_rule_file(draft) for draft in drafts if draft.lines]
    order = ("platforms", "publishers", "generic")
    files = sorted((*book.files, *learned), key=lambda file: order.index(file.group))
    return RuleBook(tuple(files), book.outlets)


_FILES: dict[int, tuple[Draft, RuleFile]] = {}


def _rule_file(draft: Draft) -> RuleFile:
    """Each draft as one rule file, made once: compiled rules are kept by their identity."""
    if id(draft) not in _FILES:
        _FILES[id(draft)] = (draft, to_rule_file(draft))
    return _FILES[id(draft)][1]


def evidence_of(unlabelled: Iterable[Article], labelled: Iterable[Article], book: RuleBook) -> str:
    """Count, for each rule of platforms and each generic one, publishers and articles in which it fired."""
    publishers: defaultdict[str, set[str]] = defaultdict(set)
    counts: Counter[str] = Counter()
    for article in unlabelled:
        for rule in {block.rule for block in article.removed}:
            publishers[rule].add(article.publisher or "")
            counts[rule] += 1
    fired = Counter(rule for article in labelled for rule in {block.rule for block in article.removed})
    rules = [rule.id for file in book.files if file.group != "publishers" for rule in file.rules]
    lines = [
        f"{rule}: {{publishers: {len(publishers[rule] - {''})}, articles: {counts[rule]}, labelled: {fired[rule]}}}"
        for rule in rules
    ]
    return EVIDENCE_HEAD + "\n".join(lines) + "\n"


# The others


def run_peer(peer: Callable[[str], str], documents: Sequence[Document]) -> list[Row] | None:
    """Text that another extractor finds in each document; None where it is not installed."""
    rows: list[Row] = []
    for document in documents:
        try:
            text = peer(page_of(document))
        except ImportError:
            return None
        except Exception as error:  # noqa: BLE001  an extractor that fails on a page found nothing there
            print(f"{document.path}: {error!r}", file=sys.stderr)
            text = ""
        rows.append({"path": document.path, "text": text or ""})
    return rows


def page_of(document: Document) -> str:
    """The document as the page that an extractor expects: its headline, then its body."""
    if document.shape == "page":
        return document.body
    title = html.escape(str(document.front.get("title") or ""))
    body = document.body
    if document.shape == "markdown":
        body = markdown.markdown(body, extensions=["extra"])
    elif document.shape == "text":
        body = "".join(f"<p>{html.escape(line)}</p>" for line in body.splitlines() if line.strip())
    head = f'<head><meta charset="utf-8"><title>{title}</title></head>'
    return f"<!doctype html><html>{head}<body><article><h1>{title}</h1>{body}</article></body></html>"


def _everything(page: str) -> str:
    soup = BeautifulSoup(page, "lxml")
    for element in soup(["script", "style"]):
        element.decompose()
    return soup.get_text("\n")


def _justext(page: str) -> str:
    # Chinese has no words between spaces, so neither stop words nor its usual lengths can be counted.
    module = importlib.import_module("justext")
    found = module.justext(page.encode(), frozenset(), length_low=10, length_high=30, stopwords_low=0, stopwords_high=0)
    return "\n".join(paragraph.text for paragraph in found if not paragraph.is_boilerplate)


def _readability(page: str) -> str:
    return _everything(importlib.import_module("readability").Document(page).summary())


def _trafilatura(page: str) -> str:
    return importlib.import_module("trafilatura").extract(page, include_comments=False) or ""


def _newspaper(page: str) -> str:
    article = importlib.import_module("newspaper").Article("https://example.org/", language="zh")
    article.download(input_html=page)
    article.parse()
    return str(article.text)


def _goose(page: str) -> str:
    words = importlib.import_module("goose3.text").StopWordsChinese
    goose = importlib.import_module("goose3").Goose({"stopwords_class": words})
    return str(goose.extract(raw_html=page).cleaned_text)


PEERS: Mapping[str, Callable[[str], str]] = {
    "jusText": _justext,
    "readability-lxml": _readability,
    "trafilatura": _trafilatura,
    "newspaper4k": _newspaper,
    "goose3": _goose,
    "all text, markup removed": _everything,
}


# Scores


def _score(corpus: Path, rows: Sequence[Row]) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        predictions = Path(folder) / "predictions.jsonl"
        predictions.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
        program = corpus.parent / "eval" / "score.py"
        command: list[str | Path] = [sys.executable, program, corpus / "dev" / "gold", predictions, "--json"]
        result = subprocess.run(command, capture_output=True, check=True)
    scored: Row = json.loads(result.stdout)
    return scored


def _print_row(name: str, score: Row) -> None:
    figures = (f"{score[key]:.4f}" for key in ("f1", "precision", "recall", "macro_f1"))
    lost = f"{score['lost_lines']:,} of {score['kept_lines']:,}"
    leaked = f"{score['leaked_lines']:,} of {score['drop_lines']:,}"
    cells = (name, *figures, f"{score['perfect']:.0%}", lost, leaked)
    print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
