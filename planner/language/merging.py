"""Values said later over values said earlier: only what was said anew changes."""

from __future__ import annotations

from typing import Any

from planner.language.intent import Intent, Limits, NotifySaid, ScheduleSaid

WHOLE_DAYS = ("d", "w", "mo", "y")
DAYS = ("days", "month_days", "nth_weekday", "months")


def unit(every: str) -> str:
    """The unit of a contract duration."""
    return every.lstrip("0123456789")


def with_time(before: ScheduleSaid | None, said: ScheduleSaid) -> ScheduleSaid:
    """What was said of a schedule over what stood there: a time of day alone keeps the days, a period keeps the time where a
    time still makes sense, days alone keep the time. A trigger and `continuous` give way to any answer."""
    if before is None or said.date or said.trigger:
        return said
    kept, new = before.as_contract(), said.as_contract()
    gone = {"trigger", "date"}
    if kept.get("every") == "continuous":
        gone.add("every")
    if "every" in new:
        gone |= {"times", "every"}
        gone |= set() if unit(new["every"]) in WHOLE_DAYS else {"at", "part"}
        gone |= set() if unit(new["every"]) == unit(str(kept.get("every", ""))) else set(DAYS)
    if {"at", "part"} & set(new):
        gone |= {"at", "part"}
    if set(DAYS) & set(new):
        gone |= set(DAYS)
    return ScheduleSaid.model_validate({**{k: v for k, v in kept.items() if k not in gone}, **new})


def merged(before: Intent, said: Intent, slots: tuple[str, ...]) -> Intent:
    """The earlier intent with these slots as they were said anew. Schedules and limits are merged, all others replaced."""
    changes: dict[str, Any] = {}
    for slot in slots:
        new = getattr(said, slot)
        if isinstance(new, ScheduleSaid):
            changes[slot] = with_time(before.schedule, new)
        elif isinstance(new, Limits) and before.limits:
            changes[slot] = Limits.model_validate({**before.limits.as_contract(), **new.as_contract()})
        elif isinstance(new, NotifySaid) and before.notify:
            changes[slot] = NotifySaid.model_validate({**before.notify.as_contract(), **new.as_contract()})
        else:
            changes[slot] = new
    if "in_place" in slots and said.in_place:
        changes["to"] = None
    if "to" in slots and said.to:
        changes["in_place"] = False
    return Intent.model_validate({**dict(before), **changes})


def said_slots(intent: Intent) -> tuple[str, ...]:
    """The slots that an intent says something about."""
    contract = intent.model_dump(exclude_defaults=True)
    return tuple(slot for slot in contract if slot != "action" and getattr(intent, slot) not in (None, (), False))
