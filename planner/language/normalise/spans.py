"""Ranges of days: `last week`, `January`, `2 to 6 February`, `since Tuesday`, `Q3`, `上周末`, resolved against now."""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime, timedelta

from planner.language.normalise import days, durations
from planner.language.normalise.dates import MONTH, SLASHED, day, nearest, safe, shifted, weekday
from planner.language.normalise.text import pattern

Range = tuple[date, date]
TO = r"(?:-|~|to|till|until|through|thru|and|or|到|至)"


def span(plain: str, now: datetime, *, future: bool = False) -> Range | None:
    """The range of days that a text with digits names; `future`: weeks and weekends to come."""
    today = now.date()
    if pattern(r"\b(?:this|same) (?:day|time) last week\b").search(plain):
        return None
    monday = today - timedelta(days=today.weekday())
    week = _week(plain, today, monday, future)
    if week:
        return week
    found = _part_of_month(plain, today) or _half_year(plain, today) or _listed(plain, today) or _from_to(plain, now)
    if found:
        return found
    if pattern(r"\bsince\b|以来|之后|起\b|至今|到现在").search(plain):
        start = day(plain, now)
        months = None if start else _month(plain, today)
        if start or months:
            return (start or (months[0] if months else today)), today
    recent = pattern(r"\b(?:last|past|previous) (?=\d)|最近|近|过去").search(plain)
    lately = pattern(r"(?:年|月|周|天|礼拜|星期)来").search(plain)
    gap = durations.find(plain[recent.start() :] if recent else plain) if recent or lately else []
    if (
        gap
        and gap[0].value[-1] in "dwoy"
        and (lately or (recent and not recent[0].startswith("last")) or not gap[0].value.startswith("1"))
    ):
        return date.fromisoformat(shifted(now, gap[0].value, -1)[:10]), today
    return _month(plain, today)


def _week(plain: str, today: date, monday: date, future: bool) -> Range | None:
    weekend = pattern(r"\b(?P<rel>last|past|this|next|previous)? ?weekend\b|(?P<han>上上|上|这|本|下)?个?周末").search(
        plain
    )
    if weekend:
        word = weekend["rel"] or weekend["han"] or ""
        saturday = monday + timedelta(days=5)
        if word in {"next", "下"}:
            saturday += timedelta(days=7 if word == "下" else 0 if today < saturday else 7)
        elif not future and not (word in {"this", "这", "本"} and today >= saturday):
            saturday -= timedelta(days=14 if word == "上上" else 7 if today <= saturday + timedelta(days=1) else 0)
        return saturday, saturday + timedelta(days=1)
    of = pattern(r"\bweek (?:of|starting|beginning|from) ").search(plain)
    if of and not pattern(rf"\d (?:{TO}) \d").search(plain):
        start = day(plain[of.end() :], datetime.combine(today, datetime.min.time()), future=future)
        if start:
            first = start - timedelta(days=start.weekday())
            return first, first + timedelta(days=6)
    for words, weeks in (
        (r"\bweek before last\b|上上个?(?:周|星期|礼拜)(?!\d)", -2),
        (r"\b(?:last|previous|past) (?:calendar |whole |full )?(?:week|wk)\b|上1?个?(?:周|星期|礼拜)(?! ?\d)", -1),
        (r"\bthis (?:calendar )?week\b|(?:这个?|本)(?:周|星期|礼拜)(?! ?\d|末)", 0),
        (r"\bnext (?:calendar )?week\b|下个?(?:周|星期|礼拜)(?! ?\d|末)", 1),
    ):
        if pattern(words).search(plain) and not weekday(plain, today, False):
            return monday + timedelta(days=7 * weeks), monday + timedelta(days=7 * weeks + 6)
    return None


