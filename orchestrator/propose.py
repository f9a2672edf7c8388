"""From words, or from an edited restora.yaml, to a proposal that a person can approve. Nothing is changed here."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import reduce

from orchestrator import ledger
from orchestrator.wiring import Application
from planner.language.asks import Ask
from planner.language.intent import Question, Reading
from planner.language.reader import read
from planner.language.resolve import Resolution, resolve
from planner.plan import draft, plan
from planner.proposal import Draft, Plan, Problem
from policies.catalog import Catalog
from policies.errors import ConfigurationError, StateError
from policies.figure import History
from policies.policy import Policy
from policies.request import Proposal
from policies.wish import Wish


@dataclass(frozen=True, slots=True)
class Understood:
    """A request as it was read and resolved: standing wishes, and other things to do now."""

    reading: Reading
    resolution: Resolution

    @property
    def questions(self) -> tuple[Question, ...]:
        return (*self.reading.clarify, *self.resolution.questions)

    @property
    def asks(self) -> tuple[Ask, ...]:
        return self.resolution.asks


@dataclass(frozen=True, slots=True)
class Offer:
    """What follows from the wishes: a draft each, and the plan of them all against what is in force."""

    text: str
    drafts: tuple[Draft, ...]
    plan: Plan
    wanted: Catalog
    history: History

    @property
    def problems(self) -> tuple[Problem, ...]:
        return tuple(problem for one in self.drafts for problem in one.problems)

    @property
    def ready(self) -> bool:
        return all(one.ready for one in self.drafts) and not self.plan.empty


def understand(application: Application, text: str, now: datetime | None = None) -> Understood:
    """Read and resolve one request; nothing is looked at but restora.yaml."""
    catalog = application.catalog
    moment = (now or application.clock.now()).astimezone(catalog.zone())
    reading = read(text, now=moment.replace(tzinfo=None))
    return Understood(reading, resolve(reading, catalog, now=moment))


def offer(application: Application, text: str, wishes: tuple[Wish, ...]) -> Offer:
    """Drafts and plan for standing wishes."""
    now = application.clock.now()
    before = application.catalog
    history = history_of(application)

    def add(state: tuple[Catalog, tuple[Draft, ...]], wish: Wish) -> tuple[Catalog, tuple[Draft, ...]]:
        catalog, drafts = state
        made = draft(wish, catalog, history, now=now)
        return made.catalog or catalog, (*drafts, made)

    start: tuple[Catalog, tuple[Draft, ...]] = (before, ())
    wanted, drafts = reduce(add, wishes, start)
    return Offer(text, drafts, plan(before, wanted, history, now), wanted, history)


def history_of(application: Application) -> History:
    """Everything measured, of every dataset and repository."""
    catalog = application.catalog
    return application.state.histories(catalog.datasets, catalog.repositories)


def store(application: Application, made: Offer) -> Proposal:
    """Keep an offer for `restora apply ID`, and note it in the ledger with the words it came from."""
    identifier = secrets.token_hex(4)
    names = [change.name for change in made.plan.changes]
    policies = {
        name: made.wanted.policies[name].model_dump(mode="json", by_alias=True, exclude_defaults=True)
        for name in names
        if name in made.wanted.policies
    }
    body: dict[str, object] = {
        "text": made.text,
        "policies": policies,
        "datasets": _new_datasets(application, made),
        "plan": made.plan.as_dict(),
    }
    proposal = Proposal(identifier, application.clock.now(), body)
    application.state.put_proposal(proposal)
    ledger.note(
        application.state,
        application.clock,
        "proposal",
        {"proposal": identifier, "words": made.text, "policies": policies},
    )
    return proposal


def approve(application: Application, made: Offer, *, words: str, proposal: str = "") -> list[str]:
    """Put an offer in force: restora.yaml, state, ledger. The names of the policies that changed."""
    from adapters.configuration import read as read_file
    from adapters.configuration import write

    blocked = [problem for problem in made.problems if problem.blocks]
    if blocked:
        raise ConfigurationError(
            "; ".join(problem.message for problem in blocked), hint=blocked[0].hint, untouched="nothing was changed"
        )
    changed = {change.name: made.wanted.policies.get(change.name) for change in made.plan.changes}
    fresh = {
        name: made.wanted.datasets[name]
        for name in made.wanted.datasets
        if application.catalog.datasets.get(name) != made.wanted.datasets[name]
    }
    seen = read_file(application.settings.config)
    write(application.settings.config, {"datasets": fresh, "policies": changed}, sha256=seen.sha256)
    application.forget_catalog()
    now = application.clock.now()
    for name in changed:
        application.state.put_note(f"since:{name}", now.isoformat())
    ledger.note(application.state, application.clock, "approval", {
        "proposal": proposal, "words": words, "request": made.text, "policies": list(changed),
        "removed": [n for n, p in changed.items() if p is None],
    })  # fmt: skip
    if proposal:
        application.state.move_proposal(proposal, "open", "applied")
    return list(changed)


def reopen(application: Application, identifier: str) -> Offer:
    """A stored proposal against what is in force now."""
    same = [p for p in application.state.proposals(state="open", limit=1000) if p.id.startswith(identifier)]
    if len(same) != 1:
        what = (
            f"{len(same)} open proposals begin with {identifier!r}" if same else f"{identifier!r} is no open proposal"
        )
        raise StateError(what, hint="restora apply --list")
    policies = same[0].body.get("policies")
    datasets = same[0].body.get("datasets")
    before = application.catalog
    wanted = Catalog.model_validate(
        {
            **before.model_dump(by_alias=True),
            "datasets": {
                **before.model_dump(by_alias=True)["datasets"],
                **(datasets if isinstance(datasets, dict) else {}),
            },
            "policies": {
                **before.model_dump(by_alias=True)["policies"],
                **(policies if isinstance(policies, dict) else {}),
            },
        }
    )
    history = history_of(application)
    return Offer(
        str(same[0].body.get("text", "")), (), plan(before, wanted, history, application.clock.now()), wanted, history
    )


def with_policy(application: Application, name: str, change: Callable[[Policy], Policy | None], text: str) -> Offer:
    """An offer that changes one policy in force (pause, resume, unprotect: None)."""
    before = application.catalog
    after = change(before.policies[name])
    policies = {key: value for key, value in {**before.policies, name: after}.items() if value is not None}
    wanted = before.changed(policies=policies)
    history = history_of(application)
    return Offer(text, (), plan(before, wanted, history, application.clock.now()), wanted, history)


def _new_datasets(application: Application, made: Offer) -> dict[str, object]:
    known = application.catalog.datasets
    return {
        name: dataset.model_dump(mode="json", by_alias=True)
        for name, dataset in made.wanted.datasets.items()
        if known.get(name) != dataset
    }
