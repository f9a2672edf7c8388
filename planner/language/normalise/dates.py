"""Days of the calendar: `last friday`, `March 3rd`, `上周五`, `three days ago`, resolved against now."""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime, timedelta

from planner.language.normalise import days, durations
from planner.language.normalise.numbers import ORDINALS
from planner.language.normalise.text import pattern

MONTH = "|".join(days.MONTH_WORDS)
FESTIVALS = {
    r"new year'?s eve|跨年": (12, 31), r"new year'?s day|new year\b|元旦": (1, 1), r"christmas eve|平安夜": (12, 24),
    r"christmas|xmas|圣诞": (12, 25), r"boxing day": (12, 26), r"国庆": (10, 1), r"劳动节|五一": (5, 1), r"halloween": (10, 31), r"清明": (4, 5), r"双(?:十一|11)": (11, 11), r"六一八": (6, 18),
    r"valentine'?s(?: day)?": (2, 14), r"independence day|4th of july": (7, 4),
}  # fmt: skip
#: feasts of the moon, year by year: spring festival, dragon boat festival, mid-autumn festival
LUNAR = {
    r"春节|过年|(?<!\d)(?<![今去明前后半一学财每])年前|chinese new year|lunar new year|spring festival": {2024: (2, 10), 2025: (1, 29), 2026: (2, 17), 2027: (2, 6), 2028: (1, 26), 2029: (2, 13), 2030: (2, 3), 2031: (1, 23), 2032: (2, 11)},
    r"除夕": {2024: (2, 9), 2025: (1, 28), 2026: (2, 16), 2027: (2, 5), 2028: (1, 25), 2029: (2, 12), 2030: (2, 2), 2031: (1, 22), 2032: (2, 10)},
    r"端午": {2024: (6, 10), 2025: (5, 31), 2026: (6, 19), 2027: (6, 9), 2028: (5, 28), 2029: (6, 16), 2030: (6, 5), 2031: (6, 24), 2032: (6, 12)},
    r"中秋": {2024: (9, 17), 2025: (10, 6), 2026: (9, 25), 2027: (9, 15), 2028: (10, 3), 2029: (9, 22), 2030: (9, 12), 2031: (10, 1), 2032: (9, 19)},
}  # fmt: skip
SLASHED = r"(?<![\d/.:-])(?P<a>\d{1,2})(?P<sep>[/.])(?P<b>\d{1,2})(?:(?P=sep)(?P<y>20\d\d|[2-4]\d))?(?![\d/:%]|[.]\d)|(?<![\d/.:-])(?P<m>0\d|1[0-2])-(?P<d>[0-3]\d)(?![\d-])"
NAMES_A_DAY = (
    rf"\b(?:to(?:day|night|morrow)|tmrw|tomorow|yesterday|yestarday|yday|last night|this (?:morning|afternoon|evening)|weekend)\b|\b(?:{'|'.join(days.DAY_WORDS)})\b"
    rf"|\d{{4}}-\d\d?-\d\d?|\b(?:{MONTH})\b\.? \d|\b\d{{1,2}}(?:st|nd|rd|th)?\.?(?: of)? (?:{MONTH})\b|\b\d{{1,2}}(?:st|nd|rd|th)\b"
    r"|[今明昨前后]天|[今明昨后]日|[今明昨][晚早夜]|琴日|寻日|听日|週\d|\d{1,2}月\d{1,2}|\d{1,2}[号日]|周末|月底|月末"
)


def names_a_day(plain: str) -> bool:
    """Whether a text with digits names a day that does not recur."""
    return bool(pattern(NAMES_A_DAY).search(plain))


