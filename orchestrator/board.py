"""The board as it stands now, read the light way where that is possible: no database toolkit, no YAML when it was read before."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING

from orchestrator.daemon import HEARTBEAT
from planner.health import Board, assess
from policies.catalog import Catalog
from policies.run import BoardRow

if TYPE_CHECKING:
    from orchestrator.wiring import Application


def read_board(application: Application) -> Board:
    """Every promise with its standing."""
    from adapters.state.quick import open_quick

    quick = open_quick(application.settings.state_url) if application.state_is_embedded() else None
    if quick is None:
        state = application.state
        return _assess(
            application.catalog, state.board(), state.notes("since:"), state.note(HEARTBEAT), application.clock.now()
        )
    with quick:
        catalog = _catalog(application, quick.catalog(_digest(application)))
        return _assess(catalog, quick.board(), quick.notes("since:"), quick.note(HEARTBEAT), application.clock.now())


def _catalog(application: Application, cached: str | None) -> Catalog:
    if cached is not None:
        return application.adopt_catalog(Catalog.model_validate_json(cached))
    catalog = application.catalog
    application.state.put_catalog(_digest(application), catalog.model_dump_json(by_alias=True, exclude_defaults=True))
    return catalog


def _digest(application: Application) -> str:
    return hashlib.sha256(application.config_bytes()).hexdigest()


def _assess(
    catalog: Catalog, rows: list[BoardRow], since: dict[str, str], heartbeat: str | None, now: datetime
) -> Board:
    moments = {key.partition(":")[2]: datetime.fromisoformat(value) for key, value in since.items()}
    return assess(catalog, rows, moments, datetime.fromisoformat(heartbeat) if heartbeat else None, now)
