"""An installation below one folder, configured by hand as an administrator may do it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
RESTORA = Path(sys.executable).parent / "restora"
POLICY = {"schedule": {"every": "1d", "at": ["01:40"]}, "retention": {"keep_within": "30d"}, "repositories": ["local"]}


@dataclass(frozen=True, slots=True)
class Site:
    """`--home`, a repository and its password below one folder."""

    folder: Path
    restic: Path

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def repository(self) -> Path:
        return self.folder / "repository"

    @property
    def password(self) -> Path:
        return self.folder / "password"

    @property
    def restic_environment(self) -> dict[str, str]:
        """What plain restic needs; its cache stays below the folder."""
        return {
            "RESTIC_REPOSITORY": str(self.repository),
            "RESTIC_PASSWORD_FILE": str(self.password),
            "RESTIC_CACHE_DIR": str(self.folder / "cache"),
        }

    def command(self, *words: str) -> list[str]:
        return [str(RESTORA), "--home", str(self.home), *words]

    def make(self, datasets: dict[str, Path]) -> None:
        """Write restora.yaml (JSON is YAML) with a policy for each dataset, and make the repository."""
        self.home.mkdir(parents=True)
        self.password.write_text("correct horse battery staple\n")
        self.password.chmod(0o600)
        catalog = {
            "version": 1,
            "tools": {"restic": str(self.restic)},
            "repositories": {
                "local": {"kind": "local", "path": str(self.repository), "password": {"file": str(self.password)}}
            },
            "datasets": {name: {"kind": "files", "paths": [str(path)]} for name, path in datasets.items()},
            "policies": {name: {"datasets": [name], **POLICY} for name in datasets},
        }
        (self.home / "restora.yaml").write_text(json.dumps(catalog, indent=1))
        subprocess.run([self.restic, "init", "--quiet"], env={**os.environ, **self.restic_environment}, check=True)


def newest_restic() -> Path:
    """The one under .tools/, else the system's."""
    found = sorted((ROOT / ".tools").glob("restic-*/restic"))
    system = shutil.which("restic")
    if not found and not system:
        raise FileNotFoundError("no restic: apt-get install restic, or make tools")
    return found[-1] if found else Path(system or "")
