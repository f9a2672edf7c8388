from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.language.training.worded import bleu, rouge_l, tokens

SAID = "back up billing every night at 01:15, keep 45 days"


def test_tokens_are_words_and_single_characters() -> None:
    assert tokens("Keep /srv/a.b at 01:15, 30d.") == ["keep", "/srv/a.b", "at", "01:15", ",", "30d"]
    assert tokens("每天备份 db,保留30天") == ["每", "天", "备", "份", "db", ",", "保", "留", "30", "天"]


def test_the_same_words_are_whole_and_others_are_nothing() -> None:
    assert bleu([(SAID, ["something else", SAID])]) == pytest.approx(1)
    assert rouge_l(SAID, ["something else", SAID]) == pytest.approx(1)
    assert bleu([(SAID, ["zzz yyy"])]) == 0
    assert rouge_l(SAID, ["zzz yyy"]) == 0
    assert bleu([]) == bleu([("", [SAID])]) == rouge_l("", [SAID]) == rouge_l(SAID, []) == 0


def test_bleu_by_hand() -> None:
    # 1-grams 5 of 6, 2-grams 3 of 5, 3-grams 1 of 4, 4-grams none of 3 (counted as a half)
    found = bleu([("the cat sat on the mat", ["the cat is on the mat"])])
    assert found == pytest.approx((5 / 6 * 3 / 5 * 1 / 4 * 0.5 / 3) ** (1 / 4))
    short = bleu([("a b c d", ["a b c d e f"])])
    assert short == pytest.approx(math.exp(1 - 6 / 4))


def test_rouge_by_hand() -> None:
    # longest common subsequence "police the gunman": 3 of 4 and of 4
    assert rouge_l("police kill the gunman", ["police killed the gunman"]) == pytest.approx(0.75)
    assert rouge_l("the gunman kill police", ["police killed the gunman"]) == pytest.approx(0.5)


@given(st.lists(st.tuples(st.text(max_size=40), st.lists(st.text(max_size=40), max_size=3)), max_size=4))
def test_both_are_shares(pairs: list[tuple[str, list[str]]]) -> None:
    assert 0 <= bleu(pairs) <= 1 + 1e-9
    assert all(0 <= rouge_l(text, references) <= 1 + 1e-9 for text, references in pairs)
