"""The strict YAML loader takes plain values only and names the place of every fault."""

import contextlib

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from conftest import PROJECT
from newsarchive import yamlfile
from newsarchive.errors import ContentError, RuleError, SettingsError
from newsarchive.yamlfile import MAX_NESTING, did_you_mean, parse_yaml, read_yaml


def value_of(text, **options):
    return parse_yaml(text, "a.yaml", RuleError, **options).value


def fault_of(text, **options):
    with pytest.raises(RuleError) as caught:
        parse_yaml(text, "a.yaml", RuleError, **options)
    return caught.value


def test_scalars_follow_the_core_schema():
    assert value_of("[1, -2, 1.5, true, False, null, ~, 'x', x y]") == [1, -2, 1.5, True, False, None, None, "x", "x y"]


@pytest.mark.parametrize(
    "word", ["no", "yes", "on", "off", "2024-11-20", "2024-11-20 20:43:23", "12:30", "0x1f", ".inf"]
)
def test_words_that_older_yaml_would_turn_stay_words(word):
    assert value_of(f"key: {word}") == {"key": word}


def test_quoted_scalars_stay_text():
    assert value_of("a: '1'\nb: \"true\"\nc: ''") == {"a": "1", "b": "true", "c": ""}


def test_only_text_keeps_every_scalar_as_written():
    assert value_of("a: 2024\nb: no\nc: 1.10\nd:\ne: true", only_text=True) == {
        "a": "2024",
        "b": "no",
        "c": "1.10",
        "d": "",
        "e": "true",
    }


def test_halves_of_a_character_are_put_together_and_one_alone_is_replaced():
    assert value_of(r'"\ud83c\udfee": "灯\ud83c\udfee 桥\ud83c"') == {"\U0001f3ee": "灯\U0001f3ee 桥\ufffd"}


def test_a_number_too_long_for_a_number_stays_text():
    assert value_of("a: " + "9" * 5000) == {"a": "9" * 5000}


def test_an_empty_text_is_none():
    assert value_of("# nothing\n") is None


def test_places_are_told_for_keys_and_entries():
    parsed = parse_yaml("rules:\n  - id: a\n  - id: b\n", "a.yaml", RuleError)
    assert parsed.where("rules", 1, "id") == "a.yaml:3:5"
    assert parsed.position("rules") == (1, 1)


def test_the_place_of_an_absent_key_is_that_of_its_parent():
    parsed = parse_yaml("x: 1\nrules:\n  - id: a\n", "a.yaml", RuleError)
    assert parsed.where("rules", 0, "why") == "a.yaml:3:5"


@pytest.mark.parametrize(
    ("text", "place", "finding"),
    [
        ("a: 1\nb: 2\na: 3", "a.yaml:3:1", "the key `a` stands already in line 1"),
        ("a: &x 1", "a.yaml:1:4", "anchors and aliases"),
        ("a: *x", "a.yaml:1:4", "anchors and aliases"),
        ("a: !!python/object:os.system x", "a.yaml:1:4", "tags"),
        ("a: ! x", "a.yaml:1:4", "tags"),
        ("<<: x", "a.yaml:1:1", "merge keys"),
        ("? [a]\n: b", "a.yaml:1:3", "a key is a list"),
        ("a: 1\n---\nb: 2", "a.yaml:2:1", "a second document"),
        ("a: b: c", "a.yaml:1:5", "mapping values are not allowed here"),
        ("a: 1\nb: x\x07y", "a.yaml:2:5", "control character U+0007"),
    ],
)
def test_a_fault_names_line_column_and_finding(text, place, finding):
    fault = fault_of(text)
    assert fault.place == place
    assert finding in fault.finding
    assert fault.remedy


def test_lines_are_counted_from_the_line_the_text_begins_on():
    assert fault_of("a: b: c", first_line=7).place == "a.yaml:7:5"


def test_deep_nesting_is_refused():
    assert value_of("[" * MAX_NESTING + "]" * MAX_NESTING)
    assert "levels of nesting" in fault_of("[" * 5000).finding


def test_a_missing_file_is_told_with_the_class_of_the_caller(tmp_path):
    with pytest.raises(SettingsError, match=r"none\.yaml: cannot be read"):
        read_yaml(tmp_path / "none.yaml", SettingsError)


def test_a_file_that_is_not_utf8_is_refused(tmp_path):
    (tmp_path / "a.yaml").write_bytes("标题: 乌镇".encode("gbk"))
    with pytest.raises(ContentError, match="is not UTF-8 at byte 0"):
        read_yaml(tmp_path / "a.yaml", ContentError)


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path):
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbfa: 1")
    assert read_yaml(tmp_path / "a.yaml", ContentError).value == {"a": 1}


def test_a_near_word_is_suggested():
    assert did_you_mean("titel", ["title", "output"]) == "did you mean `title`?"
    assert did_you_mean("zzz", ["title", "output"]) == "known are: output, title"


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | st.text(st.characters(codec="utf-8", exclude_categories=["Cc"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcd", min_size=1), inner, max_size=4),
    max_leaves=12,
)


@given(plain)
def test_plain_values_come_back_as_they_were_dumped(value):
    assert value_of(yaml.safe_dump(value, allow_unicode=True, default_style=None)) == value


@given(st.text(max_size=200))
def test_any_text_parses_or_raises_the_error_asked_for(text):
    with contextlib.suppress(RuleError):
        parse_yaml(text, "a.yaml", RuleError)


PIECES = (
    *(
        "a",
        "b: ",
        "key: 样",
        "- ",
        "-",
        "\n",
        "\n  ",
        "\n    ",
        " ",
        "'",
        '"',
        "''",
        "[",
        "]",
        "{",
        "}",
        ",",
        ": ",
        "#",
    ),
    *(
        " # 注",
        "|",
        "|\n",
        ">-\n",
        "&x ",
        "*x",
        "!t ",
        "? ",
        "---",
        "...\n",
        "%",
        "\\n",
        r"\u4e2d",
        "\t",
        "：",
        "\u00a0",
    ),
    *("\u2028", "\ufeff", "~", "null", "1", "yes", "<<: ", "\r\n", "a:b", "-a", "?a", "😀", "\x07"),
)


def outcome(text):
    try:
        file = parse_yaml(text, "a.yaml", RuleError)
    except RuleError as error:
        return str(error)
    return file.value, file.positions


@given(st.lists(st.sampled_from(PIECES), max_size=10).map(lambda pieces: "".join(pieces) + "\n"))
@example("? a\n")
@example("a: [b?c]\n")
@example("a: |#\n")
@example("--- \n")
def test_both_parsers_of_yaml_give_the_same(text):
    quick = outcome(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yamlfile, "FAST", None)
        assert outcome(text) == quick


def test_the_rules_are_read_by_the_parser_in_c():
    texts = {path: path.read_text(encoding="utf-8") for path in (PROJECT / "rules").rglob("*.yaml")}
    assert yamlfile.FAST is not None
    assert [path.name for path, text in texts.items() if yamlfile.UNSURE.search(text)] == []
