"""Bringing PostgreSQL dumps back: into a new database, or in place by way of a side database and a rename."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote as url_unquote

import psycopg

from adapters.process import run
from adapters.sources.postgres_connection import Link, Server
from adapters.sources.postgres_dump import MAGIC, Dump, role_statements, roles_in, with_members
from adapters.sources.postgres_facts import quoted, rows
from adapters.sources.postgres_tables import put_tables
from adapters.sources.postgres_tools import Bin, command, tail
from policies.errors import SourceError, ToolMissing
from policies.run import Finding, Progress

SIDE_COMMENT = "restora: restore under way, dropped by the next restore if it was cut off"
OF_OWN = """SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"""
README = """Dumps of PostgreSQL databases in custom format. To bring one back:
    createdb NAME && pg_restore --exit-on-error --dbname=NAME FILE.dump
Roles and tablespaces, where they were saved: psql --file=globals.sql postgres
"""


@dataclass(frozen=True, slots=True)
class Dumps:
    """The dumps of a restored recovery point, by database, and its globals."""

    files: dict[str, Path]
    globals_file: Path | None

    @classmethod
    def found_in(cls, restored: Path, name: str) -> Dumps:
        """Those below a folder; SourceError where there are none or one is no dump."""
        files: dict[str, Path] = {}
        for path in sorted(restored.rglob("*.dump")):
            with path.open("rb") as file:
                if file.read(len(MAGIC)) != MAGIC:
                    raise SourceError(
                        f"{path.name} is no PostgreSQL dump",
                        hint="choose another recovery point",
                        untouched="every database",
                    )
            files[url_unquote(path.stem)] = path
        if not files:
            raise SourceError(
                f"no dump in the restored copy of {name}",
                hint="choose a recovery point of this dataset",
                untouched="every database",
            )
        return cls(files, next(iter(sorted(restored.rglob("globals.sql"))), None))


def keep_files(dumps: Dumps, folder: Path) -> str:
    """Move the dumps into a folder, with a line on how to use them."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in filter(None, (*dumps.files.values(), dumps.globals_file)):
        if path.parent != folder:
            shutil.move(path, folder / path.name)
    (folder / "README").write_text(README)
    return f"{len(dumps.files)} dump{'s' if len(dumps.files) != 1 else ''} in {folder} (see README there)"


def check_files(dumps: Dumps, tools: Bin, names: Sequence[str]) -> list[Finding]:
    """Whether each dump is there and reads to its end."""
    findings = []
    for name in names or list(dumps.files):
        if name not in dumps.files:
            findings.append(Finding("dump", False, "there", "missing", name))
            continue
        try:
            Dump(dumps.files[name], name, tools).read_through()
            findings.append(Finding("dump", True, "", "reads to its end", name))
        except SourceError as error:
            findings.append(Finding("dump", False, "reads to its end", error.message, name))
    return findings


