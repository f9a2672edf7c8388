"""When something recurs, or happens once: the contract's `schedule`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from planner.language.normalise import clock, cron, dates, days, durations, triggers
from planner.language.normalise.numbers import ORDINALS, digits
from planner.language.normalise.periods import period, unit_from
from planner.language.normalise.text import pattern
from planner.language.normalise.zones import timezone

SHORTER = ("min", "h")


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a text says of recurring, before it is told whether it recurs at all."""

    plain: str
    timeless: str  # without exact times of day, and without the event
    event: str | None
    every: str | None
    times: int | None
    names: tuple[str, ...]
    ordinal: tuple[int, str] | None
    numbers: tuple[int, ...]
    months: tuple[int, ...]

    @property
    def nothing(self) -> bool:
        """Whether neither a period nor a day is said."""
        days_said = self.names or self.ordinal or self.numbers or self.months or dates.festival(self.timeless)
        return not (self.every or days_said)


def schedule(text: str, now: datetime, *, once: bool = False, before: str = "") -> dict[str, Any] | None:
    """The schedule that a text says; empty for "now". `once`: a weekday or time without "every" is a single run after `now`;
    `before`: the words in front of it, from which a bare "every 3" takes its unit."""
    zone, plain = timezone(text, digits(text))
    if once and pattern(NOW).fullmatch(plain):
        return {}
    said: dict[str, Any] = {"timezone": zone} if zone else {}
    line = cron.schedule(text)
    if line:
        return line | said
    whole, plain = plain, _corrected(plain)
    plain = unit_from(plain, digits(before) if before else "")
    plain = (
        pattern(r"\beod\b").sub("evening", plain)
        if once
        else pattern(ENDING).sub(" ", pattern(BEGINNING).sub(" ", plain))
    )
    if pattern(STRONG).search(plain):
        return triggers.trigger(text, plain, said)
    seen = _seen(plain)
    recurring = _recurs_once(seen, now) if once else _recurs(seen)
    if not recurring and (once or (dates.names_a_day(plain) and not seen.names and not seen.months)):
        return _single(plain, now, said) or triggers.trigger(text, plain, said)
    if seen.nothing and (not clock.find(seen.timeless) or seen.event):
        alone = triggers.trigger(text, plain, said)
        if alone:
            return alone
    out = _recurring(seen, said)
    if whole != plain and "at" not in out and (at := _at(whole[: len(whole) - len(plain)], out)):
        out["at"] = list(at)
    return out or None


def _seen(plain: str) -> _Seen:
    event = triggers.beside(plain)
    timeless = _timeless(plain.replace(event, " ") if event and not days.weekdays(event) else plain)
    every, times = period(timeless)
    ordinal = days.nth_weekday(timeless)
    monthly = bool(pattern(r"\bmonth|\bquarter|每?个?月").search(plain))
    second = ordinal and ordinal[0] == 2 and pattern(r"\b(?:every|each) (?:second|2nd|other) ").search(plain)
    if second and not monthly:
        ordinal = None  # "every second tuesday" is every other one
    if ordinal and every == "2w" and monthly:
        every = "1mo"
    names = () if ordinal else _weekdays(timeless)
    return _Seen(plain, timeless, event, every, times, names, ordinal, days.month_days(timeless), days.months(timeless))


def _recurs(seen: _Seen) -> bool:
    """Whether a standing policy's schedule recurs: a day of the month without a month is one of each month."""
    return bool(seen.every or seen.ordinal or _plural(seen.timeless) or (seen.numbers and not _dated(seen.plain)))


def _recurs_once(seen: _Seen, now: datetime) -> bool:
    """Whether what is usually done once is asked for again and again."""
    if pattern(ONE_END).search(seen.plain):
        return False
    if seen.ordinal and pattern(r"\b(?:next|this|coming) month\b|下个?月|这个?月|本月").search(seen.plain):
        return False
    if len(seen.numbers) > 1 and not _dated(seen.plain):
        return True
    if len(seen.names) > 1 and not pattern(r"\bfrom\b|\bnext\b|\bthis\b|下|本").search(seen.plain):
        return True
    each = pattern(r"\bevery\b|\beach\b|\bmonth\b|\b(?:dai|week|month|year|quarter)ly\b|每").search(seen.plain)
    if seen.every and _later(seen.plain, now) and not each:
        return False
    monthly = seen.ordinal and len(seen.months) != 1 and pattern(r"\bmonth|每|\bevery|\beach|月").search(seen.plain)
    return bool(seen.every or monthly or (seen.ordinal and len(seen.months) > 1) or _plural(seen.timeless))


