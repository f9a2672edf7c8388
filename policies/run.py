"""One run of one dataset under a policy: its states, its record, its evidence. Diagram: docs/job-states.md."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class RunState(StrEnum):
    """Where a run stands. The first eight pass in this order; the last six are ends."""

    QUEUED = "queued"  # due or asked for, not begun
    GUARDING = "guarding"  # is the source there, plausible, and nobody else at work?
    CAPTURING = "capturing"  # frozen, copied aside or about to be streamed
    SAVING = "saving"  # restic writes
    WEIGHING = "weighing"  # evidence: new snapshot, counts and bytes against the parent
    CHECKING = "checking"  # structure of the repository, and its share of data
    FORGETTING = "forgetting"  # what retention no longer keeps is removed
    REPORTING = "reporting"  # recorded, told
    SUCCEEDED = "succeeded"  # proven by evidence
    PARTIAL = "partial"  # saved, but not everything could be read
    SUSPECT = "suspect"  # saved, but it looks wrong: nothing was forgotten
    FAILED = "failed"  # no usable copy came of it
    SKIPPED = "skipped"  # not run, for a reason that is told
    CANCELLED = "cancelled"  # ended by a person or a stop


ENDS = frozenset(
    {RunState.SUCCEEDED, RunState.PARTIAL, RunState.SUSPECT, RunState.FAILED, RunState.SKIPPED, RunState.CANCELLED}
)
GOOD = frozenset({RunState.SUCCEEDED})
ORDER = (
    RunState.QUEUED, RunState.GUARDING, RunState.CAPTURING, RunState.SAVING, RunState.WEIGHING,
    RunState.CHECKING, RunState.FORGETTING, RunState.REPORTING,
)  # fmt: skip


def may_follow(before: RunState, after: RunState) -> bool:
    """Whether a run may go from one state to the other: forwards only, never out of an end."""
    if before in ENDS:
        return False
    if after in ENDS:
        return True
    return ORDER.index(after) > ORDER.index(before)


class Trigger(StrEnum):
    """Why a run takes place."""

    SCHEDULE = "schedule"
    CATCH_UP = "catch-up"
    PERSON = "person"
    SAFETY = "safety"


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run as the state store keeps it. `key` is the slot's key (or a unique word for runs by hand); times are aware, UTC.

    `id` is what the snapshots carry as `run=`; bytes are source bytes, `added` stored bytes; `seconds` per step."""

    id: str
    key: str
    policy: str
    dataset: str
    repository: str
    state: RunState
    trigger: Trigger
    due: datetime
    started: datetime | None = None
    ended: datetime | None = None
    reason: str = ""
    snapshots: tuple[str, ...] = ()
    point_time: datetime | None = None
    files: int | None = None
    bytes: int | None = None
    added: int | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    unreadable: tuple[str, ...] = ()
    forgotten: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check found. `ok` false makes what was checked fail; `subject` is what it is about (path, table)."""

    name: str
    ok: bool
    expected: str = ""
    found: str = ""
    subject: str = ""

    def __str__(self) -> str:
        where = f" {self.subject}" if self.subject else ""
        return f"{self.name}{where}: {self.found}" + ("" if self.ok else f", expected {self.expected}")


@dataclass(frozen=True, slots=True)
class DrillRecord:
    """A drill or a verified restore. RPO: age of the data at `started`; RTO: `ended - started`; both in seconds, measured."""

    id: str
    dataset: str
    repository: str
    point: str
    level: str
    verdict: str
    started: datetime
    ended: datetime
    point_time: datetime | None = None
    expected_slot: str = ""
    rpo_seconds: float | None = None
    rto_seconds: float | None = None
    bytes: int | None = None
    findings: tuple[Finding, ...] = ()
    reason: str = ""
    twin_verdict: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a piece of work is. `done` and `total` in bytes; total None: unknown."""

    step: str
    done: int = 0
    total: int | None = None
    files_done: int = 0
    files_total: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One link of the audit chain: `hash` covers number, time, kind, actor, body and the previous hash."""

    number: int
    time: datetime
    kind: str
    actor: str
    body: dict[str, object]
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class BoardRow:
    """What `status` shows of one (policy, dataset, repository), kept current by every run and drill."""

    policy: str
    dataset: str
    repository: str
    last_run: datetime | None = None
    last_state: RunState | None = None
    last_reason: str = ""
    last_good: datetime | None = None
    last_good_run: str = ""
    last_bytes: int | None = None
    last_proven: datetime | None = None
    last_drill: datetime | None = None
    last_verdict: str = ""
    last_check: datetime | None = None
    last_forget: datetime | None = None
    last_prune: datetime | None = None
    failures_in_row: int = 0
