"""Readers for tests: what they say is told them, and no model is loaded."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from orchestrator.settings import Settings
from orchestrator.wiring import Application
from planner.language.intent import Intent, Question, Reading
from planner.language.training.gold import Gold
from policies.errors import UsageError
from tests.conftest import SteppedClock

CONFIG = """\
version: 1
# kept by whoever changes a key
repositories:
  local: {kind: local, path: /r, password: {file: /p}}
datasets:
  db: {kind: files, paths: [/d]}
"""


def application(folder: Path, more: str = "", config: str | None = CONFIG) -> Application:
    """An installation below a folder, at a time of its own."""
    settings = Settings.find(folder)
    if config is not None:
        folder.mkdir(parents=True, exist_ok=True)
        settings.config.write_text(config + more, "utf-8")
    return Application(settings, SteppedClock())


@dataclass
class Told:
    """Answers as told: right where `knows` says so (by text), else a question about nothing."""

    known: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    confidence: float = 0.9

    def __call__(self, text: str, *, now: datetime, names: Collection[str] = ()) -> Reading:
        if text in self.known:
            intents = tuple(Intent.model_validate(one) for one in self.known[text])
            return Reading(intents, self.confidence, text=text)
        return Reading((Intent(action="unsupported"),), 0.1, (Question("what?", "action"),), text=text)

    def knowing(self, gold: Sequence[Gold]) -> Told:
        """One that knows these as well; what is ambiguous is asked about."""
        return Told({**self.known, **{one.text: one.readings[0] for one in gold if not one.ambiguous}}, self.confidence)


@dataclass
class Binding:
    """Binds folders to readers by name; `shipped` where there is no folder. UsageError for a folder that is not known."""

    shipped: Told
    readers: Mapping[str, Told] = field(default_factory=dict)

    def __call__(self, folder: Path | None) -> Told:
        if folder is None:
            return self.shipped
        version = json.loads((folder / "card.json").read_text())["version"]
        if version not in self.readers:
            raise UsageError(f"{folder} is no model that can be used (test)")
        return self.readers[version]
