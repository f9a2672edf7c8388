"""What a failing database means to a person."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from policies.errors import StateError

PAGE = 64 << 10  # bytes: less than that is no room for SQLite
REBUILD = "restora init --rebuild sets it aside, starts a new one and reads the repositories again"
# part of the database's message, what it means, the way out
KNOWN = (
    ("malformed", "is damaged", REBUILD),
    ("not a database", "is no SQLite database, or is damaged", REBUILD),
    ("disk is full", "can't be written: the disk is full", "free space there, then run the same command again"),
    ("no space left", "can't be written: the disk is full", "free space there, then run the same command again"),
    ("readonly", "can't be written: it is read-only", "give the user that runs restora write permission there"),
    ("read-only", "can't be written: it is read-only", "give the user that runs restora write permission there"),
    ("disk i/o error", "can't be read or written: the disk reports an error", f"look at the disk; {REBUILD}"),
    ("unable to open", "can't be opened", "check that its folder exists and belongs to the user that runs restora"),
    ("permission denied", "can't be opened: permission denied", "run restora as the user that owns it"),
    (
        "database is locked",
        "is held by another process for too long",
        "run the same command again; restora status shows who is at work",
    ),
    ("no such table", "lacks a table", REBUILD),
    ("no such column", "lacks a column", REBUILD),
    ("does not exist", "lacks what is asked of it", "create the database, or correct `state` in restora.yaml"),
    (
        "password authentication failed",
        "refuses the password",
        "correct `state` in restora.yaml, or the password it names",
    ),
    ("connection", "can't be reached", "check that the server runs, and `state` in restora.yaml"),
)


def translated(error: Exception, place: str) -> StateError:
    """A StateError with the cause in words. The driver's message is shown without the statement and its values."""
    cause = str(getattr(error, "orig", None) or error).strip().splitlines()
    first = cause[0] if cause else type(error).__name__
    lower = first.lower()
    if "disk i/o error" in lower and _full(place):  # what SQLite says where its memory-mapped index can't grow
        lower = "disk is full"
    for part, meaning, hint in KNOWN:
        if part in lower:
            return StateError(f"the state {place} {meaning} ({first})", hint=hint, untouched="repositories and data")
    return StateError(f"the state {place} can't be used: {first}", hint=REBUILD, untouched="repositories and data")


def _full(place: str) -> bool:
    with suppress(OSError):
        facts = os.statvfs(Path(place).parent)
        return facts.f_bavail * facts.f_frsize < PAGE
    return False