def _listed(plain: str, today: date) -> Range | None:
    """`2 to 6 February`, `2, 3 or 4 March`, `1-7 June 2025`, `March 1 to 5`, `3月1日至5日`, `10/1~10/7`, `the 2nd and the 6th`."""
    th = r"(?:st|nd|rd|th)?"
    m = pattern(
        rf"(?P<a>\d{{1,2}}){th}(?:,? ?\d{{1,2}}{th})*,? ?{TO} ?(?:the )?(?P<b>\d{{1,2}}){th}(?: of)?[ -](?P<m>{MONTH})\b\.?(?:,? (?P<y>20\d\d))?"
        rf"|\b(?P<m2>{MONTH})\.? (?P<a2>\d{{1,2}}){th} ?{TO} ?(?P<b2>\d{{1,2}}){th}\b(?! (?:{MONTH})|:)(?:,? (?P<y2>20\d\d))?"
        rf"|(?P<m3>\d{{1,2}})月 ?(?P<a3>\d{{1,2}})[号日]? ?{TO} ?(?P<b3>\d{{1,2}})[号日](?!月)"
    ).search(plain)
    if m:
        month = int(m["m3"]) if m["m3"] else days.month_of(m["m"] or m["m2"])
        a, b, y = int(m["a"] or m["a2"] or m["a3"]), int(m["b"] or m["b2"] or m["b3"]), m["y"] or m["y2"]
        if not month or not 1 <= month <= 12:
            return None
        end = safe(int(y), month, b) if y else nearest(today, month, b, False)
        begin = safe(end.year, end.month, a) if end else None
        return (begin, end) if begin and end and begin <= end else None
    slashes = list(pattern(SLASHED).finditer(plain))
    if len(slashes) == 2 and pattern(rf"\s*{TO}\s*").fullmatch(plain[slashes[0].end() : slashes[1].start()]):
        now = datetime.combine(today, datetime.min.time())
        first, last = (day(s[0], now) for s in slashes)
        return (first, last) if first and last and first <= last else None
    ordinals = pattern(rf"\b(?:the )?(\d{{1,2}})(?:st|nd|rd|th) ?{TO} (?:the )?(\d{{1,2}})(?:st|nd|rd|th)\b").search(
        plain
    )
    if ordinals and pattern(r"\bbetween\b|\bto\b|-|through|until").search(plain):
        now = datetime.combine(today, datetime.min.time())
        last = day(f"the {ordinals[2]}th", now)
        first = safe(last.year, last.month, int(ordinals[1])) if last else None
        return (first, last) if first and last and first <= last else None
    return None


def _part_of_month(plain: str, today: date) -> Range | None:
    """`the first week of march`, `the first 3 days of may`, `七月头三天`."""
    m = pattern(
        rf"\bfirst (?:(?P<n>\d{{1,2}}) )?(?P<u>week|days) (?:of|in) (?:(?P<m>{MONTH})\b|(?P<rel>this|last) month)"
        r"|(?:(?P<m2>\d{1,2})|(?P<rel2>本|上个?|这个?))月(?:份)?的?[头前](?P<n2>\d{1,2})?个?(?P<u2>[天日周]|星期)"
    ).search(plain)
    if not m:
        return None
    count = int(m["n"] or m["n2"] or 1) * (7 if (m["u"] or m["u2"]) in {"week", "周", "星期"} else 1)
    if m["m"] or m["m2"]:
        start = nearest(today, days.month_of(m["m"]) or 0 if m["m"] else int(m["m2"]), 1, False)
    else:
        start = _whole(today.year * 12 + today.month - 1 - ("a" in (m["rel"] or "") or "上" in (m["rel2"] or "")))[0]
    return (start, start + timedelta(days=count - 1)) if start and 1 <= count <= 28 else None


def _half_year(plain: str, today: date) -> Range | None:
    """`the first half of 2025`, `H1`, `今年上半年`."""
    m = pattern(
        r"\b(?P<en>first|second|last) half of (?:the year\b|this year\b|last year\b|20\d\d\b)|\bh(?P<h>[12])\b|(?P<han>[上下])半年"
    ).search(plain)
    if not m:
        return None
    second = m["en"] in {"second", "last"} or m["h"] == "2" or m["han"] == "下"
    year = _year(plain, today) or (today.year - 1 if second and today.month < 7 else today.year)
    return (date(year, 7, 1), date(year, 12, 31)) if second else (date(year, 1, 1), date(year, 6, 30))


def _from_to(plain: str, now: datetime) -> Range | None:
    parts = re.split(
        r"\bto\b|\buntil\b|\btill\b|\bthrough\b|\bthru\b| - |~|到|至|\band\b(?=.*\bbetween)|(?<=\d) and (?=\w+ \d)|\.\.",
        pattern(r"\bbetween\b|\bfrom\b|从|自").sub(
            " ", plain.replace("between", "between between", 1) if "between" in plain and " and " in plain else plain
        ),
    )
    if len(parts) == 1 and "between" in plain:
        parts = plain.replace("between", " ").split(" and ")
    if len(parts) != 2:
        return None
    begin, end = day(parts[0], now), day(parts[1], now)
    if begin and end and begin > end and begin <= now.date():
        end = day(parts[1], datetime.combine(begin, datetime.min.time()), future=True) or end
    if begin and end and begin < end:
        if begin <= now.date() < end - timedelta(days=62) and "20" not in plain:
            back = safe(begin.year - 1, begin.month, begin.day), safe(end.year - 1, end.month, end.day)
            if back[0] and back[1]:
                return back[0], back[1]  # a report of the year that is over
        return begin, end
    bare = re.search(r"(\d{1,2})(?:st|nd|rd|th)?\s*$", parts[0])
    first = safe(end.year, end.month, int(bare[1])) if end and bare else None
    return (first, end) if first and end and first <= end else None


