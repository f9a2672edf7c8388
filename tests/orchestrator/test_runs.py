"""One run through all its states: evidence, partial, suspect, failed; and killed at every moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.sources.files import FilesSource
from policies.capture import Capture
from policies.run import RunState, Trigger
from tests.conftest import SteppedClock
from tests.fakes.engine import Killed
from tests.fakes.repository import FakeLock
from tests.orchestrator.scene import Scene, files_catalog


@pytest.fixture
def scene(fast_path: Path, clock: SteppedClock) -> Scene:
    made = Scene(fast_path, clock, files_catalog(fast_path))
    made.controller.start()
    return made


def run(scene: Scene):
    scene.clock.moment += timedelta(hours=24)
    return scene.controller.wait(scene.controller.now("docs", "docs", "local"))


def test_a_good_run_has_evidence(scene: Scene) -> None:
    record = run(scene)
    assert record.state is RunState.SUCCEEDED, record.reason
    assert (record.files, record.bytes, len(record.snapshots)) == (1, 5, 1)
    (snapshot,) = scene.stored.snapshots.values()
    assert set(snapshot.tags) == {f"run={record.id}", "dataset=docs", "policy=docs"}
    assert scene.state.facts(record.id)
    assert scene.ended == [record]


def test_a_stamped_snapshot_is_as_old_as_its_record_says(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    capture = FilesSource.capture

    def slow(source: FilesSource, scratch: Path, run_id: str) -> Capture:
        scene.clock.moment += timedelta(seconds=20)
        return capture(source, scratch, run_id)

    monkeypatch.setattr(FilesSource, "capture", slow)
    record = run(scene)
    (snapshot,) = scene.stored.snapshots.values()
    assert snapshot.time == record.point_time


def test_counts_that_the_repository_does_not_list_stay_known(scene: Scene) -> None:
    record = run(scene)
    (identifier,) = record.snapshots
    scene.stored.snapshots[identifier] = replace(scene.stored.snapshots[identifier], files=None, bytes=None)
    (listed,) = scene.controller.tools(record, lambda: ()).upkeep.refresh()
    assert (listed.files, listed.bytes) == (1, 5)


def test_an_emptied_source_is_suspect_or_failed_and_nothing_is_forgotten(scene: Scene) -> None:
    for _ in range(5):
        assert run(scene).state is RunState.SUCCEEDED
    (scene.folder / "data" / "a.txt").write_text("")
    scene.clock.moment += timedelta(days=100)
    record = run(scene)
    assert record.state in {RunState.SUSPECT, RunState.FAILED}
    assert "Nothing was forgotten" in record.reason or record.state is RunState.FAILED
    assert "forget" not in scene.stored.calls


def test_a_shrunken_source_is_suspect(scene: Scene) -> None:
    for number in range(10):
        (scene.folder / "data" / f"{number}.txt").write_text("x" * 100)
    assert run(scene).state is RunState.SUCCEEDED
    for number in range(9):
        (scene.folder / "data" / f"{number}.txt").unlink()
    record = run(scene)
    assert record.state is RunState.SUSPECT
    assert "shrink_tolerance" in record.reason


def test_a_missing_source_fails_before_anything_is_saved(scene: Scene) -> None:
    (scene.folder / "data" / "a.txt").unlink()
    (scene.folder / "data").rmdir()
    record = run(scene)
    assert record.state is RunState.FAILED
    assert "save" not in scene.stored.calls


def test_a_damaged_repository_makes_the_run_suspect_and_stops_forgetting(scene: Scene) -> None:
    for _ in range(4):
        run(scene)
    scene.stored.damaged = "pack 1234 is gone"
    scene.clock.moment += timedelta(days=60)
    record = run(scene)
    assert record.state is RunState.SUSPECT
    assert "pack 1234" in record.reason
    assert "forget" not in scene.stored.calls


def test_a_snapshot_from_the_future_stops_forgetting(scene: Scene) -> None:
    from dataclasses import replace

    first = run(scene)
    ahead = replace(scene.stored.snapshots[first.snapshots[0]], time=scene.clock.now() + timedelta(days=400))
    scene.state.put_snapshots("local", [ahead], whole=False)
    for _ in range(40):
        record = run(scene)
    assert record.state is RunState.SUCCEEDED
    assert any("ahead of now" in warning for warning in record.warnings)
    assert "forget" not in scene.stored.calls


def test_retention_removes_what_is_no_longer_kept_and_says_which(scene: Scene) -> None:
    records = [run(scene) for _ in range(40)]
    kept = set(scene.stored.snapshots)
    gone = {snapshot for record in records for snapshot in record.forgotten}
    assert gone
    assert kept | gone == {snapshot for record in records for snapshot in record.snapshots}
    assert not kept & gone
    oldest = min(s.time for s in scene.stored.snapshots.values())
    assert scene.clock.now() - timedelta(days=31) <= oldest <= scene.clock.now() - timedelta(days=29)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", range(6))
def test_killed_at_every_step_the_next_start_ends_the_run_once(scene: Scene, number: int, when: str) -> None:
    scene.crash = lambda step, moment: (step, moment) == (number, when)
    try:
        run(scene)
    except Killed:
        pass
    else:
        pytest.fail("the run has fewer steps than this test thinks")
    scene.crash = lambda _step, _moment: False
    scene.restart()
    scene.controller.start()
    (record,) = scene.state.runs()
    assert record.state is RunState.SUCCEEDED, record.reason
    assert len(scene.stored.snapshots) == 1


@pytest.mark.parametrize("word", ["before", "after"])
def test_killed_inside_restic_the_next_start_saves_exactly_one_snapshot(scene: Scene, word: str) -> None:
    def die(moment: str) -> None:
        if moment == word:
            raise Killed

    scene.interrupt = die
    with pytest.raises(Killed):
        run(scene)
    scene.interrupt = lambda _moment: None
    scene.restart()
    scene.controller.start()
    (record,) = scene.state.runs()
    assert record.state is RunState.SUCCEEDED, record.reason
    assert list(record.snapshots) == list(scene.stored.snapshots)
    assert len(scene.stored.snapshots) == 1


def test_killed_between_record_and_submission_the_next_start_runs_it(scene: Scene) -> None:
    record = scene.controller._record("docs@x", "docs", "docs", "local", Trigger.PERSON, scene.clock.now())
    scene.state.add_run(record)
    scene.restart()
    scene.controller.start()
    assert scene.state.run(record.id).state is RunState.SUCCEEDED


def test_a_suspect_copy_takes_no_good_ones_place(scene: Scene) -> None:
    """keep_last 3 with a suspect newest: the three good ones stay; the suspect one goes when no point of its age is kept."""
    policy = scene.catalog.policies["docs"]
    kept = policy.model_copy(
        update={"retention": policy.retention.model_copy(update={"keep_within": None, "keep_last": 3})}
    )
    scene.catalog = scene.catalog.changed(policies={"docs": kept})
    for number in range(10):
        (scene.folder / "data" / f"{number}.txt").write_text("x" * 100)
    good = [run(scene) for _ in range(3)]
    for number in range(9):
        (scene.folder / "data" / f"{number}.txt").unlink()
    suspect = run(scene)
    assert suspect.state is RunState.SUSPECT
    assert {r.snapshots[0] for r in good} < set(scene.stored.snapshots)
    scene.state.put_snapshots("local", list(scene.stored.snapshots.values()), whole=True)
    for number in range(10):
        (scene.folder / "data" / f"{number}.txt").write_text("x" * 100)
    assert run(scene).state is RunState.SUCCEEDED
    assert suspect.snapshots[0] in scene.stored.snapshots
    assert {r.snapshots[0] for r in good[1:]} < set(scene.stored.snapshots), "the suspect one was counted"
    assert all(run(scene).state is RunState.SUCCEEDED for _ in range(3))
    assert suspect.snapshots[0] not in scene.stored.snapshots


def test_a_check_that_can_not_be_made_leaves_a_good_copy_and_forgets_nothing(scene: Scene) -> None:
    run(scene)
    scene.stored.locks.append(FakeLock(scene.clock.now(), alive=True, exclusive=False))  # another host reads
    record = run(scene)
    assert record.state is RunState.SUCCEEDED
    assert any("not checked, so nothing was forgotten:" in warning for warning in record.warnings)
    assert "forget" not in scene.stored.calls
