"""The board: how every promise stands now, problems first. Judged by the age of good backups, not by runs that took place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from planner.slots import policy_slots
from policies.catalog import Catalog
from policies.policy import Policy
from policies.quantity import human_time
from policies.run import BoardRow, RunState

HEARTBEAT_LIMIT = timedelta(minutes=3)
RETENTION_LATE = timedelta(
    days=7
)  # that long after a good backup nothing was forgotten: something keeps it from being done


class Level(IntEnum):
    """How bad it is; the exit code of `restora status` follows the worst row."""

    GOOD = 0
    ATTENTION = 1
    BAD = 2


@dataclass(frozen=True, slots=True)
class Standing:
    """One line of the board. Ages in seconds, None: never. `limit` seconds: the oldest acceptable last good backup."""

    policy: str
    dataset: str
    repository: str
    level: Level
    last_good: datetime | None
    age: float | None
    limit: float
    last_proven: datetime | None
    next_run: datetime | None
    last_state: str
    problem: str
    bytes: int | None


@dataclass(frozen=True, slots=True)
class Board:
    """All lines, worst first; `daemon` the age of its heartbeat in seconds, None: never seen."""

    rows: tuple[Standing, ...]
    daemon: float | None
    unprotected: tuple[str, ...]
    now: datetime

    @property
    def daemon_alive(self) -> bool:
        return self.daemon is not None and self.daemon <= HEARTBEAT_LIMIT.total_seconds()

    @property
    def exit_code(self) -> int:
        """0 all good; 20 attention; 21 something is overdue or failed; 22 backups are due and no daemon lives."""
        worst = max((row.level for row in self.rows), default=Level.GOOD)
        if worst is Level.BAD:
            return 21
        if self.rows and not self.daemon_alive and any(row.next_run for row in self.rows):
            return 22
        return 20 if worst is Level.ATTENTION or self.unprotected else 0


def assess(
    catalog: Catalog, rows: Sequence[BoardRow], since: Mapping[str, datetime], heartbeat: datetime | None, now: datetime
) -> Board:
    """The board at `now`. `since`: when each policy came into force, so that a new one is not overdue on its first day."""
    known = {(row.policy, row.dataset, row.repository): row for row in rows}
    lines = []
    for name, policy in catalog.policies.items():
        limit = oldest_acceptable(policy)
        following = None if policy.paused else _next(catalog, name, policy, now)
        for repository in policy.repositories:
            for dataset in policy.datasets:
                row = known.get((name, dataset, repository)) or BoardRow(name, dataset, repository)
                lines.append(_stand(policy, row, limit, following, since.get(name), now))
    lines.sort(key=lambda line: (-line.level, line.dataset, line.repository))
    protected = {dataset for policy in catalog.policies.values() for dataset in policy.datasets}
    unprotected = tuple(name for name in catalog.datasets if name not in protected)
    daemon = (now - heartbeat).total_seconds() if heartbeat else None
    return Board(tuple(lines), daemon, unprotected, now)


def oldest_acceptable(policy: Policy) -> timedelta:
    """The promised RPO, else one and a half periods plus an hour: a night may be late, not missed."""
    return policy.rpo.delta() if policy.rpo else policy.schedule.every.delta() * 1.5 + timedelta(hours=1)


def _next(catalog: Catalog, name: str, policy: Policy, now: datetime) -> datetime | None:
    horizon = max(timedelta(days=2), policy.schedule.every.delta() * 2 + timedelta(days=1))
    found = next(iter(policy_slots(name, policy, catalog.zone(name), now, now + horizon)), None)
    return found.due if found else None


def _stand(
    policy: Policy, row: BoardRow, limit: timedelta, following: datetime | None, since: datetime | None, now: datetime
) -> Standing:
    age = now - row.last_good if row.last_good else None
    reference = row.last_good or since
    overdue = reference is None or now - reference > limit
    level, problem = Level.GOOD, ""
    if policy.paused:
        level, problem = Level.ATTENTION, "paused"
    elif overdue and (row.last_good or since):
        late = human_time((now - (reference or now)).total_seconds())
        what = f"last good backup is {late} old" if row.last_good else f"no good backup for {late}"
        level, problem = Level.BAD, f"{what}, limit {human_time(limit.total_seconds())}"
    elif row.last_state in {RunState.FAILED, RunState.SUSPECT}:
        level, problem = Level.BAD, f"{row.last_state}: {row.last_reason}"
    elif row.last_state == RunState.PARTIAL:
        level, problem = Level.ATTENTION, f"partial: {row.last_reason}"
    elif row.last_verdict == "failed":
        level, problem = Level.BAD, "the last drill failed"
    elif row.last_good is None:
        level, problem = Level.ATTENTION, "not backed up yet"
    elif _unforgotten(row, policy, since):
        when = f"last time {human_time((now - row.last_forget).total_seconds())} ago" if row.last_forget else "never"
        level, problem = Level.ATTENTION, f"retention is not applied: {when} (restora run shows why)"
    elif policy.verification.drill_every and _unproven(row, policy, now):
        level, problem = Level.ATTENTION, "no restore proven lately" if row.last_proven else "no restore proven yet"
    return Standing(
        row.policy, row.dataset, row.repository, level, row.last_good, age.total_seconds() if age else None,
        limit.total_seconds(), row.last_proven, following, row.last_state or "", problem, row.last_bytes,
    )  # fmt: skip


def _unforgotten(row: BoardRow, policy: Policy, since: datetime | None) -> bool:
    """Backups succeed, and what is no longer kept stays for days: a lock that was left behind, a wrong clock, no right to delete."""
    reference = row.last_forget or since
    if policy.retention.forever or row.last_good is None or reference is None:
        return False
    return row.last_good - reference > max(RETENTION_LATE, policy.schedule.every.delta() * 2)


def _unproven(row: BoardRow, policy: Policy, now: datetime) -> bool:
    every = policy.verification.drill_every
    return every is not None and (row.last_proven is None or now - row.last_proven > every.delta() * 1.5)
