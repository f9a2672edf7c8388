"""Requests that lean on the one before."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.language.dialogue import Followed, Turn, follow
from planner.language.intent import Intent, Question, RetentionSaid, ScheduleSaid
from planner.language.merging import merged, said_slots, with_time
from tests.planner.language import generated_values as generated
from tests.planner.language.readings import reading
from tests.planner.language.samples import NOW

DATASETS = {"db", "wiki", "home", "orders", "crm", "订单库", "维基"}
REPOSITORIES = {"nas", "s3"}
NIGHTLY = {"every": "1d", "part": "night"}
DB = {"action": "protect", "targets": ["db"], "schedule": NIGHTLY, "retention": {"keep_within": "30d"}}
NOTHING = {"action": "unsupported"}


def known(word: str) -> Literal["dataset", "repository"] | None:
    return "dataset" if word.casefold() in DATASETS else "repository" if word.casefold() in REPOSITORIES else None


def said(text: str, *before: dict[str, Any], read: list[dict[str, Any]] | None = None, which: str = "") -> Followed:
    """What a follow-up makes of the earlier request, where the reader made `read` of it (nothing, unless told)."""
    turns = [Turn(tuple(Intent.model_validate(i) for i in before), "earlier")] if before else []
    return follow(turns, reading(*(read or [NOTHING]), text=text), now=NOW, known=known, which=which)


def contract(followed: Followed) -> list[dict[str, Any]]:
    assert followed.question is None, followed.question
    return [intent.as_contract() for intent in followed.reading.intents]


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("make that hourly", {"schedule": {"every": "1h"}}),
        ("那改成每小时", {"schedule": {"every": "1h"}}),
        ("every 6 hours instead", {"schedule": {"every": "6h"}}),
        ("actually at 3", {"schedule": {"every": "1d", "at": ["03:00"]}}),
        ("改到凌晨三点", {"schedule": {"every": "1d", "at": ["03:00"]}}),
        ("change it to 3am", {"schedule": {"every": "1d", "at": ["03:00"]}}),
        ("keep it 60 days instead", {"retention": {"keep_within": "60d"}}),
        ("and keep it for 90 days", {"retention": {"keep_within": "90d"}}),
        ("保留60天吧", {"retention": {"keep_within": "60d"}}),
        ("same for the wiki", {"targets": ["wiki"]}),
        ("and the wiki?", {"targets": ["wiki"]}),
        ("the wiki too", {"targets": ["wiki"]}),
        ("wiki 也一样", {"targets": ["wiki"]}),
        ("维基呢?", {"targets": ["维基"]}),
        ("same for orders and crm please", {"targets": ["orders", "crm"]}),
        ("same for /srv/Photos", {"targets": ["/srv/Photos"]}),
        ("no, I meant orders", {"targets": ["orders"]}),
        ("不对,我说的是订单库", {"targets": ["订单库"]}),
        ("not db, I meant orders", {"targets": ["orders"]}),
        ("no, weekly", {"schedule": {"every": "1w", "part": "night"}}),
        ("no, I meant to s3", {"destinations": ["s3"]}),
        ("put it to the nas instead", {"destinations": ["nas"]}),
    ],
)
def test_what_a_follow_up_changes(text: str, changed: dict[str, Any]) -> None:
    """Without any help of the reader, which made nothing of it."""
    assert contract(said(text, DB)) == [{**DB, **changed}]


def test_what_the_reader_made_of_it_goes_first() -> None:
    own = [{"action": "protect", "schedule": {"every": "4h"}}]
    assert contract(said("make that hourly", DB, read=own)) == [{**DB, "schedule": {"every": "4h"}}]


def test_values_beside_the_name_change_too() -> None:
    own = [{"action": "protect", "targets": ["wiki"], "schedule": {"every": "1w"}}]
    assert contract(said("same for the wiki but weekly", DB, read=own)) == [
        {**DB, "targets": ["wiki"], "schedule": {"every": "1w", "part": "night"}}
    ]


def test_it_is_the_earlier_data() -> None:
    own = [{"action": "drill", "schedule": {"every": "1mo"}}]
    assert contract(said("drill it monthly", DB, read=own)) == [{**own[0], "targets": ["db"]}]
    own = [{"action": "restore", "to": "/tmp/x"}]
    assert contract(said("restore it to /tmp/x", DB, read=own)) == [{**own[0], "targets": ["db"]}]


def test_a_change_of_it_is_merged_with_what_was_asked() -> None:
    own = [{"action": "protect", "retention": {"keep_within": "60d"}}]
    assert contract(said("it should be kept 60 days", DB, read=own)) == [{**DB, "retention": {"keep_within": "60d"}}]


def test_a_single_run_becomes_a_policy() -> None:
    found = contract(said("make that nightly", {"action": "backup", "targets": ["db"]}))
    assert found == [{"action": "protect", "targets": ["db"], "schedule": NIGHTLY}]


OF_THEIR_OWN = (
    "back up wiki nightly", "restore orders to /tmp/x", "also back up the wiki", "status of db", "no", "备份维基", "把订单库改成每小时",
    "and why did it fail?",
)  # fmt: skip


@pytest.mark.parametrize("text", OF_THEIR_OWN)
def test_what_stands_by_itself_is_left(text: str) -> None:
    own = [{"action": "backup", "targets": ["wiki"]}]
    assert said(text, DB, read=own).reading.intents == reading(*own).intents


@pytest.mark.parametrize("text", ["make that hourly", "same for the wiki", "no, I meant orders"])
def test_without_an_earlier_request_nothing_is_merged(text: str) -> None:
    found = said(text)
    assert (found.lean, found.reading) == (None, reading(NOTHING, text=text))


TWO = ({**DB, "targets": ["orders"]}, {**DB, "targets": ["wiki"]})


@pytest.mark.parametrize("text", ["make that weekly", "actually at 3", "same for the crm", "改成每周"])
def test_which_of_several_is_asked(text: str) -> None:
    found = said(text, *TWO)
    assert found.question is not None
    assert found.question.choices == ("orders", "wiki")


def test_the_answer_tells_which() -> None:
    first, second = contract(said("make that weekly", *TWO, which="wiki"))
    assert (first, second["schedule"]) == (TWO[0], {"every": "1w", "part": "night"})
    assert [i["schedule"] for i in contract(said("make that weekly", *TWO, which="both"))] == [
        {"every": "1w", "part": "night"}
    ] * 2


def test_them_are_all() -> None:
    assert [i["schedule"] for i in contract(said("make them weekly", *TWO))] == [{"every": "1w", "part": "night"}] * 2
    assert [i["schedule"] for i in contract(said("都改成每周", *TWO))] == [{"every": "1w", "part": "night"}] * 2


def test_a_correction_of_one_of_several() -> None:
    both = {**DB, "targets": ["orders", "wiki"]}
    assert contract(said("not wiki but home", both)) == [{**DB, "targets": ["orders", "home"]}]
    found = said("no, I meant home", both)
    assert found.question is not None
    assert found.question.choices == ("orders", "wiki")
    assert contract(said("no, I meant home", both, which="2")) == [{**DB, "targets": ["orders", "home"]}]


@pytest.mark.parametrize("earlier", [{"action": "forget", "targets": ["db"], "point": {"older_than": "1y"}},
                                     {"action": "unprotect", "targets": ["db"]},
                                     {"action": "restore", "targets": ["db"], "in_place": True}])  # fmt: skip
def test_what_takes_away_is_asked_about(earlier: dict[str, Any]) -> None:
    found = said("same for the wiki", earlier)
    assert contract(found) == [{**earlier, "targets": ["wiki"]}]
    (question,) = found.reading.clarify
    assert question.choices == ("yes", "no")
    assert "wiki" in question.text


def test_what_was_taken_over_is_known() -> None:
    found = said("make that hourly", DB)
    assert set(found.taken) == {(0, "action"), (0, "targets"), (0, "retention")}
    assert set(said("and the wiki?", DB).taken) == {(0, "action"), (0, "schedule"), (0, "retention")}


def test_questions_that_the_merge_answers_are_gone() -> None:
    doubts = (Question("What should be protected?", "targets"), Question("Is that right?", "action", ("yes", "no")))
    own = reading({"action": "protect", "schedule": {"every": "1h"}}, text="make that hourly", clarify=doubts)
    found = follow([Turn((Intent.model_validate(DB),))], own, now=NOW, known=known)
    assert found.reading.clarify == ()


def test_unused_words_are_asked_about() -> None:
    from dataclasses import replace

    own = reading({"action": "protect", "schedule": {"every": "1h"}}, text="make that hourly except sundays")
    own = replace(own, leftover=("except", "sundays"))
    found = follow([Turn((Intent.model_validate(DB),))], own, now=NOW, known=known)
    assert "except" in found.reading.clarify[0].text


intents = st.builds(
    lambda t, s, r, d: Intent(action="protect", targets=t, schedule=s, retention=r, destinations=d),
    st.sampled_from([("db",), ("db", "wiki"), ("home",)]), generated.schedules(), generated.retentions(),
    st.sampled_from([(), ("nas",)]),
)  # fmt: skip
QUICK = settings(max_examples=60, deadline=None)


@QUICK
@given(intents, st.sampled_from(["same for orders", "and orders?", "orders 也一样"]))
def test_the_same_keeps_everything_but_the_names(before: Intent, text: str) -> None:
    found = follow([Turn((before,))], reading(NOTHING, text=text), now=NOW, known=known)
    assert found.reading.intents == (before.model_copy(update={"targets": ("orders",)}),)


@QUICK
@given(intents, generated.retentions())
def test_a_change_touches_its_slot_only(before: Intent, keep: RetentionSaid) -> None:
    own = reading({"action": "protect", "retention": keep.as_contract()}, text="change that to something else")
    (after,) = follow([Turn((before,))], own, now=NOW, known=known).reading.intents
    assert after == before.model_copy(update={"retention": keep})


@QUICK
@given(generated.schedules(), generated.schedules())
def test_a_schedule_said_twice_is_the_same_as_once(before: ScheduleSaid, new: ScheduleSaid) -> None:
    once = with_time(before, new)
    assert with_time(once, new) == once
    assert (once.every, bool(new.at) <= (once.at == new.at)) == (new.every, True)


@QUICK
@given(intents, intents)
def test_all_said_anew_is_all_new(before: Intent, new: Intent) -> None:
    slots = tuple(s for s in said_slots(new) if s != "schedule")
    after = merged(before, new, slots)
    assert all(getattr(after, s) == getattr(new, s) for s in slots)


CUES = (
    "no i meant actually make that it them same for the and wiki orders to s3 nas keep 60 days hourly at 3 "
    "改成 每小时 也一样 呢 不对 我说的是 , ? 。"
)
WORDS = st.lists(st.sampled_from(CUES.split()), max_size=9).map(" ".join)


@QUICK
@given(st.one_of(st.text(max_size=60), WORDS), st.one_of(st.just(""), st.text(max_size=10)))
def test_whatever_is_typed_is_merged_or_left(text: str, which: str) -> None:
    """No text ends in an error, and no merge makes something that takes data away of something that does not."""
    found = said(text, *TWO, which=which)
    assert all(i.action in {"protect", "unsupported"} for i in found.reading.intents)
    assert found.lean is None or found.question or found.taken


@QUICK
@given(st.text(max_size=200))
def test_follow_ups_are_recognised_in_time(text: str) -> None:
    from planner.language.followups import follow_up

    follow_up(text * 5, named=False)
