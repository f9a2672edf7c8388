"""A wish with everything that planning it looks at, and the notes taken on the way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from planner.notes import Notes
from policies.catalog import Catalog
from policies.figure import History
from policies.policy import Policy
from policies.tier import Tier
from policies.wish import Wish


@dataclass(frozen=True, slots=True)
class Request:
    """`base_name`: the policy in force that the wish changes, '' for a new one."""

    wish: Wish
    catalog: Catalog
    history: History
    now: datetime
    notes: Notes
    tier: Tier | None = None
    base_name: str = ""

    @property
    def base(self) -> Policy | None:
        """The policy in force that the wish changes."""
        return self.catalog.policies.get(self.base_name) if self.base_name else None

    def about(self, base_name: str) -> Request:
        """The same request, about a policy."""
        return replace(self, base_name=base_name)
