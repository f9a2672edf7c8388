"""The model at work: loaded once, lazily; words in, numbers out. The one place that knows the inference library."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from planner.language.compose import Heard
from planner.language.decode import Said, Sureness, decode
from planner.language.tokens import Pieces, pieces

SHIPPED = Path(__file__).parent / "model"
NETWORK, VOCABULARY, CARD = "reader.onnx", "tokenizer.json", "card.json"
TOGETHER = 512  # pieces in one pass, padding among them: memory grows with them


class Model:
    """A folder with `reader.onnx`, `tokenizer.json` and `card.json`. OSError or ValueError where it can't be used."""

    def __init__(self, folder: Path) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        self.card: dict[str, Any] = json.loads((folder / CARD).read_text(encoding="utf-8"))
        self._tokenizer = Tokenizer.from_file(str(folder / VOCABULARY))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # a request is too short to be shared out
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.enable_cpu_mem_arena = False
        self._session = onnxruntime.InferenceSession(str(folder / NETWORK), options, providers=["CPUExecutionProvider"])

    def hear(self, text: str) -> tuple[Heard, Sureness, bool]:
        """(what was heard, how sure, whether the text was too long and was cut)."""
        return next(self.hear_all([text]))

    def hear_all(self, texts: Sequence[str]) -> Iterator[tuple[Heard, Sureness, bool]]:
        """Each text's hearing, in order; those of like length go through the model together."""
        cut = [pieces(self._tokenizer, text) for text in texts]
        order = sorted(range(len(cut)), key=lambda i: len(cut[i].ids))
        found: dict[int, tuple[Heard, Sureness, bool]] = {}
        for group in _groups(order, [len(p.ids) for p in cut]):
            for i, said in zip(group, self._say([cut[i] for i in group]), strict=True):
                found[i] = (*decode(said, cut[i].ranges, texts[i]), cut[i].cut)
        for i in range(len(texts)):
            yield found[i]

    def _say(self, group: Sequence[Pieces]) -> Iterator[Said]:
        import numpy as np

        longest = max(len(p.ids) for p in group)
        ids = np.ones((len(group), longest), np.int64)
        mask = np.zeros((len(group), longest), np.int64)
        for row, p in enumerate(group):
            ids[row, : len(p.ids)] = p.ids
            mask[row, : len(p.ids)] = 1
        tags, owners, actions, topics, doubt = self._session.run(None, {"ids": ids, "mask": mask})
        for row, p in enumerate(group):
            size = len(p.ids)
            yield Said(tags[row, :size], owners[row, :size], actions[row], topics[row], float(doubt[row]))


def _groups(order: Sequence[int], sizes: Sequence[int]) -> Iterator[list[int]]:
    """Runs of `order` (shortest first) that go through the model together."""
    group: list[int] = []
    for i in order:
        if group and (len(group) + 1) * sizes[i] > TOGETHER:
            yield group
            group = []
        group.append(i)
    if group:
        yield group


@lru_cache(maxsize=2)
def load(folder: Path = SHIPPED) -> Model:
    """The model of a folder, loaded once."""
    return Model(folder)
