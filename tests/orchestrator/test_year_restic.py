"""The 400 days of test_year on the real restic and the real engine: the clock is ours, everything else is as in production."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from orchestrator.assemble import controller
from orchestrator.daemon import Daemon
from planner.retention import decide
from planner.slots import policy_slots
from policies.run import RunState
from policies.snapshot import recovery_points
from tests.conftest import SteppedClock
from tests.orchestrator.nightly_site import Installation, policy

pytestmark = [pytest.mark.integration, pytest.mark.slow]

START = datetime(2026, 1, 10, 12, tzinfo=UTC)
DAYS = 400  # from January to February of the year after: both clock changes, five ends of quarters, a turn of the year


class Host:
    """One machine with its daemon, which may be switched off and on."""

    def __init__(self, home: Installation, clock: SteppedClock) -> None:
        self.home, self.clock = home, clock
        self.on()

    def on(self) -> None:
        self.application = self.home.application(self.clock)
        self.controller = controller(self.application)
        self.controller.start()
        self.daemon = Daemon(
            self.controller, self.application.state, self.clock, self.application.catalog,
            load=lambda: None, requests=lambda _controller: None,
        )  # fmt: skip

    def off(self) -> None:
        self.application.engine.stop(timeout=60)

    def look(self) -> datetime:
        """One look of the daemon, and everything that it began carried out at that moment."""
        following = self.daemon.tick()
        for run in self.application.state.runs(unfinished=True):
            self.controller.wait(run)
        return following


@pytest.mark.timeout(900)
def test_four_hundred_days_on_restic(fast_path: Path, newest_restic: Path) -> None:
    dice = random.Random(3)
    clock = SteppedClock(START)
    rules = {"check_every": "2w", "read_all_every": None, "prune_every": "4w", "drill_every": None}
    retention = {"keep_daily": 7, "keep_weekly": 5, "keep_monthly": 12}
    home = Installation(
        fast_path / "home", restic=str(newest_restic), timezone="Europe/Berlin",
        docs=policy(retention=retention, verification=rules),
    )  # fmt: skip
    host = Host(home, clock)
    asleep: list[tuple[datetime, datetime]] = []
    while clock.moment < START + timedelta(days=DAYS):
        (home.home / "docs" / "a.txt").write_text(f"as it was at {clock.moment.isoformat()}")
        following = host.look()
        chance = dice.random()
        if chance < 0.05:
            host.off()
            begin, clock.moment = clock.moment, clock.moment + timedelta(hours=dice.randint(1, 90))
            asleep.append((begin, clock.moment))
            host.on()
        elif chance < 0.08:
            host.off()
            host.on()
        else:
            clock.moment = max(following, clock.moment + timedelta(seconds=1))
    (home.home / "docs" / "a.txt").write_text(f"as it was at {clock.moment.isoformat()}")
    host.look()
    host.off()

    application = home.application(clock)
    wanted, zone = application.catalog.policies["docs"], application.catalog.zone("docs")
    promised = {s.key: s for s in policy_slots("docs", wanted, zone, START, clock.moment + timedelta(microseconds=1))}
    runs = {run.key: run for run in application.state.runs(limit=10_000)}
    assert sorted(runs) == sorted(promised), "a slot without a run, or a run without a slot"
    assert len({slot.day for slot in promised.values()}) == len(promised) >= DAYS - 1
    assert len(asleep) > 10
    for key, run in runs.items():
        slept = any(begin <= promised[key].due <= end for begin, end in asleep)
        assert run.state is RunState.SUCCEEDED or (slept and run.state is RunState.SKIPPED), (key, run.reason)
        assert slept or run.point_time == promised[key].due
        assert not run.warnings

    there = application.repository("local").snapshots()
    saved = {snapshot for run in runs.values() for snapshot in run.snapshots}
    forgotten = {snapshot for run in runs.values() for snapshot in run.forgotten}
    assert {snapshot.id for snapshot in there} == saved - forgotten, "a snapshot lost or doubled"
    points = recovery_points("local", there)
    verdicts = decide(wanted.retention, points, zone=zone, now=clock.now(), protected={})
    assert all(verdict.keep for verdict in verdicts), "a snapshot that no rule explains"
    assert len(points) > 15
    moments = {run.id: run.point_time for run in runs.values()}
    for point in points:
        moment = moments[point.id]
        assert moment is not None
        assert point.time == moment.replace(microsecond=0)
        (part,) = point.parts
        content = home.restic("dump", "--no-lock", part.id, str(home.home / "docs" / "a.txt"))
        assert content == f"as it was at {moment.isoformat()}"
    assert "no errors were found" in home.restic("check", "--read-data")
