"""Reading PostgreSQL's dumps: their table of contents, what they need of a server, roles in globals.sql."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from adapters.process import run
from adapters.sources.postgres_tools import Bin, tail
from policies.capture import Command
from policies.errors import SourceError

MAGIC = b"PGDMP"
NAME = r'(?:"(?:[^"]|"")+"|[^\s";,.()]+)'
MOST_SCHEMA = 256 << 20  # bytes of a dump's schema as SQL
ENTRY = re.compile(r"^\d+; \d+ \d+ (.*)$")
# always restored into a new database, whatever tables were chosen: tables may be built on them
GROUND = ("SCHEMA ", "EXTENSION ", "TYPE ", "DOMAIN ", "COLLATION ", "SHELL TYPE ", "FUNCTION ")


def unquote(name: str) -> str:
    """The name behind a quoted or plain identifier."""
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


@dataclass(slots=True)
class Dump:
    """One dump in custom format, read with pg_restore."""

    path: Path
    database: str
    tools: Bin
    _schema: str = field(default="", repr=False)
    _entries: list[str] = field(default_factory=list, repr=False)

    def entries(self) -> list[str]:
        """Lines of its table of contents."""
        if not self._entries:
            text = self._read("--list")
            self._entries = [line for line in text.splitlines() if ENTRY.match(line)]
        return self._entries

    def schema(self) -> str:
        """Its whole schema as SQL, the CREATE DATABASE included."""
        if not self._schema:
            self._schema = self._read("--create", "--schema-only", "--file=-")
        return self._schema

    def read_through(self) -> None:
        """Read it to its end; SourceError where it is cut off or damaged."""
        self._read("--file=/dev/null")

    def tables(self) -> list[str]:
        """`schema.table` of each table in it."""
        found = re.findall(rf"^CREATE (?:UNLOGGED )?TABLE ({NAME})\.({NAME}) ", self.schema(), re.M)
        return [f"{unquote(schema)}.{unquote(table)}" for schema, table in found]

    def needed_roles(self) -> set[str]:
        """Roles that own something in it or are granted something."""
        text = self.schema()
        patterns = (
            rf"\bOWNER TO ({NAME});",
            rf"^GRANT .* TO ({NAME})(?: WITH GRANT OPTION)?;",
            rf"\bFOR ROLE ({NAME})",
            rf"^SET SESSION AUTHORIZATION ({NAME});",
            rf"^CREATE POLICY .* TO ({NAME})",
            rf"^CREATE USER MAPPING FOR ({NAME})",
        )
        found = {unquote(name) for pattern in patterns for name in re.findall(pattern, text, re.M)}
        return {name for name in found if name.upper() not in {"PUBLIC", "CURRENT_USER"} and not name.startswith("pg_")}

    def needed(self, what: str) -> set[str]:
        """Names after CREATE EXTENSION, or of tablespaces that it sets."""
        pattern = {
            "extension": rf"^CREATE EXTENSION IF NOT EXISTS ({NAME})",
            "tablespace": rf"^SET default_tablespace = ({NAME}|'[^']*');",
        }[what]
        found = {unquote(name).strip("'") for name in re.findall(pattern, self.schema(), re.M)}
        return found - {""}

    def properties(self, name: str) -> tuple[str, list[str]]:
        """What follows CREATE DATABASE, and the statements that give the database its owner, settings and grants, for
        a database of another name."""
        create, later = "", []
        for line in self.schema().splitlines():
            if made := re.match(rf"^CREATE DATABASE {NAME} WITH (.*);$", line):
                create = made[1]
            elif line.startswith(("ALTER DATABASE ", "COMMENT ON DATABASE ")) and line.endswith(";"):
                later.append(re.sub(rf"^(ALTER|COMMENT ON) DATABASE {NAME}", lambda m: f"{m[1]} DATABASE {name}", line))
            elif re.match(r"^(GRANT|REVOKE) .* ON DATABASE ", line) and line.endswith(";"):
                later.append(re.sub(rf" ON DATABASE {NAME}", lambda _: f" ON DATABASE {name}", line))
        return create, later

    def chosen(self, tables: Sequence[str], *, ground: bool) -> list[str]:
        """The entries that these tables (`schema.table`) consist of: data, keys, indexes, defaults, sequences; no foreign
        keys and triggers, which lead elsewhere. `ground`: types and functions too, for a new database."""
        indexes = {
            unquote(index)
            for index, schema, table in re.findall(
                rf"^CREATE (?:UNIQUE )?INDEX ({NAME}) ON (?:ONLY )?({NAME})\.({NAME}) ", self.schema(), re.M
            )
            if f"{unquote(schema)}.{unquote(table)}" in tables
        }
        sequences = {
            f"{unquote(schema)}.{unquote(sequence)}"
            for schema, sequence, owner, table in re.findall(
                rf"^ALTER SEQUENCE ({NAME})\.({NAME}) OWNED BY ({NAME})\.({NAME})\.", self.schema(), re.M
            )
            if f"{unquote(owner)}.{unquote(table)}" in tables
        }
        identity = re.findall(
            rf"^ALTER TABLE ({NAME})\.({NAME}) ALTER COLUMN {NAME} ADD GENERATED .*\n\s+SEQUENCE NAME ({NAME})\.({NAME})",
            self.schema(),
            re.M,
        )
        sequences |= {
            f"{unquote(s)}.{unquote(q)}"
            for owner, table, s, q in identity
            if f"{unquote(owner)}.{unquote(table)}" in tables
        }
        starts = [f"{kind} {_spaced(t)} " for t in tables for kind in ("TABLE", "TABLE DATA", "DEFAULT", "CONSTRAINT")]
        starts += [
            f"{kind} {_spaced(t)} " for t in sequences for kind in ("SEQUENCE", "SEQUENCE OWNED BY", "SEQUENCE SET")
        ]
        starts += [f"INDEX {t.partition('.')[0]} {index} " for t in tables for index in indexes]
        if ground:
            starts += GROUND
        return [line for line in self.entries() if _rest(line).startswith(tuple(starts))]

    def _read(self, *arguments: str) -> str:
        done = run(
            Command((self.tools["pg_restore"], *arguments, str(self.path))),
            timeout=None,
            raw=True,
            capture_limit=MOST_SCHEMA,
        )
        if done.exit_code != 0:
            raise SourceError(
                f"the dump of database {self.database} can't be read: {tail(done)}",
                hint="it is cut off or damaged, or from a newer PostgreSQL than pg_restore: choose another recovery point",
                untouched="every database",
            )
        return done.stdout


def _rest(line: str) -> str:
    found = ENTRY.match(line)
    return found[1] if found else ""


def _spaced(table: str) -> str:
    return table.replace(".", " ", 1)


def roles_in(globals_sql: str) -> set[str]:
    """Every role that it makes."""
    return {unquote(name) for name in re.findall(rf"^CREATE ROLE ({NAME});", globals_sql, re.M)}


def with_members(globals_sql: str, roles: set[str]) -> set[str]:
    """These roles and whoever is a member of them, directly or not: people log in with those."""
    pairs = [
        (unquote(role), unquote(member))
        for role, member in re.findall(rf"^GRANT ({NAME}) TO ({NAME})", globals_sql, re.M)
    ]
    found = set(roles)
    while more := {member for role, member in pairs if role in found} - found:
        found |= more
    return found


def role_statements(globals_sql: str, wanted: set[str]) -> Iterator[tuple[str, str]]:
    """(role, statement) that make these roles: created, with their attributes, members of each other."""
    for line in globals_sql.splitlines():
        made = re.match(rf"^(?:CREATE|ALTER) ROLE ({NAME})(?: WITH| SET|;| IN DATABASE)", line)
        if made and unquote(made[1]) in wanted and line.endswith(";"):
            yield unquote(made[1]), line
    for line in globals_sql.splitlines():
        member = re.match(rf"^GRANT ({NAME}) TO ({NAME})", line)
        if member and line.endswith(";") and unquote(member[2]) in wanted:
            # who granted it may not be there
            yield unquote(member[2]), re.sub(rf" GRANTED BY {NAME};$", ";", line)
