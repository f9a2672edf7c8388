"""pydantic's errors in people's words, at the lines that caused them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from adapters.configuration.document import Node
from adapters.configuration.problems import URL_PASSWORD, Problem, dotted, leads_to_secret, nearest, shown
from policies.catalog import Catalog
from policies.secret import PLACES

# sections with unions: where pydantic puts the tag into the path, and the key that it comes from
TAGGED = {"datasets": (2, "kind"), "repositories": (2, "kind"), "llm": (1, "provider")}
PLACEHOLDERS: dict[str, dict[str, Any]] = {
    "datasets": {"kind": "files", "paths": ["/"]},
    "repositories": {"kind": "local", "path": "/", "password": {"file": "/"}},
    "notify": {"kind": "command"},
}
NOBODY = "(nobody)"  # a stand-in for a reference that is wrong in itself
Path = tuple[str | int, ...]


def from_validation(error: ValidationError, root: Node, file: str) -> list[Problem]:
    """All problems of a failed validation, references to missing names included."""
    found = [_problem(detail, root, file) for detail in error.errors(include_url=False)]
    rest = _without_errors(root.plain(), error)
    return found + (from_dangling(rest, root, file) if rest else [])


def from_dangling(catalog: Catalog, root: Node, file: str) -> list[Problem]:
    """References to names that are not there, and names that mean two things."""
    problems = []
    known = {
        "datasets": list(catalog.datasets),
        "repositories": list(catalog.repositories),
        "channels": list(catalog.notify),
    }
    for path, message in catalog.dangling():
        if message.startswith(repr(NOBODY)):
            continue
        node, key = place(root, path)
        field = next((part for part in reversed(path) if isinstance(part, str)), "")
        hint = nearest(str(node.value), known.get(field, ())) if node.kind == "scalar" else ""
        at = key or node
        problems.append(Problem(file, at.line, at.column, dotted(path), shown(node.plain()), message, hint))
    return problems


def clear_secrets(root: Node, file: str) -> list[Problem]:
    """URLs that hold a password. (Clear text where a place of a secret belongs is the model's own error.)"""
    problems = []
    for path, node in _scalars(root, ()):
        if isinstance(node.value, str) and URL_PASSWORD.search(node.value):
            hint = (
                "leave the password out: PGPASSFILE, ~/.pgpass or a service file hold it"
                if path == ("state",)
                else "name its place"
            )
            problems.append(
                Problem(file, node.line, node.column, dotted(path), "", "holds a password in clear text", hint)
            )
    return problems


def place(root: Node, path: Sequence[str | int]) -> tuple[Node, Node | None]:
    """The node at a path (or the nearest one above it that exists), and its key."""
    node, key = root, None
    for part in path:
        child = node.children.get(part) if node.kind != "scalar" else None
        if child is None:
            break
        node, key = child, node.keys.get(str(part)) if node.kind == "map" else None
    return node, key


def human_path(location: Path) -> Path:
    """pydantic's location without the segments that name a member of a union or a key."""
    path = [part for part in location if part != "[key]"]
    at = TAGGED[str(path[0])][0] if path and path[0] in TAGGED else len(path)
    del path[at : at + 1]
    return tuple(path)


def _problem(detail: ErrorDetails, root: Node, file: str) -> Problem:
    kind, path = detail["type"], human_path(detail["loc"])
    node, key = place(root, path)
    value = detail["input"]
    secret = leads_to_secret(path, value)
    by_key = (
        detail["loc"][-1:] == ("[key]",) or kind in {"extra_forbidden", "missing"} or isinstance(value, dict | list)
    )
    at = (key if by_key else None) or node
    message, hint = _words(detail, path)
    if secret:
        message = _secret_words(kind, value) or message
    visible = "" if secret or kind in {"extra_forbidden", "missing"} else shown(value)
    return Problem(file, at.line, at.column, dotted(path), visible, message, hint)


def _secret_words(kind: str, value: object) -> str:
    if kind in {"missing", "extra_forbidden"} or isinstance(value, dict):
        return ""
    return "a secret is never written here: name its place, as in {file: /etc/restora/password}"


def _words(detail: ErrorDetails, path: Path) -> tuple[str, str]:  # one arm for each kind of error
    kind, value, context = detail["type"], detail["input"], detail.get("ctx") or {}
    written = shown(value)
    if kind == "missing":
        return "is missing", _meaning(path)
    if kind == "extra_forbidden":
        known = keys_at(path[:-1], detail["loc"])
        return "is no key here", nearest(str(path[-1]), known) or (f"known: {', '.join(known)}" if known else "")
    if kind in {"value_error", "assertion_error"}:
        return str(context.get("error") or detail["msg"]), ""
    if kind in {"literal_error", "enum", "union_tag_invalid"}:
        choices = str(context.get("expected") or context.get("expected_tags")).replace(" or ", ", ").replace("'", "")
        tag = context.get("tag", value)
        what = f"{_discriminator(path)}: " if kind == "union_tag_invalid" else ""
        return f"{what}{str(tag)[:60]!r} is none of {choices}", nearest(
            str(tag), [one.strip() for one in choices.split(",")]
        )
    if kind == "union_tag_not_found":
        return f"{_discriminator(path)} is missing", f"one of {', '.join(_kinds(path[0]))}"
    if kind == "string_type":
        if isinstance(value, dict | list) or value is None:
            return "must be text", ""
        return f"{written} must be text", f'put it in quotes: "{written}"'
    if kind in {"tuple_type", "list_type"}:
        return "must be a list", f"put it in brackets: [{written}]" if written else "as in [one, two]"
    if kind in {"model_type", "model_attributes_type", "dict_type", "dataclass_type"}:
        return (
            f"{written!r} must be a mapping of keys and values" if written else "must be a mapping of keys and values",
            "",
        )
    if kind == "string_pattern_mismatch" and detail["loc"][-1:] == ("[key]",):
        return (
            f"{written!r} is no name",
            "letters, digits, dot, dash and underscore, 63 at most, a letter or digit first",
        )
    if kind == "string_pattern_mismatch":
        return f"{written!r} is none of {str(context.get('pattern', '')).strip('^$()').replace('|', ', ')}", ""
    if kind in {"too_short", "too_long", "string_too_short", "string_too_long"}:
        return _length(kind, context), ""
    message = detail["msg"][:1].lower() + detail["msg"][1:]
    return (f"{written!r}: {message}" if written else message), ""


def _length(kind: str, context: dict[str, Any]) -> str:
    unit = "characters" if kind.startswith("string") else "entries"
    if kind.endswith("short"):
        return (
            "is empty"
            if context.get("min_length") == 1
            else f"is too short: at least {context.get('min_length')} {unit}"
        )
    return f"is too long: at most {context.get('max_length')} {unit}"


def model_at(path: Path, location: Path = ()) -> type[BaseModel] | None:
    """The model whose keys stand at a path; `location` is pydantic's, which tells the kind in unions."""
    model: type[BaseModel] = Catalog
    at = TAGGED[str(location[0])][0] if location and location[0] in TAGGED else len(location)
    kind = location[at] if len(location) > at else None
    for part in path:
        if isinstance(part, int):
            continue
        found = {field.alias or name: field for name, field in model.model_fields.items()} | dict(model.model_fields)
        if part not in found:
            continue  # a name that people gave
        members = [one for one in _models(found[part].annotation) if kind is None or kind in _tags(one)]
        if not members:
            return None
        model = members[0]
    return model


def keys_at(path: Path, location: Path = ()) -> list[str]:
    """The keys that may stand at a path, as they are written."""
    model = model_at(path, location)
    return [field.alias or name for name, field in model.model_fields.items()] if model else []


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _models(argument)


def _discriminator(path: Path) -> str:
    return TAGGED[str(path[0])][1]


def _tags(model: type[BaseModel]) -> tuple[str, ...]:
    field = model.model_fields.get("kind") or model.model_fields.get("provider")
    return tuple(getattr(field.annotation, "__args__", ())) if field else ()


def _kinds(section: object) -> list[str]:
    field = Catalog.model_fields[str(section)]
    return [tag for model in _models(field.annotation) for tag in _tags(model)]


def _meaning(path: Path) -> str:
    """What a missing field is for."""
    model = model_at(path[:-1])
    field = model.model_fields.get(str(path[-1])) if model else None
    if path and path[-1] == "password":
        return f"name its place: one of {', '.join(PLACES)}"
    return (field.description or "") if field else ""


def _scalars(node: Node, path: Path) -> Iterator[tuple[Path, Node]]:
    if node.kind == "scalar":
        yield path, node
    for key, child in node.children.items() if not node.aliased else ():
        yield from _scalars(child, (*path, key))


def _without_errors(value: Any, error: ValidationError) -> Catalog | None:
    """The catalog with stand-ins for what is wrong, so that references can be followed all the same."""
    if not isinstance(value, dict):
        return None
    for detail in error.errors(include_url=False, include_input=False):
        path = human_path(detail["loc"])
        section, name = (path[0] if path else ""), (path[1] if len(path) > 1 else None)
        items = value.get(section)
        if isinstance(items, dict) and section in PLACEHOLDERS and name in items and detail["loc"][-1:] != ("[key]",):
            items[name] = PLACEHOLDERS[str(section)]
        elif isinstance(items, dict) and section == "policies" and name in items and detail["loc"][-1:] != ("[key]",):
            items[name] = _references(items[name])
        elif isinstance(items, dict) and section in {*PLACEHOLDERS, "policies", "windows"}:
            items.pop(name, None)
        else:
            value.pop(section, None)
    try:
        return Catalog.model_validate(value)
    except ValidationError:
        return None


def _references(policy: Any) -> dict[str, Any]:
    """A policy that is right in all but its references."""
    policy = policy if isinstance(policy, dict) else {}
    notify = policy.get("notify")

    def names(value: Any) -> list[str]:
        return [one if isinstance(one, str) else NOBODY for one in value] if isinstance(value, list) else []

    return {
        "datasets": names(policy.get("datasets")) or [NOBODY],
        "repositories": names(policy.get("repositories")) or [NOBODY],
        "notify": {"channels": names(notify.get("channels")) if isinstance(notify, dict) else []},
        "schedule": {"every": "1h"},
        "retention": {"forever": True},
    }
