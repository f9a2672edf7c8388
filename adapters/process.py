"""The one place that starts processes: time-outs, cancellation, masking, bounded memory, inherited leases.

No shell, a session (process group) of its own for every child, and no text leaves with a secret in it."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from adapters.process_loop import ASK_AGAIN, CHUNK, Accept, Job, Relay, TimedOut, close, signal_group
from adapters.process_output import Head, OnLine, masked
from adapters.process_results import Completed, Piped, ProcessFailed, shown
from policies.capture import Command
from policies.errors import RestoraError, ToolMissing

__all__ = [
    "Completed",
    "OnLine",
    "Piped",
    "ProcessFailed",
    "Running",
    "TimedOut",
    "found",
    "head",
    "lines",
    "masked",
    "pipe",
    "run",
    "shown",
    "start",
]


# Asks the kernel to kill this process with its parent, makes sure that the parent is still there, becomes the program.
DIE_WITH_PARENT = (
    "import ctypes,os,sys;ctypes.CDLL(None).prctl(1,9);"
    "os.getppid()==int(sys.argv[1]) or os._exit(125);os.execv(sys.argv[2],sys.argv[3:])"
)


def found(program: str, path: str | None = None) -> str:
    """Absolute path of a program; ToolMissing naming it."""
    place = shutil.which(program, path=path)
    if place is None:
        name = Path(program).name
        raise ToolMissing(
            f"{program} was not found, or may not be executed",
            hint=f"install {name} or name its whole path in restora.yaml; PATH is {path or os.environ.get('PATH', '')}",
        )
    return str(Path(place).absolute())


def run(
    command: Command,
    *,
    timeout: float | None,
    stdin: bytes | None = None,
    on_line: OnLine | None = None,
    on_error_line: OnLine | None = None,
    keep_fds: Sequence[int] = (),
    capture_limit: int = 1 << 20,
    mask: Sequence[str] = (),
    cancel: threading.Event | None = None,
    stall: float | None = None,
    handed: Mapping[str, str] | None = None,
    raw: bool = False,
    grace: float = 10.0,
    user: str | None = None,
    output: int | None = None,
) -> Completed:
    """Run to the end; any exit code is a result. Raises ToolMissing, TimedOut or Cancelled and leaves nothing running.

    `timeout` seconds in all, `stall` seconds without a line that shows progress; `handed`: environment names that get
    the path of a pipe with this secret in it (so it stands in no environment); `raw`: stdout is data for a parser and
    stays unmasked; `keep_fds` are inherited; `grace` seconds lie between SIGINT and SIGKILL; stdout goes
    to the file descriptor `output`, where one is given."""
    secrets = [*command.secret_env.values(), *mask, *(handed or {}).values()]
    with ExitStack() as stack:
        child = _spawn(
            stack,
            command,
            stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
            keep_fds=keep_fds,
            handed=handed,
            user=user,
            output=output,
        )
        job = Job([child], shown(command, secrets), secrets, timeout=timeout, stall=stall, cancel=cancel, grace=grace)
        stack.callback(_stop, job)
        out = job.read(child.stdout, capture_limit, on_line, masking=not raw)
        err = job.read(child.stderr, min(capture_limit, 1 << 18), on_error_line)
        if stdin:
            job.feed(_open(child.stdin), stdin)
        for _ in job.drive():
            pass
        return Completed(child.returncode, out.text(), err.text(), job.seconds, out.truncated)


def lines(
    command: Command,
    *,
    timeout: float | None,
    keep_fds: Sequence[int] = (),
    mask: Sequence[str] = (),
    cancel: threading.Event | None = None,
    stall: float | None = None,
    handed: Mapping[str, str] | None = None,
    raw: bool = False,
    grace: float = 10.0,
) -> Iterator[str]:
    """The lines of its stdout as they come, in bounded memory. ProcessFailed after the last line if it ended badly; the
    process is stopped when the iterator is closed."""
    secrets = [*command.secret_env.values(), *mask, *(handed or {}).values()]
    with ExitStack() as stack:
        child = _spawn(stack, command, stdin=subprocess.DEVNULL, keep_fds=keep_fds, handed=handed)
        job = Job([child], shown(command, secrets), secrets, timeout=timeout, stall=stall, cancel=cancel, grace=grace)
        stack.callback(_stop, job)
        batch: deque[str] = deque()
        out = job.read(child.stdout, CHUNK, batch.append, masking=not raw)
        err = job.read(child.stderr, 1 << 18, None)
        for _ in job.drive():
            while batch:
                yield batch.popleft()
            job.beat()  # the reader's own time is no stall
        completed = Completed(child.returncode, masked(out.text(), secrets), err.text(), job.seconds)
        if completed.exit_code != 0:
            raise ProcessFailed(
                f"{shown(command, mask)} ended with {completed.exit_code}: {completed.tail()}", completed
            )


def head(
    command: Command,
    count: int,
    *,
    timeout: float | None,
    keep_fds: Sequence[int] = (),
    mask: Sequence[str] = (),
    cancel: threading.Event | None = None,
    handed: Mapping[str, str] | None = None,
) -> bytes:
    """The first bytes of its stdout, at most `count`; then it is stopped."""
    secrets = [*command.secret_env.values(), *mask, *(handed or {}).values()]
    with ExitStack() as stack:
        child = _spawn(stack, command, stdin=subprocess.DEVNULL, keep_fds=keep_fds, handed=handed)
        job = Job([child], shown(command, secrets), secrets, timeout=timeout, stall=None, cancel=cancel, grace=2.0)
        stack.callback(_stop, job)
        out, err = Head(count), job.read(child.stderr, CHUNK, None)
        job.collect(child.stdout, out)
        for _ in job.drive():
            if out.full:
                return out.data
        if child.returncode != 0:
            completed = Completed(child.returncode, "", err.text(), job.seconds)
            raise ProcessFailed(f"{job.what} ended with {child.returncode}: {completed.tail()}", completed)
        return out.data


def pipe(
    producer: Command,
    consumer: Command,
    *,
    timeout: float | None,
    on_line: OnLine | None = None,
    on_error_line: OnLine | None = None,
    accept: Accept = lambda code, _bytes, _head: code == 0,
    keep_fds: Sequence[int] = (),
    capture_limit: int = 1 << 20,
    mask: Sequence[str] = (),
    cancel: threading.Event | None = None,
    stall: float | None = None,
    handed: Mapping[str, str] | None = None,
    raw: bool = False,
    grace: float = 10.0,
) -> Piped:
    """`producer | consumer`, the kernel moving the bytes. The consumer sees the end of its input only when the producer
    has ended and `accept(exit code, bytes, head)` holds; otherwise it is killed, so that it cannot mistake a broken
    stream for a whole one. For the same reason it dies with us. `handed` and the callbacks are for the consumer."""
    secrets = [*producer.secret_env.values(), *consumer.secret_env.values(), *mask, *(handed or {}).values()]
    with ExitStack() as stack:
        source = _spawn(stack, producer, stdin=subprocess.DEVNULL, keep_fds=keep_fds)
        job = Job([source], shown(producer, secrets), secrets, timeout=timeout, stall=stall, cancel=cancel, grace=grace)
        stack.callback(_stop, job)
        sink = _spawn(stack, consumer, stdin=subprocess.PIPE, keep_fds=keep_fds, handed=handed, die_with_parent=True)
        job.children.append(sink)
        job.what += f" | {shown(consumer, secrets)}"
        source_err = job.read(source.stderr, 1 << 16, None)
        out = job.read(sink.stdout, capture_limit, on_line, masking=not raw)
        err = job.read(sink.stderr, 1 << 18, on_error_line)
        relay = Relay(
            job,
            _open(source.stdout),
            _open(sink.stdin),
            ended=source.wait,
            accept=accept,
            kill=lambda: _end(sink, grace),  # politely at first: restic takes its lock away
        )
        stack.callback(relay.join)
        stack.callback(_stop, job)  # before the join: a relay ends when both ends are gone
        relay.start()
        for _ in job.drive():
            pass
        relay.join()
        return Piped(
            Completed(source.returncode, "", source_err.text(), job.seconds),
            Completed(sink.returncode, out.text(), err.text(), job.seconds, out.truncated),
            head=relay.head,
            bytes=relay.count,
            accepted=relay.accepted,
            refused=relay.refused,
        )


@dataclass(slots=True)
class Running:
    """A child that goes on by itself, such as a throw-away server. It ends with us at the latest."""

    command: Command
    process: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        return self.process.pid

    def exit_code(self) -> int | None:
        """None while it runs."""
        return self.process.poll()

    def wait(self, timeout: float) -> int | None:
        """Its exit code, or None when it still runs after `timeout` seconds."""
        with suppress(subprocess.TimeoutExpired):
            return self.process.wait(timeout)
        return None

    def stop(self, grace: float = 10.0, with_signal: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end, and after `grace` seconds make it and its whole group; its exit code. May be repeated."""
        _end(self.process, grace, with_signal)
        return self.process.returncode


