"""The JSON schema of restora.yaml, for editors that complete and check as one types."""

from __future__ import annotations

from typing import Any

from policies.catalog import Catalog

NULLABLE = ("site", "tools", "learning", "repositories", "datasets", "policies", "windows", "notify")


def schema() -> dict[str, Any]:
    """JSON schema (draft 2020-12) of a configuration file. It knows shapes, not references between sections."""
    found = Catalog.model_json_schema(by_alias=True)
    found["$defs"]["SecretReference"] |= {"minProperties": 1, "maxProperties": 1}
    for name in NULLABLE:  # a section whose entries are all commented out
        section = found["properties"][name]
        description = {"description": section.pop("description")} if "description" in section else {}
        default = {"default": section.pop("default")} if "default" in section else {}
        found["properties"][name] = {"anyOf": [section, {"type": "null"}], **default, **description}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found, "title": "restora.yaml"}
