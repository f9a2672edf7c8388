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
from functools import cached_property
from pathlib import Path
from typing import Any

from orchestrator.ports import Clock, RepositoryPort, SourcePort, StatePort, Steps
from orchestrator.upkeep import Upkeep
from planner.evidence import weigh
from policies.capture import Capture, Paths, Saved, Stream
from policies.dataset import Dataset
from policies.errors import Cancelled, GuardrailViolation, RepositoryError, RepositoryLocked, RestoraError, SourceError
from policies.guardrails import check_forget
from policies.policy import Policy
from policies.run import ENDS, Progress, RunRecord, RunState, Trigger, may_follow
from policies.snapshot import TAG_DATASET, TAG_PART, TAG_POLICY, TAG_RUN, TAG_SAFETY, Snapshot

UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True)
class BackupTools:
    """Everything that one run works with, bound once. `host` is the stable host name of snapshots; `stamped`: snapshots
    carry the moment of capture by `clock` instead of restic's present (simulations)."""

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
    stamped: bool = False


class BackupRun:
    """The body of the workflow `backup` for one run record."""

    def __init__(self, tools: BackupTools, record: RunRecord) -> None:
        self.tools = tools
        self.record = record
        self._parts_done = 0  # bytes of the streams that are saved already

    def go(self, steps: Steps) -> RunRecord:
        """Carry the run to its end; never raises for a failure of the backup itself: the record's state tells."""
        if self.record.state in ENDS:
            return self.record
        try:
            steps.step("guard", self._guard)
            saved = [Saved(**item) for item in json.loads(steps.step("save", self._save))]
            verdict = steps.step("weigh", lambda: self._weigh(saved))
            proof = steps.step("check", self._check) if verdict == RunState.SUCCEEDED else verdict
            if proof == RunState.SUCCEEDED and self.record.trigger is not Trigger.SAFETY:
                steps.step("forget", self._forget)
                steps.step("prune", self._prune)
            verdict = RunState.SUSPECT if proof == RunState.SUSPECT else verdict
            if verdict == RunState.SUCCEEDED and self.record.unreadable:
                verdict = RunState.PARTIAL
            self._move(RunState.REPORTING)
            return self._end(RunState(verdict), self.record.reason)
        except Cancelled as error:
            return self._end(RunState.CANCELLED, error.message)
        except RestoraError as error:
            return self._end(RunState.FAILED, f"{error.message}" + (f" ({error.hint})" if error.hint else ""))
        except OSError as error:  # a full or read-only disk beneath the scratch folder
            return self._end(RunState.FAILED, f"{error.strerror or error}: {error.filename or self.tools.scratch}")

    def _guard(self) -> str:
        self._move(RunState.GUARDING, started=self.record.started or self.tools.clock.now())
        report = self.tools.source.report()
        wrong = [finding for finding in report.findings if not finding.ok]
        if wrong:
            raise SourceError("; ".join(str(finding) for finding in wrong))
        return "{}"

    def _save(self) -> str:
        """Capture and save. Begun before (the record says so): nobody heard what restic said of the snapshot that is there,
        neither which files it could not read nor how the dump ended, so it is taken again and then removed."""
        begun = self.record.state not in {RunState.QUEUED, RunState.GUARDING}
        there = self._there() if begun else []
        self._move(RunState.CAPTURING)
        self._note(point_time=self.tools.clock.now())  # the age of the data: that of its capture
        scratch = self.tools.scratch / self.record.dataset
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(mode=0o700, parents=True)
        started = self.tools.clock.now()
        try:
            capture = self.tools.source.capture(scratch, self.record.id)
            self._move(RunState.SAVING, seconds={**self.record.seconds, "capture": _since(started, self.tools.clock)})
            started = self.tools.clock.now()
            facts = dict(capture.facts)
            try:
                saved = self._save_paths(capture.paths) if capture.paths else self._save_streams(capture)
                self._remove_unheard([s.id for s in there if s.id not in {new.snapshot for new in saved}])
            finally:
                if capture.release:
                    facts |= capture.release()
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        self.tools.state.put_facts(self.record.id, facts)
        self.record = replace(
            self.record,
            snapshots=tuple(s.snapshot for s in saved),
            files=sum(s.files for s in saved),
            bytes=sum(s.bytes for s in saved),
            added=sum(s.added for s in saved),
            unreadable=tuple(path for s in saved for path in s.unreadable),
            seconds={**self.record.seconds, "save": _since(started, self.tools.clock)},
        )
        self.tools.state.update_run(self.record)
        return json.dumps([asdict(item) for item in saved])

    def _remove_unheard(self, snapshots: Sequence[str]) -> None:
        """Remove what a killed attempt left. Where that can't be done now (its lock is young) it stays beside the new ones: no
        restore takes it, and it goes with its point."""
        if snapshots:
            try:
                self.tools.upkeep.unlocking(lambda: self.tools.repository.forget(snapshots))
            except RepositoryError as error:
                self._warn(f"what a killed attempt left is still there: {error.message}")

    def _there(self) -> list[Snapshot]:
        """What a killed attempt of this run left, perhaps behind the lock that it left, too."""
        tags = [f"{TAG_RUN}={self.record.id}"]
        return self.tools.upkeep.unlocking(lambda: self.tools.repository.snapshots(tags=tags))

    def _save_paths(self, paths: Paths) -> list[Saved]:
        # restic finds the snapshot of a killed attempt by itself as parent: only what changed since is read again
        repository, host = self.tools.repository, self.tools.host
        return [
            self.tools.upkeep.unlocking(
                lambda: repository.save_paths(
                    paths, host=host, tags=self._tags(), time=self._stamp(), progress=self._progress
                )
            )
        ]

    def _stamp(self) -> datetime | None:
        # one moment for the record and all its snapshots, however long they waited for each other
        return self.record.point_time if self.tools.stamped else None

    def _save_streams(self, capture: Capture) -> list[Saved]:
        """Every part, or none: parts of a run that failed at a later one would look like a whole point."""
        saved: list[Saved] = []
        try:
            for stream in capture.streams:
                saved.append(self._save_stream(stream))  # noqa: PERF401  what was saved before a failure must be known
        except RestoraError as error:
            if saved:
                self._take_back([each.snapshot for each in saved], error)
            raise
        return saved

    def _save_stream(self, stream: Stream) -> Saved:
        repository, host = self.tools.repository, self.tools.host
        tags = [*self._tags(), f"{TAG_PART}={stream.name}"]
        saved = self.tools.upkeep.unlocking(
            lambda: repository.save_stream(stream, host=host, tags=tags, time=self._stamp(), progress=self._progress)
        )
        self._parts_done += saved.bytes
        return replace(saved, part=stream.name)

    def _take_back(self, snapshots: Sequence[str], cause: RestoraError) -> None:
        try:
            self.tools.upkeep.unlocking(lambda: self.tools.repository.forget(snapshots))
        except RestoraError as error:  # they fill no place in retention and go when points of their age go
            self._warn(f"{len(snapshots)} parts saved before it failed are still there: {error.message}")
            cause.untouched = ""

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
        self.tools.upkeep.remember(self.record, saved, self._tags())
        tolerated = getattr(self.tools.dataset, "unreadable", ())
        self._note(unreadable=tuple(p for p in self.record.unreadable if not _matches(p, tolerated)))
        if self.record.unreadable:
            self._note(
                reason=f"{len(self.record.unreadable)} paths could not be read, first: {self.record.unreadable[0]}"
            )
        return RunState.SUCCEEDED

    def _check(self) -> str:
        """`succeeded`, `suspect`, or `unchecked`: what could not be checked proves nothing, so nothing is forgotten."""
        self._move(RunState.CHECKING)
        try:
            problem = self.tools.upkeep.check_if_due(self.tools.policy, self._progress)
        except RepositoryLocked as error:
            self._warn(f"not checked, so nothing was forgotten: {error.message}")
            return UNCHECKED
        except RepositoryError as error:
            problem = f"saved, but the repository could not be checked: {error.message}"
        if problem:
            self._note(reason=f"{problem}. Nothing was forgotten")
            return RunState.SUSPECT
        return RunState.SUCCEEDED

    def _forget(self) -> str:
        self._move(RunState.FORGETTING)
        newest = RunState.PARTIAL if self.record.unreadable else RunState.SUCCEEDED
        try:
            check_forget(newest, check_passed=not self.tools.upkeep.damage, subject=self.record.dataset)
        except GuardrailViolation as error:
            self._warn(error.message)
            return "{}"
        ids, warning = self.tools.upkeep.obsolete(self.record, self.tools.policy)
        before = self.record.forgotten
        if warning and not before:
            self._warn(warning)
            return "{}"
        # Noted before it is done: a kill in between leaves no snapshot of which nobody knows why it went.
        self._note(forgotten=tuple(dict.fromkeys((*before, *ids))))
        warning = self.tools.upkeep.forget(self.record, self.tools.policy, self.record.forgotten)
        if warning:
            self._note(forgotten=before)
        self._warn(warning)
        return "{}"

    def _prune(self) -> str:
        self._warn(self.tools.upkeep.prune_if_due(self.tools.policy, self._progress))
        return "{}"

    def _tags(self) -> list[str]:
        tags = [
            f"{TAG_RUN}={self.record.id}",
            f"{TAG_DATASET}={self.record.dataset}",
            f"{TAG_POLICY}={self.record.policy}",
        ]
        return [*tags, TAG_SAFETY] if self.record.trigger is Trigger.SAFETY else tags

    def _progress(self, progress: Progress) -> None:
        """Tell how far it is; where nobody knows the end of a dump, the last good run says how much there was."""
        if progress.total is None and progress.done and self._usual_bytes:
            done = self._parts_done + progress.done
            progress = replace(progress, done=done, total=max(self._usual_bytes, done))
        self.tools.on_progress(self.record, progress)

    @cached_property
    def _usual_bytes(self) -> int:
        last = self.tools.upkeep.last_good(self.record)
        return (last.bytes if last else None) or 0

    def _move(self, state: RunState, **changes: Any) -> None:
        # A resumed run may repeat a step whose state was recorded already; only forwards counts.
        if may_follow(self.record.state, state):
            self.record = replace(self.record, state=state, **changes)
            self.tools.state.update_run(self.record)

    def _note(self, **changes: Any) -> None:
        self.record = replace(self.record, **changes)
        self.tools.state.update_run(self.record)

    def _warn(self, warning: str = "") -> None:
        """Add a warning, and what upkeep has to tell."""
        told, self.tools.upkeep.told = [*self.tools.upkeep.told, warning], []
        if new := [each for each in told if each and each not in self.record.warnings]:
            self._note(warnings=(*self.record.warnings, *new))

    def _end(self, state: RunState, reason: str) -> RunRecord:
        self._warn()
        self.record = replace(self.record, state=state, reason=reason, ended=self.tools.clock.now())
        self.tools.state.update_run(self.record)
        return self.record


def _since(started: datetime, clock: Clock) -> float:
    return (clock.now() - started) / timedelta(seconds=1)


def _matches(path: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch(path, pattern) or path.startswith(pattern.rstrip("/") + "/") for pattern in patterns)
