"""Leases across threads, processes and kills."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.clock import SystemClock
from adapters.lease import FileLeases
from policies.errors import Busy, StateError
from tests.conftest import ROOT, SteppedClock

# takes a lease, starts a child that inherits it and lives until its stdin ends, tells both process ids, then waits
HOLDER = """
import subprocess, sys, threading
from pathlib import Path
from adapters.lease import FileLeases
with FileLeases(Path(sys.argv[1])).take("repository:local", holder="backup of db") as fds:
    child = 0
    if sys.argv[2] == "child":
        child = subprocess.Popen(["cat"], stdin=sys.stdin, stdout=subprocess.DEVNULL, pass_fds=fds).pid
    print(child, flush=True)
    threading.Event().wait()
"""


def test_one_holder_at_a_time(tmp_path: Path, clock: SteppedClock) -> None:
    leases = FileLeases(tmp_path / "leases", clock)
    assert leases.holder("db") is None
    with leases.take("db", holder="backup of db") as descriptors:
        assert all(os.get_inheritable(each) for each in descriptors)
        holder = leases.holder("db")
        assert holder is not None
        assert (holder.pid, holder.what, holder.since) == (os.getpid(), "backup of db", clock.now())
        with pytest.raises(Busy, match=rf"backup of db.*{os.getpid()}.*2026-03-11 10:30:00"), leases.take("db"):
            pass
        with leases.take("www"):
            pass
    assert leases.holder("db") is None
    with leases.take("db"):
        pass


def test_all_or_none(tmp_path: Path, clock: SteppedClock) -> None:
    leases = FileLeases(tmp_path, clock)
    with leases.take("b"):
        with pytest.raises(Busy, match=r"^b is in use"), leases.take("c", "b", "a"):
            pass
        assert leases.holder("a") is None
        assert leases.holder("c") is None
    with leases.take("c", "a", "b", "a") as descriptors:
        assert len(descriptors) == 3


def test_an_error_inside_gives_it_back(tmp_path: Path) -> None:
    leases = FileLeases(tmp_path)
    with pytest.raises(ZeroDivisionError), leases.take("a"):
        raise ZeroDivisionError
    with leases.take("a"):
        pass


def test_waits_for_the_holder(tmp_path: Path) -> None:
    class Clock(SteppedClock):
        def wait(self, seconds: float) -> None:
            super().wait(seconds)
            if self.now() - start > timedelta(seconds=2):
                held.__exit__(None, None, None)

    clock = Clock()
    start = clock.now()
    held = FileLeases(tmp_path, clock).take("a")
    held.__enter__()
    with FileLeases(tmp_path, clock).take("a", wait=10):
        assert timedelta(seconds=2) < clock.now() - start < timedelta(seconds=3)


def test_waits_no_longer_than_allowed(tmp_path: Path, clock: SteppedClock) -> None:
    start = clock.now()
    with FileLeases(tmp_path, clock).take("a"):
        with pytest.raises(Busy), FileLeases(tmp_path, clock).take("a", wait=3):
            pass
        assert timedelta(seconds=3) <= clock.now() - start < timedelta(seconds=4)


def test_any_name_is_a_file_of_its_own(tmp_path: Path) -> None:
    leases = FileLeases(tmp_path / "leases")
    names = ["a/b", "a_b", "../a", "a" * 300, "数据库", "", "."]
    with leases.take(*names) as descriptors:
        assert len(descriptors) == len(names)
    assert len(list((tmp_path / "leases").iterdir())) == len(names)


def test_threads_exclude_each_other(tmp_path: Path) -> None:
    leases, inside, most = FileLeases(tmp_path), [0], [0]

    def work() -> None:
        for _ in range(20):
            with leases.take("a", wait=30):
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                inside[0] -= 1

    class Eager(SystemClock):
        def wait(self, seconds: float) -> None:
            os.sched_yield()

    leases = FileLeases(tmp_path, Eager())
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert most == [1]


def hold(tmp_path: Path, kind: str) -> tuple[subprocess.Popen[str], int]:
    parent = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path), kind],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    return parent, int(parent.stdout.readline())


@pytest.mark.integration
def test_a_killed_holder_leaves_nothing_behind(tmp_path: Path) -> None:
    parent, _ = hold(tmp_path, "alone")
    leases = FileLeases(tmp_path)
    with pytest.raises(Busy, match=f"backup of db.*{parent.pid}"), leases.take("repository:local"):
        pass
    parent.kill()
    parent.wait()
    with leases.take("repository:local"):
        pass


@pytest.mark.integration
def test_a_child_keeps_the_lease_of_its_killed_parent(tmp_path: Path) -> None:
    parent, child = hold(tmp_path, "child")
    leases = FileLeases(tmp_path)
    parent.kill()
    parent.wait()
    os.kill(child, 0)  # it lives
    with pytest.raises(Busy, match="backup of db"), leases.take("repository:local"):
        pass
    assert leases.holder("repository:local") is not None
    os.kill(child, signal.SIGTERM)
    with leases.take("repository:local", wait=30):  # no child of ours, so there is nothing to wait for but the lease
        pass


def test_a_folder_that_can_not_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StateError, match="can't be opened"), FileLeases(tmp_path / "file").take("a"):
        pass


def test_an_unsigned_lease_is_held_all_the_same(tmp_path: Path, clock: SteppedClock) -> None:
    leases = FileLeases(tmp_path, clock)
    with leases.take("a"):
        next(tmp_path.iterdir()).write_text("half a sig")
        assert leases.holder("a") is not None
        with pytest.raises(Busy, match="another run"), leases.take("a"):
            pass
