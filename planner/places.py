"""Which policy a wish is about, and where its copies go."""

from __future__ import annotations

from planner.request import Request
from policies.catalog import Catalog
from policies.policy import Policy
from policies.repository import LocalRepository
from policies.tier import Tier
from policies.wish import Wish

LONGEST_NAME = 63


def choose_base(request: Request, base: str | None) -> tuple[str, str]:
    """(policy in force that the wish changes or '', name of the drafted policy)."""
    wish, catalog, notes = request.wish, request.catalog, request.notes
    if base is not None and base not in catalog.policies and base != "":
        notes.unknown("policy", base, "policy", catalog.policies, "restora status lists the policies")
        return "", new_name(wish, catalog)
    if base or base == "" or not wish.datasets:
        return base or "", base or new_name(wish, catalog)
    wanted = set(wish.datasets)
    same = [
        name
        for name, policy in catalog.policies.items()
        if set(policy.datasets) == wanted and _same_place(wish, policy)
    ]
    preferred = new_name(wish, catalog, free=False)
    if same:
        if len(same) == 1 or preferred in same:
            found = same[0] if len(same) == 1 else preferred
            return found, found
        message = f"{', '.join(wish.datasets)} has several policies ({', '.join(same)}): which one shall change?"
        notes.problem("policy.which", "policy", "", message, "name one of them", question=True, options=tuple(same))
        return same[0], same[0]
    wider = [
        name for name, policy in catalog.policies.items() if wanted < set(policy.datasets) and _same_place(wish, policy)
    ]
    if wider:
        others = ", ".join(dataset for dataset in catalog.policies[wider[0]].datasets if dataset not in wanted)
        message = f"policy {wider[0]!r} protects {', '.join(wish.datasets)} together with {others}"
        whole = wish.every is None and wish.retention is None and wish.tier is None
        notes.problem("policy.shared", "policy", wider[0], message, "change it for all of them, or say that a new policy is meant",
                      question=True, blocks=whole, options=(wider[0], "new"))  # fmt: skip
    return "", new_name(wish, catalog)


def _same_place(wish: Wish, policy: Policy) -> bool:
    """Whether a wish that names repositories means this policy: at least one is its own."""
    return not wish.repositories or bool(set(wish.repositories) & set(policy.repositories))


def new_name(wish: Wish, catalog: Catalog, *, free: bool = True) -> str:
    """A policy's name after its datasets; with a number where it is taken (`free`)."""
    whole = len(wish.datasets) > 1 and set(wish.datasets) == set(catalog.datasets)
    name = "all" if whole else "-".join(wish.datasets[:3])[: LONGEST_NAME - 8].strip("-.") or "policy"
    if not free or name not in catalog.policies:
        return name
    if wish.repositories and f"{name}-{wish.repositories[0]}"[:LONGEST_NAME] not in catalog.policies:
        return f"{name}-{wish.repositories[0]}"[:LONGEST_NAME]
    return next(f"{name}-{n}" for n in range(2, 10_000) if f"{name}-{n}" not in catalog.policies)


def choose_repositories(request: Request) -> tuple[str, ...]:
    """The repositories of the policy: those said, in force, or the only or first local one; more where a tier wants more."""
    wish, base, tier, notes, catalog = request.wish, request.base, request.tier, request.notes, request.catalog
    known = catalog.repositories
    if not known:
        notes.problem("repository.none", "repositories", "", "no repository is defined: there is nowhere to back up to",
                      "restora init makes one")  # fmt: skip
        return ()
    for name in wish.repositories:
        if name not in known:
            notes.unknown("repositories", name, "repository", known, "add it to repositories in restora.yaml")
    chosen = tuple(dict.fromkeys(name for name in wish.repositories if name in known))
    if wish.repositories:
        notes.said("repositories", ", ".join(wish.repositories), "destinations")
    elif base:
        chosen = base.repositories
        notes.kept("repositories", ", ".join(chosen), request.base_name)
    else:
        local = [name for name, repository in known.items() if isinstance(repository, LocalRepository)]
        chosen = (local or list(known))[:1]  # type: ignore[assignment]
        code, why = (
            ("repository.only", "the only one")
            if len(known) == 1
            else ("repository.first-local", "the first local one")
        )
        if len(known) > 1 and not local:
            code, why = "repository.first", "the first one"
        if tier is None or (tier.copies == 1 and not tier.offsite):
            notes.assume("repositories", chosen[0], code, why)
    return _for_tier(tuple(chosen), request, tier) if tier else tuple(chosen)


def _for_tier(chosen: tuple[str, ...], request: Request, tier: Tier) -> tuple[str, ...]:
    """Repositories added until a tier's counts hold; problems where they can't."""
    wish, catalog, notes = request.wish, request.catalog, request.notes
    known, picked = catalog.repositories, list(chosen)
    spare = [name for name in known if name not in picked]
    offsite = [name for name in spare if known[name].offsite]
    while sum(known[name].offsite for name in picked) < tier.offsite and offsite:
        picked.append(offsite.pop(0))
    rest = [name for name in spare if name not in picked]
    while len(picked) < tier.copies and rest:
        picked.append(rest.pop(0))
    if tuple(picked) != chosen or not wish.repositories:
        notes.assume("repositories", ", ".join(picked), "repository.tier", f"{wish.tier} asks for {tier.copies}, {tier.offsite} off site",
                     tier=wish.tier or "")  # fmt: skip
    away = sum(known[name].offsite for name in picked)
    if len(picked) < tier.copies:
        notes.problem(
            "tier.copies", "repositories", str(len(picked)), f"{wish.tier} needs {tier.copies} repositories, {len(known)} defined",
            "add one to repositories in restora.yaml",
        )  # fmt: skip
    if away < tier.offsite:
        notes.problem(
            "tier.offsite", "repositories", str(away), f"{wish.tier} needs {tier.offsite} repository off site, {away} marked so",
            "add one elsewhere, or set offsite: true where it is true",
        )  # fmt: skip
    if tier.immutable:
        notes.problem(
            "tier.immutable", "repositories", "", f"{wish.tier} needs an immutable copy, and that can't be told from restora.yaml",
            "turn on object lock for one of the buckets; restora doctor looks at it", blocks=False,
        )  # fmt: skip
    return tuple(picked)
