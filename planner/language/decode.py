"""What the model's numbers say: spans, intents and how sure each is. Arrays in, plain values out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest

import numpy as np
from numpy.typing import NDArray

from planner.language.compose import Heard, Mark
from planner.language.labels import ACTIONS, LABELS, MOST, TOPICS

Floats = NDArray[np.float32]
NONE = ACTIONS.index("none")
NEVER = -1e4


@dataclass(frozen=True, slots=True)
class Said:
    """The model's answer on one request, logits: `tags` pieces x TAGS, `owners` pieces x MOST, `actions` MOST x ACTIONS, `topics`
    MOST x TOPICS, `doubt` whether a careful reader would ask back."""

    tags: Floats
    owners: Floats
    actions: Floats
    topics: Floats
    doubt: float


@dataclass(frozen=True, slots=True)
class Sureness:
    """Probabilities of the parts of a reading, each of the least sure one. `slips`: expected number of wrong tags."""

    actions: float
    count: float
    spans: float
    outside: float
    owners: float
    topics: float
    doubt: float
    slips: float


def decode(said: Said, ranges: Sequence[tuple[int, int]], text: str) -> tuple[Heard, Sureness]:
    """Marks and intents of the likeliest reading. `ranges`: of each piece in the text."""
    chances = _softmax(said.actions)
    count = next((k for k in range(1, MOST) if int(chances[k].argmax()) == NONE), MOST)
    best = [int(np.delete(row, NONE).argmax()) for row in chances[:count]]
    actions = tuple(ACTIONS[i] for i in best)
    real = [i for i, (start, end) in enumerate(ranges) if end > start]
    tags = _softmax(said.tags[real]) if real else np.zeros((0, said.tags.shape[1]), np.float32)
    glued = [_glued(text, ranges[a][1], ranges[b][0]) for a, b in pairwise(real)]
    path = _viterbi(np.log(np.maximum(tags, 1e-9)), glued)
    owners = said.owners[real][:, :count]
    marks: list[Mark] = []
    spans, sure_owners = 1.0, 1.0
    for begin, end, label in _spans(path):
        logits = owners[begin:end].mean(0)
        mine = tuple(int(k) for k in np.flatnonzero(logits > 0)) or (int(logits.argmax()),)
        if count > 1:
            sure_owners = min(sure_owners, float(_sigmoid(np.abs(logits)).min()))
        spans = min(spans, float(min(tags[i, path[i]] for i in range(begin, end))))
        start, stop = ranges[real[begin]][0], ranges[real[end - 1]][1]
        while stop > start and text[stop - 1].isspace():
            stop -= 1
        marks.append(Mark(start, stop, label, mine))
    topics = _softmax(said.topics[:count])
    told, sure_topics = [], 1.0
    for k, action in enumerate(actions):
        best_topic = int(topics[k, : len(TOPICS) - 1].argmax())
        told.append(TOPICS[best_topic] if action == "status" else None)
        if action == "status":
            sure_topics = min(sure_topics, float(topics[k, best_topic]))
    chosen = np.array([tags[i, tag] for i, tag in enumerate(path)]) if path else np.ones(1)
    free = [tags[i, 0] for i, tag in enumerate(path) if tag == 0]
    heard = Heard(actions, tuple(told), tuple(marks))
    return heard, Sureness(
        actions=float(min(chances[k, i] for k, i in enumerate(best))),
        count=float(chances[count, NONE]) if count < MOST else 1.0,
        spans=spans, outside=float(min(free, default=1.0)), owners=sure_owners, topics=sure_topics,
        doubt=float(_sigmoid(np.float32(said.doubt))), slips=float((1 - chosen).sum()),
    )  # fmt: skip


def _softmax(logits: Floats) -> Floats:
    spread = np.exp(logits - logits.max(-1, keepdims=True))
    return np.asarray(spread / spread.sum(-1, keepdims=True), np.float32)


def _sigmoid(logits: Floats | np.float32) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -30, 30))), np.float32)


def _moves() -> Floats:
    """Which tag may follow which: an inside only its own begin or inside."""
    size = 1 + 2 * len(LABELS)
    moves = np.zeros((size, size), np.float32)
    for inside in range(2, size, 2):
        moves[:, inside] = NEVER
        moves[inside - 1, inside] = moves[inside, inside] = 0
    return moves


def _inner_moves() -> Floats:
    """Which tag may follow which inside of one word: what carries it goes on."""
    size = 1 + 2 * len(LABELS)
    moves = np.full((size, size), NEVER, np.float32)
    moves[0, 0] = 0
    for inside in range(2, size, 2):
        moves[inside - 1, inside] = moves[inside, inside] = 0
    return moves


MOVES = _moves()
INNER_MOVES = _inner_moves()


def _glued(text: str, end: int, start: int) -> bool:
    """Whether a Latin word goes on from the piece that ends there to the one that starts there."""
    return end == start and text[end - 1 : end + 1].isascii() and text[end - 1 : end + 1].isalpha()


def _viterbi(scores: Floats, glued: Sequence[bool] = ()) -> list[int]:
    """The likeliest run of tags in which every inside follows its own label, and no word is cut: `glued` tells of each piece but the
    first whether it goes on with the word before it."""
    if not len(scores):
        return []
    total = scores[0].copy()
    total[2::2] += NEVER
    back = []
    for row, inner in zip_longest(scores[1:], glued, fillvalue=False):
        ways = total[:, None] + (INNER_MOVES if inner else MOVES)
        back.append(ways.argmax(0))
        total = ways.max(0) + row
    path = [int(total.argmax())]
    for step in reversed(back):
        path.append(int(step[path[-1]]))
    return path[::-1]


def _spans(path: Sequence[int]) -> list[tuple[int, int, str]]:
    """(first piece, behind the last piece, label) of each run."""
    out: list[tuple[int, int, str]] = []
    for i, tag in enumerate(path):
        if tag == 0:
            continue
        label = LABELS[(tag - 1) // 2]
        if tag % 2 == 0 and out and out[-1][1] == i and out[-1][2] == label:
            out[-1] = (out[-1][0], i + 1, label)
        else:
            out.append((i, i + 1, label))
    return out
