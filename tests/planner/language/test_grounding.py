"""Values of a verdict against the words of the request."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.language.grounding import ungrounded
from planner.language.intent import Intent

NOW = datetime(2026, 3, 11, 10, 30)


def missing(text: str, trusted: tuple[Intent, ...] = (), **fields: Any) -> tuple[tuple[str, object], ...]:
    return ungrounded([Intent.model_validate({"action": "protect"} | fields)], text, NOW, trusted)


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("save the General  Ledger on vault7", {"targets": ["general ledger"], "destinations": ["vault7"]}),
        ("every weekday at half past six in the morning", {"schedule": {"every": "1w", "days": ["mon", "fri"], "at": ["06:30"]}}),
        ("论坛库每周日凌晨三点备", {"targets": ["论坛库"], "schedule": {"days": ["sun"], "at": ["03:00"]}}),
        ("论坛库留半年", {"targets": ["论坛库"], "retention": {"keep_within": "6mo"}}),
        ("twelve dailies and four weeklies", {"retention": {"keep_daily": 12, "keep_weekly": 4}}),
        ("as it stood yesterday at 3pm", {"point": {"at": "2026-03-10T15:00"}}),
        ("as it stood yesterday at 3pm", {"point": {"before": "2026-03-10T15:00"}}),
        ("at most 20 mbps", {"limits": {"bandwidth": "20Mbit/s"}}),
        ("tell ops@example.com if it fails", {"notify": {"channels": ["ops@example.com"], "on": "failure"}}),
        ("no more than 15 minutes may be lost", {"rpo": "15min"}),
        ("back up everything, encrypted, not between 9 and 17", {"targets": ["all"], "encrypt": True}),
        ("follow 3-2-1", {"policy": "3-2-1"}),
        ("before each deploy", {"schedule": {"trigger": "before each deploy"}}),
    ],
)  # fmt: skip
def test_what_the_request_says_stands(text: str, fields: dict[str, Any]) -> None:
    assert missing(text, **fields) == ()


@pytest.mark.parametrize(
    ("text", "fields", "lacks"),
    [
        ("our feedback form", {"targets": ["db"]}, ("targets", "db")),
        ("save the wiki", {"targets": ["wiki"], "retention": {"forever": True}}, ("retention", True)),
        ("every day at 2", {"schedule": {"every": "1d", "at": ["02:00", "14:30"]}}, ("schedule", "14:30")),
        ("keep 30 days", {"retention": {"keep_within": "30w"}}, ("retention", "30w")),
        ("last friday's", {"point": {"date": "2026-03-05"}}, ("point", "2026-03-05")),
        ("restore wiki", {"to": "/tmp/x"}, ("to", "/tmp/x")),
        ("nightly", {"immutable": "30d"}, ("immutable", "30d")),
    ],
)
def test_what_it_does_not_say_is_named(text: str, fields: dict[str, Any], lacks: tuple[str, object]) -> None:
    assert missing(text, **fields) == (lacks,)


def test_the_reader_is_trusted_with_what_it_found() -> None:
    said = Intent.model_validate({"action": "protect", "retention": {"keep_within": "36mo"}})
    assert missing("three times twelve months", retention={"keep_within": "36mo"}) != ()
    assert missing("three times twelve months", (said,), retention={"keep_within": "36mo"}) == ()


@given(st.text(max_size=200))
def test_no_text_breaks_it(text: str) -> None:
    fields = {
        "targets": ["db"], "schedule": {"date": "2026-02-03"}, "retention": {"keep_last": 3}, "until": "2d", "read": "10%",
        "point": {"latest": True}, "window": {"from": "22:00"}, "type": "full", "limits": {"cpu": "low"},
    }  # fmt: skip
    found = missing(text, **fields)
    assert {slot for slot, _ in found} <= fields.keys()


def test_a_long_request_costs_a_bounded_effort() -> None:
    text = "the shift began at seven and went on until nine " * 80
    assert missing(text, schedule={"at": ["03:33"]}) == (("schedule", "03:33"),)
