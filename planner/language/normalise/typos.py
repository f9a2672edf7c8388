"""Misspelt words of time and period put right: `evry` to `every`, `sundyas` to `sundays`, `每礼败一` to `每礼拜一`."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from planner.language.normalise.text import pattern

KNOWN = frozenset(
    [
        "every",
        "daily",
        "nightly",
        "weekly",
        "monthly",
        "hourly",
        "yearly",
        "annually",
        "quarterly",
        "fortnightly",
        "biweekly",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "mondays",
        "tuesdays",
        "wednesdays",
        "thursdays",
        "fridays",
        "saturdays",
        "sundays",
        "weekday",
        "weekdays",
        "weekend",
        "weekends",
        "january",
        "february",
        "march",
        "april",
        "august",
        "september",
        "october",
        "november",
        "december",
        "quarter",
        "quarters",
        "yesterday",
        "today",
        "tomorrow",
        "tonight",
        "before",
        "previous",
        "latest",
        "newest",
        "minute",
        "minutes",
        "hours",
        "weeks",
        "months",
        "years",
        "month",
        "week",
        "year",
        "midnight",
        "morning",
        "mornings",
        "evening",
        "evenings",
        "afternoon",
        "nights",
        "night",
        "since",
        "until",
        "dailies",
        "weeklies",
        "monthlies",
        "yearlies",
        "snapshot",
        "snapshots",
        "version",
        "versions",
        "copies",
        "monthly",
        "incremental",
        "differential",
        "forever",
        "clean",
    ]
)
#: words that are right although they look like one above
REAL = frozenset(
    [
        "very",
        "ever",
        "even",
        "event",
        "events",
        "never",
        "fever",
        "later",
        "least",
        "lasted",
        "match",
        "matches",
        "early",
        "dairy",
        "house",
        "houses",
        "might",
        "light",
        "right",
        "sight",
        "mouth",
        "mouths",
        "wear",
        "weary",
        "hour",
        "four",
        "your",
        "ours",
        "tears",
        "gears",
        "heads",
        "weak",
        "weaken",
        "there",
        "where",
        "mother",
        "other",
        "money",
        "honey",
        "yearn",
        "clear",
        "clearn",
        "lean",
        "cleans",
        "untill",
        "unit",
        "units",
        "night",
        "nigh",
        "might",
        "minus",
        "mined",
        "sever",
        "several",
        "match",
        "copes",
        "coded",
        "cover",
        "covers",
        "version",
        "april",
        "latest",
        "lattes",
        "moths",
        "marches",
        "april's",
        "match",
        "yeast",
        "years",
        "weekly",
        "week's",
        "hourlys",
        "sincere",
    ]
) - {"untill", "clearn", "hourlys", "cover"}
SHORT = {
    "evry": "every", "ev": "every", "ea": "each", "wkly": "weekly", "mthly": "monthly", "dly": "daily", "hrly": "hourly", "qtrly": "quarterly", "yrly": "yearly",
    "nitely": "nightly", "tonite": "tonight", "2nite": "tonight", "tnite": "tonight", "2night": "tonight", "tday": "today", "tdy": "today", "2day": "today",
    "tmrw": "tomorrow", "tmr": "tomorrow", "tmw": "tomorrow", "2moro": "tomorrow", "2mrw": "tomorrow", "tomoz": "tomorrow", "ystrdy": "yesterday", "yday": "yesterday", "yest": "yesterday",
    "wkday": "weekday", "wkdays": "weekdays", "wkend": "weekend", "wkends": "weekends", "wknd": "weekend", "wknds": "weekends", "wknight": "weeknight", "wknights": "weeknights",
    "b4": "before", "bef": "before", "latst": "latest", "prev": "previous", "nxt": "next", "lst": "last", "midnite": "midnight", "clen": "clean", "yaer": "year", "yaers": "years",
    "mon-thur": "mon-thu",
}  # fmt: skip
HAN = (
    (r"(?:每|没|毎)(?:礼败|礼摆|礼拝)(?=[一二三四五六日天])", "每礼拜"), (r"(?<=[每上下本这隔])州(?=[一二三四五六日末]|$)", "周"), (r"没(?=[\d一二两三四五六七八九十半]?个?(?:小时|分钟|天|周|月|晚|日))", "每"),
    (r"季渡", "季度"), (r"邮见|油件", "邮件"), (r"失拜|失败败", "失败"), (r"(?<=[\d一二两三四五六七八九十])添", "天"), (r"增亮", "增量"), (r"全亮", "全量"), (r"差意备", "差异备"), (r"小食", "小时"), (r"零晨", "凌晨"),
    (r"备分", "备份"), (r"留三", "留三"),
)  # fmt: skip


def mend(text: str) -> str:
    """The folded text with its misspelt words of time put right; places of characters are not kept."""
    text = pattern(r"\bonce a weak\b").sub("once a week", text)
    text = pattern(r"\b(every|each) our\b").sub(r"\1 hour", text)
    text = pattern(r"(?<![\w@#./\\-])[a-z][a-z']{1,11}(?![\w@./\\]|-\w)|\b2(?:nite|night|day|moro|mrw)\b|\bb4\b").sub(
        _word, text
    )
    if not text.isascii():
        for wrong, right in HAN:
            text = pattern(wrong).sub(right, text)
    return text


def _word(found: re.Match[str]) -> str:
    return _mended(found[0])


@lru_cache(maxsize=4096)
def _mended(word: str) -> str:
    if word in SHORT:
        return SHORT[word]
    if len(word) < 5 or word in KNOWN or word in REAL or word.endswith("'s"):
        return word
    near = {known for edit in _edits(word) if (known := _deletions().get(edit)) and _one_edit(word, known)}
    near = {k for k in near if k[0] == word[0]}
    if len(near) > 1:  # a letter too many or few leaves the number open: keep the word's own ending
        near = {k for k in near if k.endswith("s") == word.endswith("s")}
    return near.pop() if len(near) == 1 else word


def _edits(word: str) -> set[str]:
    return {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}


@cache
def _deletions() -> dict[str, str]:
    """Each known word, and it without one letter, to the word."""
    table: dict[str, str] = {}
    for known in sorted(KNOWN):
        for edit in _edits(known):
            table.setdefault(edit, known)
    return table | {known: known for known in KNOWN}


def _one_edit(a: str, b: str) -> bool:
    """Whether one letter more, less, other or swapped makes `b` of `a`."""
    if a == b or abs(len(a) - len(b)) > 1:
        return False
    if len(a) == len(b):
        differ = [i for i in range(len(a)) if a[i] != b[i]]
        if len(differ) == 1:
            return True
        return (
            len(differ) == 2
            and differ[1] == differ[0] + 1
            and a[differ[0]] == b[differ[1]]
            and a[differ[1]] == b[differ[0]]
        )
    short, long = sorted((a, b), key=len)
    return any(long[:i] + long[i + 1 :] == short for i in range(len(long)))
