"""`restora status` with many datasets and years of runs, against a young installation and against Python itself."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from adapters.state.store import StateStore
from benchmarks.measure import Ratio, cost_of
from benchmarks.site import Site, newest_restic
from policies.run import RunRecord, RunState, Trigger

TIMES = 5
WHOLE, SMALL = (1_000, 100_000), (100, 2_000)
STATUS_CODES = (0, 20, 21, 22)
MOMENTS = ("due", "started", "ended", "point_time")


def measure(folder: Path, small: bool) -> Iterator[Ratio]:
    datasets, runs = SMALL if small else WHOLE
    young, old = folder / "young", folder / "old"
    sites = {young: (10, 10), old: (datasets, runs)}
    for place, (count, history) in sites.items():
        site = Site(place, newest_restic())
        site.make({f"d{number:04d}": place for number in range(count)})
        remember(site.home / "state" / "state.sqlite", count, history)
    costs: dict[str, list[float]] = {}
    for _ in range(TIMES):
        least = cost_of([sys.executable, "-c", "import typer, rich"])
        costs.setdefault("least", []).append(least.cpu)
        for place in sites:
            told = cost_of(Site(place, newest_restic()).command("status", "--json"), accept=STATUS_CODES)
            costs.setdefault(place.name, []).append(told.cpu)
    middle = {name: sorted(values)[TIMES // 2] for name, values in costs.items()}
    scale = f"{datasets:,} datasets, {runs:,} runs"
    yield Ratio(f"restora status, {scale} / python -c 'import typer, rich'", middle["old"], middle["least"], "CPU s")
    yield Ratio(f"restora status, {scale} / 10 datasets, 10 runs", middle["old"], middle["young"], "CPU s")


def remember(database: Path, datasets: int, runs: int) -> None:
    """A history of good runs: the newest of each dataset through the state store, the older ones copied from them."""
    database.parent.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    with closing(StateStore(f"sqlite:///{database}")) as store:
        for number in range(datasets):
            name, due = f"d{number:04d}", now - timedelta(hours=1, seconds=number)
            store.add_run(
                RunRecord(
                    id=f"{number:032x}",
                    key=f"{name}@{due.date()}#0",
                    policy=name,
                    dataset=name,
                    repository="local",
                    state=RunState.SUCCEEDED,
                    trigger=Trigger.SCHEDULE,
                    due=due,
                    started=due,
                    ended=due + timedelta(minutes=5),
                    point_time=due,
                    files=1000,
                    bytes=10**9,
                    added=10**6,
                    snapshots=(f"{number:064x}",),
                    seconds={"saving": 290.0, "checking": 10.0},
                )
            )
    with closing(sqlite3.connect(database)) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(runs)")]
        # Moments are ISO texts of fixed width: move the first 19 characters, keep the rest.
        moved = {name: f"strftime('%Y-%m-%dT%H:%M:%S', {name}, :day) || substr({name}, 20)" for name in MOMENTS}
        moved |= {name: f"{name} || :copy" for name in ("id", "key")}
        values = ", ".join(moved.get(name, name) for name in columns)
        copy = f"INSERT INTO runs ({', '.join(columns)}) SELECT {values} FROM runs WHERE instr(id, '-') = 0"
        for age in range(1, runs // datasets):
            connection.execute(copy, {"day": f"-{age} days", "copy": f"-{age}"})
        connection.commit()
