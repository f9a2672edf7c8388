"""Several processes on one installation, as on a real host: one lease for each dataset and repository, a daemon that takes
requests, stops in order, reads its configuration again, and is resumed after a kill."""

from __future__ import annotations

import os
import signal
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest

from policies.request import Request
from policies.run import RunRecord, RunState
from tests.orchestrator.nightly_site import Installation, Logged, policy, slow_once, until

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(900)]
SLOWLY = 'exec "$restic" backup --limit-upload=200 "$@"'


@pytest.fixture
def home(fast_path: Path) -> Installation:
    program = slow_once(fast_path, "restic", SLOWLY)
    made = Installation(fast_path / "home", restic=str(program), docs=policy(), more=policy(("more",)))
    (made.home / "docs" / "a.txt").write_bytes(os.urandom(3_000_000))
    return made


def in_restic(home: Installation, process: Logged) -> None:
    """Wait until its slow backup is under way."""
    locks = home.home / "local" / "locks"
    until(lambda: (home.home / "began").exists() and any(locks.iterdir()), "restic at work", process=process)


def swift(home: Installation) -> None:
    """No backup is slow."""
    (home.home / "began").mkdir(exist_ok=True)


def runs(home: Installation) -> list[RunRecord]:
    return sorted(home.application().state.runs(limit=100), key=lambda run: run.started or run.due)


def span(run: RunRecord) -> tuple[datetime, datetime]:
    """When it worked: what it captured, to its end."""
    assert run.point_time is not None
    assert run.ended is not None
    return run.point_time, run.ended


def assert_nothing_doubled(home: Installation, count: int) -> None:
    """That many good runs, each with exactly its snapshot, none beside another; nothing held, nothing left to do."""
    found = runs(home)
    assert [run.state for run in found] == [RunState.SUCCEEDED] * count, [run.reason for run in found]
    spans = sorted(span(run) for run in found)
    assert all(before[1] <= after[0] for before, after in pairwise(spans)), "two at once"
    assert sorted(s["id"] for s in home.snapshots()) == sorted(s for run in found for s in run.snapshots)
    assert all(len(run.snapshots) == 1 for run in found)
    leases = home.application().leases
    assert [leases.holder(name) for name in ("engine", "dataset:docs", "dataset:more", "repository:local")] == [
        None
    ] * 4
    assert home.application().state.open_requests() == []


@pytest.mark.parametrize("second", ["docs", "more"])
def test_two_runs_at_once(home: Installation, second: str) -> None:
    """Of one dataset, and of two datasets into one repository: the second waits until the first has ended, and then runs."""
    with Logged(home, "first", "run", "docs") as first:
        in_restic(home, first)
        with Logged(home, "second", "run", second) as other:
            other.saw("waiting")
            assert first.ended() == 0, first.said()
            assert other.ended() == 0, other.said()
    assert_nothing_doubled(home, 2)


def test_with_a_live_daemon_the_daemon_does_it(home: Installation) -> None:
    swift(home)
    with Logged(home, "daemon", "daemon") as daemon:
        daemon.saw("at work")
        with Logged(home, "run", "run", "docs", "more") as run:
            assert run.ended() == 0, run.said()
        daemon.saw("asked for by a person: docs into local, more into local")
        status = home.start("status")
        said, _ = status.communicate(timeout=150)
        assert "daemon alive" in said
        daemon.child.send_signal(signal.SIGTERM)
        assert daemon.ended() == 0
    assert "Traceback" not in daemon.said()
    assert_nothing_doubled(home, 2)


def test_a_daemon_that_is_killed_leaves_its_work_to_whoever_waits_for_it(home: Installation) -> None:
    """kill -9 in the middle of restic, while a person waits for the run: the person's process goes on with it."""
    with Logged(home, "daemon", "daemon") as daemon:
        daemon.saw("at work")
        with Logged(home, "run", "run", "docs") as run:
            in_restic(home, daemon)
            daemon.child.kill()
            assert run.ended() == 0, run.said()
    assert_nothing_doubled(home, 1)


def test_a_killed_daemon_goes_on_at_its_next_start(home: Installation) -> None:
    with Logged(home, "daemon", "daemon") as daemon:
        daemon.saw("at work")
        with Logged(home, "run", "run", "docs") as run:
            in_restic(home, daemon)
            run.child.kill()
            daemon.child.kill()
            daemon.ended()
    with Logged(home, "again", "daemon") as again:
        again.saw("1 unfinished run is resumed: docs into local")
        again.saw("docs into local: succeeded")
        again.child.send_signal(signal.SIGTERM)
        assert again.ended() == 0
    assert "Traceback" not in again.said()
    assert "WARNING Workflow" not in again.said()
    assert_nothing_doubled(home, 1)


