"""When something recurs, or happens once: the contract's `schedule`."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from planner.language.normalise import clock, cron, dates, days, durations
from planner.language.normalise.numbers import ORDINALS, digits
from planner.language.normalise.text import fold, pattern

TRIGGER = (
    r"\b(?:before|after|prior to|ahead of|following|on|at|upon|with|for) (?:every|each|any|all|a|an|the) (?:single )?(?!day|night|morning|evening|afternoon|week|month|hour|year|quarter|first|last|\d|mon|tue|wed|thu|fri|sat|sun|end|start|other|fortnight|work|1st)\w+"
    r"|\b(?:whenever|each time|every time|any time|anytime|when(?!ever)|once (?!a|per|every|each|in|daily|weekly|monthly|nightly|yearly|\d)|as soon as|right after|right before|just before|just after|immediately before|immediately after|on (?:plug|commit|save|deploy|shut|log|connect|mount|change|push|merge|boot|idle|close|power|insert|dock)\w*|pre-\w+|post-\w+|(?:before|after) (?!\d)\w+)"
    r"|每[次逢当]|[每][^天日周月年小晚夜早个隔\d季 ]|之前|之后|[前后]$|时$|[前后]都|[的]时候|一[^次]+就"
)
WORDS: tuple[tuple[str, str], ...] = (
    (r"\b(?:every other|alternate|every second|each second) (?:day|night|evening|morning)s?\b|\beod\b|隔天|隔日|每隔1天|隔1天", "2d"),
    (r"\b(?:every other|alternate|every second|each second) (?:weeks?|mon(?!th)|tue|wed|thu|fri|sat|sun)|\bbi-?weekly\b|\bfortnight\w*|双周|隔周|每隔1周|单周", "2w"),
    (r"\b(?:every other|alternate|every second) hour|隔1小时", "2h"),
    (r"\b(?:every other|alternate|every second) months?\b|\bbi-?monthly\b|双月|隔月", "2mo"),
    (r"\b(?:every other|alternate|every second) year\b", "2y"),
    (r"\bhalf[- ]?hourly\b|\bevery half(?:[- ]an)?[- ]hour\b|每半个?小时|每半个?钟", "30min"),
    (r"\bhalf[- ]?yearly\b|\bsemi-?annual\w*|\bbi-?annual\w*|\btwice (?:a|per|each|every) year\b|每半年|半年1次|1年2次", "6mo"),
    (r"\bcontinuous\w*|\breal[- ]?time\b|\bpermanent(?:ly)?\b|\bconstantly\b|\bnon-?stop\b|\bat all times\b|\bcdp\b|实时|持续|即时|随时|连续|不间断", "continuous"),
    (r"\bquarterly\b|\b(?:every|each|per|a) quarter\b|\bquaterly\b|\bqtrly\b|每季|每个季|季度|按季", "3mo"),
    (r"\bhourl\w*|\b(?:every|each|per|1 an|once an|an) (?:single )?(?:hour|hr)\b|\bhrly\b|\bon the hour\b|每个?小时|每个?钟头|每个?钟|整点|逐时|小时级|小时备", "1h"),
    (r"\bmonthly\b|\bmthly\b|\bmontly\b|\b(?:every|each|per|of the|a) (?:calendar )?month\b|每个?月|按月|月备|月度|月末|月底|月初|\bmonth[- ]?end\b", "1mo"),
    (r"\bweekly\b|\bwekly\b|\bwkly\b|\b(?:every|each|per|a) (?:single )?(?:week|wk)\b|每个?(?:周|星期|礼拜)(?!\d(?!\d?:))|按周|周备|周度|逐周", "1w"),
    (r"\bannual\w*|\byearly\b|\byrly\b|\b(?:every|each|per|a|the) (?:single )?year\b|每年|按年|年备|年度|年底|年末", "1y"),
    (r"\bdaily\b|\bdialy\b|\bdayly\b|\bdaly\b|\bnightly\b|\bnighly\b|\bnitely\b|\bnightlies\b|\bdailies\b|\b(?:every|each|per|a|any|ea) (?:single |calendar )?(?:day|night|nite|morning|evening|afternoon|noon|midnight|lunch|dawn|d)\b|\b(?:mornings|evenings|nights|afternoons)\b|\bover ?night\b|\bat night\b|每天|每日|天天|每晚|每夜|每早|每个?(?:工作日|夜|晚|早|凌晨|下午|上午)|按天|按日|日备|夜备|每逢晚|逐日|日日|夜夜|晚晚|朝朝", "1d"),
)  # fmt: skip
ZONES = {"berlin": "Europe/Berlin", "london": "Europe/London", "paris": "Europe/Paris", "madrid": "Europe/Madrid", "new york": "America/New_York",
         "tokyo": "Asia/Tokyo", "shanghai": "Asia/Shanghai", "beijing": "Asia/Shanghai", "sydney": "Australia/Sydney", "chicago": "America/Chicago", "denver": "America/Denver", "los angeles": "America/Los_Angeles", "toronto": "America/Toronto", "dublin": "Europe/Dublin", "rome": "Europe/Rome", "vienna": "Europe/Vienna", "zurich": "Europe/Zurich", "amsterdam": "Europe/Amsterdam", "oslo": "Europe/Oslo", "stockholm": "Europe/Stockholm", "helsinki": "Europe/Helsinki", "lisbon": "Europe/Lisbon", "日本": "Asia/Tokyo", "singapore": "Asia/Singapore",
         "北京": "Asia/Shanghai", "上海": "Asia/Shanghai", "东京": "Asia/Tokyo", "柏林": "Europe/Berlin", "伦敦": "Europe/London", "纽约": "America/New_York",
         "新加坡": "Asia/Singapore", "香港": "Asia/Hong_Kong", "台北": "Asia/Taipei", "巴黎": "Europe/Paris"}  # fmt: skip


def schedule(text: str, now: datetime, *, once: bool = False) -> dict[str, Any] | None:
    """The schedule that a text says; `once`: a weekday or time without "every" is a single run after `now`."""
    said = cron.schedule(text)
    if said:
        return said
    plain = digits(text)
    out: dict[str, Any] = {}
    zone, plain = timezone(text, plain)
    if zone:
        out["timezone"] = zone
    every, times = period(plain)
    nth = days.nth_weekday(plain)
    if (
        nth
        and nth[0] == 2
        and pattern(r"\b(?:every|each) (?:second|2nd|other) ").search(plain)
        and "month" not in plain
    ):
        nth = None
    names = days.weekdays(re.sub(r"(?:最后|末|首|第\d)1?个?週\d", "", plain)) if not nth else ()
    recurring = bool(every or nth) or _plural(plain)
    if not recurring and (once or (dates.names_a_day(plain) and not names)):
        return _single(plain, now, out) or _trigger(text, plain, out)
    months = days.months(plain)
    if every is None and not names and not nth and not days.month_days(plain) and not months:
        trigger = _trigger(text, plain, out)
        if trigger:
            return trigger
    out |= _on_days(plain, every, names, nth)
    if months and not names:
        out["months"] = list(months)
        if every in {None, "1mo", "1w", "1d"} and not nth:
            out["every"] = "1y"
    if times:
        out["times"] = times
    _add_hours(text, plain, out)
    return out if set(out) - {"timezone"} else None


def _on_days(plain: str, every: str | None, names: tuple[str, ...], nth: tuple[int, str] | None) -> dict[str, Any]:
    out: dict[str, Any] = {}
    month_days = days.month_days(plain)
    if nth:
        out |= {
            "every": "1mo" if every in {None, "1d", "1w", "1mo"} else every,
            "nth_weekday": {"n": nth[0], "day": nth[1]},
        }
    elif names and month_days and pattern(r"\bthe \d+(?:st|nd|rd|th)\b").search(plain):
        out |= {"every": every or "1mo", "month_days": list(month_days)}
    elif names:
        keep = every if every in {"1w", "2w"} or (every and every[-1] == "w") else "1w"
        out |= {"every": keep, "days": list(names)}
    elif month_days and not names and every not in {"1d", "1w", "1h"}:
        out |= {"every": every or "1mo", "month_days": list(month_days)}
    elif every:
        out["every"] = every
    return out


def _add_hours(text: str, plain: str, out: dict[str, Any]) -> None:
    at = _at(plain, out)
    if at:
        out["at"] = list(at)
        if "every" not in out and pattern(r"^\W*(?:@|at |daily)").search(fold(text)) and "改" not in text:
            out["every"] = "1d"
    elif (
        (part := clock.part_of(plain))
        and not out.get("every", "").endswith(("h", "min"))
        and out.get("every") != "continuous"
    ):
        out["part"] = part
        out.setdefault("every", "1d")


def period(plain: str) -> tuple[str | None, int | None]:
    """How often: (every, times) of a text with digits."""
    plain = pattern(r"\b(twice|thrice|\d+ ?(?:times|x)) (daily|nightly|weekly|monthly|hourly|yearly|annually)\b").sub(
        lambda m: (
            f"{m[1]} a "
            + {"d": "day", "n": "day", "w": "week", "m": "month", "h": "hour", "y": "year", "a": "year"}[m[2][0]]
        ),
        plain,
    )
    plain = pattern(
        r"\b(every|each) (\d+(?:st|nd|rd|th)|third|fourth|fifth|sixth) (days?|weeks?|months?|hours?|nights?)\b"
    ).sub(lambda m: f"every {ORDINALS.get(m[2]) or int(m[2][:-2])} {m[3].replace('night', 'day')}", plain)
    plain = (
        pattern(r"\b(?:every )?(\d+)[- ]?(hour|minute)ly\b")
        .sub(r"every \1 \2", plain)
        .replace("quarter-hour", "15 min")
        .replace("quarter of an hour", "15 min")
    )
    plain = pattern(r"\bq(\d+) ?(h|min|d)\b").sub(r"every \1 \2", plain)
    count = pattern(
        r"\b(once|twice|thrice|1 time|\d+ ?(?:times|x|times)) (?:an?|per|each|every|in an?|/) ?(hour|hr|day|night|week|wk|month|mth|quarter|year|yr)\b|(?:每个?|1个?|按)(天|日|小时|周|星期|礼拜|月|季度|年)(?:里|要|备份?|跑|做|来|得|至少|最少|只能|必须|保证)*(\d+)[次回遍轮趟]|\b(\d+)/(?:d|day)\b|\b(\d+)x ?(daily|weekly)\b|\b(\d+)x ?/ ?(?:day|d)\b"
    ).search(plain)
    if count:
        word = count[1] or count[4] or count[5] or count[6] or count[8] or "1"
        n = {"once": 1, "twice": 2, "thrice": 3}.get(word) or int(re.sub(r"\D", "", word) or 1)
        unit = (
            count[2]
            or count[3]
            or ("day" if count[5] or count[8] else {"daily": "day", "weekly": "week"}.get(count[7] or "", "day"))
        )
        base = next(
            (
                u
                for u, names in (
                    ("h", "hour hr 小时"),
                    ("d", "day night 天 日"),
                    ("w", "week wk 周 星期 礼拜"),
                    ("mo", "month mth 月"),
                    ("3mo", "quarter 季度"),
                    ("y", "year yr 年"),
                )
                if unit in names.split()
            ),
            "d",
        )
        if n <= 1:
            return (base if base == "3mo" else f"1{base}"), None
        if base == "d" and 24 % n == 0:
            return f"{24 // n}h", None
        if base == "h" and 60 % n == 0:
            return f"{60 // n}min", None
        if base == "y" and 12 % n == 0:
            return f"{12 // n}mo", None
        return (base if base == "3mo" else f"1{base}"), n
    gap = pattern(
        rf"(?:\bevery|\beach|\ball|\bev|\bonce (?:every|in|per)|每隔?|隔|\*/)[ -]?(?:of the )?(?:(?P<n>\d+(?:\.\d+)?)[- ]?个?(?P<half>半)?|半个?)[- ]?(?P<u>{durations.unit_words()})"
    ).search(plain)
    if gap and not pattern(r"^(?:st|nd|rd|th)").match(plain[gap.end() :]):
        if gap["n"] is None:
            half = durations.HALF[durations._units()[gap["u"]][1]]
            return (f"{half[0]}{half[1]}" if half else None), None
        scale, unit = durations._units()[gap["u"]]
        if not (unit == "d" and gap["u"] == "日"):
            return durations.make((float(gap["n"]) + (0.5 if gap["half"] else 0)) * scale, unit), None
    once = pattern(
        rf"(?:(?P<n>\d+)个?(?P<h>半)?|(?P<half>半)个?)(?P<u>{durations.unit_words()})[^\d]{{0,4}}1[次回遍]|(?P<n2>\d+)[- ]?(?P<u2>min(?:ute)?|hour|h|hr|day|week)(?:ly)?[- ](?:interval|cycle|cadence|basis|rhythm|schedule)"
    ).search(plain)
    if once:
        unit = once["u"] or once["u2"]
        if once["half"]:
            half = durations.HALF[durations._units()[unit][1]]
            return (f"{half[0]}{half[1]}" if half else None), None
        scale, name = durations._units()[unit]
        return durations.make((int(once["n"] or once["n2"]) + (0.5 if once["h"] else 0)) * scale, name), None
    hits = [(m.start(), value) for words, value in WORDS if (m := pattern(words).search(plain))]
    if hits:
        change = pattern(r"\bfrom \w+ to\b|\binstead\b|\bno,? make|改成|改为").search(plain)
        return (max(hits)[1] if change else _strongest(hits)), None
    lone = pattern(rf"^\W*(?:interval:? ?|=|q)?(\d+)[- ]?({durations.unit_words()})\W*$").search(plain)
    if lone:
        scale, name = durations._units()[lone[2]]
        return durations.make(int(lone[1]) * scale, name), None
    return None, None


def _strongest(hits: list[tuple[int, str]]) -> str:
    """ "every first of the month": the longest period that is named, except that a fixed gap goes first."""
    order = [value for _words, value in WORDS]
    values = {value for _start, value in hits}
    for value in ("2d", "2w", "2h", "2mo", "2y", "30min", "6mo", "continuous"):
        if value in values:
            return value
    return min(values, key=order.index)


def _plural(plain: str) -> bool:
    return bool(
        pattern(
            r"\b(?:mon|tues|wednes|thurs|fri|satur|sun|week|work|business|working )days\b|\bweekends\b|\bweekdays?\b|\bworking days?\b|\bmornings\b|\bevenings\b|工作日|每|\bmon-fri\b|\beach\b|\bevery\b|周末|上班日"
        ).search(plain)
    )


def _at(plain: str, out: dict[str, Any]) -> tuple[str, ...]:
    if out.get("every", "").endswith(("min",)):
        return ()
    cleaned = pattern(
        r"\b\d{1,2}(?:st|nd|rd|th)\b|\bevery \d+[- ]?\w+|\d+ (?:days|weeks|hours|hrs|minutes|months)|\d{1,2}[号日]|\d{1,2}月|第\d个?|週\d"
    ).sub(" ", plain)
    hits = clock.find(cleaned)
    marked = pattern(
        r"(?:\bat|@|\baround|\babout|\bapprox\.?|\bca\.?|\bby|\bfor|,|\band|&|/)\s*(\d{1,2})(?![\d:.%/]|\w| ?(?:[ap]\.?m|times|x))"
    )
    spans = [(h.start, h.end) for h in hits]
    bare = [
        h
        for h in clock.find(cleaned, bare=True)
        if h.bare and any(m.start(1) == h.start for m in marked.finditer(cleaned))
    ]
    anchored = bool(hits) or bool(pattern(r"\bat|@|around|about").search(cleaned)) or clock.part_of(cleaned) is not None
    if clock.part_of(cleaned) and not bare and not hits:
        bare = [h for h in clock.find(cleaned, bare=True) if h.bare]
    every = sorted(
        [*hits, *(b for b in bare if anchored and not any(s <= b.start < e for s, e in spans))], key=lambda h: h.start
    )
    return tuple(dict.fromkeys(h.value for h in every))


def _single(plain: str, now: datetime, out: dict[str, Any]) -> dict[str, Any] | None:
    ahead = pattern(r"\b(?:in|within the next|after) ").search(plain) or pattern(r"后(?!天)|以后|之后").search(plain)
    if (
        ahead
        and (gap := durations.find(plain))
        and not dates.names_a_day(pattern(r"\d+ ?(?:days?|天)后?").sub("", plain))
    ):
        return out | {"date": dates.shifted(now, gap[0].value, +1)}
    day = dates.day(plain, now, future=True)
    part = clock.part_of(plain)
    hits = clock.find(plain) or [
        f
        for f in clock.find(
            pattern(
                r"\b\d{1,2}(?:st|nd|rd|th)\b|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w* \d+|\b\d+ (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w*"
            ).sub(" ", plain),
            bare=True,
        )
        if part or pattern(r"\bat \d").search(plain)
    ]
    if hits:
        base = day or now.date()
        hour, minute = hits[0].hour, hits[0].minute
        moment = datetime(base.year, base.month, base.day, hour, minute)  # noqa: DTZ001 - local wall time
        if part in {"night", "evening"} and hour < 6 and pattern(r"tonight|今晚|midnight").search(plain):
            moment += timedelta(days=1) if moment <= now else timedelta(0)
        elif day is None and moment <= now:
            moment += timedelta(days=1) if hour >= 12 or now.hour < 13 or hour + 12 <= now.hour else timedelta(hours=12)
        return out | {"date": f"{moment:%Y-%m-%dT%H:%M}"}
    if day:
        out = out | {"date": day.isoformat()}
        if part and not pattern(r"\btonight\b|今晚|今夜").search(plain):
            out["part"] = part
        return out
    return None


def _trigger(text: str, plain: str, out: dict[str, Any]) -> dict[str, Any] | None:
    if pattern(TRIGGER).search(plain) or pattern(TRIGGER).search(fold(text)):
        return out | {"trigger": fold(text).strip(" ,.;:!?")[:120]}
    return None


def timezone(text: str, plain: str) -> tuple[str | None, str]:
    """An IANA zone, UTC or a city's time that a text names, and the text without it."""
    named = pattern(
        r"\b(?:Africa|America|Antarctica|Asia|Atlantic|Australia|Europe|Indian|Pacific)/[A-Z]\w+(?:/\w+)?\b"
    ).search(text)
    if named:
        try:
            ZoneInfo(named[0])
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return None, plain
        return named[0], plain.replace(named[0].lower(), " ")
    short = pattern(r"\b(utc|gmt|cet|est|zulu)\b").search(plain)
    if short:
        return ("UTC" if short[1] in {"utc", "zulu"} else short[1].upper()), plain.replace(short[0], " ")
    city = pattern(
        rf"\b({'|'.join(c for c in ZONES if c.isascii())})(?: local)? time\b|({'|'.join(c for c in ZONES if not c.isascii())})时间"
    ).search(plain)
    if city:
        return ZONES[city[1] or city[2]], plain.replace(city[0], " ")
    return None, plain


def as_date(value: str) -> date:
    """The date of an ISO date or date-time."""
    return date.fromisoformat(value[:10])
