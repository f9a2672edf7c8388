"""Is what a run saved plausible? A backup counts only with evidence: a new snapshot, and counts near the last good ones."""

from __future__ import annotations

from collections.abc import Sequence

from policies.capture import Saved
from policies.quantity import human_size
from policies.run import Finding, RunRecord


def weigh(
    saved: Sequence[Saved],
    previous: RunRecord | None,
    *,
    shrink_tolerance: float,
    allow_empty: bool = False,
    minimum_files: int = 1,
) -> list[Finding]:
    """Findings about one run's snapshots against the last good run of the same dataset and repository.

    A finding that is not ok makes the run suspect. `shrink_tolerance`: largest plausible share of files or bytes that
    vanished since then (0 … 1)."""
    files, size = sum(s.files for s in saved), sum(s.bytes for s in saved)
    known = set(previous.snapshots) if previous else set()
    fresh = [s for s in saved if s.snapshot and s.snapshot not in known]
    findings = [
        Finding(
            "new snapshot",
            len(fresh) == len(saved) > 0,
            expected="a snapshot that was not there before",
            found=f"{len(fresh)} new",
        )
    ]
    if not allow_empty:
        findings.append(
            Finding(
                "not empty", files >= minimum_files and size > 0, expected=f"at least {minimum_files} file with content",
                found=f"{files:,} files, {human_size(size)}",
            )
        )  # fmt: skip
    if previous is not None:
        for name, before, now, words in (
            ("files against the last good run", previous.files, files, lambda n: f"{n:,}"),
            ("bytes against the last good run", previous.bytes, size, human_size),
        ):
            if before:
                floor = before * (1 - shrink_tolerance)
                expected = (
                    f"at least {words(round(floor))} (of {words(before)}; shrink_tolerance {shrink_tolerance:.0%})"
                )
                findings.append(Finding(name, now >= floor, expected=expected, found=words(now)))
    return findings
