"""What requests are read as, and that every value stands on words of the request."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from planner.language.intent import SLOTS, Intent, Reading
from planner.language.normalise.text import fold
from planner.language.reader import LONGEST, read, read_all
from tests.planner.language.samples import ALL, NOW, PLAIN

WORDS = [
    "back up",
    "restore",
    "delete",
    "drill",
    "verify",
    "db",
    "/etc",
    "the wiki",
    "nightly",
    "at 2am",
    "keep 30 days",
    "to s3",
    "and",
    "then",
    ",",
    "every",
    "7 daily",
    "yesterday",
    "before",
    "14:30",
    "everything",
    "why",
    "?",
    "备份",
    "恢复",
    "订单库",
    "每晚",
    "保留",
    "30天",
    "到",
    "删除",
    "全部",
    "昨天",
    "if it fails",
    "email me",
    "max 20 Mbit/s",
    "except",
    "*.tmp",
    "in place",
    "2026-02-30",
    "99:99",
    "-1",
    "0 days",
    "of",
    "from",
    "until friday",
]


def told(text: str) -> list[dict[str, Any]]:
    return read(text, now=NOW).as_contract()["intents"]


@pytest.mark.parametrize("text", PLAIN)
def test_plain_requests_are_read_surely_and_without_a_question(text: str) -> None:
    reading = read(text, now=NOW)
    assert reading.clarify == ()
    assert reading.confidence >= 0.8


@pytest.mark.parametrize("text", ALL)
def test_requests_are_read_as_they_are_meant(text: str) -> None:
    assert told(text) == ALL[text]


def check(reading: Reading, text: str) -> None:
    """What holds of every reading."""
    assert reading.intents
    assert 0.0 <= reading.confidence <= 1.0
    for span in reading.spans:
        assert span.text == text[span.start : span.end]
        assert span.text.strip()
        assert all(0 <= number < len(reading.intents) for number in span.intent)
    for number, intent in enumerate(reading.intents):
        labels = {span.label for span in reading.spans if number in span.intent}
        filled = {name for name in SLOTS if getattr(intent, name) not in (None, (), False)}
        assert filled - {"topic"} <= labels, "a value that no words carry"
        assert Intent.model_validate(intent.as_contract()) == intent
    written = reading.as_contract()
    assert set(written) == {"intents", "confidence", "clarify"}
    assert all(None not in intent.values() and [] not in intent.values() for intent in written["intents"])


@pytest.mark.parametrize("text", ALL)
def test_every_value_stands_on_words_of_the_request(text: str) -> None:
    check(read(text, now=NOW), text)


@settings(max_examples=120, deadline=None)
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join))
def test_any_words_of_the_trade_give_a_grounded_reading(text: str) -> None:
    check(read(text, now=NOW), text)


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=80))
@example("")
@example("\0")
@example("İ back up db")
@example("⟦db|targets⟧")
@example("9" * 400)
@example("back up " + "/x" * 500)
def test_any_text_gives_a_grounded_reading(text: str) -> None:
    check(read(text, now=NOW), text)


@pytest.mark.parametrize("text", ALL)
def test_names_are_copied_never_invented(text: str) -> None:
    for intent in read(text, now=NOW).intents:
        for name in (*intent.targets, *intent.items, *intent.destinations, intent.source or "", intent.to or ""):
            assert name == "all" or name in fold(text)


def test_a_name_from_the_catalog_is_no_word_that_nobody_understood() -> None:
    text = "back up db nightly (zq-7 said so)"
    assert "zq-7" in read(text, now=NOW).leftover
    assert "zq-7" not in read(text, now=NOW, names=["zq-7"]).leftover


def test_too_long_a_request_is_not_guessed_at() -> None:
    reading = read("back up db " * 1000, now=NOW)
    assert reading.confidence == 0.0
    assert str(LONGEST) in reading.clarify[0].text


def test_too_many_pieces_are_not_guessed_at() -> None:
    reading = read("x y " * 400, now=NOW)
    assert reading.confidence == 0.0
    assert reading.clarify


def test_many_are_read_as_each_alone() -> None:
    texts = list(ALL)
    together = list(read_all([(text, NOW) for text in texts]))
    assert [r.intents for r in together] == [read(text, now=NOW).intents for text in texts]


def test_words_that_were_not_used_are_shown() -> None:
    assert "frobnicate" in read("back up db nightly (frobnicate permitting)", now=NOW).leftover


def test_the_moment_counts() -> None:
    said = "restore db from yesterday"
    assert read(said, now=NOW.replace(day=2)).intents != read(said, now=NOW).intents
