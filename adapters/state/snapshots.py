"""What the repositories held when they were last asked, and the content facts of runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, delete, select

from adapters.state.codec import row_of_snapshot, snapshot_of_row
from adapters.state.room import Room
from adapters.state.tables import CachedSnapshot, Fact, table
from policies.snapshot import Snapshot

SNAPSHOTS, FACTS = table(CachedSnapshot), table(Fact)
CHUNK = 500  # below every database's limit of parameters in a statement


class SnapshotsRoom(Room):
    def put_snapshots(self, repository: str, snapshots: Sequence[Snapshot], *, whole: bool) -> None:
        """Remember snapshots; `whole`: forget remembered ones that are not among them. Idempotent."""
        wanted = {snapshot.id: snapshot for snapshot in snapshots}
        with self._database.writing() as connection:
            have = {snapshot.id: snapshot for snapshot in self._cached(connection, repository)}
            if whole:
                self._drop(connection, repository, [each for each in have if each not in wanted])
            fresh = [row_of_snapshot(repository, each) for each in wanted.values() if have.get(each.id) != each]
            if fresh:
                connection.execute(self._database.upsert(SNAPSHOTS), fresh)

    def drop_snapshots(self, repository: str, ids: Sequence[str]) -> None:
        """Forget these; unknown ids are no error."""
        with self._database.writing() as connection:
            self._drop(connection, repository, ids)

    def cached_snapshots(self, repository: str) -> list[Snapshot]:
        """Oldest first."""
        with self._database.reading() as connection:
            return self._cached(connection, repository)

    def put_facts(self, run_id: str, facts: Mapping[str, str]) -> None:
        """Content facts of a run's capture; replaces earlier ones."""
        with self._database.writing() as connection:
            connection.execute(self._database.upsert(FACTS).values(run_id=run_id, facts=dict(facts)))

    def facts(self, run_id: str) -> dict[str, str]:
        """Empty where none were put."""
        with self._database.reading() as connection:
            found = connection.execute(select(FACTS.c.facts).where(FACTS.c.run_id == run_id)).scalar()
        return dict(found or {})

    @staticmethod
    def _cached(connection: Connection, repository: str) -> list[Snapshot]:
        statement = select(SNAPSHOTS).where(SNAPSHOTS.c.repository == repository)
        found = [snapshot_of_row(row) for row in connection.execute(statement).mappings()]
        return sorted(found, key=lambda snapshot: (snapshot.time, snapshot.id))

    @staticmethod
    def _drop(connection: Connection, repository: str, ids: Iterable[str]) -> None:
        gone = list(ids)
        for start in range(0, len(gone), CHUNK):
            chunk = gone[start : start + CHUNK]
            connection.execute(delete(SNAPSHOTS).where(SNAPSHOTS.c.repository == repository, SNAPSHOTS.c.id.in_(chunk)))
