import json

import pytest

from factory import STORY, make_folder, markdown, tree
from newsarchive.errors import ContentError, OutputError, SettingsError, TemplateError
from newsarchive.pipeline import build
from newsarchive.settings import load_settings

PNG = b"\x89PNG\r\n\x1a\n" + b"sample"


def settings_of(root, **overrides):
    return load_settings(root / "site.yaml", workers=1, **overrides)


def rows_of(site):
    return [json.loads(line) for line in (site / "data/articles.jsonl").read_bytes().splitlines()]


def problems_of(site):
    return json.loads((site / "data/report.json").read_bytes())["problems"]


@pytest.fixture
def root(tmp_path):
    return make_folder(tmp_path / "archive", {"a.md": markdown(1), "2014/b.md": markdown(2, "2014-11-19")})


def test_a_folder_of_articles_becomes_a_site(root):
    report = build(settings_of(root))
    assert (report.articles, report.files, report.problems) == (2, 2, ())
    rows = rows_of(root / "site")
    assert [(row["path"], row["published"], row["publisher"]) for row in rows] == [
        ("2014/b.md", "2014-11-19", "乌镇样报"),
        ("a.md", "2024-11-20", "乌镇样报"),
    ]
    for row in rows:
        page = (root / "site" / row["permalink"]).read_text("utf-8")
        assert row["title"] in page
        assert "样例倡议" in page
    for path in ("index.html", "404.html", "about.html", "2014/index.html", "publishers/index.html", ".nojekyll"):
        assert (root / "site" / path).is_file()


def test_content_files_are_never_written(root):
    before = tree(root / "content")
    build(settings_of(root))
    assert tree(root / "content") == before


def test_a_broken_file_is_quarantined_and_the_others_are_published(root):
    make_folder(root, {"broken.md": b"\x00\x01\x02\xff" * 400})
    report = build(settings_of(root))
    assert report.articles == 2
    (problem,) = [each for each in report.problems if each.path == "broken.md"]
    assert problem.action == "quarantined"
    assert problem.message == "is binary; keep only text files under this suffix"


def test_a_wrong_value_is_told_with_its_line_and_keeps_a_strict_build_from_being_written(root):
    make_folder(root, {"a.md": markdown(1, "9999-11-20"), "2014/b.yaml": "outlet: 桥头样报\nkind: bar\n"})
    report = build(settings_of(root, strict=True))
    told = [(each.path, each.line, each.column, each.kind) for each in report.problems]
    assert told == [("2014/b.yaml", 2, 1, "sidecar"), ("a.md", 3, 7, "date")]
    assert report.written is None


def test_where_no_content_file_can_be_read_the_old_site_stays(root):
    build(settings_of(root))
    before = tree(root / "site")
    for path in ("a.md", "2014/b.md"):
        (root / "content" / path).write_bytes(b"\x00\x01\x02\xff" * 400)
    with pytest.raises(ContentError, match="none of the 2 content files could be read"):
        build(settings_of(root))
    assert tree(root / "site") == before


def test_every_content_file_is_an_article_or_a_problem(root):
    files = {
        "empty.md": b"",
        "title-only.md": "---\ntitle: 只有标题\n---\n",
        "binary.txt": bytes(range(256)) * 20,
        "page.html": "<!doctype html><title>样例</title><body><p>" + STORY.format(number=3),
        "no-end.md": "---\ntitle: 没有结尾\n",
        "deep.html": "<div>" * 5000 + "样例" + "</div>" * 5000,
        "纯文本.txt": STORY.format(number=4),
    }
    make_folder(root, files)
    build(settings_of(root))
    told = {row["path"] for row in rows_of(root / "site")} | {each["path"] for each in problems_of(root / "site")}
    assert {"a.md", "2014/b.md", *files} <= told


def test_a_folder_without_content_files_is_an_error(tmp_path):
    root = make_folder(tmp_path, {"picture.png": PNG, "_draft.md": "x", ".hidden.md": "x"})
    with pytest.raises(ContentError, match="no content file"):
        build(settings_of(root))


def test_two_content_folders_with_one_path_are_wrong_usage(root, tmp_path):
    other = make_folder(tmp_path / "other", {"a.md": markdown(3)})
    with pytest.raises(SettingsError, match=r"a\.md"):
        build(settings_of(root, content=[root / "content", other / "content"]))


def test_strict_writes_nothing_where_a_file_has_a_problem(root):
    build(settings_of(root))
    before = tree(root / "site")
    make_folder(root, {"broken.md": b"\x00\x01\x02\xff" * 400})
    report = build(settings_of(root, strict=True))
    assert report.written is None
    assert report.problems
    assert tree(root / "site") == before


