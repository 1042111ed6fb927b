"""site.yaml gives frozen settings, or all its faults at once; resources are found in the archive first."""

import dataclasses
from pathlib import Path

import pytest

from conftest import PROJECT
from newsarchive import settings as module
from newsarchive.errors import ManyErrors, SettingsError
from newsarchive.settings import Budget, Limits, Settings, find_resource, list_resources, load_settings


@pytest.fixture(autouse=True)
def _no_epoch(monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)


@pytest.fixture
def site(tmp_path):
    def write(text):
        path = tmp_path / "site.yaml"
        path.write_text(text, "utf-8")
        return path

    return write


def faults_of(path, **overrides):
    with pytest.raises(ManyErrors) as caught:
        load_settings(path, **overrides)
    return [str(error) for error in caught.value.errors]


def test_a_title_alone_is_enough(site, tmp_path):
    settings = load_settings(site("title: 样例档案"))
    assert (settings.title, settings.root) == ("样例档案", tmp_path)
    assert settings.content == (tmp_path / "content",)
    assert settings.output == tmp_path / "site"
    assert settings.workers >= 1


def test_settings_cannot_be_changed(site):
    with pytest.raises(dataclasses.FrozenInstanceError):
        load_settings(site("title: a")).title = "b"


def test_paths_of_the_file_are_relative_to_its_folder(site, tmp_path):
    settings = load_settings(site("title: a\ncontent: [one, two]\noutput: ../out"))
    assert settings.content == (tmp_path / "one", tmp_path / "two")
    assert settings.output == tmp_path / ".." / "out"


def test_paths_of_the_command_line_are_relative_to_the_working_folder(site):
    settings = load_settings(site("title: a"), content=[Path("here")], output=Path("there"))
    assert settings.content == (Path("here"),)
    assert settings.output == Path("there")


def test_an_override_that_was_not_given_leaves_the_file_alone(site):
    settings = load_settings(site("title: a\nbase_url: https://example.org/x"), base_url=None, strict=None)
    assert settings.base_url == "https://example.org/x/"
    assert settings.strict is False


def test_overrides_win(site):
    settings = load_settings(site("title: a\nstrict: false\nworkers: 1"), strict=True, workers=3)
    assert (settings.strict, settings.workers) == (True, 3)


@pytest.mark.parametrize("address", ["tcp://host:8786", "tls://10.0.0.1:8786", "tcp://[::1]:8786"])
def test_a_cluster_prepares_and_the_machine_s_cores_make_pages(site, address):
    settings = load_settings(site(f"title: a\nworkers: 'dask:{address}'"))
    assert settings.cluster == address
    assert settings.processes >= 1


def test_a_number_of_workers_is_no_cluster(site):
    settings = load_settings(site("title: a\nworkers: 3"))
    assert (settings.cluster, settings.processes) == ("", 3)


def test_an_unknown_setting_is_refused_with_a_suggestion(site):
    [fault] = faults_of(site("title: a\npagesize: 3"))
    assert fault.endswith("site.yaml:2:1: unknown setting `pagesize`; did you mean `page_size`?")


def test_all_faults_are_told_together(site):
    faults = faults_of(
        site("workers: 0\nzone: Mars/Base\nbase_url: example.org\nlimits: {file: 3, lines: x}"), build_date="soon"
    )
    for told in (
        "`title` is missing",
        "`workers`",
        "'Mars/Base'",
        "not an address",
        "`file`",
        "`lines`",
        "--build-date",
    ):
        assert any(told in fault for fault in faults), told
    assert len(faults) == 7


@pytest.mark.parametrize(
    "line",
    [
        "title: ''",
        "title: [a]",
        "language: Chinese!",
        "strict: maybe",
        "strict: yes",
        "page_size: 1.5",
        "workers: many",
        "workers: true",
        "workers: 'dask:'",
        "workers: 'dask:host:8786'",
        "workers: 'dask:tcp://host'",
        "workers: 'dask:http://host:8786'",
        "page_size: true",
        "earliest: 12",
        "latest: 2024-02-30",
        "content: []",
        "base_url: 'ftp://example.org/'",
        "base_url: 'https://example.org/?q=1'",
        "base_url: 'http://[::1'",
        "limits: 3",
    ],
)
def test_a_wrong_value_names_its_place_and_key(site, line):
    head = "" if line.startswith("title") else "title: a\n"
    [fault] = faults_of(site(head + line))
    assert f"site.yaml:{head.count(chr(10)) + 1}:" in fault
    assert f"`{line.split(':')[0]}`" in fault


