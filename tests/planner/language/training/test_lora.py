"""What may be taught, and what is refused before anything is loaded."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from planner.language.training.lora import Lesson, lessons, train_lora
from policies.errors import UsageError

LINE = {
    "marked": "save ⟦the db|1,2.targets⟧ ⟦daily|schedule⟧",
    "now": "2026-03-11T10:30",
    "gold": [{"action": "protect"}],
}


def line(**fields: object) -> str:
    return json.dumps(LINE | fields, ensure_ascii=False)


def test_marks_are_taken_out_of_a_lesson_and_ambiguous_lines_left_out() -> None:
    found = list(lessons([line(), "", line(ambiguous=True), line(text="as it is")]))
    assert [lesson.text for lesson in found] == ["save the db daily", "as it is"]
    assert found[0].now == datetime(2026, 3, 11, 10, 30)
    assert found[0].intents[0].action == "protect"


@pytest.mark.parametrize(
    "wrong", ["{", "[]", "{}", line(now="yesterday"), line(gold=[{"action": "explode"}]), line(gold=3)]
)
def test_a_line_that_is_no_lesson_is_named(wrong: str) -> None:
    with pytest.raises(UsageError, match="line 2 of the corpus is no lesson"):
        list(lessons([line(), wrong]))


def test_nothing_is_learnt_from_nothing_and_nothing_overwritten(tmp_path: Path) -> None:
    lesson = Lesson("x", datetime(2026, 3, 11), ())
    with pytest.raises(UsageError, match="0 lessons"):
        train_lora("none", [], tmp_path / "out")
    with pytest.raises(UsageError, match="is there already"):
        train_lora("none", [lesson], tmp_path)
