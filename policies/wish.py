"""What a person asked of a standing policy, with names resolved; what was not said is None or empty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time

from policies.duration import Duration
from policies.retention import Retention
from policies.schedule import NthWeekday
from policies.window import DayPart, Weekday, Window


@dataclass(frozen=True, slots=True)
class Wish:
    """Planning fills in what is open here and shows it as assumed. `words` holds the words behind each field that was said.

    `times`: a count per `every` that cannot be spaced by the clock (three times a week: every 1w, times 3).
    `tier`: a named scheme (3-2-1, gfs, gold). `storage` in bytes, `bandwidth` as the contract writes it.
    `drill_every`: from "and drill it monthly"; `change`: the request changes a policy in force rather than making one."""

    datasets: tuple[str, ...]
    repositories: tuple[str, ...] = ()
    every: Duration | None = None
    at: tuple[time, ...] = ()
    part: DayPart | None = None
    days: tuple[Weekday, ...] = ()
    month_days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    nth_weekday: NthWeekday | None = None
    times: int | None = None
    timezone: str | None = None
    window: Window | None = None
    retention: Retention | None = None
    tier: str | None = None
    rpo: Duration | None = None
    rto: Duration | None = None
    bandwidth: str | None = None
    storage: int | None = None
    drill_every: Duration | None = None
    channels: tuple[str, ...] = ()
    notify_on: str | None = None
    text: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
