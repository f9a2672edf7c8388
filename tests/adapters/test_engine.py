"""The durable engine and its fake, held to one contract; the durable one killed at every point."""

from __future__ import annotations

import base64
import os
import pickle
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from adapters.engine import DurableEngine
from adapters.lease import FileLeases
from policies.errors import Busy, Cancelled, RestoraError, StateError
from tests.adapters.engine_contract import EngineContract
from tests.conftest import ROOT
from tests.fakes.engine import Disk, InlineEngine, Killed

POINTS = ["before", "in:0", "after:0", "in:1", "after:1", "in:2", "after:2"]


class TestInline(EngineContract):
    def make(self, storage: Any) -> InlineEngine:
        return InlineEngine(storage)

    @pytest.fixture
    def storage(self) -> Disk:
        return Disk()


class TestDurable(EngineContract):
    def make(self, storage: Path) -> DurableEngine:
        return durable(storage)

    @pytest.fixture
    def storage(self, tmp_path: Path) -> Path:
        return tmp_path


def durable(folder: Path, **options: Any) -> DurableEngine:
    return DurableEngine(f"sqlite:///{folder}/engine.db", FileLeases(folder / "leases"), **options)


def life(folder: Path, number: int, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.adapters.engine_program", str(folder), *arguments],
        cwd=ROOT,
        env={**os.environ, "LIFE": str(number)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.integration
@pytest.mark.slow
def test_killed_at_every_point_in_turn(tmp_path: Path) -> None:
    """One workflow, eight processes: each is killed one point further on than the one before, the last finishes it."""
    for number, point in enumerate(POINTS):
        process = life(tmp_path, number, point)
        assert process.communicate(timeout=60)[0] == ""
        assert process.returncode == -signal.SIGKILL, point
    process = life(tmp_path, len(POINTS))
    said, _ = process.communicate(timeout=60)
    # a step whose result was recorded keeps it; one that was killed before that is done again by the next life
    assert said.strip() == "argument <0 by 2> <1 by 4> <2 by 6> []"
    assert (tmp_path / "did").read_text().split() == ["0", "0", "1", "1", "2", "2"]


@pytest.mark.integration
def test_killed_from_outside_in_the_middle_of_a_step(tmp_path: Path) -> None:
    first = life(tmp_path, 0, "block:1")
    assert first.stdout is not None
    assert first.stdout.readline() == "running\n"
    second = life(tmp_path, 1)
    assert second.communicate(timeout=60)[0] == ""  # Busy: the first holds the engine
    assert second.returncode == 1
    first.kill()
    first.wait()
    said, _ = life(tmp_path, 2).communicate(timeout=60)
    assert said.strip() == "argument <0 by 0> <1 by 2> <2 by 2> []"


def test_stop_leaves_a_running_workflow_to_the_next_start(tmp_path: Path) -> None:
    entered, go, did = threading.Event(), threading.Event(), []

    def body(steps: Any, argument: str) -> str:
        def slow() -> str:
            did.append("slow")
            entered.set()
            go.wait(30)
            return "slow"

        steps.step("quick", lambda: did.append("quick") or "")
        steps.step("slow", slow)
        return steps.step("last", lambda: did.append("last") or "end")

    engine = durable(tmp_path)
    engine.register("work", body)
    engine.start()
    engine.submit("work", "k", "")
    assert entered.wait(30)
    assert engine.pending() == ["k"]
    with pytest.raises(Busy, match="has not ended"):
        engine.wait("k", timeout=0.01)
    engine.stop()
    again = durable(tmp_path)
    again.register("work", body)
    with pytest.raises(Busy):  # the step that outlives `stop` still holds the engine
        again.start()
    go.set()
    with FileLeases(tmp_path / "leases").take("engine", wait=30):
        pass
    again.start()
    try:
        assert again.wait("k", timeout=30) == "end"
    finally:
        again.stop()
    assert did == ["quick", "slow", "slow", "last"]


def test_a_step_that_a_stop_interrupts_is_done_again(tmp_path: Path) -> None:
    """Cancelled while the engine stops is no result; at any other time it is the step's error, told again after a restart."""
    entered, cancel, did = threading.Event(), threading.Event(), []

    def body(steps: Any, argument: str) -> str:
        def work() -> str:
            did.append(argument)
            entered.set()
            if len(did) == 1:
                cancel.wait(30)
                raise Cancelled("the stop ended it")
            return "done"

        return steps.step("work", work)

    def cancelled(steps: Any, argument: str) -> str:
        def work() -> str:
            raise Cancelled("a person ended it")

        return steps.step("work", work)

    engine = durable(tmp_path)
    engine.register("work", body)
    engine.register("cancelled", cancelled)
    engine.start()
    with pytest.raises(Cancelled, match="a person"):
        engine.run("cancelled", "c", "")
    engine.submit("work", "k", "a")
    assert entered.wait(30)
    engine.stop(interrupt=cancel.set, patience=30)
    with FileLeases(tmp_path / "leases").take("engine"):  # it ended in time: nothing is held
        pass
    engine.start()
    try:
        assert engine.wait("k", timeout=30) == "done"
        with pytest.raises(Cancelled, match="a person"):
            engine.wait("c")
    finally:
        engine.stop()
    assert did == ["a", "a"]


def test_stop_waits_for_running_workflows_and_begins_no_others(tmp_path: Path) -> None:
    entered, did = threading.Event(), []

    def body(steps: Any, argument: str) -> str:
        def wait() -> str:
            did.append(argument)
            entered.set()
            with engine._changed:
                engine._changed.wait_for(lambda: engine._draining or argument == "b", 30)
            return ""

        steps.step("first", wait)
        return steps.step("second", lambda: did.append(f"{argument} again") or argument)

    engine = durable(tmp_path, concurrency=0)  # one thread, for one workflow at a time
    engine.register("work", body)
    engine.start()
    engine.submit("work", "a", "a")
    assert entered.wait(30)
    engine.submit("work", "b", "b")
    engine.stop(timeout=30)
    assert did == ["a", "a again"]
    with pytest.raises(Busy):
        engine.submit("work", "c", "c")
    engine.start()
    try:
        assert engine.wait("a") == "a"
        assert engine.wait("b", timeout=30) == "b"
    finally:
        engine.stop()


@pytest.mark.integration
def test_a_workflow_whose_name_is_gone_waits(tmp_path: Path) -> None:
    """A version that does not know the workflow leaves it alone; one that does goes on with it."""
    assert life(tmp_path, 0, "after:0").wait(60) == -signal.SIGKILL
    stranger = durable(tmp_path)
    stranger.register("other", lambda steps, argument: argument)
    stranger.start()
    with pytest.raises(Busy):
        stranger.wait("the key", timeout=1.5)
    assert stranger.pending() == ["the key"]
    stranger.stop()
    said, _ = life(tmp_path, 1).communicate(timeout=60)
    assert said.strip() == "argument <0 by 0> <1 by 1> <2 by 1> []"


def test_no_more_workflows_at_a_time_than_allowed(tmp_path: Path) -> None:
    lock, running, most = threading.Lock(), [0], [0]
    barrier = threading.Barrier(2)

    def body(steps: Any, argument: str) -> str:
        def work() -> str:
            with lock:
                running[0] += 1
                most[0] = max(most[0], running[0])
            barrier.wait(30)  # pairs of two: proves that two run at once
            with lock:
                running[0] -= 1
            return ""

        return steps.step("work", work)

    engine = durable(tmp_path, concurrency=2)
    engine.register("work", body)
    engine.start()
    try:
        for number in range(6):
            engine.submit("work", str(number), "")
        for number in range(6):
            engine.wait(str(number), timeout=30)
    finally:
        engine.stop()
    assert most[0] == 2


def test_a_pickle_in_the_database_is_never_read(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> Any:
            return (open, (str(tmp_path / "exploded"), "w"))

    engine = durable(tmp_path)
    engine.register("work", lambda steps, argument: argument)
    engine.start()
    engine.run("work", "k", "harmless")
    engine.stop()
    bomb = base64.b64encode(pickle.dumps(Bomb())).decode()
    with sqlite3.connect(tmp_path / "engine.db") as database:
        database.execute("UPDATE workflow_status SET serialization='py_pickle', output=?, inputs=?", (bomb, bomb))
    again = durable(tmp_path)
    again.register("work", lambda steps, argument: argument)
    again.start()
    try:
        with pytest.raises((StateError, RestoraError, ValueError)):
            again.wait("k", timeout=5)
    finally:
        again.stop()
    assert not (tmp_path / "exploded").exists()


def test_a_damaged_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "engine.db").write_bytes(b"no database at all, " * 500)
    engine = durable(tmp_path)
    with pytest.raises(StateError, match=r"engine\.db"):
        engine.start()
    with FileLeases(tmp_path / "leases").take("engine"):  # nothing is held after a failed start
        pass


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", [0, 1])
def test_the_fake_resumes_like_the_real_one(number: int, when: str) -> None:
    disk, did = Disk(), []

    def body(steps: Any, argument: str) -> str:
        return steps.step("a", lambda: did.append("a") or "a") + steps.step("b", lambda: did.append("b") or "b")

    first = InlineEngine(disk, crash=lambda *place: place == (number, when))
    first.register("work", body)
    first.start()
    with pytest.raises(Killed):
        first.submit("work", "k", "")
    again = InlineEngine(disk)
    again.register("work", body)
    again.start()
    assert again.wait("k") == "ab"
    assert did == ["a", "b"]


def test_nobody_else_can_read_the_database(tmp_path: Path) -> None:
    engine = durable(tmp_path)
    engine.start()
    engine.stop()
    assert (tmp_path / "engine.db").stat().st_mode & 0o077 == 0


@pytest.mark.integration
def test_costs_little(tmp_path: Path) -> None:
    """Import, start, one workflow, stop: processor seconds and peak memory of a whole process."""
    said, _ = life(tmp_path, 0).communicate(timeout=60)
    assert said.startswith("argument")
    seconds, kilobytes = (tmp_path / "cost").read_text().split()
    assert float(seconds) < 1.6  # 0.6 on a machine of its own; more where others are at work
    assert int(kilobytes) < 90 * 1024
