"""The figures are those of the intent contract's scorer: `scored.json` holds readings and what that scorer says of them."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.language.intent import SLOTS, Intent
from planner.language.training import corpus, normal
from planner.language.training.gold import ACTIONS, Gold, row, rows, shipped_checks
from planner.language.training.scores import NONE, Outcome, figures, outcome, score
from policies.errors import UsageError

SCORED: dict[str, Any] = json.loads(Path(__file__).with_name("scored.json").read_text("utf-8"))
NOW = datetime(2026, 3, 11, 10, 30)
SURE = {"confidence": 0.9, "clarify": []}


def outcomes() -> list[Outcome]:
    answers = {answer["id"]: answer for answer in SCORED["answers"]}
    return [outcome(row(one, "scored.json"), answers.get(one["id"])) for one in SCORED["gold"]]


def asked_for(*intents: dict[str, Any], ambiguous: bool = False) -> Gold:
    return Gold("x", "en", "a request", NOW, (intents,), ambiguous)


def test_figures_are_those_of_the_contracts_scorer() -> None:
    found = score(outcomes())
    for group, expected in SCORED["figures"].items():
        ours = asdict(found.all if group == "all" else found.by_language[group])
        assert {key: ours[key] for key in expected} == expected, group


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"rpo": "24h"}, {"rpo": "1d"}),
        ({"rpo": "1y"}, {"rpo": "12 mo"}),
        ({"targets": ["“the CRM”", "/srv/"]}, {"targets": ["/srv", "crm"]}),
        ({"targets": ["all VMs"]}, {"targets": ["vms"]}),
        ({"targets": ["all"]}, {"targets": ["All"]}),
        (
            {"limits": {"bandwidth": "20 Mbps", "storage": "5 GiB"}},
            {"limits": {"bandwidth": "20Mbit/s", "storage": "5GB"}},
        ),
        ({"limits": {"bandwidth": "20MBps"}}, {"limits": {"bandwidth": "20MB/s"}}),
        ({"retention": {"keep_last": 7.0}, "dry_run": False, "items": []}, {"retention": {"keep_last": 7}}),
        ({"schedule": {"trigger": "prior to the upgrade"}}, {"schedule": {"trigger": "before we upgrade"}}),
        ({"schedule": {"at": ["20:00", "08:00"]}}, {"schedule": {"at": ["08:00", "20:00"]}}),
        ({"confidence": 1, "spans": [1]}, {}),
    ],
)
def test_what_means_the_same_is_the_same(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert normal.intent({"action": "protect", **one}) == normal.intent({"action": "protect", **other})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"rpo": "30d"}, {"rpo": "1mo"}),
        ({"targets": ["crm"]}, {"targets": ["crm db"]}),
        ({"schedule": {"trigger": "before it"}}, {"schedule": {"trigger": "after it"}}),
        ({"dry_run": True}, {}),
    ],
)
def test_what_differs_differs(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert normal.intent({"action": "protect", **one}) != normal.intent({"action": "protect", **other})


def test_explanations_have_no_slots() -> None:
    assert normal.intent({"action": "explain", "targets": ["x"]}) == {"action": "explain"}


def test_a_silent_misreading_is_destructive_where_something_goes_that_was_not_to_go() -> None:
    read_as_forget = {"intents": [{"action": "forget", "targets": ["a"]}], **SURE}
    assert outcome(asked_for({"action": "status"}), read_as_forget).destructive
    in_place = {"intents": [{"action": "restore", "targets": ["a"], "in_place": True}], **SURE}
    assert outcome(asked_for({"action": "restore", "targets": ["a"]}), in_place).destructive
    # it was asked for; what is wrong is something else
    both = [*read_as_forget["intents"], {"action": "backup"}]
    assert not outcome(asked_for({"action": "forget", "targets": ["a"]}), {"intents": both, **SURE}).destructive
    # on an ambiguous one nothing may be taken away, whatever the reading says
    assert outcome(asked_for({"action": "forget", "targets": ["a"]}, ambiguous=True), read_as_forget).destructive
    asked = {**read_as_forget, "clarify": ["really?"]}
    assert not outcome(asked_for({"action": "status"}), asked).destructive


def test_confusion_puts_the_same_actions_beside_each_other() -> None:
    gold = asked_for({"action": "backup"}, {"action": "drill"}, {"action": "verify"})
    answer = {"intents": [{"action": "backup"}, {"action": "verify"}], **SURE}
    found = score([outcome(gold, answer)])
    pairs = {("backup", "backup"): 1, ("drill", NONE): 1, ("verify", "verify"): 1}
    assert found.confusion == pairs
    assert {(one["wanted"], one["given"]) for one in found.as_dict()["confusion"]} == set(pairs)


def test_no_answer_is_a_wrong_answer_that_nobody_is_sure_of() -> None:
    found = figures([outcome(asked_for({"action": "status"}), None)])
    assert (found.exact, found.silent, found.ece) == (0.0, 0.0, 0.0)


intents = st.lists(
    st.fixed_dictionaries(
        {"action": st.sampled_from(sorted(ACTIONS))},
        optional={
            "targets": st.lists(st.sampled_from(["a", "B", "the c"]), max_size=2),
            "rpo": st.sampled_from(["1d", "24h"]),
        },
    ),
    min_size=1,
    max_size=3,
)


@given(intents, intents, st.floats(0, 1), st.booleans())
def test_figures_are_shares_and_a_right_reading_is_whole(
    gold: list[dict[str, Any]], said: list[dict[str, Any]], confidence: float, asks: bool
) -> None:
    answer = {"intents": said, "confidence": confidence, "clarify": ["?"] * asks}
    found = score([outcome(asked_for(*gold), answer)])
    values = [v for v in asdict(found.all).values() if isinstance(v, float)]
    assert all(0 <= value <= 1 for value in values)
    assert sum(bin_.requests for bin_ in found.reliability) == 1
    whole = score([outcome(asked_for(*gold), {"intents": gold, **SURE})]).all
    assert (whole.exact, whole.slot_f1, whole.silent, whole.served) == (1.0, 1.0, 0.0, 1.0)


# --- gold files -----------------------------------------------------------------------------------------------------------


def test_shipped_checks_are_many_and_cover_the_contract() -> None:
    checks = shipped_checks()
    assert len(checks) >= 120
    assert {check.language for check in checks} == {"en", "zh"}
    assert 0.05 <= sum(check.ambiguous for check in checks) / len(checks) <= 0.15
    read = [Intent.model_validate(intent) for check in checks for reading in check.readings for intent in reading]
    assert {intent.action for intent in read} == ACTIONS
    assert {slot for slot in SLOTS for intent in read if slot in intent.as_contract()} == set(SLOTS)
    assert not [text for text, count in Counter(check.text.casefold() for check in checks).items() if count > 1]


def test_no_check_is_a_line_of_the_corpus() -> None:
    """What is fitted on is no check. Compared without marks, case and punctuation."""

    def bare(text: str) -> str:
        return re.sub(r"\W+", " ", text.casefold()).strip()

    learnt = {bare(corpus.parse(line["marked"])[0]) for lines in corpus.rows().values() for line in lines}
    assert len(learnt) > 1000
    assert not [check.id for check in shipped_checks() if bare(check.text) in learnt]


def test_lines_of_a_corpus_are_read_without_their_marks() -> None:
    line = '{"id": "a", "now": "2026-03-11T10:30", "marked": "⟦back up|action⟧ ⟦db|1,2.targets⟧", "gold": [{"action": "backup"}]}'
    assert rows([line, ""], "x")[0].text == "back up db"


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("{bad", "is no JSON"),
        ("[1]", "no JSON object"),
        ('{"now": "2026-03-11"}', "text"),
        ('{"text": "x", "now": "soon"}', "'soon'"),
        ('{"text": "x", "now": "2026-03-11", "gold": []}', "gold"),
        ('{"text": "x", "now": "2026-03-11", "gold": [{"action": "launch"}]}', "'launch'"),
        ('{"text": "x", "now": "2026-03-11", "gold": [{"action": "backup"}], "tags": "a"}', "tags"),
        ("[" * 100_000, "is no JSON"),
    ],
)
def test_a_wrong_line_is_named(line: str, named: str) -> None:
    with pytest.raises(UsageError) as told:
        rows(["", line], "gold.jsonl")
    assert "gold.jsonl:2" in str(told.value)
    assert named in str(told.value)


def test_an_id_may_stand_once() -> None:
    line = '{"id": "a", "text": "x", "now": "2026-03-11", "gold": [{"action": "backup"}]}'
    with pytest.raises(UsageError, match="'a' stands there twice"):
        rows([line, line], "gold.jsonl")
