"""Readings made by hand, and a catalog with more names than planning needs."""

from __future__ import annotations

from typing import Any, Literal

from planner.language.intent import Intent, Question, Reading, Span
from policies.catalog import Catalog
from tests.planner.world import catalog


def reading(
    *intents: dict[str, Any], text: str = "as typed", language: Literal["en", "zh"] = "en", clarify: tuple[Question, ...] = (), **said: str
) -> Reading:  # fmt: skip
    """A sure reading of these intents; `said`: words of the text by the slot that they fill in the first intent."""
    spans = tuple(Span(text.index(w), text.index(w) + len(w), label, w) for label, w in said.items())
    return Reading(
        tuple(Intent.model_validate(i) for i in intents), 0.95, clarify, spans, (), text, language
    )  # fmt: skip


def office() -> Catalog:
    """Databases, virtual machines and files of an office."""
    base = catalog().model_dump(by_alias=True)
    return Catalog.model_validate(
        {
            **base,
            "datasets": {
                "orders": {"kind": "postgres", "databases": ["orders"], "aliases": ["订单库"]},
                "crm": {"kind": "postgres", "databases": ["crm"], "aliases": ["客户库"]},
                "wiki": {"kind": "files", "paths": ["/srv/wiki"], "aliases": ["维基"]},
                "web01": {"kind": "files", "paths": ["/vm/web01"], "description": "VM of the shop front, 虚拟机"},
                "web02": {"kind": "files", "paths": ["/vm/web02"], "description": "VM of the back office, 虚拟机"},
                "notes": {"kind": "sqlite", "path": "/srv/notes.db"},
            },
        }
    )
