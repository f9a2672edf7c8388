"""A lease on a PostgreSQL database, for controllers on several hosts: an advisory lock, gone with its session."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from policies.errors import Busy, StateError

ENGINE_LOCK = 7_237_071_302  # any constant that every controller knows
HOLDER = """
SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE l.locktype = 'advisory' AND l.granted
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND (l.classid::bigint << 32) + l.objid::bigint = %s
"""
# a host that vanished without a word is noticed within a minute, and its lock is freed by the server likewise
ALIVE: dict[str, Any] = {
    "keepalives_idle": 20,
    "keepalives_interval": 10,
    "keepalives_count": 4,
    "tcp_user_timeout": 60_000,
}


class DatabaseLease:
    """Held as long as one connection lives. `still_held` asks the server."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def still_held(self) -> bool:
        """False once the session was lost: another controller may be at work, so begin nothing more."""
        import psycopg

        try:
            self._connection.execute("SELECT 1")
        except psycopg.Error:
            return False
        return True


@contextmanager
def database_lease(url: str) -> Iterator[DatabaseLease]:
    """Hold the database's only engine lease; Busy naming host and process, StateError where it can't be asked."""
    import psycopg

    name = f"restora engine {socket.gethostname()[:30]} {os.getpid()}"
    plain = url.replace("postgresql+psycopg://", "postgresql://", 1)
    try:
        connection = psycopg.connect(plain, autocommit=True, application_name=name, connect_timeout=10, **ALIVE)
    except psycopg.Error as error:
        raise StateError(
            f"the engine's database can't be reached: {str(error).splitlines()[0]}", hint="check that the server runs"
        ) from None
    with connection:
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", (ENGINE_LOCK,)).fetchone()
        if row is None or not row[0]:
            holder = connection.execute(HOLDER, (ENGINE_LOCK,)).fetchone()
            raise Busy(
                f"the engine is in use by {holder[0] if holder else 'another controller'}",
                hint="stop that one, or let it do the work",
                untouched="all workflows",
            )
        yield DatabaseLease(connection)
