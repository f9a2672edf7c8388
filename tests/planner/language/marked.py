"""Requests with marks: `⟦back up|action⟧ ⟦db|targets⟧ ⟦nightly|1.schedule⟧`, and one normal form for what they say."""

from __future__ import annotations

import json
import re
from typing import Any

from planner.language.compose import Heard, Mark

MARK = re.compile(r"⟦([^⟦⟧|]+)\|((?:\d+(?:,\d+)*\.)?)([a-z_]+)⟧")
MINUTES = {"min": 1, "h": 60, "d": 1440, "w": 10080}
UNORDERED = {"targets", "items", "exclude", "destinations", "channels", "days", "at", "month_days", "months"}
NAMED = {"targets", "items", "destinations", "to", "source"}
SLOTLESS = {"explain", "unsupported"}


def heard(marked: str, actions: list[str], topics: list[str | None] | None = None) -> tuple[str, Heard]:
    """The request without its marks, and what a marker that errs nowhere would have heard."""
    text, marks, position = "", [], 0
    for m in MARK.finditer(marked):
        text += marked[position : m.start()]
        numbers = tuple(int(n) - 1 for n in (m[2].rstrip(".") or "1").split(","))
        marks.append(Mark(len(text), len(text) + len(m[1]), m[3], numbers))
        text, position = text + m[1], m.end()
    return text + marked[position:], Heard(tuple(actions), tuple(topics or [None] * len(actions)), tuple(marks))


def normal(intent: dict[str, Any]) -> dict[str, Any]:
    """An intent such that two that mean the same are equal: durations in one unit, lists sorted, a trigger by its direction."""
    kept = {"action": intent["action"]} if intent["action"] in SLOTLESS else _canonical(intent)
    schedule = kept.get("schedule")
    if isinstance(schedule, dict) and "trigger" in schedule:
        schedule["trigger"] = "before" if re.search(r"\bbefore\b|\bprior\b|前", schedule["trigger"]) else "at or after"
    return dict(kept)


def _canonical(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {k: _canonical(v, k) for k, v in sorted(value.items()) if v not in (None, [], {}, "", False)}
    if isinstance(value, list):
        items = [_canonical(v, key) for v in value]
        return sorted(items, key=lambda v: json.dumps(v, ensure_ascii=False)) if key in UNORDERED else items
    if not isinstance(value, str):
        return value
    text = value.strip().casefold()
    found = re.fullmatch(r"(\d+)(min|h|d|w|mo|y)", text)
    if found and found[2] in MINUTES:
        return f"{int(found[1]) * MINUTES[found[2]]}min"
    if found:
        return f"{int(found[1]) * (12 if found[2] == 'y' else 1)}mo"
    if key in NAMED:
        text = re.sub(r"^(?:the|a|an|my|our|your|this|that|all(?: of)?(?: the)?)\s+(?=\S)", "", text)
        return re.sub(r"\s+", " ", text).rstrip("/") or text
    return text.replace(" ", "") if key in {"bandwidth", "storage", "cost", "read", "cpu"} else text
