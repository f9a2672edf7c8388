"""What restic writes, read into values. Unknown keys and text between the JSON lines are expected."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from policies.run import Progress
from policies.snapshot import FileEntry, Snapshot

PERCENT = re.compile(r"^\[[\d:]+\]\s+([\d.]+)%\s+(\d+) / (\d+) (.+)$")


@dataclass(frozen=True, slots=True)
class Summary:
    """The last word of a backup. `snapshot` may be short or empty."""

    snapshot: str
    files: int
    bytes: int
    added: int
    files_new: int
    files_changed: int
    seconds: float


@dataclass(frozen=True, slots=True)
class ItemError:
    """A path that could not be read, and why."""

    item: str
    message: str


@dataclass(frozen=True, slots=True)
class ExitError:
    """Why restic ends (0.17 and newer)."""

    code: int
    message: str


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock file: who works, or worked, on the repository."""

    id: str
    time: datetime
    host: str
    user: str
    pid: int
    exclusive: bool


def decode(line: str) -> Mapping[str, Any] | None:
    """The JSON object on a line; None for anything else."""
    if not line.startswith("{"):
        return None
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def read_line(step: str, line: str) -> Progress | Summary | ItemError | ExitError | None:
    """One line of `backup --json` or `restore --json`; None for text and for kinds that say nothing to us."""
    value = decode(line)
    if value is None:
        return None
    match value.get("message_type"):
        case "status":
            return Progress(
                step,
                done=_int(value, "bytes_done", "bytes_restored"),
                total=_int(value, "total_bytes") or None,
                files_done=_int(value, "files_done", "files_restored"),
                files_total=_int(value, "total_files") or None,
                note=", ".join(str(f) for f in value.get("current_files") or ()),
            )
        case "summary":
            return Summary(
                snapshot=str(value.get("snapshot_id") or ""),
                files=_int(value, "total_files_processed", "total_files"),
                bytes=_int(value, "total_bytes_processed", "total_bytes"),
                added=_int(value, "data_added_packed", "data_added"),
                files_new=_int(value, "files_new"),
                files_changed=_int(value, "files_changed"),
                seconds=float(value.get("total_duration") or 0.0),
            )
        case "error":
            return ItemError(str(value.get("item") or ""), _reason(value))
        case "exit_error":
            return ExitError(_int(value, "code"), str(value.get("message") or ""))
    return None


def read_percent(step: str, line: str) -> Progress | None:
    """A progress line of `check` or `prune`: `[0:05] 40.00%  2 / 5 packs`."""
    found = PERCENT.match(line.strip())
    return Progress(step, files_done=int(found[2]), files_total=int(found[3]), note=found[4]) if found else None


def read_snapshot(value: Mapping[str, Any]) -> Snapshot:
    """One element of `snapshots --json`."""
    summary = value.get("summary") or {}
    return Snapshot(
        id=str(value["id"]),
        time=read_time(str(value["time"])),
        host=str(value.get("hostname") or ""),
        paths=tuple(value.get("paths") or ()),
        tags=tuple(value.get("tags") or ()),
        tree=str(value.get("tree") or ""),
        parent=value.get("parent"),
        files=summary.get("total_files_processed"),
        bytes=summary.get("total_bytes_processed"),
    )


def read_entry(line: str) -> FileEntry | None:
    """A node of `ls --json`; None for the snapshot's own line and for text."""
    value = decode(line)
    if value is None or value.get("struct_type") != "node":
        return None
    modified = value.get("mtime")
    return FileEntry(
        path=str(value["path"]),
        kind=str(value.get("type") or ""),
        size=_int(value, "size"),
        modified=read_time(str(modified)) if modified else None,
        mode=_mode(value),
    )


def read_lock(identity: str, text: str) -> Lock | None:
    """The answer of `cat lock ID`; None where it is no lock (it may have gone meanwhile)."""
    try:
        value = json.loads(text)
        return Lock(
            id=identity,
            time=read_time(str(value["time"])),
            host=str(value.get("hostname") or ""),
            user=str(value.get("username") or ""),
            pid=int(value.get("pid") or 0),
            exclusive=bool(value.get("exclusive")),
        )
    except (ValueError, KeyError, TypeError):
        return None


def read_time(text: str) -> datetime:
    """A moment with its zone; restic writes nanoseconds."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def messages(text: str) -> str:
    """Errors as restic words them, whether they came as JSON or as text."""
    said = []
    for line in text.splitlines():
        value = decode(line)
        if value is None:
            said.append(line)
        elif value.get("message_type") == "error":
            said.append(_reason(value))
        elif value.get("message_type") == "exit_error":
            said.append(str(value.get("message") or ""))
    return "\n".join(said)


def _mode(value: Mapping[str, Any]) -> int | None:
    """Permission bits; restic keeps Go's mode, whose upper bits mean something else."""
    mode = value.get("mode")
    return mode & 0o777 if isinstance(mode, int) else None


def _int(value: Mapping[str, Any], *names: str) -> int:
    """The first of these keys that is there."""
    return next((int(value[name]) for name in names if isinstance(value.get(name), int | float)), 0)


def _reason(value: Mapping[str, Any]) -> str:
    error = value.get("error")
    if isinstance(error, dict):  # before 0.17: {"Op": "open", "Path": …, "Err": 13}
        text = error.get("message") or " ".join(str(error[key]) for key in ("Op", "Path", "Err") if key in error)
        return str(text) or str(value.get("item") or "")
    return str(error or value.get("message") or "").strip()
