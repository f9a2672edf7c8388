"""The proof: every run of the days ahead, walked before the first one, with a date where something would not hold.

Lost at worst is the completion of a run less the start of the data of the run before it: a failure just before a run ends takes
all of that. Nights of clock change are walked like all others; their gaps are real elapsed time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from planner.course import Course, course_of
from planner.estimate import is_first, least_certain, restore_seconds, run_seconds, size, volume
from planner.local_time import local_date
from planner.proof import Claim, Item, Mend, Proof, Remedy, Why
from planner.simulate import Step, walk
from planner.slots import Openings
from planner.space import prove_space
from policies.catalog import Catalog
from policies.duration import Duration
from policies.figure import Figure, History, Origin
from policies.policy import Policy
from policies.quantity import human_size, human_time
from policies.retention import Retention

HORIZON = 400  # days: more than a year, so that every night of clock change and every month's length is met
PERIODS = ("1w", "1d", "12h", "8h", "6h", "4h", "3h", "2h", "1h", "30min", "15min", "5min")
BUCKET_DAYS = {"keep_hourly": 1 / 24, "keep_daily": 1.0, "keep_weekly": 7.0, "keep_monthly": 28.0, "keep_yearly": 365.0}


def prove(
    name: str, policy: Policy, catalog: Catalog, history: History, *, start: datetime, days: int = HORIZON
) -> Proof:
    """Walk all slots of the next `days` days (from `start`, aware) and say of every claim whether it holds."""
    course = course_of(name, policy, catalog, history, start=start, days=days)
    usual = run_seconds(policy, catalog, history)
    first = run_seconds(policy, catalog, history, first=True) if is_first(policy, history) else usual
    lasts = [usual.value] * len(course.due)
    lasts[:1] = [max(first.value, usual.value)][: len(lasts)]
    items = [_runs(course, lasts, usual)]
    if course.due:
        own = volume(policy, catalog, history)
        steps = list(walk(policy.retention, course.due, course.zone, own.unique))
        items.append(_loss(course, usual))
        items += [_back(dataset, policy, catalog, history) for dataset in policy.datasets]
        items.append(_window(course, lasts, usual, first))
        items += prove_space(course, own, steps)
        items.append(_retention(course, steps))
    return Proof(name, start, days, len(course.due), tuple(items))


def loss_limit(policy: Policy, catalog: Catalog) -> Duration | None:
    """The strictest promise of what may be lost: the policy's own, or one of its datasets'."""
    promises = [policy.rpo, *(catalog.datasets[d].objectives.rpo for d in policy.datasets if d in catalog.datasets)]
    return min((promise for promise in promises if promise), key=Duration.delta, default=None)


def restore_limit(dataset: str, policy: Policy, catalog: Catalog) -> Duration | None:
    """The strictest promise of how long a dataset may take to come back."""
    own = catalog.datasets[dataset].objectives.rto if dataset in catalog.datasets else None
    return min((promise for promise in (policy.rto, own) if promise), key=Duration.delta, default=None)


def _runs(course: Course, lasts: Sequence[float], usual: Figure) -> Item:
    name, due, zone = course.name, course.due, course.zone
    if not due:
        return Item(Claim.RUNS, name, False, why=Why.NO_RUNS)
    shortest = min((after - before for before, after in pairwise(due)), default=None)
    limit = Figure(shortest.total_seconds(), "s", Origin.PROVEN, "shortest gap between runs") if shortest else None
    for (before, after), lasting in zip(pairwise(due), lasts, strict=False):
        if lasting > (after - before).total_seconds():
            why = Why.FIRST_RUN if lasting > usual.value else Why.DURATION
            longer = next((p for p in reversed(PERIODS) if Duration.parse(p).delta().total_seconds() >= lasting), None)
            remedies = (Remedy(Mend.EVERY, longer),) if longer and why is Why.DURATION else ()
            # A first run that takes longer only pushes the runs after it back: told, not refuted.
            holds = None if why is Why.FIRST_RUN else False
            worst = Figure(lasting, "s", usual.origin, usual.basis)
            return Item(Claim.RUNS, name, holds, worst, limit, local_date(after, zone), why, remedies)
    return Item(Claim.RUNS, name, True, usual, limit)


def _loss(course: Course, usual: Figure) -> Item:
    name, due, zone, limit = course.name, course.due, course.zone, loss_limit(course.policy, course.catalog)
    if len(due) < 2:
        return Item(Claim.RPO, name, None if limit is None else False, why=Why.SCHEDULE)
    gap, index = max(((after - before).total_seconds(), -i) for i, (before, after) in enumerate(pairwise(due)))
    before, after = due[-index], due[-index + 1]
    worst = gap + usual.value
    basis = f"{human_time(gap)} between runs, {human_time(usual.value)} for a run ({usual.origin.value})"
    figure = Figure(worst, "s", Origin.PROVEN, basis)
    why = _why(before, after, zone)
    night = _night(before, after, zone)
    if limit is None:
        return Item(Claim.RPO, name, None, figure, None, night, why)
    allowed = limit.delta().total_seconds()
    bound = Figure(allowed, "s", Origin.ASSUMED, str(limit))
    if worst <= allowed:
        return Item(Claim.RPO, name, True, figure, bound, night, why)
    early, late = next((a, b) for a, b in pairwise(due) if (b - a).total_seconds() + usual.value > allowed)
    often = longest_period(allowed, usual.value, _clock_change(due, zone))
    remedies = (*((Remedy(Mend.EVERY, often),) if often else ()), Remedy(Mend.RPO, f"{math.ceil(worst / 3600)}h"))
    return Item(Claim.RPO, name, False, figure, bound, _night(early, late, zone), _why(early, late, zone), remedies)


def longest_period(allowed: float, lasting: float, clock_change: float) -> str | None:
    """The longest period whose worst gap and a run stay within `allowed` seconds; None where not even the shortest does."""
    for period in PERIODS:
        seconds = Duration.parse(period).delta().total_seconds()
        # Wall-clock periods are an hour longer on the night when clocks go back; elapsed ones are not.
        if seconds + (clock_change if seconds >= 7200 else 0) + lasting <= allowed:
            return period
    return None


def _clock_change(due: Sequence[datetime], zone: ZoneInfo) -> float:
    """The most, in seconds, that clocks go back between two days of the range."""
    day, last, back, before = due[0], due[-1], 0.0, None
    while day <= last + timedelta(days=1):
        offset = day.astimezone(zone).utcoffset() or timedelta()
        if before is not None:
            back = max(back, (before - offset).total_seconds())
        before, day = offset, day + timedelta(days=1)
    return back


def _why(before: datetime, after: datetime, zone: ZoneInfo) -> Why:
    early, late = before.astimezone(zone).utcoffset(), after.astimezone(zone).utcoffset()
    if early is None or late is None or early == late:
        return Why.SCHEDULE
    return Why.CLOCKS_BACK if late < early else Why.CLOCKS_FORWARD


def _night(before: datetime, after: datetime, zone: ZoneInfo) -> date:
    """The local date on which clocks change between two runs, else that of the later one."""
    offset = before.astimezone(zone).utcoffset()
    if offset == after.astimezone(zone).utcoffset():
        return local_date(after, zone)
    low, high = before, after
    while high - low > timedelta(minutes=1):
        middle = low + (high - low) / 2
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == offset else (low, middle)
    return local_date(high, zone)


def _back(dataset: str, policy: Policy, catalog: Catalog, history: History) -> Item:
    ways = [restore_seconds(dataset, repository, catalog, history) for repository in policy.repositories]
    best, limit = min(ways, key=lambda figure: figure.value), restore_limit(dataset, policy, catalog)
    if limit is None:
        return Item(Claim.RTO, dataset, None, best)
    allowed = limit.delta().total_seconds()
    bound = Figure(allowed, "s", Origin.ASSUMED, str(limit))
    if best.value <= allowed:
        return Item(Claim.RTO, dataset, True, best, bound)
    rate = size(dataset, catalog, history).value / max(allowed, 1)
    allow = f"{math.ceil(best.value / 3600)}h" if best.value > 3600 else f"{math.ceil(best.value / 60)}min"
    remedies = (Remedy(Mend.RATE, f"{human_size(rate * 1.05)}/s"), Remedy(Mend.RTO, allow))
    return Item(Claim.RTO, dataset, False, best, bound, why=Why.RATE, remedies=remedies)


def _window(course: Course, lasts: Sequence[float], usual: Figure, first: Figure) -> Item:
    name, policy, due, zone = course.name, course.policy, course.due, course.zone
    if policy.window is None:
        return Item(Claim.WINDOW, name, None)
    spans = Openings(policy.window, zone, due[0] - timedelta(days=8), due[-1] + timedelta(days=8))
    tightest, where, broken = math.inf, due[0], []
    for index, (begin, lasting) in enumerate(zip(due, lasts, strict=True)):
        span, end = spans.at(begin), begin + timedelta(seconds=lasting)
        if span is None or end > span[1]:
            broken.append((index, begin, end, span or spans.near(begin)))
        else:
            spare = (span[1] - end).total_seconds()
            if spare < tightest:
                tightest, where = spare, begin
    later = [entry for entry in broken if entry[0] > 0 or lasts[0] <= usual.value]
    if not broken:
        worst = Figure(tightest, "s", least_certain((Origin.PROVEN, usual.origin)), "least time to spare")
        return Item(Claim.WINDOW, name, True, worst, None, local_date(where, zone))
    if not later:
        # Only the run that reads everything does not fit: it happens once.
        worst = Figure(lasts[0], "s", first.origin, first.basis)
        return Item(Claim.WINDOW, name, None, worst, None, local_date(broken[0][1], zone), Why.FIRST_RUN)
    _, begin, end, span = later[0]
    worst = Figure((end - begin).total_seconds(), "s", usual.origin, usual.basis)
    why = Why.CLOCKS_FORWARD if span and _shorter(span, zone) else Why.DURATION
    remedies = _window_remedies(policy, later, zone)
    return Item(Claim.WINDOW, name, False, worst, None, local_date(begin, zone), why, remedies)


def _shorter(span: tuple[datetime, datetime], zone: ZoneInfo) -> bool:
    opens, closes = (moment.astimezone(zone).utcoffset() or timedelta() for moment in span)
    return closes > opens


Break = tuple[int, datetime, datetime, tuple[datetime, datetime] | None]


def _window_remedies(policy: Policy, broken: Sequence[Break], zone: ZoneInfo) -> tuple[Remedy, ...]:
    remedies, starts = [], []
    for _, begin, end, span in broken:
        if span is not None:
            start = span[1] - (end - begin)
            starts.append(start.astimezone(zone) if start >= span[0] else None)
    if not policy.schedule.is_subdaily and starts and all(starts):
        minute = min(s.hour * 60 + s.minute for s in starts if s) // 5 * 5
        remedies.append(Remedy(Mend.START_BY, f"{minute // 60:02d}:{minute % 60:02d}"))
    late = max(
        (end.astimezone(zone) for _, _, end, _ in broken),
        key=lambda t: (t.hour * 60 + t.minute - _anchor(policy)) % 1440,
    )
    minute = -(-(late.hour * 60 + late.minute + (late.second > 0)) // 5) * 5 % 1440
    remedies.append(Remedy(Mend.WIDEN_WINDOW, f"{minute // 60:02d}:{minute % 60:02d}"))
    return tuple(remedies)


def _anchor(policy: Policy) -> int:
    """The minute of the day from which the window's times are counted."""
    return policy.window.start.hour * 60 + policy.window.start.minute if policy.window else 0


