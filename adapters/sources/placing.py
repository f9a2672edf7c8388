"""Bringing a restored tree to its place: moved where the file system allows, copied otherwise, each file in one step.

Nothing is deleted: files that the copy does not have stay."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from policies.errors import SourceError
from policies.run import Progress

MARK = ".restora-part"


@dataclass(slots=True)
class Placing:
    """One placing of `source` (a folder) over `target` (a folder's path, '' for the root).

    `wanted` says which paths (relative, from /) to take; folders' owner, mode and times follow the copy where `owned` says
    so or they are new."""

    source: Path
    target: str
    wanted: Callable[[str], bool]
    owned: Callable[[str], bool]
    progress: Callable[[Progress], None]
    files: int = 0
    bytes: int = 0
    links: dict[tuple[int, int], str] = field(default_factory=dict)

    def place(self) -> int:
        """Number of files placed. Raises SourceError before anything is written where a file stands in a folder's way."""
        self._refuse_conflicts()
        self._folder("")
        self.progress(Progress("placing", self.bytes, None, self.files))
        return self.files

    def _refuse_conflicts(self) -> None:
        for folder, names, files in os.walk(self.source):
            relative = folder[len(str(self.source)) :]
            for name in names:
                there = f"{self.target}{relative}/{name}"
                if self._is_link(f"{folder}/{name}"):
                    self._refuse(there, f"{relative}/{name}", want_folder=False)
                else:
                    self._refuse(there, f"{relative}/{name}", want_folder=True)
            for name in files:
                self._refuse(f"{self.target}{relative}/{name}", f"{relative}/{name}", want_folder=False)

    def _refuse(self, there: str, relative: str, *, want_folder: bool) -> None:
        if not os.path.lexists(there) or not self.wanted(relative):
            return
        if want_folder and not Path(there).is_dir():
            found, needed = "is no folder", "a folder"
        elif not want_folder and Path(there).is_dir() and not self._is_link(there):
            found, needed = "is a folder", "a file"
        else:
            return
        raise SourceError(
            f"{there} {found}, but the copy has {needed} there",
            hint="move it aside, or restore to an empty folder",
            untouched="nothing was written",
        )

    @staticmethod
    def _is_link(path: str) -> bool:
        return Path(path).is_symlink()

    def _folder(self, relative: str) -> None:
        here, there = f"{self.source}{relative}", f"{self.target}{relative}"
        new = not Path(there or "/").is_dir()
        if new:
            Path(there).mkdir(parents=True)
        with os.scandir(here) as found:
            entries = list(found)
        for entry in entries:
            path = f"{relative}/{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                if self.wanted(path) or self._leads_to_wanted(path):
                    self._folder(path)
            elif self.wanted(path):
                self._file(entry, f"{there}/{entry.name}")
        if relative and (new or self.owned(relative)):
            _copy_attributes(here, there, Path(here).lstat())

    def _leads_to_wanted(self, relative: str) -> bool:
        return any(
            self.wanted(f"{folder[len(str(self.source)) :]}/{name}")
            for folder, names, files in os.walk(f"{self.source}{relative}")
            for name in (*names, *files)
        )

    def _file(self, entry: os.DirEntry[str], there: str) -> None:
        info = entry.stat(follow_symlinks=False)
        try:
            Path(entry.path).rename(there)
        except OSError as error:
            if error.errno != 18:  # EXDEV: another file system
                raise SourceError(
                    f"{there} can't be written: {error.strerror}", hint="check permissions and free space"
                ) from error
            self._copy(entry.path, there, info)
        self.files += 1
        self.bytes += info.st_size
        if self.files % 500 == 0:
            self.progress(Progress("placing", self.bytes, None, self.files))

    def _copy(self, here: str, there: str, info: os.stat_result) -> None:
        part = Path(there).with_name(f".{Path(there).name[:200]}{MARK}")
        part.unlink(missing_ok=True)
        identity = (info.st_dev, info.st_ino)
        try:
            if info.st_nlink > 1 and identity in self.links:
                os.link(self.links[identity], part, follow_symlinks=False)
            elif stat.S_ISLNK(info.st_mode):
                part.symlink_to(os.readlink(here))  # noqa: PTH115  pathlib would shorten ./x to x
                _copy_attributes(here, str(part), info)
            elif stat.S_ISREG(info.st_mode):
                with Path(here).open("rb") as reader, part.open("xb") as writer:
                    shutil.copyfileobj(reader, writer, 1 << 20)
                    writer.flush()
                    os.fsync(writer.fileno())
                _copy_attributes(here, str(part), info)
            elif stat.S_ISFIFO(info.st_mode):
                os.mkfifo(part)
                _copy_attributes(here, str(part), info)
            else:
                os.mknod(part, info.st_mode, info.st_rdev)
                _copy_attributes(here, str(part), info)
            part.replace(there)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise SourceError(
                f"{there} can't be written: {error.strerror}", hint="check permissions and free space"
            ) from error
        if info.st_nlink > 1:
            self.links.setdefault(identity, there)


def _copy_attributes(here: str, there: str, info: os.stat_result) -> None:
    """Owner first (it clears the set-user-id bit), then extended attributes, mode and times; as far as we may."""
    with suppress(PermissionError):  # an ordinary user can't give files away: they stay his own
        os.chown(there, info.st_uid, info.st_gid, follow_symlinks=False)
    try:
        for name in os.listxattr(here, follow_symlinks=False):
            os.setxattr(there, name, os.getxattr(here, name, follow_symlinks=False), follow_symlinks=False)
    except OSError:
        pass  # the file system has none, or they are not ours to set
    if not stat.S_ISLNK(info.st_mode):
        Path(there).chmod(stat.S_IMODE(info.st_mode))
    os.utime(there, ns=(info.st_atime_ns, info.st_mtime_ns), follow_symlinks=False)