def _whole(index: int) -> Range:
    y, mo = index // 12, index % 12 + 1
    return date(y, mo, 1), date(y, mo, calendar.monthrange(y, mo)[1])


def _month(plain: str, today: date) -> Range | None:
    """Months, quarters and years."""
    here = today.year * 12 + today.month - 1
    quarter = pattern(
        r"\bq([1-4])\b|\b(?:the )?(1st|2nd|3rd|4th|first|second|third|fourth) quarter\b|第?([1-4])季度?|([1-4])季度"
    ).search(plain)
    if quarter:
        said = quarter[1] or quarter[3] or quarter[4] or quarter[2]
        number = int(said[0]) if said[0].isdigit() else ("first", "second", "third", "fourth").index(said) + 1
        year = _year(plain, today)
        first = (year or today.year) * 12 + (number - 1) * 3
        if year is None and first > here:
            first -= 12
        return _whole(first)[0], _whole(first + 2)[1]
    if pattern(r"\b(?:last|previous) quarter\b|上个?季度?").search(plain):
        first = today.year * 12 + (today.month - 1) // 3 * 3 - 3
        return _whole(first)[0], _whole(first + 2)[1]
    if pattern(r"\bthis quarter\b|本季度?|这个?季度").search(plain):
        return _whole(today.year * 12 + (today.month - 1) // 3 * 3)[0], today
    if pattern(r"\bmonth before last\b|上上个?月(?! ?\d)").search(plain):
        return _whole(here - 2)
    if pattern(r"\b(?:last|previous|past) (?:calendar )?month\b|上个?月(?! ?\d|末|底|初)").search(plain):
        return _whole(here - 1)
    month = pattern(
        r"\bthis month\b|本月(?! ?\d)|这个?月(?! ?\d)|当月|(?P<now>\bmonth to date\b|\bmtd\b|月初至今)"
    ).search(plain)
    if month:
        return (_whole(here)[0], today) if month["now"] else _whole(here)
    numeric = pattern(r"(?<![\d-])(20\d\d)[-/](0\d|1[0-2])(?![\d/-])|(20\d\d)年(\d{1,2})月(?!\d)").search(plain)
    if numeric and 1 <= int(numeric[2] or numeric[4]) <= 12:
        return _whole(int(numeric[1] or numeric[3]) * 12 + int(numeric[2] or numeric[4]) - 1)
    named = days.months(plain) or (days.months(f"in {plain.strip()}") if len(plain.split()) <= 2 else ())
    if len(named) == 1 and not pattern(
        rf"(?:{MONTH})\.?[ -]\d{{1,2}}(?!\d)|\d{{1,2}}(?:st|nd|rd|th)?(?: of)?[ -](?:{MONTH})|月 ?\d"
    ).search(plain):
        y = _year(plain, today) or (today.year if named[0] <= today.month else today.year - 1)
        return _whole(y * 12 + named[0] - 1)
    if len(named) == 2 and pattern(TO).search(plain):
        start = _whole((_year(plain, today) or today.year) * 12 + named[0] - 1)
        return start[0], _whole(start[0].year * 12 + named[1] - 1)[1]
    if pattern(r"\bthis year\b|\byear to date\b|\bytd\b|今年|年初至今").search(plain) and "月" not in plain:
        return date(today.year, 1, 1), today
    y2 = _year(plain, today)
    if y2 and "月" not in plain and not named and not pattern(r"\d{4}-\d").search(plain):
        return date(y2, 1, 1), date(y2, 12, 31)
    return None


def _year(plain: str, today: date) -> int | None:
    """The calendar year that a text names."""
    m = pattern(r"(?<![\d/.:-])(20\d\d)(?:年|\b)(?![-/.:]\d)").search(plain)
    if m:
        return int(m[1])
    if pattern(r"\b(?:last|previous) (?:calendar )?year\b|去年|上年").search(plain):
        return today.year - 1
    if pattern(r"\byear before last\b|(?<![以之])前年").search(plain):
        return today.year - 2
    return today.year if pattern(r"今年|本年|\bthis year\b").search(plain) else None
