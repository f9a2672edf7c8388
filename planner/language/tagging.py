"""A second opinion on which words carry which slot: a linear model over words that knows the rules' marks.

Greedy from left to right. The weights come from `tools/fit_confidence.py`; without weights the rules' marks stand.
A larger model takes this place later: it has the same to give, marks.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from planner.language.marks import Mark
from planner.language.normalise.text import pattern

OUTSIDE = "-"
LEAD = 20  # by which a label is clearly ahead of the next one
CLEAR = 1000
WORD = r"[/\\~#@.*$_]*[a-z0-9]+(?:[\w./\\:@+~*&#=-]*[a-z0-9_/*\\])?|[\u4e00-\u9fff]|\S"
NEVER = frozenset({"action", "topic", "moment"})  # the rules keep these to themselves

Weights = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Tagged:
    """Marks, and how sure they are: `gap` is the narrowest lead of a label over the next one, `vague` about how many words
    had no clear lead, `parted` counts the words that the rules saw otherwise."""

    marks: tuple[Mark, ...]
    gap: float
    vague: float
    parted: int


def words(folded: str, start: int, end: int) -> list[tuple[int, int]]:
    """Places of words; a Han character is a word."""
    return [m.span() for m in pattern(WORD).finditer(folded, start, end)]


def marked(places: Sequence[tuple[int, int]], marks: Sequence[Mark]) -> list[str]:
    """For each word the label of the mark that it begins (`B.`) or goes on (`I.`)."""
    out = [OUTSIDE] * len(places)
    for mark in marks:
        if mark.label in NEVER:
            continue
        first = True
        for i, (start, end) in enumerate(places):
            if start < mark.end and end > mark.start and out[i] == OUTSIDE:
                out[i] = f"{'B' if first else 'I'}.{mark.label}"
                first = False
    return out


def _shape(text: str) -> str:
    """Whether it is written like a name, a number, a word with a capital, or else."""
    if len(text) == 1 and not text.isalnum():
        return text
    kinds = {
        "0": any(c.isdigit() for c in text),
        "/": "/" in text or "\\" in text,
        "-": "-" in text or "_" in text,
        ".": "." in text,
    }
    return "".join(k for k, there in kinds.items() if there) + ("A" if text[0].isupper() else "a")


@dataclass(frozen=True, slots=True)
class Seen:
    """The words of one stretch, with what the rules say of each."""

    plain: tuple[str, ...]
    shapes: tuple[str, ...]
    rules: tuple[str, ...]
    action: str

    @classmethod
    def of(cls, text: str, folded: str, places: Sequence[tuple[int, int]], marks: Sequence[Mark], action: str) -> Seen:
        plain = tuple(pattern(r"\d").sub("0", folded[a:b]) for a, b in places)
        return cls(plain, tuple(_shape(text[a:b]) for a, b in places), tuple(marked(places, marks)), action)

    def clues(self, i: int, before: str) -> Iterator[str]:
        """What speaks for a label of word `i`; `before` is the label of the word in front."""

        def at(row: Sequence[str], by: int) -> str:
            return row[i + by] if 0 <= i + by < len(row) else "^" if i + by < 0 else "$"

        def w(by: int) -> str:
            return at(self.plain, by)

        def s(by: int) -> str:
            return at(self.shapes, by)

        def r(by: int) -> str:
            return at(self.rules, by)

        a, p = self.action, before
        yield from (f"w{w(0)}", f"<{w(-1)}", f">{w(1)}", f"<<{w(-2)}", f">>{w(2)}")
        yield from (
            f"<w{w(-1)} {w(0)}",
            f"w>{w(0)} {w(1)}",
            f"<>{w(-1)} {w(1)}",
            f"<2{w(-2)} {w(-1)}",
            f">2{w(1)} {w(2)}",
        )
        yield from (f"s{s(0)}", f"s3{s(-1)} {s(0)} {s(1)}", f"sw{s(0)} {w(-1)}", f"ws{w(0)} {s(1)}")
        yield from (f"r{r(0)}", f"r3{r(-1)} {r(0)} {r(1)}", f"rw{r(0)} {w(0)}", f"r<{r(0)} {w(-1)}", f"rs{r(0)} {s(0)}")
        yield from (f"a{a}", f"ar{a} {r(0)}", f"aw{a} {w(0)}", f"a<{a} {w(-1)}", f"as{a} {s(0)} {p}")
        yield from (
            f"p{p}",
            f"pw{p} {w(0)}",
            f"pr{p} {r(0)} {r(1)}",
            f"p<{p} {w(-1)} {w(0)}",
            f"ps{p} {s(0)}",
            f"p>{p} {w(1)}",
        )
        yield f"e{w(0)[-3:]} {s(0)}"


def scores(clues: Iterable[str], weights: Weights) -> dict[str, int]:
    """The sum for each label."""
    sums: dict[str, int] = {OUTSIDE: 0}
    for clue in clues:
        for label, weight in weights.get(clue, {}).items():
            sums[label] = sums.get(label, 0) + weight
    return sums


def tagged(
    text: str, folded: str, start: int, end: int, marks: Sequence[Mark], action: str, weights: Weights
) -> Tagged:
    """The marks of one stretch; those of the rules where there are no weights."""
    if not weights:
        return Tagged(tuple(m for m in marks if m.label not in NEVER), 0.0, 0.0, 0)
    places = words(folded, start, end)
    seen = Seen.of(text, folded, places, marks, action)
    labels: list[str] = []
    gaps: list[int] = []
    for i in range(len(places)):
        before = labels[-1] if labels else OUTSIDE
        sums = scores(seen.clues(i, before), weights)
        ranked = sorted(((v, label) for label, v in sums.items() if follows(label, before)), reverse=True)
        labels.append(ranked[0][1])
        gaps.append(ranked[0][0] - ranked[1][0] if len(ranked) > 1 else CLEAR)
    parted = sum(a[2:] != b[2:] for a, b in zip(labels, seen.rules, strict=True))
    return Tagged(
        tuple(_joined(places, labels)), float(min(gaps, default=CLEAR)), sum(math.exp(-g / LEAD) for g in gaps), parted
    )


def follows(label: str, before: str) -> bool:
    """Whether a mark can go on behind the label before."""
    return not label.startswith("I.") or before[2:] == label[2:]


def _joined(places: Sequence[tuple[int, int]], labels: Sequence[str]) -> Iterator[Mark]:
    begin: int | None = None
    for i, label in enumerate(labels):
        if label.startswith("B."):
            begin = i
        if label != OUTSIDE and begin is not None and (i + 1 == len(labels) or not labels[i + 1].startswith("I.")):
            yield Mark(places[begin][0], places[i][1], label[2:])
            begin = None
