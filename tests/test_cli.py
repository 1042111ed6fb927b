import re
import subprocess
import sys

import pytest

from conftest import PROJECT
from factory import make_folder, markdown, tree
from newsarchive.cli import main

BROKEN = b"\x00\x01\x02\xff" * 400


@pytest.fixture
def root(tmp_path, monkeypatch):
    folder = make_folder(tmp_path / "archive", {"a.md": markdown(1)})
    monkeypatch.chdir(folder)
    return folder


def test_the_last_line_of_standard_output_tells_what_was_built(root, capsys):
    assert main(["build"]) == 0
    out = capsys.readouterr().out
    assert re.fullmatch(r"built 1 articles from 1 files \(0 problems\) in \d+\.\d s → site\n", out)
    assert (root / "site/index.html").is_file()


def test_options_lie_over_the_settings(root, capsys, tmp_path):
    other = make_folder(tmp_path / "other", {"b.md": markdown(2), "c.md": markdown(3)})
    options = ["--content", str(other / "content"), "--content", "content", "--output", str(tmp_path / "out")]
    more = [
        "--base-url",
        "https://example.org/x/",
        "--workers",
        "1",
        "--no-publisher-rules",
        "--build-date",
        "2025-01-01",
    ]
    assert main(["build", *options, *more, "--no-cache", "--no-search"]) == 0
    assert "built 3 articles from 3 files" in capsys.readouterr().out
    assert "https://example.org/x/" in (tmp_path / "out/404.html").read_text("utf-8")
    assert not (root / "site").exists()


