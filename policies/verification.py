"""How often repositories are checked and restores are proven."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from policies.duration import Duration
from policies.value import Value


class DrillLevel(StrEnum):
    """How much a drill proves; each level includes the ones before it."""

    LIST = "list"  # the snapshot opens and lists what it should
    SAMPLE = "sample"  # some files or tables are restored and compared
    FULL = "full"  # everything is restored and compared
    SERVICE = "service"  # a throw-away server runs on the restored data and answers queries


class DrillVerdict(StrEnum):
    """What came of a drill; only `proven` is green."""

    PROVEN = "proven"
    FAILED = "failed"
    COULD_NOT_RUN = "could not run"


class Verification(Value):
    """Structure is checked after each `check_every`; data is read in rotating parts so that all is read in `read_all_every`."""

    check_every: Duration = Field(Duration(1, "d"), description="Structural check of the repository")
    read_all_every: Duration | None = Field(Duration(20, "w"), description="Time in which all stored data is read once")
    drill_every: Duration | None = Field(Duration(1, "mo"), description="Restore for real")
    drill_level: DrillLevel = Field(DrillLevel.FULL, description="How much a scheduled drill proves")
    prune_every: Duration = Field(Duration(1, "w"), description="Space of removed snapshots is reclaimed")
