"""A named scheme (gold, 3-2-1, gfs): what it demands of a policy."""

from __future__ import annotations

from pydantic import Field

from policies.duration import Duration
from policies.retention import Retention
from policies.value import Value
from policies.verification import Verification


class Tier(Value):
    """At least so many repositories, off site and immutable ones; at most this period; the rest where nothing else is said."""

    aliases: tuple[str, ...] = Field((), description="Other names that people use")
    title: dict[str, str] = Field(default_factory=dict, description="One line per language")
    copies: int = Field(1, ge=1, le=9, description="Repositories, without the original")
    offsite: int = Field(0, ge=0, le=9, description="Repositories that survive the loss of the site")
    immutable: int = Field(0, ge=0, le=9, description="Repositories that nobody can change")
    every: Duration | None = Field(None, description="Longest period")
    rpo: Duration | None = None
    rto: Duration | None = None
    retention: Retention | None = None
    verification: Verification | None = None
