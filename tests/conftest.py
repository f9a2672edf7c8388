"""Fixtures that every test may use. They install nothing: what is missing is named."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import HealthCheck, settings

from tests.servers.restic_template import Templates

settings.register_profile("default", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(
    "ci", max_examples=200, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ci" if os.environ.get("CI") else "default")

ROOT = Path(__file__).parent.parent


def restic_binaries() -> list[Path]:
    """restic on PATH and those that `make tools` put under .tools/restic-*/."""
    found = [Path(p) for p in [shutil.which("restic")] if p]
    found += sorted((ROOT / ".tools").glob("restic-*/restic"))
    return found


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "restic" in metafunc.fixturenames:
        binaries = restic_binaries()
        if not binaries:
            pytest.fail("no restic: apt-get install restic, or make tools")
        metafunc.parametrize(
            "restic", binaries, ids=[b.parent.name if ".tools" in b.parts else "system" for b in binaries]
        )


class SteppedClock:
    """A clock that moves only when told; `wait` moves it."""

    def __init__(self, start: datetime = datetime(2026, 3, 11, 10, 30, tzinfo=UTC)) -> None:
        self.moment = start

    def now(self) -> datetime:
        return self.moment

    def wait(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


def unable(reason: str) -> NoReturn:
    """This machine, or this user, can't make the test: in CI that is a failure."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


@pytest.fixture
def fast_path(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: thousands of durable writes wait for no disk."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory, prefix="restora-test-") as folder:
        yield Path(folder)


@pytest.fixture
def newest_restic() -> Path:
    """The newest restic at hand."""
    binaries = restic_binaries()
    if not binaries:
        pytest.fail("no restic: apt-get install restic, or make tools")
    return binaries[-1]


@pytest.fixture(scope="session")
def restic_templates(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """Repositories to copy, whose keys open at once."""
    return Templates(tmp_path_factory.mktemp("restic-templates"))
