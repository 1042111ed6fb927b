"""A build that is killed leaves the old site or the new one, and the next build works with no cleaning by hand."""

import os
import random

import pytest

from factory import make_folder, markdown
from figures import record
from killing import FILES, Killer, names, plant, snapshot

pytestmark = pytest.mark.skipif(os.name != "posix", reason="no other system kills and forks")


@pytest.fixture(scope="module")
def killer():
    with Killer() as killer:
        yield killer


class Site:
    """A site that is built in two versions in turn, with files in it that are not ours."""

    def __init__(self, killer, folder, **how):
        self.killer, self.how = killer, how
        self.path = folder / "site"
        self.version = "old"
        self.build("old")
        plant(self.path)
        self.trees = {"old": snapshot(self.path)}
        self.build("new")
        self.trees["new"] = snapshot(self.path)
        self.kept = set()
        self.away = 0

    def build(self, version, **how):
        self.version = version
        return self.killer.build(self.path, version, **self.how, **how)

    def kill(self, **how):
        """Kill a build of the other version; check what is published, and the next build; False where it was done."""
        before, after = self.version, "old" if self.version == "new" else "new"
        if self.build(after, **how)["status"] == 0:
            return False
        left = names(self.path.parent)
        found = snapshot(self.path)
        if found is None:
            assert not self.how.get("exchange", True), "an exchange leaves no moment without a site"
            self.away += 1
            self.build(after, recover=True)
            found = snapshot(self.path)
        assert found in (self.trees[before], self.trees[after])
        assert self.build(after)["status"] == 0
        assert snapshot(self.path) == self.trees[after]
        assert names(self.path.parent) == ["site"]
        self.kept.add((found == self.trees[after], left != ["site"]))
        return True


def each_step(site, every=1):
    """Kill a build before its first operation on a file, before its second and so on; how often it was killed."""
    step = 0
    while site.kill(step=step):
        step += every
    assert (False, True) in site.kept, "no build was killed while it staged"
    assert (True, True) in site.kept, "no build was killed while it cleared the old site"
    return step // every


def random_moments(site, kills, seed):
    """Kill so many builds at random moments of the time that a whole one takes."""
    draw = random.Random(seed)  # noqa: S311  moments, no secrets
    seconds = max(site.build(version)["seconds"] for version in ("old", "new"))
    killed = 0
    while killed < kills:
        killed += site.kill(delay=draw.uniform(0, seconds))
    return killed


HOW = pytest.mark.parametrize("exchange", [True, False], ids=["exchange", "two renames"])


@HOW
def test_a_build_killed_at_a_step_leaves_one_whole_site(killer, tmp_path, exchange):
    """Seen to fail with the files written into the output itself, and with what a killed build left not cleared."""
    assert each_step(Site(killer, tmp_path, count=4, exchange=exchange), every=3) > 20


@HOW
@pytest.mark.long
def test_a_build_killed_at_any_step_leaves_one_whole_site(killer, tmp_path, exchange):
    """Seen to fail as above."""
    record(
        f"steps killed at, {'an exchange' if exchange else 'two renames'}",
        each_step(Site(killer, tmp_path, exchange=exchange)),
    )


def test_a_build_killed_between_two_renames_is_completed_by_the_next_start(killer, tmp_path):
    """Seen to fail without the journal: the site stayed away."""
    site = Site(killer, tmp_path, count=4, exchange=False)
    assert site.kill(step=1, event="os.rename")
    assert site.away == 1


def test_builds_killed_at_random_moments_leave_one_whole_site(killer, tmp_path):
    """Seen to fail with the files written into the output itself."""
    assert random_moments(Site(killer, tmp_path, count=FILES), 12, 6) == 12


def test_builds_killed_while_a_process_beside_writes_leave_one_whole_site(killer, tmp_path):
    """Seen to fail with the files written into the output itself."""
    assert random_moments(Site(killer, tmp_path, count=4, workers=2), 6, 9) == 6


@HOW
@pytest.mark.long
def test_many_builds_killed_at_random_moments_leave_one_whole_site(killer, tmp_path, exchange):
    """Seen to fail as above."""
    site = Site(killer, tmp_path, exchange=exchange)
    record(f"kills at random moments, {'an exchange' if exchange else 'two renames'}", random_moments(site, 200, 7))


@HOW
@pytest.mark.parametrize("every", [pytest.param(1, marks=pytest.mark.long), 23])
def test_a_recovery_that_is_killed_is_recovered_from(killer, tmp_path, exchange, every):
    """Seen to fail with the manifest of an old site removed before its pages, which then pass for somebody else's."""
    site = Site(killer, tmp_path, count=4, exchange=exchange)
    for first in range(0, 200, every):
        before, after = ("old", "new") if site.version == "old" else ("new", "old")
        if site.build(after, step=first)["status"] == 0:
            break
        for second in range(0, 200, max(3, every)):
            if site.build(after, recover=True, step=second)["status"] == 0:
                break
        assert snapshot(site.path) in (site.trees[before], site.trees[after])
        assert site.build(after)["status"] == 0
        assert snapshot(site.path) == site.trees[after]
        assert names(site.path.parent) == ["site"]
    assert first > 20


@pytest.mark.parametrize("kills", [2, pytest.param(40, marks=pytest.mark.long)])
def test_real_builds_killed_at_random_moments_leave_one_whole_site(killer, tmp_path, kills):
    """Seen to fail with the files written into the output itself."""
    site = tmp_path / "out" / "site"
    old = make_folder(tmp_path / "old", {"1.md": markdown(1)})
    new = make_folder(tmp_path / "new", {"1.md": markdown(1), "2.md": markdown(2)})
    seconds = killer.build(site, archive=str(old))["seconds"]
    before = snapshot(site)
    draw = random.Random(8)  # noqa: S311  moments, no secrets
    killed, found = 0, []
    for _ in range(10 * kills):
        if killed == kills:
            break
        killed += killer.build(site, archive=str(new), delay=draw.uniform(seconds / 2, seconds))["status"] != 0
        found.append(snapshot(site))
    assert killed == kills
    assert killer.build(site, archive=str(new))["status"] == 0
    after = snapshot(site)
    assert before != after
    assert all(each in (before, after) for each in found)
    assert names(site.parent) == ["site"]
    if kills > 2:
        record("kills of real builds", killed)
