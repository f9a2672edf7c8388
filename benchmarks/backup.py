"""A backup through restora against the same backup with plain restic, in processor seconds of all processes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Cost, Ratio, cost_of
from benchmarks.site import Site, newest_restic
from benchmarks.tree import change, grow

WHOLE, SMALL = (40_000, 2 << 30), (2_000, 100 << 20)


def measure(folder: Path, small: bool) -> Iterator[Ratio]:
    files, total = SMALL if small else WHOLE
    tree = folder / "tree"
    grow(tree, files, total)
    restic = newest_restic()
    ours, theirs = Site(folder / "ours", restic), Site(folder / "theirs", restic)
    for site in (ours, theirs):
        site.make({"tree": tree})
    rounds = {"first": 0, "after a day": files // 100, "nothing changed": 0}
    for name, changed in rounds.items():
        change(tree, changed)
        plain = cost_of([restic, "backup", "--quiet", tree], theirs.restic_environment)
        check = cost_of([restic, "check", "--quiet"], theirs.restic_environment)
        run = cost_of(ours.command("--json", "run", "tree"))
        yield Ratio(f"backup, {name}: restora run / restic backup + check", run.cpu, _sum(plain, check), "CPU s")
        yield Ratio(f"backup, {name}: restora run / restic backup", run.cpu, plain.cpu, "CPU s")
        yield Ratio(f"backup, {name}: elapsed, restora run / restic backup", run.elapsed, plain.elapsed, "s")
        yield Ratio(f"backup, {name}: own memory / restic's", run.own_peak / 1e6, plain.own_peak / 1e6, "MB")


def _sum(*costs: Cost) -> float:
    return sum(cost.cpu for cost in costs)
