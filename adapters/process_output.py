"""What processes say: cut into lines, masked, and kept in bounded memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

OnLine = Callable[[str], "bool | None"]
"""Gets each line; returning False says that the line shows no progress (for stall detection)."""

MASKED = "***"
LINE_LIMIT = 1 << 22  # a longer line is cut, unless the capture limit allows more


def masked(text: str, secrets: Sequence[str]) -> str:
    """The text without these secrets, the longest first."""
    for secret in sorted({s for s in secrets if s}, key=len, reverse=True):
        text = text.replace(secret, MASKED)
    return text


class Text:
    """One output: cut into lines for a callback, the end of it kept."""

    def __init__(self, limit: int, on_line: OnLine | Callable[[str], None] | None, secrets: Sequence[str]) -> None:
        self.limit, self.on_line, self.secrets = limit, on_line, secrets
        self.kept: deque[str] = deque()
        self.size = 0
        self.partial = bytearray()
        self.truncated = False

    def add(self, chunk: bytes) -> bool:
        """Take a chunk; whether any line in it shows progress."""
        if b"\n" not in chunk:
            self._extend(chunk)
            return False
        first, *middle, last = chunk.split(b"\n")
        self._extend(first)
        progress = self._line(bytes(self.partial))
        for line in middle:
            progress |= self._line(line)
        self.partial = bytearray(last)
        return progress

    def finish(self) -> None:
        if self.partial:
            self._line(bytes(self.partial))
            self.partial = bytearray()

    def text(self) -> str:
        return "\n".join(self.kept)

    def _extend(self, chunk: bytes) -> None:
        room = max(self.limit, LINE_LIMIT) - len(self.partial)
        self.truncated |= len(chunk) > room
        self.partial += chunk[: max(room, 0)]

    def _line(self, line: bytes) -> bool:
        text = masked(line.decode(errors="replace").removesuffix("\r"), self.secrets)
        self.kept.append(text)
        self.size += len(text) + 1
        while self.size > self.limit and len(self.kept) > 1:
            self.size -= len(self.kept.popleft()) + 1
            self.truncated = True
        if self.size > self.limit:
            self.kept[0] = self.kept[0][-self.limit :]
            self.size, self.truncated = len(self.kept[0]), True
        return self.on_line is None or self.on_line(text) is not False


class Head:
    """The first bytes of an output."""

    def __init__(self, count: int) -> None:
        self.count, self.data = count, b""

    @property
    def full(self) -> bool:
        return len(self.data) >= self.count

    def add(self, chunk: bytes) -> bool:
        self.data = (self.data + chunk)[: self.count]
        return True

    def finish(self) -> None:
        """Nothing is held back."""

    def text(self) -> str:
        return ""
