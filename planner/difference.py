"""Two catalogs, field by field, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from planner.proposal import FieldChange, Kind
from policies.catalog import Catalog


def difference(before: Catalog, after: Catalog) -> tuple[FieldChange, ...]:
    """Every field that differs, in the order of restora.yaml. A whole entry that comes or goes is told field by field."""
    return tuple(_compare((), _plain(before), _plain(after)))


def differing(path: tuple[str, ...], before: BaseModel | None, after: BaseModel | None) -> tuple[FieldChange, ...]:
    """The fields of one value that differ; None stands for one that is not there."""
    return tuple(_compare(path, _plain(before) if before else {}, _plain(after) if after else {}))


def _plain(value: BaseModel) -> dict[str, Any]:
    return value.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def _compare(path: tuple[str, ...], before: Any, after: Any) -> Iterator[FieldChange]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in (*before, *(key for key in after if key not in before)):
            yield from _compare((*path, str(key)), before.get(key), after.get(key))
    elif before is None and isinstance(after, dict):
        yield from _compare(path, {}, after)
    elif after is None and isinstance(before, dict):
        yield from _compare(path, before, {})
    elif before != after:
        kind = Kind.ADDED if before is None else Kind.REMOVED if after is None else Kind.CHANGED
        yield FieldChange(path, kind, words(before), words(after))


def words(value: Any) -> str:
    """A plain value as people read it: lists with commas, true as yes, nothing as ''."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(words(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {words(item)}" for key, item in value.items())
    return str(value)
