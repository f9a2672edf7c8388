"""The daemon's looks: what a change of schedule, a clock that was wrong, and a long standstill come to."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from orchestrator.due import due_work
from orchestrator.scheduler import Alarm
from planner.health import assess
from policies.run import RunRecord, RunState, Trigger
from tests.conftest import SteppedClock
from tests.orchestrator.catalogs import catalog
from tests.orchestrator.scene import Scene, files_catalog

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def scene(fast_path: Path) -> Scene:
    made = Scene(fast_path, SteppedClock(NOON), files_catalog(fast_path))
    made.controller.start()
    made.daemon.tick()
    return made


def put(scene: Scene, **policy: object) -> None:
    """Another restora.yaml."""
    scene.catalog = scene.daemon.catalog = files_catalog(scene.folder, **policy)  # type: ignore[arg-type]


def test_slots_of_a_new_schedule_count_from_its_change(scene: Scene) -> None:
    """Nobody promised the quarter hours of the past; and the night that was promised is not run again."""
    scene.clock.moment += timedelta(days=1)
    scene.daemon.tick()
    put(scene, schedule={"every": "15min"})
    scene.clock.moment += timedelta(minutes=1)
    scene.daemon.tick()
    assert len(scene.state.runs()) == 1
    scene.clock.moment += timedelta(minutes=14)
    scene.daemon.tick()
    assert sorted(run.key for run in scene.state.runs()) == ["docs@2026-03-11#0", "docs@2026-03-11#53"]


def test_a_policy_that_went_and_came_back_has_missed_nothing(scene: Scene) -> None:
    with_policy = scene.daemon.catalog
    scene.daemon.catalog = with_policy.changed(policies={})
    scene.daemon.tick()
    scene.clock.moment += timedelta(days=30)
    scene.daemon.catalog = with_policy
    scene.daemon.tick()
    assert scene.state.runs() == []
    scene.clock.moment += timedelta(days=1)
    scene.daemon.tick()
    assert [run.state for run in scene.state.runs()] == [RunState.SUCCEEDED]


def test_a_paused_policy_goes_on_with_the_next_slot(scene: Scene) -> None:
    put(scene, paused=True)
    for _ in range(3):
        scene.clock.moment += timedelta(days=1)
        scene.daemon.tick()
    assert {(run.state, run.reason) for run in scene.state.runs()} == {(RunState.SKIPPED, "the policy is paused")}
    put(scene)
    scene.daemon.tick()
    assert scene.stored.snapshots == {}
    scene.clock.moment += timedelta(days=1)
    scene.daemon.tick()
    assert len(scene.stored.snapshots) == 1


def test_a_clock_that_was_a_year_ahead_keeps_nothing_from_running(scene: Scene) -> None:
    scene.clock.moment += timedelta(days=365)
    scene.daemon.tick()
    scene.clock.moment = NOON + timedelta(hours=1)
    scene.daemon.tick()
    before = len(scene.stored.snapshots)
    scene.clock.moment += timedelta(days=1)
    scene.daemon.tick()
    assert len(scene.stored.snapshots) == before + 1
    # the copy from the future does not count as a young one
    board = assess(scene.catalog, scene.state.board(), {}, scene.clock.now(), scene.clock.now())
    assert board.exit_code == 21
    assert "ahead of this clock" in board.rows[0].problem


def test_a_heartbeat_from_the_future_is_none(scene: Scene) -> None:
    now = scene.clock.now()
    board = assess(scene.catalog, scene.state.board(), {}, now + timedelta(days=2), now)
    assert not board.daemon_alive


def test_a_clock_that_is_set_back_brings_the_next_look_forward(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    scene.clock.moment = datetime.now(UTC) + timedelta(
        days=1
    )  # ahead of APScheduler's clock: it rings for nothing meanwhile
    alarm = Alarm(scene.daemon, scene.clock)
    alarm.start()
    try:
        alarm.nudge()
        assert "set back" not in caplog.text
        scene.clock.moment -= timedelta(hours=5)
        with caplog.at_level(logging.WARNING):
            alarm.nudge()
        assert "the clock was set back" in caplog.text
        (look,) = [job for job in alarm._timer.get_jobs() if job.id == "look"]
        assert look.next_run_time <= scene.clock.now() + timedelta(minutes=5)
    finally:
        alarm.stop()


def test_a_month_of_missed_quarter_hours_is_one_line(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    put(scene, schedule={"every": "15min"})
    scene.daemon.tick()
    scene.clock.moment += timedelta(days=10)
    with caplog.at_level(logging.INFO):
        scene.daemon.tick()
    missed = [line for line in caplog.messages if "skipped" in line]
    assert len(missed) == 1
    assert missed[0].startswith(
        "959 slots of docs skipped for docs into local, 2026-03-10 12:15 UTC to 2026-03-20 11:45 UTC"
    )
    runs = scene.state.runs(limit=2000)
    assert [run.state for run in runs].count(RunState.SKIPPED) == 959
    assert len(scene.stored.snapshots) == 2  # the quarter hour of the change, and the newest


def test_jitter_puts_a_run_off_and_loses_none(scene: Scene) -> None:
    scene.daemon.jitter = lambda _policy: 20.0
    scene.clock.moment = datetime(2026, 3, 11, 1, 30, tzinfo=UTC)
    assert scene.daemon.tick() == scene.clock.moment + timedelta(seconds=20)
    assert scene.state.runs() == []
    scene.clock.moment += timedelta(seconds=20)
    scene.daemon.tick()
    assert [run.key for run in scene.state.runs()] == ["docs@2026-03-11#0"]


def test_a_run_of_another_dataset_holds_nobody_back() -> None:
    """Only the same policy, dataset and repository wait for each other; the rest is for the leases."""
    slot = datetime(2026, 3, 11, 0, 40, tzinfo=UTC)
    other = RunRecord("r", "db@x", "db", "another", "local", RunState.SAVING, Trigger.PERSON, slot)
    (work,) = due_work(catalog(), {"db": [other]}, {"db": NOON}, slot)
    assert (work.dataset, work.skip) == ("db", "")
