"""Which recovery points stay, and why: restic's rules, decided here so that every removal has a reason that can be shown.

Points are looked at newest first. A counted rule keeps the newest of each of the last n hours, days, ISO weeks, months or years
that have one (local time), and the very oldest point while it still has places left. Spans count back from the newest point.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from policies.duration import Duration
from policies.errors import GuardrailViolation
from policies.guardrails import check_removal
from policies.retention import COUNTS, SPANS, Retention, Verdict
from policies.snapshot import RecoveryPoint

SKEW = timedelta(minutes=10)  # a point this far ahead of now is a clock's jitter; further is a wrong clock
Key = Callable[[datetime], tuple[int, ...]]
KEYS: Mapping[str, tuple[Key, str]] = {
    "hourly": (lambda t: (t.year, t.month, t.day, t.hour), "%Y-%m-%d %H:00"),
    "daily": (lambda t: (t.year, t.month, t.day), "%Y-%m-%d"),
    "weekly": (lambda t: t.isocalendar()[:2], "%G-W%V"),
    "monthly": (lambda t: (t.year, t.month), "%Y-%m"),
    "yearly": (lambda t: (t.year,), "%Y"),
}


def decide(
    retention: Retention,
    points: Sequence[RecoveryPoint],
    *,
    zone: ZoneInfo,
    now: datetime,
    protected: Mapping[str, str],
    approved: bool = False,
) -> list[Verdict]:
    """A verdict on every point of one dataset in one repository, newest first, with its reasons in words.

    `protected`: ids that stay whatever the rules say, with the reason ("last proven"). Raises GuardrailViolation, deciding nothing,
    when a point lies ahead of `now`, or when an abnormal share would go and `approved` is not set."""
    if len({(point.dataset, point.repository) for point in points}) > 1:
        raise ValueError("decide() takes the points of one dataset in one repository")
    ordered = sorted(points, key=lambda point: (point.time.astimezone(UTC), point.id), reverse=True)
    ahead = [point for point in ordered if point.time > now + SKEW]
    if ahead:
        raise GuardrailViolation(
            f"recovery point {ahead[0].id} is dated {ahead[0].time.astimezone(zone):%Y-%m-%d %H:%M}, ahead of now"
            f" ({now.astimezone(zone):%Y-%m-%d %H:%M}): counting back from it would remove real ones",
            hint="set the clock of the host that wrote it; then remove that point (restic forget ID), or wait until its time has passed",
            untouched=f"all {len(ordered)} recovery points",
        )
    reasons = kept(retention, [point.time for point in ordered], zone)
    verdicts = []
    for point, why in zip(ordered, reasons, strict=True):
        held = (*why, protected[point.id]) if point.id in protected else why
        verdicts.append(Verdict(point.id, bool(held), held or ("no rule keeps it",)))
    check_removal(verdicts, approved=approved)
    return verdicts


def kept(retention: Retention, times: Sequence[datetime], zone: ZoneInfo) -> list[tuple[str, ...]]:
    """For aware times, newest first: the reasons that keep each, empty where nothing does."""
    if retention.forever:
        return [("kept for ever",) for _ in times]
    local = [time.astimezone(zone) for time in times]
    reasons: list[list[str]] = [[] for _ in times]
    for name in (*SPANS, *COUNTS):
        rule = getattr(retention, name)
        if isinstance(rule, Duration):
            _within(name, rule, local, reasons)
        elif rule is not None:
            _counted(name, rule, local, reasons)
    for index in range(min(retention.at_least, len(local))):
        reasons[index].append(f"never fewer than {retention.at_least}")
    return [tuple(why) for why in reasons]


def horizon(span: Duration, newest: datetime) -> datetime:
    """The moment (UTC) that lies `span` before the newest point: calendar units by the local calendar, hours by elapsed time."""
    if span.unit in {"min", "h"}:
        return newest.astimezone(UTC) - span.delta()
    return span.before(newest).astimezone(UTC)


def _within(name: str, span: Duration, local: Sequence[datetime], reasons: list[list[str]]) -> None:
    if not local:
        return
    since, unit, seen = horizon(span, local[0]), name.removeprefix("keep_").removesuffix("_within"), None
    for index, time in enumerate(local):
        if time.astimezone(UTC) <= since:
            return
        if name == "keep_within":
            reasons[index].append(f"within {span} of the newest")
            continue
        key, pattern = KEYS[unit]
        oldest = index == len(local) - 1
        if key(time) != seen:
            reasons[index].append(f"{name} {span}: {time.strftime(pattern)}")
        elif oldest:
            reasons[index].append(f"{name} {span}: the oldest point")
        seen = key(time)


def _counted(name: str, count: int, local: Sequence[datetime], reasons: list[list[str]]) -> None:
    if name == "keep_last":
        for index in range(min(count, len(local))):
            reasons[index].append(f"keep_last {index + 1} of {count}")
        return
    key, pattern = KEYS[name.removeprefix("keep_")]
    seen, used = None, 0
    for index, time in enumerate(local):
        if used == count:
            return
        if key(time) != seen:
            used += 1
            reasons[index].append(f"{name} {used} of {count}: {time.strftime(pattern)}")
        elif index == len(local) - 1:
            reasons[index].append(f"{name} {used + 1} of {count}: the oldest point")
        seen = key(time)
