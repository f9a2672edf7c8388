"""restora ask: say what you want. Understand → plan → show → confirm → do."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from orchestrator.cli.answer import Answer
from orchestrator.cli.present import confirm, console, escape
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
    out = Answer(invocation)
    out.data["understood"] = found.reading.as_contract()
    out.say(understood(found.reading))
    if found.reading.leftover:
        out.say(f"[yellow]Not used:[/]   {escape(', '.join(found.reading.leftover))}")
    if found.questions and not _only_looks(found):
        _ask_back(out, found)
    if found.resolution.wishes:
        from orchestrator.propose import offer

        standing(application, out, offer(application, text, found.resolution.wishes), dry_run=dry_run)
    for ask in found.asks:
        from orchestrator.cli.perform import perform

        try:
            perform(application, out, ask, dry_run=dry_run)
        except RestoraError as error:
            if not (invocation.json and (out.data.get("applied") or out.data.get("done"))):
                raise
            # One document must also tell what was done before this failed.
            out.add(type(ask).__name__, error.exit_code, **error.as_dict())
    return out.close()


YES_NO = ("yes", "no")
LOOKING = frozenset({"status", "diagnose"})


def _only_looks(found: Understood) -> bool:
    """Whether nothing is done in any case: then an unsure reading is answered rather than asked about."""
    looks = len(found.reading.leftover) <= 1 and all(intent.action in LOOKING for intent in found.reading.intents)
    return looks and all(question.choices == YES_NO for question in found.questions)


def _ask_back(out: Answer, found: Understood) -> None:
    """Put the questions: at a terminal those that take yes or no are asked, and yes goes on; all others end it."""
    may_ask = sys.stdin.isatty() and not (out.invocation.json or out.invocation.yes)
    if may_ask and all(question.choices == YES_NO for question in found.questions):
        for question in found.questions:
            if confirm(out.invocation, f"{escape(question.text)} [y/n]") != "y":
                raise ClarificationNeeded(
                    "then it was not understood", hint="say it in other words", untouched="nothing was changed"
                )
        return
    lines = [
        question.text + (f" ({' / '.join(question.choices)})" if question.choices else "")
        for question in dict.fromkeys(found.questions)
    ]
    out.data["questions"] = lines
    out.fail(
        ClarificationNeeded(
            "\n".join(lines), hint="say it again with the answer in it", untouched="nothing was changed"
        )
    )
    raise typer.Exit(out.close())


def standing(application: Application, out: Answer, made: Offer, *, dry_run: bool) -> None:
    """Show an offer and, approved, put it in force."""
    from orchestrator.propose import approve, store
    from policies.guardrails import enforce

    out.data |= {
        "plan": made.plan.as_dict(), "applied": False, "going": made.going,
        "problems": [
            {"field": p.field, "value": p.value, "message": p.message, "hint": p.hint, "question": p.question} for p in made.problems
        ],
    }  # fmt: skip
    if not out.invocation.json:
        _view(application, made)
    if not made.ready:
        _not_ready(out, made)
        return
    if dry_run:
        out.say("[dim]Dry run: nothing was changed.[/]")
        return
    enforce([violation for change in made.plan.changes for violation in change.violations])
    proposal = store(application, made)
    out.data["proposal"] = proposal.id
    try:
        letter = confirm(out.invocation, "Apply? [y]es, [n]o", choices="yn")
    except ApprovalRequired as error:
        error.hint = f"restora apply {proposal.id} --yes, or repeat it with --yes"
        out.fail(error)
        return
    if letter != "y":
        out.say(f"Nothing was changed. It stays open as proposal {proposal.id}.")
        return
    names = approve(application, made, words="--yes" if out.invocation.yes else "yes", proposal=proposal.id)
    out.data["applied"] = True
    out.say(
        f"[green]In force:[/] {escape(', '.join(names))} (written to {escape(str(application.settings.config))})",
        *_alive(application),
    )


def _not_ready(out: Answer, made: Offer) -> None:
    """Nothing to do, or a question, or a problem that blocks."""
    blocking = [p for p in made.problems if p.blocks]
    if made.plan.empty and not blocking:
        out.say("Nothing to change: that is in force already.")
        return
    question = next((p for p in blocking if p.question), None)
    if question:
        out.fail(ClarificationNeeded(question.message, hint=question.hint, untouched="nothing was changed"))
        return
    message = "; ".join(p.message for p in blocking)
    out.fail(UsageError(message, hint=blocking[0].hint, untouched="nothing was changed"))


def _view(application: Application, made: Offer) -> None:
    from orchestrator.cli.plan_view import drafted, going, planned

    out = console()
    for one in made.drafts:
        for part in drafted(one, made.seen.found, made.seen.missing):
            out.print(part)
    told = {problem.message for problem in made.problems}
    for part in [*planned(made.plan, application.catalog.zone(), told), *going(made.going)]:
        out.print(part)


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
