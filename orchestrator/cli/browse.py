"""restora browse: what lies in a recovery point."""

from __future__ import annotations

import itertools

import typer

from orchestrator.cli.present import escape, show
from policies.errors import ConfigurationError, UsageError


def command(
    context: typer.Context,
    dataset: str = typer.Argument(help="The dataset."),
    path: str = typer.Argument("/", help="Folder inside the snapshot."),
    point: str | None = typer.Option(None, "--snapshot", help="Id of the point; the newest without it."),
    repository: str | None = typer.Option(None, "--from", help="The repository; the first that has it without it."),
    limit: int = typer.Option(1000, "--limit", min=1, help="Most entries that are shown."),
) -> None:
    """List the files of a recovery point, below a path."""
    from orchestrator.assemble import points, repositories_of
    from orchestrator.points import PointWish, choose
    from policies.quantity import human_size

    application = context.obj.application()
    application.source(dataset)
    places = [repository] if repository else repositories_of(application, dataset)
    if not places:
        raise ConfigurationError(
            "there is no repository to look into", hint="add one to restora.yaml, then restora init"
        )
    place = places[0]
    chosen = choose(
        points(application, dataset, place), PointWish(snapshot=point), dataset=dataset, zone=application.catalog.zone()
    )
    opened = application.repository(place)
    entries = list(itertools.islice((entry for part in chosen.parts for entry in opened.entries(part.id, path)), limit))
    if not entries:
        raise UsageError(
            f"there is no {path} in the point {chosen.id[:12]} of {dataset}",
            hint=f"restora browse {dataset}" + (f" --snapshot {point}" if point else ""),
        )
    data = {
        "point": chosen.id,
        "entries": [
            {
                "path": e.path,
                "kind": e.kind,
                "bytes": e.size,
                "modified": e.modified.isoformat() if e.modified else None,
            }
            for e in entries
        ],
    }
    lines = [
        f"{human_size(e.size) if e.kind == 'file' else '':>9}  {escape(e.path)}{'/' if e.kind == 'dir' else ''}"
        for e in entries
    ]
    more = [f"… only the first {limit} are shown: name a folder, or --limit"] if len(entries) == limit else []
    show(
        context.obj,
        data,
        f"{dataset} of {chosen.time.astimezone(application.catalog.zone()):%Y-%m-%d %H:%M}",
        *lines,
        *more,
    )
