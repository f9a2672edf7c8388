"""A real installation in a folder: restora.yaml, a restic repository whose key opens quickly, data. Everything in it is real."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from orchestrator.ports import Clock
from orchestrator.settings import Settings
from orchestrator.wiring import Application
from tests.conftest import ROOT
from tests.planner.quick_key import make_quick

PASSWORD = "correct horse battery staple"
NIGHTLY: dict[str, Any] = {"every": "1d", "at": ["02:30"]}


class Installation:
    """`home` holds everything. Datasets `docs` and `more` are folders of files, repositories `local` and (if `second`) `other`."""

    def __init__(
        self, home: Path, *, restic: str = "restic", second: bool = False, timezone: str = "UTC", **policies: Any
    ) -> None:
        self.home, self.restic_program = home, restic
        home.mkdir(parents=True, exist_ok=True)
        self.password = home / "secrets" / "password"
        self.password.parent.mkdir(mode=0o700)
        self.password.write_text(PASSWORD)
        self.password.chmod(0o600)
        for dataset in ("docs", "more"):
            (home / dataset).mkdir()
            (home / dataset / "a.txt").write_text(f"hello {dataset}")
        names = ["local", "other"] if second else ["local"]
        for name in names:
            self.restic("init", "--repository-version=2", repository=name)
            make_quick(home / name, PASSWORD)
        self.catalog: dict[str, Any] = {
            "version": 1,
            "site": {"timezone": timezone, "name": "host1"},
            "tools": {"restic": restic},
            "repositories": {
                name: {"kind": "local", "path": str(home / name), "password": {"file": str(self.password)}}
                for name in names
            },
            "datasets": {name: {"kind": "files", "paths": [str(home / name)]} for name in ("docs", "more")},
            "policies": {},
        }
        self.write(**policies or {"docs": policy()})

    @property
    def config(self) -> Path:
        return self.home / "restora.yaml"

    def write(self, **policies: Any) -> None:
        """restora.yaml with these policies (JSON is YAML)."""
        self.catalog["policies"] = policies
        self.config.write_text(json.dumps(self.catalog, indent=1))

    def application(self, clock: Clock | None = None) -> Application:
        return Application(Settings.find(self.home), clock)

    def restic(self, *arguments: str, repository: str = "local") -> str:
        """What restic says itself."""
        done = subprocess.run(
            [self.restic_program, f"--repo={self.home / repository}", "--no-cache", *arguments], check=True, text=True,
            stdout=subprocess.PIPE, env={**os.environ, "RESTIC_PASSWORD_FILE": str(self.password)},
        )  # fmt: skip
        return done.stdout

    def snapshots(self, *tags: str, repository: str = "local") -> list[dict[str, Any]]:
        """The snapshots that carry every tag, as restic lists them."""
        wanted = [f"--tag={','.join(tags)}"] if tags else []
        told = self.restic("snapshots", "--json", "--no-lock", *wanted, repository=repository)
        found: list[dict[str, Any]] = json.loads(told) or []
        return found

    def start(self, *words: str, **options: Any) -> subprocess.Popen[str]:
        """`restora WORDS` on this installation, its output in one pipe."""
        command = [sys.executable, "-m", "orchestrator.cli.main", "--home", str(self.home), *words]
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        return subprocess.Popen(command, cwd=ROOT, **{**streams, **options})


def policy(datasets: tuple[str, ...] = ("docs",), **changes: Any) -> dict[str, Any]:
    """A nightly policy into `local`."""
    return {
        "datasets": list(datasets), "repositories": ["local"], "schedule": NIGHTLY, "retention": {"keep_last": 3},
        **changes,
    }  # fmt: skip


def slow_once(folder: Path, restic: str, slowly: str) -> Path:
    """A restic whose first backup is slow: `slowly` is its shell command, with $restic, $home and "$@". `$home/began` says
    that it came."""
    program = folder / "slow-restic"
    program.write_text(
        f"#!/bin/sh\nrestic={restic} home={folder}/home\n"
        f'if [ "$1" = backup ] && mkdir "$home/began" 2>/dev/null; then shift; {slowly}; exit; fi\nexec "$restic" "$@"\n'
    )
    program.chmod(0o755)
    return program


def until(there: Callable[[], object], what: str, *, within: float = 150.0, process: Logged | None = None) -> None:
    """Wait for another process to come that far."""
    deadline = time.monotonic() + within
    while not there():
        said = process.said() if process else ""
        assert process is None or process.child.poll() is None, f"it ended before {what}: {said}"
        assert time.monotonic() < deadline, f"never: {what}: {said}"
        time.sleep(0.05)


class Logged:
    """A process whose words go to a file."""

    def __init__(self, home: Installation, name: str, *words: str) -> None:
        self.file = home.home / f"{name}.log"
        with self.file.open("w") as file:
            self.child = home.start(*words, stdout=file)

    def said(self) -> str:
        return self.file.read_text()

    def saw(self, words: str, *, within: float = 150.0) -> None:
        """Wait until it says so."""
        until(lambda: words in self.said(), f"{words!r}", within=within, process=self)

    def ended(self, within: float = 150.0) -> int:
        """Its exit code."""
        return self.child.wait(within)

    def __enter__(self) -> Logged:
        return self

    def __exit__(self, *_: object) -> None:
        if self.child.poll() is None:
            self.child.kill()
            self.child.wait()
