"""What one command costs: processor seconds with all its children, time, and the peak memory of its own process."""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Cost:
    """Processor and elapsed seconds; peak resident bytes of the command's own process, without its children."""

    cpu: float
    elapsed: float
    own_peak: int


@dataclass(frozen=True, slots=True)
class Ratio:
    """One line of the result: ours by theirs, both in `unit`."""

    name: str
    ours: float
    theirs: float
    unit: str

    @property
    def value(self) -> float:
        return self.ours / self.theirs


class CommandFailed(Exception):
    """A measured command ended with an unexpected code."""


def cost_of(command: Sequence[str | Path], env: Mapping[str, str] | None = None, accept: Sequence[int] = (0,)) -> Cost:
    """Run once. Its output is shown only when it fails. Raises CommandFailed."""
    words = [str(word) for word in command]
    with tempfile.TemporaryFile() as output:
        began = time.monotonic()
        process = subprocess.Popen(
            words, env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        own_peak = 0
        while True:
            own_peak = max(own_peak, _own_peak(process.pid))
            # wait4 is the one call that tells the usage of this child and of all that it waited for.
            done, status, usage = os.wait4(process.pid, os.WNOHANG)
            if done:
                break
            time.sleep(POLL_SECONDS)
        elapsed = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in accept:
            output.seek(0)
            tail = output.read()[-2000:].decode(errors="replace")
            raise CommandFailed(f"{' '.join(words)} ended with {process.returncode}:\n{tail}")
    return Cost(usage.ru_utime + usage.ru_stime, elapsed, own_peak)


def median_cpu(costs: Sequence[Cost]) -> float:
    return statistics.median(cost.cpu for cost in costs)


def _own_peak(pid: int) -> int:
    """The high-water mark of a process that may have ended."""
    try:
        text = Path(f"/proc/{pid}/status").read_text("ascii", "replace")
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("VmHWM:")), 0)
