"""How well requests were read: figures over gold rows and the answers to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

from planner.language.training import normal
from planner.language.training.gold import Gold
from planner.language.training.normal import Normal, Part

SURE = 0.5  # the contract: from this confidence on, a wrong reading without a question is a silent one
BINS = 10
NONE = "(none)"
TAKES_AWAY = frozenset({"forget", "unprotect"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """One request, and what came of it. `want` and `have` are the parts of the nearest right reading and of the one given."""

    gold: Gold
    said: tuple[Normal, ...]
    best: tuple[Normal, ...]
    want: frozenset[Part]
    have: frozenset[Part]
    exact: bool
    actions: bool
    asked: bool
    confidence: float

    @property
    def silent(self) -> bool:
        """Misread, sure of it, and no question asked: the failure that must not happen. What had to be asked counts, too."""
        return not self.asked and self.confidence >= SURE and (not self.exact or self.gold.ambiguous)

    @property
    def destructive(self) -> bool:
        """Silently misread such that something goes (snapshots, protection, the original) that was not to go."""
        known = [] if self.gold.ambiguous else [normal.intent(one) for reading in self.gold.readings for one in reading]
        return self.silent and any(_takes_away(one) and one not in known for one in self.said)

    @property
    def served(self) -> bool:
        """What the person is after: a clear request read rightly without a question, an ambiguous one asked back."""
        return self.asked if self.gold.ambiguous else self.exact and not self.asked


@dataclass(frozen=True, slots=True)
class Bin:
    """Clear requests whose confidence lies from `low` to `high`: how many, how sure on average, how often right."""

    low: float
    high: float
    requests: int
    confidence: float
    exact: float


@dataclass(frozen=True, slots=True)
class Slot:
    """Precision, recall and F1 of the values of one slot, from 0 to 1; `wanted` and `given` are counts."""

    precision: float
    recall: float
    f1: float
    wanted: int
    given: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares from 0 to 1; None where there is nothing to share. `exact`, `actions`, the slots and `ece` are over clear requests,
    `asked` over ambiguous ones, `needless` over clear ones that were read rightly, `silent` and `served` over all;
    `destructive` is a count. `ece`: expected calibration error over ten bins of equal width."""

    requests: int
    clear: int
    exact: float | None
    actions: float | None
    slot_precision: float
    slot_recall: float
    slot_f1: float
    asked: float | None
    needless: float | None
    silent: float | None
    destructive: int
    served: float | None
    ece: float | None


@dataclass(frozen=True, slots=True)
class Scores:
    """Everything about one set of requests. `confusion`: (wanted, given) action → how often, over clear requests."""

    all: Figures
    by_language: Mapping[str, Figures]
    by_action: Mapping[str, Figures]
    by_tag: Mapping[str, Figures]
    slots: Mapping[str, Slot]
    reliability: tuple[Bin, ...]
    confusion: Mapping[tuple[str, str], int]

    def as_dict(self) -> dict[str, Any]:
        """For JSON; the confusion is a list of {wanted, given, requests}."""
        told = [{"wanted": w, "given": g, "requests": n} for (w, g), n in self.confusion.items()]
        return {**asdict(self), "confusion": told}


def outcome(gold: Gold, answer: Mapping[str, Any] | None) -> Outcome:
    """What came of one request; `answer` is the contract's object, None where there was none."""
    answer = answer or {}
    said = [normal.intent(one) for one in answer.get("intents") or []]
    readings = [[normal.intent(one) for one in reading] for reading in gold.readings]
    have = normal.parts(said)
    best = max(readings, key=lambda reading: len(normal.parts(reading) & have))
    return Outcome(
        gold, tuple(said), tuple(best), normal.parts(best), have,
        exact=said in readings,
        actions=_actions(said) in [_actions(reading) for reading in readings],
        asked=bool(answer.get("clarify")),
        confidence=float(answer.get("confidence") or 0.0),
    )  # fmt: skip


def score(outcomes: Sequence[Outcome]) -> Scores:
    """The figures of a set of requests and of its parts."""
    return Scores(
        figures(outcomes),
        _grouped(outcomes, lambda one: [one.gold.language]),
        _grouped(outcomes, lambda one: list(dict.fromkeys(_actions(one.best)))),
        _grouped(outcomes, lambda one: one.gold.tags),
        slots(outcomes),
        reliability(outcomes),
        confusion(outcomes),
    )


