"""Where in its window a policy starts: the earliest time at which nothing else runs. The optimizer may replace `place`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time

from planner.estimate import run_seconds
from policies.catalog import Catalog
from policies.figure import History
from policies.window import Weekday, Window

GRID = 10  # minutes between possible starts
MARGIN = 1.25  # on the measured P90
SETTLE = 300.0  # s left free after every run
DAY = 86400.0


@dataclass(frozen=True, slots=True)
class Busy:
    """Another policy's daily span in local time: from `at`, for `seconds`, on `days` (none named: all)."""

    name: str
    at: time
    seconds: float
    days: tuple[Weekday, ...] = ()


@dataclass(frozen=True, slots=True)
class Placement:
    """A start time. `fits`: run and margin end within the window. `beside`: policies that run at the same time, if any."""

    at: time
    fits: bool
    beside: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()  # policies because of which an earlier time was not taken


def place(
    window: Window,
    seconds: float,
    busy: Sequence[Busy] = (),
    *,
    days: tuple[Weekday, ...] = (),
    reserve: float = 0.0,
) -> Placement:
    """The earliest start in the window from which a run of `seconds` (P90) and its margin end inside it and meet no other policy;
    else the start that meets others for the shortest time. `reserve`: seconds to leave at the end for a night that is shorter."""
    need = seconds * MARGIN + SETTLE
    opens, length = _seconds(window.start), (_seconds(window.until) - _seconds(window.start)) % DAY or DAY
    others = [entry for entry in busy if not days or not entry.days or set(days) & set(entry.days)]
    room = length - need - reserve
    if room < 0:
        room = max(length - need, 0.0)
    best: tuple[float, float] | None = None
    passed: dict[str, None] = {}
    for offset in range(0, int(room) + 1, GRID * 60):
        start = (opens + offset) % DAY
        meets = [(entry, shared) for entry in others if (shared := _shared(start, need, entry)) > 0]
        if not meets:
            return Placement(_time(start), need <= length, (), tuple(passed))
        passed.update(dict.fromkeys(entry.name for entry, _ in meets))
        crowd = sum(shared for _, shared in meets)
        if best is None or crowd < best[0]:
            best = (crowd, start)
    start = best[1] if best else opens
    beside = tuple(dict.fromkeys(entry.name for entry in others if _shared(start, need, entry) > 0))
    return Placement(_time(start), need <= length, beside, tuple(passed))


def busy_of(catalog: Catalog, history: History, *, without: str | None = None) -> tuple[Busy, ...]:
    """When the policies in force run. Periods under two hours meet everything anyway and are left out."""
    found = []
    for name, policy in catalog.policies.items():
        schedule = policy.schedule
        if name == without or policy.paused or schedule.every.delta().total_seconds() < 7200:
            continue
        seconds = run_seconds(policy, catalog, history).value * MARGIN
        step = int(schedule.every.delta().total_seconds())
        times = schedule.at
        if schedule.is_subdaily:
            first = int(_seconds(schedule.at[0])) % step if schedule.at else 0
            times = tuple(_time(moment) for moment in range(first, int(DAY), step))
        found += [Busy(name, at, seconds, schedule.days) for at in times]
    return tuple(found)


def _shared(start: float, need: float, entry: Busy) -> float:
    """Seconds that [start, start + need] and the span share, around the clock."""
    apart = (_seconds(entry.at) - start) % DAY
    ahead = max(0.0, min(need, apart + entry.seconds) - apart)
    behind = max(0.0, min(need, entry.seconds - (DAY - apart)))
    return ahead + behind


def _seconds(at: time) -> float:
    return at.hour * 3600.0 + at.minute * 60.0


def _time(seconds: float) -> time:
    minute = int(seconds % DAY) // 60
    return time(minute // 60, minute % 60)
