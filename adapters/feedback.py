"""Corrections on disk: a file of JSON lines in the state folder that its owner alone can read."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from policies.correction import Correction
from policies.errors import StateError


class CorrectionFile:
    """`folder/corrections.jsonl` (0600). Safe against other processes and against a crash at any moment: a line is there as a whole
    or not at all, and erasing replaces the file. StateError where the disk refuses, or where a line was damaged."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "corrections.jsonl"

    def add(self, one: Correction) -> None:
        """Append one; on the disk when this returns."""
        line = json.dumps(one.as_dict(), ensure_ascii=False) + "\n"
        with self._alone() as handle:
            end = os.lseek(handle, 0, os.SEEK_END)
            try:
                _write_all(handle, line.encode())
                os.fsync(handle)
            except OSError:
                os.ftruncate(handle, end)  # half a line would spoil the next one, too
                raise

    def all(self) -> list[Correction]:
        """Every one, in the order in which they came."""
        if not self.path.exists():
            return []
        with self._alone() as handle:
            return self._parsed(handle)

    def remove(self, which: Callable[[Correction], bool]) -> int:
        """Erase those; how many it were. The file is written anew, so that nothing of them is left in it."""
        if not self.path.exists():
            return 0
        with self._alone() as handle:
            before = self._parsed(handle)
            kept = [one for one in before if not which(one)]
            data = "".join(json.dumps(one.as_dict(), ensure_ascii=False) + "\n" for one in kept).encode()
            if len(kept) != len(before):
                beside = self.path.with_suffix(".new")
                beside.unlink(missing_ok=True)
                with os.fdopen(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as new:
                    new.write(data)
                    new.flush()
                    os.fsync(new.fileno())
                beside.replace(self.path)
            return len(before) - len(kept)

    @contextmanager
    def _alone(self) -> Iterator[int]:
        """The file, locked; it is opened again where it was replaced while the lock was waited for."""
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            while True:
                handle = os.open(self.path, os.O_CREAT | os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX)
                    if _is(handle, self.path):
                        os.fchmod(handle, 0o600)
                        yield handle
                        return
                finally:
                    os.close(handle)
        except OSError as error:
            raise StateError(
                f"{self.path} can't be used: {error.strerror}",
                hint=f"ls -l {self.path.parent}",
                untouched="what is in it",
            ) from error

    def _parsed(self, handle: int) -> list[Correction]:
        with os.fdopen(os.dup(handle), "rb") as lines:
            lines.seek(0)
            found = []
            for number, line in enumerate(lines, 1):
                try:
                    found.append(Correction.from_dict(json.loads(line)))
                except (ValueError, KeyError, TypeError, IndexError) as error:
                    raise StateError(
                        f"{self.path}:{number} is no correction ({type(error).__name__}: {error})",
                        hint=f"remove that line from {self.path}",
                    ) from None
            return found


def _is(handle: int, path: Path) -> bool:
    try:
        mine, there = os.fstat(handle), path.stat()
    except FileNotFoundError:
        return False
    return (mine.st_dev, mine.st_ino) == (there.st_dev, there.st_ino)


def _write_all(handle: int, data: bytes) -> None:
    while data:
        data = data[os.write(handle, data) :]
