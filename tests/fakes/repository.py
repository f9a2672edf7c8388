"""A repository in memory, held to the promises of RepositoryPort by the same contract as the real one."""

from __future__ import annotations

import fnmatch
import hashlib
import itertools
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from policies.capture import Paths, Saved, Stream
from policies.errors import (
    Cancelled,
    RepositoryDamaged,
    RepositoryError,
    RepositoryLocked,
    RepositoryMissing,
    RepositoryPassword,
    SourceError,
    ToolMissing,
    UsageError,
)
from policies.run import Progress
from policies.snapshot import FileEntry, Snapshot

OnProgress = Callable[[Progress], None]
Tree = dict[str, bytes]
STALE = timedelta(minutes=30)


@dataclass(frozen=True)
class FakeLock:
    """Who holds the repository, or left a lock behind. `alive`: that process runs on this host."""

    time: datetime
    alive: bool
    exclusive: bool = True


@dataclass
class Stored:
    """What lies in the fake repository; outlives the object that uses it. `damaged`: what every check says;
    `unread`: what only a check that reads the data says. A forgotten snapshot's tree stays until a prune."""

    trees: dict[str, Tree] = field(default_factory=dict)
    snapshots: dict[str, Snapshot] = field(default_factory=dict)
    damaged: str = ""
    unread: str = ""
    made: bool = True
    password: str = ""
    locks: list[FakeLock] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)


