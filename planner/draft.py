"""From a wish to a policy: what was said is taken, what was not is chosen and says why, what can't be is told, all at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import ValidationError

from planner.estimate import bandwidth_limit, run_seconds
from planner.feasibility import prove
from planner.notes import Notes
from planner.outlook import figures
from planner.phrases import of_item, of_retention, of_verification
from planner.placement import Busy, busy_of
from planner.places import choose_base, choose_repositories
from planner.proof import Claim, Proof
from planner.proposal import Draft
from planner.request import Request
from planner.tiers import built_in, find
from planner.timing import schedule_and_window
from policies.catalog import Catalog
from policies.figure import History, Origin
from policies.guardrails import Severity, check_policy
from policies.policy import NotificationRule, Policy
from policies.quantity import human_size
from policies.retention import Retention
from policies.tier import Tier
from policies.verification import Verification
from policies.wish import Wish

DEFAULT_RETENTION = Retention(keep_daily=7, keep_weekly=4, keep_monthly=6)
KNOWN = frozenset({Origin.PROVEN, Origin.MEASURED})  # a refutation from assumed figures warns, it does not block


def draft(
    wish: Wish,
    catalog: Catalog,
    history: History,
    *,
    now: datetime,
    busy: Sequence[Busy] | None = None,
    base: str | None = None,
    tiers: Mapping[str, Tier] | None = None,
) -> Draft:
    """Complete a wish into a policy (a new one, or a change to one in force that keeps what the wish does not touch).

    `busy`: when other policies run (None: those of the catalog). `base`: the policy to change, '' for a new one, None to find
    out. `tiers`: named schemes (None: the package's, and the catalog's own). Problems never raise: they are all in the result."""
    notes = Notes(wish.words)
    request = Request(
        wish,
        catalog,
        history,
        now,
        notes,
        _tier(wish, {**built_in(), **catalog.tiers} if tiers is None else tiers, notes),
    )
    _datasets(wish, catalog, notes)
    base_name, name = choose_base(request, base)
    request = request.about(base_name)
    in_force, tier = request.base, request.tier
    datasets = in_force.datasets if in_force else wish.datasets
    repositories = choose_repositories(request)
    usable = repositories or tuple(catalog.repositories)[:1] or ("?",)
    others = busy_of(catalog, history, without=base_name or None) if busy is None else busy
    schedule, window = schedule_and_window(request, datasets or ("?",), usable, others)
    retention = _retention(request)
    verification = _verification(request)
    notify = _notify(request)
    _limits(wish, notes)
    if (
        schedule is None
        or not repositories
        or not datasets
        or any(problem.code == "unknown" for problem in notes.problems)
    ):
        return Draft(name, None, tuple(notes.choices), tuple(notes.problems), base_name or None)
    try:
        policy = Policy(
            datasets=datasets,
            repositories=repositories,
            schedule=schedule,
            retention=retention,
            window=window,
            verification=verification,
            rpo=wish.rpo or (in_force.rpo if in_force else (tier.rpo if tier else None)),
            rto=wish.rto or (in_force.rto if in_force else (tier.rto if tier else None)),
            bandwidth=wish.bandwidth or (in_force.bandwidth if in_force else None),
            notify=notify,
            paused=in_force.paused if in_force else False,
            origin=_origin(wish, in_force),
        )
    except ValidationError as error:
        for entry in error.errors():
            where = ".".join(map(str, entry["loc"])) or "policy"
            notes.problem(
                "invalid", where, str(entry.get("input", ""))[:80], str(entry["msg"]).removeprefix("Value error, ")
            )
        return Draft(name, None, tuple(notes.choices), tuple(notes.problems), base_name or None)
    return _judged(name, policy, request)


def _judged(name: str, policy: Policy, request: Request) -> Draft:
    """The draft with its guardrails and its proof."""
    catalog, history, notes = request.catalog, request.history, request.notes
    wanted = catalog.changed(policies={**catalog.policies, name: policy})
    lasting = run_seconds(policy, wanted, history)
    for violation in check_policy(name, policy, wanted, run_seconds=lasting.value):
        blocks = violation.severity is Severity.VIOLATION and not (
            violation.code == "window.short" and lasting.origin not in KNOWN
        )
        # That a period is too long for its promise is told by the proof, with the date and the way out.
        if violation.code != "rpo.period":
            notes.problem(violation.code, "policy", violation.subject, violation.message, violation.hint, blocks=blocks)
    proof = prove(name, policy, _limited(wanted, policy, request.wish), history, start=request.now)
    _refuted(proof, policy, notes)
    found = figures(name, policy, wanted, history, proof)
    return Draft(
        name, policy, tuple(notes.choices), tuple(notes.problems), request.base_name or None, wanted, proof, found
    )


def _refuted(proof: Proof, policy: Policy, notes: Notes) -> None:
    fields = {Claim.RUNS: "schedule", Claim.SPACE: "repositories"}
    for item in proof.refuted:
        origin = item.worst.origin if item.worst else Origin.PROVEN
        options = tuple(str(remedy) for remedy in item.remedies)
        value = str(getattr(policy, item.claim.value, "") or "")
        notes.problem(
            f"proof.{item.claim.value}", fields.get(item.claim, item.claim.value), value, of_item(item), " or ".join(options),
            question=bool(options) and origin in KNOWN, blocks=origin in KNOWN, options=options,
        )  # fmt: skip


def _limited(catalog: Catalog, policy: Policy, wish: Wish) -> Catalog:
    """The catalog with the space that the wish allows as limit of the policy's repositories."""
    if wish.storage is None:
        return catalog
    limited = dict(catalog.repositories)
    for name in policy.repositories:
        own = limited[name].limit
        limited[name] = limited[name].model_copy(update={"limit": min(own or wish.storage, wish.storage)})
    return catalog.model_copy(update={"repositories": limited})


