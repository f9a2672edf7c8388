"""Bring data back: choose the point, restore beside the target, put in place, verify, and only then call it done.

The safe place is the default. In place means over the original: it needs an approval that names the dataset, and takes a
safety snapshot first where anything is left to save.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from orchestrator.locks import unlocking
from orchestrator.ports import Clock, OnProgress, RepositoryPort, SourcePort, StatePort
from policies.errors import RestoraError, UsageError, VerificationFailed
from policies.guardrails import check_in_place
from policies.run import DrillRecord, Finding
from policies.snapshot import RecoveryPoint


@dataclass(frozen=True, slots=True)
class RestoreOrder:
    """What to bring back, and where to. `target` '' with in_place: over the original. `approved` names the dataset."""

    dataset: str
    repository: str
    point: RecoveryPoint
    target: str
    items: tuple[str, ...] = ()
    in_place: bool = False
    approved: str = ""


@dataclass(frozen=True, slots=True)
class RestoreTools:
    """What a restore works with. `safety` makes a safety backup of the original and returns its run id, or raises; `lease` keeps
    runs off the dataset while it is put in place; `beside` makes a private folder of a name in another one, and removes it (a
    kill too, at the next start)."""

    state: StatePort
    clock: Clock
    repository: RepositoryPort
    source: SourcePort
    scratch: Path
    safety: Callable[[], str]
    lease: Callable[[], AbstractContextManager[object]]
    progress: OnProgress
    beside: Callable[[Path, str], AbstractContextManager[Path]]


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of it. Times in seconds, measured; `age` is the age of the data when the restore began (the RPO realised)."""

    order: RestoreOrder
    place: str
    started: datetime
    seconds: float
    age: float
    bytes: int | None
    files: int
    findings: tuple[Finding, ...]
    safety: str = ""

    @property
    def proven(self) -> bool:
        return bool(self.findings) and all(finding.ok for finding in self.findings)


def restore(order: RestoreOrder, tools: RestoreTools) -> Restored:
    """Carry out the order. Raises ApprovalRequired before anything is touched, VerificationFailed when what came back is not
    what was saved (it stays where it was put, and the original where it was)."""
    if order.in_place:
        check_in_place(order.dataset, order.approved or None)
    started = tools.clock.now()
    safety = _save_what_is_left(order, tools)
    with tools.lease():
        # on the target's own file system where that is a path, so that putting in place is a rename
        folder = Path(order.target).parent if order.target.startswith("/") else tools.scratch
        with tools.beside(folder, f".restora-{order.dataset}-{order.point.id[:12]}") as scratch:
            files = sum(_bring_part(part.id, scratch, order, tools) for part in order.point.parts)
            place = tools.source.restore(
                scratch, order.target, items=order.items, in_place=order.in_place, progress=tools.progress
            )
        facts = tools.state.facts(order.point.id)
        findings = tuple(tools.source.verify(order.target, facts, items=order.items))
    if not facts:  # lost with the state: not compared, and unproven; what is wrong by itself still counts
        findings = by_themselves(findings)
    ended = tools.clock.now()
    done = Restored(
        order, place, started, (ended - started) / timedelta(seconds=1), (started - order.point.time) / timedelta(seconds=1),
        order.point.bytes, files, findings, safety,
    )  # fmt: skip
    wrong = [str(finding) for finding in findings if not finding.ok]
    if wrong:
        raise VerificationFailed(
            f"what was restored to {place} is not what was saved: {'; '.join(wrong[:3])}",
            hint=f"try the point before it: restora restore {order.dataset} --previous 1",
            untouched=f"the safety copy is run {safety}" if safety else "the original was not touched",
        )
    return done


def by_themselves(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Of findings about a copy of which nothing was counted: what is wrong with it all the same (a damaged file)."""
    return tuple(finding for finding in findings if not finding.ok and finding.name != "content")


def as_record(done: Restored, identifier: str) -> DrillRecord:
    """A restore that was verified, as evidence beside the drills: it measures RTO and throughput as they do."""
    return DrillRecord(
        id=identifier, dataset=done.order.dataset, repository=done.order.repository, point=done.order.point.id, level="restore",
        verdict="proven" if done.proven and not done.order.items else "could not run", started=done.started,
        ended=done.started + timedelta(seconds=done.seconds), point_time=done.order.point.time, rpo_seconds=done.age,
        rto_seconds=done.seconds, bytes=done.bytes, findings=done.findings, reason="restore asked for by a person",
    )  # fmt: skip


def free_target(wanted: str, dataset: str, folder: Path, moment: datetime, *, name: str = "") -> str:
    """The place of a restore: the wanted one, which must not hold anything, or a new one in the safe folder. `name`: the file
    in it that is meant."""
    place = Path(wanted).expanduser().absolute() if wanted else folder / f"{dataset}-{moment:%Y%m%d-%H%M%S}"
    try:
        why = "is not empty" if place.is_dir() and any(place.iterdir()) else ""
        why = "is there already" if os.path.lexists(place) and not place.is_dir() else why
    except (OSError, ValueError) as error:
        why = f"can't be looked into ({getattr(error, 'strerror', '') or error})"
    if why:
        raise UsageError(f"{place} {why}", hint="name a new or empty place with --to", untouched="nothing was changed")
    return str(place / name)


def _save_what_is_left(order: RestoreOrder, tools: RestoreTools) -> str:
    """A safety snapshot of the original before it is overwritten; '' when there is nothing left to save."""
    if not order.in_place:
        return ""
    if tools.source.remains() is None:
        return ""
    try:
        return tools.safety()
    except RestoraError as error:
        raise VerificationFailed(
            f"the safety copy of {order.dataset!r} failed: {error.message}",
            hint="restore to a safe place instead (without --in-place), or free the repository first",
            untouched="the original was not touched",
        ) from error


def _bring_part(snapshot: str, scratch: Path, order: RestoreOrder, tools: RestoreTools) -> int:
    include: Sequence[str] = order.items if tools.source.kind == "files" else ()
    repository = tools.repository
    return unlocking(
        repository, lambda: repository.restore(snapshot, scratch, include=include, progress=tools.progress)
    )
