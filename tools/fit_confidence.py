#!/usr/bin/env python3
"""Fit what the reader weighs: `planner/language/fitted.json.gz`.

    .venv/bin/python tools/fit_confidence.py CORPUS_FOLDER

Reads every `*.jsonl` in the folder (lines of {"marked", "now", "gold", "ambiguous"}; see docs/language.md) and fits
    actions     a linear model over clues: which action a stretch of words asks for
    spans       an averaged perceptron over words: which slot each carries
    confidence  plain logistic regression with an L2 penalty: is the whole reading right?
    ask_below   the confidence under which a reading asks: of the readings above it, WRONG_AT_MOST are wrong
The confidence is fitted on readings by weights that had not seen the line (FOLDS parts, split by a hash of the text), and so is
what is printed. The same corpus gives the same file. Never give it lines that are meant for measuring.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import math
import random
import re
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from planner.language import doubt, opinion, reader, tagging
from planner.language.intent import SLOTLESS, Action
from planner.language.marks import Mark
from planner.language.normalise.text import fold, is_chinese
from planner.language.opinion import SCALE, Fitted

OUT = Path(__file__).parent.parent / "planner" / "language" / "fitted.json.gz"
LABELS: tuple[str, ...] = Action.__args__  # type: ignore[attr-defined]  # what a Literal lists
FOLDS = 5
SEEN_AT_LEAST = 4
PASSES = 8
TAG_PASSES = 5
STEP = 0.3
PENALTY = 1.0
WRONG_AT_MOST = 0.15
MARK = re.compile(r"⟦([^⟦⟧|]+)\|(?:\d+(?:,\d+)*\.)?([a-z_]+)⟧")
UNORDERED = {"targets", "items", "exclude", "destinations", "channels", "days", "at", "month_days", "months"}
ARTICLE = re.compile(r"^(?:(?:the|a|an|my|our|your|this|that|all of|all the) )+")


@dataclass(frozen=True, slots=True)
class Line:
    text: str
    marks: tuple[Mark, ...]
    now: datetime
    gold: list[dict[str, Any]]
    ambiguous: bool

    @property
    def part(self) -> int:
        return int(hashlib.sha256(self.text.encode()).hexdigest(), 16) % FOLDS


def lines(folder: Path) -> list[Line]:
    rows = [json.loads(row) for path in sorted(folder.glob("*.jsonl")) for row in path.read_text("utf-8").splitlines()]
    return [
        Line(*_unmarked(r["marked"]), datetime.fromisoformat(r["now"]), r["gold"], bool(r["ambiguous"])) for r in rows
    ]


def _unmarked(marked: str) -> tuple[str, tuple[Mark, ...]]:
    """The text without its marks, and the marks."""
    text, position, marks = "", 0, []
    for m in MARK.finditer(marked):
        text += marked[position : m.start()]
        marks.append(Mark(len(text), len(text) + len(m[1]), m[2]))
        text += m[1]
        position = m.end()
    return text + marked[position:], tuple(marks)


def same(said: Any, gold: Any, key: str = "") -> bool:
    """Whether two values mean the same: order of lists, case and articles don't count."""
    return bool(_form(said, key) == _form(gold, key))


