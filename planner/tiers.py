"""Named schemes (gold, 3-2-1, gfs) as constraints on a policy. They are data of the package: policies/tiers/*.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

from policies.tier import Tier


@cache
def built_in() -> Mapping[str, Tier]:
    """The tiers that come with the package, by name. Read once, like code."""
    from ruamel.yaml import YAML

    reader = YAML(typ="safe")
    files = (entry for entry in resources.files("policies").joinpath("tiers").iterdir() if entry.name.endswith(".yaml"))
    return MappingProxyType(
        {
            entry.name.removesuffix(".yaml"): Tier.model_validate(reader.load(entry.read_text(encoding="utf-8")))
            for entry in sorted(files, key=lambda entry: entry.name)
        }
    )


def find(word: str, tiers: Mapping[str, Tier]) -> str | None:
    """The name of the tier that a word means, or None. Capitals, spaces and a trailing "tier" don't matter."""
    wanted = word.strip().casefold().removesuffix(" tier").removesuffix("级别").strip()
    for name, tier in tiers.items():
        if wanted in {known.casefold() for known in (name, *tier.aliases)}:
            return name
    return None
