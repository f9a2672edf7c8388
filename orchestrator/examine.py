"""The health of the installation, looked at piece by piece: a person at 3 a.m. asks what is broken and what to type."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from orchestrator.board import read_board
from orchestrator.wiring import Application
from policies.errors import RestoraError
from policies.quantity import human_size, human_time
from policies.repository import S3Repository


@dataclass(frozen=True, slots=True)
class Examined:
    """One thing looked at. `hint` is what to do where it is not ok."""

    what: str
    ok: bool
    found: str
    hint: str = ""


def examine(application: Application) -> Iterator[Examined]:
    """Programs, configuration, state, secrets, repositories, sources, daemon: each told as soon as it is known."""
    yield _look(
        "configuration",
        lambda: (
            f"{application.settings.config}: {len(application.catalog.policies)} policies, {len(application.catalog.datasets)} datasets"
        ),
    )
    if not application.settings.config.exists():
        return
    try:
        catalog = application.catalog
    except RestoraError:
        return
    yield _look("state", lambda: f"{len(application.state.runs(limit=1000))} recent runs")
    yield _look("ledger", lambda: _ledger(application))
    for name, config in catalog.repositories.items():
        yield _look(f"program for {name}", partial(_program, application, name))
        yield _look(f"password of {name}", partial(_password, application, name))
        if isinstance(config, S3Repository):
            yield from _bucket(application, name)
        yield _look(f"repository {name}", partial(_opened, application, name))
        key = application.recovery_key(name)
        yield Examined(
            f"recovery key of {name}",
            key.exists(),
            f"{key}" if key.exists() else f"{key} is missing",
            "restora init makes it; keep a copy away from this host",
        )
    for name in catalog.datasets:
        yield _look(f"dataset {name}", partial(_source, application, name))
    board = read_board(application)
    yield Examined(
        "daemon", board.daemon_alive, f"alive, {human_time(board.daemon)} ago" if board.daemon is not None else "never seen",
        "restora daemon, or restora install-service",
    )  # fmt: skip
    bad = [row for row in board.rows if row.level == 2]
    yield Examined("promises", not bad, f"{len(board.rows) - len(bad)} of {len(board.rows)} kept", "restora status")


def _look(what: str, look: Callable[[], str]) -> Examined:
    try:
        return Examined(what, True, look())
    except RestoraError as error:
        return Examined(what, False, error.message, error.hint)


def _ledger(application: Application) -> str:
    broken = application.state.verify_ledger()
    if broken is not None:
        raise RestoraError(f"broken at {broken}", hint="restora audit show; entries before it are sound")
    return "every link holds"


def _program(application: Application, name: str) -> str:
    return f"restic {application.repository(name).version()}"


def _password(application: Application, name: str) -> str:
    reference = application.catalog.repositories[name].password
    application.secrets.read(reference)
    return f"read from {reference}"


def _opened(application: Application, name: str) -> str:
    repository = application.repository(name)
    repository.probe()
    free = repository.free_bytes()
    return f"opens, {human_size(free)} free" if free is not None else "opens"


def _bucket(application: Application, name: str) -> Iterator[Examined]:
    try:
        for finding in application.bucket(name).check(application.clock.now()):
            yield Examined(f"bucket of {name}", finding.ok, str(finding), finding.expected)
    except RestoraError as error:
        yield Examined(f"bucket of {name}", False, error.message, error.hint)


def _source(application: Application, name: str) -> str:
    report = application.source(name).report()
    wrong = [str(finding) for finding in report.findings if not finding.ok]
    if wrong:
        raise RestoraError(
            "; ".join(wrong), hint=f"mend the source, or the dataset {name} in {application.settings.config}"
        )
    size = f", {human_size(report.bytes)}" if report.bytes is not None else ""
    return f"{report.detail}{size}"
