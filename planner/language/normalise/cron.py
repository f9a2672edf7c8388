"""Schedules in the notation of cron and systemd timers."""

from __future__ import annotations

from typing import Any

from planner.language.normalise.days import WEEK, weekdays
from planner.language.normalise.days import months as month_numbers
from planner.language.normalise.text import fold, pattern


def schedule(text: str) -> dict[str, Any] | None:
    """The schedule of `0 2 * * 1-5`, `*/15 * * * *`, `@daily`, `OnCalendar=Mon..Fri 22:15`, `FREQ=WEEKLY;BYDAY=TU`; None where
    there is none."""
    plain = fold(text)
    if "oncalendar" in plain or pattern(r"\*-\*[-~]|(?<![\w*])\*:0?0/\d").search(plain):
        return _timer(plain)
    if "freq=" in plain:
        return _rule(plain)
    short = pattern(r"(?<![\w@.])@(hourly|daily|midnight|weekly|monthly|yearly|annually)\b").search(plain)
    if short:
        return {"every": SHORT[short[1]]}
    found = _line(plain)
    if not found:
        alone = pattern(r"^\W*\*/(\d{1,2})\W*$").search(plain)
        return {"every": f"{int(alone[1])}min"} if alone and int(alone[1]) else None
    return _fields(*found)


def _line(plain: str) -> tuple[str, str, str, str, str] | None:
    m = pattern(
        rf"(?<![\w*/,-])({FIELD}) +({FIELD}) +({FIELD}) +({FIELD}|{NAMED}) +({FIELD}|{NAMED})(?![\w*/])"
    ).search(plain)
    return (m[1], m[2], m[3], m[4], m[5]) if m and "*" in m[0] else None


SHORT = {
    "hourly": "1h",
    "daily": "1d",
    "midnight": "1d",
    "weekly": "1w",
    "monthly": "1mo",
    "quarterly": "3mo",
    "yearly": "1y",
    "annually": "1y",
}
FIELD = r"(?:\*(?:/\d{1,2})?|\d{1,2}(?:-\d{1,2})?(?:/\d{1,2})?(?:,\d{1,2}(?:-\d{1,2})?)*)"
NAMED = r"[a-z]{3}(?:[-,][a-z]{3})*"


def _timer(plain: str) -> dict[str, Any] | None:
    """`OnCalendar=` of systemd: weekdays, `*-*-01,16`, `*-*~01` (the last day), a time."""
    minutes = pattern(r"\*:0?0/(\d{1,2})").search(plain)
    if minutes and int(minutes[1]):
        return {"every": f"{int(minutes[1])}min"}
    m = pattern(
        r"(?:oncalendar ?= ?)?\"?(?:(?P<days>[a-z]{3}[a-z.,]*) +)?(?:(?P<y>\*|\d{4})-(?P<mo>\*|\d{1,2}(?:,\d{1,2})*)[-~](?P<d>\*|\d{1,2}(?:(?:,|\.\.)\d{1,2})*) *)?(?:(?P<h>\*|\d{1,2}(?:,\d{1,2})*(?:/\d{1,2})?):(?P<m>\d\d(?:/\d+)?)(?::\d\d)?)?"
    ).search(plain[plain.find("oncalendar") if "oncalendar" in plain else _calendar_start(plain) :])
    word = pattern(r"oncalendar ?= ?(hourly|daily|weekly|monthly|quarterly|yearly|annually)\b").search(plain)
    if word:
        return {"every": SHORT[word[1]]}
    if not m or not (m["days"] or m["mo"] or m["h"]):
        return None
    hours, minute = m["h"] or "0", m["m"] or "00"
    if "/" in minute:
        return {"every": f"{int(minute.split('/')[1])}min"}
    if "/" in hours:
        return {"every": f"{int(hours.split('/')[1])}h"}
    if hours == "*":
        return {"every": "1h"}
    out: dict[str, Any] = {"every": "1d"}
    if m["h"]:
        out["at"] = [f"{int(h) % 24:02d}:{minute}" for h in hours.split(",") if int(minute) < 60]
    names = weekdays((m["days"] or "").replace("..", " to ").replace(",", ", "))
    day = m["d"] or "*"
    if names and day in {"1..7", "01..07", "1..07"} and len(names) == 1:
        return {**out, "every": "1mo", "nth_weekday": {"n": 1, "day": names[0]}}
    if names:
        out |= {"every": "1w", "days": list(names)}
    elif day != "*":
        last = "~" in m[0]
        numbers = [int(n) for n in pattern(r"\d+").findall(day)]
        out |= {"every": "1mo", "month_days": [-1] if last and numbers == [1] else numbers}
        if last and numbers != [1]:
            return None
    if m["mo"] and m["mo"] != "*":
        out |= {"every": "1y", "months": [int(n) for n in m["mo"].split(",")]}
    return out


def _calendar_start(plain: str) -> int:
    """Where the calendar part of a timer begins, its weekdays included."""
    found = pattern(r"(?:(?<![a-z])[a-z]{3}(?:(?:,|\.\.)[a-z]{3})* +)?(?:\*|\d{4})-(?:\*|\d)").search(plain)
    return found.start() if found else 0


