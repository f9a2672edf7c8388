"""Fitting the marker: seeded, resumable, stopped early by what it reads of held-out phrasing."""

from __future__ import annotations

import json
import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from planner.language.labels import ACTIONS, MOST, TAGS, TOPICS
from planner.language.tokens import pieces
from planner.language.training.augment import Augmenter
from planner.language.training.corpus import Example

TAG = {tag: number for number, tag in enumerate(TAGS)}
ACTION = {name: number for number, name in enumerate(ACTIONS)}
TOPIC = {name: number for number, name in enumerate(TOPICS)}
IGNORED = -100
Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides the weights besides the data. `rounds`: (share of the epochs, learning rate of the encoder, of the
    heads); in each the rate rises for the share `warm` of its steps, then falls to nothing."""

    seed: int = 7
    layers: int = 12
    epochs: int = 9
    rounds: tuple[tuple[float, float, float], ...] = ((2 / 3, 2.5e-4, 1e-3), (1 / 3, 1.3e-4, 5.2e-4))
    batch: int = 32
    decay: float = 0.01
    warm: float = 0.06
    augmented: bool = True

    def turns(self) -> list[int]:
        """Epochs of each round."""
        ends = [round(self.epochs * sum(r[0] for r in self.rounds[: n + 1])) for n in range(len(self.rounds))]
        return [b - a for a, b in pairwise([0, *ends])]


@dataclass(frozen=True, slots=True)
class Coded:
    """An example as numbers. `owners`: of each piece and intent 1 or 0, or IGNORED where no mark is."""

    ids: tuple[int, ...]
    tags: tuple[int, ...]
    owners: tuple[tuple[int, ...], ...]
    actions: tuple[int, ...]
    topics: tuple[int, ...]
    doubt: float


def coded(tokenizer: Any, example: Example) -> Coded:
    """What the network is to say about an example."""
    cut = pieces(tokenizer, example.text)
    tags, owners = [], []
    for start, end in cut.ranges:
        mark = next((m for m in example.marks if end > start and m.start <= start < m.end), None)
        if end <= start:
            tags.append(IGNORED)
            owners.append((IGNORED,) * MOST)
        elif mark is None:
            tags.append(TAG["O"])
            owners.append((IGNORED,) * MOST)
        else:
            begins = not any(s < start and mark.start <= s and e > s for s, e in cut.ranges)
            tags.append(TAG[f"{'B' if begins else 'I'}-{mark.label}"])
            owners.append(tuple(int(n in mark.intents) for n in range(MOST)))
    count = len(example.actions)
    actions = [ACTION[a] for a in example.actions] + [ACTION["none"]] * (MOST - count)
    topics = [TOPIC[t or "none"] for t in example.topics] + [TOPIC["none"]] * (MOST - count)
    return Coded(
        cut.ids, tuple(tags), tuple(owners), tuple(actions[:MOST]), tuple(topics[:MOST]), float(example.ambiguous)
    )


def batches(items: Sequence[Coded], size: int, draw: random.Random) -> Iterator[list[Coded]]:
    """Batches of requests of like length, in random order."""
    order = sorted(range(len(items)), key=lambda i: len(items[i].ids) + draw.random() * 6)
    groups = [order[i : i + size] for i in range(0, len(order), size)]
    draw.shuffle(groups)
    for group in groups:
        yield [items[i] for i in group]


def tensors(batch: Sequence[Coded]) -> dict[str, Any]:
    """A batch, padded."""
    import torch

    longest = -(-max(len(c.ids) for c in batch) // 8) * 8  # few shapes: each has to be prepared for once

    def padded(rows: list[Any], fill: Any) -> Any:
        return torch.tensor([[*row, *[fill] * (longest - len(row))] for row in rows])

    return {
        "ids": padded([c.ids for c in batch], 1),
        "mask": padded([[1] * len(c.ids) for c in batch], 0),
        "tags": padded([c.tags for c in batch], IGNORED),
        "owners": padded([c.owners for c in batch], (IGNORED,) * MOST),
        "actions": torch.tensor([c.actions for c in batch]),
        "topics": torch.tensor([c.topics for c in batch]),
        "doubt": torch.tensor([c.doubt for c in batch]),
    }


def loss(net: Any, batch: dict[str, Any]) -> Any:
    """The sum of what the heads got wrong (cross entropy; the topics and the doubt weigh less: few lines tell them)."""
    from torch.nn import functional as f

    tags, owners, actions, topics, doubt = net(batch["ids"], batch["mask"])
    told = batch["owners"] != IGNORED
    return (
        f.cross_entropy(tags.flatten(0, 1), batch["tags"].flatten(), ignore_index=IGNORED)
        + 0.5 * f.binary_cross_entropy_with_logits(owners[told], batch["owners"][told].float())
        + f.cross_entropy(actions.flatten(0, 1), batch["actions"].flatten())
        + 0.5 * f.cross_entropy(topics.flatten(0, 1), batch["topics"].flatten())
        + 0.3 * f.binary_cross_entropy_with_logits(doubt, batch["doubt"])
    )


def fit(
    net: Any,
    tokenizer: Any,
    examples: Sequence[Example],
    held: Sequence[Example],
    recipe: Recipe,
    folder: Path,
    progress: Progress,
) -> list[dict[str, float]]:
    """Fit `net` in place and return what each epoch reached on `held`. A checkpoint in `folder` is gone on from."""
    import torch

    torch.manual_seed(recipe.seed)
    draw = random.Random(recipe.seed)  # noqa: S311  no secret: the same seed gives the same weights
    # Forty thousand pieces, most of them never seen here: they stay where they lie.
    net.encoder.embeddings.requires_grad_(False)
    augmenter = Augmenter(examples, recipe.seed)
    history: list[dict[str, float]] = []
    saved = folder / "checkpoint.pt"
    was = torch.load(saved, weights_only=False) if saved.exists() else None
    if was:
        net.load_state_dict(was["net"])
        history = was["history"]
        draw.setstate(was["draw"])
        augmenter.random.setstate(was["augmenter"])
        torch.set_rng_state(was["torch"])
    half = torch.cpu._is_avx512_bf16_supported()  # elsewhere half precision is slower than single
    checks = [coded(tokenizer, e) for e in held]
    starts = [sum(recipe.turns()[:n]) for n in range(len(recipe.rounds))]
    first = len(history)
    for epoch in range(first, recipe.epochs):
        if epoch == first or epoch in starts:
            number = max(n for n, start in enumerate(starts) if start <= epoch)
            optimizer, schedule = _begun(net, recipe, number, len(examples))
        if was and epoch == first and epoch not in starts:
            optimizer.load_state_dict(was["optimizer"])
            schedule.load_state_dict(was["schedule"])
        began, total, seen = time.monotonic(), 0.0, 0
        items = [coded(tokenizer, augmenter.draw(e) if recipe.augmented else e) for e in examples]
        net.train()
        for batch in batches(items, recipe.batch, draw):
            optimizer.zero_grad()
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
                wrong = loss(net, tensors(batch))
            wrong.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total, seen = total + wrong.item() * len(batch), seen + len(batch)
            progress(f"epoch {epoch + 1} of {recipe.epochs}", (epoch + seen / len(items)) / recipe.epochs)
        history.append(
            {"epoch": epoch + 1, "loss": total / seen, **measure(net, checks), "seconds": time.monotonic() - began}
        )
        progress(json.dumps({k: round(v, 4) for k, v in history[-1].items()}), (epoch + 1) / recipe.epochs)
        torch.save(
            {"net": net.state_dict(), "optimizer": optimizer.state_dict(), "schedule": schedule.state_dict(), "history": history,
             "draw": draw.getstate(), "augmenter": augmenter.random.getstate(), "torch": torch.get_rng_state()},
            saved,
        )  # fmt: skip
    return history


def _begun(net: Any, recipe: Recipe, number: int, examples: int) -> tuple[Any, Any]:
    """Optimizer and learning rate of a round."""
    import torch

    _share, rate, heads_rate = recipe.rounds[number]
    heads = [p for n, p in net.named_parameters() if not n.startswith("encoder.") and p.requires_grad]
    inner = [p for n, p in net.named_parameters() if n.startswith("encoder.") and p.requires_grad]
    optimizer = torch.optim.AdamW(
        [{"params": inner, "lr": rate}, {"params": heads, "lr": heads_rate}], weight_decay=recipe.decay
    )
    steps = recipe.turns()[number] * math.ceil(examples / recipe.batch)
    warm = max(1, round(steps * recipe.warm))
    return optimizer, torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warm, max(0.02, (steps - step) / max(1, steps - warm)))
    )


def measure(net: Any, items: Sequence[Coded]) -> dict[str, float]:
    """Shares of held-out requests: all tags right, all actions right, all right (owners and topics too)."""
    import torch

    net.eval()
    right = {"tags": 0, "actions": 0, "topics": 0, "owners": 0, "all": 0}
    with torch.no_grad():
        for start in range(0, len(items), 64):
            part = items[start : start + 64]
            batch = tensors(part)
            tags, owners, actions, topics, _doubt = net(batch["ids"], batch["mask"])
            told = batch["tags"] != IGNORED
            owned = batch["owners"] != IGNORED
            ok = {
                "tags": ((tags.argmax(-1) == batch["tags"]) | ~told).all(-1),
                "actions": (actions.argmax(-1) == batch["actions"]).all(-1),
                "topics": (topics.argmax(-1) == batch["topics"]).all(-1),
                "owners": (((owners > 0) == (batch["owners"] > 0)) | ~owned).flatten(1).all(-1),
            }
            ok["all"] = ok["tags"] & ok["actions"] & ok["topics"] & ok["owners"]
            for name, rows in ok.items():
                right[name] += int(rows.sum())
    return {name: count / len(items) for name, count in right.items()}
