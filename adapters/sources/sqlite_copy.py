"""Copies through SQLite's online backup API: consistent while others write, and into a database that others have open."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

from adapters.sources.sqlite_facts import connect
from policies.errors import SourceError
from policies.run import Progress

PAGES = 4096
RESTARTS = 3  # a writer in rollback mode restarts the copy; after that many we hold it off for one copy
BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


class _Restarted(Exception):
    """A writer came in between too often."""


class _Waited(Exception):
    """A lock was not released in time."""


def _step(
    step: str, wait: float, limit: int | None, tell: Callable[[Progress], None]
) -> Callable[[int, int, int], None]:
    """The callback of a copy: tells progress, ends it when locked too long or restarted too often."""
    before, restarts, busy_since = -1, 0, 0.0

    def progress(status: int, remaining: int, total: int) -> None:
        nonlocal before, restarts, busy_since
        if status in BUSY:
            busy_since = busy_since or time.monotonic()
            if time.monotonic() - busy_since > wait:
                raise _Waited
            return
        busy_since = 0.0
        if 0 <= before < remaining:
            restarts += 1
            if limit is not None and restarts >= limit:
                raise _Restarted
        before = remaining
        tell(Progress(step, total - remaining, total, note="pages"))

    return progress


def locked(path: Path, wait: float, what: str) -> SourceError:
    """The error for a database that another process keeps locked."""
    names = ", ".join(openers(path)) or "another process"
    error = SourceError(
        f"{path} stayed locked for {wait:.0f} s by {names}: it can't be {what}",
        hint="let its transaction end, or run again at a quieter time",
        untouched=f"{path} is as it was",
    )
    error.retryable = True
    return error


def copy_out(path: Path, copy: Path, *, wait: float, progress: Callable[[Progress], None]) -> None:
    """A consistent copy of a live database into a new file. Raises SourceError when it is locked, unreadable or no database."""
    try:
        _copy_out(path, copy, "ro", wait, progress)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}:
            raise _unreadable(path, error) from error
        # a journal left by a crash must be rolled back first, as any program that opens it would
        copy.unlink(missing_ok=True)
        try:
            _copy_out(path, copy, "rw", wait, progress)
        except sqlite3.DatabaseError as second:
            raise _unreadable(path, second) from second
    except sqlite3.DatabaseError as error:
        raise _unreadable(path, error) from error
    with copy.open("rb") as file:
        os.fsync(file.fileno())


def _copy_out(path: Path, copy: Path, mode: str, wait: float, progress: Callable[[Progress], None]) -> None:
    source = connect(path, mode=mode, wait=wait)
    target = sqlite3.connect(copy, isolation_level=None, check_same_thread=False)
    try:
        target.execute("PRAGMA synchronous = OFF")
        (journal,) = source.execute("PRAGMA journal_mode").fetchone()
        hold = journal == "wal"  # readers never stop writers there
        while True:
            if hold:
                source.execute("BEGIN")
                source.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            try:
                limit = None if hold else RESTARTS
                source.backup(target, pages=PAGES, progress=_step("copying", wait, limit, progress), sleep=0.05)
                return
            except _Restarted:
                hold = True
            finally:
                if source.in_transaction:
                    source.rollback()
    except _Waited:
        raise locked(path, wait, "copied") from None
    finally:
        target.close()
        source.close()


def _unreadable(path: Path, error: sqlite3.Error) -> SourceError:
    if getattr(error, "sqlite_errorcode", 0) & 0xFF in BUSY:
        return locked(path, 5.0, "read")
    return SourceError(
        f"{path} can't be read: {error}",
        hint="check it with: sqlite3 FILE 'PRAGMA integrity_check', and restore an earlier recovery point if it is damaged",
        untouched="earlier recovery points",
    )


def copy_into(source: Path, live: Path, *, wait: float, progress: Callable[[Progress], None]) -> None:
    """Replace the content of a live database in one transaction; processes that have it open see the new content.

    Raises sqlite3.DatabaseError where the live file is damaged or has another page size in WAL mode."""
    reader = connect(source)
    writer = connect(live, mode="rw", wait=wait)
    try:
        reader.backup(writer, pages=PAGES, progress=_step("writing", wait, None, progress), sleep=0.05)
    except _Waited:
        raise locked(live, wait, "written") from None
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in BUSY:
            raise locked(live, wait, "written") from error
        raise
    finally:
        writer.close()
        reader.close()


def openers(path: Path) -> list[str]:
    """Other processes that have the file open, as `name (pid)`; only those that we may look at, only on Linux."""
    try:
        wanted = path.stat()
    except OSError:
        return []
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        if process.name == str(os.getpid()):
            continue
        try:
            for fd in (process / "fd").iterdir():
                info = fd.stat()
                if (info.st_dev, info.st_ino) == (wanted.st_dev, wanted.st_ino):
                    found.append(f"{(process / 'comm').read_text().strip()} ({process.name})")
                    break
        except OSError:  # not ours to look at, or gone
            continue
    return found
