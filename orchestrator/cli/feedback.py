"""restora feedback: corrections that the reader may learn from, with consent."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from orchestrator.cli.present import confirm, escape, show
from policies.errors import UsageError

if TYPE_CHECKING:
    from orchestrator.cli.invocation import Invocation
    from orchestrator.wiring import Application

WAYS = "on, off, list, add, export, forget"


def command(
    context: typer.Context,
    what: str = typer.Argument("list", metavar="[on|off|list|add|export|forget]", help="What to do."),
    ids: list[str] | None = typer.Argument(None, help="For forget: ids, or how they begin."),
    request: str = typer.Option("", "--request", help="For add: the request, in the words that were typed."),
    intents: str = typer.Option(
        "",
        "--intents",
        help="For add: what it means, as the intent contract's JSON, or a file with it (- for standard input).",
    ),
    now: str = typer.Option("", "--now", help="For add: the local moment at which it was said (ISO); without it now."),
    output: str = typer.Option("", "--output", help="For export: the file; without it standard output."),
    everything: bool = typer.Option(False, "--all", help="For forget: all of them."),
) -> None:
    """Keep corrections as examples (on, off), see them (list, export), erase them (forget), add one by hand (add).

    Nothing is kept unless restora.yaml says `learning: {store: true}`, which `restora feedback on` writes. They stay on this host, in a
    file that only its owner can read; known secrets and what looks like one are masked.
    """
    from orchestrator import feedback

    application, invocation = context.obj.application(), context.obj
    if ids and what != "forget":
        raise UsageError(f"{what} takes no {' '.join(ids)!r}", hint="restora feedback forget ID")
    if what in {"on", "off"}:
        feedback.switch(application, what == "on")
        told = (
            "are kept from now on"
            if what == "on"
            else "are not kept any more; those that were stay until restora feedback forget --all"
        )
        show(invocation, {"store": what == "on", "file": str(application.corrections.path)}, f"Corrections {told}")
    elif what == "list":
        _list(invocation, application)
    elif what == "add":
        if not request or not intents:
            raise UsageError(
                "add needs --request and --intents",
                hint=f"restora feedback add --request TEXT --intents JSON; {feedback.EXAMPLE}",
            )
        made = feedback.add(application, request, _json(intents), now=_moment(now))
        show(invocation, made.as_dict(), f"[green]Kept[/] {made.id}: {escape(made.text)}")
    elif what == "export":
        _export(invocation, application, output)
    elif what == "forget":
        _forget(invocation, application, ids or [], everything)
    else:
        raise UsageError(f"{what!r} is none of {WAYS}", hint="restora feedback list", untouched="every correction")


def _list(invocation: Invocation, application: Application) -> None:
    from rich.table import Table

    from orchestrator import feedback

    found = application.corrections.all()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("id", "time", "why", "request", "meant"):
        table.add_column(title, overflow="fold")
    for one in found:
        meant = json.dumps([dict(intent) for intent in one.intents], ensure_ascii=False)
        table.add_row(one.id, f"{one.time:%Y-%m-%d %H:%M}", one.occasion, escape(one.text), escape(meant))
    on = feedback.is_on(application)
    said = "Corrections are kept" if on else "Corrections are not kept: restora feedback on"
    parts = [table] if found else []
    show(
        invocation, {"store": on, "corrections": [one.as_dict() for one in found]},
        *parts, f"[dim]{said}. {len(found)} in {escape(str(application.corrections.path))}[/]",
    )  # fmt: skip


def _export(invocation: Invocation, application: Application, output: str) -> None:
    from orchestrator import feedback

    found = application.corrections.all()
    text = feedback.lines(found)
    if not output:
        if invocation.json:
            show(invocation, {"corrections": [one.as_dict() for one in found]})
        else:
            print(text, end="")  # JSON lines: for a pipe, not for Rich
        return
    try:
        place = Path(output)
        place.touch(mode=0o600)
        place.write_text(text, "utf-8")
    except OSError as error:
        raise UsageError(
            f"{output} can't be written: {error.strerror}", hint="name another file with --output"
        ) from error
    show(invocation, {"file": output, "corrections": len(found)}, f"Wrote {len(found)} corrections to {escape(output)}")


def _forget(invocation: Invocation, application: Application, ids: list[str], everything: bool) -> None:
    from orchestrator import feedback

    if bool(ids) == everything:
        raise UsageError(
            "forget needs ids, or --all", hint="restora feedback list shows them", untouched="every correction"
        )
    if everything:
        count = len(application.corrections.all())
        if count and confirm(invocation, f"Erase all {count} corrections? [y/n]") != "y":
            show(invocation, {"erased": 0}, "Nothing was erased.")
            return
    count = feedback.forget(application, ids)
    show(
        invocation,
        {"erased": count},
        f"Erased: {count}. A model that was trained on them is as it was: restora model list",
    )


def _json(said: str) -> Any:
    from orchestrator.feedback import EXAMPLE

    text = said
    if not said.lstrip().startswith(("[", "{")):
        try:
            text = sys.stdin.read() if said == "-" else Path(said).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(
                f"--intents {said!r} is neither JSON nor a file that can be read ({error})", hint=EXAMPLE
            ) from error
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"--intents is no JSON: {text.strip()[:60]!r} ({error})", hint=EXAMPLE) from error


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError as error:
        raise UsageError(f"--now {text!r} is no moment", hint="write it as 2026-03-11T10:30") from error
