"""The normal form of the intent contract: two intents that mean the same have the same one."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from planner.language.intent import SLOTLESS, SLOTS

MINUTES_IN = {"min": 1, "h": 60, "d": 24 * 60, "w": 7 * 24 * 60}
MONTHS_IN = {"mo": 1, "y": 12}
NAMES = frozenset({"targets", "items", "destinations", "to", "source"})
AMOUNTS = frozenset({"bandwidth", "storage", "cost", "read", "cpu"})
SETS = frozenset({"targets", "items", "exclude", "destinations", "channels", "days", "at", "month_days", "months"})
QUOTES = "\"'“”‘’`"
NOTHING: tuple[object, ...] = (None, [], {}, "", False)

Normal = dict[str, Any]
"""One intent in normal form: `action` and the slots that say something."""
Part = tuple[str, str, str]
"""(which intent, slot, value): what is counted for precision and recall."""


def intent(said: Mapping[str, Any]) -> Normal:
    """The normal form of one intent as the contract writes it; keys that the contract does not know are left out."""
    action = said.get("action", "unsupported")
    out: Normal = {"action": action}
    if action in SLOTLESS:
        return out
    for slot in SLOTS:
        value = _value(said.get(slot), slot)
        if value not in NOTHING:
            out[slot] = value
    schedule = out.get("schedule")
    if isinstance(schedule, dict) and "trigger" in schedule:
        # events are worded freely: only whether the run comes before or after one can be compared
        before = re.search(r"\bbefore\b|\bprior\b|前", str(schedule["trigger"]))
        schedule["trigger"] = "before" if before else "at or after"
    return out


def parts(intents: Sequence[Normal]) -> frozenset[Part]:
    """Every action and value of a reading; values of lists and objects count singly. Intents are numbered within their action."""
    found: set[Part] = set()
    seen: Counter[str] = Counter()
    for one in intents:
        seen[one["action"]] += 1
        which = f"{one['action']} {seen[one['action']]}"
        found.add((which, "action", ""))
        for slot, value in one.items():
            if slot != "action":
                found.update((which, name, _dumped(each)) for name, each in _singly(slot, value))
    return frozenset(found)


def _singly(slot: str, value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [(f"{slot}.{key}", each) for key, each in value.items()]
    return [(slot, each) for each in value] if isinstance(value, list) else [(slot, value)]


def _value(value: Any, key: str) -> Any:
    if isinstance(value, Mapping):
        return {name: _value(value[name], name) for name in sorted(value) if value[name] not in NOTHING}
    if isinstance(value, (list, tuple)):
        each = [_value(one, key) for one in value]
        return sorted(each, key=_dumped) if key in SETS else each
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return _text(value, key) if isinstance(value, str) else value


def _text(said: str, key: str) -> str:
    if key == "bandwidth":
        said = re.sub(r"(?<=[KMGkmg])bps$", "bit/s", said.strip())
        said = re.sub(r"(?<=[KMGkmg])Bps$", "B/s", said)
    text = said.strip().strip(QUOTES).casefold()
    if (span := _span(text)) is not None:
        return span
    if key in NAMES:
        text = re.sub(r"^(?:the|an?|my|our|your|this|that|all of|all the)\s+", "", text)
        text = re.sub(r"^all (?=\S)", "", text)
        text = re.sub(r"\s+", " ", text)
        return text.rstrip("/") or text
    if key in AMOUNTS:
        return text.replace(" ", "").replace("gib", "gb").replace("mib", "mb")
    return text


def _span(text: str) -> str | None:
    """A duration in minutes or months: `7d` and `1w` are one, a month and 30 days are two."""
    found = re.fullmatch(r"(\d+)\s*(min|h|d|w|mo|y)", text.replace(" ", ""))
    if found is None:
        return None
    count, unit = int(found[1]), found[2]
    return f"{count * MINUTES_IN[unit]}min" if unit in MINUTES_IN else f"{count * MONTHS_IN[unit]}mo"


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
