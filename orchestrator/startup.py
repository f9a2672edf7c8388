"""What was left behind by a kill: scratch folders, throw-away servers. Cleaned before anything begins."""

from __future__ import annotations

import shutil
from pathlib import Path

from orchestrator.wiring import Application
from policies.errors import Busy


def clean_up(application: Application) -> list[str]:
    """Remove leftovers of processes that are gone; what was removed, in words. Leaves alone what a live process holds."""
    removed = list(application.sandbox.clean_leftovers())
    scratch = application.settings.scratch
    for folder in sorted((scratch / "runs").glob("*/*")):
        removed += _cleared(application, f"dataset:{folder.name}", folder, f"scratch of {folder.name}")
    for folder in sorted((scratch / "restic").glob("*")):  # packs, and the cache that a check makes for itself
        if any(folder.iterdir()):
            removed += _cleared(application, f"repository:{folder.name}", folder, f"restic's own of {folder.name}")
    return removed


def _cleared(application: Application, lease: str, folder: Path, what: str) -> list[str]:
    try:
        with application.leases.take(lease, holder="clean-up"):
            shutil.rmtree(folder, ignore_errors=True)
            return [what]
    except Busy:  # its run, or the restic that a killed run left at work, still uses it
        return []
