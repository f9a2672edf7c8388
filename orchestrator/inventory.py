"""Which recovery points there are, why each is kept, and which were proven."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.assemble import points, repositories_of, upkeep
from orchestrator.wiring import Application
from policies.errors import ConfigurationError, GuardrailViolation
from policies.snapshot import TAG_POLICY, RecoveryPoint


@dataclass(frozen=True, slots=True)
class Stocked:
    """One recovery point with the reasons that keep it, and what proved it (''), in words."""

    point: RecoveryPoint
    reasons: tuple[str, ...]
    proven: str


def inventory(application: Application, dataset: str | None, repository: str | None, *, refresh: bool) -> list[Stocked]:
    """All recovery points, newest first, of one or every dataset and repository."""
    known = application.catalog.datasets
    if dataset is not None and dataset not in known:
        raise ConfigurationError(
            f"{dataset!r} is no dataset", hint=f"there is: {', '.join(known) or 'none; restora init'}"
        )
    rows: list[Stocked] = []
    for name in [dataset] if dataset else list(known):
        for place in [repository] if repository else repositories_of(application, name):
            rows += _of(application, name, place, points(application, name, place, refresh=refresh))
    return sorted(rows, key=lambda row: row.point.time, reverse=True)


def _of(application: Application, dataset: str, repository: str, found: list[RecoveryPoint]) -> list[Stocked]:
    proofs = {
        d.point: f"{d.started:%Y-%m-%d} ({d.level})"
        for d in reversed(application.state.drills(dataset=dataset))
        if d.verdict == "proven"
    }
    care = upkeep(application, repository)
    reasons: dict[str, tuple[str, ...]] = {}
    for name, policy in application.catalog.policies_of(dataset).items():
        try:
            verdicts = care.verdicts(dataset, name, policy, found, approved=True)
        except GuardrailViolation as error:
            reasons.update(
                {p.id: (error.message,) for p in found if any(part.tag(TAG_POLICY) == name for part in p.parts)}
            )
            continue
        reasons.update({v.point: v.reasons if v.keep else (*v.reasons, "goes with the next run") for v in verdicts})
    return [Stocked(p, reasons.get(p.id, ("no policy decides about it",)), proofs.get(p.id, "")) for p in found]
