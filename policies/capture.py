"""What a source hands to a repository, and what it says of itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from policies.run import Finding


@dataclass(frozen=True, slots=True)
class Command:
    """A program to run: never through a shell. `env` is added to the environment; values of `secret_env` are masked wherever
    the command or its output is shown."""

    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    secret_env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None


@dataclass(frozen=True, slots=True)
class Paths:
    """A tree on disk, to be saved as it lies there."""

    paths: tuple[Path, ...]
    exclude: tuple[str, ...] = ()
    one_file_system: bool = False


@dataclass(frozen=True, slots=True)
class Stream:
    """The output of a command, to be saved under a file name. `minimum` bytes make it plausible; `magic` is how it must begin."""

    name: str
    command: Command
    minimum: int = 1
    magic: bytes = b""


@dataclass(frozen=True, slots=True)
class Capture:
    """A consistent state of a dataset, ready to be saved: either paths, or streams. `scratch` is removed afterwards.

    `facts` are content counts taken at the same moment (rows per table, integrity), for drills to compare with.
    `release` is called once after saving, whether it succeeded or not: it lets go of what was held for the capture (an open
    transaction), and what it returns replaces or completes the facts (what moved while it was saved)."""

    paths: Paths | None = None
    streams: tuple[Stream, ...] = ()
    scratch: Path | None = None
    expected_bytes: int | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    release: Callable[[], Mapping[str, str]] | None = None


@dataclass(frozen=True, slots=True)
class SourceReport:
    """A look at a source before anything is read: `findings` that are not ok stop the run; bytes and files where known."""

    detail: str
    bytes: int | None = None
    files: int | None = None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Saved:
    """What restic said of one snapshot that it wrote. Sizes in bytes; `unreadable`: paths that could not be read;
    `part`: the name of the stream that it holds."""

    snapshot: str
    files: int
    bytes: int
    added: int
    files_new: int = 0
    files_changed: int = 0
    seconds: float = 0.0
    unreadable: tuple[str, ...] = ()
    part: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A dataset that discovery proposes: configuration fields, ready for restora.yaml."""

    name: str
    kind: str
    fields: Mapping[str, object]
    aliases: tuple[str, ...] = ()
    detail: str = ""
