"""Texts of papers without front matter: what they tell, and that nothing is invented where they do not."""

from functools import cache

import pytest
import yaml

from conftest import PROJECT
from newsarchive.loader import load_document
from newsarchive.rulefiles import load_rules
from newsarchive.settings import load_settings
from newsarchive.sources import find_content
from newsarchive.stories import read_stories

FOLDER = PROJECT / "tests" / "sites" / "printed-text"
EXPECTED = yaml.safe_load((FOLDER / "expected.yaml").read_text("utf-8"))
WRITERS = ("author", "reporter", "contributor", "translator")


@cache
def articles():
    """Path → the first article of each text."""
    settings = load_settings(PROJECT / "site.yaml")
    book = load_rules(settings)
    documents = [load_document(source, settings) for source in find_content([FOLDER / "content"])]
    return {document.path: read_stories(document, book, settings)[0] for document in documents}


def test_every_text_is_expected_and_every_expectation_has_its_text():
    assert sorted(articles()) == sorted(EXPECTED)


@pytest.mark.parametrize("path", sorted(EXPECTED))
def test_a_text_tells_its_fields_and_no_others(path):
    article, expected = articles()[path], EXPECTED[path]
    assert (article.published.iso if article.published else None) == expected["published"]
    assert (article.publisher, article.outlet) == (expected["publisher"], expected["outlet"])
    names = dict.fromkeys(credit.name for credit in article.byline if credit.role in WRITERS)
    assert list(names) == expected["authors"]


@pytest.mark.parametrize("path", sorted(EXPECTED))
def test_a_title_is_printed_or_doubtful(path):
    article, expected = articles()[path], EXPECTED[path]
    assert ("title" in article.uncertain) == expected.get("doubtful", False)
    assert article.title == expected.get("title", article.title)


@pytest.mark.parametrize("path", sorted(EXPECTED))
def test_a_text_keeps_its_story_without_the_furniture_of_the_page(path):
    article, expected = articles()[path], EXPECTED[path]
    assert [words for words in expected["keep"] if words not in article.text] == []
    assert [words for words in expected["drop"] if words in article.text] == []
