"""What a policy means in numbers: its next runs, how long they take, what is lost at worst, space and price."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import islice

from planner.course import course_of, zone_of
from planner.estimate import is_first, least_certain, restore_seconds, run_seconds
from planner.proof import Claim, Proof
from planner.slots import policy_slots
from planner.space import space_figures
from policies.catalog import Catalog
from policies.figure import Figure, History
from policies.policy import Policy
from policies.schedule import Slot

SHOWN = 5


def ahead(name: str, policy: Policy, catalog: Catalog, now: datetime, count: int = SHOWN) -> tuple[Slot, ...]:
    """The next slots of a policy, at most `count` within two years; none while it is paused."""
    if policy.paused:
        return ()
    return tuple(islice(policy_slots(name, policy, zone_of(policy, catalog), now, now + timedelta(days=731)), count))


def figures(name: str, policy: Policy, catalog: Catalog, history: History, proof: Proof) -> Mapping[str, Figure]:
    """`run`, `first_run` (only before the first one), `lost_at_worst`, `back_within` in seconds; `space_…` and `cost_month`
    as `planner.space.space_figures` gives them."""
    course = course_of(name, policy, catalog, history, start=proof.start, days=proof.days)
    found = {"run": run_seconds(policy, catalog, history)}
    if is_first(policy, history):
        found["first_run"] = run_seconds(policy, catalog, history, first=True)
    loss = proof.of(Claim.RPO)
    if loss and loss.worst:
        found["lost_at_worst"] = loss.worst
    # One after the other, each from the repository that is quickest for it.
    parts = [
        min((restore_seconds(dataset, place, catalog, history) for place in policy.repositories), key=_value)
        for dataset in policy.datasets
    ]
    basis = parts[0].basis if len(parts) == 1 else f"{len(parts)} datasets, one after the other"
    origin = least_certain(part.origin for part in parts)
    found["back_within"] = Figure(sum(part.value for part in parts), "s", origin, basis)
    return {**found, **space_figures(course)}


def _value(figure: Figure) -> float:
    return figure.value
