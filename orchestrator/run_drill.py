"""A drill: a restore into a scratch place, compared with what was saved, measured; and a tampered twin that must fail.

Only `proven` is green. What keeps a drill from running makes it `could not run`; anything that differs makes it `failed`, and so
does a newest point that is not the one that the schedule promised, or a twin that passed although it was damaged on purpose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from orchestrator.locks import unlocking
from orchestrator.ports import Clock, OnProgress, RepositoryPort, SourcePort, StatePort
from orchestrator.run_restore import by_themselves
from planner.sample import Sample, sample
from policies.errors import Cancelled, RepositoryDamaged, RestoraError, SourceError, StateError, VerificationFailed
from policies.run import DrillRecord, Finding, Progress
from policies.snapshot import RecoveryPoint
from policies.verification import DrillLevel, DrillVerdict


@dataclass(frozen=True, slots=True)
class Place:
    """A scratch place that is registered before it is used and gone afterwards: a folder, and the source to restore with
    (its own throw-away server for databases), which restores to `target`, or `in_place` on that server."""

    folder: Path
    source: SourcePort
    target: str
    in_place: bool


@dataclass(frozen=True, slots=True)
class DrillTools:
    """What a drill works with. `place(level)` opens the scratch place; `tamper(place, facts)` damages the restored copy
    and says how; `expected` is the key of the slot that the newest point should come from, and the run it had."""

    state: StatePort
    clock: Clock
    repository: RepositoryPort
    kind: str
    place: Callable[[DrillLevel], AbstractContextManager[Place]]
    tamper: Callable[[Place, Mapping[str, str]], str]
    progress: OnProgress
    stale: Callable[[RecoveryPoint], str] = lambda _point: ""


def drill(
    dataset: str,
    point: RecoveryPoint,
    level: DrillLevel,
    tools: DrillTools,
    *,
    identifier: str,
    expected_slot: str = "",
) -> DrillRecord:
    """Carry out one drill; never raises for what it is there to find: the verdict tells. RTO is measured from the start of
    the restore to verified content, without the twin."""
    started = tools.clock.now()
    record = DrillRecord(
        id=identifier, dataset=dataset, repository=tools.repository.name, point=point.id, level=level.value,
        verdict=DrillVerdict.COULD_NOT_RUN, started=started, ended=started, point_time=point.time, expected_slot=expected_slot,
        rpo_seconds=_seconds(started - point.time), bytes=point.bytes,
    )  # fmt: skip
    try:
        record = _list(record, point, tools) if level is DrillLevel.LIST else _bring_back(record, point, level, tools)
    except (VerificationFailed, RepositoryDamaged) as error:
        record = replace(record, verdict=DrillVerdict.FAILED, reason=error.message)
    except Cancelled:
        raise  # by a person or a stop: no verdict on the backup
    except RestoraError as error:
        record = replace(
            record,
            verdict=DrillVerdict.COULD_NOT_RUN,
            reason=error.message + (f" ({error.hint})" if error.hint else ""),
        )
    stale = tools.stale(point)
    if stale and record.verdict == DrillVerdict.PROVEN:
        record = replace(record, verdict=DrillVerdict.FAILED, reason=stale)
    record = replace(record, ended=tools.clock.now()) if record.ended == started else record
    tools.state.add_drill(record)
    return record


def _list(record: DrillRecord, point: RecoveryPoint, tools: DrillTools) -> DrillRecord:
    """The snapshot opens and lists as many files as it was saved with."""
    findings = []
    for part in point.parts:
        count = sum(entry.kind == "file" for entry in tools.repository.entries(part.id))
        expected = part.files if part.files is not None else 1
        findings.append(
            Finding(
                "files listed",
                count >= max(1, expected),
                expected=f"{expected:,}",
                found=f"{count:,}",
                subject=part.id[:8],
            )
        )
    return _judge(record, findings, tools.clock.now())


def _bring_back(record: DrillRecord, point: RecoveryPoint, level: DrillLevel, tools: DrillTools) -> DrillRecord:
    facts = tools.state.facts(point.id)
    drawn = Sample()
    if level is DrillLevel.SAMPLE:
        drawn = sample(tools.kind, facts, _files(point, tools), seed=record.id)
    with tools.place(level) as place:
        restored = place.folder / "restored"
        restored.mkdir()
        include = drawn.items if tools.kind == "files" else ()
        for part in point.parts:
            tools.progress(Progress("restoring", note=part.id[:8]))
            bring = partial(tools.repository.restore, part.id, restored, include=include, progress=tools.progress)
            unlocking(tools.repository, bring)
        place.source.restore(
            restored, place.target, items=drawn.items, in_place=place.in_place, progress=tools.progress
        )
        tools.progress(Progress("comparing"))
        findings = place.source.verify(place.target, facts, items=drawn.items)
        if not facts and not by_themselves(findings):
            raise StateError(
                "it came back, but nothing is known of its content at backup time that it could be compared with",
                hint="back up once more, and drill that",
            )
        record = _judge(record, findings, tools.clock.now())
        return _twin(record, place, facts, drawn, tools) if record.verdict == DrillVerdict.PROVEN else record


def _files(point: RecoveryPoint, tools: DrillTools) -> Iterator[str]:
    return (entry.path for part in point.parts for entry in tools.repository.entries(part.id) if entry.kind == "file")


def _twin(record: DrillRecord, place: Place, facts: Mapping[str, str], drawn: Sample, tools: DrillTools) -> DrillRecord:
    """Damage the restored copy on purpose: a drill that does not notice proves nothing."""
    tools.progress(Progress("tampered twin"))
    damage = tools.tamper(place, facts if drawn.facts is None else drawn.facts)
    try:
        findings = place.source.verify(place.target, facts, items=drawn.items)
        noticed = [str(finding) for finding in findings if not finding.ok]
    except (SourceError, VerificationFailed) as error:
        noticed = [error.message]
    if noticed:
        return replace(record, twin_verdict=f"failed as it must: {damage}; noticed: {noticed[0]}")
    return replace(
        record, verdict=DrillVerdict.FAILED, twin_verdict=f"passed although damaged: {damage}",
        reason="the drill itself is broken: it did not notice a copy that was damaged on purpose",
    )  # fmt: skip


def _judge(record: DrillRecord, findings: list[Finding], now: datetime) -> DrillRecord:
    wrong = [str(finding) for finding in findings if not finding.ok]
    verdict = DrillVerdict.FAILED if wrong or not findings else DrillVerdict.PROVEN
    reason = "; ".join(wrong[:3]) if wrong else ("" if findings else "nothing was compared")
    return replace(
        record,
        verdict=verdict,
        findings=tuple(findings),
        reason=reason,
        ended=now,
        rto_seconds=_seconds(now - record.started),
    )


def _seconds(span: timedelta) -> float:
    return span / timedelta(seconds=1)
