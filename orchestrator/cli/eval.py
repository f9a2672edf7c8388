"""restora eval: how well requests are read, measured on requests whose meaning is known."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from orchestrator.cli.present import show
from policies.errors import UsageError

if TYPE_CHECKING:
    from orchestrator.evaluation import Measured
    from orchestrator.reading import Opened
    from planner.language.training.gold import Gold


def command(
    context: typer.Context,
    file: str = typer.Option(
        "", "--file", help="Gold requests, a JSON object a line; without it the checks that come with restora."
    ),
    model: str = typer.Option(
        "", "--model", help="A model folder, or a version of restora model list, instead of the active one."
    ),
    errors: int = typer.Option(0, "--errors", min=0, help="Show this many requests that were not read well."),
    html: str = typer.Option(
        "", "--html", help="Write a report with plots to this file; FILE.md writes tables as Markdown."
    ),
) -> None:
    """Measure how requests are read: exact readings, actions, slots, questions, silent misreadings, calibration.

    A line of the file is a gold line of the intent contract, or a line of restora feedback export.
    """
    from orchestrator.evaluation import measure

    application = context.obj.application()
    gold, where = _gold(file), file or "shipped checks"
    reader = _reader(application, model)
    with _progress(context.obj, where) as progress:
        found = measure(reader.read, gold, progress)
    data = {
        "file": where, "model": reader.model, "warning": reader.warning, **found.as_dict(),
        "errors": [_error(one) for one in found.errors[:errors]],
    }  # fmt: skip
    if html:
        data["report"] = _written(html, found, where, reader.model)
    show(context.obj, data, *([] if context.obj.json else _parts(found, reader, where, errors, html)))


def _gold(file: str) -> list[Gold]:
    from planner.language.training.gold import rows, shipped_checks

    if not file:
        return shipped_checks()
    try:
        found = rows(Path(file).read_text("utf-8").splitlines(), file)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}", hint="name a file of JSON lines") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is not UTF-8: {error.reason}", hint=f"iconv -t UTF-8 {file}") from error
    if not found:
        raise UsageError(f"{file} holds no request", hint="name a file of JSON lines")
    return found


def _reader(application: Any, model: str) -> Opened:
    """The reader to measure; one that is named is that one or an error, never another instead."""
    from adapters.models import SHIPPED, inspect
    from orchestrator.reading import Opened, bound, open_reader

    if not model:
        return open_reader(application)
    if model == SHIPPED:
        return Opened(bound(None), SHIPPED)
    known = application.models.version(model) if "/" not in model else None
    found = known if known and not known.broken else inspect(Path(model))
    if found.broken:
        why = known.broken if known and (application.models.folder / model).exists() else found.broken
        raise UsageError(f"{model} is no model that can be used: {why}", hint="restora model list")
    return Opened(bound(found.folder), found.name)


def _progress(invocation: Any, title: str) -> Any:
    from orchestrator.cli.progress import counting

    return counting(invocation, title, "requests")


def _written(place: str, found: Measured, where: str, model: str) -> str:
    from orchestrator.report.eval_page import markdown, page

    text = (markdown if place.endswith(".md") else page)(found, where, model)
    try:
        Path(place).write_text(text, "utf-8")
    except OSError as error:
        raise UsageError(f"{place} can't be written: {error.strerror}", hint="name another file with --html") from error
    return str(Path(place).absolute())


def _error(one: Any) -> dict[str, Any]:
    return {
        "id": one.gold.id, "text": one.gold.text, "ambiguous": one.gold.ambiguous, "silent": one.silent,
        "destructive": one.destructive, "wanted": one.best, "read": one.said, "confidence": one.confidence, "asked": one.asked,
    }  # fmt: skip


def _parts(found: Measured, reader: Opened, where: str, errors: int, html: str) -> list[Any]:
    from orchestrator.cli.eval_view import tables
    from orchestrator.cli.present import escape

    head = f"[bold]{len(found.outcomes)} requests[/] of {escape(where)}, read with model {escape(reader.model)}"
    warned = [f"[yellow]{escape(reader.warning)}[/]"] if reader.warning else []
    return [head, *warned, *tables(found, errors), *([f"Report: {escape(html)}"] if html else [])]
