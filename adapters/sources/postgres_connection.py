"""How a PostgreSQL server is reached, by psycopg and by its own programs; no secret ever stands in an argument."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import Conninfo

from policies.dataset import PostgresDataset
from policies.errors import ConfigurationError, SourceError

Link: TypeAlias = psycopg.Connection[tuple[object, ...]]
Secrets = Callable[[object], str]
SESSION = (
    "SET application_name = 'restora'",
    "SET statement_timeout = 0",
    "SET idle_in_transaction_session_timeout = 0",
    "SET lock_timeout = '60s'",
    # what rows look like as text must not depend on where they are read
    "SET search_path = pg_catalog",
    "SET timezone = 'UTC'",
    "SET datestyle = 'ISO, YMD'",
    "SET intervalstyle = 'iso_8601'",
    "SET extra_float_digits = 1",
    "SET bytea_output = 'hex'",
    "SET row_security = off",
)
# what libpq says (patterns, or SQLSTATE codes), what it means, the way out
CAUSES: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (
        ("password authentication failed", "28P01"),
        "the password is wrong",
        "correct the secret of the dataset's password",
    ),
    (
        ("no password supplied",),
        "the server wants a password and none is configured",
        "name its place under the dataset: password: {file: …}",
    ),
    (
        ("Peer authentication failed", "Ident authentication failed"),
        "the server lets in only the operating system's user of that name",
        "run restora as that user, or configure a role with a password and host: localhost",
    ),
    (
        ("no pg_hba.conf entry",),
        "the server's pg_hba.conf does not let this role in from here",
        "add a line for it in pg_hba.conf and reload the server",
    ),
    ((r'role "[^"]*" does not exist',), "the role does not exist", "set user: in the dataset, or create the role"),
    ((r'database "[^"]*" does not exist', "3D000"), "the database does not exist", "correct databases: in the dataset"),
    (
        ("could not translate host name", "Name or service not known", "failed to resolve host"),
        "there is no such host",
        "correct host: in the dataset, or the name service",
    ),
    (
        ("Connection refused", "No such file or directory"),
        "no server listens there",
        "start it, or correct host: and port: in the dataset",
    ),
    (
        ("timeout expired", "timed out"),
        "no answer in time",
        "check the network and firewalls between here and the server",
    ),
    (("starting up", "shutting down", "57P03"), "the server is starting up or shutting down", "try again in a minute"),
    (
        ("too many connections", "remaining connection slots", "53300"),
        "the server has no connection left",
        "raise max_connections, or reserve connections for restora's role",
    ),
    (("definition of service",), "the service is not in pg_service.conf", "add it there, or correct service:"),
    (
        ("permission denied to create database",),
        "the role may not create databases",
        "restore as a superuser (user: in the dataset), or with --to FOLDER to get the dumps as files",
    ),
    (
        ("must be owner of database", "must be member of role"),
        "the database belongs to another role",
        "restore as a superuser (user: in the dataset), or to a new database (--to NAME)",
    ),
    (
        ("permission denied", "must be superuser", "42501"),
        "the role lacks a privilege",
        "GRANT pg_read_all_data TO it (PostgreSQL 14 and newer), or use a superuser",
    ),
    (("canceling statement due to lock timeout", "55P03"), "a lock was held for too long", "run at a quieter time"),
)


@dataclass(frozen=True, slots=True)
class Server:
    """One server, as libpq keywords without the database and the password."""

    keywords: Mapping[str, str]
    password: str = field(default="", repr=False)
    timeout: int = 10

    @classmethod
    def of(cls, dataset: PostgresDataset, secrets: Secrets) -> tuple[Server, str]:
        """The server that a dataset names, and the database that its connection string names ('' where none)."""
        if dataset.dsn is None:
            given = {"host": dataset.host, "port": dataset.port, "user": dataset.user, "service": dataset.service}
            password = secrets(dataset.password) if dataset.password else ""
            return cls({key: str(value) for key, value in given.items() if value is not None}, password), ""
        try:
            parts = {
                key: str(value) for key, value in conninfo_to_dict(secrets(dataset.dsn)).items() if value is not None
            }
        except psycopg.ProgrammingError:
            # libpq quotes the string, password and all: its message is not shown
            raise ConfigurationError(
                f"the connection string in {dataset.dsn} can't be read",
                hint="write it as postgresql://user@host:5432/database, or as key=value pairs",
            ) from None
        password, database = parts.pop("password", ""), parts.pop("dbname", "")
        return cls(parts, password), database

    def __str__(self) -> str:
        if "service" in self.keywords:
            return f"service {self.keywords['service']}"
        host = self.keywords.get("host") or self.keywords.get("hostaddr") or "the local socket"
        return f"{host}:{self.keywords.get('port', '5432')}"

    def connect(self, database: str) -> Link:
        """An autocommit connection with a settled session. Raises SourceError that says why not and what to do."""
        keywords: dict[str, str | int] = {**self.keywords, "dbname": database}
        keywords.setdefault("connect_timeout", self.timeout)
        if self.password:
            keywords["password"] = self.password
        try:
            link: Link = psycopg.connect(**keywords, autocommit=True)  # type: ignore[arg-type]
            for setting in SESSION:
                link.execute(setting.encode())
        except psycopg.Error as error:
            raise self.explained(error, database) from None
        return link

    def explained(self, error: Exception, database: str, doing: str = "can't be opened") -> SourceError:
        """A database error in words: the cause, then the way out; without the password."""
        text = " ".join(str(error).split())
        if self.password:
            text = text.replace(self.password, "***")
        code = str(getattr(error, "sqlstate", "") or "")
        for signs, cause, hint in CAUSES:
            if any(re.search(sign, text) or sign == code for sign in signs):
                found = SourceError(f"database {database} on {self} {doing}: {cause} ({text})", hint=hint)
                found.retryable = "try again" in hint or "no connection" in cause or "lock" in cause
                return found
        return SourceError(f"database {database} on {self} {doing}: {text}", hint="see the server's log")

    def environment(self) -> tuple[dict[str, str], dict[str, str]]:
        """Environment for PostgreSQL's own programs: what may be seen, and what may not."""
        names = {option.keyword.decode(): option.envvar.decode() for option in Conninfo.get_defaults() if option.envvar}
        plain = {names[key]: value for key, value in self.keywords.items() if key in names}
        plain.setdefault("PGCONNECT_TIMEOUT", str(self.timeout))
        plain.setdefault("PGAPPNAME", "restora")
        plain["PGTZ"] = "UTC"
        return plain, {"PGPASSWORD": self.password} if self.password else {}

    def argument(self, database: str) -> str:
        """`--dbname=` for these programs: the database and what has no environment variable; nothing secret."""
        named = {option.keyword.decode() for option in Conninfo.get_defaults() if option.envvar}
        rest = {key: value for key, value in self.keywords.items() if key not in named and key != "sslpassword"}
        return f"--dbname={make_conninfo('', dbname=database, **rest)}"
