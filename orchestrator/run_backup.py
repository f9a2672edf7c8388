"""One run: guard the source → capture → save → weigh → check → forget → prune → report. Diagram: docs/job-states.md.

Runs as a durable workflow: every step may be repeated after a kill, so each looks first at what is already there. The
snapshots of a run carry its id (`run=…`); a run whose saving was begun before looks them up before it saves anything again.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from fnmatch import fnmatch
from functools import partial
from pathlib import Path
from typing import Any

from orchestrator.ports import Clock, RepositoryPort, SourcePort, StatePort, Steps
from orchestrator.upkeep import Upkeep
from planner.evidence import weigh
from policies.capture import Capture, Paths, Saved, Stream
from policies.dataset import Dataset
from policies.errors import Cancelled, RestoraError, SourceError
from policies.policy import Policy
from policies.run import ENDS, Progress, RunRecord, RunState, Trigger, may_follow
from policies.snapshot import TAG_DATASET, TAG_PART, TAG_POLICY, TAG_RUN, TAG_SAFETY, Snapshot

UNCHECKED = "unchecked"  # the check was due and could not take place


@dataclass(frozen=True, slots=True)
class BackupTools:
    """Everything that one run works with, bound once. `host` is the stable host name of snapshots; `stamp` the snapshot time
    to write instead of the present (simulations), or None."""

    state: StatePort
    clock: Clock
    repository: RepositoryPort
    source: SourcePort
    dataset: Dataset
    policy: Policy
    upkeep: Upkeep
    scratch: Path
    host: str
    on_progress: Callable[[RunRecord, Progress], None]
    stamp: Callable[[], datetime | None] = lambda: None


class BackupRun:
    """The body of the workflow `backup` for one run record."""

    def __init__(self, tools: BackupTools, record: RunRecord) -> None:
        self.tools = tools
        self.record = record

    def go(self, steps: Steps) -> RunRecord:
        """Carry the run to its end; never raises for a failure of the backup itself: the record's state tells."""
        if self.record.state in ENDS:
            return self.record
        try:
            steps.step("guard", self._guard)
            saved = [Saved(**item) for item in json.loads(steps.step("save", self._save))]
            verdict = steps.step("weigh", lambda: self._weigh(saved))
            checked = steps.step("check", self._check) if verdict == RunState.SUCCEEDED else verdict
            verdict = RunState.SUCCEEDED if checked == UNCHECKED else checked
            if verdict == RunState.SUCCEEDED and self.record.trigger is not Trigger.SAFETY:
                steps.step("forget", self._forget)
                if checked != UNCHECKED:  # a repository that was not looked at is not rewritten
                    steps.step("prune", self._prune)
            if verdict == RunState.SUCCEEDED and self.record.unreadable:
                verdict = RunState.PARTIAL
            self._move(RunState.REPORTING)
            return self._end(RunState(verdict), self.record.reason)
        except Cancelled as error:
            return self._end(RunState.CANCELLED, error.message)
        except RestoraError as error:
            return self._end(RunState.FAILED, f"{error.message}" + (f" ({error.hint})" if error.hint else ""))

    def _guard(self) -> str:
        self._move(RunState.GUARDING, started=self.record.started or self.tools.clock.now())
        report = self.tools.source.report()
        wrong = [finding for finding in report.findings if not finding.ok]
        if wrong:
            raise SourceError("; ".join(str(finding) for finding in wrong))
        return "{}"

    def _save(self) -> str:
        """Capture and save. Begun before (the record says so): what is complete is taken over, what is unproven is removed."""
        begun = self.record.state not in {RunState.QUEUED, RunState.GUARDING}
        there = self._there() if begun else []
        self._move(RunState.CAPTURING)
        scratch = self.tools.scratch / self.record.dataset
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(mode=0o700, parents=True)
        started = self.tools.clock.now()
        try:
            capture = self.tools.source.capture(scratch, self.record.id)
            self._move(RunState.SAVING, seconds={**self.record.seconds, "capture": _since(started, self.tools.clock)})
            started = self.tools.clock.now()
            moment = self.tools.stamp() or started
            facts = dict(capture.facts)
            try:
                saved = self._save_paths(capture.paths, there) if capture.paths else self._save_streams(capture, there)
            finally:
                if capture.release:
                    facts |= capture.release()
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        self.tools.state.put_facts(self.record.id, facts)
        kept = [s.time for s in there if s.id in {each.snapshot for each in saved}]
        self.record = replace(
            self.record,
            snapshots=tuple(s.snapshot for s in saved),
            point_time=min(kept, default=moment),
            files=sum(s.files for s in saved),
            bytes=sum(s.bytes for s in saved),
            added=sum(s.added for s in saved),
            unreadable=tuple(path for s in saved for path in s.unreadable),
            seconds={**self.record.seconds, "save": _since(started, self.tools.clock)},
        )
        self.tools.state.update_run(self.record)
        return json.dumps([asdict(item) for item in saved])

    def _there(self) -> list[Snapshot]:
        """The snapshots that this run left before it was killed."""
        tags = [f"{TAG_RUN}={self.record.id}"]
        return self.tools.upkeep.unlocking(lambda: self.tools.repository.snapshots(tags=tags))

    def _save_paths(self, paths: Paths, there: Sequence[Snapshot]) -> list[Saved]:
        if there:  # restic writes the snapshot last: one that exists is complete
            return [self._found(snapshot) for snapshot in there]
        save = self.tools.repository.save_paths
        return [
            self.tools.upkeep.unlocking(
                lambda: save(
                    paths, host=self.tools.host, tags=self._tags(), time=self.tools.stamp(), progress=self._progress
                )
            )
        ]

    def _found(self, snapshot: Snapshot) -> Saved:
        """A snapshot as what was saved. Versions of restic that keep no counts in it are asked for its list."""
        files, size = snapshot.files, snapshot.bytes
        if files is None or size is None:
            sizes = [entry.size for entry in self.tools.repository.entries(snapshot.id) if entry.kind == "file"]
            files, size = len(sizes), sum(sizes)
        return Saved(snapshot.id, files, size, 0)

    def _save_streams(self, capture: Capture, there: Sequence[Snapshot]) -> list[Saved]:
        # A dump's exit status was never seen for what is there: it may be cut short, so it goes and is taken again.
        if there:
            self.tools.upkeep.unlocking(lambda: self.tools.repository.forget([snapshot.id for snapshot in there]))
        return [self.tools.upkeep.unlocking(partial(self._save_stream, stream)) for stream in capture.streams]

    def _save_stream(self, stream: Stream) -> Saved:
        return self.tools.repository.save_stream(
            stream, host=self.tools.host, tags=[*self._tags(), f"{TAG_PART}={stream.name}"],
            time=self.tools.stamp(), progress=self._progress,
        )  # fmt: skip

    def _weigh(self, saved: Sequence[Saved]) -> str:
        self._move(RunState.WEIGHING)
        previous = self.tools.upkeep.last_good(self.record)
        findings = weigh(
            saved,
            previous,
            shrink_tolerance=self.tools.dataset.shrink_tolerance,
            allow_empty=getattr(self.tools.dataset, "allow_empty", False),
        )
        wrong = [str(finding) for finding in findings if not finding.ok]
        if wrong:
            self._note(reason="; ".join(wrong) + ". Nothing was forgotten")
            return RunState.SUSPECT
        self.tools.upkeep.remember(self.record, self.record.point_time or self.tools.clock.now())
        tolerated = getattr(self.tools.dataset, "unreadable", ())
        self._note(unreadable=tuple(p for p in self.record.unreadable if not _matches(p, tolerated)))
        if self.record.unreadable:
            self._note(
                reason=f"{len(self.record.unreadable)} paths could not be read, first: {self.record.unreadable[0]}"
            )
        return RunState.SUCCEEDED

    def _check(self) -> str:
        self._move(RunState.CHECKING)
        problem, warning = self.tools.upkeep.check_if_due(self.tools.policy, self._progress)
        self._warn(warning)
        if problem:
            self._note(reason=f"{problem}. Nothing was forgotten")
            return RunState.SUSPECT
        return RunState.SUCCEEDED if not warning else UNCHECKED

    def _forget(self) -> str:
        self._move(RunState.FORGETTING)
        if self.record.unreadable:
            self._warn("nothing was forgotten: the newest copy is not complete")
            return "{}"
        ids, warning = self.tools.upkeep.obsolete(self.record, self.tools.policy)
        before = self.record.forgotten
        if warning and not before:
            self._warn(warning)
            return "{}"
        # Noted before it is done: a kill in between leaves no snapshot of which nobody knows why it went.
        self._note(forgotten=tuple(dict.fromkeys((*before, *ids))))
        warning = self.tools.upkeep.forget(self.record.forgotten, self.record, self.tools.policy) or warning
        if warning:
            self._note(forgotten=before)
        self._warn(warning)
        return "{}"

    def _prune(self) -> str:
        self._warn(self.tools.upkeep.prune_if_due(self.tools.policy, self._progress))
        return "{}"

    def _warn(self, warning: str) -> None:
        if warning and warning not in self.record.warnings:
            self._note(warnings=(*self.record.warnings, warning))

    def _tags(self) -> list[str]:
        tags = [
            f"{TAG_RUN}={self.record.id}",
            f"{TAG_DATASET}={self.record.dataset}",
            f"{TAG_POLICY}={self.record.policy}",
        ]
        return [*tags, TAG_SAFETY] if self.record.trigger is Trigger.SAFETY else tags

    def _progress(self, progress: Progress) -> None:
        self.tools.on_progress(self.record, progress)

    def _move(self, state: RunState, **changes: Any) -> None:
        # A resumed run may repeat a step whose state was recorded already; only forwards counts.
        if may_follow(self.record.state, state):
            self.record = replace(self.record, state=state, **changes)
            self.tools.state.update_run(self.record)

    def _note(self, **changes: Any) -> None:
        self.record = replace(self.record, **changes)
        self.tools.state.update_run(self.record)

    def _end(self, state: RunState, reason: str) -> RunRecord:
        self.record = replace(self.record, state=state, reason=reason, ended=self.tools.clock.now())
        self.tools.state.update_run(self.record)
        return self.record


def _since(started: datetime, clock: Clock) -> float:
    return (clock.now() - started) / timedelta(seconds=1)


def _matches(path: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch(path, pattern) or path.startswith(pattern.rstrip("/") + "/") for pattern in patterns)
