"""restora ask: say what you want. Understand → plan → show → confirm → do."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import typer

from orchestrator.cli.present import confirm, console, escape, show
from policies.errors import ApprovalRequired, ClarificationNeeded, RestoraError, UsageError

if TYPE_CHECKING:
    from orchestrator.cli.invocation import Invocation
    from orchestrator.propose import Offer, Understood
    from orchestrator.wiring import Application


def command(
    context: typer.Context,
    text: list[str] | None = typer.Argument(None, help="The request, in English or Chinese; without it a prompt."),
    dry_run: bool = typer.Option(False, "--dry-run", help="Show what would follow, change nothing."),
) -> None:
    """Say what you want: restora "back up db nightly, keep 30 days".

    Shows what was understood and what follows, and asks before anything is changed. --yes approves what the guardrails allow;
    a doubtful request is never carried out, its question is the answer.
    """
    application = context.obj.application()
    if text:
        raise typer.Exit(answer(application, context.obj, " ".join(text), dry_run=dry_run))
    if not sys.stdin.isatty():
        raise UsageError("there is no request", hint='restora "back up db nightly, keep 30 days"')
    _prompt(application, context.obj, dry_run)


def answer(application: Application, invocation: Invocation, text: str, *, dry_run: bool) -> int:
    """Carry one request through; the exit code."""
    from orchestrator.cli.plan_view import understood
    from orchestrator.propose import understand

    found = understand(application, text)
    dry_run = dry_run or any(intent.dry_run for intent in found.reading.intents)
    if not invocation.json:
        console().print(understood(found.reading))
        if found.reading.leftover:
            console().print(f"[yellow]Not used:[/]   {escape(', '.join(found.reading.leftover))}")
    if found.questions:
        _ask_back(invocation, found)
    code = 0
    if found.resolution.wishes:
        code = _standing(application, invocation, found, dry_run)
    for ask in found.asks:
        from orchestrator.cli.perform import perform

        code = max(code, perform(application, invocation, ask, dry_run=dry_run))
    return code


def _ask_back(invocation: Invocation, found: Understood) -> None:
    lines = [
        question.text + (f" ({' / '.join(question.choices)})" if question.choices else "")
        for question in found.questions
    ]
    error = ClarificationNeeded(
        "\n".join(lines), hint="say it again with the answer in it", untouched="nothing was changed"
    )
    if invocation.json:
        show(invocation, {**error.as_dict(), "understood": found.reading.as_contract(), "questions": lines})
        raise typer.Exit(error.exit_code)
    raise error


def _standing(application: Application, invocation: Invocation, found: Understood, dry_run: bool) -> int:
    from orchestrator.propose import approve, offer, store

    made = offer(application, found.reading.text, found.resolution.wishes)
    data: dict[str, Any] = {
        "understood": found.reading.as_contract(), "plan": made.plan.as_dict(), "applied": False,
        "problems": [
            {"field": p.field, "value": p.value, "message": p.message, "hint": p.hint, "question": p.question} for p in made.problems
        ],
    }  # fmt: skip
    if not invocation.json:
        _view(application, made)
    if not made.ready:
        if made.plan.empty and not any(p.blocks for p in made.problems):
            show(invocation, data, "Nothing to change: that is in force already.")
            return 0
        error = _blocked(made)
        if invocation.json:
            show(invocation, {**error.as_dict(), **data})
            return error.exit_code
        raise error
    if dry_run:
        show(invocation, data, "[dim]Dry run: nothing was changed.[/]")
        return 0
    _forbid_violations(made)
    proposal = store(application, made)
    data["proposal"] = proposal.id
    try:
        letter = confirm(invocation, "Apply? [y]es, [n]o", choices="yn")
    except ApprovalRequired as needed:
        needed.hint = f"restora apply {proposal.id} --yes, or repeat it with --yes"
        if invocation.json:
            show(invocation, {**needed.as_dict(), **data})
            return needed.exit_code
        raise
    if letter != "y":
        show(invocation, data, f"Nothing was changed. It stays open as proposal {proposal.id}.")
        return 0
    data["applied"] = True
    names = approve(application, made, words="--yes" if invocation.yes else "yes", proposal=proposal.id)
    show(
        invocation,
        data,
        f"[green]In force:[/] {escape(', '.join(names))} (written to {application.settings.config})",
        *_alive(application),
    )
    return 0


def _blocked(made: Offer) -> UsageError:
    """Why an offer can't be made: a question where one is open, else all that is wrong."""
    blocking = [p for p in made.problems if p.blocks]
    question = next((p for p in blocking if p.question), None)
    if question:
        return ClarificationNeeded(question.message, hint=question.hint, untouched="nothing was changed")
    message = "; ".join(p.message for p in blocking)
    return UsageError(message, hint=blocking[0].hint, untouched="nothing was changed")


def _view(application: Application, made: Offer) -> None:
    from orchestrator.cli.plan_view import drafted, planned

    out = console()
    for one in made.drafts:
        for part in drafted(one):
            out.print(part)
    for part in planned(made.plan, application.catalog.zone()):
        out.print(part)


def _forbid_violations(made: Offer) -> None:
    from policies.guardrails import enforce

    enforce([violation for change in made.plan.changes for violation in change.violations])


def _alive(application: Application) -> list[str]:
    from orchestrator.board import read_board

    if read_board(application).daemon_alive:
        return []
    return ["[yellow]No daemon is running:[/] start it with restora daemon, or for good with restora install-service"]


def _prompt(application: Application, invocation: Invocation, dry_run: bool) -> None:
    from orchestrator.cli.main import report

    history = application.settings.state / "prompt-history"
    application.settings.make_folders()
    try:
        import readline

        if history.exists():
            readline.read_history_file(history)
    except ImportError:  # Python without readline: a prompt without history
        readline = None  # type: ignore[assignment]
    console().print(
        "Say what you want, for example [bold]back up db nightly, keep 30 days[/]. Empty line or Ctrl-D ends."
    )
    while True:
        try:
            line = input("restora> ").strip()
        except EOFError:
            break
        if not line or line in {"exit", "quit"}:
            break
        try:
            answer(application, invocation, line, dry_run=dry_run)
        except typer.Exit:
            continue
        except RestoraError as error:
            report(error, invocation)
    if readline is not None:
        readline.write_history_file(history)
