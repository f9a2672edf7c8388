"""Makes docs/reference/configuration.md and restora.schema.json from the models:
`python -m adapters.configuration.reference`; `--check` only says whether they are current."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from adapters.configuration.render import flow, order, plain
from adapters.configuration.schema import schema
from policies.catalog import Catalog, Channel, Learning, Site, Tools
from policies.dataset import FilesDataset, Objectives, PostgresDataset, SqliteDataset
from policies.duration import Duration
from policies.larger_model import LocalModel, ModelServer
from policies.policy import NotificationRule, Policy
from policies.repository import LocalRepository, S3Repository
from policies.retention import Retention
from policies.schedule import NthWeekday, Schedule
from policies.secret import SecretReference
from policies.verification import Verification
from policies.window import Window

SECTIONS: dict[type[BaseModel], str] = {
    Site: "site",
    Tools: "tools",
    Learning: "learning",
    LocalRepository: "repositories: kind local",
    S3Repository: "repositories: kind s3",
    FilesDataset: "datasets: kind files",
    SqliteDataset: "datasets: kind sqlite",
    PostgresDataset: "datasets: kind postgres",
    Objectives: "objectives",
    Policy: "policies",
    Schedule: "schedule",
    NthWeekday: "nth_weekday",
    Retention: "retention",
    Window: "window",
    Verification: "verification",
    NotificationRule: "notify of a policy",
    Channel: "notify",
    LocalModel: "llm: provider transformers",
    ModelServer: "llm: provider openai",
    SecretReference: "secrets",
}
# what the models say by their shape alone
MEANINGS = {
    "version": "Version of this format",
    "repositories": "Named repositories: where copies live",
    "datasets": "Named datasets: what must never be lost",
    "policies": "Named policies: which datasets go where, when, and for how long",
    "kind": "What it is; decides which other keys there are",
    "provider": "Who runs the model; decides which other keys there are",
    "port": "Port of the server; none: PostgreSQL's own default",
    "n": "1 to 5, or -1 for the last",
    "day": "The weekday",
    "on": "When to tell: failure, success or always",
    "schedule": "How often and when it runs",
    "retention": "How long copies are kept",
}
QUANTITIES = {"limit": "size", "size_hint": "size", "upload": "rate", "download": "rate"}
HEAD = """\
# restora.yaml

<!-- made by python -m adapters.configuration.reference: change the models, not this file -->

Every key of the configuration file. Unknown keys are errors. A section whose entries are all commented out counts
as empty. `restora.schema.json` beside this page is the same as a JSON schema, for editors.
How to write the file: [configuration](../how-to/configuration.md).

| type | is written |
|---|---|
| duration | a whole number and `min`, `h`, `d`, `w`, `mo` or `y`: `30d` |
| time | hours and minutes in quotes: `"01:40"` |
| size | a number with `B`, `KB`, `MB`, `GB` or `TB`: `500GB` |
| rate | `5MB/s` or `20Mbit/s` |
| name | letters, digits, dot, dash, underscore; 63 at most |
| secret | the place of a secret, never the secret: [secrets](#secrets) |
"""


def page() -> str:
    """The whole page."""
    parts = [HEAD, "## The file", _first_line(Catalog), _table(Catalog)]
    for model, title in SECTIONS.items():
        parts += [f"## {title}", _first_line(model), _table(model)]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def files(folder: Path) -> Iterator[tuple[Path, str]]:
    """What belongs into docs/reference: path and text."""
    yield folder / "configuration.md", page()
    yield folder / "restora.schema.json", json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def meaning(key: str, field: FieldInfo) -> str:
    """What a key is for: its own words, else those of what it holds."""
    if field.description:
        return field.description
    if key in MEANINGS:
        return MEANINGS[key]
    inner = [one for one in _leaves(field.annotation) if one in SECTIONS]
    return _first_line(inner[0]).rstrip(".") if inner else ""


def _table(model: type[BaseModel]) -> str:
    by_key = {field.alias or name: field for name, field in model.model_fields.items()}
    lines = ["| key | type | default | meaning |", "|---|---|---|---|"]
    for key in order(model):
        field = by_key[key]
        cells = (f"`{key}`", _type(key, field), _default(field), meaning(key, field))
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)


def _type(key: str, field: FieldInfo) -> str:
    return QUANTITIES.get(key) or _words(field.annotation)


def _words(annotation: Any) -> str:
    """A type in people's words."""
    arguments = get_args(annotation)
    kind = annotation.__origin__ if hasattr(annotation, "__metadata__") else get_origin(annotation)
    if kind is None or hasattr(annotation, "__metadata__"):
        return _words(kind) if kind else _single(annotation)
    if kind is Literal:
        return ", ".join(f"`{one}`" for one in arguments)
    if kind is tuple:
        inner = _words(arguments[0])
        return f"list of {inner}" + ("s" if inner in {"time", "number"} else "")
    if kind is dict:
        return f"name → {_words(arguments[1])}"
    return " or ".join(_words(one) for one in arguments if one is not type(None))


def _single(kind: type) -> str:
    if kind in SECTIONS:
        title = SECTIONS[kind]
        return f"[{'secret' if kind is SecretReference else title}](#{_anchor(title)})"
    if issubclass(kind, Enum):
        return ", ".join(f"`{one.value}`" for one in kind)
    names = {str: "text", int: "number", float: "number", bool: "true or false", Duration: "duration"}
    return names.get(kind, kind.__name__)


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**needed**"
    value = plain(field.get_default(call_default_factory=True))
    if value is None or value in ("", [], {}):
        return ""
    return f"`{flow(value)}`"


def _leaves(annotation: Any) -> Iterator[Any]:
    yield annotation
    for argument in get_args(annotation):
        yield from _leaves(argument)


def _first_line(model: type[BaseModel]) -> str:
    return " ".join((model.__doc__ or "").split())


def _anchor(title: str) -> str:
    return "".join(char for char in title.lower().replace(" ", "-") if char.isalnum() or char in "-_")


if __name__ == "__main__":
    made = list(files(Path("docs/reference")))
    if "--check" in sys.argv:
        old = [str(path) for path, text in made if not path.exists() or path.read_text(encoding="utf-8") != text]
        sys.exit(f"not what the models say: {', '.join(old)}: make reference" if old else 0)
    for path, text in made:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
