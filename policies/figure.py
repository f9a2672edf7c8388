"""Numbers that say where they come from, and the measured history that they come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Origin(StrEnum):
    """How a number is known."""

    MEASURED = "measured"
    ESTIMATED = "estimated"
    ASSUMED = "assumed"
    PROVEN = "proven"  # computed from the plan itself, for every day ahead


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, its unit (`B`, `s`, `B/s`, `USD/mo`, …), how it is known, and from what ("3 runs", "210 MB/s, no drill yet")."""

    value: float
    unit: str
    origin: Origin
    basis: str = ""


@dataclass(frozen=True, slots=True)
class DatasetHistory:
    """What was measured of a dataset. Bytes are source bytes; `added` stored bytes of a run after the first; rates in B/s."""

    bytes: int | None = None
    runs: int = 0
    added_per_run: float | None = None
    seconds_p50: float | None = None
    seconds_p90: float | None = None
    restore_rate: float | None = None
    drills: int = 0
    rto_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class RepositoryHistory:
    """What was measured of a repository, in bytes and B/s; None: unknown or without meaning."""

    free: int | None = None
    stored: int | None = None
    write_rate: float | None = None


@dataclass(frozen=True, slots=True)
class History:
    """Everything measured so far, by name. A name that is missing was never measured."""

    datasets: Mapping[str, DatasetHistory] = field(default_factory=dict)
    repositories: Mapping[str, RepositoryHistory] = field(default_factory=dict)
