"""Approvals of unusual removals: retention that would let go of more than half of the points at once does so only after a
person has said so, for this retention, once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from orchestrator import ledger
from orchestrator.ports import StatePort
from policies.catalog import Catalog
from policies.retention import Retention

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


def used(state: StatePort, place: Place) -> None:
    """The approval is used up."""
    if state.note(_key(place)):
        state.put_note(_key(place), "")


def _key(place: Place) -> str:
    return f"removal:{'/'.join(place)}"


def _fingerprint(retention: Retention) -> str:
    return hashlib.sha256(retention.model_dump_json().encode()).hexdigest()[:16]
