"""Words that stand for several names, slips of the finger, and what is left out."""

from __future__ import annotations

from typing import Any

import pytest

from planner.language import lookup
from planner.language.answering import answered
from planner.language.asking import SlotQuestion
from planner.language.resolve import Resolution, resolve
from tests.planner.language.readings import office, reading
from tests.planner.language.samples import NOW

EVERY = ("orders", "crm", "wiki", "web01", "web02", "notes")


def resolved(*intents: dict[str, Any]) -> Resolution:
    return resolve(reading(*intents), office(), now=NOW)


def names(word: str, **more: Any) -> tuple[str, ...]:
    found = resolved({"action": "backup", "targets": [word], **more})
    assert not found.questions, found.questions
    (ask,) = found.asks
    return tuple(ask.datasets)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("all", EVERY), ("everything", EVERY), ("全部", EVERY), ("所有数据", EVERY),
        ("databases", ("orders", "crm", "notes")), ("the databases", ("orders", "crm", "notes")), ("all dbs", ("orders", "crm", "notes")),
        ("postgres databases", ("orders", "crm")), ("all postgres servers", ("orders", "crm")), ("所有数据库", ("orders", "crm", "notes")),
        ("sqlite", ("notes",)), ("all files", ("wiki", "web01", "web02")), ("所有文件", ("wiki", "web01", "web02")),
        ("vms", ("web01", "web02")), ("all VMs", ("web01", "web02")), ("所有虚拟机", ("web01", "web02")),
        ("everything except the wiki", ("orders", "crm", "web01", "web02", "notes")),
        ("all databases but crm", ("orders", "notes")), ("除了维基以外的所有数据", ("orders", "crm", "web01", "web02", "notes")),
        ("everything apart from orders and crm", ("wiki", "web01", "web02", "notes")),
        ("订单库", ("orders",)), ("the wiki server", ("wiki",)), ("Orders database", ("orders",)), ("“wiki”", ("wiki",)),
    ],
)  # fmt: skip
def test_what_a_word_stands_for(word: str, meant: tuple[str, ...]) -> None:
    assert names(word) == meant


@pytest.mark.parametrize("word", ["the rest", "everything else", "其余", "其他", "others", "rest"])
def test_the_rest_is_what_no_other_intent_names(word: str) -> None:
    first = {"action": "protect", "targets": ["orders", "crm"], "schedule": {"every": "1h"}}
    found = resolved(first, {"action": "protect", "targets": [word], "schedule": {"every": "1d"}})
    assert not found.questions
    assert [w.datasets for w in found.wishes] == [("orders", "crm"), ("wiki", "web01", "web02", "notes")]


def test_the_rest_of_a_kind() -> None:
    found = resolved(
        {"action": "protect", "targets": ["orders"]}, {"action": "protect", "targets": ["the other databases"]}
    )
    assert found.wishes[1].datasets == ("crm", "notes")


def test_both_are_the_two_that_were_named() -> None:
    found = resolved({"action": "backup", "targets": ["orders", "wiki"]}, {"action": "drill", "targets": ["both"]})
    assert found.asks[1].datasets == ("orders", "wiki")  # type: ignore[union-attr]


def test_both_of_more_than_two_is_asked() -> None:
    (question,) = resolved({"action": "backup", "targets": ["both databases"]}).questions
    assert question.choices == ("orders", "crm", "notes")


def test_datasets_are_left_out_of_several() -> None:
    assert names("all", exclude=["wiki", "the databases"]) == ("web01", "web02")


def test_what_is_left_out_of_several_has_its_effect() -> None:
    assert resolved({"action": "backup", "targets": ["all"], "exclude": ["wiki"]}).unheeded == ()
    assert resolved({"action": "backup", "targets": ["wiki"], "exclude": ["*.tmp"]}).unheeded == (("exclude", ""),)


def test_patterns_are_left_out_of_files() -> None:
    found = resolved({"action": "protect", "targets": ["wiki"], "exclude": ["*.tmp", "cache"]})
    assert (found.exclude, found.questions) == ((("wiki", ("*.tmp", "cache")),), ())


def test_patterns_of_a_new_folder_go_with_it() -> None:
    found = resolved({"action": "protect", "targets": ["/srv/photos"], "exclude": ["*.raw"]})
    assert found.proposals[0].fields == {"kind": "files", "paths": ["/srv/photos"], "exclude": ["*.raw"]}
    assert (found.exclude, found.questions) == ((), ())