def _recurring(seen: _Seen, said: dict[str, Any]) -> dict[str, Any]:
    out = said | _on_days(seen)
    if seen.times:
        out["times"] = seen.times
    hidden = seen.event and not seen.event.startswith(("on", "at")) and clock.part_of(seen.event)
    _add_hours(seen.plain.replace(seen.event, " ") if seen.event and hidden else seen.plain, out)
    if seen.event and "at" not in out:
        out["trigger"] = seen.event
    return out


#: from when on, which a standing schedule does not hold
BEGINNING = r"\b(?:from|as of|starting|beginning|effective)(?: from| on)? (?:tomorrow|today|now|tonight|next week|next month|\w+day)(?: on(?:wards?)?\b)|\b(?:starting|beginning|effective) (?:today|now|tomorrow|immediately|tonight)\b|(?:从|自)?(?:明天|今天|即日|现在|今晚|下周|下个?月)(?:起|开始)"
#: until when, which a standing schedule does not hold
ENDING = rf",? ?\b(?:till?|until|through|up to) (?:the )?(?:\d{{1,2}}(?:st|nd|rd|th)?(?: of)? (?:{dates.MONTH})\b\.?|(?:{dates.MONTH}) (?:the )?\d{{1,2}}(?:st|nd|rd|th)?\b)(?: 20\d\d)?"
#: an event whatever times stand in it
STRONG = r"^\W*(?:right |just |straight )?(?:after|before|following|behind) the (?:nightly|daily|weekly|monthly|hourly)(?: (?:one|run|job|backup|sync))?\W*$|^\W*(?:each time|every ?time|whenever|as soon as|any ?time)\b|\b(?:before|after) (?:each|every) (?!\d|mon|tue|wed|thu|fri|sat|sun|day|night|week|month|hour|other|second|morning|evening|weekday|quarter|year)[a-z]+ *$"
#: an end that comes once
ONE_END = r"\bend of (?:the|this) (?:month|year|quarter)\b|^\W*(?:本|这个)?[月年]底|^\W*(?:本|这个)?[月年]末"
NOW = r"\W*(?:right )?(?:now|away|immediately|at once|asap|straight ?away|this (?:instant|minute|moment|second)|立刻|马上|现在|立即|即刻|这就)\W*"


def _corrected(plain: str) -> str:
    """What was said last, where it takes back what was said before ("30 June... no, 30 May")."""
    found = list(
        pattern(
            r"(?:\.\.\.|,|;) ?(?:no[,.: ]|sorry,?|make it|i mean|simply|rather)|(?:,|\.) ?(?:不,|不对,?|哦不,?|还是)"
        ).finditer(plain)
    )
    if not found or len(plain) - found[-1].end() <= 3:
        return plain
    said, named = plain[found[-1].end() :], list(days.day_pattern().finditer(plain[: found[-1].start()]))
    if named:  # "the second and last friday... no, just the last one"
        said = pattern(rf"\b(last|final|\d(?:st|nd|rd|th)|{'|'.join(ORDINALS)}) (?:one|1)\b").sub(
            rf"\1 {named[-1][0]}", said
        )
    return said


def _timeless(plain: str) -> str:
    """The text without its exact times of day ("quarter past two" is no quarter)."""
    for f in reversed([f for f in clock.find(plain) if not f.vague]):
        if not pattern(r"noon|midday|正午").search(plain[f.start : f.end]):
            plain = plain[: f.start] + " " + plain[f.end :]
    return plain


def _weekdays(plain: str) -> tuple[str, ...]:
    plain = pattern(rf"{days.LAST_WORKDAY}|{days.FIRST_WORKDAY}|(?:最后|末|首|头|第\d)1?个?週\d").sub(" ", plain)
    night = pattern(r"\bnight (?:from|of|between) (\w+) (?:to|and|on) \w+").search(plain)
    return days.weekdays(night[1]) if night and days.weekdays(night[1]) else days.weekdays(plain)


def _dated(plain: str) -> bool:
    """Whether a day of the month belongs to one month, not to each ("on the 5th of next month", "tomorrow")."""
    return bool(
        pattern(
            r"\b(?:this|next|coming) (?:month|week)|\btomorrow|\btoday|下个?月|本月|这个?月|\d{4}-\d|20\d\d年"
        ).search(plain)
    )


def _plural(plain: str) -> bool:
    return bool(
        pattern(
            r"\b(?:mon|tues|wednes|thurs|fri|satur|sun|week|work|business|working)days\b|\bweekends\b|\bweekdays?\b|\bwork(?:ing)? ?days?\b|\bbusiness days?\b|\bweek ?nights?\b|\bmornings\b|\bevenings\b|工作日|每|逢|\bmon(?:day)?-fri(?:day)?\b|\beach\b|\bevery\b|周末|上班日"
        ).search(plain)
    ) and not pattern(r"\bnext (?:working|business) day|下个?工作日|\bthis weekend|这个?周末|本周末").search(plain)


