"""Finding what this host has that should be backed up: PostgreSQL clusters, SQLite files, the usual folders."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from adapters.sources.sqlite_facts import is_sqlite
from policies.capture import Candidate
from policies.errors import RestoraError
from policies.quantity import human_size

SOCKETS = (Path("/var/run/postgresql"), Path("/tmp"))  # noqa: S108 - where PostgreSQL itself puts them
CLUSTERS = ("/var/lib/postgresql/*/*", "/var/lib/pgsql/data", "/var/lib/pgsql/*/data", "/usr/local/var/postgres*")
SOCKET = re.compile(r"^\.s\.PGSQL\.(\d+)$")
DEPTH = 4
PASSED_BY = frozenset(
    {".cache", ".git", ".hg", ".mozilla", ".thunderbird", ".venv", "node_modules", "__pycache__", "Cache", "Code Cache"}
    | {"google-chrome", "chromium", "BraveSoftware", "site-packages", "proc", "sys", "dev", "run"}
    | {".mypy_cache", ".pytest_cache", ".ruff_cache", ".Trash", "lost+found"}
)
SMALLEST = 4096  # bytes; smaller SQLite files hold nothing yet
MOST = 25


@dataclass(frozen=True, slots=True)
class Cluster:
    """A PostgreSQL cluster on this host: where its socket is; `folder`: its data, where that is known."""

    socket: Path
    port: int
    folder: str = ""


def discover(
    folders: Sequence[Path],
    paths: Sequence[Path],
    *,
    sockets: Sequence[Path] = SOCKETS,
    clusters: Sequence[str] = CLUSTERS,
    seconds: float = 5.0,
) -> list[Candidate]:
    """Datasets to propose: a database each of the PostgreSQL clusters found by their sockets or data folders, SQLite files
    below `folders`, and `paths` that exist. Looks for so many seconds at most; names and aliases are unique."""
    servers = [candidate for cluster in find_clusters(sockets, clusters) for candidate in _databases(cluster)]
    files = list(_sqlite(folders, time.monotonic() + seconds))
    found = [*servers, *files, *(_files(path) for path in paths if path.exists())]
    return _unique(_with_general_aliases(found, servers, files))


def find_clusters(sockets: Sequence[Path] = SOCKETS, clusters: Sequence[str] = CLUSTERS) -> list[Cluster]:
    """Running clusters of this host, each once."""
    found: dict[tuple[str, int], Cluster] = {}
    for folder in sockets:
        for path in sorted(folder.glob(".s.PGSQL.*")) if folder.is_dir() else ():
            if name := SOCKET.match(path.name):
                found[str(folder.resolve()), int(name[1])] = Cluster(folder, int(name[1]))
    for pattern in clusters:
        for note in sorted(Path("/").glob(f"{pattern.lstrip('/')}/postmaster.pid")):
            try:
                lines = note.read_text().splitlines()
                port, socket = int(lines[3]), lines[4].strip()
            except (OSError, ValueError, IndexError):  # not ours to read, or just being written
                continue
            if socket:
                found[str(Path(socket).resolve()), port] = Cluster(Path(socket), port, str(note.parent))
    return [found[key] for key in sorted(found)]


def _databases(cluster: Cluster) -> Iterator[Candidate]:
    """A candidate per database that we may see; one for the whole cluster where we may not connect."""
    from adapters.sources.postgres_connection import Server
    from adapters.sources.postgres_facts import rows

    place: dict[str, object] = {"host": str(cluster.socket), "port": cluster.port}
    why = ""
    for user in ("", "postgres"):
        keywords = {"host": str(cluster.socket), "port": str(cluster.port)} | ({"user": user} if user else {})
        try:
            with Server(keywords, timeout=2).connect("postgres") as link:
                listed = rows(link, _LISTED)
        except RestoraError as error:
            why = error.message
            continue
        own = [(str(name), int(str(size))) for name, size in listed if name != "postgres"]
        for name, size in own or [("postgres", int(str(listed[0][1])) if listed else 0)]:
            fields = {**place, **({"user": user} if user else {}), "databases": (name,)}
            detail = f'PostgreSQL "{name}" on {cluster.socket}:{cluster.port} · {human_size(size)}'
            aliases = (f"{name} database", f"{name} db")
            yield Candidate(slug(name), "postgres", fields, aliases, detail)
        return
    yield Candidate(
        "postgres", "postgres", place, (), f"PostgreSQL on {cluster.socket}:{cluster.port}, not opened: {why}"
    )


_LISTED = """SELECT datname, CASE WHEN has_database_privilege(oid, 'CONNECT') THEN pg_database_size(oid) ELSE 0 END
FROM pg_database WHERE datallowconn AND NOT datistemplate ORDER BY datname"""


def _sqlite(folders: Sequence[Path], deadline: float) -> Iterator[Candidate]:
    """SQLite files by their header, a few levels deep; browsers' and tools' own are passed by."""
    pending = [(folder, 0) for folder in reversed(folders)]
    seen: set[tuple[int, int]] = set()
    count = 0
    while pending and count < MOST and time.monotonic() < deadline:
        folder, depth = pending.pop()
        try:
            with os.scandir(folder) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            try:
                if entry.is_dir(follow_symlinks=False):
                    if depth < DEPTH and entry.name not in PASSED_BY:
                        pending.append((Path(entry.path), depth + 1))
                    continue
                info = entry.stat(follow_symlinks=False)
            except OSError:
                continue
            # a database is a whole number of pages, and they are of 512 bytes at least
            if not entry.is_file(follow_symlinks=False) or info.st_size < SMALLEST or info.st_size % 512:
                continue
            path = Path(entry.path)
            if (info.st_dev, info.st_ino) in seen or not is_sqlite(path):
                continue
            seen.add((info.st_dev, info.st_ino))
            count += 1
            name = slug(path.stem)
            detail = f"SQLite {path} · {human_size(info.st_size)}"
            yield Candidate(name, "sqlite", {"path": str(path)}, (path.name, f"{name} database"), detail)


def _files(path: Path) -> Candidate:
    name = slug(path.name or "root")
    return Candidate(name, "files", {"paths": (str(path),)}, (f"{name} files", f"{name} folder"), f"files in {path}")


def _with_general_aliases(
    found: list[Candidate], servers: Sequence[Candidate], files: Sequence[Candidate]
) -> list[Candidate]:
    """'db' is the only database there is; 'postgres' the only one of PostgreSQL."""
    only = servers[0] if len(servers) == 1 else files[0] if not servers and len(files) == 1 else None
    if only is None:
        return found
    more = (
        "db",
        "database",
        "the database",
        "数据库",
        *(("postgres", "postgresql") if only in servers else ("sqlite",)),
    )
    return [replace(c, aliases=(*c.aliases, *more)) if c is only else c for c in found]


def slug(text: str) -> str:
    """A name for restora.yaml: letters and digits of any script, dots and hyphens."""
    kept = "".join(c if c.isalpha() or c.isdecimal() or c in "_.-" else " " for c in text.casefold())
    return "-".join(kept.split()).strip("-._")[:40].rstrip("-._") or "data"


def _unique(found: list[Candidate]) -> list[Candidate]:
    """Names that clash get a number; an alias that means two things is dropped from both."""
    named: list[Candidate] = []
    taken: set[str] = set()
    for candidate in found:
        name, number = candidate.name, 2
        while name in taken:
            name, number = f"{candidate.name}-{number}", number + 1
        taken.add(name)
        named.append(replace(candidate, name=name))
    owners: dict[str, int] = {}
    for candidate in named:
        for alias in {alias.casefold() for alias in candidate.aliases}:
            owners[alias] = owners.get(alias, 0) + 1
    return [
        replace(
            candidate,
            aliases=tuple(
                a for a in dict.fromkeys(candidate.aliases) if owners[a.casefold()] == 1 and a.casefold() not in taken
            ),
        )
        for candidate in named
    ]
