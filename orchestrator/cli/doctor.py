"""restora doctor: is this installation healthy, and what to type where it is not."""

from __future__ import annotations

from dataclasses import asdict

import typer

from orchestrator.cli.present import console, escape, show


def command(context: typer.Context) -> None:
    """Check programs, configuration, state, secrets, repositories, sources and the daemon.

    Exit code 0: healthy. 1: something is not.
    """
    from orchestrator.examine import examine

    application = context.obj.application()
    found = []
    out = console()
    for item in examine(application):
        found.append(item)
        if not context.obj.json:
            mark = "[green]ok[/]" if item.ok else "[red]--[/]"
            out.print(
                f"{mark} [bold]{escape(item.what)}[/]  {escape(item.found)}"
                + (f"\n     → {escape(item.hint)}" if item.hint and not item.ok else "")
            )
    healthy = all(item.ok for item in found)
    if context.obj.json:
        show(context.obj, {"healthy": healthy, "checks": [asdict(item) for item in found]})
    raise typer.Exit(0 if healthy else 1)
