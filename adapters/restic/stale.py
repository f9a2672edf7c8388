"""Whether locks were left behind. Only certainty counts: both clocks, and no living process on this host."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from adapters.restic.output import Lock

LOCAL_AGE = timedelta(minutes=30)  # a living restic renews its lock every 5 minutes
REMOTE_AGE = timedelta(hours=2)  # without a file time as second witness


def reason_to_keep(
    lock: Lock, now: datetime, here: str, written: datetime | None, alive: Callable[[int, datetime], bool]
) -> str | None:
    """Why this lock must stay; None: it is provably left behind. `written`: its file's own time, if any."""
    least = REMOTE_AGE if written is None else LOCAL_AGE
    if now - lock.time < least:
        return f"by its own time it is younger than {least}"
    if written is not None and now - written < least:
        return f"by its file's time it is younger than {least}"
    if lock.host == here and alive(lock.pid, lock.time):
        return f"its process {lock.pid} lives"
    return None


def described(lock: Lock) -> str:
    """A lock in words."""
    kind = "exclusive lock" if lock.exclusive else "lock"
    return f"{kind} {lock.id[:8]} of process {lock.pid} ({lock.user}@{lock.host}) from {lock.time:%Y-%m-%d %H:%M:%S %Z}"


def file_times(folder: Path) -> Mapping[str, datetime]:
    """When each lock file of a local repository was written."""
    times = {}
    for entry in os.scandir(folder) if folder.is_dir() else ():
        times[entry.name] = datetime.fromtimestamp(entry.stat().st_mtime, UTC)
    return times


def process_alive(pid: int, locked: datetime) -> bool:
    """Whether this process can be the one that locked then: it lives, and it did not start later."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        pass
    started = _started(pid)
    return started is None or started <= locked + timedelta(seconds=5)


def _started(pid: int) -> datetime | None:
    """When a process started, from /proc; None where that cannot be known."""
    try:
        ticks = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
        up = time.clock_gettime(time.CLOCK_BOOTTIME)
        return datetime.fromtimestamp(time.time() - up + ticks / os.sysconf("SC_CLK_TCK"), UTC)
    except (OSError, ValueError, IndexError, AttributeError):
        return None
