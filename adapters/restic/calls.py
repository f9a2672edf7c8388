"""Runs restic for one repository: guards, secrets, time-outs, and failures with their cause."""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from adapters import process
from adapters.process import Completed, OnLine, ProcessFailed, TimedOut
from adapters.restic import behaviour, classify, output
from adapters.restic.behaviour import Behaviour
from adapters.restic.commands import PASSWORD_PLACE, Commands
from policies.capture import Command
from policies.errors import Cancelled, RepositoryError, RepositoryMissing, RestoraError, StorageUnavailable
from policies.repository import LocalRepository, Repository, S3Repository

RETRYING = re.compile(r"returned error, retrying after|failed, retrying")
OPENING = re.compile(r"<(?:config|key|lock)/")  # what it reads before any work is done
WHOLE = 1 << 28  # bytes of an answer that is read as a whole


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. `read`: short calls as a whole; `stall`: long calls without progress; `silent`: long calls that tell
    none."""

    read: float = 300.0
    stall: float = 1800.0
    silent: float = 86400.0
    grace: float = 20.0
    lasting_retries: int = 3  # restic repeats even hopeless calls for 15 minutes; after so many we stop it


@dataclass(frozen=True)
class Calls:
    """What every restic call of one repository shares."""

    name: str
    repository: Repository
    program: str
    cache: Path
    scratch: Path
    password: Callable[[], str]
    credentials: Callable[[], Mapping[str, str]]
    keep_fds: Callable[[], Sequence[int]]
    cancel: threading.Event | None
    timeouts: Timeouts
    lock_wait: int
    explain: Callable[[], object] | None = None  # asks the store itself; raises what is wrong with it

    @property
    def behaviour(self) -> Behaviour:
        return behaviour.probe(self.program)

    @property
    def commands(self) -> Commands:
        given = self.repository
        s3 = given if isinstance(given, S3Repository) else None
        return Commands(
            process.found(self.program),
            given.location,
            self.behaviour,
            self.cache,
            self.scratch,
            credentials=dict(self.credentials()),
            upload=given.upload,
            download=given.download,
            region=s3.region if s3 else None,
            storage_class=s3.storage_class if s3 else None,
            lock_wait=self.lock_wait,
            inherited={name: os.environ[name] for name in ("TMPDIR", "TZ") if name in os.environ},
        )

    @cached_property
    def secret(self) -> str:
        """The password; asked once, for its place may be a slow command."""
        return self.password()

    def guard(self) -> None:
        """Nothing is written, or looked for, in the bare folder beneath a disk that is not mounted; nothing begins once all
        was cancelled."""
        if self.cancel is not None and self.cancel.is_set():
            raise Cancelled(f"repository {self.name}: cancelled before it began", untouched="nothing was written")
        given = self.repository
        if isinstance(given, LocalRepository) and given.mount and not os.path.ismount(given.mount):
            raise StorageUnavailable(
                f"repository {self.name}: {given.mount} is not mounted",
                hint=f"mount {given.mount}; a repository is never written into the bare folder beneath it",
                untouched="nothing was written",
            )
        for folder in (self.cache, self.scratch):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def secrets(self) -> list[str]:
        return [self.secret, *self.commands.credentials.values()]

    def call(
        self,
        command: Command,
        doing: str,
        *,
        good: Sequence[int] = (0,),
        on_line: OnLine | None = None,
        on_error_line: OnLine | None = None,
        stall: float | None = None,
        timeout: float | None = None,
        limit: int = WHOLE,
        to: int | None = None,
        untouched: str = "",
        damage: bool = False,
    ) -> Completed:
        """Run to the end. Without `stall` it is a short call. Raises the error that its failure means; `damage`: the call
        looks for damage, and what it found comes before all else it said."""
        self.guard()
        watch = Impatience(
            self.name,
            doing,
            self.timeouts.lasting_retries,
            short=stall is None,
            then=on_error_line,
            explained=self.explained,
        )
        try:
            completed = process.run(
                command,
                timeout=timeout or (self.timeouts.read if stall is None else None),
                stall=stall,
                on_line=on_line,
                on_error_line=watch,
                keep_fds=self.keep_fds(),
                capture_limit=limit,
                mask=self.secrets(),
                cancel=self.cancel,
                handed={PASSWORD_PLACE: self.secret},
                raw=True,
                grace=self.timeouts.grace,
                output=to,
            )
        except TimedOut as error:
            raise self.late(error, doing) from error
        if completed.exit_code not in good:
            raise self.failed(completed, doing, untouched=untouched, damage=damage)
        return completed

    def stream(self, command: Command, doing: str) -> Iterator[str]:
        """Its lines, as they come."""
        self.guard()
        try:
            yield from process.lines(
                command,
                timeout=None,
                stall=self.timeouts.read,
                keep_fds=self.keep_fds(),
                mask=self.secrets(),
                cancel=self.cancel,
                handed={PASSWORD_PLACE: self.secret},
                raw=True,
                grace=self.timeouts.grace,
            )
        except TimedOut as error:
            raise self.late(error, doing) from error
        except ProcessFailed as error:
            raise self.failed(error.completed, doing) from None

    def failed(self, completed: Completed, doing: str, *, untouched: str = "", damage: bool = False) -> RepositoryError:
        """The error for a call that ended badly."""
        said = process.masked(output.messages(f"{completed.stdout[-20000:]}\n{completed.stderr}"), self.secrets())
        if damage and classify.found_damage(said):
            return classify.damaged(self.name, doing, said)
        error = classify.failure(self.name, doing, completed.exit_code, said, self.behaviour, untouched=untouched)
        return self.explained(error, doing)

    def explained(self, error: RepositoryError, doing: str) -> RepositoryError:
        """The same failure as the store itself tells it: restic looks with requests whose answers have no words."""
        if self.explain is None or not isinstance(error, StorageUnavailable | RepositoryMissing):
            return error
        try:
            self.explain()
        except RestoraError as better:
            kind = type(better) if isinstance(better, RepositoryError) else StorageUnavailable
            told = kind(
                f"repository {self.name}: could not {doing}: {better.message}",
                hint=better.hint,
                untouched=error.untouched,
            )
            told.retryable = better.retryable
            return told
        return error

    def late(self, error: TimedOut, doing: str) -> RepositoryError:
        """The error for a call that was stopped."""
        cause = classify.recognise(error.said)
        kind = cause.error if cause else StorageUnavailable
        why = f": {cause.meaning}" if cause else ""
        told = kind(
            f"repository {self.name}: could not {doing}{why} ({error.message})",
            hint=cause.hint if cause else error.hint,
        )
        return self.explained(told, doing)

    def room(self, folder: Path) -> int:
        """Free bytes on the disk where this folder is, or would be."""
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        return shutil.disk_usage(folder).free


class Impatience:
    """Reads stderr lines and stops restic when it repeats what cannot succeed."""

    def __init__(
        self,
        name: str,
        doing: str,
        most: int,
        *,
        short: bool,
        then: OnLine | None,
        explained: Callable[[RepositoryError, str], RepositoryError],
    ) -> None:
        self.name, self.doing, self.most, self.short, self.then = name, doing, most, short, then
        self.explained = explained
        self.count = 0

    def __call__(self, line: str) -> bool | None:
        if not RETRYING.search(line):
            return self.then(line) if self.then else None
        cause = classify.recognise(line)
        # work under way may outlast an outage; what can't even be opened is told at once
        opening = OPENING.search(line) is not None
        if opening or (cause is not None and (cause.lasting or self.short)):
            self.count += 1
            if self.count >= self.most:
                kind, meaning = (
                    (cause.error, cause.meaning) if cause else (StorageUnavailable, "it does not answer right")
                )
                error = kind(
                    f"repository {self.name}: could not {self.doing}: {meaning} ({line.strip()[:300]})",
                    hint=cause.hint if cause else "see whether its address is right: restora doctor",
                )
                raise self.explained(error, self.doing)
        return False  # a retry is no progress
