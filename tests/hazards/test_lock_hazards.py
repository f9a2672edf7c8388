"""Hazards of locks (docs/hazards.md): one left behind stops everything quietly, one removed too soon destroys."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from planner.health import Level, assess
from policies.errors import RepositoryLocked
from policies.run import RunState
from tests.adapters.repository_contract import DEAD
from tests.hazards.scene import RealScene, ids
from tests.servers.restic_template import PASSWORD

pytestmark = pytest.mark.integration


def hours_ago(hours: float) -> datetime:
    """By the real clock: that is what restic writes into its locks."""
    return datetime.now(UTC) - timedelta(hours=hours)


def test_stale_lock_does_not_stop_forgetting(scene: RealScene) -> None:
    """A prune was killed: its exclusive lock stops saving, checking, forgetting. It goes, once, and that is told."""
    good = scene.nights(2)
    scene.place.lock(hours_ago(3), pid=DEAD)
    (record,) = scene.nights(1)
    assert [s.id for s in scene.listed()] == ids([good[1], record])
    assert [w for w in record.warnings if "left behind" in w and str(DEAD) in w] == list(record.warnings)
    assert scene.nights(1)[0].warnings == ()


def test_stale_shared_lock_blocks_only_forgetting_and_is_removed(scene: RealScene) -> None:
    """A backup was killed: saving goes on beside its lock for weeks, forgetting never does."""
    good = scene.nights(2)
    scene.place.lock(hours_ago(3), pid=DEAD, exclusive=False)
    (record,) = scene.nights(1)
    assert [s.id for s in scene.listed()] == ids([good[1], record])
    assert any("left behind" in warning for warning in record.warnings)


def test_fresh_lock_makes_the_run_fail_and_stays(scene: RealScene) -> None:
    scene.place.lock(hours_ago(0.1), pid=DEAD)
    record = scene.run()
    assert record.state is RunState.FAILED
    assert "another process holds it" in record.reason
    assert len(list((scene.place.path / "locks").iterdir())) == 1


OURS = 0  # stands for the process of the test itself: a number that differs from worker to worker is no name of a test


@pytest.mark.parametrize(
    ("written", "file", "pid", "host"),
    [
        (5, 0, DEAD, "elsewhere"),  # the writer's clock is behind: its file is fresh
        (0, 5, DEAD, "elsewhere"),  # the file's time is wrong
        (-5, -5, DEAD, "elsewhere"),  # from the future
        (5, 5, OURS, ""),  # a process of this host that lives, and lived then
    ],
)
def test_both_clocks_and_the_process_must_agree(
    scene: RealScene, written: float, file: float, pid: int, host: str
) -> None:
    pid = os.getpid() if pid == OURS else pid
    if pid == os.getpid():  # a lock from before this process began would be somebody else's with the same number
        pid, written, file = 1, 5, 5
        if hours_ago(5) < booted():
            written = file = (datetime.now(UTC) - booted()) / timedelta(hours=1) - 0.001
    identity = scene.place.lock(hours_ago(written), pid=pid, host=host)
    moment = hours_ago(file).timestamp()
    os.utime(scene.place.path / "locks" / identity, (moment, moment))
    assert scene.repository().unlock_stale() == []
    assert (scene.place.path / "locks" / identity).exists()


def booted() -> datetime:
    """When this host began."""
    return datetime.now(UTC) - timedelta(seconds=float(Path("/proc/uptime").read_text().split()[0]))


@contextmanager
def live_writer(scene: RealScene) -> Iterator[subprocess.Popen[bytes]]:
    """A real restic of somebody else in the middle of a backup: it has its lock, and waits for more to save."""
    environment = {**os.environ, "RESTIC_PASSWORD": PASSWORD, "RESTIC_CACHE_DIR": str(scene.folder / "their-cache")}
    argv = [str(scene.place.restic), "-r", str(scene.place.path), "backup", "--stdin", "--host=other"]
    writer = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, env=environment)
    try:
        while not list((scene.place.path / "locks").iterdir()):
            with pytest.raises(subprocess.TimeoutExpired):  # it must not end before it has its lock
                writer.wait(0.05)
        yield writer
    finally:
        if writer.poll() is None:
            writer.kill()
        writer.wait(30)


def test_unlocking_never_races_a_live_writer(scene: RealScene) -> None:
    """Beside an old dead lock: restora saves, leaves checking and forgetting for another night, and removes nothing."""
    good = scene.nights(2)
    scene.place.lock(hours_ago(5), pid=DEAD, exclusive=False)
    with live_writer(scene) as writer:
        (record,) = scene.nights(1)
        assert len(list((scene.place.path / "locks").iterdir())) == 2
        assert {s.id for s in scene.listed()} == set(ids([*good, record]))
        assert [w for w in record.warnings if "not checked, so nothing was forgotten" in w] == list(record.warnings)
        assert writer.stdin
        writer.stdin.write(b"the end")
        writer.stdin.close()
        assert writer.wait(60) == 0
    (again,) = scene.nights(1)  # the writer is gone, and the dead lock with it
    assert {s.id for s in scene.listed() if s.host == "host1"} == set(ids([record, again]))
    assert len([s for s in scene.listed() if s.host == "other"]) == 1


def test_a_writer_that_was_killed_leaves_a_lock_that_waits_for_its_time(scene: RealScene) -> None:
    with live_writer(scene):
        pass
    assert scene.repository().unlock_stale() == []
    with pytest.raises(RepositoryLocked):
        scene.repository().check(lambda _progress: None)
    later = scene.place.open(now=lambda: datetime.now(UTC) + timedelta(hours=1))
    assert later.locks()[0].exclusive is False
    assert later.unlock_stale() != []  # the process is dead and both clocks call it old
    scene.repository().check(lambda _progress: None)


@pytest.mark.slow
def test_retention_that_stands_still_is_an_alarm(scene: RealScene) -> None:
    """52 days and 7,318 snapshots: backups succeed, forgetting does not."""
    scene.nights(1)
    since = {"docs": scene.clock.now() - timedelta(days=1)}

    def level() -> Level:
        return assess(scene.catalog, scene.state.board(), since, scene.clock.now(), scene.clock.now()).rows[0].level

    policy = scene.catalog.policies["docs"].model_copy(
        update={"verification": scene.catalog.policies["docs"].verification.model_copy(update={"drill_every": None})}
    )
    scene.catalog = scene.catalog.model_copy(update={"policies": {"docs": policy}})
    assert level() is Level.GOOD
    for _ in range(9):
        scene.place.lock(hours_ago(0), pid=DEAD, exclusive=False)
        record = scene.run()
        assert record.state is RunState.SUCCEEDED
    assert level() is Level.ATTENTION
    for lock in (scene.place.path / "locks").iterdir():
        lock.unlink()
    (record,) = scene.nights(1)  # nine of eleven at once, but no more than have come since: they had piled up
    assert len(record.forgotten) == 9
    assert (len(scene.listed()), level()) == (2, Level.GOOD)
