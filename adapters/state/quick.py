"""The board without the weight: an embedded state read with the standard library, for commands that answer at once.

It reads what StateStore wrote and gives the same answers; where it can't (PostgreSQL, no file yet, an older or newer
schema) `open_quick` gives None and the caller opens a StateStore, which migrates or explains."""

from __future__ import annotations

import sqlite3
from types import TracebackType
from typing import Self
from urllib.parse import quote

from adapters.state.board import BOARD_QUERY, board_rows
from adapters.state.failures import translated
from adapters.state.place import sqlite_path
from adapters.state.version import NEWEST
from policies.run import BoardRow

BUSY_SECONDS = 5.0


class QuickState:
    """A read-only look at an embedded state. Failures are StateErrors."""

    def __init__(self, connection: sqlite3.Connection, place: str) -> None:
        self._connection = connection
        self._place = place

    def board(self) -> list[BoardRow]:
        """As StateStore.board."""
        return board_rows(self._rows(BOARD_QUERY))

    def note(self, key: str) -> str | None:
        """As StateStore.note."""
        found = self._rows("SELECT value FROM notes WHERE key = ?", key)
        return found[0][0] if found else None

    def notes(self, prefix: str = "") -> dict[str, str]:
        """As StateStore.notes."""
        return {
            key: value for key, value in sorted(self._rows("SELECT key, value FROM notes")) if key.startswith(prefix)
        }

    def catalog(self, digest: str) -> str | None:
        """As StateStore.catalog."""
        found = self._rows("SELECT body FROM catalog_cache WHERE digest = ?", digest)
        return found[0][0] if found else None

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _rows(self, query: str, *values: str) -> list[tuple[str, ...]]:
        try:
            return self._connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise translated(error, self._place) from error


def open_quick(url: str) -> QuickState | None:
    """A quick look at the state behind a URL; None where only a StateStore can answer."""
    path = sqlite_path(url)
    if path is None or not path.is_file():
        return None
    connection = None
    try:
        connection = sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True, timeout=BUSY_SECONDS)
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error:  # damaged, or no schema yet: the StateStore says it in full
        found = None
    if connection is not None and (found is None or found[0] != NEWEST):
        connection.close()
        return None
    return QuickState(connection, str(path)) if connection is not None else None
