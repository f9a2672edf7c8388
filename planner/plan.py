"""What would change: every policy that is new, different or gone, with its next runs, its proof and its figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from planner.difference import difference, differing
from planner.draft import draft
from planner.estimate import run_seconds
from planner.feasibility import HORIZON, prove
from planner.outlook import ahead, figures
from planner.proposal import Draft, Kind, Plan, PolicyChange
from policies.catalog import Catalog
from policies.figure import History
from policies.guardrails import check_policy
from policies.policy import Policy

__all__ = ["Draft", "Plan", "PolicyChange", "draft", "plan"]


def plan(
    in_force: Catalog,
    wanted: Catalog,
    history: History,
    now: datetime,
    *,
    days: int = HORIZON,
    everything: bool = False,
) -> Plan:
    """The difference between two catalogs at `now` (aware). A policy counts as touched too when only its datasets, its
    repositories or the site changed below it; `everything`: policies that do not change are listed as well."""
    moved = difference(in_force, wanted)
    below = {change.path[:2] for change in moved if change.path[0] in {"datasets", "repositories"}}
    site = any(change.path[0] == "site" for change in moved)
    world = _World(wanted, history, now, days)
    changes = []
    for name in dict.fromkeys((*in_force.policies, *wanted.policies)):
        before, after = in_force.policies.get(name), wanted.policies.get(name)
        if after is None:
            changes.append(PolicyChange(name, Kind.REMOVED, differing(("policies", name), before, None)))
        elif (moved_here := before != after or site or bool(_parts(after) & below)) or everything:
            kind = Kind.ADDED if before is None else Kind.CHANGED if moved_here else Kind.KEPT
            changes.append(_change(name, kind, before, after, world))
    return Plan(now, tuple(changes), tuple(change for change in moved if change.path[0] != "policies"))


def _parts(policy: Policy) -> set[tuple[str, ...]]:
    return {("datasets", name) for name in policy.datasets} | {("repositories", name) for name in policy.repositories}


@dataclass(frozen=True, slots=True)
class _World:
    """What every policy is judged against."""

    wanted: Catalog
    history: History
    now: datetime
    days: int


def _change(name: str, kind: Kind, before: Policy | None, after: Policy, world: _World) -> PolicyChange:
    wanted, history = world.wanted, world.history
    proof = prove(name, after, wanted, history, start=world.now, days=world.days)
    return PolicyChange(
        name,
        kind,
        differing(("policies", name), before, after),
        ahead(name, after, wanted, world.now),
        proof,
        figures(name, after, wanted, history, proof),
        tuple(check_policy(name, after, wanted, run_seconds=run_seconds(after, wanted, history).value)),
    )
