"""A standing promise: which datasets, when, where to, how long kept, how proven."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from policies.duration import Duration
from policies.retention import Retention
from policies.schedule import Schedule
from policies.value import Value
from policies.verification import Verification
from policies.window import Window


class NotificationRule(Value):
    """Who hears of what."""

    channels: tuple[str, ...] = Field((), description="Names of channels of the `notify` section")
    on: str = Field("failure", pattern="^(failure|success|always)$")


def _no_name_left(value: Any) -> Any:
    """The catalog has put windows in the place of their names by now."""
    if isinstance(value, str):
        raise ValueError(f"{value!r} is no window of the section windows: define it there, or write from and to here")
    return value


class Policy(Value):
    """One policy in force. Every repository gets a run of its own from the source, each with its own state on the board."""

    datasets: tuple[str, ...] = Field(min_length=1, description="Names of datasets")
    repositories: tuple[str, ...] = Field(min_length=1, description="Names of repositories")
    schedule: Schedule
    retention: Retention
    window: Annotated[Window | None, BeforeValidator(_no_name_left, json_schema_input_type=Window | str | None)] = (
        Field(None, description="When runs may take place: from, to and days, or the name of one of `windows`")
    )
    verification: Verification = Verification()
    rpo: Duration | None = Field(None, description="Promise: oldest acceptable last good backup")
    rto: Duration | None = Field(None, description="Promise: longest acceptable restore")
    bandwidth: str | None = Field(None, description="Most bandwidth, as in 20Mbit/s")
    notify: NotificationRule | None = None
    paused: bool = Field(False, description="Whether its runs are held")
    origin: str = Field("", description="The words that it came from")

    @model_validator(mode="after")
    def _at_is_decided(self) -> Self:
        if not self.schedule.at and not self.schedule.is_subdaily:
            raise ValueError('schedule.at is missing: a policy in force has its times, as in at: ["01:40"]')
        return self
