"""Words that are the value of one slot by themselves: what a person answers to a question about it, or says in passing."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ValidationError

from planner.language.intent import (
    Action,
    Limits,
    NotifySaid,
    Point,
    RetentionSaid,
    ScheduleSaid,
    WindowSaid,
)
from planner.language.normalise import amounts, clock, durations, points, retention, schedules, until, windows, words
from planner.language.normalise.numbers import digits

ONCE = frozenset({"backup", "restore", "recover"})
DURATION = re.compile(r"\d+(?:min|h|d|w|mo|y)")
#: slots whose value is read from words; names are looked up, flags have no words of their own
VALUES = (
    "schedule", "window", "retention", "type", "policy", "rpo", "rto", "immutable", "limits", "point", "notify", "read", "until",
)  # fmt: skip
MODELS: dict[str, type[BaseModel]] = {
    "schedule": ScheduleSaid, "window": WindowSaid, "retention": RetentionSaid, "limits": Limits, "point": Point, "notify": NotifySaid,
}  # fmt: skip


def value_of(slot: str, text: str, now: datetime, action: Action = "protect") -> Any | None:
    """The typed value that words say for a slot; None where they say none. `now`: local, naive."""
    text = text.strip()
    literal = _literal(slot, text)
    raw = literal if literal is not None else _READERS[slot](text, now, action)
    if raw is None or raw == {}:
        return None
    model = MODELS.get(slot)
    if model is None:
        return raw
    try:
        return model.model_validate(raw)
    except ValidationError:
        return None


def _literal(slot: str, text: str) -> Any | None:
    """What is written as the contract writes it: `5min`, `30d`, `02:00`, `10%`."""
    if DURATION.fullmatch(text):
        return {"schedule": {"every": text}, "retention": {"keep_within": text}, "point": None}.get(
            slot, text if slot in {"rpo", "rto", "until", "immutable"} else None
        )
    if slot == "read" and (text == "all" or re.fullmatch(r"\d+(?:\.\d+)?%", text)):
        return text
    return None


def _schedule(text: str, now: datetime, action: Action) -> dict[str, Any] | None:
    found = schedules.schedule(text, now, once=action in ONCE)
    if found:
        return found
    times = clock.times(text, bare=True)  # "at what time?" is answered by "3"
    return {"at": list(times)} if times else None


def _retention(text: str, now: datetime, action: Action) -> dict[str, Any] | None:
    del now, action
    found = retention.retention(text)
    if found:
        return found
    length = durations.duration(text)
    return {"keep_within": length} if length else None


def _until(text: str, now: datetime, action: Action) -> str | None:
    del action
    return until.until(text, now) or durations.duration(text)


_READERS: dict[str, Callable[[str, datetime, Action], Any | None]] = {
    "schedule": _schedule,
    "retention": _retention,
    "until": _until,
    "window": lambda text, _now, _action: windows.window(text),
    "type": lambda text, _now, _action: words.kind(text),
    "policy": lambda text, _now, _action: words.scheme(text),
    "rpo": lambda text, _now, _action: durations.duration(text),
    "rto": lambda text, _now, _action: durations.duration(text),
    "immutable": lambda text, _now, _action: durations.duration(text),
    "limits": lambda text, _now, _action: amounts.limits(text),
    "point": lambda text, now, action: points.point(text, now, deleting=action == "forget"),
    "notify": lambda text, _now, _action: words.notify(text),
    "read": lambda text, _now, _action: amounts.read_share(text),
}


#: words by which a value tells its slot, the surer first
CUES: tuple[tuple[str, str], ...] = (
    (
        "limits",
        r"\d ?(?:[kmg]i?b|[kmg]bit)(?:/s|ps)?\b|\d ?(?:mbps|gbps|usd|eur|cny|\$|€)|\bbandwidth\b|\bcpu\b|带宽|限速",
    ),
    ("retention", r"\bkeep|\bretain|\bretention|\bcopies\b|\bsnapshots\b|\bdailies\b|\bforever\b|保留|留|份|永久|永远"),
    ("notify", r"@|\bmail\b|\be-?mail|\bslack\b|\bnotify\b|\btell\b|\balert|\bon (?:failure|success)\b|通知|邮件|告警"),
    (
        "window",
        r"\bbetween\b|\bonly\b|\bwindow\b|\bhours\b(?<!\d hours)|\bfinish|\bnot before\b|\bafter \d|之间|窗口|低峰|期间",
    ),
)
POINTED = frozenset({"restore", "recover", "diagnose", "forget"})


def slot_of(text: str, action: Action) -> str | None:
    """Which slot words said by themselves are the value of; None where they look like no value."""
    plain = digits(text)
    if action == "pause":
        return "until"
    if action in POINTED:
        return "point"
    if action == "verify" and re.search(r"%|\ball\b|全部", plain):
        return "read"
    for slot, cue in CUES:
        if re.search(cue, plain):
            return slot
    return "schedule"


def bare_number(text: str) -> int | None:
    """The count where the words say nothing but a number ("30", 三十)."""
    plain = digits(text).strip(" .,。")
    return int(plain) if plain.isdigit() and len(plain) < 6 else None
