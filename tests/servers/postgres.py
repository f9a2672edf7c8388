"""A throw-away PostgreSQL cluster on a private socket and a random port of 127.0.0.1, as root or an ordinary user.

Import `postgres_server` into a conftest.py: one server a session. `new_server` starts another from the same template."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from adapters.process import run
from adapters.sandbox import SUPERUSER, Sandbox, make_cluster, server_user
from adapters.sources.postgres_tools import Bin, installed
from policies.capture import Command
from policies.dataset import PostgresDataset

HBA = """local all all trust
host all all 127.0.0.1/32 scram-sha-256
"""
NUMBERS = itertools.count(1)


@dataclass(slots=True)
class PostgresServer:
    """A running server. Local connections are trusted, those over TCP need a password."""

    folder: Path
    port: int
    tools: Bin
    user: str | None
    made: list[str] = field(default_factory=list)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def dataset(self, *databases: str, **fields: object) -> PostgresDataset:
        """The dataset that reaches these databases through the socket, as superuser unless told otherwise."""
        given = {"host": str(self.folder), "port": self.port, "user": SUPERUSER, **fields}
        return PostgresDataset(kind="postgres", databases=databases, **given)  # type: ignore[arg-type]

    def connect(self, database: str = "postgres", user: str = SUPERUSER) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(host=str(self.folder), port=self.port, user=user, dbname=database, autocommit=True)

    def run(self, sql: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run statements; the rows of the last one."""
        with self.connect(database) as link:
            result = link.execute(sql.encode())
            while result.nextset():
                pass
            return result.fetchall() if result.description else []

    def database(self, sql: str = "", prefix: str = "db") -> str:
        """A new database, filled by these statements."""
        name = f"{prefix}{next(NUMBERS)}"
        self.run(f'CREATE DATABASE "{name}"')
        self.made.append(name)
        if sql:
            self.run(sql, name)
        return name

    def databases(self) -> set[str]:
        return {str(name) for (name,) in self.run("SELECT datname FROM pg_database WHERE NOT datistemplate")}

    def control(self, action: str, *more: str) -> None:
        """pg_ctl start, stop or restart."""
        argv = (self.tools["pg_ctl"], action, "--wait", "--silent", f"--pgdata={self.data}", *more)
        if action != "stop":
            argv += (f"--log={self.folder / 'log'}",)
        done = run(Command(argv, cwd=self.folder), timeout=60, user=self.user)
        if done.exit_code != 0:
            pytest.fail(f"PostgreSQL did not {action}: {done.stderr}\n{(self.folder / 'log').read_text()[-2000:]}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def newest_tools() -> Bin:
    have = installed(None, "initdb")
    if not have:
        pytest.fail("no PostgreSQL server: apt-get install postgresql")
    return have[0]


class Template:
    """A data folder that is initialised once and copied for each server."""

    def __init__(self) -> None:
        self.sandbox = Sandbox(Path(tempfile.gettempdir()) / f"restora-tests-{os.geteuid()}")
        self.sandbox.clean_leftovers()
        self.sandbox.root.chmod(0o755) if self.sandbox.root.exists() else None
        self.tools = newest_tools()
        self.user = server_user()
        self.place = self.sandbox.register("template")
        self.sandbox.root.chmod(0o755)
        self._own(self.place.path)
        make_cluster(self.tools, self.place.path, self.user)

    def _own(self, path: Path) -> None:
        if self.user:
            entry = pwd.getpwnam(self.user)
            for place in (path, *path.rglob("*")):
                os.chown(place, entry.pw_uid, entry.pw_gid, follow_symlinks=False)

    @contextmanager
    def server(self, **settings: str) -> Iterator[PostgresServer]:
        place = self.sandbox.register("pg")
        try:
            shutil.copytree(self.place.path / "data", place.path / "data", symlinks=True)
            server = PostgresServer(place.path, free_port(), self.tools, self.user)
            given = {
                "listen_addresses": "127.0.0.1",
                "port": str(server.port),
                "unix_socket_directories": str(place.path),
                "fsync": "off",
                "max_connections": "40",
                "shared_buffers": "16MB",
                **settings,
            }
            (server.data / "postgresql.auto.conf").write_text("".join(f"{k} = '{v}'\n" for k, v in given.items()))
            (server.data / "pg_hba.conf").write_text(HBA)
            self._own(place.path)
            server.control("start")
            yield server
        finally:
            self.sandbox.remove(place)

    def close(self) -> None:
        self.sandbox.remove(self.place)


@pytest.fixture(scope="session")
def postgres_template() -> Iterator[Template]:
    template = Template()
    yield template
    template.close()


@pytest.fixture(scope="session")
def postgres_server(postgres_template: Template) -> Iterator[PostgresServer]:
    """One server for the whole session; tests make databases of their own in it."""
    with postgres_template.server() as server:
        yield server


@pytest.fixture
def new_server(postgres_template: Template) -> Iterator[Callable[[], PostgresServer]]:
    """Starts further servers, each gone after the test."""
    from contextlib import ExitStack

    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(postgres_template.server(**settings))
