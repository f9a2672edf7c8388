"""A process among several that write at once: `python -m tests.adapters.state.writer_program URL NAME COUNT`."""

from __future__ import annotations

import sys

from adapters.state.store import StateStore
from tests.adapters.state.samples import a_run, at, ended


def main(url: str, name: str, count: int) -> None:
    """Append to the ledger, claim the same slots as the others, finish those that were won. Prints the slots won."""
    won = []
    with StateStore(url) as store:
        print("ready", flush=True)
        sys.stdin.readline()
        for number in range(count):
            store.append_ledger(at(number), "test", name, {"number": number})
            run = a_run(number, id=f"{name}-{number}")
            if store.add_run(run):
                won.append(str(number))
                store.update_run(ended(run))
    print(" ".join(won), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
