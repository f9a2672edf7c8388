"""How long copies are kept, and why each one is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import Field, model_validator

from policies.duration import Duration
from policies.value import Value

Count = Annotated[int, Field(ge=1, le=100_000)]
COUNTS = ("keep_last", "keep_hourly", "keep_daily", "keep_weekly", "keep_monthly", "keep_yearly")
SPANS = (
    "keep_within", "keep_hourly_within", "keep_daily_within", "keep_weekly_within", "keep_monthly_within", "keep_yearly_within",
)  # fmt: skip


class Retention(Value):
    """Which recovery points are kept: the union of all rules. Ages count back from the newest point, as restic does,
    so that nothing ages out while backups stand still. `at_least` points stay whatever the rules say."""

    keep_within: Duration | None = Field(None, description="Everything younger than this")
    keep_last: Count | None = Field(None, description="The newest n")
    keep_hourly: Count | None = Field(None, description="The newest of each of the last n hours that have one")
    keep_daily: Count | None = Field(None, description="… days …")
    keep_weekly: Count | None = Field(None, description="… ISO weeks …")
    keep_monthly: Count | None = Field(None, description="… months …")
    keep_yearly: Count | None = Field(None, description="… years …")
    keep_hourly_within: Duration | None = Field(None, description="The newest of each hour younger than this")
    keep_daily_within: Duration | None = Field(None, description="… each day …")
    keep_weekly_within: Duration | None = Field(None, description="… each ISO week …")
    keep_monthly_within: Duration | None = Field(None, description="… each month …")
    keep_yearly_within: Duration | None = Field(None, description="… each year …")
    forever: bool = Field(False, description="Nothing is ever removed")
    at_least: Annotated[int, Field(ge=1, le=1000)] = Field(3, description="Never fewer points than this")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        rules = [name for name in (*COUNTS, *SPANS) if getattr(self, name) is not None]
        if self.forever and rules:
            raise ValueError(f"forever and {rules[0]} contradict each other: keep one of them")
        if not self.forever and not rules:
            raise ValueError("says nothing: name at least one rule, as in keep_within: 30d, or forever: true")
        return self


@dataclass(frozen=True, slots=True)
class Verdict:
    """What retention says of one recovery point: kept for these reasons, or removed because nothing keeps it."""

    point: str
    keep: bool
    reasons: tuple[str, ...]
