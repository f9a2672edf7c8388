"""Requests with the readings that count as right: one JSON object a line, as the intent contract has them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any, get_args

from planner.language.intent import Action
from policies.errors import UsageError

ACTIONS = frozenset(get_args(Action))
CHECKS = "checks.jsonl"
FORM = 'each line is {"id", "text", "now", "gold": [{"action": …}]}; "lang", "alternatives", "ambiguous", "tags" may follow'
MARKED = re.compile(r"⟦([^⟦⟧|]+)\|[^⟦⟧]+⟧")
Contract = Mapping[str, Any]
"""One intent as the contract's JSON has it."""


@dataclass(frozen=True, slots=True)
class Gold:
    """One request and what it means. `readings`: the right one first, then others that count as right; `ambiguous`: a careful
    reader must ask back; `now`: the local moment at which it was said; `references`: good wordings of the reading."""

    id: str
    language: str
    text: str
    now: datetime
    readings: tuple[tuple[Contract, ...], ...]
    ambiguous: bool = False
    tags: tuple[str, ...] = ()
    references: tuple[str, ...] = ()


def rows(lines: Iterable[str], where: str) -> list[Gold]:
    """The lines of a gold or corpus file; `where` names it. UsageError with the number of the line that is wrong; two lines of
    one id are an error as well, for figures are told by id."""
    found: dict[str, Gold] = {}
    for number, line in enumerate(lines, 1):
        if line.strip():
            one = row(_object(line, f"{where}:{number}"), f"{where}:{number}")
            if one.id in found:
                raise UsageError(
                    f"{where}:{number}: id {one.id!r} stands there twice", hint="give each line its own id"
                )
            found[one.id] = one
    return list(found.values())


def row(said: Contract, where: str) -> Gold:
    """One line. UsageError names the key that is wrong."""
    text = said.get("text", MARKED.sub(lambda mark: mark[1], str(said.get("marked", ""))))
    if not isinstance(text, str) or not text:
        raise _wrong(where, "text", said.get("text"))
    try:
        now = datetime.fromisoformat(str(said.get("now"))).replace(tzinfo=None)
    except ValueError:
        raise _wrong(where, "now", said.get("now")) from None
    readings = [said.get("gold"), *_list(said, "alternatives", where)]
    for reading in readings:
        if not isinstance(reading, list) or not reading:
            raise _wrong(where, "gold", reading)
        for intent in reading:
            if not isinstance(intent, dict) or intent.get("action") not in ACTIONS:
                raise _wrong(where, "gold: action", intent.get("action") if isinstance(intent, dict) else intent)
    tags = [str(tag) for tag in _list(said, "tags", where)]
    return Gold(
        str(said.get("id", where)), str(said.get("lang") or "en"), text, now, tuple(map(tuple, readings)),
        bool(said.get("ambiguous")), tuple(tags), tuple(str(one) for one in _list(said, "references", where)),
    )  # fmt: skip


def shipped_checks() -> list[Gold]:
    """The requests that come with restora, on which no other model may do worse. No model is fitted on them."""
    text = files("planner.language.training").joinpath(CHECKS).read_text("utf-8")
    return rows(text.splitlines(), CHECKS)


def _object(line: str, where: str) -> Contract:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{where} is no JSON: {line.strip()[:60]!r} ({error})", hint=FORM) from None
    if not isinstance(found, dict):
        raise UsageError(f"{where} is no JSON object: {line.strip()[:60]!r}", hint=FORM)
    return found


def _list(said: Contract, key: str, where: str) -> list[Any]:
    value = said.get(key) or []
    if not isinstance(value, list):
        raise _wrong(where, key, value)
    return value


def _wrong(where: str, key: str, value: object) -> UsageError:
    return UsageError(f"{where}: {key} {str(value)[:60]!r} can't be used", hint=FORM)
