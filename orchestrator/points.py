"""Which recovery point a person means: newest, at or before a moment, of a day, by id, the last good one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from planner.language.intent import Point
from policies.errors import UsageError
from policies.snapshot import RecoveryPoint

DATE = len("2026-03-11")


@dataclass(frozen=True, slots=True)
class PointWish:
    """At most one is set; none: the newest. Moments are aware. `at` and `before` take the newest point not after (before)
    the moment, `day` the newest point of that local day or of the night that follows it."""

    at: datetime | None = None
    before: datetime | None = None
    day: date | None = None
    snapshot: str | None = None
    last_good: bool = False
    previous: int = 0


def wished(said: Point | None, zone: ZoneInfo) -> PointWish:
    """The wish behind a point as it was said; without one the newest. Of a span its end counts."""
    if said is None:
        return PointWish()
    if said.older_than:
        raise UsageError(
            f"a state older than {said.older_than} names no single point", hint="name a day or a moment",
            untouched="nothing was changed",
        )  # fmt: skip
    at = said.at or said.until or said.start
    before = said.before
    day = said.date or (at if at and len(at) == DATE else None)
    return PointWish(
        at=_local(at, zone) if at and day is None else None,
        before=_local(before, zone) if before else None,
        day=date.fromisoformat(day[:DATE]) if day else None,
        snapshot=said.snapshot, last_good=said.last_good, previous=said.previous or 0,
    )  # fmt: skip


def _end_of(moment: datetime | None) -> datetime | None:
    """A moment said to the minute means all of it: times are shown so."""
    if moment is None or moment.second or moment.microsecond:
        return moment
    return moment + timedelta(seconds=59, microseconds=999_999)


def _local(text: str, zone: ZoneInfo) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def choose(
    points: Sequence[RecoveryPoint], wish: PointWish, *, dataset: str, zone: ZoneInfo, proven: Sequence[str] = ()
) -> RecoveryPoint:
    """The point meant. UsageError names what was asked, and the nearest points there are.

    `points` newest first; `proven` are ids of points whose restore was proven, newest first (for `last_good`)."""
    if not points:
        raise UsageError(
            f"there is no backup of {dataset!r} to restore",
            hint=f"restora run {dataset}, or restora snapshots --refresh",
        )
    if wish.snapshot:
        return _by_id(points, wish.snapshot, dataset)
    if wish.last_good:
        return next((p for run in proven for p in points if p.id == run), points[0])
    if wish.previous:
        if wish.previous >= len(points):
            raise UsageError(
                f"{dataset!r} has only {len(points)} points: there is none {wish.previous} before the newest",
                hint=_span(points, zone),
            )
        return points[wish.previous]
    limit = _end_of(wish.at) or wish.before
    if wish.day:
        start = datetime.combine(wish.day, time(0), zone)
        end = start + timedelta(days=1, hours=12)
        same = [p for p in points if start <= p.time < start + timedelta(days=1)] or [
            p for p in points if start <= p.time < end
        ]
        if not same:
            raise UsageError(f"there is no backup of {dataset!r} of {wish.day.isoformat()}", hint=_span(points, zone))
        return same[0]
    if limit is None:
        return points[0]
    found = next((p for p in points if (p.time < limit if wish.before else p.time <= limit)), None)
    if found is None:
        raise UsageError(
            f"there is no backup of {dataset!r} as early as {limit.astimezone(zone):%Y-%m-%d %H:%M}",
            hint=_span(points, zone),
        )
    return found


def _by_id(points: Sequence[RecoveryPoint], wanted: str, dataset: str) -> RecoveryPoint:
    same = [p for p in points if p.id.startswith(wanted) or any(part.id.startswith(wanted) for part in p.parts)]
    if len(same) == 1:
        return same[0]
    if same:
        raise UsageError(
            f"{wanted!r} means {len(same)} snapshots of {dataset!r}",
            hint="give more characters of the id: restora snapshots",
        )
    raise UsageError(f"{wanted!r} is no snapshot of {dataset!r}", hint=f"restora snapshots {dataset}")


def _span(points: Sequence[RecoveryPoint], zone: ZoneInfo) -> str:
    oldest, newest = points[-1].time.astimezone(zone), points[0].time.astimezone(zone)
    return f"there are {len(points)}, from {oldest:%Y-%m-%d %H:%M} to {newest:%Y-%m-%d %H:%M}: restora snapshots"
