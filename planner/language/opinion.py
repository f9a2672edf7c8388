"""A second opinion on what is asked for: a linear model over words that knows what the rules made of them.

The weights come from `tools/fit_confidence.py`. Where the opinion and the rules part, the opinion has it, and the reading
is less sure of itself. A larger model takes this place later.
"""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from itertools import pairwise

from planner.language import actions
from planner.language.actions import Told
from planner.language.normalise.text import pattern
from planner.language.stretches import Stretch

COUNTS = ("one", "several")
SCALE = 32  # weights are kept as whole numbers of 1/32: smaller, and the same on every machine


@dataclass(frozen=True, slots=True)
class Fitted:
    """What was fitted on the corpus. `actions`: for each clue a weight a label; `spans`: the same for `tagging`;
    `several`: whether there is more than one intent;
    `confidence`: a weight a feature of `doubt`; `ask_below`: a reading less sure than this asks."""

    labels: tuple[str, ...] = ()
    actions: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    spans: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    several: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    confidence: Mapping[str, float] = field(default_factory=dict)
    ask_below: float = 0.5


@cache
def shipped() -> Fitted:
    """The weights that belong to this version."""
    packed = resources.files("planner.language").joinpath("fitted.json.gz").read_bytes()
    data = json.loads(gzip.decompress(packed))
    actions_, several_ = ({k: tuple(v) for k, v in data[name].items()} for name in ("actions", "several"))
    return Fitted(tuple(data["labels"]), actions_, data["spans"], several_, data["confidence"], data["ask_below"])


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
    told += f".{actions.topic(plain)}" if told == "status" else ""
    marks = {f"mark:{m.label}" for m in part.marks}
    return frozenset({*words, *(f"{a} {b}" for a, b in pairwise(words)), *marks, f"rules:{told}", "always"})


def weigh(found: frozenset[str], table: Mapping[str, tuple[int, ...]], labels: Sequence[str]) -> dict[str, float]:
    """The probability of each label."""
    sums = [0] * len(labels)
    for clue in found:
        for i, weight in enumerate(table.get(clue, ())):
            sums[i] += weight
    if not sums:
        return {}
    top = max(sums)
    powers = [math.exp((s - top) / SCALE) for s in sums]
    return {label: power / sum(powers) for label, power in zip(labels, powers, strict=True)}


def all_clues(parts: Sequence[Stretch], folded: str) -> frozenset[str]:
    """Clues of the whole request to how much is asked for in it."""
    whole = Stretch(0, len(folded), None, [mark for part in parts for mark in part.marks])
    return clues(whole, folded) | {f"parts:{len(parts)}"}


def several(parts: Sequence[Stretch], folded: str, fitted: Fitted) -> float:
    """The probability that more than one thing is asked for."""
    if not fitted.several:
        return 0.5
    return weigh(all_clues(parts, folded), fitted.several, COUNTS)[COUNTS[1]]


def decided(part: Stretch, folded: str, fitted: Fitted) -> Stretch:
    """The stretch with the action that the opinion finds likeliest, and how sure it is."""
    chances = weigh(clues(part, folded), fitted.actions, fitted.labels)
    if not chances:
        return part
    whole: dict[str, float] = {}
    for label, chance in chances.items():
        action = label.partition(".")[0]
        whole[action] = whole.get(action, 0.0) + chance
    best = max(whole, key=lambda action: whole[action])
    label = max((k for k in chances if k.partition(".")[0] == best), key=lambda k: chances[k])
    old = part.told or Told("unsupported", part.start, part.start, 0.0)
    told = replace(old, action=best, topic=label.partition(".")[2], sure=chances[label], agreed=best == old.action)
    if best != old.action:
        hit = actions.cue_hits(folded[part.start : part.end]).get(best)
        start, end = (hit[1] + part.start, hit[2] + part.start) if hit else (old.start, old.end)
        told = replace(told, start=start, end=end, margin=0.0)
    return replace(part, told=told)
