"""Rows as lines of JSON."""

import json

import msgspec

from newsarchive.lines import json_lines


def test_lines_end_only_between_objects():
    data = json_lines([{"text": "一\u2028二\u2029三\x85四\n五"}, {"text": "\ud800"}])
    lines = data.decode("utf-8").splitlines()
    assert [json.loads(line)["text"] for line in lines] == ["一\u2028二\u2029三\x85四\n五", "\ud800"]


def test_a_value_may_be_json_already():
    """Beside one that has no UTF-8 as well."""
    ready = msgspec.Raw(msgspec.json.encode("一\u2028二"))
    for other in ("三", "\ud800"):
        assert json.loads(json_lines([{"text": ready, "title": other}])) == {"text": "一\u2028二", "title": other}
