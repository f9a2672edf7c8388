"""restora restore: bring data back, to a safe place by default."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import typer

from orchestrator.cli import report_terms
from orchestrator.cli.answer import Answer
from orchestrator.cli.present import confirm, escape
from orchestrator.cli.progress import reporting
from orchestrator.cli.report_terms import of_site
from policies.errors import UsageError

if TYPE_CHECKING:
    from orchestrator.run_restore import Restored, RestoreOrder
    from orchestrator.wiring import Application


def command(
    context: typer.Context,
    dataset: str = typer.Argument(help="The dataset, by name or alias."),
    items: list[str] | None = typer.Argument(None, help="Only these paths (files) or tables (databases)."),
    to: str = typer.Option(
        "", "--to", help="Where to: an empty folder, a file for SQLite, a new database name for PostgreSQL."
    ),
    at: str = typer.Option(
        "", "--at", help='State at this local moment ("2026-03-11 14:30") or of this day ("2026-03-11").'
    ),
    before: str = typer.Option("", "--before", help="Newest state before this local moment."),
    snapshot: str = typer.Option("", "--snapshot", help="Id of the point (restora snapshots)."),
    previous: int = typer.Option(0, "--previous", min=0, help="The n-th point before the newest."),
    last_good: bool = typer.Option(False, "--last-good", help="The newest point whose restore was proven."),
    repository: str = typer.Option("", "--from", help="From this repository; the first that opens without it."),
    in_place: bool = typer.Option(False, "--in-place", help="Over the original, after a safety copy."),
    approve: str = typer.Option("", "--approve", help="Name of the dataset that may be overwritten."),
    dry_run: bool = typer.Option(False, "--dry-run", help="Show what would be done, do nothing."),
) -> None:
    """Bring data back and verify it; the original is not touched unless --in-place says so.

    In place takes a safety copy first and needs --approve DATASET (or the name typed at the question).
    """
    from orchestrator.points import PointWish
    from orchestrator.restoring import order_for

    application = context.obj.application()
    zone = application.catalog.zone()
    now = application.clock.now()
    moment = _moment(at, "--at", zone, now)
    wish = PointWish(
        at=moment if isinstance(moment, datetime) else None,
        day=moment if not isinstance(moment, datetime) else None,
        before=_as_moment(_moment(before, "--before", zone, now), zone),
        snapshot=snapshot or None, previous=previous, last_good=last_good,
    )  # fmt: skip
    order = order_for(
        application, dataset, wish, target=to, items=tuple(items or ()), in_place=in_place, repository=repository
    )
    out = Answer(context.obj, of_site(application.catalog))
    out.data = carry_out(application, out, order, approve=approve, dry_run=dry_run)
    raise typer.Exit(out.close())


def carry_out(
    application: Application, out: Answer, order: RestoreOrder, *, approve: str = "", dry_run: bool = False
) -> dict[str, Any]:
    """Ask where that is due, restore, tell; what came of it, as JSON shows it."""
    from orchestrator.assemble import lost_newest
    from orchestrator.restoring import restore_now

    say = partial(report_terms.say, out.language)
    where = say("over the original of {}", order.dataset) if order.in_place else say("to {}", order.target)
    moment = f"{order.point.time.astimezone(application.catalog.zone()):%Y-%m-%d %H:%M}"
    line = say("{} of {} ({}) from {} {}", order.dataset, moment, order.point.id[:12], order.repository, where)
    warning = lost_newest(application, order.dataset, order.repository)
    if warning:
        out.say(f"[yellow]{escape(warning)}[/]")
    if dry_run:
        out.say(say("Would restore {}. Nothing was done.", escape(line)))
        return {"dry_run": True, "order": _order(order)}
    approved = approve
    if order.in_place and not approved and not out.invocation.yes:
        # --yes is no answer here: what is overwritten must be named
        hint = f"repeat it with --approve {order.dataset}, or leave out --in-place to restore to a safe place"
        question = say("Restore {}? A safety copy is taken first. [y/n]", line)
        if confirm(out.invocation, question, hint=hint) != "y":
            out.say(say("Nothing was changed."))
            return {"restored": False, "order": _order(order)}
        approved = order.dataset
    with reporting(out.invocation) as reporter:
        done = restore_now(application, order, approved, lambda progress: reporter.show(order.dataset, progress))
    out.say(*_parts(done, out.language))
    return {**as_dict(done), "warning": warning}


def _parts(done: Restored, language: report_terms.Language = "en") -> list[Any]:
    from policies.quantity import human_size, human_time

    say = partial(report_terms.say, language)
    size = say("{} in ", human_size(done.bytes)) if done.bytes is not None else ""
    told = "{}{} (measured) · the data is {} old · point {}"
    figures = say(told, size, human_time(done.seconds), human_time(done.age), done.order.point.id[:12])
    parts = [
        f"[green]{say('Restored')}[/] {escape(done.order.dataset)}: [bold]{escape(done.place)}[/]",
        f"  {figures}",
    ]
    checks = [f"  [green]{say('ok')}[/] {escape(str(finding))}" for finding in done.findings[:12]]
    left = len(done.findings) - 12
    more = [f"  {say('and {} more comparisons, all equal', left)}"] if left > 0 else []
    unknown = say("nothing is known of its content at backup time")
    unproven = [] if done.findings else [f"  [yellow]{say('not compared:')}[/] {unknown}"]
    safety = [f"  {say('The state before it is kept as run {}', done.safety)}"] if done.safety else []
    return [*parts, *checks, *more, *unproven, *safety]


def as_dict(done: Restored) -> dict[str, Any]:
    """A restore as JSON shows it."""
    from dataclasses import asdict

    return {
        "order": _order(done.order), "place": done.place, "seconds": done.seconds, "age_seconds": done.age, "bytes": done.bytes,
        "files": done.files, "proven": done.proven, "findings": [asdict(f) for f in done.findings], "safety_run": done.safety,
    }  # fmt: skip


def _order(order: Any) -> dict[str, Any]:
    return {
        "dataset": order.dataset, "repository": order.repository, "point": order.point.id, "time": order.point.time.isoformat(),
        "target": order.target, "items": list(order.items), "in_place": order.in_place,
    }  # fmt: skip


def _moment(text: str, option: str, zone: Any, now: datetime) -> datetime | date | None:
    """What was written, not later than now: of what is to come there is no backup, so it is a slip of the finger."""
    if not text:
        return None
    try:
        found = date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"{option} {text!r} is no moment",
            hint='write it as "2026-03-11 14:30" or "2026-03-11"',
            untouched="nothing was changed",
        ) from error
    if isinstance(found, datetime) and not found.tzinfo:
        found = found.replace(tzinfo=zone)
    late = found > now if isinstance(found, datetime) else found > now.astimezone(zone).date()
    if late:
        raise UsageError(
            f"{option} {text!r} is still to come: now it is {now.astimezone(zone):%Y-%m-%d %H:%M}",
            hint=f"correct it, or leave out {option} for the newest point",
            untouched="nothing was changed",
        )
    return found


def _as_moment(value: datetime | date | None, zone: Any) -> datetime | None:
    return (
        value
        if isinstance(value, datetime) or value is None
        else datetime(value.year, value.month, value.day, tzinfo=zone)
    )
