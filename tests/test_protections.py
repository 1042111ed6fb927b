"""Each promise is missed once its protection is taken away: a copy of the project is broken, and the test must fail.

What can be taken away within a process is taken away beside the tests themselves (`test_hostile.py`,
`test_hostile_browser.py`, `test_hostile_names.py`, `test_fuzz.py`); here stands what needs another code.
"""

import os
import shutil
import subprocess
import sys

import pytest

from conftest import PROJECT
from figures import record

pytestmark = [pytest.mark.long, pytest.mark.skipif(os.name != "posix", reason="the tests that must fail skip there")]

ONE_TREE = "test_reproducible.py::test_time_zone_locale_hash_seed_workers_order_times_and_clock_change_no_byte"
BROKEN = {
    "homes": (
        "src/newsarchive/outputs.py",
        ("if output == home or output in home.parents:", "if False:"),
        "test_hostile_names.py::test_an_output_that_is_or_holds_what_is_read_or_a_home_or_the_root_is_refused",
    ),
    "folders that are not ours": (
        "src/newsarchive/outputs.py",
        ("if not (output / MANIFEST).is_file() and any(output.iterdir()):", "if False:"),
        "test_hostile_names.py::test_a_folder_without_our_manifest_is_refused_unless_empty",
    ),
    "twins": (
        "src/newsarchive/sources.py",
        ("if rival := found.get(source.path):", "if rival := None:"),
        "test_hostile_names.py::test_two_names_that_differ_in_composition_alone_are_refused_naming_both",
    ),
    "collisions": (
        "src/newsarchive/writer.py",
        ("if file.path in self._origins:", "if False:"),
        "test_writer.py::test_two_inputs_claiming_one_path_are_both_named",
    ),
    "slugs": (
        "src/newsarchive/archive.py",
        ("    if len(by_fold) < 2:\n", "    if by_fold:\n"),
        "test_hostile_names.py::test_two_publishers_with_one_address_are_refused_naming_both_inputs",
    ),
    "the terminal": (
        "src/newsarchive/cli.py",
        ("lambda control: ascii(control[0])[1:-1], line)", "lambda control: control[0], line)"),
        "test_hostile_names.py::test_content_does_not_command_the_terminal",
    ),
    "the direction of text": (
        "src/newsarchive/loader.py",
        ("straight(decoded.text) if is_turned else decoded.text", "decoded.text"),
        "test_loader.py::test_what_turns_the_direction_of_text_is_taken_out_and_told",
    ),
    "files that are carried over": (
        "src/newsarchive/writer.py",
        ("            carry_over(output, stage,", "            len((output, stage)), (stage,"),
        "test_foreign.py::test_files_links_empty_folders_and_permissions_stay",
    ),
    "the journal": (
        "src/newsarchive/staging.py",
        ("if journal is not None:", "if False:"),
        "test_kills.py::test_a_build_killed_between_two_renames_is_completed_by_the_next_start",
    ),
    "what a killed build left": (
        "src/newsarchive/staging.py",
        ("        _settle(work, output)\n        stage = work / _NEW\n", "        stage = work / _NEW\n"),
        "test_kills.py::test_a_build_killed_at_a_step_leaves_one_whole_site",
    ),
    "the stage": (
        "src/newsarchive/staging.py",
        ("            yield stage\n", "            yield output if output.is_dir() else stage\n"),
        "test_faults.py::test_a_template_that_fails_at_the_last_page_leaves_the_old_site",
    ),
    "the sums of the cache": (
        "src/newsarchive/cache.py",
        (" and _sum(key, memoryview(data)[_CHECK:]) == data[:_CHECK]", ""),
        "test_incremental.py::test_no_value_of_the_cache_is_believed_that_is_damaged_or_of_another_kind",
    ),
    "the kind of what is remembered of a file": (
        "src/newsarchive/cache.py",
        ("if prepared.articles or prepared.problems:", "if True:"),
        "test_incremental.py::test_no_value_of_the_cache_is_believed_that_is_damaged_or_of_another_kind",
    ),
    "that only files whose keys were told are taken from the cache": (
        "src/newsarchive/gathering.py",
        ("store.find(there.intersection(keys.values()))", "store.find(keys.values())"),
        "test_gathering.py::test_a_cache_that_does_not_tell_all_its_keys_gives_no_file_the_articles_of_another",
    ),
    "the kind of remembered audit lines": (
        "src/newsarchive/cache.py",
        ("self._read(_LINES, key, in_rows)", "self._read(_LINES, key, bytes)"),
        "test_cache.py::test_audit_lines_of_another_kind_are_none",
    ),
    "a damaged cache that is made anew": (
        "src/newsarchive/cache.py",
        ("            if isinstance(fault, sqlite3.OperationalError):", "            if fault:"),
        "test_cache.py::test_a_file_that_turns_out_damaged_where_it_is_written_is_made_anew",
    ),
    "the sums of data files": (
        "src/newsarchive/streams.py",
        ("if digest.hexdigest() != self.sha256:", "if False:"),
        "test_streams.py::test_a_published_file_that_is_not_what_was_written_is_not_believed",
    ),
    "counts": (
        "src/newsarchive/sizes.py",
        ("if count(body, shape, most) > most:", "if False:"),
        "test_loader.py::test_files_beyond_the_limits_are_refused",
    ),
    "the guard on time": (
        "src/newsarchive/guards.py",
        ("signal.setitimer(signal.ITIMER_PROF, SECONDS)", "pass"),
        "test_limits.py::test_a_guard_ends_one_file_and_no_other",
    ),
    "aliases": (
        "src/newsarchive/yamlfile.py",
        ("        self._refuse(event)\n", ""),
        "test_yamlfile.py::test_a_fault_names_line_column_and_finding",
    ),
    "the order of files": (
        "src/newsarchive/sources.py",
        ("for path in sorted(found))", "for path in found)"),
        "test_loader.py::test_candidates_are_found_by_suffix_in_the_order_of_their_paths",
    ),
    "the order of years": (
        "src/newsarchive/archive.py",
        ("for year in sorted(by_year))", "for year in sorted(by_year, key=hash))"),
        ONE_TREE,
    ),
    "the clock": (
        "src/newsarchive/archive.py",
        ("newest=build_date[:10] if build_date else", "newest=__import__('time').strftime('%Y-%m-%d') if 1 else"),
        "test_reproducible.py::test_building_again_changes_no_byte_and_source_date_epoch_only_the_date",
    ),
    "the zone of dates": (
        "src/newsarchive/dates.py",
        ("local = written.astimezone(UTC).astimezone(_zone(zone))", "local = written.astimezone()"),
        ONE_TREE,
    ),
    "the zone of an epoch": (
        "src/newsarchive/settings.py",
        ("datetime.fromtimestamp(int(value), UTC).date()", "datetime.fromtimestamp(int(value)).date()"),
        ONE_TREE,
    ),
    "the encoding of texts": (
        "src/newsarchive/render/templates.py",
        ('path.read_text(encoding="utf-8")', "path.read_text()"),
        ONE_TREE,
    ),
    "the encoding of names": (
        "src/newsarchive/media.py",
        ('return name if name.isascii() or os.name == "nt" else os.fsdecode(name.encode())', "return name"),
        ONE_TREE,
    ),
    "that nothing asks the locale": (
        "src/newsarchive/archive.py",
        ("for year in sorted(by_year))", "for year in sorted(by_year, key=locale.strxfrm))"),
        "test_layers.py::test_only_commands_reach_outside",
    ),
    "that nothing asks for the time": (
        "src/newsarchive/dates.py",
        ("local = datetime.fromtimestamp(seconds, UTC)", "local = datetime.now(UTC)"),
        "test_layers.py::test_nothing_but_a_command_reads_the_clock",
    ),
    "the bytes of sidecars": (
        "src/newsarchive/sizes.py",
        ("    if state.st_size > most:\n", "    if False:\n"),
        "test_limits.py::test_hostile_corrections_and_defaults_are_a_problem_of_their_own",
    ),
    "the depth of folders": (
        "src/newsarchive/sources.py",
        ('if within.count("/") > MAX_DEPTH:', "if False:"),
        "test_limits.py::test_folders_too_deep_in_one_another_are_told_and_left_out",
    ),
    "hashes": (
        "src/newsarchive/commands/check.py",
        ("        findings += _check_hash(path, content, listed)\n", ""),
        "test_check.py::test_a_file_that_is_missing_changed_or_not_of_the_site_is_found",
    ),
    "links": (
        "src/newsarchive/commands/check.py",
        ("    findings += links.findings()\n", ""),
        "test_check.py::test_links_of_a_style_sheet_and_parts_of_the_index_are_followed",
    ),
    "fragments": (
        "src/newsarchive/commands/links.py",
        ("or target.fragment in ids:", "or True:"),
        "test_check.py::test_an_address_that_leads_nowhere_is_found",
    ),
    "the case of letters": (
        "src/newsarchive/commands/links.py",
        ("if target.path not in self._files:", "if target.path.lower() not in map(str.lower, self._files):"),
        "test_check.py::test_an_address_that_leads_nowhere_is_found",
    ),
    "the order of keys": (
        "src/newsarchive/commands/schemas.py",
        ("if list(row) != names:", "if set(row) != set(names):"),
        "test_check.py::test_a_row_that_is_not_as_the_contract_says_is_found_with_its_line",
    ),
    "pages and rows": (
        "src/newsarchive/commands/schemas.py",
        ("        findings += _check_pages(articles, files)\n", ""),
        "test_check.py::test_data_that_disagrees_with_itself_or_with_the_pages_is_found",
    ),
    "the hash on each page": (
        "templates/article.html",
        ("sha256 {{ article.sha256 }}", ""),
        "test_check.py::test_every_article_page_states_the_hash_of_its_content_file",
    ),
}
"""Protection → file, what stands in it and what takes its place, and the test that needs it."""
FOLDERS = ("src", "tests", "templates", "static", "rules", "data", "content", "docs", "tools")
FILES = ("pyproject.toml", "build.py", "site.yaml", "constraints.txt", "README.md", "CHANGELOG.md")


@pytest.mark.parametrize("name", BROKEN)
def test_a_promise_is_missed_without_its_protection(tmp_path, name):
    file, (old, new), test = BROKEN[name]
    copy = tmp_path / "copy"
    unneeded = shutil.ignore_patterns("node", "node_modules", "__pycache__")
    for folder in FOLDERS:
        shutil.copytree(PROJECT / folder, copy / folder, ignore=unneeded)
    for each in FILES:
        shutil.copy(PROJECT / each, copy / each)
    code = (copy / file).read_text("utf-8")
    assert code.count(old) == 1, "the protection is not where it was"
    (copy / file).write_text(code.replace(old, new), "utf-8")
    told = run_test(copy, test, tmp_path / "told")
    assert told.returncode == pytest.ExitCode.TESTS_FAILED, told.stdout
    record("protections taken away in a copy, each missed by its test", len(BROKEN))


def run_test(copy, test, base):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--basetemp", base]
    return subprocess.run(
        [*command, "-m", "not long", copy / "tests" / test],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy / "src"), "NEWSARCHIVE_FIGURES": ""},
        capture_output=True,
        text=True,
        check=False,
    )
