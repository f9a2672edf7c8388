"""What a SQLite database holds, in counts and checksums that do not depend on the order of rows."""

from __future__ import annotations

import hashlib
import marshal
import sqlite3
from collections.abc import Mapping
from pathlib import Path

from policies.errors import SourceError

MASK = (1 << 64) - 1
HEADER = b"SQLite format 3\x00"


def quoted(name: str) -> str:
    """An identifier as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def is_sqlite(path: Path) -> bool:
    """Whether a file begins like a SQLite database. An unreadable file does not."""
    try:
        with path.open("rb") as file:
            return file.read(16) == HEADER
    except OSError:
        return False


def connect(path: Path, *, mode: str = "ro", wait: float = 5.0) -> sqlite3.Connection:
    """Open an existing database file; text that is no UTF-8 survives. `wait`: seconds to wait for a lock."""
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    try:
        connection = sqlite3.connect(uri, uri=True, timeout=wait, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as error:
        raise SourceError(
            f"{path} can't be opened: {error}", hint="check that it exists and that restora may read it"
        ) from error
    connection.text_factory = lambda raw: raw.decode("utf-8", "surrogatepass" if b"\xed" in raw else "backslashreplace")
    return connection


def tables(connection: sqlite3.Connection) -> list[str]:
    """Names of all tables with rows of their own: no views, no virtual tables, none of SQLite's statistics."""
    rows = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
        " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
    )
    return [name for (name,) in rows]


def _checksum(connection: sqlite3.Connection, table: str) -> tuple[int, int]:
    """Rows, and the sum of a hash of each row."""
    count = total = 0
    for row in connection.execute(f"SELECT * FROM {quoted(table)}"):  # noqa: S608  quoted
        count += 1
        # marshal version 2: typed, binary, no references, the same in every Python
        total += int.from_bytes(hashlib.blake2b(marshal.dumps(row, 2), digest_size=8).digest(), "little")
    return count, total & MASK


def content_facts(connection: sqlite3.Connection, *, checksums: bool) -> dict[str, str]:
    """`rows:TABLE`, with checksums `sum:TABLE`; `schema` digest, `user_version`, `application_id`."""
    facts: dict[str, str] = {}
    for table in tables(connection):
        if checksums:
            count, total = _checksum(connection, table)
            facts[f"sum:{table}"] = f"{total:016x}"
        else:
            (count,) = connection.execute(f"SELECT count(*) FROM {quoted(table)}").fetchone()  # noqa: S608  quoted
        facts[f"rows:{table}"] = str(count)
    schema = hashlib.sha256()
    for row in connection.execute(
        "SELECT type, name, coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_stat%' ESCAPE '\\' ORDER BY 1, 2"
    ):
        schema.update("\0".join(row).encode("utf-8", "surrogatepass"))
    facts["schema"] = schema.hexdigest()
    for pragma in ("user_version", "application_id"):
        (value,) = connection.execute(f"PRAGMA {pragma}").fetchone()
        facts[pragma] = str(value)
    return facts


def integrity(connection: sqlite3.Connection) -> list[str]:
    """The complaints of SQLite's full integrity check; none: sound."""
    try:
        lines = [str(line) for (line,) in connection.execute("PRAGMA integrity_check(20)")]
    except sqlite3.DatabaseError as error:
        return [str(error)]
    return [] if lines == ["ok"] else lines


def facts_of_file(path: Path, *, checksums: bool) -> Mapping[str, str]:
    """The facts of a database file that nobody writes to."""
    connection = connect(path)
    try:
        return content_facts(connection, checksums=checksums)
    except sqlite3.DatabaseError as error:
        raise SourceError(f"{path} can't be read: {error}", hint="restore it from an earlier recovery point") from error
    finally:
        connection.close()


def file_digest(path: Path) -> str:
    """sha256 of the whole file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
