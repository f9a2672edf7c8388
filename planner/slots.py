"""When a policy is due, and when its window is open: pure functions of schedule, zone and range.

A slot is (policy, local date, nth of that date): once, whatever the clock does. Periods of a day or more and of two hours or
more follow the wall clock; shorter ones count elapsed time from local midnight, so a day of 23 or 25 hours has 23 or 25 hourly slots.
"""

from __future__ import annotations

import calendar
from bisect import bisect_right
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from planner.cron import from_cron
from planner.local_time import DAY, day_start, exists, instant, local_date
from policies.policy import Policy
from policies.schedule import Schedule, Slot
from policies.window import WEEKDAYS, Window

__all__ = ["Openings", "from_cron", "inside", "opening", "openings", "policy_slots", "slots"]
EPOCH = date(2024, 1, 1)  # a Monday and the first of a month: the phase of every schedule without an anchor
ELAPSED_BELOW = timedelta(hours=2)


def slots(policy: str, schedule: Schedule, zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[Slot]:
    """The slots due in [start, end), in order. `start` and `end` are aware; `due` is in UTC. Two that fall on the same moment
    count once."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    # Two days earlier: a slot that a gap moved forward may lie on the date after its own, and hides one of the same moment.
    day, last = local_date(start, zone) - 2 * DAY, local_date(end, zone) + DAY
    times = _times(schedule)
    runs_on = _calendar(schedule)
    odd = not schedule.is_subdaily and schedule.every.unit in {"h", "min"} and not _whole_days(schedule)
    elapsed = schedule.is_subdaily and schedule.every.delta() < ELAPSED_BELOW
    previous: datetime | None = None
    while day <= last:
        if runs_on(day):
            due = _elapsed(schedule, day, zone) if elapsed else _wall(schedule, times, day, zone, odd=odd)
            for nth, moment in due:
                if moment >= end:
                    return
                if previous is None or moment > previous:
                    previous = moment
                    if moment >= start:
                        yield Slot(policy, day, nth, moment)
        day += DAY


def policy_slots(
    name: str, policy: Policy, zone: ZoneInfo, start: datetime, end: datetime, *, window: Window | None = None
) -> Iterator[Slot]:
    """The slots of a policy with its window: one of several a day falls away where the window is shut ("hourly, 8 to 18, on
    weekdays"); a daily or rarer one only on days when the window does not open. `window` stands in for the policy's own."""
    window = window or policy.window
    spans = Openings(window, zone, start, end) if window and policy.schedule.is_subdaily else None
    for slot in slots(name, policy.schedule, zone, start, end):
        if window is None:
            yield slot
        elif spans is not None:
            if spans.at(slot.due):
                yield slot
        elif not window.days or _opening_day(window, slot, policy.schedule) in window.days:
            yield slot


def _opening_day(window: Window, slot: Slot, schedule: Schedule) -> str:
    """The weekday on which the window opened that a daily slot belongs to (by the planned, not the moved time)."""
    times = _times(schedule)
    at = times[min(slot.nth, len(times) - 1)]
    after_midnight = window.until <= window.start and at < window.start and at < window.until
    return WEEKDAYS[(slot.day - DAY if after_midnight else slot.day).weekday()]


def _times(schedule: Schedule) -> tuple[time, ...]:
    """The wall-clock times of a day on which the schedule runs."""
    if not schedule.is_subdaily:
        return tuple(sorted(set(schedule.at))) or (time.min,)
    step = int(schedule.every.delta().total_seconds() // 60)
    phase = _minutes(schedule) % step
    return tuple(time(minute // 60, minute % 60) for minute in range(phase, 1440, step))


def _minutes(schedule: Schedule) -> int:
    return schedule.at[0].hour * 60 + schedule.at[0].minute if schedule.at else 0


def _wall(
    schedule: Schedule, times: tuple[time, ...], day: date, zone: ZoneInfo, *, odd: bool
) -> Iterator[tuple[int, datetime]]:
    if odd:
        times = (_odd_time(schedule, day),)
    for nth, at in enumerate(times):
        wall = datetime.combine(day, at)
        moment = instant(wall, zone)
        if moment.astimezone(zone).date() != day and not exists(day, zone):
            return
        yield nth, moment


def _elapsed(schedule: Schedule, day: date, zone: ZoneInfo) -> Iterator[tuple[int, datetime]]:
    step = schedule.every.delta()
    phase = timedelta(minutes=_minutes(schedule)) % step
    moment, nth = day_start(day, zone) + phase, 0
    until = day_start(day + DAY, zone) + phase
    while moment < until:
        yield nth, moment
        moment += step
        nth += 1


def _whole_days(schedule: Schedule) -> bool:
    return schedule.every.delta() % DAY == timedelta(0)


def _odd_offset(schedule: Schedule, day: date) -> timedelta:
    """How far into `day` the wall-clock grid of a period such as 36h has its first mark."""
    first = datetime.combine(schedule.anchor or EPOCH, schedule.at[0] if schedule.at else time.min)
    return (first - datetime.combine(day, time.min)) % schedule.every.delta()


def _odd_time(schedule: Schedule, day: date) -> time:
    return (datetime.combine(day, time.min) + _odd_offset(schedule, day)).time()


def _calendar(schedule: Schedule) -> Callable[[date], bool]:
    """Whether the schedule has slots on a local date."""
    every, anchor = schedule.every, schedule.anchor or EPOCH
    if schedule.is_subdaily:
        return lambda _day: True
    if every.unit == "w":
        monday = (anchor - timedelta(anchor.weekday())).toordinal()
        days = {WEEKDAYS.index(day) for day in schedule.days} or {anchor.weekday()}
        return lambda day: day.weekday() in days and (day.toordinal() - monday) // 7 % every.count == 0
    if every.is_calendar:
        return lambda day: _month_fits(schedule, day, anchor) and day.day in _month_days(schedule, day, anchor)
    if not _whole_days(schedule):
        return lambda day: _odd_offset(schedule, day) < DAY
    step = every.delta() // DAY
    return lambda day: (day - anchor).days % step == 0


def _month_fits(schedule: Schedule, day: date, anchor: date) -> bool:
    count = schedule.every.count
    if schedule.months:
        years = count if schedule.every.unit == "y" else 1
        return day.month in schedule.months and (day.year - anchor.year) % years == 0
    months = count * (12 if schedule.every.unit == "y" else 1)
    return ((day.year - anchor.year) * 12 + day.month - anchor.month) % months == 0


def _month_days(schedule: Schedule, day: date, anchor: date) -> set[int]:
    """The days of `day`'s month on which the schedule runs; a day that the month lacks is its last."""
    first, length = calendar.monthrange(day.year, day.month)
    wanted = schedule.month_days or (() if schedule.nth_weekday else (anchor.day,))
    found = {length if number == -1 else min(number, length) for number in wanted}
    if schedule.nth_weekday:
        earliest = (WEEKDAYS.index(schedule.nth_weekday.day) - first) % 7 + 1
        all_of_it = list(range(earliest, length + 1, 7))
        n = schedule.nth_weekday.n
        found.add(all_of_it[-1] if n == -1 else all_of_it[min(n, len(all_of_it)) - 1])
    return found


def opening(window: Window, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """When the window that opens on a local date is open: (from, to) in UTC, whatever its `days` say. Both are the same moment
    where a clock change swallowed it."""
    closes = day + DAY if window.until <= window.start else day
    return instant(datetime.combine(day, window.start), zone), instant(datetime.combine(closes, window.until), zone)


def openings(window: Window, zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Every opening that has a moment in [start, end), whole and in order; openings that meet are not joined."""
    day, last = local_date(start, zone) - 2 * DAY, local_date(end, zone) + DAY
    while day <= last:
        if not window.days or WEEKDAYS[day.weekday()] in window.days:
            opens, closes = opening(window, day, zone)
            if opens < closes and closes > start and opens < end:
                yield opens, closes
        day += DAY


class Openings:
    """All openings of a window over a range, joined where they overlap or meet: for many questions about one window."""

    def __init__(self, window: Window, zone: ZoneInfo, start: datetime, end: datetime) -> None:
        self.spans: list[tuple[datetime, datetime]] = []
        for opens, closes in openings(window, zone, start - DAY, end + DAY):
            if self.spans and opens <= self.spans[-1][1]:
                opens, closes = self.spans[-1][0], max(closes, self.spans.pop()[1])  # noqa: PLW2901
            self.spans.append((opens, closes))
        self._opens = [opens for opens, _ in self.spans]

    def at(self, moment: datetime) -> tuple[datetime, datetime] | None:
        """The opening that holds this moment (its end excluded)."""
        index = bisect_right(self._opens, moment) - 1
        return self.spans[index] if index >= 0 and moment < self.spans[index][1] else None

    def near(self, moment: datetime) -> tuple[datetime, datetime] | None:
        """The opening that holds this moment, else the last before it, else the first after it; None where there is none."""
        index = max(bisect_right(self._opens, moment) - 1, 0)
        return self.spans[index] if self.spans else None


def inside(window: Window, zone: ZoneInfo, start: datetime, end: datetime) -> bool:
    """Whether the span [start, end] lies wholly in openings that overlap or meet."""
    span = Openings(window, zone, start, end).at(start)
    return span is not None and end <= span[1]
