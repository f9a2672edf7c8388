"""The state is lost: it is made anew from the repositories and restora.yaml. Nothing runs twice, nothing is forgotten wrongly."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from orchestrator.board import read_board
from orchestrator.rebuild import rebuild
from orchestrator.wiring import Application
from policies.errors import Busy
from policies.run import RunState, Trigger
from tests.conftest import SteppedClock
from tests.orchestrator.nightly_site import Installation, policy
from tests.orchestrator.test_year_restic import Host

pytestmark = [pytest.mark.integration, pytest.mark.slow]
RULES = {"check_every": "1w", "read_all_every": None, "prune_every": "1w", "drill_every": None}


def nights(folder: Path, restic: Path, clock: SteppedClock) -> tuple[Installation, Host]:
    """Six nights of two datasets, five of which retention keeps."""
    home = Installation(
        folder / "home", restic=str(restic), timezone="Europe/Berlin",
        both=policy(("docs", "more"), retention={"keep_daily": 5}, verification=RULES),
    )  # fmt: skip
    host = Host(home, clock)
    host.look()
    while clock.moment < datetime(2026, 3, 16, 12, tzinfo=UTC):
        for dataset in ("docs", "more"):
            (home.home / dataset / "a.txt").write_text(f"{dataset} at {clock.moment}")
        clock.moment += timedelta(hours=1)
        host.look()
    return home, host


def lose(host: Host) -> None:
    host.off()
    for file in (host.home.home / "state").iterdir():
        if file.is_file():
            file.unlink()


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(datetime(2026, 3, 10, 12, tzinfo=UTC))


def test_a_lost_state_comes_back_and_the_schedule_goes_on(
    fast_path: Path, clock: SteppedClock, newest_restic: Path
) -> None:
    home, host = nights(fast_path, newest_restic, clock)
    before = read_board(host.application)
    there = {snapshot["id"] for snapshot in home.snapshots()}
    assert len(there) == 10
    points = {
        run.id: run.snapshots for run in host.application.state.runs() if set(run.snapshots) <= there and run.snapshots
    }
    lose(host)

    application = home.application(clock)
    steps = rebuild(application)
    assert all(step.ok for step in steps)
    assert "10 recovery points of 2 datasets" in steps[-1].text
    after = read_board(application)
    assert [(row.dataset, row.level, row.next_run) for row in after.rows] == [
        (row.dataset, row.level, row.next_run) for row in before.rows
    ]
    for was, now in zip(before.rows, after.rows, strict=True):
        assert was.last_good is not None
        assert now.last_good is not None
        assert abs(was.last_good - now.last_good) < timedelta(seconds=1)
    assert {run.id: run.snapshots for run in application.state.runs()} == points
    assert {run.state for run in application.state.runs()} == {RunState.SUCCEEDED}
    assert application.state.verify_ledger() is None

    host = Host(home, clock)
    following = host.look()
    assert {snapshot["id"] for snapshot in home.snapshots()} == there, "run doubly, or forgotten wrongly"
    assert following == datetime(2026, 3, 17, 1, 30, tzinfo=UTC)
    clock.moment = following
    host.look()
    host.off()
    newest = [run for run in home.application(clock).state.runs() if run.key == "both@2026-03-17#0"]
    assert [(run.state, run.trigger, len(run.forgotten)) for run in newest] == [
        (RunState.SUCCEEDED, Trigger.SCHEDULE, 1)
    ] * 2
    assert len(home.snapshots()) == 10


def test_a_night_that_was_missed_while_the_state_was_lost_is_caught_up(
    fast_path: Path, clock: SteppedClock, newest_restic: Path
) -> None:
    home, host = nights(fast_path, newest_restic, clock)
    lose(host)
    clock.moment = datetime(2026, 3, 17, 3, tzinfo=UTC)  # after the slot of the 17th
    rebuild(home.application(clock))
    host = Host(home, clock)
    host.look()
    host.look()
    runs = [run for run in host.application.state.runs() if run.key == "both@2026-03-17#0"]
    host.off()
    assert sorted((run.dataset, run.state, run.trigger) for run in runs) == [
        ("docs", RunState.SUCCEEDED, Trigger.CATCH_UP), ("more", RunState.SUCCEEDED, Trigger.CATCH_UP),
    ]  # fmt: skip


def test_what_is_at_work_is_not_pulled_away_from(fast_path: Path, newest_restic: Path) -> None:
    home = Installation(fast_path / "home", restic=str(newest_restic))
    application: Application = home.application()
    application.state.put_note("still", "here")
    with application.leases.take("engine", holder="restora"), pytest.raises(Busy, match="restora"):
        rebuild(home.application())
    assert home.application().state.note("still") == "here"


def test_by_the_command_line(fast_path: Path, newest_restic: Path) -> None:
    home = Installation(fast_path / "home", restic=str(newest_restic))
    run = home.start("run")
    assert run.wait(150) == 0, run.communicate()
    (home.home / "state" / "state.sqlite").write_bytes(b"not a database any more" * 400)
    broken = home.start("run", "--json")
    broken.communicate(timeout=150)
    assert broken.returncode != 0
    made = home.start("init", "--rebuild", "--json")
    said, _ = made.communicate(timeout=150)
    assert made.returncode == 0, said
    assert "set aside as" in json.loads(said)["steps"][0]["text"]
    listed = home.start("snapshots", "--json")
    said, _ = listed.communicate(timeout=150)
    (point,) = json.loads(said)["points"]
    assert point["snapshots"] == [snapshot["id"] for snapshot in home.snapshots()]


def test_what_was_suspect_is_suspect_again(fast_path: Path, clock: SteppedClock, newest_restic: Path) -> None:
    home = Installation(fast_path / "home", restic=str(newest_restic), docs=policy(verification=RULES))
    host = Host(home, clock)
    host.look()
    for number in range(10):
        (home.home / "docs" / f"{number}.txt").write_text("x" * 1000)
    for hours in (24, 24):
        clock.moment += timedelta(hours=hours)
        host.look()
    for number in range(10):
        (home.home / "docs" / f"{number}.txt").unlink()
    clock.moment += timedelta(hours=24)
    host.look()
    before = {run.id: run.state for run in host.application.state.runs()}
    assert list(before.values()).count(RunState.SUSPECT) == 1
    lose(host)
    application = home.application(clock)
    rebuild(application)
    assert {run.id: run.state for run in application.state.runs()} == before
