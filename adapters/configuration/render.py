"""Values of the domain as YAML text: only what differs from the defaults, in the order in which people read it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, time
from enum import Enum
from typing import Any

from pydantic import BaseModel, BeforeValidator

from policies.duration import Duration
from policies.quantity import parse_rate, parse_size
from policies.window import Window

WIDTH = 100
# keys whose small mappings stand on one line; schedules and retentions stay open for people to add to
COMPACT = frozenset(
    {
        "password",
        "dsn",
        "url",
        "key",
        "access_key",
        "secret_key",
        "window",
        "night",
        "business_hours",
        "nth_weekday",
        "objectives",
    }
)
QUANTITY = re.compile(r"\d+(\.\d+)?(min|h|d|w|mo|y|B|KB|MB|GB|TB|[KMG]B/s|[KMG]bit/s)")
WORD = re.compile(r"[^\W\d][\w./@+\-]*( [\w./@+\-]+)*|/[\w./@+\-]*")
# what YAML 1.1 readers take for something else than text
RESERVED = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf"})


def plain(value: Any) -> Any:
    """A domain value as YAML writes it: mappings, lists, text, numbers."""
    if isinstance(value, BaseModel):
        return dict(_fields(value))
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return _plain_scalar(value)


def whole(value: Any) -> Any:
    """As `plain`, but complete: defaults too, and each key under every name by which it may be written."""
    if not isinstance(value, BaseModel):
        return plain(value)
    fields = type(value).model_fields
    by_key = {field.alias or name: name for name, field in fields.items()}
    found = {key: whole(getattr(value, by_key[key])) for key in order(type(value))}
    return found | {name: found[field.alias] for name, field in fields.items() if field.alias}


def order(model: type[BaseModel]) -> list[str]:
    """The keys of a model as they are written: its own first, then what it shares with its kin."""
    names = [
        name for cls in model.__mro__ for name in getattr(cls, "__annotations__", {}) if name in model.model_fields
    ]
    return [model.model_fields[name].alias or name for name in dict.fromkeys(names)]


def size_text(count: int) -> str | int:
    """`500GB` where that is exact, else the number."""
    for factor, unit in ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "KB")):
        if count and count % factor == 0:
            return f"{count // factor}{unit}"
    return count


def rate_text(count: int) -> str | int:
    """`5MB/s` where that is exact, else the number."""
    text = size_text(count)
    return f"{text}/s" if isinstance(text, str) and not text.endswith("TB") else count


def scalar_text(value: Any) -> str:
    """A scalar as YAML text that readers of YAML 1.1 and 1.2 take for the same value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if QUANTITY.fullmatch(value) or (
        WORD.fullmatch(value) and value.isprintable() and value.casefold() not in RESERVED
    ):
        return str(value)
    text = json.dumps(value, ensure_ascii=False)
    return "".join(char if char.isprintable() else _escaped(char) for char in text)


def flow(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar_text(key)}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    return scalar_text(value)


def fits(key: str, value: Any) -> bool:
    """Whether a value stands on the line of its key."""
    if not value or not isinstance(value, Mapping | list):
        return True
    text = flow(value)
    if isinstance(value, list):
        return len(text) <= WIDTH
    return (key in COMPACT or set(value) <= {"from", "to", "days"}) and len(text) <= WIDTH


def block(value: Mapping[str, Any], indent: int = 0, step: int = 2) -> list[str]:
    """The lines of a mapping."""
    lines: list[str] = []
    margin = " " * indent
    for key, item in value.items():
        if fits(key, item):
            lines.append(f"{margin}{scalar_text(key)}: {flow(item)}")
            continue
        lines.append(f"{margin}{scalar_text(key)}:")
        lines += below(item, indent + step, step)
    return lines


def below(value: Any, indent: int, step: int = 2) -> list[str]:
    """The lines of a collection that stands under its key."""
    if isinstance(value, Mapping):
        return block(value, indent, step)
    return [f"{' ' * indent}- {flow(item)}" for item in value]


def _fields(value: BaseModel) -> Iterator[tuple[str, Any]]:
    model = type(value)
    by_key = {field.alias or name: (name, field) for name, field in model.model_fields.items()}
    for key in order(model):
        name, field = by_key[key]
        item = getattr(value, name)
        is_default = not field.is_required() and item == field.get_default(call_default_factory=True)
        if is_default and not (isinstance(value, Window) and name != "days"):
            continue
        readers = set(_readers(field.annotation)) | {
            one.func for one in field.metadata if isinstance(one, BeforeValidator)
        }
        if parse_size in readers:
            yield key, size_text(item)
        elif parse_rate in readers:
            yield key, rate_text(item)
        else:
            yield key, plain(item)


def _plain_scalar(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Duration) else value


def _readers(annotation: Any) -> Iterator[Any]:
    for one in getattr(annotation, "__metadata__", ()):
        if isinstance(one, BeforeValidator):
            yield one.func
    for argument in getattr(annotation, "__args__", ()):
        yield from _readers(argument)


def _escaped(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
