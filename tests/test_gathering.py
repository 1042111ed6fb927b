"""What articles are held without is read from the cache or made again, with what was found of their pictures."""

import pytest
from msgspec.structs import replace

from factory import make_article, make_folder, markdown
from newsarchive import gathering, preparation
from newsarchive.article import Block, Image, Prepared
from newsarchive.cache import Cache, open_cache
from newsarchive.errors import ContentError
from newsarchive.fingerprints import read_digests
from newsarchive.gathering import Bodies
from newsarchive.knowledge import load_knowledge
from newsarchive.pipeline import build
from newsarchive.preparation import prepare
from newsarchive.settings import load_settings

BESIDE, REMOTE = Image("beside.png", alt="甲"), Image("https://example.org/p.png", alt="乙")


def test_a_picture_beside_an_article_stays_where_another_one_is_mirrored():
    """The page keeps both; seen to fail where what was found last is told of what was found first."""
    story = (Block("image", "", images=(BESIDE,)), Block("image", "", images=(REMOTE,)))
    received = make_article(blocks=story, images=(BESIDE, REMOTE))
    copied = replace(BESIDE, file="media/b.png", width=30, height=20)
    found = replace(received, images=(copied, REMOTE))
    mirrored = replace(found, images=(copied, replace(REMOTE, file="media/p.png", width=44, height=33)))
    with open_cache(None) as store:
        bodies = Bodies(store, {received.path: b"key"}, lambda _: Prepared((received,), ()))
        bodies.settle(received, found)
        bodies.settle(found, mirrored)
        pictures = tuple(part for part in bodies.sheet(received).parts if isinstance(part, Image))
    assert pictures == mirrored.images


@pytest.mark.parametrize(
    ("fault", "kind", "remedy"),
    [
        (RecursionError("too deep"), "unreadable", "RecursionError: too deep; tell whoever makes newsarchive"),
        (MemoryError(), "guard", "took more than 500 MB of memory; part the file"),
    ],
)
def test_a_file_by_which_the_program_fails_is_told_with_what_to_do(tmp_path, monkeypatch, fault, kind, remedy):
    def prepared(source, *rest):
        if source.path == "bad.md":
            raise fault
        return prepare(source, *rest)

    monkeypatch.setattr(preparation, "prepare", prepared)
    root = make_folder(tmp_path, {"bad.md": markdown(1), "good.md": markdown(2)})
    settings = load_settings(root / "site.yaml", workers=1)
    sources = gathering.find_sources(settings)
    with open_cache(None) as store:
        digests = read_digests(settings.content, (), b"")
        gathered = gathering.gather(sources, load_knowledge(settings), settings, store, digests)
    [problem] = gathered.problems
    assert (problem.path, problem.kind, problem.action) == ("bad.md", kind, "quarantined")
    assert [article.path for article in gathered.articles] == ["good.md"]
    assert problem.message.startswith(remedy)


@pytest.mark.parametrize("seen", [0, 1, 2])
def test_a_cache_that_does_not_tell_all_its_keys_gives_no_file_the_articles_of_another(tmp_path, monkeypatch, seen):
    """A damaged index of the database tells fewer keys than there are rows; seen to lose one file for another."""
    root = make_folder(tmp_path, {f"{number}.md": markdown(number) for number in range(3)})
    settings = load_settings(root / "site.yaml", workers=1, cache=tmp_path / "cache")
    knowledge = load_knowledge(settings)
    gathering.find_articles(settings, knowledge)
    make_folder(tmp_path, {"9.md": markdown(9)})
    told = Cache.keys
    monkeypatch.setattr(Cache, "keys", lambda self: set(sorted(told(self))[:seen]))
    found = gathering.find_articles(settings, knowledge)
    assert [(each.path, each.title[1]) for each in found] == [(f"{number}.md", str(number)) for number in (0, 1, 2, 9)]


def test_a_file_that_changes_while_it_is_read_is_not_remembered_as_what_it_was(tmp_path, monkeypatch):
    """Seen to publish the text of a moment for ever: it stood under the hash of what had been there before."""
    root = make_folder(tmp_path, {"a.md": markdown(1), "b.md": markdown(2)})
    config = load_settings(root / "site.yaml", workers=1)
    prepare = preparation.prepare

    def slow(source, *given):
        source.file.write_text(markdown(3), encoding="utf-8")
        return prepare(source, *given)

    with monkeypatch.context() as patch:
        patch.setattr(preparation, "prepare", slow)
        with pytest.raises(ContentError, match=r"a\.md: was changed while it was read; build again"):
            build(config)
    assert not config.output.exists()
    assert build(config).articles == 2
