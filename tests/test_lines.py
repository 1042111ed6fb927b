"""Rows as lines of JSON."""

import json

from newsarchive.lines import json_lines


def test_lines_end_only_between_objects():
    data = json_lines([{"text": "一\u2028二\u2029三\x85四\n五"}, {"text": "\ud800"}])
    lines = data.decode("utf-8").splitlines()
    assert [json.loads(line)["text"] for line in lines] == ["一\u2028二\u2029三\x85四\n五", "\ud800"]
