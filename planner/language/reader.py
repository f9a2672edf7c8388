"""Words to intents, by rules: mark spans, read their values, ask where in doubt.

Only the marking (`marks`, `actions`, `stretches`, `names`) is rules; `assemble` and `normalise` take spans from any marker.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from itertools import pairwise
from typing import Any

from planner.language import actions, assemble, chinese, cues, doubt, english, marks, opinion, tagging
from planner.language.intent import SLOTLESS, Intent, Question, Reading, Span
from planner.language.marks import Mark
from planner.language.names import Chunk, Names, clean
from planner.language.normalise.text import fold, is_chinese, pattern
from planner.language.opinion import Fitted
from planner.language.stretches import Stretch, blank, cut, merge

LONGEST = 4000
LISTS = ("targets", "items", "exclude", "destinations")
NAMES = frozenset({*LISTS, "source", "to"})
LOST = r"\b(?:delet\w*|delt\w*|dropp\w*|overwr\w*|lost|wiped|truncat\w*|remov\w*|broke|ruin\w*|mess\w*|corrupt\w*|clobber\w*|trashed|nuked|botched|screwed)\b|误|删|丢|覆盖了|弄坏|清空|改坏|搞坏|改错"


def read(text: str, *, now: datetime, names: Collection[str] = (), fitted: Fitted | None = None) -> Reading:
    """What one request asks for. `now` is local time; `names`: known datasets and repositories, which help to find names;
    `fitted`: other weights than the shipped ones.

    Never raises on any text; a request that is not understood has a low confidence and a question."""
    now = now.replace(tzinfo=None)
    language = "zh" if is_chinese(text[:LONGEST]) else "en"
    if len(text) > LONGEST:
        question = Question(f"That is {len(text)} characters long; please say it in at most {LONGEST}.", "action")
        return Reading(
            (Intent(action="unsupported"),),
            0.0,
            (question,),
            text=text[:LONGEST],
            language="zh" if language == "zh" else "en",
        )
    folded = fold(text)
    if not pattern(r"[a-z\u4e00-\u9fff]").search(folded):
        return Reading(
            (Intent(action="unsupported"),),
            0.1,
            (Question("What should be backed up, restored or checked?", "action"),),
            text=text,
        )
    weights = fitted or opinion.shipped()
    found = drafts(text, folded, now, names, weights)
    return doubt.judged(found, text, folded, "zh" if language == "zh" else "en", weights)


def drafts(text: str, folded: str, now: datetime, names: Collection[str], weights: Fitted) -> list[Draft]:
    """One draft for each intent, in the order of the request."""
    parts = [opinion.decided(part, folded, weights) for part in stretches(folded)]
    parts = [p for s in parts for p in _pairs(s, folded)]
    found = [_draft(part, folded, text, now, names, weights) for part in parts]
    _inherit(found, folded)
    return found


def stretches(folded: str) -> list[Stretch]:
    """The request cut by intents, with what the rules say is asked for in each."""
    return merge(cut(folded, _values(folded)), folded)


def _values(folded: str) -> list[Mark]:
    """Marks of values: recurring schedules where no other value claimed the words."""
    found = marks.values(folded)
    taken = bytearray(len(folded))
    for m in found:
        taken[m.start : m.end] = b"\1" * (m.end - m.start)
    for m in marks.schedules(folded):
        if not any(taken[m.start : m.end]):
            taken[m.start : m.end] = b"\1" * (m.end - m.start)
            found.append(m)
    return sorted(found, key=lambda m: m.start)


def _pairs(s: Stretch, folded: str) -> list[Stretch]:
    """`orders hourly and wiki daily`: one stretch for each group of clauses that has a name and a schedule of its own."""
    if s.told is None or s.told.action != "protect" or sum(m.label == "schedule" for m in s.marks) < 2:
        return [s]
    groups: list[list[int]] = []  # [start, end, has name, has schedule]
    for begin, end in _clauses(s, folded):
        own = [m for m in s.marks if begin <= m.start < end]
        scheduled = any(m.label == "schedule" for m in own)
        named = scheduled and _named(folded, own, begin, end)
        if groups and not (named and groups[-1][2] and groups[-1][3]):
            groups[-1] = [groups[-1][0], end, groups[-1][2] | named, groups[-1][3] | scheduled]
        else:
            groups.append([begin, end, int(named), int(scheduled)])
    if len(groups) < 2:
        return [s]
    out = []
    for begin, end, *_has in groups:
        inside = s.told.start < end and s.told.start >= begin
        told = s.told if inside else actions.Told("protect", begin, begin, s.told.margin)
        out.append(Stretch(begin, end, told, [m for m in s.marks if begin <= m.start < end]))
    return out


def _clauses(s: Stretch, folded: str) -> list[tuple[int, int]]:
    masked = blank(folded, s.marks, s.start, s.end)
    cuts = [
        0,
        *(
            m.end()
            for m in pattern(
                r"[,;。]\s*(?:and |but |while )?|\.\s+|\s+(?:and|but|while|whereas)\s+|\s*[而则]"
            ).finditer(masked)
        ),
        len(masked),
    ]
    return [(s.start + a, s.start + b) for a, b in pairwise(cuts) if b > a]


def _named(folded: str, own: list[Mark], begin: int, end: int) -> bool:
    masked = blank(folded, own, begin, end)
    finder = chinese if pattern(r"[\u4e00-\u9fff]").search(masked) else english
    cue = pattern(rf"(?:{cues.BACKUP_ZH})|\b(?:{cues.BACKUP_EN})\b").search(masked)
    found = finder.find(masked, "protect", cue.span() if cue else (0, 0))
    return bool(found.targets)


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
        self.gap = 0.0
        self.redrawn = 0
        self.agreed = bool(part.told and part.told.agreed)


def _draft(part: Stretch, folded: str, text: str, now: datetime, known: Collection[str], weights: Fitted) -> Draft:
    action = part.told.action if part.told else "unsupported"
    draft = Draft(action, part)
    if part.told and part.told.end > part.told.start:
        draft.spans.append(Mark(part.told.start, part.told.end, "action"))
    if action in SLOTLESS:
        return draft
    draft.ruled = _by_rules(draft, folded, known)
    seen = tagging.tagged(text, folded, part.start, part.end, draft.ruled, action, weights.spans)
    draft.gap, draft.redrawn = seen.gap, seen.parted
    _fill(draft, list(seen.marks), folded, text, now)
    if action == "status":
        draft.fields["topic"] = actions.topic(
            blank(folded, [m for m in draft.spans if m.label == "targets"], part.start, part.end)
        )
    return draft


def _by_rules(draft: Draft, folded: str, known: Collection[str]) -> list[Mark]:
    """Marks of names and values as the rules see them."""
    part, action = draft.part, draft.action
    own = _moments(draft, folded)
    masked = blank(folded, own, part.start, part.end)
    cue = (part.told.start - part.start, part.told.end - part.start) if part.told else (0, 0)
    finder = chinese if pattern(r"[\u4e00-\u9fff]").search(masked) else english
    names = draft.names = finder.find(masked, action, cue)
    if not names.targets and known:
        names.targets = _known(masked, known)
    named = [(chunk, label) for label in LISTS for chunk in getattr(names, label)]
    named += [(chunk, label) for chunk, label in ((names.source, "source"), (names.to, "to")) if chunk]
    own += [Mark(part.start + c.start, part.start + c.start + len(c.text), label) for c, label in named]
    allowed = assemble.ALLOWED.get(action)
    return [
        m
        for m in own
        if (allowed is None or m.label in {*allowed, *NAMES})
        and (m.label != "read" or action == "verify")
        and (m.label != "destinations" or action not in {"restore", "recover", "drill"})
    ]


def _known(masked: str, known: Collection[str]) -> list[Chunk]:
    """Names from the catalog that stand in the words, where the rules found none."""
    names = "|".join(re.escape(fold(name)) for name in sorted(known, key=len, reverse=True) if name)
    found = re.finditer(rf"(?<![\w./-])(?:{names})(?![\w/-])", masked) if names else ()
    return [Chunk(*m.span(), m[0]) for m in found]


def _moments(draft: Draft, folded: str) -> list[Mark]:
    """The stretch's marks, with single moments labelled by what the action makes of them."""
    part, action = draft.part, draft.action
    own = list(part.marks)
    label = {
        "restore": "point",
        "recover": "point",
        "status": "point",
        "diagnose": "point",
        "forget": "point",
        "pause": "until",
    }.get(action, "schedule")
    extra = (
        marks.points(folded[part.start : part.end])
        if action in {"restore", "recover", "drill", "verify", "forget", "status", "diagnose"}
        else []
    )
    extra = [Mark(m.start + part.start, m.end + part.start, "point") for m in extra]
    extra += [
        Mark(m.start + part.start, m.end + part.start, label) for m in marks.moments(folded[part.start : part.end])
    ]
    if action == "pause":
        for gap in re.finditer(
            rf"(?:\b(?:for|until|till|til) )(?:the next )?{marks.DUR}|{marks.DUR}", folded[part.start : part.end]
        ):
            extra.insert(0, Mark(gap.start() + part.start, gap.end() + part.start, "until"))
    if label != "schedule":
        own = [
            m
            for m in own
            if m.label not in {"window"}
            or action not in {"restore", "status", "diagnose", "pause", "recover", "forget"}
        ]
        if action in {"pause", "diagnose"}:
            own = [m for m in own if m.label in {"notify", "type"}]
    taken = bytearray(len(folded))
    for m in own:
        taken[m.start : m.end] = b"\1" * (m.end - m.start)
    for m in sorted(extra, key=lambda m: (m.label != "until", m.start, -m.end)):
        if m.end > m.start and not any(taken[m.start : m.end]):
            taken[m.start : m.end] = b"\1" * (m.end - m.start)
            own.append(m)
    return sorted(own, key=lambda m: m.start)