def _on_days(seen: _Seen) -> dict[str, Any]:
    plain, every, names, ordinal = seen.timeless, seen.every, seen.names, seen.ordinal
    numbers, months = seen.numbers, seen.months
    out: dict[str, Any] = {}
    if ordinal:
        long = every if every in {"3mo", "2mo", "6mo", "1y"} else "1mo"
        out |= {"every": long, "nth_weekday": {"n": ordinal[0], "day": ordinal[1]}}
    elif names and numbers and pattern(r"\bthe \d+(?:st|nd|rd|th)\b").search(plain):
        out |= {"every": every or "1mo", "month_days": list(numbers)}
    elif names and not (every and every.endswith(SHORTER)):
        out |= {"every": every if every and every.endswith("w") else "1w", "days": list(names)}
    elif (
        numbers
        and not names
        and (months or (every not in {"1d", "1w", "2w", "2d", "continuous"} and not (every or "").endswith(SHORTER)))
    ):
        out |= {"every": every if every in {"2mo", "3mo", "1y", "2y"} else "1mo", "month_days": list(numbers)}
    elif every:
        out["every"] = every
        if names:
            out["days"] = list(names)
    festival = dates.festival(plain)
    if festival and not numbers and not names and not ordinal and every in {None, "1y"}:
        out |= {"every": "1y", "month_days": [festival[1]], "months": [festival[0]]}
    elif months and not names:
        out["months"] = list(months)
        apart = (
            numbers
            and pattern(r"\bfrom\b|\bthrough\b|到|至").search(plain)
            and not pattern(rf"{MONTHS}\.? \d|\d (?:of )?{MONTHS}|月\d").search(plain)
        )
        if (
            not ordinal
            and not apart
            and (every is None or every in {"1mo", "6mo", "1y"} or (numbers and every != "3mo"))
        ):
            out["every"] = "1y"
    return out


def _add_hours(plain: str, out: dict[str, Any]) -> None:
    at = _at(plain, out)
    if at:
        out["at"] = list(at)
        spaced = pattern(r"(\d+)h").fullmatch(out.get("every", ""))
        if spaced and len(at) > 1 and len(at) * int(spaced[1]) == 24:
            out["every"] = "1d"  # "twice a day, 9 and 21 o'clock"
        return
    every = out.get("every", "")
    part = clock.part_of(pattern(r"\bafter (?:the )?(?:nightly|night|evening|morning) \w+").sub(" ", plain))
    if part and "trigger" not in out and not every.endswith(SHORTER) and every != "continuous":
        out["part"] = part
        out.setdefault("every", "1d")


MONTHS = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
#: numbers that belong to a day, and numbers that belong to a count or a length
NO_DATE = rf"\b\d{{1,2}}(?:st|nd|rd|th)\b|\d{{1,2}}[号日]|\d{{1,2}}月|第\d个?|週\d|\b{MONTHS}\.? \d{{1,2}}\b(?! ?[:.]\d| ?[ap]m)|\b\d{{1,2}} {MONTHS}(?: 20\d\d)?|\d{{4}}-\d\d?-\d\d?"
NO_COUNT = (
    r"\bevery \d+[- ]?\w+|\bevery ?= ?\d+\w|\b\d+ ?-?(?:days?|weeks?|hours?|hrs|min(?:ute)?s?|months?|years?|times|x)\b"
)
LED = r"(?:,|\band|\bto|\bby|&|/|晚|早|夜|\bnights?|\bevenings?|\bmornings?|\bdaily|\bdays)\s*$"
AT = r"(?:\bat|@|\baround|\babout|\bapprox\.?|\bca\.?)\s*$"
NOT_HOUR = r" ?(?:of|copies|every|each|per|more|full|backups?)\b"


