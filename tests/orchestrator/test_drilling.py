"""Drills by the daemon: due ones are carried out in quiet moments and recorded; a stop is no verdict; nothing ends them for good."""

from __future__ import annotations

import signal
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from orchestrator import drilling
from orchestrator.drilling import due_drills, keep_drilling
from orchestrator.heartbeats import DRILLS_HEARTBEAT
from orchestrator.run_now import run_now
from orchestrator.wiring import Application
from policies.run import DrillRecord, RunRecord, RunState, Trigger
from policies.verification import DrillVerdict
from tests.conftest import SteppedClock
from tests.orchestrator.nightly_site import Installation, Logged, policy

pytestmark = pytest.mark.integration
RULES = {"drill_every": "7d"}


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(datetime(2026, 3, 11, 2, 31, tzinfo=UTC))


@pytest.fixture
def application(fast_path: Path, clock: SteppedClock) -> Application:
    """One good backup, no drill yet."""
    home = Installation(fast_path / "home", docs=policy(verification=RULES))
    made = home.application(clock)
    (run,) = run_now(made, [("docs", "docs", "local")], lambda _run, _progress: None)
    assert run.state is RunState.SUCCEEDED, run.reason
    return made


def once(application: Application) -> None:
    """One look for due drills."""
    stop = threading.Event()
    stop.set()
    keep_drilling(application, stop, every=0)


def drilled(application: Application, verdict: DrillVerdict) -> None:
    now = application.clock.now()
    application.state.add_drill(DrillRecord(f"{now:%d%H%M}", "docs", "local", "p", "full", verdict.value, now, now))


def test_a_due_drill_is_carried_out_once_and_recorded(application: Application, clock: SteppedClock) -> None:
    assert due_drills(application) == ["docs"]
    once(application)
    (record,) = application.state.drills()
    assert record.verdict == DrillVerdict.PROVEN, record.reason
    assert record.twin_verdict.startswith("failed as it must")
    assert record.rto_seconds is not None
    assert [entry.body["verdict"] for entry in application.state.ledger(kind="drill")] == ["proven"]
    (row,) = application.state.board()
    assert row.last_proven == record.ended
    assert application.state.note(DRILLS_HEARTBEAT) == clock.now().isoformat()
    once(application)
    assert len(application.state.drills()) == 1


def test_when_a_drill_is_due(application: Application, clock: SteppedClock) -> None:
    drilled(application, DrillVerdict.PROVEN)
    clock.moment += timedelta(days=6, hours=23)
    assert due_drills(application) == []
    clock.moment += timedelta(hours=1)
    assert due_drills(application) == ["docs"]
    drilled(application, DrillVerdict.COULD_NOT_RUN)
    assert due_drills(application) == []
    clock.moment += timedelta(days=1)
    assert due_drills(application) == ["docs"], "a drill that could not run is not put off for a whole period"
    drilled(application, DrillVerdict.PROVEN)
    clock.moment -= timedelta(days=40)
    assert due_drills(application) == ["docs"], "the clock was wrong when it was recorded"


def test_nothing_is_due_before_the_first_backup_or_while_paused(fast_path: Path) -> None:
    home = Installation(fast_path / "home", docs=policy(verification=RULES))
    application = home.application()
    assert due_drills(application) == []
    application.state.add_run(good_run())
    assert due_drills(application) == ["docs"]
    home.write(docs=policy(verification=RULES, paused=True))
    assert due_drills(home.application()) == []


def good_run() -> RunRecord:
    now = datetime.now(UTC)
    return RunRecord(
        "r",
        "docs@1",
        "docs",
        "docs",
        "local",
        RunState.SUCCEEDED,
        Trigger.SCHEDULE,
        now,
        now,
        now,
        snapshots=("s" * 64,),
    )


def test_no_drill_while_a_run_is_at_work(application: Application) -> None:
    at_work = replace(good_run(), state=RunState.SAVING, ended=None)
    application.state.add_run(at_work)
    once(application)
    assert application.state.drills() == []
    application.state.update_run(replace(at_work, state=RunState.CANCELLED))
    once(application)
    assert len(application.state.drills()) == 1


def test_a_drill_that_a_stop_ends_is_still_due(application: Application) -> None:
    application.cancel.set()
    once(application)
    assert application.state.drills() == []
    assert due_drills(application) == ["docs"]


def test_a_defect_does_not_end_the_drills(application: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []
    stop = threading.Event()

    def broken(_application: Application) -> list[str]:
        looks.append(1)
        if len(looks) == 3:
            stop.set()
        raise ZeroDivisionError

    monkeypatch.setattr(drilling, "due_drills", broken)
    keep_drilling(application, stop, every=0)
    assert len(looks) == 3


@pytest.mark.slow
def test_the_daemon_drills(fast_path: Path) -> None:
    home = Installation(fast_path / "home", docs=policy(verification=RULES))
    run = home.start("run")
    assert run.wait(150) == 0, run.communicate()
    with Logged(home, "daemon", "daemon") as daemon:
        daemon.saw("drill of docs from local: proven")
        daemon.child.send_signal(signal.SIGTERM)
        assert daemon.ended() == 0
    assert "Traceback" not in daemon.said()
    (record,) = home.application().state.drills()
    assert record.verdict == DrillVerdict.PROVEN
    assert list((home.home / "cache" / "scratch").rglob("a.txt")) == []
