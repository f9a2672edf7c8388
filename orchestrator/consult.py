"""Where the larger model of restora.yaml is asked: a doubtful request is read again, a text is said in other words."""

from __future__ import annotations

import getpass
import socket
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from planner.language.intent import Reading
from planner.language.second import SURE, Second, doubtful, second

if TYPE_CHECKING:
    from orchestrator.wiring import Application
    from planner.language.explain import Language
    from planner.language.placeholders import Placeholders
    from policies.catalog import Catalog
    from policies.language_model import LanguageModel
    from policies.larger_model import Purpose


@dataclass(frozen=True, slots=True)
class Consulted:
    """A reading to go on with, and what a larger model had to say; `second` is None where none was asked."""

    reading: Reading
    second: Second | None = None
    model: str = ""

    @property
    def note(self) -> str:
        """One line for people; empty where no model was asked."""
        if self.second is None:
            return ""
        return {
            "agrees": f"{self.model} reads it the same way.",
            "differs": f"{self.model} reads it in another way.",
            "ignored": f"The answer of {self.model} does not count: {self.second.reason}.",
            "failed": f"No second reading: {self.second.reason}.",
        }[self.second.outcome]

    def as_dict(self) -> dict[str, Any]:
        """The twin for `--json`: nothing where no model was asked."""
        return {"second": {"model": self.model, **self.second.as_dict()}} if self.second else {}


def consult(application: Application, reading: Reading, *, now: datetime, sure: float = SURE) -> Consulted:
    """The reading after a second one, where llm of restora.yaml is for doubtful requests and this is one; else the reading as
    it is. `now` is local time; `sure`: the confidence from which the reader asks nothing. Never raises for the model."""
    model = chosen(application, "doubtful") if doubtful(reading, sure) else None
    if model is None:
        return Consulted(reading)
    found = second(
        reading, model, now=now, sure=sure, mask=application.redactor, hidden=_hidden(application, reading.text)
    )
    config = application.catalog.llm
    return Consulted(found.reading, found, config.shown if config else "")


def spoken(application: Application, text: str, facts: Collection[str], language: Language) -> str:
    """A text for people in the larger model's words, where llm of restora.yaml is for that; else as it is."""
    model = chosen(application, "rephrase")
    if model is None:
        return text
    from planner.language.rephrase import rephrase

    return rephrase(text, facts, language, model, mask=application.redactor, hidden=_hidden(application, text))


def chosen(application: Application, purpose: Purpose) -> LanguageModel | None:
    """The larger model if restora.yaml has one for this purpose; nothing is loaded or asked yet."""
    config = application.catalog.llm
    return application.larger_model if config and purpose in config.use else None


def _hidden(application: Application, text: str) -> Placeholders | None:
    """What keeps names on this host, where they would leave it."""
    config = application.catalog.llm
    if config is None or not config.redacts:
        return None
    from planner.language.placeholders import Placeholders

    lowered = text.casefold()
    return Placeholders([name for name in known_names(application.catalog) if name.casefold() in lowered])


def known_names(catalog: Catalog) -> set[str]:
    """Every name that restora.yaml and this host give to things and people."""
    names = {catalog.site.name, socket.gethostname(), socket.gethostname().partition(".")[0]}
    with suppress(OSError, KeyError):  # an account without a name, as in some containers
        names.add(getpass.getuser())
    names |= {*catalog.policies, *catalog.notify, *catalog.tiers, *catalog.windows}
    for section in (catalog.datasets, catalog.repositories):
        for name, thing in section.items():
            names |= {name, *thing.aliases, *_texts(thing.model_dump(mode="json", exclude={"kind"}))}
    return names


def _texts(value: object) -> set[str]:
    """All texts in a value: databases, buckets, hosts, users, paths."""
    if isinstance(value, str):
        return {value}
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {text for part in parts for text in _texts(part)}
