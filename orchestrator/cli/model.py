"""restora model: which model the reader uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from orchestrator.cli.present import escape, show
from policies.errors import StateError, UsageError

if TYPE_CHECKING:
    from adapters.models import ModelStore, Version


def command(
    context: typer.Context,
    what: str = typer.Argument("list", metavar="[list|use|rollback|remove]", help="What to do."),
    version: str = typer.Argument(
        "", help="For use: a version, `shipped`, or a model folder, which is copied. For remove: a version."
    ),
) -> None:
    """Models that were trained here: list them, use one, go back to the one before.

    The checksums of a model are verified before each use; one that is damaged or gone is replaced by the shipped one, with a warning.
    """
    store = context.obj.application().models
    if what == "list" and not version:
        _list(context.obj, store)
    elif what == "use" and version:
        name = _named(store, version)
        before = store.activate(name)
        show(
            context.obj,
            {"active": name, "before": before},
            f"[green]In use:[/] {escape(name)} (before: {escape(before)})",
        )
    elif what == "rollback" and not version:
        before, name = store.rollback()
        show(
            context.obj,
            {"active": name, "before": before},
            f"[green]In use again:[/] {escape(name)} (before: {escape(before)})",
        )
    elif what == "remove" and version:
        store.remove(version)
        show(context.obj, {"removed": version}, f"Removed: {escape(version)}")
    else:
        said = f"{what} {version}".strip()
        raise UsageError(
            f"{said!r} is none of list, use VERSION, rollback, remove VERSION",
            hint="restora model list",
            untouched="every model",
        )


def _named(store: ModelStore, version: str) -> str:
    """The version that is meant; a folder is copied first, under its own version's name."""
    from pathlib import Path

    from adapters.models import SHIPPED, inspect

    if version == SHIPPED or "/" not in version:
        return version
    found = inspect(Path(version))
    name = str(found.card.get("version") or found.name)
    if not store.version(name).broken and store.version(name).card == found.card:
        return name  # copied before
    return store.add(Path(version), name).name


def _list(invocation: Any, store: ModelStore) -> None:
    from rich.table import Table

    from adapters.models import SHIPPED
    from policies.quantity import human_size

    try:
        active, warning = store.active(), ""
    except StateError as error:
        active, warning = SHIPPED, error.message
    warning = store.chosen().warning or warning
    found = store.versions()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("", "version", "size", "fitted on", "exact, held out", ""):
        table.add_column(title, overflow="fold")
    table.add_row("→" if active == SHIPPED else "", SHIPPED, "", "", "", "comes with restora")
    for one in found:
        trouble = f"[red]{escape(one.broken)}[/]" if one.broken else ""
        size = human_size(one.size) if one.size else ""
        table.add_row(
            "→" if active == one.name else "", escape(one.name), size, escape(_data(one)), _exact(one), trouble
        )
    data = {
        "active": active, "warning": warning,
        "versions": [{"version": v.name, "size": v.size, "broken": v.broken, "card": dict(v.card)} for v in found],
    }  # fmt: skip
    show(invocation, data, table, *([f"[yellow]{escape(warning)}[/]"] if warning else []))


def _data(one: Version) -> str:
    return str(one.card.get("data") or one.card.get("data_version") or "")


def _exact(one: Version) -> str:
    scores = one.card.get("scores")
    exact = scores.get("exact") if isinstance(scores, dict) else None
    return f"{exact:.1%}" if isinstance(exact, (int, float)) else ""
