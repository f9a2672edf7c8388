"""Damage a restored copy on purpose, so that a drill can show that it would notice. Only ever used on scratch places."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from adapters.sources.sqlite_facts import quoted
from policies.errors import SourceError

if TYPE_CHECKING:
    from adapters.sources.postgres import PostgresSource


def tamper_files(target: str, facts: Mapping[str, str]) -> str:
    """Flip one bit of a file whose hash is known; where none is, take away a file."""
    known = [key.removeprefix("sha256:") for key, value in facts.items() if key.startswith("sha256:") and value]
    for path in known:
        place = Path(target.rstrip("/") + path)
        if place.is_file() and place.stat().st_size:
            with place.open("r+b") as file:
                middle = place.stat().st_size // 2
                file.seek(middle)
                byte = file.read(1)
                file.seek(middle)
                file.write(bytes([byte[0] ^ 1]))
            return f"one bit of {path} flipped"
    victim = next((path for path in Path(target).rglob("*") if path.is_file() and not path.is_symlink()), None)
    if victim is None:
        raise SourceError("the copy holds no file that could be damaged")
    victim.unlink()
    return f"{victim.relative_to(target)} taken away"


def tamper_sqlite(target: str) -> str:
    """Take one row out of a table, or where all are empty add a table."""
    with closing(sqlite3.connect(target)) as connection, connection:
        names = [
            str(row[0])
            for row in connection.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
            )
        ]
        for name in names:
            table = quoted(name)
            try:
                sql = f"DELETE FROM {table} WHERE rowid = (SELECT min(rowid) FROM {table})"  # noqa: S608  quoted
                gone = connection.execute(sql).rowcount
            except sqlite3.DatabaseError:  # no rowids, a virtual table, a trigger that forbids it: the next one
                continue
            if gone:
                return f"one row of {name} deleted"
        connection.execute("CREATE TABLE restora_tampered (x)")
        return "a table added"


def tamper_postgres(source: PostgresSource, facts: Mapping[str, str]) -> str:
    """Empty a table that had rows, or add one where none had."""
    from adapters.sources.postgres_facts import quoted as postgres_quoted

    server = source.server()
    filled = [
        key.removeprefix("rows:")
        for key, value in facts.items()
        if key.startswith("rows:") and value.strip("~") not in {"", "0"}
    ]
    databases = [
        unquote(key.partition(":")[2].partition("/")[0]) for key in facts if key.startswith(("rows:", "objects:"))
    ]
    if not databases:
        raise SourceError("nothing is known of the copy's content, so damage could not be noticed")
    database, _, table = filled[0].partition("/") if filled else (databases[0], "", "")
    with server.connect(unquote(database)) as link:
        if table:
            schema, _, name = table.partition(".")
            link.execute(f"TRUNCATE {postgres_quoted(schema, name)} CASCADE".encode())
            return f"table {table} emptied"
        link.execute(b"CREATE TABLE restora_tampered (x int)")
        return "a table added"
