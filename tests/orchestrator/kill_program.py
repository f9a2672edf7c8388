"""A process that carries out one run and is killed in it: `python -m tests.orchestrator.kill_program HOME KIND REQUEST [WHERE]`.

KIND is `files`, or `stream` for a dataset that is a command's output. WHERE is `before:STEP`, `in:STEP` (its work is done, and not
recorded yet), `after:STEP`, or the same with the step `tell`, the telling of the end. Every life asks for the run by the same
request. Prints its end."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from orchestrator.assemble import controller
from orchestrator.controller import WORKFLOW
from orchestrator.ports import OnProgress, Steps
from orchestrator.settings import Settings
from orchestrator.wiring import Application
from policies.capture import Capture, Command, SourceReport, Stream
from policies.run import Finding, RunRecord


class Mortal:
    """Steps that die where they are told."""

    def __init__(self, steps: Steps, die: Callable[[str], None]) -> None:
        self.steps, self.die = steps, die

    def step(self, name: str, work: Callable[[], str]) -> str:
        def done() -> str:
            result = work()
            self.die(f"in:{name}")
            return result

        self.die(f"before:{name}")
        result = self.steps.step(name, done)
        self.die(f"after:{name}")
        return result


class StreamSource:
    """A database of one file, dumped by `cat`."""

    kind = "stream"

    def __init__(self, file: Path) -> None:
        self.file = file

    def report(self) -> SourceReport:
        return SourceReport("a stream")

    def capture(self, scratch: Path, run: str) -> Capture:
        return Capture(streams=(Stream("dump.sql", Command(("cat", str(self.file)))),), facts={"bytes": "many"})

    def restore(
        self, restored: Path, target: str, *, items: Sequence[str] = (), in_place: bool = False, progress: OnProgress
    ) -> str:
        raise NotImplementedError

    def verify(self, target: str, facts: Mapping[str, str], *, items: Sequence[str] = ()) -> list[Finding]:
        raise NotImplementedError

    def facts(self, target: str = "") -> Mapping[str, str]:
        return {}


def main(home: Path, kind: str, request: str, where: str = "") -> None:
    def die(place: str) -> None:
        if place == where:
            os.kill(os.getpid(), signal.SIGKILL)

    application = Application(Settings.find(home))
    if kind == "stream":
        application.source = lambda _dataset: StreamSource(home / "docs" / "a.txt")  # type: ignore[method-assign]
    running = controller(application)
    tell = running.on_end

    def on_end(record: RunRecord) -> None:
        die("before:tell")
        tell(record)
        die("after:tell")

    running.on_end = on_end
    application.engine.register(WORKFLOW, lambda steps, run: running._body(Mortal(steps, die), run))
    running.start()
    record = running.wait(running.now("docs", "docs", "local", request=request))
    print(record.id, record.state, record.reason, *record.warnings, flush=True)
    application.engine.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
