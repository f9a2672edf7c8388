"""From marked words to intents: each slot's words go through its normaliser; what can't be read becomes a question."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from planner.language.intent import Intent, Question, Span
from planner.language.normalise import amounts, durations, points, retention, schedules, until, windows, words

ONCE = {
    "backup",
    "restore",
    "drill",
    "verify",
    "replicate",
    "forget",
    "recover",
    "resume",
    "pause",
    "optimize",
    "status",
}
ALLOWED: dict[str, frozenset[str]] = {
    "status": frozenset({"schedule", "point", "rpo", "rto", "type", "source", "retention", "policy"}),
    "diagnose": frozenset({"point"}),
    "pause": frozenset({"until", "schedule", "type"}),
    "resume": frozenset({"schedule", "type"}),
    "unprotect": frozenset({"schedule", "type"}),
    "forget": frozenset({"point", "retention", "dry_run", "schedule"}),
}


def value(label: str, text: str, action: str, now: datetime, *, lost: bool = False) -> Any:
    """The value that the words of one slot carry for an action; None where they can't be read."""
    readers: dict[str, Callable[[], Any]] = {
        "schedule": lambda: schedules.schedule(text, now, once=action in ONCE),
        "window": lambda: windows.window(text),
        "retention": lambda: retention.retention(text),
        "type": lambda: words.kind(text),
        "policy": lambda: words.scheme(text),
        "rpo": lambda: durations.duration(text),
        "rto": lambda: durations.duration(text),
        "immutable": lambda: words.immutable(text),
        "limits": lambda: amounts.limits(text),
        "point": lambda: points.point(text, now, deleting=action == "forget", lost=lost),
        "notify": lambda: words.notify(text),
        "read": lambda: amounts.read_share(text),
        "until": lambda: until.until(text, now),
        "encrypt": lambda: True,
        "in_place": lambda: True,
        "dry_run": lambda: True,
    }
    return readers[label]() if label in readers else None


def build(fields: dict[str, Any]) -> Intent | None:
    """The intent of these fields; None where a value breaks the contract's form."""
    try:
        return Intent.model_validate(fields)
    except ValidationError:
        return None


def unreadable(span: Span) -> Question:
    """The question about words that a normaliser could not read."""
    about = {
        "point": "which moment",
        "schedule": "when",
        "retention": "how long to keep",
        "window": "which hours",
        "until": "until when",
    }
    asked = about.get(span.label, span.label)
    return Question(f"I can't tell {asked} from “{span.text}”. Please say it in other words.", span.label)
