"""Times of day: `2am`, `half past ten in the evening`, `晚上十一点半` to `HH:MM`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from planner.language.normalise.numbers import digits

PARTS = {
    "night": r"\bmidnights?\b|\bnights?\b|\bnightly\b|\bnite\b|\btonight\b|\bovernight\b|\bsmall hours\b|凌晨|零晨|半夜|夜里|夜间|深夜|每夜|每晚|晚晚|当夜|午夜|夜晚|午夜|清晨前|夜",
    "morning": r"\bmornings?\b|\bmornin\b|\bbreakfast\b|\bdawn\b|早上|早晨|清晨|上午|清早|每早|今早|明早|朝早|大早|(?<!最)(?<!迟)早(?!于|期|前|退)",
    "afternoon": r"\bafternoons?\b|下午|午后|中午|正午|晌午|下昼|晏昼",
    "evening": r"\bevenings?\b|\beves?\b|\bevning\b|晚上|傍晚|晚间|今晚|明晚|昨晚|当晚|(?<!每)(?<!晚)晚(?!于|点名|晚)",
}


@dataclass(frozen=True, slots=True)
class Found:
    """A time of day and where it stands; `bare` is an hour alone that only its surroundings make a time."""

    start: int
    end: int
    hour: int
    minute: int
    bare: bool = False
    fixed: bool = False  # am/pm or 24-hour writing: no part of the day can move it

    @property
    def value(self) -> str:
        return f"{self.hour:02d}:{self.minute:02d}"


@cache
def _expression() -> re.Pattern[str]:
    return re.compile(
        r"(?P<noon>\bnoon\b|\bmidday\b|\blunch ?time\b|\blunch\b|正午|中午(?! ?\d))|(?P<midnight>\bmidnights?\b|\bmidnite\b|午夜(?! ?\d)|子夜)"
        r"|(?P<past>\bhalf past|\bhalf|\b(?:a )?quarter past|\b(?:a )?quarter to|\b(?P<pm>\d{1,2}) (?:minutes? )?(?P<dir>past|to)) (?P<ph>\d{1,2})(?! ?(?:[ap]\.?m|\d|%|min|h|day|o'))(?P<pap> ?[ap]\.? ?m\b\.?)?"
        r"|(?<![\d.:/-])(?P<h>\d{1,2})(?: colon |[:.]|[h点](?=\d\d)(?!\d{3}))(?P<m>[0-5]\d)(?:[:.]\d\d)?(?!\d|:\d|\.\d|%| ?[gmtk]i?b)(?P<ap> ?[ap]\.? ?m\b\.?)?(?P<un>分| uhr| ?hrs?\b| ?h\b)?"
        r"|(?<![\d.:/-])(?P<h2>\d{1,2}) ?(?P<ap2>[ap]\.? ?m(?![a-z])\.?)"
        r"|(?<![\d.:/-])(?P<z>\d{1,2}) ?(?:点钟|点整|点|时)(?!\d{0,3} ?[%.])(?P<zm>半|1刻|3刻|0?\d{1,2} ?分?)?"
        r"|(?<![\d.:/-])(?P<h3>\d{1,2}) ?(?:o'?clock|oclock|uhr)\b(?P<oap> ?[ap]\.?m\b)?"
        r"|(?<![\d.:/-])(?P<mil>[01]\d|2[0-3])(?P<milm>[0-5]\d) ?(?P<mils>hrs?\b|hours\b|h\b|z\b)?(?![\d\w:/.-])"
        r"|(?<![\d.:/-])(?P<hh>[01]?\d|2[0-4])h(?![a-z\d])"
    )


def find(text: str, *, bare: bool = False) -> list[Found]:
    """All times of day in a text that went through `numbers.digits`; `bare`: lone numbers 0 to 24 too."""
    found = [hit for m in _expression().finditer(text) if (hit := _read(m))]
    if bare:
        taken = [(f.start, f.end) for f in found]
        found += [
            Found(m.start(), m.end(), int(m[1]) % 24, 0, bare=True)
            for m in re.finditer(r"(?<![\d.:/#-])(\d{1,2})(?:-?ish\b)?(?![\d.:%/]|\w)", text)
            if int(m[1]) <= 24 and not any(s < m.end() and m.start() < e for s, e in taken)
        ]
        found.sort(key=lambda f: f.start)
    return _in_context(found, text)


def _read(m: re.Match[str]) -> Found | None:
    s, e = m.span()
    if m["noon"]:
        return Found(s, e, 12, 0, fixed=True)
    if m["midnight"]:
        return Found(s, e, 0, 0, fixed=True)
    if m["past"]:
        hour, words = int(m["ph"]), m["past"]
        minute = int(m["pm"]) if m["pm"] else (15 if "quarter" in words else 30)
        back = words.endswith(" to")
        if hour > 24 or minute > 59:
            return None
        hour, minute = ((hour - 1) % 24, 60 - minute) if back else (hour % 24, minute)
        return _half(s, e, hour, minute, m["pap"])
    if m["h"]:
        ap, fixed = m["ap"], not m["ap"] and (len(m["h"]) == 2 or int(m["h"]) > 12)
        found = _half(s, e, int(m["h"]), int(m["m"]), ap)
        return Found(found.start, found.end, found.hour, found.minute, fixed=found.fixed or fixed) if found else None
    if m["h2"]:
        return _half(s, e, int(m["h2"]), 0, m["ap2"])
    if m["z"]:
        extra = m["zm"] or ""
        minute = (
            30 if extra == "半" else int(extra[0]) * 15 if extra.endswith("刻") else int(re.sub(r"\D", "", extra) or 0)
        )
        return _half(s, e, int(m["z"]), minute, None)
    if m["h3"]:
        return _half(s, e, int(m["h3"]), 0, m["oap"])
    if m["mil"]:
        if m["mil"] in {"19", "20"} and not m["mils"] and not re.search(r"(?:\bat|@) ?$", m.string[:s]):
            return None  # a year
        return Found(s, e, int(m["mil"]), int(m["milm"]), fixed=True)
    return Found(s, e, int(m["hh"]) % 24, 0)


def _half(s: int, e: int, hour: int, minute: int, ap: str | None) -> Found | None:
    if hour > 24 or minute > 59:
        return None
    if ap:
        if hour > 12 and "a" in ap:
            return None
        hour = hour % 12 + 12 if "p" in ap and hour <= 12 else hour % 12 if hour <= 12 else hour
    return Found(s, e, hour % 24, minute, fixed=bool(ap) or hour > 12)


def part_of(text: str) -> str | None:
    """The part of the day that a text names first."""
    hits = [(m.start(), part) for part, words in PARTS.items() if (m := _part(words).search(text))]
    return min(hits)[1] if hits else None


@cache
def _part(words: str) -> re.Pattern[str]:
    return re.compile(words)


def _in_context(found: list[Found], text: str) -> list[Found]:
    out: list[Found] = []
    for i, f in enumerate(found):
        if f.fixed:
            out.append(f)
            continue
        begin = found[i - 1].end if i else 0
        end = found[i + 1].start if i + 1 < len(found) else len(text)
        before, after = text[begin : f.start], text[f.end : end]
        near = (
            part_of(after)
            if re.match(
                r"\s*(?:o'clock )?(?:in the|at|this|am|on|tomorrow|yesterday|every|each)?\s*(?:morn|after|even|night)",
                after,
            )
            else None
        )
        part = near or last_part(before) or (part_of(text) if len(found) == 1 else None)
        if (
            part is None
            and out
            and out[-1].hour >= 0
            and re.search(r"晚|下午|afternoon|evening", text[:begin])
            and re.fullmatch(r"\D*", before)
        ):
            part = (
                last_part(text[:begin])
                if re.search(r"和|and|,|、|/", before) and not re.search("到|至|次日|第二天", before)
                else None
            )
        out.append(
            Found(f.start, f.end, _moved(f.hour, part, text[max(0, f.start - 6) : f.start]), f.minute, f.bare, True)
        )
    return out


def last_part(text: str) -> str | None:
    """The part of the day that a text names last."""
    hits = [(m.start(), part) for part, words in PARTS.items() for m in _part(words).finditer(text)]
    return max(hits)[1] if hits else None


def _moved(hour: int, part: str | None, before: str) -> int:
    if part == "evening":
        return 0 if hour in {0, 12} else hour + 12 if 5 <= hour < 12 else hour
    if part == "night":
        return 0 if hour == 12 else hour + 12 if 6 <= hour < 12 and "凌" not in before else hour
    if part == "afternoon":
        return hour + 12 if 1 <= hour <= 7 else hour
    return hour


def times(text: str, *, bare: bool = False) -> tuple[str, ...]:
    """Every time of day that a text says, in order."""
    return tuple(dict.fromkeys(f.value for f in find(digits(text), bare=bare)))
