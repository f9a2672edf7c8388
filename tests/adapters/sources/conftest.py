"""What the tests of sources share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.process import run
from policies.capture import Capture, Stream
from policies.run import Progress
from tests.servers.postgres import new_server, postgres_server, postgres_template

__all__ = ["new_server", "postgres_server", "postgres_template"]


def silent(_: Progress) -> None:
    return


def write_stream(stream: Stream, folder: Path) -> Path:
    """What a repository does with a stream, and gives back at a restore: a file of its name."""
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / stream.name
    shell = Path("/bin/sh")
    script = 'out="$1"; shift; exec "$@" > "$out"'
    command = type(stream.command)(
        (str(shell), "-c", script, "sh", str(place), *stream.command.argv),
        stream.command.env,
        stream.command.secret_env,
    )
    done = run(command, timeout=60)
    assert done.exit_code == 0, done.stderr
    data = place.read_bytes()
    assert data.startswith(stream.magic)
    assert len(data) >= stream.minimum
    return place


@pytest.fixture
def save(tmp_path: Path) -> Callable[[Capture], Path]:
    """Save a capture as a repository would and restore it: the folder with its streams."""

    def work(capture: Capture) -> Path:
        folder = tmp_path / "restored"
        for stream in capture.streams:
            write_stream(stream, folder)
        if capture.release:
            capture.release()
        return folder

    return work
