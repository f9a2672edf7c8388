"""Simple crontab lines as schedules. Weekdays are read as names, so 0 and 7 are Sunday whoever counts how."""

from __future__ import annotations

from datetime import time

from policies.duration import Duration
from policies.schedule import Schedule
from policies.window import WEEKDAYS

NICKNAMES = {
    "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
}  # fmt: skip
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAYS = ("sun", *WEEKDAYS)  # cron's 0 … 7: Sunday stands at both ends
LONGEST = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)  # days that every such month has


def from_cron(line: str) -> Schedule:
    """The schedule of a crontab line's five time fields (or @daily and the like). Raises ValueError, which says what and why,
    where a schedule cannot say exactly the same."""
    fields = NICKNAMES.get(line.strip().lower(), line).split()
    if len(fields) != 5:
        raise ValueError(f"{line!r} has not five fields: minute, hour, day of the month, month, weekday")
    minutes = _numbers(fields[0], 0, 59)
    hours = _numbers(fields[1], 0, 23)
    month_days = _numbers(fields[2], 1, 31)
    months = _numbers(fields[3], 1, 12, MONTHS)
    weekdays = _weekdays(fields[4])
    any_day, any_month, any_weekday = len(month_days) == 31, len(months) == 12, len(weekdays) == 7
    at = tuple(time(hour, minute) for hour in hours for minute in minutes)
    if not any_day and not any_weekday:
        raise ValueError(f"{line!r} names days of the month and weekdays: cron runs on either; make it two schedules")
    if not any_day:
        if any(day > LONGEST[month - 1] for day in month_days for month in months):
            raise ValueError(
                f"{line!r}: some months lack day {max(month_days)} and cron skips them; use -1 for the last day"
            )
        every = Duration(1, "mo") if any_month else Duration(1, "y")
        return Schedule(every=every, at=at, month_days=tuple(month_days), months=() if any_month else tuple(months))
    if not any_month:
        raise ValueError(f"{line!r} names months without a day of the month: name the days too")
    if not any_weekday:
        return Schedule(every=Duration(1, "w"), at=at, days=tuple(day for day in WEEKDAYS if day in weekdays))
    step = _even_step([hour * 60 + minute for hour in hours for minute in minutes])
    if step is None or step == 1440:
        return Schedule(every=Duration(1, "d"), at=at)
    every = Duration(step // 60, "h") if step % 60 == 0 else Duration(step, "min")
    return Schedule(every=every, at=at[:1] if at[0] != time.min else ())


def _even_step(minutes: list[int]) -> int | None:
    """Minutes between runs where a day's runs are evenly spaced, also over midnight."""
    gaps = {after - before for before, after in zip(minutes, [*minutes[1:], minutes[0] + 1440], strict=True)}
    return gaps.pop() if len(gaps) == 1 else None


def _weekdays(field: str) -> set[str]:
    return {DAYS[number] for number in _numbers(field, 0, 7, DAYS[:7])}


def _numbers(field: str, low: int, high: int, names: tuple[str, ...] = ()) -> list[int]:
    """The sorted numbers of `*`, `*/n`, `a`, `a-b`, `a-b/n` and lists of them."""
    found: set[int] = set()
    for part in field.lower().split(","):
        span, slash, step = part.partition("/")
        if slash and (not step.isdigit() or int(step) == 0):
            raise ValueError(f"{part!r} in {field!r} is no step: write it as in */6")
        if span == "*":
            first, last = low, (6 if names and high == 7 else high)
        else:
            begin, dash, end = span.partition("-")
            first = _number(begin, field, low, high, names)
            last = _number(end, field, low, high, names) if dash else (high if slash else first)
            if names and high == 7 and dash and last < first and last == 0:
                last = 7  # fri-sun
        if last < first:
            raise ValueError(f"{span!r} in {field!r} runs backwards: write two ranges")
        found.update(range(first, last + 1, int(step) if slash else 1))
    return sorted(found)


def _number(word: str, field: str, low: int, high: int, names: tuple[str, ...]) -> int:
    if word in names:
        return names.index(word) + (1 if low == 1 else 0)
    if not word.isdigit() or not low <= int(word) <= high:
        raise ValueError(f"{word!r} in {field!r} is not in {low}-{high}")
    return int(word)
