"""What a repository needs besides new snapshots: checks, retention, pruning, each on its own cadence and never on doubt."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from orchestrator import removals
from orchestrator.locks import unlocking
from orchestrator.ports import Clock, OnProgress, RepositoryPort, StatePort
from orchestrator.retained import Shelf
from policies.capture import Saved
from policies.duration import Duration
from policies.errors import GuardrailViolation, RepositoryDamaged, RepositoryError
from policies.policy import Policy
from policies.retention import Verdict
from policies.run import RunRecord
from policies.snapshot import (
    TAG_PART,
    TAG_SAFETY,
    RecoveryPoint,
    Snapshot,
    recovery_points,
)  # fmt: skip

Result = TypeVar("Result")
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

    def remember(self, record: RunRecord, saved: Sequence[Saved], tags: Sequence[str]) -> None:
        """Add a run's snapshots to the remembered ones, so that most nights need no listing."""
        moment = record.point_time or self.clock.now()
        snapshots = [
            Snapshot(
                id=each.snapshot, time=moment, host=self.host, paths=(), files=each.files, bytes=each.bytes,
                tags=(*tags, f"{TAG_PART}={each.part}") if each.part else tuple(tags),
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
        """Do it, whatever lock was left behind; each one that is removed is told in `told`."""
        return unlocking(self.repository, work, self.told)

    def check_if_due(self, policy: Policy, progress: OnProgress, *, force: bool = False) -> str:
        """Check the structure, and its turn of the data, when the last check is older than `check_every`. The problem, or ''.
        Raises RepositoryError where it could not be checked: that is no proof of anything."""
        if not force and not self._due("checked", policy.verification.check_every):
            return ""
        return self.check(self._next_part(policy), progress)

    def check(self, part: tuple[int, int] | None, progress: OnProgress) -> str:
        """Check the structure now, and the n-th of t parts of the data; the problem, or ''. Both outcomes are remembered.
        Raises RepositoryError where it could not be checked."""
        name = self.repository.name
        try:
            self.unlocking(lambda: self.repository.check(progress, read=part))
        except RepositoryDamaged as error:
            self.state.put_note(f"damaged:{name}", error.message)
            self.state.put_note(f"damaged-part:{name}", f"{part[0]}/{part[1]}" if part else "")
            return error.message
        if part:
            self.state.put_note(f"read-part:{name}/{part[1]}", str(part[0]))
        if part or not self.state.note(
            f"damaged-part:{name}"
        ):  # a look at the structure alone does not clear damaged data
            self.state.put_note(f"damaged:{name}", "")
            self.state.put_note(f"damaged-part:{name}", "")
        self._done("checked")
        self._measure()
        return ""

    @property
    def damage(self) -> str:
        """What the last check found, or ''."""
        return self.state.note(f"damaged:{self.repository.name}") or ""

    def _measure(self) -> None:
        """Note the free space, for plans; a repository that can't tell keeps its last figure."""
        with suppress(RepositoryError):
            self.state.measure_repository(self.repository.name, free=self.repository.free_bytes())

    def obsolete(self, record: RunRecord, policy: Policy) -> tuple[list[str], str]:
        """Snapshots of this dataset under this policy that retention no longer keeps, and a warning or ''.

        What is remembered says whether anything would go. Before it goes, the repository itself is asked and decides anew:
        a point that somebody removed by hand must not be counted among those that stay."""
        if policy.retention.forever:
            return [], ""
        try:
            ids = self._gone(record, policy, self.state.cached_snapshots(self.repository.name))
            if not ids:
                return [], ""
            there = self.unlocking(self.refresh)
            if not set(record.snapshots) <= {snapshot.id for snapshot in there}:
                return [], "nothing was forgotten: the repository does not list what this run has just saved"
            return self._gone(record, policy, there), ""
        except GuardrailViolation as error:
            return [], f"nothing was forgotten: {error.message} ({error.hint.replace('POLICY', record.policy)})"
        except RepositoryError as error:
            return [], f"retention was not applied: {error.message}"

    def forget(self, record: RunRecord, policy: Policy, ids: Sequence[str]) -> str:
        """Remove these snapshots: a warning, or ''. May be repeated: one that is gone already is no error."""
        if ids:
            try:
                self.unlocking(lambda: self.repository.forget(ids))
            except RepositoryError as error:
                return f"retention was not applied: {error.message}"
            # First the note: a kill in between must not leave space that nobody reclaims.
            self.state.put_note(f"unpruned:{self.repository.name}", "yes")
            self.state.drop_snapshots(self.repository.name, ids)
        place = (record.policy, record.dataset, record.repository)
        removals.applied(self.state, place, policy.retention, self.clock.now())
        self._done("forgotten")
        return ""

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
        found = recovery_points(self.repository.name, snapshots)
        points = {point.id: point for point in found if point.dataset == record.dataset}
        place, mine = (record.policy, record.dataset, record.repository), list(points.values())
        try:
            approved = removals.approved(self.state, place, policy.retention)
            verdicts = self.verdicts(record.dataset, record.policy, policy, mine, approved=approved)
        except GuardrailViolation:
            verdicts = self.verdicts(record.dataset, record.policy, policy, mine, approved=True)
            if not removals.piled_up(self.state, place, policy.retention, mine, verdicts):
                raise
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
            problem = self.check_if_due(policy, progress) or self.damage
            if problem:
                return f"space was not reclaimed: the repository failed its last check ({problem})"
            self.unlocking(lambda: self.repository.prune(progress))
        except RepositoryError as error:
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
        # One from the future was written by a wrong clock.
        age = self.clock.now() - datetime.fromisoformat(last) if last else None
        return age is None or age >= every.delta() * 0.9 or age < -timedelta(hours=1)

    def _done(self, what: str) -> None:
        now = self.clock.now()
        self.state.put_note(f"{what}:{self.repository.name}", now.isoformat())
        moments = {"checked": None, "forgotten": None, "pruned": None, what: now}
        self.state.mark_repository(self.repository.name, **moments)
