"""Runs become durable workflows here: one controller at a time on an installation carries them out and resumes what was left.

A run is recorded first, then submitted under its id; whatever dies in between, the next start finds unfinished records and
submits them again, and a workflow that had begun goes on at its first unfinished step.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from orchestrator.due import Work
from orchestrator.ports import Clock, EnginePort, LeasePort, StatePort, Steps
from orchestrator.run_backup import BackupRun, BackupTools
from policies.errors import Busy, RestoraError
from policies.run import ENDS, RunRecord, RunState, Trigger

WORKFLOW = "backup"
WAIT_FOR_LEASE = 4 * 3600.0

BuildTools = Callable[[RunRecord, Callable[[], Sequence[int]]], BackupTools]
OnEnd = Callable[[RunRecord], None]


class Controller:
    """Submits runs to the engine. `tools` builds what one run works with; `on_end` tells people and the ledger."""

    def __init__(
        self, state: StatePort, engine: EnginePort, leases: LeasePort, clock: Clock, tools: BuildTools, on_end: OnEnd,
        *, wait_for_lease: float = WAIT_FOR_LEASE,
    ) -> None:  # fmt: skip
        self.state = state
        self.engine = engine
        self.leases = leases
        self.clock = clock
        self.tools = tools
        self.on_end = on_end
        self.wait_for_lease = wait_for_lease
        engine.register(WORKFLOW, self._body)

    def start(self) -> list[RunRecord]:
        """Open the engine and resume; the runs that were left unfinished."""
        self.engine.start()
        left = self.state.runs(unfinished=True, limit=100_000)
        for record in left:
            self.engine.submit(WORKFLOW, record.id, record.id)
        return left

    def submit(self, work: Work) -> RunRecord | None:
        """Record and begin one piece of due work; None if it is there already."""
        record = self._record(work.key, work.slot.policy, work.dataset, work.repository, work.trigger, work.slot.due)
        if work.skip:
            ended = replace(record, state=RunState.SKIPPED, reason=work.skip, ended=self.clock.now())
            if self.state.add_run(replace(record, state=RunState.QUEUED)):
                self.state.update_run(ended)
                self.on_end(ended)
            return None
        if not self.state.add_run(record):
            return None
        self.engine.submit(WORKFLOW, record.id, record.id)
        return record

    def now(self, policy: str, dataset: str, repository: str, *, trigger: Trigger = Trigger.PERSON) -> RunRecord:
        """Record and begin a run that a person asked for."""
        moment = self.clock.now()
        record = self._record(
            f"{policy}@{moment:%Y-%m-%dT%H:%M:%S}!{secrets.token_hex(3)}", policy, dataset, repository, trigger, moment
        )
        self.state.add_run(record)
        self.engine.submit(WORKFLOW, record.id, record.id)
        return record

    def wait(self, record: RunRecord) -> RunRecord:
        """The record at its end."""
        self.engine.wait(record.id)
        return self.state.run(record.id) or record

    def _record(
        self, key: str, policy: str, dataset: str, repository: str, trigger: Trigger, due: datetime
    ) -> RunRecord:
        return RunRecord(secrets.token_hex(6), key, policy, dataset, repository, RunState.QUEUED, trigger, due)

    def _body(self, steps: Steps, run_id: str) -> str:
        record = self.state.run(run_id)
        if record is None or record.state in ENDS:
            return run_id
        try:
            names = (f"dataset:{record.dataset}", f"repository:{record.repository}")
            with self.leases.take(
                *names, wait=self.wait_for_lease, holder=f"run {record.id} of {record.dataset}"
            ) as held:
                ended = BackupRun(self.tools(record, lambda: held), record).go(steps)
        except (Busy, RestoraError) as error:
            ended = replace(record, state=RunState.FAILED, reason=error.message, ended=self.clock.now())
            self.state.update_run(ended)
        self.on_end(ended)
        return run_id
