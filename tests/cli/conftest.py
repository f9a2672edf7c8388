"""One installation that was backed up for all tests that only look, and copies for those that change something."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.installation import Installation, initialised
from tests.servers.postgres import postgres_server, postgres_template

__all__ = ["postgres_server", "postgres_template"]  # fixtures: one server for the session

SENTENCE = "back up docs nightly, keep 30 days"


@pytest.fixture(scope="session")
def _bare(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    if shutil.which("restic") is None:
        pytest.fail("no restic: apt-get install restic, or make tools")
    return initialised(tmp_path_factory.mktemp("bare") / "i")


@pytest.fixture(scope="session")
def backed_up(_bare: Installation, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """A policy `all` in force and one run of it. Do not change it."""
    made = _bare.copied(tmp_path_factory.mktemp("backed-up") / "i")
    made.call(SENTENCE, "--yes").ended(0)
    made.edit("  docs:\n    datasets: [docs]", "  all:\n    datasets: [docs, shop]")
    made.call("run").ended(0)
    return made


@pytest.fixture
def bare(_bare: Installation, tmp_path: Path) -> Installation:
    """A fresh installation with repository, datasets and no policy: a copy of one's own."""
    return _bare.copied(tmp_path / "bare")


@pytest.fixture
def own(backed_up: Installation, tmp_path: Path) -> Installation:
    """A copy of the one that was backed up, to be changed."""
    return backed_up.copied(tmp_path / "own")


@pytest.fixture
def snapshot_of() -> Iterator[Callable[[Path], dict[str, bytes]]]:
    """What lies below a folder, byte by byte, to see that nothing was touched."""

    def below(folder: Path) -> dict[str, bytes]:
        return {
            str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
        }

    yield below
