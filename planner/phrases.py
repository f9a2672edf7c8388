"""Values of the plan in short English words, for messages and reasons. Whole texts are made in planner/language."""

from __future__ import annotations

from planner.proof import Claim, Item, Why
from policies.duration import Duration
from policies.figure import Figure
from policies.quantity import human_size, human_time
from policies.retention import COUNTS, SPANS, Retention
from policies.schedule import Schedule
from policies.verification import Verification

ORDINALS = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last"}
UNITS = {"min": "minute", "h": "hour", "d": "day", "w": "week", "mo": "month", "y": "year"}


def of_schedule(schedule: Schedule) -> str:
    """`every day at 01:40`, `every week on mon, wed, fri`."""
    text = every(schedule.every)
    if schedule.days:
        text += f" on {', '.join(schedule.days)}"
    if schedule.month_days:
        days = ["the last day" if day == -1 else str(day) for day in schedule.month_days]
        text += f" on {', '.join(days)}"
    if schedule.nth_weekday:
        text += f" on the {ORDINALS[schedule.nth_weekday.n]} {schedule.nth_weekday.day}"
    if schedule.months:
        text += f" in months {', '.join(map(str, schedule.months))}"
    if schedule.at:
        text += f" at {', '.join(f'{at:%H:%M}' for at in schedule.at)}"
    return text


def of_duration(duration: Duration) -> str:
    """`30 days`, `1 week`."""
    return f"{duration.count} {UNITS[duration.unit]}{'s' if duration.count != 1 else ''}"


def every(duration: Duration) -> str:
    """`every day`, `every 6 hours`."""
    return f"every {UNITS[duration.unit] if duration.count == 1 else of_duration(duration)}"


def of_retention(retention: Retention) -> str:
    """`all of the last 30 days, 7 daily, never fewer than 3`."""
    if retention.forever:
        return "everything, for ever"
    parts = []
    for rule in (*SPANS, *COUNTS):
        value, unit = getattr(retention, rule), rule.removeprefix("keep_").removesuffix("_within")
        if value is None:
            continue
        if rule == "keep_within":
            parts.append(f"all of the last {of_duration(value)}")
        elif rule in SPANS:
            parts.append(f"{unit} for {of_duration(value)}")
        else:
            parts.append(f"the last {value}" if unit == "last" else f"{value} {unit}")
    return f"{', '.join(parts)}, never fewer than {retention.at_least}"


def of_verification(verification: Verification) -> str:
    """`structure checked every day, all data read in 20 weeks, restored for real (full) every month`."""
    parts = [f"structure checked {every(verification.check_every)}"]
    if verification.read_all_every:
        parts.append(f"all data read in {of_duration(verification.read_all_every)}")
    if verification.drill_every:
        parts.append(f"restored for real ({verification.drill_level.value}) {every(verification.drill_every)}")
    return ", ".join(parts)


def of_figure(figure: Figure | None) -> str:
    """A number with its unit as people read it."""
    if figure is None:
        return "unknown"
    if figure.unit in {"B", "B/s"}:
        return human_size(figure.value) + figure.unit[1:]
    return human_time(figure.value) if figure.unit == "s" else f"{figure.value:.2f} {figure.unit}"


def of_item(item: Item) -> str:
    """One refuted item as a sentence without its remedies."""
    when = f" on {item.date.isoformat()}" if item.date else ""
    why = f" ({item.why.value})" if item.why not in {Why.NONE, Why.SCHEDULE, Why.GROWTH} else ""
    worst, limit = of_figure(item.worst), of_figure(item.limit)
    return {
        Claim.RUNS: f"{item.subject} has no run at all in the days ahead" if item.worst is None
        else f"a run of {item.subject} takes {worst}, and the next begins after {limit}{when}",
        Claim.RPO: f"{item.subject} would lose up to {worst}, and {limit} is allowed; first{when}{why}",
        Claim.RTO: f"{item.subject} takes {worst} to come back, and {limit} is allowed{why}",
        Claim.WINDOW: f"a run of {item.subject} takes {worst} and does not end inside its window{when}{why}",
        Claim.SPACE: f"repository {item.subject} would need {worst}, and has {limit}; it is full{when}",
        Claim.RETENTION: f"{item.subject} keeps only {worst} instead of {limit}{when}",
    }[item.claim]  # fmt: skip
