"""What was proven of a plan, as values: every item with its worst case, its date, its limit and what would mend it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from policies.figure import Figure


class Claim(StrEnum):
    """What an item is about."""

    RUNS = "runs"  # there are runs at all, and each ends before the next begins
    RPO = "rpo"  # lost at worst
    RTO = "rto"  # back within
    WINDOW = "window"  # every run ends inside its window
    SPACE = "space"  # the repository's limit and free space suffice
    RETENTION = "retention"  # what is promised is still there once it is old enough


class Why(StrEnum):
    """Why the worst case lies where it does."""

    NONE = ""
    CLOCKS_BACK = "clocks go back"
    CLOCKS_FORWARD = "clocks go forward"
    SCHEDULE = "the schedule's longest gap"
    FIRST_RUN = "the first run reads everything"
    DURATION = "a run takes longer than that"
    GROWTH = "changes kept by retention"
    NO_RUNS = "no run falls into the range"
    RATE = "the restore is not fast enough"


class Mend(StrEnum):
    """What a remedy changes."""

    START_BY = "start by"  # a time of day
    WIDEN_WINDOW = "widen the window to"  # a time of day at which it then ends
    EVERY = "run every"  # a period
    LIMIT = "raise the limit to"  # a size
    FREE = "free"  # a size
    RPO = "allow a loss of"  # a duration
    RTO = "allow a restore of"  # a duration
    RATE = "restore at"  # a rate
    KEEP = "keep"  # a retention rule, as in keep_daily: 9


@dataclass(frozen=True, slots=True)
class Remedy:
    """One change that would make an item hold; `value` in words ("00:40", "12h", "600 GB")."""

    mend: Mend
    value: str

    def __str__(self) -> str:
        return f"{self.mend.value} {self.value}"


@dataclass(frozen=True, slots=True)
class Item:
    """One claim about one subject (a repository for space, a dataset for rto, else the policy).

    `holds` is None where nothing was demanded or nothing is known. `date` (local): the worst night, or the first counter-example."""

    claim: Claim
    subject: str
    holds: bool | None
    worst: Figure | None = None
    limit: Figure | None = None
    date: date | None = None
    why: Why = Why.NONE
    remedies: tuple[Remedy, ...] = ()


@dataclass(frozen=True, slots=True)
class Proof:
    """Every claim about a policy over `days` days from `start`, walked slot by slot."""

    policy: str
    start: datetime
    days: int
    runs: int
    items: tuple[Item, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing is refuted."""
        return all(item.holds is not False for item in self.items)

    @property
    def refuted(self) -> tuple[Item, ...]:
        """The items with a counter-example."""
        return tuple(item for item in self.items if item.holds is False)

    def of(self, claim: Claim) -> Item | None:
        """The item of a claim; where there are several (repositories, datasets) a refuted one, else the worst."""
        found = [item for item in self.items if item.claim is claim]
        found.sort(key=lambda item: (item.holds is not False, -(item.worst.value if item.worst else 0)))
        return found[0] if found else None
