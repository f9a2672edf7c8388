"""docs/hazards.md names a test for every hazard, and the test is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT

PAGE = ROOT / "docs" / "hazards.md"
ROWS = re.findall(r"^\| (?!hazard|---)(.+?) \|.*\| (.+?) \|$", PAGE.read_text("utf-8"), re.M)
OWED = {"the recovery key was never exported, or no longer opens", "one key that may append and prune"}


@pytest.mark.parametrize(("hazard", "held"), ROWS, ids=[hazard[:50] for hazard, _ in ROWS])
def test_a_hazard_is_held_by_tests_that_are_there(hazard: str, held: str) -> None:
    if held == "none":
        assert hazard in OWED
        return
    names = re.findall(r"`([\w/.]+)::(\w+)`", held)
    assert names
    for file, name in names:
        path = ROOT / "tests" / (file if "/" in file else f"hazards/{file}")
        if path.name == "test_scheduling_hazards.py" and not path.exists():
            continue  # the scheduling tests come with the daemon's branch
        assert re.search(rf"^(?:def|class) {name}\b", path.read_text("utf-8"), re.M), f"{file}::{name}"


def test_every_hazard_test_is_on_the_page() -> None:
    text = PAGE.read_text("utf-8")
    ours = [p for p in Path(__file__).parent.glob("test_*_hazards.py") if p.name != "test_scheduling_hazards.py"]
    for path in ours:
        assert f"`{path.name}::" in text
    assert len(ROWS) >= 36
