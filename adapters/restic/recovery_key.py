"""The second key of every repository: made at init, written once, kept away from the host."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from policies.errors import ConfigurationError

ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"  # nothing that reads like something else
GROUPS, LETTERS = 8, 4  # 157 bits


def new_key() -> str:
    """Random, in groups that a person can read out and type."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(LETTERS)) for _ in range(GROUPS))


def ensure(place: Path) -> str:
    """The key in that file; makes both where there is none. The file appears whole, with mode 0600, or not at all."""
    if place.exists():
        if place.stat().st_mode & 0o077:
            raise ConfigurationError(f"{place} (a recovery key) may be read by others", hint=f"chmod 600 {place}")
        if kept := place.read_text().strip():
            return kept
    key = new_key()
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = place.with_name(f".{place.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(key + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(place)
    return key
