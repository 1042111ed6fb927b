"""Which editions a text is about, and what shows it; what the file of editions must hold."""

import pytest

from factory import make_folder, moment
from newsarchive.archive import Edition
from newsarchive.article import EditionEvidence
from newsarchive.entities import LEAD, load_editions, tag_editions
from newsarchive.errors import ManyErrors, SettingsError
from newsarchive.settings import load_settings

SERIES = ("样例大会", "Sample Congress")
FIRST = Edition("2014", "首届样例大会", 1, "2014-11-19", "2014-11-21", "样例镇", None, series=SERIES)
TENTH = Edition(
    "2023", "2023年样例大会", None, "2023-11-08", "2023-11-10", "样例镇", None, names=("第十届样例大会",), series=SERIES
)
LATER = Edition("2024", "2024年样例大会", None, "2024-11-19", "2024-11-22", "样例镇", None, series=SERIES)
ELSEWHERE = Edition(
    "2024-hk", "样例大会海边对话", None, "2024-10-02", "2024-10-03", "海边", None, "regional", (), SERIES
)
EDITIONS = (FIRST, TENTH, ELSEWHERE, LATER)
FILLER = "水乡的样例河流过样例桥下" * (LEAD // 10)


def tag(title="", text="", published="2024-11-20", editions=EDITIONS):
    return tag_editions(editions, title, text, moment(published))


def test_a_headline_that_names_an_edition_settles_it():
    (evidence,) = tag("第十届样例大会回顾", "2024年样例大会今天开幕。" * 5)
    assert evidence == EditionEvidence("2023", "title", "第十届样例大会", 1)
    assert not evidence.doubtful


def test_a_name_is_counted_in_headline_and_text_and_folded():
    (evidence,) = tag("２０２４年样例大会开幕", "２０２４ 年样例大会今天开幕。2024年样例大会为期四天。")
    assert (evidence.place, evidence.times) == ("title", 3)


def test_the_lead_tells_where_the_headline_does_not():
    assert tag("开幕", "2024年样例大会今天开幕。") == (EditionEvidence("2024", "lead", "2024年样例大会", 1),)


def test_a_lead_that_looks_back_is_about_the_meeting_of_its_days():
    text = "从首届样例大会到2024年样例大会，十年过去了。"
    assert [each.key for each in tag("十年", text)] == ["2024"]
    assert [each.key for each in tag("十年", text + "首届样例大会很小。", "2019-01-01")] == ["2014"]


def test_far_down_a_text_must_name_an_edition_often():
    once = FILLER + "2023年样例大会"
    assert tag("水乡", once) == ()
    assert tag("水乡", once + "，还是2023年样例大会。" * 2) == (EditionEvidence("2023", "named", "2023年样例大会", 3),)


def test_the_series_and_the_days_together_are_doubtful():
    (evidence,) = tag("样例大会开幕", "样例大会今天开幕。", "2024-11-20")
    assert evidence == EditionEvidence("2024", "series", "样例大会", 2)
    assert evidence.doubtful


@pytest.mark.parametrize("published", ["2024", "2024-11", "2024-06-01", None])
def test_the_series_alone_tells_no_edition(published):
    assert tag("样例大会", "样例大会每年举行。", published) == ()


def test_without_editions_nothing_is_tagged():
    assert tag("样例大会", "2024年样例大会", editions=()) == ()


EDITION = """editions:
  - key: "{key}"
    name: 首届样例大会
    start: 2014-11-19
    end: 2014-11-21
    introduction: |
      第一段*导言*。

      第二段。
"""


def load(tmp_path, text):
    root = make_folder(tmp_path, {})
    (root / "data").mkdir()
    (root / "data" / "editions.yaml").write_text(text, "utf-8")
    return load_editions(load_settings(root / "site.yaml"))


def test_the_introduction_of_an_editor_is_kept_as_written(tmp_path):
    (edition,) = load(tmp_path, EDITION.format(key="2014"))
    assert edition.introduction == "第一段*导言*。\n\n第二段。"
    assert edition.permalink == "editions/2014.html"


@pytest.mark.parametrize("key", ["A B", "../x", "第一届", "index", "2014--x"])
def test_a_key_that_cannot_be_an_address_is_refused(tmp_path, key):
    with pytest.raises(SettingsError, match="address"):
        load(tmp_path, EDITION.format(key=key))


def test_editions_that_are_no_list_are_refused(tmp_path):
    with pytest.raises(SettingsError, match=r"editions.yaml:1:\d+: editions is not a list"):
        load(tmp_path, "editions: 3\n")


def test_all_faults_of_the_file_are_told_together(tmp_path):
    with pytest.raises(ManyErrors) as caught:
        load(tmp_path, 'editions:\n  - key: "2014"\n  - key: "x y"\n    kind: feast\n')
    told = str(caught.value)
    assert "name is missing" in told
    assert "'feast'" in told
