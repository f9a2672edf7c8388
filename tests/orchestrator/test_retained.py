"""Which points fill places, and whose turn of the data it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from adapters.state.store import StateStore
from orchestrator.retained import Shelf
from orchestrator.upkeep import Upkeep
from policies.errors import RepositoryLocked
from policies.policy import Policy
from policies.retention import Retention
from policies.run import ENDS, RunRecord, RunState, Trigger
from policies.snapshot import RecoveryPoint, Snapshot
from tests.conftest import SteppedClock
from tests.fakes.repository import FakeRepository, Stored
from tests.orchestrator.scene import Scene, files_catalog

NOW = datetime(2026, 3, 11, 10, 30, tzinfo=UTC)


@pytest.fixture
def state(fast_path: Path) -> StateStore:
    return StateStore(f"sqlite:///{fast_path / 'state.sqlite'}")


def point(
    number: int, *, parts: int = 1, host: str = "host1", dataset: str = "docs", policy: str = "docs"
) -> RecoveryPoint:
    """The point of that many nights ago."""
    moment = NOW - timedelta(days=number)
    tags = (f"run=r{number}", f"dataset={dataset}", f"policy={policy}")
    made = tuple(Snapshot(f"{number:032x}{part:032x}", moment, host, ("/data",), tags) for part in range(parts))
    return RecoveryPoint(f"r{number}", dataset, "local", moment, made)


def remember(state: StateStore, point: RecoveryPoint, ended: RunState, *, snapshots: int | None = None) -> None:
    record = RunRecord(
        point.id, f"docs@{point.id}", "docs", "docs", "local", RunState.QUEUED, Trigger.SCHEDULE, point.time,
        snapshots=tuple(s.id for s in point.parts)[: snapshots if snapshots is not None else None],
    )  # fmt: skip
    state.add_run(record)
    state.update_run(replace(record, state=ended))


def judged(state: StateStore, points: list[RecoveryPoint], **rules: object) -> dict[str, bool]:
    shelf = Shelf.of(points, state, dataset="docs", policy="docs", host="host1")
    retention = Retention.model_validate({"at_least": 1, **rules})
    verdicts = shelf.judge(retention, zone=ZoneInfo("Europe/Berlin"), now=NOW, protected={})
    assert len({verdict.point for verdict in verdicts}) == len(verdicts) == len(shelf.points)
    assert all(verdict.reasons for verdict in verdicts)
    return {verdict.point: verdict.keep for verdict in verdicts}


@pytest.mark.parametrize("ended", sorted(ENDS - {RunState.SUCCEEDED, RunState.PARTIAL}))
def test_only_good_points_fill_places(state: StateStore, ended: RunState) -> None:
    points = [point(number) for number in range(5)]
    for each in points:
        remember(state, each, ended if each.id in {"r0", "r1"} else RunState.SUCCEEDED)
    assert judged(state, points, keep_last=2) == {"r0": True, "r1": True, "r2": True, "r3": True, "r4": False}


def test_what_stands_aside_goes_when_no_point_of_its_age_is_kept(state: StateStore) -> None:
    points = [point(number) for number in range(5)]
    for each in points:
        remember(state, each, RunState.SUSPECT if each.id in {"r1", "r4"} else RunState.SUCCEEDED)
    assert judged(state, points, keep_last=2) == {"r0": True, "r1": True, "r2": True, "r3": False, "r4": False}


def test_with_nothing_but_suspects_all_stay(state: StateStore) -> None:
    points = [point(number) for number in range(5)]
    for each in points:
        remember(state, each, RunState.SUSPECT)
    assert all(judged(state, points, keep_last=1).values())


def test_a_point_that_lost_a_part_fills_no_place(state: StateStore) -> None:
    whole, torn = point(1, parts=3), point(0, parts=3)
    for each in (whole, torn):
        remember(state, each, RunState.SUCCEEDED)
    torn = replace(torn, parts=torn.parts[:2])
    assert judged(state, [torn, whole], keep_last=1) == {"r0": True, "r1": True}


def test_a_run_that_has_not_ended_fills_no_place(state: StateStore) -> None:
    remember(state, point(0), RunState.SAVING, snapshots=0)
    remember(state, point(1), RunState.SUCCEEDED)
    assert judged(state, [point(0), point(1)], keep_last=1) == {"r0": True, "r1": True}


def test_other_hosts_are_nobodys_business_unless_their_run_is_ours(state: StateStore) -> None:
    ours, renamed, theirs = point(0), point(1, host="before"), point(2, host="other")
    remember(state, renamed, RunState.SUCCEEDED)
    assert judged(state, [ours, renamed, theirs, point(3, policy="other"), point(4, dataset="other")], keep_last=1) == {
        "r0": True, "r1": False,
    }  # fmt: skip


def turn(care: Upkeep, every: str, whole: str) -> None:
    """The check that a policy with these cadences makes now."""
    policy = Policy.model_validate(
        {
            "datasets": ["docs"], "repositories": ["local"], "schedule": {"every": "1d", "at": ["01:40"]}, "retention": {"keep_last": 1},
            "verification": {"check_every": every, "read_all_every": whole},
        }
    )  # fmt: skip
    care.check_if_due(policy, lambda _progress: None, force=True)


def test_policies_that_cut_the_data_differently_turn_separately(state: StateStore, clock: SteppedClock) -> None:
    """Each began anew at the other's turn, and most of the data was never read."""
    stored = Stored()
    care = Upkeep(state, clock, FakeRepository("local", stored), host="host1", zone=ZoneInfo("UTC"))
    for _ in range(3):
        turn(care, "1d", "3d")
        turn(care, "1d", "2d")
    parts = [call for call in stored.calls if call.startswith("check")]
    assert parts == [f"check ({a}, {b})" for a, b in ((1, 3), (1, 2), (2, 3), (2, 2), (3, 3), (1, 2))]


