"""Changed forms of a line keep its marks on the right words and its meaning."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from planner.language.labels import MOST
from planner.language.training import corpus
from planner.language.training.augment import NAMES, Augmenter

FITTED, _HELD = corpus.split(corpus.rows(), share=0.1)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(FITTED) - 1), st.integers(0, 10_000))
def test_marks_stay_inside_the_text_and_on_whole_words(index: int, seed: int) -> None:
    example = FITTED[index]
    drawn = Augmenter(FITTED[:50], seed).draw(example)
    assert len(drawn.actions) == len(drawn.topics) <= MOST
    assert (
        drawn.actions[: len(example.actions)] == example.actions
        or drawn.actions[-len(example.actions) :] == example.actions
    )
    for mark in drawn.marks:
        words = drawn.text[mark.start : mark.end]
        assert words.strip()
        assert max(mark.intents) < len(drawn.actions)
    if len(drawn.actions) == len(example.actions):
        assert [(m.label, m.intents) for m in sorted(drawn.marks, key=lambda m: m.start)] == [
            (m.label, m.intents) for m in sorted(example.marks, key=lambda m: m.start)
        ]


def test_the_same_seed_draws_the_same() -> None:
    first, second = Augmenter(FITTED, 3), Augmenter(FITTED, 3)
    assert [first.draw(e) for e in FITTED[:40]] == [second.draw(e) for e in FITTED[:40]]


def test_typing_errors_spare_names_and_numbers() -> None:
    augmenter = Augmenter(FITTED, 5)
    for example in FITTED[:200]:
        typo = augmenter._typo(example)
        for before, after in zip(example.marks, typo.marks, strict=True):
            words = example.text[before.start : before.end]
            if before.label in NAMES or any(c.isdigit() for c in words):
                assert typo.text[after.start : after.end] == words
