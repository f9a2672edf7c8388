"""Leases on lock files: who works on what, across processes and threads of this host.

A lease is an exclusive `flock` on an open file description. Children inherit the descriptor, so a lease lasts until the
last of holder and children is gone, however they end; nothing has to be cleaned up after a kill."""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from policies.errors import Busy, StateError

POLL_SECONDS = 0.25
SAFE = re.compile(r"[^A-Za-z0-9_-]+")


class _Clock(Protocol):
    def now(self) -> datetime: ...
    def wait(self, seconds: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lease: process id, what it does, and since when (UTC)."""

    pid: int
    what: str
    since: datetime | None

    def __str__(self) -> str:
        since = f" since {self.since:%Y-%m-%d %H:%M:%S} UTC" if self.since else ""
        return f"{self.what or 'another run'} (process {self.pid}){since}"


class FileLeases:
    """Leases as lock files in a folder on a local disk."""

    def __init__(self, folder: Path, clock: _Clock | None = None) -> None:
        if clock is None:
            from adapters.clock import SystemClock

            clock = SystemClock()
        self._folder = folder
        self._clock = clock

    @contextmanager
    def take(self, *names: str, wait: float = 0.0, holder: str = "") -> Iterator[Sequence[int]]:
        """Hold all names or none, taken in sorted order; polls for up to `wait` seconds, then raises Busy.

        Busy names the holder. Yields inheritable descriptors; they are closed at the end, never unlocked: a child that
        still runs keeps the lease."""
        deadline = self._clock.now() + timedelta(seconds=wait)
        wanted = sorted(set(names))
        while True:
            held, taken_by = self._try(wanted, holder)
            if taken_by is None:
                break
            left = (deadline - self._clock.now()).total_seconds()
            if left <= 0:
                name, who = taken_by
                raise Busy(
                    f"{name} is in use by {who or 'another run'}",
                    hint="wait until it has ended, or look at restora status",
                    untouched="everything",
                )
            self._clock.wait(min(POLL_SECONDS, left))
        try:
            yield tuple(held)
        finally:
            _close(held)

    def holder(self, name: str) -> Holder | None:
        """Who holds it now; None if it is free. A moment later this may be different."""
        try:
            descriptor = os.open(self._path(name), os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _read_holder(descriptor) or Holder(0, "", None)
        finally:
            os.close(descriptor)
        return None

    def _try(self, names: Sequence[str], holder: str) -> tuple[list[int], tuple[str, Holder | None] | None]:
        """The descriptors, or the first name that is taken and by whom (then nothing is held)."""
        held: list[int] = []
        try:
            for name in names:
                descriptor = self._open(name)
                held.append(descriptor)
                if not self._lock(descriptor):
                    who = _read_holder(descriptor)
                    _close(held)
                    return [], (name, who)
                self._sign(descriptor, holder)
        except BaseException:
            _close(held)
            raise
        return held, None

    def _lock(self, descriptor: int) -> bool:
        # a second and third try, because a look by `holder` locks the file for some microseconds
        for attempt in range(3):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if attempt < 2:
                    self._clock.wait(0.01)
            else:
                return True
        return False

    def _open(self, name: str) -> int:
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self._path(name), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StateError(
                f"the lease {self._path(name)} can't be opened: {error.strerror}",
                hint="the state folder must be writable for the user that runs restora",
            ) from error
        os.set_inheritable(descriptor, True)
        return descriptor

    def _sign(self, descriptor: int, what: str) -> None:
        signed = json.dumps({"pid": os.getpid(), "what": what, "since": self._clock.now().isoformat()})
        # a full disk must not keep anybody from working: the signature is for people
        with suppress(OSError):
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, signed.encode(), 0)

    def _path(self, name: str) -> Path:
        """A file name that is safe, readable and never the same for two names."""
        return self._folder / f"{SAFE.sub('_', name)[:80]}-{sha256(name.encode()).hexdigest()[:12]}.lock"


def _read_holder(descriptor: int) -> Holder | None:
    try:
        said = json.loads(os.pread(descriptor, 4096, 0))
        return Holder(int(said["pid"]), str(said["what"]), datetime.fromisoformat(said["since"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None  # being written at this moment, or left empty by a full disk


def _close(descriptors: Sequence[int]) -> None:
    for descriptor in reversed(descriptors):
        with suppress(OSError):
            os.close(descriptor)
