"""An engine in memory that runs workflows inline, and can die at a chosen moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from adapters.engine_text import Outcome, of_error, of_text, opened
from policies.errors import Busy, RestoraError, StateError

Body = Callable[["InlineSteps", str], str]
When = Literal["before", "after"]


class Killed(BaseException):
    """The process died. No Exception: nothing may handle it."""


@dataclass
class Kept:
    """What lies on disk of one workflow."""

    name: str
    argument: str
    steps: list[tuple[str, Outcome]] = field(default_factory=list)
    outcome: Outcome | None = None
    ended: datetime | None = None


@dataclass
class Disk:
    """What outlives an engine."""

    workflows: dict[str, Kept] = field(default_factory=dict)
    in_use: bool = False


@dataclass
class InlineSteps:
    kept: Kept
    crash: Callable[[int, When], bool]
    taken: int = 0

    def step(self, name: str, work: Callable[[], str]) -> str:
        number = self.taken
        self.taken += 1
        if number < len(self.kept.steps):
            known, outcome = self.kept.steps[number]
            if known != name:
                raise StateError(f"step {number} was {known}, now it is {name}")
            return opened(outcome)
        if self.crash(number, "before"):
            raise Killed
        outcome = _outcome(work)
        self.kept.steps.append((name, outcome))
        if self.crash(number, "after"):
            raise Killed
        return opened(outcome)


class InlineEngine:
    """As DurableEngine, at once, in the caller's thread. `crash(step number, "before" | "after")`: where to die."""

    def __init__(
        self, disk: Disk | None = None, crash: Callable[[int, When], bool] = lambda _number, _when: False
    ) -> None:
        self._disk = disk or Disk()
        self._crash = crash
        self._bodies: dict[str, Body] = {}
        self._started = False

    def register(self, name: str, body: Body) -> None:
        if self._started:
            raise StateError(f"workflow {name} was named after the engine had started")
        self._bodies[name] = body

    def start(self) -> None:
        if self._disk.in_use:
            raise Busy("engine is in use by the engine")
        self._disk.in_use = self._started = True
        for kept in list(self._disk.workflows.values()):
            if kept.outcome is None:
                self._go(kept)

    def submit(self, name: str, key: str, argument: str) -> None:
        self._must_run()
        if name not in self._bodies:
            raise StateError(f"no workflow is named {name!r}")
        if key not in self._disk.workflows:
            self._disk.workflows[key] = kept = Kept(name, argument)
            self._go(kept)

    def wait(self, key: str, timeout: float | None = None) -> str:
        self._must_run()
        kept = self._disk.workflows.get(key)
        if kept is None:
            raise StateError(f"no workflow has the key {key!r}")
        if kept.outcome is None:
            raise Busy(f"{key} has not ended")
        return opened(kept.outcome)

    def run(self, name: str, key: str, argument: str) -> str:
        self.submit(name, key, argument)
        return self.wait(key)

    def pending(self) -> list[str]:
        self._must_run()
        return [key for key, kept in self._disk.workflows.items() if kept.outcome is None]

    def forget_ended(self, before: datetime) -> int:
        self._must_run()
        gone = [key for key, kept in self._disk.workflows.items() if kept.ended and kept.ended < before]
        for key in gone:
            del self._disk.workflows[key]
        return len(gone)

    def stop(self, timeout: float = 0.0, interrupt: Callable[[], None] = lambda: None, patience: float = 0.0) -> None:
        if self._started:
            self._disk.in_use = self._started = False

    def _go(self, kept: Kept) -> None:
        body = self._bodies.get(kept.name)
        if body is None:
            return
        try:
            kept.outcome = _outcome(lambda: body(InlineSteps(kept, self._crash), kept.argument))
            kept.ended = datetime.now(UTC)
        except Killed:
            self.stop()
            raise

    def _must_run(self) -> None:
        if not self._started:
            raise StateError("the engine is not running")


def _outcome(work: Callable[[], str]) -> Outcome:
    try:
        return of_text(work())
    except RestoraError as error:
        return of_error(error)
    except Exception as error:
        return of_error(error)
