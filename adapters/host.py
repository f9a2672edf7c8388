"""Facts of this host that nobody should have to type."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones


def hostname() -> str:
    """Short name of this host."""
    return socket.gethostname().partition(".")[0] or "localhost"


def local_timezone(root: Path = Path("/")) -> str:
    """IANA name of the host's time zone: TZ, /etc/timezone, the target of /etc/localtime; UTC where none tells."""
    known = available_timezones()
    candidates = [os.environ.get("TZ", "").lstrip(":")]
    with suppress(OSError):  # not every system has the file
        candidates.append((root / "etc/timezone").read_text(encoding="utf-8").strip())
    link = root / "etc/localtime"
    if link.is_symlink():
        candidates.append(str(link.readlink()).partition("zoneinfo/")[2])
    found = next((name for name in candidates if name in known), "UTC")
    return "UTC" if found in {"Etc/UTC", "Universal", "Zulu"} else ZoneInfo(found).key
