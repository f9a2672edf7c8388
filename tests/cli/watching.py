"""Looks at processes while restora works: their arguments and environments, by wrappers and by /proc."""

from __future__ import annotations

import shlex
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest


@dataclass
class Seen:
    """Arguments and environments of every process that was seen, NUL-separated as the kernel has them."""

    arguments: set[bytes] = field(default_factory=set)
    rounds: int = 0


@contextmanager
def watched() -> Iterator[Seen]:
    """Reads the arguments of all processes of this host, over and over; the short-lived ones are left to the wrappers."""
    seen, stop = Seen(), threading.Event()

    def look() -> None:
        while not stop.is_set():
            for folder in Path("/proc").glob("[0-9]*"):
                try:
                    seen.arguments.add((folder / "cmdline").read_bytes())
                except OSError:  # it has ended
                    continue
            seen.rounds += 1
            stop.wait(0.05)

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield seen
    finally:
        stop.set()
        watcher.join(30)


WRAPPER = """#!/bin/sh
tr '\\0' '\\n' < /proc/$$/cmdline > {log}/{name}.$$.argv
env > {log}/{name}.$$.env
exec {real} "$@"
"""


def wrapped(folder: Path, log: Path, *programs: str) -> None:
    """Programs in a folder that note their arguments and environment before they become the real ones."""
    folder.mkdir(parents=True, exist_ok=True)
    log.mkdir(exist_ok=True)
    for program in programs:
        real = shutil.which(program)
        if real is None:
            pytest.fail(f"{program} is missing")
        place = folder / Path(program).name
        place.write_text(WRAPPER.format(log=shlex.quote(str(log)), name=place.name, real=shlex.quote(real)))
        place.chmod(0o755)
