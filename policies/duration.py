"""Calendar durations as people say them: `30min`, `6h`, `30d`, `2w`, `3mo`, `7y`."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic_core import core_schema

MINUTES = {"min": 1, "h": 60, "d": 1440, "w": 10080}
MONTHS = {"mo": 1, "y": 12}
DAYS_A_MONTH = 365.2425 / 12
PATTERN = re.compile(r"^\s*(\d{1,6})\s*(min|h|d|w|mo|y)\s*$")


@dataclass(frozen=True, slots=True)
class Duration:
    """A whole number of one unit (`min h d w mo y`). Months and years follow the calendar."""

    count: int
    unit: str

    @classmethod
    def parse(cls, text: str) -> Duration:
        """Read `30d`; raises ValueError that names the value and the accepted units."""
        found = PATTERN.match(text)
        if not found or int(found[1]) == 0:
            raise ValueError(
                f"{text!r} is no duration: write a whole number and one of min, h, d, w, mo, y (30d, 6h, 3mo)"
            )
        return cls(int(found[1]), found[2])

    def __str__(self) -> str:
        return f"{self.count}{self.unit}"

    @property
    def is_calendar(self) -> bool:
        """Whether its length depends on where it starts (months, years)."""
        return self.unit in MONTHS

    def delta(self) -> timedelta:
        """Its length; months count as 30.44 days, years as 365.24."""
        if self.unit in MONTHS:
            return timedelta(days=self.count * MONTHS[self.unit] * DAYS_A_MONTH)
        return timedelta(minutes=self.count * MINUTES[self.unit])

    def before(self, moment: datetime) -> datetime:
        """The moment this long before `moment`, by the calendar for months and years (31 March - 1mo = 28 February)."""
        if self.unit not in MONTHS:
            return moment - self.delta()
        month = moment.year * 12 + moment.month - 1 - self.count * MONTHS[self.unit]
        year, month = max(month // 12, 1), month % 12 + 1
        return moment.replace(year=year, month=month, day=min(moment.day, calendar.monthrange(year, month)[1]))

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any) -> core_schema.CoreSchema:
        def validate(value: Any) -> Duration:
            if isinstance(value, Duration):
                return value
            if not isinstance(value, str):
                raise ValueError(f"{value!r} is no duration: write a whole number with a unit, as in 30d or 6h")
            return cls.parse(value)

        return core_schema.no_info_plain_validator_function(
            validate, serialization=core_schema.plain_serializer_function_ser_schema(str)
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: Any, _handler: Any) -> dict[str, Any]:
        return {"type": "string", "pattern": r"^\d+(min|h|d|w|mo|y)$", "examples": ["30d", "6h", "3mo"]}
