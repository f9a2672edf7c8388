"""restora ask: say what you want. Understand → plan → show → confirm → do."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from orchestrator.cli.answer import Answer
from orchestrator.cli.present import confirm, console, escape
from planner.language.asking import pick
from policies.errors import ApprovalRequired, ClarificationNeeded, RestoraError, UsageError

if TYPE_CHECKING:
    from orchestrator.cli.invocation import Invocation
    from orchestrator.propose import Additions, Offer
    from orchestrator.understanding import Understood
    from orchestrator.wiring import Application
    from planner.language.asks import Ask
    from planner.language.dialogue import Turn
    from policies.correction import Occasion


def command(
    context: typer.Context,
    text: list[str] | None = typer.Argument(None, help="The request, in English or Chinese; without it a prompt."),
    dry_run: bool = typer.Option(False, "--dry-run", help="Show what would follow, change nothing."),
) -> None:
    """Say what you want: restora "back up db nightly, keep 30 days".

    Shows what was understood and what follows, and asks before anything is changed. --yes approves what the guardrails allow;
    a doubtful request is asked about at a terminal, and elsewhere never carried out: its question is the answer.
    """
    application = context.obj.application()
    if text:
        raise typer.Exit(answer(application, context.obj, " ".join(text), dry_run=dry_run))
    if not sys.stdin.isatty():
        raise UsageError("there is no request", hint='restora "back up db nightly, keep 30 days"')
    from orchestrator.cli.prompt import prompt

    prompt(application, context.obj, dry_run=dry_run)


def answer(
    application: Application, invocation: Invocation, text: str, *, dry_run: bool, turns: list[Turn] | None = None
) -> int:
    """Carry one request through; the exit code. `turns`: the requests of this dialogue, to which this one is added."""
    from orchestrator.cli.inquiry import settle
    from orchestrator.understanding import understand
    from planner.language.dialogue import Turn

    turns = [] if turns is None else turns
    first = understand(application, text, turns=turns)
    out = Answer(invocation, first.language)
    _show(out, first)
    found = settle(application, out, first, turns)
    turns.append(Turn(found.reading.intents, text))
    if found.reading.intents != first.reading.intents:
        _show_again(out, found)
    if found is not first:
        _learn(application, out, first, found)
    dry_run = dry_run or any(intent.dry_run for intent in found.reading.intents)
    _carry_out(application, out, found, dry_run=dry_run)
    return out.close()


def _learn(application: Application, out: Answer, first: Understood, found: Understood) -> None:
    """Keep what a person meant, where they allow it."""
    from orchestrator.feedback import invitation, remember

    changed = found.reading.intents != first.reading.intents
    restated = found.reading.text != first.reading.text
    occasion: Occasion = "corrected" if restated else "answered" if changed else "confirmed"
    now = application.clock.now().astimezone(application.catalog.zone())
    kept = remember(application, first.reading, found.reading.intents, occasion, now=now)
    if changed and not kept and (line := invitation(application)):
        out.say(f"[dim]{escape(line)}[/]")


def _show(out: Answer, found: Understood) -> None:
    """What was understood, word by word; what came from an earlier request, was not used, or has no effect."""
    from orchestrator.cli.understanding_view import leftover, taken, understood, unheeded

    out.data["understood"] = found.reading.as_contract()
    out.data["language"] = found.language
    if found.which:  # what else there is to say depends on the answer
        out.say(understood(found.reading))
    else:
        out.say(understood(found.reading), *taken(found), *leftover(found), *unheeded(found))
    if found.consulted and found.consulted.note:
        out.say(f"[dim]{escape(found.consulted.note)}[/]")
        out.data |= found.consulted.as_dict()
    out.data["taken"] = [{"intent": number, "slot": slot} for number, slot in found.taken]
    out.data["unheeded"] = [{"slot": slot, "words": words} for slot, words in found.resolution.unheeded]


def _show_again(out: Answer, found: Understood) -> None:
    from orchestrator.cli.inquiry import gist
    from orchestrator.cli.understanding_view import unheeded

    out.data["understood"] = found.reading.as_contract()
    out.data["unheeded"] = [{"slot": slot, "words": words} for slot, words in found.resolution.unheeded]
    out.say(f"[bold]{pick(out.language, 'So', '即')}[/]  {escape(gist(found.reading))}", *unheeded(found))


def _carry_out(application: Application, out: Answer, found: Understood, *, dry_run: bool) -> None:
    from orchestrator.cli.inquiry import decided
    from orchestrator.propose import Additions, offer

    wishes, text = found.resolution.wishes, found.reading.text
    additions = Additions(found.resolution.proposals, found.resolution.exclude)
    if wishes or additions:
        made = decided(out, out.language, lambda bases: offer(application, text, wishes, additions, bases))
        standing(application, out, made, dry_run=dry_run)
    for ask in found.asks:
        if _waits(application, ask, additions, dry_run=dry_run):
            continue
        _perform(application, out, ask, dry_run=dry_run)


def _waits(application: Application, ask: Ask, additions: Additions, *, dry_run: bool) -> bool:
    """Whether it is about a new dataset that was not approved."""
    new = {found.name for found in additions.proposals} - set(application.catalog.datasets)
    return not dry_run and bool(new & set(getattr(ask, "datasets", ())))


def _perform(application: Application, out: Answer, ask: Ask, *, dry_run: bool) -> None:
    from orchestrator.cli.perform import perform

    try:
        perform(application, out, ask, dry_run=dry_run)
    except RestoraError as error:
        if not (out.invocation.json and (out.data.get("applied") or out.data.get("done"))):
            raise
        # One document must also tell what was done before this failed.
        out.add(type(ask).__name__, error.exit_code, **error.as_dict())


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
        _view(application, out, made)
    if not made.ready:
        _not_ready(out, made)
        return
    if dry_run:
        out.say(f"[dim]{pick(out.language, 'Dry run: nothing was changed.', '试运行:没有做任何更改。')}[/]")
        return
    enforce([violation for change in made.plan.changes for violation in change.violations])
    proposal = store(application, made)
    out.data["proposal"] = proposal.id
    try:
        letter = confirm(
            out.invocation, pick(out.language, "Apply? [y]es, [n]o", "执行这个计划吗?[y] 是,[n] 否"), choices="yn"
        )
    except ApprovalRequired as error:
        error.hint = f"restora apply {proposal.id} --yes, or repeat it with --yes"
        out.fail(error)
        return
    if letter != "y":
        en = f"Nothing was changed. It stays open as proposal {proposal.id}."
        out.say(pick(out.language, en, f"没有做任何更改。提案 {proposal.id} 保留,可以稍后执行。"))
        return
    new = frozenset(made.wanted.datasets) - frozenset(application.catalog.datasets)
    names = approve(application, made, words="--yes" if out.invocation.yes else "yes", proposal=proposal.id)
    out.data["applied"] = True
    out.approved = new
    told, where = escape(", ".join(names)), escape(str(application.settings.config))
    en, zh = f"[green]In force:[/] {told} (written to {where})", f"[green]已生效:[/]{told}(写入 {where})"
    out.say(pick(out.language, en, zh), *_alive(application, out))


def _not_ready(out: Answer, made: Offer) -> None:
    """Nothing to do, or a question, or a problem that blocks."""
    blocking = [p for p in made.problems if p.blocks]
    if made.plan.empty and not blocking:
        out.say(pick(out.language, "Nothing to change: that is in force already.", "不用更改:已经是这样了。"))
        return
    untouched = pick(out.language, "nothing was changed", "没有做任何更改")
    question = next((p for p in blocking if p.question), None)
    if question:
        out.fail(ClarificationNeeded(question.message, hint=question.hint, untouched=untouched))
        return
    message = "; ".join(p.message for p in blocking)
    out.fail(UsageError(message, hint=blocking[0].hint, untouched=untouched))


def _view(application: Application, out: Answer, made: Offer) -> None:
    from orchestrator.cli.plan_view import drafted, going, planned

    screen = console()
    for one in made.drafts:
        for part in drafted(one, made.seen.found, made.seen.missing, out.language):
            screen.print(part)
    told = {problem.message for problem in made.problems}
    for part in [
        *planned(made.plan, application.catalog.zone(), told, out.language),
        *going(made.going, out.language),
    ]:
        screen.print(part)


def _alive(application: Application, out: Answer) -> list[str]:
    from orchestrator.board import read_board

    if read_board(application).daemon_alive:
        return []
    en = "[yellow]No daemon is running:[/] start it with restora daemon, or for good with restora install-service"
    zh = "[yellow]守护进程没有运行:[/]用 restora daemon 启动,或用 restora install-service 安装为服务"
    return [pick(out.language, en, zh)]
