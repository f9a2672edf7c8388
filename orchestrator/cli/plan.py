"""restora plan: what is in force, or what an edited file would change, with proof, cost, RPO and RTO."""

from __future__ import annotations

from pathlib import Path

import typer

from orchestrator.cli.present import show
from orchestrator.cli.report_terms import of_site
from policies.errors import UsageError


def command(
    context: typer.Context,
    wanted: Path | None = typer.Argument(
        None, help="An edited copy of restora.yaml to compare; without it what is in force is proven again."
    ),
    days: int = typer.Option(400, "--days", min=1, max=3660, help="How many days ahead are proven."),
) -> None:
    """Show what would change, and prove window, space, RPO and retention for every day ahead.

    Exit code 0: everything holds. 9: something is refuted or forbidden.
    """
    from orchestrator.cli.plan_view import planned
    from orchestrator.looking import look
    from planner.plan import plan

    application = context.obj.application()
    before = application.catalog
    after = before
    if wanted is not None:
        from adapters.configuration import load

        if not wanted.exists():
            raise UsageError(f"there is no {wanted}", hint="name an edited copy of restora.yaml, or nothing")
        after = load(wanted)
    made = plan(
        before,
        after,
        look(application, after.datasets).history,
        application.clock.now(),
        days=days,
        everything=wanted is None,
    )
    parts = planned(made, application.catalog.zone(), (), of_site(application.catalog))
    show(
        context.obj,
        made.as_dict(),
        *(
            parts
            or [
                'Nothing is planned yet: restora "back up … nightly, keep 30 days"'
                if wanted is None
                else "No difference."
            ]
        ),
    )
    raise typer.Exit(0 if made.holds else 9)