@pytest.mark.parametrize("targets", [["orders"], ["wiki", "web01"], ["orders", "wiki"]])
def test_patterns_of_what_are_asked(targets: list[str]) -> None:
    (question,) = resolved({"action": "protect", "targets": targets, "exclude": ["*.tmp"]}).questions
    assert question.about == "exclude"


def test_a_slip_is_asked_where_something_is_done_and_taken_where_not() -> None:
    (question,) = resolved({"action": "restore", "targets": ["oders"]}).questions
    assert isinstance(question, SlotQuestion)
    assert (question.choices, question.word, question.intent) == (("orders",), "oders", 0)
    found = resolved({"action": "status", "targets": ["oders"], "topic": "size"})
    assert (found.questions, found.asks[0].datasets) == ((), ("orders",))  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("said", "meant"),
    [("wkii", "wiki"), ("wik", None), ("wikki", "wiki"), ("noted", "notes"), ("web03", None), ("x", None)],
)
def test_one_slip(said: str, meant: str | None) -> None:
    assert lookup.typo(said, lookup.datasets(office())) == meant


def test_several_names_for_one_kind_are_a_choice() -> None:
    (question,) = resolved({"action": "backup", "targets": ["database"]}).questions
    assert question.choices == ("orders", "crm", "notes")


def test_a_question_for_a_missing_name_offers_what_there_is() -> None:
    from planner.language.intent import Question

    bare = reading({"action": "backup"}, clarify=(Question("What should be backed up?", "targets"),))
    (question,) = resolve(bare, office(), now=NOW).questions
    assert question.choices == EVERY


def test_what_comes_to_nothing_is_told() -> None:
    said = reading(
        {"action": "protect", "targets": ["wiki"], "immutable": "30d"}, text="wiki, locked for 30 days", immutable="locked for 30 days"
    )  # fmt: skip
    assert resolve(said, office(), now=NOW).unheeded == (("immutable", "locked for 30 days"),)


@pytest.mark.parametrize(
    ("intent", "about"),
    [
        ({"action": "restore", "targets": ["wiki"], "point": {"at": "2026-03-11T18:00"}}, "point"),
        ({"action": "restore", "targets": ["wiki"], "point": {"date": "2026-03-12"}}, "point"),
        ({"action": "backup", "targets": ["wiki"], "schedule": {"date": "2026-03-10T18:00"}}, "schedule"),
        ({"action": "restore", "targets": ["wiki"], "in_place": True, "exclude": ["*.tmp"]}, "in_place"),
    ],
)
def test_what_can_not_be_is_asked(intent: dict[str, Any], about: str) -> None:
    assert [q.about for q in resolved(intent).questions] == [about]


def test_todays_backup_is_not_still_to_come() -> None:
    assert not resolved({"action": "restore", "targets": ["wiki"], "point": {"date": "2026-03-11"}}).questions


def test_a_moment_elsewhere_is_told_in_the_sites_time() -> None:
    when = {"date": "2026-03-12T18:00", "timezone": "UTC"}
    (ask,) = resolved({"action": "backup", "targets": ["wiki"], "schedule": when}).asks
    assert ask.when is not None  # type: ignore[union-attr]
    assert ask.when.isoformat() == "2026-03-12T19:00:00"  # type: ignore[union-attr]


@pytest.mark.parametrize("word", ["email", "ops", "邮件", "OPS@example.org", "#ops"])
def test_a_channel_is_found_by_name_address_and_kind(word: str) -> None:
    found = resolved({"action": "protect", "targets": ["wiki"], "notify": {"channels": [word], "on": "failure"}})
    assert (found.wishes[0].channels, found.questions) == (("ops",), ())


def test_a_channel_that_is_not_there_is_asked() -> None:
    said = reading({"action": "protect", "targets": ["wiki"], "notify": {"channels": ["slack"]}})
    (question,) = resolve(said, office(), now=NOW).questions
    assert (question.about, question.choices) == ("notify", ("ops",))
    after = answered(said, question, "1", now=NOW)
    assert resolve(after, office(), now=NOW).wishes[0].channels == ("ops",)
