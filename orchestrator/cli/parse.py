"""restora parse: how a request is understood, in the contract's JSON."""

from __future__ import annotations

import json
import sys
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from orchestrator.cli.present import escape, show
from policies.errors import UsageError

if TYPE_CHECKING:
    from orchestrator.reading import Read
    from planner.language.intent import Reading


LINE = 'each line is {"id": …, "text": …}'


def command(
    context: typer.Context,
    text: list[str] | None = typer.Argument(None, help="The request."),
    now: str = typer.Option("", "--now", help="Read it as if it were this local moment (ISO)."),
    file: str = typer.Option(
        "", "--file", help='Read {"id", "text", "now"} lines from this file (- for standard input), answer a line each.'
    ),
) -> None:
    """Show how a request is understood, nothing else: no configuration is needed and nothing is done."""
    moment = _moment(now) or datetime.now().astimezone().replace(tzinfo=None)
    if file:
        _batch(context.obj.application().read, file, _moment(now), moment)
        return
    if not text:
        raise UsageError("there is no request to read", hint='restora parse --json "back up db nightly, keep 30 days"')
    reading = context.obj.application().read(" ".join(text), now=moment)
    show(context.obj, reading.as_contract(), *_parts(reading))


def _batch(read: Read, file: str, given: datetime | None, moment: datetime) -> None:
    try:
        with nullcontext(sys.stdin) if file == "-" else Path(file).open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    row = _row(line, f"{file}:{number}")
                    own = _moment(str(row.get("now") or ""), f"{file}:{number}: now")
                    reading = read(row["text"], now=own or given or moment)
                    print(
                        json.dumps({"id": row.get("id", number), **reading.as_contract()}, ensure_ascii=False),
                        flush=file == "-",
                    )
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}", hint="name a file of JSON lines") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is not UTF-8: {error.reason}", hint=f"iconv -t UTF-8 {file}") from error


def _row(line: str, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise UsageError(f"{where} is no JSON: {line.strip()[:60]!r} ({error})", hint=LINE) from error
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        raise UsageError(f"{where} has no text: {line.strip()[:60]!r}", hint=LINE)
    return row


def _moment(text: str, name: str = "--now") -> datetime | None:
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError as error:
        raise UsageError(f"{name} {text!r} is no moment", hint="write it as 2026-03-11T10:30") from error


def _parts(reading: Reading) -> list[Any]:
    from orchestrator.cli.understanding_view import understood

    intents = [escape(json.dumps(intent.as_contract(), ensure_ascii=False)) for intent in reading.intents]
    questions = [f"[yellow]?[/] {escape(question.text)}" for question in reading.clarify]
    left = [f"[yellow]Not used:[/] {escape(', '.join(reading.leftover))}"] if reading.leftover else []
    return [understood(reading), *intents, *left, *questions, f"[dim]confidence {reading.confidence:.2f}[/]"]
