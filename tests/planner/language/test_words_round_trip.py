"""Every value in words is read as the same value, in both languages."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.language import explain, sentences
from planner.language.bare_values import value_of
from planner.language.intent import Intent
from tests.planner.language import generated_values as generated
from tests.planner.language.samples import NOW

settings.register_profile("words", max_examples=50, deadline=None)
QUICK = settings.get_profile("words")
LANGUAGES = st.sampled_from(["en", "zh"])


def again(slot: str, value: Any, language: explain.Language, action: str = "protect") -> tuple[str, Any]:
    """(words, value read from them)."""
    intent = Intent.model_validate({"action": action, slot: value})
    words = sentences.slot(slot, intent, language)
    return words, value_of(slot, words, NOW, intent.action)


@QUICK
@given(generated.schedules(), LANGUAGES)
def test_schedules(value: Any, language: explain.Language) -> None:
    words, found = again("schedule", value, language)
    assert found == value, words


@QUICK
@given(generated.retentions(), LANGUAGES)
def test_retentions(value: Any, language: explain.Language) -> None:
    words, found = again("retention", value, language)
    assert found == value, words


@QUICK
@given(generated.windows(), LANGUAGES)
def test_windows(value: Any, language: explain.Language) -> None:
    words, found = again("window", value, language)
    assert found == value, words


@QUICK
@given(generated.points(), LANGUAGES)
def test_points(value: Any, language: explain.Language) -> None:
    words, found = again("point", value, language, "restore")
    assert found == value, words


@QUICK
@given(generated.durations("d w mo y"), LANGUAGES)
def test_what_a_cleanup_takes(value: str, language: explain.Language) -> None:
    words, found = again("point", {"older_than": value}, language, "forget")
    assert found.older_than == value, words


@QUICK
@given(generated.limits(), LANGUAGES)
def test_limits(value: Any, language: explain.Language) -> None:
    words, found = again("limits", value, language)
    assert found == value, words


@QUICK
@given(generated.notices(), LANGUAGES)
def test_notices(value: Any, language: explain.Language) -> None:
    words, found = again("notify", value, language)
    assert found == value, words


@QUICK
@given(generated.durations("min h d w mo y"), st.sampled_from(["rpo", "rto", "immutable"]), LANGUAGES)
def test_lengths(value: str, slot: str, language: explain.Language) -> None:
    words, found = again(slot, value, language)
    assert found == value, words


@QUICK
@given(generated.durations("h d w"), LANGUAGES)
def test_ends_of_a_pause(value: str, language: explain.Language) -> None:
    words, found = again("until", value, language, "pause")
    assert found == value, words


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("slot", "value"),
    [
        ("read", "all"), ("read", "10%"), ("type", "full"), ("type", "incremental"), ("type", "differential"), ("policy", "3-2-1"),
        ("policy", "gfs"), ("policy", "gold"), ("until", "2026-03-13"), ("until", "2026-03-13T18:00"),
    ],
)  # fmt: skip
def test_small_values(slot: str, value: str, language: explain.Language) -> None:
    words, found = again(
        slot, value, language, "verify" if slot == "read" else "pause" if slot == "until" else "protect"
    )
    assert found == value, words
