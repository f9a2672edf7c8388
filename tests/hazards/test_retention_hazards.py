"""Hazards of retention (docs/hazards.md): what would remove too much, or nothing for ever."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import ValidationError

from adapters.restic.behaviour import Behaviour
from adapters.restic.commands import Commands
from policies.retention import Retention
from policies.run import RunState
from policies.snapshot import recovery_points
from tests.adapters.repository_contract import quiet, save, save_stream, stream
from tests.adapters.state.samples import a_drill
from tests.hazards.conftest import MakeScene
from tests.hazards.scene import Dumps, RealScene, catalog, dump, ids

pytestmark = pytest.mark.integration


def test_future_dated_snapshot_stops_forgetting(scene: RealScene) -> None:
    """A host's clock was a year ahead for one night; restic would count that snapshot first."""
    good = scene.nights(2)
    tags = ("run=elsewhen", "dataset=docs", "policy=docs")
    ahead = save(scene.repository(), scene.folder / "data", tags=tags, time=scene.clock.now() + timedelta(days=365))
    scene.upkeep().refresh()
    (record,) = scene.nights(1)
    assert any("ahead of now" in warning for warning in record.warnings)
    assert {s.id for s in scene.listed()} == {*ids([*good, record]), ahead.snapshot}


def test_future_dated_snapshot_that_nobody_remembers_stops_forgetting(scene: RealScene) -> None:
    """What is remembered looks well; the repository is asked before anything goes."""
    good = scene.nights(2)
    tags = ("run=elsewhen", "dataset=docs", "policy=docs")
    ahead = save(scene.repository(), scene.folder / "data", tags=tags, time=scene.clock.now() + timedelta(days=365))
    (record,) = scene.nights(1)
    assert any("ahead of now" in warning for warning in record.warnings)
    assert {s.id for s in scene.listed()} == {*ids([*good, record]), ahead.snapshot}


def test_keep_daily_0_is_no_rule(scene: RealScene) -> None:
    """restic takes it for "remove nothing" and says so only in text: here it is refused, and restic only gets ids."""
    with pytest.raises(ValidationError):
        Retention.model_validate({"keep_daily": 0})
    with pytest.raises(ValidationError):
        catalog(scene.folder, retention={"keep_daily": 0})
    commands = Commands("restic", "/r", Behaviour((0, 19, 1)), scene.folder, scene.folder)
    assert [a for a in commands.forget(["a" * 64]).argv if "keep" in a or "prune" in a or "tag" in a] == []


def test_grouping_survives_new_paths_and_a_new_host_name(make_scene: MakeScene) -> None:
    """restic groups by host and paths: with either changed it would keep two from each group."""
    scene = make_scene("data")
    scene.write("b.txt")
    old = scene.nights(2)
    scene.catalog = catalog(scene.folder, "data", "more")
    (scene.folder / "more").mkdir()
    (scene.folder / "more" / "c.txt").write_text("more")
    moved = scene.nights(1)
    scene.host = "renamed"
    renamed = scene.nights(1)
    assert {(s.host, len(s.paths)) for s in scene.listed()} == {("host1", 2), ("renamed", 2)}
    assert [s.id for s in scene.listed()] == ids([*moved, *renamed])
    assert ids(old) == [*moved[0].forgotten, *renamed[0].forgotten]
    assert len(recovery_points("local", scene.listed())) == 2


def test_another_hosts_snapshots_are_never_ours(scene: RealScene) -> None:
    """The same names on another host, in the same repository."""
    tags = ("dataset=docs", "policy=docs")
    theirs = [
        save(
            scene.repository(), scene.folder / "data", tags=(*tags, f"run=their-{number}"), host="host2",
            time=scene.clock.now() + timedelta(hours=number),
        ).snapshot
        for number in range(4)
    ]  # fmt: skip
    scene.nights(3)
    scene.upkeep().refresh()
    scene.nights(2)
    assert [s.id for s in scene.listed() if s.host == "host2"] == theirs
    assert len([s for s in scene.listed() if s.host == "host1"]) == 2


