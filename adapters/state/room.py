"""What every part of the store stands on."""

from __future__ import annotations

from adapters.state.database import Database


class Room:
    """A part of the store that keeps one kind of thing."""

    def __init__(self, database: Database) -> None:
        self._database = database
