"""Back up now, because a person asks: here, or by the daemon when one is alive."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence

from orchestrator.assemble import OnRunProgress, controller
from orchestrator.controller import Controller
from orchestrator.wiring import Application
from policies.catalog import Catalog
from policies.errors import Busy, ConfigurationError, RestoraError
from policies.request import Request
from policies.run import ENDS, Progress, RunRecord

ASK_EVERY = 0.5


def chosen(catalog: Catalog, names: Sequence[str]) -> list[tuple[str, str, str]]:
    """(policy, dataset, repository) of the named policies or datasets; nothing named: all that are not paused."""
    found: list[tuple[str, str, str]] = []
    for word in names:
        mine = [
            (name, dataset, repository)
            for name, policy in catalog.policies.items()
            for repository in policy.repositories
            for dataset in policy.datasets
            if word in {name, dataset} or word.casefold() in {a.casefold() for a in catalog.datasets[dataset].aliases}
        ]
        if not mine:
            have = ", ".join(dict.fromkeys([*catalog.policies, *catalog.datasets])) or "none"
            hint = f'restora "back up {word} nightly"' if word in catalog.datasets else f"there is: {have}"
            raise ConfigurationError(f"no policy protects {word!r}" if word in catalog.datasets else f"{word!r} is no policy or dataset", hint=hint)
        found += mine
    if not names:
        found = [(n, d, r) for n, p in catalog.policies.items() if not p.paused for r in p.repositories for d in p.datasets]
        if not found:
            raise ConfigurationError("there is no policy to run", hint='make one: restora "back up … nightly, keep 30 days"')
    return list(dict.fromkeys(found))


def run_now(application: Application, names: Sequence[str], on_progress: OnRunProgress) -> list[RunRecord]:
    """Run and wait for the end; the records. With a live daemon the daemon does it, and progress is read from the records."""
    work = chosen(application.catalog, names)
    running = controller(application, on_progress)
    try:
        running.start()
    except Busy:
        return _by_daemon(application, work, on_progress)
    try:
        records = [running.now(*item) for item in work]
        return [running.wait(record) for record in records]
    finally:
        application.engine.stop()


def take_requests(controller: Controller, catalog: Catalog) -> None:
    """The daemon's side: begin what was asked for and answer with the run ids."""
    for request in controller.state.open_requests():
        try:
            wanted = chosen(catalog, [str(name) for name in _names(request)])
            runs = [controller.now(*item).id for item in wanted]
            controller.state.close_request(request.id, {"runs": runs})
        except RestoraError as error:
            controller.state.close_request(request.id, {"error": error.message, "hint": error.hint})


def _by_daemon(application: Application, work: Sequence[tuple[str, str, str]], on_progress: OnRunProgress) -> list[RunRecord]:
    state = application.state
    request = Request(secrets.token_hex(6), application.clock.now(), {"run": list(dict.fromkeys(policy for policy, _, _ in work))})
    state.add_request(request)
    answer = None
    for _ in range(round(60 / ASK_EVERY)):
        answer = state.request(request.id)
        if answer and answer.result is not None:
            break
        time.sleep(ASK_EVERY)
    if answer is None or answer.result is None:
        raise Busy("another restora is at work here and did not take the request within 60 s", hint="restora status; then try again")
    if "error" in answer.result:
        raise ConfigurationError(str(answer.result["error"]), hint=str(answer.result.get("hint", "")))
    ids = [str(run) for run in answer.result["runs"]]  # type: ignore[attr-defined]  # written by take_requests
    while True:
        records = [record for record in (state.run(run) for run in ids) if record]
        for record in records:
            on_progress(record, Progress(record.state.value, note=f"{record.state.value} (by the daemon)"))
        if all(record.state in ENDS for record in records):
            return records
        time.sleep(ASK_EVERY)


def _names(request: Request) -> Sequence[object]:
    names = request.body.get("run", ())
    return names if isinstance(names, list | tuple) else ()
