"""How sure a reading is, and what has to be asked."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

from planner.language import assemble
from planner.language.actions import in_domain, is_change
from planner.language.intent import Intent, Question, Reading, Span
from planner.language.marks import Mark
from planner.language.normalise import retention
from planner.language.normalise.text import pattern

if TYPE_CHECKING:
    from planner.language.reader import Draft

FUNCTION = r"^(?:the|a|an|my|our|your|their|and|or|to|of|in|on|at|for|with|from|by|as|is|are|be|it|them|that|this|these|those|please|pls|i|we|you|me|us|want|need|like|would|can|could|should|must|will|have|has|do|does|so|then|also|just|now|so|up|back|backup|backups|data|there|all|both|each|every|thanks|thank|hi|hello|hey|ok|make|sure|get|let|lets|again|here|into|onto|out|off|if|its|was|were|been|had|did|am|im|i'm|i'd|'s|too|one|ones|time|which|who|what|when|how|run|runs|job|jobs|set|go|going|via|per|yes|well|really|actually|always|automatically|copy|copies|snapshot|snapshots|take|taken|start|only|more|than|any|some|least|dont)$"
TARGETLESS = {"status", "diagnose", "optimize", "explain", "unsupported", "verify"}
#: fitted on the training corpus: bias, then the weight of each feature of `features`
WEIGHTS: dict[str, float] = {"bias": 0.0}


def features(drafts: list[Draft], folded: str, left: list[str], language: str) -> dict[str, float]:
    """What tells a right reading from a wrong one."""
    words = max(1, len(pattern(r"[a-z0-9][\w'./-]*|[\u4e00-\u9fff]").findall(folded)))
    actions = [d.action for d in drafts]
    return {
        "bias": 1.0,
        "left": min(len(left), 12),
        "left_share": min(1.0, len(left) / words),
        "length": math.log(words),
        "several": float(len(drafts) > 1),
        "many": float(len(drafts) > 2),
        "margin": min(3.0, *(d.margin for d in drafts)),
        "unsure": float(any(d.margin < 0.5 for d in drafts)),
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


def probability(values: dict[str, float]) -> float:
    """The chance that a reading with these features is right."""
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, sum(WEIGHTS.get(k, 0.0) * v for k, v in values.items())))))


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


def judged(drafts: list[Draft], text: str, folded: str, language: Literal["en", "zh"]) -> Reading:
    """The reading with its confidence and questions."""
    spans = [m for d in drafts for m in d.spans]
    left = leftover(folded, text, spans)
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
        asked += questions(d, intent, folded, language)
    values = features(drafts, folded, left, language)
    confidence = probability(values)
    if asked:
        confidence = min(confidence, 0.6)
    elif confidence < 0.5:
        asked.append(_unsure(intents, left, language))
    unique = tuple(dict.fromkeys(asked))
    marked = tuple(
        Span(m.start, m.end, m.label, text[m.start : m.end], (i,))
        for i, d in enumerate(drafts)
        for m in sorted(d.spans, key=lambda m: m.start)
    )
    return Reading(
        tuple(intents) or (Intent(action="unsupported"),),
        round(confidence, 4),
        unique,
        marked,
        tuple(left),
        text,
        language,
    )


def _unsure(intents: list[Intent], left: list[str], language: str) -> Question:
    said = ", ".join(f"{i.action} {' + '.join(i.targets)}".strip() for i in intents)
    if language == "zh":
        more = f"没有用到:{'、'.join(left[:5])}。" if left else ""
        return Question(f"我的理解是:{said}。{more}这样对吗?", "action", ("yes", "no"))
    more = f" I made no use of: {', '.join(left[:5])}." if left else ""
    return Question(f"I understood: {said}.{more} Is that right?", "action", ("yes", "no"))


def _say(language: str, en: str, zh: str) -> str:
    return zh if language == "zh" else en


def questions(draft: Draft, intent: Intent, folded: str, language: str) -> list[Question]:
    """What is missing, contradicts itself, or destroys without bound."""
    out: list[Question] = []
    bare = not intent.targets
    part = folded[draft.part.start : draft.part.end]
    if intent.action == "backup" and bare:
        out.append(Question(_say(language, "What should be backed up?", "要备份什么?"), "targets"))
    if intent.action == "protect" and bare and not is_change(part) and not intent.window and not intent.limits:
        out.append(Question(_say(language, "What should be protected?", "要保护什么?"), "targets"))
    if intent.action == "restore" and bare and not intent.items:
        out.append(Question(_say(language, "What should be restored?", "要恢复什么?"), "targets"))
    if intent.action in {"recover"} and bare:
        out.append(
            Question(_say(language, "What was lost, and should come back?", "丢失了什么,要恢复哪个系统?"), "targets")
        )
    if intent.action in {"pause", "resume", "unprotect", "replicate"} and bare:
        out.append(
            Question(_say(language, f"Which backups do you mean by “{intent.action}”?", "指的是哪些备份?"), "targets")
        )
    if intent.action == "drill" and bare and not intent.schedule:
        out.append(
            Question(_say(language, "Which dataset should the drill restore?", "演练恢复哪个数据集?"), "targets")
        )
    out += destructive(intent, folded, language)
    clash = retention.contradiction(folded)
    if clash:
        out.append(
            Question(
                _say(
                    language,
                    f"Keep for {clash[0]}, or delete after {clash[1]}?",
                    f"保留 {clash[0]},还是 {clash[1]} 后删除?",
                ),
                "retention",
                clash,
            )
        )
    if intent.schedule and _impossible(intent.schedule.as_contract()):
        out.append(
            Question(
                _say(language, "That day is in no calendar. Which day is meant?", "日历上没有这一天,指的是哪天?"),
                "schedule",
            )
        )
    if pattern(
        r"\b(?:ignore|disregard|forget) (?:all |your |the |any |previous )*(?:instructions|rules|guardrails|polic|safety|restrictions)|忽略.{0,6}(?:规则|指令|限制)|无视.{0,6}规则"
    ).search(folded):
        out.append(
            Question(
                _say(language, "The rules stay in force. What exactly should be done?", "规则不能绕过。具体要做什么?"),
                "action",
            )
        )
    return out


def _impossible(schedule: dict[str, Any]) -> bool:
    longest = {1: 31, 2: 29, 3: 31, 4: 30, 5: 31, 6: 30, 7: 31, 8: 31, 9: 30, 10: 31, 11: 30, 12: 31}
    months, days = schedule.get("months") or list(longest), schedule.get("month_days") or []
    return any(day > max(longest[m] for m in months) for day in days)


def destructive(intent: Intent, folded: str, language: str) -> list[Question]:
    """Deleting without bound, unprotecting all, overwriting all: always asked, whatever the confidence."""
    everything = "all" in intent.targets or bool(
        pattern(r"\b(?:all|every|everything|entire|whole)\b|全部|所有|一切|清空|全删|统统").search(folded)
    )
    bounded = intent.point is not None or intent.retention is not None
    if intent.action == "forget" and (
        (not intent.targets and not bounded) or "all" in intent.targets or (everything and not bounded)
    ):
        return [
            Question(
                _say(
                    language,
                    "Which snapshots may be deleted: of what, and older than what?",
                    "要删除哪些快照?哪个数据集,多久以前的?",
                ),
                "targets",
            )
        ]
    if intent.action in {"unprotect", "pause"} and "all" in intent.targets and intent.until is None:
        return [
            Question(
                _say(language, f"Really {intent.action} everything?", "确定要对全部数据这样做吗?"),
                "targets",
                ("yes", "no"),
            )
        ]
    if intent.action in {"restore", "recover"} and intent.in_place and (everything or not intent.targets):
        return [
            Question(
                _say(
                    language,
                    "Overwrite what exactly? It replaces what is there now.",
                    "要覆盖哪些数据?现有内容会被替换。",
                ),
                "in_place",
            )
        ]
    return []
