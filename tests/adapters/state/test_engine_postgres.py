"""The durable engine on a real PostgreSQL server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from adapters.engine import DurableEngine
from adapters.lease import FileLeases
from policies.errors import Busy, StateError
from tests.adapters.engine_contract import EngineContract
from tests.conftest import ROOT

pytestmark = pytest.mark.integration


class TestPostgres(EngineContract):
    def make(self, storage: tuple[str, Path]) -> DurableEngine:
        return DurableEngine(storage[0], FileLeases(storage[1]))

    @pytest.fixture
    def storage(self, new_postgres: Callable[[], str], tmp_path: Path) -> tuple[str, Path]:
        return new_postgres(), tmp_path


def life(folder: Path, number: int, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.adapters.engine_program", str(folder), *arguments],
        cwd=ROOT,
        env={**os.environ, "LIFE": str(number)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
def test_another_host_takes_over_after_a_kill(new_postgres: Callable[[], str], tmp_path: Path) -> None:
    """Two folders stand for two hosts: they share nothing but the database."""
    url, here, there = new_postgres(), tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    first = life(here, 0, "block:1", url)
    assert first.stdout is not None
    assert first.stdout.readline() == "running\n"
    second = life(there, 1, "", url)
    _, complaint = second.communicate(timeout=60)
    assert second.returncode == 1
    assert "Busy: the engine is in use by restora engine" in complaint
    assert str(first.pid) in complaint
    first.send_signal(signal.SIGKILL)
    first.wait()
    third = life(there, 2, "", url)
    said, complaint = third.communicate(timeout=60)
    assert said.strip() == "argument <0 by 0> <1 by 2> <2 by 2> []", complaint


def test_nothing_is_begun_once_the_lease_is_lost(new_postgres: Callable[[], str], tmp_path: Path) -> None:
    url, did = new_postgres(), []

    def body(steps: Any, argument: str) -> str:
        def lose() -> str:
            with psycopg.connect(url, autocommit=True) as connection:
                ours = "application_name LIKE 'restora engine%'"
                connection.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {ours}")
            return ""

        if not did:
            steps.step("lose", lambda: did.append("lose") or lose())
        return steps.step("go on", lambda: did.append("go on") or "end")

    engine = DurableEngine(url, FileLeases(tmp_path))
    engine.register("work", body)
    engine.start()
    engine.submit("work", "k", "")
    with pytest.raises(Busy):
        engine.wait("k", timeout=2)
    assert engine.pending() == ["k"]
    assert did == ["lose"]
    engine.stop()


def test_an_unreachable_server_is_told_without_its_password(tmp_path: Path) -> None:
    engine = DurableEngine(f"postgresql://me:hunter2@/db?host={tmp_path}", FileLeases(tmp_path))
    with pytest.raises(StateError, match="can't be reached") as caught:
        engine.start()
    assert "hunter2" not in str(caught.value)
