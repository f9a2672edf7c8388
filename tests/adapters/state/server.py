"""A throw-away PostgreSQL server, run by an ordinary user, reachable through a socket in its own folder only."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

BINARIES = Path("/usr/lib/postgresql/15/bin")


def ordinary_user() -> dict[str, Any]:
    """Arguments for subprocess: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    names = {each.pw_name: each for each in pwd.getpwall()}
    user = names.get("postgres") or names["nobody"]
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


@pytest.fixture(scope="session")
def server() -> Iterator[Path]:
    """The folder of its socket."""
    program = shutil.which("initdb", path=f"{BINARIES}{os.pathsep}{os.environ.get('PATH', '')}")
    if program is None:
        pytest.fail("no initdb: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="restora-pg-"))
    user = ordinary_user()
    if user:
        os.chown(folder, user["user"], user["group"])
    data = folder / "data"
    options = {"cwd": folder, "capture_output": True, **user}
    subprocess.run(
        [program, "-D", data, "-U", "restora", "--auth=trust", "-N", "-E", "UTF8", "--locale=C.UTF-8"],
        **options,
        check=True,
    )
    settings = [f"-cunix_socket_directories={folder}", "-clisten_addresses=", "-cfsync=off", "-cmax_connections=60"]
    subprocess.run(
        [Path(program).with_name("pg_ctl"), "-D", data, "-w", "-l", folder / "log", "-o", " ".join(settings), "start"],
        **options,
        check=True,
    )
    pid = int((data / "postmaster.pid").read_text().split()[0])
    yield folder
    os.kill(pid, signal.SIGQUIT)
    shutil.rmtree(folder, ignore_errors=True)


def url_of(server: Path, database: str) -> str:
    return f"postgresql://restora@/{database}?host={quote(str(server))}"


@pytest.fixture(scope="session")
def new_postgres(server: Path) -> Callable[[], str]:
    """A function that makes an empty database and gives its URL."""
    numbers = itertools.count()

    def make() -> str:
        name = f"t{next(numbers)}"
        with psycopg.connect(url_of(server, "postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return url_of(server, name)

    return make
