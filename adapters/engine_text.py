"""How results and errors of workflows lie on disk: JSON text and nothing else."""

from __future__ import annotations

import json
from typing import Any

from policies import errors
from policies.errors import RestoraError, StateError

Outcome = str  # JSON: {"ok": text}, or {"error": {…}}


class StoppedShort(BaseException):
    """Thrown through a workflow when the engine stops. No Exception: a body must not take it for a failed step."""


class TextSerializer:
    """What DBOS stores, as JSON. Errors of DBOS itself are kept as their words."""

    def name(self) -> str:
        return "restora_json"

    def serialize(self, data: Any) -> str:
        if isinstance(data, BaseException):
            return json.dumps({"$error": f"{type(data).__name__}: {data}"})
        return json.dumps(data)

    def deserialize(self, serialized_data: str) -> Any:
        data = json.loads(serialized_data)
        if isinstance(data, dict) and "$error" in data:
            return RestoraError(str(data["$error"]))
        return data


def of_text(text: str) -> Outcome:
    """A result. TypeError for anything but text: it would not come back as it was."""
    if not isinstance(text, str):
        raise TypeError(f"a workflow and its steps return text, not {type(text).__name__}")
    return json.dumps({"ok": text})


def of_error(error: Exception) -> Outcome:
    """An error: the nearest class of policies.errors, its message, hint and what was untouched."""
    if not isinstance(error, RestoraError):
        error = RestoraError(f"{type(error).__name__}: {error}", hint="restora diagnose")
    known = next(each.__name__ for each in type(error).__mro__ if each.__module__ == errors.__name__)
    said = {"class": known, "message": error.message, "hint": error.hint, "untouched": error.untouched}
    return json.dumps({"error": said})


def opened(outcome: Outcome, cause: Exception | None = None) -> str:
    """The result, or the error raised."""
    try:
        found = json.loads(outcome)
        if "error" not in found:
            return str(found["ok"])
        said = {name: str(found["error"][name]) for name in ("class", "message", "hint", "untouched")}
    except (ValueError, TypeError, KeyError) as damaged:
        raise StateError("a recorded result of a workflow is not what was written", hint="start it anew") from damaged
    raise _error(said) from cause


def _error(said: dict[str, str]) -> RestoraError:
    found = getattr(errors, said["class"], RestoraError)
    kind = found if isinstance(found, type) and issubclass(found, RestoraError) else RestoraError
    return kind(said["message"], hint=said["hint"], untouched=said["untouched"])
