"""What goes wrong with schedules in the field, a test for each: measured with APScheduler 3.11, or reported in public threads."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from apscheduler.events import EVENT_JOB_MISSED
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from adapters.clock import SystemClock
from adapters.engine_text import of_text
from adapters.lease import FileLeases
from orchestrator.drilling import drill_now
from orchestrator.heartbeats import DRILLS_HEARTBEAT, HEARTBEAT
from orchestrator.run_now import run_now
from orchestrator.scheduler import Alarm
from planner.cron import from_cron
from planner.health import assess
from planner.slots import slots
from policies.errors import Busy
from policies.run import DrillRecord, RunRecord, RunState, Trigger
from policies.verification import DrillLevel, DrillVerdict
from tests.conftest import SteppedClock
from tests.fakes.engine import Kept
from tests.orchestrator.nightly_site import Installation, policy
from tests.orchestrator.scene import Scene, files_catalog

BERLIN = ZoneInfo("Europe/Berlin")
WITHIN = 20.0


def scene(folder: Path, start: datetime, **wish: object) -> Scene:
    made = Scene(folder, SteppedClock(start), files_catalog(folder, **wish))  # type: ignore[arg-type]
    made.controller.start()
    made.daemon.tick()
    return made


def live(scene: Scene, until: datetime, step: timedelta = timedelta(minutes=10)) -> None:
    """Let time pass, with a look at every step and none at the exact moments of slots."""
    while scene.clock.moment < until:
        scene.clock.moment += step
        scene.daemon.tick()


class TestLateJobsAreNotDropped:
    """agronholm/apscheduler#292, #146: its misfire grace is one second."""

    def test_the_hazard_is_real(self) -> None:
        missed = threading.Event()
        timer = BackgroundScheduler(timezone="UTC")
        timer.add_listener(lambda _event: missed.set(), EVENT_JOB_MISSED)
        timer.add_job(missed.clear, "date", run_date=datetime.now(UTC) - timedelta(seconds=5))
        timer.start()
        try:
            assert missed.wait(WITHIN), "APScheduler has changed: it no longer drops late jobs"
        finally:
            timer.shutdown(wait=False)

    def test_a_look_that_comes_hours_late_takes_place(self) -> None:
        looks: list[int] = []
        again = threading.Event()

        class Late:
            def tick(self) -> datetime:
                looks.append(1)
                if len(looks) > 1:
                    again.set()
                    return datetime.now(UTC) + timedelta(hours=1)
                return datetime.now(UTC) - timedelta(hours=3)

            def poll(self) -> bool:
                return False

        alarm = Alarm(Late(), SystemClock())  # type: ignore[arg-type]
        alarm.start()
        try:
            assert again.wait(WITHIN)
        finally:
            alarm.stop()

    @pytest.mark.parametrize("failure", [RuntimeError("a defect"), Busy("locked")])
    def test_a_look_that_fails_is_not_the_last(self, failure: Exception) -> None:
        """The clock says a minute; a wall clock that stands an hour behind makes that now."""
        looks: list[int] = []
        again = threading.Event()

        class Failing:
            def tick(self) -> datetime:
                looks.append(1)
                if len(looks) > 1:
                    again.set()
                raise failure

            def poll(self) -> bool:
                return False

        alarm = Alarm(Failing(), SteppedClock(datetime.now(UTC) - timedelta(hours=1)))  # type: ignore[arg-type]
        alarm.start()
        try:
            assert again.wait(WITHIN)
        finally:
            alarm.stop()


class TestWeekdaysAreThoseOfCron:
    """agronholm/apscheduler#286, #1102: `from_crontab("0 3 * * 0")` fires on Monday."""

    def test_the_hazard_is_real(self) -> None:
        first = CronTrigger.from_crontab("0 3 * * 0", timezone="UTC").get_next_fire_time(
            None, datetime(2026, 3, 11, tzinfo=UTC)
        )
        assert first.strftime("%A") == "Monday"

    @pytest.mark.parametrize(
        ("number", "day"),
        list(enumerate(["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"])),
    )
    def test_each_number_is_its_day(self, number: int, day: str) -> None:
        schedule = from_cron(f"0 3 * * {number}")
        start = datetime(2026, 1, 1, tzinfo=UTC)
        due = [slot.due for slot in slots("p", schedule, ZoneInfo("UTC"), start, start + timedelta(days=70))]
        assert {moment.strftime("%A %H:%M") for moment in due} == {f"{day} 03:00"}
        assert len(due) == 10


