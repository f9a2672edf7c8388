"""How sure a reading is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from planner.language import assemble, questions
from planner.language.actions import in_domain
from planner.language.intent import Intent, Question, Reading, Span
from planner.language.marks import Mark
from planner.language.normalise.text import pattern
from planner.language.opinion import Fitted

if TYPE_CHECKING:
    from planner.language.reader import Draft

FUNCTION = r"^(?:the|a|an|my|our|your|their|and|or|to|of|in|on|at|for|with|from|by|as|is|are|be|it|them|that|this|these|those|please|pls|i|we|you|me|us|want|need|like|would|can|could|should|must|will|have|has|do|does|so|then|also|just|now|so|up|back|backup|backups|data|there|all|both|each|every|thanks|thank|hi|hello|hey|ok|make|sure|get|let|lets|again|here|into|onto|out|off|if|its|was|were|been|had|did|am|im|i'm|i'd|'s|too|one|ones|time|which|who|what|when|how|run|runs|job|jobs|set|go|going|via|per|yes|well|really|actually|always|automatically|copy|copies|snapshot|snapshots|take|taken|start|only|more|than|any|some|least|dont)$"
SURE_WITH_QUESTION = 0.6  # who must ask is not sure, whatever the words look like
GAP = 40  # a lead of the second opinion that is worth something
TARGETLESS = {"status", "diagnose", "optimize", "explain", "unsupported", "verify"}


def features(drafts: list[Draft], found: Checked, folded: str, language: str) -> dict[str, float]:
    """What tells a right reading from a wrong one."""
    left = found.left
    words = max(1, len(pattern(r"[a-z0-9][\w'./-]*|[\u4e00-\u9fff]").findall(folded)))
    actions = [d.action for d in drafts]
    return {
        "bias": 1.0,
        "asks": float(bool(found.asked)),
        "left": min(len(left), 12),
        "left_share": min(1.0, len(left) / words),
        "length": math.log(words),
        "several": float(len(drafts) > 1),
        "many": float(len(drafts) > 2),
        "margin": min(3.0, *(d.margin for d in drafts)),
        "unsure": float(any(d.margin < 0.5 for d in drafts)),
        "sure": min((d.sure for d in drafts), default=0.0),
        "logit": math.prod(d.sure for d in drafts),
        "gap": min(3.0, *(d.gap / GAP for d in drafts)),
        "tight": float(any(d.gap < GAP / 2 for d in drafts)),
        "redrawn": min(5, sum(d.redrawn for d in drafts)),
        "as_ruled": float(not any(d.redrawn for d in drafts)),
        "parted": float(not all(d.agreed for d in drafts)),
        "zh": float(language == "zh"),
        "untargeted": float(any(d.action not in TARGETLESS and not d.fields.get("targets") for d in drafts)),
        "fields": min(6, sum(len(d.fields) for d in drafts) / len(drafts)),
        "question": float("?" in folded or "吗" in folded),
        "comma": min(4, folded.count(",") + folded.count(";")),
        "sentences": min(4, len(pattern(r"[.!?;。]\s").findall(folded))),
        "not": float(
            bool(pattern(r"\b(?:not|except|only|but|never|no|without|instead|unless)\b|别|不|除|只").search(folded))
        ),
        "long_name": float(max((len(str(t)) for d in drafts for t in d.fields.get("targets", [])), default=0) > 24),
        "foreign": float(not in_domain(folded)),
        "spaces": float(max((str(t).count(" ") for d in drafts for t in d.fields.get("targets", [])), default=0)),
        **{
            f"is_{name}": float(name in actions)
            for name in (
                "protect",
                "backup",
                "restore",
                "recover",
                "status",
                "diagnose",
                "explain",
                "optimize",
                "unsupported",
                "forget",
                "verify",
                "drill",
                "replicate",
                "pause",
                "resume",
                "unprotect",
            )
        },
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


def judged(drafts: list[Draft], text: str, folded: str, language: Literal["en", "zh"], fitted: Fitted) -> Reading:
    """The reading with its confidence and questions."""
    found = checked(drafts, text, folded, language)
    confidence = probability(features(drafts, found, folded, language), fitted.confidence)
    asked = found.asked
    if asked:
        confidence = min(confidence, SURE_WITH_QUESTION)
    elif confidence < fitted.ask_below:
        asked = (questions.unsure(found.intents, found.left, language),)
    spans = tuple(
        Span(m.start, m.end, m.label, text[m.start : m.end], (i,))
        for i, d in enumerate(drafts)
        for m in sorted(d.spans, key=lambda m: m.start)
    )
    return Reading(found.intents, round(confidence, 4), asked, spans, found.left, text, language)
