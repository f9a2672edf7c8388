"""restora drill: prove that a restore works, and measure it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from orchestrator.cli import report_terms
from orchestrator.cli.present import escape, show
from orchestrator.cli.progress import Reporter, reporting
from orchestrator.cli.report_terms import Language, of_site
from policies.errors import ConfigurationError, UsageError
from policies.verification import DrillLevel, DrillVerdict

if TYPE_CHECKING:
    from policies.run import DrillRecord

STYLES = {DrillVerdict.PROVEN: "green bold", DrillVerdict.FAILED: "red bold", DrillVerdict.COULD_NOT_RUN: "yellow bold"}


def command(
    context: typer.Context,
    names: list[str] | None = typer.Argument(
        None, metavar="[DATASET]...", help="What to drill; nothing named: what is due."
    ),
    level: str = typer.Option("", "--level", help="list, sample, full or service; the policy's without it."),
    snapshot: str = typer.Option("", "--snapshot", help="Id of the point; the newest without it."),
    repository: str = typer.Option("", "--from", help="From this repository."),
    html: Path | None = typer.Option(None, "--html", help="Write the report as HTML to this file as well."),
) -> None:
    """Restore into a scratch place, compare with what was saved, measure RPO and RTO; a tampered twin must fail.

    Exit code 0: proven. 7: failed. 25: could not run (that is never green).
    """
    from orchestrator.drilling import drill_now, due_drills
    from orchestrator.restoring import find_dataset

    if level and level not in list(DrillLevel):
        raise UsageError(f"--level {level!r} is not known", hint=f"use one of {', '.join(DrillLevel)}")
    if html and (html.is_dir() or not html.absolute().parent.is_dir()):
        raise UsageError(
            f"--html {html} can't be written: {'it is a folder' if html.is_dir() else 'its folder does not exist'}",
            hint="name a file in a folder that is there",
            untouched="nothing was drilled",
        )
    application = context.obj.application()
    datasets = [find_dataset(application.catalog, name) for name in names or []] or due_drills(application)
    if not datasets and not names:
        if not application.catalog.datasets:
            raise ConfigurationError("there is nothing to drill", hint="restora init")
        show(context.obj, {"drills": []}, "No drill is due. Name a dataset to drill it all the same.")
        return

    def _drill(name: str, reporter: Reporter) -> DrillRecord:
        chosen = DrillLevel(level) if level else None
        return drill_now(
            application, name, chosen, lambda step: reporter.show(name, step), repository=repository, snapshot=snapshot
        )

    with reporting(context.obj) as reporter:
        records = [_drill(name, reporter) for name in datasets]
    if html:
        from orchestrator.report.drill_page import drill_page

        _write(html, drill_page(records, application.catalog.zone()))
    show(
        context.obj,
        {"drills": [as_dict(record) for record in records]},
        *[
            part
            for record in records
            for part in parts(record, application.catalog.zone(), of_site(application.catalog))
        ],
    )
    raise typer.Exit(exit_code(records))


def exit_code(records: list[DrillRecord]) -> int:
    """7 if one failed, else 25 if one could not run, else 0."""
    verdicts = {DrillVerdict(record.verdict) for record in records}
    if DrillVerdict.FAILED in verdicts:
        return 7
    return 25 if DrillVerdict.COULD_NOT_RUN in verdicts else 0


def _write(place: Path, text: str) -> None:
    try:
        place.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(
            f"the report {place} can't be written: {error.strerror}",
            hint="the drill itself is recorded: restora audit --kind drill",
        ) from error


def parts(record: DrillRecord, zone: Any, language: Language = "en") -> list[str]:
    """A drill's report in lines."""
    from policies.quantity import human_size, human_time

    def line(title: str, text: str, style: str = "") -> str:
        head = report_terms.say(language, title)
        shown = f"[{style}]{head}[/]" if style else head
        return f"  {shown}{' ' * max(1, 11 - _width(head))}{text}"

    say = partial(report_terms.say, language)
    style = STYLES[DrillVerdict(record.verdict)]
    about = say("{} from {} · level {}", f"[bold]{record.dataset}[/]", record.repository or "-", record.level)
    lines = [f"[{style}]{say(str(record.verdict))}[/]  {about}"]
    if record.point_time:
        moment = f"{record.point_time.astimezone(zone):%Y-%m-%d %H:%M}"
        slot = say(", expected slot {}", record.expected_slot) if record.expected_slot else ""
        lines.append(line("point", say("{} of {}", record.point[:12], moment) + slot))
    if record.reason:
        lines.append(line("because", escape(record.reason)))
    if record.rpo_seconds is not None:
        origin = say("measured: age of the data when the drill began")
        lines.append(line("RPO", f"{human_time(record.rpo_seconds)} ({origin})"))
    if record.rto_seconds is not None:
        size = f", {human_size(record.bytes)}" if record.bytes is not None else ""
        origin = say("measured: restored and compared{}", size)
        lines.append(line("RTO", f"{human_time(record.rto_seconds)} ({origin})"))
    wrong = [finding for finding in record.findings if not finding.ok]
    if record.findings:
        total = len(record.findings)
        lines.append(line("compared", say("{} facts, {} equal", total, total - len(wrong))))
    lines += [line("differs", escape(str(finding)), "red") for finding in wrong[:10]]
    if record.twin_verdict:
        lines.append(line("twin", escape(record.twin_verdict)))
    return lines


def _width(text: str) -> int:
    """Columns of a terminal; a Han character takes two."""
    return sum(1 if character.isascii() else 2 for character in text)


def as_dict(record: DrillRecord) -> dict[str, Any]:
    """A drill as JSON shows it."""
    from dataclasses import asdict

    return {**asdict(record), "verdict": str(record.verdict)}
