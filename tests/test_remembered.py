"""What one build found of all articles and the next one remembers is what that one would find anew."""

import subprocess
import sys
from hashlib import sha256

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from newsarchive import hanzi, sketches
from newsarchive.cache import open_cache
from newsarchive.collation import Tally
from newsarchive.related import Told, find_related, held_terms
from newsarchive.remembered import Remembered
from newsarchive.syndication import Compared, find_groups, held_shingles, held_text
from test_syndication import press, story

NAMES = ("重庆样报", "Alpha", "")
CHANGES = st.lists(
    st.tuples(st.integers(1, 8), st.sampled_from(["", "负责人", "清点", "样例"]), st.sampled_from(["甲社", "乙社"])),
    min_size=3,
    max_size=8,
    unique_by=lambda change: change[0],
)


@pytest.fixture
def store():
    with open_cache(None) as opened:
        yield opened


class Held:
    """Bodies of articles that hold them."""

    text = staticmethod(held_text)

    @staticmethod
    def all_shingles():
        return held_shingles

    @staticmethod
    def terms(_articles):
        return held_terms


def archive(changes):
    """Articles as some changes leave them, two numbers to a story, each known by what it holds."""
    for number, word, publisher in changes:
        article = press(number, story(number % 4).replace(word or "，", "样张", 4), publisher=publisher)
        yield replace(article, fingerprint=sha256(repr(article).encode()).digest())


@settings(max_examples=15)
@given(rounds=st.lists(CHANGES, min_size=2, max_size=4))
def test_copies_are_those_that_are_found_anew(rounds):
    """Whatever came, went or was changed between two builds, and where few texts are compared again."""
    with open_cache(None) as store, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sketches, "_MANY", 0)
        for changes in rounds:
            articles = list(archive(changes))
            remembered = Remembered(store, b"code")
            assert remembered.finders(Held()).group(articles) == find_groups(articles)
            remembered.remember()


@settings(max_examples=15)
@given(rounds=st.lists(CHANGES, min_size=2, max_size=4))
def test_related_articles_are_those_that_are_found_anew(rounds):
    with open_cache(None) as store:
        for changes in rounds:
            articles = list(archive(changes))
            groups = find_groups(articles)
            remembered = Remembered(store, b"code")
            assert remembered.finders(Held()).relate(articles, groups) == find_related(articles, groups)
            remembered.remember()


def test_terms_are_read_of_those_articles_alone_that_are_new(store):
    asked = []

    class Watched(Held):
        @staticmethod
        def terms(articles):
            asked.append([article.path for article in articles])
            return held_terms

    articles = list(archive([(1, "", "甲社"), (5, "负责人", "乙社"), (2, "", "甲社")]))
    for number, held in enumerate((articles[:2], articles, articles[1:], [articles[0], *articles[2:]])):
        remembered = Remembered(store, b"code")
        remembered.finders(Watched()).relate(held, ())
        remembered.remember()
        asked += [number]
    one, two, three = (article.path for article in articles)
    assert asked == [[one, two], 0, [three], 1, [], 2, [one], 3]


@pytest.mark.parametrize(
    "damage",
    [
        lambda told: replace(told, sizes=told.sizes[8:]),
        lambda told: replace(told, numbers=told.numbers[8:]),
        lambda told: replace(told, counts=b""),
        lambda told: replace(told, sizes=(-1).to_bytes(8, sys.byteorder, signed=True) * len(told.texts)),
    ],
)
def test_related_articles_are_found_anew_where_the_note_is_not_whole(store, damage):
    articles = list(archive([(number, "", "甲社") for number in range(1, 8)]))
    remembered = Remembered(store, b"code")
    found = remembered.finders(Held()).relate(articles, ())
    remembered.remember()
    assert found
    told = msgspec.json.decode(store.note("terms"), type=Told)
    store.set_note("terms", msgspec.json.encode(damage(told)))
    assert Remembered(store, b"code").finders(Held()).relate(articles, ()) == found
    assert Remembered(store, b"code").finders(Held()).relate(articles[1:], ()) == find_related(articles[1:], ())


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda value: value[: len(value) // 2],
        lambda value: value.replace(b"[0,2,", b"[0,9,"),
        lambda value: msgspec.json.encode(replace(msgspec.json.decode(value, type=Compared), sizes=b"")),
    ],
)
def test_copies_are_found_anew_where_the_note_is_not_whole(store, damage):
    """Texts that the copies name are not there, or fewer sizes than texts; seen to fail where nobody counts them."""
    articles = list(archive([(1, "", "甲社"), (5, "负责人", "乙社"), (2, "", "甲社")]))
    remembered = Remembered(store, b"code")
    found = remembered.finders(Held()).group(articles)
    remembered.remember()
    assert [group.ids for group in found] == [(articles[0].id, articles[1].id)]
    store.set_note("copies", damage(store.note("copies")))
    assert Remembered(store, b"code").finders(Held()).group(articles) == found
    assert Remembered(store, b"code").finders(Held()).group(articles[:2]) == found


def test_names_are_spelt_without_the_dictionary_once_they_are_known(store, monkeypatch):
    remembered = Remembered(store, b"code")
    spelt = [remembered.spell(name) for name in NAMES]
    remembered.remember()
    hanzi.spell.cache_clear()
    monkeypatch.setitem(sys.modules, "pypinyin", None)  # whoever imports it now fails
    again = Remembered(store, b"code")
    assert [again.spell(name) for name in NAMES] == spelt
    assert spelt[0].slug == "chong-qing-yang-bao"
    with pytest.raises(ImportError):
        again.spell("样报")
    with pytest.raises(ImportError):
        Remembered(store, b"other code").spell(NAMES[0])


APART = """
import sys
from newsarchive.cache import open_cache
from newsarchive.remembered import Remembered

with open_cache(None) as store:
    remembered = Remembered(store, b"code")
    remembered.spell_apart(["重庆样报", "Alpha"])
    print(*(remembered.spell(name).slug for name in ("重庆样报", "Alpha", "")), "pypinyin" in sys.modules)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are forked on Linux alone")
def test_names_are_spelt_in_a_process_that_takes_the_dictionary_with_it():
    process = subprocess.run([sys.executable, "-c", APART], capture_output=True, encoding="utf-8", check=True)
    assert process.stdout.split() == ["chong-qing-yang-bao", "alpha", "x", "False"]


def test_texts_are_collated_once(store):
    one, two, three = archive([(1, "", "甲社"), (5, "负责人", "乙社"), (2, "", "甲社")])
    first, second = Tally(90, 1, 2, 3, 0, 0), Tally(80, 1, 2, 3, 4, 5)
    remembered = Remembered(store, b"code")
    assert remembered.tally(one, two, lambda: first) == first
    remembered.remember()
    again = Remembered(store, b"code")
    assert again.tally(one, two, lambda: second) == first
    assert again.tally(two, one, lambda: second) == second
    assert again.tally(one, three, lambda: second) == second
    assert again.tally(one, replace(two, story=2), lambda: second) == second
    assert again.tally(one, replace(two, fingerprint=b""), lambda: second) == second
    store.set_note("tallies", b'{"a": 1}')
    assert Remembered(store, b"code").tally(one, two, lambda: second) == second
