"""PostgreSQL: looked at, dumped at one moment, restored beside the original, compared row by row."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from urllib.parse import quote

import psycopg

from adapters.sources.postgres_connection import Link, Secrets, Server
from adapters.sources.postgres_facts import (
    CHECKSUMS_BELOW,
    EXACT_BELOW,
    compare,
    database_facts,
    databases_in,
    rows,
    wanted_item,
)
from adapters.sources.postgres_restore import Dumps, Restore, check_files, keep_files
from adapters.sources.postgres_tools import Bin, client_for, command
from policies.capture import Capture, SourceReport, Stream
from policies.dataset import PostgresDataset
from policies.errors import SourceError, ToolMissing
from policies.quantity import human_size
from policies.run import Finding, Progress

LOCK_WAIT = "60s"
SMALLEST_DUMP = 500  # bytes; the table of contents of an empty database is larger


class PostgresSource:
    """A postgres dataset. `secrets` reads a SecretReference; `bin_dir`: folder of pg_dump where the fitting one is not meant.

    `checksums`: take row checksums at every capture (None: of small databases only)."""

    kind = "postgres"

    def __init__(
        self,
        name: str,
        dataset: PostgresDataset,
        secrets: Secrets,
        *,
        bin_dir: str | None = None,
        checksums: bool | None = None,
        jobs: int = 2,
    ) -> None:
        self.name = name
        self.dataset = dataset
        self.secrets = secrets
        self.bin_dir = bin_dir
        self.checksums = checksums
        self.jobs = jobs
        self._opened: tuple[Server, str] | None = None

    def report(self) -> SourceReport:
        """Reachable, databases there, a pg_dump that fits; their sizes. What stands in the way is a finding with a way out."""
        try:
            with self._anywhere() as link:
                major, full = _version(link)
                sizes = {str(name): int(str(size)) for name, size in rows(link, _SIZES)}
                ((standby,),) = rows(link, "SELECT pg_is_in_recovery()")
        except SourceError as error:
            finding = Finding("server", False, error.hint, error.message, str(self.name))
            return SourceReport("PostgreSQL", findings=(finding,))
        server = self.server()
        findings = [Finding("server", True, "", f"PostgreSQL {full} on {server}" + (", a standby" if standby else ""))]
        names = self._names(sizes)
        for name in names:
            good = name in sizes
            have = ", ".join(sizes) or "none that allows connections"
            findings.append(
                Finding("database", good, f"one of: {have}", "is there" if good else "does not exist", name)
            )
        if not names:
            findings.append(Finding("database", False, "at least one database", "the server has none of its own"))
        findings.append(self._tool_finding(major))
        size = sum(sizes.get(name, 0) for name in names)
        detail = f"PostgreSQL {', '.join(names)} on {server} · {human_size(size)}"
        there = [
            name for name in names if name in sizes
        ]  # none: nothing is left that a restore in place could overwrite
        return SourceReport(detail, size, len(there) + int(bool(there) and self.dataset.globals), tuple(findings))

    def remains(self) -> PostgresSource | None:
        """Those of the databases that exist; None where there is none."""
        with self._anywhere() as link:
            sizes = {str(name): 0 for name, _ in rows(link, _SIZES)}
        there = tuple(name for name in self._names(sizes) if name in sizes)
        if not there:
            return None
        left = self.dataset.model_copy(update={"databases": there})
        return PostgresSource(self.name, left, self.secrets, bin_dir=self.bin_dir, checksums=self.checksums)

    def capture(self, scratch: Path, run: str) -> Capture:
        """A dump command per database, each tied to a transaction in which its facts were counted: exactly the same moment.

        The transactions stay open until `release`; streams: `globals.sql`, then `DATABASE.dump` (custom format, uncompressed)."""
        server = self.server()
        with self._anywhere() as link:
            major, _ = _version(link)
            sizes = {str(name): int(str(size)) for name, size in rows(link, _SIZES)}
            ((superuser,),) = rows(link, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
            maintenance = link.info.dbname
        tools = self._tools(major)
        names = self._names(sizes)
        missing = [name for name in names if name not in sizes]
        if missing or not names:
            raise SourceError(
                f"no database {', '.join(missing) or 'of its own'} on {server}",
                hint=f"there is: {', '.join(sizes) or 'none'}; correct databases: in dataset {self.name}",
                untouched="nothing was saved",
            )
        streams = []
        if self.dataset.globals:
            less = () if superuser else ("--no-role-passwords",)
            argv = (tools["pg_dumpall"], "--globals-only", "--no-password", *less, server.argument(maintenance))
            streams.append(Stream("globals.sql", command(server, argv), minimum=100, magic=b"--"))
        facts: dict[str, str] = {"server": str(major), "moment": "exact"}
        with ExitStack() as stack:
            for name in names:
                link = stack.enter_context(server.connect(name))
                snapshot = self._begin(link)
                if not snapshot:
                    facts["moment"] = "just before the dump"
                facts |= self._count(server, link, name, sizes[name], checksums=self.checksums)
                argv = (
                    tools["pg_dump"],
                    "--format=custom",
                    "--compress=0",
                    f"--lock-wait-timeout={LOCK_WAIT}",
                    "--no-password",
                    *([f"--snapshot={snapshot}"] if snapshot else []),
                    server.argument(name),
                )
                streams.append(Stream(dump_name(name), command(server, argv), minimum=SMALLEST_DUMP, magic=b"PGDMP"))
            held = stack.pop_all()

        def release() -> Mapping[str, str]:
            held.close()
            return {}

        expected = sum(sizes[name] for name in names)
        return Capture(streams=tuple(streams), expected_bytes=expected, facts=facts, release=release)

    def facts(self, target: str = "") -> Mapping[str, str]:
        """Rows, checksums, sequences and objects of every database ('') or of the one named (under its own name)."""
        server = self.server()
        if target:
            names = [target]
        else:
            with self._anywhere() as link:
                names = self._names({str(name): 0 for name, _ in rows(link, _SIZES)})
        facts: dict[str, str] = {}
        for name in names:
            with server.connect(name) as link:
                self._begin(link)
                facts |= self._count(server, link, name, 0, checksums=True)
        return facts

    def restore(
        self,
        restored: Path,
        target: str,
        *,
        items: Sequence[str] = (),
        in_place: bool = False,
        progress: Callable[[Progress], None],
    ) -> str:
        """Into a new database (several dumps: TARGET_DATABASE each), or in place, or as files into a folder.

        In place each dump goes into a database beside the original first; then both are renamed in one transaction, and the
        original is kept as DATABASE_before_…. Items: tables, `schema.table`, or `database` / `database.schema.table`."""
        dumps = Dumps.found_in(restored, self.name)
        if "/" in target:
            return keep_files(dumps, Path(target))
        if not target and not in_place:
            raise SourceError(
                "no database to restore to was named",
                hint="name a new database or a folder, or ask for the original place",
            )
        server = self.server()
        with self._anywhere() as link:
            major, _ = _version(link)
        cluster = in_place and not items and not self.dataset.databases and not self._named()
        work = Restore(server, self._tools(major), dumps, self.jobs, progress, all_roles=cluster)
        return work.run(target, items, in_place=in_place)

    def verify(self, target: str, facts: Mapping[str, str], *, items: Sequence[str] = ()) -> list[Finding]:
        """Every recorded fact against the database(s) at target; of a folder of dumps: whether each reads to its end."""
        names = databases_in(facts)
        if "/" in target:
            return check_files(Dumps.found_in(Path(target), self.name), client_for(0, self.bin_dir), names)
        if not names:
            return [Finding("content", False, "facts to compare with", "the run recorded none")]
        server = self.server()
        tables = [item for item in items if item not in names]
        chosen = [name for name in names if not items or tables or name in items]
        findings: list[Finding] = []
        for name in chosen:
            wanted = [item.removeprefix(f"{name}.") for item in tables]
            there = target_name(target, name, several=len(names) > 1)
            checksums = any(fact.startswith("sum:") for fact in facts)
            try:
                with server.connect(there) as link:
                    self._begin(link)
                    found = database_facts(link, name, checksums=checksums, only=partial(wanted_item, items=wanted))
            except SourceError as error:
                findings.append(Finding("database", False, "there", error.message, there))
                continue
            compared = compare(name, facts, found, wanted)
            findings += compared or [
                Finding("content", False, f"facts of {', '.join(wanted)}", "the run recorded none", there)
            ]
        return findings

    def _count(self, server: Server, link: Link, name: str, size: int, *, checksums: bool | None) -> dict[str, str]:
        sums = size < CHECKSUMS_BELOW if checksums is None else checksums
        try:
            return database_facts(link, name, checksums=sums, exact=size < EXACT_BELOW)
        except psycopg.Error as error:
            raise server.explained(error, name, "can't be counted") from None

    def _begin(self, link: Link) -> str:
        """Open a transaction that sees one moment; the name under which pg_dump can join it ('' where the server can't)."""
        link.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            ((snapshot,),) = rows(link, "SELECT pg_export_snapshot()")
        except psycopg.Error:
            link.execute("ROLLBACK")
            link.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            return ""
        return str(snapshot)

    def major(self) -> int:
        """Major version of the server."""
        with self._anywhere() as link:
            return _version(link)[0]

    def server(self) -> Server:
        if self._opened is None:
            self._opened = Server.of(self.dataset, self.secrets)
        return self._opened[0]

    def _named(self) -> str:
        """The database that the connection string names, or ''."""
        return self._opened[1] if self._opened else ""

    def _anywhere(self) -> Link:
        """A connection to some database: the one named by the DSN, the usual ones, or the dataset's own."""
        server = self.server()
        named = self._named()
        own = os.environ.get("PGDATABASE", "") if self.dataset.service is None else ""
        first: SourceError | None = None
        for database in dict.fromkeys(filter(None, (named, "postgres", *self.dataset.databases, "template1", own))):
            try:
                return server.connect(database)
            except SourceError as error:
                first = first or error
                if "database" not in error.hint and "privilege" not in error.message and "pg_hba" not in error.message:
                    raise
        raise first or SourceError(f"no database of {server} could be opened")

    def _names(self, sizes: Mapping[str, int]) -> list[str]:
        if self.dataset.databases:
            return list(self.dataset.databases)
        if named := self._named():
            return [named]
        return [name for name in sizes if name != "postgres"] or [name for name in sizes if name == "postgres"]

    def _tools(self, major: int) -> Bin:
        tools = client_for(major, self.bin_dir)
        if tools.major < major:
            raise ToolMissing(
                f"pg_dump {tools.major} in {tools.folder} is older than the server ({major}) and can't dump it",
                hint=f"install postgresql-client-{major}, or set tools.postgres_bin",
            )
        return tools

    def _tool_finding(self, major: int) -> Finding:
        try:
            tools = self._tools(major)
        except ToolMissing as error:
            return Finding("pg_dump", False, error.hint, error.message)
        return Finding("pg_dump", True, "", f"version {tools.major} in {tools.folder}")


_SIZES = """SELECT datname, CASE WHEN has_database_privilege(oid, 'CONNECT') THEN pg_database_size(oid) ELSE 0 END
FROM pg_database WHERE datallowconn AND NOT datistemplate ORDER BY datname"""


def _version(link: Link) -> tuple[int, str]:
    number = link.info.server_version
    return number // 10000, f"{number // 10000}.{number % 10000}"


def dump_name(database: str) -> str:
    """File name of a database's dump in a snapshot."""
    return f"{quote(database, safe='')}.dump"


def target_name(target: str, database: str, *, several: bool) -> str:
    """Where a database lies after a restore to `target`."""
    if not target:
        return database
    return f"{target}_{database}" if several else target
