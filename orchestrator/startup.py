"""What was left behind by a kill: scratch folders, throw-away servers. Cleaned before anything begins."""

from __future__ import annotations

import shutil

from orchestrator.wiring import Application
from policies.errors import Busy


def clean_up(application: Application) -> list[str]:
    """Remove leftovers of processes that are gone; what was removed, in words. Leaves alone what a live process holds."""
    removed = list(application.sandbox.clean_leftovers())
    runs = application.settings.scratch / "runs"
    for folder in sorted(runs.glob("*/*")):
        try:
            with application.leases.take(f"dataset:{folder.name}", holder="clean-up"):
                shutil.rmtree(folder, ignore_errors=True)
                removed.append(f"scratch of {folder.name}")
        except Busy:  # its run, or the restic that a killed run left at work, still uses it
            continue
    return removed