def promised(retention: Retention, longest_gap: float, shortest_gap: float) -> float | None:
    """Seconds that the oldest point lies behind the newest at least, once backups are that old; None: for ever."""
    if retention.forever:
        return None
    spans = [0.0]
    if retention.keep_within:
        spans.append(retention.keep_within.delta().total_seconds() - longest_gap)
    if retention.keep_last:
        spans.append((retention.keep_last - 1) * shortest_gap)
    for rule, days in BUCKET_DAYS.items():
        count, span = getattr(retention, rule), getattr(retention, f"{rule}_within")
        if count:
            spans.append((count - 2) * days * 86400)
        if span:
            spans.append(span.delta().total_seconds() - days * 86400 * 1.12 - longest_gap)
    # Calendar units are counted at their mean length; the shortest months make them up to three days shorter, and a
    # local day may be two hours shorter.
    calendar = any(getattr(retention, name) and getattr(retention, name).is_calendar for name in RULE_SPANS)
    return max(spans) - (3 * 86400 if calendar else 7200)


RULE_SPANS = ("keep_within", *(f"{rule}_within" for rule in BUCKET_DAYS))


def _retention(course: Course, steps: Sequence[Step]) -> Item:
    name, retention, due, zone = course.name, course.policy.retention, course.due, course.zone
    gaps = [(after - before).total_seconds() for before, after in pairwise(due)]
    promise = promised(retention, max(gaps, default=0.0), min(gaps, default=0.0))
    least, oldest = math.inf, 0.0
    for step in steps:
        age, possible = (step.time - step.oldest).total_seconds(), (step.time - due[0]).total_seconds()
        oldest = max(oldest, age)
        wanted = possible if promise is None else min(promise, possible)
        if age < wanted - 1:
            bound = Figure(wanted, "s", Origin.PROVEN, "promised")
            return Item(Claim.RETENTION, name, False, Figure(age, "s", Origin.PROVEN, "oldest point"), bound,
                        local_date(step.time, zone), Why.SCHEDULE)  # fmt: skip
        if promise is not None and possible >= promise:
            least = min(least, age)
    limit = Figure(max(promise, 0.0), "s", Origin.PROVEN, "promised") if promise is not None else None
    reached = Figure(least if least < math.inf else oldest, "s", Origin.PROVEN, "least age of the oldest point")
    return Item(Claim.RETENTION, name, True, reached, limit)
