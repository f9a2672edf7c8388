"""Durations: `30 days`, `an hour and a half`, `两年半` to the contract's `30d`, `90min`, `30mo`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from planner.language.normalise.numbers import digits
from planner.language.normalise.text import pattern

UNITS = {
    "min": "minutes|minuts|minits|minutes'|minute|mins|min|m|分钟|分",
    "h": "hours|hour|ours|hrs|hr|h|小时|钟头|个小时|个钟头|个钟|钟",
    "d": "days|day|dys|d|天|日",
    "w": "weeks|week|wks|wk|w|周|星期|礼拜|个星期|个礼拜",
    "mo": "months|month|mths|mth|mos|mo|个月|月",
    "y": "years|year|yrs|yr|y|年",
}
NAMED = {"fortnights": (2, "w"), "fortnight": (2, "w"), "quarters": (3, "mo"), "quarter": (3, "mo"), "decades": (10, "y"),
         "decade": (10, "y"), "semester": (6, "mo"), "century": (100, "y"), "个季度": (3, "mo"), "季度": (3, "mo"), "季": (3, "mo")}  # fmt: skip
HALF = {"h": (30, "min"), "d": (12, "h"), "w": None, "mo": (15, "d"), "y": (6, "mo"), "min": None}


@dataclass(frozen=True, slots=True)
class Found:
    """A duration and where it stands in the text with digits."""

    start: int
    end: int
    value: str


@cache
def units() -> dict[str, tuple[int, str]]:
    table = {name: (1, unit) for unit, names in UNITS.items() for name in names.split("|")}
    return table | NAMED


@cache
def unit_words() -> str:
    """Alternation of all unit words, longest first; Latin ones end at a word boundary."""
    names = sorted(units(), key=len, reverse=True)
    latin = "|".join(re.escape(n) for n in names if n.isascii())
    han = "|".join("(?<=[个半])月" if n == "月" else re.escape(n) for n in names if not n.isascii())
    return rf"(?:(?:{latin})(?![a-z])|(?:{han})(?!(?<=\d月) ?\d))"


def make(count: float, unit: str) -> str | None:
    """Whole count and unit; a fraction goes to a smaller unit where that is whole."""
    smaller = {"y": (12, "mo"), "w": (7, "d"), "d": (24, "h"), "h": (60, "min")}
    for _ in range(4):
        if abs(count - round(count)) < 1e-9:
            return f"{round(count)}{unit}" if 0 < count < 1_000_000 else None
        if unit not in smaller:
            return None
        factor, unit = smaller[unit]
        count *= factor
    return None


@cache
def _expression() -> re.Pattern[str]:
    unit = unit_words()
    return re.compile(
        rf"(?P<hh>\b\d{{1,2}})h(?P<hm>[0-5]\d)(?:m(?:in)?)?(?!\w)|(?P<ke>\d)刻钟"
        rf"|(?P<half>\bhalf (?:an? |of an? )?|\ba half |半个?)(?P<hu>{unit})"
        rf"|(?P<quarters>\b(?:a |three |3 )?quarters?(?: of an |[- ])hours?)"
        rf"|(?!(?<=月)\d{{1,2}}日)(?P<n>\d+(?:[.,]\d+)?)(?P<more> and a half|个半|½)?[- ]?(?:full |whole |more |lost |个|calendar |business |working )?(?P<u>{unit})"
        rf"(?P<tail> and a half|半)?"
        rf"|(?P<one>\b(?:an?|one|per|another|the|whole|full|next) (?:full |whole |single |calendar |working |next )?)(?P<ou>{unit})(?P<otail> and a half)?"
        rf"|(?P<bare>\b(?:fortnight|decade)\b)"
    )


def find(text: str) -> list[Found]:
    """All durations of a text that went through `numbers.digits`, in order."""
    found = []
    for m in _expression().finditer(text):
        value = _value(m)
        if value:
            found.append(Found(m.start(), m.end(), value))
    return found


def _value(m: re.Match[str]) -> str | None:
    table = units()
    if m["hh"]:
        return f"{int(m['hh']) * 60 + int(m['hm'])}min" if int(m["hh"]) + int(m["hm"]) else None
    if m["ke"]:
        return f"{int(m['ke']) * 15}min" if int(m["ke"]) else None
    if m["half"]:
        count, unit = table[m["hu"]]
        if count > 1:
            return make(count / 2, unit)
        half = HALF[unit]
        return f"{half[0]}{half[1]}" if half else make(0.5, unit)
    if m["quarters"]:
        return "45min" if m["quarters"].startswith(("three", "3")) else "15min"
    if m["bare"]:
        count, unit = table[m["bare"]]
        return make(count, unit)
    if m["one"]:
        count, unit = table[m["ou"]]
        return make(count + (0.5 if m["otail"] else 0), unit)
    number = m["n"].replace(",", "." if len(m["n"].split(",")[-1]) != 3 else "")
    if len(number) > 9 or (m["u"] == "年" and number.isdigit() and 1900 <= int(number) < 2200):
        return None
    count, unit = table[m["u"]]
    return make((float(number) + (0.5 if m["more"] or m["tail"] else 0)) * count, unit)


def duration(text: str) -> str | None:
    """The one duration that a text says; None where it says none, or two that differ."""
    plain = digits(text)
    found = find(plain)
    if len(found) == 2 and pattern(r"\W*(?:and |又|零)?\W*").fullmatch(plain[found[0].end : found[1].start]):
        joined = _sum(found[0].value, found[1].value)
        if joined:
            return joined
    values = list(dict.fromkeys(f.value for f in found))
    return (
        values[-1]
        if values
        and (len(values) == 1 or pattern(r"\bto\b|改|instead|no[,:]|ie\b|i\.e\.|so |call it|也就是").search(plain))
        else None
    )


def _sum(first: str, second: str) -> str | None:
    """`1h` and `30min`: 90min."""
    minutes = {"min": 1, "h": 60, "d": 1440}
    parts = [re.fullmatch(r"(\d+)(\w+)", v) for v in (first, second)]
    if any(p is None or p[2] not in minutes for p in parts) or first[-1] == second[-1]:
        return None
    total = sum(int(p[1]) * minutes[p[2]] for p in parts if p)
    return make(total / 60, "h") if total % 60 == 0 else f"{total}min"
