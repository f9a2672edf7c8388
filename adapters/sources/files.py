"""Files and folders: looked at before a run, counted at capture, put in place and compared after a restore."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from adapters.sources.patterns import excludes
from adapters.sources.placing import Placing
from adapters.sources.walk import Tally, hashes, sample_hash, walk
from policies.capture import Capture, Paths, SourceReport
from policies.dataset import FilesDataset
from policies.errors import SourceError
from policies.quantity import human_size
from policies.run import Finding, Progress

HASHED = 64 << 20
FRESH = 60.0  # seconds for which report's walk serves the capture that follows it
MOST_MOVED = 500


class FilesSource:
    """A files dataset. Restored trees keep their whole paths: /srv/data lies at TARGET/srv/data."""

    kind = "files"

    def __init__(
        self, name: str, dataset: FilesDataset, *, report_seconds: float = 5.0, capture_seconds: float = 60.0
    ) -> None:
        self.name = name
        self.dataset = dataset
        self.report_seconds = report_seconds
        self.capture_seconds = capture_seconds
        self._left_out = excludes(dataset.exclude)
        self._walked: tuple[float, Tally] | None = None

    def report(self) -> SourceReport:
        """Every path there, every mount mounted and filled; counts where the walk ends within a few seconds."""
        findings = [self._present(path) for path in self.dataset.paths] + [
            self._mounted(path) for path in self.dataset.mounts
        ]
        if not all(finding.ok for finding in findings):
            return SourceReport(self._detail(), findings=tuple(findings))
        tally = self._walk(self.report_seconds)
        if not tally.complete:
            return SourceReport(self._detail(), findings=tuple(findings))
        self._walked = (time.monotonic(), tally)
        filled = tally.files > 0 or self.dataset.allow_empty
        findings.append(
            Finding(
                "content",
                filled,
                "at least one file (or allow_empty: true)",
                f"{tally.files} files, {human_size(tally.bytes)}",
            )
        )
        return SourceReport(self._detail(), tally.bytes, tally.files, tuple(findings))

    def remains(self) -> FilesSource | None:
        """Those of the paths that are there; None where no file is below any of them."""
        there = tuple(path for path in self.dataset.paths if os.path.lexists(path))
        if not any(_holds_a_file(path) for path in there):
            return None
        mounts = tuple(path for path in self.dataset.mounts if os.path.ismount(path))
        left = {"paths": there, "mounts": mounts, "allow_empty": True}
        return FilesSource(self.name, self.dataset.model_copy(update=left))

    def capture(self, scratch: Path, run: str) -> Capture:
        """The paths as they lie. `release` walks once more and marks the folders that moved meanwhile in the facts."""
        missing = [finding for finding in map(self._present, self.dataset.paths) if not finding.ok]
        if missing:
            raise SourceError(
                f"{missing[0].subject} {missing[0].found}",
                hint="mount it, or take it out of the dataset's paths",
                untouched="nothing was saved",
            )
        walked = self._walked
        tally = walked[1] if walked and time.monotonic() - walked[0] < FRESH else self._walk(self.capture_seconds)
        self._walked = None
        return Capture(
            paths=Paths(tuple(map(Path, self.dataset.paths)), self.dataset.exclude, self.dataset.one_file_system),
            expected_bytes=tally.bytes if tally.complete else None,
            facts=self._facts(tally, ""),
            release=lambda: self._moved(tally),
        )

    def facts(self, target: str = "") -> Mapping[str, str]:
        """Counts, a digest of all names, sizes and times, and hashes of some files; of the original or of a restored folder."""
        prefix = target.rstrip("/")
        return self._facts(self._walk(self.capture_seconds, prefix=prefix), prefix)

    def restore(
        self,
        restored: Path,
        target: str,
        *,
        items: Sequence[str] = (),
        in_place: bool = False,
        progress: Callable[[Progress], None],
    ) -> str:
        """Place the restored tree below the target folder, or ('' and in place) at its original paths. Never deletes."""
        if not target and not in_place:
            raise SourceError(
                "no folder to restore to was named", hint="name a folder, or ask for the original place (in place)"
            )
        there = Path(target or "/").absolute()
        if there == restored.absolute():
            return f"in {there}, as restored"
        wanted = [self._absolute(item) for item in items]
        own = tuple(self.dataset.paths)
        placing = Placing(
            restored.absolute(),
            "" if str(there) == "/" else str(there),
            wanted=lambda path: not wanted or _below(path, wanted),
            owned=lambda path: _below(path, own),
            progress=progress,
        )
        count = placing.place()
        if count == 0 and not self.dataset.allow_empty:
            raise SourceError(
                f"nothing of {', '.join(items) or self.name} is in the restored copy",
                hint="list what the snapshot holds (restora browse) and name a path of it",
                untouched=f"{there} is as it was",
            )
        return f"{count} file{'s' if count != 1 else ''} " + (
            f"in {there}" if target else f"back in place ({', '.join(items or own)})"
        )

    def verify(self, target: str, facts: Mapping[str, str], *, items: Sequence[str] = ()) -> list[Finding]:
        """Sampled hashes always; counts and the digest of the whole where everything was restored. At the original place
        newer files may have come: there the counts must be at least those of the copy."""
        prefix = target.rstrip("/")
        wanted = [self._absolute(item) for item in items]
        findings = [] if wanted else self._compare_counts(prefix, facts)
        checked = 0
        for key, expected in facts.items():
            path = key.removeprefix("sha256:")
            if path == key or not expected or (wanted and not _below(path, wanted)):
                continue
            checked += 1
            try:
                found = sample_hash(prefix + path)
            except OSError as error:
                found = f"unreadable: {error.strerror}"
            if found != expected:
                findings.append(Finding("content", False, expected, found, path))
        if wanted:
            gone = [path for path in wanted if not os.path.lexists(prefix + path)]
            findings += [Finding("present", False, "there", "missing", path) for path in gone]
            findings += [Finding("present", True, "there", "there", path) for path in wanted if path not in gone]
        if checked and not any(f.name == "content" for f in findings):
            findings.append(
                Finding("content", True, f"{checked} hashes", f"{checked} sampled files have the same sha256")
            )
        if not findings:
            findings.append(Finding("content", False, "facts to compare with", "the run recorded none for this"))
        return findings

    def _compare_counts(self, prefix: str, facts: Mapping[str, str]) -> list[Finding]:
        if not facts.get("files"):
            return []
        moved = frozenset(json.loads(facts.get("moved", "[]")))
        tally = self._walk(
            self.capture_seconds, prefix=prefix, paths=json.loads(facts.get("paths", "[]")) or self.dataset.paths
        )
        tally = tally.without(moved)
        same = tally.manifest() == facts.get("manifest")
        findings = []
        for name, found in (("files", tally.files), ("bytes", tally.bytes)):
            expected = int(facts[name])
            good = found == expected or (not prefix and found >= expected)
            findings.append(Finding(name, good, str(expected), str(found)))
        if prefix and "manifest" in facts:
            findings.append(Finding("names, sizes and times", same, facts["manifest"], tally.manifest()))
        if moved:
            findings.append(
                Finding("moved", True, "", f"{len(moved)} folders changed while they were saved: only sampled there")
            )
        return findings

    def _facts(self, tally: Tally, prefix: str) -> dict[str, str]:
        facts = {"paths": json.dumps(self.dataset.paths)}
        if tally.complete:
            facts |= {"files": str(tally.files), "bytes": str(tally.bytes), "manifest": tally.manifest()}
        return facts | {f"sha256:{path}": digest for path, digest in hashes(tally, prefix=prefix, budget=HASHED)}

    def _moved(self, before: Tally) -> Mapping[str, str]:
        """What the facts must say instead, if the tree changed between capture and now: counts of the folders that did not
        move, and no hash for a file that did. Too many moved: nothing but the samples is compared."""
        if not before.complete:
            return {}
        after = self._walk(self.capture_seconds)
        moved = before.differences(after)
        if not moved:
            return {}
        stable = before.without(frozenset(moved))
        facts = {
            "files": str(stable.files),
            "bytes": str(stable.bytes),
            "manifest": stable.manifest(),
            "moved": json.dumps(moved),
        }
        if len(moved) > MOST_MOVED:
            facts = {"files": "", "bytes": "", "manifest": "", "moved": "[]"}
        touched = frozenset(moved)
        return facts | {
            f"sha256:{path}": "" for path, _ in before.samples if path in touched or path.rpartition("/")[0] in touched
        }

    def _walk(self, seconds: float, *, prefix: str = "", paths: Sequence[str] = ()) -> Tally:
        return walk(
            paths or self.dataset.paths,
            prefix=prefix,
            left_out=self._left_out,
            one_file_system=self.dataset.one_file_system and not prefix,
            seconds=seconds,
        )

    def _detail(self) -> str:
        return ", ".join(self.dataset.paths)

    def _absolute(self, item: str) -> str:
        if item.startswith("/"):
            return item.rstrip("/") or "/"
        return f"{self.dataset.paths[0].rstrip('/')}/{item.strip('/')}"

    def _present(self, path: str) -> Finding:
        place = Path(path)
        if not os.path.lexists(place):
            return Finding("path", False, "there (is its file system mounted?)", "is missing", path)
        if not os.access(place, os.R_OK | (os.X_OK if place.is_dir() else 0)):
            return Finding("path", False, "readable by the user that restora runs as", "can't be read", path)
        return Finding("path", True, "there", "is there", path)

    def _mounted(self, path: str) -> Finding:
        if not os.path.ismount(path):
            return Finding("mount point", False, f"mounted (try: mount {path})", "is not mounted", path)
        with os.scandir(path) as found:
            empty = next(found, None) is None
        if empty and not self.dataset.allow_empty:
            return Finding("mount point", False, "filled (or allow_empty: true)", "is mounted but empty", path)
        return Finding("mount point", True, "mounted", "is mounted", path)


def _holds_a_file(path: str) -> bool:
    if not Path(path).is_dir():
        return True
    return any(files for _, _, files in os.walk(path))


def _below(path: str, parents: Sequence[str]) -> bool:
    return any(parent in {"/", path} or path.startswith(parent.rstrip("/") + "/") for parent in parents)
