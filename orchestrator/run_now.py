"""Back up now, because a person asks: here, or by the daemon when one is alive.

One process at a time carries out runs. Whoever finds another at work leaves a request, which a daemon takes within seconds; where
the other is no daemon, or ends before it is done, we do the work ourselves."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence

from pydantic import ValidationError

from orchestrator.assemble import OnRunProgress, controller
from orchestrator.controller import Controller
from orchestrator.wiring import SAFETY_POLICY, Application
from policies.catalog import Catalog
from policies.errors import Busy, ConfigurationError, RestoraError
from policies.request import Request
from policies.run import ENDS, Progress, RunRecord, RunState, Trigger
from policies.value import Value

log = logging.getLogger("restora.requests")

ASK_EVERY = 0.5
TRY_EVERY = 10  # looks between two attempts to do it ourselves
WAIT_FOR_ANSWER = 4 * 3600.0
PATIENCE = 25.0  # restic gets 20 s between SIGINT and SIGKILL
Work = tuple[str, str, str]  # policy, dataset, repository


def chosen(catalog: Catalog, names: Sequence[str]) -> list[Work]:
    """(policy, dataset, repository) of the named policies or datasets; nothing named: all that are not paused."""
    found: list[Work] = []
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
            raise ConfigurationError(
                f"no policy protects {word!r}" if word in catalog.datasets else f"{word!r} is no policy or dataset",
                hint=hint,
            )
        found += mine
    if not names:
        found = [
            (n, d, r) for n, p in catalog.policies.items() if not p.paused for r in p.repositories for d in p.datasets
        ]
        if not found:
            raise ConfigurationError(
                "there is no policy to run", hint='make one: restora "back up … nightly, keep 30 days"'
            )
    return list(dict.fromkeys(found))


def work_of(catalog: Catalog, datasets: Sequence[str], repositories: Sequence[str] = ()) -> list[Work]:
    """(policy, dataset, repository) of one backup of each dataset: as its policies say, or to the named repositories.

    A dataset that no policy protects goes to the named repositories, or the first one, and that copy is kept."""
    found: list[Work] = []
    for dataset in datasets:
        policies = catalog.policies_of(dataset)
        mine = [(name, dataset, place) for name, policy in policies.items() for place in policy.repositories]
        wanted = [item for item in mine if not repositories or item[2] in repositories]
        name = next(iter(policies), SAFETY_POLICY)
        wanted += [(name, dataset, place) for place in repositories if place not in {item[2] for item in wanted}]
        if not wanted:
            if not catalog.repositories:
                raise ConfigurationError("there is no repository to back up to", hint="restora init makes one")
            wanted = [(SAFETY_POLICY, dataset, next(iter(catalog.repositories)))]
        found += wanted
    return list(dict.fromkeys(found))


def run_now(
    application: Application, work: Sequence[Work], on_progress: OnRunProgress, *, trigger: Trigger = Trigger.PERSON
) -> list[RunRecord]:
    """Run and wait for the end; the records. With a live daemon the daemon does it, and progress is read from the records."""
    running = controller(application, on_progress)
    request = Request(secrets.token_hex(6), application.clock.now(), _Order(work=tuple(work), trigger=trigger).body())
    try:
        running.start()
    except Busy:
        return _with_another(application, running, request, on_progress)
    return _here(application, running, request)


def take_requests(controller: Controller) -> None:
    """The daemon's side: begin what was asked for and answer with the run ids. A request that was taken before a kill gives
    the same runs again."""
    for request in controller.state.open_requests():
        try:
            order = _Order.model_validate(request.body)
        except ValidationError:
            log.error("request %s can't be read (another version wrote it?): it is refused", request.id)
            controller.state.close_request(request.id, _Answer(refused="it can't be read").body())
            continue
        runs = _begin(controller, order, request.id)
        log.info("asked for by a person: %s", ", ".join(f"{dataset} into {place}" for _, dataset, place in order.work))
        controller.state.close_request(request.id, _Answer(runs=tuple(run.id for run in runs)).body())


class _Text(Value):
    def body(self) -> dict[str, object]:
        return self.model_dump(mode="json")


class _Order(_Text):
    """What a request for a live daemon says."""

    work: tuple[Work, ...]
    trigger: Trigger = Trigger.PERSON


class _Answer(_Text):
    """The runs that it began; none where whoever asked does it himself, or it was refused."""

    runs: tuple[str, ...] = ()
    refused: str = ""


def _begin(controller: Controller, order: _Order, request: str) -> list[RunRecord]:
    return [controller.now(*item, trigger=order.trigger, request=request) for item in order.work]


def _here(application: Application, running: Controller, request: Request) -> list[RunRecord]:
    """In this process, which holds the engine."""
    try:
        return [running.wait(record) for record in _begin(running, _Order.model_validate(request.body), request.id)]
    finally:
        # Interrupted by a person, or runs of a dead daemon were resumed and still go on: restic ends in order, and they go
        # on with the next controller.
        application.engine.stop(interrupt=application.cancel.set, patience=PATIENCE)
        application.cancel.clear()


def _with_another(
    application: Application, running: Controller, request: Request, on_progress: OnRunProgress
) -> list[RunRecord]:
    """Ask the process at work; follow its runs, or do the work here once it is gone."""
    state, clock = application.state, application.clock
    state.add_request(request)
    waiting = RunRecord(
        request.id,
        request.id,
        *_Order.model_validate(request.body).work[0],
        RunState.QUEUED,
        Trigger.PERSON,
        request.time,
    )
    looks = 0
    try:
        while True:
            asked = state.request(request.id)
            answer = _Answer.model_validate(asked.result) if asked and asked.result is not None else None
            if answer and answer.refused:
                raise RestoraError(
                    f"the daemon refused the request: {answer.refused}", hint="is it of the same version?"
                )
            records = [record for record in (state.run(run) for run in answer.runs) if record] if answer else []
            for record in records:
                on_progress(record, Progress(record.state.value, note=f"{record.state.value} (by the daemon)"))
            if records and all(record.state in ENDS for record in records):
                return records
            looks += 1
            if looks % TRY_EVERY == 0 and _free(running):
                # The other one is gone. Runs that it began for us are resumed by our start; the request gives them again.
                return _here(application, running, request)
            if answer is None and (clock.now() - request.time).total_seconds() > WAIT_FOR_ANSWER:
                raise Busy("another restora is at work here and has not ended", hint="restora status")
            if answer is None:
                on_progress(waiting, Progress("waiting", note="waiting: another restora is at work here"))
            clock.wait(ASK_EVERY)
    finally:
        state.close_request(request.id, _Answer().body())  # whoever no longer waits wants no run later


def _free(running: Controller) -> bool:
    try:
        running.start()
    except Busy:
        return False
    return True
