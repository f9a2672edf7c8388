"""What docs/how-to/requests.md says of several names and of follow-ups holds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from planner.language.dialogue import Turn, follow
from planner.language.groups import group, of_kind
from planner.language.intent import Intent
from planner.language.lookup import datasets
from tests.planner.language.readings import office, reading
from tests.planner.language.samples import NOW

PAGE = (Path(__file__).parents[3] / "docs/how-to/requests.md").read_text("utf-8")


def examples(heading: str) -> list[str]:
    """The examples in the first column of the table below a line that holds `heading`."""
    below = PAGE[PAGE.index(heading) :].split("\n\n", 2)
    table = next(part for part in below if part.startswith("|"))
    return [found for row in table.splitlines()[2:] for found in re.findall(r"`([^`]+)`", row.split("|")[1])]


@pytest.mark.parametrize("word", examples("Several are named at once"))
def test_words_for_several(word: str) -> None:
    assert group(word) or of_kind(word, datasets(office()))[0]


@pytest.mark.parametrize("text", examples("a request may lean on the one before it"))
def test_follow_ups(text: str) -> None:
    before = Intent.model_validate({"action": "protect", "targets": ["shop"], "schedule": {"every": "1d"}})
    own = {"action": "drill", "schedule": {"every": "1mo"}} if text.startswith("drill") else {"action": "unsupported"}
    found = follow(
        [Turn((before,))],
        reading(own, text=text),
        now=NOW,
        known=lambda w: "dataset" if w in {"docs", "shop"} else None,
    )
    assert found.lean and found.question is None
    assert found.reading.intents != reading(own).intents