def safe(year: int, month: int, day: int) -> date | None:
    """The date, or None where the calendar has none."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def shifted(now: datetime, gap: str, sign: int) -> str:
    """The moment (hours, minutes) or day (longer) that lies a duration from now."""
    m = re.fullmatch(r"(\d+)(\w+)", gap)
    if not m or int(m[1]) > 100_000:
        return now.date().isoformat()
    count, unit = sign * int(m[1]), m[2]
    try:
        if unit in {"min", "h"}:
            return f"{now + timedelta(minutes=count * (60 if unit == 'h' else 1)):%Y-%m-%dT%H:%M}"
        if unit in {"d", "w"}:
            return (now.date() + timedelta(days=count * (7 if unit == "w" else 1))).isoformat()
        index = now.year * 12 + now.month - 1 + count * (12 if unit == "y" else 1)
        year, month = index // 12, index % 12 + 1
        return date(year, month, min(now.day, calendar.monthrange(year, month)[1])).isoformat()
    except (OverflowError, ValueError):
        return now.date().isoformat()


def day(plain: str, now: datetime, *, future: bool = False) -> date | None:
    """The one day that a text with digits names; years and weekdays are the nearest past ones, or with `future` the next."""
    today = now.date()
    plain = days.codes(plain)
    beside = pattern(
        r"(?:\bthe )?\b(?:day|night) before (?!yesterday|last\b)|(?<=[节日号庆旦])前1[天日夜]|(?<=[节庆])前夕"
    ).search(plain)
    if beside and (base := _day(plain.replace(beside[0], " "), today, future)):
        return moved(base, -1)
    return _day(plain, today, future)


def _impossible(plain: str, today: date) -> bool:
    """Whether a text names a day that no calendar has (30 February, 2月30日, 29 February of a common year)."""
    for m in pattern(
        rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\.?(?: of)?[ -](?P<m>{MONTH})\b\.?,?(?:[ -]*(?P<y>20\d\d))?|\b(?P<m2>{MONTH})\.? (?:the )?(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\b(?![:h])(?:,? *(?P<y2>20\d\d))?|(?:(?P<y3>20\d\d)年 ?)?(?<![\d])(?P<m3>\d{{1,2}})月 ?(?P<d3>\d{{1,2}})[号日]"
    ).finditer(plain):
        month = int(m["m3"]) if m["m3"] else days.month_of(m["m"] or m["m2"]) or 0
        number, year = int(m["d"] or m["d2"] or m["d3"]), m["y"] or m["y2"] or m["y3"]
        if pattern(r"\bthis year\b|今年").search(plain):
            year = str(today.year)
        if not 1 <= month <= 12 or not 1 <= number <= calendar.monthrange(int(year) if year else 2024, month)[1]:
            return True
    return False


def _day(plain: str, today: date, future: bool) -> date | None:
    if _impossible(plain, today):
        return None
    plain = pattern(rf"\b({'|'.join(ORDINALS)})(?= (?:day )?of (?:{MONTH})\b)").sub(
        lambda m: f"{ORDINALS[m[1]]}th", plain
    )
    plain = pattern(rf"(?<=\b(?:jan|feb|mar|apr|jun|jul|aug|sep|oct|nov|dec)) the ({'|'.join(ORDINALS)})\b").sub(
        lambda m: f" {ORDINALS[m[1]]}th", plain
    )
    return (
        _iso(plain)
        or _relative(plain, today)
        or month_day(plain, today, future)
        or _edge(plain, today, future)
        or _slashed(plain, today, future)
        or _festival(plain, today, future)
        or weekday(plain, today, future)
        or _ordinal(plain, today, future)
        or (today if "当天" in plain else None)
    )


def _slashed(plain: str, today: date, future: bool) -> date | None:
    """`28/02`, `3/31`, `9/3/2026`, `07-30`: day and month in the order that the calendar allows, else the nearer one."""
    m = pattern(SLASHED).search(plain)
    if not m:
        return None
    if m["m"]:
        return nearest(today, int(m["m"]), int(m["d"]), future)
    a, b, y = int(m["a"]), int(m["b"]), m["y"]
    if m["sep"] == "." and not y:
        return None  # a version or a time
    if y:
        year = int(y) if len(y) == 4 else 2000 + int(y)
        options = [x for x in (safe(year, b, a), safe(year, a, b)) if x]
    else:
        options = [x for x in (nearest(today, b, a, future), nearest(today, a, b, future)) if x]
    fitting = [x for x in options if (x >= today if future else x <= today)] or options
    return min(fitting, key=lambda x: abs((x - today).days)) if fitting else None


def _edge(plain: str, today: date, future: bool) -> date | None:
    """The first or last day of a month or year: `end of february`, `year end 2025`, `三月最后一天`, `上月末`, `月初`."""
    last = pattern(
        r"\b(?:end|close|last day|final day) (?:of|in)\b|\b(?:month|year)[- ]?'?s?[- ](?:end|close)\b|最后1[天日]|[月年]末|[月年]底"
    ).search(plain)
    first = pattern(r"\b(?:beginning|start|first day) (?:of|in)\b|(?<!\d)[月年]初|(?<=月)[初头]|第1[天日]").search(
        plain
    )
    if not (last or first) or pattern(r"周末|星期末").search(plain):
        return None
    year = pattern(r"\b(20\d\d)\b|(20\d\d)年").search(plain)
    number = int(year[1] or year[2]) if year else None
    if pattern(r"去年|\blast year").search(plain):
        number = today.year - 1
    named = days.months(plain)
    if named:
        options = [number] if number else range(today.year - 2, today.year + 3)
        found = [date(y, named[0], calendar.monthrange(y, named[0])[1] if last else 1) for y in options]
        fitting = [x for x in found if (x >= today if future else x <= today)]
        return (fitting[0] if future else fitting[-1]) if fitting else found[0]
    if (number or pattern(r"\byear|年").search(plain)) and not pattern(r"月").search(plain):
        if number is None:
            number = today.year if future or first else today.year - 1
        return date(number, 12, 31) if last else date(number, 1, 1)
    shift = (
        -2
        if "上上" in plain
        else -1
        if pattern(r"上个?月|\blast month|\bprevious month").search(plain)
        else 1
        if pattern(r"下个?月|\bnext month").search(plain)
        else 0
    )
    if pattern(r"\bmonth\b|月").search(plain):
        if last and not shift and not future and not pattern(r"\bthis month|本月|这个?月").search(plain):
            shift = -1
        index = today.year * 12 + today.month - 1 + shift
        return date(index // 12, index % 12 + 1, calendar.monthrange(index // 12, index % 12 + 1)[1] if last else 1)
    return None


def _iso(plain: str) -> date | None:
    m = pattern(
        r"(?<!\d)(\d{4}) ?[-/.] ?(\d{1,2})[-/.](\d{1,2})(?!\d)|(\d{4})年 ?(\d{1,2})月 ?(\d{1,2})[日号]?|(?<!\d)(20\d\d)(0\d|1[0-2])([0-3]\d)(?!\d)"
    ).search(plain)
    if not m:
        m = pattern(r"(?<!\d)(\d{1,2})\.(\d{1,2})\.(\d{4})(?!\d)").search(plain)
        return safe(int(m[3]), int(m[2]), int(m[1])) if m else None
    y, mo, d = (int(g) for g in (m[1] or m[4] or m[7], m[2] or m[5] or m[8], m[3] or m[6] or m[9]))
    return safe(y, mo, d) if 1900 < y < 2200 else None


def _relative(plain: str, today: date) -> date | None:
    plain = pattern(r"(?<=\bago) (?:today|tonight)\b").sub("", plain)
    for words, shift in (
        (r"\b(?:the )?day before yesterday|\bavant", -2), (r"大前天|大前日", -3), (r"前天|前日(?!志)|前晚|前夜", -2), (r"大后天", 3), (r"day after tomorrow|后天|后日", 2),
        (r"\bthe (?:day|night) before\b(?! \w)", -2),
        (r"\byest\w*\b|\by'?day\b|\blast (?:nights?|nite|evening)\b|昨|琴[日晚]|寻日|寻晚|上一晚", -1), (r"\btomorrow\b|\btmrw\b|\btomorow\b|\btomorro\b|\b2moro\b|明[天日晚早夜]|听日|次日", 1),
        (r"\btoday\b|\btonight\b|\btonite\b|\bthis (?:morning|evening|afternoon|noon)\b|\bearlier\b|今[天日晚早夜晨]|今日", 0),
    ):  # fmt: skip
        if pattern(words).search(plain):
            back = pattern(r"(\d+) days? before yest").search(plain)
            return moved(today, -1 - int(back[1]) if back and len(back[1]) < 5 else shift)
    if pattern(r"去年的?今天").search(plain):
        return safe(today.year - 1, today.month, today.day)
    if pattern(r"\b(?:this|same) (?:day|time) last week\b|上1?个?(?:周|星期)的?(?:今天|同1天|这1?天)").search(plain):
        return today - timedelta(days=7)
    ahead = pattern(r"\bt ?- ?(\d{1,4}) ?(?:d(?:ays?)?)?\b|^\W*-(\d{1,4}) ?d(?:ays?)?\b").search(plain)
    if ahead:
        return moved(today, -int(ahead[1] or ahead[2]))
    ago = pattern(r"\bago\b|\bback\b|\bearlier\b|(?<!之)(?<!以)前(?!天)|以前|之前").search(plain)
    if ago and (found := durations.find(plain)) and found[0].value[-1] not in "hn":
        return date.fromisoformat(shifted(datetime(today.year, today.month, today.day), found[0].value, -1)[:10])  # noqa: DTZ001
    return None


def moved(today: date, shift: int) -> date | None:
    try:
        return today + timedelta(days=shift)
    except OverflowError:
        return None


def month_day(plain: str, today: date, future: bool) -> date | None:
    m = pattern(
        rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\.?(?: of)?[ -](?P<m>{MONTH})\b\.?,?(?:[ -]*(?P<y>20\d\d))?|\b(?P<m2>{MONTH})\b\.?,? (?:the )?(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\b(?![:h])(?:,? *(?P<y2>20\d\d))?"
    ).search(plain)
    apart = None if m else pattern(rf"\b(?:in )?({MONTH})\b.{{0,8}}\bthe (\d{{1,2}})(?:st|nd|rd|th)\b").search(plain)
    if apart:
        month, d, y = days.month_of(apart[1]), int(apart[2]), None
    elif m:
        month, d, y = days.month_of(m["m"] or m["m2"]), int(m["d"] or m["d2"]), m["y"] or m["y2"]
    else:
        m = pattern(r"(?:(?P<rel>去年|今年|明年|前年|上年) ?)?(?P<m>\d{1,2})月 ?(?P<d>\d{1,2})").search(plain)
        if not m:
            return _relative_month_day(plain, today)
        month, d, y = int(m["m"]), int(m["d"]), None
        if m["rel"]:
            return safe(today.year + {"去年": -1, "上年": -1, "前年": -2, "明年": 1}.get(m["rel"], 0), month, d)
    if month is None or not 1 <= month <= 12:
        return None
    if y:
        return safe(int(y), month, d)
    if pattern(r"\blast year\b").search(plain):
        return safe(today.year - 1, month, d)
    return nearest(today, month, d, future)


def _relative_month_day(plain: str, today: date) -> date | None:
    m = pattern(r"(上上个?月|上个?月|本月|这个?月|下个?月|当月) ?(\d{1,2})").search(plain)
    if m:
        shift, d = {"上上": -2, "上个": -1, "上月": -1, "下个": 1, "下月": 1}.get(m[1][:2], 0), int(m[2])
    else:
        m = pattern(r"\b(\d{1,2})(?:st|nd|rd|th)? (?:of )?(last|this|next) month\b").search(plain)
        if not m:
            return None
        shift, d = {"last": -1, "this": 0, "next": 1}[m[2]], int(m[1])
    index = today.year * 12 + today.month - 1 + shift
    return safe(index // 12, index % 12 + 1, d)


def nearest(today: date, month: int, d: int, future: bool) -> date | None:
    options = [x for y in range(today.year - 4, today.year + 5) if (x := safe(y, month, d))]
    ahead = [x for x in options if x >= today]
    behind = [x for x in options if x <= today]
    return (ahead[0] if ahead else None) if future else (behind[-1] if behind else None)


def _festival(plain: str, today: date, future: bool) -> date | None:
    found = festival(plain)
    if found:
        return nearest(today, *found, future)
    for words, years in LUNAR.items():
        if pattern(words).search(plain):
            feasts = [date(y, *day) for y, day in years.items()]
            fitting = [x for x in feasts if (x >= today if future else x <= today)]
            return (fitting[0] if future else fitting[-1]) if fitting else None
    if pattern(r"\beaster\b|复活节").search(plain):
        sundays = [easter(y) for y in range(today.year - 1, today.year + 2)]
        return min(x for x in sundays if x >= today) if future else max(x for x in sundays if x <= today)
    return None


def easter(year: int) -> date:
    """Easter Sunday of the western churches (the anonymous Gregorian computation)."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    k = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * k) // 451
    month, index = divmod(h + k - 7 * m + 114, 31)
    return date(year, month, index + 1)


