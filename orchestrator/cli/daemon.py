"""restora daemon: the scheduler in the foreground."""

from __future__ import annotations

import typer

from orchestrator.cli.logs import log_to_stderr


def command(
    context: typer.Context,
    grace: float = typer.Option(60.0, "--grace", min=0, help="Seconds that running work gets at a stop."),
) -> None:
    """Run the scheduler in the foreground; systemd, or Ctrl-C, ends it.

    Runs are caught up once after a standstill; an interrupted run goes on at the next start.
    """
    from orchestrator.serve_daemon import serve

    application = context.obj.application()
    log_to_stderr(application.redactor, as_json=context.obj.json)
    raise typer.Exit(serve(application, grace=grace))
