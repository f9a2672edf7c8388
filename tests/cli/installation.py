"""A real installation in a folder of its own, and its command line called as a process."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO, Any

import pytest

from tests.cli.preloaded import Preloaded
from tests.planner.quick_key import make_quick

ROOT = Path(__file__).parents[2]
PROGRAM = [sys.executable, "-m", "orchestrator.cli.main"]
SECONDS = 120.0
UNFORESEEN = re.compile(r"unexpected \w+: ")  # what the edge says of an exception that nobody thought of


@dataclass(frozen=True)
class Called:
    """What one call said."""

    words: tuple[str, ...]
    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        """All that was said, with its lines joined: what is broken at column 80 is found again."""
        return " ".join(f"{self.out} {self.err}".split())

    def json(self) -> dict[str, Any]:
        """Its one JSON document."""
        found: dict[str, Any] = json.loads(self.out)
        return found

    def ended(self, code: int) -> Called:
        """Demand an exit code, and that nothing unforeseen was said."""
        shown = f"restora {' '.join(self.words)}\nexit {self.code}\n{self.out}\n{self.err}"
        if self.code != code:
            pytest.fail(f"expected exit code {code}: {shown}")
        if "Traceback" in self.out + self.err or UNFORESEEN.search(self.out + self.err):
            pytest.fail(shown)
        return self


@dataclass(frozen=True)
class Installation:
    """All of it lies below `folder`: home, the files and the database that are protected."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def config(self) -> Path:
        return self.home / "restora.yaml"

    @property
    def docs(self) -> Path:
        return self.folder / "docs"

    @property
    def shop(self) -> Path:
        return self.folder / "shop.db"

    @property
    def repository(self) -> Path:
        return self.home / "data/repository"

    def environ(self, more: Mapping[str, str] = {}) -> dict[str, str]:
        """The environment of a call: that of a cron job, nothing of the person who runs the tests."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        temporary = self.folder / "tmp"
        temporary.mkdir(exist_ok=True)
        return {**kept, "PYTHONPATH": str(ROOT), "TMPDIR": str(temporary), **self.environment, **more}

    def call(
        self, *words: str, given: str | None = None, environment: Mapping[str, str] = {}, cwd: Path | None = None
    ) -> Called:
        """`restora --home HOME WORDS`, without a terminal."""
        with tempfile.TemporaryFile("w+b") as stdin, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            stdin.write((given or "").encode())
            stdin.seek(0)
            streams = [each.fileno() for each in (stdin, out, err)]
            line = ["--home", str(self.home), *words]
            code = preloaded().call(line, self.environ(environment), cwd or self.folder, streams, SECONDS)
            said = [_text(each) for each in (out, err)]
        return Called(words, code, *said)

    def program(self, *words: str, **more: Any) -> subprocess.Popen[bytes]:
        """The program itself, started afresh and left running."""
        return subprocess.Popen(
            [*PROGRAM, "--home", str(self.home), *words], cwd=self.folder, env=self.environ(), **more
        )

    def edit(self, before: str, after: str) -> None:
        """Change restora.yaml as a person does."""
        text = self.config.read_text()
        assert before in text, text
        self.config.write_text(text.replace(before, after))

    def copied(self, folder: Path) -> Installation:
        """The same installation elsewhere, with its own repository and state."""
        shutil.copytree(self.folder, folder, symlinks=True)
        other = Installation(folder, dict(self.environment))
        other.config.write_text(other.config.read_text().replace(str(self.folder), str(folder)))
        return other


@cache
def preloaded() -> Preloaded:
    """The one that serves all tests of this process; it ends with it."""
    return Preloaded()


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "backslashreplace")


def make_data(folder: Path) -> None:
    """The files and the database of an installation."""
    docs = folder / "docs"
    docs.mkdir(parents=True)
    for number in range(8):
        (docs / f"paper [{number}].txt").write_text(f"paper {number}\n" * 200)
    with sqlite3.connect(folder / "shop.db") as database:
        database.execute("CREATE TABLE sold (number INTEGER PRIMARY KEY, what TEXT)")
        database.executemany("INSERT INTO sold (what) VALUES (?)", [(f"thing {number}",) for number in range(500)])
    database.close()


def make_keys_quick(installation: Installation, repository: Path | None = None, *more: str) -> None:
    """Both keys of a repository open at once, where they take most of a second on purpose. `more`: passwords that do not
    stand among the installation's secrets."""
    keys = (repository or installation.repository) / "keys"
    secrets = (installation.home / "secrets").iterdir()
    passwords = [path.read_text().rstrip("\n") for path in secrets if path.suffix in {".password", ".recovery-key"}]
    passwords += more
    for path in list(keys.iterdir()):
        for password in passwords:
            with tempfile.TemporaryDirectory() as alone:
                there = Path(alone) / "keys"
                there.mkdir()
                shutil.copy(path, there)
                try:
                    make_quick(Path(alone), password)
                except AssertionError:  # the other password's
                    continue
                path.unlink()
                for made in there.iterdir():
                    shutil.copy(made, keys)
                break


def initialised(folder: Path, **environment: str) -> Installation:
    """`restora init` with a files dataset `docs` and a SQLite dataset `shop`; no policy yet."""
    make_data(folder)
    made = Installation(folder, environment)
    made.call("init", "--path", str(made.docs), "--search", str(folder)).ended(0)
    make_keys_quick(made)
    return made
