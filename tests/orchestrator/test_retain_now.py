"""Old snapshots removed on request: only what retention lets go of, and only with the same care as after a run."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from adapters.lease import FileLeases
from orchestrator import retain_now
from policies.errors import ConfigurationError, GuardrailViolation
from policies.retention import Retention
from policies.run import RunRecord, RunState
from tests.conftest import SteppedClock
from tests.orchestrator.scene import Scene, files_catalog

PLACE = ("docs", "docs", "local")


@pytest.fixture
def scene(fast_path: Path, clock: SteppedClock) -> Scene:
    made = Scene(fast_path, clock, files_catalog(fast_path))
    made.controller.start()
    for _ in range(20):
        run(made)
    return made


def run(scene: Scene) -> RunRecord:
    scene.clock.moment += timedelta(hours=24)
    return scene.controller.wait(scene.controller.now(*PLACE))


def application(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What it uses of one, on the scene's fakes."""
    scene.controller.engine.stop(interrupt=lambda: None, patience=0)
    monkeypatch.setattr(
        retain_now, "upkeep", lambda _application, _repository, _held=None: scene.tools(scene.ended[-1], None).upkeep
    )
    return SimpleNamespace(
        state=scene.state, clock=scene.clock, catalog=scene.catalog, policy=lambda name: scene.catalog.policies[name],
        leases=FileLeases(scene.folder / "leases", scene.clock),
    )  # fmt: skip


def shorten(scene: Scene, **rules: object) -> None:
    policy = scene.catalog.policies["docs"].model_copy(update={"retention": Retention.model_validate(rules)})
    scene.catalog = scene.catalog.changed(policies={"docs": policy})


def test_what_retention_keeps_stays(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    (due,) = retain_now.due_now(application(scene, monkeypatch), ["docs"], "1w")
    assert due.ids == ()
    assert due.kept == 12 or due.kept == 13
    assert len(scene.stored.snapshots) == 20


def test_what_it_lets_go_of_goes(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    shorten(scene, keep_last=15)
    app = application(scene, monkeypatch)
    (due,) = retain_now.due_now(app, ["docs"], None)
    assert len(due.ids) == 5
    assert len(scene.stored.snapshots) == 20, "looking removes nothing"
    done = retain_now.remove(app, due, None)
    assert set(done.ids) == set(due.ids)
    assert len(scene.stored.snapshots) == 15
    (entry,) = scene.state.ledger(kind="removal")
    assert set(entry.body["snapshots"]) == set(due.ids)  # type: ignore[call-overload]
    assert retain_now.due_now(app, ["docs"], None)[0].ids == ()


def test_of_it_only_what_is_older(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    shorten(scene, keep_last=12)
    app = application(scene, monkeypatch)
    (due,) = retain_now.due_now(app, ["docs"], "17d")
    assert 0 < len(due.ids) < 8


def test_a_large_share_is_not_removed(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    shorten(scene, keep_last=3)
    (due,) = retain_now.due_now(application(scene, monkeypatch), ["docs"], None)
    assert due.ids == ()
    assert "--approve-removal" in due.warning


def test_nothing_goes_after_a_doubtful_run(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    shorten(scene, keep_last=15)
    for path in (scene.folder / "data").iterdir():
        path.unlink()
    assert run(scene).state is not RunState.SUCCEEDED
    with pytest.raises(GuardrailViolation):
        retain_now.due_now(application(scene, monkeypatch), ["docs"], None)


def test_nothing_goes_that_was_not_shown(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    shorten(scene, keep_last=15)
    app = application(scene, monkeypatch)
    (due,) = retain_now.due_now(app, ["docs"], None)
    shown = retain_now.Due(due.place, due.ids[:2])
    assert set(retain_now.remove(app, shown, None).ids) == set(due.ids[:2])
    assert len(scene.stored.snapshots) == 18


def test_without_a_policy_nothing_says_what_may_go(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match="no policy protects wiki"):
        retain_now.due_now(application(scene, monkeypatch), ["wiki"], None)
