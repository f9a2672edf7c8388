"""A whole installation in a folder, with fakes only where the outside begins: repository and engine; the rest is real."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from adapters.lease import FileLeases
from adapters.sources.files import FilesSource
from adapters.state.store import StateStore
from orchestrator.controller import Controller
from orchestrator.daemon import Daemon
from orchestrator.run_backup import BackupTools
from orchestrator.upkeep import Upkeep
from policies.catalog import Catalog
from policies.run import RunRecord
from tests.conftest import SteppedClock
from tests.fakes.engine import Disk, InlineEngine, When
from tests.fakes.repository import FakeRepository, Stored


def files_catalog(folder: Path, *, timezone: str = "Europe/Berlin", **policy: object) -> Catalog:
    """One dataset `docs` of files in `folder`/data, one repository, one nightly policy."""
    return Catalog.model_validate(
        {
            "site": {"timezone": timezone, "name": "host1"},
            "repositories": {"local": {"kind": "local", "path": str(folder / "repo"), "password": {"file": "/p"}}},
            "datasets": {"docs": {"kind": "files", "paths": [str(folder / "data")]}},
            "policies": {
                "docs": {
                    "datasets": ["docs"], "repositories": ["local"], "schedule": {"every": "1d", "at": ["02:30"]},
                    "retention": {"keep_within": "30d"}, **policy,
                }
            },
        }
    )  # fmt: skip


@dataclass
class Scene:
    """`clock` moves only when told. What lies on disk (state, engine, repository) outlives `restart`."""

    folder: Path
    clock: SteppedClock
    catalog: Catalog
    stored: Stored = field(default_factory=Stored)
    disk: Disk = field(default_factory=Disk)
    crash: Callable[[int, When], bool] = lambda _number, _when: False
    interrupt: Callable[[str], None] = lambda _word: None
    ended: list[RunRecord] = field(default_factory=list)

    def __post_init__(self) -> None:
        (self.folder / "data").mkdir(exist_ok=True)
        (self.folder / "data" / "a.txt").write_text("hello")
        self.state = StateStore(f"sqlite:///{self.folder / 'state.sqlite'}")
        self.restart()

    def restart(self) -> None:
        """A new process on the same disk."""
        self.disk.in_use = False
        engine = InlineEngine(self.disk, self._crashes)
        self.controller = Controller(
            self.state, engine, FileLeases(self.folder / "leases", self.clock), self.clock, self.tools, self.ended.append,
            wait_for_lease=0,
        )  # fmt: skip
        self.daemon = Daemon(
            self.controller, self.state, self.clock, self.catalog, load=lambda: None, requests=lambda _controller: None
        )

    def tools(self, record: RunRecord, _held: object) -> BackupTools:
        repository = FakeRepository("local", self.stored, self._interrupts)
        name = record.policy
        return BackupTools(
            state=self.state, clock=self.clock, repository=repository,
            source=FilesSource(record.dataset, self.catalog.datasets[record.dataset]),  # type: ignore[arg-type]
            dataset=self.catalog.datasets[record.dataset], policy=self.catalog.policies[name],
            upkeep=Upkeep(self.state, self.clock, repository, host="host1", zone=ZoneInfo(self.catalog.site.timezone)),
            scratch=self.folder / "scratch", host="host1", on_progress=lambda _record, _progress: None, stamped=True,
        )  # fmt: skip

    # Looked up at each call: tests set both after the scene was made.
    def _crashes(self, number: int, when: When) -> bool:
        return self.crash(number, when)

    def _interrupts(self, word: str) -> None:
        self.interrupt(word)
