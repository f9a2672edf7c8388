"""A year and more of nights, both clock changes, with standstills and kills: exactly the promised slots, exactly the snapshots
that retention explains."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from planner.retention import decide
from planner.slots import policy_slots
from policies.run import RunState, Trigger
from policies.snapshot import recovery_points
from tests.conftest import SteppedClock
from tests.fakes.engine import Killed
from tests.orchestrator.scene import Scene, files_catalog

START = datetime(2026, 1, 10, 12, tzinfo=UTC)
DAYS = 400


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.timeout(600)
def test_four_hundred_days(fast_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    clock = SteppedClock(START)
    retention = {"keep_daily": 7, "keep_weekly": 5, "keep_monthly": 12}
    scene = Scene(fast_path, clock, files_catalog(fast_path, retention=retention))
    scene.controller.start()
    end = START + timedelta(days=DAYS)
    down: list[tuple[datetime, datetime]] = []
    while clock.moment < end:
        following = scene.daemon.tick()
        chance = dice.random()
        if chance < 0.03:  # the host sleeps for some days
            woken = clock.moment + timedelta(hours=dice.randint(1, 90))
            down.append((clock.moment, woken))
            clock.moment = woken
            scene.restart()
            scene.controller.start()
        elif chance < 0.08:  # killed in the middle of the next run
            step, when = dice.randrange(6), dice.choice(["before", "after"])
            scene.crash = lambda number, moment, step=step, when=when: (number, moment) == (step, when)  # type: ignore[misc]
            clock.moment = max(following, clock.moment + timedelta(seconds=1))
            with suppress(Killed):
                scene.daemon.tick()
            scene.crash = lambda _number, _moment: False
            scene.restart()
            scene.controller.start()
        else:
            clock.moment = max(following, clock.moment + timedelta(seconds=1))
    scene.daemon.tick()

    policy = scene.catalog.policies["docs"]
    promised = list(policy_slots("docs", policy, scene.catalog.zone(), START, clock.moment + timedelta(microseconds=1)))
    runs = {run.key: run for run in scene.state.runs(limit=10_000)}
    assert sorted(runs) == sorted(slot.key for slot in promised), "a slot without a run, or a run without a slot"
    asleep = [run for run in runs.values() if run.state is RunState.SKIPPED]
    assert all("caught up by" in run.reason for run in asleep)
    assert all(run.state in {RunState.SUCCEEDED, RunState.SKIPPED} for run in runs.values())
    for slot in promised:  # a slot that came due while restora lived ran at its moment
        if (
            not any(begin <= slot.due <= finish for begin, finish in down)
            and runs[slot.key].trigger is Trigger.SCHEDULE
        ):
            assert runs[slot.key].started is not None
            assert runs[slot.key].started - slot.due < timedelta(minutes=10)

    points = recovery_points("local", list(scene.stored.snapshots.values()))
    saved = {snapshot for run in runs.values() for snapshot in run.snapshots}
    forgotten = {snapshot for run in runs.values() for snapshot in run.forgotten}
    assert saved - forgotten == set(scene.stored.snapshots), "a snapshot lost or doubled"
    verdicts = decide(policy.retention, points, zone=scene.catalog.zone(), now=clock.now(), protected={})
    assert all(verdict.keep for verdict in verdicts), "a snapshot that no rule explains"
    local = {slot.day for slot in promised}
    assert len(local) == len(promised) >= DAYS - 1