def _fill(draft: Draft, found: list[Mark], folded: str, text: str, now: datetime) -> None:
    """Fields from marks: names are cleaned, other words go through their normaliser."""
    grouped: dict[str, list[Mark]] = {}
    for m in found:
        grouped.setdefault(m.label, []).append(m)
    for label, group in grouped.items():
        if label in NAMES:
            names = [(m, n) for m in group if (n := clean(text[m.start : m.end]))]
            names = names if label in LISTS else names[:1]
            if names:
                draft.spans += [m for m, _name in names]
                said = list(dict.fromkeys(n for _mark, n in names))
                draft.fields[label] = said if label in LISTS else said[0]
        else:
            _fill_value(draft, label, group, folded, text, now)


def _fill_value(draft: Draft, label: str, group: list[Mark], folded: str, text: str, now: datetime) -> None:
    """The value of a slot: of all its words, of the first of them, or of the words that the rules marked."""
    ruled = [m for m in draft.ruled if m.label == label]
    for marks_ in (group, group[:1], ruled):
        if not marks_:
            continue
        words = " | ".join(text[m.start : m.end] for m in marks_)
        if label == "window":
            words = _around(folded, marks_[0]) + words
        lost = label == "point" and _lost(folded, marks_[0], draft)
        value = assemble.value(label, words, draft.action, now, lost=lost)
        if value is not None:
            draft.fields[label] = value
            draft.spans += marks_
            return
    words = " | ".join(text[m.start : m.end] for m in group)
    draft.spans += group
    draft.questions.append(assemble.unreadable(Span(group[0].start, group[-1].end, label, words)))


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


def _inherit(drafts: list[Draft], folded: str) -> None:
    """A later intent without a target takes the earlier one's; retention said for all goes into each."""
    targets: list[str] = []
    for draft in drafts:
        if draft.fields.get("targets"):
            targets = draft.fields["targets"]
        elif targets and draft.action not in {"explain", "unsupported", "optimize"} and draft is not drafts[0]:
            if draft.action in {"diagnose", "status", "forget", "unprotect"} and not draft.names.pronoun:
                continue
            draft.fields["targets"] = list(targets)
    if len(drafts) > 1 and pattern(r"\bboth\b|\ball of (?:them|it)\b|都|均|统统").search(folded):
        for slot in ("retention", "destinations"):
            said = [d.fields[slot] for d in drafts if slot in d.fields]
            if len(said) == 1 and pattern(r"\b(?:both|all)\b|都|均|统").search(folded):
                for d in drafts:
                    if d.action == "protect":
                        d.fields.setdefault(slot, said[0])