def start(
    command: Command, *, log: Path | None = None, keep_fds: Sequence[int] = (), user: str | None = None
) -> Running:
    """Start a long-lived child; both outputs go to `log` (appended, 0600) or nowhere. `user`: to run it as.

    The kernel ends it with the thread that started it: start it in one that lives as long."""
    with ExitStack() as stack:
        target: int | IO[bytes] = subprocess.DEVNULL
        if log is not None:
            target = stack.enter_context(os.fdopen(os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "wb"))
        child = _popen(
            command,
            stdin=subprocess.DEVNULL,
            output=target,
            errors=target,
            fds=keep_fds,
            more={},
            die_with_parent=True,
            user=user,
        )
        return Running(command, child)


def _spawn(
    stack: ExitStack,
    command: Command,
    *,
    stdin: int,
    keep_fds: Sequence[int],
    handed: Mapping[str, str] | None = None,
    die_with_parent: bool = False,
    user: str | None = None,
    output: int | None = None,
) -> subprocess.Popen[bytes]:
    """Start a child with pipes; they are closed with the stack."""
    environment: dict[str, str] = {}
    fds = list(keep_fds)
    for name, secret in (handed or {}).items():
        reader, writer = os.pipe()
        try:
            os.write(writer, secret.encode())  # far below a pipe's capacity
        finally:
            os.close(writer)
        stack.callback(os.close, reader)
        environment[name] = f"/dev/fd/{reader}"
        fds.append(reader)
    child = _popen(
        command,
        stdin=stdin,
        output=subprocess.PIPE if output is None else output,
        errors=subprocess.PIPE,
        fds=fds,
        more=environment,
        die_with_parent=die_with_parent,
        user=user,
    )
    for stream in (child.stdin, child.stdout, child.stderr):
        if stream is not None:
            stack.callback(close, stream)
    return child


