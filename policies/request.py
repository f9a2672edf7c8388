"""What waits for somebody: a proposal for approval, a request for the daemon."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Proposal:
    """A plan that was shown. `body` is JSON-able; `state` is a word such as open, applied, withdrawn."""

    id: str
    time: datetime
    body: dict[str, object]
    state: str = "open"


@dataclass(frozen=True, slots=True)
class Request:
    """Work that one process asks of another (run now). `result` is None until it is closed."""

    id: str
    time: datetime
    body: dict[str, object]
    result: dict[str, object] | None = field(default=None)
