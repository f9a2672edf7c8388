"""From marks to fields: names are cleaned, other words go through their normaliser, what can't be becomes a question."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from planner.language import assemble, tagging
from planner.language.chunks import Names, clean
from planner.language.intent import Question, Span
from planner.language.marks import Mark
from planner.language.normalise.text import fold, pattern
from planner.language.stretches import Stretch

LOST = r"\b(?:delet\w*|delt\w*|dropp\w*|overwr\w*|lost|wiped|truncat\w*|remov\w*|broke|ruin\w*|mess\w*|corrupt\w*|clobber\w*|trashed|nuked|botched|screwed)\b|误|删|丢|覆盖了|弄坏|清空|改坏|搞坏|改错"
MERELY_LAST = {"latest", "previous"}  # of a question these tell the topic, not a moment
LISTS = ("targets", "items", "exclude", "destinations")
NAMES = frozenset({*LISTS, "source", "to"})
#: where a place is said for an action that has another word for it
PLACES = {
    **{(action, "to"): "destinations" for action in ("protect", "backup", "replicate")},
    **{(action, "destinations"): "to" for action in ("restore", "recover", "drill")},
}


class Draft:
    """One intent while it is being put together."""

    def __init__(self, action: str, part: Stretch) -> None:
        self.action = action
        self.part = part
        self.fields: dict[str, Any] = {"action": action}
        self.spans: list[Mark] = []
        self.questions: list[Question] = []
        self.names = Names()
        self.margin = part.told.margin if part.told else 0.0
        self.sure = part.told.sure if part.told else 0.0
        self.ruled: list[Mark] = []
        self.gap = float(tagging.CLEAR)
        self.vague = 0.0
        self.redrawn = 0
        self.agreed = bool(part.told and part.told.agreed)

    def take(self, slot: str, other: Draft) -> None:
        """A slot as another intent of the request has it, with the words that say so."""
        self.fields[slot] = other.fields[slot]
        self.spans += [m for m in other.spans if m.label == slot]


def fill(draft: Draft, found: list[Mark], folded: str, text: str, now: datetime) -> None:
    """Fields from marks: names are cleaned, other words go through their normaliser."""
    grouped: dict[str, list[Mark]] = {}
    for m in found:
        grouped.setdefault(PLACES.get((draft.action, m.label), m.label), []).append(m)
    for label, group in grouped.items():
        if label in NAMES:
            pieces = [piece for m in group for piece in _pieces(m, folded)]
            names = [(m, n) for m in pieces if (n := clean(text[m.start : m.end]))]
            names = names if label in LISTS else names[:1]
            if names:
                draft.spans += [replace(m, label=label) for m, _name in names]
                said = list(dict.fromkeys(n for _mark, n in names))
                draft.fields[label] = said if label in LISTS else said[0]
        else:
            _fill_value(draft, label, group, folded, text, now)


def _pieces(mark: Mark, folded: str) -> Iterator[Mark]:
    """`crm和bi`: two names, where a Chinese "and" stands beside Latin letters."""
    start = mark.start
    for m in pattern(r"(?<=[a-z0-9_*])\s*[和与及]\s*|\s*[和与及]\s*(?=[a-z0-9_*/])").finditer(
        folded, mark.start, mark.end
    ):
        if m.start() > start and m.end() < mark.end:
            yield replace(mark, start=start, end=m.start())
            start = m.end()
    yield replace(mark, start=start)


def _fill_value(draft: Draft, label: str, group: list[Mark], folded: str, text: str, now: datetime) -> None:
    """The value of a slot: of all its words, of the first of them, or of the words that the rules marked."""
    if label == "schedule" and len(group) > 1 and _clash(group, text, now):
        clear = Question(f"Which schedule is meant: {' / '.join(text[m.start : m.end] for m in group)}?", "schedule")
        draft.questions.append(clear)
    ruled = [m for m in draft.ruled if m.label == label]
    for marks_ in (group, group[:1], ruled):
        if not marks_:
            continue
        words = " | ".join(text[m.start : m.end] for m in marks_)
        if label == "window":
            words = _around(folded, marks_[0]) + words
        lost = label == "point" and _lost(folded, marks_[0], draft)
        value = assemble.value(label, words, draft.action, now, lost=lost)
        if draft.action == "status" and label == "point" and value is not None and set(value) <= MERELY_LAST:
            draft.spans += [replace(m, label="topic") for m in marks_]
            return
        if value is not None and _untimely(label, value, words, now):
            break
        if value is not None:
            draft.fields[label] = value
            draft.spans += marks_
            return
    words = " | ".join(text[m.start : m.end] for m in group)
    draft.spans += group
    draft.questions.append(assemble.unreadable(Span(group[0].start, group[-1].end, label, words)))


def _untimely(label: str, value: Any, words: str, now: datetime) -> bool:
    """A pause that ends, or a run that begins, in the past; data from the future."""
    if label == "until" and pattern(r"\blast\b|\byesterday\b|昨|上周|上个").search(fold(words)):
        return True
    then = value if label == "until" else value.get("date") if label == "schedule" else None
    if then and "-" in then:
        return bool(then[:16] < now.isoformat()[: min(16, len(then))])
    if label == "point":
        said = value.get("at") or value.get("date") or value.get("from")
        return bool(said and said[:16] > now.isoformat()[: min(16, len(said))])
    return False


def _clash(group: list[Mark], text: str, now: datetime) -> bool:
    """Whether the words of one schedule say two periods ("hourly … once a month")."""
    said = [assemble.value("schedule", text[m.start : m.end], "protect", now) or {} for m in group]
    return len({value["every"] for value in said if value.get("every")}) > 1


def _around(folded: str, mark: Mark) -> str:
    """A prohibition in front of a window, in the same clause."""
    head = re.split(r"[,.;!?]", folded[max(0, mark.start - 40) : mark.start])[-1]
    return "not " if pattern(r"\b(?:never|not|don'?t|avoid|nothing|no)\b|别|不要|避开|不许|禁止").search(head) else ""


def _lost(folded: str, mark: Mark, draft: Draft) -> bool:
    words = folded[mark.start : mark.end]
    if (
        draft.action not in {"restore", "recover"}
        or re.match(r"(?:from|as of|as at|to)\b", words)
        or folded[mark.end : mark.end + 2] == "'s"
    ):
        return False
    if folded[max(0, mark.start - 6) : mark.start].endswith(("from ", "as of ", "to ")):
        return False
    before = re.split(r"[.;]", folded[max(0, mark.start - 28) : mark.start])[-1]
    after = re.split(r"[.;,]", folded[mark.end : mark.end + 18])[0]
    return bool(pattern(LOST).search(before) or pattern(LOST).search(after))
