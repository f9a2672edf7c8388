"""Where a state URL points; standard library only, for the quick path too."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

PREFIX = "sqlite:///"


def sqlite_path(url: str) -> Path | None:
    """The file of a SQLite URL (`sqlite:////var/lib/restora/state.db`); None for any other kind."""
    if not url.startswith(PREFIX):
        return None
    name = url[len(PREFIX) :].partition("?")[0]
    return Path(unquote(name)) if name and name != ":memory:" else None
