"""Retention applied now, because a person asks: what the policies in force no longer keep goes, never anything else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from orchestrator import ledger
from orchestrator.assemble import upkeep
from orchestrator.removals import Place, places
from orchestrator.upkeep import Upkeep
from orchestrator.wiring import Application
from policies.duration import Duration
from policies.errors import ConfigurationError, RepositoryError
from policies.guardrails import check_forget
from policies.run import ENDS, RunRecord
from policies.snapshot import TAG_DATASET


@dataclass(frozen=True, slots=True)
class Due:
    """What may go at one place: snapshot ids; `kept`: how many points older than what was asked retention keeps.
    `warning`: why nothing goes there, or ''."""

    place: Place
    ids: tuple[str, ...] = ()
    kept: int = 0
    warning: str = ""


def due_now(application: Application, datasets: Sequence[str], older_than: str | None) -> list[Due]:
    """What retention lets go of these datasets now, of it only what is older than a duration where one was said.

    Nothing is removed. Raises ConfigurationError where no policy protects any of them."""
    catalog = application.catalog
    found = [p for name in catalog.policies for p in places(catalog, name) if p[1] in (datasets or catalog.datasets)]
    if not found:
        raise ConfigurationError(
            f"no policy protects {', '.join(datasets) or 'anything'}, so nothing says what may go",
            hint=f'restora "back up {next(iter(datasets), "db")} nightly, keep 30 days"', untouched="all recovery points",
        )  # fmt: skip
    return [_due(application, place, older_than, upkeep(application, place[2])) for place in found]


def remove(application: Application, due: Due, older_than: str | None) -> Due:
    """Remove what is due at one place, decided anew under the repository's lease; noted in the ledger. What went."""
    policy, dataset, repository = due.place
    with application.leases.take(
        f"repository:{repository}", wait=600.0, holder=f"removal of old snapshots of {dataset}"
    ) as held:
        care = upkeep(application, repository, lambda: held)
        now = _due(application, due.place, older_than, care)
        ids = tuple(identifier for identifier in now.ids if identifier in due.ids)  # what was approved, and no more
        record = _newest(application, due.place)
        if not ids or record is None:
            return Due(due.place, (), now.kept, now.warning)
        warning = care.forget(record, application.policy(policy), ids)
    if warning:
        raise RepositoryError(warning, hint="restora doctor")
    body = {"place": list(due.place), "snapshots": list(ids), "why": "retention in force, asked for by a person"}
    ledger.note(application.state, application.clock, "removal", body)
    return Due(due.place, ids, now.kept)


def _due(application: Application, place: Place, older_than: str | None, care: Upkeep) -> Due:
    record = _newest(application, place)
    if record is None:
        return Due(place, warning=f"there is no run of {place[1]} into {place[2]} yet")
    check_forget(record.state, check_passed=not care.damage, subject=place[1])
    ids, warning = care.obsolete(record, application.policy(place[0]))
    if older_than is None:
        return Due(place, tuple(ids), 0, warning)
    limit = Duration.parse(older_than).before(application.clock.now())
    old = _older(application, place, limit)
    return Due(place, tuple(i for i in ids if i in old), len(old - set(ids)), warning)


def _older(application: Application, place: Place, limit: datetime) -> set[str]:
    known = application.state.cached_snapshots(place[2])
    return {s.id for s in known if s.time < limit and s.tag(TAG_DATASET) == place[1]}


def _newest(application: Application, place: Place) -> RunRecord | None:
    """The newest ended run at a place."""
    runs = application.state.runs(dataset=place[1], limit=200)
    mine = [r for r in runs if (r.policy, r.dataset, r.repository) == place and r.state in ENDS]
    return max(mine, key=lambda run: run.due, default=None)