def test_other_datasets_policies_and_untagged_snapshots_stay(scene: RealScene) -> None:
    place, data = scene.repository(), scene.folder / "data"
    others = [
        save(place, data, tags=("run=1", "dataset=other", "policy=docs"), time=scene.clock.now()),
        save(place, data, tags=("run=2", "dataset=docs", "policy=other"), time=scene.clock.now()),
        save(place, data, time=scene.clock.now()),
        save_stream(place, stream("echo", "by hand")),
    ]
    scene.nights(2)
    scene.upkeep().refresh()
    scene.nights(3)
    assert {saved.snapshot for saved in others} <= {s.id for s in scene.listed()}
    assert len(scene.listed()) == len(others) + 2


def test_points_that_somebody_removed_by_hand_are_not_counted(make_scene: MakeScene) -> None:
    """Five nights are remembered, the newest three are gone: counting them would remove the two that are left."""
    scene = make_scene(retention={"keep_last": 3, "at_least": 1})
    scene.write("b.txt")
    records = scene.nights(3)
    scene.repository().forget(ids(records[1:]))
    (after,) = scene.nights(1)
    assert [s.id for s in scene.listed()] == ids([records[0], after])
    scene.nights(1)
    assert len(scene.listed()) == 3


def test_state_that_was_lost_removes_nothing_by_mistake(scene: RealScene) -> None:
    good = scene.nights(2)
    for path in scene.folder.glob("state.sqlite*"):
        path.unlink()
    fresh = RealScene(scene.folder, scene.clock, scene.catalog, place=scene.place, options=scene.options)
    fresh.controller.start()
    (record,) = fresh.nights(1)
    assert [s.id for s in fresh.listed()] == ids([*good, record])  # nothing was known, so nothing went
    fresh.upkeep().refresh()
    (again,) = fresh.nights(1)
    assert [s.id for s in fresh.listed()] == ids([record, again])


def test_all_parts_of_a_point_go_together(make_scene: MakeScene) -> None:
    scene = make_scene(source=Dumps(tuple(dump(name, "seq 999") for name in ("a", "b", "c"))))
    records = scene.nights(4)
    assert {s.id for s in scene.listed()} == set(ids(records[2:]))
    assert {len(record.forgotten) for record in records[2:]} == {3}


def test_the_last_proven_point_stays_however_many_drills_fail(scene: RealScene) -> None:
    (proven,) = scene.nights(1)
    for number in range(61):
        verdict = "failed" if number else "proven"
        scene.state.add_drill(a_drill(number, dataset="docs", repository="local", point=proven.id, verdict=verdict))
    scene.nights(4)
    assert proven.snapshots[0] in {s.id for s in scene.listed()}
    assert len(scene.listed()) == 3


def test_killed_before_its_last_words_were_heard_a_snapshot_is_taken_again(scene: RealScene) -> None:
    """restic wrote a snapshot without the files it could not read, and nobody heard which: it must not count as whole."""
    good = scene.nights(1)
    record = scene.controller._record("docs@x", "docs", "docs", "local", good[0].trigger, scene.clock.now())
    scene.state.add_run(record)
    for state in (RunState.GUARDING, RunState.CAPTURING, RunState.SAVING):
        scene.state.update_run(replace(record, state=state))
    shutil.copytree(scene.folder / "data", scene.folder / "whole")
    (scene.folder / "data" / "3.txt").unlink()
    orphan = save(scene.repository(), scene.folder / "data", tags=(f"run={record.id}",), time=scene.clock.now())
    shutil.copytree(scene.folder / "whole", scene.folder / "data", dirs_exist_ok=True)
    scene.restart()
    scene.controller.start()
    ended = scene.state.run(record.id)
    assert ended is not None
    assert (ended.state, ended.files) == (RunState.SUCCEEDED, 10)
    assert orphan.snapshot not in {s.id for s in scene.listed()}
    assert set(ids([*good, ended])) == {s.id for s in scene.listed()}
    scene.repository().check(quiet)
