"""The corpus keeps its form: marks, contract, and that every name of the meaning stands in its span."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest

from planner.language.intent import SLOTS, Intent
from planner.language.labels import MOST
from planner.language.training import corpus
from planner.language.training.gold import shipped_checks

FILES = corpus.rows()
NAMES = {"targets", "items", "exclude", "destinations", "source", "to"}


def problems(row: dict[str, Any]) -> list[str]:
    text, marks = corpus.parse(row["marked"])
    found = ["a broken mark"] if re.search("[⟦⟧]", text) else []
    spans: dict[tuple[int, str], str] = {}
    for mark in marks:
        if mark.label not in {"action", *SLOTS}:
            found.append(f"no label: {mark.label}")
        for number in mark.intents:
            said = text[mark.start : mark.end].casefold()
            spans[number, mark.label] = f"{spans.get((number, mark.label), '')} / {said}"
    for number, intent in enumerate(row["gold"]):
        try:
            Intent.model_validate(intent)
        except ValueError as error:
            found.append(f"intent {number + 1}: {error}")
        for slot, value in intent.items():
            said = spans.get((number, slot), "")
            if slot in NAMES and value not in ("all", ["all"]):
                wanted = value if isinstance(value, list) else [value]
                found += [f"{slot} {name!r} is in none of {said!r}" for name in wanted if name.casefold() not in said]
            elif slot not in {"action", "topic", "targets"} and not said:
                found.append(f"{slot} stands on no words")
    found += [
        f"{label} of intent {number + 1} means nothing"
        for number, label in spans
        if number >= len(row["gold"]) or (label not in {"action", "topic"} and label not in row["gold"][number])
    ]
    return found


@pytest.mark.parametrize("name", FILES)
def test_every_line_is_whole(name: str) -> None:
    wrong = {row["id"]: found for row in FILES[name] if (found := problems(row))}
    assert not wrong, wrong


def test_no_line_stands_there_twice_and_none_is_a_check() -> None:
    said = [
        re.sub(r"\W+", " ", corpus.parse(row["marked"])[0].casefold()).strip()
        for rows in FILES.values()
        for row in rows
    ]
    assert [text for text, count in Counter(said).items() if count > 1] == []
    checks = {re.sub(r"\W+", " ", check.text.casefold()).strip() for check in shipped_checks()}
    assert not checks & set(said)


def test_families_are_held_out_whole_and_most_is_fitted_on() -> None:
    fitted, held = corpus.split(FILES)
    assert 0.05 < len(held) / (len(held) + len(fitted)) < 0.1
    assert not {e.id for e in fitted} & {e.id for e in held}
    assert {e.language for e in held} == {"en", "zh"}
    assert {a for e in held for a in e.actions} == {a for e in fitted for a in e.actions}
    assert max(len(e.actions) for e in fitted) <= MOST
    half, same = corpus.split(FILES, share=0.5)
    assert same == held
    assert abs(len(half) / len(fitted) - 0.5) < 0.02


def test_marks_are_read_with_the_intents_they_belong_to() -> None:
    text, marks = corpus.parse("⟦orders|1.targets⟧ ⟦hourly|1.schedule⟧, ⟦both a month|1,2.retention⟧ ⟦now|action⟧")
    assert text == "orders hourly, both a month now"
    assert [(text[m.start : m.end], m.label, m.intents) for m in marks] == [
        ("orders", "targets", (0,)), ("hourly", "schedule", (0,)), ("both a month", "retention", (0, 1)), ("now", "action", (0,)),
    ]  # fmt: skip
