"""Counting a tree cheaply: files, bytes, a digest per folder, and a few files chosen for hashing."""

from __future__ import annotations

import hashlib
import heapq
import os
import stat
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

from adapters.sources.patterns import Excludes

SAMPLES = 100
WHOLE = 8 << 20  # larger files are hashed at their beginning, middle and end only
PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Folder:
    """What lies directly in one folder: the digest covers names, sizes, whole-second times and link targets."""

    digest: bytes
    files: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Tally:
    """A walked tree, by original folder path. `samples`: (path, size) in a fixed pseudo-random order.

    `complete` is False where the time budget ended the walk: the counts are then too small."""

    folders: Mapping[str, Folder]
    samples: tuple[tuple[str, int], ...]
    complete: bool
    unreadable: tuple[str, ...] = ()

    @property
    def files(self) -> int:
        return sum(folder.files for folder in self.folders.values())

    @property
    def bytes(self) -> int:
        return sum(folder.bytes for folder in self.folders.values())

    def without(self, folders: frozenset[str]) -> Tally:
        """The same without these folders' direct content."""
        return Tally(
            {k: v for k, v in self.folders.items() if k not in folders}, self.samples, self.complete, self.unreadable
        )

    def manifest(self) -> str:
        """One digest of every folder that holds something."""
        whole = hashlib.blake2b(digest_size=16)
        for path in sorted(self.folders):
            whole.update(os.fsencode(path) + b"\0" + self.folders[path].digest)
        return whole.hexdigest()

    def differences(self, other: Tally) -> list[str]:
        """Folders whose direct content is not the same in both."""
        both = self.folders.keys() | other.folders.keys()
        return sorted(path for path in both if self.folders.get(path) != other.folders.get(path))


class _Walk:
    def __init__(self, prefix: str, left_out: Excludes | None, deadline: float) -> None:
        self.prefix = prefix
        self.left_out = left_out
        self.deadline = deadline
        self.folders: dict[str, Folder] = {}
        self.heap: list[tuple[int, str, int]] = []
        self.unreadable: list[str] = []
        self.complete = True

    def sample(self, path: bytes, size: int) -> None:
        rank = -zlib.crc32(path)  # the same files every time, spread over the tree
        if len(self.heap) < SAMPLES:
            heapq.heappush(self.heap, (rank, os.fsdecode(path), size))
        elif rank > self.heap[0][0]:
            heapq.heapreplace(self.heap, (rank, os.fsdecode(path), size))

    def file(self, name: bytes, path: bytes, real: bytes, info: os.stat_result) -> tuple[bytes, int]:
        """What one entry adds to its folder's digest, and its bytes; nothing of what does not count."""
        if stat.S_ISREG(info.st_mode):
            size = info.st_size
            if size:
                self.sample(path, size)
            return b"f%s\0%d\0%d\0" % (name, size, info[stat.ST_MTIME]), size
        if stat.S_ISLNK(info.st_mode):
            return b"l%s\0%s\0" % (name, os.readlink(real)), 0  # noqa: PTH115  as it is written
        return b"", 0

    def tree(self, root: str, *, one_file_system: bool) -> None:
        top = self.prefix + root
        try:
            info = os.lstat(top)
        except OSError:
            self.unreadable.append(root)
            return
        if not stat.S_ISDIR(info.st_mode):
            path = os.fsencode(root)
            line, size = self.file(path.rpartition(b"/")[2], path, os.fsencode(top), info)
            if line:
                self.folders[root] = Folder(_digest([line]), 1, size)
            return
        pending = [root.rstrip("/") or "/"]
        while pending:
            folder = pending.pop()
            if time.monotonic() > self.deadline:
                self.complete = False
                return
            pending += self.folder(folder, info.st_dev if one_file_system else None)

    def folder(self, folder: str, device: int | None) -> list[str]:
        """Take in what lies directly in it; the folders below. Names stay bytes as long as nobody asks for text."""
        below: list[str] = []
        lines: list[bytes] = []
        total = 0
        try:
            with os.scandir(os.fsencode(self.prefix + folder)) as found:
                entries = sorted(found, key=attrgetter("name"))
        except OSError:
            self.unreadable.append(folder)
            return below
        stem = b"/" if folder == "/" else os.fsencode(folder) + b"/"
        for entry in entries:
            path = stem + entry.name
            if self.left_out and self.left_out(os.fsdecode(path)):
                continue
            try:
                info = entry.stat(follow_symlinks=False)
                if stat.S_ISDIR(info.st_mode):
                    if device is None or info.st_dev == device:
                        below.append(os.fsdecode(path))
                    continue
                line, size = self.file(entry.name, path, entry.path, info)
            except OSError:  # gone since it was listed
                self.unreadable.append(os.fsdecode(path))
                continue
            if line:
                lines.append(line)
                total += size
        if lines:
            self.folders[folder] = Folder(_digest(lines), len(lines), total)
        return below


def _digest(lines: list[bytes]) -> bytes:
    return hashlib.blake2b(b"".join(lines), digest_size=16).digest()


def walk(
    paths: Sequence[str],
    *,
    prefix: str = "",
    left_out: Excludes | None = None,
    one_file_system: bool = False,
    seconds: float = 60.0,
) -> Tally:
    """Count what lies at the paths (below `prefix`, a restored copy's folder). Ends after so many seconds, incomplete."""
    work = _Walk(prefix.rstrip("/"), left_out, time.monotonic() + seconds)
    for path in paths:
        work.tree(path, one_file_system=one_file_system)
    chosen = tuple((path, size) for _, path, size in sorted(work.heap, reverse=True))
    return Tally(work.folders, chosen, work.complete, tuple(work.unreadable))


def sample_hash(path: str) -> str:
    """`whole:` and the sha256 of a file, or `parts:` and that of its beginning, middle and end where it is large."""
    with Path(path).open("rb", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        if size <= WHOLE:
            return "whole:" + hashlib.file_digest(file, "sha256").hexdigest()
        digest = hashlib.sha256()
        for offset in (0, size // 2, size - PIECE):
            digest.update(os.pread(file.fileno(), PIECE, offset))
        return f"parts:{digest.hexdigest()}"


def hashes(tally: Tally, *, prefix: str = "", budget: int) -> Iterator[tuple[str, str]]:
    """Hashes of the tally's samples, as long as the budget of bytes lasts; files that are gone or unreadable are left out."""
    for path, size in tally.samples:
        cost = size if size <= WHOLE else 3 * PIECE
        if cost > budget:
            continue
        try:
            yield path, sample_hash(prefix + path)
        except OSError:
            continue
        budget -= cost
