"""A plan in words is the same plan again, value by value; its choices and problems have words in both languages."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.draft import draft
from planner.language import plan_words, sentences
from planner.language.bare_values import value_of
from planner.language.explain import Language
from planner.proposal import Problem
from policies.duration import Duration
from policies.figure import History
from policies.policy import Policy
from policies.retention import Retention
from policies.wish import Wish
from tests.planner.language import generated_plans as generated
from tests.planner.language.samples import NOW
from tests.planner.world import NOW as MOMENT
from tests.planner.world import catalog, measured

LANGUAGES = st.sampled_from(["en", "zh"])
HAN = re.compile(r"[\u4e00-\u9fff]")


@given(generated.plans(), LANGUAGES)
def test_plan_to_words_to_plan(policy: Policy, language: Language) -> None:
    intent = plan_words.intent_of(policy)
    for slot in ("schedule", "retention"):
        words = sentences.slot(slot, intent, language)
        assert value_of(slot, words, NOW) == getattr(intent, slot), words
        assert words in sentences.sentence(intent, language)


@given(generated.plans(), LANGUAGES)
def test_a_sentence_names_everything(policy: Policy, language: Language) -> None:
    sentence = sentences.sentence(plan_words.intent_of(policy), language)
    assert all(name in sentence for name in (*policy.datasets, *policy.repositories))


@given(
    st.one_of(generated.requests("en"), generated.restores("en")),
    st.one_of(generated.requests("zh"), generated.restores("zh")),
)
def test_requests_come_with_their_intents(english: object, chinese: object) -> None:
    for sentence, intents in (english, chinese):  # type: ignore[misc]
        assert sentence.strip() and intents[0]["targets"]


@pytest.mark.parametrize(
    "wish",
    [
        Wish(("db",)), Wish(("db", "wiki"), every=Duration(1, "w")), Wish(("db",), tier="3-2-1"), Wish(("db",), rpo=Duration(4, "h")),
        Wish(("db",), part="evening", retention=Retention(keep_daily=7)), Wish(("nowhere",)), 
        Wish(("db",), times=3, every=Duration(1, "w")),
        Wish(("db",), every=Duration(1, "mo")), Wish(("db",), drill_every=Duration(1, "mo")),
    ],
)  # fmt: skip
def test_choices_have_chinese_words(wish: Wish) -> None:
    for history in (History(), measured()):
        made = draft(wish, catalog(), history, now=MOMENT + timedelta(days=1))
        for choice in made.choices:
            if not choice.said and choice.code:
                assert HAN.search(plan_words.reason_zh(choice)), choice
            if made.policy and choice.field in {"schedule.every", "retention", "verification"}:
                assert HAN.search(plan_words.value_zh(choice, made)), choice
        for problem in made.problems:
            assert HAN.search(plan_words.problem_zh(problem)), problem


def test_every_code_of_planning_has_chinese_words() -> None:
    """Codes stand in the planner's source as `"name.detail"`; one that is added there needs words here."""
    source = "".join(path.read_text() for path in Path(plan_words.__file__).parents[1].glob("*.py"))
    reasons = set(re.findall(r"notes\.assume\(\s*\"[\w.]+\",\s*[^\"]+?,\s*\"([\w.-]+)\"", source))
    problems = set(re.findall(r"\.problem\(\s*\"([\w.-]+)\"", source))
    assert reasons and problems
    assert reasons <= set(plan_words.REASONS)
    assert problems <= set(plan_words.PROBLEMS)


def test_a_problem_without_words_of_ours_keeps_the_planners() -> None:
    assert plan_words.problem_zh(Problem("new.one", "f", "v", "as it was said")) == "as it was said"
