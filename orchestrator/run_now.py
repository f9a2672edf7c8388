"""Back up now, because a person asks: here, or by the daemon when one is alive."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from orchestrator.assemble import OnRunProgress, controller
from orchestrator.controller import Controller
from orchestrator.wiring import SAFETY_POLICY, Application
from policies.catalog import Catalog
from policies.errors import Busy, ConfigurationError
from policies.request import Request
from policies.run import ENDS, Progress, RunRecord, Trigger
from policies.value import Value

ASK_EVERY = 0.5
ANSWER_WITHIN = 60.0
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
    try:
        running.start()
    except Busy:
        return _by_daemon(application, work, on_progress, trigger)
    try:
        records = [running.now(*item, trigger=trigger) for item in work]
        return [running.wait(record) for record in records]
    finally:
        application.engine.stop()


def take_requests(controller: Controller) -> None:
    """The daemon's side: begin what was asked for and answer with the run ids."""
    for request in controller.state.open_requests():
        order = _Order.model_validate(request.body)
        runs = [controller.now(*item, trigger=order.trigger).id for item in order.work]
        controller.state.close_request(request.id, {"runs": runs})


class _Order(Value):
    """What a request for a live daemon says."""

    work: tuple[Work, ...]
    trigger: Trigger = Trigger.PERSON


class _Answer(Value):
    runs: tuple[str, ...]


def _by_daemon(
    application: Application, work: Sequence[Work], on_progress: OnRunProgress, trigger: Trigger
) -> list[RunRecord]:
    state = application.state
    body = _Order(work=tuple(work), trigger=trigger).model_dump(mode="json")
    request = Request(secrets.token_hex(6), application.clock.now(), body)
    state.add_request(request)
    runs = _answered(application, request).runs
    while True:
        records = [record for record in (state.run(run) for run in runs) if record]
        for record in records:
            on_progress(record, Progress(record.state.value, note=f"{record.state.value} (by the daemon)"))
        if all(record.state in ENDS for record in records):
            return records
        application.clock.wait(ASK_EVERY)


def _answered(application: Application, request: Request) -> _Answer:
    for _ in range(round(ANSWER_WITHIN / ASK_EVERY)):
        answer = application.state.request(request.id)
        if answer and answer.result is not None:
            return _Answer.model_validate(answer.result)
        application.clock.wait(ASK_EVERY)
    raise Busy(
        f"another restora is at work here and did not take the request within {ANSWER_WITHIN:.0f} s",
        hint="try again when it has ended: restora status",
    )
