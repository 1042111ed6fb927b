"""Films and sounds in markup, in the forms that editors and players write."""

import pytest
from bs4 import BeautifulSoup

from newsarchive.article import Image
from newsarchive.players import read_player


def player(markup):
    return read_player(BeautifulSoup(markup, "lxml").body.find(lambda element: element.name != "p"))


COVER = "https://img.example.org/cover.jpg"


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        (
            f"<video src='https://example.org/a.mp4' poster='{COVER}' title='水乡一日'></video>",
            Image("https://example.org/a.mp4", alt="水乡一日", kind="video", cover=COVER),
        ),
        (
            "<video data-src='https://example.org/a.mp4'></video>",
            Image("https://example.org/a.mp4", kind="video"),
        ),
        (
            "<audio><source type='audio/ogg' src='a.ogg'><source src='a.mp3'></audio>",
            Image("a.ogg", kind="audio"),
        ),
        (
            "<video src='blob:https://example.org/0a1b'></video>",
            Image("", kind="video"),
        ),
        (
            "<mpvoice name='开幕致辞录音' voice_encode_fileid='MzI1sample' play_length='96000'></mpvoice>",
            Image("https://res.wx.qq.com/voice/getvoice?mediaid=MzI1sample", alt="开幕致辞录音", kind="audio"),
        ),
        (
            f"<mp-common-mpaudio name='晨间播报' cover='{COVER}' voice_encode_fileid='MjM5'></mp-common-mpaudio>",
            Image("https://res.wx.qq.com/voice/getvoice?mediaid=MjM5", alt="晨间播报", kind="audio", cover=COVER),
        ),
        (
            f"<mp-common-videosnap data-url='{COVER}' data-desc='桥上看灯'></mp-common-videosnap>",
            Image("", alt="桥上看灯", kind="video", cover=COVER),
        ),
        (
            "<iframe data-cover='https%3A%2F%2Fimg.example.org%2Fcover.jpg' data-src='https://example.org/t?vid=wxv_1'>",
            Image("https://example.org/t?vid=wxv_1", kind="video", cover=COVER),
        ),
        (
            "<iframe class='video_iframe rich_pages' data-vidtype='2' data-src='https://example.org/t?vid=wxv_1'>",
            Image("https://example.org/t?vid=wxv_1", kind="video"),
        ),
        (
            "<iframe src='//v.qq.com/iframe/preview.html?vid=x0024'></iframe>",
            Image("//v.qq.com/iframe/preview.html?vid=x0024", kind="video"),
        ),
        ("<embed src='https://example.org/p/a.swf'>", Image("https://example.org/p/a.swf", kind="video")),
        ("<object data='https://example.org/a.mp3'></object>", Image("https://example.org/a.mp3", kind="audio")),
    ],
)
def test_what_plays_is_told_with_name_address_and_cover(markup, expected):
    assert player(markup) == expected


@pytest.mark.parametrize(
    "markup",
    [
        "<iframe src='https://maps.example.org/?q=1'></iframe>",
        "<iframe src='' class='video_iframe'></iframe>",
        "<iframe src='about:blank' id='beacon' style='display:none'></iframe>",
        "<iframe src='javascript:player()'></iframe>",
        "<object></object>",
    ],
)
def test_a_frame_that_plays_nothing_leaves_no_place(markup):
    assert player(markup) is None
