"""restora init: the first minutes on a host."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import typer

from orchestrator.cli.present import escape, show


def command(
    context: typer.Context,
    repository: str = typer.Option(
        "",
        "--repository",
        help="Folder, or s3://BUCKET/PREFIX?endpoint=URL&region=R; without it a folder beside the state.",
    ),
    search: list[Path] | None = typer.Option(
        None, "--search", help="Folder in which SQLite databases are looked for; may be repeated."
    ),
    path: list[Path] | None = typer.Option(None, "--path", help="Files or folder to protect; may be repeated."),
    rebuild: bool = typer.Option(
        False, "--rebuild", help="Make the state anew from restora.yaml and the repositories."
    ),
) -> None:
    """Find the data on this host, write a commented restora.yaml, make repository and password.

    May be repeated: what is there stays. --rebuild reconstructs a lost or damaged state.
    """
    from orchestrator import initialise as first

    application = context.obj.application()
    if rebuild:
        steps = first.rebuild(application)
    else:
        fresh = not application.settings.config.exists()
        candidates = first.discover(search or [], path or []) if fresh else []
        steps = [first.write_configuration(application, repository, candidates)]
        steps += [first.Step(f"dataset {c.name}", c.detail or c.kind) for c in candidates]
        steps += first.make_repositories(application)
        application.settings.make_folders()
    lines = [
        f"{'[green]ok[/]' if step.ok else '[red]--[/]'} [bold]{escape(step.what)}[/]  {escape(step.text)}"
        for step in steps
    ]
    ready = all(step.ok for step in steps)
    following = (
        f'Next: restora "back up {next(iter(application.catalog.datasets), "…")} nightly, keep 30 days"'
        if ready and not rebuild
        else ""
    )
    show(
        context.obj,
        {"ok": ready, "steps": [asdict(step) for step in steps]},
        *lines,
        *([following] if following else []),
    )
    raise typer.Exit(0 if ready else 6)
