"""restora audit: the ledger, shown and verified."""

from __future__ import annotations

import json

import typer

from orchestrator.cli.present import escape, show
from policies.errors import UsageError, VerificationFailed


def command(
    context: typer.Context,
    what: str = typer.Argument("show", metavar="[show|verify]", help="Show entries, or verify the chain of hashes."),
    kind: str = typer.Option(
        "", "--kind", help="Only this kind: proposal, approval, configuration, run, restore, drill."
    ),
    limit: int = typer.Option(50, "--limit", min=1, help="Newest entries that are shown."),
) -> None:
    """Who asked for what in which words, who approved it, what it touched; and whether nothing of that was altered since."""
    from rich.table import Table

    application = context.obj.application()
    if what == "verify":
        broken = application.state.verify_ledger()
        if broken is not None:
            raise VerificationFailed(
                f"the ledger is broken at {broken}",
                hint="compare with a copy of the state; entries before it are sound",
            )
        count = sum(1 for _ in application.state.ledger())
        show(
            context.obj,
            {"valid": True, "entries": count},
            f"[green]The ledger is whole:[/] {count} entries, every link holds",
        )
        return
    if what != "show":
        raise UsageError(f"{what!r} is neither show nor verify", hint="restora audit verify")
    entries = list(application.state.ledger(kind=kind, limit=limit))
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("no", "time", "kind", "who", "what"):
        table.add_column(title, overflow="fold")
    zone = application.catalog.zone()
    for entry in entries:
        text = ", ".join(
            f"{key} {_short(value)}" for key, value in entry.body.items() if value not in ("", None, [], False)
        )
        table.add_row(
            str(entry.number), f"{entry.time.astimezone(zone):%Y-%m-%d %H:%M}", entry.kind, entry.actor, escape(text)
        )
    data = [
        {
            "number": e.number,
            "time": e.time.isoformat(),
            "kind": e.kind,
            "actor": e.actor,
            "body": e.body,
            "hash": e.hash,
            "previous": e.previous,
        }
        for e in entries
    ]
    show(context.obj, {"entries": data}, table if entries else "The ledger is empty")


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "…"
