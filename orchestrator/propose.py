"""From words, or from an edited restora.yaml, to a proposal that a person can approve. Nothing is changed here."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path
from types import MappingProxyType

from orchestrator import ledger, removals
from orchestrator.assemble import upkeep
from orchestrator.looking import Look, look
from orchestrator.removals import places
from orchestrator.wiring import Application
from planner.language.asks import Hold
from planner.plan import draft, plan
from planner.proposal import Draft, Kind, Plan, Problem
from policies.capture import Candidate
from policies.catalog import Catalog
from policies.dataset import FilesDataset
from policies.errors import ClarificationNeeded, ConfigurationError, UsageError
from policies.request import Proposal
from policies.snapshot import recovery_points
from policies.wish import Wish


@dataclass(frozen=True, slots=True)
class Offer:
    """What follows from the wishes: a draft each, and the plan of them all against what is in force."""

    text: str
    drafts: tuple[Draft, ...]
    plan: Plan
    wanted: Catalog
    seen: Look
    going: Mapping[str, tuple[int, int]] = field(
        default_factory=dict
    )  # policy: points that go with the next run, of how many

    @property
    def problems(self) -> tuple[Problem, ...]:
        return tuple(problem for one in self.drafts for problem in one.problems)

    @property
    def ready(self) -> bool:
        return all(one.ready for one in self.drafts) and not self.plan.empty


@dataclass(frozen=True, slots=True)
class Additions:
    """What a request adds to the datasets: new ones, and patterns that one of files leaves out from now on."""

    proposals: tuple[Candidate, ...] = ()
    exclude: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.proposals or self.exclude)

    def to(self, catalog: Catalog) -> Catalog:
        """The catalog with them."""
        datasets: dict[str, object] = dict(catalog.datasets)
        datasets |= {found.name: dict(found.fields) for found in self.proposals if found.name not in catalog.datasets}
        for name, patterns in self.exclude:
            before = catalog.datasets[name]
            if isinstance(before, FilesDataset):
                whole = tuple(dict.fromkeys((*before.exclude, *patterns)))
                datasets[name] = before.model_copy(update={"exclude": whole})
        return catalog.changed(datasets=datasets)


NOTHING_NEW = Additions()


def offer(
    application: Application,
    text: str,
    wishes: tuple[Wish, ...],
    additions: Additions = NOTHING_NEW,
    bases: Mapping[int, str] = MappingProxyType({}),
) -> Offer:
    """Drafts and plan for standing wishes. `bases`: the policy that the n-th wish changes ('' for a new one), where that was
    asked."""
    now = application.clock.now()
    before = additions.to(application.catalog) if additions else application.catalog
    named = [name for wish in wishes for name in wish.datasets]
    named += [name for base in bases.values() if base in before.policies for name in before.policies[base].datasets]
    seen = look(application, dict.fromkeys([*named, *(found.name for found in additions.proposals)]), before)

    def add(state: tuple[Catalog, tuple[Draft, ...]], item: tuple[int, Wish]) -> tuple[Catalog, tuple[Draft, ...]]:
        catalog, drafts = state
        made = draft(item[1], catalog, seen.history, now=now, base=bases.get(item[0]))
        return made.catalog or catalog, (*drafts, made)

    start: tuple[Catalog, tuple[Draft, ...]] = (before, ())
    wanted, drafts = reduce(add, enumerate(wishes), start)
    return _offered(application, text, drafts, wanted, seen)


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
    """Put an offer in force: restora.yaml, state, ledger. The names of the policies that changed, or where none did of the
    datasets."""
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
    _let_go(application, made, words)
    if proposal:
        application.state.move_proposal(proposal, "open", "applied")
    return list(changed or fresh)


def approve_file(application: Application, wanted: Path, made: Offer, *, words: str) -> list[str]:
    """Put an edited copy of restora.yaml in force: file, state, ledger. The names of the policies that changed."""
    from adapters.configuration import adopt

    adopt(application.settings.config, wanted)
    application.forget_catalog()
    names = [change.name for change in made.plan.changes]
    now = application.clock.now()
    for change in made.plan.changes:
        if change.kind is Kind.ADDED:
            application.state.put_note(f"since:{change.name}", now.isoformat())
    ledger.note(application.state, application.clock, "approval", {
        "file": str(wanted), "words": words, "policies": names, "others": [str(field) for field in made.plan.others],
    })  # fmt: skip
    _let_go(application, made, words)
    return names


def _let_go(application: Application, made: Offer, words: str) -> None:
    """What was shown to go with a shorter retention was approved with it."""
    for name in made.going:
        removals.approve(application, places(made.wanted, name), words)


def edited_offer(application: Application, wanted: Path) -> Offer:
    """An edited copy of restora.yaml against what is in force; ConfigurationError with every problem in it."""
    from adapters.configuration import load

    return _unworded(application, f"edited copy {wanted}", load(wanted))


def open_proposal(application: Application, identifier: str) -> Proposal:
    """The open proposal whose id begins so; UsageError where there is none, or several."""
    same = [p for p in application.state.proposals(state="open", limit=1000) if p.id.startswith(identifier)]
    if len(same) != 1:
        many = f"{len(same)} open proposals begin with {identifier!r}"
        what = many if same else f"{identifier!r} is no open proposal"
        raise UsageError(what, hint="restora apply --list", untouched="nothing was changed")
    return same[0]


def reopen(application: Application, proposal: Proposal) -> Offer:
    """A stored proposal against what is in force now."""
    policies = proposal.body.get("policies")
    datasets = proposal.body.get("datasets")
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
    return _unworded(application, str(proposal.body.get("text", "")), wanted)


def held(application: Application, ask: Hold) -> Offer:
    """An offer that pauses, resumes or takes away the policies of the datasets that were named. ClarificationNeeded where a
    policy protects others as well and can't be held for some only."""
    before = application.catalog
    if ask.until:
        raise UsageError(
            f"a pause can't end by itself ({ask.until})",
            hint=f'pause now, and later: restora "resume {" ".join(ask.datasets)}"', untouched="nothing was changed",
        )  # fmt: skip
    policies = dict(before.policies)
    for name, policy in before.policies.items():
        mine = [dataset for dataset in policy.datasets if dataset in ask.datasets]
        rest = tuple(dataset for dataset in policy.datasets if dataset not in ask.datasets)
        if not mine:
            continue
        if ask.kind == "unprotect":
            if rest:
                policies[name] = policy.model_copy(update={"datasets": rest})
            else:
                del policies[name]
        elif rest:
            raise ClarificationNeeded(
                f"policy {name} protects {', '.join(rest)} as well: {ask.kind} all of it?",
                hint=f'restora "{ask.kind} {" and ".join(policy.datasets)}"', untouched="nothing was changed",
            )  # fmt: skip
        else:
            policies[name] = policy.model_copy(update={"paused": ask.kind == "pause"})
    if not any(before.policies_of(dataset) for dataset in ask.datasets):
        raise ConfigurationError(
            f"no policy protects {', '.join(ask.datasets)}", hint="restora status shows what is protected"
        )
    return _unworded(application, ask.text, before.changed(policies=policies))


