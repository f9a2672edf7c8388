"""The connection: one SQLite file or a PostgreSQL database, opened the way that a ledger needs it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, Insert, Table, create_engine, event, make_url, text
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from adapters.state.failures import translated
from adapters.state.place import prepare_file, sqlite_path
from policies.errors import ConfigurationError

BUSY_MILLISECONDS = 15_000
WRITE_LOCK = 7_237_071_301  # any constant, the same in every process: serialises ledger and migrations on PostgreSQL


class Database:
    """Transactions on the state database. Failures leave as StateErrors that name the place, never its password."""

    def __init__(self, url: str) -> None:
        try:
            parsed = make_url(url)
        except ArgumentError as error:
            raise ConfigurationError(
                "the URL of the state database can't be read",
                hint="use sqlite:////path/state.db or postgresql://user@host/name",
            ) from error
        self.path = sqlite_path(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        if not self.is_sqlite and parsed.get_backend_name() != "postgresql":
            raise ConfigurationError(
                f"{parsed.get_backend_name()} is no place for the state",
                hint="use sqlite:////path/state.db or postgresql://user@host/name",
            )
        self.place = str(self.path) if self.path else parsed.render_as_string(hide_password=True)
        if self.path:
            with self.told():
                prepare_file(self.path)
        if self.is_sqlite:
            self.engine = create_engine(parsed)
            _configure_sqlite(self.engine)
        else:
            self.engine = create_engine(
                parsed.set(drivername="postgresql+psycopg"),
                pool_pre_ping=True,
                pool_size=4,
                connect_args={"connect_timeout": 10},
            )

    @contextmanager
    def told(self) -> Iterator[None]:
        """Turn failures of the database into StateErrors."""
        try:
            yield
        except (SQLAlchemyError, OSError) as error:
            if isinstance(found := getattr(error, "orig", None), ValueError):
                raise found from None  # a value that can't be stored, such as a moment without a zone
            raise translated(error, self.place) from error

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A consistent look; nothing is written."""
        with self.told(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self, *, alone: bool = False) -> Iterator[Connection]:
        """One transaction. On SQLite one writer at a time, waiting in turn; on PostgreSQL too with `alone`."""
        with self.told(), self.engine.connect() as plain:
            connection = plain.execution_options(restora_write=True)
            with connection.begin():
                if alone and not self.is_sqlite:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": WRITE_LOCK})
                yield connection

    def insert(self, into: Table) -> Any:
        """An INSERT that knows ON CONFLICT."""
        return insert_sqlite(into) if self.is_sqlite else insert_postgresql(into)

    def upsert(self, into: Table) -> Insert:
        """Insert rows, or replace those with the same primary key."""
        statement = self.insert(into)
        keys = [column.name for column in into.primary_key]
        others = {column.name: statement.excluded[column.name] for column in into.columns if column.name not in keys}
        upsert: Insert = statement.on_conflict_do_update(index_elements=keys, set_=others)
        return upsert

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()


def _configure_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions begin where we say, not where the driver guesses
        connection.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(
            "PRAGMA synchronous=FULL"
        )  # a slot that was recorded as run, and the ledger, survive a power cut
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        # IMMEDIATE: a transaction that reads before it writes never finds the lock taken half-way
        write = connection.get_execution_options().get("restora_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
