"""Which part of a recovery point a sample drill brings back: drawn anew each time, what can be compared first."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

SIZE = 59  # that many unharmed ones say with 95 % confidence that fewer than 5 % are damaged: 1 - 0.95^59 > 0.95


@dataclass(frozen=True, slots=True)
class Sample:
    """`items` as a restore takes them (paths; tables of databases), and the facts of them (what may be damaged for the twin);
    no items: all of it."""

    items: tuple[str, ...] = ()
    facts: Mapping[str, str] | None = None


def sample(kind: str, facts: Mapping[str, str], listed: Iterable[str], *, seed: str, size: int = SIZE) -> Sample:
    """A sample of a point of this kind of dataset. `listed`: the files of the snapshot; `seed`: another one draws another."""
    dice = random.Random(seed)  # noqa: S311  a draw that can be repeated, no secret
    if kind == "files":
        known = [key.removeprefix("sha256:") for key, value in facts.items() if key.startswith("sha256:") and value]
        chosen = dice.sample(known, min(size, len(known)))
        if len(chosen) < size:
            others = sorted(set(listed) - set(chosen))
            chosen += dice.sample(others, min(size - len(chosen), len(others)))
        return Sample(tuple(chosen), {f"sha256:{path}": facts[f"sha256:{path}"] for path in chosen if path in known})
    if kind == "postgres":
        tables = [key.removeprefix("rows:") for key in facts if key.startswith("rows:")]
        drawn = dice.sample(tables, min(size, len(tables)))
        items = tuple(f"{unquote(table.partition('/')[0])}.{table.partition('/')[2]}" for table in drawn)
        return Sample(items, {key: value for key, value in facts.items() if key.partition(":")[2] in drawn})
    return Sample()  # one file: half a database proves nothing
