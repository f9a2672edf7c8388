"""Space and its price over the days ahead: one whole point, and what changes between the points that retention keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from planner.course import Course
from planner.estimate import Volume, cost_per_month, is_first, least_certain, spread, volume
from planner.local_time import local_date
from planner.proof import Claim, Item, Mend, Remedy, Why
from planner.simulate import Step, walk
from policies.catalog import Catalog
from policies.duration import Duration
from policies.figure import Figure, History, Origin, RepositoryHistory
from policies.policy import Policy
from policies.quantity import human_size
from policies.retention import COUNTS, SPANS, Retention

YEAR = timedelta(days=365)


def prove_space(course: Course, own: Volume, steps: Sequence[Step]) -> list[Item]:
    """An item per repository: whether its limit and its free space suffice on each of the days walked (`steps` of `own`)."""
    return [_one(course, repository, own, steps) for repository in course.policy.repositories]


def _one(course: Course, repository: str, own: Volume, steps: Sequence[Step]) -> Item:
    policy, catalog, history, zone = course.policy, course.catalog, course.history, course.zone
    # Space of removed points comes back only when the repository is pruned.
    waiting = own.per_day * policy.verification.prune_every.delta().total_seconds() / 86400
    measured = history.repositories.get(repository, RepositoryHistory())
    known = catalog.repositories.get(repository)
    others, basis = _others(course, repository, own)
    peak = max(step.between for step in steps) + own.base + waiting
    origin = least_certain((own.origin, Origin.ESTIMATED))
    worst = Figure(others + peak, "B", origin, f"{own.basis}{basis}")
    # Space that this policy takes already is not free any more, so only what it adds from here on counts.
    taken = 0.0 if is_first(policy, history) else own.base
    ceilings = []
    if known is not None and known.limit is not None:
        ceilings.append((known.limit - others, Mend.LIMIT, Figure(known.limit, "B", Origin.ASSUMED, "its limit")))
    if measured.free is not None:
        ceilings.append((measured.free + taken, Mend.FREE, Figure(measured.free, "B", Origin.MEASURED, "free now")))
    if not ceilings:
        return Item(Claim.SPACE, repository, None, worst, why=Why.GROWTH)
    room, mend, limit = min(ceilings, key=lambda ceiling: ceiling[0])
    for step in steps:
        if step.between + own.base + waiting > room:
            wanted = others + peak if mend is Mend.LIMIT else peak - taken
            remedies = [Remedy(mend, human_size(_round_up(wanted)))]
            return Item(
                Claim.SPACE, repository, False, worst, limit, local_date(step.time, zone), Why.GROWTH, tuple(remedies)
            )
    return Item(Claim.SPACE, repository, True, worst, limit, why=Why.GROWTH)


def _others(course: Course, repository: str, own: Volume) -> tuple[float, str]:
    """Bytes that other policies keep in a repository: what was measured there less our part, else estimated."""
    catalog, history = course.catalog, course.history
    measured = history.repositories.get(repository, RepositoryHistory()).stored
    if measured is not None:
        rest = max(0.0, measured - (0.0 if is_first(course.policy, history) else own.base))
        return rest, f"; {human_size(rest)} is there" if rest else ""
    rest = sum(
        roughly(other, catalog, history)
        for other_name, other in catalog.policies.items()
        if other_name != course.name and repository in other.repositories
    )
    return rest, f"; {human_size(rest)} of other policies" if rest else ""


def roughly(policy: Policy, catalog: Catalog, history: History) -> float:
    """Bytes that a policy keeps in the end, without walking it: one whole point and a change for each point kept."""
    own = volume(policy, catalog, history)
    return own.base + _points(policy.retention, own.period) * own.unique(own.period)


def _points(retention: Retention, period: float) -> float:
    if retention.forever:
        return YEAR.total_seconds() / period
    spans = [getattr(retention, rule) for rule in SPANS]
    inside = sum(span.delta().total_seconds() / period for span in spans[:1] if isinstance(span, Duration))
    return inside + sum(getattr(retention, rule) or 0 for rule in COUNTS)


def _round_up(count: float) -> float:
    """The next number with two digits that matter: 587 GB becomes 590 GB."""
    unit = 10.0 ** max(len(str(int(count))) - 2, 0)
    return -(-count // unit) * unit


def space_figures(course: Course) -> Mapping[str, Figure]:
    """`space_now` (after the next run), `space_year_low`, `space_year`, `space_year_high` in bytes per repository, and
    `cost_month` in USD a month, all repositories, at the size in a year."""
    policy, catalog, history, due = course.policy, course.catalog, course.history, course.due
    own = volume(policy, catalog, history)
    before_a_year = [moment for moment in due if moment <= due[0] + YEAR] if due else []
    steps = list(walk(policy.retention, before_a_year, course.zone, own.unique))
    added = steps[-1].between if steps else 0.0
    low, high = spread(own, history, policy)
    origin = least_certain((own.origin, Origin.ESTIMATED))
    points = f"{steps[-1].points} points; {own.basis}" if steps else own.basis

    def figure(count: float) -> Figure:
        return Figure(count, "B", origin, points)

    return {
        "space_now": Figure(own.base, "B", own.origin, own.basis),
        "space_year_low": figure(own.base + low * added),
        "space_year": figure(own.base + added),
        "space_year_high": figure(own.base + high * added),
        "cost_month": cost_per_month(own.base + added, policy.repositories, catalog, origin),
    }
