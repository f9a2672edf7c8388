"""Bringing data back: listing, restoring and dumping, each with evidence that it happened."""

from __future__ import annotations

import os
import re
import shutil
import stat
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from adapters.restic import output
from adapters.restic.calls import Calls
from policies.errors import RepositoryError, SourceError, StorageUnavailable
from policies.run import Progress
from policies.snapshot import FileEntry

OnProgress = Callable[[Progress], None]
UNKNOWN = "\ufffd"

NO_ROOM = 1 << 20  # bytes: with less than that a restore can't go on


class Restoring:
    """Reading one repository's snapshots."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls

    def entries(self, snapshot: str, path: str = "/") -> Iterator[FileEntry]:
        """Restic before 0.17 ends with 0 for a snapshot that it does not know: its own line must come first."""
        opened = False
        for line in self.calls.stream(self.calls.commands.entries(snapshot, path), f"list snapshot {snapshot[:8]}"):
            entry = output.read_entry(line)
            opened = opened or (output.decode(line) or {}).get("struct_type") == "snapshot"
            if entry is not None:
                yield entry
        if not opened:
            raise self._unknown(snapshot)

    def restore(
        self, snapshot: str, target: Path, *, include: Sequence[str], progress: OnProgress, verify: bool
    ) -> int:
        behaviour = self.calls.behaviour
        target.mkdir(parents=True, exist_ok=True)

        def seen(line: str) -> None:
            told = output.read_line("restore", line)
            if isinstance(told, Progress):
                progress(told)

        try:
            self.calls.call(
                self.calls.commands.restore(snapshot, target, include, verify=verify),
                f"restore snapshot {snapshot[:8]}",
                on_line=seen,
                stall=self.calls.timeouts.stall
                if behaviour.restore_json and not verify
                else self.calls.timeouts.silent,
                limit=1 << 16,
                untouched="the snapshot; the target may hold a part of it",
            )
        except StorageUnavailable as error:
            if shutil.disk_usage(target).free < NO_ROOM:  # it is not the repository's disk that is full
                raise SourceError(
                    f"there is no space left at {target} for snapshot {snapshot[:8]}",
                    hint="make room there, or name a place that has it: --to FOLDER",
                    untouched=error.untouched,
                ) from error
            raise
        return self._written(snapshot, target, include)

    def _written(self, snapshot: str, target: Path, include: Sequence[str]) -> int:
        """Count what is there against what the snapshot lists: restic ends with 0 when a pattern matches nothing."""
        wanted = {_as_told(_clean(path)): 0 for path in include}
        files = 0
        lost: list[str] = []
        for entry in self.entries(snapshot):
            asked = [path for path in wanted if entry.path == path or entry.path.startswith(path.rstrip("/") + "/")]
            if wanted and not asked:
                continue
            for path in asked:
                wanted[path] += 1
            files += entry.kind != "dir"
            if not _is_there(target, entry):
                lost.append(entry.path)
                if len(lost) > 100:
                    break
        unknown = [path for path, listed in wanted.items() if not listed]
        if unknown and not lost:
            what = "nothing was restored" if len(unknown) == len(wanted) else "not everything was restored"
            raise RepositoryError(
                f"repository {self.calls.name}: {what}: snapshot {snapshot[:8]} has no {', '.join(unknown)}",
                hint=f"look what is in it: restora browse DATASET --snapshot {snapshot[:8]}",
            )
        if lost:
            raise RepositoryError(
                f"repository {self.calls.name}: {len(lost)} entries of snapshot {snapshot[:8]} did not arrive whole in "
                f"{target}, the first is {lost[0]}",
                hint="see whether the disk is full or something else writes there, then restore again",
                untouched="the snapshot",
            )
        return files

    def dump_to(self, snapshot: str, path: str, target: Path) -> int:
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f".{target.name}.part")
        draft.unlink(missing_ok=True)
        fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            self.calls.call(
                self.calls.commands.dump(snapshot, _clean(path)),
                f"read {path} of snapshot {snapshot[:8]}",
                stall=self.calls.timeouts.silent,
                limit=1 << 16,
                to=fd,
            )
            os.fsync(fd)
            count = os.fstat(fd).st_size
            draft.replace(target)
        finally:
            os.close(fd)
            draft.unlink(missing_ok=True)
        return count

    def _unknown(self, snapshot: str) -> RepositoryError:
        return RepositoryError(
            f"repository {self.calls.name}: no such snapshot: {snapshot[:16]}",
            hint="list what is there with restora snapshots",
        )


def _clean(path: str) -> str:
    return "/" + path.strip("/")


def _as_told(path: str) -> str:
    """The path as restic's JSON tells it: a byte that is no UTF-8 becomes U+FFFD."""
    return re.sub("[\udc80-\udcff]", UNKNOWN, path)


def _is_there(target: Path, entry: FileEntry) -> bool:
    """Whether an entry arrived; of files the size counts too."""
    if UNKNOWN in entry.path:
        return True  # its name is no UTF-8: restic does not tell it as it is
    try:
        found = os.lstat(target / entry.path.lstrip("/"))
    except OSError:
        return False
    if entry.kind != "file":
        return True
    return stat.S_ISREG(found.st_mode) and found.st_size == entry.size
