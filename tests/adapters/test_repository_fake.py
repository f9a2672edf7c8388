"""The repository in memory keeps the promises of the real one."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime

import pytest

from tests.adapters.repository_contract import DEAD, RepositoryContract, tree
from tests.adapters.repository_reading import ReadingContract
from tests.adapters.repository_saving import SavingContract
from tests.fakes.repository import FakeLock, FakeRepository, Stored
from tests.servers.restic_template import PASSWORD

__all__ = ["tree"]


@dataclass
class FakePlace:
    local: bool = True
    stored: Stored = field(default_factory=lambda: Stored(password=PASSWORD))

    def open(self, *, password: str = PASSWORD, cancel: threading.Event | None = None) -> FakeRepository:
        return FakeRepository("fake", self.stored, password=password, cancel=cancel)

    def nowhere(self) -> FakeRepository:
        return FakeRepository("fake", Stored(made=False), password=PASSWORD)

    def lock(self, moment: datetime, *, pid: int, exclusive: bool = True) -> None:
        self.stored.locks.append(FakeLock(moment, pid != DEAD, exclusive))

    def flip(self) -> None:
        self.stored.unread = "pack 1234: bytes turned"

    def lose(self) -> None:
        self.stored.damaged = "pack 1234 is gone"


class TestFake(RepositoryContract, SavingContract, ReadingContract):
    @pytest.fixture
    def place(self) -> FakePlace:
        return FakePlace()

    @pytest.fixture
    def without_privilege(self) -> None:
        """The fake looks at the mode only."""
