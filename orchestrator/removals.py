"""Approvals of unusual removals: retention that would let go of more than half of the points at once does so only after a
person has said so, for this retention, once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from orchestrator import ledger
from orchestrator.ports import StatePort
from policies.catalog import Catalog
from policies.retention import Retention, Verdict
from policies.snapshot import RecoveryPoint

if TYPE_CHECKING:
    from orchestrator.wiring import Application

Place = tuple[str, str, str]  # policy, dataset, repository


def places(catalog: Catalog, policy: str) -> list[Place]:
    """Where a policy keeps points."""
    found = catalog.policies[policy]
    return [(policy, dataset, repository) for repository in found.repositories for dataset in found.datasets]


def approve(application: Application, where: Sequence[Place], words: str) -> None:
    """Let the retention in force remove what it wants there, once; noted in the ledger."""
    for place in where:
        let_go(application.state, place, application.policy(place[0]).retention)
    ledger.note(
        application.state, application.clock, "approval", {"removal": [list(place) for place in where], "words": words}
    )


def let_go(state: StatePort, place: Place, retention: Retention) -> None:
    """Keep the approval for this retention until it is used."""
    state.put_note(_key(place), _fingerprint(retention))


def approved(state: StatePort, place: Place, retention: Retention) -> bool:
    """Whether a person let this retention remove an unusual share there."""
    return state.note(_key(place)) == _fingerprint(retention)


def applied(state: StatePort, place: Place, retention: Retention, moment: datetime) -> None:
    """Retention was applied there; an approval is used up."""
    state.put_note(f"applied:{'/'.join(place)}", f"{moment.isoformat()} {_fingerprint(retention)}")
    if state.note(_key(place)):
        state.put_note(_key(place), "")


def piled_up(
    state: StatePort, place: Place, retention: Retention, points: Sequence[RecoveryPoint], verdicts: Sequence[Verdict]
) -> bool:
    """Whether many go at once only because something (a lock) kept the same rules from being applied: then no more go than have
    come since they were applied last."""
    moment, _, rules = (state.note(f"applied:{'/'.join(place)}") or "").partition(" ")
    if not moment or rules != _fingerprint(retention):
        return False
    come = sum(point.time > datetime.fromisoformat(moment) for point in points)
    return sum(not verdict.keep for verdict in verdicts) <= come


def _key(place: Place) -> str:
    return f"removal:{'/'.join(place)}"


def _fingerprint(retention: Retention) -> str:
    return hashlib.sha256(retention.model_dump_json().encode()).hexdigest()[:16]