def _form(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        if value.get("action") in SLOTLESS:
            return {"action": value["action"]}
        return {k: _form(v, k) for k, v in value.items() if v not in (None, [], {}, "", False)}
    if isinstance(value, list):
        forms = [_form(v, key) for v in value]
        return sorted(forms, key=str) if key in UNORDERED else forms
    if key == "trigger":
        return "before" if re.search(r"\bbefore\b|\bprior\b|前", str(value)) else "after"
    return ARTICLE.sub("", value.casefold().rstrip("/")) if isinstance(value, str) else value


def examples(line: Line) -> Iterable[tuple[frozenset[str], int]]:
    """Stretches with the action that is asked for in them, where the cut agrees with the gold."""
    folded = fold(line.text)
    parts = reader.stretches(folded)
    if len(parts) == len(line.gold):
        for part, intent in zip(parts, line.gold, strict=True):
            yield opinion.clues(part, folded), LABELS.index(intent["action"])


def fit_actions(rows: Sequence[tuple[frozenset[str], int]]) -> dict[str, tuple[int, ...]]:
    """Multinomial logistic regression by AdaGrad."""
    often = Counter(clue for clues, _label in rows for clue in clues)
    weights = {clue: [0.0] * len(LABELS) for clue, n in sorted(often.items()) if n >= SEEN_AT_LEAST}
    squares = {clue: [1e-6] * len(LABELS) for clue in weights}
    data = [([c for c in sorted(clues) if c in weights], label) for clues, label in rows]
    order = random.Random(1)  # noqa: S311 - an order of lines, not a secret
    for _ in range(PASSES):
        order.shuffle(data)
        for clues, label in data:
            sums = [sum(column) for column in zip(*(weights[c] for c in clues), strict=True)]
            top = max(sums)
            powers = [math.exp(s - top) for s in sums]
            total = sum(powers)
            slope = [p / total - (i == label) for i, p in enumerate(powers)]
            for clue in clues:
                row, square = weights[clue], squares[clue]
                for i, by in enumerate(slope):
                    grad = by + 1e-4 * row[i]
                    square[i] += grad * grad
                    row[i] -= STEP * grad / math.sqrt(square[i])
    return {c: whole for c, row in weights.items() if any(whole := tuple(round(w * SCALE) for w in row))}


@dataclass(frozen=True, slots=True)
class Word:
    part: int
    clues: tuple[str, ...]
    label: str
    before: str


def tag_examples(line: Line, fitted: Fitted) -> Iterable[Word]:
    """Every word with its clues, the rules' marks among them, as `fitted` tells the action."""
    folded = fold(line.text)
    for draft in reader.drafts(line.text, folded, line.now, (), fitted):
        places = tagging.words(folded, draft.part.start, draft.part.end)
        seen = tagging.Seen.of(line.text, folded, places, draft.ruled, draft.action)
        before = tagging.OUTSIDE
        for i, label in enumerate(tagging.marked(places, line.marks)):
            yield Word(line.part, tuple(map(sys.intern, seen.clues(i, before))), label, before)
            before = label


def fit_spans(words: Sequence[Word]) -> dict[str, dict[str, int]]:
    """An averaged perceptron; clues that are seen too seldom are left out."""
    often = Counter(clue for word in words for clue in word.clues)
    data = [([c for c in w.clues if often[c] >= SEEN_AT_LEAST], w.label, w.before) for w in words]
    weights: dict[str, dict[str, int]] = {c: {} for clues, _label, _before in data for c in clues}
    sums: Counter[tuple[str, str]] = Counter()  # of the updates, each times the moment it came
    order, moment = random.Random(1), 0  # noqa: S311 - an order of words, not a secret
    for _ in range(TAG_PASSES):
        order.shuffle(data)
        for clues, label, before in data:
            moment += 1
            found = tagging.scores(clues, weights)
            best = max((v, name) for name, v in found.items() if tagging.follows(name, before))[1]
            if best == label:
                continue
            for clue in clues:
                row = weights[clue]
                for name, by in ((label, 1), (best, -1)):
                    row[name] = row.get(name, 0) + by
                    sums[clue, name] += by * moment
    mean = {
        c: {n: whole for n, v in sorted(row.items()) if (whole := round(4 * (v - sums[c, n] / moment)))}
        for c, row in sorted(weights.items())
    }
    return {clue: row for clue, row in mean.items() if row}


def fit_logistic(rows: Sequence[dict[str, float]], right: Sequence[bool]) -> dict[str, float]:
    """Newton's method for the L2-penalised logistic loss; the bias is not penalised."""
    names = sorted({name for row in rows for name in row})
    x = [[row.get(name, 0.0) for name in names] for row in rows]
    n = len(names)
    w = [0.0] * n
    for _ in range(12):
        slope = [PENALTY * v if name != "bias" else 0.0 for name, v in zip(names, w, strict=True)]
        curve = [[(PENALTY if i == j and names[i] != "bias" else 0.0) for j in range(n)] for i in range(n)]
        for row, y in zip(x, right, strict=True):
            p = 1 / (1 + math.exp(-sum(a * b for a, b in zip(w, row, strict=True))))
            filled = [i for i, v in enumerate(row) if v]
            for i in filled:
                slope[i] += (p - y) * row[i]
                for j in filled:
                    curve[i][j] += p * (1 - p) * row[i] * row[j]
        w = [a - b for a, b in zip(w, _solved(curve, slope), strict=True)]
    return {name: round(v, 4) for name, v in zip(names, w, strict=True)}


def _solved(matrix: list[list[float]], right: list[float]) -> list[float]:
    """The solution of a linear system, by Gauss's elimination."""
    n = len(right)
    rows = [[*row, b] for row, b in zip(matrix, right, strict=True)]
    for i in range(n):
        pivot = max(range(i, n), key=lambda r: abs(rows[r][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for r in range(i + 1, n):
            by = rows[r][i] / rows[i][i]
            rows[r] = [a - by * b for a, b in zip(rows[r], rows[i], strict=True)]
    out = [0.0] * n
    for i in reversed(range(n)):
        out[i] = (rows[i][n] - sum(rows[i][j] * out[j] for j in range(i + 1, n))) / rows[i][i]
    return out


def threshold(unasked: Sequence[tuple[float, bool]]) -> float:
    """The lowest confidence such that of the readings at or above it no more than WRONG_AT_MOST are wrong."""
    best, good = 1.0, 0
    for seen, (chance, ok) in enumerate(sorted(unasked, reverse=True), 1):
        good += ok
        if good >= (1 - WRONG_AT_MOST) * seen:
            best = chance
    return max(0.5, round(best, 3))


def main() -> None:
    corpus = lines(Path(sys.argv[1]))
    samples = [(line.part, list(examples(line))) for line in corpus]
    told = [
        Fitted(LABELS, fit_actions([e for part, found in samples if part != unseen for e in found]))
        for unseen in range(FOLDS)
    ]
    words = [word for line in corpus for word in tag_examples(line, told[line.part])]
    folds = [replace(told[k], spans=fit_spans([w for w in words if w.part != k])) for k in range(FOLDS)]
    rows, right, silent = [], [], []
    for line in corpus:
        folded, language = fold(line.text), "zh" if is_chinese(line.text) else "en"
        drafts = reader.drafts(line.text, folded, line.now, (), folds[line.part])
        found = doubt.checked(drafts, line.text, folded, language)
        rows.append(doubt.features(drafts, found, folded, language))
        right.append(same([i.as_contract() for i in found.intents], line.gold) and not line.ambiguous)
        silent.append(not found.asked)
    confidence = fit_logistic(rows, right)
    chances = [doubt.probability(row, confidence) for row in rows]
    unasked = [(chance, ok) for chance, ok, free in zip(chances, right, silent, strict=True) if free]
    limit = threshold(unasked)
    shipped = {
        "labels": LABELS,
        "ask_below": limit,
        "confidence": confidence,
        "actions": fit_actions([e for _part, found in samples for e in found]),
        "spans": fit_spans(words),
    }
    packed = json.dumps(shipped, ensure_ascii=False, separators=(",", ":")).encode()
    OUT.write_bytes(gzip.compress(packed, mtime=0))
    above = [ok for chance, ok in unasked if chance >= limit]
    print(f"{len(rows)} lines, {sum(right) / len(rows):.1%} read rightly; asks below {limit}:")
    print(f"{len(above) / len(rows):.1%} stay above, of which {1 - sum(above) / max(1, len(above)):.1%} are wrong")


if __name__ == "__main__":
    main()
