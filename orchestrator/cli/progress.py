"""Live progress of runs, restores and drills: a bar per piece of work with rate and time left; quiet lines without a terminal."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from orchestrator.cli.invocation import Invocation
from orchestrator.cli.logs import complain_to_stderr
from policies.quantity import human_size
from policies.run import Progress, RunRecord

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

LINE_EVERY = 15.0


class Reporter:
    """Takes progress from any thread. Bars on a terminal; otherwise a line every 15 s on stderr; nothing when quiet."""

    def __init__(self, bars: Bars | None, quiet: bool) -> None:
        self._bars = bars
        self._quiet = quiet
        self._tasks: dict[str, TaskID] = {}
        self._spoken: dict[str, float] = {}
        self._lock = threading.Lock()

    def of_run(self, record: RunRecord, progress: Progress) -> None:
        """Progress of a run."""
        self.show(f"{record.dataset} → {record.repository}", progress)

    def show(self, title: str, progress: Progress) -> None:
        """Progress of anything with a title."""
        if self._quiet:
            return
        with self._lock:
            if self._bars is not None:
                self._bar(self._bars, title, progress)
            elif self._is_due(title, progress):
                self._spoken[title] = time.monotonic()
                share = (
                    f" {progress.done / progress.total:.0%} of {human_size(progress.total)}" if progress.total else ""
                )
                print(f"{title}: {progress.step}{share}", file=sys.stderr)

    def _is_due(self, title: str, progress: Progress) -> bool:
        """A line each 15 s; that it waits for another is said at once."""
        if progress.step == "waiting" and title not in self._spoken:
            self._spoken[title] = time.monotonic()
            return True
        return time.monotonic() - self._spoken.setdefault(title, time.monotonic()) >= LINE_EVERY

    def _bar(self, bars: Bars, title: str, progress: Progress) -> None:
        if title not in self._tasks:
            self._tasks[title] = bars.add_task(title, total=None, step="")
        bars.update(
            self._tasks[title], completed=progress.done, total=progress.total, step=progress.note or progress.step
        )


@contextmanager
def reporting(invocation: Invocation) -> Iterator[Reporter]:
    """A reporter for the time of a command."""
    complain_to_stderr()
    quiet = invocation.quiet or invocation.json
    if quiet or not sys.stderr.isatty():
        yield Reporter(None, quiet)
        return
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        SpinnerColumn,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )
    from rich.progress import Progress as Bars

    from orchestrator.cli.present import console

    columns = (
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=16), DownloadColumn(), TransferSpeedColumn(),
        TimeRemainingColumn(), TextColumn("{task.fields[step]}"),
    )  # fmt: skip
    with Bars(*columns, console=console(error=True), transient=True) as bars:
        yield Reporter(bars, False)


@contextmanager
def counting(invocation: Invocation, title: str, unit: str) -> Iterator[Callable[[int, int], None]]:
    """For the time of a command, a function that shows how many of how many are done: a bar at a terminal, a line each 15 s
    elsewhere, nothing when quiet."""
    quiet = invocation.quiet or invocation.json
    if quiet or not sys.stderr.isatty():
        spoken = time.monotonic()

        def speak(done: int, total: int) -> None:
            nonlocal spoken
            if not quiet and time.monotonic() - spoken >= LINE_EVERY:
                spoken = time.monotonic()
                print(f"{title}: {done} of {total} {unit}", file=sys.stderr)

        yield speak
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    from orchestrator.cli.present import console

    columns = (TextColumn("{task.description}"), BarColumn(bar_width=24), MofNCompleteColumn(), TimeRemainingColumn())
    with Bars(*columns, console=console(error=True), transient=True) as bars:
        task = bars.add_task(f"{title}, {unit}", total=None)
        yield lambda done, total: bars.update(task, completed=done, total=total)


@contextmanager
def stepping(invocation: Invocation) -> Iterator[Callable[[str, float], None]]:
    """For the time of a command, a function that shows which step it is at, and which share (0 to 1) of the step is done."""
    quiet = invocation.quiet or invocation.json
    if quiet or not sys.stderr.isatty():
        last: dict[str, float] = {}

        def speak(step: str, share: float) -> None:
            if not quiet and (step not in last or time.monotonic() - last[step] >= LINE_EVERY):
                last[step] = time.monotonic()
                print(f"{step}: {share:.0%}", file=sys.stderr)

        yield speak
        return
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    from orchestrator.cli.present import console

    columns = (TextColumn("{task.description}"), BarColumn(bar_width=24), TimeElapsedColumn(), TimeRemainingColumn())
    with Bars(*columns, console=console(error=True), transient=True) as bars:
        task, shown = bars.add_task("training", total=1.0), ""

        def draw(step: str, share: float) -> None:
            nonlocal shown
            if step != shown:
                bars.reset(task, description=step, total=1.0)
                shown = step
            bars.update(task, completed=share)

        yield draw
