import json

from factory import make_article
from newsarchive.archive import assemble
from newsarchive.article import RemovedBlock
from newsarchive.render.audit import render_audit
from newsarchive.settings import Settings


def rows_of(tmp_path, *articles):
    settings = Settings(root=tmp_path, title="样本", content=(tmp_path,), output=tmp_path)
    (file,) = render_audit(assemble(articles, len(articles), (), (), None), settings)
    assert file.path == "data/removed.jsonl"
    return [json.loads(line) for line in file.data.splitlines()]


def block(position, text="点个在看", rule="wechat/promotion"):
    return RemovedBlock(rule, position, text, 0)


def test_a_removed_block_is_told_in_full_with_its_rule(tmp_path):
    text = "长按二维码\n关注样报" * 200
    (row,) = rows_of(tmp_path, make_article(1, removed=(block(4, text),)))
    assert row == {
        "id": "000000000001",
        "path": "000000000001.md",
        "story": 1,
        "rule": "wechat/promotion",
        "position": 4,
        "text": text,
    }
    assert list(row) == ["id", "path", "story", "rule", "position", "text"]


def test_blocks_stand_in_the_order_of_their_documents(tmp_path):
    later = make_article(1, path="b.md", published="2014", removed=(block(2), block(1)))
    stories = [make_article(number, path="a.md", story=number - 1, removed=(block(12 - number),)) for number in (2, 3)]
    rows = rows_of(tmp_path, later, *stories)
    assert [(row["path"], row["position"]) for row in rows] == [("a.md", 9), ("a.md", 10), ("b.md", 1), ("b.md", 2)]


def test_what_every_capture_lost_is_told(tmp_path):
    captures = [make_article(1, path=path, removed=(block(1),)) for path in ("a.md", "b.md")]
    assert [row["path"] for row in rows_of(tmp_path, *captures)] == ["a.md", "b.md"]


def test_an_archive_that_lost_nothing_has_an_empty_file(tmp_path):
    assert rows_of(tmp_path, make_article(1)) == []