def test_restic_reads_in_at_most_256_parts(state: StateStore, clock: SteppedClock) -> None:
    stored = Stored()
    turn(Upkeep(state, clock, FakeRepository("local", stored), host="h", zone=ZoneInfo("UTC")), "1h", "52w")
    assert [call for call in stored.calls if call.startswith("check")] == ["check (1, 256)"]


def test_the_damaged_part_is_read_until_it_is_sound(state: StateStore, clock: SteppedClock) -> None:
    stored = Stored()
    care = Upkeep(state, clock, FakeRepository("local", stored), host="host1", zone=ZoneInfo("UTC"))
    turn(care, "1d", "3d")
    stored.unread = "pack 1234: bytes turned"
    turn(care, "1d", "3d")
    turn(care, "1d", "2d")
    stored.unread = ""
    turn(care, "1d", "3d")
    turn(care, "1d", "3d")
    parts = [call for call in stored.calls if call.startswith("check")]
    assert parts == [f"check ({n}, 3)" for n in (1, 2, 2, 2, 3)]


def test_a_check_that_could_not_run_lets_the_backup_stand_and_nothing_go(fast_path: Path, clock: SteppedClock) -> None:
    class Held(FakeRepository):
        def check(self, *_arguments: object, **_options: object) -> None:
            raise RepositoryLocked("another process holds it")

    scene = Scene(fast_path, clock, files_catalog(fast_path, retention={"keep_last": 1, "at_least": 1}))
    tools = scene.tools

    def with_held(record: RunRecord, held: object) -> object:
        made = tools(record, held)
        broken = Held("local", scene.stored)
        made.upkeep.repository = broken
        return replace(made, repository=broken)

    scene.controller.tools = with_held  # type: ignore[assignment]  # the same shape
    scene.controller.start()
    for _ in range(3):
        clock.wait(86400)
        record = scene.controller.wait(scene.controller.now("docs", "docs", "local"))
        assert record.state is RunState.SUCCEEDED, record.reason
        assert any("not checked, so nothing was forgotten" in warning for warning in record.warnings)
    assert len(scene.stored.snapshots) == 3
    assert "prune" not in scene.stored.calls


def test_a_renamed_policy_is_weighed_against_what_the_dataset_was(fast_path: Path, clock: SteppedClock) -> None:
    scene = Scene(fast_path, clock, files_catalog(fast_path))
    scene.controller.start()
    for number in range(9):
        (fast_path / "data" / f"{number}").write_text("content")
    assert scene.controller.wait(scene.controller.now("docs", "docs", "local")).state is RunState.SUCCEEDED
    scene.catalog = scene.catalog.model_copy(update={"policies": {"renamed": scene.catalog.policies["docs"]}})
    for number in range(9):
        (fast_path / "data" / f"{number}").unlink()
    clock.wait(86400)
    record = scene.controller.wait(scene.controller.now("renamed", "docs", "local"))
    assert record.state is RunState.SUSPECT
