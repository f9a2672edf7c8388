"""Corrections with consent: what a person said when they were read wrongly is kept only where restora.yaml allows it."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from planner.language.intent import Intent, Reading
from policies.catalog import Learning
from policies.correction import Correction, Mark, Occasion
from policies.errors import ConfigurationError, RestoraError, UsageError

if TYPE_CHECKING:
    from orchestrator.wiring import Application

LOGGER = logging.getLogger("restora.feedback")
INVITED = "learning:invited"
LONGEST = 4000  # characters of a request, as in the reader


def is_on(application: Application) -> bool:
    """Whether corrections may be kept; not where there is no configuration."""
    return application.settings.config.exists() and application.catalog.learning.store


def remember(
    application: Application,
    reading: Reading,
    intents: Sequence[Intent],
    occasion: Occasion,
    *,
    now: datetime | None = None,
) -> Correction | None:
    """Keep what was meant by a request that was read: `corrected` ("no, I meant …"), `edited` (the plan was), `answered` (a
    question was) or `confirmed` (yes to "is that right?"). `now`: the local moment that it was read at.

    None, and nothing is kept, where `learning: {store: true}` is not in restora.yaml. Never fails a request: what can't be
    stored is a warning in the log."""
    try:
        if not is_on(application):
            return None
        marks = [(span.start, span.end, span.label, span.intent) for span in reading.spans]
        made = _made(
            application,
            reading.text,
            [one.as_contract() for one in intents],
            occasion,
            now=now,
            read=reading,
            marks=marks,
        )
        application.corrections.add(made)
    except RestoraError as error:
        LOGGER.warning("a correction was not kept: %s", error.message)
        return None
    return made


def invitation(application: Application) -> str:
    """A line to show after a first correction, once per installation: that restora could learn from it. Else ''."""
    if not application.settings.config.exists() or "learning" in application.catalog.model_fields_set:
        return ""
    if application.state.note(INVITED):
        return ""
    application.state.put_note(INVITED, application.clock.now().isoformat())
    return "restora can learn from corrections like this one; they stay on this host: restora feedback on"


def add(application: Application, text: str, intents: Any, *, now: datetime | None = None) -> Correction:
    """Keep a request with its right intents, as the contract's JSON. UsageError names the field that is wrong;
    ConfigurationError where keeping is off."""
    if not is_on(application):
        raise ConfigurationError(
            "corrections are not kept: learning.store is false",
            hint="restora feedback on",
            untouched="nothing was stored",
        )
    if not text.strip() or len(text) > LONGEST:
        raise UsageError(f"the request has {len(text)} characters; 1 to {LONGEST} are taken", hint="--request TEXT")
    made = _made(application, text, checked(intents), "added", now=now)
    application.corrections.add(made)
    return made


def switch(application: Application, on: bool) -> None:
    """Write `learning: {store: true}` into restora.yaml, or take it out; comments and everything else stay."""
    from adapters.configuration import read, write

    seen = read(application.settings.config)
    if seen.catalog.learning.store != on:
        write(application.settings.config, {"learning": Learning(store=True) if on else None}, sha256=seen.sha256)
    application.forget_catalog()
    application.state.put_note(INVITED, application.clock.now().isoformat())  # who has decided is not asked


def forget(application: Application, beginnings: Sequence[str] = ()) -> int:
    """Erase the corrections whose ids begin so, or all of them; how many. UsageError where one begins so of none."""
    there = [one.id for one in application.corrections.all()]
    for start in beginnings:
        if not any(one.startswith(start) for one in there):
            raise UsageError(f"{start!r} is no correction", hint="restora feedback list", untouched="every correction")
    wanted = tuple(beginnings)
    return application.corrections.remove(lambda one: not wanted or one.id.startswith(wanted))


def checked(intents: Any) -> list[dict[str, Any]]:
    """Intents of the contract's JSON, in the contract's own form. UsageError names the field and the value."""
    intents = intents.get("intents", intents) if isinstance(intents, Mapping) else intents
    listed = [intents] if isinstance(intents, Mapping) else intents
    if not isinstance(listed, list) or not listed:
        raise UsageError(f"intents {str(intents)[:60]!r} are no list of objects", hint=EXAMPLE)
    found = []
    for number, one in enumerate(listed):
        try:
            found.append(Intent.model_validate(one).as_contract())
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"]) or "it"
            said = str(first.get("input"))[:60]
            raise UsageError(f"intent {number + 1}: {field} {said!r}: {first['msg']}", hint=EXAMPLE) from None
    return found


EXAMPLE = 'for example [{"action": "backup", "targets": ["db"]}]; restora parse --json TEXT shows the form'


def _made(
    application: Application,
    text: str,
    intents: Sequence[Mapping[str, Any]],
    occasion: Occasion,
    *,
    now: datetime | None,
    read: Reading | None = None,
    marks: Sequence[Mark] = (),
) -> Correction:
    from planner.language.normalise.text import is_chinese

    time = application.clock.now()
    masked = application.redactor(text)
    local = now or time.astimezone(application.catalog.zone())
    return Correction(
        secrets.token_hex(4), time, occasion, "zh" if is_chinese(text) else "en", masked, local.replace(tzinfo=None),
        tuple(_masked(application, intents)),
        read=tuple(_masked(application, [one.as_contract() for one in read.intents])) if read else (),
        confidence=round(read.confidence, 4) if read else None, asked=bool(read and read.clarify),
        marks=tuple(marks) if masked == text else (),  # places shift where something was masked
    )  # fmt: skip


def _masked(application: Application, intents: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Every text in the values through the redactor; not the JSON as a whole, whose quotes are no part of a secret."""

    def each(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: each(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [each(inner) for inner in value]
        return application.redactor(value) if isinstance(value, str) else value

    return [each(one) for one in intents]


def lines(corrections: Sequence[Correction]) -> str:
    """Corrections as the lines of a gold file, which `restora eval --file` and `restora train` take."""
    return "".join(json.dumps(one.as_dict(), ensure_ascii=False) + "\n" for one in corrections)
