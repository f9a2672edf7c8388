"""A lost state made anew from restora.yaml and the repositories: recovery points, runs, board, and where the schedule goes on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from orchestrator import ledger
from orchestrator.assemble import upkeep
from orchestrator.initialise import Step
from orchestrator.marks import SINCE
from orchestrator.wiring import Application
from planner.evidence import weigh
from planner.slots import policy_slots
from policies.capture import Saved
from policies.errors import RestoraError
from policies.run import RunRecord, RunState, Trigger
from policies.schedule import Slot
from policies.snapshot import TAG_POLICY, TAG_SAFETY, RecoveryPoint, recovery_points


def rebuild(application: Application) -> list[Step]:
    """A new state from repositories and restora.yaml; the old one is set aside, never deleted. Busy while a daemon or a run is
    at work: it would go on writing to the old one."""
    from adapters.engine import LEASE
    from adapters.state.rebuild import set_aside

    with application.leases.take(LEASE, holder="restora init --rebuild"):
        moment = application.clock.now()
        aside = set_aside(application.settings.state_url, moment) if application.state_is_embedded() else None
        steps = [Step("old state", f"set aside as {aside}")] if aside else []
        points: list[RecoveryPoint] = []
        for name in application.catalog.repositories:
            try:
                found = recovery_points(name, upkeep(application, name).refresh())
            except RestoraError as error:
                steps.append(Step.failed(f"repository {name}", error))
                continue
            ours = [point for point in found if point.dataset]
            points += ours
            # Whether something removed still takes space is not known: the next prune that is due looks.
            application.state.put_note(f"unpruned:{name}", "yes")
            datasets = len({p.dataset for p in ours})
            steps.append(Step(f"repository {name}", f"{len(ours)} recovery points of {datasets} datasets found again"))
        _remember(application, points)
        ledger.note(application.state, application.clock, "rebuild", {"steps": [step.text for step in steps]})
    return steps


def _remember(application: Application, points: Iterable[RecoveryPoint]) -> None:
    """Every point as the run that left it. A policy goes on at its newest slot: what has a point since then counts as done, what
    has none is caught up; nothing runs twice. A point that looks wrong against the one before it is suspect, as it was."""
    newest = {name: _newest_slot(application, name) for name in application.catalog.policies}
    known: set[str] = set()
    last: dict[tuple[str, str], RunRecord] = {}
    for point in sorted(points, key=lambda point: point.time):
        policy = point.parts[0].tag(TAG_POLICY) or ""
        known.add(policy)
        slot = newest.get(policy)
        place = (point.dataset, point.repository)
        run = _as_run(application, point, policy, last.get(place))
        if run.state is RunState.SUCCEEDED and run.trigger is not Trigger.SAFETY:
            last[place] = run
        of_slot = slot is not None and run.trigger is not Trigger.SAFETY and point.time >= slot.due
        if not (slot and of_slot and application.state.add_run(replace(run, key=slot.key))):
            application.state.add_run(run)
    now = application.clock.now()
    for name, slot in newest.items():
        start = slot.due if slot and name in known else now
        application.state.put_note(f"{SINCE}{name}", start.isoformat())


def _as_run(application: Application, point: RecoveryPoint, policy: str, last: RunRecord | None) -> RunRecord:
    taken = application.state.run(point.id)  # `restic copy` keeps the tags: the same run in a second repository
    safety = any(TAG_SAFETY in part.tags for part in point.parts)
    doubt = "" if safety else _doubt(application, point, last)
    return RunRecord(
        id=f"{point.id}.{point.repository}" if taken else point.id, key=f"{policy}@rebuilt!{point.id}",
        policy=policy, dataset=point.dataset, repository=point.repository,
        state=RunState.SUSPECT if doubt else RunState.SUCCEEDED,
        trigger=Trigger.SAFETY if safety else Trigger.SCHEDULE, due=point.time,
        started=point.time, ended=point.time, point_time=point.time, snapshots=tuple(p.id for p in point.parts),
        files=point.files, bytes=point.bytes, reason="found again in the repository" + (f": {doubt}" if doubt else ""),
    )  # fmt: skip


def _doubt(application: Application, point: RecoveryPoint, last: RunRecord | None) -> str:
    """What looks wrong about a point; nothing can be said where restic kept no counts (before 0.17)."""
    dataset = application.catalog.datasets.get(point.dataset)
    if dataset is None or point.files is None or point.bytes is None:
        return ""
    saved = [Saved(part.id, part.files or 0, part.bytes or 0, 0) for part in point.parts]
    findings = weigh(
        saved, last, shrink_tolerance=dataset.shrink_tolerance, allow_empty=getattr(dataset, "allow_empty", False)
    )
    return "; ".join(str(finding) for finding in findings if not finding.ok)


def _newest_slot(application: Application, name: str) -> Slot | None:
    """The newest slot of a policy that has come due."""
    policy, now = application.catalog.policies[name], application.clock.now()
    start = now - policy.schedule.every.delta() * 2 - timedelta(days=7)
    newest = None
    for newest in policy_slots(name, policy, application.catalog.zone(name), start, now):  # noqa: B007  the last one counts
        pass
    return newest
