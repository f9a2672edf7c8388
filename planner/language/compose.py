"""From marked words to the contract's exact values: what the marker saw is grouped by intent and slot, names are cleaned, all
other words go through their normaliser. Words that no normaliser can read become a question, never a guess."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from planner.language import values
from planner.language.intent import SLOTLESS, Question
from planner.language.names import clean, split
from planner.language.normalise.numbers import digits
from planner.language.normalise.text import fold, is_chinese, pattern
from planner.language.normalise.zones import timezone

LISTS = frozenset({"targets", "items", "exclude", "destinations"})
NAMES = LISTS | {"source", "to"}
#: marks that tell the intent itself, not a value of it
TELLING = frozenset({"action", "topic"})
#: a question about age is one about the last backup, whatever it seems to be about
AGE = r"\bhow (?:old|fresh|recent)\b[^.?]{0,30}\b(?:backups?|cop(?:y|ies)|snapshots?)\b|备份(?:有)?多[旧老]了?"
#: characters of an order that has no story around it
SHORT = 60
ONCE = (
    r"\b(?:now|right away|immediately|asap|at once|once|one|one[- ](?:off|time)|ad[- ]hoc|before|this|manual(?:ly)?|quick|today|tonight|first|single|final|last|a copy|image|snapshot)\b"
    r"|现在|马上|立刻|立即|手动|手工|临时|一[次份个]|赶紧|先|[这那][次份个]|今|前|明|单独|快照|趁"
)
#: where a place is said for an action that has another word for it
PLACES = {
    **{(action, "to"): "destinations" for action in ("protect", "backup", "replicate")},
    **{(action, "destinations"): "to" for action in ("restore", "recover", "drill")},
}


@dataclass(frozen=True, slots=True)
class Mark:
    """Words `text[start:end]` of a request that carry a slot (or tell the `action`, or the `topic`) of intents numbered from 0."""

    start: int
    end: int
    label: str
    intents: tuple[int, ...] = (0,)


@dataclass(frozen=True, slots=True)
class Heard:
    """What a marker saw in a request: for each intent its action and topic, and the words that carry values."""

    actions: tuple[str, ...]
    topics: tuple[str | None, ...] = ()
    marks: tuple[Mark, ...] = ()


@dataclass(slots=True)
class Draft:
    """One intent with its values in the contract's form; `questions` name the words that could not be read."""

    action: str
    fields: dict[str, Any]
    marks: list[Mark] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)


def compose(text: str, heard: Heard, now: datetime) -> list[Draft]:
    """The intents of a request, in order. Moments are resolved against `now`, which is local wall time without a zone."""
    return [_draft(text, heard, number, now) for number in range(len(heard.actions))]


def _draft(text: str, heard: Heard, number: int, now: datetime) -> Draft:
    action = heard.actions[number]
    draft = Draft(action, {"action": action})
    own = sorted((m for m in heard.marks if number in m.intents), key=lambda m: (m.start, m.end))
    draft.marks = [m for m in own if m.label in TELLING]
    if action in SLOTLESS:
        return draft
    topic = heard.topics[number] if number < len(heard.topics) else None
    if topic and action == "status":
        draft.fields["topic"] = "last_backup" if pattern(AGE).search(fold(text)) and len(heard.actions) == 1 else topic
    grouped: dict[str, list[Mark]] = {}
    for mark in own:
        if mark.label not in TELLING:
            grouped.setdefault(PLACES.get((action, mark.label), mark.label), []).append(mark)
    timed = " ".join(text[m.start : m.end] for m in own if m.label in {"schedule", "window"})
    for label, group in grouped.items():
        draft.marks += [replace(m, label=label) for m in group]
        if label in NAMES:
            _name(draft, label, group, text)
        else:
            _read(
                draft, label, group, values.Place(text, _places(group), action, now, draft.fields.get("topic"), timed)
            )
    _zoned(draft, timed)
    _standing(draft, text)
    draft.marks.sort(key=lambda m: (m.start, m.end))
    return draft


def _standing(draft: Draft, text: str) -> None:
    """A backup that recurs is a policy; so is one that is kept for a time, unless words say that it is this one (contract)."""
    if draft.action != "backup":
        return
    recurs = "every" in draft.fields.get("schedule", {})
    kept = "retention" in draft.fields and "schedule" not in draft.fields
    if recurs or (kept and len(text) <= SHORT and not pattern(ONCE).search(fold(text))):
        draft.action = draft.fields["action"] = "protect"


def _zoned(draft: Draft, timed: str) -> None:
    """A zone said with the window holds for the schedule beside it."""
    schedule = draft.fields.get("schedule")
    if (
        schedule
        and "window" in draft.fields
        and "timezone" not in schedule
        and (zone := timezone(timed, digits(timed))[0])
    ):
        draft.fields["schedule"] = schedule | {"timezone": zone}


def _name(draft: Draft, label: str, group: list[Mark], text: str) -> None:
    """Every name of a list slot; the last that is said of a slot that holds one."""
    said = list(dict.fromkeys(_names(group, text, several=label in LISTS)))
    if not said:
        words = " / ".join(text[m.start : m.end] for m in group)
        draft.questions.append(values.unreadable(label, words, chinese=is_chinese(text)))
    elif label in LISTS:
        draft.fields[label] = ["all"] if "all" in said and label == "targets" else said
    else:
        draft.fields[label] = said[0]


def _names(group: list[Mark], text: str, *, several: bool) -> Iterator[str]:
    for mark in group:
        words = text[mark.start : mark.end]
        for piece in split(words) if several else (words,):
            if name := clean(piece):
                yield name


def _places(group: list[Mark]) -> tuple[tuple[int, int], ...]:
    return tuple((m.start, m.end) for m in group)


def _read(draft: Draft, label: str, group: list[Mark], place: values.Place) -> None:
    """The value of a slot from all of its words."""
    text, now = place.text, place.now
    found = values.read(label, place)
    words = " / ".join(text[m.start : m.end] for m in group)
    if found is None:
        draft.questions.append(values.unreadable(label, words, chinese=is_chinese(text)))
        return
    if doubt := values.untimely(label, found, words, now, action=draft.action, chinese=is_chinese(text)):
        draft.questions.append(doubt)
        return
    if found != {}:  # "now" is said, and holds nothing
        draft.fields[label] = found
