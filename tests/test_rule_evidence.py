"""A rule that is to hold for everybody fires on several publishers, or it reads the words of an interface.

The counts stand in `rule-evidence.yaml`, which `benchmarks/cleaning.py --evidence` writes from real articles.
"""

import re

import pytest
import yaml
from benchmarks.cleaning import PROJECT, UNLABELLED, evidence_of, predict_articles, read_documents, read_unlabelled

from newsarchive.rulefiles import load_rules
from newsarchive.settings import Settings
from newsarchive.sources import find_content

LEAST = 3
"""Publishers of the unlabelled articles on which a general rule fires."""
INTERFACE = {
    *("rsshub/article-top", "rsshub/stock-disclaimer", "rsshub/topic-line"),
    *("sina/outside-article", "sina/app-code", "sina/app-slogan", "sina/video-title"),
    *("wechat/outside-content", "wechat/environment-notice", "wechat/layout-words"),
    *("generic/no-script", "generic/page-furniture", "generic/script-leftover", "generic/place-holder-picture"),
    *("generic/code-picture", "pages/hidden", "pages/furniture-class", "pages/page-count", "pages/markup-leftover"),
}
"""Rules that read the markup or the words of a platform, of an editor or of a site's page."""
OTHER_SHAPES = {
    *("credits/head-byline", "credits/credit-within", "credits/printed-in", "pages/paper-furniture", "pages/paper-day"),
    *("generic/outlet-credit-head", "generic/outlet-address", "generic/original-headline", "generic/picture-source"),
    "pages/platform-notice",
}
"""Rules for forms of saved pages, feed mirrors and print, none of which is among the unlabelled articles.

Each says in its reason which of these it reads.
"""

FILE = PROJECT / "tests" / "rule-evidence.yaml"
COUNTS = yaml.safe_load(FILE.read_text("utf-8"))
SETTINGS = Settings(PROJECT, "样例", (PROJECT / "content",), PROJECT / "site", publisher_rules=False)


def test_every_general_rule_fires_on_several_publishers_or_says_why_not():
    excused = INTERFACE | OTHER_SHAPES
    thin = [rule for rule, count in COUNTS.items() if count["publishers"] < LEAST and rule not in excused]
    assert thin == []


def test_nothing_is_excused_that_needs_no_excuse():
    excused = [*INTERFACE, *OTHER_SHAPES]
    assert len(excused) == len(set(excused))
    assert [rule for rule in excused if COUNTS.get(rule, {"publishers": 0})["publishers"] >= LEAST] == []


def test_rules_for_other_shapes_say_which_they_read():
    book = load_rules(SETTINGS)
    why = {rule: book.rule(rule).why for rule in OTHER_SHAPES}
    assert [rule for rule, told in why.items() if not re.search(r"page|paper|portal|column|feed|site", told)] == []


@pytest.mark.long
@pytest.mark.corpus
def test_the_counts_are_those_of_the_corpus(corpus):
    book = load_rules(SETTINGS)
    labelled = predict_articles(read_documents(find_content([corpus / "dev" / "raw"]), SETTINGS), book, SETTINGS)
    counted = evidence_of(read_unlabelled(corpus / UNLABELLED, SETTINGS), labelled, book)
    assert FILE.read_text("utf-8") == counted, "run benchmarks/cleaning.py --evidence tests/rule-evidence.yaml"
