"""Names against the catalog, several wishes, and every problem at once."""

from __future__ import annotations

from typing import Any

import pytest

from planner.language import asks
from planner.language.intent import Intent, Reading
from planner.language.resolve import Resolution, resolve
from policies.capture import Candidate
from policies.duration import Duration
from tests.planner.language.samples import NOW
from tests.planner.world import catalog


def resolved(*intents: dict[str, Any], **more: Any) -> Resolution:
    reading = Reading(tuple(Intent.model_validate(i) for i in intents), 0.9, text="as typed")
    return resolve(reading, catalog(), now=NOW, **more)


def protect(*targets: str, **more: Any) -> dict[str, Any]:
    return {"action": "protect", "targets": targets, **more}


@pytest.mark.parametrize(
    "word", ["db", "DB", "shop", "the_db".removeprefix("the_"), "shop database", "postgres", "database"]
)
def test_a_dataset_is_found_by_name_alias_and_kind(word: str) -> None:
    found = resolved(protect(word))
    assert not found.questions
    assert found.wishes[0].datasets == ("db",)


@pytest.mark.parametrize("path", ["/srv/wiki", "/srv/wiki/", "/home/anna/mail"])
def test_a_path_belongs_to_the_dataset_that_holds_it(path: str) -> None:
    assert resolved(protect(path)).wishes[0].datasets == (("wiki",) if "wiki" in path else ("home",))


def test_a_path_below_a_dataset_is_an_item_of_a_restore() -> None:
    (ask,) = resolved({"action": "restore", "targets": ["/home/anna/mail"], "to": "/tmp/x"}).asks
    assert isinstance(ask, asks.RestoreWish)
    assert (ask.datasets, ask.items, ask.to) == (("home",), ("/home/anna/mail",), "/tmp/x")


def test_a_path_that_no_dataset_holds_is_proposed() -> None:
    found = resolved(protect("/opt/app"))
    assert [p.name for p in found.proposals] == ["app"]
    assert found.wishes[0].datasets == ("app",)


def test_an_unknown_name_is_a_question_with_the_nearest() -> None:
    (question,) = resolved(protect("wikki")).questions
    assert question.about == "targets"
    assert question.choices == ("wiki",)
    assert "wikki" in question.text


def test_a_name_like_no_other_is_a_question_with_all_there_is() -> None:
    (question,) = resolved(protect("qqq")).questions
    assert set(question.choices) == {"db", "wiki", "home"}


def test_every_problem_is_told_at_once() -> None:
    found = resolved(protect("wikki", destinations=["nowhere"], schedule={"every": "continuous"}))
    assert {q.about for q in found.questions} == {"targets", "destinations", "schedule"}


def test_questions_are_in_the_language_of_the_request() -> None:
    reading = Reading((Intent.model_validate(protect("维基")),), 0.9, text="备份维基", language="zh")
    assert "没有" in resolve(reading, catalog(), now=NOW).questions[0].text


def test_all_is_every_dataset_of_the_catalog_and_no_candidate() -> None:
    candidate = Candidate(name="mail", kind="files", fields={"paths": ["/var/mail"]}, detail="")
    assert resolved(protect("all"), known_names=[candidate]).wishes[0].datasets == ("db", "wiki", "home")


def test_a_discovered_name_is_proposed() -> None:
    candidate = Candidate(name="mail", kind="files", fields={"paths": ["/var/mail"]}, detail="")
    found = resolved(protect("mail"), known_names=[candidate])
    assert found.proposals == (candidate,)
    assert found.wishes[0].datasets == ("mail",)


@pytest.mark.parametrize("word", ["cloud", "s3", "offsite", "copies", "异地"])
def test_a_repository_is_found_by_name_bucket_and_place(word: str) -> None:
    assert resolved(protect("db", destinations=[word])).wishes[0].repositories == ("cloud",)


def test_different_wishes_stay_apart() -> None:
    found = resolved(protect("db", schedule={"every": "1h"}), protect("wiki", schedule={"every": "1d"}))
    assert [(w.datasets, str(w.every)) for w in found.wishes] == [(("db",), "1h"), (("wiki",), "1d")]


def test_a_drill_joins_the_wish_for_the_same_data() -> None:
    drill = {"action": "drill", "targets": ["db"], "schedule": {"every": "1mo"}}
    (wish,) = resolved(protect("db", schedule={"every": "1d"}), drill).wishes
    assert wish.drill_every == Duration.parse("1mo")
    assert wish.every == Duration.parse("1d")


def test_a_drill_of_other_data_is_a_wish_of_its_own() -> None:
    drill = {"action": "drill", "targets": ["wiki"], "schedule": {"every": "1mo"}}
    found = resolved(protect("db"), drill)
    assert [(w.datasets, w.drill_every is not None) for w in found.wishes] == [(("db",), False), (("wiki",), True)]


def test_a_drill_without_a_schedule_is_done_once() -> None:
    (ask,) = resolved({"action": "drill", "targets": ["db"]}).asks
    assert isinstance(ask, asks.DrillWish)
    assert ask.datasets == ("db",)


def test_what_is_asked_for_beside_policies() -> None:
    kinds = {
        "backup": asks.RunNow,
        "restore": asks.RestoreWish,
        "recover": asks.RestoreWish,
        "verify": asks.VerifyWish,
        "forget": asks.ForgetWish,
        "pause": asks.Hold,
        "resume": asks.Hold,
        "unprotect": asks.Hold,
        "status": asks.StatusWish,
        "diagnose": asks.DiagnoseWish,
        "optimize": asks.OptimizeWish,
        "explain": asks.ExplainWish,
        "unsupported": asks.Unsupported,
    }
    for action, kind in kinds.items():
        (ask,) = resolved({"action": action, "targets": ["db"]}).asks
        assert isinstance(ask, kind)


def test_verify_tells_repositories_from_datasets() -> None:
    (ask,) = resolved({"action": "verify", "targets": ["cloud", "db"], "read": "10%"}).asks
    assert isinstance(ask, asks.VerifyWish)
    assert (ask.repositories, ask.datasets, ask.read) == (("cloud",), ("db",), "10%")


def test_questions_of_the_reading_come_first() -> None:
    from planner.language.intent import Question

    doubtful = Reading((Intent.model_validate(protect("wikki")),), 0.3, (Question("sure?", "action"),))
    assert resolve(doubtful, catalog(), now=NOW).questions[0].text == "sure?"
