"""What a repository needs besides new snapshots: checks, retention, pruning, each on its own cadence and never on doubt."""

from __future__ import annotations

import hashlib
import logging
import math
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from orchestrator.ports import Clock, OnProgress, RepositoryPort, StatePort
from planner.retention import decide
from policies.duration import Duration
from policies.errors import Cancelled, GuardrailViolation, RepositoryDamaged, RepositoryLocked, RestoraError
from policies.policy import Policy
from policies.retention import Verdict
from policies.run import RunRecord, RunState
from policies.snapshot import TAG_DATASET, TAG_POLICY, TAG_RUN, TAG_SAFETY, RecoveryPoint, Snapshot, recovery_points

log = logging.getLogger("restora.upkeep")

MOST_PARTS = 256  # restic takes no more
T = TypeVar("T")


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

    def last_good(self, record: RunRecord) -> RunRecord | None:
        """The newest good run of the same dataset into the same repository, other than this one."""
        row = next(
            (
                r
                for r in self.state.board()
                if (r.policy, r.dataset, r.repository) == (record.policy, record.dataset, record.repository)
            ),
            None,
        )
        return (
            self.state.run(row.last_good_run) if row and row.last_good_run and row.last_good_run != record.id else None
        )

    def remember(self, record: RunRecord, moment: datetime) -> None:
        """Add a run's snapshots to the remembered ones, so that retention needs no listing."""
        tags: tuple[str, ...] = (
            f"{TAG_RUN}={record.id}",
            f"{TAG_DATASET}={record.dataset}",
            f"{TAG_POLICY}={record.policy}",
        )
        tags += (TAG_SAFETY,) if record.trigger == "safety" else ()
        snapshots = [
            Snapshot(id=s, time=moment, host=self.host, paths=(), tags=tags, files=record.files, bytes=record.bytes)
            for s in record.snapshots
        ]
        self.state.put_snapshots(self.repository.name, snapshots, whole=False)

    def refresh(self) -> list[Snapshot]:
        """List the repository and replace what is remembered of it."""
        snapshots = self.unlocking(self.repository.snapshots)
        self.state.put_snapshots(self.repository.name, snapshots, whole=True)
        return snapshots

    def check_if_due(self, policy: Policy, progress: OnProgress, *, force: bool = False) -> tuple[str, str]:
        """Check the structure, and its turn of the data, when the last check is older than `check_every`: (problem, warning).
        A problem is damage, or a repository that can't be read any more. One that is in use is a warning: it is checked
        next time."""
        rules = policy.verification
        if not force and not self._due("checked", rules.check_every):
            return "", ""
        part = self._next_part(policy)
        try:
            self.unlocking(lambda: self.repository.check(progress, read=part))
        except RepositoryLocked as error:
            return "", f"the repository was not checked: {error.message}"
        except RepositoryDamaged as error:
            self.state.put_note(f"damaged:{self.repository.name}", error.message)
            return error.message, ""
        except Cancelled:
            raise
        except RestoraError as error:
            return f"saved, but the repository could not be checked: {error.message}", ""
        if part:
            self.state.put_note(f"read-part:{self.repository.name}", f"{part[0]}/{part[1]}")
        self.state.put_note(f"damaged:{self.repository.name}", "")
        self._done("checked")
        return "", ""

    def obsolete(self, record: RunRecord, policy: Policy) -> tuple[list[str], str]:
        """Snapshots of this dataset under this policy that retention no longer keeps, and a warning or ''."""
        if policy.retention.forever:
            return [], ""
        snapshots = self.state.cached_snapshots(self.repository.name)
        mine = [p for p in recovery_points(self.repository.name, snapshots) if _belongs(p, record)]
        try:
            verdicts = self._decide(record, policy, mine)
        except GuardrailViolation as error:
            return [], f"nothing was forgotten: {error.message}"
        gone = {verdict.point for verdict in verdicts if not verdict.keep}
        return [snapshot.id for point in mine if point.id in gone for snapshot in point.parts], ""

    def _decide(self, record: RunRecord, policy: Policy, mine: Sequence[RecoveryPoint]) -> list[Verdict]:
        """As `planner.retention.decide`. Many that go at once are suspicious, unless the same rules were applied before and no
        more go than have come since: something (a lock) kept it from being done, and it would be refused for ever."""
        protected = self.protected(record.dataset, mine)

        def verdicts(*, approved: bool) -> list[Verdict]:
            now = self.clock.now()
            return decide(policy.retention, mine, zone=self.zone, now=now, protected=protected, approved=approved)

        try:
            return verdicts(approved=False)
        except GuardrailViolation:
            moment, _, rules = (self.state.note(self._applied(record)) or "").partition(" ")
            if not moment or rules != _rules(policy):
                raise
            found = verdicts(approved=True)
            come = sum(point.time > datetime.fromisoformat(moment) for point in mine)
            if sum(not verdict.keep for verdict in found) > come:
                raise
            return found

    def _applied(self, record: RunRecord) -> str:
        return f"applied:{record.policy}:{record.dataset}:{self.repository.name}"

    def forget(self, ids: Sequence[str], record: RunRecord, policy: Policy) -> str:
        """Remove these snapshots: a warning, or ''. May be repeated: one that is gone already is no error."""
        if ids:
            try:
                self.unlocking(lambda: self.repository.forget(ids))
            except Cancelled:
                raise
            except RestoraError as error:
                return f"retention was not applied: {error.message}"
            self.state.put_note(f"unpruned:{self.repository.name}", "yes")
            self.state.drop_snapshots(self.repository.name, ids)
        self.state.put_note(self._applied(record), f"{self.clock.now().isoformat()} {_rules(policy)}")
        self._done("forgotten")
        return ""

    def unlocking(self, work: Callable[[], T]) -> T:
        """Do it; where locks stand in the way that were provably left behind (by a kill), remove them and do it again."""
        try:
            return work()
        except RepositoryLocked:
            removed = self.repository.unlock_stale()
            if not removed:
                raise
            log.warning("repository %s: removed what was left behind: %s", self.repository.name, "; ".join(removed))
            return work()

    def protected(self, dataset: str, points: Sequence[RecoveryPoint]) -> dict[str, str]:
        """Points that no retention may touch: the last proven one, and safety copies younger than 30 days."""
        kept = {}
        proven = next(
            (
                d
                for d in self.state.drills(dataset=dataset)
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
        if self.state.note(f"damaged:{self.repository.name}"):
            return "space was not reclaimed: the repository failed its last check"
        try:
            self.unlocking(lambda: self.repository.prune(progress))
        except Cancelled:
            raise
        except RestoraError as error:
            return f"space was not reclaimed: {error.message}"
        self.state.put_note(f"unpruned:{self.repository.name}", "")
        self._done("pruned")
        return ""

    def _next_part(self, policy: Policy) -> tuple[int, int] | None:
        rules = policy.verification
        if rules.read_all_every is None:
            return None
        total = min(MOST_PARTS, max(1, math.ceil(rules.read_all_every.delta() / rules.check_every.delta())))
        last = (self.state.note(f"read-part:{self.repository.name}") or "0/0").split("/")
        return (int(last[0]) % total + 1, total) if last[1] == str(total) else (1, total)

    def _due(self, what: str, every: Duration) -> bool:
        last = self.state.note(f"{what}:{self.repository.name}")
        # A tenth of the period is forgiven, so that a nightly check is not put off by a run that began a minute earlier.
        # One from the future was written by a wrong clock.
        age = self.clock.now() - datetime.fromisoformat(last) if last else None
        return age is None or age >= every.delta() * 0.9 or age < -timedelta(hours=1)

    def _done(self, what: str) -> None:
        now = self.clock.now()
        self.state.put_note(f"{what}:{self.repository.name}", now.isoformat())
        moments = {"checked": None, "forgotten": None, "pruned": None, what: now}
        self.state.mark_repository(self.repository.name, **moments)


def _rules(policy: Policy) -> str:
    """A policy's retention as a short word."""
    return hashlib.sha256(policy.retention.model_dump_json().encode()).hexdigest()[:16]


def _belongs(point: RecoveryPoint, record: RunRecord) -> bool:
    return point.dataset == record.dataset and any(p.tag(TAG_POLICY) == record.policy for p in point.parts)


def usable(record: RunRecord) -> bool:
    """Whether a run left something to restore."""
    return record.state in {RunState.SUCCEEDED, RunState.PARTIAL, RunState.SUSPECT} and bool(record.snapshots)
