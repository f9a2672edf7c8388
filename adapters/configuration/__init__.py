"""restora.yaml ↔ `policies.catalog.Catalog`: all problems at once; untouched bytes stay."""

from adapters.configuration.load import Loaded, from_json, load, parse, read, to_json
from adapters.configuration.problems import ConfigurationProblems, Problem
from adapters.configuration.schema import schema
from adapters.configuration.starter import starter
from adapters.configuration.write import Changes, adopt, edited, text_of, write

__all__ = [
    "Changes",
    "ConfigurationProblems",
    "Loaded",
    "Problem",
    "adopt",
    "edited",
    "from_json",
    "load",
    "parse",
    "read",
    "schema",
    "starter",
    "text_of",
    "to_json",
    "write",
]
