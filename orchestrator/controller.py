"""Runs become durable workflows here: one controller at a time on an installation carries them out and resumes what was left.

A run is recorded first, then submitted under its id; whatever dies in between, the next start finds unfinished records and
submits them, and a workflow that had begun goes on at its first unfinished step.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from orchestrator.due import Work
from orchestrator.ports import Clock, EnginePort, LeasePort, StatePort, Steps
from orchestrator.run_backup import BackupRun, BackupTools
from policies.errors import RestoraError
from policies.run import ENDS, RunRecord, RunState, Trigger

log = logging.getLogger("restora.runs")

WORKFLOW = "backup"
WAIT_FOR_LEASE = 4 * 3600.0
EVERY = 100_000

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
        self._submitting = threading.Lock()  # nobody heals what is being recorded at this moment
        engine.register(WORKFLOW, self._body)

    def start(self) -> list[RunRecord]:
        """Open the engine and resume; the runs that were left unfinished."""
        left = self.state.runs(unfinished=True, limit=EVERY)
        self.engine.start()
        self.heal()
        return left

    def heal(self) -> list[RunRecord]:
        """Begin what was recorded and never submitted. A run whose workflow ended without telling the state (the state could
        not be written) would stay at work for ever and keep its slot: it is failed, so that it is tried again."""
        lost = []
        with self._submitting:
            unfinished = self.state.runs(unfinished=True, limit=EVERY)
            known = set(self.engine.pending()) if unfinished else set()
            for record in unfinished:
                if record.id not in known:
                    self.engine.submit(WORKFLOW, record.id, record.id)
            known = set(self.engine.pending()) if unfinished else set()
            for record in unfinished:
                now = self.state.run(record.id)
                if record.id not in known and now and now.state not in ENDS:
                    lost.append(self._fail(now, "it was given up: its end could not be recorded when it came"))
        for record in lost:
            self.on_end(record)
        return lost

    def submit(self, work: Work) -> RunRecord | None:
        """Record and begin one piece of due work; None if it is there already."""
        record = self._record(work.key, work.slot.policy, work.dataset, work.repository, work.trigger, work.slot.due)
        if work.skip:
            # in one write: a kill in between would leave a run that the next start carries out
            ended = replace(record, state=RunState.SKIPPED, reason=work.skip, ended=self.clock.now())
            if self.state.add_run(ended):
                self.on_end(ended)
            return None
        return self._begin(replace(record, reason=work.reason))

    def now(
        self, policy: str, dataset: str, repository: str, *, trigger: Trigger = Trigger.PERSON, request: str = ""
    ) -> RunRecord:
        """Record and begin a run that a person asked for. The same `request` gives the same run, however often it comes."""
        moment = self.clock.now()
        key = (
            f"{policy}@request!{request}" if request else f"{policy}@{moment:%Y-%m-%dT%H:%M:%S}!{secrets.token_hex(3)}"
        )
        record = self._record(key, policy, dataset, repository, trigger, moment)
        return self._begin(record) or self._known(record)

    def wait(self, record: RunRecord) -> RunRecord:
        """The record at its end."""
        self.engine.wait(record.id)
        return self.state.run(record.id) or record

    def _begin(self, record: RunRecord) -> RunRecord | None:
        with self._submitting:
            if not self.state.add_run(record):
                return None
            self.engine.submit(WORKFLOW, record.id, record.id)
        return record

    def _known(self, record: RunRecord) -> RunRecord:
        """The run that was recorded before under the same key."""
        same = (record.key, record.dataset, record.repository)
        found = self.state.runs(policy=record.policy, dataset=record.dataset, limit=EVERY)
        return next((run for run in found if (run.key, run.dataset, run.repository) == same), record)

    def _record(
        self, key: str, policy: str, dataset: str, repository: str, trigger: Trigger, due: datetime
    ) -> RunRecord:
        return RunRecord(secrets.token_hex(6), key, policy, dataset, repository, RunState.QUEUED, trigger, due)

    def _body(self, steps: Steps, run_id: str) -> str:
        record = self.state.run(run_id)
        if record is None:
            return run_id
        if record.state not in ENDS:
            record = self._carry_out(steps, record)
        self.on_end(record)  # also for one that was killed between its end and the telling of it
        return run_id

    def _carry_out(self, steps: Steps, record: RunRecord) -> RunRecord:
        try:
            names = (f"dataset:{record.dataset}", f"repository:{record.repository}")
            what = f"run {record.id} of {record.dataset} into {record.repository}"
            for name in names:
                if holder := self.leases.holder(name):
                    log.info("%s waits for %s, which is in use by %s", what, name, holder)
            with self.leases.take(
                *names, wait=self.wait_for_lease, holder=f"run {record.id} of {record.dataset}"
            ) as held:
                log.info("%s %s (%s)", what, "begins" if record.state is RunState.QUEUED else "goes on", record.trigger)
                return BackupRun(self.tools(record, lambda: held), record).go(steps)
        except RestoraError as error:
            return self._fail(record, error.message + (f" ({error.hint})" if error.hint else ""))
        except Exception as error:  # whatever it is, the run must end: one that never does keeps its slot for ever
            log.exception("run %s of %s met a defect", record.id, record.dataset)
            return self._fail(record, f"unexpected {type(error).__name__}: {error}")

    def _fail(self, record: RunRecord, reason: str) -> RunRecord:
        ended = replace(
            self.state.run(record.id) or record, state=RunState.FAILED, reason=reason, ended=self.clock.now()
        )
        self.state.update_run(ended)
        return ended