def test_a_stop_ends_restic_in_order_and_the_next_start_goes_on(home: Installation) -> None:
    """SIGTERM in the middle of restic: no lock is left in the repository, the run is not failed."""
    with Logged(home, "daemon", "daemon", "--grace", "1") as daemon:
        daemon.saw("at work")
        with Logged(home, "run", "run", "docs") as run:
            in_restic(home, daemon)
            run.child.kill()
            daemon.child.send_signal(signal.SIGTERM)
            assert daemon.ended() == 0
    assert "1 run goes on at the next start: docs into local" in daemon.said()
    assert list((home.home / "local" / "locks").iterdir()) == []
    assert [run.state for run in runs(home)] == [RunState.SAVING]
    with Logged(home, "again", "daemon") as again:
        again.saw("docs into local: succeeded")
        again.child.send_signal(signal.SIGINT)
        assert again.ended() == 0
    assert_nothing_doubled(home, 1)


def test_a_stop_waits_for_what_ends_in_time(home: Installation) -> None:
    with Logged(home, "daemon", "daemon", "--grace", "60") as daemon:
        daemon.saw("at work")
        with Logged(home, "run", "run", "docs") as run:
            in_restic(home, daemon)
            daemon.child.send_signal(signal.SIGTERM)
            assert daemon.ended() == 0
            run.ended()
    assert "succeeded" in daemon.said()
    assert_nothing_doubled(home, 1)


def test_a_person_who_interrupts_a_run_leaves_it_to_the_next_start(home: Installation) -> None:
    """Ctrl-C in the middle of restic."""
    with Logged(home, "run", "run", "docs") as run:
        in_restic(home, run)
        run.child.send_signal(signal.SIGINT)
        assert run.ended() == 130
    assert "What was begun is resumed" in run.said()
    assert "Traceback" not in run.said()
    assert list((home.home / "local" / "locks").iterdir()) == []
    assert [run.state for run in runs(home)] == [RunState.SAVING]
    with Logged(home, "other", "run", "more") as other:
        assert other.ended() == 0
    with Logged(home, "again", "daemon") as again:
        again.saw("at work")
        until(lambda: not home.application().state.runs(unfinished=True), "all is done", process=again)
        again.child.send_signal(signal.SIGTERM)
        assert again.ended() == 0
    assert_nothing_doubled(home, 2)


def test_a_person_who_no_longer_waits_wants_no_run(home: Installation) -> None:
    """The request of one who was interrupted while he waited for another's run is taken back."""
    with Logged(home, "first", "run", "docs") as first:
        in_restic(home, first)
        with Logged(home, "second", "run", "more") as second:
            second.saw("waiting")
            second.child.send_signal(signal.SIGINT)
            assert second.ended() == 130
        assert first.ended() == 0
    assert_nothing_doubled(home, 1)


def test_restic_that_is_killed_alone_is_a_failed_run_that_is_tried_again(home: Installation) -> None:
    """The kernel ran out of memory: the run says so; its slot would be tried again after a while."""
    program = home.home.parent / "slow-restic"
    program.write_text(program.read_text().replace(SLOWLY, "kill -9 $$"))
    with Logged(home, "run", "run", "docs") as run:
        assert run.ended() == 6, run.said()
    (failed,) = runs(home)
    assert failed.state is RunState.FAILED
    assert "ended by signal 9" in failed.reason
    assert home.application().state.runs(unfinished=True) == []


def test_a_second_daemon_waits_and_takes_over(home: Installation) -> None:
    with Logged(home, "one", "daemon") as one, Logged(home, "two", "daemon") as two:
        until(lambda: "waits until" in one.said() + two.said(), "one that waits")
        working, waiting = (one, two) if "waits until" in two.said() else (two, one)
        working.saw("at work:")
        working.child.kill()
        waiting.saw("daemon at work")
        waiting.child.send_signal(signal.SIGTERM)
        assert waiting.ended() == 0


def test_restora_yaml_is_read_again_and_a_broken_one_is_not_in_force(home: Installation) -> None:
    swift(home)
    state = home.application().state
    with Logged(home, "daemon", "daemon") as daemon:
        daemon.saw("at work: 2 policies")
        good = home.config.read_text()
        home.config.write_text(good + "\nbroken: [")
        daemon.saw("restora.yaml is not valid, the configuration before it stays in force")
        # what the daemon does meanwhile, it does by the configuration in force

        state.add_request(Request("r", datetime.now().astimezone(), {"work": [["docs", "docs", "local"]]}))
        daemon.saw("docs into local: succeeded")
        home.write(docs=policy(), more=policy(("more",)), third=policy(("docs", "more")))
        daemon.saw("restora.yaml is valid again")
        daemon.saw("is in force: 3 policies")
        daemon.child.send_signal(signal.SIGTERM)
        assert daemon.ended() == 0
    assert daemon.said().count("is not valid") == 1
    assert "Traceback" not in daemon.said()
    assert_nothing_doubled(home, 1)


def test_a_request_that_nobody_can_read_is_refused_and_told_once(home: Installation) -> None:

    home.application().state.add_request(Request("r", datetime.now().astimezone(), {"work": "everything"}))
    with Logged(home, "daemon", "daemon") as daemon:
        daemon.saw("request r can't be read")
        daemon.child.send_signal(signal.SIGTERM)
        assert daemon.ended() == 0
    assert daemon.said().count("can't be read") == 1
    assert home.application().state.open_requests() == []
