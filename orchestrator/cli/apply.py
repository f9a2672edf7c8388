"""restora apply: put a stored proposal, or an edited copy of restora.yaml, in force."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from orchestrator.cli.present import confirm, escape, show
from orchestrator.cli.report_terms import of_site
from policies.errors import UsageError

if TYPE_CHECKING:
    from orchestrator.cli.invocation import Invocation
    from orchestrator.wiring import Application


def command(
    context: typer.Context,
    wanted: str = typer.Argument(
        "", metavar="[PROPOSAL|FILE]", help="Id of the proposal (its first characters will do), or an edited copy."
    ),
    list_open: bool = typer.Option(False, "--list", help="List the open proposals."),
) -> None:
    """Put a stored proposal or an edited copy of restora.yaml in force, after showing what it changes."""
    from orchestrator.cli.plan_view import going, planned
    from orchestrator.propose import approve, approve_file, edited_offer, open_proposal, reopen
    from policies.guardrails import enforce

    application = context.obj.application()
    if list_open:
        _list(application, context.obj)
        return
    if not wanted:
        raise UsageError("nothing is named to apply", hint="restora apply --list shows the open proposals")
    file = Path(wanted) if "/" in wanted or wanted.endswith((".yaml", ".yml")) else None
    if file and not file.is_file():
        raise UsageError(f"{file} is no file", hint="name an edited copy of restora.yaml, or the id of a proposal")
    proposal = None if file else open_proposal(application, wanted)
    made = reopen(application, proposal) if proposal else edited_offer(application, Path(wanted))
    if made.plan.empty:
        show(
            context.obj, {"applied": False, "plan": made.plan.as_dict()}, "Nothing to change: that is in force already."
        )
        return
    language = of_site(application.catalog)
    if not context.obj.json:
        show(
            context.obj, {}, *planned(made.plan, application.catalog.zone(), (), language), *going(made.going, language)
        )
    enforce([violation for change in made.plan.changes for violation in change.violations])
    if confirm(context.obj, f"Apply {wanted}? [y/n]") != "y":
        show(context.obj, {"applied": False}, "Nothing was changed.")
        return
    words = "--yes" if context.obj.yes else "yes"
    names = (
        approve_file(application, file, made, words=words)
        if file
        else approve(application, made, words=words, proposal=proposal.id if proposal else "")
    )
    show(
        context.obj,
        {"applied": True, "policies": names, "plan": made.plan.as_dict()},
        f"[green]In force:[/] {escape(', '.join(names) or str(application.settings.config))}",
    )


def _list(application: Application, invocation: Invocation) -> None:
    rows = application.state.proposals(state="open")
    zone = application.catalog.zone()
    data = [{"id": p.id, "time": p.time.isoformat(), "text": p.body.get("text")} for p in rows]
    lines = [f"{p.id}  {p.time.astimezone(zone):%Y-%m-%d %H:%M}  {escape(str(p.body.get('text')))}" for p in rows]
    show(invocation, {"proposals": data}, *(lines or ["No proposal is open."]))
