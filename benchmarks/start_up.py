"""`restora --help` against the least that a program with Typer and Rich can cost."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Cost, Ratio, cost_of, median_cpu
from benchmarks.site import RESTORA

TIMES = 9


def measure(_folder: Path, _small: bool) -> Iterator[Ratio]:
    ours, theirs = [], []
    for _ in range(TIMES):  # in turn, so that what else the machine does falls on both
        theirs.append(cost_of([sys.executable, "-c", "import typer, rich"]))
        ours.append(cost_of([RESTORA, "--help"]))
    yield Ratio("restora --help / python -c 'import typer, rich'", median_cpu(ours), median_cpu(theirs), "CPU s")
    yield Ratio("restora --help: own memory / the same", _peak(ours), _peak(theirs), "MB")


def _peak(costs: list[Cost]) -> float:
    return max(cost.own_peak for cost in costs) / 1e6
