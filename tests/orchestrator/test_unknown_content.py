"""A point of which nothing was counted (the state was lost): it comes back, and nobody claims that it was compared."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.sandbox import Sandbox
from orchestrator.run_drill import DrillTools, Place, drill
from orchestrator.run_restore import RestoreOrder, RestoreTools, restore
from policies.snapshot import recovery_points
from policies.verification import DrillLevel, DrillVerdict
from tests.conftest import SteppedClock
from tests.fakes.repository import FakeRepository
from tests.orchestrator.scene import Scene, files_catalog


@pytest.fixture
def scene(fast_path: Path, clock: SteppedClock) -> Scene:
    made = Scene(fast_path, clock, files_catalog(fast_path))
    made.controller.start()
    record = made.controller.wait(made.controller.now("docs", "docs", "local"))
    made.state.put_facts(record.id, {})
    made.clock.moment += timedelta(hours=1)
    return made


def test_a_restore_is_done_and_unproven(scene: Scene) -> None:
    repository = FakeRepository("local", scene.stored)
    (point,) = recovery_points("local", list(scene.stored.snapshots.values()))
    source = scene.controller.tools(scene.ended[0], lambda: ()).source
    order = RestoreOrder("docs", "local", point, str(scene.folder / "back"))
    done = restore(
        order,
        RestoreTools(
            scene.state, scene.clock, repository, source, scene.folder, lambda: "", nullcontext, print,
            Sandbox(scene.folder / "drills").beside,
        ),
    )  # fmt: skip
    assert done.files == 1 and not done.findings and not done.proven


def test_a_drill_could_not_run(scene: Scene) -> None:
    repository = FakeRepository("local", scene.stored)
    (point,) = recovery_points("local", list(scene.stored.snapshots.values()))
    source = scene.controller.tools(scene.ended[0], lambda: ()).source

    @contextmanager
    def place(_level: DrillLevel):
        folder = scene.folder / "drill"
        folder.mkdir()
        yield Place(folder, source, str(folder / "there"), in_place=False)

    tools = DrillTools(scene.state, scene.clock, repository, "files", place, lambda _place, _facts: "", print)
    record = drill("docs", point, DrillLevel.FULL, tools, identifier="d1")
    assert record.verdict == DrillVerdict.COULD_NOT_RUN
    assert "nothing is known of its content" in record.reason
