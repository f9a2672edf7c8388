"""What is refused before a restore touches anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.points import PointWish
from orchestrator.restoring import order_for
from orchestrator.run_now import run_now
from policies.errors import UsageError
from policies.run import RunState
from tests.orchestrator.nightly_site import Installation

pytestmark = pytest.mark.integration


def test_in_place_is_no_place_where_the_dataset_has_moved(fast_path: Path) -> None:
    home = Installation(fast_path / "home")
    application = home.application()
    (run,) = run_now(application, [("docs", "docs", "local")], lambda _run, _progress: None)
    assert run.state is RunState.SUCCEEDED, run.reason
    old, new = home.home / "docs", home.home / "elsewhere"
    old.rename(new)
    home.catalog["datasets"]["docs"]["paths"] = [str(new)]
    home.write(**home.catalog["policies"])

    moved = home.application()
    options = {"items": (), "repository": ""}
    with pytest.raises(UsageError, match=f"was {old} when that point was saved, and is {new} now"):
        order_for(moved, "docs", PointWish(), target="", in_place=True, **options)  # type: ignore[arg-type]
    order = order_for(moved, "docs", PointWish(), target=str(home.home / "back"), in_place=False, **options)  # type: ignore[arg-type]
    assert order.target == str(home.home / "back")
