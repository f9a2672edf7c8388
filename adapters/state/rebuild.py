"""Start again with an empty state, keeping the old one aside."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from adapters.state.place import sqlite_path
from policies.errors import StateError

COMPANIONS = ("", "-wal", "-shm", "-journal")


def set_aside(url: str, now: datetime) -> Path | None:
    """Rename an embedded state, whatever is left of it, so that the next StateStore starts a new one. Never deletes.

    Where the old one lies now; None if there was none. Only for when a person asked for it and nothing is at work.
    StateError for PostgreSQL, where the server's administrator does this."""
    path = sqlite_path(url)
    if path is None:
        raise StateError(
            "only an embedded state can be set aside",
            hint="rename or restore the PostgreSQL database, create an empty one, then run restora init again",
            untouched="the state",
        )
    aside = path.with_name(f"{path.name}.aside-{now:%Y%m%dT%H%M%S}")
    number = 1
    while any(aside.with_name(aside.name + each).exists() for each in COMPANIONS):
        number += 1
        aside = path.with_name(f"{path.name}.aside-{now:%Y%m%dT%H%M%S}-{number}")
    moved = False
    for companion in COMPANIONS:
        old = path.with_name(path.name + companion)
        try:
            if old.exists():
                old.rename(aside.with_name(aside.name + companion))
                moved = True
        except OSError as error:
            raise StateError(
                f"{old} can't be renamed: {error.strerror}", hint=f"rename it to {aside.name} by hand"
            ) from error
    return aside if moved else None
