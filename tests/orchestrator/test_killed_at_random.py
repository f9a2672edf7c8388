"""A daemon that is killed again and again at moments of chance, with work to do: everything asked for is done once."""

from __future__ import annotations

import random
import signal
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from policies.request import Request
from policies.run import RunState
from tests.orchestrator.nightly_site import Installation, Logged, policy, until

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(900)]
LIVES, ORDERS = 10, 8


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_at_random(fast_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    # A check that is killed leaves a lock that keeps others out for half an hour: here it took place before.
    rules = {"check_every": "1y", "drill_every": None}
    home = Installation(
        fast_path / "home",
        both=policy(("docs", "more"), retention={"keep_last": 1000}, verification=rules),
    )
    first = home.start("run")
    assert first.wait(150) == 0, first.communicate()
    state = home.application().state
    for number in range(ORDERS):
        work = [["both", "docs", "local"], ["both", "more", "local"]]
        state.add_request(Request(f"order-{number}", datetime.now(UTC), {"work": work}))
    resumed = 0
    for life in range(LIVES):
        with Logged(home, f"life-{life}", "daemon") as daemon:
            if life % 4:  # one in four dies while it starts; the others when they have begun to look for requests
                daemon.saw("at work")
            end = time.monotonic() + (dice.uniform(2.0, 3.5) if life % 4 else dice.uniform(0.0, 1.5))
            while time.monotonic() < end:  # a moment of chance is what this test is about
                time.sleep(0.01)
            daemon.child.kill()
            daemon.ended()
        assert "Traceback" not in daemon.said()
        resumed += "resumed" in daemon.said()
    assert resumed > 1, "no kill hit a run"
    with Logged(home, "last", "daemon") as daemon:
        daemon.saw("at work")
        until(lambda: not state.open_requests() and not state.runs(unfinished=True), "all is done", process=daemon)
        daemon.child.send_signal(signal.SIGTERM)
        assert daemon.ended() == 0
    assert "Traceback" not in daemon.said()
    runs = state.runs(limit=1000)
    assert [run.state for run in runs] == [RunState.SUCCEEDED] * (2 + 2 * ORDERS), [run.reason for run in runs]
    assert len({(run.key, run.dataset) for run in runs}) == len(runs)
    assert sorted(s["id"] for s in home.snapshots()) == sorted(s for run in runs for s in run.snapshots)
    assert all(len(run.snapshots) == 1 for run in runs)
    told = [entry.body["run"] for entry in state.ledger(kind="run")]
    assert sorted(told) == sorted(run.id for run in runs), "told twice, or not at all"
    assert state.verify_ledger() is None
    assert "no errors were found" in home.restic("check", "--no-lock")
