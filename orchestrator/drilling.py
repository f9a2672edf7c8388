"""From a dataset to a drill that is recorded, and which drills are due."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from orchestrator import ledger
from orchestrator.assemble import drill_tools, points, repositories_of
from orchestrator.heartbeats import DRILLS_HEARTBEAT
from orchestrator.points import PointWish, choose
from orchestrator.run_drill import drill
from orchestrator.wiring import Application
from planner.slots import policy_slots
from policies.errors import Cancelled, RestoraError
from policies.quantity import human_time
from policies.run import DrillRecord, Progress
from policies.snapshot import TAG_SAFETY
from policies.verification import DrillLevel, DrillVerdict

log = logging.getLogger("restora.drills")

DRILL_LOOK = 600.0
AGAIN = timedelta(days=1)


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
    except Cancelled:
        raise  # a stop is no verdict: the drill stays due
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
    """Datasets whose last drill is older than their policies ask for, most overdue first. One that never ran is due once there
    is something to restore; one that did not prove its restore is repeated after a day at the latest."""
    now = application.clock.now()
    overdue: list[tuple[float, str]] = []
    rows = application.state.board()
    for dataset in application.catalog.datasets:
        rules = [p.verification.drill_every for p in application.catalog.policies_of(dataset).values() if not p.paused]
        spans = [rule.delta() for rule in rules if rule]
        mine = [row for row in rows if row.dataset == dataset]
        if not spans or not any(row.last_good for row in mine):
            continue
        drilled = [row for row in mine if row.last_drill]
        newest = max(drilled, key=lambda row: row.last_drill or now, default=None)
        if newest is None or newest.last_drill is None:
            overdue.append((float("inf"), dataset))
            continue
        span = min(spans) if newest.last_verdict == DrillVerdict.PROVEN else min(*spans, AGAIN)
        age = now - newest.last_drill
        if age >= span or age < -AGAIN:  # one from the future was written by a wrong clock
            overdue.append((age / span, dataset))
    return [dataset for _, dataset in sorted(overdue, reverse=True)]


def keep_drilling(application: Application, stop: threading.Event, every: float = DRILL_LOOK) -> None:
    """Carry out due drills one after the other, in moments when no run is at work; a heartbeat says that this goes on."""
    while True:
        try:
            application.state.put_note(DRILLS_HEARTBEAT, application.clock.now().isoformat())
            if not application.state.runs(unfinished=True, limit=1):
                for dataset in due_drills(application)[:1]:
                    _drill_and_tell(application, dataset)
        except Cancelled:
            log.info("a drill was ended by the stop; it is still due")
        except RestoraError as error:
            log.error("drills could not be looked at: %s", error.message)
        except Exception:  # drills that stop for ever would be noticed when it is too late
            log.exception("a defect met the drills; the next look is in %.0f s", every)
        if stop.wait(every):
            return


def _drill_and_tell(application: Application, dataset: str) -> None:
    log.info("drill of %s begins", dataset)
    record = drill_now(application, dataset, None, lambda _progress: None)
    good = record.verdict == DrillVerdict.PROVEN
    took = f" in {human_time(record.rto_seconds)}" if record.rto_seconds is not None else ""
    why = f" ({record.reason})" if record.reason else ""
    log.log(
        logging.INFO if good else logging.ERROR,
        "drill of %s from %s: %s%s%s", dataset, record.repository, record.verdict, took, why,
    )  # fmt: skip