def _at(plain: str, out: dict[str, Any]) -> tuple[str, ...]:
    every = out.get("every", "")
    if every.endswith("min"):
        return ()
    dateless = pattern(NO_DATE).sub(" ", plain)
    dateless = pattern(r"(?:\brather than|\binstead of|\bno longer at|\bwas)\b[^,;]*").sub(" ", dateless)
    said_for = pattern(r"\b(?:after|before) the \S+ \w+,? (?:so|i\.?e\.?)\b").search(dateless)
    if said_for:
        dateless = dateless[said_for.end() :]
    hits = clock.find(dateless, hours=not every.endswith("h") and ("days" in out or every == "1d"))
    change = list(
        pattern(r"改(?:到|成|为|在)?|\bfrom\b(.+?)(?:\bto\b|->|→)|(?:从|由)(.+?)(?:到|改|挪|推|→)|(?:->|→)").finditer(
            dateless
        )
    )
    if change and len(hits) == 2 and hits[0].start < change[0].end() <= hits[1].start:
        hits = hits[1:]
    countless = pattern(NO_COUNT).sub(" ", dateless)
    anchored = bool(hits) or clock.part_of(countless) is not None
    bare = [
        h
        for h in clock.find(countless, bare=True)
        if h.bare
        and (
            pattern(AT).search(countless[: h.start])
            or (
                (anchored or pattern(r"\bat\b|@|\bto\b").search(countless))
                and pattern(LED).search(countless[: h.start])
                and not pattern(NOT_HOUR).match(countless[h.end :])
            )
        )
    ]
    if len(bare) > 2 and not hits and 7 <= bare[0].hour < 12 and all(h.spoken for h in bare):
        # "at 10, 1 and 4": on through the day
        bare = [replace(h, hour=h.hour + 12) if h.hour < bare[0].hour else h for h in bare]
    return tuple(
        dict.fromkeys([h.value for h in hits] + [h.value for h in bare if h.value not in {g.value for g in hits}])
    )


def _single(plain: str, now: datetime, out: dict[str, Any]) -> dict[str, Any] | None:
    ahead = pattern(
        r"\b(?:in|within(?: the next)?|after) |\bfrom now\b|\bhence\b|后(?!天)|以后|之后|过(?=\d|半)"
    ).search(plain)
    rest = pattern(r"\d+ ?(?:days?|weeks?|天|周)后?").sub("", plain)
    day = None
    if ahead and (gap := durations.find(plain)) and not dates.names_a_day(rest):
        then = dates.shifted(now, gap[0].value, +1)
        if gap[0].value.endswith(SHORTER) and not clock.find(plain):
            return out | {"date": then}
        day = None if gap[0].value.endswith(SHORTER) else dates.as_date(then)
    day = day or _later(plain, now) or dates.day(plain, now, future=True)
    part = clock.part_of(plain)
    dateless = pattern(NO_DATE).sub(" ", plain)
    hits = clock.find(dateless) or [
        f
        for f in clock.find(pattern(NO_COUNT).sub(" ", dateless), bare=True, hours=True)
        if part or pattern(r"\bat \d|@ ?\d|\d ?h\b").search(plain)
    ]
    if hits:
        base = day or now.date()
        moment = clock.coming(hits[0], datetime(base.year, base.month, base.day), now)  # noqa: DTZ001 - local wall time
        hour = moment.hour
        if part in {"night", "evening"} and hour < 6 and pattern(r"tonight|今晚|今夜|midnight").search(plain):
            moment += timedelta(days=1) if moment <= now else timedelta(0)
        elif moment <= now and hour < 12 and hits[0].bare and day == now.date():
            moment += timedelta(hours=12)
        elif day is None and moment <= now:
            moment += timedelta(days=1) if hour >= 12 or now.hour < 13 or hour + 12 <= now.hour else timedelta(hours=12)
        return out | {"date": f"{moment:%Y-%m-%dT%H:%M}"}
    if day:
        out = out | {"date": day.isoformat()}
        if part and not pattern(r"\btonight\b|今晚|今夜").search(plain):
            out["part"] = part
        return out
    return None


def _later(plain: str, now: datetime) -> Any:
    """Days that are told by their place: the next working day, a week from today, the first monday of may."""
    today = now.date()
    if pattern(r"\bnext (?:working|business|work) ?day\b|下一?个?工作日").search(plain):
        return today + timedelta(days=7 - today.weekday() if today.weekday() >= 4 else 1)
    after = pattern(r"^\W*(?:on )?the (\w+day) after\W*$").search(plain)
    if after and (found := dates.day(after[1], now, future=True)):
        return found + timedelta(days=7)
    week = pattern(
        r"\b(?:(\d+) weeks?|a week|1 week) (?:from|after) (today|tomorrow|now)\b|\b(today|tomorrow) week\b"
    ).search(plain)
    if week:
        return today + timedelta(days=7 * int(week[1] or 1) + (1 if "tomorrow" in week[0] else 0))
    ordinal, months = days.nth_weekday(plain), days.months(plain)
    if ordinal and len(months) <= 1:
        next_month = pattern(r"\bnext month\b|下个?月").search(plain)
        for shift in range(1 if next_month else 0, 14):
            index = today.year * 12 + today.month - 1 + shift
            if months and index % 12 + 1 != months[0]:
                continue
            found = dates.nth_of_month(index // 12, index % 12 + 1, *ordinal)
            if found and found >= today:
                return found
    return None
