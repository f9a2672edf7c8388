"""What goes into the audit chain: who asked for what in which words, who approved it, what it touched."""

from __future__ import annotations

import getpass
import os
from collections.abc import Mapping

from orchestrator.ports import Clock, StatePort
from policies.run import DrillRecord, LedgerEntry, RunRecord

LOOK_BACK = 50  # a run that was killed at its end is resumed first, so its entry is among the newest


def actor() -> str:
    """The person behind this process (the one behind sudo where there is one)."""
    return os.environ.get("SUDO_USER") or getpass.getuser()


def note(state: StatePort, clock: Clock, kind: str, body: Mapping[str, object], who: str | None = None) -> LedgerEntry:
    """Append one entry; `kind` is proposal, approval, run, restore, drill, configuration, …"""
    return state.append_ledger(clock.now(), kind, who or actor(), body)


def record_run(state: StatePort, clock: Clock, run: RunRecord) -> None:
    """A run at its end, with what it made and what it removed."""
    note(state, clock, "run", {
        "run": run.id, "key": run.key, "policy": run.policy, "dataset": run.dataset, "repository": run.repository,
        "state": run.state.value, "trigger": run.trigger.value, "reason": run.reason, "snapshots": list(run.snapshots),
        "forgotten": list(run.forgotten), "bytes": run.bytes, "files": run.files,
    }, who="restora")  # fmt: skip


def is_recorded(state: StatePort, run: RunRecord) -> bool:
    """Whether a run's end stands in the chain already: it was killed after that."""
    return any(entry.body.get("run") == run.id for entry in state.ledger(kind="run", limit=LOOK_BACK))


def record_drill(state: StatePort, clock: Clock, drill: DrillRecord) -> None:
    """A drill with its verdict and measurements."""
    note(state, clock, "drill", {
        "drill": drill.id, "dataset": drill.dataset, "repository": drill.repository, "point": drill.point, "level": drill.level,
        "verdict": str(drill.verdict), "reason": drill.reason, "rpo_seconds": drill.rpo_seconds, "rto_seconds": drill.rto_seconds,
        "twin": drill.twin_verdict,
    })  # fmt: skip