def test_a_file_that_holds_no_keys_is_refused(site):
    assert "holds no keys" in faults_of(site("just words"))[0]


def test_broken_yaml_stops_at_once(site):
    with pytest.raises(SettingsError, match=r"site\.yaml:1:9"):
        load_settings(site("title: a: b"))


def test_a_missing_file_says_what_to_do(tmp_path):
    with pytest.raises(SettingsError, match=r"no such file; .*--config"):
        load_settings(tmp_path / "site.yaml")


def test_the_limits_that_are_given_leave_the_others(site):
    settings = load_settings(site("title: a\nlimits: {lines: 10}"))
    assert settings.limits == Limits(lines=10)


def test_the_budget_is_a_group_of_numbers_as_the_limits_are(site):
    assert load_settings(site("title: a\nbudget: {site_bytes: 5}")).budget == Budget(site_bytes=5)
    assert "`budget` is not a mapping" in faults_of(site("title: a\nbudget: 5"))[0]
    assert "unknown setting `lines`" in faults_of(site("title: a\nbudget: {lines: 5}"))[0]


def test_the_tagline_stands_in_for_a_missing_description(site):
    assert load_settings(site("title: a\ntagline: b")).description == "b"
    assert load_settings(site("title: a\ntagline: b\ndescription: c")).description == "c"


def test_the_build_date_is_given_else_set_else_taken_from_the_epoch(site, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1732060800")
    assert load_settings(site("title: a")).build_date == "2024-11-20"
    assert load_settings(site("title: a\nbuild_date: 2024-11-21")).build_date == "2024-11-21"
    given = load_settings(site("title: a\nbuild_date: 2024-11-21"), build_date="2024-11-22T08:00:00+08:00")
    assert given.build_date == "2024-11-22"


def test_an_epoch_that_is_no_number_is_passed_over(site, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "today")
    assert load_settings(site("title: a")).build_date is None


def test_every_setting_but_the_root_can_be_written_in_the_file(site):
    names = {option.name for option in dataclasses.fields(Settings)}
    faults = faults_of(site("".join(f"{name}: {{wrong: kind}}\n" for name in sorted(names))))
    unknown = {fault.split("`")[1] for fault in faults if "unknown setting" in fault}
    assert unknown == {"root", "wrong"}


def test_the_shipped_site_file_is_in_order():
    assert load_settings(PROJECT / "site.yaml").title


@pytest.fixture
def two_places(tmp_path, monkeypatch):
    for place, names in {
        "own": ["rules/a.yaml", "rules/.b.yaml"],
        "package": ["rules/a.yaml", "rules/deep/c.yaml"],
    }.items():
        for name in names:
            path = tmp_path / place / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(place)
    monkeypatch.setattr(module, "package_resources", lambda: tmp_path / "package")
    return tmp_path


def test_a_resource_is_taken_from_the_archive_before_the_package(two_places):
    assert find_resource(two_places / "own", "rules/a.yaml").read_text() == "own"
    assert find_resource(two_places / "own", "rules/deep/c.yaml").read_text() == "package"


def test_resources_are_merged_file_by_file_without_hidden_ones(two_places):
    listed = list_resources(two_places / "own", "rules", ".yaml")
    assert {name: path.read_text() for name, path in listed.items()} == {
        "rules/a.yaml": "own",
        "rules/deep/c.yaml": "package",
    }


@pytest.mark.parametrize("name", ["rules/none.yaml", "../package/rules/a.yaml", "/etc/hostname", "..\\a"])
def test_a_resource_that_is_absent_or_outside_is_refused(two_places, name):
    with pytest.raises(SettingsError, match="neither in the archive's folder nor in the package"):
        find_resource(two_places / "own", name)


def test_the_package_finds_its_own_resources():
    assert (module.package_resources() / "templates").is_dir()
