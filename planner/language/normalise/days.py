"""Weekdays, days of the month and months, as they recur in schedules and windows."""

from __future__ import annotations

import re
from functools import cache

from planner.language.normalise.numbers import ORDINALS
from planner.language.normalise.text import pattern

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WORKDAYS, WEEKEND = WEEK[:5], WEEK[5:]
DAY_WORDS = (
    r"mondays?|mon|mo", r"tuesdays?|tues|tue|tu", r"wednesdays?|weds|wed|we", r"thursdays?|thurs|thur|thu|th",
    r"fridays?|fri|fr", r"saturdays?|satur|sat|sa", r"sundays?|sun|su",
)  # fmt: skip
MONTH_WORDS = (
    "january|jan", "february|febuary|feb", "march|mar", "april|apr", "may", "june|jun", "july|jul", "august|aug",
    "september|sept|sep", "october|oct", "november|nov", "december|dec",
)  # fmt: skip
WORKDAY = r"weekdays?|work ?days?|working days?|business days?|work-days|workdays|school days?|school nights?|工作日|上班日|平日|平时"
WEEKEND_WORD = r"weekends?|week-ends?|wkends?|周末|双休日"
ORDINAL = {**ORDINALS, "last": -1, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "5th": 5, "final": -1}


@cache
def day_pattern() -> re.Pattern[str]:
    names = "|".join(rf"(?P<{WEEK[i]}>\b(?:{words})(?:'s)?\b\.?|週{i})" for i, words in enumerate(DAY_WORDS))
    return re.compile(
        rf"{names}|(?P<work>\b(?:{WORKDAY})\b)|(?P<end>\b(?:{WEEKEND_WORD})\b)|(?P<work2>工作日|上班日|平日)|(?P<end2>周末|双休日)"
    )


@cache
def month_pattern() -> re.Pattern[str]:
    """English month names as groups m1…m12."""
    return re.compile("|".join(rf"(?P<m{i}>\b(?:{words})\b\.?)" for i, words in enumerate(MONTH_WORDS, 1)))


def month_of(word: str) -> int | None:
    """The number of an English month name."""
    found = month_pattern().match(word)
    return int(str(found.lastgroup)[1:]) if found and found.lastgroup else None


def weekdays(text: str) -> tuple[str, ...]:
    """The weekdays that a text (with digits) names, ranges and exceptions resolved, in the order of the week."""
    hits: list[tuple[int, int, str]] = [(m.start(), m.end(), str(m.lastgroup)) for m in day_pattern().finditer(text)]
    if not hits:
        return ()
    chosen: list[str] = []
    exception = pattern(
        r"\bexcept\b|\bbut not\b|\bother than\b|\bnot on\b|\bnever on\b|\bbut\b|除了?|除外|以外|不含"
    ).search(text)
    for i, (start, _end, name) in enumerate(hits):
        names = list(WORKDAYS) if name.startswith("work") else list(WEEKEND) if name.startswith("end") else [name]
        if i and names[0] in WEEK and len(names) == 1 and hits[i - 1][2] in WEEK:
            between = text[hits[i - 1][1] : start]
            if pattern(r"\s*(?:-|to|thru|through|until|till|\.\.|~|到|至)+\s*").fullmatch(between):
                a, b = WEEK.index(hits[i - 1][2]), WEEK.index(name)
                names = [WEEK[j % 7] for j in range(a, (b if b >= a else b + 7) + 1)]
        if exception and start > exception.start() and "除" not in exception[0]:
            base = chosen or list(WEEK)
            chosen = [d for d in base if d not in names]
        elif exception and "除" in exception[0]:
            chosen = [d for d in (chosen or list(WEEK)) if d not in names]
        else:
            chosen += names
    return tuple(d for d in WEEK if d in chosen)


def month_days(text: str) -> tuple[int, ...]:
    """Days of the month in a text with digits: `1st and 15th of the month`, `每月1号`, `last day`; -1 is the last."""
    days: list[int] = []
    if pattern(
        r"\blast (?:calendar |working |business )?day\b|最后1个工作日|最后1日|\bend of (?:the |each |every )?(?:month|quarter|year)|\bmonth[- ]?end|\bquarter[- ]end|月末|月底|最后1天|末日|季末|季度末|年底|年末|\bultimo\b"
    ).search(text):
        days.append(-1)
    words = "|".join(sorted(ORDINALS, key=len, reverse=True))
    for m in pattern(
        rf"\b(\d{{1,2}})(?:st|nd|rd|th)\b|\b({words})\b(?= (?:day |of |and |each|every)|$|,| at)|\bday (\d{{1,2}})\b|(\d{{1,2}}) ?[号日](?!志|常)"
    ).finditer(text):
        n = int(m[1] or m[3] or m[4]) if (m[1] or m[3] or m[4]) else ORDINALS[m[2]]
        if 1 <= n <= 31:
            days.append(n)
    if not days and pattern(
        r"\bfirst day\b|\bstart of (?:the |each |every )?month|\bbeginning of (?:the |each |every )?month|月初|初1|头1天|首日|月第1天|1号"
    ).search(text):
        days.append(1)
    if pattern(r"月(\d{1,2})(?:[,和与及](\d{1,2}))+[号日]").search(text):
        days = [int(n) for n in re.findall(r"\d{1,2}", text[text.index("月") :])][:6]
    return tuple(dict.fromkeys(d for d in days if -1 <= d <= 31))


def months(text: str) -> tuple[int, ...]:
    """Months by name or number (3月); `may` alone counts only beside a day or another month."""
    found = [
        int(str(m.lastgroup)[1:])
        for m in month_pattern().finditer(text)
        if m[0].rstrip(".") not in {"may", "mar", "sun"}
    ]
    if pattern(r"\b(?:in|every|each|of|\d(?:st|nd|rd|th)?) may\b|\bmay (?:\d|and)").search(text):
        found.append(5)
    if pattern(r"\b(?:in|every|each|of|\d) mar\b").search(text):
        found.append(3)
    found += [int(n) for n in re.findall(r"(?<![\d个])(\d{1,2})月(?!内|后|前|份?以)", text) if 1 <= int(n) <= 12]
    for run in re.findall(r"((?:\d{1,2}[,、/和]){1,5})\d{1,2}月", text):
        found += [int(n) for n in re.findall(r"\d+", run) if 1 <= int(n) <= 12]
    return tuple(sorted(set(found)))


def nth_weekday(text: str) -> tuple[int, str] | None:
    """`first sunday`, `last friday of the month`, `每月最后一个周五`: (n, day)."""
    names = "|".join(sorted((w for w in ORDINAL), key=len, reverse=True))
    day = "|".join(rf"(?P<{WEEK[i]}>(?:{words})\b|週{i})" for i, words in enumerate(DAY_WORDS))
    m = pattern(
        rf"(?:\b(?P<word>{names})|第(?P<n>\d)个?|(?P<last>最后1?个?|末个?|最末1?个?)|(?P<head>首个?)) ?(?:{day})"
    ).search(text)
    if not m:
        return None
    n = ORDINAL[m["word"]] if m["word"] else int(m["n"]) if m["n"] else -1 if m["last"] else 1
    which = next(d for d in WEEK if m[d])
    return (n, which) if n == -1 or 1 <= n <= 5 else None
