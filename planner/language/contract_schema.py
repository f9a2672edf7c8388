"""The intent contract as a JSON schema for language models: what they may write at all."""

from __future__ import annotations

from functools import cache
from typing import Any

from planner.language.intent import Intent

MOST_INTENTS = 8
MOST_ENTRIES = 16
LONGEST_TEXT = 160
DROPPED = frozenset({"title", "default", "description", "$defs"})


@cache
def schema() -> dict[str, Any]:
    """`{"intents": […]}` without references, nulls or defaults, which not every server or decoder takes; every text and list
    is bounded. Not to be changed by callers."""
    found = Intent.model_json_schema(by_alias=True)
    intent = _plain(found, found.get("$defs", {}))
    return {
        "type": "object",
        "properties": {"intents": {"type": "array", "minItems": 1, "maxItems": MOST_INTENTS, "items": intent}},
        "required": ["intents"],
        "additionalProperties": False,
    }


def _plain(node: Any, definitions: dict[str, Any]) -> Any:
    """A node of pydantic's schema as it is wanted here."""
    if isinstance(node, list):
        return [_plain(one, definitions) for one in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _plain(definitions[node["$ref"].rpartition("/")[2]], definitions)
    choices = [one for one in node.get("anyOf", []) if one != {"type": "null"}]
    if len(choices) == 1:
        return _plain(choices[0], definitions)
    if node.get("type") == "boolean" and node.get("default") is False:
        return {"enum": [True]}  # what was not said is left out
    kept = {key: value for key, value in node.items() if key not in DROPPED}
    if "properties" in kept:
        kept["properties"] = {key: _plain(value, definitions) for key, value in node["properties"].items()}
    for key in ("items", "anyOf"):
        if key in kept:
            kept[key] = _plain(choices if key == "anyOf" else kept[key], definitions)
    if kept.get("type") == "array":
        kept |= {"minItems": 1, "maxItems": MOST_ENTRIES}
    if kept.get("type") == "string" and not {"enum", "pattern"} & kept.keys():
        kept |= {"minLength": 1, "maxLength": LONGEST_TEXT}
    return kept
