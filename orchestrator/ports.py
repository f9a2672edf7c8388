"""What the use cases ask of the outside. Each method says whether it may be repeated and what its absence means.

Adapters satisfy these by shape; the contract suites under tests/ hold real and fake ones to the same promises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Protocol

from policies.capture import Capture, Paths, Saved, SourceReport, Stream
from policies.figure import DatasetHistory, History, RepositoryHistory
from policies.request import Proposal, Request
from policies.run import BoardRow, DrillRecord, Finding, LedgerEntry, Progress, RunRecord
from policies.snapshot import FileEntry, Snapshot

OnProgress = Callable[[Progress], None]


class Clock(Protocol):
    """Time, injected so that no test waits."""

    def now(self) -> datetime:
        """The present moment, aware, UTC."""

    def wait(self, seconds: float) -> None:
        """Let time pass."""


class RepositoryPort(Protocol):
    """One repository. Every failure is a RepositoryError (policies.errors); no call asks for input.

    Reading calls are idempotent and retryable. `save_*` are not: look the run up by its tag before repeating one."""

    name: str

    def version(self) -> str:
        """Version of the tool behind it; ToolMissing where there is none or it is too old."""

    def initialise(self) -> bool:
        """Make the repository with two keys; False if it was there already (idempotent)."""

    def probe(self) -> None:
        """Open it; raises RepositoryMissing, RepositoryPassword, RepositoryLocked or StorageUnavailable."""

    def free_bytes(self) -> int | None:
        """Free space at its place; None where that has no meaning (S3)."""

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
        """Save a tree as one snapshot. Unreadable files are told in the result, not raised. A path that is missing raises
        SourceError before anything is saved; RepositoryError when no snapshot came of it."""

    def save_stream(
        self, stream: Stream, *, host: str, tags: Sequence[str], time: datetime | None, progress: OnProgress
    ) -> Saved:
        """Save a command's output as one snapshot. A command that fails, or whose output is too small, raises SourceError
        and leaves no snapshot behind."""

    def snapshots(self, *, tags: Sequence[str] = (), host: str | None = None) -> list[Snapshot]:
        """All snapshots that carry every given tag, oldest first."""

    def forget(self, ids: Sequence[str]) -> None:
        """Remove exactly these snapshots (full ids; UsageError for anything else, and for none). An id that is gone already
        is no error."""

    def prune(self, progress: OnProgress) -> None:
        """Reclaim the space of removed snapshots. Resumable. Refuses (StorageUnavailable) where free space is too small."""

    def check(self, progress: OnProgress, *, read: tuple[int, int] | None = None) -> None:
        """Check the structure, and with `read=(n, t)` the n-th of t parts of the data. Raises RepositoryDamaged."""

    def unlock_stale(self) -> list[str]:
        """Remove locks that are provably left behind; what was removed, in words. Never touches a live or young lock."""

    def entries(self, snapshot: str, path: str = "/") -> Iterator[FileEntry]:
        """The tree of a snapshot below a path, in restic's order."""

    def restore(
        self, snapshot: str, target: Path, *, include: Sequence[str] = (), progress: OnProgress, verify: bool = True
    ) -> int:
        """Write a snapshot (or the included paths) below target; number of files written. Nothing written is an error
        unless the snapshot is empty, and so is an included path that the snapshot does not have. `verify`: content is
        compared with the repository after writing."""

    def dump_to(self, snapshot: str, path: str, target: Path) -> int:
        """Write one file of a snapshot to a local file; its bytes."""

    def stats(self) -> Mapping[str, int]:
        """`stored_bytes` (raw data in the repository) and `snapshots`."""


class SourcePort(Protocol):
    """One dataset's data. Failures are SourceErrors."""

    kind: str

    def report(self) -> SourceReport:
        """Look before anything is read: reachable, there, mounted, plausible; size where it is cheap. Idempotent."""

    def remains(self) -> SourcePort | None:
        """What is still there of a damaged or partly lost original, as a source that can be captured; itself where it is whole,
        None where nothing is left. Raises SourceError where that can't be seen. Idempotent."""

    def capture(self, scratch: Path, run: str) -> Capture:
        """Make a consistent state available. `scratch` exists, is empty and private (0700). Repeatable after a kill."""

    def restore(
        self, restored: Path, target: str, *, items: Sequence[str] = (), in_place: bool = False, progress: OnProgress
    ) -> str:
        """Bring restored parts (as `RepositoryPort.restore` wrote them) to `target`: a folder for files, a file for SQLite, a
        database name (or folder for the dump) for PostgreSQL; '' with in_place: the original. Where it is now, in words."""

    def verify(self, target: str, facts: Mapping[str, str], *, items: Sequence[str] = ()) -> list[Finding]:
        """Compare what lies at target with the facts of its capture: counts, checksums, integrity."""

    def facts(self, target: str = "") -> Mapping[str, str]:
        """Content facts of the original ('') or of a restored copy: counts and checksums by table or path."""


