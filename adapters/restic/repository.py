"""A restic repository as the use cases see it: every promise of the repository port, on every supported version."""

from __future__ import annotations

import json
import os
import re
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from adapters import process
from adapters.restic import output, recovery_key, stale
from adapters.restic.calls import Calls, Timeouts
from adapters.restic.restoring import Restoring
from adapters.restic.saving import Saving
from policies.capture import Paths, Saved, Stream
from policies.errors import (
    ConfigurationError,
    RepositoryDamaged,
    RepositoryError,
    RepositoryMissing,
    StorageUnavailable,
    UsageError,
)
from policies.quantity import human_size
from policies.repository import LocalRepository, Repository, S3Repository
from policies.run import Progress
from policies.snapshot import FileEntry, Snapshot

OnProgress = Callable[[Progress], None]
LEFT = re.compile(r"unable to remove|Ignoring (?!.*(?:no matching ID|no such file|not exist|NoSuchKey))")
FULL_ID = re.compile(r"[0-9a-f]{64}")
AT_ONCE = 400  # ids in one command line
RESERVE = 32 << 20  # bytes that a prune needs beside what it repacks: two packs
LEAST = 4 << 20  # bytes that it needs when it rewrites only the index, beside the index


class ResticRepository:
    """One repository. `password` and `credentials` (AWS_* names) are asked when needed; `keep_fds` are lease
    descriptors that restic inherits; `cancel` ends whatever runs; `bucket_exists` guards `initialise` against making a bucket;
    `lock_times` says when each lock was written by the store's own clock, where there is one to ask;
    `explain` asks an unusable store itself and raises what is wrong."""

    def __init__(
        self,
        name: str,
        repository: Repository,
        password: Callable[[], str],
        *,
        restic: str = "restic",
        cache_dir: Path,
        scratch: Path,
        keep_fds: Callable[[], Sequence[int]] = lambda: (),
        cancel: threading.Event | None = None,
        credentials: Callable[[], Mapping[str, str]] = dict,
        recovery_key_file: Path | None = None,
        bucket_exists: Callable[[], bool] | None = None,
        lock_times: Callable[[], Mapping[str, datetime]] | None = None,
        explain: Callable[[], object] | None = None,
        timeouts: Timeouts = Timeouts(),  # noqa: B008 - frozen
        lock_wait: int = 0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.name = name
        self.repository = repository
        self.recovery_key_file = recovery_key_file
        self.bucket_exists = bucket_exists
        self.lock_times = lock_times
        self.now = now
        self.calls = Calls(
            name, repository, restic, cache_dir, scratch, password, credentials, keep_fds, cancel, timeouts, lock_wait,
            explain,
        )  # fmt: skip
        self._saving = Saving(self.calls, self.snapshots, self.forget)
        self._restoring = Restoring(self.calls)

    def version(self) -> str:
        return str(self.calls.behaviour)

    def initialise(self, recovery_key_file: Path | None = None) -> bool:
        """Make it with two keys; the second, for recovery, stands in `recovery_key_file` (0600). True if made now.
        May be repeated after a kill at any point: whatever is missing is added."""
        place = recovery_key_file or self.recovery_key_file
        if place is None:
            raise ConfigurationError(f"repository {self.name}: no place was given for its recovery key")
        made = False
        try:
            keys = self.key_count()
        except RepositoryMissing:
            self._may_be_made()
            self.calls.call(self.calls.commands.init(), "make the repository")
            made, keys = True, 1
        if keys < 2:
            recovery_key.ensure(place)
            self.calls.call(
                self.calls.commands.add_key(place),
                "add the recovery key",
                untouched="the repository is there with one key; run restora init again",
            )
        return made

    def key_count(self) -> int:
        """How many keys open it."""
        return len(json.loads(self.calls.call(self.calls.commands.keys(), "open it").stdout))

    def probe(self) -> None:
        self.calls.call(self.calls.commands.open(), "open it")

    def free_bytes(self) -> int | None:
        given = self.repository
        return self.calls.room(Path(given.path)) if isinstance(given, LocalRepository) else None

    def save_paths(
        self,
        paths: Paths,
        *,
        host: str,
        tags: Sequence[str],
        time: datetime | None,
        progress: OnProgress,
        parent: str | None = None,
    ) -> Saved:
        return self._saving.paths(paths, host=host, tags=tags, time=time, progress=progress, parent=parent)

    def save_stream(
        self, stream: Stream, *, host: str, tags: Sequence[str], time: datetime | None, progress: OnProgress
    ) -> Saved:
        return self._saving.stream(stream, host=host, tags=tags, time=time, progress=progress)

    def snapshots(
        self, *, tags: Sequence[str] = (), host: str | None = None, ids: Sequence[str] = ()
    ) -> list[Snapshot]:
        command = self.calls.commands.snapshots(ids, tags=tags, host=host)
        found = json.loads(self.calls.call(command, "list its snapshots").stdout or "[]") or []
        return sorted((output.read_snapshot(value) for value in found), key=lambda s: (s.time, s.id))

    def forget(self, ids: Sequence[str]) -> None:
        wrong = [identity for identity in ids if not FULL_ID.fullmatch(identity)]
        if not ids or wrong:
            what = f"{wrong[0]!r} is no full snapshot id" if wrong else "no snapshot was named"
            raise UsageError(f"repository {self.name}: nothing was forgotten: {what}", untouched="every snapshot")
        for start in range(0, len(ids), AT_ONCE):
            part = ids[start : start + AT_ONCE]
            completed = self.calls.call(self.calls.commands.forget(part), "forget snapshots", good=(0, 3))
            told = output.messages(f"{completed.stdout}\n{completed.stderr}").splitlines()
            left = [line for line in told if LEFT.search(line)]
            if left or completed.exit_code:
                raise RepositoryError(
                    f"repository {self.name}: not every snapshot was forgotten: {' '.join(left or told[-1:])[:300]}",
                    hint="run it again; an id that is gone already is no error",
                )

    def prune(self, progress: OnProgress) -> None:
        most = self._repackable()
        command = self.calls.commands.prune(most)
        seen = _percent("prune", progress)
        self.calls.call(command, "prune", on_line=seen, stall=self.calls.timeouts.stall, limit=1 << 16)

    def check(self, progress: OnProgress, *, read: tuple[int, int] | None = None) -> None:
        completed = self.calls.call(
            self.calls.commands.check(read),
            "check it",
            on_line=_percent("check", progress),
            stall=self.calls.timeouts.stall,
            limit=1 << 18,
            damage=True,
        )
        if "no errors were found" not in completed.stdout:
            raise RepositoryDamaged(
                f"repository {self.name}: the check ended without saying that it found no errors: {completed.tail()}",
                hint="forget and prune nothing; run restora doctor",
            )

    def locks(self) -> list[output.Lock]:
        """Who works on it, or left a lock behind."""
        listed = self.calls.call(self.calls.commands.locks(), "list its locks").stdout.split()
        found = []
        for identity in filter(FULL_ID.fullmatch, listed):
            told = self.calls.call(self.calls.commands.lock(identity), "read a lock", good=(0, 1))
            lock = output.read_lock(identity, told.stdout) if told.exit_code == 0 else None
            found += [lock] if lock else []
        return found

    def unlock_stale(self) -> list[str]:
        locks = self.locks()
        if not locks:
            return []
        times, now = self._lock_times(), self.now()
        for lock in locks:
            written = None if times is None else times.get(lock.id, now)
            if stale.reason_to_keep(lock, now, socket.gethostname(), written, stale.process_alive):
                return []
        self.calls.call(self.calls.commands.unlock(), "remove locks that were left behind")
        left = set(self.calls.call(self.calls.commands.locks(), "list its locks").stdout.split())
        return [stale.described(lock) for lock in locks if lock.id not in left]

    def entries(self, snapshot: str, path: str = "/") -> Iterator[FileEntry]:
        return self._restoring.entries(snapshot, path)

    def restore(
        self,
        snapshot: str,
        target: Path,
        *,
        include: Sequence[str] = (),
        progress: OnProgress,
        verify: bool = True,
    ) -> int:
        return self._restoring.restore(snapshot, target, include=include, progress=progress, verify=verify)

    def dump_to(self, snapshot: str, path: str, target: Path) -> int:
        return self._restoring.dump_to(snapshot, path, target)

    def stats(self) -> Mapping[str, int]:
        told = json.loads(self.calls.call(self.calls.commands.stats(), "measure it").stdout)
        count = told.get("snapshots_count")  # 0.15 and newer
        return {
            "stored_bytes": int(told.get("total_size") or 0),
            "snapshots": len(self.snapshots()) if count is None else int(count),
        }

    def _lock_times(self) -> Mapping[str, datetime] | None:
        """The second witness of a lock's age, by lock id: a writer whose clock is behind must not lose its lock."""
        given = self.repository
        if isinstance(given, LocalRepository):
            return stale.file_times(Path(given.path) / "locks")
        return self.lock_times() if self.lock_times else None

    def _may_be_made(self) -> None:
        given = self.repository
        if isinstance(given, S3Repository):
            if not given.create_bucket and self.bucket_exists is not None and not self.bucket_exists():
                raise StorageUnavailable(
                    f"repository {self.name}: bucket {given.bucket} does not exist",
                    hint="make it, or set create_bucket: true",
                    untouched="nothing was made",
                )
            return
        folder = Path(given.path)
        if (folder / "keys").is_dir() and any((folder / "keys").iterdir()):
            raise RepositoryError(
                f"repository {self.name}: {folder} has keys but no config: an init was cut off, or the config is lost",
                hint=f"if {folder}/snapshots is empty, remove {folder} and init again; else bring {folder}/config back",
                untouched="nothing was changed",
            )

    def _repackable(self) -> int | None:
        """Most bytes to repack so that the disk cannot fill up: new packs are written before old ones go."""
        given = self.repository
        self.calls.guard()
        free = self.free_bytes()
        if free is None or not isinstance(given, LocalRepository):
            return None
        folder = Path(given.path) / "index"
        index = sum(entry.stat().st_size for entry in os.scandir(folder)) if folder.is_dir() else 0
        least = LEAST + 2 * index
        if free < least:
            raise StorageUnavailable(
                f"repository {self.name}: {human_size(free)} free is too little to prune: it takes {human_size(least)}",
                hint="make room on its disk first; what was forgotten is reclaimed by the next prune",
                untouched="nothing was removed",
            )
        # On a disk that is nearly full packs that nobody needs are removed, and none is rewritten: that makes the first room.
        return max(free - RESERVE - 2 * index, 0) // 2


def _percent(step: str, progress: OnProgress) -> process.OnLine:
    def seen(line: str) -> None:
        told = output.read_percent(step, line)
        if told:
            progress(told)

    return seen
