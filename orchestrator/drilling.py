"""From a dataset to a drill that is recorded, and which drills are due."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime

from orchestrator import ledger
from orchestrator.assemble import drill_tools, points, repositories_of
from orchestrator.points import PointWish, choose
from orchestrator.run_drill import drill
from orchestrator.wiring import Application
from planner.slots import policy_slots
from policies.errors import RestoraError
from policies.run import DrillRecord, Progress
from policies.snapshot import TAG_SAFETY
from policies.verification import DrillLevel, DrillVerdict


def drill_now(
    application: Application,
    dataset: str,
    level: DrillLevel | None,
    progress: Callable[[Progress], None],
    *,
    repository: str = "",
    snapshot: str = "",
) -> DrillRecord:
    """Drill one dataset now; recorded whatever comes of it, a drill that could not even begin included."""
    policies = application.catalog.policies_of(dataset)
    level = level or next((p.verification.drill_level for p in policies.values()), DrillLevel.FULL)
    place = repository or next(iter(repositories_of(application, dataset)), "")
    identifier = secrets.token_hex(6)
    try:
        found = [
            p
            for p in points(application, dataset, place, refresh=True)
            if snapshot or not any(TAG_SAFETY in s.tags for s in p.parts)
        ]
        point = choose(found, PointWish(snapshot=snapshot or None), dataset=dataset, zone=application.catalog.zone())
        tools = drill_tools(application, dataset, place, progress, judge_age=not snapshot)
        record = drill(
            dataset, point, level, tools, identifier=identifier, expected_slot=expected_slot(application, dataset)
        )
    except RestoraError as error:
        now = application.clock.now()
        record = DrillRecord(
            identifier, dataset, place, "", level.value, DrillVerdict.COULD_NOT_RUN.value, now, now,
            reason=error.message + (f" ({error.hint})" if error.hint else ""),
        )  # fmt: skip
        application.state.add_drill(record)
    ledger.record_drill(application.state, application.clock, record)
    return record


def expected_slot(application: Application, dataset: str) -> str:
    """Key of the newest slot that has come due: the one whose copy a drill expects to find."""
    now = application.clock.now()
    newest = ""
    for name, policy in application.catalog.policies_of(dataset).items():
        in_force = application.state.note(f"since:{name}")
        start = max(now - policy.schedule.every.delta() * 2, datetime.fromisoformat(in_force) if in_force else now)
        for slot in policy_slots(name, policy, application.catalog.zone(name), start, now):
            newest = slot.key
    return newest


def due_drills(application: Application) -> list[str]:
    """Datasets whose last drill (of any verdict) is older than their policies ask for, most overdue first. One that never ran
    is due once there is something to restore."""
    now = application.clock.now()
    overdue: list[tuple[float, str]] = []
    rows = application.state.board()
    for dataset in application.catalog.datasets:
        rules = [p.verification.drill_every for p in application.catalog.policies_of(dataset).values() if not p.paused]
        spans = [rule.delta() for rule in rules if rule]
        backed_up = any(row.dataset == dataset and row.last_good for row in rows)
        last = max(
            (row.last_drill for row in rows if row.dataset == dataset and row.last_drill),
            default=datetime.min.replace(tzinfo=now.tzinfo),
        )
        if spans and backed_up and now - last >= min(spans):
            overdue.append(((now - last) / min(spans), dataset))
    return [dataset for _, dataset in sorted(overdue, reverse=True)]
