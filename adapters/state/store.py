"""The state store, whole. Importing this brings SQLModel along: construct it where it is needed, not at start-up."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from adapters.state.database import Database
from adapters.state.desk import DeskRoom
from adapters.state.drills import DrillsRoom
from adapters.state.history import HistoryRoom
from adapters.state.ledger import BrokenLink, LedgerRoom
from adapters.state.runs import RunsRoom
from adapters.state.schema import ensure_schema
from adapters.state.snapshots import SnapshotsRoom

__all__ = ["BrokenLink", "StateStore"]


class StateStore(RunsRoom, DrillsRoom, SnapshotsRoom, DeskRoom, LedgerRoom, HistoryRoom):
    """What restora remembers, in SQLite (`sqlite:////path/state.db`) or PostgreSQL (`postgresql://user@host/name`).

    Opening it makes or migrates the schema. Safe to use from several threads and processes. Every failure of
    the database is a StateError; a URL that can't be read is a ConfigurationError."""

    def __init__(self, url: str) -> None:
        database = Database(url)
        super().__init__(database)
        try:
            ensure_schema(database)
        except BaseException:
            database.close()
            raise

    def close(self) -> None:
        """Give the connections back. Later calls open new ones."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
