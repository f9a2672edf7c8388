"""What a repository holds: snapshots, and the recovery points that they form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

TAG_RUN, TAG_DATASET, TAG_PART, TAG_POLICY, TAG_SAFETY = "run", "dataset", "part", "policy", "safety"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One restic snapshot. `id` is the full id; `time` is aware; tags are `key=value` or bare words. Counts and bytes
    are None where the repository's restic version did not record them (before 0.17)."""

    id: str
    time: datetime
    host: str
    paths: tuple[str, ...]
    tags: tuple[str, ...]
    tree: str = ""
    parent: str | None = None
    files: int | None = None
    bytes: int | None = None

    def tag(self, key: str) -> str | None:
        """The value of the tag `key=…`."""
        return next((tag.partition("=")[2] for tag in self.tags if tag.startswith(f"{key}=")), None)


@dataclass(frozen=True, slots=True)
class RecoveryPoint:
    """What one run of one dataset left in one repository: all its parts (one for files, one a dump for databases).

    `id` is the run id where the snapshot has one, else the snapshot id; `time` that of its earliest part."""

    id: str
    dataset: str
    repository: str
    time: datetime
    parts: tuple[Snapshot, ...]

    @property
    def files(self) -> int | None:
        counts = [part.files for part in self.parts]
        return None if None in counts else sum(count or 0 for count in counts)

    @property
    def bytes(self) -> int | None:
        sizes = [part.bytes for part in self.parts]
        return None if None in sizes else sum(size or 0 for size in sizes)


def recovery_points(repository: str, snapshots: list[Snapshot]) -> list[RecoveryPoint]:
    """Group snapshots by dataset and run, newest first. Snapshots without our tags form points of their own."""
    groups: dict[tuple[str, str], list[Snapshot]] = {}
    for snapshot in snapshots:
        key = (snapshot.tag(TAG_DATASET) or "", snapshot.tag(TAG_RUN) or snapshot.id)
        groups.setdefault(key, []).append(snapshot)
    points = [
        RecoveryPoint(
            run,
            dataset,
            repository,
            min(p.time for p in parts),
            tuple(sorted(parts, key=lambda p: p.tag(TAG_PART) or "")),
        )
        for (dataset, run), parts in groups.items()
    ]
    return sorted(points, key=lambda point: (point.time, point.id), reverse=True)


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One entry of a snapshot's tree. `size` in bytes; `kind`: file, dir, symlink, …"""

    path: str
    kind: str
    size: int
    modified: datetime | None = None
    mode: int | None = None
