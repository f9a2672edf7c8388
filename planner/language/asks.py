"""What a person wants done that is no standing policy: small typed values, names resolved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from planner.language.intent import Point, RetentionSaid, Topic
from policies.duration import Duration


@dataclass(frozen=True, slots=True)
class RunNow:
    """Back up once: now, or at `when` (local, naive)."""

    datasets: tuple[str, ...]
    repositories: tuple[str, ...] = ()
    when: datetime | None = None
    type: str | None = None
    dry_run: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True)
class RestoreWish:
    """Give data back. `disaster`: everything on it is to come back, in order. `to` is a place as it was said; None: a safe place."""

    datasets: tuple[str, ...]
    items: tuple[str, ...] = ()
    point: Point | None = None
    source: str | None = None
    to: str | None = None
    in_place: bool = False
    disaster: bool = False
    dry_run: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True)
class DrillWish:
    """Rehearse a restore once. No datasets: the ones that planning finds most in need."""

    datasets: tuple[str, ...]
    items: tuple[str, ...] = ()
    point: Point | None = None
    source: str | None = None
    to: str | None = None
    when: datetime | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class VerifyWish:
    """Check repositories or the snapshots of datasets. `read`: `all` or a percentage; `every`: where it is to recur."""

    datasets: tuple[str, ...] = ()
    repositories: tuple[str, ...] = ()
    read: str | None = None
    every: Duration | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class ReplicateWish:
    """Copy the snapshots of datasets to further repositories, once."""

    datasets: tuple[str, ...]
    repositories: tuple[str, ...]
    source: str | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class ForgetWish:
    """Remove snapshots. The reader has asked already where this is unbounded; approval is asked in any case."""

    datasets: tuple[str, ...]
    point: Point | None = None
    retention: RetentionSaid | None = None
    dry_run: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True)
class Hold:
    """Pause, resume or take away the policies of datasets. `until`: ISO date, date-time or duration, for a pause."""

    kind: Literal["pause", "resume", "unprotect"]
    datasets: tuple[str, ...]
    until: str | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class StatusWish:
    """A question about the state of backups."""

    topic: Topic
    datasets: tuple[str, ...] = ()
    point: Point | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class DiagnoseWish:
    """Why something failed; `text` holds the pasted lines."""

    datasets: tuple[str, ...] = ()
    point: Point | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class OptimizeWish:
    """What-if, cost or capacity planning."""

    datasets: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class ExplainWish:
    """A question of general knowledge."""

    text: str = ""


@dataclass(frozen=True, slots=True)
class Unsupported:
    """Nothing that restora does."""

    text: str = ""


Ask = (
    RunNow
    | RestoreWish
    | DrillWish
    | VerifyWish
    | ReplicateWish
    | ForgetWish
    | Hold
    | StatusWish
    | DiagnoseWish
    | OptimizeWish
    | ExplainWish
    | Unsupported
)
