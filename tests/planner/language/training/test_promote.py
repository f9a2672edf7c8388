"""When a new reader takes the place of the present one."""

from __future__ import annotations

from datetime import datetime
from math import comb
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.language.training.gold import Gold
from planner.language.training.promote import Compared, Decision, chance, decide
from planner.language.training.scores import Outcome, outcome

NOW = datetime(2026, 3, 11)
RIGHT, WRONG, SILENT, ERASED, ASKED = "right", "wrong", "silent", "erased", "asked"
ANSWERS: dict[str, dict[str, Any]] = {
    RIGHT: {"intents": [{"action": "backup"}], "confidence": 0.9, "clarify": []},
    ASKED: {"intents": [{"action": "backup"}], "confidence": 0.4, "clarify": ["backup?"]},
    WRONG: {"intents": [{"action": "status"}], "confidence": 0.2, "clarify": ["status?"]},
    SILENT: {"intents": [{"action": "status"}], "confidence": 0.9, "clarify": []},
    ERASED: {"intents": [{"action": "forget", "targets": ["all"]}], "confidence": 0.9, "clarify": []},
}


def read(kinds: list[str]) -> tuple[Outcome, ...]:
    gold = [Gold(str(n), "en", f"request {n}", NOW, (({"action": "backup"},),)) for n in range(len(kinds))]
    return tuple(outcome(one, ANSWERS[kind]) for one, kind in zip(gold, kinds, strict=True))


def compared(present: list[str], candidate: list[str], name: str = "corrections") -> Compared:
    return Compared(name, read(present), read(candidate))


BETTER = compared([WRONG] * 6 + [RIGHT] * 4, [RIGHT] * 10)
SAME = compared([RIGHT] * 10, [RIGHT] * 10, "checks")


def refused(decision: Decision, *words: str) -> None:
    assert not decision.switch
    assert all(any(word in reason for reason in decision.reasons) for word in words), decision.reasons


def test_better_on_held_out_and_no_worse_on_checks_is_taken() -> None:
    found = decide(BETTER, SAME)
    assert found.switch
    assert "6 won, 0 lost" in found.reasons[0] and "1.6%" in found.reasons[0]
    assert found.as_dict()["compared"][0]["chance"] == pytest.approx(0.0156)


def test_what_may_be_chance_is_not_enough() -> None:
    refused(decide(compared([WRONG] * 4 + [RIGHT], [RIGHT] * 5), SAME), "may be chance: 4 won, 0 lost of 5")
    refused(decide(compared([RIGHT] * 5, [RIGHT] * 5), SAME), "not better: 0 won, 0 lost")
    refused(decide(compared([], []), SAME), "there are no corrections")


def test_asking_about_everything_is_no_way_to_be_better() -> None:
    """No silent misreading, and all intents right; but nobody is served by it."""
    refused(
        decide(compared([RIGHT, WRONG] * 6, [ASKED] * 12), compared([RIGHT] * 9, [ASKED] * 9)), "not better", "serves 0"
    )


def test_worse_checks_refuse_it() -> None:
    refused(
        decide(BETTER, compared([RIGHT] * 10, [RIGHT] * 9 + [WRONG], "checks")),
        "reads 9 rightly, the present reader 10",
    )
    refused(decide(BETTER, compared([], [], "checks")), "no checks")


def test_a_guard_refuses_only_what_is_shown_to_be_worse() -> None:
    slightly = compared([RIGHT] * 10, [RIGHT] * 8 + [WRONG] * 2, "corpus lines")
    plainly = compared([RIGHT] * 10, [RIGHT] * 4 + [WRONG] * 6, "corpus lines")
    assert decide(BETTER, SAME, [slightly]).switch
    refused(decide(BETTER, SAME, [plainly]), "worse on corpus lines: 0 won, 6 lost of 10")


@pytest.mark.parametrize("where", ["held-out", "guards", "checks"])
def test_more_silent_misreadings_refuse_it_anywhere(where: str) -> None:
    held = compared([WRONG] * 10, [RIGHT] * 9 + [SILENT]) if where == "held-out" else BETTER
    guards = [compared([WRONG] * 3, [WRONG, WRONG, SILENT], "guards")] if where == "guards" else []
    checks = compared([WRONG] * 3, [WRONG, WRONG, SILENT], "checks") if where == "checks" else SAME
    refused(decide(held, checks, guards), "1 silent misreadings, the present reader 0")


def test_a_destructive_misreading_refuses_it_even_where_the_present_one_has_more() -> None:
    checks = compared([ERASED, ERASED, RIGHT], [ERASED, RIGHT, RIGHT], "checks")
    refused(decide(BETTER, checks), "what destroys: “request 0”")


def test_only_the_same_requests_can_be_compared() -> None:
    with pytest.raises(ValueError, match="not asked the same"):
        compared([RIGHT], [RIGHT, RIGHT])


@given(st.integers(0, 40), st.integers(0, 40))
def test_chance_is_the_sign_test(won: int, lost: int) -> None:
    assert chance(2000, 1990) < 0.5  # large counts are no trouble
    assert chance(won, lost) + chance(lost, won) == pytest.approx(1 + comb(won + lost, won) / 2 ** (won + lost))
    assert chance(won + 1, lost) < chance(won, lost) or won == lost == 0
    assert chance(0, lost) == 1


kinds = st.sampled_from([RIGHT, WRONG, SILENT, ERASED, ASKED])
pairs = st.lists(st.tuples(kinds, kinds), max_size=25)


@given(pairs, pairs)
def test_who_is_taken_is_better_and_harms_nobody(held: list[tuple[str, str]], checks: list[tuple[str, str]]) -> None:
    first = compared([a for a, _ in held], [b for _, b in held])
    second = compared([a for a, _ in checks], [b for _, b in checks], "checks")
    found = decide(first, second)
    assert found.reasons
    if found.switch:
        assert first.won >= first.lost + 5
        assert all(after <= before for before, after in (first.silent, second.silent))
        assert ERASED not in [b for _, b in (*held, *checks)]
