"""Binds the wired adapters to the use cases: what one run, restore or drill works with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace

from orchestrator.controller import Controller
from orchestrator.ledger import is_recorded, record_run
from orchestrator.ports import OnProgress
from orchestrator.run_backup import BackupTools
from orchestrator.run_drill import DrillTools
from orchestrator.run_restore import RestoreOrder, RestoreTools
from orchestrator.tell import tell
from orchestrator.upkeep import Upkeep
from orchestrator.wiring import SAFETY_POLICY, Application
from policies.errors import VerificationFailed
from policies.run import Progress, RunRecord, RunState, Trigger
from policies.snapshot import TAG_DATASET, RecoveryPoint, recovery_points

OnRunProgress = Callable[[RunRecord, Progress], None]


def controller(
    application: Application, on_progress: OnRunProgress = lambda _record, _progress: None, **options: float
) -> Controller:
    """The controller of this installation; not started yet."""

    def tools(record: RunRecord, held: Callable[[], Sequence[int]]) -> BackupTools:
        return backup_tools(application, record, held, on_progress)

    def ended(record: RunRecord) -> None:
        # Told first, recorded then: a kill in between tells twice, never not at all.
        if not is_recorded(application.state, record):
            tell(application, record)
            record_run(application.state, application.clock, record)

    return Controller(
        application.state, application.engine, application.leases, application.clock, tools, ended, **options
    )


def backup_tools(
    application: Application, record: RunRecord, held: Callable[[], Sequence[int]], on_progress: OnRunProgress
) -> BackupTools:
    """What one run works with; its children inherit the held leases."""
    repository = application.repository(record.repository, held)
    source = application.source(record.dataset)
    if record.trigger is Trigger.SAFETY:  # what is about to be overwritten is seldom whole
        source = source.remains() or source
    return BackupTools(
        state=application.state, clock=application.clock, repository=repository, source=source,
        dataset=application.catalog.datasets[record.dataset], policy=application.policy(record.policy),
        upkeep=upkeep(application, record.repository, held), scratch=application.settings.scratch / "runs" / record.repository,
        host=application.host, on_progress=on_progress, stamped=application.simulated,
    )  # fmt: skip


def upkeep(application: Application, repository: str, held: Callable[[], Sequence[int]] = lambda: ()) -> Upkeep:
    """The care of one repository."""
    return Upkeep(
        application.state, application.clock, application.repository(repository, held), host=application.host,
        zone=application.catalog.zone(),
    )  # fmt: skip


def points(application: Application, dataset: str, repository: str, *, refresh: bool = False) -> list[RecoveryPoint]:
    """Recovery points of a dataset, newest first: the remembered ones, or the repository's own list."""
    application.repository(repository)  # an unknown name ends here
    snapshots = application.state.cached_snapshots(repository)
    if refresh or not snapshots:
        snapshots = upkeep(application, repository).refresh()
    mine = [s for s in snapshots if s.tag(TAG_DATASET) == dataset]
    known = [(point, application.state.run(point.id)) for point in recovery_points(repository, mine)]
    return [_own_parts(point, run) for point, run in known if _complete(point, run)]


def repositories_of(application: Application, dataset: str) -> list[str]:
    """The repositories that hold a dataset by its policies, in their order; else all."""
    named = [name for policy in application.catalog.policies_of(dataset).values() for name in policy.repositories]
    return list(dict.fromkeys(named)) or list(application.catalog.repositories)


def restore_tools(application: Application, order: RestoreOrder, progress: OnProgress) -> RestoreTools:
    """What a restore works with; its safety copy is a run like any other, waited for."""

    def safety() -> str:
        from orchestrator.run_now import run_now

        policy = next(iter(application.catalog.policies_of(order.dataset)), SAFETY_POLICY)
        work = [(policy, order.dataset, order.repository)]
        (done,) = run_now(application, work, lambda _record, step: progress(step), trigger=Trigger.SAFETY)
        # A damaged original looks suspect, and that is why it is being replaced: what counts is that it was saved.
        if done.state not in {RunState.SUCCEEDED, RunState.PARTIAL, RunState.SUSPECT} or not done.snapshots:
            raise VerificationFailed(done.reason)
        return done.id

    def lease() -> AbstractContextManager[object]:
        return application.leases.take(f"dataset:{order.dataset}", wait=600.0, holder=f"restore of {order.dataset}")

    return RestoreTools(
        application.state, application.clock, application.repository(order.repository), application.source(order.dataset),
        application.settings.scratch, safety, lease, progress, application.sandbox.beside,
    )  # fmt: skip


def drill_tools(
    application: Application, dataset: str, repository: str, progress: OnProgress, *, judge_age: bool = True
) -> DrillTools:
    """What a drill of one dataset works with; `judge_age`: a point older than the schedule promises makes it fail."""
    kind = application.catalog.datasets[dataset].kind

    return DrillTools(
        state=application.state, clock=application.clock, repository=application.repository(repository), kind=kind,
        place=lambda _level: application.drill_place(dataset),
        tamper=lambda place, facts: application.tamper(kind, place, facts), progress=progress,
        stale=lambda point: _stale(application, dataset, repository, point) if judge_age else "",
    )  # fmt: skip


def _stale(application: Application, dataset: str, repository: str, point: RecoveryPoint) -> str:
    """Why a point is not the one that the schedule promised, or ''."""
    from planner.health import oldest_acceptable

    if lost := lost_newest(application, dataset, repository):
        return lost
    limits = [
        oldest_acceptable(p) for p in application.catalog.policies_of(dataset).values() if repository in p.repositories
    ]
    age = application.clock.now() - point.time
    if not limits or age <= min(limits):
        return ""
    from policies.quantity import human_time

    return f"the newest point is {human_time(age.total_seconds())} old; the schedule promises {human_time(min(limits).total_seconds())}"


def _complete(point: RecoveryPoint, run: RunRecord | None) -> bool:
    """Whether every part is there: a run that is known says how many; one still at work or failed half-way is no point."""
    return run is None or (bool(run.snapshots) and {part.id for part in point.parts} >= set(run.snapshots))


def lost_newest(application: Application, dataset: str, repository: str) -> str:
    """Why the newest point is not the one that the last good run left there, or ''. Call it after a listing."""
    rows = [r for r in application.state.board() if (r.dataset, r.repository) == (dataset, repository) and r.last_good]
    newest = max((row.last_good, row.last_good_run) for row in rows if row.last_good)[1] if rows else ""
    run = application.state.run(newest) if newest else None
    there = {snapshot.id for snapshot in application.state.cached_snapshots(repository)}
    if run is None or set(run.snapshots) <= there:
        return ""
    moment = (run.point_time or run.due).astimezone(application.catalog.zone())
    return f"the copy of {moment:%Y-%m-%d %H:%M} (run {run.id}) is gone from repository {repository}: restora did not remove it"


def _own_parts(point: RecoveryPoint, run: RunRecord | None) -> RecoveryPoint:
    """Without what a killed attempt of the same run left beside them: restored together it would bring back what was gone."""
    if run is None:
        return point
    own = tuple(part for part in point.parts if part.id in run.snapshots)
    # the moment of the capture, as the run tells it: restic's own is when it began to write
    return replace(point, parts=own, time=run.point_time or point.time)
