"""A policy with its runs of the days ahead: what every claim is proven on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from planner.slots import policy_slots
from policies.catalog import Catalog
from policies.figure import History
from policies.policy import Policy


@dataclass(frozen=True, slots=True)
class Course:
    """`due`: the moments (UTC) of all runs in the range, in order."""

    name: str
    policy: Policy
    catalog: Catalog
    history: History
    zone: ZoneInfo
    due: Sequence[datetime]


def zone_of(policy: Policy, catalog: Catalog) -> ZoneInfo:
    """The time zone of a policy's local times, whether or not the policy is in the catalog."""
    return ZoneInfo(policy.schedule.timezone or catalog.site.timezone)


def course_of(name: str, policy: Policy, catalog: Catalog, history: History, *, start: datetime, days: int) -> Course:
    """The course of a policy over `days` days from `start` (aware)."""
    zone = zone_of(policy, catalog)
    due = [slot.due for slot in policy_slots(name, policy, zone, start, start + timedelta(days=days))]
    return Course(name, policy, catalog, history, zone, due)
