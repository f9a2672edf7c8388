"""Lines of the corpus as examples: the bare words, the marked ranges, what each intent is."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from planner.language.labels import MOST

FOLDER = Path(__file__).parent / "corpus"
MARK = re.compile(r"⟦([^⟦⟧|]+)\|((?:\d+(?:,\d+)*\.)?)([a-z_]+)⟧")
#: lines that were written in one go, about the same things: they are fitted on together, or held out together
FAMILY = 10
#: of the families, one in so many is held out
HELD_OUT = 14


@dataclass(frozen=True, slots=True)
class Marked:
    """Words `text[start:end]` that carry `label` of the intents numbered from 0."""

    start: int
    end: int
    label: str
    intents: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """One request with everything that is to be learnt from it. `topics`: of each intent, empty where it has none."""

    text: str
    marks: tuple[Marked, ...]
    actions: tuple[str, ...]
    topics: tuple[str, ...]
    ambiguous: bool
    language: str
    id: str = ""
    now: str = "2026-03-11T10:30"
    gold: tuple[dict[str, Any], ...] = ()


def parse(marked: str) -> tuple[str, tuple[Marked, ...]]:
    """The bare words and the marks of `⟦db|targets⟧ ⟦nightly|2.schedule⟧`."""
    text, marks, last = "", [], 0
    for found in MARK.finditer(marked):
        text += marked[last : found.start()]
        intents = tuple(int(n) - 1 for n in (found[2].rstrip(".") or "1").split(","))
        marks.append(Marked(len(text), len(text) + len(found[1]), found[3], intents))
        text += found[1]
        last = found.end()
    return text + marked[last:], tuple(marks)


def example(row: dict[str, Any]) -> Example:
    """The example of one line."""
    text, marks = parse(row["marked"])
    gold = tuple(row["gold"])
    return Example(
        text, marks, tuple(i["action"] for i in gold), tuple(i.get("topic", "") for i in gold), bool(row.get("ambiguous")),
        row.get("lang", "en"), row.get("id", ""), row.get("now", "2026-03-11T10:30"), gold,
    )  # fmt: skip


def rows(folder: Path = FOLDER) -> dict[str, list[dict[str, Any]]]:
    """The lines of every `*.jsonl` in a folder, by file name."""
    return {
        path.name: [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        for path in sorted(folder.glob("*.jsonl"))
    }


def split(files: dict[str, list[dict[str, Any]]], share: float = 1.0) -> tuple[list[Example], list[Example]]:
    """(to be fitted on, held out). Held out are whole families: neighbouring lines of one author share their phrasing.
    `share`: of the lines to be fitted on, for learning curves."""
    fitted: list[Example] = []
    held: list[Example] = []
    for lines in files.values():
        for number, row in enumerate(lines):
            made = example(row)
            if number // FAMILY % HELD_OUT == HELD_OUT // 2:
                held.append(made)
            elif len(made.actions) <= MOST:
                fitted.append(made)
    if share < 1:
        fitted = [e for number, e in enumerate(fitted) if number % 100 < share * 100]
    return fitted, held


def version(examples: Iterable[Example] | Sequence[Example]) -> str:
    """A short name of exactly this data."""
    digest = hashlib.sha256()
    for e in examples:
        digest.update(f"{e.text}\0{e.marks}\0{e.actions}\0{e.topics}\0{e.ambiguous}\n".encode())
    return digest.hexdigest()[:12]
