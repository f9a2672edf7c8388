"""restora status: the board, problems first; its exit code is an alarm that does not need the daemon alive."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import typer

from orchestrator.cli import report_terms
from orchestrator.cli.present import escape, show
from orchestrator.cli.report_terms import Language, of_site

if TYPE_CHECKING:
    from rich.console import RenderableType

    from planner.health import Board, Standing

MARKS = {0: ("ok", "green"), 1: ("!", "yellow"), 2: ("BAD", "red bold")}


def command(
    context: typer.Context,
    all_rows: bool = typer.Option(False, "--all", help="Show every line, the good ones too, however many."),
) -> None:
    """The board: dataset, last good backup, its age, last proven restore, next run; problems first.

    Exit code 0: all good. 20: needs attention. 21: overdue, failed or suspect. 22: no daemon is alive.
    """
    from orchestrator.board import read_board

    application = context.obj.application()
    board = read_board(application)
    show(
        context.obj,
        as_dict(board),
        *parts(board, application.catalog.zone(), of_site(application.catalog), all_rows=all_rows),
    )
    raise typer.Exit(board.exit_code)


def parts(board: Board, zone: Any, language: Language = "en", *, all_rows: bool) -> list[RenderableType]:
    """The board for people: a line per promise, its problem below it, and whether a daemon lives."""
    from rich.table import Table

    from policies.quantity import human_time

    say = partial(report_terms.say, language)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("", "dataset", "in", "last good", "proven", "next"):
        table.add_column(say(title) if title else "", overflow="fold")
    rows = (
        board.rows if all_rows or len(board.rows) <= 40 else [row for row in board.rows if row.level] or board.rows[:10]
    )
    for row in rows:
        word, style = MARKS[int(row.level)]
        age = say("{} ago", human_time(row.age)) if row.age is not None else say("never")
        since = human_time((board.now - row.last_proven).total_seconds()) if row.last_proven else ""
        proven = say("{} ago", since) if since else say("never")
        table.add_row(
            f"[{style}]{say(word)}[/]", row.dataset, row.repository, age, proven, _clock(row.next_run, zone, board.now)
        )
        if row.problem:
            table.add_row("", f"[{style}]{escape(row.problem)}[/]")
    problems = sum(row.level > 0 for row in board.rows)
    count = len(board.rows)
    if count == 1:
        head = say("1 promise, {} with problems", problems) if problems else say("1 promise, all kept")
    elif problems:
        head = say("{} promises, {} with problems", count, problems)
    else:
        head = say("{} promises, all kept", count)
    daemon = (
        say("daemon alive, {} ago", human_time(board.daemon))
        if board.daemon_alive and board.daemon is not None
        else say("[red]no daemon is running[/]: restora daemon, or restora install-service")
    )
    shown: list[RenderableType] = (
        [f"[bold]{head}[/]", table]
        if board.rows
        else [say('Nothing is promised yet: restora "back up … nightly, keep 30 days"')]
    )
    if len(rows) < len(board.rows):
        shown.append(say("{} more: --all", len(board.rows) - len(rows)))
    if board.unprotected:
        shown.append(say("[yellow]No policy protects:[/] {}", ", ".join(board.unprotected)))
    if board.drills_stopped and board.drills is not None:
        stopped = "[yellow]Drills were not looked at for {}:[/] restart the daemon"
        shown.append(say(stopped, human_time(board.drills)))
    return [*shown, daemon]


def _clock(moment: datetime | None, zone: Any, now: datetime) -> str:
    if moment is None:
        return "-"
    local = moment.astimezone(zone)
    return f"{local:%H:%M}" if (moment - now).total_seconds() < 86400 else f"{local:%a %d %b %H:%M}"


def as_dict(board: Board) -> dict[str, Any]:
    """The board as JSON shows it."""
    return {
        "now": board.now.isoformat(),
        "exit_code": board.exit_code,
        "daemon": {"alive": board.daemon_alive, "heartbeat_age_seconds": board.daemon},
        "drills": {"stopped": board.drills_stopped, "heartbeat_age_seconds": board.drills},
        "unprotected": list(board.unprotected),
        "promises": [_line(row) for row in board.rows],
    }


def _line(row: Standing) -> dict[str, Any]:
    return {
        "policy": row.policy, "dataset": row.dataset, "repository": row.repository, "level": row.level.name.lower(), "problem": row.problem,
        "last_good": row.last_good.isoformat() if row.last_good else None, "age_seconds": row.age, "limit_seconds": row.limit,
        "last_proven": row.last_proven.isoformat() if row.last_proven else None, "bytes": row.bytes,
        "next_run": row.next_run.isoformat() if row.next_run else None, "last_state": row.last_state,
    }  # fmt: skip
