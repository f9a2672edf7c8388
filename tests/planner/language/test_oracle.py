"""With every mark right, the values are right: composing is measured on the corpus apart from the marker."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import planner.language
from planner.language.compose import compose
from tests.planner.language.marked import heard, normal

CORPUS = Path(planner.language.__file__).parent / "training" / "corpus"
#: what is left is told apart in the text by nothing, or is marked or labelled wrongly
CLEAR, EACH_FILE = 0.975, 0.935


def _rows() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(CORPUS.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip():
                yield path.name, json.loads(line)


def _right(row: dict[str, Any]) -> bool:
    gold = row["gold"]
    text, marks = heard(row["marked"], [i["action"] for i in gold], [i.get("topic") for i in gold])
    drafts = compose(text, marks, datetime.fromisoformat(row["now"]))
    return [normal(d.fields) for d in drafts] == [normal(i) for i in gold]


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the training corpus is not in this package")
def test_right_marks_give_right_values() -> None:
    results: dict[str, list[bool]] = {}
    for name, row in _rows():
        if not row.get("ambiguous"):
            results.setdefault(name, []).append(_right(row))
    shares = {name: sum(r) / len(r) for name, r in results.items() if len(r) >= 100}
    everything = [ok for r in results.values() for ok in r]
    assert sum(everything) / len(everything) >= CLEAR, shares
    assert min(shares.values()) >= EACH_FILE, shares
