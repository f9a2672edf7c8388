"""Values of the domain to rows and back."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from sqlalchemy import RowMapping

from policies.run import ENDS, DrillRecord, Finding, LedgerEntry, RunRecord, RunState, Trigger
from policies.snapshot import Snapshot

RUN_LISTS = ("snapshots", "unreadable", "forgotten", "warnings")


def row_of_run(run: RunRecord) -> dict[str, Any]:
    row = {field.name: getattr(run, field.name) for field in fields(run)}
    row |= {name: list(row[name]) for name in RUN_LISTS}
    return row | {"state": run.state.value, "trigger": run.trigger.value, "open": run.state not in ENDS}


def run_of_row(row: RowMapping) -> RunRecord:
    values = {field.name: row[field.name] for field in fields(RunRecord)}
    values |= {name: tuple(values[name]) for name in RUN_LISTS}
    return RunRecord(**values | {"state": RunState(row["state"]), "trigger": Trigger(row["trigger"])})


def row_of_snapshot(repository: str, snapshot: Snapshot) -> dict[str, Any]:
    row = {field.name: getattr(snapshot, field.name) for field in fields(snapshot)}
    return row | {"repository": repository, "paths": list(snapshot.paths), "tags": list(snapshot.tags)}


def snapshot_of_row(row: RowMapping) -> Snapshot:
    values = {field.name: row[field.name] for field in fields(Snapshot)}
    return Snapshot(**values | {"paths": tuple(values["paths"]), "tags": tuple(values["tags"])})


def row_of_drill(drill: DrillRecord) -> dict[str, Any]:
    row = {field.name: getattr(drill, field.name) for field in fields(drill)}
    findings = [[f.name, f.ok, f.expected, f.found, f.subject] for f in drill.findings]
    return row | {"findings": findings, "level": str(drill.level), "verdict": str(drill.verdict)}


def drill_of_row(row: RowMapping) -> DrillRecord:
    values = {field.name: row[field.name] for field in fields(DrillRecord)}
    return DrillRecord(**values | {"findings": tuple(Finding(*each) for each in row["findings"])})


def entry_of_row(row: RowMapping, body: dict[str, object]) -> LedgerEntry:
    return LedgerEntry(row["number"], row["time"], row["kind"], row["actor"], body, row["previous"], row["hash"])
