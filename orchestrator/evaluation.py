"""Reading a set of gold requests, and what came of it."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from orchestrator.reading import Read
from planner.language import explain
from planner.language.intent import Intent
from planner.language.training.gold import Gold
from planner.language.training.scores import Outcome, Scores, outcome, score
from planner.language.training.worded import bleu, rouge_l

OnRead = Callable[[int, int], None]
"""Called with how many requests were read, of how many."""


@dataclass(frozen=True, slots=True)
class Worded:
    """How near the wordings of readings come to their references, from 0 to 1; `texts` is how many were compared."""

    texts: int
    bleu: float
    rouge_l: float


@dataclass(frozen=True, slots=True)
class Measured:
    """A set of requests as one reader read it. `milliseconds`: median and 95th percentile of a warm reading, None for fewer
    than two requests."""

    outcomes: tuple[Outcome, ...]
    scores: Scores
    median_milliseconds: float | None
    p95_milliseconds: float | None
    worded: Worded | None

    @property
    def errors(self) -> list[Outcome]:
        """What was not served, silent misreadings first, then what was misread, then needless questions."""
        wrong = [one for one in self.outcomes if not one.served]
        return sorted(wrong, key=lambda one: (not one.destructive, not one.silent, one.exact, one.gold.id))

    def as_dict(self) -> dict[str, Any]:
        """For JSON: shares from 0 to 1, times in milliseconds."""
        return {
            "scores": self.scores.as_dict(),
            "milliseconds": {"median": self.median_milliseconds, "p95": self.p95_milliseconds},
            "worded": asdict(self.worded) if self.worded else None,
        }


def measure(read: Read, gold: Sequence[Gold], progress: OnRead = lambda _done, _all: None) -> Measured:
    """Read every request at its own moment. The first one is read twice, for it also loads what is loaded lazily."""
    if gold:
        read(gold[0].text, now=gold[0].now)
    outcomes: list[Outcome] = []
    took: list[float] = []
    for number, one in enumerate(gold, 1):
        begun = time.perf_counter()
        answer = read(one.text, now=one.now).as_contract()
        took.append((time.perf_counter() - begun) * 1000)
        outcomes.append(outcome(one, answer))
        progress(number, len(gold))
    quantiles = statistics.quantiles(took, n=20) if len(took) > 1 else []
    return Measured(
        tuple(outcomes), score(outcomes),
        round(statistics.median(took), 2) if quantiles else None, round(quantiles[-1], 2) if quantiles else None,
        wordings(gold),
    )  # fmt: skip


def wordings(gold: Sequence[Gold]) -> Worded | None:
    """The product's own wording of right readings against their references; None where none has any."""
    pairs = [(said, one.references) for one in gold if one.references and (said := worded(one))]
    if not pairs:
        return None
    rouge = [rouge_l(text, references) for text, references in pairs]
    return Worded(len(pairs), round(bleu(pairs), 4), round(statistics.mean(rouge), 4))


def worded(one: Gold) -> str:
    """A standing policy in words, as plans show it; '' for any other reading."""
    said = [Intent.model_validate(intent) for intent in one.readings[0]]
    if [intent.action for intent in said] != ["protect"] or not said[0].targets:
        return ""
    language: explain.Language = "zh" if one.language == "zh" else "en"
    return explain.wish(", ".join(said[0].targets), said[0].schedule, said[0].retention, language)
