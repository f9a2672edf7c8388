"""Whether a model's verdict says only what the request says: names stand in it, and every time, duration, date and number is
what the normalisers read in some of its words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from planner.language.intent import Intent
from planner.language.normalise import amounts, durations, points, retention, schedules, until, windows, words
from planner.language.normalise.numbers import digits
from planner.language.normalise.text import fold, pattern

Leaf = tuple[str, object]

NAMES = ("targets", "items", "exclude", "destinations", "source", "to")
ALL = (
    r"\b(?:all(?! (?:day|night|week|month|year))|everything|entire|whole|lot)\b|全部|所有|一切|整个"
    r"|\bevery (?:\w+ )?(?:box|database|dataset|host|machine|server|share|site|system|thing|vm)\b"
)
#: slots whose presence alone is the value, and the words that may carry them
FLAGS = {
    "encrypt": r"crypt|gpg|加密",
    "in_place": r"overwr|in.?place|on top|over (?:the|what)|replac|original|clobber|覆盖|盖掉|原地|原位|替换",
    "dry_run": r"\bdry\b|\bjust show\b|\bpreview\b|\bonly show\b|\bdon.?t (?:actually|really)\b|\bwhat would\b|试运行|模拟|不.{0,3}执行|别真|只看|预览",
    "immutable": r"immutab|\bworm\b|write.?once|lock|append.?only|tamper|read.?only|can.?t be (?:deleted|changed)|防篡改|不可|锁定|防删|只读",
}
#: which words of `point` say its moment, and which only that one is meant
MOMENTS = frozenset({"at", "before", "date", "from", "to"})
WINDOW_WORDS = 12
MOST_WINDOWS = 1500
WORD = r"[a-z0-9#*@~/\\][\w'’./\\:@%*+#-]*|[\u4e00-\u9fff]"


def ungrounded(
    intents: Sequence[Intent], text: str, now: datetime, trusted: Sequence[Intent] = ()
) -> tuple[tuple[str, object], ...]:
    """(slot, value) for everything in `intents` that the request does not say. `trusted` are readings whose values are known
    to stand on its words. `now` is local time; the first missing value of each slot is named."""
    folded = fold(text)
    missing: list[tuple[str, object]] = []
    for intent in intents:
        said = intent.as_contract()
        for slot, value in said.items():
            if slot in {"action", "topic"}:  # these are judgements of the whole, not words of it
                continue
            if any(one.as_contract().get(slot) == value for one in trusted):
                continue
            lacking = _lacking(slot, value, folded, now)
            if lacking is not None:
                missing.append((slot, lacking))
    return tuple(missing)


def _lacking(slot: str, value: Any, folded: str, now: datetime) -> object:
    """What of a slot's value the request does not say; None where it says all of it."""
    if slot in NAMES:
        names: list[str] = value if isinstance(value, list) else [value]
        return next((name for name in names if not _named(name, folded)), None)
    if slot in FLAGS and not re.search(FLAGS[slot], folded):
        return value
    if slot in FLAGS and value is True:
        return None
    reader = _readers(now)[slot]
    wanted = {leaf for leaf in leaves(value, slot) if not _plainly_said(leaf, folded)}
    for window in spans(folded):
        if not wanted:
            break
        for found in reader(window):
            wanted -= set(leaves(found, slot))
    return next((one for _, one in sorted(wanted, key=str)), None)


def _named(name: str, folded: str) -> bool:
    """Whether a name stands in the request as words of its own."""
    if name == "all" and re.search(ALL, folded):
        return True
    plain = r"\s+".join(re.escape(part) for part in fold(name).split())
    return bool(plain) and re.search(rf"(?<![a-z0-9]){plain}(?![a-z0-9])", folded) is not None


def _plainly_said(leaf: Leaf, folded: str) -> bool:
    """Names inside values: channels, time zones, triggers, schemes, snapshot ids."""
    key, value = leaf
    free = key in {"channels", "timezone", "trigger", "policy", "snapshot"}
    return free and isinstance(value, str) and _named(value, folded)


def leaves(value: Any, key: str) -> Iterator[Leaf]:
    """Every single value with the key that it stands under; moments are told apart by value alone."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield from leaves(one, "moment" if key == "point" and name in MOMENTS else name)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from leaves(one, key)
    else:
        yield key, value


def spans(folded: str) -> Iterator[str]:
    """The request, its clauses, and runs of its words from short to long: where a value may be said."""
    yield folded
    yield from (part for part in re.split(r"[,;.!?\n](?:\s|$)|\band\b|\bthen\b", folded) if part.strip())
    found = [m.span() for m in pattern(WORD).finditer(folded)]
    count = 0
    for length in range(1, WINDOW_WORDS + 1):
        for first in range(len(found) - length + 1):
            count += 1
            if count > MOST_WINDOWS:
                return
            yield folded[found[first][0] : found[first + length - 1][1]]


def _readers(now: datetime) -> dict[str, Callable[[str], Iterable[Any]]]:
    """For each slot what its normaliser makes of some words, in every mood that it knows."""
    return {
        "schedule": lambda w: (_tried(schedules.schedule, w, now, once=once) for once in (False, True)),
        "window": lambda w: (_tried(windows.window, sign + w) for sign in ("", "not ")),
        "retention": lambda w: (_tried(retention.retention, w),),
        "point": lambda w: (
            _tried(points.point, w, now, deleting=deleting, lost=lost)
            for deleting, lost in ((False, False), (False, True), (True, False))
        ),
        "type": lambda w: (words.kind(w),),
        "policy": lambda w: (words.scheme(w),),
        "rpo": _durations,
        "rto": _durations,
        "immutable": _durations,
        "limits": lambda w: (_tried(amounts.limits, w),),
        "notify": lambda w: (words.notify(w),),
        "read": lambda w: (_tried(amounts.read_share, w),),
        "until": lambda w: (_tried(until.until, w, now), *_durations(w)),
    }


def _durations(words_: str) -> list[str]:
    return [found.value for found in durations.find(digits(words_))]


def _tried(reader: Callable[..., Any], *words_: Any, **mood: Any) -> Any:
    """What a normaliser reads, or None: arbitrary runs of words may hold numbers that no calendar has."""
    try:
        return reader(*words_, **mood)
    except (ValueError, OverflowError):
        return None
