import json
import os
from hashlib import sha256

import pytest

from newsarchive.errors import OutputError
from newsarchive.manifest import MANIFEST, Listed, listed_files, published_files
from newsarchive.writer import OutputFile, write_site

PAGES = {"index.html": b"home", "2024/a.html": b"an article", "2024/b.html": b"another"}


@pytest.fixture
def site(tmp_path):
    write_site([OutputFile(path, data, "a test") for path, data in PAGES.items()], tmp_path / "site")
    return tmp_path / "site"


def test_every_file_of_a_site_is_listed_with_its_size_and_hash(site):
    assert listed_files(site) == {
        path: Listed(path, len(data), sha256(data).hexdigest()) for path, data in PAGES.items()
    }
    assert published_files(site) == listed_files(site)


def test_a_folder_without_manifest_lists_nothing(tmp_path):
    assert listed_files(tmp_path) == published_files(tmp_path) == listed_files(tmp_path / "nowhere") == {}


def test_a_file_that_is_gone_is_not_published(site):
    (site / "2024/a.html").unlink()
    assert published_files(site).keys() == {"index.html", "2024/b.html"}


def test_a_file_of_another_size_is_not_published_however_old_it_is(site):
    (site / "index.html").write_bytes(b"another home")
    os.utime(site / "index.html", (0, 0))
    assert "index.html" not in published_files(site)


def test_a_file_changed_after_the_manifest_is_read_and_left_out_where_its_hash_differs(site):
    later = (site / MANIFEST).stat().st_mtime + 10
    (site / "index.html").write_bytes(b"Home")
    os.utime(site / "index.html", (later, later))
    os.utime(site / "2024/a.html", (later, later))
    assert published_files(site).keys() == {"2024/a.html", "2024/b.html"}


def test_a_link_in_the_place_of_a_file_is_not_followed(site, tmp_path):
    (tmp_path / "secret").write_bytes(b"home")
    (site / "index.html").unlink()
    (site / "index.html").symlink_to(tmp_path / "secret")
    assert "index.html" not in published_files(site)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "7",
        '{"format": 1}',
        '{"format": 2, "files": []}',
        '{"format": 1, "files": [{"path": "a"}]}',
        "[" * 90000,
    ],
)
def test_a_manifest_that_cannot_be_read_is_an_error_that_names_it(site, text):
    (site / MANIFEST).write_text(text)
    with pytest.raises(OutputError, match="manifest"):
        published_files(site)


def test_paths_in_a_manifest_lead_nowhere_by_themselves(site, tmp_path):
    (tmp_path / "outside").write_bytes(b"mine")
    row = {"path": "../outside", "size": 4, "sha256": sha256(b"mine").hexdigest()}
    (site / MANIFEST).write_text(json.dumps({"format": 1, "files": [row]}))
    assert published_files(site) == {}
