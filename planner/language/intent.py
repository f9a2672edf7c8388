"""What was asked for, in the exact shape of the intent contract, and how sure the reading is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Action = Literal[
    "protect", "backup", "restore", "recover", "drill", "verify", "replicate", "forget", "pause", "resume", "unprotect",
    "status", "diagnose", "optimize", "explain", "unsupported",
]  # fmt: skip
Topic = Literal[
    "last_backup", "next_run", "failures", "size", "snapshots", "coverage", "compliance", "schedule", "progress",
    "restore_time", "cost", "general",
]  # fmt: skip
Period = Annotated[str, Field(pattern=r"^(\d+(min|h|d|w|mo|y)|continuous)$")]
Span_ = Annotated[str, Field(pattern=r"^\d+(min|h|d|w|mo|y)$")]
Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Moment = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d(T\d\d:\d\d)?$")]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Part = Literal["night", "morning", "afternoon", "evening"]


class Said(BaseModel):
    """A frozen value of which only what was said is written out."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    def as_contract(self) -> dict[str, Any]:
        """The contract's JSON: what was not said is left out."""
        out: dict[str, Any] = {}
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            if value is None or value == () or value is False:
                continue
            key = field.alias or name
            if isinstance(value, Said):
                out[key] = value.as_contract()
            else:
                out[key] = list(value) if isinstance(value, tuple) else value
        return out


class NthDay(Said):
    """The first … fifth, or with -1 the last, of a weekday."""

    n: Annotated[int, Field(ge=-1, le=5)]
    day: Day


class ScheduleSaid(Said):
    """When it is to run, as far as it was said."""

    every: Period | None = None
    days: tuple[Day, ...] = ()
    month_days: tuple[Annotated[int, Field(ge=-1, le=31)], ...] = ()
    months: tuple[Annotated[int, Field(ge=1, le=12)], ...] = ()
    nth_weekday: NthDay | None = None
    times: int | None = None
    at: tuple[Clock, ...] = ()
    part: Part | None = None
    date: Moment | None = None
    timezone: str | None = None
    trigger: str | None = None


class WindowSaid(Said):
    """When work may run."""

    start: Clock | None = Field(None, alias="from")
    until: Clock | None = Field(None, alias="to")
    days: tuple[Day, ...] = ()
    part: Literal["night", "off_hours", "weekend"] | None = None


class RetentionSaid(Said):
    """How long copies are kept."""

    keep_within: Span_ | None = None
    keep_last: int | None = None
    keep_hourly: int | None = None
    keep_daily: int | None = None
    keep_weekly: int | None = None
    keep_monthly: int | None = None
    keep_yearly: int | None = None
    keep_hourly_within: Span_ | None = None
    keep_daily_within: Span_ | None = None
    keep_weekly_within: Span_ | None = None
    keep_monthly_within: Span_ | None = None
    keep_yearly_within: Span_ | None = None
    forever: bool = False


class Point(Said):
    """Which moment's data."""

    latest: bool = False
    at: Moment | None = None
    before: Moment | None = None
    date: Moment | None = None
    start: Moment | None = Field(None, alias="from")
    until: Moment | None = Field(None, alias="to")
    snapshot: str | None = None
    last_good: bool = False
    previous: int | None = None
    older_than: Span_ | None = None


class NotifySaid(Said):
    """Who hears, of what."""

    channels: tuple[str, ...] = ()
    on: Literal["failure", "success", "always"] | None = None


class Limits(Said):
    """What it may take."""

    bandwidth: str | None = None
    storage: str | None = None
    cost: str | None = None
    cpu: str | None = None


class Intent(Said):
    """One wish. A field that the request says nothing about is None or empty."""

    action: Action
    targets: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    schedule: ScheduleSaid | None = None
    window: WindowSaid | None = None
    retention: RetentionSaid | None = None
    type: Literal["full", "incremental", "differential"] | None = None
    destinations: tuple[str, ...] = ()
    source: str | None = None
    policy: str | None = None
    rpo: Span_ | None = None
    rto: Span_ | None = None
    immutable: str | bool | None = None
    encrypt: bool = False
    limits: Limits | None = None
    point: Point | None = None
    to: str | None = None
    in_place: bool = False
    notify: NotifySaid | None = None
    read: str | None = None
    topic: Topic | None = None
    until: str | None = None
    dry_run: bool = False


SLOTS: tuple[str, ...] = tuple(name for name in Intent.model_fields if name != "action")
SLOTLESS = frozenset({"explain", "unsupported"})


@dataclass(frozen=True, slots=True)
class Span:
    """Words of the request, `text[start:end]`, that carry a slot (or tell the action) of the intents numbered from 0."""

    start: int
    end: int
    label: str
    text: str
    intent: tuple[int, ...] = (0,)


@dataclass(frozen=True, slots=True)
class Question:
    """What a person must say before anything is done. `about`: the slot, or `action`; `choices` are offered answers."""

    text: str
    about: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """One request as it was understood. `confidence`: probability that all of `intents` is right; `leftover`: content words
    that no span used, which may be an instruction that was not understood."""

    intents: tuple[Intent, ...]
    confidence: float
    clarify: tuple[Question, ...] = ()
    spans: tuple[Span, ...] = ()
    leftover: tuple[str, ...] = ()
    text: str = ""
    language: Literal["en", "zh"] = "en"

    def as_contract(self) -> dict[str, Any]:
        """The object that `restora parse --json` prints."""
        return {
            "intents": [intent.as_contract() for intent in self.intents],
            "confidence": round(self.confidence, 4),
            "clarify": [question.text for question in self.clarify],
        }
