"""Places to try things in: scratch folders and throw-away PostgreSQL servers. Registered before they are made, so that
whatever a kill leaves behind is found and removed at the next start."""

from __future__ import annotations

import json
import os
import pwd
import secrets
import select
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from adapters.process import Completed, run
from adapters.sources.postgres_tools import Bin, installed
from policies.capture import Command
from policies.dataset import PostgresDataset
from policies.errors import RestoraError, SourceError, ToolMissing

SUPERUSER = "postgres"  # the usual owner in dumps
LONGEST_SOCKET = 90  # bytes of a socket's folder; the kernel allows 107 with the file name
SETTINGS = {
    "listen_addresses": "",  # reachable by its private socket only
    "fsync": "off",  # it never outlives its drill
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_wal_size": "1GB",
    "autovacuum": "off",
    "logging_collector": "off",
}


@dataclass(frozen=True, slots=True)
class Scratch:
    """A private folder (0700) and its entry in the register."""

    path: Path
    entry: Path


@dataclass(frozen=True, slots=True)
class Owner:
    """The process that a scratch place belongs to: its id and start time on one boot."""

    pid: int
    started: str
    boot: str

    @classmethod
    def current(cls) -> Owner:
        return cls(os.getpid(), _started(os.getpid()), _boot())

    def alive(self) -> bool:
        """Whether it still runs; the same number in another process is not it."""
        return self.boot == _boot() and bool(self.started) and _started(self.pid) == self.started


class Sandbox:
    """Scratch places below `root`, with a register in `root/register`. `server_bin`: folder of initdb and postgres."""

    def __init__(self, root: Path, *, server_bin: str | None = None) -> None:
        self.root = root
        self.server_bin = server_bin
        self.register_dir = root / "register"

    def register(self, kind: str) -> Scratch:
        """A new empty folder, written down first. Give it back with `remove`."""
        self.register_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = f"{kind}-{secrets.token_hex(6)}"
        return self._make(name, self.root / name)

    @contextmanager
    def scratch(self, kind: str) -> Iterator[Path]:
        """A folder that is gone afterwards."""
        place = self.register(kind)
        try:
            yield place.path
        finally:
            self.remove(place)

    @contextmanager
    def beside(self, folder: Path, name: str) -> Iterator[Path]:
        """A registered private folder in another one (on its file system), gone afterwards. What lies there under this name
        was left by somebody and goes first. SourceError where nothing can be made there."""
        try:
            self.register_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
            folder.mkdir(parents=True, exist_ok=True)
            _delete(folder / name)
            place = self._make(f"beside-{secrets.token_hex(6)}", folder / name)
        except OSError as error:
            raise SourceError(
                f"nothing can be restored to {folder}: it can't be written: {error.strerror}",
                hint="name another place with --to FOLDER", untouched="nothing was changed",
            ) from error  # fmt: skip
        try:
            yield place.path
        finally:
            self.remove(place)

    def remove(self, scratch: Scratch) -> None:
        """Stop servers of ours in it, delete it, strike it off the register. May be repeated."""
        _stop_servers(scratch.path)
        _delete(scratch.path)
        scratch.entry.unlink(missing_ok=True)

    def clean_leftovers(self) -> list[str]:
        """Remove places whose process is gone (killed, or the host restarted); what was removed, in words."""
        removed = []
        for entry in sorted(self.register_dir.glob("*.json")):
            try:
                noted = json.loads(entry.read_text())
                owner = Owner(int(noted["pid"]), str(noted["started"]), str(noted["boot"]))
                path = Path(noted["path"])
            except (OSError, ValueError, KeyError, TypeError):
                entry.unlink(missing_ok=True)  # cut off while it was written: its folder was not made yet
                continue
            if owner.alive():
                continue
            stopped = _stop_servers(path)
            there = path.exists()
            _delete(path)
            entry.unlink(missing_ok=True)
            if there:
                removed.append(f"{path}, left by process {owner.pid}" + (", its server stopped" if stopped else ""))
        return removed

    @contextmanager
    def postgres(self, major: int) -> Iterator[PostgresDataset]:
        """A running throw-away server of this major version, as the dataset that reaches it; gone afterwards.

        Raises ToolMissing naming the package where that server is not installed."""
        tools = server_programs(major, self.server_bin)
        user = server_user()
        self.register_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = f"pg-{secrets.token_hex(4)}"
        path = self.root / name
        if len(os.fsencode(path)) > LONGEST_SOCKET or (user and not _reachable(self.root, user)):
            path = Path(tempfile.gettempdir()) / f"restora-{name}"
        place = self._make(name, path)
        try:
            if user:
                entry = pwd.getpwnam(user)
                os.chown(place.path, entry.pw_uid, entry.pw_gid)
            yield start_server(tools, place.path, user)
        finally:
            self.remove(place)

    def _make(self, name: str, path: Path) -> Scratch:
        owner = Owner.current()
        entry = self.register_dir / f"{name}.json"
        part = entry.with_suffix(".part")
        noted = {"pid": owner.pid, "started": owner.started, "boot": owner.boot, "path": str(path)}
        part.write_text(json.dumps(noted))
        part.replace(entry)
        path.mkdir(mode=0o700)
        return Scratch(path, entry)


