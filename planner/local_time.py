"""Local wall time to instants, on the nights when clocks change too."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """The moment (UTC) of a naive local time: the first occurrence where there are two; where there is none, the first moment
    after the gap."""
    found = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == wall:
        return found
    # In a gap: fold=1 lies before the change, fold=0 at or after it; between them wall time passes `wall` once.
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    low, high = min(before, found), max(before, found)
    while high - low > SECOND:
        middle = (low + (high - low) / 2).replace(microsecond=0)
        if middle.astimezone(zone).replace(tzinfo=None) < wall:
            low = middle
        else:
            high = middle
    return high


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """The first moment (UTC) of a local date; of a date that the zone leaves out, the first moment after it."""
    return instant(datetime.combine(day, time.min), zone)


def exists(day: date, zone: ZoneInfo) -> bool:
    """Whether a zone has this date at all (Apia has no 30 December 2011)."""
    return day_start(day, zone) != day_start(day + DAY, zone)


def local_date(moment: datetime, zone: ZoneInfo) -> date:
    """The local date of an aware moment."""
    return moment.astimezone(zone).date()
