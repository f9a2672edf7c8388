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
        from orchestrator.rebuild import rebuild as made_anew

        steps = made_anew(application)
    else:
        fresh = not application.settings.config.exists()
        candidates = first.discover(search or [], path or []) if fresh else []
        given = {"--repository": repository, "--search": search, "--path": path}
        unused = [name for name, value in given.items() if value]
        steps = [first.write_configuration(application, repository, candidates, unused=unused)]
        steps += [first.Step(f"dataset {c.name}", c.detail or c.kind) for c in candidates]
        steps += first.make_repositories(application)
        application.settings.make_folders()
    lines = [
        f"{'[green]ok[/]' if step.ok else '[red]--[/]'} [bold]{escape(step.what)}[/]  {escape(step.text)}"
        for step in steps
    ]
    ready = all(step.ok for step in steps)
    following = f"Next: correct {application.settings.config} where it is wrong, then restora init again"
    if ready:
        dataset = next(iter(application.catalog.datasets), "…")
        following = (
            ""
            if rebuild or application.catalog.policies
            else f'Next: restora "back up {escape(dataset)} nightly, keep 30 days"'
        )
    show(
        context.obj,
        {"ok": ready, "steps": [asdict(step) for step in steps]},
        *lines,
        *([following] if following else []),
    )
    raise typer.Exit(next((step.exit_code or 6 for step in steps if not step.ok), 0))
