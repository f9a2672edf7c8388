"""Scratch places and throw-away servers, and what a kill leaves behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from adapters.sandbox import Sandbox, server_programs
from adapters.sources.postgres_tools import installed
from policies.errors import ToolMissing

pytestmark = pytest.mark.integration


@pytest.fixture
def major() -> int:
    have = installed(None, "initdb")
    if not have:
        pytest.fail("no PostgreSQL server: apt-get install postgresql")
    return have[0].major


def runs(pid: int) -> bool:
    """Whether a process still does anything; one that init has not collected yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_scratch_is_private_registered_and_gone_afterwards(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path / "scratch")
    with sandbox.scratch("drill") as place:
        assert place.stat().st_mode & 0o777 == 0o700
        (noted,) = sandbox.register_dir.glob("*.json")
        assert json.loads(noted.read_text())["path"] == str(place)
        (place / "deep").mkdir(mode=0o500)
        assert sandbox.clean_leftovers() == []  # its process, we, is alive
        assert place.exists()
    assert not place.exists() and not list(sandbox.register_dir.iterdir())


def test_a_server_answers_and_leaves_nothing(tmp_path: Path, major: int) -> None:
    sandbox = Sandbox(tmp_path / "scratch")
    with sandbox.postgres(major) as dataset:
        assert dataset.host
        folder = Path(dataset.host)
        with psycopg.connect(host=dataset.host, port=dataset.port, user=dataset.user, dbname="postgres") as link:
            assert link.execute("SHOW listen_addresses").fetchone() == ("",)
            assert link.info.server_version // 10000 == major
        pid = int((folder / "data" / "postmaster.pid").read_text().split()[0])
        assert Path(f"/proc/{pid}").stat().st_uid != 0
    assert not folder.exists() and not runs(pid)


def test_a_missing_version_names_its_package() -> None:
    with pytest.raises(ToolMissing) as caught:
        server_programs(9)
    assert "postgresql-9" in caught.value.hint


KILLED = """
import os, sys
from pathlib import Path
from adapters.sandbox import Sandbox
sandbox = Sandbox(Path(sys.argv[1]))
sandbox.register("files")
with sandbox.postgres(int(sys.argv[2])) as dataset:
    pid = (Path(dataset.host) / "data" / "postmaster.pid").read_text().split()[0]
    print(dataset.host, pid, flush=True)
    os.kill(os.getpid(), 9)
"""


def test_leftovers_of_a_killed_process_are_stopped_and_removed(tmp_path: Path, major: int) -> None:
    root = tmp_path / "scratch"
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(root), str(major)], capture_output=True, text=True, check=False
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    folder, pid = done.stdout.split()
    assert Path(folder).exists()
    removed = Sandbox(root).clean_leftovers()
    assert len(removed) == 2
    assert not Path(folder).exists() and not runs(int(pid))
    assert not list((root / "register").iterdir())
    assert Sandbox(root).clean_leftovers() == []


def test_a_strangers_process_is_never_stopped(tmp_path: Path) -> None:
    """A pid that was given to another process meanwhile is left alone."""
    sandbox = Sandbox(tmp_path / "scratch")
    place = sandbox.register("pg")
    data = place.path / "data"
    data.mkdir()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, cwd=data) as stranger:
        (data / "postmaster.pid").write_text(f"{stranger.pid}\n{data}\n")
        sandbox.remove(place)
        assert stranger.poll() is None
        assert stranger.stdin
        stranger.stdin.close()
    assert not place.path.exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}'])
def test_a_torn_entry_is_struck_off(tmp_path: Path, text: str) -> None:
    sandbox = Sandbox(tmp_path)
    sandbox.register_dir.mkdir()
    (sandbox.register_dir / "x.json").write_text(text)
    assert sandbox.clean_leftovers() == []
    assert not list(sandbox.register_dir.iterdir())


def test_an_entry_of_another_boot_is_a_leftover(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path)
    place = sandbox.register("files")
    noted = json.loads(place.entry.read_text())
    assert noted["pid"] == os.getpid()
    place.entry.write_text(json.dumps({**noted, "boot": "another"}))
    assert len(sandbox.clean_leftovers()) == 1
    assert not place.path.exists()
