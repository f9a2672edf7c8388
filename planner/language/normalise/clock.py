"""Times of day: `2am`, `quarter past ten in the evening`, `0230`, `half seven`, `晚上十一点半`, `差一刻十点` to `HH:MM`."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

from planner.language.normalise.durations import unit_words
from planner.language.normalise.numbers import digits
from planner.language.normalise.text import pattern

PARTS = {
    "night": r"\bmidnights?\b|\bnights?\b|\bnightly\b|\bnite(?:s|ly)?\b|\btonight\b|\btonite\b|\bovernight\b|\bsmall(?:est)? hours\b|\bweek ?nights?\b|\bwee hours\b|\bdead of night\b|凌晨|零晨|半夜|夜里|夜间|深夜|每夜|每晚|晚晚|当夜|午夜|夜晚|清晨前|夜",
    "morning": r"\bmornings?\b|\bmornin\b|\bbreakfast\b|\bdawn\b|\bfirst thing\b|早上|早晨|清晨|上午|清早|每早|今早|明早|朝早|大早|(?<!最)(?<!迟)早(?!于|期|前|退)",
    "afternoon": r"\bafternoons?\b|下午|午后|中午|正午|晌午|下昼|晏昼|午间",
    "evening": r"\bevenings?\b|(?<!christmas )(?<!xmas )(?<!year's )(?<!years )\beves?\b|\bevning\b|晚上|傍晚|晚间|今晚|明晚|昨晚|当晚|(?<!每)(?<!晚)晚(?!于|点名|晚)",
}
MERIDIEM = r" ?[ap]\.? ?m(?![a-z])\.?"
#: an hour that words of a distance lead to: a number, noon or midnight
ANCHOR = r"(?:(?P<ph>\d{1,2})(?! ?(?:%|min|h\b|day|[:.]\d)|\d)(?: ?o'?clock\b)?|(?P<pnoon>noon|midday)\b|(?P<pmid>mid(?:night|nite))\b)"
ZONE_LETTER = r"z(?:ulu)?\b"


@dataclass(frozen=True, slots=True)
class Found:
    """A time of day and where it stands; `bare` is an hour alone that only its surroundings make a time."""

    start: int
    end: int
    hour: int
    minute: int
    bare: bool = False
    fixed: bool = False  # am/pm or 24-hour writing: no part of the day can move it
    spoken: bool = False  # on the dial of a clock, told by no part of the day: "half past two", "at 4"
    vague: bool = False  # "lunchtime", "midnight": words that a clock time near it makes exact

    @property
    def value(self) -> str:
        return f"{self.hour:02d}:{self.minute:02d}"


def find(text: str, *, bare: bool = False, hours: bool = False, relative: bool = True) -> list[Found]:
    """All times of day in a text that went through `numbers.digits`; `bare`: lone numbers 0 to 24 too; `hours`: `22h` too;
    without `relative`, `10 to 6` is two numbers wherever it stands."""
    found = [hit for m in pattern(_RELATIVE).finditer(text) if (hit := _relative(m, relative))]
    found = [replace(f, spoken=not f.fixed) for f in found]
    rest = _blanked(text, found)
    found += [hit for m in _absolute().finditer(rest) if (hit := _read(m, hours))]
    if bare:
        rest = _blanked(text, found)
        found += [
            Found(m.start(), m.end(), int(m[1]) % 24, 0, bare=True, fixed=int(m[1]) > 12)
            for m in _bare().finditer(rest)
            if int(m[1]) <= 24
        ]
    found = [replace(f, spoken=f.bare) if f.bare else f for f in found]
    found.sort(key=lambda f: f.start)
    return _offset(_exact(_in_context(found, text)), text)


def _blanked(text: str, found: list[Found]) -> str:
    out = list(text)
    for f in found:
        out[f.start : f.end] = "\0" * (f.end - f.start)
    return "".join(out)


_RELATIVE = (
    r"\b(?:a )?(?P<frac>half|quarter|(?P<pm>\d{1,2})(?P<mins> min(?:ute)?s?)?)(?P<dir> (?:past|after|to|till|before|of) )"
    + ANCHOR
    + rf"(?P<pap>{MERIDIEM})?"
    + r"|\bhalf (?P<hh>\d{1,2})(?! ?(?:%|min|h\b|hour|day|week|month|year|a\b|dozen|[:.]\d)|\d)"
    + rf"(?P<hap>{MERIDIEM})?"
    + r"|差(?P<short>\d{1,2}分钟?|1刻钟?)(?:到)?(?P<sh>\d{1,2})点|(?P<sh2>\d{1,2})点(?:钟)?(?P<way>差|过)(?P<short2>\d{1,2}分|1刻)"
)


def _relative(m: re.Match[str], short: bool) -> Found | None:
    s, e = m.span()
    if m["short"] or m["short2"]:
        words = m["short"] or m["short2"]
        minutes = 15 if words.startswith("1刻") else int(pattern(r"\d+").findall(words)[0])
        hour = int(m["sh"] or m["sh2"])
        return _clock(s, e, hour, -minutes if m["short"] or m["way"] == "差" else minutes, None)
    if m["hh"]:
        return _clock(s, e, int(m["hh"]), 30, m["hap"])
    word, way = m["frac"], m["dir"].strip()
    anchored = bool(m["pnoon"] or m["pmid"])
    if m["pm"] and not m["mins"] and way in {"to", "of", "till", "after", "before"}:
        # "8 to 18" is a range; "at 10 to 6" is a time
        led = pattern(
            r"(?:\bat|\bby|\bbefore|\buntil|\btil+|\baround|\babout|@|,|\btonight|\btoday|\btomorrow|\bdaily|\bnightly|\bday|\bnight)\s*$"
        ).search(m.string[:s])
        if not short:
            return None
        if not anchored and (way in {"of", "before"} or not led or int(m["pm"]) not in {5, 10, 20, 25}):
            return None
    if word == "half" and way not in {"past", "after"}:
        return None
    minutes = 30 if word == "half" else 15 if word == "quarter" else int(m["pm"])
    hour = 12 if m["pnoon"] else 0 if m["pmid"] else int(m["ph"])
    found = _clock(s, e, hour, minutes if way in {"past", "after"} else -minutes, m["pap"])
    return replace(found, fixed=True) if found and anchored else found


@cache
def _absolute() -> re.Pattern[str]:
    end = r"(?!\d|[:.]\d|%| ?[gmtk]i?b)"
    before = r"(?<![\d.:-])(?:(?<!/)|(?<=:\d\d/))"
    return re.compile(
        r"(?P<noon>(?:\b12 ?)?\bnoon\b|\b(?:12 ?)?midday\b|正午(?:12点(?:钟|整)?)?)|(?P<lunch>\blunch[- ]?(?:time|break|hour)?\b|中午(?! ?\d)|晌午(?! ?\d))"
        r"|(?P<midnight>(?:\b12 ?)?\bmidnights?\b|\b(?:12 ?)?midnite\b|(?:午夜|半夜|子夜)(?:12|0)点(?:钟|整)?|午夜(?! ?\d)|子夜)"
        rf"|{before}(?P<h>\d{{1,2}})(?P<sep> colon |[:.]|[h点时](?=\d\d)(?!\d{{3}}))(?P<m>[0-5]\d)(?:[:.][0-5]\d(?!\d))?{end}(?P<ap>{MERIDIEM})?(?P<un>分| uhr\b| ?hrs?\b| ?h\b)?"
        rf"|{before}(?P<h2>\d{{1,2}})(?P<ap2>{MERIDIEM})"
        rf"|{before}(?P<z>\d{{1,2}}) ?(?:点钟|点整|点正|点|时整|时)(?!\d{{0,3}} ?[%.])(?P<zm>半|1刻|3刻|0?\d{{1,2}} ?分?)?"
        rf"|{before}(?P<h3>\d{{1,2}}) ?(?:o'? ?clock|uhr|heures?)\b(?P<oap>{MERIDIEM})?"
        rf"|{before}(?P<hpart>\d{{1,2}})(?= (?:in the|at) (?:early |late )?(?:morn|after|even|night))"
        rf"|{before}(?P<mil>[01]\d|2[0-3])(?P<milm>[0-5]\d) ?(?P<mils>hrs?\b|hours\b|h\b|{ZONE_LETTER})?(?![\d\w:/.-])"
        r"|(?P<led>(?:\bat|@|\baround|\bby|\bbefore|\bafter|\buntil|\btill|\bnot before|\b(?:mon|tue|wed|thu|fri|sat|sun)(?:day|s|sday|nesday|rsday|urday)?s?|\bdaily|\bnightly) ?)(?P<hh>[01]?\d|2[0-4])(?P<letter>[hap])(?![a-z\d])"
        rf"|{before}(?P<hours>[01]?\d|2[0-4])h(?![a-z\d])|\b(?P<hlist>\d{{1,2}}) h\b(?=\W*$|,)|(?<=\bat )(?:the )?(?P<hword>\d{{1,2}}) hours?\b(?! ?-?(?:interval|before|after|later|past|apart|step|old|ago))"
    )


@cache
def _bare() -> re.Pattern[str]:
    return re.compile(
        rf"(?<![\d.:/#-])(?<!\dx)(\d{{1,2}})(?:-?ish\b)?(?![\d.:%/]|\w)(?! ?-?(?:{unit_words()}|times\b|x\b|copies|snap|back))"
    )


def _read(m: re.Match[str], hours: bool) -> Found | None:
    s, e = m.span()
    if m["noon"]:
        return Found(s, e, 12, 0, fixed=True)
    if m["lunch"]:
        return Found(s, e, 12, 0, fixed=True, vague=True)
    if m["midnight"]:
        return Found(s, e, 0, 0, fixed=True, vague=True)
    if m["h"]:
        found = _clock(s, e, int(m["h"]), int(m["m"]), m["ap"])
        written = m["sep"] in {":", ".", "h"} and m["h"].startswith("0")
        return replace(found, fixed=found.fixed or written) if found else None
    if m["h2"]:
        return _clock(s, e, int(m["h2"]), 0, m["ap2"])
    if m["z"]:
        extra = m["zm"] or ""
        minute = (
            30 if extra == "半" else int(extra[0]) * 15 if extra.endswith("刻") else int(re.sub(r"\D", "", extra) or 0)
        )
        return _clock(s, e, int(m["z"]), minute, None)
    if m["hpart"]:
        return _clock(s, e, int(m["hpart"]), 0, None)
    if m["h3"]:
        return _clock(s, e, int(m["h3"]), 0, m["oap"])
    if m["mil"]:
        if (
            m["mil"] == "20"
            and not m["mils"]
            and not pattern(
                r"(?:\bat|@|\b(?:\w*days?|daily|nightly|weekly|monthly|tonight|tomorrow|mon|tue|wed|thu|fri|sat|sun)) ?$"
            ).search(m.string[:s])
        ):
            return None  # a year
        return Found(s, e, int(m["mil"]), int(m["milm"]), fixed=True)
    if m["hh"]:
        start = s + len(m["led"])
        return _clock(start, e, int(m["hh"]), 0, None if m["letter"] == "h" else f"{m['letter']}m")
    if m["hlist"] or m["hword"]:
        led = m["hword"] or pattern(r"\bat\b|@|\bmorning and $").search(m.string[:s])
        return _clock(s, e, int(m["hlist"] or m["hword"]), 0, None) if led else None
    return Found(s, e, int(m["hours"]) % 24, 0, fixed=True) if hours else None


def _clock(s: int, e: int, hour: int, minute: int, ap: str | None) -> Found | None:
    """A time of `hour` o'clock and `minute` minutes, which may be negative ("ten to six")."""
    if hour > 24 or minute > 59:
        return None
    if ap:
        if hour > 12 and "a" in ap:
            return None
        hour = hour % 12 + 12 if "p" in ap and hour <= 12 else hour % 12 if hour <= 12 else hour
    total = (hour * 60 + minute) % 1440
    return Found(s, e, total // 60, total % 60, fixed=bool(ap) or hour > 12 or hour == 0)


def part_of(text: str) -> str | None:
    """The part of the day that a text names first."""
    hits = [(m.start(), part) for part, words in PARTS.items() if (m := pattern(words).search(text))]
    return min(hits)[1] if hits else None


def last_part(text: str) -> str | None:
    """The part of the day that a text names last."""
    hits = [(m.start(), part) for part, words in PARTS.items() for m in pattern(words).finditer(text)]
    return max(hits)[1] if hits else None


def _in_context(found: list[Found], text: str) -> list[Found]:
    """Hours of a 12-hour clock put where the part of the day beside them says."""
    out: list[Found] = []
    carried: str | None = None
    taken = 0
    for i, f in enumerate(found):
        begin = max(next((g.end for g in reversed(found[:i]) if not g.vague), 0), taken)
        end = found[i + 1].start if i + 1 < len(found) else len(text)
        before, after = pattern(r"\bmidnights?\b|\bnoon\b").sub(" ", text[begin : f.start]), text[f.end : end]
        follows = pattern(_PART_FOLLOWS).match(after)
        near = part_of(after) if follows else None
        taken = f.end + follows.end() if follows else taken
        said = near or last_part(before)
        part = said or (part_of(text) if len(found) == 1 else None)
        if part is None and i and pattern(r"[\s,/]*(?:和|与|及|and|or|&|at|,|/|\s)*[\s,/]*").fullmatch(before):
            part = carried  # "every evening at 8 and 10"
        if (
            part is None
            and i
            and carried in {"evening", "night", "afternoon"}
            and found[i - 1].hour < f.hour < 12
            and pattern(_RANGE).fullmatch(before)
        ):
            part = carried  # "晚上8点到10点"
        carried = said or (carried if i else None)
        if part is None and pattern(r"下班后|放工后|收工后|关门后|打烊后|\bafter (?:work|closing)\b").search(before):
            part = "evening"
        if part is None and pattern(r"(?:打烊|关门|关店|收摊)(?:之|以)?[前后],?$").search(before):
            part = "evening"
        if part is None and pattern(r"(?:下班|放工|收工|放学|收市)(?:之|以)?前,?$").search(before):
            part = "afternoon"
        hour = f.hour if f.fixed else moved(f.hour, part, text[max(0, f.start - 6) : f.start])
        spoken = f.spoken and not f.fixed and part is None and 1 <= f.hour <= 12
        out.append(replace(f, hour=hour, fixed=True, spoken=spoken))
    return out


_RANGE = r"\s*(?:-|to|till|until|~|到|至)\s*"
_PART_FOLLOWS = r"\s*(?:sharp )?(?:in the|at|this|am|on|tomorrow|yesterday|every|each|(?:the )?(?:next|following))?\s*(?:early |late )?(?:morn|after|even|night)"


def moved(hour: int, part: str | None, before: str = "") -> int:
    """An hour of the 12-hour clock in a part of the day, as people mean it."""
    if part == "evening":
        return 0 if hour in {0, 12} else hour + 12 if 5 <= hour < 12 else hour
    if part == "night":
        return 0 if hour == 12 else hour + 12 if 6 <= hour < 12 and "凌" not in before else hour
    if part == "afternoon":
        return hour + 12 if 1 <= hour <= 7 else hour
    return hour


def _exact(found: list[Found]) -> list[Found]:
    """Vague words are dropped beside the clock time that they stand for ("at lunch, 12:30")."""
    out = []
    for f in found:
        here = f.hour * 60 + f.minute
        near = (
            abs((g.hour * 60 + g.minute - here + 720) % 1440 - 720) <= (150 if f.hour == 12 else 60)
            for g in found
            if g is not f and not g.vague
        )
        if not (f.vague and any(near)):
            out.append(f)
    return out


def _offset(found: list[Found], text: str) -> list[Found]:
    """`15 minutes before the 18:00 bulletin`, `18:00, a quarter of an hour later`."""
    if len(found) != 1:
        return found
    f = found[0]
    before = pattern(
        r"\b(?:(?P<n>\d{1,3}) ?(?:-?min(?:ute)?s?)|(?P<half>half an hour)|(?P<q>a quarter of an hour)|(?P<h>an|1|\d{1,2}) ?(?:hour|hr)s?) (?P<way>before|prior to|ahead of|after|past) (?:(?:the |our |my )?(?:[a-z]+ ){0,2}(?:at|of) |the |our |my )?$"
    ).search(text[: f.start])
    after = pattern(
        r"^[^.;]{0,12}?\b(?:(?P<n>\d{1,3}) ?(?:-?min(?:ute)?s?)|(?P<half>half an hour)|(?P<q>a quarter of an hour)|(?P<h>an|1|\d{1,2}) ?(?:hour|hr)s?) (?P<way>earlier|before that|later|after that)\b"
    ).search(text[f.end :])
    m = before or after
    if not m:
        return found
    minutes = (
        int(m["n"]) if m["n"] else 30 if m["half"] else 15 if m["q"] else 60 * (int(m["h"]) if m["h"].isdigit() else 1)
    )
    back = m["way"].startswith(("before", "prior", "ahead", "earlier"))
    total = (f.hour * 60 + f.minute + (-minutes if back else minutes)) % 1440
    return [replace(f, hour=total // 60, minute=total % 60)]


def coming(f: Found, day: datetime, now: datetime) -> datetime:
    """The moment on `day` at which it is that time; one on the dial of a clock is the next, by day or by night."""
    moment = day.replace(hour=f.hour, minute=f.minute, second=0, microsecond=0)
    if f.spoken and moment <= now < moment + timedelta(hours=12):
        return moment + timedelta(hours=12)
    return moment


def times(text: str, *, bare: bool = False) -> tuple[str, ...]:
    """Every time of day that a text says, in order."""
    return tuple(dict.fromkeys(f.value for f in find(digits(text), bare=bare, hours=True)))