def _datasets(wish: Wish, catalog: Catalog, notes: Notes) -> None:
    if not wish.datasets:
        known = ", ".join(catalog.datasets) or "none is defined"
        notes.problem("datasets.none", "datasets", "", f"what shall be backed up? (there is: {known})", "name a dataset",
                      question=True, options=tuple(catalog.datasets))  # fmt: skip
    for dataset in wish.datasets:
        if dataset not in catalog.datasets:
            notes.unknown("datasets", dataset, "dataset", catalog.datasets, "add it to datasets in restora.yaml")
    if wish.datasets:
        notes.said("datasets", ", ".join(wish.datasets), "targets")


def _tier(wish: Wish, known: Mapping[str, Tier], notes: Notes) -> Tier | None:
    if not wish.tier:
        return None
    name = find(wish.tier, known)
    if name is None:
        notes.unknown("tier", wish.tier, "scheme", known, "describe it in words, or use one of these")
        return None
    notes.said("tier", name, "policy")
    return known[name]


def _retention(request: Request) -> Retention:
    wish, base, tier, notes = request.wish, request.base, request.tier, request.notes
    if wish.retention:
        found = wish.retention
        if base and "at_least" not in found.model_fields_set:
            found = found.model_copy(update={"at_least": base.retention.at_least})
        notes.said("retention", of_retention(found), "keep")
        return found
    if tier and tier.retention:
        notes.assume(
            "retention",
            of_retention(tier.retention),
            "retention.tier",
            f"{wish.tier} asks for it",
            tier=wish.tier or "",
        )
        return tier.retention
    if base:
        notes.kept("retention", of_retention(base.retention), request.base_name)
        return base.retention
    notes.assume("retention", of_retention(DEFAULT_RETENTION), "retention.default", "where nothing else is said")
    return DEFAULT_RETENTION


def _verification(request: Request) -> Verification:
    wish, base, tier, notes = request.wish, request.base, request.tier, request.notes
    found = tier.verification if tier and tier.verification else base.verification if base else Verification()
    if wish.drill_every:
        found = found.model_copy(update={"drill_every": wish.drill_every})
        notes.said("verification", of_verification(found), "drill_every", "drill")
    elif tier and tier.verification:
        notes.assume(
            "verification",
            of_verification(found),
            "verification.tier",
            f"{wish.tier} asks for it",
            tier=wish.tier or "",
        )
    elif base:
        notes.kept("verification", of_verification(found), request.base_name)
    else:
        notes.assume("verification", of_verification(found), "verification.default", "where nothing else is said")
    return found


def _notify(request: Request) -> NotificationRule | None:
    wish, base, catalog, notes = request.wish, request.base, request.catalog, request.notes
    before = base.notify if base else None
    if not wish.channels and not wish.notify_on:
        return before
    for channel in wish.channels:
        if channel not in catalog.notify:
            notes.unknown(
                "notify.channels", channel, "channel of notify", catalog.notify, "add it to notify in restora.yaml"
            )
    channels = wish.channels or (before.channels if before else tuple(catalog.notify))
    if not channels:
        notes.problem(
            "notify.none",
            "notify.channels",
            "",
            "nobody can be told: no channel is defined",
            "add one to notify in restora.yaml",
        )
    when = wish.notify_on or (before.on if before else "failure")
    if when not in {"failure", "success", "always"}:
        notes.problem(
            "notify.when", "notify.on", when, f"{when!r} is no occasion to tell", "failure, success or always"
        )
        when = "failure"
    notes.said("notify", f"{', '.join(channels)} on {when}", "channels", "on")
    return NotificationRule(channels=channels, on=when)


def _limits(wish: Wish, notes: Notes) -> None:
    """What was promised and what may be used."""
    for promise in ("rpo", "rto"):
        if getattr(wish, promise):
            notes.said(promise, str(getattr(wish, promise)))
    if wish.bandwidth and bandwidth_limit(wish.bandwidth) is None:
        notes.problem("bandwidth.unreadable", "bandwidth", wish.bandwidth, f"{wish.bandwidth!r} is no bandwidth",
                      "write it as in 5MB/s or 20Mbit/s")  # fmt: skip
    elif wish.bandwidth:
        notes.said("bandwidth", wish.bandwidth)
    if wish.storage is not None:
        notes.said("storage", human_size(wish.storage))


def _origin(wish: Wish, base: Policy | None) -> str:
    before = base.origin.split("; ") if base and base.origin else []
    return "; ".join([*before, wish.text] if wish.text and wish.text not in before[-1:] else before)
