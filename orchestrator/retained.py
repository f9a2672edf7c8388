"""Which recovery points a policy keeps: the rules (planner.retention) see only points that may stand for their night.

A point whose run was suspect, failed or lost a part would otherwise take the place of a good one: thirty nights of an emptied
source would age out every real copy at the first good run after them. Such points stand aside: they fill no place, and go
once no counted point as old as they are is kept any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from orchestrator.ports import StatePort
from planner.retention import decide
from policies.retention import Retention, Verdict
from policies.run import RunRecord, RunState
from policies.snapshot import TAG_POLICY, TAG_SAFETY, RecoveryPoint

ENDED_BADLY = frozenset({RunState.SUSPECT, RunState.FAILED, RunState.CANCELLED, RunState.SKIPPED})


@dataclass(frozen=True, slots=True)
class Shelf:
    """The points of one dataset under one policy in one repository. `host`: the name that this site's snapshots carry."""

    dataset: str
    policy: str
    host: str
    points: tuple[RecoveryPoint, ...]
    runs: Mapping[str, RunRecord]

    @classmethod
    def of(cls, points: Sequence[RecoveryPoint], state: StatePort, *, dataset: str, policy: str, host: str) -> Shelf:
        """Those among `points` that are ours. Another host's are not, whatever its tags say, unless the state knows their
        run: then it was this site under an earlier name."""
        named = [p for p in points if p.dataset == dataset and any(s.tag(TAG_POLICY) == policy for s in p.parts)]
        runs = {point.id: run for point in named if (run := state.run(point.id))}
        ours = tuple(p for p in named if p.id in runs or all(part.host == host for part in p.parts))
        return cls(dataset, policy, host, ours, runs)

    def why_aside(self, point: RecoveryPoint) -> str:
        """Why a point may not stand for its night, or ''. One whose run nobody remembers is given the benefit."""
        if any(TAG_SAFETY in part.tags for part in point.parts):
            return "it is a safety copy"
        run = self.runs.get(point.id)
        if run is None:
            return ""
        if run.state in ENDED_BADLY:
            return f"its run was {run.state.value}"
        lost = len(set(run.snapshots) - {part.id for part in point.parts})
        if lost:
            return f"it lost {lost} of {len(run.snapshots)} parts"
        if not run.snapshots:
            return "its run has not ended"
        return ""

    def judge(
        self,
        retention: Retention,
        *,
        zone: ZoneInfo,
        now: datetime,
        protected: Mapping[str, str],
        approved: bool = False,
    ) -> list[Verdict]:
        """A verdict on every point, those that stand aside included; GuardrailViolation as `decide` raises it."""
        aside = {point.id: why for point in self.points if (why := self.why_aside(point))}
        counted = [point for point in self.points if point.id not in aside]
        verdicts = decide(retention, counted, zone=zone, now=now, protected=protected, approved=approved)
        kept = {verdict.point for verdict in verdicts if verdict.keep}
        oldest = min((point.time for point in counted if point.id in kept), default=None)
        for point in self.points:
            if point.id in aside:
                held = retention.forever or oldest is None or point.time >= oldest or point.id in protected
                what = "fills no place" if held else "fills no place, and no point of its age is kept"
                verdicts.append(Verdict(point.id, held, (f"{aside[point.id]}: {what}",)))
        return verdicts
