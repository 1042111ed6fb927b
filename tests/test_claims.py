"""Claims name field, value and origin; an article's identity depends on its address, title and story alone."""

from urllib.parse import parse_qs

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from factory import make_document
from newsarchive.claims import canonical_address, first_claim, gather_claims, identify, listed
from newsarchive.cleaner import Cleaned
from newsarchive.selection import Probe

WECHAT = "https://mp.weixin.qq.com/s?__biz=U0FNUExF&mid=1000&idx=1"
NOTHING = Cleaned((), (), (), kind=None, complete=True, problems=())


@pytest.mark.parametrize(
    "address",
    [
        "http://mp.weixin.qq.com/s?__biz=U0FNUExF&mid=1000&idx=1&sn=77&chksm=1&scene=58#rd",
        "https://mp.weixin.qq.com/s?idx=1&mid=1000&__biz=U0FNUExF",
    ],
)
def test_a_wechat_article_is_told_by_account_message_and_position(address):
    assert canonical_address(address) == canonical_address(WECHAT)
    assert canonical_address(address.replace("idx=1", "idx=2")) != canonical_address(WECHAT)


@pytest.mark.parametrize(
    ("address", "same"),
    [
        ("https://example.org/a?utm_source=x&id=1", True),
        ("http://EXAMPLE.org/a?id=1&spm=1", True),
        ("https://example.org/a?id=1#part", False),
        ("https://example.org/a?id=2", False),
        ("https://example.org/b?id=1", False),
    ],
)
def test_tracking_never_counts_and_a_fragment_does(address, same):
    assert (canonical_address(address) == canonical_address("https://example.org/a?id=1")) is same


@given(st.text() | st.text("[]:/?#@%&=.a1", max_size=30).map("https://{}".format))
@example("https://[::1")
@example("https://a:b/")
def test_any_address_is_reduced_without_a_crash(text):
    assert isinstance(identify(text, "题", "a.md", 1), str)


def test_an_identity_is_twelve_hexadecimal_digits_and_differs_by_story():
    ids = {identify(WECHAT, "题", "a.md", number) for number in (1, 2)} | {identify(None, "题", "a.md", 1)}
    assert len(ids) == 3
    assert all(len(identity) == 12 and int(identity, 16) >= 0 for identity in ids)


def test_with_an_address_the_path_does_not_count_and_without_one_it_does():
    assert identify(WECHAT, "题", "a.md", 1) == identify(WECHAT, "题", "b.md", 1)
    assert identify(None, "题", "a.md", 1) != identify(None, "题", "b.md", 1)


def test_claims_come_from_correction_front_matter_markup_and_folder():
    document = make_document(
        "",
        front={"title": " 水乡的\u3000灯 ", "source": "水乡样报", "date": "2024-11-20"},
        sidecar={"title": "水乡之灯"},
        defaults={"publisher": "样闻网"},
    )
    claims = list(gather_claims(document, [(Probe("p", "title"), "水乡的灯亮了")], NOTHING))
    assert [(claim.field, claim.value, claim.origin) for claim in claims] == [
        ("title", "水乡之灯", "sidecar"),
        ("title", "水乡的 灯", "front-matter"),
        ("published", "2024-11-20", "front-matter"),
        ("publisher", "水乡样报", "front-matter"),
        ("title", "水乡的灯亮了", "markup"),
        ("publisher", "样闻网", "folder"),
    ]
    assert first_claim(claims, "title", ("markup", "sidecar")) == "水乡的灯亮了"
    assert first_claim(claims, "outlet", ("body",)) is None


@pytest.mark.parametrize(
    ("value", "texts"),
    [(None, []), ("", []), ("  ", []), ("a", ["a"]), (3, ["3"]), (["a", "", 2], ["a", "2"]), ({"a": 1}, [])],
)
def test_a_value_is_listed_as_texts(value, texts):
    assert listed(value) == texts


@given(st.lists(st.sampled_from([*"&=;+%?ab12", "__biz=", "mid=", "&idx=", "%41", "&&"]), max_size=16).map("".join))
@example("__biz=&__biz=a&mid=1=2&mid=3&idx=0&idx=")
def test_an_address_of_an_account_is_told_by_the_first_value_of_each_parameter(query):
    values = parse_qs(query)
    told = "weixin:" + ":".join(values.get(key, ["?"])[0] for key in ("__biz", "mid", "idx"))
    assert canonical_address(f"https://mp.weixin.qq.com/s?{query}") == told or not {"__biz", "mid", "idx"} <= {*values}
