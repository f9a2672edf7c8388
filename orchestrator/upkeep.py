"""What a repository needs besides new snapshots: checks, retention, pruning, each on its own cadence and never on doubt."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from orchestrator.ports import Clock, OnProgress, RepositoryPort, StatePort
from orchestrator.retained import Shelf
from policies.capture import Saved
from policies.duration import Duration
from policies.errors import Cancelled, GuardrailViolation, RepositoryDamaged, RepositoryLocked, RestoraError
from policies.policy import Policy
from policies.retention import Verdict
from policies.run import RunRecord, RunState
from policies.snapshot import (
    TAG_DATASET,
    TAG_PART,
    TAG_POLICY,
    TAG_RUN,
    TAG_SAFETY,
    RecoveryPoint,
    Snapshot,
    recovery_points,
)  # fmt: skip

Result = TypeVar("Result")
APPROVAL_HOLDS = timedelta(days=2)
MOST_PARTS = 256  # restic takes no more
MOST_DRILLS = 2000  # looked through for the last proven one, however many failed since


class Upkeep:
    """The care of one repository. All times come from the clock; all memory is in the state store."""

    def __init__(
        self, state: StatePort, clock: Clock, repository: RepositoryPort, *, host: str, zone: ZoneInfo
    ) -> None:
        self.state = state
        self.clock = clock
        self.repository = repository
        self.host = host
        self.zone = zone
        self.told: list[str] = []  # what was done to the repository beside what was asked

    def last_good(self, record: RunRecord) -> RunRecord | None:
        """The newest good run of the same dataset into the same repository, other than this one: of the same policy, or where
        it has none of any other (a renamed policy must not make an emptied source plausible)."""
        rows = [
            row for row in self.state.board()
            if (row.dataset, row.repository) == (record.dataset, record.repository)
            and row.last_good and row.last_good_run not in {"", record.id}
        ]  # fmt: skip
        row = max(rows, key=lambda row: (row.policy == record.policy, row.last_good), default=None)
        return self.state.run(row.last_good_run) if row else None

    def remember(self, record: RunRecord, saved: Sequence[Saved], moment: datetime) -> None:
        """Add a run's snapshots to the remembered ones, so that most nights need no listing."""
        tags: tuple[str, ...] = (
            f"{TAG_RUN}={record.id}",
            f"{TAG_DATASET}={record.dataset}",
            f"{TAG_POLICY}={record.policy}",
        )
        tags += (TAG_SAFETY,) if record.trigger == "safety" else ()
        snapshots = [
            Snapshot(
                id=each.snapshot, time=moment, host=self.host, paths=(), files=each.files, bytes=each.bytes,
                tags=(*tags, f"{TAG_PART}={each.part}") if each.part else tags,
            )
            for each in saved
        ]  # fmt: skip
        self.state.put_snapshots(self.repository.name, snapshots, whole=False)

    def refresh(self) -> list[Snapshot]:
        """List the repository and replace what is remembered of it. What a run counted stays known where restic keeps no
        counts (before 0.17)."""
        known = {snapshot.id: snapshot for snapshot in self.state.cached_snapshots(self.repository.name)}
        snapshots = [
            replace(s, files=known[s.id].files, bytes=known[s.id].bytes) if s.files is None and s.id in known else s
            for s in self.unlocking(self.repository.snapshots)
        ]
        self.state.put_snapshots(self.repository.name, snapshots, whole=True)
        return snapshots

    def unlocking(self, work: Callable[[], Result]) -> Result:
        """Do it; where a lock is in the way that is provably left behind, remove that and do it once more. Each removal is
        told in `told`."""
        try:
            return work()
        except RepositoryLocked:
            removed = self.repository.unlock_stale()
            if not removed:
                raise
            self.told += [f"removed what was left behind: {lock}" for lock in removed]
            return work()

    def check_if_due(self, policy: Policy, progress: OnProgress, *, force: bool = False) -> str:
        """Check the structure, and its turn of the data, when the last check is older than `check_every`. The problem, or ''.
        Raises RepositoryError where it could not be checked: that is no proof of anything."""
        name = self.repository.name
        if not force and not self._due("checked", policy.verification.check_every):
            return ""
        part = self._next_part(policy)
        try:
            self.unlocking(lambda: self.repository.check(progress, read=part))
        except RepositoryDamaged as error:
            self.state.put_note(f"damaged:{name}", error.message)
            self.state.put_note(f"damaged-part:{name}", f"{part[0]}/{part[1]}" if part else "")
            return error.message
        if part:
            self.state.put_note(f"read-part:{name}/{part[1]}", str(part[0]))
        self.state.put_note(f"damaged:{name}", "")
        self.state.put_note(f"damaged-part:{name}", "")
        self._done("checked")
        return ""

    def forget(self, record: RunRecord, policy: Policy, *, partial: bool) -> tuple[list[str], str]:
        """Remove what retention no longer keeps of this dataset under this policy: ids removed, and a warning or ''.

        What is remembered says whether anything would go. Before it goes, the repository itself is asked and decides anew:
        a point that somebody removed by hand must not be counted among those that stay."""
        if policy.retention.forever:
            return [], ""
        if partial:
            return [], "nothing was forgotten: the newest copy is not complete"
        try:
            ids = self._gone(record, policy, self.state.cached_snapshots(self.repository.name))
            if ids:
                there = self.refresh()
                if not set(record.snapshots) <= {snapshot.id for snapshot in there}:
                    return [], "nothing was forgotten: the repository does not list what this run has just saved"
                ids = self._gone(record, policy, there)
            if ids:
                self.unlocking(lambda: self.repository.forget(ids))
        except Cancelled:
            raise
        except GuardrailViolation as error:
            return [], f"nothing was forgotten: {error.message}"
        except RestoraError as error:
            return [], f"retention was not applied: {error.message}"
        if ids:
            self.state.drop_snapshots(self.repository.name, ids)
            self.state.put_note(f"unpruned:{self.repository.name}", "yes")
        self.state.put_note(_approval(record.policy, record.dataset, self.repository.name), "")
        self._done("forgotten")
        return ids, ""

    def approve_removal(self, policy: str, dataset: str) -> None:
        """A person looked at what retention would remove at once (after a long standstill, or shorter rules) and means it:
        holds for the next forgetting of this dataset, within two days."""
        self.state.put_note(_approval(policy, dataset, self.repository.name), self.clock.now().isoformat())

    def _approved(self, policy: str, dataset: str) -> bool:
        given = self.state.note(_approval(policy, dataset, self.repository.name))
        return bool(given) and self.clock.now() - datetime.fromisoformat(given or "") <= APPROVAL_HOLDS

    def verdicts(
        self, dataset: str, name: str, policy: Policy, points: Sequence[RecoveryPoint], *, approved: bool = False
    ) -> list[Verdict]:
        """What retention says of each of these points that is ours under this policy."""
        shelf = Shelf.of(points, self.state, dataset=dataset, policy=name, host=self.host)
        zone = ZoneInfo(policy.schedule.timezone) if policy.schedule.timezone else self.zone
        return shelf.judge(
            policy.retention, zone=zone, now=self.clock.now(), protected=self.protected(dataset, shelf.points),
            approved=approved,
        )  # fmt: skip

    def _gone(self, record: RunRecord, policy: Policy, snapshots: list[Snapshot]) -> list[str]:
        points = {point.id: point for point in recovery_points(self.repository.name, snapshots)
                  if point.dataset == record.dataset}  # fmt: skip
        approved = self._approved(record.policy, record.dataset)
        verdicts = self.verdicts(record.dataset, record.policy, policy, list(points.values()), approved=approved)
        return [part.id for verdict in verdicts if not verdict.keep for part in points[verdict.point].parts]

    def protected(self, dataset: str, points: Sequence[RecoveryPoint]) -> dict[str, str]:
        """Points that no retention may touch: the last proven one, and safety copies younger than 30 days."""
        kept = {}
        proven = next(
            (
                d
                for d in self.state.drills(dataset=dataset, limit=MOST_DRILLS)
                if d.verdict == "proven" and d.repository == self.repository.name
            ),
            None,
        )
        if proven:
            kept[proven.point] = "last proven restore"
        for point in points:
            if any(TAG_SAFETY in part.tags for part in point.parts) and self.clock.now() - point.time < timedelta(
                days=30
            ):
                kept[point.id] = "safety copy of the last 30 days"
        return kept

    def prune_if_due(self, policy: Policy, progress: OnProgress, *, force: bool = False) -> str:
        """Reclaim space when something was removed and the last prune is older than `prune_every`. A warning, or ''."""
        pending = self.state.note(f"unpruned:{self.repository.name}") == "yes"
        if not force and not (pending and self._due("pruned", policy.verification.prune_every)):
            return ""
        try:
            # a prune rewrites packs: on a damaged repository it would make the damage final
            problem = self.check_if_due(policy, progress) or self.state.note(f"damaged:{self.repository.name}")
            if problem:
                return f"space was not reclaimed: the repository failed its last check ({problem})"
            self.unlocking(lambda: self.repository.prune(progress))
        except Cancelled:
            raise
        except RestoraError as error:
            return f"space was not reclaimed: {error.message}"
        self.state.put_note(f"unpruned:{self.repository.name}", "")
        self._done("pruned")
        return ""

    def _next_part(self, policy: Policy) -> tuple[int, int] | None:
        """Which part of the data to read now: the one that was found damaged until it is sound, else the next. Policies that
        cut the data differently turn separately."""
        name, rules = self.repository.name, policy.verification
        damaged = self.state.note(f"damaged-part:{name}")
        if damaged:
            part, _, total = damaged.partition("/")
            return int(part), int(total)
        if rules.read_all_every is None:
            return None
        parts = min(MOST_PARTS, max(1, math.ceil(rules.read_all_every.delta() / rules.check_every.delta())))
        return int(self.state.note(f"read-part:{name}/{parts}") or 0) % parts + 1, parts

    def _due(self, what: str, every: Duration) -> bool:
        last = self.state.note(f"{what}:{self.repository.name}")
        # A tenth of the period is forgiven, so that a nightly check is not put off by a run that began a minute earlier.
        return last is None or self.clock.now() - datetime.fromisoformat(last) >= every.delta() * 0.9

    def _done(self, what: str) -> None:
        now = self.clock.now()
        self.state.put_note(f"{what}:{self.repository.name}", now.isoformat())
        moments = {"checked": None, "forgotten": None, "pruned": None, what: now}
        self.state.mark_repository(self.repository.name, **moments)


def _approval(policy: str, dataset: str, repository: str) -> str:
    return f"approved-removal:{policy}:{dataset}:{repository}"


def usable(record: RunRecord) -> bool:
    """Whether a run left something to restore."""
    return record.state in {RunState.SUCCEEDED, RunState.PARTIAL, RunState.SUSPECT} and bool(record.snapshots)
