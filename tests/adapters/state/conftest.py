"""The store on SQLite and on a real PostgreSQL server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adapters.state.store import StateStore
from tests.adapters.state.server import new_postgres, server

__all__ = ["new_postgres", "server"]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.integration)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/state/state.db"
    make: Callable[[], str] = request.getfixturevalue("new_postgres")
    return make()


@pytest.fixture
def store(url: str) -> Iterator[StateStore]:
    with StateStore(url) as store:
        yield store


@pytest.fixture
def embedded(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/state/state.db"
