"""Small whole articles, one phenomenon each: the page, the fields with the claims that won, the removed blocks.

A case is a folder of `tests/golden` with `source.*` and what is expected of it. After a change that is meant,
`pytest tests/test_golden.py --update-golden` shows what differs and writes it; read the difference before committing.
"""

import difflib
import html
import json
import re

import pytest
from msgspec.structs import asdict

from conftest import PROJECT
from newsarchive.loader import load_document
from newsarchive.markup import to_html
from newsarchive.rulefiles import load_rules
from newsarchive.settings import load_settings
from newsarchive.sources import find_content
from newsarchive.stories import read_stories

GOLDEN = PROJECT / "tests" / "golden"
CASES = sorted(path.name for path in GOLDEN.iterdir() if path.is_dir())
SETTINGS = load_settings(PROJECT / "site.yaml")
BOOK = load_rules(SETTINGS)
FIELDS = (
    "kind", "complete", "title", "published", "published_from", "publisher", "platform", "outlets", "byline",
    "uncertain", "url", "retrieved", "lang", "characters", "summary", "images", "notes",
)  # fmt: skip
CLAIMED = ("title", "published", "publisher", "outlet", "byline")


def stories_of(case):
    """The articles of a case's source file, and what loading it reported."""
    [source] = [source for source in find_content([GOLDEN / case]) if source.path.startswith("source.")]
    document = load_document(source, SETTINGS)
    return read_stories(document, BOOK, SETTINGS), document.problems


def figure(image):
    caption = f"<figcaption>{html.escape(image.caption)}</figcaption>" if image.caption else ""
    return f'<figure><img src="{html.escape(image.url)}" alt="{html.escape(image.alt)}">{caption}</figure>'


def page(articles):
    """The bodies of the stories, a block a line."""
    bodies = (to_html(article.blocks, figure, lang=article.lang) for article in articles)
    markup = "".join(f"<article>{body}</article>" for body in bodies)
    return re.sub(r"(</(?:p|h\d|li|ul|ol|blockquote|pre|tr|table|figure|article)>|<article>|<hr>)", r"\1\n", markup)


def fields(articles, problems):
    """The fields of each story and the first claim of those that are settled between rivals."""
    rows = []
    for article in articles:
        row = {name: value for name, value in asdict(article).items() if name in FIELDS}
        row["images"] = [[image.url, image.alt, image.caption] for image in article.images]
        row["byline"] = [[credit.name, credit.role] for credit in article.byline]
        row["published"] = article.published.iso if article.published else None
        row["claims"] = {claim.field: [claim.origin, claim.value, claim.evidence] for claim in first_claims(article)}
        row["problems"] = [
            [problem.kind, problem.message, problem.action] for problem in (*problems, *article.problems)
        ]
        rows.append(row)
    return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"


def first_claims(article):
    for name in CLAIMED:
        yield from [claim for claim in article.claims if claim.field == name][:1]


def removed(articles):
    rows = [
        json.dumps(
            [article.story, block.position, block.after, block.rule, block.field, block.text], ensure_ascii=False
        )
        for article in articles
        for block in article.removed
    ]
    return "[\n" + ",\n".join(rows) + "\n]\n"


@pytest.fixture(scope="module", params=CASES)
def outcome(request):
    articles, problems = stories_of(request.param)
    folder = GOLDEN / request.param
    return {
        folder / "expected.html": page(articles),
        folder / "expected.json": fields(articles, problems),
        folder / "removed.json": removed(articles),
    }


def difference(path, text):
    """What tells the file from the text, as a diff; all of the text where there is no file."""
    expected = path.read_text("utf-8") if path.is_file() else ""
    name = path.relative_to(PROJECT).as_posix()
    lines = difflib.unified_diff(expected.splitlines(), text.splitlines(), f"{name} (expected)", "(found)", lineterm="")
    return "\n".join(lines)


def test_a_case_is_as_expected(outcome, request, capsys):
    differences = {path: difference(path, text) for path, text in outcome.items()}
    if request.config.getoption("--update-golden"):
        with capsys.disabled():
            print("".join(f"\n{text}" for text in differences.values() if text))  # noqa: T201
        for path, text in outcome.items():
            path.write_text(text, "utf-8")
        return
    assert [path.name for path in outcome if not path.is_file()] == [], "write them with --update-golden"
    assert "\n".join(filter(None, differences.values())) == ""


def test_there_are_cases_and_each_has_its_source():
    assert len(CASES) >= 14
    assert [case for case in CASES if not list((GOLDEN / case).glob("source.*"))] == []
