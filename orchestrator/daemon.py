"""The scheduler's life: what is due is submitted, people's requests are taken, restora.yaml is read again when it changed, and
a heartbeat says that all this goes on. The alarm clock (orchestrator/scheduler.py) only says when to look."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from orchestrator.controller import Controller
from orchestrator.due import PAUSED, Work, due_work, next_moment
from orchestrator.heartbeats import HEARTBEAT
from orchestrator.marks import Marks
from orchestrator.ports import Clock, StatePort
from policies.catalog import Catalog
from policies.errors import ConfigurationError, RestoraError
from policies.run import RunRecord

log = logging.getLogger("restora.daemon")

HEARTBEAT_EVERY = timedelta(seconds=30)
LOOKS_WITHIN = timedelta(minutes=15)  # the alarm clock looks every five minutes at the latest
HOUSEKEEPING_EVERY = timedelta(hours=1)
ENGINE_REMEMBERS = timedelta(days=14)
EVERY = 100_000


@dataclass(slots=True)
class Daemon:
    """`load` reads restora.yaml when it changed since (None: unchanged); `requests` carries out what the command line left
    for a live daemon; `jitter` seconds by which a policy's runs are put off, so that a fleet does not start at once."""

    controller: Controller
    state: StatePort
    clock: Clock
    catalog: Catalog
    load: Callable[[], Catalog | None]
    requests: Callable[[Controller], None]
    jitter: Callable[[str], float] = lambda _policy: 0.0
    _beat: datetime | None = field(default=None, init=False)
    _looked: datetime = field(init=False)
    _kept: datetime | None = field(default=None, init=False)
    _complaint: str = field(default="", init=False)
    marks: Marks = field(init=False)

    def __post_init__(self) -> None:
        self.marks = Marks(self.state)
        self._looked = self.clock.now()  # the first look may take no longer than any other

    def tick(self) -> datetime:
        """Submit everything due; the moment of the next look."""
        now, catalog = self.clock.now(), self.catalog  # poll may put another in its place meanwhile
        self._housekeep(now)
        since = self.marks.starts(catalog, now)
        unfinished = self.state.runs(unfinished=True, limit=EVERY)
        runs = {name: self._runs(name, since[name], unfinished) for name in since}
        looks = [next_moment(catalog, runs, now)]
        due = due_work(catalog, runs, since, now)
        for level, words in missed(due):
            log.log(level, "%s", words)
        for work in due:
            start = work.slot.due + timedelta(seconds=self.jitter(work.slot.policy))
            if work.skip or now >= start:
                self.controller.submit(work)
            else:
                looks.append(start)
        self.marks.move(catalog, since, now)
        self._looked = self.clock.now()
        return min(looks)

    def poll(self) -> bool:
        """Requests, configuration, heartbeat. True if the configuration changed, so that a tick is due at once."""
        self.beat()
        try:
            self.requests(self.controller)
            self._complaint = ""
        except RestoraError as error:
            if error.message != self._complaint:  # once, not every two seconds
                log.error("a request could not be carried out: %s", error.message)
            self._complaint = error.message
        try:
            changed = self.load()
        except ConfigurationError as error:
            # The policies in force go on: a typing error at midnight must not stop the backups.
            log.error("restora.yaml is not valid, the configuration before it stays in force: %s", error.message)
            return False
        if changed is None:
            return False
        self.catalog = changed
        log.info(
            "restora.yaml was read again and is in force: %s", counted(len(changed.policies), "policy", "policies")
        )
        return True

    def beat(self) -> None:
        """Say that the daemon lives, at most every 30 s. One that no longer looks for due work is not alive, whatever else
        of it still runs."""
        now = self.clock.now()
        if now - self._looked > LOOKS_WITHIN:
            return
        if self._beat is None or abs(now - self._beat) >= HEARTBEAT_EVERY:
            self.state.put_note(HEARTBEAT, now.isoformat())
            self._beat = now

    def _runs(self, policy: str, since: datetime, unfinished: list[RunRecord]) -> list[RunRecord]:
        """A policy's runs since then, and its runs from before that are still at work."""
        found = {run.id: run for run in unfinished if run.policy == policy}
        return list((found | {run.id: run for run in self.state.runs_since(policy, since)}).values())

    def _housekeep(self, now: datetime) -> None:
        """Once an hour: runs that nobody carries out any more, and what the engine need not remember."""
        if self._kept is not None and timedelta(0) <= now - self._kept < HOUSEKEEPING_EVERY:
            return
        self._kept = now
        for record in self.controller.heal():
            log.error(
                "run %s of %s was nobody's any more and is failed: its slot is tried again", record.id, record.dataset
            )
        self.controller.engine.forget_ended(now - ENGINE_REMEMBERS)


def missed(due: Sequence[Work]) -> list[tuple[int, str]]:
    """What is not run, a line with its level for each policy, dataset and repository, however many slots they are."""
    lines = []
    grouped: dict[tuple[str, str, str], list[Work]] = {}
    for work in due:
        if work.skip:
            grouped.setdefault((work.slot.policy, work.dataset, work.repository), []).append(work)
    for (policy, dataset, repository), works in grouped.items():
        first, last = works[0].slot.due, works[-1].slot.due
        span = f"{first:%Y-%m-%d %H:%M} UTC" + (f" to {last:%Y-%m-%d %H:%M} UTC" if len(works) > 1 else "")
        slots = counted(len(works), "slot")
        level = logging.INFO if works[-1].skip == PAUSED else logging.WARNING
        lines.append((level, f"{slots} of {policy} skipped for {dataset} into {repository}, {span}: {works[-1].skip}"))
    return lines


def counted(number: int, one: str, many: str = "") -> str:
    """ "1 run", "2 runs"."""
    return f"{number} {one if number == 1 else many or one + 's'}"
