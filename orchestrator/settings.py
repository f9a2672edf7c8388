"""Where restora keeps its things on this host."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from policies.errors import StateError


@dataclass(frozen=True, slots=True)
class Settings:
    """The folders of one installation. `--home DIR` puts all of them below DIR; else XDG folders, or system ones for root."""

    config: Path
    state: Path
    cache: Path
    data: Path

    @classmethod
    def find(cls, home: Path | None = None, config: Path | None = None) -> Settings:
        """The folders in force: `home`, else RESTORA_HOME, else the system's for root and the person's otherwise."""
        home = home or (Path(os.environ["RESTORA_HOME"]) if os.environ.get("RESTORA_HOME") else None)
        if home:
            home = home.expanduser().absolute()
            found = cls(home / "restora.yaml", home / "state", home / "cache", home / "data")
        elif os.geteuid() == 0:
            found = cls(
                Path("/etc/restora/restora.yaml"),
                Path("/var/lib/restora"),
                Path("/var/cache/restora"),
                Path("/var/lib/restora"),
            )
        else:
            found = cls(
                _xdg("XDG_CONFIG_HOME", ".config") / "restora.yaml",
                _xdg("XDG_STATE_HOME", ".local/state"),
                _xdg("XDG_CACHE_HOME", ".cache"),
                _xdg("XDG_DATA_HOME", ".local/share"),
            )
        return cls(config.expanduser().absolute(), found.state, found.cache, found.data) if config else found

    @property
    def secrets(self) -> Path:
        """Folder of the passwords that init makes (0700)."""
        return self.config.parent / "secrets"

    @property
    def leases(self) -> Path:
        return self.state / "leases"

    @property
    def scratch(self) -> Path:
        """Copies aside during backups, and drill places; large."""
        return self.cache / "scratch"

    @property
    def restores(self) -> Path:
        """Where a restore goes when no place is named."""
        return self.data / "restores"

    @property
    def reports(self) -> Path:
        return self.data / "reports"

    @property
    def models(self) -> Path:
        """Models of the reader that were trained here."""
        return self.state / "models"

    @property
    def feedback(self) -> Path:
        """Corrections that the reader may learn from."""
        return self.state / "feedback"

    @property
    def state_url(self) -> str:
        return f"sqlite:///{self.state / 'state.sqlite'}"

    @property
    def engine_url(self) -> str:
        return f"sqlite:///{self.state / 'engine.sqlite'}"

    def make_folders(self) -> None:
        """Make the private folders (0700); StateError where that is not allowed."""
        for folder in (self.state, self.leases, self.cache, self.scratch, self.data):
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError as error:
                raise StateError(
                    f"cannot make the folder {folder}: {error.strerror}",
                    hint="give restora a folder of its own with --home DIR, or make this one writable",
                ) from error


def _xdg(variable: str, default: str) -> Path:
    base = os.environ.get(variable)
    return (Path(base) if base else Path.home() / default) / "restora"
