"""An unusual removal waits for a person, who lets it happen once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

from orchestrator import removals
from policies.policy import Policy
from policies.retention import Retention
from policies.run import RunRecord, RunState
from tests.conftest import SteppedClock
from tests.orchestrator.scene import Scene, files_catalog

PLACE = ("docs", "docs", "local")


def run(scene: Scene) -> RunRecord:
    scene.clock.moment += timedelta(hours=24)
    record = scene.controller.wait(scene.controller.now(*PLACE))
    assert record.state is RunState.SUCCEEDED, record.reason
    return record


def shorten(scene: Scene, **rules: object) -> None:
    policy: Policy = scene.catalog.policies["docs"].model_copy(update={"retention": Retention.model_validate(rules)})
    scene.catalog = scene.catalog.changed(policies={"docs": policy})


def approve(scene: Scene) -> None:
    application = SimpleNamespace(
        state=scene.state, clock=scene.clock, policy=lambda name: scene.catalog.policies[name]
    )
    removals.approve(application, [PLACE], "let them go")  # type: ignore[arg-type]  # the three things that it uses


def test_it_waits_for_an_approval_that_counts_once(fast_path: Path, clock: SteppedClock) -> None:
    scene = Scene(fast_path, clock, files_catalog(fast_path))
    scene.controller.start()
    for _ in range(20):
        run(scene)
    shorten(scene, keep_last=3)
    waiting = run(scene)
    assert len(scene.stored.snapshots) == 21
    assert any("restora run docs --approve-removal" in warning for warning in waiting.warnings)

    approve(scene)
    assert len(run(scene).forgotten) == 19
    assert len(scene.stored.snapshots) == 3
    assert [entry.body["words"] for entry in scene.state.ledger(kind="approval")] == ["let them go"]

    shorten(scene, keep_within="30d")
    for _ in range(20):
        run(scene)
    shorten(scene, keep_last=3)
    assert not run(scene).forgotten, "the approval was used up"


def test_an_approval_is_for_one_retention(fast_path: Path, clock: SteppedClock) -> None:
    scene = Scene(fast_path, clock, files_catalog(fast_path))
    scene.controller.start()
    for _ in range(20):
        run(scene)
    shorten(scene, keep_last=5)
    approve(scene)
    shorten(scene, keep_last=3)
    assert not run(scene).forgotten
