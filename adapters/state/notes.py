"""Small durable facts by name, and the catalog as it was last read."""

from __future__ import annotations

from sqlalchemy import delete, select

from adapters.state.room import Room
from adapters.state.tables import CatalogCache, Note, table

NOTES, CATALOG = table(Note), table(CatalogCache)


class NotesRoom(Room):
    def put_note(self, key: str, value: str) -> None:
        """Remember a small fact by name; replaces the earlier one."""
        with self._database.writing() as connection:
            connection.execute(self._database.upsert(NOTES).values(key=key, value=value))

    def note(self, key: str) -> str | None:
        """The fact of this name."""
        with self._database.reading() as connection:
            found: str | None = connection.execute(select(NOTES.c.value).where(NOTES.c.key == key)).scalar()
        return found

    def notes(self, prefix: str = "") -> dict[str, str]:
        """All facts whose name begins so."""
        with self._database.reading() as connection:
            rows = connection.execute(select(NOTES.c.key, NOTES.c.value)).all()
        return {row.key: row.value for row in sorted(rows) if row.key.startswith(prefix)}

    def put_catalog(self, digest: str, body: str) -> None:
        """Remember the validated form of the restora.yaml with this SHA-256; the one before it is dropped."""
        with self._database.writing(alone=True) as connection:
            connection.execute(delete(CATALOG).where(CATALOG.c.digest != digest))
            connection.execute(self._database.upsert(CATALOG).values(digest=digest, body=body))

    def catalog(self, digest: str) -> str | None:
        """What `put_catalog` kept for this digest."""
        with self._database.reading() as connection:
            found: str | None = connection.execute(select(CATALOG.c.body).where(CATALOG.c.digest == digest)).scalar()
        return found
