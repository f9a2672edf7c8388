"""Two processes in a row, and what outlives a kill: a broken stream is never taken for a whole one, a lease ends last."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from adapters import process
from adapters.lease import FileLeases
from policies.capture import Command
from policies.errors import Busy, Cancelled
from tests.adapters.test_process import ends, sh
from tests.conftest import ROOT

# runs a process as restora would, holding a lease; tells its own and the child's pid by a file
PARENT = """
import sys
from pathlib import Path
from adapters import process
from adapters.lease import FileLeases
from policies.capture import Command
kind, folder = sys.argv[1], Path(sys.argv[2])
with FileLeases(folder / "leases").take("repository:local", holder="test") as fds:
    if kind == "run":
        process.run(Command(("sh", "-c", "echo $$; exec sleep 600")), timeout=None, keep_fds=fds,
                    on_line=lambda line: print(line, flush=True))
    else:
        process.pipe(
            Command(("sh", "-c", "echo data; exec sleep 600")),
            Command(("sh", "-c", f"echo $$; cat >/dev/null; touch {folder}/whole")), timeout=None, keep_fds=fds,
            on_line=lambda line: print(line, flush=True))
"""


def consumer(folder: Path) -> Command:
    """Saves what it gets, and believes it whole once it has seen its end."""
    return sh(f"cat > {folder}/saved; touch {folder}/whole")


def test_a_good_stream_arrives_and_is_counted(tmp_path: Path) -> None:
    piped = process.pipe(sh("printf PGDMP; head -c 3000000 /dev/zero"), consumer(tmp_path), timeout=60)
    assert piped.accepted
    assert (piped.bytes, piped.head[:5]) == (3_000_005, b"PGDMP")
    assert (piped.producer.exit_code, piped.consumer.exit_code) == (0, 0)
    assert (tmp_path / "saved").stat().st_size == 3_000_005
    assert (tmp_path / "whole").exists()


@pytest.mark.parametrize("producer", ["echo half; exit 3", "echo half; kill -9 $$", "exit 1"])
def test_the_consumer_never_sees_the_end_of_a_broken_stream(tmp_path: Path, producer: str) -> None:
    piped = process.pipe(sh(f"echo why >&2; {producer}"), consumer(tmp_path), timeout=60, grace=2)
    assert not piped.accepted
    assert not piped.refused
    assert piped.producer.exit_code != 0
    assert piped.producer.stderr == "why"
    assert not (tmp_path / "whole").exists()


def test_what_is_not_accepted_is_not_seen_to_end(tmp_path: Path) -> None:
    piped = process.pipe(
        sh("echo short"),
        consumer(tmp_path),
        timeout=60,
        grace=2,
        accept=lambda code, count, _head: code == 0 and count > 100,
    )
    assert (piped.accepted, piped.bytes, piped.producer.exit_code) == (False, 6, 0)
    assert not (tmp_path / "whole").exists()


def test_a_consumer_that_gives_up_is_told_apart(tmp_path: Path) -> None:
    piped = process.pipe(sh("exec yes"), sh("head -c 10 >/dev/null; echo full >&2; exit 5"), timeout=60, grace=2)
    assert piped.refused
    assert not piped.accepted
    assert (piped.consumer.exit_code, piped.consumer.stderr) == (5, "full")


def test_cancelled_the_consumer_believes_nothing(tmp_path: Path) -> None:
    cancel = threading.Event()
    threading.Timer(0.3, cancel.set).start()
    with pytest.raises(Cancelled):
        process.pipe(sh("echo half; exec sleep 600"), consumer(tmp_path), timeout=60, cancel=cancel, grace=2)
    assert not (tmp_path / "whole").exists()


def test_a_stream_that_stands_still_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(process.TimedOut):
        process.pipe(sh("echo half; exec sleep 600"), consumer(tmp_path), timeout=60, stall=0.4, grace=2)
    assert not (tmp_path / "whole").exists()


def test_secrets_of_both_are_masked(tmp_path: Path) -> None:
    piped = process.pipe(
        sh('echo "$ONE $TWO" >&2; exit 1', ONE="first-secret"), sh('cat; echo "$TWO" >&2', TWO="second-secret"),
        timeout=60, mask=["third-secret"], grace=2,
    )  # fmt: skip
    assert "secret" not in piped.producer.stderr + piped.consumer.stderr


def started(kind: str, folder: Path) -> tuple[subprocess.Popen[str], int]:
    """The parent program, and the pid of its child."""
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, kind, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout
    return parent, int(parent.stdout.readline())


def killed(parent: subprocess.Popen[str]) -> None:
    parent.send_signal(signal.SIGKILL)
    parent.wait(30)


def test_killed_the_orphan_goes_on_and_the_lease_with_it(tmp_path: Path) -> None:
    parent, child = started("run", tmp_path)
    leases = FileLeases(tmp_path / "leases")
    try:
        killed(parent)
        with pytest.raises(Busy), leases.take("repository:local"):
            pass
    finally:
        os.kill(child, signal.SIGKILL)
    assert ends(child)
    with leases.take("repository:local", wait=10):
        pass


def test_killed_the_consumer_of_a_stream_dies_with_us_and_believes_nothing(tmp_path: Path) -> None:
    parent, child = started("pipe", tmp_path)
    killed(parent)
    assert ends(child)
    assert not (tmp_path / "whole").exists()
