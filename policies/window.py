"""When work may run."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from policies.value import Value

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DayPart = Literal["night", "morning", "afternoon", "evening"]


def parse_clock(value: Any) -> time:
    """The time of `01:40`; raises ValueError naming the value. YAML 1.1 readers turn 01:40 into 100: quote it."""
    if isinstance(value, time):
        return value
    if isinstance(value, str):
        hour, colon, minute = value.partition(":")
        if colon and hour.isdigit() and minute.isdigit() and len(minute) == 2 and int(hour) < 24 and int(minute) < 60:
            return time(int(hour), int(minute))
    raise ValueError(f'{value!r} is no time of day: write hours and minutes in quotes, as in "01:40"')


Clock = Annotated[
    time,
    BeforeValidator(parse_clock),
    PlainSerializer(lambda value: value.strftime("%H:%M"), return_type=str),
    WithJsonSchema({"type": "string", "pattern": "^([01]\\d|2[0-3]):[0-5]\\d$", "examples": ["01:40"]}),
]


class Window(Value):
    """A daily span in local time, on all days or the named ones (the day on which it opens).

    `until` at or before `start` ends on the next day; both equal: the whole day. No days named: every day.
    """

    start: Clock = Field(time(0, 0), alias="from", description="Work may start at this local time")
    until: Clock = Field(time(0, 0), alias="to", description="Work must have ended by this local time")
    days: tuple[Weekday, ...] = Field((), description="Days on which the window opens; empty: all")

    def __str__(self) -> str:
        days = f" on {', '.join(self.days)}" if self.days else ""
        return f"{self.start:%H:%M}-{self.until:%H:%M}{days}"
