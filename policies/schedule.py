"""When a policy runs. A slot is (policy, local date, nth of that date): once, on both nights of clock change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Self

from pydantic import Field, model_validator

from policies.duration import Duration
from policies.value import Value
from policies.window import Clock, DayPart, Weekday

MonthDay = Annotated[int, Field(ge=-1, le=31)]


class NthWeekday(Value):
    """The first … fifth (or with -1 the last) given weekday of a month."""

    n: int = Field(ge=-1, le=5)
    day: Weekday

    @model_validator(mode="after")
    def _not_zero(self) -> Self:
        if self.n == 0:
            raise ValueError("n is 1 to 5, or -1 for the last")
        return self


class Schedule(Value):
    """How often and when. In a policy in force `at` is decided for every period of a day or more; a wish may leave it open.

    A period under a day starts at local midnight (or at the first `at`) and repeats; months without the day use their last.
    """

    every: Duration = Field(description="Period: 15min, 1h, 6h, 1d, 2d, 1w, 2w, 1mo, 3mo, 1y")
    at: tuple[Clock, ...] = Field((), description="Local times of day; quoted")
    part: DayPart | None = Field(
        None, description="Part of the day where no clock time is set; the planner chooses the time"
    )
    days: tuple[Weekday, ...] = Field((), description="Weekdays, for 1w and 2w")
    month_days: tuple[MonthDay, ...] = Field((), description="Days of the month, -1 for the last; for 1mo, 3mo, 1y")
    months: tuple[Annotated[int, Field(ge=1, le=12)], ...] = Field((), description="Months, for 3mo and 1y")
    nth_weekday: NthWeekday | None = Field(None, description="As in {n: 1, day: sun}; for 1mo")
    anchor: date | None = Field(None, description="A date on which it runs; fixes the phase of 2d, 2w, 3mo, 1y")
    timezone: str | None = Field(None, description="IANA time zone; the site's where none is set")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        unit = self.every.unit
        if self.days and unit != "w":
            raise ValueError(f"days need a period in weeks (1w), not {self.every}")
        if (self.month_days or self.nth_weekday) and unit not in {"mo", "y"}:
            raise ValueError(f"days of the month need a period in months (1mo), not {self.every}")
        if 0 in self.month_days:
            raise ValueError("0 is no day of the month: use 1 to 31, or -1 for the last day")
        if self.is_subdaily and self.every.delta().total_seconds() < 300:
            raise ValueError(f"{self.every} is too often: 5min is the shortest period")
        if self.is_subdaily and 1440 % int(self.every.delta().total_seconds() // 60):
            raise ValueError(f"{self.every} does not divide the day: use 5min … 12h such as 15min, 1h, 4h, 6h, 8h, 12h")
        return self

    @property
    def is_subdaily(self) -> bool:
        return self.every.unit in {"min", "h"} and self.every.delta().total_seconds() < 86400


@dataclass(frozen=True, slots=True)
class Slot:
    """One occasion on which a policy is due: its name for ever, and the moment (aware, UTC)."""

    policy: str
    day: date
    nth: int
    due: datetime

    @property
    def key(self) -> str:
        """The identity of a slot: the same whatever the clock does and however the time was later moved."""
        return f"{self.policy}@{self.day.isoformat()}#{self.nth}"