def figures(outcomes: Sequence[Outcome]) -> Figures:
    """The figures of one group."""
    clear = [one for one in outcomes if not one.gold.ambiguous]
    parts = _slot(
        sum(len(o.want & o.have) for o in clear), sum(len(o.want) for o in clear), sum(len(o.have) for o in clear)
    )
    error = sum(bin_.requests * abs(bin_.confidence - bin_.exact) for bin_ in _bins(clear))
    return Figures(
        len(outcomes), len(clear), _share(one.exact for one in clear), _share(one.actions for one in clear),
        parts.precision, parts.recall, parts.f1,
        _share(one.asked for one in outcomes if one.gold.ambiguous), _share(one.asked for one in clear if one.exact),
        _share(one.silent for one in outcomes), sum(one.destructive for one in outcomes),
        _share(one.served for one in outcomes), round(error / len(clear), 4) if clear else None,
    )  # fmt: skip


def slots(outcomes: Iterable[Outcome]) -> dict[str, Slot]:
    """Precision and recall slot by slot, over clear requests; `action` is among them."""
    hit, want, have = Counter[str](), Counter[str](), Counter[str]()
    for one in outcomes:
        if not one.gold.ambiguous:
            for counter, found in ((hit, one.want & one.have), (want, one.want), (have, one.have)):
                counter.update(name.partition(".")[0] for _, name, _ in found)
    return {name: _slot(hit[name], want[name], have[name]) for name in sorted({*want, *have})}


def reliability(outcomes: Iterable[Outcome]) -> tuple[Bin, ...]:
    """Confidence against truth, over clear requests, bins without requests left out."""
    return tuple(
        Bin(b.low, b.high, b.requests, round(b.confidence, 4), round(b.exact, 4))
        for b in _bins([one for one in outcomes if not one.gold.ambiguous])
    )


def confusion(outcomes: Iterable[Outcome]) -> dict[tuple[str, str], int]:
    """Which action was taken for which, over clear requests; `(none)` stands for an intent too few or too many."""
    found: Counter[tuple[str, str]] = Counter()
    for one in outcomes:
        if not one.gold.ambiguous:
            found.update(_aligned(_actions(one.best), _actions(one.said)))
    return dict(sorted(found.items()))


def _aligned(want: list[str], have: list[str]) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for _, a, b, c, d in SequenceMatcher(None, want, have, autojunk=False).get_opcodes():
        pairs += zip_longest(want[a:b], have[c:d], fillvalue=NONE)
    return pairs


def _bins(clear: Sequence[Outcome]) -> list[Bin]:
    groups: dict[int, list[Outcome]] = {}
    for one in clear:
        groups.setdefault(min(BINS - 1, int(one.confidence * BINS)), []).append(one)
    return [
        Bin(n / BINS, (n + 1) / BINS, len(g), sum(o.confidence for o in g) / len(g), sum(o.exact for o in g) / len(g))
        for n, g in sorted(groups.items())
    ]


def _grouped(outcomes: Sequence[Outcome], keys: Any) -> dict[str, Figures]:
    groups: dict[str, list[Outcome]] = {}
    for one in outcomes:
        for key in keys(one):
            groups.setdefault(key, []).append(one)
    return {key: figures(groups[key]) for key in sorted(groups)}


def _slot(hit: int, want: int, have: int) -> Slot:
    precision, recall = hit / have if have else 0.0, hit / want if want else 0.0
    f1 = 2 * precision * recall / (precision + recall) if hit else 0.0
    return Slot(round(precision, 4), round(recall, 4), round(f1, 4), want, have)


def _share(flags: Iterable[bool]) -> float | None:
    found = list(flags)
    return round(sum(found) / len(found), 4) if found else None


def _actions(reading: Iterable[Normal]) -> list[str]:
    return [one["action"] for one in reading]


def _takes_away(one: Normal) -> bool:
    return one["action"] in TAKES_AWAY or bool(one.get("in_place"))
