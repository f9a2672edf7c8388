"""restora run: back up now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from orchestrator.cli.present import escape, show
from orchestrator.cli.progress import reporting
from orchestrator.cli.report_terms import Language, of_site, say
from policies.errors import UsageError
from policies.run import RunState

if TYPE_CHECKING:
    from policies.run import RunRecord

STYLES = {
    RunState.SUCCEEDED: "green",
    RunState.PARTIAL: "yellow",
    RunState.SKIPPED: "yellow",
    RunState.SUSPECT: "red bold",
    RunState.FAILED: "red bold",
}
CODES = {
    RunState.SUCCEEDED: 0,
    RunState.SKIPPED: 0,
    RunState.PARTIAL: 23,
    RunState.SUSPECT: 24,
    RunState.FAILED: 6,
    RunState.CANCELLED: 130,
}


def command(
    context: typer.Context,
    names: list[str] | None = typer.Argument(
        None, metavar="[POLICY|DATASET]...", help="What to back up; nothing named: every policy."
    ),
    approve_removal: bool = typer.Option(
        False,
        "--approve-removal",
        help="Let retention remove more than half of the points of what is named, this once.",
    ),
) -> None:
    """Back up now, with live progress, and wait for the end.

    Exit code 0: everything saved. 23: partial. 24: suspect. 6: failed.
    """
    from orchestrator import removals
    from orchestrator.run_now import chosen, run_now

    application = context.obj.application()
    work = chosen(application.catalog, names or [])
    if approve_removal:
        if not names:
            raise UsageError(
                "--approve-removal must say of what", hint="name the policy or dataset", untouched="nothing was changed"
            )
        removals.approve(application, work, f"--approve-removal {' '.join(names)}")
    with reporting(context.obj) as reporter:
        records = run_now(application, work, reporter.of_run)
    bad = [record for record in records if record.state in {RunState.FAILED, RunState.SUSPECT}]
    following = f"Next: restora doctor; then restora run {escape(' '.join(dict.fromkeys(r.dataset for r in bad)))}"
    data = {"runs": [as_dict(record) for record in records]}
    language = of_site(application.catalog)
    show(context.obj, data, table(records, language), *notes(records, language), *([following] if bad else []))
    raise typer.Exit(exit_code(records))


def exit_code(records: list[RunRecord]) -> int:
    """The worst of what came of runs."""
    return max((CODES.get(record.state, 1) for record in records), default=0)


def table(records: list[RunRecord], language: Language = "en") -> Any:
    """What came of runs, a line each."""
    from rich.table import Table

    from policies.quantity import human_size, human_time

    lines = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("dataset", "in", "result", "files", "size", "added", "time"):
        lines.add_column(
            say(language, title),
            justify="right" if title in {"files", "size", "added", "time"} else "left",
            overflow="fold",
        )
    for record in records:
        seconds = (record.ended - record.started).total_seconds() if record.ended and record.started else None
        lines.add_row(
            record.dataset, record.repository, f"[{STYLES.get(record.state, 'white')}]{say(language, record.state.value)}[/]",
            f"{record.files:,}" if record.files is not None else "-", human_size(record.bytes) if record.bytes is not None else "-",
            human_size(record.added) if record.added is not None else "-", human_time(seconds) if seconds is not None else "-",
        )  # fmt: skip
    return lines


def notes(records: list[RunRecord], language: Language = "en") -> list[str]:
    """Reasons and warnings, a line each."""
    found = []
    for record in records:
        if record.reason:
            found.append(f"{record.dataset}: {escape(record.reason)}")
        found += [f"{record.dataset}: {escape(warning)}" for warning in record.warnings]
        found += [
            say(language, "{}: not readable: {}", record.dataset, escape(path)) for path in record.unreadable[:10]
        ]
        if record.forgotten:
            gone = "{}: {} snapshots that retention no longer keeps were removed"
            found.append(say(language, gone, record.dataset, len(record.forgotten)))
    return found


def as_dict(record: RunRecord) -> dict[str, Any]:
    """A run as JSON shows it."""
    from dataclasses import asdict

    return {**asdict(record), "state": record.state.value, "trigger": record.trigger.value}
