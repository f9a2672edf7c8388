"""How sure a reading is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from planner.language import assemble, opinion, questions
from planner.language.actions import in_domain, names_blanked
from planner.language.filling import Draft
from planner.language.intent import SLOTLESS, Action, Intent, Question, Reading, Span
from planner.language.marks import Mark
from planner.language.normalise.text import pattern
from planner.language.opinion import Fitted

FUNCTION = r"^(?:the|a|an|my|our|your|their|and|or|to|of|in|on|at|for|with|from|by|as|is|are|be|it|them|that|this|these|those|please|pls|i|we|you|me|us|want|need|like|would|can|could|should|must|will|have|has|do|does|so|then|also|just|now|so|up|back|backup|backups|data|there|all|both|each|every|thanks|thank|hi|hello|hey|ok|make|sure|get|let|lets|again|here|into|onto|out|off|if|its|was|were|been|had|did|am|im|i'm|i'd|'s|too|one|ones|time|which|who|what|when|how|run|runs|job|jobs|set|go|going|via|per|yes|well|really|actually|always|automatically|copy|copies|snapshot|snapshots|take|taken|start|only|more|than|any|some|least|dont)$"
SURE_WITH_QUESTION = 0.6  # who must ask is not sure, whatever the words look like
CONDITIONS = r"\b(?:not|except|only|but|never|no|without|instead|unless)\b|别|不|除|只"
PLAIN_NAME = r"^(?:[\w./\\:@*~#-]+(?: [\w.-]+)?|[\w\u4e00-\u9fff -]{1,8})$"
#: the slots that people fill for an action; another one is a sign of a misreading
USUAL: dict[str, frozenset[str]] = {
    action: frozenset(slots.split())
    for action, slots in {
        "restore": "targets items point to source in_place dry_run exclude",
        "recover": "targets point to rto rpo source",
        "backup": "targets destinations schedule type retention exclude encrypt notify immutable limits",
        "unprotect": "targets",
        "resume": "targets",
        "pause": "targets until",
        "replicate": "targets destinations schedule source limits window point immutable encrypt type",
        "forget": "targets point retention dry_run",
        "verify": "targets read schedule point notify",
        "drill": "targets schedule to point rto notify source",
        "diagnose": "targets point destinations",
        "status": "topic targets point destinations type rpo source policy",
    }.items()
}
TARGETLESS = {"status", "diagnose", "optimize", "explain", "unsupported", "verify"}


def features(drafts: list[Draft], found: Checked, folded: str, language: str, fitted: Fitted) -> dict[str, float]:
    """What tells a right reading from a wrong one."""
    left = found.left
    words = max(1, len(pattern(r"[a-z0-9][\w'./-]*|[\u4e00-\u9fff]").findall(folded)))
    actions = {d.action for d in drafts}
    gap, sure = min(d.gap for d in drafts), math.prod(d.sure for d in drafts)
    vague, redrawn = sum(d.vague for d in drafts), sum(d.redrawn for d in drafts)
    chance = opinion.several([d.part for d in drafts], folded, fitted)
    miscounted = chance if len(drafts) == 1 else 1 - chance
    slotless = [d.part for d in drafts if d.action in SLOTLESS]
    parted = not all(d.agreed for d in drafts)
    names = [str(name) for d in drafts for name in d.fields.get("targets", [])]
    return {
        "bias": 1.0,
        "asks": float(bool(found.asked)),
        "miscounted": miscounted,
        **{f"miscounted_{n}": float(miscounted >= n / 100) for n in (3, 10, 30)},
        "slotless_marks": float(min(3, sum(len(part.marks) for part in slotless))),
        "slotless_names": float(any("\1" in names_blanked(folded[p.start : p.end]) for p in slotless)),
        "unusual": float(sum(len({*d.fields} - {"action"} - USUAL[d.action]) for d in drafts if d.action in USUAL)),
        "pointless": float(any(d.action in {"restore", "recover"} and not d.fields.get("point") for d in drafts)),
        "thin": float(any(d.action == "protect" and len(d.fields) < 3 for d in drafts)),
        "left": min(len(left), 12),
        "left_none": float(not left),
        "left_share": min(1.0, len(left) / words),
        "length": math.log(words),
        **{f"words_{n}": float(words <= n) for n in (6, 10, 16)},
        "several": float(len(drafts) > 1),
        "many": float(len(drafts) > 2),
        "margin": min(3.0, *(d.margin for d in drafts)),
        "sure": sure,
        **{f"sure_{n}": float(sure >= n / 100) for n in (70, 85, 95, 99)},
        **{f"gap_{n}": float(gap >= n) for n in (5, 10, 20, 40, 60, 80)},
        "vague": min(3.0, vague),
        "vague_log": math.log(vague + 0.02),
        "redrawn": min(5, redrawn),
        "as_ruled": float(not redrawn),
        "parted": float(parted),
        "agreed": float(not redrawn and not parted and not left),
        "zh": float(language == "zh"),
        "untargeted": float(any(d.action not in TARGETLESS and not d.fields.get("targets") for d in drafts)),
        "fields": min(6, sum(len(d.fields) for d in drafts) / len(drafts)),
        "question": float("?" in folded or "吗" in folded),
        "comma": min(4, folded.count(",") + folded.count(";")),
        "sentences": min(4, len(pattern(r"[.!?;。]\s").findall(folded))),
        "not": float(bool(pattern(CONDITIONS).search(folded))),
        "long_name": float(max(map(len, names), default=0) > 24),
        "spaces": float(max((name.count(" ") for name in names), default=0)),
        "odd_name": float(any(not pattern(PLAIN_NAME).match(name) for name in names)),
        "foreign": float(not in_domain(folded)),
        **{f"is_{name}": float(name in actions) for name in get_args(Action)},
    }


def probability(values: dict[str, float], weights: Mapping[str, float]) -> float:
    """The chance that a reading with these features is right."""
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, sum(weights.get(k, 0.0) * v for k, v in values.items())))))


def leftover(folded: str, text: str, spans: list[Mark]) -> list[str]:
    """Content words that no span used."""
    used = bytearray(len(folded))
    for span in spans:
        used[span.start : span.end] = b"\1" * (span.end - span.start)
    out = []
    for m in pattern(r"[a-z][\w'-]*|[\u4e00-\u9fff]+|[/\w.-]+").finditer(folded):
        free = "".join(c for i, c in enumerate(m[0]) if not used[m.start() + i])
        if "\u4e00" <= m[0][0] <= "\u9fff":
            free = pattern(
                r"请|麻烦|帮我|给我|一下|我们|我想|我要|需要|想要|备份|恢复|数据|每次|[的了把将对给为和与及都也要我你他它在有是就再先并到从让吧呢吗啊请能可以个次份想下里上去来会这那得做]"
            ).sub("", free)
            if free:
                out.append(free)
        elif free == m[0] and not pattern(FUNCTION).match(free) and any(c.isalnum() for c in free):
            out.append(text[m.start() : m.end()])
    return out


@dataclass(frozen=True, slots=True)
class Checked:
    """Drafts as intents, with what must be asked about them and the words that none of them used."""

    intents: tuple[Intent, ...]
    asked: tuple[Question, ...]
    left: tuple[str, ...]


def checked(drafts: list[Draft], text: str, folded: str, language: str) -> Checked:
    """Intents of the drafts, and the questions that no confidence answers."""
    intents: list[Intent] = []
    asked: list[Question] = []
    for d in drafts:
        intent = assemble.build(d.fields)
        if intent is None:
            asked.append(
                Question(f"I can't tell what “{text.strip()[:80]}” asks for. Please say it in other words.", "action")
            )
            intent = Intent(action=d.action)
        intents.append(intent)
        asked += d.questions
        asked += questions.about(d, intent, folded, language)
    return Checked(
        tuple(intents) or (Intent(action="unsupported"),),
        tuple(dict.fromkeys(asked)),
        tuple(leftover(folded, text, [m for d in drafts for m in d.spans])),
    )


def limit(intents: Sequence[Intent], ask_below: float) -> float:
    """The confidence below which is asked: what takes data or protection away has to be three times as sure."""
    takes = any(i.action in {"forget", "unprotect"} or i.in_place for i in intents)
    return 1 - (1 - ask_below) / 3 if takes else ask_below


def judged(drafts: list[Draft], text: str, folded: str, language: Literal["en", "zh"], fitted: Fitted) -> Reading:
    """The reading with its confidence and questions."""
    found = checked(drafts, text, folded, language)
    confidence = probability(features(drafts, found, folded, language, fitted), fitted.confidence)
    asked = found.asked
    if asked:
        confidence = min(confidence, SURE_WITH_QUESTION)
    elif confidence < limit(found.intents, fitted.ask_below):
        asked = (questions.unsure(found.intents, found.left, language),)
    owners: dict[Mark, list[int]] = {}
    for i, d in enumerate(drafts):
        for m in sorted(set(d.spans), key=lambda m: m.start):
            owners.setdefault(m, []).append(i)
    spans = tuple(Span(m.start, m.end, m.label, text[m.start : m.end], tuple(own)) for m, own in owners.items())
    return Reading(found.intents, round(confidence, 4), asked, spans, found.left, text, language)
