"""kill -9 at every step boundary and in the middle of restic, with the real engine and the real restic: the next start ends the
run, nothing is doubled, nothing is lost."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from policies.run import RunState
from tests.conftest import ROOT
from tests.orchestrator.nightly_site import Installation, policy, slow_once

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(900)]

STEPS = ["guard", "save", "weigh", "check", "forget", "prune", "tell"]
PLACES = [f"{when}:{step}" for step in STEPS for when in ("before", "in", "after") if (when, step) != ("in", "tell")]
WITHIN = 150.0  # a loaded machine is no failure


def life(home: Path, kind: str, request: str, where: str = "") -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.orchestrator.kill_program", str(home), kind, request, where]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def until(there: Callable[[], object], process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + WITHIN
    while not there():
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline, "it never came that far"
        time.sleep(0.02)


def finished(home: Path, kind: str, request: str) -> str:
    process = life(home, kind, request)
    said, _ = process.communicate(timeout=WITHIN)
    assert process.returncode == 0, said
    return said


def assert_ended_once(home: Installation, request: str, *, parts: int = 1) -> None:
    """The run succeeded, told once, with exactly its snapshots, and nobody holds or waits for anything."""
    application = home.application()
    state, leases = application.state, application.leases
    (run,) = [run for run in state.runs(limit=1000) if run.key.endswith(f"!{request}")]
    assert run.state is RunState.SUCCEEDED, run.reason
    assert run.reason == ""
    told = [entry for entry in state.ledger(kind="run") if entry.body["run"] == run.id]
    assert [entry.body["state"] for entry in told] == ["succeeded"]
    assert sorted(s["id"] for s in home.snapshots(f"run={run.id}")) == sorted(run.snapshots)
    assert len(run.snapshots) == parts
    (row,) = state.board()
    assert (row.last_good_run, row.last_state) == (run.id, RunState.SUCCEEDED)
    assert state.runs(unfinished=True) == []
    assert [leases.holder(name) for name in ("engine", "dataset:docs", "repository:local")] == [None, None, None]
    assert run.files
    assert run.bytes


@pytest.mark.parametrize("kind", ["files", "stream"])
def test_killed_at_every_step_boundary_in_turn(tmp_path: Path, kind: str) -> None:
    """One run, a process for each place: each is killed one place further on, the last ends the run. It has a check, a
    snapshot to forget and a prune to do."""
    home = Installation(tmp_path / "home")
    for number in range(3):
        (home.home / "docs" / "a.txt").write_text(f"night {number}")
        finished(home.home, kind, f"before-{number}")
    before = {s["id"]: s for s in home.snapshots()}
    state = home.application().state
    long_ago = (datetime.now(UTC) - timedelta(days=30)).isoformat()
    for note in ("checked:local", "pruned:local"):
        state.put_note(note, long_ago)
    for place in PLACES:
        process = life(home.home, kind, "the-run", place)
        said, _ = process.communicate(timeout=WITHIN)
        assert process.returncode == -signal.SIGKILL, f"{place}: {said}"
    finished(home.home, kind, "the-run")
    assert_ended_once(home, "the-run")
    (run,) = [run for run in state.runs() if run.key.endswith("!the-run")]
    there = {s["id"] for s in home.snapshots()}
    assert set(run.forgotten) == set(before) - there
    assert len(there) == 3
    assert len(run.forgotten) == 1
    assert state.note("checked:local") != long_ago
    assert state.note("pruned:local") != long_ago
    assert not run.warnings
    assert "no errors were found" in home.restic("check")


@pytest.mark.parametrize("kind", ["files", "stream"])
def test_killed_in_the_middle_of_restic(tmp_path: Path, kind: str, restic: Path) -> None:
    """restic dies a moment later, since nobody reads what it says: no snapshot came of it, the next start takes one."""
    home = installation(tmp_path, restic, 'exec "$restic" backup --limit-upload=200 "$@"')
    process = killed_while_restic_writes(home, kind)
    assert home.snapshots() == []
    said = finished(home.home, kind, "the-run")
    assert_ended_once(home, "the-run")
    assert len(home.snapshots()) == 1
    assert process.returncode == -signal.SIGKILL
    # Its lock is too young to be called left behind: what needs the repository alone waits for the next run, and says so.
    assert "succeeded" in said


def test_restic_that_goes_on_after_the_kill_is_waited_for(tmp_path: Path) -> None:
    """The lease lasts as long as the orphan. Its snapshot is found by the run's tag; as nobody heard how it ended, it is taken
    again on top of it and then removed."""
    home = installation(tmp_path, Path("/usr/bin/env"), 'restic backup --limit-upload=1500 "$@" >"$home/said" 2>&1')
    killed_while_restic_writes(home, "files")
    assert home.application().leases.holder("repository:local") is not None
    assert home.application().leases.holder("engine") is None
    finished(home.home, "files", "the-run")
    assert_ended_once(home, "the-run")
    (snapshot,) = home.snapshots()
    orphan = re.search(
        r"snapshot ([0-9a-f]{8}) saved|\"snapshot_id\":\"([0-9a-f]{8})", (home.home / "said").read_text()
    )
    assert orphan is not None, "restic did not go on"
    assert str(snapshot["id"])[:8] not in orphan.groups()
    (run,) = home.application().state.runs()
    assert (run.files, run.bytes) == (1, 4_000_000)


def installation(folder: Path, restic: Path, slowly: str) -> Installation:
    """Four megabytes that restic takes long for, but only the first time."""
    program = slow_once(folder, "restic" if restic.name == "env" else str(restic), slowly)
    home = Installation(folder / "home", restic=str(program), docs=policy())
    (home.home / "docs" / "a.txt").write_bytes(os.urandom(4_000_000))
    return home


def killed_while_restic_writes(home: Installation, kind: str) -> subprocess.Popen[str]:
    process = life(home.home, kind, "the-run")
    locks = home.home / "local" / "locks"
    until(lambda: (home.home / "began").exists() and any(locks.iterdir()), process)
    process.kill()
    process.wait()
    return process
