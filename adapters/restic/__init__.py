"""restic repositories through the restic binary."""

from adapters.restic.calls import Timeouts
from adapters.restic.repository import ResticRepository

__all__ = ["ResticRepository", "Timeouts"]
