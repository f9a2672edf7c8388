"""restora.yaml ↔ `policies.catalog.Catalog`: all problems at once; untouched bytes stay."""

from adapters.configuration.load import Loaded, from_json, load, parse, read, to_json
from adapters.configuration.problems import ConfigurationProblems, Problem

__all__ = ["ConfigurationProblems", "Loaded", "Problem", "from_json", "load", "parse", "read", "to_json"]
