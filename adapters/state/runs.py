"""Runs, and the board row that each of them keeps current in the same transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, select, update

from adapters.state.codec import row_of_run, run_of_row
from adapters.state.room import Room
from adapters.state.tables import Board, Run, table
from policies.errors import StateError
from policies.run import ENDS, GOOD, RunRecord, RunState, Trigger, may_follow

RUNS, BOARD = table(Run), table(Board)
BAD = frozenset({RunState.FAILED, RunState.SUSPECT})


class RunsRoom(Room):
    def add_run(self, run: RunRecord) -> bool:
        """Record a new run; False if one of this (key, dataset, repository) exists. StateError: its id is taken."""
        statement = (
            self._database.insert(RUNS)
            .values(**row_of_run(run))
            .on_conflict_do_nothing(index_elements=["key", "dataset", "repository"])
            .returning(RUNS.c.id)
        )
        with self._database.writing() as connection:
            if connection.execute(statement).first() is None:
                return False
            self._show(connection, run, ended=run.state in ENDS)
        return True

    def update_run(self, run: RunRecord) -> None:
        """Replace the record with the same id and bring the board up to date. StateError for an unknown id, another
        slot, or a step backwards; the same state may be written again."""
        with self._database.writing() as connection:
            found = connection.execute(select(RUNS).where(RUNS.c.id == run.id).with_for_update()).mappings().first()
            if found is None:
                raise StateError(
                    f"run {run.id} is not recorded",
                    hint="restora status shows the runs that are",
                    untouched="the state",
                )
            before = RunState(found["state"])
            if before != run.state and not may_follow(before, run.state):
                raise StateError(
                    f"run {run.id} is {before}: it can't become {run.state}", untouched="the record of the run"
                )
            same = ("key", "policy", "dataset", "repository")
            if any(found[name] != getattr(run, name) for name in same):
                raise StateError(
                    f"run {run.id} belongs to another slot ({found['key']})", untouched="the record of the run"
                )
            connection.execute(update(RUNS).where(RUNS.c.id == run.id).values(**row_of_run(run)))
            self._show(connection, run, ended=before not in ENDS and run.state in ENDS)

    def run(self, run_id: str) -> RunRecord | None:
        """The run with this id."""
        with self._database.reading() as connection:
            found = connection.execute(select(RUNS).where(RUNS.c.id == run_id)).mappings().first()
        return run_of_row(found) if found else None

    def runs(
        self, *, policy: str = "", dataset: str = "", limit: int = 50, unfinished: bool = False
    ) -> list[RunRecord]:
        """Newest first (by when they were due)."""
        statement = select(RUNS).order_by(RUNS.c.due.desc(), RUNS.c.id.desc()).limit(limit)
        if policy:
            statement = statement.where(RUNS.c.policy == policy)
        if dataset:
            statement = statement.where(RUNS.c.dataset == dataset)
        if unfinished:
            statement = statement.where(RUNS.c.open.is_(True))
        with self._database.reading() as connection:
            return [run_of_row(row) for row in connection.execute(statement).mappings()]

    def runs_since(self, policy: str, since: datetime) -> list[RunRecord]:
        """A policy's runs that were due at that moment or later, oldest first."""
        statement = select(RUNS).where(RUNS.c.policy == policy, RUNS.c.due >= since).order_by(RUNS.c.due, RUNS.c.id)
        with self._database.reading() as connection:
            return [run_of_row(row) for row in connection.execute(statement).mappings()]

    def _show(self, connection: Connection, run: RunRecord, *, ended: bool) -> None:
        """Bring the run's board row up to date; `ended`: it ends with this write."""
        place = {"policy": run.policy, "dataset": run.dataset, "repository": run.repository}
        blank = {"last_run_id": "", "last_reason": "", "last_good_run": "", "failures_in_row": 0}
        connection.execute(self._database.insert(BOARD).values(**place, **blank).on_conflict_do_nothing())
        mine = and_(*(BOARD.c[name] == value for name, value in place.items()))
        row = connection.execute(select(BOARD).where(mine).with_for_update()).mappings().one()
        changes = _changes(row, run, ended=ended)
        if changes:
            connection.execute(update(BOARD).where(mine).values(**changes))


def _changes(row: RowMapping, run: RunRecord, *, ended: bool) -> dict[str, Any]:
    if run.trigger is Trigger.SAFETY:
        return {}  # a copy of what is about to be replaced, perhaps a ruin: no promise is kept by it
    changes: dict[str, Any] = {}
    begun = run.started or run.due
    if row["last_run"] is None or row["last_run_id"] == run.id or begun >= row["last_run"]:
        changes |= {"last_run": begun, "last_run_id": run.id, "last_state": run.state.value, "last_reason": run.reason}
    if run.state in GOOD:
        # the age of a backup is the age of its data, not of the moment at which restic was done
        good = run.point_time or run.started or run.due
        if row["last_good"] is None or row["last_good_run"] == run.id or good >= row["last_good"]:
            changes |= {"last_good": good, "last_good_run": run.id, "last_bytes": run.bytes}
        if ended:
            changes["failures_in_row"] = 0
    elif ended and run.state in BAD:
        changes["failures_in_row"] = row["failures_in_row"] + 1
    return changes
