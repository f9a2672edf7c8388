"""restora apply: put a stored proposal in force."""

from __future__ import annotations

import typer

from orchestrator.cli.present import confirm, escape, show
from policies.errors import UsageError


def command(
    context: typer.Context,
    proposal: str = typer.Argument("", help="Id of the proposal, or its first characters."),
    list_open: bool = typer.Option(False, "--list", help="List the open proposals."),
) -> None:
    """Put a stored proposal in force, after showing again what it changes."""
    from orchestrator.cli.plan_view import planned
    from orchestrator.propose import approve, reopen
    from policies.guardrails import enforce

    application = context.obj.application()
    if list_open:
        rows = application.state.proposals(state="open")
        data = [{"id": p.id, "time": p.time.isoformat(), "text": p.body.get("text")} for p in rows]
        lines = [
            f"{p.id}  {p.time.astimezone(application.catalog.zone()):%Y-%m-%d %H:%M}  {escape(str(p.body.get('text')))}"
            for p in rows
        ]
        show(context.obj, {"proposals": data}, *(lines or ["No proposal is open."]))
        return
    if not proposal:
        raise UsageError("no proposal is named", hint="restora apply --list shows the open ones")
    proposal, made = reopen(application, proposal)
    if made.plan.empty:
        show(
            context.obj, {"applied": False, "plan": made.plan.as_dict()}, "Nothing to change: that is in force already."
        )
        return
    if not context.obj.json:
        show(context.obj, {}, *planned(made.plan, application.catalog.zone()))
    enforce([violation for change in made.plan.changes for violation in change.violations])
    if confirm(context.obj, f"Apply proposal {proposal}? [y/n]") != "y":
        show(context.obj, {"applied": False}, "Nothing was changed.")
        return
    names = approve(application, made, words="--yes" if context.obj.yes else "yes", proposal=proposal)
    show(
        context.obj,
        {"applied": True, "policies": names, "plan": made.plan.as_dict()},
        f"[green]In force:[/] {escape(', '.join(names))}",
    )
