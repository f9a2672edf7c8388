"""Weekdays, days of the month and months, as they recur in schedules and windows."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise

from planner.language.normalise.numbers import ORDINALS
from planner.language.normalise.text import pattern

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WORKDAYS, WEEKEND = WEEK[:5], WEEK[5:]
DAY_WORDS = (
    r"mondays?|mons?", r"tuesdays?|tues|tue", r"wednesdays?|wens?days?|wend?e?sdays?|wednsdays?|weds|wed", r"thursdays?|thurs|thurs?|thu",
    r"fridays?|fris?", r"saturdays?|satur|sats?", r"sundays?|suns?|lord'?s day",
)  # fmt: skip
MONTH_WORDS = (
    "january|jan", "february|febuary|feb", "march|mar", "april|apr", "may", "june|jun", "july|jul", "august|aug",
    "september|sept|sep", "october|oct", "november|nov", "december|dec",
)  # fmt: skip
WORKDAY = r"weekdays?|work ?days?|working days?|business days?|banking days?|bank days?|trading days?|office days?|work-days|workdays|school days?|school nights?|week ?nights?|工作日|上班日|平日|平时|交易日"
WEEKEND_WORD = r"weekends?|week-ends?|wkends?|周末|双休日"
ORDINAL = {**ORDINALS, "last": -1, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "5th": 5, "final": -1}


@cache
def day_pattern() -> re.Pattern[str]:
    names = "|".join(rf"(?P<{WEEK[i]}>\b(?:{words})(?:'s)?\b\.?|週{i})" for i, words in enumerate(DAY_WORDS))
    return re.compile(
        rf"{names}|(?P<work>\b(?:{WORKDAY})\b)|(?P<end>\b(?:{WEEKEND_WORD})\b)|(?P<work2>工作日|上班日|平日|交易日)|(?P<end2>周末|双休日)"
    )


@cache
def month_pattern() -> re.Pattern[str]:
    """English month names as groups m1…m12."""
    return re.compile("|".join(rf"(?P<m{i}>\b(?:{words})\b\.?)" for i, words in enumerate(MONTH_WORDS, 1)))


def codes(text: str) -> str:
    """`mo-fr`, `tu th`, `weekly su`: two-letter days in full; alone they are words of their own ("we", "mo" for month)."""
    two = "mo|tu|we|th|fr|sa|su"
    full = dict(zip(two.split("|"), WEEK, strict=True))
    run = rf"\b(?:{two})\b(?:(?:\s*(?:[-,/+&]|to|and)\s*|\s+)(?:{two})\b)+|(?<=\bweekly )(?:su|sa|fr|tu|th)\b|(?<=\bevery )(?:su|sa|fr|tu|th)\b|(?<=\d\d )(?:su|sa|fr|tu|th)\b(?=\W*$)"
    return pattern(run).sub(lambda m: pattern(rf"\b(?:{two})\b").sub(lambda d: full[d[0]], m[0]), text)


def month_of(word: str) -> int | None:
    """The number of an English month name."""
    found = month_pattern().match(word)
    return int(str(found.lastgroup)[1:]) if found and found.lastgroup else None


def weekdays(text: str) -> tuple[str, ...]:
    """The weekdays that a text (with digits) names, ranges and exceptions resolved, in the order of the week."""
    text = codes(text)
    text = pattern(r"\b(?:instead of|apart from|rather than) (?:on )?(?:\w+days?)\b").sub(" ", text)
    hits: list[tuple[int, int, str]] = [(m.start(), m.end(), str(m.lastgroup)) for m in day_pattern().finditer(text)]
    if not hits:
        return ()
    if pattern(DAILY_EVEN).search(text):
        return ()
    chosen: list[str] = []
    exception = pattern(
        r"\bexcept\b|\bbut not\b|\bother than\b|\bnot on\b|\bnever on\b|(?<=\w )(?<!nothing )(?<!none )\bbut\b|除了?|除外|以外|不含"
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


#: days that are named only to say that they are no exception
DAILY_EVEN = r"\b(?:every ?day|daily|each day|7 days a week|nightly|every night)\b.{0,12}\b(?:including|incl\.?|even|also|too)\b|(?:每[天日晚夜]|天天).{0,4}(?:包括|包含|连同|含)"
LAST_DAY = (
    r"\b(?:last|final) (?:calendar )?day\b|最后1[天日]|\bend of (?:the |each |every )?(?:\w+ )?(?:month|quarter|year|mo)\b|\b(?:month|quarter|year)'?s?[- ]?(?:end|close)\b"
    r"|月末|月底|末日|季末|季度末|年底|年末|\bultimo\b|\bend of (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
)
FIRST_DAY = r"\bfirst (?:calendar )?day\b|\b1st day\b|\b(?:start|beginning) of (?:the |each |every )?(?:month|quarter|year)|月初|初1(?!\d)|头1天|首日|月第?1天|季度?(?:的)?第1天|季初|年初|\bday after (?:each|every|the) month ends"
LAST_WORKDAY = (
    r"\b(?:last|final) (?:working |business |bank(?:ing)? |work|trading )(?:day)|最后1个(?:工作日|上班日|交易日)"
)
FIRST_WORKDAY = (
    r"\b(?:first|1st) (?:working |business |bank(?:ing)? |work|trading )(?:day)|(?:第1个|首个)(?:工作日|上班日|交易日)"
)


@cache
def _month_name() -> str:
    return "|".join(MONTH_WORDS)


def month_days(text: str) -> tuple[int, ...]:
    """Days of the month in a text with digits: `1st and 15th of the month`, `每月1号`, `last day`, `6 december`; -1 is the last."""
    days: list[int] = []
    words = "|".join(sorted(ORDINALS, key=len, reverse=True))
    month = _month_name()
    if pattern(LAST_DAY).search(text) or pattern(LAST_WORKDAY).search(text):
        days.append(-1)
    for m in pattern(
        rf"\b(?P<a>\d{{1,2}}|{words})(?:st|nd|rd|th)? ?(?:to|through|thru|until|-) ?(?:the )?(?P<b>\d{{1,2}}|{words})(?:st|nd|rd|th)? of (?:the|each|every)|(?P<c>\d{{1,2}})[号日]?(?:到|至|-|~)(?P<d>\d{{1,2}})[号日]"
    ).finditer(text):
        a, b = (int(w) if w.isdigit() else ORDINALS[w] for w in (m["a"] or m["c"], m["b"] or m["d"]))
        days += range(a, b + 1) if 1 <= a < b <= 31 else ()
    for m in pattern(
        rf"\b(\d{{1,2}})(?:st|nd|rd|th)\b(?! (?:{'|'.join(DAY_WORDS)})\b)|\b({words})\b(?= (?:day |of |and |each|every)|$|,| at)|\bday (\d{{1,2}})\b|(\d{{1,2}}) ?[号日](?!志|常)|\b(\d{{1,2}})\.? (?:of )?(?:{month})\b(?! \d{{1,2}}(?:[,.]|\b(?!:)))|\b(?:{month})\b\.? (\d{{1,2}})\b(?![:.]\d|th| ?[ap]m)"
    ).finditer(text):
        n = ORDINALS[m[2]] if m[2] else next(int(g) for g in m.groups() if g)
        if 1 <= n <= 31:
            days.append(n)
    listed = pattern(r"\bthe (\d{1,2})((?:,? (?:and )?the \d{1,2})*) of (?:the|each|every) month").search(text)
    if listed:
        days += [n for n in map(int, re.findall(r"\d+", listed[0])) if 1 <= n <= 31]
    run = pattern(r"月((?:\d{1,2}[,和与及])+\d{1,2})[号日]").search(text)
    if run:
        days = [n for n in map(int, re.findall(r"\d+", run[1])) if 1 <= n <= 31]
    if (
        len(days) > 1
        and days[0] == -1
        and pattern(rf"(?:end|close)\b.*\b(?:{month})\b|(?:end|close),? (?:on )?\d").search(text)
    ):
        days = days[1:]  # "at fiscal year end, 31 March"
    if not days and (pattern(FIRST_DAY).search(text) or pattern(FIRST_WORKDAY).search(text)):
        days.append(1)
    lone = None if days else pattern(r"(?:每个?月|月)(\d{1,2})(?:$|[ ,])").search(text)
    if lone and 1 <= int(lone[1]) <= 31:
        days.append(int(lone[1]))
    return tuple(dict.fromkeys(days))


def months(text: str) -> tuple[int, ...]:
    """Months by name or number (3月), ranges resolved; `may` alone counts only beside a day or another month."""
    hits = [(m.start(), m.end(), int(str(m.lastgroup)[1:]), m[0].rstrip(".")) for m in month_pattern().finditer(text)]
    sure = [h for h in hits if h[3] not in {"may", "mar"}]
    if not sure and not pattern(
        r"\b(?:in|every|each|of|until|to|through|from|\d(?:st|nd|rd|th)?) (?:may|mar)\b|\b(?:may|mar) (?:\d|and|to)"
    ).search(text):
        hits = []
    found = [h[2] for h in hits]
    for one, two in pairwise(hits):
        if pattern(r"\s*(?:-|to|thru|through|until|till|~|\.\.)+\s*").fullmatch(text[one[1] : two[0]]):
            found += _between(one[2], two[2])
    found += [int(n) for n in re.findall(r"(?<![\d个])(\d{1,2})月(?!内|后|前|份?以)", text) if 1 <= int(n) <= 12]
    for run in re.findall(r"((?:\d{1,2}[,、/和]){1,5})\d{1,2}月", text):
        found += [int(n) for n in re.findall(r"\d+", run) if 1 <= int(n) <= 12]
    span = pattern(r"(\d{1,2})月(?:份|底|初)?(?:-|~|到|至)(\d{1,2})月(?!\d)").search(text)
    if span and 1 <= int(span[1]) <= 12 and 1 <= int(span[2]) <= 12:
        found += _between(int(span[1]), int(span[2]))
    return tuple(sorted(set(found)))


def _between(first: int, last: int) -> list[int]:
    return [(first - 1 + i) % 12 + 1 for i in range((last - first) % 12 + 1)]


def nth_weekday(text: str) -> tuple[int, str] | None:
    """`first sunday`, `last friday of the month`, `每月最后一个周五`: (n, day)."""
    names = "|".join(sorted((w for w in ORDINAL), key=len, reverse=True))
    day = "|".join(rf"(?P<{WEEK[i]}>(?:{words})\b|週{i})" for i, words in enumerate(DAY_WORDS))
    m = pattern(
        rf"(?:\b(?P<word>{names})|第(?P<n>\d)个?|(?P<last>最后1?个?|末个?|最末1?个?)|(?P<head>首个?|头1?个)) ?(?:{day})"
    ).search(text)
    if not m:
        return None
    n = ORDINAL[m["word"]] if m["word"] else int(m["n"]) if m["n"] else -1 if m["last"] else 1
    which = next(d for d in WEEK if m[d])
    return (n, which) if n == -1 or 1 <= n <= 5 else None
