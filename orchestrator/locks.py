"""Locks that were left behind stop nothing: neither the next run nor, least of all, a restore."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from orchestrator.ports import RepositoryPort
from policies.errors import RepositoryLocked

Result = TypeVar("Result")


def unlocking(repository: RepositoryPort, work: Callable[[], Result], told: list[str] | None = None) -> Result:
    """Do it; where a lock is in the way that is provably left behind, remove that and do it once more. Each removal is added
    to `told`, in words."""
    try:
        return work()
    except RepositoryLocked:
        removed = repository.unlock_stale()
        if not removed:
            raise
        if told is not None:
            told += [f"removed what was left behind: {lock}" for lock in removed]
        return work()
