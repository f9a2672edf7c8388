"""An installation as a person has one: folders of its own, and the command line in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
MINUTES = 20 * 60


@dataclass(frozen=True, slots=True)
class Said:
    """How a command ended and what it printed."""

    command: tuple[str, ...]
    code: int
    out: str
    err: str

    @property
    def both(self) -> str:
        return f"{self.out}\n{self.err}"

    @property
    def data(self) -> Any:
        """What `--json` printed."""
        return json.loads(self.out)

    def __str__(self) -> str:
        return f"restora {' '.join(self.command)} ended with {self.code}\n{self.out}\n{self.err}"


@dataclass(slots=True)
class Installation:
    """`restora --home HOME`; `restic` is the one that it finds on PATH, `env` what else its processes have."""

    home: Path
    restic: Path
    env: dict[str, str] = field(default_factory=dict)

    @property
    def configuration(self) -> Path:
        return self.home / "restora.yaml"

    def __call__(self, *words: str | Path, code: int | None = 0) -> Said:
        """Run it; any other exit code than this fails the test (None: any will do)."""
        given = tuple(map(str, words))
        argv = [sys.executable, "-m", "orchestrator.cli.main", "--home", str(self.home), *given]
        done = subprocess.run(
            argv, cwd=ROOT, env=self.environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=MINUTES, check=False,
        )  # fmt: skip
        said = Said(given, done.returncode, done.stdout, done.stderr)
        assert code is None or said.code == code, said
        assert "Traceback" not in said.both, said
        return said

    def environment(self) -> dict[str, str]:
        """Nothing that the machine says about AWS or PostgreSQL reaches it."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "PG", "RESTIC_", "RESTORA_"))}
        path = f"{self.restic.parent}{os.pathsep}{kept.get('PATH', '')}"
        return {**kept, "PATH": path, "COLUMNS": "160", **self.env}

    def dataset(self, name: str, **fields: object) -> None:
        """Write a dataset into restora.yaml by hand, as a person does."""
        text = self.configuration.read_text()
        assert "\ndatasets:\n" in text
        entry = f"\ndatasets:\n  {name}: {json.dumps(fields)}\n"  # JSON is YAML
        self.configuration.write_text(text.replace("\ndatasets:\n", entry, 1))
