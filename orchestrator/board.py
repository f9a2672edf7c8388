"""The board as it stands now, read the light way where that is possible: no database toolkit, no YAML when it was read before."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from orchestrator.heartbeats import DRILLS_HEARTBEAT, HEARTBEAT
from orchestrator.marks import SINCE
from planner.health import Board, assess
from policies.catalog import Catalog
from policies.run import BoardRow

if TYPE_CHECKING:
    from orchestrator.wiring import Application


class _Notes(Protocol):
    """What the board is read from: the state, or the quick look at it."""

    def board(self) -> list[BoardRow]: ...
    def note(self, key: str) -> str | None: ...
    def notes(self, prefix: str = "") -> dict[str, str]: ...


def read_board(application: Application) -> Board:
    """Every promise with its standing."""
    from adapters.state.quick import open_quick

    quick = open_quick(application.settings.state_url) if application.state_is_embedded() else None
    if quick is None:
        return _assess(application.catalog, application.state, application.clock.now())
    with quick:
        catalog = _catalog(application, quick.catalog(_digest(application)))
        return _assess(catalog, quick, application.clock.now())


def _catalog(application: Application, cached: str | None) -> Catalog:
    if cached is not None:
        return application.adopt_catalog(Catalog.model_validate_json(cached))
    catalog = application.catalog
    application.state.put_catalog(_digest(application), catalog.model_dump_json(by_alias=True, exclude_defaults=True))
    return catalog


def _digest(application: Application) -> str:
    return hashlib.sha256(application.config_bytes()).hexdigest()


def _assess(catalog: Catalog, state: _Notes, now: datetime) -> Board:
    moments = {key.removeprefix(SINCE): _moment(value) for key, value in state.notes(SINCE).items()}
    since = {name: moment for name, moment in moments.items() if moment}
    heartbeat, drills = _moment(state.note(HEARTBEAT)), _moment(state.note(DRILLS_HEARTBEAT))
    return assess(catalog, state.board(), since, heartbeat, now, drills)


def _moment(note: str | None) -> datetime | None:
    return datetime.fromisoformat(note) if note else None
