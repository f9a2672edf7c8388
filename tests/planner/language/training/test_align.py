"""Corrections get their marks: the words that carry each value."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.language.compose import Heard, Mark, compose
from planner.language.training import normal
from planner.language.training.align import align
from planner.language.training.corpus import parse
from planner.language.training.gold import Gold, shipped_checks

NOW = datetime(2026, 3, 11, 10, 30)


@pytest.mark.parametrize(
    ("text", "intents", "marked"),
    [
        (
            "back up billing nightly, keep 45 days",
            [
                {
                    "action": "protect",
                    "targets": ["billing"],
                    "schedule": {"every": "1d", "part": "night"},
                    "retention": {"keep_within": "45d"},
                }
            ],
            "back up ⟦billing|1.targets⟧ ⟦nightly|1.schedule⟧, keep ⟦45 days|1.retention⟧",
        ),
        (
            "每天凌晨2点备份订单库",
            [{"action": "protect", "targets": ["订单库"], "schedule": {"every": "1d", "at": ["02:00"]}}],
            "⟦每天凌晨2点|1.schedule⟧备份⟦订单库|1.targets⟧",
        ),
        (
            "back up hr and drill hr",
            [{"action": "backup", "targets": ["hr"]}, {"action": "drill", "targets": ["hr"]}],
            "back up ⟦hr|1,2.targets⟧ and drill hr",
        ),
        ("write a poem", [{"action": "unsupported"}], "write a poem"),
    ],
)
def test_words_are_found_without_a_reading(text: str, intents: list[dict[str, Any]], marked: str) -> None:
    assert align(text, intents, (), NOW) == (marked, [])


def test_marks_of_a_reading_are_taken_where_they_carry_the_value() -> None:
    text = "encrypted copies of db, please, and db to nas"
    marks = [Mark(0, 9, "encrypt"), Mark(0, 9, "action"), Mark(36, 38, "targets"), Mark(42, 45, "schedule")]
    found, missing = align(
        text,
        [{"action": "protect", "targets": ["db"], "encrypt": True, "destinations": ["nas"]}],
        marks[:1] + marks[2:],
        NOW,
    )
    assert found == "⟦encrypted|1.encrypt⟧ copies of db, please, and ⟦db|1.targets⟧ to ⟦nas|1.destinations⟧"
    assert missing == []


def test_what_no_words_carry_is_told() -> None:
    intents = [
        {"action": "backup", "targets": ["db"]},
        {"action": "protect", "targets": ["the moon"], "rpo": "1h", "encrypt": True},
    ]
    text, missing = align("save db", intents, (), NOW)
    assert missing == ["2.targets", "2.rpo", "2.encrypt"]
    assert parse(text)[0] == "save db"


@pytest.mark.parametrize("check", [one for one in shipped_checks() if not one.ambiguous][::6], ids=lambda one: one.id)
def test_what_is_marked_reads_as_what_was_meant(check: Gold) -> None:
    marked, missing = align(check.text, check.readings[0], (), check.now)
    text, marks = parse(marked)
    assert text == check.text
    for number, intent in enumerate(check.readings[0]):
        own = tuple(Mark(m.start, m.end, m.label) for m in marks if number in m.intents)
        (draft,) = compose(text, Heard((intent["action"],), (None,), own), check.now)
        lost = {name.partition(".")[2] for name in missing if name.startswith(f"{number + 1}.")} | {"topic"}
        wanted, read = normal.intent(intent), normal.intent(draft.fields)
        assert {k: v for k, v in read.items() if k not in lost} == {k: v for k, v in wanted.items() if k not in lost}


names = st.text("abc订 -", min_size=1, max_size=6)


@given(st.text("abc订单 ,.1d-", max_size=30), st.lists(names, min_size=1, max_size=3), st.sampled_from(["1d", "2h"]))
def test_no_text_breaks_it(text: str, targets: list[str], rpo: str) -> None:
    marked, _ = align(text, [{"action": "protect", "targets": targets, "rpo": rpo}], (), NOW)
    assert parse(marked)[0] == text
