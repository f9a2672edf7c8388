"""Words to intents: mark spans, read their values, ask where in doubt.

Rules (`marks`, `actions`, `stretches`, `names`) and second opinions (`opinion`, `tagging`) do the marking; what comes after,
`filling` and `normalise`, takes marks from any marker.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from itertools import pairwise
from typing import Literal

from planner.language import actions, assemble, chinese, cues, doubt, english, marks, opinion, tagging
from planner.language.chunks import Chunk
from planner.language.filling import LISTS, NAMES, Draft, fill
from planner.language.intent import SLOTLESS, Intent, Question, Reading
from planner.language.marks import Mark
from planner.language.normalise.text import fold, is_chinese, pattern
from planner.language.opinion import Fitted
from planner.language.stretches import Stretch, blank, cut, merge

LONGEST = 4000


def read(text: str, *, now: datetime, names: Collection[str] = (), fitted: Fitted | None = None) -> Reading:
    """What one request asks for. `now` is local time; `names`: known datasets and repositories, which help to find names;
    `fitted`: other weights than the shipped ones.

    Never raises on any text; a request that is not understood has a low confidence and a question."""
    now = now.replace(tzinfo=None)
    language: Literal["en", "zh"] = "zh" if is_chinese(text[:LONGEST]) else "en"
    if len(text) > LONGEST:
        question = Question(f"That is {len(text)} characters long; please say it in at most {LONGEST}.", "action")
        return Reading((Intent(action="unsupported"),), 0.0, (question,), text=text[:LONGEST], language=language)
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
    return doubt.judged(found, text, folded, language, weights)


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


def _draft(part: Stretch, folded: str, text: str, now: datetime, known: Collection[str], weights: Fitted) -> Draft:
    action = part.told.action if part.told else "unsupported"
    draft = Draft(action, part)
    if part.told and part.told.end > part.told.start:
        draft.spans.append(Mark(part.told.start, part.told.end, "action"))
    if action in SLOTLESS:
        return draft
    draft.ruled = _by_rules(draft, folded, known)
    seen = tagging.tagged(text, folded, part.start, part.end, draft.ruled, action, weights.spans)
    draft.gap, draft.vague, draft.redrawn = seen.gap, seen.vague, seen.parted
    fill(draft, list(seen.marks), folded, text, now)
    if action == "status":
        ruled = actions.topic(blank(folded, [m for m in draft.spans if m.label == "targets"], part.start, part.end))
        draft.fields["topic"] = (part.told and part.told.topic) or ruled
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


def _refers(draft: Draft, folded: str) -> bool:
    """Whether a word points back at what an earlier intent is about."""
    words = folded[draft.part.start : draft.part.end]
    return draft.names.pronoun or bool(pattern(r"\b(?:it|its|them|they|that one|both)\b|它|这个|那个").search(words))


def _inherit(found: list[Draft], folded: str) -> None:
    """A later intent without a target takes the earlier one's; retention said for all goes into each."""
    last: Draft | None = None
    for draft in found:
        if draft.fields.get("targets"):
            last = draft
        elif last and draft.action not in {"explain", "unsupported", "optimize"}:
            if draft.action in {"diagnose", "status", "forget", "unprotect"} and not _refers(draft, folded):
                continue
            draft.take("targets", last)
    if len(found) > 1 and pattern(r"\bboth\b|\ball of (?:them|it)\b|都|均|统统").search(folded):
        for slot in ("retention", "destinations"):
            said = [d for d in found if slot in d.fields]
            if len(said) == 1:
                for draft in found:
                    if draft.action == "protect" and slot not in draft.fields:
                        draft.take(slot, said[0])