class StatePort(Protocol):
    """What restora remembers. Every write is one transaction; losing the whole is survivable."""

    def add_run(self, run: RunRecord) -> bool:
        """Record a new run; False if a run of this (key, dataset, repository) exists already (that is how a slot runs once)."""

    def update_run(self, run: RunRecord) -> None:
        """Replace the record with the same id and bring the board up to date."""

    def run(self, run_id: str) -> RunRecord | None: ...

    def runs(
        self, *, policy: str = "", dataset: str = "", limit: int = 50, unfinished: bool = False
    ) -> list[RunRecord]:
        """Newest first."""

    def board(self) -> list[BoardRow]:
        """A row per (policy, dataset, repository)."""

    def runs_since(self, policy: str, since: datetime) -> list[RunRecord]:
        """A policy's runs that were due at that moment or later, in any order."""

    def put_snapshots(self, repository: str, snapshots: Sequence[Snapshot], *, whole: bool) -> None:
        """Remember snapshots; `whole`: forget remembered ones that are not among them."""

    def drop_snapshots(self, repository: str, ids: Sequence[str]) -> None: ...

    def cached_snapshots(self, repository: str) -> list[Snapshot]: ...

    def put_facts(self, run_id: str, facts: Mapping[str, str]) -> None:
        """Content facts of a run's capture."""

    def facts(self, run_id: str) -> dict[str, str]: ...

    def add_drill(self, drill: DrillRecord) -> None: ...

    def drills(self, *, dataset: str = "", limit: int = 50) -> list[DrillRecord]:
        """Newest first."""

    def put_note(self, key: str, value: str) -> None:
        """A small durable fact by name (heartbeats, read-part rotation, reminders)."""

    def note(self, key: str) -> str | None: ...

    def append_ledger(self, time: datetime, kind: str, actor: str, body: Mapping[str, object]) -> LedgerEntry:
        """Append to the hash chain (serialised across processes)."""

    def ledger(self, *, kind: str = "", limit: int | None = None) -> Iterable[LedgerEntry]:
        """Oldest first; with a limit the newest that many."""

    def mark_repository(
        self,
        repository: str,
        *,
        checked: datetime | None = None,
        forgotten: datetime | None = None,
        pruned: datetime | None = None,
    ) -> None:
        """Bring the board's repository moments up to date."""

    def notes(self, prefix: str = "") -> dict[str, str]:
        """All notes whose key begins so."""

    def history(self, dataset: str) -> DatasetHistory:
        """What the last 30 good runs and last 10 proven whole restores measured."""

    def repository_history(self, repository: str) -> RepositoryHistory:
        """What the last 30 good runs into it measured; free and stored bytes as `measure_repository` noted them."""

    def histories(self, datasets: Iterable[str], repositories: Iterable[str]) -> History:
        """Both for many names; a name without any measurement is left out."""

    def measure_repository(self, repository: str, *, free: int | None = None, stored: int | None = None) -> None:
        """Note a repository's free and stored bytes; None: as it was."""

    def put_proposal(self, proposal: Proposal) -> None:
        """Remember a proposal; one with the same id is replaced."""

    def proposal(self, proposal_id: str) -> Proposal | None: ...

    def proposals(self, *, state: str = "", limit: int = 50) -> list[Proposal]:
        """Newest first."""

    def move_proposal(self, proposal_id: str, before: str, after: str) -> bool:
        """Change its state if it still is `before`; False if somebody was faster or there is none."""

    def add_request(self, request: Request) -> bool:
        """Ask the daemon for work; False if a request with this id exists."""

    def open_requests(self) -> list[Request]:
        """Oldest first."""

    def request(self, request_id: str) -> Request | None:
        """Its result is None until it is closed."""

    def close_request(self, request_id: str, result: Mapping[str, object]) -> bool:
        """Answer it; False if it was closed before (the first answer stays) or there is none."""

    def put_catalog(self, digest: str, body: str) -> None:
        """Keep the validated form of the restora.yaml with this SHA-256 (the newest only)."""

    def catalog(self, digest: str) -> str | None: ...


class LeasePort(Protocol):
    """Who works on what, across processes. A lease ends with its holder, and with every child that inherited it."""

    def take(self, *names: str, wait: float = 0.0, holder: str = "") -> AbstractContextManager[Sequence[int]]:
        """Hold all names or none (taken in sorted order); raises Busy naming the holder. Yields file descriptors that children
        must inherit so that the lease outlives us while they run."""

    def holder(self, name: str) -> object | None:
        """Who holds it now (`str()` says it in words); None if it is free."""


class SecretsPort(Protocol):
    """Secrets by reference."""

    def read(self, reference: object) -> str:
        """The secret; ConfigurationError where the place is missing, empty or readable by others."""


class EnginePort(Protocol):
    """Durable workflows: a workflow that was killed goes on at its first unfinished step when the engine starts again."""

    def register(self, name: str, body: Callable[[Steps, str], str]) -> None:
        """Name a workflow; before `start`. Argument and result are text (JSON)."""

    def start(self) -> None:
        """Open the engine and resume what was left unfinished."""

    def submit(self, name: str, key: str, argument: str) -> None:
        """Run once for this key, in the background; a second submit of the key does nothing."""

    def wait(self, key: str, timeout: float | None = None) -> str:
        """Its result; re-raises the workflow's error."""

    def run(self, name: str, key: str, argument: str) -> str:
        """Submit and wait."""

    def pending(self) -> list[str]:
        """Keys of workflows that have not ended."""

    def forget_ended(self, before: datetime) -> int:
        """Drop workflows that ended before then; how many. Their keys would run again."""

    def stop(self, timeout: float = 0.0, interrupt: Callable[[], None] = lambda: None, patience: float = 0.0) -> None:
        """Begin nothing new; wait this long for running ones; what is left resumes next time. `interrupt` may then ask
        running steps to end with Cancelled, which they have `patience` seconds for."""


class Steps(Protocol):
    """Handed to a workflow body: everything that touches the outside happens in a step."""

    def step(self, name: str, work: Callable[[], str]) -> str:
        """Do `work` once; after a crash the recorded result is returned, an unrecorded one is done again (so: idempotent)."""