def festival(plain: str) -> tuple[int, int] | None:
    """The month and day of the feast that a text names."""
    return next((day for words, day in FESTIVALS.items() if pattern(words).search(plain)), None)


def nth_of_month(year: int, month: int, n: int, weekday: str) -> date | None:
    """The n-th (or with -1 the last) of a weekday in a month."""
    index, last = days.WEEK.index(weekday), calendar.monthrange(year, month)[1]
    numbers = [d for d in range(1, last + 1) if date(year, month, d).weekday() == index]
    return date(year, month, numbers[n if n < 0 else n - 1]) if n < 0 or n <= len(numbers) else None


def as_date(value: str) -> date:
    """The date of an ISO date or date-time."""
    return date.fromisoformat(value[:10])


def weekday(plain: str, today: date, future: bool) -> date | None:
    """The day that a weekday names: `last friday`, `two mondays ago`, `the sunday before last`, `monday last week`, `下周三`."""
    hits = list(days.day_pattern().finditer(plain))
    if not hits:
        return None
    m = hits[0]
    if m.lastgroup not in days.WEEK:
        if m.lastgroup in {"end", "end2"} and future:
            return today + timedelta(days=(5 - today.weekday()) % 7)
        return None
    index = days.WEEK.index(str(m.lastgroup))
    if pattern(r"\bthe (\d{1,2})(?:st|nd|rd|th)\b").search(plain):
        return _ordinal(plain, today, future)
    before, after = plain[: m.start()], plain[m.end() :]
    monday = today - timedelta(days=today.weekday())
    for words, weeks in (
        (r"上上个? *$", -2),
        (r"上个? *$", -1),
        (r"下下个? *$", 2),
        (r"下个? *$", 1),
        (r"这个? *$|本 *$", 0),
    ):
        if pattern(words).search(before):
            return monday + timedelta(days=7 * weeks + index)
    if pattern(r"\bweek before last\b").search(plain):
        return monday + timedelta(days=index - 14)
    if pattern(r"\blast week\b").search(plain):
        return monday + timedelta(days=index - 7)
    if pattern(r"\bthis week(?:'s)?\b").search(plain):
        return monday + timedelta(days=index)
    if pattern(r"\bnext *$").search(before) or pattern(r"\bnext week\b").search(plain):
        return monday + timedelta(days=7 + index)
    if future:
        return today + timedelta(days=(index - today.weekday()) % 7)
    past = today - timedelta(days=(today.weekday() - index) % 7 or 7)
    back = pattern(r"\b(\d{1,2}) *$").search(before)
    if back and pattern(r"^ ago\b").match(after):
        return past - timedelta(days=7 * (int(back[1]) - 1))
    return past - timedelta(days=7) if pattern(r"^ before last\b").match(after) else past


def _ordinal(plain: str, today: date, future: bool) -> date | None:
    words = "|".join(sorted(ORDINALS, key=len, reverse=True))
    m = pattern(
        rf"\b(\d{{1,2}})(?:st|nd|rd|th)\b|(?<!\d)(\d{{1,2}}) ?[号日](?!志)|\bthe ({words})\b(?! (?:quarter|version|backup|snapshot|copy|one|1\b|week|time|run|day|before|after|prior))"
    ).search(plain)
    if not m:
        return None
    d = int(m[1] or m[2]) if m[1] or m[2] else ORDINALS[m[3]]
    for shift in range(13):
        index = today.year * 12 + today.month - 1 + (shift if future else -shift)
        found = safe(index // 12, index % 12 + 1, d)
        if found and (found >= today if future else found <= today):
            return found
    return None