def _popen(
    command: Command,
    *,
    stdin: int,
    output: int | IO[bytes],
    errors: int | IO[bytes],
    fds: Sequence[int],
    more: Mapping[str, str],
    die_with_parent: bool,
    user: str | None,
) -> subprocess.Popen[bytes]:
    environment = {**os.environ, **command.env, **command.secret_env, **more}
    program = found(command.argv[0], environment.get("PATH"))
    argv = [program, *command.argv[1:]]
    if die_with_parent and sys.platform == "linux":
        argv = [sys.executable, "-I", "-S", "-c", DIE_WITH_PARENT, str(os.getpid()), program, *command.argv]
    if command.cwd is not None and not command.cwd.is_dir():
        raise RestoraError(f"{command.cwd} is not there: {program} should run in it")  # no arguments: unmasked here
    entry = None if user is None else pwd.getpwnam(user)
    try:
        return subprocess.Popen(
            argv,
            stdin=stdin,
            stdout=output,
            stderr=errors,
            env=environment,
            cwd=command.cwd,
            bufsize=0,
            close_fds=True,
            pass_fds=tuple(fds),
            start_new_session=True,
            user=entry.pw_uid if entry else None,
            group=entry.pw_gid if entry else None,
            extra_groups=[] if entry else None,
        )
    except OSError as error:
        raise RestoraError(f"{program} could not be started: {error.strerror or error}") from None


def _open(stream: IO[bytes] | None) -> IO[bytes]:
    """A pipe that was asked for is there."""
    if stream is None:
        raise RestoraError("a pipe to a process was closed too early")
    return stream


def _end(child: subprocess.Popen[bytes], grace: float, polite: signal.Signals = signal.SIGINT) -> None:
    deadline = time.monotonic() + grace
    while child.poll() is None and time.monotonic() < deadline:
        signal_group(child, polite)
        with suppress(subprocess.TimeoutExpired):
            child.wait(min(grace, ASK_AGAIN))
    signal_group(child, signal.SIGKILL)  # what is left of its group
    child.wait()


def _stop(job: Job) -> None:
    """For the way out by an exception: whatever still runs is ended."""
    for child in job.children:
        if isinstance(child, subprocess.Popen) and child.poll() is None:
            _end(child, job.grace)
