"""Drives children to their end: reads and feeds their pipes, watches the clock and the cancel event. Starts nothing."""

from __future__ import annotations

import os
import selectors
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, Protocol

from adapters.process_output import Head, OnLine, Text
from policies.errors import Cancelled, RestoraError
from policies.quantity import human_time

CHUNK = 1 << 16
TICK = 0.25  # seconds between looks at the cancel event
ASK_AGAIN = 1.0  # seconds between polite signals
DRAIN = 2.0  # seconds for output to end after the process did: a grandchild may hold the pipe
HEAD = 64  # first bytes of a stream that are looked at
NEVER = float("inf")

Accept = Callable[[int, int, bytes], bool]
"""Whether a stream is whole: the producer's exit code, bytes, the first bytes."""


class TimedOut(RestoraError):
    """A process ran longer, or showed no sign of life longer, than it may. It was stopped. `said`: its last words."""

    kind = "timeout"
    retryable = True
    said = ""


class Child(Protocol):
    """What is needed of a started process, the leader of its own group."""

    pid: int

    def poll(self) -> int | None: ...


def signal_group(child: Child, number: signal.Signals) -> None:
    """To the whole group; it may be gone already."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)


def close(stream: IO[bytes]) -> None:
    """Close a pipe whose other end may be gone."""
    with suppress(OSError):
        stream.close()


@dataclass(slots=True)
class Job:
    """Some children and how long they may take. `what` names them in messages; times in seconds."""

    children: list[Child]
    what: str
    secrets: Sequence[str]
    timeout: float | None
    stall: float | None
    cancel: threading.Event | None
    grace: float
    began: float = field(default_factory=time.monotonic)
    seen: float = field(default_factory=time.monotonic)
    seconds: float = 0.0
    selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    texts: list[Text | Head] = field(default_factory=list)
    verdict: RestoraError | None = None
    killing: float = NEVER
    asking: float = NEVER
    drained: float = NEVER
    leaving: bool = False

    def read(
        self,
        stream: IO[bytes] | None,
        limit: int,
        on_line: OnLine | Callable[[str], None] | None,
        *,
        masking: bool = True,
    ) -> Text:
        text = Text(limit, on_line, self.secrets if masking else ())
        self.collect(stream, text)
        return text

    def collect(self, stream: IO[bytes] | None, sink: Text | Head) -> None:
        """Hand what comes to the sink; None: the output goes elsewhere."""
        self.texts.append(sink)
        if stream is not None:
            os.set_blocking(stream.fileno(), False)
            self.selector.register(stream, selectors.EVENT_READ, sink)

    def feed(self, stream: IO[bytes], data: bytes) -> None:
        os.set_blocking(stream.fileno(), False)
        self.selector.register(stream, selectors.EVENT_WRITE, memoryview(data))

    def beat(self) -> None:
        self.seen = time.monotonic()

    def drive(self) -> Iterator[None]:
        """To the end of all children and of what they say; yields whenever something was read. Raises the verdict."""
        watched: list[int] = []
        try:
            for child in self.children if hasattr(os, "pidfd_open") else ():
                with suppress(ProcessLookupError):  # it has ended already
                    watched.append(os.pidfd_open(child.pid))
                    self.selector.register(watched[-1], selectors.EVENT_READ, None)
            self.leaving = len(watched) < len(self.children)
            while self._goes_on():
                if self._step(self._patience()):
                    yield
            for text in self.texts:
                text.finish()
            yield
        finally:
            for fd in watched:
                os.close(fd)
            self.selector.close()
        for child in self.children:
            signal_group(child, signal.SIGKILL)  # a grandchild that stayed behind
        self.seconds = time.monotonic() - self.began
        if self.verdict is not None:
            if isinstance(self.verdict, TimedOut):
                self.verdict.said = "\n".join(text.text() for text in self.texts[-2:])[-4000:]
            raise self.verdict

    def _goes_on(self) -> bool:
        """Whether there is more to wait for; sends the signals that are due."""
        now = time.monotonic()
        if all(child.poll() is not None for child in self.children):
            self.drained = min(self.drained, now + DRAIN)
            return bool(self.selector.get_map()) and now < self.drained
        if self.verdict is None and self._judge(now):
            self.killing, self.asking = now + self.grace, now
        if now >= self.killing:
            self._signal(signal.SIGKILL)
            self.killing = self.asking = NEVER
        elif now >= self.asking:
            # more than once: the first is lost on a child that has only begun, where we ourselves were started with SIGINT ignored
            self._signal(signal.SIGINT)
            self.asking = now + ASK_AGAIN
        return True

    def _signal(self, number: signal.Signals) -> None:
        for child in self.children:
            if child.poll() is None:
                signal_group(child, number)

    def _judge(self, now: float) -> bool:
        """Whether it is time to stop, and why."""
        if self.cancel is not None and self.cancel.is_set():
            self.verdict = Cancelled(f"cancelled while it ran: {self.what}")
        elif self.timeout is not None and now - self.began >= self.timeout:
            self.verdict = TimedOut(
                f"stopped after {human_time(now - self.began)}, its time-out: {self.what}",
                hint="allow more time, or find out what it waits for",
            )
        elif self.stall is not None and now - self.seen >= self.stall:
            self.verdict = TimedOut(
                f"stopped: no progress for {human_time(now - self.seen)}: {self.what}",
                hint="see whether its disk or network hangs",
            )
        return self.verdict is not None

    def _patience(self) -> float | None:
        now = time.monotonic()
        ends = [self.killing, self.asking, self.drained]
        if self.verdict is None:
            ends += [self.began + self.timeout] if self.timeout is not None else []
            ends += [self.seen + self.stall] if self.stall is not None else []
            ends += [now + TICK] if self.cancel is not None else []
        ends += [now + TICK] if self.leaving else []
        end = min(ends)
        return None if end == NEVER else max(end - now, 0.0)

    def _step(self, patience: float | None) -> bool:
        """Wait for something and handle it; whether something was read."""
        read = False
        for key, _ in self.selector.select(patience):
            if key.data is None:
                self.selector.unregister(key.fileobj)  # a child has ended; another thread may be reaping it
                self.leaving = True
            elif isinstance(key.data, memoryview):
                self._write(key)
            else:
                chunk = b""
                with suppress(BlockingIOError):
                    chunk = os.read(key.fd, CHUNK)
                if not chunk:
                    self.selector.unregister(key.fileobj)
                    continue
                read = True
                if key.data.add(chunk):
                    self.beat()
        return read

    def _write(self, key: selectors.SelectorKey) -> None:
        try:
            left = key.data[os.write(key.fd, key.data[:CHUNK]) :]
        except BrokenPipeError:
            left = memoryview(b"")  # it does not want the rest
        if left:
            self.selector.modify(key.fileobj, selectors.EVENT_WRITE, left)
        else:
            self.selector.unregister(key.fileobj)
            close(key.fileobj)  # type: ignore[arg-type]


class Relay(threading.Thread):
    """Moves bytes from one child to another inside the kernel, and decides about the end of the stream."""

    def __init__(
        self,
        job: Job,
        reader: IO[bytes],
        writer: IO[bytes],
        *,
        ended: Callable[[], int],
        accept: Accept,
        kill: Callable[[], None],
    ) -> None:
        super().__init__(daemon=True, name="relay")
        self.job, self.reader, self.writer = job, reader, writer
        self.ended, self.accept, self.kill = ended, accept, kill
        self.count, self.head = 0, b""
        self.accepted = self.refused = False

    def run(self) -> None:
        try:
            self._move(self.reader.fileno(), self.writer.fileno())
        except BrokenPipeError:  # the consumer is gone: closing our end tells the producer
            self.refused = True
        close(self.reader)
        code = self.ended()
        self.accepted = self.job.verdict is None and not self.refused and self.accept(code, self.count, self.head)
        if not self.accepted:
            self.kill()
        close(self.writer)

    def _move(self, reader: int, writer: int) -> None:
        while len(self.head) < HEAD and (chunk := os.read(reader, HEAD - len(self.head))):
            self.head += chunk
            write_all(writer, chunk)
            self.count += len(chunk)
        while moved := splice(reader, writer):
            self.count += moved
            self.job.beat()


def splice(reader: int, writer: int) -> int:
    """Move what is there from pipe to pipe, without a copy where the kernel can; how many bytes, 0 at the end."""
    if sys.platform == "linux":
        return os.splice(reader, writer, 1 << 20)
    chunk = os.read(reader, 1 << 20)
    write_all(writer, chunk)
    return len(chunk)


def write_all(fd: int, data: bytes) -> None:
    while data:
        data = data[os.write(fd, data) :]
