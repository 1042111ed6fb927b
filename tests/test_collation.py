"""Differences of two texts: complete to the character, by phrase, laid out in paragraphs."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive.collation import LARGEST, Passage, Piece, collate, merge_paragraphs, tally

NEWS = (
    "清晨六点，河上的雾还没有散。志愿者已经到岗，他们要核对展位的编号。\n"
    "今年来了一百三十家样例机构，带来三百件样品。\n"
    "论坛将持续三天。"
)
TEXTS = st.text(alphabet="雾河岗馆样，。“”（）\nAb1 .、—_", max_size=60)


def marked(old, new):
    """The merged text with （deleted） and 〔inserted〕 in brackets."""
    signs = {"same": "{}", "deleted": "（{}）", "inserted": "〔{}〕"}
    return "".join(signs[piece.kind].format(piece.text) for piece in collate(old, new))


def laid_out(old, new):
    """Standing of each merged paragraph, with its text."""
    passages = merge_paragraphs(collate(old, new))
    return [(each.standing, "".join(piece.text for piece in each.pieces).strip()) for each in passages]


@given(TEXTS, TEXTS)
def test_the_marked_text_gives_both_texts_to_the_character(old, new):
    pieces = collate(old, new)
    assert "".join(piece.old for piece in pieces) == old
    assert "".join(piece.new for piece in pieces) == new


@given(st.text())
def test_a_text_does_not_differ_from_itself(text):
    pieces = collate(text, text)
    assert {piece.kind for piece in pieces} <= {"same"}
    assert (tally(pieces).percent, tally(pieces).places) == (100, 0)


@given(TEXTS, TEXTS)
def test_neighbouring_pieces_differ_in_kind_and_none_is_empty(old, new):
    pieces = collate(old, new)
    assert all(piece.text for piece in pieces)
    assert all(one.kind != two.kind for one, two in pairwise(pieces))


@given(TEXTS, TEXTS)
def test_paragraphs_hold_every_letter_of_both_texts(old, new):
    passages = merge_paragraphs(collate(old, new))
    shown = [piece for passage in passages for piece in passage.pieces]
    assert _letters(piece.text for piece in shown if piece.kind != "inserted") == _letters([old])
    assert _letters(piece.text for piece in shown if piece.kind != "same") == _letters(
        piece.text for piece in collate(old, new) if piece.kind != "same"
    )


def _letters(texts):
    return [character for character in "".join(texts) if character.isalnum()]


@given(TEXTS, TEXTS)
def test_what_one_way_deletes_the_other_way_inserts_as_often(old, new):
    one, two = tally(collate(old, new)), tally(collate(new, old))
    assert (one.percent == 100) == (two.percent == 100)


def test_a_phrase_that_is_left_out_is_deleted():
    cut = NEWS.replace("志愿者已经到岗，", "")
    assert marked(NEWS, cut) == NEWS.replace("志愿者已经到岗，", "（志愿者已经到岗，）")


def test_a_phrase_that_is_added_is_inserted():
    longer = NEWS.replace("三天。", "三天，闭幕时发布样例倡议。")
    assert marked(NEWS, longer).endswith("论坛将持续三天。〔闭幕时发布样例倡议。〕")


def test_a_changed_number_is_told_without_its_sentence():
    assert "带来（三）〔五〕百件样品。" in marked(NEWS, NEWS.replace("三百件", "五百件"))


def test_a_latin_word_is_never_cut():
    assert (
        marked("会场里听得最多的是IPv4技术。", "会场里听得最多的是IPv6技术。")
        == "会场里听得最多的是（IPv4）〔IPv6〕技术。"
    )


def test_a_clause_mostly_rewritten_is_told_as_a_whole():
    old, new = "开头一样，傍晚闭馆时图纸印完了，结尾一样。", "开头一样，入夜之后馆外灯火通明，结尾一样。"
    assert marked(old, new) == "开头一样，（傍晚闭馆时图纸印完了，）〔入夜之后馆外灯火通明，〕结尾一样。"


@pytest.mark.parametrize(
    "print_of_it",
    [
        NEWS.replace("，", ","),
        NEWS.replace("，", " ，"),
        NEWS.replace("\n", ""),
        NEWS.replace("。志愿者", "。\n志愿者"),
    ],
)
def test_punctuation_space_and_breaks_are_no_differences(print_of_it):
    assert tally(collate(NEWS, print_of_it)).places == 0


def test_the_other_script_is_no_difference_and_a_changed_word_in_it_is():
    assert tally(collate("乌镇的会场开了门，记者在现场。", "烏鎮的會場開了門，記者在現場。")).places == 0
    changed = marked("乌镇的会场开了门，记者都在现场等候。", "烏鎮的會場開了門，編輯都在現場等候。")
    assert changed == "乌镇的会场开了门，（记者）〔編輯〕都在现场等候。"


def test_a_lost_paragraph_stands_alone():
    cut = NEWS.replace("今年来了一百三十家样例机构，带来三百件样品。\n", "")
    assert [standing for standing, _ in laid_out(NEWS, cut)] == ["same", "deleted", "same"]
    assert tally(collate(NEWS, cut)).cut == 1


def test_an_added_paragraph_stands_alone():
    assert laid_out("第一段样文在此。\n第三段样文在此。", "第一段样文在此。\n另有一段新话。\n第三段样文在此。") == [
        ("same", "第一段样文在此。"),
        ("inserted", "另有一段新话。"),
        ("same", "第三段样文在此。"),
    ]


def test_what_is_added_at_the_end_of_a_paragraph_stays_in_it():
    old, new = "第一段样文在此。\n第二段样文在此。", "第一段样文在此。还有后话。\n第二段样文在此。"
    assert laid_out(old, new) == [("changed", "第一段样文在此。\n还有后话。"), ("same", "第二段样文在此。")]


def test_what_is_replaced_at_the_end_of_a_paragraph_stays_in_it():
    old, new = "第一段样文在此，编号七。\n第二段样文在此。", "第一段样文在此，页码八。\n第二段样文在此。"
    assert [standing for standing, _ in laid_out(old, new)] == ["changed", "same"]


def test_a_tally_counts_places_by_what_happened_there():
    new = (
        NEWS.replace("志愿者已经到岗，", "").replace("三百件", "五百件").replace("三天。", "三天，闭幕时发布样例倡议。")
    )
    counted = tally(collate(NEWS, new))
    assert (counted.deletions, counted.insertions, counted.replacements) == (1, 1, 1)
    assert (counted.cut, counted.added) == (0, 0)
    assert 70 < counted.percent < 99


def test_a_text_with_one_letter_changed_is_not_wholly_the_same():
    long = "样文一段接着一段。" * 60
    assert tally(collate(long, long[:-2] + "完。")).percent == 99


def test_other_text_of_any_length_is_marked_as_a_whole():
    side = int(LARGEST**0.5) + 1
    old, new = "".join(chr(0x4E00 + n) for n in range(side)), "".join(chr(0x6E00 + n) for n in range(side))
    assert collate(old, new) == (Piece(old, ""), Piece("", new))


def test_a_passage_counts_the_letters_of_a_kind():
    passage = Passage((Piece("样文，", "样文"), Piece("旧。", ""), Piece("", "新5G")))
    assert [passage.count(kind) for kind in ("same", "deleted", "inserted")] == [2, 1, 3]
