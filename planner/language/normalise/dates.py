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
    r"new year'?s eve|除夕|跨年": (12, 31), r"new year'?s day|new year\b|元旦": (1, 1), r"christmas eve|平安夜": (12, 24),
    r"christmas|xmas|圣诞": (12, 25), r"boxing day": (12, 26), r"国庆": (10, 1), r"劳动节|五一": (5, 1), r"halloween": (10, 31),
}  # fmt: skip
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
    return (
        _iso(plain)
        or _relative(plain, today)
        or _month_day(plain, today, future)
        or _festival(plain, today, future)
        or _week(plain, today, future)
        or _ordinal(plain, today, future)
    )


def _iso(plain: str) -> date | None:
    m = pattern(
        r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)|(\d{4})年 ?(\d{1,2})月 ?(\d{1,2})[日号]?|(?<!\d)(20\d\d)(0\d|1[0-2])([0-3]\d)(?!\d)"
    ).search(plain)
    if not m:
        m = pattern(r"(?<!\d)(\d{1,2})\.(\d{1,2})\.(\d{4})(?!\d)").search(plain)
        return safe(int(m[3]), int(m[2]), int(m[1])) if m else None
    y, mo, d = (int(g) for g in (m[1] or m[4] or m[7], m[2] or m[5] or m[8], m[3] or m[6] or m[9]))
    return safe(y, mo, d) if 1900 < y < 2200 else None


def _relative(plain: str, today: date) -> date | None:
    for words, shift in (
        (r"\b(?:the )?day before yesterday|\bavant", -2), (r"大前天|大前日", -3), (r"前天|前日(?!志)|前晚|前夜", -2), (r"大后天", 3), (r"day after tomorrow|后天|后日", 2),
        (r"\bthe (?:day|night) before\b(?! \w)", -2),
        (r"\byest\w*\b|\by'?day\b|\blast (?:night|nite|evening)\b|昨|琴日|寻日|寻晚|上一晚", -1), (r"\btomorrow\b|\btmrw\b|\btomorow\b|\btomorro\b|\b2moro\b|明[天日晚早夜]|听日|次日", 1),
        (r"\btoday\b|\btonight\b|\btonite\b|\bthis (?:morning|evening|afternoon|noon)\b|\bearlier\b|今[天日晚早夜晨]|今日|当天", 0),
    ):  # fmt: skip
        if pattern(words).search(plain):
            back = pattern(r"(\d+) days? before yest").search(plain)
            return _moved(today, -1 - int(back[1]) if back and len(back[1]) < 5 else shift)
    ago = pattern(r"\bago\b|\bback\b|\bearlier\b|(?<!之)(?<!以)前(?!天)|以前|之前").search(plain)
    if ago and (found := durations.find(plain)) and found[0].value[-1] not in "hn":
        return date.fromisoformat(shifted(datetime(today.year, today.month, today.day), found[0].value, -1)[:10])  # noqa: DTZ001
    return None


def _moved(today: date, shift: int) -> date | None:
    try:
        return today + timedelta(days=shift)
    except OverflowError:
        return None


def _month_day(plain: str, today: date, future: bool) -> date | None:
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
    return _nearest(today, month, d, future)


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


def _nearest(today: date, month: int, d: int, future: bool) -> date | None:
    options = [x for y in range(today.year - 4, today.year + 5) if (x := safe(y, month, d))]
    ahead = [x for x in options if x >= today]
    behind = [x for x in options if x <= today]
    return (ahead[0] if ahead else None) if future else (behind[-1] if behind else None)


def _festival(plain: str, today: date, future: bool) -> date | None:
    found = festival(plain)
    return _nearest(today, *found, future) if found else None


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


def _week(plain: str, today: date, future: bool) -> date | None:
    hits = list(days.day_pattern().finditer(plain))
    if not hits:
        return None
    m = hits[0]
    if m.lastgroup not in days.WEEK:
        if m.lastgroup in {"end", "end2"} and future:
            return today + timedelta(days=(5 - today.weekday()) % 7)
        return None
    index = days.WEEK.index(str(m.lastgroup))
    nth = pattern(r"\bthe (\d{1,2})(?:st|nd|rd|th)\b").search(plain)
    if nth:
        return _ordinal(plain, today, future)
    before = plain[: m.start()]
    monday = today - timedelta(days=today.weekday())
    for words, weeks in (
        (r"上上个? *$", -2),
        (r"上个? *$|\bof last week", -1),
        (r"下下个? *$", 2),
        (r"下个? *$", 1),
        (r"这个? *$|本 *$", 0),
    ):
        if pattern(words).search(before):
            return monday + timedelta(days=7 * weeks + index)
    if pattern(r"\bweek before last\b").search(plain):
        return monday + timedelta(days=index - 14)
    if pattern(r"\b(?:of )?last week\b").search(plain):
        return monday + timedelta(days=index - 7)
    if pattern(r"\bnext *$").search(before):
        return monday + timedelta(days=7 + index)
    if future:
        return today + timedelta(days=(index - today.weekday()) % 7 or 7) if (index - today.weekday()) % 7 else today
    return today - timedelta(days=(today.weekday() - index) % 7 or 7)