class TestClockChange:
    """Measured in Europe/Berlin: 02:30 fires twice in autumn, and intervals drift by an hour in spring."""

    @pytest.mark.parametrize("night", [date(2026, 3, 29), date(2026, 10, 25)])
    def test_a_slot_runs_once_on_both_nights(self, fast_path: Path, night: date) -> None:
        begin = datetime(night.year, night.month, night.day, tzinfo=BERLIN) - timedelta(days=2)
        made = scene(fast_path, begin.astimezone(UTC))
        live(made, begin.astimezone(UTC) + timedelta(days=5))
        ran = sorted(run.key for run in made.state.runs(limit=100))
        assert ran == [f"docs@{night + timedelta(days=n)}#0" for n in range(-2, 3)]
        assert len(made.stored.snapshots) == 5

    def test_a_restart_between_the_two_half_past_twos_changes_nothing(self, fast_path: Path) -> None:
        made = scene(fast_path, datetime(2026, 10, 24, 20, tzinfo=UTC))
        live(made, datetime(2026, 10, 25, 0, 50, tzinfo=UTC))  # after the first 02:30 (+02:00), before the second
        made.restart()
        made.controller.start()
        live(made, datetime(2026, 10, 25, 6, tzinfo=UTC))
        assert [run.key for run in made.state.runs()] == ["docs@2026-10-25#0"]

    @pytest.mark.parametrize("night", [datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 10, 24, 12, tzinfo=UTC)])
    def test_periods_do_not_drift(self, fast_path: Path, night: datetime) -> None:
        made = scene(fast_path, night, schedule={"every": "6h"})
        live(made, night + timedelta(days=3))
        hours = {run.due.astimezone(BERLIN).strftime("%H:%M") for run in made.state.runs(limit=100)}
        assert hours == {"00:00", "06:00", "12:00", "18:00"}


class TestMissedRuns:
    """borgbase/vorta#1214, garethgeorge/backrest#172: asleep, switched off, hung."""

    def test_caught_up_once_with_the_reason(self, fast_path: Path) -> None:
        made = scene(fast_path, datetime(2026, 3, 10, 12, tzinfo=UTC))
        live(made, datetime(2026, 3, 11, 12, tzinfo=UTC))
        made.clock.moment += timedelta(days=4)  # the lid was shut
        made.daemon.tick()
        made.daemon.tick()
        runs = {run.key: run for run in made.state.runs()}
        assert len(runs) == 5
        newest = runs.pop("docs@2026-03-15#0")
        assert (newest.state, newest.trigger) == (RunState.SUCCEEDED, Trigger.CATCH_UP)
        assert "caught up: it was due at 2026-03-15 01:30 UTC" in newest.reason
        skipped = [run for run in runs.values() if run.state is RunState.SKIPPED]
        assert [run.reason for run in skipped] == [
            "missed: restora was not running; caught up by docs@2026-03-15#0"
        ] * 3
        assert len(made.stored.snapshots) == 2

    def test_the_alarm_is_the_age_of_the_last_good_backup(self, fast_path: Path) -> None:
        """Runs took place every night, and the last good one is days old."""
        made = scene(fast_path, datetime(2026, 3, 10, 12, tzinfo=UTC))
        live(made, datetime(2026, 3, 11, 12, tzinfo=UTC))
        (made.folder / "data" / "a.txt").rename(made.folder / "a.txt")
        live(made, datetime(2026, 3, 14, 12, tzinfo=UTC), timedelta(hours=1))
        now = made.clock.now()
        board = assess(made.catalog, made.state.board(), {}, now, now)
        assert board.exit_code == 21
        assert "last good backup is 3 d old, limit 37 h" in board.rows[0].problem

    def test_a_policy_that_never_had_a_good_backup_grows_old_too(self, fast_path: Path) -> None:
        made = scene(fast_path, datetime(2026, 3, 10, 12, tzinfo=UTC))
        (made.folder / "data" / "a.txt").unlink()
        live(made, datetime(2026, 3, 14, 12, tzinfo=UTC), timedelta(hours=1))
        since = {"docs": datetime.fromisoformat(made.state.note("since:docs") or "")}
        board = assess(made.catalog, made.state.board(), since, made.clock.now(), made.clock.now())
        assert board.exit_code == 21
        assert "no good backup for 4 d" in board.rows[0].problem


