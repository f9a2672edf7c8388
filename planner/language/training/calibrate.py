"""From readings of held-out phrasing to a probability that a reading is right, and the limits below which is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from planner.language.doubt import limit
from planner.language.intent import Intent

Floats = NDArray[np.float64]
FOLDS = 10
PLAIN_RIGHT = 0.92  # of plain orders that are not asked about, at least this share is read rightly
SILENT = 0.006  # of all held-out requests, at most this share misread without a question


@dataclass(frozen=True, slots=True)
class Judged:
    """One held-out reading: what told of its sureness, whether it was right, whether it had to be asked about, and was."""

    features: dict[str, float]
    intents: tuple[Intent, ...]
    right: bool
    ambiguous: bool
    asked: bool
    doubt: float


def calibrate(readings: Sequence[Judged], *, shrink: float = 0.3) -> dict[str, Any]:
    """`weights` (logistic regression, L2 `shrink` on standardised features; Platt 1999), `ask_below`, `doubt_above`, and what they
    reach on readings that the weights had not seen (10 folds)."""
    clear = [r for r in readings if not r.ambiguous]
    names = sorted({name for r in readings for name in r.features})
    table = np.array([[r.features.get(name, 0.0) for name in names] for r in readings])
    told = np.array([r.right for r in readings], float)
    usable = np.array([not r.ambiguous for r in readings])
    mean, spread = table[usable].mean(0), table[usable].std(0) + 1e-6
    bias = names.index("bias")
    mean[bias], spread[bias] = 0.0, 1.0
    scaled = (table - mean) / spread
    unseen = np.zeros(len(readings))
    for fold in range(FOLDS):
        out = np.arange(len(readings)) % FOLDS == fold
        fitted = _fit(scaled[usable & ~out], told[usable & ~out], bias, shrink)
        unseen[out] = _chance(scaled[out] @ fitted)
    final = _fit(scaled[usable], told[usable], bias, shrink)
    weights = final / spread
    weights[bias] = final[bias] - float((final * mean / spread).sum())
    ask_below, doubt_above, reached = _limits(readings, unseen)
    plain_below = _plain_limit(readings, unseen, ask_below)
    return {
        "weights": {name: round(float(w), 5) for name, w in zip(names, weights, strict=True)},
        "ask_below": ask_below, "plain_below": plain_below, "doubt_above": doubt_above, "held_out": {"requests": len(readings), "clear": len(clear), **reached},
    }  # fmt: skip


def _chance(score: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(score, -30, 30))))


def _fit(table: Floats, told: Floats, bias: int, shrink: float) -> Floats:
    penalty = np.full(table.shape[1], shrink)
    penalty[bias] = 0.0

    def loss(w: Floats) -> tuple[float, Floats]:
        score = table @ w
        value = float(np.logaddexp(0, score).sum() - told @ score + 0.5 * (penalty * w * w).sum())
        return value, table.T @ (_chance(score) - told) + penalty * w

    return np.asarray(minimize(loss, np.zeros(table.shape[1]), jac=True, method="L-BFGS-B").x)


def _limits(readings: Sequence[Judged], chances: Floats) -> tuple[float, float, dict[str, float]]:
    """The limits with the fewest needless questions among those that keep misreadings loud."""
    tried: list[tuple[tuple[float, float], float, float, dict[str, float]]] = []
    for doubt_above in (0.2, 0.35, 0.5, 0.65, 0.8, 0.9):
        for ask_below in np.arange(0.3, 0.99, 0.01):
            reached = _reached(readings, chances, float(ask_below), doubt_above)
            over = max(0.0, reached["silent"] - SILENT)
            cost = (over, reached["needless"] + 0.1 * (1 - reached["asked"]))
            tried.append((cost, round(float(ask_below), 3), doubt_above, reached))
    _cost, below, above, reached = min(tried, key=lambda one: one[0])
    return below, above, reached


def _plain_limit(readings: Sequence[Judged], chances: Floats, ask_below: float) -> float:
    """The lowest limit for plain orders above which enough of them are right."""
    plain = np.array([bool(r.features["plain"]) for r in readings])
    right = np.array([r.right and not r.ambiguous for r in readings])
    for below in np.arange(0.5, ask_below, 0.01):
        taken = plain & (chances >= below)
        if taken.any() and right[taken].mean() >= PLAIN_RIGHT:
            return round(float(below), 3)
    return ask_below


def _reached(readings: Sequence[Judged], chances: Floats, ask_below: float, doubt_above: float) -> dict[str, float]:
    asked = np.array([
        r.asked or c < limit(r.intents, ask_below) or r.doubt > doubt_above for r, c in zip(readings, chances, strict=True)
    ])  # fmt: skip
    right = np.array([r.right for r in readings])
    doubtful = np.array([r.ambiguous for r in readings])
    wrong = ~asked & (chances >= 0.5) & (~right | doubtful)
    clear = ~doubtful
    bins = np.minimum(9, (chances[clear] * 10).astype(int))
    ece = sum(abs(float((chances[clear][bins == b] - right[clear][bins == b]).sum())) for b in range(10)) / max(
        1, clear.sum()
    )
    return {
        "exact": _share(right[clear]), "silent": _share(wrong), "needless": _share(asked[clear & right]),
        "asked": _share(asked[doubtful]), "ece": round(float(ece), 4),
    }  # fmt: skip


def _share(flags: NDArray[np.bool_]) -> float:
    return round(float(flags.mean()), 4) if flags.size else 0.0
