"""One wish for several datasets, shared out over the policies in force, so that each is changed and none is made twice."""

from __future__ import annotations

from dataclasses import replace

from policies.catalog import Catalog
from policies.wish import Wish


def shared_out(wish: Wish, catalog: Catalog) -> list[Wish]:
    """A wish for each policy that protects nothing but wanted datasets, and one for what is left.

    A wish without datasets changes every policy in force; where there is none, it is left as it is."""
    if not wish.datasets:
        names = dict.fromkeys(policy.datasets for policy in catalog.policies.values())
        return [replace(wish, datasets=datasets) for datasets in names] or [wish]
    if len(wish.datasets) == 1 or any(set(p.datasets) == set(wish.datasets) for p in catalog.policies.values()):
        return [wish]
    left = list(wish.datasets)
    shares: list[Wish] = []
    for policy in catalog.policies.values():
        elsewhere = wish.repositories and not set(wish.repositories) & set(policy.repositories)
        if not elsewhere and set(policy.datasets) <= set(left):
            shares.append(replace(wish, datasets=policy.datasets))
            left = [name for name in left if name not in policy.datasets]
    return [*shares, *([replace(wish, datasets=tuple(left))] if left else [])]
