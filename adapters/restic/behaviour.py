"""What each restic version does, as a table. Measured: docs/restic-behaviour.md."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from pathlib import Path

from adapters import process
from policies.capture import Command
from policies.errors import ToolMissing

Version = tuple[int, int, int]
OLDEST: Version = (0, 14, 0)
HINT = (
    "install restic 0.14 or newer: apt-get install restic, or https://restic.net; 0.17.1 or newer is better for dumps"
)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One version and what it can do."""

    version: Version

    def __str__(self) -> str:
        return ".".join(map(str, self.version))

    @property
    def exit_codes(self) -> dict[int, str]:
        """Exit codes with a meaning of their own, beside 0 (done), 1 (failed) and 3 (some files unreadable)."""
        codes = {10: "missing", 11: "locked", 130: "interrupted"} if self.version >= (0, 17, 0) else {}
        return codes | ({12: "password"} if self.version >= (0, 17, 1) else {})

    @property
    def stdin_from_command(self) -> bool:
        """`backup --stdin-from-command`; 0.17.0 panics when the command is missing."""
        return self.version >= (0, 17, 1)

    @property
    def summary_in_snapshot(self) -> bool:
        """Counts and bytes are kept in the snapshot."""
        return self.version >= (0, 17, 0)

    @property
    def full_id_in_summary(self) -> bool:
        """`backup --json` names the snapshot by its full id."""
        return self.version >= (0, 15, 0)

    @property
    def restore_json(self) -> bool:
        """`restore --json` tells progress; before, restore is silent."""
        return self.version >= (0, 16, 0)

    @property
    def missing_source_fails(self) -> bool:
        """A source that is not there gives exit code 3 rather than 0."""
        return self.version >= (0, 19, 0)

    @property
    def retry_lock(self) -> bool:
        """`--retry-lock`."""
        return self.version >= (0, 16, 0)


_seen: dict[tuple[str, int], Behaviour] = {}
_guard = threading.Lock()


def parse(text: str) -> Behaviour:
    """Read the answer of `restic version`; ToolMissing below the oldest version."""
    found = re.match(r"restic (\d+)\.(\d+)\.(\d+)", text.strip())
    if not found:
        raise ToolMissing(f"restic says of its version: {text.strip()[:80]!r}", hint=HINT)
    behaviour = Behaviour((int(found[1]), int(found[2]), int(found[3])))
    if behaviour.version < OLDEST:
        raise ToolMissing(f"restic {behaviour} is too old", hint=HINT)
    return behaviour


def probe(program: str) -> Behaviour:
    """The behaviour of this binary; asked once per process and per change of the file."""
    path = process.found(program)
    key = (path, Path(path).stat().st_mtime_ns)
    with _guard:
        if key not in _seen:
            _seen[key] = parse(process.run(Command((path, "version")), timeout=60).stdout)
        return _seen[key]