def server_programs(major: int, server_bin: str | None = None) -> Bin:
    """initdb, pg_ctl and postgres of exactly this major version."""
    for found in installed(server_bin, "postgres"):
        if found.major == major and (found.folder / "initdb").is_file():
            return found
    raise ToolMissing(
        f"a PostgreSQL {major} server is not installed here, so nothing could be tried on one",
        hint=f"install postgresql-{major}, or set tools.postgres_server_bin",
    )


def server_user() -> str | None:
    """Whom to run a server as: PostgreSQL refuses root. None: as we are."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise ToolMissing("no ordinary user to run PostgreSQL as", hint="create a user named postgres")


def make_cluster(tools: Bin, folder: Path, user: str | None) -> Path:
    """A new data folder below `folder` (which that user owns)."""
    data = folder / "data"
    arguments = (
        "--no-sync",
        "--no-instructions",
        "--encoding=UTF8",
        "--no-locale",
        "--auth=trust",
        f"--username={SUPERUSER}",
    )
    _ran(run(Command((tools["initdb"], *arguments, f"--pgdata={data}"), cwd=folder), timeout=120, user=user), "initdb")
    return data


def start_server(tools: Bin, folder: Path, user: str | None) -> PostgresDataset:
    """Start the cluster in `folder/data` (made where it is not there yet) on a socket in `folder`."""
    data = folder / "data"
    if not data.exists():
        make_cluster(tools, folder, user)
    settings = {**SETTINGS, "unix_socket_directories": str(folder)}
    with (data / "postgresql.auto.conf").open("a") as file:
        file.writelines(f"{key} = '{value}'\n" for key, value in settings.items())
    argv = (
        tools["pg_ctl"],
        "start",
        "--wait",
        "--timeout=60",
        "--silent",
        f"--pgdata={data}",
        f"--log={folder / 'log'}",
    )
    _ran(run(Command(argv, cwd=folder), timeout=90, user=user), "the throw-away PostgreSQL server", folder / "log")
    return PostgresDataset(kind="postgres", host=str(folder), port=5432, user=SUPERUSER)


def _ran(done: Completed, what: str, log: Path | None = None) -> None:
    if done.exit_code == 0:
        return
    said = done.stderr.strip() or done.stdout.strip()
    with suppress(OSError):
        said += "\n" + "\n".join(log.read_text(errors="replace").splitlines()[-5:]) if log else ""
    raise RestoraError(f"{what} did not start: {said}", hint="check free space and memory")


def _reachable(folder: Path, user: str) -> bool:
    """Whether that user may pass through every folder above."""
    uid = pwd.getpwnam(user).pw_uid
    folder.mkdir(parents=True, exist_ok=True)
    for place in (folder.resolve(), *folder.resolve().parents):
        info = place.stat()
        if not info.st_mode & 0o001 and info.st_uid != uid:
            return False
    return True


def _started(pid: int) -> str:
    """When a process started, in the kernel's ticks; '' where it is gone or this is no Linux."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def _stop_servers(folder: Path) -> bool:
    """End servers whose data lies in the folder; only a process that works in that very data folder is taken for one."""
    stopped = False
    for note in (*folder.glob("postmaster.pid"), *folder.glob("*/postmaster.pid")):
        try:
            pid = int(note.read_text().split("\n", 1)[0])
            ours = Path(f"/proc/{pid}/cwd").resolve(strict=True) == note.parent.resolve()
        except (OSError, ValueError):
            continue
        if not ours or "postgres" not in _program(pid):
            continue
        stopped = True
        for number in (signal.SIGQUIT, signal.SIGKILL):
            if _end(pid, number):
                break
    return stopped


def _program(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().partition(b"\0")[0].decode(errors="replace")
    except OSError:
        return ""


def _end(pid: int, number: signal.Signals, seconds: float = 10.0) -> bool:
    """Signal a process that is not our child and wait until it is gone."""
    try:
        watch = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        signal.pidfd_send_signal(watch, number)
        return bool(select.select([watch], [], [], seconds)[0])
    except ProcessLookupError:
        return True
    finally:
        os.close(watch)


def _delete(folder: Path) -> None:
    """Delete a tree, read-only folders in it included."""

    def again(path: str) -> None:
        with suppress(OSError):
            Path(path).parent.chmod(0o700)
            Path(path).chmod(0o700)
            shutil.rmtree(path) if Path(path).is_dir() and not Path(path).is_symlink() else Path(path).unlink(
                missing_ok=True
            )

    if folder.exists():
        shutil.rmtree(folder, onerror=lambda _function, path, _info: again(path))