class TestAFailedRunKeepsItsSlot:
    """cupcakearmy/autorestic#343."""

    def test_it_is_tried_again_and_the_slot_succeeds(self, fast_path: Path) -> None:
        made = scene(fast_path, datetime(2026, 3, 10, 12, tzinfo=UTC))
        hidden = made.folder / "hidden"
        (made.folder / "data").rename(hidden)
        live(made, datetime(2026, 3, 11, 1, 30, tzinfo=UTC))
        hidden.rename(made.folder / "data")
        live(made, datetime(2026, 3, 11, 12, tzinfo=UTC))
        runs = sorted(made.state.runs(), key=lambda run: run.key)
        assert [(run.key, run.state) for run in runs] == [
            ("docs@2026-03-11#0", RunState.FAILED), ("docs@2026-03-11#0~2", RunState.SUCCEEDED),
        ]  # fmt: skip

    def test_a_run_that_lost_its_end_is_failed_and_tried_again(self, fast_path: Path) -> None:
        """The state could not be written when the run ended: nobody works on it, and it looks as if somebody did."""
        made = scene(fast_path, datetime(2026, 3, 10, 12, tzinfo=UTC))
        lost = made.controller._record(
            "docs@2026-03-11#0", "docs", "docs", "local", Trigger.SCHEDULE, datetime(2026, 3, 11, 1, 30, tzinfo=UTC)
        )
        made.disk.workflows[lost.id] = ended(lost.id)
        made.state.add_run(lost)
        live(made, datetime(2026, 3, 11, 4, tzinfo=UTC))
        runs = sorted(made.state.runs(), key=lambda run: run.key)
        assert [(run.key, run.state) for run in runs] == [
            ("docs@2026-03-11#0", RunState.FAILED), ("docs@2026-03-11#0~2", RunState.SUCCEEDED),
        ]  # fmt: skip


class TestOverlap:
    """vmware-tanzu/velero#3554, restic/restic#4321."""

    def test_no_second_run_begins_and_what_was_missed_is_named(self, fast_path: Path) -> None:
        made = scene(fast_path, datetime(2026, 3, 10, 0, 30, tzinfo=UTC), schedule={"every": "1h"})
        long = made.controller._record("docs@long", "docs", "docs", "local", Trigger.PERSON, made.clock.now())
        made.disk.workflows[long.id] = at_work(long.id)
        made.state.add_run(long)
        live(made, datetime(2026, 3, 10, 3, 30, tzinfo=UTC))
        assert made.stored.snapshots == {}
        skipped = [run.reason for run in made.state.runs() if run.state is RunState.SKIPPED]
        assert len(skipped) == 2
        assert all(reason.startswith(f"missed: run {long.id} was still at work") for reason in skipped)
        made.disk.workflows[long.id] = ended(long.id)
        made.state.update_run(replace(long, state=RunState.SUCCEEDED, ended=made.clock.now()))
        live(made, datetime(2026, 3, 10, 3, 50, tzinfo=UTC))
        assert len(made.stored.snapshots) == 1

    @pytest.mark.parametrize("shared", ["dataset:docs", "repository:local"])
    def test_a_lease_for_each_dataset_and_each_repository(self, fast_path: Path, shared: str) -> None:
        made = scene(fast_path, datetime(2026, 3, 10, 12, tzinfo=UTC))
        others = FileLeases(made.folder / "leases", made.clock)
        with others.take(shared, holder="somebody else"):
            refused = made.controller.wait(made.controller.now("docs", "docs", "local"))
        assert refused.state is RunState.FAILED
        assert f"{shared} is in use by somebody else" in refused.reason
        assert made.controller.wait(made.controller.now("docs", "docs", "local")).state is RunState.SUCCEEDED


