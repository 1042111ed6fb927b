"""A machine of a cluster prepares what this one sees, or refuses."""

import pytest

from factory import make_folder, markdown
from newsarchive.cluster import Refusal
from newsarchive.elsewhere import load_packer, loading, to_jobs
from newsarchive.fingerprints import of_articles, of_source, parts_of_articles, read_digests
from newsarchive.knowledge import load_knowledge
from newsarchive.packing import pack
from newsarchive.preparation import prepare
from newsarchive.settings import load_settings
from newsarchive.sources import find_content


@pytest.fixture
def archive(tmp_path, monkeypatch):
    """An archive seen from its own folder, by relative paths."""
    files = {
        "a.md": markdown(1),
        "sub/b.md": markdown(2),
        "sub/b.yaml": "title: 更正\n",
        "sub/_defaults.yaml": "lang: zh\n",
    }
    monkeypatch.chdir(make_folder(tmp_path / "archive", files))
    return load_settings()


def jobs_of(settings):
    sources = find_content(settings.content)
    digests = read_digests(settings.content, (), of_articles(settings))
    return sources, list(to_jobs(sources, {source.path: of_source(source, digests) for source in sources}))


def test_another_machine_gives_what_this_one_does(archive, tmp_path, monkeypatch):
    sources, jobs = jobs_of(archive)
    knowledge = load_knowledge(archive)
    here = [pack(prepare(source, archive, knowledge)) for source in sources]
    load = loading(archive)
    monkeypatch.chdir(tmp_path)
    packer = load()
    assert [packer(job) for job in jobs] == here


@pytest.mark.parametrize("part", ["Python", "code", "libraries", "rules or data", "settings"])
def test_a_machine_with_another_version_refuses_every_file(archive, part):
    _, jobs = jobs_of(archive)
    packer = load_packer(archive, parts_of_articles(archive) | {part: b"another"})
    refusals = [packer(job) for job in jobs]
    assert [refusal.finding for refusal in refusals] == [f"has other {part} than this machine"] * len(jobs)


@pytest.mark.parametrize("name", ["sub/b.md", "sub/b.yaml", "sub/_defaults.yaml"])
def test_a_machine_that_reads_other_bytes_refuses_that_file(archive, name):
    _, (same, other) = jobs_of(archive)
    file = archive.content[0] / name
    file.write_text(file.read_text("utf-8") + "\n", "utf-8")
    packer = loading(archive)()
    assert not isinstance(packer(same), Refusal)
    assert "reads other bytes" in packer(other).finding


def test_a_file_behind_a_link_is_the_same_on_every_machine(archive):
    """Seen to be refused where this machine alone hashed what the link leads to."""
    link = archive.content[0] / "c.md"
    link.symlink_to(archive.content[0] / "a.md")
    _, jobs = jobs_of(archive)
    assert len(jobs) == 3
    packer = loading(archive)()
    assert not any(isinstance(packer(job), Refusal) for job in jobs)
