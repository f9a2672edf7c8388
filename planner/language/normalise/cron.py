"""Schedules in the notation of cron and systemd timers."""

from __future__ import annotations

from typing import Any

from planner.language.normalise.days import WEEK, weekdays
from planner.language.normalise.text import fold, pattern


def schedule(text: str) -> dict[str, Any] | None:
    """The schedule of `0 2 * * 1-5`, `*/15 * * * *`, `@daily`, `OnCalendar=Mon..Fri 22:15`; None where there is none."""
    plain = fold(text)
    timer = pattern(r"oncalendar ?= ?(?:([a-z.,]+) )?(?:\*-\*-\*? ?)?(\d{1,2}):(\d\d)").search(plain)
    if timer:
        names = weekdays(timer[1] or "")
        at = [f"{int(timer[2]) % 24:02d}:{timer[3]}"]
        return {"every": "1w", "days": list(names), "at": at} if names else {"every": "1d", "at": at}
    short = pattern(r"(?<![\w@.])@(hourly|daily|midnight|weekly|monthly|yearly|annually)\b").search(plain)
    if short:
        return {
            "every": {"hourly": "1h", "daily": "1d", "midnight": "1d", "weekly": "1w", "monthly": "1mo"}.get(
                short[1], "1y"
            )
        }
    found = pattern(
        r"(?<![\d*/])([\d*/,-]+) ([\d*/,-]+) ([\d*/,-]+) ([\d*/,-]+) ([\d*/,-]+|[a-z]{3}(?:-[a-z]{3})?)(?![\d*/])"
    ).search(plain)
    if not found:
        alone = pattern(r"^\W*\*/(\d{1,2})\W*$").search(plain)
        return {"every": f"{int(alone[1])}min"} if alone and int(alone[1]) else None
    return _fields(*found.groups())


def _fields(minute: str, hour: str, day: str, month: str, weekday: str) -> dict[str, Any] | None:
    if minute.startswith("*/") and minute[2:].isdigit() and int(minute[2:]):
        return {"every": f"{int(minute[2:])}min"}
    if hour.startswith("*/") and hour[2:].isdigit() and int(hour[2:]):
        return {"every": f"{int(hour[2:])}h"}
    if hour == "*":
        return {"every": "1h"} if minute.isdigit() else None
    if not minute.isdigit() or int(minute) > 59 or not all(h.isdigit() and int(h) < 24 for h in hour.split(",")):
        return None
    out: dict[str, Any] = {"every": "1d", "at": [f"{int(h):02d}:{int(minute):02d}" for h in hour.split(",")]}
    if weekday != "*":
        names = _weekdays(weekday)
        return {**out, "every": "1w", "days": names} if names and day == "*" else None
    if day != "*":
        if not all(d.isdigit() and 1 <= int(d) <= 31 for d in day.split(",")):
            return None
        out |= {"every": "1mo", "month_days": [int(d) for d in day.split(",")]}
    if month != "*":
        if not all(m.isdigit() and 1 <= int(m) <= 12 for m in month.split(",")) or day == "*":
            return None
        out |= {"every": "1y", "months": [int(m) for m in month.split(",")]}
    return out


def _weekdays(field: str) -> list[str]:
    if field[0].isalpha():
        return list(weekdays(field))
    chosen: set[int] = set()
    for part in field.split(","):
        a, _, b = part.partition("-")
        if not a.isdigit() or (b and not b.isdigit()) or max(int(a), int(b or 0)) > 7:
            return []
        chosen |= {n % 7 for n in range(int(a), int(b or a) + 1)}  # cron counts from Sunday
    return [WEEK[i] for i in range(7) if (i + 1) % 7 in chosen]
