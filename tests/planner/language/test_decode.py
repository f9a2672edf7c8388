"""From numbers to marks: legal runs of tags, owners, counts, and sureness."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.language.decode import Said, decode
from planner.language.labels import ACTIONS, LABELS, MOST, TAGS, TOPICS

TEXT = "back up db nightly"
RANGES = [(0, 0), (0, 4), (5, 7), (8, 10), (11, 18), (0, 0)]


def said(tags: list[str], actions: list[str], owners: list[list[float]] | None = None, topic: str = "none") -> Said:
    rows = np.full((len(tags), len(TAGS)), -4, np.float32)
    for row, tag in enumerate(tags):
        rows[row, TAGS.index(tag)] = 4
    told = np.full((MOST, len(ACTIONS)), -4, np.float32)
    topics = np.full((MOST, len(TOPICS)), -4, np.float32)
    for k in range(MOST):
        told[k, ACTIONS.index(actions[k] if k < len(actions) else "none")] = 4
        topics[k, TOPICS.index(topic)] = 4
    belongs = np.array(owners, np.float32) if owners else np.tile(np.float32([3, -3, -3, -3]), (len(tags), 1))
    return Said(rows, belongs, told, topics, -3.0)


def test_marks_stand_on_their_words() -> None:
    heard, sure = decode(said(["O", "B-action", "I-action", "B-targets", "B-schedule", "O"], ["protect"]), RANGES, TEXT)
    assert heard.actions == ("protect",)
    assert [(TEXT[m.start : m.end], m.label, m.intents) for m in heard.marks] == [
        ("back up", "action", (0,)), ("db", "targets", (0,)), ("nightly", "schedule", (0,)),
    ]  # fmt: skip
    assert min(sure.actions, sure.count, sure.spans, sure.outside) > 0.9
    assert sure.doubt < 0.1


def test_an_inside_without_its_begin_is_mended() -> None:
    heard, sure = decode(said(["O", "B-action", "I-targets", "B-targets", "O", "O"], ["protect"]), RANGES, TEXT)
    for mark in heard.marks:
        assert mark.label in LABELS
    assert sure.spans < 0.9 or sure.outside < 0.9


def test_words_belong_to_several_intents_and_never_to_none() -> None:
    owners = [
        [-2.0, -2, -2, -2],
        [3.0, -3, -3, -3],
        [3.0, -3, -3, -3],
        [3.0, 3, -3, -3],
        [-1.0, -2, -2, -2],
        [0.0, 0, 0, 0],
    ]
    tags = ["O", "B-action", "I-action", "B-targets", "B-schedule", "O"]
    heard, _sure = decode(said(tags, ["backup", "verify"], owners), RANGES, TEXT)
    assert {m.label: m.intents for m in heard.marks} == {"action": (0,), "targets": (0, 1), "schedule": (0,)}


def test_only_a_question_about_the_state_has_a_topic() -> None:
    tags = ["O"] * 6
    assert decode(said(tags, ["status"], topic="size"), RANGES, TEXT)[0].topics == ("size",)
    assert decode(said(tags, ["protect"], topic="size"), RANGES, TEXT)[0].topics == (None,)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 12))
def test_any_numbers_give_legal_marks(seed: int, length: int) -> None:
    draw = np.random.default_rng(seed)
    text = "x " * length
    ranges = [(0, 0), *((2 * i, 2 * i + 1) for i in range(length)), (0, 0)]
    size = len(ranges)
    numbers = Said(
        draw.normal(0, 5, (size, len(TAGS))).astype(np.float32), draw.normal(0, 5, (size, MOST)).astype(np.float32),
        draw.normal(0, 5, (MOST, len(ACTIONS))).astype(np.float32), draw.normal(0, 5, (MOST, len(TOPICS))).astype(np.float32), 0.0,
    )  # fmt: skip
    heard, sure = decode(numbers, ranges, text)
    assert 1 <= len(heard.actions) <= MOST
    assert "none" not in heard.actions
    last = 0
    for mark in heard.marks:
        assert last <= mark.start < mark.end <= len(text)
        assert mark.intents
        assert max(mark.intents) < len(heard.actions)
        last = mark.end
    assert all(
        0 <= p <= 1.0001
        for p in (sure.actions, sure.count, sure.spans, sure.outside, sure.owners, sure.topics, sure.doubt)
    )


def test_no_word_is_cut() -> None:
    """`mysql` in two pieces, of which only the first looks like a name."""
    tags = ["O", "B-targets", "O", "B-schedule", "O"]
    heard, _sure = decode(said(tags, ["protect"]), [(0, 0), (0, 2), (2, 5), (6, 13), (0, 0)], "mysql nightly")
    assert all("mysql nightly"[m.start : m.end] in {"mysql", "nightly"} for m in heard.marks)
