"""Answers in a word, put into the request that was asked about."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.language.answering import (
    Declined,
    Further,
    Restated,
    Unclear,
    answered,
    chosen,
    retention_question,
    said_yes,
)
from planner.language.asking import YES_NO, SlotQuestion
from planner.language.bare_values import value_of
from planner.language.intent import Question, Reading
from planner.language.resolve import resolve
from tests.planner.language.readings import office, reading
from tests.planner.language.samples import NOW

NIGHTLY = {"every": "1d", "part": "night"}


def first_question(said: Reading) -> Question:
    return resolve(said, office(), now=NOW).questions[0]


def after(said: Reading, reply: str) -> Reading:
    return answered(said, first_question(said), reply, now=NOW)


@pytest.mark.parametrize("reply", ["1", "orders", "Orders", "yes", "y", "是", "对的", "第一个", "ord", "oders"])
def test_a_name_that_was_not_there(reply: str) -> None:
    said = reading({"action": "backup", "targets": ["oders", "wiki"]})
    assert after(said, reply).intents[0].targets == ("orders", "wiki")


@pytest.mark.parametrize(
    ("reply", "names"),
    [
        ("2", ("crm",)), ("1 3", ("orders", "notes")), ("1,2", ("orders", "crm")), ("1 and 2", ("orders", "crm")),
        ("all", ("orders", "crm", "notes")),
        ("都", ("orders", "crm", "notes")), ("crm", ("crm",)), ("crm and notes", ("crm", "notes")), ("crm、notes", ("crm", "notes")),
        ("wiki", ("wiki",)), ("/srv/photos", ("/srv/photos",)),
    ],
)  # fmt: skip
def test_one_or_several_of_the_choices_or_another_name(reply: str, names: tuple[str, ...]) -> None:
    said = reading({"action": "backup", "targets": ["database"]})
    assert after(said, reply).intents[0].targets == names


def test_no_to_the_only_choice_asks_for_another() -> None:
    said = reading({"action": "backup", "targets": ["oders"]})
    with pytest.raises(Unclear):
        after(said, "no")
    assert after(said, "crm").intents[0].targets == ("crm",)


def test_a_missing_name_goes_to_every_intent_that_lacks_it() -> None:
    asked = Question("What should be protected?", "targets")
    said = reading({"action": "protect", "schedule": NIGHTLY}, {"action": "drill"}, clarify=(asked,))
    found = after(said, "wiki")
    assert [i.targets for i in found.intents] == [("wiki",), ("wiki",)]
    assert found.clarify == ()
    assert not resolve(found, office(), now=NOW).questions


def test_yes_and_no_to_the_whole() -> None:
    asked = Question("I understood: back up wiki. Is that right?", "action", YES_NO)
    said = reading({"action": "backup", "targets": ["wiki"]}, clarify=(asked,))
    assert after(said, "对").clarify == ()
    with pytest.raises(Declined):
        after(said, "no")
    with pytest.raises(Declined):
        after(said, "不是")
    with pytest.raises(Restated, match="back up orders"):
        after(said, "back up orders")
    with pytest.raises(Unclear):
        after(said, "")


@pytest.mark.parametrize(
    ("reply", "every"), [("yes", "5min"), ("1", "5min"), ("every 10 minutes", "10min"), ("每小时", "1h")]
)
def test_a_period_that_is_offered(reply: str, every: str) -> None:
    said = reading({"action": "protect", "targets": ["wiki"], "schedule": {"every": "continuous"}})
    found = after(said, reply)
    assert found.intents[0].schedule is not None
    assert found.intents[0].schedule.every == every


@pytest.mark.parametrize(
    ("before", "reply", "schedule"),
    [
        ({"trigger": "before every deploy"}, "nightly at 2", {"every": "1d", "at": ["02:00"]}),
        ({"every": "1w", "trigger": "x"}, "3am", {"every": "1w", "at": ["03:00"]}),
    ],
)
def test_a_free_answer_goes_through_the_normaliser_of_its_slot(
    before: dict[str, Any], reply: str, schedule: dict[str, Any]
) -> None:
    found = after(reading({"action": "protect", "targets": ["wiki"], "schedule": before}), reply)
    assert found.intents[0].as_contract()["schedule"] == schedule


def test_an_answer_that_can_not_be_read_says_what_would_do() -> None:
    said = reading({"action": "protect", "targets": ["wiki"], "schedule": {"trigger": "x"}}, language="zh")
    with pytest.raises(Unclear, match="例如"):
        after(said, "呵呵")


def test_a_bare_number_of_keeping_is_asked_further() -> None:
    asked = Question("How long should copies be kept?", "retention")
    said = reading({"action": "protect", "targets": ["wiki"]}, clarify=(asked,))
    with pytest.raises(Further) as further:
        after(said, "30")
    question = further.value.question
    for reply, keep in (
        ("1", {"keep_within": "30d"}),
        ("2", {"keep_daily": 30}),
        ("3", {"keep_last": 30}),
        ("60 days", {"keep_within": "60d"}),
    ):
        found = answered(said, question, reply, now=NOW)
        assert found.intents[0].as_contract()["retention"] == keep


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_choices_of_keeping_read_as_what_they_say(language: str) -> None:
    kept = [value_of("retention", choice, NOW).as_contract() for choice in retention_question(30, language).choices]  # type: ignore[union-attr]
    assert kept == [{"keep_within": "30d"}, {"keep_daily": 30}, {"keep_last": 30}]


def test_overwriting_is_given_up_by_yes() -> None:
    said = reading({"action": "restore", "targets": ["wiki"], "in_place": True, "exclude": ["*.tmp"]})
    assert after(said, "yes").intents[0].in_place is False
    with pytest.raises(Declined):
        after(said, "no")


def test_a_place_that_was_not_there() -> None:
    said = reading({"action": "backup", "targets": ["wiki"], "destinations": ["nowhere"]})
    assert after(said, "2").intents[0].destinations == ("cloud",)


def test_a_sentence_in_the_place_of_a_name_is_a_request() -> None:
    asked = Question("Which snapshots may be deleted?", "targets")
    said = reading({"action": "forget", "targets": ["all"]}, clarify=(asked,))
    with pytest.raises(Restated):
        answered(said, asked, "those of the wiki that are older than a year", now=NOW)


@pytest.mark.parametrize(
    ("reply", "truth"), [("Yes.", True), ("好的", True), ("NO", False), ("不", False), ("maybe", None), ("", None)]
)
def test_yes_and_no(reply: str, truth: bool | None) -> None:
    assert said_yes(reply) is truth


def test_numbers_beyond_the_choices_are_no_choice() -> None:
    assert chosen(("a1", "b1"), "3") is None
    assert chosen(("a1", "b1"), "0") is None
    assert chosen(("a1", "b1"), "1 2") is None
    assert chosen(("a1", "b1"), "1 2", several=True) == ("a1", "b1")


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.text(max_size=40), st.sampled_from(["1", "2", "both", "是", "no", "30", "nightly", "/srv/x"])))
def test_whatever_is_answered_is_put_in_or_refused_by_name(reply: str) -> None:
    asked = [
        Question("Right?", "action", YES_NO), Question("What?", "targets"), Question("How long?", "retention"),
        Question("When?", "schedule"), Question("Which?", "destinations", ("local", "cloud")),
        SlotQuestion("Beside it?", "in_place", YES_NO),
    ]  # fmt: skip
    for question in asked:
        said = reading({"action": "protect"}, clarify=(question,))
        with contextlib.suppress(Declined, Further, Restated, Unclear):
            assert question not in answered(said, question, reply, now=NOW).clarify
