"""PostgreSQL's own programs: which of the installed versions fits a server."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from adapters.process import Completed, run
from adapters.sources.postgres_connection import Server
from policies.capture import Command
from policies.errors import ToolMissing

PLACES = (
    "/usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "/usr/pgsql-*/bin",  # PGDG on Red Hat
    "/usr/lib64/pgsql/bin",
    "/usr/local/pgsql/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)
VERSION = re.compile(r"(\d+)(?:\.(\d+))?")


@dataclass(frozen=True, slots=True)
class Bin:
    """A folder of programs of one major version."""

    folder: Path
    major: int

    def __getitem__(self, program: str) -> str:
        return str(self.folder / program)


def _folders(bin_dir: str | None) -> Iterator[Path]:
    if bin_dir:
        yield Path(bin_dir)
        return
    for place in PLACES:
        yield from sorted(Path("/").glob(place.lstrip("/")))
    on_path = shutil.which("pg_dump")
    if on_path:
        yield Path(on_path).parent


def _major(program: Path) -> int | None:
    if not program.is_file():
        return None
    said = run(Command((str(program), "--version")), timeout=20)
    words = VERSION.search(said.stdout.replace("(PostgreSQL)", "").partition(" ")[2]) if said.exit_code == 0 else None
    return int(words[1]) if words else None


@cache
def installed(bin_dir: str | None, program: str = "pg_dump") -> tuple[Bin, ...]:
    """Every installed version that has this program, newest first; only `bin_dir` where one is named."""
    found: dict[int, Bin] = {}
    for folder in _folders(bin_dir):
        major = _major(folder / program)
        if major is not None:
            found.setdefault(major, Bin(folder, major))
    return tuple(found[major] for major in sorted(found, reverse=True))


def client_for(server_major: int, bin_dir: str | None) -> Bin:
    """The programs to dump or restore a server of this major version: the same one, else the nearest newer, else the newest.

    An older one does not dump a newer server: look at `.major`. ToolMissing where there is none at all."""
    have = installed(bin_dir)
    if not have:
        where = bin_dir or "the usual places and PATH"
        raise ToolMissing(
            f"pg_dump was not found in {where}",
            hint=f"install postgresql-client-{server_major}, or set tools.postgres_bin",
        )
    newer = [bin_ for bin_ in have if bin_.major >= server_major]
    return newer[-1] if newer else have[0]


def command(server: Server, argv: Sequence[str]) -> Command:
    """A command of these programs that reaches the server."""
    plain, secret = server.environment()
    return Command(tuple(argv), env=plain, secret_env=secret)


def tail(done: Completed, lines: int = 3) -> str:
    """The last lines that a program said of its failure."""
    said = [line for line in (done.stderr.strip() or done.stdout.strip()).splitlines() if line.strip()]
    return "; ".join(said[-lines:])
