"""The schema's version: checked at every start without Alembic, brought up to date with it."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from adapters.state.database import Database
from adapters.state.version import KNOWN, NEWEST
from policies.errors import StateError


def ensure_schema(database: Database) -> None:
    """Bring the schema to the newest version. One process migrates while others wait; StateError for a newer one."""
    with database.reading() as connection:
        found = version_of(connection, database)
    if found == NEWEST:
        return
    with database.writing(alone=True) as connection:
        found = version_of(connection, database)  # another process may have been first
        if found == NEWEST:
            return
        _migrate(connection)


def version_of(connection: Connection, database: Database) -> str | None:
    """The schema's version, None where there is no schema yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if found is not None and found not in KNOWN:
        raise StateError(
            f"the state {database.place} was written by a newer restora (schema {found}, this one knows {NEWEST})",
            hint="upgrade restora, or point `state` elsewhere",
            untouched="the state",
        )
    return found


def _migrate(connection: Connection) -> None:
    # Alembic costs a third of a second to import: only here, where there is work for it
    from alembic import command
    from alembic.config import Config

    configuration = Config()
    configuration.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    configuration.attributes["connection"] = connection
    command.upgrade(configuration, "head")
