"""What was measured so far: sizes, growth, durations, rates. Read by planning; nothing here is a guess."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from statistics import fmean, median
from typing import Any

from sqlalchemy import Connection, RowMapping, func, select

from adapters.state.notes import NotesRoom
from adapters.state.tables import Drill, Run, table
from policies.figure import DatasetHistory, History, RepositoryHistory
from policies.run import RunState
from policies.verification import DrillLevel, DrillVerdict

RUNS, DRILLS = table(Run), table(Drill)
RECENT_RUNS, RECENT_DRILLS = 30, 10
SAVED = tuple(state.value for state in (RunState.SUCCEEDED, RunState.PARTIAL, RunState.SUSPECT))
WHOLE = tuple(level.value for level in (DrillLevel.FULL, DrillLevel.SERVICE))
FREE, STORED = "repository.{}.free", "repository.{}.stored"


class HistoryRoom(NotesRoom):
    def history(self, dataset: str) -> DatasetHistory:
        """What the last 30 good runs and the last 10 proven whole restores of a dataset measured."""
        with self._database.reading() as connection:
            return _dataset(connection, dataset)

    def repository_history(self, repository: str) -> RepositoryHistory:
        """What the last 30 good runs into a repository measured, and its size as it was last noted."""
        with self._database.reading() as connection:
            return _repository(
                connection, repository, self.note(FREE.format(repository)), self.note(STORED.format(repository))
            )

    def histories(self, datasets: Iterable[str], repositories: Iterable[str]) -> History:
        """Everything measured of the named ones; a name without any measurement is left out."""
        measured = {name: self.history(name) for name in datasets}
        places = {name: self.repository_history(name) for name in repositories}
        return History(
            {name: each for name, each in measured.items() if each != DatasetHistory()},
            {name: each for name, each in places.items() if each != RepositoryHistory()},
        )

    def measure_repository(self, repository: str, *, free: int | None = None, stored: int | None = None) -> None:
        """Note a repository's free and stored bytes; what is None stays as it is."""
        for key, value in ((FREE, free), (STORED, stored)):
            if value is not None:
                self.put_note(key.format(repository), str(value))


def _dataset(connection: Connection, dataset: str) -> DatasetHistory:
    good = (RUNS.c.dataset == dataset, RUNS.c.state == RunState.SUCCEEDED.value)
    rows = (
        connection.execute(select(RUNS).where(*good).order_by(RUNS.c.ended.desc()).limit(RECENT_RUNS)).mappings().all()
    )
    firsts = _firsts(connection, dataset, {row["repository"] for row in rows})
    spent = [each for row in rows if (each := seconds_of(row)) is not None]
    added = [row["added"] for row in rows if row["added"] is not None and row["id"] not in firsts]
    whole = (DRILLS.c.dataset == dataset, DRILLS.c.verdict == DrillVerdict.PROVEN.value, DRILLS.c.level.in_(WHOLE))
    drills = (
        connection.execute(select(DRILLS).where(*whole).order_by(DRILLS.c.started.desc()).limit(RECENT_DRILLS))
        .mappings()
        .all()
    )
    rates = [row["bytes"] / row["rto_seconds"] for row in drills if row["bytes"] and row["rto_seconds"]]
    return DatasetHistory(
        bytes=next((row["bytes"] for row in rows if row["bytes"] is not None), None),
        runs=connection.execute(select(func.count()).select_from(RUNS).where(*good)).scalar_one(),
        added_per_run=fmean(added) if added else None,
        seconds_p50=quantile(spent, 0.5),
        seconds_p90=quantile(spent, 0.9),
        restore_rate=median(rates) if rates else None,
        drills=connection.execute(select(func.count()).select_from(DRILLS).where(*whole)).scalar_one(),
        rto_seconds=next((row["rto_seconds"] for row in drills if row["rto_seconds"] is not None), None),
    )


def _firsts(connection: Connection, dataset: str, repositories: Iterable[str]) -> set[str]:
    """The runs that brought a dataset into a repository for the first time: they added all of it."""
    found = set()
    for repository in repositories:
        saved = (RUNS.c.dataset == dataset, RUNS.c.repository == repository, RUNS.c.state.in_(SAVED))
        first = connection.execute(select(RUNS.c.id).where(*saved).order_by(RUNS.c.ended, RUNS.c.due).limit(1)).scalar()
        found.add(first or "")
    return found


def _repository(connection: Connection, repository: str, free: str | None, stored: str | None) -> RepositoryHistory:
    good = (RUNS.c.repository == repository, RUNS.c.state == RunState.SUCCEEDED.value)
    columns = (RUNS.c.added, RUNS.c.seconds)
    rows = connection.execute(select(*columns).where(*good).order_by(RUNS.c.ended.desc()).limit(RECENT_RUNS))
    pairs = [(added, seconds.get(RunState.SAVING.value)) for added, seconds in rows]
    added = sum(bytes_ for bytes_, seconds in pairs if bytes_ and seconds)
    seconds = sum(seconds for bytes_, seconds in pairs if bytes_ and seconds)
    return RepositoryHistory(
        free=int(free) if free else None,
        stored=int(stored) if stored else None,
        write_rate=added / seconds if seconds else None,
    )


def seconds_of(row: RowMapping | Mapping[str, Any]) -> float | None:
    """How long a run worked: the sum of its steps (a pause after a kill does not count), else end minus start."""
    if row["seconds"]:
        return float(sum(row["seconds"].values()))
    started: datetime | None = row["started"]
    ended: datetime | None = row["ended"]
    return (ended - started).total_seconds() if started and ended else None


def quantile(values: Iterable[float], share: float) -> float | None:
    """The value below which this share lies, interpolated between neighbours; None of nothing."""
    ordered = sorted(values)
    if not ordered:
        return None
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
