"""A second opinion on what is asked for: a linear model over words that knows what the rules made of them.

The weights come from `tools/fit_confidence.py`. Where the opinion and the rules part, the opinion has it, and the reading
is less sure of itself. A larger model takes this place later.
"""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from itertools import pairwise

from planner.language import actions
from planner.language.actions import Told
from planner.language.normalise.text import pattern
from planner.language.stretches import Stretch

SCALE = 32  # weights are kept as whole numbers of 1/32: smaller, and the same on every machine


@dataclass(frozen=True, slots=True)
class Fitted:
    """What was fitted on the corpus. `actions`: for each clue a weight a label; `spans`: the same for `tagging`;
    `confidence`: a weight a feature of `doubt`; `ask_below`: a reading less sure than this asks."""

    labels: tuple[str, ...] = ()
    actions: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    spans: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    confidence: Mapping[str, float] = field(default_factory=dict)
    ask_below: float = 0.5


@cache
def shipped() -> Fitted:
    """The weights that belong to this version."""
    packed = resources.files("planner.language").joinpath("fitted.json.gz").read_bytes()
    data = json.loads(gzip.decompress(packed))
    actions_ = {clue: tuple(weights) for clue, weights in data["actions"].items()}
    return Fitted(tuple(data["labels"]), actions_, data["spans"], data["confidence"], data["ask_below"])


def clues(part: Stretch, folded: str) -> frozenset[str]:
    """Words, pairs of words and what the rules found; values and names stand as their kind, for theirs are no two alike."""
    out = list(actions.names_blanked(folded[part.start : part.end]))
    for mark in part.marks:
        for i in range(mark.start - part.start, min(mark.end - part.start, len(out))):
            out[i] = "\2"
    plain = pattern(r"\d+").sub("0", "".join(out))
    found = pattern(r"[a-z][a-z']*|0|\x01+|\x02+|[\u4e00-\u9fff]|[?!]").findall(plain)
    words = ["^", *({"\1": "#", "\2": "="}.get(w[0], w) for w in found)]
    told = part.told.action if part.told else "nothing"
    marks = {f"mark:{m.label}" for m in part.marks}
    return frozenset({*words, *(f"{a} {b}" for a, b in pairwise(words)), *marks, f"rules:{told}", "always"})


def weigh(found: frozenset[str], fitted: Fitted) -> dict[str, float]:
    """The probability of each action."""
    table = fitted.actions
    sums = [0] * len(fitted.labels)
    for clue in found:
        for i, weight in enumerate(table.get(clue, ())):
            sums[i] += weight
    if not sums:
        return {}
    top = max(sums)
    powers = [math.exp((s - top) / SCALE) for s in sums]
    return {label: power / sum(powers) for label, power in zip(fitted.labels, powers, strict=True)}


def decided(part: Stretch, folded: str, fitted: Fitted) -> Stretch:
    """The stretch with the action that the opinion finds likeliest, and how sure it is."""
    chances = weigh(clues(part, folded), fitted)
    if not chances:
        return part
    best = max(chances, key=lambda action: chances[action])
    old = part.told or Told("unsupported", part.start, part.start, 0.0)
    told = replace(old, action=best, sure=chances[best], agreed=best == old.action)
    if best != old.action:
        hit = actions.cue_hits(folded[part.start : part.end]).get(best)
        start, end = (hit[1] + part.start, hit[2] + part.start) if hit else (old.start, old.end)
        told = replace(told, start=start, end=end, margin=0.0)
    return replace(part, told=told)