def test_a_settings_file_elsewhere_is_named_with_config(root, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert main(["build", "--config", "archive/site.yaml", "-q"]) == 0
    assert "archive/site" in capsys.readouterr().out.replace("\\", "/")
    assert (root / "site/index.html").is_file()


def test_nothing_but_the_last_line_goes_to_standard_output(root, capsys):
    make_folder(root, {"broken.md": BROKEN})
    assert main(["build", "-v"]) == 0
    told = capsys.readouterr()
    assert len(told.out.splitlines()) == 1
    assert "reading articles" in told.err
    assert re.search(r"^broken\.md\S*: .+; quarantined$", told.err, re.MULTILINE)
    assert re.search(r"^read \d+ files by the fast engine", told.err, re.MULTILINE)


def test_quiet_tells_neither_progress_nor_problems(root, capsys):
    make_folder(root, {"broken.md": BROKEN})
    assert main(["build", "-q"]) == 0
    told = capsys.readouterr()
    assert told.err == ""
    assert "(1 problems)" in told.out


def test_many_problems_are_collapsed_unless_all_are_asked_for(root, capsys):
    make_folder(root, {f"broken-{number}.md": BROKEN for number in range(30)})
    main(["build"])
    short = capsys.readouterr().err
    main(["build", "-v"])
    every = capsys.readouterr().err
    assert short.count("quarantined") == 3
    assert "27 " in short
    assert every.count("quarantined") == 30


def broken_settings(root):
    (root / "site.yaml").write_text("title: x\noutptu: y\n", "utf-8")


def broken_rule(root):
    (root / "rules").mkdir()
    (root / "rules/generic.yaml").write_text("rules: [{id: x}]\n", "utf-8")


def broken_template(root):
    (root / "templates").mkdir()
    (root / "templates/article.html").write_text("{% if %}", "utf-8")


def failing_template(root):
    (root / "templates").mkdir()
    (root / "templates/article.html").write_text("{{ view.nothing.there }}", "utf-8")


def no_settings(root):
    (root / "site.yaml").unlink()


def no_content(root):
    (root / "content/a.md").unlink()


def foreign_output(root):
    (root / "site").mkdir()
    (root / "site/mine.txt").write_text("mine")


@pytest.mark.parametrize(
    ("fault", "status", "place"),
    [
        (broken_settings, 2, "site.yaml:2"),
        (no_settings, 2, "site.yaml"),
        (broken_rule, 2, "rules/generic.yaml"),
        (broken_template, 2, "article.html:1"),
        (failing_template, 1, "article.html:1"),
        (no_content, 1, "content"),
        (foreign_output, 1, "site"),
    ],
)
def test_a_fault_has_the_exit_status_of_the_contract_and_names_its_place(root, capsys, fault, status, place):
    fault(root)
    assert main(["build", "-q"]) == status
    told = capsys.readouterr()
    assert told.out == ""
    assert place in told.err
    assert "; " in told.err


def test_strict_fails_on_a_problem_and_leaves_the_old_site(root, capsys):
    assert main(["build", "--strict"]) == 0
    before = tree(root / "site")
    make_folder(root, {"broken.md": BROKEN})
    assert main(["build", "--strict"]) == 1
    assert "broken.md" in capsys.readouterr().err
    assert tree(root / "site") == before


@pytest.mark.parametrize(
    "arguments",
    [
        ["build", "--nonsense"],
        ["build", "--workers", "many"],
        ["build", "-q", "-v"],
        ["build", "--cache", "x", "--no-cache"],
    ],
)
def test_wrong_arguments_have_status_two(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage:" in capsys.readouterr().err


@pytest.mark.parametrize(
    "options", [["--workers", "0"], ["--build-date", "soon"], ["--content", "nowhere"], ["--base-url", "x"]]
)
def test_wrong_values_have_status_two(root, capsys, options):
    assert main(["build", *options]) == 2
    assert not (root / "site").exists()
    assert capsys.readouterr().err


def test_a_bare_call_prints_help(capsys):
    assert main([]) == 0
    assert "build" in capsys.readouterr().out


def test_help_does_not_wait_for_the_modules_that_build():
    code = (
        "import sys\nfrom newsarchive.cli import main\n"
        "try: main(['build', '--help'])\nexcept SystemExit: pass\n"
        "print(sorted({'bs4', 'jinja2', 'lxml', 'markdown', 'pypinyin', 'rich', 'yaml'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=PROJECT / "src", capture_output=True, text=True, check=True)
    assert run.stdout.rstrip().endswith("[]")
    assert "--no-publisher-rules" in run.stdout


def test_whether_a_site_stands_is_told_without_the_modules_that_read_texts_and_make_pages():
    code = (
        "import sys\nimport newsarchive.cli, newsarchive.standing\n"
        "print(sorted({'jinja2', 'nh3', 'numpy', 're2', 'newsarchive.hanzi'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=PROJECT / "src", capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"


def test_help_takes_little_longer_than_python_itself():
    """At most six times the time of the processor; the best of some tries, since other work may run beside."""

    resource = pytest.importorskip("resource", reason="this system does not tell the time that a child took")

    def spent():
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    def seconds(*arguments):
        before = spent()
        subprocess.run([sys.executable, *arguments], cwd=PROJECT / "src", stdout=subprocess.DEVNULL, check=True)
        return spent() - before

    bare = min(seconds("-c", "pass") for _ in range(5))
    assert min(seconds("-m", "newsarchive", "--help") for _ in range(5)) <= 6 * bare


def test_a_build_of_plain_articles_loads_neither_converter_nor_tree(tmp_path):
    (tmp_path / "site.yaml").write_text("title: 样例\nworkers: 1\n", "utf-8")
    (tmp_path / "content").mkdir()
    article = (
        "---\ntitle: 样例\ndate: 2024-11-20\n---\n\n# 样例\n\n第一段，**粗**，[链接](https://example.org/)。\n\n* 项\n"
    )
    (tmp_path / "content" / "a.md").write_text(article, "utf-8")
    code = (
        "import sys\nfrom pathlib import Path\nfrom newsarchive.loader import load_document\n"
        "from newsarchive.sources import find_content\nfrom newsarchive.markup import parse_document\n"
        "from newsarchive.settings import load_settings\n"
        "import newsarchive.preparation\n"
        "settings = load_settings(Path(sys.argv[1], 'site.yaml'))\n"
        "[source] = find_content(settings.content)\n"
        "assert len(parse_document(load_document(source, settings), {}).blocks) == 3\n"
        "print(sorted({'bs4', 'lxml', 'markdown', 'frontmatter'} & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, tmp_path], cwd=PROJECT / "src", capture_output=True, text=True, check=True
    )
    assert run.stdout == "[]\n"


def test_build_py_without_its_packages_prints_the_set_up_line():
    run = subprocess.run(
        [sys.executable, "-I", "-S", PROJECT / "build.py"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 2
    assert "pip install" in run.stderr
    assert run.stdout == ""


def test_the_package_runs_as_a_module(root):
    run = subprocess.run(
        [sys.executable, "-m", "newsarchive", "build", "-q", "--config", root / "site.yaml"],
        cwd=PROJECT / "src",
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert (root / "site/index.html").is_file()
