"""When a pause ends: an ISO date or date-time, or a duration."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from planner.language.normalise import clock, dates, days, durations
from planner.language.normalise.numbers import digits
from planner.language.normalise.text import pattern

MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"


def until(text: str, now: datetime) -> str | None:
    """When a pause ends: an ISO date or date-time, or a duration."""
    plain = digits(text)
    said = list(pattern(r"\bsay\b|\bi mean\b|\bno,").finditer(plain))
    if said and (found := until(plain[said[-1].end() :], now)):
        return found
    ends_at = list(pattern(r"(?:^|[\s,])(?:until|till?|back on|up to|直到)\b").finditer(plain))
    if ends_at and plain[: ends_at[-1].start()].strip(" ,"):
        tail = plain[ends_at[-1].start() :].lstrip(" ,")
        if (dates.names_a_day(tail) or clock.find(tail)) and (found := until(tail, now)):
            return found  # "over the weekend, until monday 06:00"
    ending = list(pattern(r"\bback on\b|(?<=\d) to (?=\w+day|\d)|(?<=day) to\b|到|至").finditer(plain))
    if ending and pattern(r"\bfrom\b|\bas of\b|从|自").search(plain[: ending[-1].start()]):
        plain = "until " + plain[ending[-1].end() :]
    edge = _end_of(plain, now)
    if edge:
        return edge.isoformat()
    ends = bool(
        pattern(r"\b(?:until|till?|til|through|before|by|back on|up to|thru|end of)\b|到|至|直到|前").search(plain)
    )
    gap = durations.find(plain)
    dated = pattern(rf"\d月\d|\d[号]|\b(?:{dates.MONTH})\b|\d{{4}}-|{dates.SLASHED}").search(plain)
    clockless = pattern(r"\d+ ?h\b").sub("", plain)
    if gap and not dated and not (ends and dates.names_a_day(plain)) and not (ends and clock.find(clockless)):
        return gap[-1].value
    day = _day(plain, now)
    dateless = pattern(
        rf"\b\d{{1,2}}(?:st|nd|rd|th)\b|\b(?:{MONTHS})[a-z]* \d{{1,2}}\b|\b\d{{1,2}} (?:{MONTHS})|\d{{4}}-\d+-\d+"
    ).sub(" ", plain)
    hits = clock.find(dateless)
    if not hits and pattern(
        r"\b(?:until|till?|at|by|morning|afternoon|evening|night|tomorrow|today|\w+day) ?\d{1,2}\b"
    ).search(dateless):
        hits = clock.find(dateless, bare=True)
    if hits:
        base = day or now.date()
        moment = clock.coming(hits[0], datetime(base.year, base.month, base.day), now)  # noqa: DTZ001 - local wall time
        if moment <= now and base == now.date():
            moment += timedelta(days=1)
        return f"{moment:%Y-%m-%dT%H:%M}"
    return day.isoformat() if day else None


def _end_of(plain: str, now: datetime) -> date | None:
    """The end of a weekend, week, month or year, and the beginning of the next one."""
    monday = now.date() + timedelta(days=7 - now.weekday())
    if pattern(WEEKEND).search(plain):
        return monday
    if pattern(r"\d").search(plain) or not pattern(
        r"\bend of (?:the |this )?(?:month|year|week)\b|\bnext (?:week|month)\b(?! on)"
    ).search(plain):
        return None
    if pattern(r"\bend of (?:the |this )?week\b").search(plain):
        return monday - timedelta(days=1)
    if pattern(r"\bnext week\b").search(plain):
        return None if pattern(r"day\b").search(plain) else monday
    if "end of" not in plain:
        plain = plain.replace("next month", "beginning of next month")
    return dates.day(plain, now, future=True)


WEEKEND = r"\b(?:for|over) the weekend\b|\bweekend is over\b|\bafter the weekend\b|过完周末|周末(?:两天|期间)"


def _day(plain: str, now: datetime) -> date | None:
    if pattern(r"下个?(?:周|星期|礼拜)(?! ?週|\d)").search(plain) and "週" not in plain:
        return now.date() + timedelta(days=7 - now.weekday())
    if pattern(r"下个?月(?!\d|底|末)").search(plain):
        return (now.date().replace(day=28) + timedelta(days=4)).replace(day=1)
    if pattern(r"\blast (?:mon|tue|wed|thu|fri|sat|sun)|\byesterday\b|昨|上周|上个").search(plain):
        return dates.day(plain, now)
    day = dates.day(plain, now, future=True)
    weekday = pattern(r"週\d|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b").search(plain)
    if day is None and (months := days.months(plain)):
        year = now.year + (1 if months[0] <= now.month else 0)
        return date(year, months[0], 1)
    return day + timedelta(days=7) if day and weekday and day == now.date() else day
