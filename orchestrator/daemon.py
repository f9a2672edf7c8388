"""The scheduler's life: what is due is submitted, people's requests are taken, restora.yaml is read again when it changed, and
a heartbeat says that all this goes on. The alarm clock (orchestrator/scheduler.py) only says when to look."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from orchestrator.controller import Controller
from orchestrator.due import due_work, next_moment
from orchestrator.ports import Clock, StatePort
from planner.slots import policy_slots
from policies.catalog import Catalog
from policies.errors import ConfigurationError, RestoraError

log = logging.getLogger("restora.daemon")

HEARTBEAT = "heartbeat:daemon"
HEARTBEAT_EVERY = timedelta(seconds=30)


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

    def tick(self) -> datetime:
        """Submit everything due; the moment of the next look."""
        now = self.clock.now()
        since = {name: self._since(name, now) for name in self.catalog.policies}
        runs = {name: self.state.runs_since(name, since[name]) for name in since}
        looks = [next_moment(self.catalog, runs, now)]
        for work in due_work(self.catalog, runs, since, now):
            start = work.slot.due + timedelta(seconds=self.jitter(work.slot.policy))
            if work.skip or now >= start:
                self.controller.submit(work)
            else:
                looks.append(start)
        self._settle(since, now)
        return min(looks)

    def poll(self) -> bool:
        """Requests, configuration, heartbeat. True if the configuration changed, so that a tick is due at once."""
        self.beat()
        try:
            self.requests(self.controller)
        except RestoraError as error:
            log.error("a request could not be carried out: %s", error.message)
        try:
            changed = self.load()
        except ConfigurationError as error:
            # The policies in force go on: a typing error at midnight must not stop the backups.
            log.error("restora.yaml is not valid, the configuration before it stays in force: %s", error.message)
            return False
        if changed is None:
            return False
        self.catalog = changed
        log.info("restora.yaml was read again: %d policies", len(changed.policies))
        return True

    def beat(self) -> None:
        """Say that the daemon lives, at most every 30 s."""
        now = self.clock.now()
        if self._beat is None or now - self._beat >= HEARTBEAT_EVERY:
            self.state.put_note(HEARTBEAT, now.isoformat())
            self._beat = now

    def _since(self, policy: str, now: datetime) -> datetime:
        """From when on a policy's slots count: its first look by a daemon, or the newest slot that was looked at."""
        note = self.state.note(f"since:{policy}")
        if note is None:
            self.state.put_note(f"since:{policy}", now.isoformat())
            return now
        return datetime.fromisoformat(note)

    def _settle(self, since: dict[str, datetime], now: datetime) -> None:
        """Move the mark to the newest slot that came due, so that the next look need not go back further."""
        for name, policy in self.catalog.policies.items():
            due = [
                slot.due
                for slot in policy_slots(
                    name, policy, self.catalog.zone(name), since[name], now + timedelta(microseconds=1)
                )
            ]
            if due and due[-1] > since[name]:
                self.state.put_note(f"since:{name}", due[-1].isoformat())