@pytest.mark.integration
class TestSomebodyNoticesThatItStopped:
    """2witstudios/PageSpace#2372 (44 days), LanternOps/breeze#983: told by a second process, `restora status`."""

    @pytest.mark.parametrize(
        ("hours", "code", "words"),
        [
            ({}, 0, "all kept"),
            ({"daemon": 1}, 22, "no daemon is running"),
            ({"backup": 40}, 21, "last good backup is 40 h old"),
            ({"drill": 24 * 60}, 20, "no restore proven lately"),
            ({"drills": 30}, 20, "Drills were not looked at for 30 h"),
            ({"forgotten": 24 * 9}, 20, "retention is not applied"),
        ],
    )
    def test_heartbeats_of_daemon_backup_and_drill(
        self, tmp_path: Path, hours: dict[str, float], code: int, words: str
    ) -> None:
        home = Installation(tmp_path / "home")
        home.catalog["datasets"].pop("more")
        home.write(docs=policy())
        state = home.application().state
        now = datetime.now(UTC)

        def ago(what: str) -> datetime:
            return now - timedelta(hours=hours.get(what, 0.01))

        run = RunRecord(
            "r1",
            "docs@1",
            "docs",
            "docs",
            "local",
            RunState.QUEUED,
            Trigger.SCHEDULE,
            ago("backup"),
            started=ago("backup"),
        )
        state.add_run(run)
        state.update_run(replace(run, state=RunState.SUCCEEDED, ended=ago("backup"), snapshots=("s" * 64,)))
        proven = DrillVerdict.PROVEN.value
        state.add_drill(
            DrillRecord("d1", "docs", "local", "r1", DrillLevel.FULL.value, proven, ago("drill"), ago("drill"))
        )
        state.mark_repository("local", forgotten=ago("forgotten"))
        state.put_note(HEARTBEAT, ago("daemon").isoformat())
        state.put_note(DRILLS_HEARTBEAT, ago("drills").isoformat())
        status = home.start("status")
        said, _ = status.communicate(timeout=150)
        assert status.returncode == code, said
        assert words in " ".join(said.split())

    def test_a_daemon_that_no_longer_looks_for_work_is_not_alive(self, fast_path: Path) -> None:
        """Its poll goes on and its alarm clock hangs."""
        made = scene(fast_path, datetime(2026, 3, 10, 12, tzinfo=UTC))
        made.daemon.poll()
        assert made.state.note(HEARTBEAT) == made.clock.now().isoformat()
        last = made.clock.now()
        for _ in range(60):
            made.clock.moment += timedelta(minutes=1)
            made.daemon.poll()
        assert datetime.fromisoformat(made.state.note(HEARTBEAT) or "") - last <= timedelta(minutes=15)
        made.daemon.tick()
        made.daemon.poll()
        assert made.state.note(HEARTBEAT) == made.clock.now().isoformat()


@pytest.mark.integration
class TestTheCheckerLooksAtTheRightBackup:
    """bcgov/backup-container#134: it verified yesterday's backup while tonight's was missing."""

    def test_a_drill_names_the_slot_that_it_expects_and_fails_without_it(self, tmp_path: Path) -> None:
        home = Installation(tmp_path / "home")
        night = SteppedClock(datetime(2026, 3, 11, 2, 31, tzinfo=UTC))
        application = home.application(night)
        application.state.put_note("since:docs", datetime(2026, 3, 10, 12, tzinfo=UTC).isoformat())
        (good,) = run_now(application, [("docs", "docs", "local")], lambda _run, _progress: None)
        assert good.state is RunState.SUCCEEDED, good.reason
        night.moment += timedelta(hours=8)
        proven = drill_now(application, "docs", DrillLevel.FULL, lambda _progress: None)
        assert (proven.verdict, proven.expected_slot) == (DrillVerdict.PROVEN, "docs@2026-03-11#0"), proven.reason
        night.moment += timedelta(days=3)
        stale = drill_now(application, "docs", DrillLevel.FULL, lambda _progress: None)
        assert (stale.verdict, stale.expected_slot) == (DrillVerdict.FAILED, "docs@2026-03-14#0")
        assert "the newest point is 3 d old" in stale.reason


def at_work(identifier: str) -> Kept:
    return Kept("backup", identifier)


def ended(identifier: str) -> Kept:
    return Kept("backup", identifier, outcome=of_text(identifier))
