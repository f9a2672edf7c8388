"""A wish that is said again changes nothing, whatever has been measured since."""

from __future__ import annotations

from planner.draft import draft
from planner.plan import plan
from policies.duration import Duration
from policies.retention import Retention
from policies.wish import Wish
from tests.planner.world import NOW, catalog, measured

NIGHTLY = Wish(
    ("db",), every=Duration(1, "d"), part="night", retention=Retention.model_validate({"keep_within": "30d"}),
    text="back up db nightly, keep 30 days",
)  # fmt: skip


def test_said_again_it_changes_nothing() -> None:
    first = draft(NIGHTLY, catalog(), measured(seconds=360), now=NOW).catalog
    assert first is not None
    wiki = Wish(("wiki",), every=Duration(1, "d"), part="night", text="back up wiki nightly")
    both = draft(wiki, first, measured(seconds=360), now=NOW).catalog
    assert both is not None
    again = draft(NIGHTLY, both, measured(seconds=4000), now=NOW).catalog
    assert again == both
    assert plan(both, again, measured(), NOW).empty


def test_said_otherwise_it_keeps_the_time_that_it_has() -> None:
    first = draft(NIGHTLY, catalog(), measured(), now=NOW).catalog
    assert first is not None
    longer = Wish(("db",), retention=Retention.model_validate({"keep_within": "60d"}), text="keep db 60 days")
    after = draft(longer, first, measured(seconds=4000), now=NOW).catalog
    assert after is not None
    assert after.policies["db"].schedule == first.policies["db"].schedule
    assert after.policies["db"].origin == "back up db nightly, keep 30 days; keep db 60 days"
