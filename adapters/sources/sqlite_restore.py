"""Bringing a SQLite copy to its place."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from adapters.sources.sqlite_copy import copy_into, locked, openers
from adapters.sources.sqlite_facts import connect, integrity, is_sqlite, quoted, tables
from policies.errors import SourceError
from policies.run import Progress

SIDE_FILES = ("-wal", "-shm", "-journal")


def restore_whole(copy: Path, place: Path, *, in_place: bool, wait: float, progress: Callable[[Progress], None]) -> str:
    """Put the copy at `place`: a new file, or in place of an existing one. Where it is, in words."""
    _refuse_damaged(copy)
    if not place.exists():
        if any(Path(f"{place}{end}").exists() for end in SIDE_FILES):
            if not in_place:
                raise SourceError(
                    f"{place} is gone, but its journal files are there",
                    hint="choose another file, or ask for in place",
                    untouched=str(place),
                )
            _set_aside(place)
        _write(copy, place)
        return f"in {place}"
    if not in_place:
        raise SourceError(
            f"{place} exists",
            hint="choose another file, or ask for the original place (in place)",
            untouched=str(place),
        )
    if _sound(place, wait):
        try:
            copy_into(copy, place, wait=wait, progress=progress)
        except sqlite3.DatabaseError as error:
            users = openers(place)
            if users:
                raise SourceError(
                    f"{place} is open in {', '.join(users)} and can't be replaced under it: {error}",
                    hint="stop that program and restore again",
                    untouched=str(place),
                ) from error
        else:
            return f"back in place in {place}, written through SQLite"
    users = openers(place)
    if users:
        raise SourceError(
            f"{place} is damaged and open in {', '.join(users)}",
            hint="stop that program and restore again",
            untouched=str(place),
        )
    kept = _set_aside(place)
    _write(copy, place)
    return f"back in place in {place}; what was there is kept as {kept}"


def restore_tables(copy: Path, place: Path, items: Sequence[str], *, wait: float, replace: bool) -> str:
    """Copy whole tables, with their indexes and triggers, into a new or existing database, all or none."""
    _refuse_damaged(copy)
    with closing(connect(copy)) as source:
        missing = [item for item in items if item not in tables(source)]
        have = ", ".join(tables(source)) or "none"
    if missing:
        raise SourceError(f"no table {', '.join(missing)} in the copy", hint=f"it has: {have}", untouched=str(place))
    new = not place.exists()
    if not new and not is_sqlite(place):
        raise SourceError(f"{place} is no SQLite database", hint="choose another file", untouched=str(place))
    if new:
        place.parent.mkdir(parents=True, exist_ok=True)
    connection = connect(place, mode="rwc", wait=wait)
    try:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("ATTACH DATABASE ? AS copy", (f"{copy.absolute().as_uri()}?mode=ro",))
        connection.execute("BEGIN IMMEDIATE")
        for table in items:
            _copy_table(connection, place, table, replace=replace)
        connection.execute("COMMIT")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            raise locked(place, wait, "written") from error
        raise SourceError(f"{', '.join(items)} can't be written to {place}: {error}", untouched=str(place)) from error
    finally:
        connection.close()
    return f"{', '.join(items)} in {place}"


def _copy_table(connection: sqlite3.Connection, place: Path, table: str, *, replace: bool) -> None:
    there = connection.execute("SELECT 1 FROM main.sqlite_schema WHERE name = ?", (table,)).fetchone()
    if there and not replace:
        raise SourceError(
            f"{place} has a table {table} already",
            hint="choose another file, or ask for in place to replace it",
            untouched=str(place),
        )
    if there:
        connection.execute(f"DROP TABLE main.{quoted(table)}")
    parts = connection.execute(
        "SELECT type, sql FROM copy.sqlite_schema WHERE tbl_name = ? AND sql IS NOT NULL ORDER BY type = 'table' DESC, type = 'trigger'",
        (table,),
    ).fetchall()
    for kind, sql in parts:
        if kind == "table":
            connection.execute(sql)
            columns = ", ".join(
                quoted(name)
                for name, hidden in connection.execute(
                    "SELECT name, hidden FROM pragma_table_xinfo(?, 'copy')", (table,)
                )
                if hidden == 0  # generated columns are computed again
            )
            name = quoted(table)
            connection.execute(f"INSERT INTO main.{name} ({columns}) SELECT {columns} FROM copy.{name}")  # noqa: S608  quoted
        else:
            connection.execute(sql)
    counter = connection.execute("SELECT 1 FROM copy.sqlite_schema WHERE name = 'sqlite_sequence'").fetchone()
    if counter and (
        row := connection.execute("SELECT seq FROM copy.sqlite_sequence WHERE name = ?", (table,)).fetchone()
    ):
        connection.execute("DELETE FROM main.sqlite_sequence WHERE name = ?", (table,))
        connection.execute("INSERT INTO main.sqlite_sequence (name, seq) VALUES (?, ?)", (table, *row))


def _refuse_damaged(copy: Path) -> None:
    with closing(connect(copy)) as connection:
        complaints = integrity(connection)
    if complaints:
        raise SourceError(
            f"the restored copy is damaged: {'; '.join(complaints[:3])}",
            hint="choose an earlier recovery point",
            untouched="the target",
        )


def _sound(place: Path, wait: float) -> bool:
    """Whether SQLite can work with the file at all."""
    if not is_sqlite(place):
        return False
    connection = connect(place, mode="rw", wait=wait)
    try:
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        (result,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        return bool(result == "ok")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            raise locked(place, wait, "replaced") from error
        return False
    except sqlite3.DatabaseError:
        return False
    finally:
        connection.close()


def _set_aside(place: Path) -> Path:
    """Rename a file and its journals away; a stale journal beside a new database would be played into it."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    kept = place.with_name(f"{place.name}.before-{stamp}")
    for end in ("", *SIDE_FILES):
        old = Path(f"{place}{end}")
        if old.exists():
            old.rename(f"{kept}{end}")
    return kept


def _write(copy: Path, place: Path) -> None:
    """Write beside the place, flush, rename: a file is there whole or not at all."""
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_name(f".{place.name}.restora-part")
    try:
        with copy.open("rb") as reader, part.open("wb") as writer:
            shutil.copyfileobj(reader, writer, 1 << 20)
            writer.flush()
            os.fsync(writer.fileno())
        shutil.copymode(copy, part)
        part.replace(place)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise SourceError(
            f"{place} can't be written: {error.strerror}", hint="check permissions and free space", untouched=str(place)
        ) from error
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