def test_strict_writes_a_site_without_problems(root):
    assert build(settings_of(root, strict=True)).written is not None


def test_a_template_that_fails_while_rendering_leaves_the_old_site(root):
    build(settings_of(root))
    before = tree(root / "site")
    (root / "templates").mkdir()
    (root / "templates/article.html").write_text("{{ view.nothing.there }}", "utf-8")
    with pytest.raises(TemplateError, match=r"article\.html"):
        build(settings_of(root))
    assert tree(root / "site") == before
    assert not list(root.glob(".newsarchive-stage-*"))


def test_an_output_folder_with_other_files_is_refused_before_anything_is_read(root):
    (root / "site").mkdir()
    (root / "site/thesis.doc").write_text("mine")
    with pytest.raises(OutputError):
        build(settings_of(root))
    assert tree(root / "site") == {"thesis.doc": b"mine"}


def test_a_picture_beside_an_article_is_copied_and_shown(root):
    make_folder(root, {"c.md": markdown(3) + "\n![样例图](pictures/c.png)\n", "pictures/c.png": PNG})
    build(settings_of(root))
    (row,) = [row for row in rows_of(root / "site") if row["path"] == "c.md"]
    (image,) = row["images"]
    assert (root / "site" / image["file"]).read_bytes() == PNG
    assert image["file"] in (root / "site" / row["permalink"]).read_text("utf-8")


def test_a_picture_outside_the_content_folder_is_refused(root):
    (root / "secret.png").write_bytes(PNG)
    make_folder(root, {"c.md": markdown(3) + "\n![样例图](../secret.png)\n"})
    report = build(settings_of(root))
    assert any(each.path == "c.md" and each.kind == "image" for each in report.problems)
    assert not (root / "site/media").exists()


def test_two_captures_of_one_article_have_one_page_and_two_rows(root):
    make_folder(root, {"again.md": markdown(1)})
    report = build(settings_of(root))
    rows = [row for row in rows_of(root / "site") if row["path"] in ("a.md", "again.md")]
    assert report.articles == 2
    assert len({row["permalink"] for row in rows}) == len({row["id"] for row in rows}) == 1
    assert len(rows) == 2


def test_the_site_may_lie_in_the_content_folder_and_is_not_read_again(tmp_path):
    make_folder(tmp_path, {}, "title: 样例档案\ncontent: .\n")
    (tmp_path / "a.md").write_text(markdown(1), "utf-8")
    settings = load_settings(tmp_path / "site.yaml", workers=1, content=[tmp_path], output=tmp_path / "site")
    with pytest.raises(OutputError):  # the archive's own folder holds everything
        build(load_settings(tmp_path / "site.yaml", workers=1, content=[tmp_path], output=tmp_path))
    build(settings)
    assert build(settings).files == 1


def test_progress_tells_each_step_and_every_file(root):
    told = []
    build(settings_of(root), lambda *each: told.append(each))
    assert ("reading articles", 2, 2) in told
    assert list(dict.fromkeys(step for step, _, _ in told))[:4] == [
        *("reading files", "reading rules", "finding articles", "reading articles")
    ]


EDITIONS = """series: [样例大会]
editions:
  - {key: "2014", name: 首届样例大会, start: 2014-11-19, end: 2014-11-21}
  - {key: "2024", name: 2024年样例大会, start: 2024-11-19, end: 2024-11-22}
"""


def test_a_correction_names_the_editions_whatever_the_text_says(tmp_path):
    files = {"a.md": markdown(1), "a.yaml": "editions: ['2014', '1999']\n", "b.md": markdown(2)}
    root = make_folder(tmp_path, files)
    (root / "data").mkdir()
    (root / "data" / "editions.yaml").write_text(EDITIONS, "utf-8")
    build(settings_of(root))
    assert {row["path"]: row["editions"] for row in rows_of(root / "site")} == {"a.md": ["2014"], "b.md": []}
    assert [problem["kind"] for problem in problems_of(root / "site")] == ["edition"]


def test_an_edition_that_only_the_day_tells_is_flagged_as_uncertain(tmp_path):
    text = markdown(1, "2024-11-20").replace("样例论坛", "样例大会")
    root = make_folder(tmp_path, {"a.md": text})
    (root / "data").mkdir()
    (root / "data" / "editions.yaml").write_text(EDITIONS, "utf-8")
    build(settings_of(root))
    (row,) = rows_of(root / "site")
    assert (row["editions"], row["uncertain"]) == (["2024"], ["editions"])
