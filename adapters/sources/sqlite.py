"""A SQLite database: copied while it is in use, checked, restored whole or by table."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from adapters.sources.files import FilesSource
from adapters.sources.sqlite_copy import copy_out, openers
from adapters.sources.sqlite_facts import connect, content_facts, facts_of_file, file_digest, integrity, is_sqlite
from adapters.sources.sqlite_restore import SIDE_FILES, restore_tables, restore_whole
from policies.capture import Capture, Paths, SourceReport
from policies.dataset import FilesDataset, SqliteDataset
from policies.errors import SourceError
from policies.quantity import human_size
from policies.run import Finding, Progress

CHECKSUMS_BELOW = 64 << 20  # larger databases get checksums only when asked (facts)


def _silent(_: Progress) -> None:
    return


class SqliteSource:
    """A sqlite dataset. `wait`: seconds to wait for a lock.

    The copy lies at SCRATCH/<file name>: give each dataset a scratch folder whose path is the same on every run, and restic
    finds the parent's file again."""

    kind = "sqlite"

    def __init__(
        self, name: str, dataset: SqliteDataset, *, wait: float = 60.0, checksums_below: int = CHECKSUMS_BELOW
    ) -> None:
        self.name = name
        self.path = Path(dataset.path)
        self.wait = wait
        self.checksums_below = checksums_below

    def report(self) -> SourceReport:
        """There, readable, a SQLite database; size with its write-ahead log. Its pages are not read."""
        problem = self._problem()
        if problem:
            return SourceReport(str(self.path), findings=(problem,))
        with self.path.open("rb") as file:
            header = file.read(100)
        page = int.from_bytes(header[16:18], "big")
        page = 65536 if page == 1 else page
        size = self.path.stat().st_size
        log = Path(f"{self.path}-wal")
        whole = size + (log.stat().st_size if log.exists() else 0)
        detail = f"SQLite {self.path} · {human_size(whole)} · {size // max(page, 1)} pages"
        return SourceReport(
            detail, whole, 1, (Finding("database", True, "a SQLite database", "is a SQLite database", str(self.path)),)
        )

    def remains(self) -> SqliteSource | FilesSource | None:
        """Itself; a damaged file, with its journals, as the plain files that it still is; None where no byte is left."""
        there = [path for path in (self.path, *(Path(f"{self.path}{end}") for end in SIDE_FILES)) if path.is_file()]
        if not any(path.stat().st_size for path in there):
            return None
        if self._problem() is None and not self._complaints():
            return self
        return FilesSource(self.name, FilesDataset(kind="files", paths=tuple(map(str, there)), allow_empty=True))

    def capture(self, scratch: Path, run: str) -> Capture:
        """Copy it consistently into scratch, check the copy whole, take its facts."""
        problem = self._problem()
        if problem:
            raise SourceError(
                f"{self.path} {problem.found}", hint=f"expected: {problem.expected}", untouched="nothing was saved"
            )
        copy = scratch / self.path.name
        copy.unlink(missing_ok=True)
        copy_out(self.path, copy, wait=self.wait, progress=_silent)
        size = copy.stat().st_size
        digest = file_digest(copy)
        connection = connect(copy, mode="rw")
        try:
            complaints = integrity(connection)
            if complaints:
                raise SourceError(
                    f"{self.path} is damaged: " + "; ".join(complaints[:3]),
                    hint="restore an earlier recovery point, or recover what is readable with: sqlite3 FILE .recover",
                    untouched="earlier recovery points",
                )
            facts = content_facts(connection, checksums=size < self.checksums_below)
        except sqlite3.DatabaseError as error:
            raise SourceError(f"{self.path} is damaged: {error}", hint="restore an earlier recovery point") from error
        finally:
            connection.close()
        for leftover in (f"{copy}-wal", f"{copy}-shm"):
            Path(leftover).unlink(missing_ok=True)
        return Capture(
            paths=Paths((copy,)),
            scratch=scratch,
            expected_bytes=size,
            facts={**facts, "file": digest, "bytes": str(size)},
        )

    def facts(self, target: str = "") -> Mapping[str, str]:
        """Rows and checksums of every table, schema digest, versions."""
        path = Path(target) if target else self.path
        return {**facts_of_file(self._file(path), checksums=True)}

    def restore(
        self,
        restored: Path,
        target: str,
        *,
        items: Sequence[str] = (),
        in_place: bool = False,
        progress: Callable[[Progress], None],
    ) -> str:
        """The whole database into a new file, or with items only these tables into a new or existing file.

        In place the live database's content is replaced in one transaction through SQLite itself, so that programs which
        have it open see it; only a file that is no sound database is renamed away (kept) and replaced."""
        if not target and not in_place:
            raise SourceError(
                "no file to restore to was named", hint="name a file, or ask for the original place (in place)"
            )
        copy = self._copy_in(restored)
        place = Path(target) if target else self.path
        if place.is_dir():
            place = place / self.path.name
        if items:
            return restore_tables(copy, place, items, wait=self.wait, replace=in_place)
        return restore_whole(copy, place, in_place=in_place, wait=self.wait, progress=progress)

    def verify(self, target: str, facts: Mapping[str, str], *, items: Sequence[str] = ()) -> list[Finding]:
        """Integrity, then every fact; a file with the very bytes that were saved needs no table by table comparison."""
        path = self._file(Path(target) if target else self.path)
        connection = connect(path, wait=self.wait)
        try:
            complaints = integrity(connection)
            findings = [Finding("integrity", not complaints, "ok", "; ".join(complaints[:3]) or "ok", str(path))]
            if complaints:
                return findings
            if not items and facts.get("file") == file_digest(path):
                return [*findings, Finding("file", True, facts["file"], "has the sha256 of the saved copy", str(path))]
            found = content_facts(connection, checksums=any(key.startswith("sum:") for key in facts))
        except sqlite3.DatabaseError as error:
            return [Finding("integrity", False, "ok", str(error), str(path))]
        finally:
            connection.close()
        compared = 0
        for key, expected in facts.items():
            name, _, table = key.partition(":")
            if key in {"file", "bytes"} or (items and table not in items):
                continue
            compared += 1
            findings.append(Finding(name, found.get(key) == expected, expected, found.get(key, "missing"), table))
        if not compared:
            findings.append(
                Finding("content", False, "facts to compare with", "the run recorded none for this", str(path))
            )
        return findings

    def warnings(self) -> list[str]:
        """Programs that have the database open; worth telling before it is replaced."""
        return [f"{self.path} is open in {name}" for name in openers(self.path)]

    def _problem(self) -> Finding | None:
        where = str(self.path)
        if not self.path.is_file():
            return Finding("database", False, "a database file (is its file system mounted?)", "is missing", where)
        try:
            with self.path.open("rb") as file:
                begin = file.read(16)
        except OSError as error:
            return Finding(
                "database",
                False,
                "readable by the user that restora runs as",
                f"can't be read: {error.strerror}",
                where,
            )
        if begin and not is_sqlite(self.path):
            return Finding("database", False, "a SQLite database", "is no SQLite database (or is encrypted)", where)
        if not begin:
            return Finding("database", False, "a SQLite database", "is an empty file", where)
        return None

    def _complaints(self) -> list[str]:
        """Of the live database; none where it is locked, which is no damage."""
        connection = connect(self.path, wait=self.wait)
        try:
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            return integrity(connection)
        except sqlite3.DatabaseError as error:
            in_use = getattr(error, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
            return [] if in_use else [str(error)]
        finally:
            connection.close()

    def _file(self, path: Path) -> Path:
        found = path / self.path.name if path.is_dir() else path
        if found.is_file():
            return found
        return self._copy_in(path) if path.is_dir() else self._missing(path)

    def _missing(self, path: Path) -> Path:
        raise SourceError(f"{path} is missing", hint="name the restored database file")

    def _copy_in(self, restored: Path) -> Path:
        if restored.is_file():
            return restored
        same = sorted(path for path in restored.rglob(self.path.name) if is_sqlite(path))
        found = same or sorted(path for path in restored.rglob("*") if path.is_file() and is_sqlite(path))
        if len(found) != 1:
            what = "no SQLite database" if not found else f"{len(found)} SQLite databases"
            raise SourceError(
                f"{what} in the restored copy of {self.name}",
                hint="choose a recovery point of this dataset",
                untouched="the target",
            )
        return found[0]