class FakeRepository:
    """`interrupt(word)` is called at the inner moments of saving ("before", "after") and may raise to play a kill."""

    def __init__(
        self,
        name: str = "local",
        stored: Stored | None = None,
        interrupt: Callable[[str], None] = lambda _word: None,
        *,
        password: str = "",
        cancel: threading.Event | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.name = name
        self.stored = stored if stored is not None else Stored()
        self.password = password
        self.cancel = cancel
        self.now = now
        self._interrupt = interrupt

    def version(self) -> str:
        return "0.0.0"

    def initialise(self) -> bool:
        made, self.stored.made = self.stored.made, True
        if not made:
            self.stored.password = self.password
        self._open("initialise", exclusive=False)
        return not made

    def probe(self) -> None:
        self._open("probe", exclusive=False)

    def free_bytes(self) -> int | None:
        return 10**12

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
        missing = [path for path in paths.paths if not os.path.lexists(path)]
        if missing or not paths.paths:
            raise SourceError(f"not there: {missing or 'no path was named'}")
        self._open("save", exclusive=False)
        tree: Tree = {}
        unreadable = []
        for root in paths.paths:
            for path in [root] if root.is_file() else sorted(p for p in root.rglob("*") if p.is_file()):
                if any(fnmatch.fnmatch(part, pattern) for pattern in paths.exclude for part in path.parts):
                    continue
                if path.stat().st_mode & 0o400:  # the mode decides, so that root cannot read it either
                    tree[str(path)] = path.read_bytes()
                else:
                    unreadable.append(str(path))
        before = self._parent(parent, host, tuple(map(str, paths.paths)))
        saved = self._save(tree, host, tags, time, tuple(str(path) for path in paths.paths))
        return replace(
            saved,
            files_new=len(tree.keys() - before.keys()),
            files_changed=sum(tree[name] != before[name] for name in tree.keys() & before.keys()),
            unreadable=tuple(unreadable),
        )

    def save_stream(
        self, stream: Stream, *, host: str, tags: Sequence[str], time: datetime | None, progress: OnProgress
    ) -> Saved:
        if shutil.which(stream.command.argv[0]) is None:
            raise ToolMissing(f"{stream.command.argv[0]} was not found")
        self._open("stream", exclusive=False)
        environment = {**os.environ, **stream.command.env, **stream.command.secret_env}
        done = subprocess.run(stream.command.argv, capture_output=True, check=False, env=environment)
        if done.returncode or len(done.stdout) < max(1, stream.minimum) or not done.stdout.startswith(stream.magic):
            said = done.stderr.decode()
            for secret in stream.command.secret_env.values():
                said = said.replace(secret, "***")
            raise SourceError(f"{stream.name} was not saved: {stream.command.argv[0]} failed: {said}")
        return self._save({f"/{stream.name}": done.stdout}, host, tags, time, (f"/{stream.name}",))

    def snapshots(self, *, tags: Sequence[str] = (), host: str | None = None) -> list[Snapshot]:
        self._open("snapshots", exclusive=False)
        found = [s for s in self.stored.snapshots.values() if set(tags) <= set(s.tags) and host in {None, s.host}]
        return sorted(found, key=lambda s: (s.time, s.id))

    def forget(self, ids: Sequence[str]) -> None:
        if not ids or not all(re.fullmatch("[0-9a-f]{64}", identifier) for identifier in ids):
            raise UsageError("nothing was forgotten: no snapshot, or no full id, was named")
        self._open("forget")
        for identifier in ids:
            self.stored.snapshots.pop(identifier, None)

    def prune(self, progress: OnProgress) -> None:
        self._open("prune")
        self.stored.trees = {key: tree for key, tree in self.stored.trees.items() if key in self.stored.snapshots}

    def check(self, progress: OnProgress, *, read: tuple[int, int] | None = None) -> None:
        self._open(f"check {read}")
        found = self.stored.damaged or (self.stored.unread if read else "")
        if found:
            raise RepositoryDamaged(found)

    def unlock_stale(self) -> list[str]:
        if any(lock.alive or self.now() - lock.time < STALE for lock in self.stored.locks):
            return []
        removed, self.stored.locks = self.stored.locks, []
        return [f"lock from {lock.time:%Y-%m-%d %H:%M:%S}" for lock in removed]

    def entries(self, snapshot: str, path: str = "/") -> Iterator[FileEntry]:
        tree = self._tree(snapshot)
        folders = {str(parent) for name in tree for parent in Path(name).parents} - {"/"}
        wanted = path.rstrip("/")
        for name in sorted([*tree, *folders]):
            if not wanted or name == wanted or name.startswith(wanted + "/"):
                shown = os.fsencode(name).decode(errors="replace")
                yield FileEntry(shown, "file", len(tree[name])) if name in tree else FileEntry(shown, "dir", 0)

    def restore(
        self, snapshot: str, target: Path, *, include: Sequence[str] = (), progress: OnProgress, verify: bool = True
    ) -> int:
        tree = self._tree(snapshot)
        wanted = dict.fromkeys(["/" + item.strip("/") for item in include], 0)
        count = 0
        for name, content in tree.items():
            asked = [item for item in wanted if name == item or name.startswith(item.rstrip("/") + "/")]
            if asked or not wanted:
                place = target / name.lstrip("/")
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content)
                count += 1
            for item in asked:
                wanted[item] += 1
        unknown = [item for item, found in wanted.items() if not found]
        if unknown:
            what = "nothing was restored" if count == 0 else "not everything was restored"
            raise RepositoryError(f"{what}: snapshot {snapshot[:8]} has no {', '.join(unknown)}")
        return count

    def dump_to(self, snapshot: str, path: str, target: Path) -> int:
        tree = self._tree(snapshot)
        if path not in tree:
            raise RepositoryError(f"{path} is not in snapshot {snapshot[:8]}")
        target.write_bytes(tree[path])
        return len(tree[path])

    def stats(self) -> Mapping[str, int]:
        self._open("stats", exclusive=False)
        blobs = {content for tree in self.stored.trees.values() for content in tree.values()}
        return {"stored_bytes": sum(map(len, blobs)), "snapshots": len(self.stored.snapshots)}

    def redate(self, identifier: str, moment: datetime) -> None:
        """Move a snapshot in time, as a host with a wrong clock would have written it."""
        self.stored.snapshots[identifier] = replace(self.stored.snapshots[identifier], time=moment)

    def _open(self, call: str, *, exclusive: bool = True) -> None:
        """What stands before every call."""
        self.stored.calls.append(call)
        if self.cancel is not None and self.cancel.is_set():
            raise Cancelled(f"cancelled: {call}")
        if not self.stored.made:
            raise RepositoryMissing(f"repository {self.name}: there is none")
        if self.password != self.stored.password:
            raise RepositoryPassword(f"repository {self.name}: the password opens none of its keys")
        if any(lock.exclusive or exclusive for lock in self.stored.locks):
            raise RepositoryLocked(f"repository {self.name}: another process holds it")

    def _tree(self, snapshot: str) -> Tree:
        self._open("read", exclusive=False)
        if snapshot not in self.stored.snapshots:
            raise RepositoryError(f"no such snapshot: {snapshot[:16]}")
        return self.stored.trees[snapshot]

    def _parent(self, parent: str | None, host: str, paths: tuple[str, ...]) -> Tree:
        """The tree to compare with: as restic, the newest of the same host and paths unless one is named."""
        same = [s for s in self.stored.snapshots.values() if (s.host, s.paths) == (host, paths)]
        chosen = parent or max(same, key=lambda s: s.time, default=Snapshot("", datetime.min, "", (), ())).id
        return self.stored.trees.get(chosen, {})

    def _save(self, tree: Tree, host: str, tags: Sequence[str], time: datetime | None, paths: tuple[str, ...]) -> Saved:
        self._interrupt("before")
        size = sum(len(content) for content in tree.values())
        moment = time or datetime.now(UTC)
        identifier = hashlib.sha256(f"{next(COUNTER)} {moment.isoformat()} {tags}".encode()).hexdigest()
        self.stored.trees[identifier] = tree
        self.stored.snapshots[identifier] = Snapshot(
            identifier, moment, host, paths, tuple(tags), files=len(tree), bytes=size
        )
        self._interrupt("after")
        return Saved(identifier, len(tree), size, size, files_new=len(tree))


COUNTER = itertools.count()
