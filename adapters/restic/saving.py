"""Making snapshots: of trees, and of what a command writes."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from adapters import process
from adapters.process import Completed, TimedOut
from adapters.restic import output
from adapters.restic.calls import Calls
from adapters.restic.commands import PASSWORD_PLACE
from policies.capture import Paths, Saved, Stream
from policies.errors import RepositoryError, RestoraError, SourceError
from policies.quantity import human_size
from policies.repository import LocalRepository
from policies.run import Progress
from policies.snapshot import Snapshot

OnProgress = Callable[[Progress], None]
SKIPPED = re.compile(r"(.+) does not exist, skipping$")
MOST_UNREADABLE = 10_000  # paths kept of those that could not be read


class Saving:
    """Backups into one repository."""

    def __init__(
        self, calls: Calls, snapshots: Callable[..., list[Snapshot]], forget: Callable[[Sequence[str]], None]
    ) -> None:
        self.calls, self.snapshots, self.forget = calls, snapshots, forget

    def paths(
        self,
        paths: Paths,
        *,
        host: str,
        tags: Sequence[str],
        time: datetime | None,
        progress: OnProgress,
        parent: str | None,
    ) -> Saved:
        missing = [str(path) for path in paths.paths if not os.path.lexists(path)]
        if missing or not paths.paths:
            raise SourceError(  # restic before 0.19 skips it and ends with 0
                f"not there: {', '.join(missing) or 'no path was named'}",
                hint="see whether it is mounted, or take it out of the dataset",
                untouched="no snapshot was made",
            )
        heard = _Heard("save", progress)
        command = self.calls.commands.backup(paths, host=host, tags=tags, time=time, parent=parent)
        completed = self.calls.call(
            command,
            "save",
            good=(0, 3),
            on_line=heard.line,
            on_error_line=heard.error_line,
            stall=self.calls.timeouts.stall,
            limit=1 << 16,
        )
        saved = self._saved(heard, completed)
        if completed.exit_code == 3 and not saved.unreadable:
            return replace(saved, unreadable=("(restic did not name it)",))
        return saved

    def stream(
        self, stream: Stream, *, host: str, tags: Sequence[str], time: datetime | None, progress: OnProgress
    ) -> Saved:
        environment = {**os.environ, **stream.command.env, **stream.command.secret_env}
        process.found(stream.command.argv[0], environment.get("PATH"))
        heard = _Heard("save", progress)
        if self.calls.commands.can_run(stream):
            return self._by_restic(stream, heard, host, tags, time)
        return self._by_us(stream, heard, host, tags, time)

    def _by_restic(self, stream: Stream, heard: _Heard, host: str, tags: Sequence[str], time: datetime | None) -> Saved:
        """restic runs the command, and makes no snapshot when it fails. Too little of it is seen afterwards."""
        command = self.calls.commands.backup_command(stream, host=host, tags=tags, time=time)
        completed = self.calls.call(
            command,
            "save",
            good=(0, 1, 3),
            on_line=heard.line,
            on_error_line=heard.error_line,
            stall=self.calls.timeouts.stall,
            limit=1 << 16,
        )
        failed = "command failed" in heard.errors or "no data read" in heard.errors
        if completed.exit_code == 1 and not failed:
            raise self.calls.failed(completed, "save")
        if heard.summary is None or not heard.summary.snapshot:
            if failed:
                raise self._no_dump(stream, heard.told())
            raise self._nothing(completed)
        saved = self._saved(heard, completed)
        why = heard.told() if completed.exit_code else self._implausible(stream, saved.bytes)
        if not why and stream.magic:
            start = self._start(saved.snapshot, stream)
            why = "" if start == stream.magic else f"it begins with {start!r} instead of {stream.magic!r}"
        if why:
            self._remove(saved.snapshot, stream, why)
        return replace(saved, unreadable=())

    def _by_us(self, stream: Stream, heard: _Heard, host: str, tags: Sequence[str], time: datetime | None) -> Saved:
        """Both processes are ours; restic sees the end of the stream only when it is whole."""
        self.calls.guard()

        def whole(code: int, count: int, head: bytes) -> bool:
            return code == 0 and not self._implausible(stream, count) and head.startswith(stream.magic)

        command = self.calls.commands.backup_stdin(stream, host=host, tags=tags, time=time)
        try:
            piped = process.pipe(
                stream.command,
                command,
                timeout=None,
                stall=self.calls.timeouts.stall,
                on_line=heard.line,
                on_error_line=heard.error_line,
                accept=whole,
                keep_fds=self.calls.keep_fds(),
                mask=self.calls.secrets(),
                cancel=self.calls.cancel,
                handed={PASSWORD_PLACE: self.calls.secret},
                raw=True,
                capture_limit=1 << 16,
                grace=self.calls.timeouts.grace,
            )
        except TimedOut as error:
            raise self.calls.late(error, "save") from error
        if not piped.accepted:
            if piped.refused:  # restic failed first
                raise self.calls.failed(piped.consumer, "save")
            if piped.producer.exit_code:
                said = piped.producer.tail() or "it said nothing"
                raise self._no_dump(stream, f"exit code {piped.producer.exit_code}: {said}")
            small = self._implausible(stream, piped.bytes)
            raise self._no_dump(stream, small or f"it begins with {piped.head[: len(stream.magic)]!r}")
        if piped.consumer.exit_code:
            raise self.calls.failed(piped.consumer, "save")
        return replace(self._saved(heard, piped.consumer), bytes=piped.bytes)

    def _implausible(self, stream: Stream, count: int) -> str:
        least = max(stream.minimum, 1)
        return "" if count >= least else f"it wrote {human_size(count)}, at least {human_size(least)} are plausible"

    def _start(self, snapshot: str, stream: Stream) -> bytes:
        return process.head(
            self.calls.commands.dump(snapshot, f"/{stream.name}"),
            len(stream.magic),
            timeout=self.calls.timeouts.read,
            keep_fds=self.calls.keep_fds(),
            mask=self.calls.secrets(),
            cancel=self.calls.cancel,
            handed={PASSWORD_PLACE: self.calls.secret},
        )

    def _remove(self, snapshot: str, stream: Stream, why: str) -> None:
        """Take back the snapshot of a bad stream, and say so; raises in any case."""
        try:
            self.forget([snapshot])
        except RestoraError as error:
            raise RepositoryError(
                f"{stream.name} is no good ({why}), but its snapshot {snapshot[:8]} is still there: {error.message}",
                hint=f"remove it: restic forget {snapshot}",
            ) from error
        raise self._no_dump(stream, why)

    def _no_dump(self, stream: Stream, why: str) -> SourceError:
        shown = process.masked(
            process.shown(stream.command), [*stream.command.secret_env.values(), *self.calls.secrets()]
        )
        return SourceError(
            f"{stream.name} was not saved: {process.masked(why, [*stream.command.secret_env.values()])}",
            hint=f"run it by hand to see what it says: {shown}",
            untouched="no snapshot is left of it",
        )

    def _saved(self, heard: _Heard, completed: Completed) -> Saved:
        summary = heard.summary
        if summary is None or not summary.snapshot:
            raise self._nothing(completed)
        identity = summary.snapshot
        if len(identity) < 64:  # before 0.15 restic tells the beginning
            identity = self._on_disk(identity) or self.snapshots(ids=[identity])[-1].id
        return Saved(
            snapshot=identity,
            files=summary.files,
            bytes=summary.bytes,
            added=summary.added,
            files_new=summary.files_new,
            files_changed=summary.files_changed,
            seconds=summary.seconds or completed.seconds,
            unreadable=tuple(heard.unreadable),
        )

    def _on_disk(self, beginning: str) -> str:
        """The whole id of a snapshot from its file's name in a local repository, or '': that spares restic's key derivation."""
        place = self.calls.repository
        if not isinstance(place, LocalRepository) or not beginning.isalnum():
            return ""
        found = [path.name for path in (Path(place.path) / "snapshots").glob(f"{beginning}*")]
        return found[0] if len(found) == 1 and len(found[0]) == 64 else ""

    def _nothing(self, completed: Completed) -> RepositoryError:
        return RepositoryError(
            f"repository {self.calls.name}: restic ended with {completed.exit_code} and made no snapshot: "
            f"{completed.tail()}",
            hint="run restora doctor",
        )


class _Heard:
    """What restic says while it saves."""

    def __init__(self, step: str, progress: OnProgress) -> None:
        self.step, self.progress = step, progress
        self.summary: output.Summary | None = None
        self.unreadable: dict[str, None] = {}
        self.errors = ""
        self.plain: list[str] = []
        self.last = (-1, -1)

    def line(self, line: str) -> bool:
        """Whether it shows progress: bytes or files moved on."""
        match output.read_line(self.step, line):
            case Progress() as told:
                before, self.last = self.last, (told.done, told.files_done)
                self.progress(told)
                return self.last != before
            case output.Summary() as summary:
                self.summary = summary
            case output.ItemError() as error:
                self._unread(error)
        return True

    def error_line(self, line: str) -> bool:
        match output.read_line(self.step, line):
            case output.ItemError() as error:
                self._unread(error)
            case output.ExitError() as error:
                self.errors = f"{self.errors}\n{error.message}"[-4000:]
            case _ if line.strip():
                if skipped := SKIPPED.match(line):
                    self.unreadable[skipped[1]] = None  # it was there a moment ago
                self.plain = [*self.plain[-9:], line.strip().removeprefix("subprocess env: ")]
        return True

    def told(self) -> str:
        """What it said of a failure: the command's own words, and restic's first ones."""
        return " · ".join([*self.plain, *self.errors.strip().splitlines()[:1]])[-2000:] or "it said nothing"

    def _unread(self, error: output.ItemError) -> None:
        self.errors = f"{self.errors}\n{error.message}"[-4000:]
        if len(self.unreadable) < MOST_UNREADABLE:
            self.unreadable[error.item or error.message] = None
