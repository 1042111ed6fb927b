"""Who first published a story is told by its credit, its page or its own words, and is never the publisher."""

import pytest

from newsarchive.article import Block, Claim, RemovedBlock
from newsarchive.cleaner import Cleaned
from newsarchive.hanzi import fold
from newsarchive.outlets import settle_outlets, split_outlets

KNOWN = {"样例通讯社": "样例通讯社", "水乡晚报": "水乡晚报", "样晚": "水乡晚报"}


def cleaned_of(*texts, removed=()):
    return Cleaned(
        tuple(Block("paragraph", text, text) for text in texts),
        tuple(removed),
        (),
        kind=None,
        complete=True,
        problems=(),
    )


def outlets_of(
    *claims, texts=("集市今天清早重开，三十多条船挤满了河湾，菜叶上还带着露水。",), title="集市重开", platform="web"
):
    own = frozenset({fold("水乡样报"), fold("水乡样报网")})
    return settle_outlets([Claim(*claim) for claim in claims], cleaned_of(*texts), own, title, platform, KNOWN)


@pytest.mark.parametrize(
    ("value", "outlets"),
    [
        ("样例通讯", ("样例通讯",)),
        ("样例通讯、水乡晚报", ("样例通讯", "水乡晚报")),
        ("“样例通讯”公众号（ID：sample）", ("样例通讯",)),
        ("https://www.example.org/a", ("example.org",)),
        ("https://mp.weixin.qq.com/s/a", ()),
        ("https://[::1", ()),
        ("网络", ()),
        ("微信公众号", ()),
        ("综合、水乡晚报", ("水乡晚报",)),
    ],
)
def test_a_credit_is_parted_into_outlets(value, outlets):
    assert split_outlets(value) == outlets


def test_a_correction_wins_over_every_claim():
    claims = [("outlet", "样例通讯", "body", "来源：样例通讯"), ("outlet", "水乡晚报", "sidecar", "outlet: 水乡晚报")]
    assert outlets_of(*claims) == ("水乡晚报",)


def test_a_credit_line_wins_over_the_markup():
    claims = [("outlet", "水乡晚报", "markup", "meta"), ("outlet", "样例通讯", "body", "来源：样例通讯")]
    assert outlets_of(*claims) == ("样例通讯",)


@pytest.mark.parametrize("name", ["水乡样报", "水乡样报网"])
def test_a_page_that_names_its_own_publisher_names_no_outlet(name):
    assert outlets_of(("outlet", name, "markup", "meta")) == ()


@pytest.mark.parametrize(
    "text",
    [
        "样例通讯社样镇11月8日电 集市今天清早重开，三十多条船挤满了河湾，菜叶上还带着露水。",
        "据样例通讯社样镇2024年11月8日电 集市今天清早重开，三十多条船挤满了河湾，菜叶上带着露水。",
        "样例通讯社讯 集市今天清早重开，三十多条船挤满了河湾，菜叶上还带着露水，岸上有人在等。",
    ],
)
def test_a_dateline_names_the_outlet(text):
    assert outlets_of(texts=(text,)) == ("样例通讯社",)


def test_an_agency_that_no_dictionary_knows_is_read_from_its_dateline():
    text = "据水乡通讯社样镇2022年9月3日电 钟楼昨天停摆了四个小时，修钟的匠人爬上塔顶去看了一回。"
    assert outlets_of(texts=(text,)) == ("水乡通讯社",)


@pytest.mark.parametrize(
    "text", ["本报样镇11月8日电 集市今天清早重开，三十多条船挤满了河湾，菜叶上还带着露水。", "集市的电话响了。"]
)
def test_what_an_outlet_calls_itself_names_nobody(text):
    assert outlets_of(texts=(text,)) == ()


def test_a_medium_has_one_name_under_all_its_names():
    assert outlets_of(texts=("据样晚消息，集市今天清早重开，三十多条船挤满了河湾，菜叶上还带着露水。",)) == (
        "水乡晚报",
    )


def test_credits_of_the_items_of_a_digest_are_not_the_digest_s():
    texts = [f"第{number}条新闻讲的是小镇里的一件事，从早晨讲到晚上，讲了很久。" for number in range(4)]
    removed = [
        RemovedBlock("credits/outlet", 2, "来源：样例通讯", 1, "outlet"),
        RemovedBlock("credits/outlet", 4, "来源：水乡晚报", 2, "outlet"),
    ]
    claims = [Claim("outlet", name, "body", f"来源：{name}") for name in ("样例通讯", "水乡晚报")]
    assert settle_outlets(claims, cleaned_of(*texts, removed=removed), (), "一周小事", "web", {}) == ()
