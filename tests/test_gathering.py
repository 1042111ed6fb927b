"""What articles are held without is read from the cache or made again, with what was found of their pictures."""

from msgspec.structs import replace

from factory import make_article
from newsarchive.article import Block, Image, Prepared
from newsarchive.cache import open_cache
from newsarchive.gathering import Bodies

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
