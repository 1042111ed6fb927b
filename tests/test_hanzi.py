"""Chinese text is folded, sorted, spelt, measured and told apart from other languages."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from factory import make_document
from newsarchive.hanzi import (
    TURNING,
    clean_text,
    count_characters,
    detect_language,
    fold,
    han_share,
    letters,
    pinyin_key,
    pinyin_slug,
    plain_letters,
    simplify,
    split_sentences,
    straight,
    summary,
)
from newsarchive.markup import parse_document
from newsarchive.runs import fold_space

texts = st.text(st.characters(codec="utf-8"), max_size=60)


def test_clean_text_folds_space_and_drops_what_cannot_be_seen():
    assert clean_text("\ufeff　乌\u200b镇 \n\t 样\u00ad报\u2060\x07　") == "乌镇 样报"


def test_clean_text_composes_letters():
    assert clean_text("cafe\u0301") == "caf\u00e9"


def test_an_emoji_of_several_parts_stays_whole():
    family = "👩\u200d👧"
    assert clean_text(family) == family
    assert clean_text("乌\u200d镇") == "乌镇"


@pytest.mark.parametrize("engine", ["fast", "reference"])
@pytest.mark.parametrize(
    "written", ["人们**👩\u200d👧**提灯", "人们<b>👩\u200d👧</b>提灯", "人们&#x202e;👩&zwj;👧\u2066提灯"]
)
def test_markup_keeps_what_clean_text_keeps(engine, written):
    """The markup of a block lost the joiner that its text kept too, and kept what turned its direction."""
    [block] = parse_document(make_document(written), {}, engine=engine).blocks
    assert block.text == "人们👩\u200d👧提灯"
    assert re.sub("<[^>]+>", "", block.html) in ("", block.text)  # plain text has no markup of its own


@given(st.text("人们 ab1א\u202a\u202e\u2066\u2069\u200d\u200e👩❤\ufe0f*_<>&", max_size=12))
def test_nothing_that_is_kept_turns_the_direction_of_text(text):
    kept = [clean_text(text), fold_space(text), straight(text)]
    assert [each for each in kept if TURNING.search(each)] == []


def test_width_and_case_do_not_count_in_comparing():
    assert fold("ＡＩ 大会（2024）") == fold("ai大会(2024)") == "ai大会(2024)"


def test_punctuation_does_not_count_in_letters():
    assert letters("“乌镇峰会”，2024！") == letters("乌镇 峰会2024") == "乌镇峰会2024"


@given(texts)
@example("O¯")
def test_folding_twice_equals_folding_once(text):
    assert fold(fold(text)) == fold(text)
    assert letters(fold(text)) == letters(text)
    assert clean_text(clean_text(text)) == clean_text(text)
    assert letters(letters(text)) == letters(text)


COMMON = [
    *map(chr, range(0x400)),
    *map(chr, range(0x2000, 0x3100)),
    *map(chr, range(0xFF00, 0xFFF0)),
    "\u212a",
    "龥",
    "鿿",
]


@given(st.text(st.sampled_from(COMMON) | st.characters(codec="utf-8"), max_size=30))
@example("".join(COMMON))
def test_a_text_of_common_characters_folds_as_beside_rare_ones(text):
    # A letter with an accent, of which none of the short ways is sure.
    assert fold("é国" + text) == "é国" + fold(text)
    assert letters("é国" + text) == "é国" + letters(text)


@given(st.text(st.sampled_from([*COMMON, "\n", "\n", "\u1100", "\u1161"]) | st.characters(codec="utf-8"), max_size=12))
@example("e\n\u0301")
@example("\u1100\n“\u1161")
def test_the_letters_of_lines_are_those_of_the_text(text):
    assert letters(text) == letters(text.replace("\n", "\t"))


def test_each_common_character_folds_as_beside_rare_ones():
    for character in COMMON:
        text = f"{character}e{character}"
        assert fold("é国" + text) == "é国" + fold(text)
        assert letters("é国" + text) == "é国" + letters(text)


@given(texts)
def test_clean_text_is_composed_and_has_single_spaces(text):
    cleaned = clean_text(text)
    assert unicodedata.is_normalized("NFC", cleaned)
    assert cleaned.split() == cleaned.split(" ") or cleaned == ""


def test_characters_are_counted_without_space():
    assert count_characters("乌镇 峰会\n2024") == 8


def test_the_share_of_han_characters_is_of_letters_and_digits():
    assert han_share("乌镇，AI！") == 0.5
    assert han_share("……") == 0.0


def test_names_sort_by_the_pinyin_of_their_phrases():
    names = ["中国样报", "重庆样报", "北京样报", "样报", "Alpha"]
    assert sorted(names, key=pinyin_key) == ["Alpha", "北京样报", "重庆样报", "样报", "中国样报"]


def test_a_slug_is_pinyin_by_phrase():
    assert pinyin_slug("重庆样报") == "chong-qing-yang-bao"
    assert pinyin_slug("乌镇 ＴＶ-1 Café") == "wu-zhen-tv-1-cafe"


def test_a_slug_is_cut_behind_a_whole_syllable():
    assert pinyin_slug("乌镇样报编辑部", length=15) == "wu-zhen-yang"
    assert pinyin_slug("abcdefgh", length=5) == "abcde"


def test_a_name_that_cannot_be_spelt_is_x():
    assert pinyin_slug("★☆") == "x"


@given(texts, st.integers(1, 60))
def test_a_slug_is_short_plain_ascii(text, length):
    slug = pinyin_slug(text, length)
    assert 1 <= len(slug) <= length
    assert slug.strip("-") == slug
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_a_sentence_ends_behind_its_closing_quote():
    assert split_sentences("他说：“很好。”会议继续！完") == ("他说：“很好。”", "会议继续！", "完")


def test_stops_in_numbers_and_abbreviations_end_no_sentence():
    assert split_sentences("Dr. Li spent 3.5 hours. She left.") == ("Dr. Li spent 3.5 hours.", "She left.")


def test_a_summary_is_two_sentences_where_both_are_short():
    assert summary(["样例大会开幕", "大会今天开幕。嘉宾来自各地。第三句。"]) == "大会今天开幕。嘉宾来自各地。"


def test_a_summary_is_one_sentence_where_two_are_too_long():
    long = "很长" * 60 + "。"
    assert summary([f"大会今天开幕。{long}"]) == "大会今天开幕。"
    assert summary([long]) == long


def test_latin_sentences_keep_a_space_between_them():
    assert summary(["The fair opened. Many came. More left."]) == "The fair opened. Many came."


def test_a_text_without_sentences_gives_its_first_line_cut_when_endless():
    assert summary(["", "只有标题"]) == "只有标题"
    assert summary(["长" * 500]) == "长" * 120 + "…"
    assert summary([]) == ""


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("这是一次关于网络的会议，讨论发展。", "zh-Hans"),
        ("這是一次關於網絡的會議，討論發展。", "zh-Hant"),
        ("OpenSSL 1.1.1 漏洞影响 Linux kernel module 和 nginx server", "zh-Hans"),
        ("The meeting of the board was held in the town, and it is over.", "en"),
        ("La riunione del consiglio si è tenuta nella città e non è finita.", "it"),
        ("Совещание состоялось в городе", "ru"),
        ("この町で会議が開かれました", "ja"),
        ("회의가 열렸다", "ko"),
        ("In the Chinese town of 乌镇 the meeting was held by the board for all of us and for you", "en"),
        ("x = y(1); z[2] = foo", "und"),
        ("2024 —— 12", "und"),
        ("", "und"),
    ],
)
def test_the_language_is_told_by_script_and_common_words(text, language):
    assert detect_language(text) == language


@pytest.mark.parametrize("han", [0, 1, 2, 3, 4, 30])
@pytest.mark.parametrize("words", [0, 1, 5, 6, 10, 11, 15, 16, 20, 21])
def test_a_han_character_weighs_as_much_as_five_latin_words(han, words):
    told = detect_language("国" * han + " the" * words)
    assert told == ("zh-Hans" if han and han >= 0.2 * words else "en" if words else "und")


def test_one_character_of_another_form_or_script_is_weighed():
    assert detect_language("国" * 50 + "國" * 51) == "zh-Hant"
    assert detect_language("国" * 51 + "國" * 50) == "zh-Hans"
    assert detect_language("国" * 10 + "の" * 9) == "ja"


@pytest.mark.parametrize(
    ("text", "simplified"), [("烏鎮峰會", "乌镇峰会"), ("裡外與頭髮", "里外与头发"), ("5G 網絡", "5G 网络")]
)
def test_traditional_characters_are_written_as_simplified_ones(text, simplified):
    assert simplify(text) == simplified


def test_letters_in_one_script_are_those_of_either():
    assert plain_letters("互聯網，會場！") == plain_letters("互联网 会场") == "互联网会场"


@given(texts)
def test_simplifying_keeps_every_place_and_is_done_once(text):
    assert len(simplify(text)) == len(text)
    assert simplify(simplify(text)) == simplify(text)
