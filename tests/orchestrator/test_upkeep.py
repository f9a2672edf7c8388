"""Locks that were left behind, checks that can't take place, retention that fails: what a run makes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from planner.health import assess
from policies.errors import RepositoryLocked, RestoraError, StorageUnavailable
from policies.run import RunRecord, RunState
from tests.conftest import SteppedClock
from tests.fakes.engine import Disk, Killed
from tests.fakes.repository import FakeRepository
from tests.orchestrator.scene import Scene, files_catalog

RULES = {"check_every": "1d", "prune_every": "1d"}


@dataclass
class Trouble:
    """What stands in the way of a word (`check`, `forget`, `prune`, `save`), and whether it can be unlocked."""

    of: dict[str, RestoraError] = field(default_factory=dict)
    stale: bool = False
    unlocked: int = 0

    def meet(self, word: str) -> None:
        if word in self.of:
            raise self.of[word]


@pytest.fixture
def trouble(monkeypatch: pytest.MonkeyPatch) -> Trouble:
    found = Trouble()

    def meeting(word: str, method: Callable[..., object]) -> Callable[..., object]:
        def met(self: FakeRepository, *given: object, **named: object) -> object:
            found.meet(word)
            return method(self, *given, **named)

        return met

    def unlock(_self: FakeRepository) -> list[str]:
        if not found.stale:
            return []
        found.unlocked += 1
        found.of.clear()
        return ["exclusive lock 1234abcd of process 7"]

    for word, name in (("check", "check"), ("forget", "forget"), ("prune", "prune"), ("save", "save_paths")):
        monkeypatch.setattr(FakeRepository, name, meeting(word, getattr(FakeRepository, name)))
    monkeypatch.setattr(FakeRepository, "unlock_stale", unlock)
    return found


@pytest.fixture
def scene(fast_path: Path, clock: SteppedClock) -> Scene:
    made = Scene(fast_path, clock, files_catalog(fast_path, retention={"keep_last": 3}, verification=RULES))
    made.controller.start()
    return made


def nights(scene: Scene, count: int = 1) -> RunRecord:
    for _ in range(count):
        scene.clock.moment += timedelta(days=1)
        record = scene.controller.wait(scene.controller.now("docs", "docs", "local"))
    return record


LOCKED = RepositoryLocked("another process holds it", hint="wait")


@pytest.mark.parametrize("word", ["save", "check", "forget", "prune"])
def test_a_lock_that_was_left_behind_is_removed_and_the_work_done(scene: Scene, trouble: Trouble, word: str) -> None:
    nights(scene, 3)
    trouble.of[word], trouble.stale = LOCKED, True
    record = nights(scene)
    assert (record.state, trouble.unlocked) == (RunState.SUCCEEDED, 1)
    assert record.warnings == ("removed what was left behind: exclusive lock 1234abcd of process 7",)
    assert len(scene.stored.snapshots) == 3
    assert scene.stored.calls[-1] == "prune"


def test_a_check_that_a_lock_keeps_from_taking_place_is_a_warning_and_nothing_is_rewritten(
    scene: Scene, trouble: Trouble
) -> None:
    nights(scene, 4)
    pruned = scene.stored.calls.count("prune")
    trouble.of["check"] = LOCKED
    record = nights(scene)
    assert record.state is RunState.SUCCEEDED
    assert record.warnings == ("not checked, so nothing was forgotten: another process holds it",)
    assert len(scene.stored.snapshots) == 4
    assert scene.stored.calls.count("prune") == pruned
    trouble.of.clear()
    assert nights(scene).warnings == ()
    assert scene.stored.calls.count("prune") == pruned + 1


def test_a_repository_that_can_no_longer_be_read_makes_the_run_suspect(scene: Scene, trouble: Trouble) -> None:
    nights(scene, 3)
    trouble.of["check"] = StorageUnavailable("it can't be reached")
    record = nights(scene)
    assert record.state is RunState.SUSPECT
    assert record.reason == "saved, but the repository could not be checked: it can't be reached. Nothing was forgotten"
    assert len(record.snapshots) == 1
    assert len(scene.stored.snapshots) == 4


def test_retention_that_fails_is_told_and_what_stayed_is_not_called_forgotten(scene: Scene, trouble: Trouble) -> None:
    nights(scene, 3)
    trouble.of["forget"] = LOCKED
    record = nights(scene)
    assert record.state is RunState.SUCCEEDED
    assert record.forgotten == ()
    assert record.warnings == ("retention was not applied: another process holds it",)
    assert len(scene.stored.snapshots) == 4
    trouble.of.clear()
    assert len(nights(scene).forgotten) == 2


def test_a_long_rotation_of_read_parts_is_no_more_than_restic_takes(fast_path: Path, clock: SteppedClock) -> None:
    rules = {"check_every": "1h", "read_all_every": "1y"}
    made = Scene(fast_path, clock, files_catalog(fast_path, verification=rules))
    made.controller.start()
    nights(made, 2)
    assert [call for call in made.stored.calls if call.startswith("check")] == ["check (1, 256)", "check (2, 256)"]


def test_a_check_noted_by_a_wrong_clock_does_not_put_checks_off(scene: Scene) -> None:
    nights(scene)
    scene.clock.moment -= timedelta(days=200)
    nights(scene)
    assert len([call for call in scene.stored.calls if call.startswith("check")]) == 2


def test_retention_that_a_guardrail_refuses_grows_old_on_the_board(scene: Scene) -> None:
    first = nights(scene)
    ahead = replace(scene.stored.snapshots[first.snapshots[0]], time=scene.clock.now() + timedelta(days=400))
    scene.state.put_snapshots("local", [ahead], whole=False)
    last = scene.state.board()[0].last_forget
    assert last is not None
    record = nights(scene, 9)
    assert "ahead of now" in record.warnings[0]
    assert scene.state.board()[0].last_forget == last
    board = assess(scene.catalog, scene.state.board(), {}, scene.clock.now(), scene.clock.now())
    assert board.exit_code == 20
    assert "retention is not applied: last time 9 d ago" in board.rows[0].problem


def test_the_engine_lost_its_memory_in_the_middle_of_a_run(scene: Scene) -> None:
    """Its file is gone, the state is there: the run begins anew, and finds the snapshot that it had made."""
    scene.crash = lambda step, when: (step, when) == (3, "before")
    with pytest.raises(Killed):
        nights(scene)
    scene.crash = lambda _step, _when: False
    scene.disk = Disk()
    scene.restart()
    scene.controller.start()
    (record,) = scene.state.runs()
    assert record.state is RunState.SUCCEEDED, record.reason
    assert list(scene.stored.snapshots) == list(record.snapshots)


def test_what_piled_up_behind_a_lock_is_forgotten_when_it_is_gone(scene: Scene, trouble: Trouble) -> None:
    nights(scene, 3)
    trouble.of["forget"] = LOCKED
    nights(scene, 8)
    assert len(scene.stored.snapshots) == 11
    trouble.of.clear()
    record = nights(scene)
    assert (record.warnings, len(record.forgotten), len(scene.stored.snapshots)) == ((), 9, 3)


@pytest.mark.parametrize("change", ["rules", "clock"])
def test_many_that_go_for_another_reason_stay(fast_path: Path, clock: SteppedClock, change: str) -> None:
    """Shorter rules that nobody approved, or a clock that jumped ahead by a year."""
    made = Scene(fast_path, clock, files_catalog(fast_path, retention={"keep_within": "30d"}, verification=RULES))
    made.controller.start()
    nights(made, 12)
    if change == "rules":
        made.catalog = files_catalog(fast_path, retention={"keep_within": "2d"}, verification=RULES)
    else:
        made.clock.moment += timedelta(days=365)
    record = nights(made)
    assert record.forgotten == ()
    assert "that is not how points age" in record.warnings[0]
    assert len(made.stored.snapshots) == 13
