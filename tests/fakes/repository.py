"""A repository in memory, held to the promises of RepositoryPort by the same contract as the real one."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from policies.capture import Paths, Saved, Stream
from policies.errors import RepositoryDamaged, RepositoryError, RepositoryLocked, SourceError
from policies.run import Progress
from policies.snapshot import FileEntry, Snapshot

OnProgress = Callable[[Progress], None]


@dataclass
class Stored:
    """What lies in the fake repository; outlives the object that uses it."""

    trees: dict[str, dict[str, bytes]] = field(default_factory=dict)
    snapshots: dict[str, Snapshot] = field(default_factory=dict)
    damaged: str = ""
    locked: str = ""
    made: bool = True
    calls: list[str] = field(default_factory=list)


class FakeRepository:
    """`interrupt(word)` is called at the inner moments of saving ("before", "after") and may raise to play a kill."""

    def __init__(
        self, name: str = "local", stored: Stored | None = None, interrupt: Callable[[str], None] = lambda _word: None
    ) -> None:
        self.name = name
        self.stored = stored if stored is not None else Stored()
        self._interrupt = interrupt

    def version(self) -> str:
        return "0.0.0"

    def initialise(self) -> bool:
        made, self.stored.made = self.stored.made, True
        return not made

    def probe(self) -> None:
        self.stored.calls.append("probe")

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
        missing = [path for path in paths.paths if not path.exists()]
        if missing:
            raise RepositoryError(f"{missing[0]} is not there")
        tree = {}
        for root in paths.paths:
            for path in [root] if root.is_file() else sorted(p for p in root.rglob("*") if p.is_file()):
                tree[str(path)] = path.read_bytes()
        return self._save(tree, host, tags, time, tuple(str(path) for path in paths.paths))

    def save_stream(
        self, stream: Stream, *, host: str, tags: Sequence[str], time: datetime | None, progress: OnProgress
    ) -> Saved:
        done = subprocess.run(stream.command.argv, capture_output=True, check=False)
        if done.returncode or len(done.stdout) < stream.minimum or not done.stdout.startswith(stream.magic):
            raise SourceError(f"{stream.command.argv[0]} failed: {done.stderr.decode()}")
        return self._save({f"/{stream.name}": done.stdout}, host, tags, time, (f"/{stream.name}",))

    def _save(
        self, tree: dict[str, bytes], host: str, tags: Sequence[str], time: datetime | None, paths: tuple[str, ...]
    ) -> Saved:
        self._interrupt("before")
        size = sum(len(content) for content in tree.values())
        moment = time or datetime.now(UTC)
        facts = json.dumps([moment.isoformat(), sorted(tags), len(self.stored.calls), sorted(tree)])
        identifier = hashlib.sha256(facts.encode()).hexdigest()
        self.stored.calls.append("save")
        self.stored.trees[identifier] = tree
        self.stored.snapshots[identifier] = Snapshot(
            identifier, moment, host, paths, tuple(tags), files=len(tree), bytes=size
        )
        self._interrupt("after")
        return Saved(identifier, len(tree), size, size, files_new=len(tree))

    def snapshots(self, *, tags: Sequence[str] = (), host: str | None = None) -> list[Snapshot]:
        self.stored.calls.append("snapshots")
        found = [s for s in self.stored.snapshots.values() if set(tags) <= set(s.tags) and host in {None, s.host}]
        return sorted(found, key=lambda s: s.time)

    def forget(self, ids: Sequence[str]) -> None:
        self.stored.calls.append("forget")
        for identifier in ids:
            self.stored.snapshots.pop(identifier, None)

    def prune(self, progress: OnProgress) -> None:
        self.stored.calls.append("prune")
        self.stored.trees = {key: tree for key, tree in self.stored.trees.items() if key in self.stored.snapshots}

    def check(self, progress: OnProgress, *, read: tuple[int, int] | None = None) -> None:
        self.stored.calls.append(f"check {read}")
        if self.stored.locked:
            raise RepositoryLocked(self.stored.locked)
        if self.stored.damaged:
            raise RepositoryDamaged(self.stored.damaged)

    def unlock_stale(self) -> list[str]:
        return []

    def entries(self, snapshot: str, path: str = "/") -> Iterator[FileEntry]:
        for name, content in sorted(self.stored.trees[snapshot].items()):
            if name.startswith(path):
                yield FileEntry(name, "file", len(content))

    def restore(
        self, snapshot: str, target: Path, *, include: Sequence[str] = (), progress: OnProgress, verify: bool = True
    ) -> int:
        count = 0
        for name, content in self.stored.trees[snapshot].items():
            if not include or any(name == item or name.startswith(item.rstrip("/") + "/") for item in include):
                place = target / name.lstrip("/")
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content)
                count += 1
        if count == 0 and self.stored.trees[snapshot]:
            raise RepositoryError("nothing was restored")
        return count

    def dump_to(self, snapshot: str, path: str, target: Path) -> int:
        target.write_bytes(self.stored.trees[snapshot][path])
        return target.stat().st_size

    def stats(self) -> Mapping[str, int]:
        return {
            "stored_bytes": sum(len(c) for t in self.stored.trees.values() for c in t.values()),
            "snapshots": len(self.stored.snapshots),
        }

    def redate(self, identifier: str, moment: datetime) -> None:
        """Move a snapshot in time, as a host with a wrong clock would have written it."""
        self.stored.snapshots[identifier] = replace(self.stored.snapshots[identifier], time=moment)
