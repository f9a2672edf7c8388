"""A text in other words may lose nothing that counts, and add nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from planner.language.placeholders import Placeholders
from planner.language.rephrase import rephrase
from policies.language_model import LanguageModelFailed
from tests.planner.language.spoken_models import Says

TEXT = "wiki: last backup 3 h ago, 12.5 GB on nas01. The drill of 2026-03-01 did not pass."


def said(answer: Any, text: str = TEXT, facts: tuple[str, ...] = (), language: Any = "en", **more: Any) -> str:
    model = Says(answer if isinstance(answer, str | Exception) else json.dumps(answer))
    return rephrase(text, facts, language, model, **more)


def test_other_words_with_the_same_facts_are_used() -> None:
    new = "The wiki was last backed up 3 h ago and takes 12.5 GB on nas01. On 2026-03-01 the drill did not pass."
    assert said({"text": new}) == new


@pytest.mark.parametrize(
    "addition",
    [
        " That is 40 % more than usual.", " It has been fine for thirty days.", " Ask Alice for more.", " See /etc/restora.yaml.",
        " It also runs on nas02.", ' It is called "Atlas".',
    ],
)  # fmt: skip
def test_a_sentence_that_adds_something_is_dropped(addition: str) -> None:
    new = "The wiki was last backed up 3 h ago and takes 12.5 GB on nas01. On 2026-03-01 the drill did not pass."
    assert said({"text": new + addition}) == new


def test_given_facts_may_be_named() -> None:
    new = TEXT + " It runs on nas02."
    assert said({"text": new}, facts=("nas02",)) == new
    assert said({"text": new}) == TEXT


@pytest.mark.parametrize(
    "worse",
    [
        "The wiki was last backed up 3 h ago on nas01. On 2026-03-01 the drill did not pass.",
        "The wiki was last backed up 3 h ago and takes 12.5 GB. On 2026-03-01 the drill did not pass.",
        "The wiki was last backed up 3 h ago and takes 12.5 GB on nas01. On 2026-03-01 the drill did pass.",
        "No worries. " + TEXT,
        "",
    ],
)
def test_words_that_lose_or_turn_a_fact_are_not_used(worse: str) -> None:
    assert said({"text": worse}) == TEXT


@pytest.mark.parametrize("answer", ["", "fine", "[]", "3", {"text": 3}, {"words": "x"}, LanguageModelFailed("late")])
def test_no_usable_answer_leaves_the_text(answer: Any) -> None:
    assert said(answer) == TEXT


def test_chinese_sentences_are_held_to_the_same() -> None:
    text = "订单库最近一次备份在3小时前。演练没有通过。"
    good = "3小时前备份过订单库。演练没有通过。"
    assert said({"text": good + "另外还有5份快照。"}, text, language="zh") == good
    assert said({"text": good.replace("没有", "")}, text, language="zh") == text


def test_names_stay_here() -> None:
    model = Says(lambda messages: json.dumps({"text": messages[-1].content}))
    names = Placeholders(["wiki"])
    assert rephrase(TEXT, (), "en", model, hidden=names) == TEXT
    assert "wiki" not in model.asked[0][-1].content
    assert "nas01" not in model.asked[0][-1].content
