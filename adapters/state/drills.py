"""Drills, the board, and the moments at which repositories were looked after."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, text

from adapters.state.board import BOARD_QUERY, board_rows
from adapters.state.codec import drill_of_row, row_of_drill
from adapters.state.room import Room
from adapters.state.tables import Drill, Mark, Proof, table
from policies.run import BoardRow, DrillRecord
from policies.verification import DrillVerdict

DRILLS, PROOFS, MARKS = table(Drill), table(Proof), table(Mark)


class DrillsRoom(Room):
    def add_drill(self, drill: DrillRecord) -> None:
        """Record a drill and show it on the board. Idempotent: a second record with the same id replaces the first."""
        with self._database.writing(alone=True) as connection:
            connection.execute(self._database.upsert(DRILLS).values(**row_of_drill(drill)))
            mine = (DRILLS.c.dataset == drill.dataset, DRILLS.c.repository == drill.repository)
            last = connection.execute(
                select(DRILLS.c.ended, DRILLS.c.verdict)
                .where(*mine, DRILLS.c.level != "restore")  # a restore is proof, but clears no failed drill
                .order_by(DRILLS.c.ended.desc(), DRILLS.c.id.desc())
                .limit(1)
            ).one_or_none()
            proven = connection.execute(
                select(func.max(DRILLS.c.ended)).where(*mine, DRILLS.c.verdict == DrillVerdict.PROVEN.value)
            ).scalar()
            connection.execute(
                self._database.upsert(PROOFS).values(
                    dataset=drill.dataset,
                    repository=drill.repository,
                    last_drill=last.ended if last else None,
                    last_verdict=last.verdict if last else "",
                    last_proven=proven,
                )
            )

    def drills(self, *, dataset: str = "", limit: int = 50) -> list[DrillRecord]:
        """Newest first."""
        statement = select(DRILLS).order_by(DRILLS.c.started.desc(), DRILLS.c.id.desc()).limit(limit)
        if dataset:
            statement = statement.where(DRILLS.c.dataset == dataset)
        with self._database.reading() as connection:
            return [drill_of_row(row) for row in connection.execute(statement).mappings()]

    def mark_repository(
        self,
        repository: str,
        *,
        checked: datetime | None = None,
        forgotten: datetime | None = None,
        pruned: datetime | None = None,
    ) -> None:
        """Bring the board's repository moments up to date; what is None stays as it is."""
        changes = {"last_check": checked, "last_forget": forgotten, "last_prune": pruned}
        changes = {name: value for name, value in changes.items() if value is not None}
        if not changes:
            return
        statement = self._database.insert(MARKS).values(repository=repository, **changes)
        with self._database.writing() as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=["repository"], set_=changes))

    def board(self) -> list[BoardRow]:
        """A row per (policy, dataset, repository), sorted by them."""
        with self._database.reading() as connection:
            return board_rows(tuple(row) for row in connection.execute(text(BOARD_QUERY)))
