"""What a repository needs besides new snapshots: checks, retention, pruning, each on its own cadence and never on doubt."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from orchestrator.ports import Clock, OnProgress, RepositoryPort, StatePort
from planner.retention import decide
from policies.capture import Saved
from policies.duration import Duration
from policies.errors import GuardrailViolation, RepositoryDamaged, RestoraError
from policies.policy import Policy
from policies.retention import Verdict
from policies.run import RunRecord, RunState
from policies.snapshot import TAG_PART, TAG_POLICY, TAG_SAFETY, RecoveryPoint, Snapshot, recovery_points

ASIDE = timedelta(days=30)


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

    def remember(self, record: RunRecord, saved: Sequence[Saved], tags: Sequence[str]) -> None:
        """Add a run's snapshots to the remembered ones, so that retention needs no listing."""
        moment = record.point_time or self.clock.now()
        snapshots = [
            Snapshot(
                id=part.snapshot, time=moment, host=self.host, paths=(), files=part.files, bytes=part.bytes,
                tags=(*tags, f"{TAG_PART}={part.part}") if part.part else tuple(tags),
            )
            for part in saved
        ]  # fmt: skip
        self.state.put_snapshots(self.repository.name, snapshots, whole=False)

    def refresh(self) -> list[Snapshot]:
        """List the repository and replace what is remembered of it. Sizes that restic did not record (before 0.17) stay as
        they were seen when the snapshot was made."""
        seen = {snapshot.id: snapshot for snapshot in self.state.cached_snapshots(self.repository.name)}
        snapshots = [
            replace(s, files=seen[s.id].files, bytes=seen[s.id].bytes) if s.bytes is None and s.id in seen else s
            for s in self.repository.snapshots()
        ]
        self.state.put_snapshots(self.repository.name, snapshots, whole=True)
        return snapshots

    def check_if_due(self, policy: Policy, progress: OnProgress, *, force: bool = False) -> str:
        """Check the structure, and its turn of the data, when the last check is older than `check_every`. The problem, or ''."""
        rules = policy.verification
        if not force and not self._due("checked", rules.check_every):
            return ""
        part = self._next_part(policy)
        problem = self.check(part, progress)
        if part and not problem:
            self.state.put_note(f"read-part:{self.repository.name}", f"{part[0]}/{part[1]}")
        return problem

    def check(self, part: tuple[int, int] | None, progress: OnProgress) -> str:
        """Check the structure now, and the n-th of t parts of the data; the problem, or ''. Both outcomes are remembered."""
        try:
            self.repository.check(progress, read=part)
        except RepositoryDamaged as error:
            self.state.put_note(f"damaged:{self.repository.name}", error.message)
            return error.message
        self.state.put_note(f"damaged:{self.repository.name}", "")
        self._done("checked")
        self._measure()
        return ""

    def _measure(self) -> None:
        """Note the free and the used space, for plans; a repository that can't tell keeps its last figures."""
        with suppress(RestoraError):
            stored = self.repository.stats().get("stored_bytes")
            self.state.measure_repository(self.repository.name, free=self.repository.free_bytes(), stored=stored)

    def forget(self, record: RunRecord, policy: Policy, *, partial: bool) -> tuple[list[str], str]:
        """Remove what retention no longer keeps of this dataset under this policy: ids removed, and a warning or ''."""
        if policy.retention.forever:
            return [], ""
        if partial:
            return [], "nothing was forgotten: the newest copy is not complete"
        snapshots = self.state.cached_snapshots(self.repository.name)
        mine = [p for p in recovery_points(self.repository.name, snapshots) if _belongs(p, record)]
        try:
            verdicts = self.decide(record.dataset, policy, mine)
        except GuardrailViolation as error:
            return [], f"nothing was forgotten: {error.message}"
        gone = {verdict.point for verdict in verdicts if not verdict.keep}
        ids = [snapshot.id for point in mine if point.id in gone for snapshot in point.parts]
        if ids:
            try:
                self.repository.forget(ids)
            except RestoraError as error:
                return [], f"retention was not applied: {error.message}"
            self.state.drop_snapshots(self.repository.name, ids)
            self.state.put_note(f"unpruned:{self.repository.name}", "yes")
        self._done("forgotten")
        return ids, ""

    def decide(
        self, dataset: str, policy: Policy, points: Sequence[RecoveryPoint], *, approved: bool = False
    ) -> list[Verdict]:
        """What retention keeps of a policy's points, with reasons; raises as `planner.retention.decide` does.

        Safety copies and suspect ones stand aside: they take no good point's place, and stay for 30 days."""
        aside = {point.id: why for point in points if (why := self._aside(point))}
        counted = [point for point in points if point.id not in aside]
        proven = self._last_proven(dataset)
        now = self.clock.now()
        zone = ZoneInfo(policy.schedule.timezone) if policy.schedule.timezone else self.zone
        found = decide(
            policy.retention, counted, zone=zone, now=now,
            protected={proven: "last proven restore"} if proven else {}, approved=approved,
        )  # fmt: skip
        for point in points:
            if point.id in aside:
                young = now - point.time < ASIDE
                held = [f"{aside[point.id]} of the last 30 days"] if young else []
                held += ["last proven restore"] if point.id == proven else []
                found.append(Verdict(point.id, bool(held), tuple(held) or ("no rule keeps it",)))
        return found

    def _aside(self, point: RecoveryPoint) -> str:
        if any(TAG_SAFETY in part.tags for part in point.parts):
            return "safety copy"
        run = self.state.run(point.id)
        return "suspect copy" if run is not None and run.state is RunState.SUSPECT else ""

    def _last_proven(self, dataset: str) -> str:
        mine = (d for d in self.state.drills(dataset=dataset, limit=1000) if d.repository == self.repository.name)
        return next((d.point for d in mine if d.verdict == "proven"), "")

    def prune_if_due(self, policy: Policy, progress: OnProgress, *, force: bool = False) -> str:
        """Reclaim space when something was removed and the last prune is older than `prune_every`. A warning, or ''."""
        pending = self.state.note(f"unpruned:{self.repository.name}") == "yes"
        if not force and not (pending and self._due("pruned", policy.verification.prune_every)):
            return ""
        if self.state.note(f"damaged:{self.repository.name}"):
            return "space was not reclaimed: the repository failed its last check"
        try:
            self.repository.prune(progress)
        except RestoraError as error:
            return f"space was not reclaimed: {error.message}"
        self.state.put_note(f"unpruned:{self.repository.name}", "")
        self._done("pruned")
        return ""

    def _next_part(self, policy: Policy) -> tuple[int, int] | None:
        rules = policy.verification
        if rules.read_all_every is None:
            return None
        total = max(1, math.ceil(rules.read_all_every.delta() / rules.check_every.delta()))
        last = (self.state.note(f"read-part:{self.repository.name}") or "0/0").split("/")
        return (int(last[0]) % total + 1, total) if last[1] == str(total) else (1, total)

    def _due(self, what: str, every: Duration) -> bool:
        last = self.state.note(f"{what}:{self.repository.name}")
        # A tenth of the period is forgiven, so that a nightly check is not put off by a run that began a minute earlier.
        return last is None or self.clock.now() - datetime.fromisoformat(last) >= every.delta() * 0.9

    def _done(self, what: str) -> None:
        now = self.clock.now()
        self.state.put_note(f"{what}:{self.repository.name}", now.isoformat())
        moments = {"checked": None, "forgotten": None, "pruned": None, what: now}
        self.state.mark_repository(self.repository.name, **moments)


def _belongs(point: RecoveryPoint, record: RunRecord) -> bool:
    return point.dataset == record.dataset and any(p.tag(TAG_POLICY) == record.policy for p in point.parts)


def usable(record: RunRecord) -> bool:
    """Whether a run left something to restore."""
    return record.state in {RunState.SUCCEEDED, RunState.PARTIAL, RunState.SUSPECT} and bool(record.snapshots)
