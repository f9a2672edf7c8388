"""What fits the reader, and that it was not forgotten after a change of the rules."""

from __future__ import annotations

import importlib.util
import math
import random
import sys
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import get_args

import pytest

from planner.language import doubt, opinion, tagging
from planner.language.intent import Action
from planner.language.marks import Mark
from planner.language.reader import read

TOOLS = Path(__file__).parents[3] / "tools"


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, TOOLS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


plain_requests = load("plain_requests")
fit = load("fit_confidence")
UNHEARD = ["zeta9", "quill-ledger", "/srv/amber", "mx4.example.org", "tariffs", "北仓库存库", "合同系统"]


def test_the_shipped_weights_belong_to_this_code() -> None:
    fitted = opinion.shipped()
    assert set(get_args(Action)) <= set(fitted.labels)
    assert all(len(row) == len(fitted.labels) for row in fitted.actions.values())
    assert 0.5 <= fitted.ask_below <= 1.0
    reading = read("back up db nightly", now=datetime(2026, 3, 11, 10, 30))
    assert reading.confidence != 0.5
    assert set(fit.result(line("⟦back up|action⟧ ⟦db|targets⟧"), fitted).features) == set(fitted.confidence)


def line(marked: str) -> object:
    return fit.as_line(
        {"marked": marked, "now": "2026-03-11T10:30", "gold": [{"action": "backup"}], "ambiguous": False}
    )


def test_plain_requests_with_unheard_names_are_read_surely_and_almost_never_wrongly() -> None:
    rows = [fit.as_line(row) for row in plain_requests.lines(UNHEARD, rounds=2, seed=7)]
    results = [fit.result(row, opinion.shipped()) for row in rows]
    limit, weights = opinion.shipped().ask_below, opinion.shipped().confidence
    sure = [r for r in results if not r.asked and doubt.probability(r.features, weights) >= limit]
    assert sum(r.right for r in results) / len(results) >= 0.9
    assert len(sure) / len(results) >= 0.65
    assert sum(not r.right for r in sure) / len(results) <= 0.02


def test_marks_are_taken_off_a_line() -> None:
    row = line("⟦back up|action⟧ ⟦db|targets⟧ ⟦nightly|1,2.schedule⟧.")
    assert row.text == "back up db nightly."
    assert row.marks == (Mark(0, 7, "action"), Mark(8, 10, "targets"), Mark(11, 18, "schedule"))


def test_logistic_regression_finds_the_odds() -> None:
    choose = random.Random(1)
    rows = [{"bias": 1.0, "x": float(choose.random() < 0.5)} for _ in range(4000)]
    right = [choose.random() < (0.9 if row["x"] else 0.2) for row in rows]
    weights = fit.fit_logistic(rows, right)
    assert 1 / (1 + math.exp(-weights["bias"])) == pytest.approx(0.2, abs=0.03)
    assert 1 / (1 + math.exp(-weights["bias"] - weights["x"])) == pytest.approx(0.9, abs=0.03)


def test_the_limit_leaves_few_silent_misreadings() -> None:
    results = [fit.Result({"bias": 1.0, "x": i / 1000}, right=i >= 300 or i % 3 > 0, asked=False) for i in range(1000)]
    weights = {"bias": -2.0, "x": 8.0}
    limit = fit.threshold(results, weights)
    silent = sum(not r.right for r in results if doubt.probability(r.features, weights) >= limit)
    assert silent <= fit.SILENT_AT_MOST * len(results) + 1


def test_words_are_labelled_by_the_marks_they_touch() -> None:
    places = tagging.words("back up /etc and 订单库", 0, 20)
    labels = tagging.marked(places, [Mark(8, 12, "targets"), Mark(17, 20, "targets")])
    assert labels == ["-", "-", "B.targets", "-", "B.targets", "I.targets", "I.targets"]


def test_a_sharper_opinion_is_surer() -> None:
    table = {"always": (0, 0), "back": (64, 0)}
    assert opinion.weigh(frozenset({"always"}), table, ("a", "b")) == {"a": 0.5, "b": 0.5}
    assert opinion.weigh(frozenset({"always", "back"}), table, ("a", "b"))["a"] == pytest.approx(1 / (1 + math.exp(-2)))