class Restore:
    """One restore into one server. `all_roles`: those of the whole cluster come back, not only what the databases need."""

    def __init__(
        self,
        server: Server,
        tools: Bin,
        dumps: Dumps,
        jobs: int,
        progress: Callable[[Progress], None],
        *,
        all_roles: bool = False,
    ) -> None:
        self.server = server
        self.tools = tools
        self.dumps = dumps
        self.jobs = jobs
        self.progress = progress
        self.all_roles = all_roles
        self.stamp = datetime.now(UTC).strftime("%Y%m%d%H%M%S")
        self.notes: list[str] = []

    def run(self, target: str, items: Sequence[str], *, in_place: bool) -> str:
        """Restore what `items` choose; where everything is, in words."""
        chosen = self._chosen(items)
        said = []
        with self.server.connect(self._maintenance()) as link:
            ((self.superuser,),) = rows(link, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
            for name, (dump, tables) in chosen.items():
                self.progress(Progress("restoring", note=name))
                self._prepare(link, dump, whole=not tables)
                there = name if not target else f"{target}_{name}" if len(self.dumps.files) > 1 else target
                if in_place and tables and self._exists(link, there):
                    with self.server.connect(there) as inside:
                        said.append(put_tables(inside, dump, tables, self.stamp, self._restore_list))
                elif in_place:
                    said.append(self._in_place(link, dump, there, tables))
                else:
                    said.append(self._new(link, dump, there, tables))
        return "; ".join([*said, *dict.fromkeys(self.notes)])

    def _chosen(self, items: Sequence[str]) -> dict[str, tuple[Dump, list[str]]]:
        """Per database its dump and the tables wanted of it; no tables: all."""
        dumps = {name: Dump(path, name, self.tools) for name, path in self.dumps.files.items()}
        if not items:
            return {name: (dump, []) for name, dump in dumps.items()}
        chosen: dict[str, tuple[Dump, list[str]]] = {}
        for item in items:
            if item in dumps:
                chosen[item] = (dumps[item], [])
                continue
            hits = [
                (name, table)
                for name, dump in dumps.items()
                for table in dump.tables()
                if item in {table, table.partition(".")[2], f"{name}.{table}"}
            ]
            if not hits:
                have = ", ".join(table for dump in dumps.values() for table in dump.tables()) or "none"
                raise SourceError(f"no table {item} in the dump", hint=f"it has: {have}", untouched="every database")
            for name, table in hits:
                chosen.setdefault(name, (dumps[name], []))[1].append(table)
        return chosen

    def _maintenance(self) -> str:
        """A database to work from that is none of those to be replaced."""
        return "postgres" if "postgres" not in self.dumps.files else "template1"

    def _prepare(self, link: Link, dump: Dump, *, whole: bool) -> None:
        """What the dump needs of the server: extensions installed, roles there."""
        available = {str(name) for (name,) in rows(link, "SELECT name FROM pg_available_extensions")}
        lacking = sorted(dump.needed("extension") - available)
        if lacking:
            raise ToolMissing(
                f"{self.server} does not have the extension {', '.join(lacking)} that database {dump.database} needs",
                hint="install its package on the server's host (as in postgresql-15-postgis-3)",
                untouched="every database",
            )
        there = {str(name) for (name,) in rows(link, "SELECT rolname FROM pg_roles")}
        text = self.dumps.globals_file.read_text(errors="replace") if self.dumps.globals_file else ""
        needed = dump.needed_roles()
        if whole:
            needed = with_members(text, needed) | (roles_in(text) if self.all_roles else set())
        missing = needed - there
        if not missing:
            return
        if not self.superuser:
            self.notes.append(f"owners that are not there were left out: {', '.join(sorted(missing))}")
            return
        self._create_roles(link, text, missing)

    def _create_roles(self, link: Link, text: str, missing: set[str]) -> None:
        made: set[str] = set()
        for role, statement in role_statements(text, missing):
            made.add(role)
            with suppress(psycopg.errors.UndefinedObject):  # member of a role that this dump does not need
                link.execute(statement.encode())
        for role in sorted(missing - made):
            link.execute(f"CREATE ROLE {quoted(role)}".encode())
        self.notes.append(f"created the roles {', '.join(sorted(missing))}")

    def _new(self, link: Link, dump: Dump, name: str, tables: list[str]) -> str:
        made = False
        if self._exists(link, name):
            with self.server.connect(name) as inside:
                ((objects,),) = rows(inside, OF_OWN)
            if objects:
                raise SourceError(
                    f"database {name} on {self.server} exists and is not empty",
                    hint="name a new database, or ask for the original place (in place)",
                    untouched=f"database {name}",
                )
        else:
            self._create(link, dump, name)
            made = True
        try:
            self._fill(link, dump, name, tables)
        except BaseException:
            if made:
                self._drop(link, name)
            raise
        return f"database {name} on {self.server}"

    def _in_place(self, link: Link, dump: Dump, name: str, tables: list[str]) -> str:
        """Restore beside the original, then rename both in one transaction; the original is kept."""
        self._drop_leftovers(link, name)
        side = f"{name[:40]}_restora_{self.stamp}"
        self._create(link, dump, side, final=name)
        try:
            self._fill(link, dump, side, tables)
            if not self._exists(link, name):
                self._retry_rename(link, side, name, None)
                return f"database {name} created again on {self.server}"
            kept = f"{name[:40]}_before_{self.stamp}"
            self._retry_rename(link, side, name, kept)
        except BaseException:
            self._drop(link, side)
            raise
        return f"database {name} replaced on {self.server}; what was there is kept as {kept}"

    def _retry_rename(self, link: Link, side: str, name: str, kept: str | None) -> None:
        """Rename while nobody is connected: new connections are refused for that moment, present ones ended."""
        old = quoted(name)
        try:
            if kept:
                link.execute(f"ALTER DATABASE {old} ALLOW_CONNECTIONS false".encode())
            for database in filter(None, (name if kept else "", side)):
                link.execute(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
                    (database,),
                )
            with link.transaction():
                if kept:
                    link.execute(f"ALTER DATABASE {old} RENAME TO {quoted(kept)}".encode())
                link.execute(f"ALTER DATABASE {quoted(side)} RENAME TO {old}".encode())
        except psycopg.Error as error:
            raise self.server.explained(error, name, "can't be replaced") from None
        finally:
            for database in filter(None, (kept, name)):
                with suppress(psycopg.errors.InvalidCatalogName, psycopg.errors.InsufficientPrivilege):
                    link.execute(f"ALTER DATABASE {quoted(database)} ALLOW_CONNECTIONS true".encode())

    def _exists(self, link: Link, name: str) -> bool:
        return link.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is not None

    def _create(self, link: Link, dump: Dump, name: str, *, final: str = "") -> None:
        create, _ = dump.properties(quoted(name))
        spaces = {str(space) for (space,) in rows(link, "SELECT spcname FROM pg_tablespace")}
        if " TABLESPACE = " in create and create.rpartition(" TABLESPACE = ")[2].strip('"') not in spaces:
            create = create.rpartition(" TABLESPACE = ")[0]
        try:
            try:
                link.execute(f"CREATE DATABASE {quoted(name)} WITH {create or 'TEMPLATE = template0'}".encode())
            except (
                psycopg.errors.WrongObjectType,
                psycopg.errors.InvalidParameterValue,
                psycopg.errors.UndefinedObject,
            ):
                link.execute(f"CREATE DATABASE {quoted(name)} WITH TEMPLATE = template0 ENCODING = 'UTF8'".encode())
                self.notes.append(f"the server lacks the locale of {dump.database}: its own is used")
            if final:
                link.execute(f"COMMENT ON DATABASE {quoted(name)} IS '{SIDE_COMMENT}'".encode())
        except psycopg.Error as error:
            raise self.server.explained(error, name, "can't be created") from None

    def _fill(self, link: Link, dump: Dump, name: str, tables: list[str]) -> None:
        self._restore_list(name, dump, dump.chosen(tables, ground=True) if tables else [])
        if tables:
            return
        link.execute(f"COMMENT ON DATABASE {quoted(name)} IS NULL".encode())
        for statement in dump.properties(quoted(name))[1]:
            try:
                link.execute(statement.encode())
            except psycopg.Error as error:
                self.notes.append(f"not set: {statement} ({' '.join(str(error).split())[:80]})")
        self._check_complete(dump, name)

    def _check_complete(self, dump: Dump, name: str) -> None:
        """Every table of the dump is there; a restore that restored nothing is none."""
        with self.server.connect(name) as inside:
            there = {f"{s}.{t}" for s, t in rows(inside, "SELECT schemaname, tablename FROM pg_tables")}
        missing = [table for table in dump.tables() if table not in there]
        if missing:
            raise SourceError(
                f"{len(missing)} tables of {dump.database} did not come back: {', '.join(missing[:5])}",
                hint="see the server's log",
            )

    def _restore_list(self, name: str, dump: Dump, entries: Sequence[str], *, single: bool = False) -> None:
        """pg_restore of these entries of a dump (none: all) into a database."""
        with tempfile.TemporaryDirectory(prefix="restora-") as folder:
            argv = [self.tools["pg_restore"], "--exit-on-error", "--no-password", self.server.argument(name)]
            argv += ["--single-transaction"] if single else [f"--jobs={self.jobs}"]
            if not self.superuser:
                argv += ["--no-owner", "--no-privileges", "--no-comments"]
            if self._lacks_tablespace(dump):
                argv.append("--no-tablespaces")
            if entries:
                listing = Path(folder) / "list"
                listing.write_text("\n".join(entries) + "\n")
                argv.append(f"--use-list={listing}")
            done = run(command(self.server, [*argv, str(dump.path)]), timeout=None)
        if done.exit_code != 0:
            raise SourceError(
                f"database {dump.database} can't be restored into {name}: {tail(done)}",
                hint="if the dump is cut off or damaged, choose another recovery point",
                untouched=f"database {dump.database}",
            )

    def _lacks_tablespace(self, dump: Dump) -> bool:
        needed = dump.needed("tablespace")
        if not needed:
            return False
        with self.server.connect(self._maintenance()) as link:
            there = {str(name) for (name,) in rows(link, "SELECT spcname FROM pg_tablespace")}
        lacking = sorted(needed - there)
        if lacking:
            self.notes.append(f"the tablespaces {', '.join(lacking)} are not there: the default one is used")
        return bool(lacking)

    def _drop(self, link: Link, name: str) -> None:
        try:
            link.execute(f"DROP DATABASE IF EXISTS {quoted(name)} WITH (FORCE)".encode())
        except psycopg.Error as error:
            self.notes.append(f"database {name} could not be dropped: {error}")

    def _drop_leftovers(self, link: Link, name: str) -> None:
        """Side databases of restores that were cut off: ours by their comment, and nobody works in them."""
        found = link.execute(
            "SELECT datname FROM pg_database d WHERE starts_with(datname, %s) AND shobj_description(oid, 'pg_database') = %s"
            " AND NOT EXISTS (SELECT 1 FROM pg_stat_activity a WHERE a.datid = d.oid)",
            (f"{name[:40]}_restora_", SIDE_COMMENT),
        ).fetchall()
        for (side,) in found:
            self._drop(link, str(side))
