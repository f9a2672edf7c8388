"""What is measured so far, completed by a look at what was never measured: sizes of sources, free space of repositories."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from orchestrator.wiring import Application
from policies.catalog import Catalog
from policies.errors import RestoraError
from policies.figure import DatasetHistory, History, RepositoryHistory
from policies.repository import LocalRepository


@dataclass(frozen=True, slots=True)
class Look:
    """`history` with the sizes that were looked up; `found` says of each dataset what it is, `missing` why it can't be seen."""

    history: History
    found: Mapping[str, str]
    missing: Mapping[str, str]


def measured(application: Application) -> History:
    """Everything measured, of every dataset and repository."""
    catalog = application.catalog
    return application.state.histories(catalog.datasets, catalog.repositories)


def look(application: Application, datasets: Iterable[str], wanted: Catalog | None = None) -> Look:
    """Look at these datasets and at the local repositories now. A source that can't be reached is told, not raised.

    `wanted`: the catalog that defines the datasets, where that is not the one in force."""
    catalog = wanted or application.catalog
    from adapters.sources.open import open_source

    history = measured(application)
    sizes, places = dict(history.datasets), dict(history.repositories)
    found: dict[str, str] = {}
    missing: dict[str, str] = {}
    for name in datasets:
        if name not in catalog.datasets:
            continue
        try:
            source = open_source(name, catalog.datasets[name], application.secrets.read, catalog.tools)
            report = source.report()
        except RestoraError as error:
            missing[name] = error.message
            continue
        wrong = [str(finding) for finding in report.findings if not finding.ok]
        if wrong:
            missing[name] = "; ".join(wrong)
        found[name] = report.detail
        known = sizes.get(name, DatasetHistory())
        if known.bytes is None and report.bytes is not None:
            sizes[name] = replace(known, bytes=report.bytes)
    for name, config in application.catalog.repositories.items():
        if isinstance(config, LocalRepository):
            places[name] = replace(
                places.get(name, RepositoryHistory()), free=application.repository(name).free_bytes()
            )
    return Look(History(sizes, places), found, missing)