def _rule(plain: str) -> dict[str, Any] | None:
    """A recurrence rule of a calendar (RFC 5545): FREQ, INTERVAL, BYDAY, BYMONTHDAY, BYMONTH, BYHOUR, BYMINUTE."""
    parts = dict(p.split("=", 1) for p in pattern(r"\b[a-z]+=[\w,+-]+").findall(plain))
    units = {"minutely": "min", "hourly": "h", "daily": "d", "weekly": "w", "monthly": "mo", "yearly": "y"}
    unit, count = units.get(parts.get("freq", "")), parts.get("interval", "1")
    if not unit or not count.isdigit():
        return None
    out: dict[str, Any] = {"every": f"{int(count)}{unit}"}
    codes = {"mo": "mon", "tu": "tue", "we": "wed", "th": "thu", "fr": "fri", "sa": "sat", "su": "sun"}
    by = pattern(r"([+-]?\d)?(mo|tu|we|th|fr|sa|su)\b").findall(parts.get("byday", ""))
    if by and unit == "mo" and by[0][0]:
        out["nth_weekday"] = {"n": int(by[0][0]), "day": codes[by[0][1]]}
    elif by:
        chosen = {codes[code] for _n, code in by}
        out |= {"every": f"{int(count)}w", "days": [d for d in WEEK if d in chosen]}
    for key, slot in (("bymonthday", "month_days"), ("bymonth", "months")):
        numbers = [int(n) for n in pattern(r"-?\d+").findall(parts.get(key, ""))]
        if numbers:
            out[slot] = numbers
    hours = [int(n) for n in pattern(r"\d+").findall(parts.get("byhour", "")) if int(n) < 24]
    if hours:
        minute = int(pattern(r"\d+").findall(parts.get("byminute", "0") + "0")[0]) if parts.get("byminute") else 0
        out["at"] = [f"{h:02d}:{minute % 60:02d}" for h in hours]
    return out


def bounds(text: str) -> dict[str, Any] | None:
    """The window that a cron line sets for a period shorter than a day: `*/15 8-17 * * 1-5` is 08:00 to 18:00 on weekdays."""
    found = _line(fold(text))
    if not found:
        return None
    minute, hour, day, month, weekday = found
    if day != "*" or month != "*" or not (minute.startswith("*/") or "/" in hour or "-" in hour or hour == "*"):
        return None
    out: dict[str, Any] = {}
    span = pattern(r"(\d{1,2})-(\d{1,2})(?:/\d+)?").fullmatch(hour)
    if span:
        out |= {
            "from": f"{int(span[1]) % 24:02d}:00",
            "to": f"{(int(span[2]) + (1 if minute.startswith('*/') else 0)) % 24:02d}:00",
        }
    if weekday != "*" and (names := _weekdays(weekday)):
        out["days"] = names
    return out or None


def _fields(minute: str, hour: str, day: str, month: str, weekday: str) -> dict[str, Any] | None:
    open_days = day == "*" and month == "*"
    if minute.startswith("*/"):
        plain = open_days and (hour == "*" or pattern(r"\d{1,2}-\d{1,2}").fullmatch(hour))
        return {"every": f"{int(minute[2:])}min"} if plain and int(minute[2:]) else None
    if not minute.isdigit() or int(minute) > 59:
        return None
    gap = pattern(r"(?:\*|\d{1,2}-\d{1,2})/(\d{1,2})").fullmatch(hour)
    if gap:
        return {"every": f"{int(gap[1])}h"} if open_days and int(gap[1]) else None
    if hour == "*" or pattern(r"\d{1,2}-\d{1,2}").fullmatch(hour):
        return {"every": "1h"} if open_days else None
    hours = _numbers(hour, 0, 23)
    if not hours:
        return None
    out: dict[str, Any] = {"every": "1d", "at": [f"{h:02d}:{int(minute):02d}" for h in hours]}
    if pattern(r"\*/\d+").fullmatch(day):
        return {**out, "every": f"{int(day[2:])}d"} if month == "*" and weekday == "*" and int(day[2:]) else None
    months = [] if month == "*" else _months(month)
    numbers = [] if day == "*" else _numbers(day, 1, 31)
    if weekday != "*":
        names = _weekdays(weekday)
        if len(names) == 1 and numbers and numbers == list(range(numbers[0], numbers[0] + 7)) and numbers[0] % 7 == 1:
            return {**out, "every": "1mo", "nth_weekday": {"n": numbers[0] // 7 + 1, "day": names[0]}}
        return (
            {**out, "every": "1w", "days": names} | ({"months": months} if months else {})
            if names and day == "*"
            else None
        )
    if (day != "*" and not numbers) or (month != "*" and not months):
        return None
    if numbers:
        out |= {"every": "1mo", "month_days": numbers}
    if months:
        out |= {"months": months, "every": "1y" if numbers else "1d"}
        if numbers and pattern(r"\*/3|1,4,7,10|3,6,9,12").fullmatch(month):
            out["every"] = "3mo"
    return out


def _numbers(field: str, low: int, high: int) -> list[int]:
    """The numbers of a field of cron, steps and ranges resolved; empty where it has none or one is out of bounds."""
    chosen: set[int] = set()
    for part in field.split(","):
        m = pattern(r"(\d{1,2})(?:-(\d{1,2}))?(?:/(\d{1,2}))?").fullmatch(part)
        if not m or (m[3] and not int(m[3])):
            return []
        last = int(m[2]) if m[2] else high if m[3] else int(m[1])
        chosen |= set(range(int(m[1]), last + 1, int(m[3] or 1)))
    return sorted(chosen) if chosen and min(chosen) >= low and max(chosen) <= high else []


def _months(field: str) -> list[int]:
    step = pattern(r"\*/(\d{1,2})").fullmatch(field)
    if step and int(step[1]):
        return list(range(1, 13, int(step[1])))
    return list(month_numbers(field.replace("-", " to "))) if field[0].isalpha() else _numbers(field, 1, 12)


def _weekdays(field: str) -> list[str]:
    if field[0].isalpha():
        return list(weekdays(field.replace("-", " to ").replace(",", ", ")))
    numbers = _numbers(field, 0, 7)
    chosen = {n % 7 for n in numbers}  # cron counts from Sunday
    return [WEEK[i] for i in range(7) if (i + 1) % 7 in chosen]
