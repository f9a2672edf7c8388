#!/usr/bin/env python3
"""Fit what the reader weighs: `planner/language/fitted.json.gz`.

    .venv/bin/python tools/fit_confidence.py CORPUS_FOLDER

Reads every `*.jsonl` in the folder (lines of {"marked", "now", "gold", "ambiguous"}; see docs/language.md) and fits
    actions     a linear model over clues: which action a stretch of words asks for
    several     the same: whether there is more than one intent
    spans       an averaged perceptron over words: which slot each carries
    confidence  plain logistic regression with an L2 penalty: is the whole reading right?
    ask_below   the confidence under which a reading asks, such that SILENT_AT_MOST are wrong without a question
Plain requests (`plain_requests.py`) are learnt from as well, with the names of the corpus.
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
from typing import Any, get_args

sys.path.insert(0, str(Path(__file__).parent.parent))

import plain_requests

from planner.language import doubt, opinion, reader, tagging
from planner.language.intent import SLOTLESS, Action, Topic
from planner.language.marks import Mark
from planner.language.normalise.text import fold, is_chinese
from planner.language.opinion import SCALE, Fitted

OUT = Path(__file__).parent.parent / "planner" / "language" / "fitted.json.gz"
LABELS = (*get_args(Action), *(f"status.{topic}" for topic in get_args(Topic)))
FOLDS = 3
SEEN_AT_LEAST = 4
PASSES = 8
TAG_PASSES = 5
STEP = 0.3
PENALTY = 1.0
SILENT_AT_MOST = 0.002
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
    return [as_line(row) for row in rows]


def as_line(row: dict[str, Any]) -> Line:
    """One line of the corpus."""
    return Line(*_unmarked(row["marked"]), datetime.fromisoformat(row["now"]), row["gold"], bool(row["ambiguous"]))


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
            label = f"status.{intent['topic']}" if intent.get("topic") else intent["action"]
            yield opinion.clues(part, folded), LABELS.index(label)


def count_example(line: Line) -> tuple[frozenset[str], int]:
    """Whether a request asks for more than one thing."""
    folded = fold(line.text)
    return opinion.all_clues(reader.stretches(folded), folded), int(len(line.gold) > 1)


def fit_actions(
    rows: Sequence[tuple[frozenset[str], int]], labels: Sequence[str] = LABELS
) -> dict[str, tuple[int, ...]]:
    """Multinomial logistic regression by AdaGrad."""
    often = Counter(clue for clues, _label in rows for clue in clues)
    weights = {clue: [0.0] * len(labels) for clue, n in sorted(often.items()) if n >= SEEN_AT_LEAST}
    squares = {clue: [1e-6] * len(labels) for clue in weights}
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


@dataclass(frozen=True, slots=True)
class Result:
    """One reading by weights that had not seen the line."""

    features: dict[str, float]
    right: bool
    asked: bool


def unseen_by(corpus: Sequence[Line]) -> tuple[list[Fitted], list[Word]]:
    """For each part the weights fitted on the others, and all words with clues that are as good as on unseen lines."""
    samples = [(line.part, example) for line in corpus for example in examples(line)]
    counts = [(line.part, count_example(line)) for line in corpus]
    told = [
        Fitted(
            LABELS,
            fit_actions([e for part, e in samples if part != own]),
            several=fit_actions([e for part, e in counts if part != own], opinion.COUNTS),
        )
        for own in range(FOLDS)
    ]
    words = [word for line in corpus for word in tag_examples(line, told[line.part])]
    return [replace(told[k], spans=fit_spans([w for w in words if w.part != k])) for k in range(FOLDS)], words


def result(line: Line, fitted: Fitted) -> Result:
    """How a line is read."""
    folded, language = fold(line.text), "zh" if is_chinese(line.text) else "en"
    drafts = reader.drafts(line.text, folded, line.now, (), fitted)
    found = doubt.checked(drafts, line.text, folded, language)
    right = same([i.as_contract() for i in found.intents], line.gold) and not line.ambiguous
    return Result(doubt.features(drafts, found, folded, language, fitted), right, bool(found.asked))


def threshold(results: Sequence[Result], confidence: dict[str, float]) -> float:
    """The lowest confidence from which on no more than SILENT_AT_MOST of all are wrong without a question."""
    ranked = sorted(
        ((doubt.probability(r.features, confidence), r.right) for r in results if not r.asked), reverse=True
    )
    wrong, best = 0, 1.0
    for chance, right in ranked:
        wrong += not right
        if wrong > SILENT_AT_MOST * len(results):
            break
        best = chance
    return max(0.5, round(best, 3))


def main() -> None:
    people = lines(Path(sys.argv[1]))
    names = {name for line in people for intent in line.gold for name in intent.get("targets", ()) if " " not in name}
    corpus = people + [as_line(row) for row in plain_requests.lines(sorted(names))]
    folds, words = unseen_by(corpus)
    results = [result(line, folds[line.part]) for line in corpus]
    confidence = fit_logistic([r.features for r in results], [r.right for r in results])
    limit = threshold(results[: len(people)], confidence)
    shipped = {
        "labels": LABELS,
        "ask_below": limit,
        "confidence": confidence,
        "actions": fit_actions([e for line in corpus for e in examples(line)]),
        "several": fit_actions([count_example(line) for line in corpus], opinion.COUNTS),
        "spans": fit_spans(words),
    }
    packed = json.dumps(shipped, ensure_ascii=False, separators=(",", ":")).encode()
    OUT.write_bytes(gzip.compress(packed, mtime=0))
    for name, some in (("people's", results[: len(people)]), ("plain", results[len(people) :])):
        sure = [r for r in some if not r.asked and doubt.probability(r.features, confidence) >= limit]
        print(
            f"{len(some)} {name} lines: {sum(r.right for r in some) / len(some):.1%} read rightly; at or above {limit} and"
            f" not asked {len(sure) / len(some):.1%}, of all wrong and not asked {sum(not r.right for r in sure) / len(some):.2%}"
        )


if __name__ == "__main__":
    main()