def _unworded(application: Application, text: str, wanted: Catalog) -> Offer:
    """An offer whose change is known already: nothing is drafted."""
    return _offered(application, text, (), wanted, look(application, ()))


def _offered(application: Application, text: str, drafts: tuple[Draft, ...], wanted: Catalog, seen: Look) -> Offer:
    made = plan(application.catalog, wanted, seen.history, application.clock.now())
    shorter = [change.name for change in made.changes if any("retention" in field.path for field in change.fields)]
    going = {name: count for name in shorter if (count := _going(application, name, wanted)) and count[0]}
    return Offer(text, drafts, made, wanted, seen, going)


def _going(application: Application, policy: str, wanted: Catalog) -> tuple[int, int] | None:
    """How many of a policy's points its wanted retention would remove, as far as they are remembered."""
    if policy not in application.catalog.policies or policy not in wanted.policies:
        return None
    gone = there = 0
    for _, dataset, repository in places(wanted, policy):
        care = upkeep(application, repository)
        found = recovery_points(repository, application.state.cached_snapshots(repository))
        verdicts = care.verdicts(dataset, policy, wanted.policies[policy], found, approved=True)
        gone, there = gone + sum(not verdict.keep for verdict in verdicts), there + len(verdicts)
    return gone, there


def _new_datasets(application: Application, made: Offer) -> dict[str, object]:
    known = application.catalog.datasets
    return {
        name: dataset.model_dump(mode="json", by_alias=True)
        for name, dataset in made.wanted.datasets.items()
        if known.get(name) != dataset
    }
