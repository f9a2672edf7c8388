"""How often and on which days: the schedule of a draft before it has a time of day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta

from planner.feasibility import longest_period
from planner.phrases import of_schedule
from planner.request import Request
from policies.duration import Duration
from policies.schedule import NthWeekday, Schedule
from policies.window import WEEKDAYS, DayPart, Weekday

DAILY, WEEKLY, MONTHLY = Duration(1, "d"), Duration(1, "w"), Duration(1, "mo")
A_WEEK: dict[int, tuple[Weekday, ...]] = {
    1: ("sun",), 2: ("mon", "thu"), 3: ("mon", "wed", "fri"), 4: ("mon", "wed", "fri", "sun"),
    5: ("mon", "tue", "wed", "thu", "fri"), 6: ("mon", "tue", "wed", "thu", "fri", "sat"), 7: WEEKDAYS,
}  # fmt: skip


@dataclass(slots=True)
class Frame:
    """A schedule in the making; nothing is checked until `schedule()`."""

    every: Duration
    at: tuple[time, ...] = ()
    days: tuple[Weekday, ...] = ()
    month_days: tuple[int, ...] = ()
    nth: NthWeekday | None = None
    months: tuple[int, ...] = ()
    anchor: date | None = None
    part: DayPart | None = None
    timezone: str | None = None

    @property
    def subdaily(self) -> bool:
        return self.every.unit in {"min", "h"} and self.every.delta() < timedelta(days=1)

    def schedule(self) -> Schedule:
        """The validated schedule; raises ValueError (pydantic's) with everything that is wrong."""
        return Schedule(
            every=self.every,
            at=self.at,
            days=self.days,
            month_days=self.month_days,
            nth_weekday=self.nth,
            months=self.months,
            anchor=self.anchor,
            part=self.part,
            timezone=self.timezone,
        )


def frame_of(request: Request) -> Frame:
    """The cadence of the wish; what it leaves open comes from the policy in force, else from defaults. Raises ValueError
    where what was said contradicts itself."""
    wish, notes, base = request.wish, request.notes, request.base
    old = base.schedule if base else None
    frame = _period(request, old)
    frame.timezone = wish.timezone or (old.timezone if old else None)
    if wish.window and wish.window.days and frame.every == DAILY:
        frame.every, frame.days = WEEKLY, wish.window.days
        notes.assume("schedule.days", ", ".join(frame.days), "days.from-window", "the window opens on these days only")
    same = old if old and old.every.unit == frame.every.unit else None
    _days(request, frame, same)
    _month_days(request, frame, same)
    _times(request, frame, old)
    frame.anchor = same.anchor if same else None
    frame.part = wish.part or (old.part if old and not wish.at else None)
    return frame


def _period(request: Request, old: Schedule | None) -> Frame:
    """How often; with `times`, the days or hours that it means."""
    wish, notes = request.wish, request.notes
    frame = Frame(
        wish.every or DAILY, tuple(sorted(set(wish.at))), wish.days, wish.month_days, wish.nth_weekday, wish.months
    )
    if wish.times and wish.times > 1:
        _several(request, frame)
        notes.said("schedule.every", _words(frame), "times", "schedule")
    elif wish.every:
        if wish.days and wish.every == DAILY:
            frame.every = WEEKLY
        notes.said("schedule.every", _words(frame), "schedule")
    elif wish.days or wish.month_days or wish.nth_weekday:
        fitting = old is not None and (old.every.unit == "w" if wish.days else old.every.is_calendar)
        frame.every = old.every if old and fitting else WEEKLY if wish.days else MONTHLY
        notes.assume("schedule.every", _words(frame), "every.from-days", "follows from the days")
    elif old:
        frame.every = old.every
        notes.kept("schedule.every", _words(frame), request.base_name)
    else:
        _default_period(request, frame)
    return frame


def _default_period(request: Request, frame: Frame) -> None:
    wish, tier, notes = request.wish, request.tier, request.notes
    promise = wish.rpo or (tier.rpo if tier else None)
    found = longest_period(promise.delta().total_seconds(), 600.0, 3600.0) if promise else None
    asked = tier.every if tier else None
    if promise and found and (asked is None or Duration.parse(found).delta() < asked.delta()):
        frame.every = Duration.parse(found)
        why = f"the longest period that loses at most {promise}, nights of clock change included"
        notes.assume("schedule.every", _words(frame), "every.from-rpo", why, rpo=str(promise))
    elif asked:
        frame.every = asked
        notes.assume("schedule.every", _words(frame), "every.tier", f"{wish.tier} asks for it", tier=wish.tier or "")
    else:
        notes.assume("schedule.every", _words(frame), "every.daily", "every night, where nothing else is said")


def _several(request: Request, frame: Frame) -> None:
    """`times` a period as days or hours: three times a week are Monday, Wednesday, Friday."""
    wish = request.wish
    times, every = wish.times or 1, frame.every
    if every == WEEKLY and times <= 7:
        if wish.days and len(wish.days) != times:
            raise ValueError(f"{times} times a week, but {len(wish.days)} days are named ({', '.join(wish.days)})")
        frame.days = wish.days or A_WEEK[times]
    elif every == MONTHLY and times <= 28 and not wish.month_days:
        frame.month_days = tuple(1 + index * 30 // times for index in range(times))
    elif every == DAILY and wish.at:
        if len(frame.at) != times:
            raise ValueError(f"{times} times a day, but {len(frame.at)} times of day are named")
    elif every == DAILY and 1440 % times == 0 and 1440 // times >= 5:
        step = 1440 // times
        frame.every = Duration(step // 60, "h") if step % 60 == 0 else Duration(step, "min")
    elif every == DAILY and times <= 24:
        minutes = [round(index * 288 / times) * 5 for index in range(times)]
        frame.at = tuple(time(minute // 60, minute % 60) for minute in minutes)
    else:
        raise ValueError(f"{times} times every {every} can't be spaced over days: name the period instead")


def _days(request: Request, frame: Frame, same: Schedule | None) -> None:
    if request.wish.days:
        request.notes.said("schedule.days", ", ".join(frame.days))
    elif frame.every.unit == "w" and not frame.days:
        frame.days = same.days if same and same.days else ("sun",)
        if same:
            request.notes.kept("schedule.days", ", ".join(frame.days), request.base_name)
        else:
            request.notes.assume("schedule.days", "sun", "days.weekend", "the quietest day of most weeks")


def _month_days(request: Request, frame: Frame, same: Schedule | None) -> None:
    wish, notes = request.wish, request.notes
    if wish.nth_weekday:
        notes.said("schedule.nth_weekday", f"{wish.nth_weekday.n} {wish.nth_weekday.day}")
    if wish.month_days:
        notes.said("schedule.month_days", ", ".join(map(str, frame.month_days)))
    if wish.months:
        notes.said("schedule.months", ", ".join(map(str, wish.months)))
    if not frame.every.is_calendar:
        return
    if same and not wish.months:
        frame.months = same.months
    if not frame.month_days and not frame.nth:
        frame.month_days, frame.nth = (same.month_days, same.nth_weekday) if same else ((1,), None)
        words = _words(Frame(frame.every, month_days=frame.month_days, nth=frame.nth))
        if same:
            notes.kept("schedule.month_days", words, request.base_name)
        else:
            notes.assume("schedule.month_days", words, "month-day.first", "the first of the month")


def _times(request: Request, frame: Frame, old: Schedule | None) -> None:
    wish = request.wish
    if wish.at:
        request.notes.said("schedule.at", _clocks(frame.at))
    elif (
        old
        and old.at
        and not frame.at
        and not frame.subdaily
        and not old.is_subdaily
        and not wish.part
        and not wish.window
    ):
        frame.at = old.at
        request.notes.kept("schedule.at", _clocks(frame.at), request.base_name)
    elif frame.at:
        request.notes.assume("schedule.at", _clocks(frame.at), "at.spaced", "spaced over the day")


def _clocks(times: tuple[time, ...]) -> str:
    return ", ".join(f"{at:%H:%M}" for at in times)


def _words(frame: Frame) -> str:
    return of_schedule(
        Schedule.model_construct(every=frame.every, days=frame.days, month_days=frame.month_days, nth_weekday=frame.nth)
    )
