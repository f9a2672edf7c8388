"""Hazards of damage and of space (docs/hazards.md): a repository that looks sound, and a prune that runs out of room."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from policies.errors import RepositoryDamaged, StorageUnavailable
from policies.run import RunState
from tests.adapters.repository_contract import quiet, save
from tests.adapters.restic_places import LocalPlace
from tests.conftest import unable
from tests.hazards.conftest import MakeScene
from tests.hazards.scene import RealScene, ids
from tests.servers.restic_template import PASSWORD, Templates

pytestmark = pytest.mark.integration


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


@pytest.mark.slow
def test_structural_check_passes_on_damaged_data_and_reading_in_turns_finds_it(make_scene: MakeScene) -> None:
    turns = {"check_every": "1d", "read_all_every": "3d", "prune_every": "1d"}
    scene = make_scene(verification=turns)
    scene.write("big", os.urandom(300_000))
    scene.nights(2)
    scene.place.flip()
    scene.repository().check(quiet)  # restic finds nothing wrong with the structure
    scene.write("new", os.urandom(1000))
    records = [scene.run() for _ in range(3)]
    suspect = [record for record in records if record.state is RunState.SUSPECT]
    assert suspect, "three turns read everything"
    assert "damaged" in suspect[0].reason
    assert all(not record.forgotten for record in suspect)
    before = {s.id for s in scene.listed()}
    later = scene.nights(3, RunState.SUSPECT)  # it keeps looking at the damaged part: no turn makes it good again
    assert before | set(ids(later)) == {s.id for s in scene.listed()}
    policy = scene.catalog.policies["docs"]
    assert "failed its last check" in scene.upkeep().prune_if_due(policy, quiet, force=True)


@pytest.mark.parametrize("what", ["pack cut", "pack gone", "index cut", "index gone", "index emptied", "snapshot cut"])
def test_structural_damage_is_called_damage(scene: RealScene, what: str) -> None:
    """Not "unreachable", not "failed": a truncated pack reads as an unexpected end, as a broken connection does."""
    scene.write("big", os.urandom(300_000))
    scene.nights(2)
    kind, _, how = what.partition(" ")
    folder = {"pack": "data", "index": "index", "snapshot": "snapshots"}[kind]
    found = sorted((p for p in (scene.place.path / folder).rglob("*") if p.is_file()), key=lambda p: -p.stat().st_size)
    if how == "gone":
        found[0].unlink()
    else:
        scene.place.rewrite(found[0], cut if how == "cut" else lambda _content: b"")
    shutil.rmtree(scene.folder / "cache", ignore_errors=True)
    with pytest.raises(RepositoryDamaged):
        scene.repository().check(quiet)
    before = sorted(p.name for p in (scene.place.path / "snapshots").iterdir())
    record = scene.run()
    assert record.state in {RunState.SUSPECT, RunState.FAILED}
    assert not record.forgotten
    assert set(before) <= {p.name for p in (scene.place.path / "snapshots").iterdir()}


def test_a_damaged_repository_is_still_saved_into_and_listed(scene: RealScene) -> None:
    scene.write("big", os.urandom(300_000))
    scene.nights(1)
    scene.place.lose()
    record = scene.run()
    assert (record.state, len(record.snapshots)) == (RunState.SUSPECT, 1)
    assert len(scene.listed()) == 2


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 48 MB."""
    mount = tmp_path / "small"
    mount.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", str(mount)], check=False)
    if done.returncode:
        unable("this needs the right to mount a small tmpfs (run it as root)")
    yield mount
    subprocess.run(["umount", "-l", str(mount)], check=True)


def fill(disk: Path, *, leaving: int) -> None:
    (disk / "ballast").write_bytes(bytes(max(shutil.disk_usage(disk).free - leaving, 0)))


@pytest.fixture
def small(small_disk: Path, restic: Path, restic_templates: Templates, tmp_path: Path) -> LocalPlace:
    """A repository on the small disk; its cache and scratch lie elsewhere."""
    place = LocalPlace(tmp_path, restic, restic_templates)
    shutil.move(place.path, small_disk / "repository")
    place.path = small_disk / "repository"
    return place


