"""A process that runs a workflow and is killed in it: `python -m tests.adapters.engine_program FOLDER [WHERE]`.

WHERE is `before`, `in:N` (step N has done its work and is about to return) or `after:N` (step N is recorded). With
`block:N` step N tells on stdout that it runs and waits on stdin. Every step writes a line to FOLDER/did; a life that
ends writes its cost to FOLDER/cost."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from adapters.engine import DurableEngine
from adapters.lease import FileLeases

STEPS = 3


def main(folder: Path, where: str, url: str = "") -> None:
    def die_at(place: str) -> None:
        if where == place:
            os.kill(os.getpid(), signal.SIGKILL)

    def body(steps, argument: str) -> str:  # type: ignore[no-untyped-def]
        die_at("before")
        words = [argument]
        for number in range(STEPS):

            def work(number: int = number) -> str:
                with (folder / "did").open("a") as did:
                    did.write(f"{number}\n")
                if where == f"block:{number}":
                    print("running", flush=True)
                    sys.stdin.read()
                die_at(f"in:{number}")
                return f"<{number} by {os.environ['LIFE']}>"

            words.append(steps.step(f"step {number}", work))
            die_at(f"after:{number}")
        return " ".join(words)

    engine = DurableEngine(url or f"sqlite:///{folder}/engine.db", FileLeases(folder / "leases"))
    engine.register("work", body)
    engine.start()
    engine.submit("work", "the key", "argument")
    print(engine.wait("the key"), engine.pending(), flush=True)
    engine.stop()
    peak = next(
        line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")
    )
    (folder / "cost").write_text(f"{time.process_time()} {peak}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "", sys.argv[3] if len(sys.argv) > 3 else "")
