"""Corrections: kept with consent only, without secrets, in the contract's form."""

from __future__ import annotations

import json
import logging
from datetime import datetime
from pathlib import Path

import pytest

from orchestrator import feedback
from planner.language.intent import Intent, Question, Reading, Span
from planner.language.training.gold import rows
from policies.errors import ConfigurationError, UsageError
from tests.orchestrator.readers import application

ON = "learning: {store: true}\n"
NOW = datetime(2026, 3, 11, 10, 30)
READING = Reading(
    (Intent(action="backup", targets=("db",)),), 0.61234, (Question("now?", "action"),), (Span(8, 10, "targets", "db"),),
    text="back up db every evening",
)  # fmt: skip
MEANT = (
    Intent.model_validate({"action": "protect", "targets": ["db"], "schedule": {"every": "1d", "part": "evening"}}),
)


@pytest.mark.parametrize("more", ["", "learning: {store: false}\n", "learning:\n"])
def test_nothing_is_kept_without_consent(tmp_path: Path, more: str) -> None:
    made = application(tmp_path, more)
    assert feedback.remember(made, READING, MEANT, "corrected", now=NOW) is None
    with pytest.raises(ConfigurationError, match=r"learning\.store is false"):
        feedback.add(made, "back up db", [{"action": "backup"}])
    assert not made.settings.feedback.exists()


def test_nothing_is_kept_where_there_is_no_configuration(tmp_path: Path) -> None:
    assert feedback.remember(application(tmp_path, config=None), READING, MEANT, "corrected") is None


def test_what_was_meant_is_kept_beside_what_was_read(tmp_path: Path) -> None:
    made = application(tmp_path, ON)
    kept = feedback.remember(made, READING, MEANT, "corrected", now=NOW)
    assert kept is not None and made.corrections.all() == [kept]
    line = json.loads(feedback.lines([kept]))
    assert line["gold"] == [{"action": "protect", "targets": ["db"], "schedule": {"every": "1d", "part": "evening"}}]
    assert line["read"] == {"intents": [{"action": "backup", "targets": ["db"]}], "confidence": 0.6123, "asked": True}
    assert line["marks"] == [[8, 10, "targets", [0]]]
    (gold,) = rows([feedback.lines([kept])], "x")
    assert (gold.text, gold.now, gold.language) == (READING.text, NOW, "en")


def test_secrets_are_masked_and_places_that_shift_are_dropped(tmp_path: Path) -> None:
    made = application(tmp_path, ON)
    text = "restore db from postgres://me:hunter2hunter2@host/db with password=swordfish99 to /tmp/x"
    reading = Reading(
        (Intent(action="restore", source="postgres://me:hunter2hunter2@host/db"),),
        0.5,
        (),
        (Span(8, 10, "targets", "db"),),
        text=text,
    )
    kept = feedback.remember(made, reading, reading.intents, "confirmed")
    assert kept is not None and kept.marks == ()
    stored = made.corrections.path.read_text("utf-8")
    assert "hunter2" not in stored and "swordfish99" not in stored and "postgres://me:***@host" in stored


def test_a_secret_that_is_known_is_masked_wherever_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = application(tmp_path, ON)
    monkeypatch.setattr(type(made.secrets), "known", lambda self: {"opensesame"})
    feedback.add(made, "restore opensesame to /tmp", [{"action": "restore", "targets": ["opensesame"], "to": "/tmp"}])
    assert "opensesame" not in made.corrections.path.read_text("utf-8")


def test_what_can_not_be_stored_is_logged_and_fails_no_request(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    made = application(tmp_path, ON)
    made.settings.state.mkdir(parents=True)
    made.settings.feedback.write_text("a file where the folder should be")
    with caplog.at_level(logging.WARNING):
        assert feedback.remember(made, READING, MEANT, "edited") is None
    assert "a correction was not kept" in caplog.text


def test_switching_changes_one_key_of_the_configuration(tmp_path: Path) -> None:
    made = application(tmp_path)
    before = made.settings.config.read_text()
    feedback.switch(made, True)
    assert feedback.is_on(made)
    text = made.settings.config.read_text()
    assert set(before.splitlines()) < set(text.splitlines())
    feedback.switch(made, True)
    assert made.settings.config.read_text() == text
    feedback.switch(made, False)
    assert not feedback.is_on(made)
    assert made.settings.config.read_text().split() == before.split()
    assert feedback.invitation(made) == "", "who has decided is not asked"


def test_the_invitation_is_shown_once_and_not_to_who_has_decided(tmp_path: Path) -> None:
    made = application(tmp_path / "a")
    assert "restora feedback on" in feedback.invitation(made)
    assert feedback.invitation(made) == ""
    assert feedback.invitation(application(tmp_path / "b", "learning: {store: false}\n")) == ""


@pytest.mark.parametrize(
    ("intents", "named"),
    [
        ([], "no list"),
        ("backup", "no list"),
        ([{"action": "launch"}], "action 'launch'"),
        ([{"action": "backup"}, {"action": "protect", "rpo": "soon"}], "intent 2: rpo 'soon'"),
        ([{"action": "backup", "colour": "red"}], "colour"),
        ([7], "intent 1"),
    ],
)
def test_intents_that_are_none_name_the_field(tmp_path: Path, intents: object, named: str) -> None:
    with pytest.raises(UsageError, match=named):
        feedback.add(application(tmp_path, ON), "back up db", intents)


def test_one_intent_and_a_whole_reading_are_taken_too() -> None:
    one = {"action": "backup", "targets": ["db"], "dry_run": False}
    bare = [{"action": "backup", "targets": ["db"]}]
    assert feedback.checked(one) == feedback.checked({"intents": [one], "confidence": 1}) == bare


def test_forgetting_takes_ids_by_their_beginnings(tmp_path: Path) -> None:
    made = application(tmp_path, ON)
    first, second, third = (feedback.add(made, f"back up {name}", [{"action": "backup"}]) for name in "abc")
    with pytest.raises(UsageError, match="'zz' is no correction"):
        feedback.forget(made, [first.id, "zz"])
    assert feedback.forget(made, [first.id, second.id[:7]]) == 2
    assert made.corrections.all() == [third]
    assert feedback.forget(made) == 1


def test_a_request_must_be_one(tmp_path: Path) -> None:
    for text in (" ", "x" * 5000):
        with pytest.raises(UsageError, match="characters"):
            feedback.add(application(tmp_path, ON), text, [{"action": "backup"}])