def test_prune_without_space_is_refused_before_it_begins(small: LocalPlace, small_disk: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    for number in range(4):
        (tree / f"{number}").write_bytes(os.urandom(2_000_000))
    repository = small.open()
    gone = save(repository, tree, tags=("run=1",)).snapshot
    (tree / "0").unlink()
    kept = save(repository, tree, tags=("run=2",)).snapshot
    repository.forget([gone])
    fill(small_disk, leaving=3 << 20)
    with pytest.raises(StorageUnavailable, match="too little to prune") as told:
        repository.prune(quiet)
    assert told.value.untouched == "nothing was removed"
    (small_disk / "ballast").unlink()
    repository.prune(quiet)
    repository.check(quiet, read=(1, 1))
    assert repository.restore(kept, tmp_path / "back", progress=quiet) == 3


def test_a_full_disk_fails_the_run_and_spoils_nothing(small: LocalPlace, small_disk: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "first").write_bytes(os.urandom(1_000_000))
    repository = small.open()
    good = save(repository, tree, tags=("run=1",)).snapshot
    (tree / "huge").write_bytes(os.urandom(60_000_000))
    (small_disk / "spare").write_bytes(bytes(8 << 20))
    with pytest.raises(StorageUnavailable, match="disk is full"):
        save(repository, tree, tags=("run=2",))
    (small_disk / "spare").unlink()  # somebody makes a little room
    assert [s.id for s in repository.snapshots()] == [good]
    repository.check(quiet, read=(1, 1))
    fill(small_disk, leaving=8 << 20)
    repository.prune(quiet)  # what the broken attempt left is removed, for that takes next to no room
    assert shutil.disk_usage(small_disk).free > 16 << 20
    assert repository.restore(good, tmp_path / "back", progress=quiet) == 1


def test_an_interrupted_prune_is_taken_up_again(scene: RealScene) -> None:
    """Killed while it rewrites packs: nothing is lost, the lock goes in its time, the next prune ends the work."""
    tree = scene.folder / "data"
    for number in range(30):
        scene.write(f"n{number}", os.urandom(600_000))
    repository = scene.repository()
    gone = save(repository, tree, tags=("run=1",)).snapshot
    for number in range(0, 30, 2):
        (tree / f"n{number}").unlink()
    kept = save(repository, tree, tags=("run=2",)).snapshot
    repository.forget([gone])
    environment = {**os.environ, "RESTIC_PASSWORD": PASSWORD, "RESTIC_CACHE_DIR": str(scene.folder / "c")}
    argv = [str(scene.place.restic), "-r", str(scene.place.path), "prune", "--max-unused=0"]

    def names() -> set[str]:  # of files that come and go
        return {name for _, _, files in os.walk(scene.place.path / "data") for name in files}

    before = names()
    pruning = subprocess.Popen(argv, stdout=subprocess.DEVNULL, env=environment)
    while names() == before and pruning.poll() is None:
        pass  # until it has written or removed its first pack
    pruning.send_signal(signal.SIGKILL)
    pruning.wait(30)
    for lock in (scene.place.path / "locks").iterdir():  # its time, two hours later
        lock.unlink()
    assert repository.restore(kept, scene.folder / "back-1", progress=quiet) > 15
    repository.prune(quiet)
    repository.check(quiet, read=(1, 1))
    assert repository.restore(kept, scene.folder / "back-2", progress=quiet) > 15


def test_prune_comes_after_a_check_that_passed(scene: RealScene) -> None:
    """On its own (from the command line) a prune checks first when the last check is too old."""
    scene.write("big", os.urandom(300_000))
    scene.nights(3)
    scene.place.lose()
    scene.clock.wait(3 * 86400)
    packs = {path.name for path in scene.place.packs()}
    warning = scene.upkeep().prune_if_due(scene.catalog.policies["docs"], quiet, force=True)
    assert "failed its last check" in warning
    assert packs == {path.name for path in scene.place.packs()}
