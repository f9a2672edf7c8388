"""Values to remember."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from policies.run import DrillRecord, Finding, RunRecord, RunState, Trigger
from policies.snapshot import Snapshot

START = datetime(2026, 3, 11, 1, 40, tzinfo=UTC)


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def a_run(number: int = 0, **fields: Any) -> RunRecord:
    """The nth nightly run of db into local."""
    due = at(24 * number)
    day = due.date().isoformat()
    run = RunRecord(f"r{number}", f"nightly@{day}#0", "nightly", "db", "local", RunState.QUEUED, Trigger.SCHEDULE, due)
    return replace(run, **fields)


def ended(run: RunRecord, state: RunState = RunState.SUCCEEDED, **fields: Any) -> RunRecord:
    begun = run.due + timedelta(minutes=1)
    done = {"started": begun, "point_time": begun + timedelta(seconds=5), "ended": begun + timedelta(minutes=10)}
    return replace(run, state=state, **{**done, **fields})


def a_drill(number: int = 0, **fields: Any) -> DrillRecord:
    begun = at(24 * number + 6)
    findings = (Finding("rows", True, "10", "10", "customers"), Finding("rows", False, "3", "2", "ord\udc80ers"))
    drill = DrillRecord(
        id=f"d{number}",
        dataset="db",
        repository="local",
        point=f"r{number}",
        level="full",
        verdict="proven",
        started=begun,
        ended=begun + timedelta(minutes=4),
        point_time=at(24 * number),
        expected_slot="nightly@2026-03-11#0",
        rpo_seconds=21600.0,
        rto_seconds=240.0,
        bytes=2_400_000_000,
        findings=findings,
        twin_verdict="failed",
    )
    return replace(drill, **fields)


def a_snapshot(number: int = 0, **fields: Any) -> Snapshot:
    snapshot = Snapshot(
        id=f"{number:064x}",
        time=at(number),
        host="host",
        paths=("/srv", "/srv/\udce4rger"),
        tags=(f"run=r{number}", "dataset=db"),
        tree="ab" * 32,
        parent=None,
        files=10,
        bytes=5_000_000_000_000,
    )
    return replace(snapshot, **fields)