def _ordinal(plain: str, today: date, future: bool) -> date | None:
    words = "|".join(sorted(ORDINALS, key=len, reverse=True))
    m = pattern(rf"\b(\d{{1,2}})(?:st|nd|rd|th)\b|(?<!\d)(\d{{1,2}})[号日](?!志)|\bthe ({words})\b").search(plain)
    if not m:
        return None
    d = int(m[1] or m[2]) if m[1] or m[2] else ORDINALS[m[3]]
    for shift in range(13):
        index = today.year * 12 + today.month - 1 + (shift if future else -shift)
        found = safe(index // 12, index % 12 + 1, d)
        if found and (found >= today if future else found <= today):
            return found
    return None


def span(plain: str, now: datetime) -> tuple[date, date] | None:
    """A range of days: `last week`, `January`, `2 to 6 February`, `since Tuesday`, `上周末`."""
    today = now.date()
    monday = today - timedelta(days=today.weekday())
    if pattern(r"\b(?:last|past) weekend\b|上个?周末").search(plain):
        return monday - timedelta(days=2), monday - timedelta(days=1)
    for words, weeks in (
        (r"\bweek before last\b|上上个?(?:周|星期|礼拜)(?!\d)", -2),
        (r"\b(?:last|previous) (?:week|wk)\b(?! (?:mon|tue|wed|thu|fri|sat|sun))|上个?(?:周|星期|礼拜)(?! ?\d)", -1),
    ):
        if pattern(words).search(plain) and not _week(plain, today, False):
            return monday + timedelta(days=7 * weeks), monday + timedelta(days=7 * weeks + 6)
    if pattern(r"\bthis week\b|(?:这个?|本)(?:周|星期|礼拜)(?! ?\d|末)").search(plain):
        return monday, monday + timedelta(days=6)
    m = pattern(
        rf"(?P<a>\d{{1,2}})(?:st|nd|rd|th)? ?(?:-|to|until|through|and) ?(?P<b>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<m>{MONTH})\b|(?P<m2>{MONTH}) (?P<a2>\d{{1,2}})(?:st|nd|rd|th)? ?(?:-|to|until|through|and) ?(?P<b2>\d{{1,2}})(?:st|nd|rd|th)?\b(?! (?:{MONTH}))|(?P<m3>\d{{1,2}})月 ?(?P<a3>\d{{1,2}})[号日]? ?(?:-|到|至|~) ?(?P<b3>\d{{1,2}})[号日](?!月)"
    ).search(plain)
    if m:
        month = int(m["m3"]) if m["m3"] else days.month_of(m["m"] or m["m2"])
        a, b = int(m["a"] or m["a2"] or m["a3"]), int(m["b"] or m["b2"] or m["b3"])
        end = _nearest(today, month, b, False) if month and 1 <= month <= 12 else None
        begin = safe(end.year, end.month, a) if end else None
        return (begin, end) if begin and end else None
    parts = re.split(
        r"\bto\b|\buntil\b|\btill\b|\bthrough\b|\bthru\b| - |到|至|\band\b(?=.*\bbetween)|\.\.",
        pattern(r"\bbetween\b|\bfrom\b|从|自").sub(" ", plain),
    )
    if len(parts) == 2:
        begin, end = day(parts[0], now), day(parts[1], now)
        if begin and end and begin <= end:
            return begin, end
        if (
            end
            and (bare := re.search(r"(\d{1,2})(?:st|nd|rd|th)?\s*$", parts[0]))
            and (first := safe(end.year, end.month, int(bare[1])))
            and first <= end
        ):
            return first, end
    if pattern(r"\bsince\b|以来|之后|起\b|至今|到现在").search(plain) and (begin := day(plain, now)):
        return begin, today
    recent = pattern(r"\b(?:last|past|previous) (?=\d)|最近|近|过去").search(plain)
    if (
        recent
        and (gap := durations.find(plain[recent.start() :]))
        and gap[0].value[-1] in "dwoy"
        and not gap[0].value.startswith("1")
    ):
        return date.fromisoformat(shifted(now, gap[0].value, -1)[:10]), today
    return _month_span(plain, today)


def _month_span(plain: str, today: date) -> tuple[date, date] | None:
    def whole(index: int) -> tuple[date, date]:
        y, mo = index // 12, index % 12 + 1
        return date(y, mo, 1), date(y, mo, calendar.monthrange(y, mo)[1])

    here = today.year * 12 + today.month - 1
    if pattern(r"\b(?:last|previous) month\b|上个?月").search(plain):
        return whole(here - 1)
    if pattern(r"\bthis month\b|本月|这个?月|当月").search(plain):
        return whole(here)[0], today
    if (
        pattern(r"\b(?:last|previous) year\b|去年|上年").search(plain)
        and not pattern(MONTH).search(plain)
        and "月" not in plain
    ):
        return date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)
    if pattern(r"\bthis year\b|今年").search(plain) and "月" not in plain:
        return date(today.year, 1, 1), today
    if pattern(r"\blast quarter\b|上个?季度").search(plain):
        first = today.year * 12 + (today.month - 1) // 3 * 3 - 3
        return whole(first)[0], whole(first + 2)[1]
    m = pattern(r"(?:(\d{4}|去|今)年)?(\d{1,2})月(?:份|的|里|那|期)?(?! ?\d)").search(plain)
    named = days.months(plain)
    if (
        named
        and len(named) == 1
        and not pattern(rf"(?:{MONTH})\.? \d{{1,2}}(?!\d)|\d{{1,2}}(?:st|nd|rd|th)?(?: of)? (?:{MONTH})").search(plain)
    ):
        year = pattern(r"\b(20\d\d)\b|(20\d\d)年").search(plain)
        month = named[0]
        y = (
            int(year[1] or year[2])
            if year
            else today.year - 1
            if m and m[1] == "去"
            else today.year
            if month <= today.month
            else today.year - 1
        )
        return whole(y * 12 + month - 1)
    return None
