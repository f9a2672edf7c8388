"""Where a state URL points; standard library only, for the quick path too."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote

PREFIX = "sqlite:///"


def sqlite_path(url: str) -> Path | None:
    """The file of a SQLite URL (`sqlite:////var/lib/restora/state.db`); None for any other kind."""
    if not url.startswith(PREFIX):
        return None
    name = url[len(PREFIX) :].partition("?")[0]
    return Path(unquote(name)) if name and name != ":memory:" else None


def prepare_file(path: Path) -> None:
    """Make the file readable by its owner alone before anything lies in it."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
