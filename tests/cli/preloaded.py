"""`restora` without waiting for imports: a process that has loaded everything forks a child for each call.

Each call is a process of its own with its own arguments, environment, folder and streams, and ends as a program ends; only
the second that Python takes to load it all is saved."""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("orchestrator", "planner", "adapters", "policies")
MORE = ("rich.console", "rich.table", "rich.markup", "rich.text", "zoneinfo._zoneinfo", "typer.main")


class Preloaded:
    """The client's side. Calls come one after the other."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.cli.preloaded", str(theirs.fileno())],
                cwd=ROOT,
                pass_fds=[theirs.fileno()],
            )
        self._socket = ours
        self._answers = ours.makefile("r")

    def call(
        self, words: Sequence[str], environment: Mapping[str, str], folder: Path, streams: Sequence[int], seconds: float
    ) -> int:
        """The exit code of `restora WORDS` with these descriptors as standard streams."""
        order = json.dumps({"words": list(words), "environment": dict(environment), "folder": str(folder)})
        data = order.encode("ascii")
        socket.send_fds(self._socket, [len(data).to_bytes(4, "big")], list(streams))
        self._socket.sendall(data)
        self._socket.settimeout(seconds)
        return int(self._answers.readline())

    def close(self) -> None:
        self._answers.close()
        self._socket.close()
        self._process.wait(30)


def _load() -> None:
    for package in PACKAGES:
        found = importlib.import_module(package)
        for module in pkgutil.walk_packages(found.__path__, f"{package}."):
            if (
                "training" not in module.name
                and "migrations" not in module.name
                and not module.name.endswith("__main__")
            ):
                importlib.import_module(module.name)
    for name in MORE:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # no child walks, and so copies, what all of them share


def _serve(place: socket.socket) -> None:
    while True:
        head, streams, _, _ = socket.recv_fds(place, 4, 3)
        if not head:
            return
        size = int.from_bytes(head, "big")
        data = b""
        while len(data) < size:
            data += place.recv(size - len(data))
        child = os.fork()
        if child == 0:
            place.close()
            _become(json.loads(data), streams)
        for stream in streams:
            os.close(stream)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        place.sendall(f"{code}\n".encode())


def _become(order: dict[str, object], streams: Sequence[int]) -> None:
    """Be `restora`, to the end."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin, sys.stdout, sys.stderr = (
        open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115  they live as long as the process
        for number, mode in ((0, "r"), (1, "w"), (2, "w"))
    )
    sys.stderr.reconfigure(line_buffering=True, errors="backslashreplace")  # type: ignore[union-attr]  # just opened
    environment, words = order["environment"], order["words"]
    assert isinstance(environment, dict) and isinstance(words, list)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    os.chdir(str(order["folder"]))
    sys.argv = ["restora", *words]
    from orchestrator.cli.main import main

    main()


if __name__ == "__main__":
    _load()
    _serve(socket.socket(fileno=int(sys.argv[1])))
