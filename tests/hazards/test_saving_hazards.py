"""Hazards of saving (docs/hazards.md): what looks like a backup and is none."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from policies.run import RunState
from tests.adapters.restic_places import without_privilege
from tests.hazards.conftest import MakeScene
from tests.hazards.scene import Dumps, RealScene, dump, ids

pytestmark = pytest.mark.integration


def test_one_of_two_sources_missing(make_scene: MakeScene) -> None:
    scene = make_scene("data", "more")
    (scene.folder / "more").mkdir()
    (scene.folder / "more" / "file").write_text("more")
    scene.nights(1)
    shutil.rmtree(scene.folder / "more")
    record = scene.run()
    assert record.state is RunState.FAILED
    assert f"{scene.folder}/more" in record.reason
    assert len(scene.listed()) == 1


def test_emptied_source(scene: RealScene) -> None:
    good = scene.nights(2)
    for path in (scene.folder / "data").iterdir():
        path.unlink()
    record = scene.run()
    assert record.state is RunState.FAILED
    assert "0 files" in record.reason
    assert [s.id for s in scene.listed()] == ids(good)


def test_shrunken_source_is_suspect_and_ages_nothing_out(scene: RealScene) -> None:
    """Nights of a source that lost most of itself, every one a valid snapshot. keep_last 2: they must not count."""
    good = scene.nights(2)
    kept = scene.folder / "aside"
    shutil.copytree(scene.folder / "data", kept)
    for path in list((scene.folder / "data").iterdir())[1:]:
        path.unlink()
    bad = scene.nights(4, RunState.SUSPECT)
    assert all("Nothing was forgotten" in record.reason for record in bad)
    assert [s.id for s in scene.listed()] == ids([*good, *bad])
    scene.upkeep().refresh()  # as a drill or a listing does: now the suspect ones are remembered, too
    shutil.copytree(kept, scene.folder / "data", dirs_exist_ok=True)
    (again,) = scene.nights(1)
    assert [s.id for s in scene.listed()] == ids([good[1], *bad, again])
    (last,) = scene.nights(1)
    assert [s.id for s in scene.listed()] == ids([again, last])  # with the last good one before them the suspects went


def test_unmounted_source(make_scene: MakeScene) -> None:
    scene = make_scene(dataset={"mounts": [str(Path(__file__).parent)]})
    record = scene.run()
    assert record.state is RunState.FAILED
    assert "mount" in record.reason
    assert scene.listed() == []


def test_unmounted_repository(scene: RealScene) -> None:
    unmounted = scene.place.at(scene.folder / "bare", mount=str(scene.folder))
    with pytest.raises(Exception, match="is not mounted"):
        unmounted.initialise()
    assert not (scene.folder / "bare").exists()


def test_wrong_password_and_missing_repository_are_told_apart(scene: RealScene) -> None:
    scene.options = {"password": "another"}
    record = scene.run()
    assert (record.state, "password opens none of its keys" in record.reason) == (RunState.FAILED, True), record.reason
    scene.options = {}
    scene.place.path.rename(scene.folder / "away")
    record = scene.run()
    assert (record.state, "there is no repository" in record.reason) == (RunState.FAILED, True), record.reason
    assert not scene.place.path.exists()


def wrapped(scene: RealScene, verb: str, instead: str) -> None:
    """A restic that does something else for one verb."""
    program = scene.folder / f"restic-{verb}"
    program.write_text(f'#!/bin/sh\nif [ "$1" = {verb} ]; then {instead}; fi\nexec {scene.place.restic} "$@"\n')
    program.chmod(0o755)
    scene.place.restic = program


@pytest.mark.parametrize("code", [2, 10, 42, 130])
def test_an_unknown_exit_code_is_a_failure(scene: RealScene, code: int) -> None:
    wrapped(scene, "backup", f'echo \'{{"message_type":"summary","snapshot_id":"{"a" * 64}"}}\'; exit {code}')
    record = scene.run()
    assert record.state is RunState.FAILED
    assert record.snapshots == ()


def test_a_run_without_a_new_snapshot_failed(scene: RealScene) -> None:
    """A lock, a bug: restic says nothing and ends with 0."""
    wrapped(scene, "backup", "exit 0")
    record = scene.run()
    assert record.state is RunState.FAILED
    assert "made no snapshot" in record.reason


def test_some_files_unreadable_is_partial(scene: RealScene) -> None:
    without_privilege(scene.place)
    good = scene.nights(2)
    (scene.folder / "data" / "3.txt").chmod(0)
    bad = scene.nights(2, RunState.PARTIAL)
    assert all("3.txt" in record.reason for record in bad)
    assert bad[0].unreadable == (f"{scene.folder}/data/3.txt",)
    assert [s.id for s in scene.listed()] == ids([*good, *bad])  # nothing was forgotten: keep_last is 2
    (scene.folder / "data" / "3.txt").chmod(0o600)
    (again,) = scene.nights(1)
    assert [s.id for s in scene.listed()] == ids([bad[1], again])


def test_unreadable_paths_can_be_tolerated(make_scene: MakeScene) -> None:
    scene = make_scene(dataset={"unreadable": ["*/cache/*"]})
    without_privilege(scene.place)
    scene.write("cache/lock").chmod(0)
    scene.nights(1)
    scene.write("other").chmod(0)
    record = scene.run()
    assert (record.state, record.unreadable) == (RunState.PARTIAL, (f"{scene.folder}/data/other",))


@pytest.mark.parametrize(
    "script", ["echo half; exit 1", "echo half; kill -9 $$", "exit 0", "echo tiny", "echo PGX; seq 99"]
)
def test_failed_dump_leaves_no_snapshot(make_scene: MakeScene, script: str) -> None:
    scene = make_scene(source=Dumps((dump("db", "echo PGDMP; seq 99", minimum=100, magic=b"PGDMP"),)))
    (good,) = scene.nights(1)
    scene.source = Dumps((dump("db", script, minimum=100, magic=b"PGDMP"),))
    record = scene.run()
    assert record.state is RunState.FAILED
    assert "db was not saved" in record.reason
    assert [s.id for s in scene.listed()] == ids([good])


def test_parts_saved_before_a_failed_one_are_taken_back(make_scene: MakeScene) -> None:
    scene = make_scene(source=Dumps((dump("globals", "seq 20"), dump("shop", "seq 999"), dump("orders", "seq 30"))))
    (good,) = scene.nights(1)
    assert len(good.snapshots) == 3
    assert {s.tag("part") for s in scene.state.cached_snapshots("local")} == {"globals", "shop", "orders"}
    assert sorted(s.bytes or 0 for s in scene.state.cached_snapshots("local")) == [51, 81, 3888]
    scene.source = Dumps((dump("globals", "seq 20"), dump("shop", "seq 999"), dump("orders", "seq 9; exit 1")))
    assert scene.run().state is RunState.FAILED
    assert {s.id for s in scene.listed()} == set(good.snapshots)


def test_a_suspect_dump_ages_nothing_out(make_scene: MakeScene) -> None:
    """A dump that ends well and holds a tenth of what it did: a truncated table, the wrong database."""
    scene = make_scene(source=Dumps((dump("db", "seq 100000"),)))
    good = scene.nights(2)
    scene.source = Dumps((dump("db", "seq 1000"),))
    bad = scene.nights(3, RunState.SUSPECT)
    assert "bytes against the last good run" in bad[0].reason
    assert [s.id for s in scene.listed()] == ids([*good, *bad])


def test_a_full_scratch_disk_is_a_failed_run(scene: RealScene) -> None:
    scene.nights(1)
    blocker = scene.folder / "captures"
    shutil.rmtree(blocker, ignore_errors=True)
    blocker.write_text("a file where the folder should be")
    record = scene.run(after=timedelta(days=1))
    assert record.state is RunState.FAILED
    assert str(blocker) in record.reason
