"""Questions and dialogue at a terminal: an answer in a word continues the request, a follow-up changes it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import SENTENCE
from tests.cli.installation import Installation
from tests.cli.test_terminal import Terminal

pytestmark = [pytest.mark.integration, pytest.mark.slow]


def dialogue(installation: Installation, *said: tuple[str, str]) -> str:
    """What a prompt shows; each pair is what to wait for and what to type then."""
    terminal = Terminal(installation)
    for awaited, typed in said:
        terminal.until(awaited)
        terminal.shown = terminal.shown[terminal.shown.rindex(awaited) + len(awaited) :]
        terminal.type(typed + "\n")
    assert terminal.end() == 0
    return terminal.shown


def policies(installation: Installation) -> str:
    return installation.config.read_text().partition("\npolicies:")[2]


@pytest.mark.parametrize("reply", ["y", "1", "docs", "是"])
def test_an_answer_in_a_word_goes_on(bare: Installation, reply: str) -> None:
    terminal = Terminal(bare, "back up dosc nightly, keep 30 days")
    terminal.until("Did you mean docs?")
    terminal.until("> ")
    terminal.type(f"{reply}\n")
    terminal.until("Apply?")
    terminal.type("y\n")
    terminal.until("In force:")
    assert terminal.end() == 0
    assert "datasets: [docs]" in policies(bare)


def test_an_answer_that_does_not_answer_is_asked_again(bare: Installation) -> None:
    terminal = Terminal(bare, "back up dosc nightly, keep 30 days")
    terminal.until("> ")
    terminal.type("no\n")
    terminal.until("Which one then?")
    terminal.until("> ")
    terminal.type("shop\n")
    terminal.until("Apply?")
    assert "shop" in terminal.shown
    terminal.type("n\n")
    terminal.end()


def test_a_question_in_chinese(bare: Installation) -> None:
    terminal = Terminal(bare, "每晚备份 dosc,保留30天")
    terminal.until("是指 docs 吗")
    terminal.until("> ")
    terminal.type("是\n")
    terminal.until("执行这个计划吗?")
    terminal.type("y\n")
    terminal.until("已生效")
    assert terminal.end() == 0
    assert "keep_within: 30d" in policies(bare)


def test_follow_ups_change_and_repeat(bare: Installation) -> None:
    dialogue(
        bare, ("restora> ", SENTENCE), ("Apply?", "y"), ("restora> ", "make that hourly"), ("Apply?", "y"),
        ("restora> ", "same for shop"), ("Apply?", "y"), ("restora> ", "actually keep it 60 days"), ("Apply?", "y"), ("restora> ", "exit"),
    )  # fmt: skip
    text = policies(bare)
    assert text.count("every: 1h") == 2
    assert "keep_within: 60d" in text and "keep_within: 30d" in text


def test_a_correction_takes_the_place_of_what_was_not_approved(bare: Installation) -> None:
    terminal = Terminal(bare)
    terminal.until("restora> ")
    terminal.type(f"{SENTENCE}\n")
    terminal.until("Apply?")
    terminal.type("n\n")
    terminal.until("stays open")
    terminal.type("no, I meant shop\n")
    terminal.until("From before")
    terminal.until("Apply?")
    terminal.type("y\n")
    terminal.until("In force:")
    terminal.type("exit\n")
    assert terminal.end() == 0
    assert "datasets: [shop]" in policies(bare) and "datasets: [docs]" not in policies(bare)


def test_a_follow_up_that_may_mean_two_is_asked(bare: Installation) -> None:
    terminal = Terminal(bare)
    terminal.until("restora> ")
    terminal.type("back up docs hourly and back up shop nightly\n")
    terminal.until("Is that right?")
    terminal.type("y\n")
    terminal.until("Apply?")
    terminal.type("y\n")
    terminal.until("In force:")
    terminal.type("make that weekly\n")
    terminal.until("Which of them")
    terminal.until("> ")
    terminal.type("2\n")
    terminal.until("Apply?")
    terminal.type("y\n")
    terminal.until("In force:")
    terminal.type("exit\n")
    assert terminal.end() == 0
    assert "every: 1w" in policies(bare) and "every: 1h" in policies(bare)


def test_a_new_folder_is_added_with_its_policy(bare: Installation) -> None:
    photos = bare.folder / "photos"
    photos.mkdir()
    (photos / "one.jpg").write_text("one")
    done = bare.call(f"back up {photos} nightly, keep 30 days", "--yes", "--json").ended(0).json()
    assert done["applied"] is True
    assert str(photos) in bare.config.read_text()
    assert bare.call("run", "photos", "--json").ended(0).json()["runs"][0]["state"] == "succeeded"


@pytest.fixture
def photos() -> Iterator[Path]:
    """A folder with a path such as people type: a very long one is asked about."""
    folder = Path(f"/tmp/photos-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}")
    folder.mkdir(exist_ok=True)
    yield folder
    shutil.rmtree(folder)


def test_a_new_folder_is_backed_up_once_approved(bare: Installation, photos: Path) -> None:
    (photos / "one.jpg").write_text("one")
    terminal = Terminal(bare, f"back up {photos} now")
    terminal.until("Apply?")
    terminal.type("y\n")
    terminal.until("succeeded")
    assert terminal.end() == 0


def test_no_to_a_new_folder_does_nothing(bare: Installation, photos: Path) -> None:
    config = bare.config.read_bytes()
    terminal = Terminal(bare, f"back up {photos} now")
    terminal.until("Apply?")
    terminal.type("n\n")
    terminal.until("Nothing was changed.")
    assert terminal.end() == 0
    assert bare.config.read_bytes() == config
    assert bare.call("snapshots", "--json").json()["points"] == []


def test_without_a_terminal_the_questions_are_the_answer(bare: Installation) -> None:
    called = bare.call("back up dosc nightly", "--json").ended(3).json()
    (asked,) = [question for question in called["asked"] if question["about"] == "targets"]
    assert asked["choices"] == ["docs"]
    assert asked["text"] in called["message"]
