"""How far each policy's slots were looked at, and from when on a policy's slots count at all."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from orchestrator.ports import StatePort
from planner.slots import policy_slots
from policies.catalog import Catalog

SINCE = "since:"  # when a policy came into force: its age alarm counts from there until the first good backup
MARK = "mark:"  # the newest slot that was looked at, and the schedule that it came from
GONE = "gone"
AHEAD = timedelta(minutes=10)  # a mark further ahead was made by a wrong clock, and would keep everything from running

log = logging.getLogger("restora.daemon")


@dataclass(frozen=True, slots=True)
class Marks:
    """Kept in the state. A schedule that changed begins at the moment of its change: its slots of the past were never promised."""

    state: StatePort

    def starts(self, catalog: Catalog, now: datetime) -> dict[str, datetime]:
        """From when on each policy's slots are looked at."""
        since, marks = self.state.notes(SINCE), self.state.notes(MARK)
        for key, value in marks.items():
            if key.removeprefix(MARK) not in catalog.policies and value != GONE:
                self.state.put_note(key, GONE)  # should the name come back, it is another policy
        return {
            name: self._start(catalog, name, since.get(SINCE + name), marks.get(MARK + name), now)
            for name in catalog.policies
        }

    def move(self, catalog: Catalog, starts: Mapping[str, datetime], now: datetime) -> None:
        """Move each mark to the newest slot that came due, so that the next look need not go back further."""
        for name, policy in catalog.policies.items():
            newest = None
            for slot in policy_slots(name, policy, catalog.zone(name), starts[name], now + timedelta(microseconds=1)):
                newest = slot.due
            if newest is not None and newest > starts[name]:
                self._put(catalog, name, newest)

    def _start(self, catalog: Catalog, name: str, since: str | None, mark: str | None, now: datetime) -> datetime:
        in_force = datetime.fromisoformat(since) if since else None
        if mark and mark != GONE:
            moment, _, schedule = mark.partition(" ")
            looked = datetime.fromisoformat(moment)
            if looked > now + AHEAD:
                log.warning(
                    "the slots of %s were looked at up to %s, ahead of this clock: they count from now on", name, moment
                )
            elif schedule == _schedule(catalog, name):
                return looked
            start = in_force if in_force and looked < in_force <= now else now
        else:
            start = in_force if in_force and not mark else now
        if in_force is None or mark == GONE:
            self.state.put_note(SINCE + name, now.isoformat())
        self._put(catalog, name, start)
        return start

    def _put(self, catalog: Catalog, name: str, moment: datetime) -> None:
        self.state.put_note(MARK + name, f"{moment.isoformat()} {_schedule(catalog, name)}")


def _schedule(catalog: Catalog, name: str) -> str:
    """What decides a policy's slots, as a short word."""
    policy = catalog.policies[name]
    window = policy.window.model_dump_json() if policy.window else ""
    return hashlib.sha256(f"{policy.schedule.model_dump_json()}{window}{catalog.zone(name)}".encode()).hexdigest()[:16]
