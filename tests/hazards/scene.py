"""An installation in a folder over a real restic repository: only the engine and the clock are stepped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from adapters.restic import ResticRepository
from adapters.sources.files import FilesSource
from orchestrator.run_backup import BackupTools
from orchestrator.upkeep import Upkeep
from policies.capture import Capture, Command, SourceReport, Stream
from policies.catalog import Catalog
from policies.run import RunRecord, RunState
from policies.snapshot import Snapshot
from tests.adapters.restic_places import LocalPlace
from tests.orchestrator.scene import Scene

EVERY_NIGHT = {"check_every": "1d", "read_all_every": None, "prune_every": "1d"}


def catalog(folder: Path, *paths: str, dataset: Mapping[str, object] | None = None, **policy: object) -> Catalog:
    """One dataset `docs` (files in these folders below `folder`), one local repository, one nightly policy."""
    places = [str(folder / path) for path in paths or ("data",)]
    rules = {"keep_last": 2, "at_least": 1}
    return Catalog.model_validate(
        {
            "site": {"timezone": "Europe/Berlin", "name": "host1"},
            "repositories": {
                "local": {"kind": "local", "path": str(folder / "repository"), "password": {"file": "/p"}}
            },
            "datasets": {"docs": {"kind": "files", "paths": places, **(dataset or {})}},
            "policies": {
                "docs": {
                    "datasets": ["docs"], "repositories": ["local"], "schedule": {"every": "1d", "at": ["02:30"]},
                    "retention": rules, "verification": EVERY_NIGHT, **policy,
                }
            },
        }
    )  # fmt: skip


@dataclass
class Dumps:
    """A source whose parts are what commands write."""

    streams: tuple[Stream, ...]
    kind: str = "files"

    def report(self) -> SourceReport:
        return SourceReport("commands")

    def capture(self, scratch: Path, run: str) -> Capture:
        return Capture(streams=self.streams)


def dump(name: str, script: str, **options: Any) -> Stream:
    return Stream(name, Command(("sh", "-c", script)), **options)


@dataclass
class RealScene(Scene):
    """`place` is where the repository lies; `options` go to the adapter; `source` replaces the files."""

    place: LocalPlace = None  # type: ignore[assignment]  # always given; a default only because the fields before have one
    options: dict[str, Any] = field(default_factory=dict)
    source: Any = None
    host: str = "host1"

    def repository(self, held: Sequence[int] = ()) -> ResticRepository:
        return self.place.open(keep_fds=lambda: held, **self.options)

    def upkeep(self) -> Upkeep:
        return Upkeep(self.state, self.clock, self.repository(), host=self.host, zone=ZoneInfo("Europe/Berlin"))

    def tools(self, record: RunRecord, held: Any) -> BackupTools:
        repository = self.repository(held())
        dataset = self.catalog.datasets[record.dataset]
        return BackupTools(
            state=self.state, clock=self.clock, repository=repository,
            source=self.source or FilesSource(record.dataset, dataset),  # type: ignore[arg-type]  # a files dataset
            dataset=dataset, policy=self.catalog.policies[record.policy],
            upkeep=Upkeep(self.state, self.clock, repository, host=self.host, zone=ZoneInfo("Europe/Berlin")),
            scratch=self.folder / "captures", host=self.host, on_progress=lambda _record, _progress: None,
            stamped=True,
        )  # fmt: skip

    def run(self, *, after: timedelta = timedelta(days=1)) -> RunRecord:
        """One run, that much later."""
        self.clock.moment += after
        return self.controller.wait(self.controller.now("docs", "docs", "local"))

    def nights(self, count: int, state: RunState = RunState.SUCCEEDED) -> list[RunRecord]:
        """Runs that must end so."""
        records = [self.run() for _ in range(count)]
        assert [(r.state, r.reason) for r in records if r.state is not state] == []
        return records

    def listed(self) -> list[Snapshot]:
        return self.place.open().snapshots()

    def write(self, name: str, content: bytes = b"content of a file") -> Path:
        path = self.folder / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path


def ids(records: Sequence[RunRecord]) -> list[str]:
    """The snapshots of some runs, in their order."""
    return [snapshot for record in records for snapshot in record.snapshots]
