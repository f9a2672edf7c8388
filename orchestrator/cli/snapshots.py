"""restora snapshots: the recovery points there are."""

from __future__ import annotations

import typer

from orchestrator.cli.present import show


def command(
    context: typer.Context,
    dataset: str | None = typer.Argument(None, help="Only this dataset; without it all."),
    repository: str | None = typer.Option(None, "--from", help="Only this repository."),
    refresh: bool = typer.Option(False, "--refresh", help="List the repository again instead of what is remembered."),
    explain: bool = typer.Option(False, "--why", help="Show why each point is kept."),
) -> None:
    """List recovery points, newest first, with size and (with --why) the reason why retention keeps each."""
    from rich.table import Table

    from orchestrator.inventory import inventory
    from policies.quantity import human_size

    application = context.obj.application()
    zone = application.catalog.zone()
    rows = inventory(application, dataset, repository, refresh=refresh)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("point", "dataset", "in", "time", "files", "size", *(["kept because"] if explain else ["proven"])):
        table.add_column(title, overflow="fold", justify="right" if title in {"files", "size"} else "left")
    for row in rows:
        size = human_size(row.point.bytes) if row.point.bytes is not None else "-"
        files = f"{row.point.files:,}" if row.point.files is not None else "-"
        last = "; ".join(row.reasons) if explain else (row.proven or "")
        table.add_row(
            row.point.id[:12],
            row.point.dataset,
            row.point.repository,
            f"{row.point.time.astimezone(zone):%Y-%m-%d %H:%M}",
            files,
            size,
            last,
        )
    data = [
        {
            "id": row.point.id, "dataset": row.point.dataset, "repository": row.point.repository, "time": row.point.time.isoformat(),
            "files": row.point.files, "bytes": row.point.bytes, "snapshots": [part.id for part in row.point.parts],
            "kept_because": list(row.reasons), "proven": row.proven,
        }
        for row in rows
    ]  # fmt: skip
    show(context.obj, {"points": data}, table if rows else "There is no recovery point yet: restora run")
